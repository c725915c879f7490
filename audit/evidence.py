"""Evidence: for every verdict the extract's own rows that it rests on.

Grain: episode_id, rule_id, role, source_table, source_id, date. Values in canonical units.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from audit.derive.after import recurrence
from audit.derive.facts import Facts, computed, held
from audit.derive.restart import workup
from audit.derive.restart.injury import largest_first, of_episode
from audit.frames import EVIDENCE
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"
ANY_DATE = pl.lit(None, dtype=pl.Int32)


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules were judged on."""

    facts: Facts
    last_results: pl.LazyFrame
    workup: pl.LazyFrame
    inrs: pl.LazyFrame
    covering: pl.LazyFrame
    slots: pl.LazyFrame
    symptoms: pl.LazyFrame
    tested: pl.LazyFrame
    triggers: pl.LazyFrame
    recurrences: pl.LazyFrame


def evidence(found: Found, findings: pl.DataFrame, guideline: Guideline) -> pl.DataFrame:
    """Return the evidence of every finding that applies."""
    judged = findings.lazy().filter(pl.col("verdict") != "not_applicable").select(EPISODE, "rule_id")
    rows = [
        *_restarts(found, judged),
        *_before_restart(found, guideline),
        *_monitoring(found),
        *_stops(found, guideline),
    ]
    keys = EVIDENCE.keys
    # One after the other: together they would hold every join's hash table at once.
    every = pl.concat([computed(row) for row in rows]).lazy().join(judged, on=[EPISODE, "rule_id"], how="semi")
    return computed(every.sort(*keys, "limit_value", nulls_last=True).unique(keys, keep="first"))


_COLUMNS = [pl.col(name).cast(pl.Int32) if name == "date" else pl.col(name) for name in EVIDENCE.names]


def _expr(value: str | pl.Expr) -> pl.Expr:
    return pl.lit(value) if isinstance(value, str) else value


def _labs(rows: pl.LazyFrame, rule: str | pl.Expr, role: str, limit: pl.Expr | None = None) -> pl.LazyFrame:
    """Return lab results (with episode_id) as evidence."""
    return rows.select(
        EPISODE,
        "concept",
        "date",
        "value",
        "comparator",
        "unit",
        "x_uln",
        "x_reference",
        rule_id=_expr(rule),
        role=pl.lit(role),
        source_table=pl.lit("lab_results"),
        source_id="result_id",
        limit_value=pl.lit(None, dtype=pl.Float64) if limit is None else limit,
    ).select(_COLUMNS)


def _others(
    rows: pl.LazyFrame, rule: pl.Expr, role: pl.Expr, table: str, source_id: str, **given: pl.Expr
) -> pl.LazyFrame:
    """Return rows of another table (with episode_id, date, concept) as evidence."""
    empty = {name: pl.lit(None, dtype=pl.Float64) for name in ("value", "x_uln", "x_reference", "limit_value")}
    text = {name: pl.lit(None, dtype=pl.String) for name in ("comparator", "unit")}
    return rows.with_columns(
        **(empty | text | given), rule_id=rule, role=role, source_table=pl.lit(table), source_id=pl.col(source_id)
    ).select(_COLUMNS)


def _exposures(rows: pl.LazyFrame, rule: str | pl.Expr, role: str | pl.Expr) -> pl.LazyFrame:
    """Return exposure records (with episode_id) as evidence; the value is the daily dose."""
    return _others(
        rows.with_columns(date="start"),
        _expr(rule),
        _expr(role),
        "drug_exposures",
        "exposure_id",
        value=pl.col("daily_dose_mg"),
        unit=pl.lit("mg/d"),
    )


def _events(rows: pl.LazyFrame, rule: str, role: str) -> pl.LazyFrame:
    return _others(rows, pl.lit(rule), pl.lit(role), "clinical_events", "event_id")


def _course_records(found: Found, course: pl.Expr, day: pl.Expr, side: str) -> pl.LazyFrame:
    """Return the audited drug's records of an episode's course that begin (start) or end (end) on a day."""
    asked = found.facts.episodes.select(EPISODE, PATIENT, course=course, asked_on=day)
    return asked.join(found.facts.numbered, on=[PATIENT, "course"]).filter(pl.col(side) == pl.col("asked_on"))


def _restarts(found: Found, judged: pl.LazyFrame) -> Iterable[pl.LazyFrame]:
    """Every finding that applies rests on the stop and the restart."""
    course = pl.col("course")
    restart = _course_records(found, course, pl.col("restart_date"), "start")
    stop = _course_records(found, course - 1, pl.col("stop_date") - 1, "end")
    for role, rows in (("restart", restart), ("stop", stop)):
        yield _exposures(rows.join(judged, on=EPISODE), pl.col("rule_id"), role)
    yield from _deaths(found, judged)


def _deaths(found: Found, judged: pl.LazyFrame) -> Iterable[pl.LazyFrame]:
    """So it does on a death that was not used, and on the row that contradicts it."""
    dead = (
        found.facts.episodes.select(EPISODE, PATIENT)
        .join(found.facts.patients.filter(pl.col("death_note").is_not_null()), on=PATIENT)
        .join(judged, on=EPISODE)
    )
    told = dead.with_columns(date="death_date", concept=pl.lit("death"))
    yield _others(told, pl.col("rule_id"), pl.lit("death"), "patients", PATIENT)
    contradicted = dead.filter(pl.col("active_on").is_not_null()).with_columns(
        date="active_on", concept="active_concept"
    )
    for table in ("lab_results", "drug_exposures"):
        rows = contradicted.filter(pl.col("active_table") == table)
        yield _others(rows, pl.col("rule_id"), pl.lit("after_death"), table, "active_id")


def _before_restart(found: Found, guideline: Guideline) -> Iterable[pl.LazyFrame]:
    """Evidence of RST-01 to RST-08."""
    facts, episodes = found.facts, found.facts.episodes
    yield _labs(found.last_results, "RST-01", "pre_restart", pl.col("limit"))
    yield from _baselines(found, ("RST-01",), ("alt", "ast"))
    yield _others(
        found.workup.filter(pl.col("source_table") == "lab_results"),
        pl.lit("RST-02"),
        pl.lit("workup"),
        "lab_results",
        "source_id",
    )
    yield _others(
        found.workup.filter(pl.col("source_table") == "clinical_events"),
        pl.lit("RST-02"),
        pl.lit("workup"),
        "clinical_events",
        "source_id",
    )
    known = workup.events_between(
        episodes, facts.events, ("autoimmune_hepatitis",), ANY_DATE.fill_null(-1_000_000), pl.col("restart_date")
    )
    yield _events(known, "RST-02", "autoimmune_hepatitis")
    for rule, roles in (("RST-03", ("dose_before", "dose_restart")), ("RST-04", ("dose_at_onset", "dose_restart"))):
        yield _exposures(
            found.covering.filter(pl.col("role").is_in(roles)).with_columns(concept=pl.lit(guideline.audited_drug)),
            rule,
            pl.col("role"),
        )
    onset = of_episode(episodes, facts.enzymes, pl.col("onset_date"), pl.col("onset_date"))
    yield _labs(onset, "RST-04", "onset")
    spell = held(of_episode(episodes, facts.enzymes, pl.col("onset_date"), pl.col("restart_date") - 1))
    moderate, severe = guideline["grade_moderate_min_x_uln"].number, guideline["grade_severe_gt_x_uln"].number
    for rule, multiple in (("RST-06", moderate), ("RST-07", severe)):
        yield _labs(largest_first(spell, [EPISODE]), rule, "peak", multiple * pl.col("uln"))
        censored = spell.filter(pl.col("is_censored"), pl.col("moderate_possible"))
        yield _labs(censored, rule, "censored", multiple * pl.col("uln"))
    yield _events(workup.benefit_risk(episodes, facts.events), "RST-06", "benefit_risk")
    yield _events(workup.decompensation_events(episodes, facts.events), "RST-08", "decompensation")
    results = held(facts.referenced.filter(pl.col("concept") == "inr"))
    limits = (guideline["inr_decompensation_min"].number, guideline["decompensation_bilirubin_x_uln"].number)
    inrs = found.inrs.filter(pl.col("decides") | pl.col("may_decide"))
    inr = inrs.select(EPISODE, "result_id").unique().join(results, on="result_id")
    yield _labs(inr, "RST-08", "inr", pl.lit(limits[0]))
    bilirubin = (
        inrs.select(EPISODE, result_id="bilirubin_id").drop_nulls().unique().join(facts.bilirubins, on="result_id")
    )
    yield _labs(bilirubin, "RST-08", "bilirubin", limits[1] * pl.col("uln"))


def _baselines(found: Found, rules: tuple[str, ...], concepts: tuple[str, ...]) -> Iterable[pl.LazyFrame]:
    """Return the results that the used baselines rest on."""
    used = found.facts.baselines.filter(pl.col("baseline").is_not_null(), pl.col("concept").is_in(concepts))
    sources = found.facts.baseline_sources.join(used, on=[PATIENT, "concept"], how="semi")
    rows = found.facts.episodes.select(EPISODE, PATIENT).join(sources, on=PATIENT)
    return [_labs(rows, rule, "baseline") for rule in rules]


def _monitoring(found: Found) -> Iterable[pl.LazyFrame]:
    """Evidence of MON-01 to MON-05 and STP-06: the draws that met slots, symptoms and what followed."""
    enzymes, episodes = found.facts.enzymes, found.facts.episodes.select(EPISODE, PATIENT)
    met = found.slots.filter(pl.col("met_on").is_not_null()).select(EPISODE, "rule_id", date="met_on")
    draws = met.join(episodes, on=EPISODE).join(enzymes, on=[PATIENT, "date"])
    yield _labs(draws, pl.col("rule_id"), "slot")
    for rule, days in (
        ("MON-05", {"draw": "draw_date"}),
        ("STP-06", {"draw": "draw_date", "follow_up": "next_draw"}),
    ):
        yield _events(found.symptoms, rule, "symptom")
        for role, column in days.items():
            asked = found.tested.select(EPISODE, PATIENT, date=column).drop_nulls().unique()
            yield _labs(asked.join(enzymes, on=[PATIENT, "date"]), rule, role)


def _stops(found: Found, guideline: Guideline) -> Iterable[pl.LazyFrame]:
    """Evidence of STP-01 to STP-05: what triggered, what followed."""
    facts, episodes = found.facts, found.facts.episodes
    limits = {
        "STP-01": pl.min_horizontal(
            guideline["stop_multiple"].number * pl.col("reference"), pl.lit(guideline["stop_absolute_u_l"].number)
        ),
        "STP-02": guideline["stop_symptom_multiple"].number * pl.col("reference"),
        "STP-03": guideline["stop_bili_enzyme_multiple"].number * pl.col("reference"),
    }
    flags = {"STP-01": "at_interrupt", "STP-02": "at_symptom", "STP-03": "at_bilirubin"}
    named = found.triggers.join(episodes.select(EPISODE, PATIENT, "course"), on=EPISODE)
    enzymes = facts.enzymes.with_columns(
        at_interrupt_possible=pl.col("at_stop_possible") | pl.col("at_absolute_possible")
    )
    for rule, limit in limits.items():
        mine = named.filter(pl.col("rule_id") == rule)
        days = mine.select(EPISODE, PATIENT, date="enzyme_date").unique()
        reached = days.join(enzymes, on=[PATIENT, "date"]).filter(f"{flags[rule]}_possible")
        yield _labs(reached, rule, "trigger", limit)
        last = mine.select(EPISODE, PATIENT, "course", end="run_end").unique()
        yield _exposures(last.join(facts.numbered, on=[PATIENT, "course", "end"]), rule, "response")
    symptoms = _on_other_day(named, "STP-02").join(
        facts.events.filter(pl.col("concept").str.starts_with("symptom_")), on=[PATIENT, "date"]
    )
    yield _events(symptoms, "STP-02", "symptom")
    bilirubin = _on_other_day(named, "STP-03").join(
        facts.bilirubins.filter("at_stop_bilirubin_possible"), on=[PATIENT, "date"]
    )
    multiple = guideline["stop_bili_multiple"].number
    yield _labs(bilirubin, "STP-03", "bilirubin", multiple * pl.col("reference"))
    yield from _afterwards(found, guideline)
    yield from _baselines(found, ("STP-01", "STP-02", "STP-04"), ("alt", "ast"))
    yield from _baselines(found, ("STP-03", "STP-05"), ("alt", "ast", "bilirubin_total"))


def _on_other_day(named: pl.LazyFrame, rule: str) -> pl.LazyFrame:
    """Return the days of a rule's symptoms or bilirubins that pair with its enzymes."""
    return named.filter(pl.col("rule_id") == rule).select(EPISODE, PATIENT, date="other_date").unique()


def _afterwards(found: Found, guideline: Guideline) -> Iterable[pl.LazyFrame]:
    """Evidence of STP-04 (recurrence, third exposure) and STP-05 (mild rise, stop)."""
    facts, episodes = found.facts, found.facts.episodes
    days = found.recurrences.select(EPISODE, "date").unique().join(episodes.select(EPISODE, PATIENT), on=EPISODE)
    recurred = days.join(facts.enzymes, on=[PATIENT, "date"])
    yield _labs(recurred, "STP-04", "recurrence", guideline["recurrence_min_x_ref"].number * pl.col("reference"))
    further = _course_records(found, pl.col("course") + 1, pl.col("further_start"), "start")
    yield _exposures(further, "STP-04", "third_exposure")
    last = _course_records(found, pl.col("course"), pl.col("last_dose"), "end")
    yield _exposures(last, "STP-04", "response")
    yield _exposures(last, "STP-05", "response")
    window = recurrence.lookback(episodes, guideline)
    is_inside = pl.col("date").is_between("from_day", "end_day")
    values = window.join(pl.concat([facts.enzymes, facts.bilirubins], how="diagonal"), on=PATIENT).filter(is_inside)
    yield _labs(values, "STP-05", "lookback", pl.col("reference"))
