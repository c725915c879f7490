"""The suites of the received tables, in the order in which they are checked: patients decide who is known."""

from expectations import clinical_events, drug_exposures, inpatient_stays, lab_results, patients

TABLES = (patients.TABLE, drug_exposures.TABLE, lab_results.TABLE, clinical_events.TABLE, inpatient_stays.TABLE)
