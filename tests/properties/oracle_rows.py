"""The rows of each step between two nights, laid out as dicts by plain loops over one patient's rows."""

from dataclasses import dataclass
from typing import Any

from .chart import on
from .nights import Known

STEPS = range(7)
FEED, ROWS, LATE, TIME, FRESH = 2, 3, 4, 5, 6

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """What judging reads of a table; `also`: what is told together with an end."""

    source: str
    id: str
    day: str
    content: tuple[str, ...]
    ends: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


TABLES = {
    "patients": Table(
        "patients",
        "patient_id",
        "observation_start",
        ("observation_start", "observation_end", "death_date", "birth_year"),
        ("observation_end", "death_date"),
    ),
    "labs": Table("lab_results", "result_id", "date", ("date", "concept", "value", "comparator", "uln")),
    "exposures": Table(
        "drug_exposures",
        "exposure_id",
        "start_date",
        (
            *("concept", "product", "start_date", "end_date", "days_supply", "daily_dose_mg", "frequency"),
            *("end_type", "stop_reason", "route", "length_basis"),
        ),
        ("end_date",),
        ("end_type", "stop_reason", "length_basis"),
    ),
    "events": Table("clinical_events", "event_id", "date", ("date", "concept")),
    "stays": Table("inpatient_stays", "stay_id", "admitted_on", ("admitted_on", "discharged_on"), ("discharged_on",)),
}


@dataclass
class Version:
    """One row through the steps: what is there after each of them, None where nothing is."""

    table: str
    after: list[Row | None]

    def is_news(self, step: int) -> bool:
        """The step adds, takes or changes it in what judging reads."""
        one, two = self.after[step - 1], self.after[step]
        if one is None or two is None:
            return one is not two
        return any(one[name] != two[name] for name in TABLES[self.table].content)

    def name(self, step: int) -> str:
        """The row that is news, as a release names it."""
        table, row = TABLES[self.table], self.after[step] or self.after[step - 1]
        assert row is not None
        return f"{table.source}:{row[table.id]}"


def rows_of(known: Known, patient_id: str) -> dict[str, list[Row]]:
    """A patient's rows of one night, by table; a table that the extract lacks has none."""
    found: dict[str, list[Row]] = {name: [] for name in TABLES}
    for chart in known.cohort.charts:
        if chart.patient_id == patient_id:
            found |= {"patients": [chart.patient], "labs": chart.labs, "exposures": chart.exposures}
            found |= {"events": [] if "events" in known.lacks else chart.events}
            found |= {"stays": [] if "stays" in known.lacks else chart.stays}
    return found


def is_told(one: Row, two: Row, name: str, ended: int) -> bool:
    """An end that was open is told with a day after the feed that was; a supply without an end was no open end."""
    is_open = one[name] is None and one.get("days_supply") is None
    return is_open and two[name] is not None and two[name] > on(ended)


def before_it_ended(table: Table, one: Row, two: Row, ended: int) -> Row:
    """The new row as it would have read in the feed that was: ends told after it are open still."""
    row = two
    for name in table.ends:
        if is_told(one, two, name, ended):
            row = row | {known: one[known] for known in (name, *table.also)}
    return row


def alike(table: Table, one: Row, two: Row, ended: int | None = None) -> bool:
    """Two rows read the same; with `ended` so but for ends that were open and are told now."""
    two = two if ended is None else before_it_ended(table, one, two, ended)
    return all(one[name] == two[name] for name in table.content)


def matched(table: Table, old: list[Row], new: list[Row], ended: int) -> list[tuple[Row | None, Row | None]]:
    """Rows of two nights that are one: of equal content first (of these the same id), then of equal id."""
    pairs: list[tuple[Row | None, Row | None]] = []
    old, new = list(old), list(new)

    def same_id(one: Row, two: Row) -> bool:
        return one[table.id] == two[table.id]

    for test in (
        lambda one, two: alike(table, one, two) and same_id(one, two),
        lambda one, two: alike(table, one, two),
        lambda one, two: same_id(one, two) and one.get("concept") == two.get("concept"),
        same_id,
        lambda one, two: alike(table, one, two, ended),
    ):
        for one in list(old):
            two = next((row for row in new if test(one, row)), None)
            if two is not None:
                pairs.append((one, two))
                old = [row for row in old if row is not one]
                new = [row for row in new if row is not two]
    return [*pairs, *((one, None) for one in old), *((None, two) for two in new)]


def version(name: str, one: Row | None, two: Row | None, before: Known, now: Known) -> Version:
    """A row of two nights through the steps."""
    table, after = TABLES[name], list[Row | None]()
    for step in STEPS:
        if one is not None and two is not None:
            is_new = step >= ROWS
            row = two if step >= FRESH else before_it_ended(table, one, two, before.ends) if is_new else one
        elif one is not None:
            row = one if step < (FEED if name in now.lacks else ROWS) else None
        else:
            assert two is not None
            came = LATE if two[table.day] <= on(before.ends) else FRESH
            if came == LATE and name in before.lacks:
                came = FEED
            row = two if step >= came else None
        after.append(row)
    return Version(name, after)


def versions(before: Known, now: Known, patient_id: str) -> list[Version]:
    """All rows of a patient through the steps."""
    old, new = rows_of(before, patient_id), rows_of(now, patient_id)
    return [
        version(name, one, two, before, now)
        for name, table in TABLES.items()
        for one, two in matched(table, old[name], new[name], before.ends)
    ]
