"""One patient as the audit may see them: cut at observed_to, coverage as a set of days (rules.md 2, 3.2, 3.3)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from .oracle_records import dose_of, lasting
from .oracle_values import ENZYMES, above, at_least, baseline_of

FIRST_DEATH = date(1900, 1, 2)
THIOPURINES = ("mercaptopurine", "tioguanine")
LIVER_REASONS = ("hepatotoxicity", "abnormal_lft")


def plus(day: date, days: int) -> date:
    """Return the day that lies so many days later."""
    return day + timedelta(days=days)


def days_of(first: date, last: date) -> list[date]:
    """Return every day from first to last, both inclusive."""
    return [plus(first, offset) for offset in range((last - first).days + 1)]


@dataclass(frozen=True)
class Schedule:
    """The monitoring schedule as data: days after the restart, and the name of each tolerance."""

    weekly: tuple[str, tuple[int, ...], str] = ("MON-01", (7, 14, 21, 28, 35, 42, 49, 56), "tolerance_weekly")
    biweekly: tuple[str, tuple[int, ...], str] = ("MON-02", (74, 88), "tolerance_biweekly")
    monthly: tuple[str, tuple[int, ...], str] = ("MON-03", (120, 150, 180), "tolerance_monthly")
    quarterly: tuple[str, int, str] = ("MON-04", 90, "tolerance_quarterly")
    stability_from: int = 61
    block_days: int = 30


@dataclass
class Case:
    """One patient's staged rows as plain dicts; events and stays are None where the table is missing."""

    patient: dict
    labs: list[dict]
    exposures: list[dict]
    events: list[dict] | None
    stays: list[dict] | None
    params: dict[str, object]
    as_of: date
    audited: str = "azathioprine"
    schedule: Schedule = Schedule()
    extracted_on: date | None = None

    def number(self, name: str) -> float:
        """Return a parameter that is a number."""
        return self.params[name]  # type: ignore[return-value]

    @cached_property
    def epsilon(self) -> float:
        return self.number("ratio_epsilon")

    @cached_property
    def feed_end(self) -> date:
        """The last day of the feed: what was not yet sent cannot have been missed."""
        return self.as_of if self.extracted_on is None else min(self.as_of, self.extracted_on)

    @cached_property
    def observed_to(self) -> date:
        ends = [self.patient["observation_end"], self.death, self.feed_end]
        return min(end for end in ends if end is not None)

    @property
    def is_over(self) -> bool:
        """Whether observation is over: its end or a death is told, and has come."""
        ends = [end for end in (self.patient["observation_end"], self.death) if end is not None]
        return bool(ends) and min(ends) <= self.feed_end

    @cached_property
    def death(self) -> date | None:
        """The death date where it can be used: plausible, and not contradicted by rows of the feed."""
        told = self.patient["death_date"]
        return None if told is None or self.is_implausible(told) or self.is_contradicted(told) else told

    def is_implausible(self, death: date) -> bool:
        """Before any patient lived, before the observation or before the year of birth."""
        born = self.patient["birth_year"]
        return (
            death < FIRST_DEATH or death < self.patient["observation_start"] or (born is not None and death.year < born)
        )

    def is_contradicted(self, death: date) -> bool:
        """A draw, or a start of the drug, later than the slack after it."""
        days = [row["date"] for row in self.labs if row["concept"] in ENZYMES]
        days += [row["start_date"] for row in self.exposures if row["concept"] == self.audited]
        latest = plus(death, self.number("death_slack_days"))
        return any(latest < day <= self.feed_end for day in days)

    # --- facts that exist ---------------------------------------------------------------------------

    @cached_property
    def results(self) -> list[dict]:
        return [row for row in self.labs if row["date"] <= self.observed_to]

    @cached_property
    def coded(self) -> list[dict]:
        return [row for row in self.events or [] if row["date"] <= self.observed_to]

    @cached_property
    def records(self) -> list[dict]:
        """Exposure records that began by observed_to, each with `last`, its last dose day."""
        return lasting(self.exposures, self.observed_to)

    def records_of(self, *concepts: str) -> list[dict]:
        return [row for row in self.records if row["concept"] in concepts]

    def results_of(self, *concepts: str) -> list[dict]:
        return [row for row in self.results if row["concept"] in concepts]

    def covered(self, *concepts: str) -> set[date]:
        """Days that a record of these drugs covers."""
        return {day for row in self.records_of(*concepts) for day in days_of(row["start_date"], row["last"])}

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(drug for drug in THIOPURINES if drug != self.audited)

    @cached_property
    def drug_days(self) -> list[date]:
        return sorted(self.covered(self.audited))

    @cached_property
    def draw_days(self) -> list[date]:
        return sorted({row["date"] for row in self.results_of(*ENZYMES)})

    def known(self, concept: str, by: date) -> bool:
        return any(row["concept"] == concept and row["date"] <= by for row in self.coded)

    # --- courses and doses --------------------------------------------------------------------------

    @cached_property
    def courses(self) -> list[list[date]]:
        """Covered days, parted where at least min_break_days days are drug-free."""
        courses: list[list[date]] = []
        for day in self.drug_days:
            if courses and (day - courses[-1][-1]).days - 1 < self.number("min_break_days"):
                courses[-1].append(day)
            else:
                courses.append([day])
        return courses

    def dose_on(self, day: date) -> float | None:
        """The dose of a day; None where it is unknown."""
        return dose_of(self.records_of(self.audited), day, self.number("renewal_overlap_days"))

    def ending(self, last_dose: date) -> list[dict]:
        """Records of the audited drug that end on a course's last dose day."""
        return [row for row in self.records_of(self.audited) if row["last"] == last_dose]

    def ending_last(self, last_dose: date) -> list[dict]:
        """Those of them that end last by what they tell, an open one last of all: the same while the drug is taken."""
        rows = self.ending(last_dose)
        return [row for row in rows if row["told"] == max(other["told"] for other in rows)]

    # --- baseline and reference ---------------------------------------------------------------------

    @cached_property
    def baselines(self) -> dict[str, tuple[float | None, str]]:
        """Analyte -> baseline (None where it falls back) and its status."""
        return {analyte: self._baseline(analyte) for analyte in (*ENZYMES, "bilirubin_total")}

    def _baseline(self, analyte: str) -> tuple[float | None, str]:
        first = self.drug_days[0]
        washout = self.number("incident_washout_days")
        before = days_of(plus(first, -washout), plus(first, -1))
        if (first - self.patient["observation_start"]).days < washout:
            return None, "uln_fallback"
        if self.covered(*self.others) & set(before) or self.known("autoimmune_hepatitis", first):
            return None, "uln_fallback"
        found = self.median_before(analyte)
        if found is None or above(found[0], found[1], self.number("baseline_max_x_uln"), self.epsilon):
            return None, "uln_fallback"
        abnormal = at_least(found[0], found[1], self.number("abnormal_baseline_min_x_uln"), self.epsilon)
        return found[0], "abnormal" if abnormal else "normal"

    def median_before(self, analyte: str) -> tuple[float, float] | None:
        """Median of the last values before the drug and the ULN of the latest of them; None without a value."""
        first = self.drug_days[0]
        opening = plus(first, -self.number("baseline_lookback_days"))
        rows = [row for row in self.results_of(analyte) if opening <= row["date"] <= first]
        return baseline_of(rows, int(self.number("baseline_last_n")))

    def reference(self, row: dict) -> float:
        """E of a result."""
        value, status = self.baselines[row["concept"]]
        literal = self.params["baseline_reference_mode"] == "literal"
        return value if value is not None and (literal or status == "abnormal") else row["uln"]
