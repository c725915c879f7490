"""Breaks and their classes, the qualifying elevation and the onset (rules.md 2 and 3.4)."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from .oracle_case import LIVER_REASONS, Case, plus
from .oracle_values import ENZYMES, certainly_above, certainly_at_least


@dataclass
class Episode:
    """An audited break: the days of the two courses, and the first day of any further course."""

    earlier: list[date]
    course: list[date]
    further: date | None
    stop: date
    restart: date
    onset: date
    censor: date

    def day(self, when: date) -> int:
        """Return n of `day n`."""
        return (when - self.restart).days

    def on_drug(self, when: date) -> bool:
        """A covered day of the restart course, or the day after one."""
        return when in self.course or plus(when, -1) in self.course


def liver_stop(case: Case, last_dose: date) -> bool:
    """Whether a record that ends on the last dose day says that the liver was why."""
    return any(row["stop_reason"] in LIVER_REASONS for row in case.ending(last_dose))


def raised(case: Case, row: dict, multiple: float, strict: bool) -> bool:
    """Whether a result reaches a multiple of E for certain."""
    judge = certainly_above if strict else certainly_at_least
    return judge(row, case.reference(row), multiple, case.epsilon)


def qualifying_days(case: Case, earlier: list[date], restart: date) -> list[date]:
    """Days with a qualifying elevation."""
    stop = plus(earlier[-1], 1)
    first = plus(stop, -case.number("index_elevation_window_before_stop"))
    last = plus(stop, case.number("index_elevation_window_after_stop"))
    rows = [
        row for row in case.results_of(*ENZYMES) if first <= row["date"] <= last and earlier[0] < row["date"] < restart
    ]
    days = [row["date"] for row in rows if raised(case, row, case.number("index_elevation_min_x_ref"), strict=False)]
    if not days and liver_stop(case, earlier[-1]):
        lower = case.number("documented_reason_min_x_ref")
        days = [row["date"] for row in rows if raised(case, row, lower, strict=True)]
    return sorted(days)


def onset_of(case: Case, earlier: list[date], first_qualifying: date) -> date:
    """Go back from the first qualifying day over the draw days that are raised without a gap."""
    stop = plus(earlier[-1], 1)
    bound = max(plus(earlier[0], 1), plus(stop, -case.number("injury_run_max_days")))
    onset = first_qualifying
    for day in sorted((day for day in case.draw_days if day < first_qualifying), reverse=True):
        rows = [row for row in case.results_of(*ENZYMES) if row["date"] == day]
        held = any(raised(case, row, case.number("index_elevation_min_x_ref"), strict=False) for row in rows)
        if day < bound or not held:
            break
        onset = day
    return onset


def rests_on_assumption(ending: list[dict]) -> bool:
    """Whether nothing but an assumption says that the drug ended that day."""
    return all(row["length_basis"] == "assumed" for row in ending)


def class_of(case: Case, earlier: list[date], restart: date) -> str:
    """Give a break between two courses its one class."""
    stop, ending = plus(earlier[-1], 1), case.ending(earlier[-1])
    if any(row["end_type"] == "discharge" for row in ending) or rests_on_assumption(ending):
        return "unobserved"
    if (restart - stop).days > case.number("max_break_days"):
        return "new_start"
    if qualifying_days(case, earlier, restart):
        return "episode"
    return "documented_without_lab" if liver_stop(case, earlier[-1]) else "no_elevation"


def interruptions(case: Case, course: list[date]) -> list[dict]:
    """Gaps inside a course that are long enough to be listed."""
    rows = []
    for before, after in pairwise(course):
        gap = (after - before).days - 1
        if gap >= case.number("interrupt_min_days") and gap > 0:
            rows.append(row_of(plus(before, 1), after, "short_interruption"))
    return rows


def switch(case: Case) -> list[dict]:
    """The last course, where another thiopurine took over."""
    course = case.courses[-1]
    stop = plus(course[-1], 1)
    taken = any(row["start_date"] >= course[0] and row["last"] >= stop for row in case.records_of(*case.others))
    return [row_of(stop, None, "thiopurine_switch")] if taken else []


def row_of(stop: date, restart: date | None, break_class: str) -> dict:
    """One row of the table of breaks."""
    days = None if restart is None else (restart - stop).days
    return {"stop_date": stop, "restart_date": restart, "break_days": days, "break_class": break_class}


def breaks_of(case: Case) -> list[dict]:
    """Every break of one patient, by stop date."""
    if not case.courses:
        return []
    rows = [row for course in case.courses for row in interruptions(case, course)]
    for earlier, later in pairwise(case.courses):
        rows.append(row_of(plus(earlier[-1], 1), later[0], class_of(case, earlier, later[0])))
    return sorted(rows + switch(case), key=lambda row: row["stop_date"])


def episodes_of(case: Case) -> list[Episode]:
    """The audited breaks of one patient."""
    episodes = []
    for at, (earlier, later) in enumerate(pairwise(case.courses)):
        if class_of(case, earlier, later[0]) != "episode":
            continue
        further = case.courses[at + 2][0] if at + 2 < len(case.courses) else None
        onset = onset_of(case, earlier, qualifying_days(case, earlier, later[0])[0])
        censor = min(later[-1], case.observed_to)
        episodes.append(Episode(earlier, later, further, plus(earlier[-1], 1), later[0], onset, censor))
    return episodes
