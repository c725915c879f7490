"""Data in: from files to the staged frames of audit/frames, every row accounted for.

A row is received (`Receiver`, `receive_native`), settled (`check`) and staged (`stage`).
"""

from flows.intake.csv_copy import CONTRACT, Dialect, header_of
from flows.intake.csv_lines import LONGEST, SHOWN
from flows.intake.dates import end_of, extracted_on, resolve_as_of
from flows.intake.extract import DESCRIPTION, FORMS, Part, find, parts_of
from flows.intake.left_out import leave_out
from flows.intake.notes import SHARED_BY, of_ambiguous, of_deaths, parted, rule_in, shared
from flows.intake.received import Received, receive_native
from flows.intake.steps import Checked, Intake, check, prepare, stage
from flows.intake.suites import load as load_great_expectations
from flows.intake.tables import SOURCE, TOO_LONG, Receiver, row_number

__all__ = [
    "CONTRACT",
    "DESCRIPTION",
    "FORMS",
    "LONGEST",
    "SHARED_BY",
    "SHOWN",
    "SOURCE",
    "TOO_LONG",
    "Checked",
    "Dialect",
    "Intake",
    "Part",
    "Received",
    "Receiver",
    "check",
    "end_of",
    "extracted_on",
    "find",
    "header_of",
    "leave_out",
    "load_great_expectations",
    "of_ambiguous",
    "of_deaths",
    "parted",
    "parts_of",
    "prepare",
    "receive_native",
    "resolve_as_of",
    "row_number",
    "rule_in",
    "shared",
    "stage",
]
