"""What a night changed, and why: a slow reference in plain loops.

The rows of each step (`oracle_rows`) are judged; a finding's cause is the last step that changed it. Judging
itself is held by an oracle of its own, so the patients of all steps that share edition, day and tables go in together.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from audit.frames import Judged
from audit.guideline import overlay
from audit.judge import judge

from .chart import Chart, on
from .nights import Known
from .oracle_rows import FEED, LATE, ROWS, STEPS, TABLES, TIME, Row, versions
from .staging import edition, staged
from .strategies import Cohort

NAMES = {1: "edition", 2: "feed", 3: "corrected", 4: "late", 5: "time", 6: "fresh"}
RANKS = {"pass": 0, "not_applicable": 0, "indeterminate": 1, "advisory": 2, "violation": 3}

Finding = tuple[str, str, date | None]  # verdict, reason, event_date
Restart = tuple[str, date]  # patient_id, restart_date


# --- judged -------------------------------------------------------------------------------------------


@dataclass
class Episode:
    """An episode and what was found of it."""

    id: str
    stop: date
    findings: dict[str, Finding] = field(default_factory=dict)


Found = dict[Restart, Episode]


def told(judged: Judged) -> Found:
    """What was judged, by patient and restart."""
    by_id: dict[str, Episode] = {}
    found: Found = {}
    for row in judged.episodes.iter_rows(named=True):
        episode = Episode(row["episode_id"], row["stop_date"])
        by_id[episode.id] = found[row["patient_id"], row["restart_date"]] = episode
    for row in judged.findings.iter_rows(named=True):
        by_id[row["episode_id"]].findings[row["rule_id"]] = (row["verdict"], row["reason"], row["event_date"])
    return found


@dataclass
class Asked:
    """A patient's rows after a step, and under what they are judged."""

    key: tuple[int, str, int]  # pair of nights, patient, step
    cohort: Cohort

    @property
    def alike(self) -> str:
        return self.cohort.setting


def asked(number: int, before: Known, now: Known, patient_id: str) -> Iterator[Asked]:
    """A patient's steps between two nights; nothing is asked where no row is left of the person."""
    through = versions(before, now, patient_id)
    for step in STEPS:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in through:
            kept = row.after[step]
            if kept is not None:
                rows[row.table].append(kept)
        if rows["patients"]:
            rest = (rows[name] for name in ("labs", "exposures", "events", "stays"))
            chart = tagged(Chart(rows["patients"][0], *rest), f"{number}.{step}.")
            yield Asked((number, patient_id, step), replace(setting(before, now, step), charts=[chart]))


def setting(before: Known, now: Known, step: int) -> Cohort:
    """Edition, day and tables of a step."""
    lacks = before.lacks if step < FEED else now.lacks
    day = before.ends if step < FEED else min(before.ends, now.ends) if step < TIME else now.ends
    numbers = (before if step == 0 else now).cohort.overlay
    return Cohort([], day, numbers, "events" not in lacks, "stays" not in lacks)


def tagged(chart: Chart, tag: str) -> Chart:
    """The chart under ids of its own, so that the steps of a patient are judged side by side."""

    def named(row: Row) -> Row:
        ids = {"patient_id", *(table.id for table in TABLES.values())} & row.keys()
        return row | {name: tag + row[name] for name in ids}

    lists = ([named(row) for row in rows] for rows in (chart.labs, chart.exposures, chart.events, chart.stays))
    return Chart(named(chart.patient), *lists)


def judged_all(questions: list[Asked]) -> dict[tuple[int, str, int], Found]:
    """What each step of each patient gives."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for question in questions:
        groups[question.alike].append(question)
    answers: dict[tuple[int, str, int], Found] = {}
    for group in groups.values():
        cohort = replace(group[0].cohort, charts=[chart for one in group for chart in one.cohort.charts])
        found = told(judge(staged(cohort), overlay(edition(), cohort.overlay), on(cohort.as_of)))
        for one in group:
            own = one.cohort.charts[0].patient_id
            answers[one.key] = {
                (one.key[1], restart): episode for (patient_id, restart), episode in found.items() if patient_id == own
            }
    return answers


# --- episodes that are one ----------------------------------------------------------------------------


def moved(before: Found, now: Found, min_break_days: int) -> dict[Restart, Restart]:
    """Restart now -> restart before, where a restart has moved: the same stop first, then the nearest."""
    gone, new = [key for key in before if key not in now], [key for key in now if key not in before]
    candidates = []
    for one in gone:
        for two in new:
            days = abs((two[1] - one[1]).days)
            is_same_stop = before[one].stop == now[two].stop
            if one[0] == two[0] and (is_same_stop or days <= min_break_days):
                candidates.append((not is_same_stop, days, one, two))
    found: dict[Restart, Restart] = {}
    for _, _, one, two in sorted(candidates):
        if two not in found and one not in found.values():
            found[two] = one
    return found


# --- changes ------------------------------------------------------------------------------------------


def change(one: Finding | None, two: Finding | None) -> str:
    """The word for what became of a finding."""
    if one is None or two is None:
        return "new" if one is None else "gone"
    ranks = RANKS[one[0]], RANKS[two[0]]
    return "raised" if ranks[1] > ranks[0] else "lowered" if ranks[1] < ranks[0] else "moved"


@dataclass
class Between:
    """Two nights, what was found in each, and what each step gives of every patient."""

    number: int
    before: Known
    now: Known
    found: Found
    finds: Found
    steps: dict[tuple[int, str, int], Found] = field(default_factory=dict)

    @property
    def is_by_data(self) -> bool:
        """More than numbers is read or judged otherwise."""
        one, two = self.before.fingerprints, self.now.fingerprints
        return any(one[name] != two[name] for name in one if name != "parameters")

    @property
    def is_program_other(self) -> bool:
        return self.before.fingerprints["program"] != self.now.fingerprints["program"]

    @property
    def min_break_days(self) -> int:
        days = overlay(edition(), self.now.cohort.overlay)["min_break_days"].value
        assert isinstance(days, int)
        return days

    def pairs(self) -> list[tuple[Restart | None, Restart | None]]:
        """The restarts of both nights; those that are one stand together."""
        origin = moved(self.found, self.finds, self.min_break_days)
        both: list[tuple[Restart | None, Restart | None]] = [
            (origin.get(key, key if key in self.found else None), key) for key in self.finds
        ]
        return both + [(key, None) for key in self.found if key not in self.finds and key not in origin.values()]

    def renamed(self) -> dict[str, str]:
        """Episode id before -> now, where a restart has moved."""
        return {
            self.found[one].id: self.finds[two].id
            for two, one in moved(self.found, self.finds, self.min_break_days).items()
        }

    def state(self, step: int, one: Restart | None, two: Restart | None, rule: str) -> Finding | None:
        """What a step finds of the restart."""
        if step == 0 and self.is_program_other:  # the earlier program is there no more
            return self.found[one].findings.get(rule) if one else None
        patient_id = (two or one or ("",))[0]
        episodes = self.steps.get((self.number, patient_id, step), {})
        for key in (two, one):
            if key in episodes:
                return episodes[key].findings.get(rule)
        return self.on_the_way(episodes, one, two).get(rule)

    def on_the_way(self, episodes: Found, one: Restart | None, two: Restart | None) -> dict[str, Finding]:
        """The findings of a restart that stands on a third day in a step, by the sentence on restarts that moved."""
        known = [(key, side[key]) for key, side in ((one, self.found), (two, self.finds)) if key]
        near = []
        for key, episode in episodes.items():
            days = min(abs((key[1] - other[1]).days) for other, _ in known)
            is_same_stop = any(episode.stop == other.stop for _, other in known)
            if key not in self.found and key not in self.finds and (is_same_stop or days <= self.min_break_days):
                near.append((not is_same_stop, days, key[1], episode.findings))
        return min(near, key=lambda found: found[:3])[3] if near else {}

    def cause(self, step: int, patient_id: str) -> str:
        """The name of a step."""
        if step in (ROWS, LATE) and self.is_by_data:
            return "edition_or_data"
        return "patient_gone" if step == ROWS and patient_id not in self.now.present else NAMES[step]

    def changes(self) -> dict[tuple[str, str], Row]:
        """Episode and rule -> what changed."""
        rows: dict[tuple[str, str], Row] = {}
        for one, two in self.pairs():
            was = self.found[one] if one else None
            is_now = self.finds[two] if two else None
            episode = is_now or was
            assert episode is not None
            for rule in {*(was.findings if was else {}), *(is_now.findings if is_now else {})}:
                before, now = (side.findings.get(rule) if side else None for side in (was, is_now))
                if before != now:
                    origin = was.id if was and is_now and was.id != is_now.id else None
                    rows[episode.id, rule] = {
                        "change": change(before, now),
                        "before": before,
                        "now": now,
                        "episode_before": origin,
                    } | self.explained(one, two, rule, before, now)
        return rows

    def explained(
        self, one: Restart | None, two: Restart | None, rule: str, before: Finding | None, now: Finding | None
    ) -> Row:
        """Cause, every step that changed it, and the rows that were the news of the cause."""
        states = [self.state(step, one, two, rule) for step in STEPS]
        if states[0] != before or states[-1] != now:
            return {"cause": "unexplained"}
        patient_id = (two or one or ("",))[0]
        steps = [step for step in STEPS[1:] if states[step] != states[step - 1]]
        names = list(dict.fromkeys(self.cause(step, patient_id) for step in steps))
        news = {row.name(steps[-1]) for row in versions(self.before, self.now, patient_id) if row.is_news(steps[-1])}
        return {"cause": names[-1], "causes": names, "cause_rows": news}
