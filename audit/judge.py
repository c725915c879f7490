"""From staged frames to judged frames: the order of the derivations, and nothing else.

Pure: no clock, no files. Days are integers inside; dates come in and go out.
"""

from datetime import date

import polars as pl

from audit import evidence, frames, measures
from audit.calendar import EPOCH, as_dates, as_days
from audit.derive.after import recurrence, slots, stability, symptoms, triggers
from audit.derive.facts import Facts, computed, derive, held
from audit.derive.patient import baselines, breaks
from audit.derive.restart import context, doses, injury, recovery, workup
from audit.evaluate import evaluate
from audit.frames import Judged, Staged
from audit.guideline import Guideline
from audit.rules import register
from audit.vocabulary import WORKUP

PATIENT, EPISODE = "patient_id", "episode_id"


def judge(staged: Staged, guideline: Guideline, as_of: date, extracted_on: date | None = None) -> Judged:
    """Judge every restart in the staged frames as known on the as-of date.

    The feed ends with the earlier of the as-of date and the last day that the extract covers whole (`extracted_on`).
    """
    feed_end = as_of if extracted_on is None else min(as_of, extracted_on)
    facts = derive(staged, guideline, (feed_end - EPOCH).days)
    has_events = staged.events is not None
    scenarios, slot_rows, folded_phases = _monitoring(facts, _stays(staged, facts), guideline)
    folded_symptoms, symptom_rows, tested = _symptoms(facts, guideline)
    trigger_rows = _triggers(facts, guideline)
    recurrences = held(recurrence.recurrences(facts.episodes, facts.draws, trigger_rows, guideline))
    workup_rows = held(workup.workup_rows(facts.episodes, facts.labs, facts.events, guideline))
    last_results = held(recovery.last_before_restart(facts.episodes, facts.enzymes, guideline))
    inrs = held(workup.raised_inrs(facts.episodes, facts.referenced, facts.bilirubins, facts.records, guideline))
    covering = held(doses.covering(doses.dose_days(facts.episodes, facts.segments), facts.numbered, guideline))
    described = _described(facts, covering, scenarios, guideline, has_events=has_events)
    wide = described
    for fold in (
        folded_symptoms,
        recurrence.recurrence(recurrences),
        recurrence.mild_rises(
            recurrence.lookback(facts.episodes, guideline), facts.draws, facts.bilirubin_days, facts.events, guideline
        ),
        recovery.recovery(last_results),
        workup.workup(workup_rows),
        workup.benefit_risk(facts.episodes, facts.events).group_by(EPISODE).agg(benefit_risk_on=pl.col("date").min()),
        *workup.decompensation(workup.decompensation_events(facts.episodes, facts.events), inrs),
        _stop_flags(facts, trigger_rows),
    ):
        wide = wide.join(fold, on=EPISODE, how="left")
    wide = held(wide)
    folds = {"phases": folded_phases, "triggers": held(triggers.folded(trigger_rows))}
    rules = register(guideline)
    findings = pl.concat([computed(evaluate(rule, wide, folds)) for rule in rules.values()])
    published = _published(wide)
    found = evidence.Found(
        facts=facts,
        last_results=last_results,
        workup=workup_rows,
        inrs=inrs,
        covering=covering,
        slots=slot_rows,
        symptoms=symptom_rows,
        tested=tested,
        triggers=trigger_rows,
        recurrences=recurrences,
    )
    findings = _ordered(findings, frames.FINDINGS)
    return Judged(
        breaks=_breaks(facts, guideline),
        episodes=published,
        slots=_ordered(_dated(computed(slot_rows)), frames.SLOTS),
        findings=findings,
        evidence=_ordered(_dated(evidence.evidence(found, findings, guideline)), frames.EVIDENCE),
        measures=_ordered(measures.measures(published, findings, guideline), frames.MEASURES),
        row_notes=_death_notes(facts),
        unknown_doses=computed(
            doses.ambiguous(facts.numbered, guideline)
            .select("exposure_id", reason=pl.lit("ambiguous_orders"))
            .sort("exposure_id")
        ),
    )


def _stays(staged: Staged, facts: Facts) -> pl.LazyFrame | None:
    if staged.stays is None:
        return None
    return as_days(staged.stays).join(facts.episodes.select(PATIENT).unique(), on=PATIENT)


def _monitoring(
    facts: Facts, stays: pl.LazyFrame | None, guideline: Guideline
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """Return the extension scenarios, the published slots and the phases folded to episode and rule."""
    course_draws = held(stability.course_draws(facts.episodes, facts.draws))
    settled = pl.lit(facts.feed_end - guideline["result_lag_days"].days, dtype=pl.Int32)
    days = facts.episodes.select(
        EPISODE,
        PATIENT,
        "restart_date",
        "censor_date",
        "observed_to",
        settled_to=pl.min_horizontal("censor_date", settled),
    )
    scenarios = held(stability.extensions(facts.episodes, course_draws, guideline).join(days, on=EPISODE))
    every = held(slots.slots(scenarios, course_draws, stays, guideline))
    folded = held(slots.folded(slots.phases(every, guideline), scenarios, guideline))
    certain = scenarios.filter("is_certain").select(EPISODE, "blocks")
    return scenarios, held(every.join(certain, on=[EPISODE, "blocks"])), folded


def _symptoms(facts: Facts, guideline: Guideline) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """Return the symptom episodes folded to the episode, the symptom rows, and each with its tests."""
    rows = symptoms.grouped(computed(symptoms.incident(facts.episodes, facts.events, guideline)), guideline).lazy()
    tested = held(symptoms.tested(rows, facts.episodes, facts.draws, guideline))
    return held(symptoms.folded(tested)), rows, tested


def _triggers(facts: Facts, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a trigger on drug, with its response."""
    candidates = triggers.candidates(facts.episodes, facts.draws, facts.bilirubin_days, facts.events, guideline)
    on_drug = triggers.on_drug(candidates, facts.episodes, facts.segments)
    return held(triggers.responses(on_drug, facts.episodes, guideline))


def _stop_flags(facts: Facts, trigger_rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode: whether any trigger is certain or possible, and the threefold enzyme."""
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


def _described(
    facts: Facts, covering: pl.LazyFrame, scenarios: pl.LazyFrame, guideline: Guideline, *, has_events: bool
) -> pl.LazyFrame:
    """Return the episodes with all that describes them."""
    found = facts.episodes
    spell = held(injury.of_episode(found, facts.enzymes, pl.col("onset_date"), pl.col("restart_date") - 1))
    peaks = held(injury.peaks(spell))
    course_draws = stability.course_draws(found, facts.draws)
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
        doses.doses(covering),
        context.weights(found, facts.labs, guideline).select(EPISODE, "weight_kg"),
        context.cytopenias(found, facts.labs, facts.segments, guideline),
        context.comedication(found, facts.records, guideline),
        context.indications(found, facts.events),
        context.draw_gaps(found, course_draws),
        scenarios.filter("is_certain").select(EPISODE, extension_blocks="blocks"),
    ):
        wide = wide.join(fold, on=EPISODE, how="left")
    return wide.with_columns(has_events=pl.lit(has_events)).pipe(_flags, guideline)


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


def _published(wide: pl.LazyFrame) -> pl.DataFrame:
    """Return the released episodes."""
    groups = [pl.col(f"has_{group}").fill_null(value=False) for group in WORKUP if group != "autoimmune"]
    autoimmune = pl.col("has_autoimmune").fill_null(value=False) | pl.col("has_aih")
    released = wide.with_columns(
        last_dose_date="last_dose",
        workup_score=pl.sum_horizontal(*groups, autoimmune).cast(pl.Int64),
        recurrence=pl.when(pl.col("recurred_on").is_not_null())
        .then(pl.lit(value=True))
        .when(pl.col("may_have_recurred_on").is_null())
        .then(pl.lit(value=False)),
        recurrence_date="recurred_on",
    )
    return _ordered(_dated(computed(released)), frames.EPISODES)


def _death_notes(facts: Facts) -> pl.DataFrame:
    """Return one row a patient with a death that was not used."""
    noted = facts.patients.filter(pl.col("death_note").is_not_null()).select(
        table_name=pl.lit("patients"), source_id=PATIENT, note="death_note"
    )
    return computed(noted.sort("source_id"))


def _breaks(facts: Facts, guideline: Guideline) -> pl.DataFrame:
    """Return the released breaks."""
    rows = breaks.breaks(facts.pairs, facts.episodes, facts.segments, facts.courses, facts.records, guideline)
    sites = facts.patients.select(PATIENT, "site_id")
    return _ordered(_dated(computed(rows.join(sites, on=PATIENT, how="left"))), frames.BREAKS)


DAY_COLUMNS = {column.name for declared in frames.JUDGED for column in declared.columns if column.dtype == pl.Date()}


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its days as dates."""
    return frame.with_columns(as_dates(pl.col(name)) for name in frame.columns if name in DAY_COLUMNS)


def _ordered(frame: pl.DataFrame, declared: frames.Frame) -> pl.DataFrame:
    """Return the declared columns, in order, typed, sorted by the keys."""
    typed = frame.select(pl.col(column.name).cast(column.dtype) for column in declared.columns)
    return typed.sort(declared.keys, nulls_last=True)
