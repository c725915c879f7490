"""From staged frames to judged frames: the order of the derivations, and nothing else.

Pure: no clock, no files. Days are integers inside; dates come in and go out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from audit import evidence, frames, measures, urgency
from audit import kept as rows_kept
from audit.calendar import EPOCH, as_dates
from audit.derive.derived import Derived, derive_more
from audit.derive.described import described
from audit.derive.facts import Facts, computed, derive, held
from audit.derive.patient import breaks
from audit.derive.proofs.sources import sources
from audit.derive.restart import doses
from audit.evaluate import evaluate
from audit.frames import Judged, Staged
from audit.guideline import Guideline
from audit.parameters import ACT_NOW_DAYS
from audit.rule import Rule
from audit.rules import EVERY, register
from audit.vocabulary import WORKUP

PATIENT, EPISODE = "patient_id", "episode_id"


def judge(
    staged: Staged,
    guideline: Guideline,
    as_of: date,
    extracted_on: date | None = None,
    act_now_days: int = ACT_NOW_DAYS,
) -> Judged:
    """Judge every restart in the staged frames as known on the as-of date.

    The feed ends with the earlier of the as-of date and the last day that the extract covers whole (`extracted_on`).
    `act_now_days`: how long after its event a violation is to be acted on now; it decides no verdict.
    """
    found = _found(staged, guideline, as_of, extracted_on)
    derived, wide, findings = found.derived, found.wide, found.findings
    facts = derived.facts
    shown = evidence.evidence(sources(derived, guideline), wide, findings, found.rules, EVERY)
    slots = _ordered(_dated(computed(derived.slots)), frames.SLOTS)
    proof = _typed(_dated(shown), frames.EVIDENCE)  # it comes in the order of its keys
    still = urgency.still_reaching(proof, findings, facts.referenced, wide)
    urgent = _ordered(urgency.urgency(findings, wide, slots, still, guideline, act_now_days), frames.URGENCY)
    judged = _judged(wide).join(urgency.gravest(urgent), on=EPISODE, how="left")
    return Judged(
        breaks=_breaks(facts, guideline),
        episodes=_ordered(_standing(judged), frames.EPISODES),
        status_to_date=_ordered(judged, frames.STATUS_TO_DATE),
        urgency=urgent,
        slots=slots,
        findings=findings,
        evidence=proof,
        measures=_ordered(measures.measures(judged, findings, guideline), frames.MEASURES),
        row_notes=_death_notes(facts),
        unknown_doses=computed(
            doses.ambiguous(derived.twins).select("exposure_id", reason=pl.lit("ambiguous_orders")).sort("exposure_id")
        ),
        kept=rows_kept.kept(staged, derived, guideline),
    )


def judged_alone(staged: Staged, guideline: Guideline, as_of: date, extracted_on: date | None = None) -> pl.DataFrame:
    """Return the findings as `judge` finds them, without the rows that they rest on."""
    return _found(staged, guideline, as_of, extracted_on).findings


@dataclass(frozen=True, slots=True)
class _Found:
    """What was judged, and on what: all that a release shows is made of it."""

    derived: Derived
    wide: pl.LazyFrame
    rules: Collection[Rule]
    findings: pl.DataFrame


def _found(staged: Staged, guideline: Guideline, as_of: date, extracted_on: date | None) -> _Found:
    """Derive what the rules ask, and ask them."""
    feed_end = as_of if extracted_on is None else min(as_of, extracted_on)
    facts = derive(staged, guideline, (feed_end - EPOCH).days)
    derived, folds = derive_more(facts, staged, guideline)
    wide = held(described(derived, guideline, has_events=staged.events is not None))
    rules = register(guideline).values()
    findings = _ordered(pl.concat([computed(evaluate(rule, wide, folds)) for rule in rules]), frames.FINDINGS)
    return _Found(derived, wide, rules, findings)


def _judged(wide: pl.LazyFrame) -> pl.DataFrame:
    """Return the episodes with all that is released of them, as of today."""
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
    return _dated(computed(released))


def _standing(episodes: pl.DataFrame) -> pl.DataFrame:
    """Return the episodes without what moves with the day: a course that runs has no last day yet."""
    goes_on = ~pl.col("is_closed")
    runs = pl.col("is_running") & goes_on
    moving = [name for name in frames.MOVING if name != "observed_to"]
    return episodes.with_columns(
        *(pl.when(~runs).then(pl.col(name)).alias(name) for name in moving),
        observed_to=pl.when(~goes_on).then("observed_to"),
    )


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


def _typed(frame: pl.DataFrame, declared: frames.Frame) -> pl.DataFrame:
    """Return the declared columns, in order, typed."""
    return frame.select(pl.col(column.name).cast(column.dtype) for column in declared.columns)


def _ordered(frame: pl.DataFrame, declared: frames.Frame) -> pl.DataFrame:
    """Return the declared columns, in order, typed, sorted by the keys."""
    return _typed(frame, declared).sort(declared.keys, nulls_last=True)
