"""The injury of an episode: peak, grade, pattern, Hy's law, resolving ratio (rules.md section 3.5)."""

import polars as pl

from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"
CTCAE_X_ULN = (1.0, 3.0, 5.0, 20.0)  # CTCAE v5, ALT or AST increased: above these begin grades 1 to 4
CTCAE_X_BASELINE = (1.5, 3.0, 5.0, 20.0)  # the same where the median before the drug was above its limit


def of_episode(episodes: pl.LazyFrame, results: pl.LazyFrame, start: pl.Expr, end: pl.Expr) -> pl.LazyFrame:
    """Return the results of each episode's patient dated in [start, end] (expressions over the episode)."""
    window = episodes.select(EPISODE, PATIENT, "stop_date", "onset_date", "restart_date", from_day=start, to_day=end)
    return window.join(results, on=PATIENT).filter(pl.col("date").is_between("from_day", "to_day"))


def largest_first(results: pl.LazyFrame, grain: list[str]) -> pl.LazyFrame:
    """Keep the largest result on the ULN scale per grain; a lower bound is above an equal value, `<x` is below."""
    rank = pl.when(pl.col("comparator").is_in([">", ">="])).then(2).when("is_censored").then(0).otherwise(1)
    return (
        results.with_columns(censor_rank=rank)
        .sort(
            *grain,
            "x_uln",
            "censor_rank",
            "date",
            "result_id",
            descending=[*[False] * len(grain), True, True, False, False],
        )
        .unique(grain, keep="first", maintain_order=True)
    )


def peaks(injury: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: the result that is its peak, and `peak_u_l`, the largest in U/L. `<x` is neither."""
    may_be_peak = ~pl.col("comparator").is_in(["<", "<="]).fill_null(value=False)
    largest = injury.filter(may_be_peak).with_columns(peak_u_l=pl.col("value").max().over(EPISODE))
    return largest_first(largest, [EPISODE])


def grades(injury: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: grade, at_least_* where a censored value leaves a higher one open.

    `may_be_severe` says whether the peak's true value could be above the severe limit.
    """

    def grade(suffix: str) -> pl.Expr:
        return (
            pl.when(pl.col(f"severe{suffix}"))
            .then(pl.lit("severe"))
            .when(pl.col(f"moderate{suffix}"))
            .then(pl.lit("moderate"))
            .when(pl.col(f"mild{suffix}"))
            .then(pl.lit("mild"))
            .otherwise(pl.lit("none"))
        )

    flags = [f"{name}{suffix}" for name in ("mild", "moderate", "severe") for suffix in ("", "_possible")]
    certain, possible = grade(""), grade("_possible")
    return (
        injury.group_by(EPISODE)
        .agg(pl.col(flags).any())
        .select(
            EPISODE,
            grade=pl.when(certain == possible).then(certain).otherwise(pl.concat_str(pl.lit("at_least_"), certain)),
            may_be_severe="severe_possible",
        )
    )


def ctcae(injury: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode: CTCAE v5 grade 0 to 4, the worst of ALT and AST as printed.

    Multiples count from the median before the drug where that lies above its ULN, be it a baseline or not.
    """
    epsilon = guideline["ratio_epsilon"].number
    is_abnormal = pl.col("raised_median").is_not_null()
    ratio = pl.col("value") / pl.coalesce("raised_median", "uln")

    def grade(limits: tuple[float, ...]) -> pl.Expr:
        # Grade 1 on a raised median begins at 1.5 x, inclusive; every other grade above its limit.
        first = ratio >= limits[0] - epsilon if limits is CTCAE_X_BASELINE else ratio > limits[0] + epsilon
        return pl.sum_horizontal(first, *(ratio > limit + epsilon for limit in limits[1:]))

    graded = pl.when(is_abnormal).then(grade(CTCAE_X_BASELINE)).otherwise(grade(CTCAE_X_ULN))
    return injury.group_by(EPISODE).agg(ctcae_grade=graded.cast(pl.Int64).max())


def alp_pairs(episodes: pl.LazyFrame, referenced: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode with the ALT of the onset day and the nearest ALP: alt_*, alp_* columns."""
    reach = guideline["alp_pairing_days"].days
    onset = pl.col("onset_date")
    alt = largest_first(of_episode(episodes, referenced.filter(pl.col("concept") == "alt"), onset, onset), [EPISODE])
    distance = (pl.col("date") - onset).abs()
    near = of_episode(episodes, referenced.filter(pl.col("concept") == "alp"), onset - reach, onset + reach)
    alp = (
        largest_first(near, [EPISODE, "date"])
        .sort(EPISODE, distance, "date")
        .unique(EPISODE, keep="first", maintain_order=True)
    )
    keep = ["x_uln", "is_censored"]
    return alt.select(EPISODE, pl.col(keep).name.prefix("alt_")).join(
        alp.select(EPISODE, pl.col(keep).name.prefix("alp_")), on=EPISODE
    )


def patterns(pairs: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode with a pair: r_ratio and injury_pattern; null where either is censored."""
    epsilon = guideline["ratio_epsilon"].number
    r_ratio = pl.when(~pl.col("alt_is_censored") & ~pl.col("alp_is_censored")).then(
        pl.col("alt_x_uln") / pl.col("alp_x_uln")
    )
    ratio = pl.col("r_ratio")
    return pairs.with_columns(r_ratio=r_ratio).select(
        EPISODE,
        "r_ratio",
        injury_pattern=pl.when(ratio >= guideline["r_hepatocellular_min"].number - epsilon)
        .then(pl.lit("hepatocellular"))
        .when(ratio <= guideline["r_cholestatic_max"].number + epsilon)
        .then(pl.lit("cholestatic"))
        .when(ratio.is_not_null())
        .then(pl.lit("mixed")),
    )


def resolving(episodes: pl.LazyFrame, peaks: pl.LazyFrame, enzymes: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode: the first same-day AST/ALT at or below the ratio after the peak."""
    after_peak = episodes.join(peaks.select(EPISODE, peak_date="date"), on=EPISODE)
    day = of_episode(after_peak, enzymes, pl.col("peak_date") + 1, pl.col("restart_date"))
    alt, ast = pl.col("concept") == "alt", pl.col("concept") == "ast"
    limit = guideline["resolving_ratio_max"].number + guideline["ratio_epsilon"].number
    return (
        day.group_by(EPISODE, "date")
        .agg(ast=pl.col("hi").filter(ast).max(), alt=pl.col("lo").filter(alt).max())
        .filter(pl.col("ast") <= limit * pl.col("alt"))
        .group_by(EPISODE)
        .agg(resolving_ratio_date=pl.col("date").min())
    )


def hys_law(injury: pl.LazyFrame, bilirubins: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return the episodes that meet Hy's law for certain: an enzyme of the injury, bilirubin near it."""
    reach = guideline["hys_law_window_days"].days
    enzyme = injury.filter("hys_enzyme").select(EPISODE, PATIENT, "date")
    jaundiced = bilirubins.filter("hys_bilirubin").select(PATIENT, bilirubin_date="date")
    return (
        enzyme.join(jaundiced, on=PATIENT)
        .filter((pl.col("date") - pl.col("bilirubin_date")).abs() <= reach)
        .select(EPISODE, hys_law=pl.lit(value=True))
        .unique()
    )


def prior_severe(episodes: pl.LazyFrame, draws: pl.LazyFrame) -> pl.LazyFrame:
    """Return the episodes with a certainly severe draw before their onset."""
    return (
        episodes.select(EPISODE, PATIENT, "onset_date")
        .join(draws.filter("severe").select(PATIENT, "date"), on=PATIENT)
        .filter(pl.col("date") < pl.col("onset_date"))
        .select(EPISODE, any_prior_severe=pl.lit(value=True))
        .unique()
    )
