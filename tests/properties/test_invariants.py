"""Properties of the audit that need no second implementation."""

from dataclasses import fields, replace
from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from audit import frames, vocabulary
from audit.changes import Edition, Findings, Night
from audit.frames import Judged, Staged
from audit.guideline import overlay
from audit.judge import judge
from audit.rules import register
from flows.release.declared import fault
from tests.steady import dated, moved

from .chart import Chart, new_chart, number, on
from .staging import audited, edition, extracted, staged
from .strategies import Cohort, cohorts, midway, pending

RULES = set(register(edition()))
SOURCES = {
    "patients": ("patients", "patient_id"),
    "lab_results": ("labs", "result_id"),
    "drug_exposures": ("exposures", "exposure_id"),
    "clinical_events": ("events", "event_id"),
    "inpatient_stays": ("stays", "stay_id"),
}
# A share of the profile's examples: the comparison with the oracle needs the most, and some here audit many times.
some = settings(max_examples=settings().max_examples // 4)
few = settings(max_examples=settings().max_examples // 10)


def verdicts(judged: Judged) -> dict[tuple[str, date, str], str]:
    """Patient, restart and rule -> verdict."""
    restarts = judged.episodes.select("episode_id", "restart_date")
    rows = judged.findings.join(restarts, on="episode_id").select("patient_id", "restart_date", "rule_id", "verdict")
    return {row[:3]: row[3] for row in rows.iter_rows()}


def assert_same(one: Judged, two: Judged) -> None:
    """Every released frame is equal, rows and order; the rows kept as they are written, by their keys."""
    for name in (*(declared.name for declared in frames.JUDGED), "unknown_doses", "row_notes"):
        assert_frame_equal(getattr(one, name), getattr(two, name))
    for declared in frames.KEPT:
        kept = (getattr(judged.kept, declared.name).sort(declared.keys) for judged in (one, two))
        assert_frame_equal(*kept)


def of_patients(judged: Judged, charts: list[Chart]) -> Judged:
    """What a cohort's audit says of some of its patients; measures, which count all of them, are left empty."""
    kept = pl.col("patient_id").is_in([chart.patient_id for chart in charts])
    episodes = judged.episodes.filter(kept)
    cut = {
        name: getattr(judged, name).join(
            episodes.select("episode_id"), on="episode_id", how="semi", maintain_order="left"
        )
        for name in ("status_to_date", "urgency", "slots", "evidence")
    }
    return Judged(
        breaks=judged.breaks.filter(kept),
        episodes=episodes,
        findings=judged.findings.filter(kept),
        measures=frames.MEASURES.empty(),
        unknown_doses=judged.unknown_doses.filter(
            pl.col("exposure_id").is_in([row["exposure_id"] for chart in charts for row in chart.exposures])
        ),
        row_notes=judged.row_notes.filter(pl.col("source_id").is_in([chart.patient_id for chart in charts])),
        kept=frames.Kept(**{one.name: getattr(judged.kept, one.name).filter(kept) for one in frames.KEPT}),
        **cut,
    )


def staged_from(kept: frames.Kept, given: frames.Staged) -> frames.Staged:
    """The staged frames made of the rows that a release keeps, without a look at the extract."""
    found = Findings(frames.EPISODES.empty(), frames.FINDINGS.empty())
    lacks = frozenset(name for name in ("events", "stays") if getattr(given, name) is None)
    return Night(0, Edition(None, {}), kept, found, lacks).staged(kept.patients)


def shifted(frame: pl.DataFrame, days: int) -> pl.DataFrame:
    """Every date of a frame, so many days later."""
    return frame.with_columns(pl.col(pl.Date) + timedelta(days=days))


@some
@given(cohorts())
def test_frames_have_the_declared_schema_and_are_sorted_and_unique_by_their_keys(cohort: Cohort):
    judged = audited(cohort)
    for declared in (*frames.JUDGED, frames.ROW_NOTES, frames.UNKNOWN_DOSES):
        assert fault(declared, getattr(judged, declared.name)) == "", declared.name
    for declared in frames.KEPT:
        assert fault(declared, getattr(judged.kept, declared.name).sort(declared.keys)) == "", declared.name


@some
@given(cohorts())
def test_every_episode_has_one_verdict_of_the_vocabulary_for_every_rule(cohort: Cohort):
    judged = audited(cohort)
    for (_,), rows in judged.findings.group_by("episode_id"):
        assert sorted(rows["rule_id"]) == sorted(RULES)
    assert set(judged.findings["episode_id"]) == set(judged.episodes["episode_id"])
    assert set(judged.findings["verdict"]) <= set(vocabulary.VERDICTS)
    assert set(judged.breaks["break_class"]) <= set(vocabulary.BREAK_CLASSES)
    assert not judged.findings.select(pl.col("reason", "message").is_null().any()).to_numpy().any()


@some
@given(cohorts())
def test_every_finding_points_at_rows_of_the_input_beside_the_stop_and_the_restart(cohort: Cohort):
    judged, given_rows = audited(cohort), staged(cohort)
    for source, (name, key) in SOURCES.items():
        table = getattr(given_rows, name)
        ids = set() if table is None else set(table[key])
        used = judged.evidence.filter(pl.col("source_table") == source)["source_id"]
        assert set(used) <= ids, source
    assert set(judged.evidence["source_table"]) <= set(SOURCES)
    own = judged.evidence.filter(~pl.col("role").is_in(["stop", "restart", "death", "after_death"]))
    bare = judged.findings.join(own, on=["episode_id", "rule_id"], how="anti")
    assert bare.select("rule_id", "verdict", "reason").is_empty(), bare.select("rule_id", "verdict", "reason").rows()


@some
@given(cohorts())
def test_the_rows_kept_agree_with_the_episodes_and_their_evidence(cohort: Cohort):
    judged = audited(cohort)
    courses, labs = judged.kept.courses, judged.kept.labs
    restarts = judged.episodes.drop("last_dose_date", "days_covered").join(judged.status_to_date, on="episode_id")
    restarts = restarts.join(courses, left_on=["patient_id", "restart_date"], right_on=["patient_id", "start_date"])
    last = pl.col("last_dose_date") + pl.duration(days=1)
    before = judged.episodes.join(courses.with_columns(stop_date=last), on=["patient_id", "stop_date"], validate="1:1")
    assert restarts.height == before.height == judged.episodes.height
    for known, kept, name in (
        (restarts["dose_restart_mg"], restarts["dose_at_start_mg"], "dose_restart_mg"),
        (restarts["last_dose_date"], restarts["last_dose_date_right"], "last_dose_date"),
        (restarts["days_covered"], restarts["days_covered_right"], "days_covered"),
        (before["dose_before_mg"], before["dose_at_end_mg"], "dose_before_mg"),
    ):
        assert known.to_list() == kept.to_list(), name
    shown = judged.evidence.filter(source_table="lab_results").join(labs, on="source_id", how="left", validate="m:1")
    for name in ("x_uln", "x_reference", "value", "unit", "comparator"):
        known = shown.filter(pl.col(name).is_not_null())
        assert known[name].to_list() == known[f"{name}_right"].to_list(), name


@few
@given(cohorts())
def test_the_rows_kept_are_judged_as_the_extract_was(cohort: Cohort):
    judged, rows = audited(cohort), staged(cohort)
    numbers = overlay(edition(), cohort.overlay)
    assert_same(judge(staged_from(judged.kept, rows), numbers, on(cohort.as_of), extracted(cohort)), judged)


@few
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_rows_does_not_matter(cohort: Cohort, random):
    rows = staged(cohort)
    mixed = {}
    for name in (field.name for field in fields(Staged)):
        table = getattr(rows, name)
        mixed[name] = table if table is None else table[random.sample(range(len(table)), len(table))]
    numbers = overlay(edition(), cohort.overlay)
    assert_same(judge(rows, numbers, on(cohort.as_of)), judge(Staged(**mixed), numbers, on(cohort.as_of)))


@few
@given(cohorts(most=2), cohorts(most=2))
def test_other_patients_change_nothing(cohort: Cohort, other: Cohort):
    renamed = [rename(chart, f"Q-{chart.patient_id}") for chart in other.charts]
    alone = audited(cohort)
    together = audited(replace(cohort, charts=[*cohort.charts, *renamed]))
    assert_same(of_patients(alone, cohort.charts), of_patients(together, cohort.charts))


def rename(chart: Chart, patient_id: str) -> Chart:
    """The same chart under another patient id, with row ids to match."""

    def again(rows: list[dict]) -> list[dict]:
        return [{name: named(name, value) for name, value in row.items()} for row in rows]

    def named(name: str, value: object) -> object:
        return f"Q-{value}" if name.endswith("_id") and name not in ("patient_id", "site_id") else value

    def owned(rows: list[dict]) -> list[dict]:
        return [row | {"patient_id": patient_id} for row in again(rows)]

    patient = chart.patient | {"patient_id": patient_id}
    return Chart(patient, owned(chart.labs), owned(chart.exposures), owned(chart.events), owned(chart.stays))


@few
@given(cohorts(), st.sampled_from((-1000, -1, 1, 59, 366)))
def test_shifting_every_date_shifts_every_answer(cohort: Cohort, days: int):
    rows, numbers = staged(cohort), overlay(edition(), cohort.overlay)
    # A year of birth, which a death is held against, does not move by days.
    rows = replace(rows, patients=rows.patients.with_columns(birth_year=pl.lit(None, dtype=pl.Int64)))
    moved = {
        field.name: None if getattr(rows, field.name) is None else shifted(getattr(rows, field.name), days)
        for field in fields(Staged)
    }
    here = judge(rows, numbers, on(cohort.as_of))
    there = judge(Staged(**moved), numbers, on(cohort.as_of + days))
    assert_frame_equal(shifted(here.breaks, days), there.breaks)
    # Ids and messages are made from dates; everything else is compared in an order that does not hang on the id.
    for name, keys in (
        ("episodes", ["patient_id", "restart_date"]),
        ("findings", ["patient_id", "restart_date", "rule_id"]),
        ("slots", ["patient_id", "restart_date", "rule_id", "slot"]),
    ):
        one, two = (undated(judged, name, keys) for judged in (here, there))
        assert_frame_equal(shifted(one, days), two)


def undated(judged: Judged, name: str, keys: list[str]) -> pl.DataFrame:
    """A frame with its episode named by patient and restart, without the texts that spell a date."""
    named = judged.episodes.select("episode_id", "patient_id", "restart_date")
    frame = getattr(judged, name)
    missing = [column for column in named.columns if column not in frame.columns]
    joined = frame.join(named.select("episode_id", *missing), on="episode_id") if missing else frame
    return joined.sort(keys).drop("episode_id", "message", strict=False)


@few
@given(cohorts())
def test_a_concept_that_no_rule_reads_changes_nothing_but_the_rows_kept(cohort: Cohort):
    plain = audited(cohort)
    for chart in cohort.charts:
        chart.lab(number(chart.exposures[1]["start_date"]), "ck", 900.0, 200.0)
        chart.lab(-5, "albumin", 2.0, 3.5)
        chart.take(-50, None, 100.0, drug="febuxostat")
        if cohort.has_events:
            chart.event(0, "cholecystectomy")
    now = audited(cohort)
    unread = {"labs": pl.col("analyte").is_in(["ck", "albumin"]), "exposures": pl.col("concept") == "febuxostat"}
    unread["events"] = pl.col("concept") == "cholecystectomy"
    rest = {name: getattr(now.kept, name).filter(~is_unread) for name, is_unread in unread.items()}
    assert_same(plain, replace(now, kept=replace(now.kept, **rest)))
    assert now.kept.labs.height == rest["labs"].height + 2 * len(cohort.charts)


@few
@given(st.one_of(pending(), midway()), st.integers(2, 400))
def test_nothing_moves_before_the_day_announced(known: Cohort, far: int):
    rows = staged(known)
    happened = dated(getattr(rows, name) for name in ("patients", "labs", "exposures", "events", "stays"))
    now = audited(known)
    announced = sorted(set(now.findings["next_change_on"]) - {None})
    assert all(day > on(known.as_of) for day in announced)
    days = {known.as_of + 1, known.as_of + far, known.as_of + 1000}
    days |= {number(day) + step for day in announced[:3] for step in (-1, 0)}
    day = known.as_of
    for next_day in sorted(days - {day}):
        then = audited(known, next_day)
        found = moved(now, then, (on(day), on(next_day)), happened)
        assert not found, f"from day {day} to {next_day}: {found}\n{known!r}"
        now, day = then, next_day


def test_no_patient_gives_every_frame_empty():
    nobody = Cohort([], 100)
    judged = audited(nobody)
    for declared in frames.JUDGED:
        found = getattr(judged, declared.name)
        assert found.schema == declared.schema
        assert declared.name == "measures" or found.is_empty()


def test_a_patient_who_never_took_the_drug_has_no_break():
    assert audited(Cohort([new_chart()], 100)).breaks.is_empty()
