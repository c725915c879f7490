"""The derived frames that verdicts and their evidence share: what followed from the facts, each computed once."""

from dataclasses import dataclass

import polars as pl

from audit.calendar import as_days
from audit.derive.after import named, recurrence, slots, stability, symptoms, triggers
from audit.derive.facts import Facts, computed, held
from audit.derive.restart import doses, injury, recovery, workup
from audit.frames import Staged
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"


@dataclass(frozen=True, slots=True)
class Derived:
    """What the rules were judged on, beside the facts; one grain each, in memory."""

    facts: Facts
    spell: pl.LazyFrame
    peaks: pl.LazyFrame
    last_results: pl.LazyFrame
    workup: pl.LazyFrame
    anticoagulated: pl.LazyFrame
    inrs: pl.LazyFrame
    twins: pl.LazyFrame
    covering: pl.LazyFrame
    course_draws: pl.LazyFrame
    scenarios: pl.LazyFrame
    slots: pl.LazyFrame
    symptoms: pl.LazyFrame
    tested: pl.LazyFrame
    triggers: pl.LazyFrame
    recurrences: pl.LazyFrame


def derive_more(facts: Facts, staged: Staged, guideline: Guideline) -> tuple[Derived, dict[str, pl.LazyFrame]]:
    """Return what the rules are judged on, and the frames folded to an episode and rule by name."""
    episodes = facts.episodes
    course_draws = held(stability.course_draws(episodes, facts.draws))
    scenarios, slot_rows, folded_phases = _monitoring(facts, course_draws, _stays(staged, facts), guideline)
    symptom_rows, tested = _symptoms(facts, guideline)
    trigger_rows = _triggers(facts, guideline)
    spell = held(injury.of_episode(episodes, facts.enzymes, pl.col("onset_date"), pl.col("restart_date") - 1))
    raised = held(workup.raised_inrs(episodes, facts.referenced, guideline))
    anticoagulated = held(workup.anticoagulated(raised, facts.records, guideline))
    twins = held(doses.twins(facts.numbered, guideline))
    days = doses.dose_days(episodes, facts.segments)
    derived = Derived(
        facts=facts,
        spell=spell,
        peaks=held(injury.peaks(spell)),
        last_results=held(recovery.last_before_restart(episodes, facts.enzymes, guideline)),
        workup=held(workup.workup_rows(episodes, facts.labs, facts.events, guideline)),
        anticoagulated=anticoagulated,
        inrs=held(workup.unexplained_inrs(raised, anticoagulated, facts.bilirubins, guideline)),
        twins=twins,
        covering=held(doses.covering(days, facts.numbered, twins, guideline)),
        course_draws=course_draws,
        scenarios=scenarios,
        slots=slot_rows,
        symptoms=symptom_rows,
        tested=tested,
        triggers=trigger_rows,
        recurrences=held(recurrence.recurrences(episodes, facts.draws, trigger_rows, guideline)),
    )
    worst = named.named(
        triggers.folded(trigger_rows), episodes, facts.enzymes, facts.bilirubins, facts.events, guideline
    )
    return derived, {"phases": folded_phases, "triggers": held(worst)}


def _stays(staged: Staged, facts: Facts) -> pl.LazyFrame | None:
    if staged.stays is None:
        return None
    return as_days(staged.stays).join(facts.episodes.select(PATIENT).unique(), on=PATIENT)


def _monitoring(
    facts: Facts, course_draws: pl.LazyFrame, stays: pl.LazyFrame | None, guideline: Guideline
) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    """Return the extension scenarios, the published slots and the phases folded to episode and rule."""
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
    folded = held(slots.folded(slots.phases(every, course_draws, guideline), scenarios, guideline))
    certain = scenarios.filter("is_certain").select(EPISODE, "blocks")
    return scenarios, held(every.join(certain, on=[EPISODE, "blocks"])), folded


def _symptoms(facts: Facts, guideline: Guideline) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Return the incident symptoms, and each symptom episode with its tests."""
    rows = symptoms.grouped(computed(symptoms.incident(facts.episodes, facts.events, guideline)), guideline).lazy()
    return rows, held(symptoms.tested(rows, facts.episodes, facts.draws, guideline))


def _triggers(facts: Facts, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a trigger on drug, with its response."""
    candidates = triggers.candidates(facts.episodes, facts.draws, facts.bilirubin_days, facts.events, guideline)
    on_drug = triggers.on_drug(candidates, facts.episodes, facts.segments)
    return held(triggers.responses(on_drug, facts.episodes, guideline))
