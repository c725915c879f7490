"""Rows that verdicts may rest on: one grain, an episode and a row of the extract, each source with its own flags."""
