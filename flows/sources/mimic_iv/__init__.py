"""MIMIC-IV: the folder `hosp` as published (2.2 and 3.x), or the folder above it; a feed of hospital stays.

docs/sources/mimic-iv.md says what is made of each table, and what such a feed cannot show.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from expectations.declare import DATE, NUMBER, WHOLE, Column
from flows.given import Given
from flows.intake import Part, Receiver, find
from flows.sources.declare import Source, SourceTable, a_folder

SUBJECT, STAY = Column("subject_id", WHOLE, required=True), Column("hadm_id", WHOLE)
CODED = (
    Column("icd_code", required=True),
    Column("icd_version", WHOLE, required=True),
)
DIAGNOSES = "diagnoses_icd"
# Without the diagnoses these say little of what happened: a stay without a coded decompensation is not one without any.
AFTER_DIAGNOSES = ("procedures_icd", "hcpcsevents")
TABLES = (
    SourceTable(
        "patients",
        (
            SUBJECT,
            Column("gender"),
            Column("anchor_age", NUMBER),
            Column("anchor_year", NUMBER),
            Column("dod", DATE, without="a death after the discharge does not end the observation"),
        ),
        required=True,
    ),
    SourceTable(
        "admissions",
        (
            Column("hadm_id", WHOLE, required=True),
            SUBJECT,
            Column("admittime", DATE, required=True),
            Column("dischtime", DATE, required=True),
            Column("deathtime", DATE),
        ),
        required=True,
    ),
    SourceTable(
        "labevents",
        (
            Column("labevent_id", WHOLE, required=True),
            SUBJECT,
            Column("itemid", WHOLE, required=True),
            Column("charttime", DATE, required=True),
            Column("storetime", DATE, without="a past date cannot be replayed"),
            Column("value", required=True),
            Column("valuenum", NUMBER, required=True),
            Column("valueuom", required=True),
            Column("ref_range_lower", NUMBER),
            Column("ref_range_upper", NUMBER, without="the limits of the site's table or the defaults stand in"),
            Column("comments", without="results that stand only in comments (<5.) are not seen"),
        ),
        required=True,
    ),
    SourceTable(
        "prescriptions",
        (
            Column("pharmacy_id", WHOLE, required=True),
            SUBJECT,
            STAY,
            Column("starttime", DATE, required=True),
            Column("stoptime", DATE, required=True),
            Column("drug_type", required=True),
            Column("drug", required=True),
            Column("dose_val_rx"),
            Column("dose_unit_rx"),
            Column("doses_per_24_hrs", NUMBER, without="doses a day are those of pharmacy"),
            Column("route"),
        ),
        required=True,
    ),
    SourceTable(
        "pharmacy",
        (
            Column("pharmacy_id", WHOLE, required=True),
            Column("frequency", required=True),
            Column("status"),
            Column("infusion_type"),
            Column("doses_per_24_hrs", NUMBER),
        ),
        is_lookup=True,
        without="as needed, once and every other day cannot be told apart: doses are those of doses_per_24_hrs alone",
    ),
    SourceTable(
        "omr",
        (
            SUBJECT,
            Column("chartdate", DATE, required=True),
            Column("seq_num", WHOLE, required=True),
            Column("result_name", required=True),
            Column("result_value", required=True),
        ),
        without="no body weights: doses for the weight cannot be shown",
    ),
    SourceTable(DIAGNOSES, (SUBJECT, STAY, Column("seq_num", WHOLE, required=True), *CODED)),
    SourceTable(
        "procedures_icd", (SUBJECT, STAY, Column("seq_num", WHOLE, required=True), Column("chartdate", DATE), *CODED)
    ),
    SourceTable(
        "hcpcsevents",
        (
            SUBJECT,
            STAY,
            Column("chartdate", DATE, required=True),
            Column("hcpcs_cd", required=True),
            Column("seq_num", WHOLE, required=True),
        ),
    ),
)
RELATIONS = {"dosage_texts": "VIEW"}
REASONS = {
    "end_before_start": "an order does not stop before it starts",
    "contradicting_comparator": "the bound in the text of a value and its number do not contradict each other",
}


def source(given: Given) -> Source:
    """Return the source in the folder `hosp`, or in the folder that holds it."""
    folder = hosp(a_folder(given))
    return Source(kind="mimic-iv", tables=TABLES, read=partial(read, folder), reasons=REASONS, relations=RELATIONS)


def hosp(folder: Path) -> Path:
    """Return the folder `hosp` below the location, in any case, or the location itself."""
    below = sorted(path for path in folder.iterdir() if path.name.lower() == "hosp" and path.is_dir())
    return below[0] if below else folder


def read(folder: Path, receiver: Receiver) -> Sequence[Part]:
    """Receive the tables; procedures are not read where there are no diagnoses, for then no event can be ruled out."""
    found = find(folder, TABLES, any_case=True)
    if not found[DIAGNOSES]:
        for name in AFTER_DIAGNOSES:
            if found[name]:
                receiver.note(f"source {name}: not read, as there is no {DIAGNOSES} beside it")
                found[name] = []
    for table in TABLES:
        receiver.receive(table, found[table.name])
    return [part for parts in found.values() for part in parts]
