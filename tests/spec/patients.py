"""Patients of the specifications: a standard patient on guideline, changed by the rows of a text table.

The standard patient takes azathioprine on days -400 to -31, is injured on day -35 (ALT 4 x ULN), recovers,
is worked up, restarts half the dose on day 0 and is watched to day 300 as the article asks. A table says
`without` to leave out parts of that, and adds rows of its own; a patient without any is `standard`. How days, values
and doses are written: tests/tables.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import polars as pl

from audit import frames, vocabulary
from tests import tables
from tests.tables import ALONE, EVERYONE, Row, TableError

DAY_0 = date(2023, 3, 1)
AS_OF = 1000
AUDITED = "azathioprine"

PARTS = {
    "observation": "-900..300 | observed |",
    "baseline": """
        -430, -420, -410 | alt             | 24/40
        -430, -420, -410 | ast             | 22/40
        -430, -420, -410 | bilirubin_total | 0.6/1.2""",
    "first course": "-400..-31 | azathioprine | 100 mg QD explicit",
    "quiet draw": "-200 | draw | 25/40",
    "injury": """
        -35 | alt | 160/40
        -35 | ast | 120/40
        -35 | alp | 120/120""",
    "work-up": """
        -33 | hbsag           |
        -33 | anti_hcv        |
        -33 | ana             |
        -33 | liver_ultrasound|""",
    "recovery": """
        -3 | alt | 30/40
        -3 | ast | 28/40""",
    "restart": "0.. | azathioprine | 50 mg QD",
    "monitoring": "7..56 by 7, 74, 88, 120, 150, 180, 270 | draw | 25/40",
}
ULN = {"alt": 40.0, "ast": 40.0, "alp": 120.0, "bilirubin_total": 1.2, "inr": 1.2}
UNITS = {
    **dict.fromkeys(("alt", "ast", "alp", "ggt", "ck"), "U/L"),
    **dict.fromkeys(("bilirubin_total", "bilirubin_direct"), "mg/dL"),
    **dict.fromkeys(("wbc", "anc", "platelets"), "10*9/L"),
    **dict.fromkeys(("albumin",), "g/dL"),
    **dict.fromkeys(("inr",), "1"),
    **dict.fromkeys(("body_weight",), "kg"),
}
DRUGS = (
    "azathioprine",
    "mercaptopurine",
    "tioguanine",
    "corticosteroid_systemic",
    "anticoagulant",
    "allopurinol",
    "febuxostat",
)
EVENTS = (
    *(f"symptom_{name}" for name in ("fatigue", "nausea", "ruq_pain", "jaundice")),
    *vocabulary.DECOMPENSATION,
    *vocabulary.INDICATIONS,
    "benefit_risk_documented",
    "liver_ultrasound",
    "liver_ct_mri",
)
OF_ALL = ("as of", "extracted")
OPTIONAL_TABLES = ("clinical_events", "inpatient_stays")

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True, eq=False)
class Case:
    """One table with what the audit is told beside it; `number` keeps its patients apart in a batch."""

    number: int
    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    drug: str = AUDITED
    is_alone: bool = False

    @cached_property
    def rows(self) -> list[Row]:
        """Return the rows of the table."""
        return tables.read(self.text)

    @cached_property
    def names(self) -> list[str]:
        """Return the patients of the table."""
        return tables.names(self.rows)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Return the optional tables that the extract lacks."""
        return tuple(part for row in self.rows for part in _parts(row) if part in OPTIONAL_TABLES)

    @cached_property
    def as_of(self) -> int:
        """Return the as-of day that the table names, or the default."""
        said = [tables.points(row)[0] for row in self.rows if row.what == "as of"]
        return said[0] if said else AS_OF

    @cached_property
    def extracted_on(self) -> int | None:
        """Return the last day that the extract covers whole, where the table tells it."""
        said = [tables.points(row)[0] for row in self.rows if row.what == "extracted"]
        return said[0] if said else None

    def patient_id(self, name: str) -> str:
        """Return the id of a patient of this table."""
        return f"{self.number:04d}.{name}"


CASES: list[Case] = []


def patients(text: str, *, alone: bool = False, **parameters: Any) -> Callable[[Test], Test]:
    """Give a test its table, and parameters other than the edition's; `alone` for cohort measures."""
    case = register(text, alone=alone, **parameters)

    def give(test: Test) -> Test:
        test.case = case  # type: ignore[attr-defined]
        return test

    return give


def register(text: str, *, alone: bool = False, **parameters: Any) -> Case:
    """Read a table at once, so that a wrong one stops the collection, and keep it for the batch."""
    case = Case(len(CASES), text, parameters, is_alone=alone)
    chart([case])
    CASES.append(case)
    return case


def staged(cases: list[Case]) -> frames.Staged:
    """Return the staged frames of all patients of these cases, which lack the same tables."""
    rows, missing = chart(cases).rows, cases[0].missing
    built = {frame.name: pl.DataFrame(rows[frame.name], frame.schema, orient="row") for frame in frames.STAGED}
    return frames.Staged(
        patients=built["patients"],
        labs=built["labs"],
        exposures=built["exposures"],
        events=None if "clinical_events" in missing else built["events"],
        stays=None if "inpatient_stays" in missing else built["stays"],
    )


def day(number: int) -> date:
    """Return the calendar date of a day counted from the restart."""
    return DAY_0 + timedelta(days=number)


def number(when: date | None) -> int | None:
    """Return the day counted from the restart of a calendar date."""
    return None if when is None else (when - DAY_0).days


def chart(cases: list[Case]) -> "Chart":
    """Return the rows of all patients of these cases, or raise `TableError`."""
    written = Chart()
    for case in cases:
        _check(case)
        for name in case.names:
            about = [row for row in case.rows if {name, EVERYONE} & set(tables.members(row))]
            written.open(case.patient_id(name), case.drug)
            for row in _standard(about, case.drug) + about:
                written.write(row)
            written.close()
    return written


def _check(case: Case) -> None:
    """Raise where a table says something of the whole extract for one patient, or names no such part."""
    for row in case.rows:
        for part in _parts(row):
            if part not in (*PARTS, *OPTIONAL_TABLES, "everything"):
                raise row.fail(f"no part {part!r}")
        is_of_all = row.what in OF_ALL or set(_parts(row)) & set(OPTIONAL_TABLES)
        if is_of_all and row.who not in (EVERYONE, ALONE):
            raise row.fail("true for all patients of a table or for none")
    for what in OF_ALL:
        if sum(row.what == what for row in case.rows) > 1:
            raise TableError(f"{what} twice: {case.text!r}")


def _parts(row: Row) -> list[str]:
    return [part.strip() for part in row.value.split(",")] if row.what == "without" else []


def _standard(about: list[Row], drug: str) -> list[Row]:
    """Return the standard patient's rows but for the parts left out; a row `observed` replaces its own."""
    left_out = {part for row in about for part in _parts(row)}
    if "everything" in left_out:
        left_out |= set(PARTS) - {"observation"}
    if any(row.what == "observed" for row in about):
        left_out.add("observation")
    return _skeleton(tuple(part for part in PARTS if part not in left_out), drug)


@lru_cache
def _skeleton(parts: tuple[str, ...], drug: str) -> list[Row]:
    lines = [PARTS[part].replace(AUDITED, drug) for part in parts]
    return tables.read("\n".join(["day | what | value", *lines])) if lines else []


class Chart:
    """Rows of the five staged frames, written one patient after the other."""

    def __init__(self) -> None:
        """Begin with empty frames."""
        self.rows: dict[str, list[tuple[Any, ...]]] = {frame.name: [] for frame in frames.STAGED}
        self.named: set[tuple[str, str, Any]] = set()
        self.patient_id = ""
        self.drug = AUDITED
        self.person: dict[str, Any] = {}

    def open(self, patient_id: str, drug: str) -> None:
        """Begin a patient."""
        self.patient_id, self.drug, self.person = patient_id, drug, {}

    def close(self) -> None:
        """End a patient: what is known of the person makes one row."""
        if "observation_start" not in self.person:
            raise TableError(f"{self.patient_id} is never observed")
        usual = {"sex": "F", "birth_year": 1970, "site_id": "north", "death_date": None}
        known = {"patient_id": self.patient_id, **usual, **self.person}
        self.rows["patients"].append(tuple(known[column] for column in frames.PATIENTS.names))

    def write(self, row: Row) -> None:
        """Write one row of a table where it belongs."""
        if row.what in ("without", "standard"):
            if row.day or (row.what == "standard" and row.value):
                raise row.fail(f"{row.what!r} has no day")
        elif row.what in ("observed", "died", "site", "born"):
            self._person(row)
        elif row.what == "stay":
            first, last = tables.span(row)
            self._add("stays", row, day(first), None if last is None else day(last))
        elif row.what in (self.drug, *DRUGS):
            self._exposure(row)
        elif row.what in EVENTS or (row.what in vocabulary.SEROLOGIES and row.value == "coded"):
            self._events(row)
        elif row.what not in OF_ALL:
            self._labs(row)

    def _add(self, table: str, row: Row, *cells: Any) -> None:
        row_id = f"{self.patient_id}.{row.id or f'{table}.{len(self.rows[table])}'}"
        # A record of two concepts is a row of events for each.
        named = (table, row_id, cells[-1] if table == "events" else None)
        if named in self.named:
            raise row.fail("an id names one row")
        self.named.add(named)
        self.rows[table].append((row_id, self.patient_id, *cells))

    def _person(self, row: Row) -> None:
        if row.what == "observed":
            first, last = tables.span(row)
            known: dict[str, Any] = {"observation_start": day(first)}
            known["observation_end"] = None if last is None else day(last)
        elif row.what == "died":
            known = {"death_date": day(*tables.points(row))}
        elif row.day or not row.value:
            raise row.fail("a value is wanted and no day")
        elif row.what == "born":
            known = {"birth_year": int(row.value)}
        else:
            known = {row.what + "_id": None if row.value == "none" else row.value}
        if set(known) & set(self.person):
            raise row.fail("said twice")
        self.person |= known

    def _exposure(self, row: Row) -> None:
        (first, last), said = tables.span(row), tables.prescription(row)
        if row.what == self.drug and " mg" not in row.value:
            raise row.fail("a dose is wanted, or '? mg'")
        supply = int(said.words["supply"]) if "supply" in said.words else None
        cells = (row.what, said.words.get("product", row.what), day(first), None if last is None else day(last))
        ending = (said.end_type, said.words.get("reason"))
        told = (said.words.get("route"), said.words.get("basis"))
        self._add("exposures", row, *cells, supply, said.dose_mg, said.frequency, *ending, *told)

    def _events(self, row: Row) -> None:
        if row.value not in ("", "coded"):
            raise row.fail("an event has no value")
        for when in tables.points(row):
            self._add("events", row, day(when), row.what)

    def _labs(self, row: Row) -> None:
        concept = "alt" if row.what == "draw" else row.what
        if concept not in (*UNITS, *vocabulary.SEROLOGIES):
            raise row.fail(f"no such fact: {row.what!r}")
        for when in tables.points(row):
            self._add("labs", row, day(when), concept, *_measured(row, concept))


def _measured(row: Row, concept: str) -> tuple[Any, ...]:
    """Return value, comparator, upper limit, its source, unit and status; a `draw` without a value is a normal ALT."""
    if concept in vocabulary.SEROLOGIES and not row.value:
        return (None, None, None, None, None, "final")
    if row.what == "draw" and not row.value:
        return (25.0, None, ULN[concept], "printed", UNITS[concept], "final")
    said = tables.result(row)
    uln = said.uln or ULN.get(concept)
    return (said.value, said.comparator, uln, "printed" if uln else None, UNITS.get(concept), "final")
