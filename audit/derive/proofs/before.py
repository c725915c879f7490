"""Results and events before a restart: one row an episode and source row."""

import polars as pl

from audit.derive.derived import Derived
from audit.derive.proofs.rows import EPISODE, PATIENT, UNMEASURED, of_events, of_results
from audit.derive.restart import workup
from audit.derive.restart.injury import of_episode

EVER = pl.lit(-1_000_000, dtype=pl.Int32)


def baselines(derived: Derived) -> pl.LazyFrame:
    """Return the results that the patient's baselines rest on, where there is one."""
    facts = derived.facts
    used = facts.baselines.filter(pl.col("baseline").is_not_null())
    rows = facts.baseline_sources.join(used, on=[PATIENT, "concept"], how="semi")
    return of_results(facts.episodes.select(EPISODE, PATIENT).join(rows, on=PATIENT))


def work_up(derived: Derived) -> pl.LazyFrame:
    """Return the tests and images of the work-up."""
    return derived.workup.with_columns(x_uln=UNMEASURED["x_uln"], x_reference=UNMEASURED["x_reference"])


def hepatitis(derived: Derived) -> pl.LazyFrame:
    """Return the codes of autoimmune hepatitis up to the restart."""
    facts = derived.facts
    concepts = ("autoimmune_hepatitis",)
    return of_events(workup.events_between(facts.episodes, facts.events, concepts, EVER, pl.col("restart_date")))


def injury(derived: Derived) -> pl.LazyFrame:
    """Return every ALT and AST from onset to the day before the restart; `is_peak` marks the largest."""
    peaks = derived.peaks.select(EPISODE, "result_id", is_peak=pl.lit(value=True))
    rows = derived.spell.join(peaks, on=[EPISODE, "result_id"], how="left")
    return of_results(rows.with_columns(pl.col("is_peak").fill_null(value=False)))


def inrs(derived: Derived) -> pl.LazyFrame:
    """Return every INR of the injury; `decides` and `may_decide` say what it shows with any bilirubin near it."""
    facts = derived.facts
    every = of_episode(
        facts.episodes,
        facts.referenced.filter(pl.col("concept") == "inr"),
        pl.col("onset_date"),
        pl.col("restart_date") - 1,
    )
    shown = derived.inrs.group_by(EPISODE, "result_id").agg(pl.col("decides", "may_decide").any())
    rows = every.join(shown, on=[EPISODE, "result_id"], how="left")
    return of_results(rows.with_columns(pl.col("decides", "may_decide").fill_null(value=False)))


def bilirubins_near_inrs(derived: Derived) -> pl.LazyFrame:
    """Return the bilirubins near an INR that nothing explains, with what the pair shows."""
    paired = derived.inrs.filter(pl.col("bilirubin_id").is_not_null())
    shown = paired.group_by(EPISODE, result_id="bilirubin_id").agg(pl.col("decides", "may_decide").any())
    return of_results(shown.join(derived.facts.bilirubins, on="result_id"))
