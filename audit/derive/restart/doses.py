"""Daily doses on the days that matter (rules.md section 2: a day's dose, renewals written early)."""

import polars as pl

from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"
DAY = [EPISODE, "dose_day"]


def dose_days(episodes: pl.LazyFrame, segments: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode and role (dose_before, dose_at_onset, dose_restart) with its day.

    A day without cover takes the last covered day before it.
    """
    asked = pl.concat(
        episodes.select(EPISODE, PATIENT, role=pl.lit(role), asked_on=day)
        for role, day in (
            ("dose_before", pl.col("stop_date") - 1),
            ("dose_at_onset", pl.col("onset_date")),
            ("dose_restart", pl.col("restart_date")),
        )
    )
    cover = segments.select(PATIENT, "seg_start", "seg_end").sort("seg_start")
    return (
        asked.sort("asked_on")
        .join_asof(
            cover, left_on="asked_on", right_on="seg_start", by=PATIENT, strategy="backward", check_sortedness=False
        )
        .with_columns(dose_day=pl.min_horizontal("asked_on", "seg_end"))
        .drop("seg_start", "seg_end", "asked_on")
    )


def twins(numbered: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a record and another (`exposure_id_other`) with which it may be one order written twice.

    Two such records agree in product, daily dose and start, end nearly together, and neither frequency nor route tells
    them apart. `tells_apart_on` is the day on which their ends differ enough, null if never.
    """
    limit = guideline["renewal_overlap_days"].days
    same = [PATIENT, "product", "daily_dose_mg", "start"]
    told = ["exposure_id", "end", "planned_end", "frequency", "route"]
    alike = numbered.filter(pl.col("daily_dose_mg").is_not_null()).filter(pl.len().over(same) > 1)
    other = {name: pl.col(f"{name}_other") for name in told}
    differs = pl.any_horizontal(
        (pl.col(name).str.to_lowercase() != other[name].str.to_lowercase()).fill_null(value=False)
        for name in ("frequency", "route")
    )
    first = pl.min_horizontal("planned_end", other["planned_end"])
    last = pl.when(pl.all_horizontal(pl.col(c).is_not_null() for c in ("planned_end", "planned_end_other"))).then(
        pl.max_horizontal("planned_end", other["planned_end"])
    )
    part = (last.is_null() | (last - first > limit)) & (pl.max_horizontal("end", other["end"]) == pl.col("observed_to"))
    return (
        alike.select(*same, *told, "observed_to")
        .join(alike.select(*same, *told), on=same, suffix="_other")
        .filter(pl.col("exposure_id") != other["exposure_id"], (pl.col("end") - other["end"]).abs() <= limit, ~differs)
        .select("exposure_id", "exposure_id_other", tells_apart_on=pl.when(part).then(first + limit + 1))
    )


def ambiguous(twins: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row a record that may be one order written twice, with the first day that `tells_apart_on`."""
    return twins.group_by("exposure_id").agg(pl.col("tells_apart_on").min())


def covering(
    dose_days: pl.LazyFrame, numbered: pl.LazyFrame, twins: pl.LazyFrame, guideline: Guideline
) -> pl.LazyFrame:
    """Return one row an episode, role and record that covers the day; `is_renewal` records add nothing.

    `settles_on` is the day on which a renewal that runs long enough becomes a second tablet, or a record that may be
    one order written twice (`is_ambiguous`) becomes two.
    """
    overlap_limit = guideline["renewal_overlap_days"].days
    columns = ["exposure_id", "product", "daily_dose_mg", "start", "end", "planned_end", "frequency", "observed_to"]
    cover = dose_days.join(numbered.select(PATIENT, *columns, "length_basis"), on=PATIENT).filter(
        pl.col("dose_day").is_between("start", "end")
    )
    same = [EPISODE, "role", "product", "daily_dose_mg"]
    ends = pl.min_horizontal("end", "end_earlier")
    adds_on = pl.col("start") + overlap_limit
    runs_on = (ends == pl.col("observed_to")) & pl.all_horizontal(
        pl.col(c).is_null() | (pl.col(c) >= adds_on) for c in ("planned_end", "planned_end_earlier")
    )
    # Days that rest on refills or on an assumption never add, however long the overlap.
    never_adds = pl.any_horizontal(pl.col("length_basis", "length_basis_earlier").is_not_null())
    earlier = ["exposure_id", "start", "end", "planned_end", "length_basis"]
    renewals = (
        cover.join(cover.select(*same, *earlier), on=same, suffix="_earlier")
        .filter(_precedes(), never_adds | (ends - pl.col("start") + 1 <= overlap_limit))
        .group_by(EPISODE, "role", "exposure_id")
        .agg(
            is_renewal=pl.lit(value=True),
            settles_on=pl.when(runs_on & ~never_adds).then(adds_on).min(),
        )
    )
    doubtful = ambiguous(twins).with_columns(is_ambiguous=pl.lit(value=True))
    return (
        cover.join(renewals, on=[EPISODE, "role", "exposure_id"], how="left")
        .join(doubtful, on="exposure_id", how="left")
        .with_columns(
            pl.col("is_renewal", "is_ambiguous").fill_null(value=False),
            settles_on=pl.when("is_ambiguous").then("tells_apart_on").otherwise("settles_on"),
        )
        .drop("tells_apart_on")
    )


def _precedes() -> pl.Expr:
    """Return whether the other record comes before this one in (start, end, exposure_id)."""
    start, end, own = pl.col("start"), pl.col("end"), pl.col("exposure_id")
    return (
        (pl.col("start_earlier") < start)
        | ((pl.col("start_earlier") == start) & (pl.col("end_earlier") < end))
        | ((pl.col("start_earlier") == start) & (pl.col("end_earlier") == end) & (pl.col("exposure_id_earlier") < own))
    )


def daily_dose(role: str) -> pl.Expr:
    """Return the dose of the records that cover the day of a role, by group, as `<role>_mg`; null if unknown."""
    counted = pl.col("daily_dose_mg").filter(pl.col("role") == role, ~pl.col("is_renewal"))
    is_unknown = ((pl.col("daily_dose_mg").is_null() | pl.col("is_ambiguous")) & (pl.col("role") == role)).any()
    return pl.when(~is_unknown & (pl.col("role") == role).any()).then(counted.sum()).alias(f"{role}_mg")


def doses(covering: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: <role>_mg, null if unknown; <role>_is_ambiguous; alternate_day; doses_settle_on."""
    frequency = pl.col("frequency").filter(pl.col("role") == "dose_restart")
    return covering.group_by(EPISODE).agg(
        daily_dose("dose_before"),
        daily_dose("dose_at_onset"),
        daily_dose("dose_restart"),
        *(
            ((pl.col("role") == role) & pl.col("is_ambiguous")).any().alias(f"{role}_is_ambiguous")
            for role in ("dose_before", "dose_at_onset", "dose_restart")
        ),
        alternate_day=pl.when((frequency == "QOD").any())
        .then(pl.lit(value=True))
        .when(~frequency.is_null().any())
        .then(pl.lit(value=False)),
        doses_settle_on=pl.col("settles_on").min(),
    )
