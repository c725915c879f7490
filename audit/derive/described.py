"""The episodes with all that describes them and all that the outcomes of rules read: one row an episode."""

import polars as pl

from audit.derive.after import recurrence, symptoms, triggers
from audit.derive.derived import Derived
from audit.derive.facts import Facts
from audit.derive.patient import baselines
from audit.derive.restart import context, doses, injury, recovery, workup
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"


def described(derived: Derived, guideline: Guideline, *, has_events: bool) -> pl.LazyFrame:
    """Return the episodes with all that the outcomes of rules read."""
    facts = derived.facts
    window = recurrence.lookback(facts.episodes, guideline)
    wide = _described(derived, guideline, has_events=has_events)
    for fold in (
        symptoms.folded(derived.tested),
        recurrence.recurrence(derived.recurrences),
        recurrence.mild_rises(window, facts.draws, facts.bilirubin_days, facts.events, guideline),
        recovery.recovery(derived.last_results),
        workup.workup(derived.workup),
        workup.benefit_risk(facts.episodes, facts.events).group_by(EPISODE).agg(benefit_risk_on=pl.col("date").min()),
        *workup.decompensation(workup.decompensation_events(facts.episodes, facts.events), derived.inrs),
        _stop_flags(facts, derived.triggers),
    ):
        wide = wide.join(fold, on=EPISODE, how="left")
    return wide


def _described(derived: Derived, guideline: Guideline, *, has_events: bool) -> pl.LazyFrame:
    """Return the episodes with all that describes them."""
    facts, found, spell, peaks = derived.facts, derived.facts.episodes, derived.spell, derived.peaks
    aih = baselines.known_from(facts.events, "autoimmune_hepatitis")
    wide = found.join(
        facts.patients.select(PATIENT, "site_id", "closes_on", "death_note", "death_sentence"), on=PATIENT, how="left"
    ).join(aih.rename({"known_on": "aih_known_on"}), on=PATIENT, how="left")
    for fold in (
        injury.grades(spell),
        injury.ctcae(spell, guideline),
        peaks.select(EPISODE, "peak_u_l", peak_date="date", peak_x_uln="x_uln", peak_concept="concept"),
        injury.patterns(injury.alp_pairs(found, facts.referenced, guideline), guideline),
        injury.resolving(found, peaks, facts.enzymes, guideline),
        injury.hys_law(spell, facts.bilirubins, guideline),
        injury.prior_severe(found, facts.draws),
        _baseline_columns(facts),
        doses.doses(derived.covering),
        context.weights(found, facts.labs, guideline),
        context.cytopenias(found, facts.labs, facts.segments, guideline),
        context.comedication(found, facts.records, guideline),
        context.indications(found, facts.events),
        context.draw_gaps(found, derived.course_draws),
        derived.scenarios.filter("is_certain").select(EPISODE, extension_blocks="blocks"),
    ):
        wide = wide.join(fold, on=EPISODE, how="left")
    return wide.with_columns(has_events=pl.lit(has_events)).pipe(_flags, guideline).pipe(_standing)


def _standing(wide: pl.LazyFrame) -> pl.LazyFrame:
    """Add whether the drug is being taken on the last day observed, and whether observation is over.

    `course_changes_on`: the first day on which, with no row changed, the course has ended or observation is over.
    """
    is_running = pl.col("last_dose") == pl.col("observed_to")
    over_on = pl.min_horizontal(pl.col("planned_last") + 1, "closes_on")
    return wide.with_columns(
        is_running=is_running,
        is_closed=(pl.col("closes_on") <= pl.col("observed_to")).fill_null(value=False),
        course_changes_on=pl.when(is_running & (over_on > pl.col("observed_to"))).then(over_on),
    )


def _flags(wide: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Fill what the absence of rows means, and add the columns that are made of others."""
    per_kg = pl.col("dose_restart_mg") / pl.col("weight_kg")
    high = guideline["high_dose_mg_per_kg"].number - guideline["ratio_epsilon"].number
    known = pl.col("has_events")
    has_aih = (pl.col("aih_known_on") <= pl.col("restart_date")).fill_null(value=False)
    return wide.with_columns(
        pl.col("hys_law", "any_prior_severe").fill_null(value=False),
        pl.col("low_wbc_count", "low_anc_count", "low_platelets_count").fill_null(0),
        has_aih=has_aih,
        autoimmune_hepatitis=pl.when(known).then(has_aih),
        dose_restart_mg_per_kg=per_kg,
        is_dose_at_least_2_mg_per_kg=per_kg >= high,
        indications=pl.when(known).then(pl.col("indications").fill_null("none_coded")),
    )


def _baseline_columns(facts: Facts) -> pl.LazyFrame:
    """Return one row an episode: value and status of the three baselines."""
    names = {"alt": "alt", "ast": "ast", "bilirubin_total": "bilirubin"}
    by_patient = facts.baselines.group_by(PATIENT).agg(
        *(
            pl.col("baseline").filter(pl.col("concept") == concept).first().alias(f"baseline_{name}")
            for concept, name in names.items()
        ),
        *(
            pl.col("baseline_status").filter(pl.col("concept") == concept).first().alias(f"baseline_{name}_status")
            for concept, name in names.items()
        ),
    )
    return facts.episodes.select(EPISODE, PATIENT).join(by_patient, on=PATIENT).drop(PATIENT)


def _stop_flags(facts: Facts, trigger_rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: whether any trigger is certain or possible, and the enzyme that asks for symptoms."""
    any_trigger = trigger_rows.group_by(EPISODE).agg(
        has_trigger=pl.col("is_certain").any(), may_have_trigger=pl.lit(value=True)
    )
    reached = (
        triggers.after_restart(facts.episodes, facts.draws, "at_symptom")
        .join(facts.episodes.select(EPISODE, "last_dose"), on=EPISODE)
        .filter(pl.col("date") <= pl.col("last_dose") + 1)
        .group_by(EPISODE)
        .agg(symptom_multiple_on=pl.col("date").min())
    )
    return (
        facts.episodes.select(EPISODE).join(any_trigger, on=EPISODE, how="left").join(reached, on=EPISODE, how="left")
    )
