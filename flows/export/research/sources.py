"""What a field may be made of: the columns of an episode that may leave, what it took from other tables, and no other.

No id, site, note or sentence is among them, and no day: a date of the episode is the number of days from its restart.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from audit.frames import EPISODES

Scan = Callable[[str], pl.LazyFrame]
Kind = Literal["text", "flag", "whole", "number", "days"]

# The kinds by the type of the column; a date is told in days from the restart.
KINDS: Mapping[pl.DataType, Kind] = {
    pl.String(): "text",
    pl.Boolean(): "flag",
    pl.Int64(): "whole",
    pl.Float64(): "number",
    pl.Date(): "days",
}
KEPT_BACK = ("episode_id", "patient_id", "site_id", "restart_date", "death_note", "indications")
SITE = "site"
SEVERAL = "several"

# What somebody who knows the person may know too. Fields that tell of the same thing are all quasi-identifiers, or
# none is: else what one of them hides in a wide band stands in the other.
TELLS = {
    "age_at_restart": "age",
    "sex": "sex",
    SITE: "site",
    "break_days": "break",
    "stop_date": "break",
    "onset_date": "break",
    "peak_date": "break",
    "resolving_ratio_date": "break",
    "peak_x_uln": "peak",
    "peak_u_l": "peak",
    "grade": "peak",
    "ctcae_grade": "peak",
    "hys_law": "peak",
    "dose_restart_mg": "dose",
    "dose_restart_mg_per_kg": "dose",
    "is_dose_at_least_2_mg_per_kg": "dose",
    "dose_before_mg": "dose before",
    "dose_at_onset_mg": "dose before",
    "indication": "indication",
    "autoimmune_hepatitis": "indication",
    "r_ratio": "pattern",
    "injury_pattern": "pattern",
}
# The forms of rule whose verdict says how high the peak was.
FORMS_OF_PEAK = ("benefit_risk", "severe_injury")
# These are quasi-identifiers wherever they leave.
ALWAYS = ("age", "sex", "site", "break", "peak")


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a field: what its values are, in which unit."""

    name: str
    kind: Kind
    unit: str = ""

    @property
    def tells(self) -> str:
        """Return what of the person it tells, where somebody may know that."""
        return TELLS.get(self.name, "")


def _of_episodes() -> Iterator[Source]:
    for column in EPISODES.columns:
        if column.name not in KEPT_BACK:
            kind = KINDS[column.dtype]
            yield Source(column.name, kind, "d" if kind == "days" else column.unit)


ENZYMES = ("alt", "ast")
HIGHEST_AFTER = "highest_after_restart_x_uln"
OF_OTHERS = (
    Source("sex", "text"),
    Source("age_at_restart", "whole", "a"),
    Source("indication", "text"),
    Source(SITE, "text"),
    Source("slots_met", "whole"),
    Source("slots_missed", "whole"),
    Source(HIGHEST_AFTER, "number", "1"),
)
SOURCES: Mapping[str, Source] = {source.name: source for source in (*_of_episodes(), *OF_OTHERS)}


def verdict_of(rule: str) -> str:
    """Return the name of the column that holds the verdict of a rule."""
    return f"verdict_{rule.lower().replace('-', '_')}"


def gathered(scan: Scan, names: Collection[str], rules: Collection[str]) -> pl.DataFrame:
    """Return one row an audit episode: its id, patient and restart, the sources named, the verdicts of some rules."""
    episodes = scan("episodes")
    found = [_own(episodes)]
    if {"sex", "age_at_restart"} & {*names}:
        found.append(_of_patients(scan("patients"), episodes))
    if {"slots_met", "slots_missed"} & {*names}:
        found.append(_of_slots(scan("slots"), episodes))
    if HIGHEST_AFTER in names:
        found.append(_of_labs(scan("labs"), episodes))
    if rules:
        found.append(_verdicts(scan("findings"), rules))
    joined = found[0]
    for one in found[1:]:
        joined = joined.join(one, on="episode_id", how="left", validate="1:1")
    wanted = ("episode_id", "patient_id", "restart_date", *names, *(verdict_of(rule) for rule in rules))
    return joined.select(wanted).collect(engine="streaming").sort("episode_id")


def _own(episodes: pl.LazyFrame) -> pl.LazyFrame:
    """Return what stands in the episode itself; its dates as days from the restart."""
    days = [name for name, source in SOURCES.items() if source.kind == "days"]
    several = pl.col("indications").str.contains("|", literal=True)
    return episodes.with_columns(
        *((pl.col(name) - pl.col("restart_date")).dt.total_days() for name in days),
        pl.when(several).then(pl.lit(SEVERAL)).otherwise("indications").alias("indication"),
        pl.col("site_id").alias(SITE),
    )


def _of_patients(patients: pl.LazyFrame, episodes: pl.LazyFrame) -> pl.LazyFrame:
    age = pl.col("restart_date").dt.year().cast(pl.Int64) - pl.col("birth_year")
    joined = episodes.select("episode_id", "patient_id", "restart_date").join(patients, on="patient_id", how="left")
    return joined.select("episode_id", "sex", age.alias("age_at_restart"))


def _of_slots(slots: pl.LazyFrame, episodes: pl.LazyFrame) -> pl.LazyFrame:
    """Return how many slots were met and missed; 0 where an episode has none."""
    counted = slots.group_by("episode_id").agg(
        *((pl.col("status") == status).sum().cast(pl.Int64).alias(f"slots_{status}") for status in ("met", "missed"))
    )
    return episodes.select("episode_id").join(counted, on="episode_id", how="left").fill_null(0)


def _of_labs(labs: pl.LazyFrame, episodes: pl.LazyFrame) -> pl.LazyFrame:
    """Return the highest enzyme after the restart and, once the course has ended, up to its censor date."""
    results = labs.filter(pl.col("analyte").is_in(ENZYMES), pl.col("x_uln").is_not_null())
    spans = episodes.select("episode_id", "patient_id", "restart_date", "censor_date")
    joined = spans.join(results.select("patient_id", "date", "x_uln"), on="patient_id", how="inner")
    ended = (pl.col("date") > pl.col("censor_date")).fill_null(False)
    after = joined.filter(pl.col("date") > pl.col("restart_date"), ~ended)
    return after.group_by("episode_id").agg(pl.col("x_uln").max().alias(HIGHEST_AFTER))


def _verdicts(findings: pl.LazyFrame, rules: Collection[str]) -> pl.LazyFrame:
    return findings.group_by("episode_id").agg(
        pl.col("verdict").filter(pl.col("rule_id") == rule).first().alias(verdict_of(rule)) for rule in rules
    )
