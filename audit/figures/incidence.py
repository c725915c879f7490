"""Recurrence as cumulative incidence: death and the end of the drug compete with it, and are no censoring.

The estimator is that of Aalen and Johansen (1978), its variance the one of Marubini and Valsecchi (1995), its interval
on the scale of log(-log), as Collett, Modelling Survival Data in Medical Research, has them. On a day on which several
things happen all of them are asked of those who were at risk that morning.
"""

from collections.abc import Sequence

import polars as pl

from audit.figures.followed import EPISODE, followed
from audit.frames import Judged
from audit.guideline import Guideline
from audit.measures import Z

HORIZON_DAYS = 365  # what the incidence is read at: a year of the restart, whatever the edition
SLACK = 1e-9  # of sums of floating point
EVENTS = ("recurred", "died", "stopped")
OUTCOMES = (*EVENTS, "censored")
VALUES = (*(f"incidence_{name}" for name in EVENTS), "incidence_low", "incidence_high")


def outcomes(judged: Judged, guideline: Guideline) -> pl.DataFrame:
    """Return one row an episode: what ended the days at risk (`outcome`, of OUTCOMES), and on which day after restart.

    A recurrence on the day of a death, or of the last that counts, is a recurrence. `stopped`: the drug ended and the
    days after it in which a rise still counts went by. Null where a censored value leaves the recurrence open.
    """
    end = pl.min_horizontal("reach", "observed_to")
    has_died = (pl.col("died_on") == pl.col("observed_to")) & (pl.col("died_on") <= pl.col("reach"))
    is_over = (pl.col("last_dose_date") < pl.col("observed_to")) & (pl.col("reach") <= pl.col("observed_to"))
    outcome = (
        pl.when(pl.col("recurrence").is_null()).then(None)
        .when("recurrence").then(pl.lit("recurred"))
        .when(has_died).then(pl.lit("died"))
        .when(is_over).then(pl.lit("stopped"))
        .otherwise(pl.lit("censored"))
    )  # fmt: skip
    last = pl.when(outcome == "recurred").then("recurrence_date").otherwise(end)
    day = (last - pl.col("restart_date")).dt.total_days().cast(pl.Int64)
    return followed(judged, guideline).select(EPISODE, outcome=outcome, day=pl.when(outcome.is_not_null()).then(day))


def incidence(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return one row a day on which anything happened, from a day 0 on which nothing did.

    `at_risk` and the counts of OUTCOMES are of that day; `incidence_<event>` is the share with that event up to and on
    it, `incidence_low` and `_high` the 95 % interval of the recurrences', null before the first. Sorted by day.
    """
    told = outcomes.drop_nulls("outcome")
    counts = told.group_by("day").agg((pl.col("outcome") == name).sum().cast(pl.Int64).alias(name) for name in OUTCOMES)
    start = pl.DataFrame([(0,) * (1 + len(OUTCOMES))], schema=counts.schema, orient="row")
    days = pl.concat([start, counts], how="diagonal").group_by("day").sum().sort("day")
    left = pl.sum_horizontal(OUTCOMES)
    events = pl.sum_horizontal(EVENTS)
    return (
        days.with_columns(at_risk=told.height - left.cum_sum() + left)
        .with_columns(hazard=events / pl.when(pl.col("at_risk") > 0).then("at_risk").otherwise(1))
        .with_columns(free=(1 - pl.col("hazard")).cum_prod().shift(1, fill_value=1.0))
        .with_columns(
            (pl.col("free") * pl.col(name) / pl.col("at_risk")).fill_nan(0.0).cum_sum().alias(f"incidence_{name}")
            for name in EVENTS
        )
        .pipe(_with_interval)
        .select(
            "day", "at_risk", *OUTCOMES, *(f"incidence_{name}" for name in EVENTS), "incidence_low", "incidence_high"
        )
    )


def _with_interval(curve: pl.DataFrame) -> pl.DataFrame:
    """Add the 95 % interval of the incidence of recurrence."""
    n, d, own, free = pl.col("at_risk"), pl.sum_horizontal(EVENTS), pl.col("recurred"), pl.col("free")
    share = pl.col("incidence_recurred")
    # The sums over earlier days of (F(t) - F(day)) to a power, written out so that each is one running sum.
    spread = pl.when(n > d).then(d / (n * (n - d))).otherwise(0.0)  # after the last at risk nothing moves any more
    pull = pl.when(n > 0).then(free * own / n**2).otherwise(0.0)
    squares = share**2 * spread.cum_sum() - 2 * share * (spread * share).cum_sum() + (spread * share**2).cum_sum()
    owned = pl.when(n > 0).then(free**2 * own * (n - own) / n**3).otherwise(0.0).cum_sum()
    crossed = share * pull.cum_sum() - (pull * share).cum_sum()
    variance = (squares + owned - 2 * crossed).clip(lower_bound=0)  # floating point alone takes it below
    is_between = (share > 0) & (share < 1)
    width = Z * variance.sqrt() / (share * share.log().abs())
    return curve.with_columns(
        pl.when(is_between).then(share ** ((sign * width).exp())).alias(f"incidence_{end}")
        for end, sign in (("low", 1), ("high", -1))
    )


def read_at(outcomes: pl.DataFrame, days: Sequence[int]) -> pl.DataFrame:
    """Return one row a day asked for, in order, with the incidence on it and how many were followed to it.

    Null where nobody was: what became of those who were lost before is not known, unless nobody was.
    """
    ended = outcomes.drop_nulls("outcome")["day"]
    asked = pl.DataFrame({"day": sorted(days)}, schema={"day": pl.Int64})
    read = asked.join_asof(incidence(outcomes).select("day", *VALUES), on="day").with_columns(
        at_risk=pl.Series([(ended >= day).sum() for day in asked["day"]], dtype=pl.Int64)
    )
    is_whole = pl.sum_horizontal(f"incidence_{name}" for name in EVENTS) >= 1 - SLACK
    is_known = (pl.col("at_risk") > 0) | is_whole
    return read.select("day", "at_risk", *(pl.when(is_known).then(pl.col(name)).alias(name) for name in VALUES))
