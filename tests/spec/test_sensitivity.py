"""The released table `sensitivity`: every finding by `effective` and by `literal`, whichever the run is judged by."""

from collections.abc import Iterator

import polars as pl
import pytest

import audit.sensitivity
from audit.frames import SENSITIVITY, Judged
from audit.guideline import overlay
from audit.judge import judge, judged_alone
from audit.sensitivity import sensitivity
from flows.editions import load
from tests.spec.patients import Case, day, staged

# Baselines as means of three; the limit of STP-01 is 5 x E.
CASE = Case(
    9000,
    """
    who      | day              | what         | value
    all      |                  | without      | baseline
    normal   | -430, -420, -410 | alt          | 24
    normal   | 100              | alt          | 120
    below    | -430, -420, -410 | alt          | 24
    below    | 100              | alt          | 119
    abnormal | -430, -420, -410 | alt          | 60
    abnormal | 100              | alt          | 300
    none     | 100              | alt          | 120
    near     |                  | without      | injury
    near     | -430, -420, -410 | alt          | 50
    near     | -35              | alt          | 80
    yellow   | -430, -420, -410 | bilirubin_total | 0.6
    yellow   | 100              | alt          | 80
    yellow   | 100              | bilirubin_total | 1.2
    never    |                  | without      | injury
    """,
)
MODES = ("effective", "literal")


def both(case: Case, mode: str) -> tuple[Judged, pl.DataFrame]:
    """Return what a run finds and the table that it makes."""
    guideline, rows = overlay(load(), {"baseline_reference_mode": mode}), staged([case])
    judged = judge(rows, guideline, day(case.as_of))
    return judged, sensitivity(rows, judged, guideline, day(case.as_of))


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


@pytest.fixture(scope="module")
def found(mode: str) -> tuple[Judged, pl.DataFrame]:
    return both(CASE, mode)


def of(found: tuple[Judged, pl.DataFrame], rule: str) -> dict[str, tuple[str | None, str | None]]:
    """Return both verdicts of each patient on a rule."""
    judged, table = found
    rows = table.filter(pl.col("rule_id") == rule).join(judged.episodes, on="episode_id", maintain_order="left")
    columns = rows.select("patient_id", *(f"verdict_{name}" for name in MODES))
    return {row[0].split(".")[1]: row[1:] for row in columns.iter_rows()}


def test_a_normal_baseline_is_a_limit_by_literal_alone(found: tuple[Judged, pl.DataFrame], mode: str) -> None:
    answers = of(found, "STP-01")
    assert answers | dict.fromkeys(("near",)) == {
        "normal": ("not_applicable", "violation"),
        "below": ("not_applicable", "not_applicable"),
        "abnormal": ("violation", "violation"),
        "none": ("not_applicable", "not_applicable"),
        "yellow": ("not_applicable", "not_applicable"),
        "near": None,
    }
    assert of(found, "STP-03")["yellow"] == ("not_applicable", "violation")


def test_a_restart_that_the_other_reference_does_not_audit_has_no_verdict_by_it(
    found: tuple[Judged, pl.DataFrame], mode: str
) -> None:
    """ALT 80 is 2 x ULN 40 and 1.6 x a normal baseline of 50: an injury by `effective` alone."""
    judged, table = found
    is_there = "near" in of((judged, table), "STP-01")
    assert is_there is (mode == "effective")
    if is_there:
        rows = table.join(judged.episodes, on="episode_id").filter(pl.col("patient_id").str.ends_with(".near"))
        assert rows.height == len(load().rules) - len(load().taking("alternate_day"))
        assert rows["verdict_literal"].null_count() == rows.height
        assert rows["verdict_effective"].null_count() == 0


def test_it_has_a_row_for_each_finding_with_the_verdict_of_the_run(
    found: tuple[Judged, pl.DataFrame], mode: str
) -> None:
    judged, table = found
    assert table.schema == SENSITIVITY.schema
    own = table.select("episode_id", "rule_id", verdict=f"verdict_{mode}")
    assert own.equals(judged.findings.select("episode_id", "rule_id", "verdict"))


def test_the_other_verdicts_are_those_of_a_run_by_the_other_reference(
    found: tuple[Judged, pl.DataFrame], mode: str
) -> None:
    """Those who are not judged again are alike, too."""
    _, table = found
    [other] = {*MODES} - {mode}
    guideline, on = overlay(load(), {"baseline_reference_mode": other}), day(CASE.as_of)
    there = judged_alone(staged([CASE]), guideline, on).select("episode_id", "rule_id", there="verdict")
    held = table.join(there, on=["episode_id", "rule_id"], how="left")
    assert held.filter(pl.col(f"verdict_{other}").ne_missing(pl.col("there"))).height == 0
    assert held.drop_nulls("there").height > 0


def test_only_patients_with_a_normal_baseline_are_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def noted(rows: audit.frames.Staged, *given: object) -> pl.DataFrame:
        for frame in (rows.patients, rows.labs, rows.exposures, rows.events):
            assert frame is not None
            asked.append(sorted({one.split(".")[1] for one in frame["patient_id"]}))
        assert rows.stays is not None
        return judged_alone(rows, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(audit.sensitivity, "judged_alone", noted)
    both(CASE, "effective")
    assert asked == [["below", "near", "normal", "yellow"]] * 4


def test_a_table_that_the_extract_lacks_is_lacking_in_both() -> None:
    """RST-06 of a moderate injury is indeterminate without events, and no advisory."""
    text = CASE.text + "all | | without | clinical_events, inpatient_stays\nnormal | -34 | alt | 300\n"
    _, table = found = both(Case(9001, text), "effective")
    assert of(found, "RST-06")["normal"] == ("indeterminate", "indeterminate")
    assert table.height > 0


def test_the_end_of_the_feed_is_the_same_for_both() -> None:
    rows, guideline = staged([CASE]), load()
    judged = judge(rows, guideline, day(CASE.as_of), day(99))
    assert judged.sensitivity.equals(SENSITIVITY.empty())
    table = sensitivity(rows, judged, guideline, day(CASE.as_of), day(99))
    assert of((judged, table), "STP-01")["normal"] == ("not_applicable", "not_applicable")


def test_without_an_episode_there_is_no_row() -> None:
    _, table = both(Case(9002, "day | what | value\n | without | injury"), "effective")
    assert table.equals(SENSITIVITY.empty())
