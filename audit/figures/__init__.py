"""Figures of the whole cohort: what is counted over all restarts, one figure a module, for the page to draw."""
