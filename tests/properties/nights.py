"""Nights of a small cohort, one after the other: the same patients, as each night's extract tells them.

A truth is changed from night to night by news: rows that come late, are corrected, vanish or get another id, ends that
are told, patients who leave the extract. What a night knows of it is cut at the end of its feed.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from .chart import Chart, number, on
from .strategies import OVERLAYS, Cohort, cut, sketched

IDS = {"labs": "result_id", "exposures": "exposure_id", "events": "event_id", "stays": "stay_id"}
DAYS = {"labs": "date", "exposures": "start_date", "events": "date", "stays": "admitted_on"}
OFTEN = {"labs": 5, "exposures": 1, "events": 2, "stays": 1}
ENDS = {"exposures": "end_date", "stays": "discharged_on"}
SYMPTOMS = ("symptom_fatigue", "symptom_nausea", "ascites", "benefit_risk_documented")


@dataclass
class Known:
    """What one night knows: its cohort, who stands in the extract (rejected rows too), what it reads and judges by."""

    cohort: Cohort
    present: frozenset[str]
    fingerprints: dict[str, str]

    @property
    def ends(self) -> int:
        """The day with which the feed ends."""
        taken = self.cohort.extracted
        return self.cohort.as_of if taken is None else min(self.cohort.as_of, taken)

    @property
    def lacks(self) -> frozenset[str]:
        """The tables that the extract does not have."""
        held = {"events": self.cohort.has_events, "stays": self.cohort.has_stays}
        return frozenset(name for name, is_there in held.items() if not is_there)

    def __repr__(self) -> str:
        return f"\n{self.fingerprints}, present {sorted(self.present)}{self.cohort!r}"


@dataclass
class Truth:
    """One patient between two nights; rows are never changed in place, for earlier nights hold them too."""

    chart: Chart
    tells_plans: bool
    withheld: list[tuple[str, dict]] = field(default_factory=list)
    is_gone: bool = False
    is_rejected: bool = False
    named: int = 0

    def another(self, table: str, row: dict) -> dict:
        """The row under an id that no row has had."""
        self.named += 1
        return row | {IDS[table]: f"{row[IDS[table]]}.{self.named}"}

    def rows(self, table: str) -> list[dict]:
        return getattr(self.chart, table)

    def swap(self, table: str, row: dict, *now: dict) -> None:
        """Put rows in the place of one."""
        rows = self.rows(table)
        place = next(index for index, known in enumerate(rows) if known is row)
        rows[place : place + 1] = now


class News:
    """Draws what a night has to tell of one patient; `ended` and `ends`: the feed before and now."""

    def __init__(self, draw: Any, truth: Truth, ended: int, ends: int) -> None:
        self.draw, self.truth, self.ended, self.ends = draw, truth, ended, ends

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def row(self, *tables: str) -> tuple[str, dict] | None:
        """One of the rows of these tables, mostly a recent one or one near the restart."""
        held = [table for table in tables for _ in range(OFTEN[table]) if self.truth.rows(table)]
        table = self.pick(*held) if held else tables[0]
        told = [(table, row) for row in self.truth.rows(table) if row[DAYS[table]] <= on(self.ends)]
        near = [
            (table, row)
            for table, row in told
            if row[DAYS[table]] >= on(self.ended - 40) or abs(number(row[DAYS[table]]) - self.truth.chart.restart) <= 40
        ]
        options = near if near and self.pick(True, True, False) else told
        return options[self.draw(st.integers(0, len(options) - 1))] if options else None

    def near_the_end(self) -> date:
        """A day at the end of the feed that was, or of the one that is."""
        return on(self.pick(*(self.ended + step for step in (-8, -1, 0, 0, 1, 1, 2)), self.ends, self.ends - 1))

    # --- news ---------------------------------------------------------------------------------------

    def withhold(self) -> None:
        """A row is not there, or no more."""
        found = self.row(*IDS)
        if found:
            self.truth.swap(*found)
            self.truth.withheld.append(found)

    def bring(self) -> None:
        """All rows that were not there come."""
        for table, row in self.truth.withheld:
            self.truth.rows(table).append(row)
        self.truth.withheld = []

    def reissue(self) -> None:
        """A row gets another id."""
        found = self.row(*IDS)
        if found:
            table, row = found
            self.truth.swap(table, row, self.truth.another(table, row))

    def double(self) -> None:
        """A row comes a second time under another id."""
        found = self.row("labs", "events", "stays")
        if found:
            table, row = found
            self.truth.swap(table, row, row, self.truth.another(table, row))

    def settle(self) -> None:
        """A result changes its status and nothing else."""
        found = self.row("labs")
        if found:
            table, row = found
            self.truth.swap(table, row, row | {"status": "preliminary" if row["status"] == "final" else "final"})

    def correct(self) -> None:
        """A row reads otherwise under the same id."""
        found = self.row(*IDS)
        if found:
            table, row = found
            self.truth.swap(table, row, row | getattr(self, f"_{table}")(row))

    def move(self) -> None:
        """The first record of the restart starts on another day."""
        starts = [row for row in self.truth.rows("exposures") if row["start_date"] == on(self.truth.chart.restart)]
        for row in starts[:1]:
            start = row["start_date"] + timedelta(days=self.pick(-14, -1, 1, 2, 10, 14, 15, 20))
            if row["end_date"] is None or row["end_date"] >= start:
                self.truth.swap("exposures", row, row | {"start_date": start})
                self.truth.chart.restart = number(start)

    def tell(self) -> None:
        """An end is told, or told otherwise, or taken back."""
        if self.pick(True, True, True, False):
            self._tell_row()
            return
        name = self.pick("observation_end", "death_date")
        self.truth.chart.patient |= {name: self.pick(None, self.near_the_end(), self.near_the_end())}

    def _tell_row(self) -> None:
        open_first = [
            (table, row)
            for table, name in ENDS.items()
            for row in self.truth.rows(table)
            if row[name] is None or row[name] >= on(self.ended)
        ]
        found = self.pick(*open_first) if open_first and self.pick(True, True, False) else self.row(*ENDS)
        if not found:
            return
        table, row = found
        end = self.pick(self.near_the_end(), self.near_the_end(), self.near_the_end(), None)
        if end is not None and end < row[DAYS[table]]:
            return
        told: dict[str, object] = {ENDS[table]: end}
        if table == "exposures":
            told["end_type"] = self.pick("explicit", "explicit", "discharge", "supply") if end else "ongoing"
            told["length_basis"] = self.pick(None, None, "refills") if end else None
            told["stop_reason"] = self.pick(None, "hepatotoxicity", "patient_choice") if end else None
        self.truth.swap(table, row, row | told)

    def person(self) -> None:
        """What is told of the person reads otherwise; the site is nothing that a verdict hangs on."""
        patient = self.truth.chart.patient
        step = timedelta(days=self.pick(-30, 1, 300))
        told = {
            "observation_start": patient["observation_start"] + step,
            "birth_year": self.pick(1950, 2022, None),
            "site_id": "elsewhere",
        }
        name = self.pick(*told)
        self.truth.chart.patient |= {name: told[name]}

    def leave(self) -> None:
        """The patient leaves the extract, or is rejected, or comes back."""
        is_away = self.truth.is_gone or self.truth.is_rejected
        self.truth.is_gone = not is_away and self.pick(True, False)
        self.truth.is_rejected = not is_away and not self.truth.is_gone

    # --- what a corrected row says ------------------------------------------------------------------

    def _labs(self, row: dict) -> dict:
        step = timedelta(days=self.pick(-7, -1, 1, 3))
        value = None if row["value"] is None else row["value"] * self.pick(0.2, 0.5, 1.5, 3.0, 6.0)
        other = {"alt": "ast", "ast": "alt"}.get(row["concept"], row["concept"])
        comparator = None if row["value"] is None else self.pick("<", ">", None)
        return self.pick(
            {"value": value},
            {"value": value},
            {"date": row["date"] + step},
            {"concept": other},
            {"comparator": comparator},
        )

    def _exposures(self, row: dict) -> dict:
        dose = None if row["daily_dose_mg"] is None else row["daily_dose_mg"] * self.pick(0.5, 2.0, 3.0)
        changed: list[dict] = [{"daily_dose_mg": dose}, {"stop_reason": self.pick("hepatotoxicity", None)}]
        if row["end_date"] is not None:
            end = row["end_date"] + timedelta(days=self.pick(-7, -1, 1, 7, 14))
            changed.append({"end_date": max(end, row["start_date"])})
        else:
            changed.append({"days_supply": self.pick(30, 90, None)})
        return self.pick(*changed)

    def _events(self, row: dict) -> dict:
        return self.pick(
            {"date": row["date"] + timedelta(days=self.pick(-8, -1, 1))}, {"concept": self.pick(*SYMPTOMS)}
        )

    def _stays(self, row: dict) -> dict:
        return {"admitted_on": row["admitted_on"] - timedelta(days=self.pick(1, 7))}


def _known(truths: list[Truth], setting: Cohort, present: frozenset[str], fingerprints: dict[str, str]) -> Known:
    """What a night with this setting is told of the truth."""
    known = Known(setting, present, fingerprints)
    charts = [_shown(truth, known.ends) for truth in truths if not (truth.is_gone or truth.is_rejected)]
    return replace(known, cohort=replace(setting, charts=charts))


def _shown(truth: Truth, day: int) -> Chart:
    """One patient as told by a day; a planned end of an exposure stays only where plans are told."""
    chart = cut(truth.chart, day)
    if not truth.tells_plans:
        chart.exposures = [
            _open(row) if row["end_date"] and row["end_date"] > on(day) else row for row in chart.exposures
        ]
    return chart


def _open(row: dict) -> dict:
    return row | {"end_date": None, "end_type": "ongoing", "stop_reason": None}


def _first_day(draw: Any, charts: list[Chart]) -> int:
    """A day on or soon after a fact of a restart: much is still open then."""
    days = {
        number(row[DAYS[table]])
        for chart in charts
        for table in DAYS
        for row in getattr(chart, table)
        if row[DAYS[table]] >= on(chart.restart)
    } | {chart.restart for chart in charts}
    return draw(st.sampled_from(sorted(days))) + draw(st.sampled_from((0, 0, 1, 3, 6, 8, 29, 60)))


def _settings(draw: Any, before: Cohort | None, as_of: int) -> Cohort:
    """All but the charts of a night: mostly as the night before."""

    def pick(*options: Any) -> Any:
        return draw(st.sampled_from(options))

    overlay = pick({}, {}, *OVERLAYS) if before is None or pick(*range(6)) == 0 else before.overlay
    kept = (True, True) if before is None else (before.has_events, before.has_stays)
    has_events, has_stays = (held != (pick(*range(6)) == 0) for held in kept)
    taken = [None, None, None, as_of, as_of - 1]
    if before is not None:
        ended = before.as_of if before.extracted is None else min(before.as_of, before.extracted)
        taken += [ended, ended - 1]
    return Cohort([], as_of, overlay, has_events, has_stays, pick(*taken))


def _fingerprints(draw: Any, before: dict[str, str] | None, overlay: dict[str, object]) -> dict[str, str]:
    """What the night reads and judges by, beside the numbers seldom other than the night before."""
    last = before or dict.fromkeys(("code_lists", "mapping", "program"), "a")
    changed = draw(st.sampled_from((*[None] * 9, "code_lists", "mapping", "program")))
    again = {changed: last[changed] + "+"} if before and changed else {}
    return last | again | {"parameters": repr(sorted(overlay.items(), key=str))}


@st.composite
def nights(draw: Any, most: int = 4, patients: int = 5) -> list[Known]:
    """Two or more nights of a few patients, the latest last."""
    truths = [
        Truth(sketched(draw, f"P{count}").chart, draw(st.booleans()))
        for count in range(1, draw(st.integers(2, patients)) + 1)
    ]
    as_of = _first_day(draw, [truth.chart for truth in truths])
    told: list[Known] = []
    for _ in range(draw(st.integers(2, most))):
        setting = _settings(draw, told[-1].cohort if told else None, as_of)
        ends = Known(setting, frozenset(), {}).ends
        _tell(draw, truths, told[-1].ends if told else ends, ends)
        present = frozenset(truth.chart.patient_id for truth in truths if not truth.is_gone)
        marks = _fingerprints(draw, told[-1].fingerprints if told else None, setting.overlay)
        told.append(_known(truths, setting, present, marks))
        as_of += draw(st.sampled_from((7, 1, 1, 2, 3, 8, 14, 30, 60)))
    return told


def _tell(draw: Any, truths: list[Truth], ended: int, ends: int) -> None:
    """Change the truth by the news of one night."""
    for truth in truths:
        news = News(draw, truth, ended, ends)
        kinds = (
            *(news.withhold, news.withhold, news.bring, news.bring, news.reissue, news.double, news.settle),
            *(news.correct, news.correct, news.move, news.tell, news.tell, news.tell, news.person),
        )
        for kind in draw(st.lists(st.sampled_from(kinds), max_size=3)):
            kind()
        if draw(st.integers(0, 23)) == 23 or truth.is_gone or truth.is_rejected:
            news.leave()
