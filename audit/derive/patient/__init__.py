"""One grain a patient: exposures, courses, breaks, results, baselines."""
