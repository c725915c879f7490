"""A row of evidence as the oracle shows it, and what a printed bound leaves possible (rules.md 3.1)."""

from dataclasses import dataclass
from datetime import date

from .oracle_breaks import Episode
from .oracle_case import Case
from .oracle_values import above, at_least, truths

UNMEASURED = (None, None, None, None, None)


@dataclass(frozen=True)
class Shown:
    """One row: what it is to the verdict, where it stands, and what it was held against."""

    role: str
    source_table: str
    source_id: str
    date: date
    concept: str
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    x_uln: float | None = None
    x_reference: float | None = None
    limit_value: float | None = None


def shown_record(role: str, record: dict, limit: float | None = None) -> Shown:
    """An exposure record, by its first day and daily dose."""
    where = ("drug_exposures", record["exposure_id"], record["start_date"], record["concept"])
    return Shown(role, *where, record["daily_dose_mg"], None, "mg/d", None, None, limit)


def shown_event(role: str, event: dict) -> Shown:
    """A clinical event."""
    return Shown(role, "clinical_events", event["event_id"], event["date"], event["concept"])


def shown_result(case: Case, role: str, row: dict, limit: float | None = None) -> Shown:
    """A laboratory result with its multiples; of an analyte without a baseline E is its ULN."""
    reference = case.reference(row) if row["concept"] in case.baselines else row["uln"]
    where = ("lab_results", row["result_id"], row["date"], row["concept"])
    multiples = (row["value"] / row["uln"], row["value"] / reference)
    return Shown(role, *where, row["value"], row["comparator"], row["unit"], *multiples, limit)


def may_reach(case: Case, row: dict, reference: float, multiple: float) -> bool:
    """Whether some possible true value is at a multiple of a reference or above it."""
    return any(at_least(true, reference, multiple, case.epsilon) for true in truths(row, [multiple * reference]))


def may_exceed(case: Case, row: dict, reference: float, multiple: float) -> bool:
    """Whether some possible true value is above it."""
    return any(above(true, reference, multiple, case.epsilon) for true in truths(row, [multiple * reference]))


def ends_of_course(case: Case, episode: Episode, role: str) -> list[Shown]:
    """The records that end the restart course."""
    return [shown_record(role, record) for record in case.ending_last(episode.course[-1])]


def begins_of_course(case: Case, episode: Episode, role: str) -> list[Shown]:
    """The records that begin the restart course."""
    records = case.records_of(case.audited)
    return [shown_record(role, record) for record in records if record["start_date"] == episode.restart]


def baseline_rows(case: Case, *concepts: str) -> list[Shown]:
    """The results whose median is the baseline, where there is one: the largest of each of the last days."""
    first = case.drug_days[0]
    shown = []
    for concept in concepts:
        if case.baselines[concept][0] is None:
            continue
        largest: dict[date, dict] = {}
        for row in case.results_of(concept):
            is_before = 0 <= (first - row["date"]).days <= case.number("baseline_lookback_days")
            if is_before and (row["date"] not in largest or row["value"] > largest[row["date"]]["value"]):
                largest[row["date"]] = row
        for day in sorted(largest)[-int(case.number("baseline_last_n")) :]:
            shown.append(shown_result(case, "baseline", largest[day]))
    return shown
