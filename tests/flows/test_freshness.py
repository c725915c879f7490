"""A feed that has died is refused or told in the first line, and nothing of it changes a verdict."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.errors import Refused
from flows.intake import dates
from flows.night.order import Order, resolve
from flows.night.run import STEPS, check_only, run_audit
from flows.references.bound import refer
from flows.references.site import Site
from flows.release.freshness import Freshness, end_of, first_line, require_fresh
from flows.terminal import outcome as show
from tests.flows.extracts import EXPOSURE, RESULT, described, extract, take

TAKEN = date(2024, 6, 30)


@pytest.mark.parametrize(("age", "is_refused"), [(-30, False), (0, False), (7, False), (8, True), (27000, True)])
def test_an_extract_is_refused_where_it_is_more_than_seven_days_older_than_the_as_of_date(age, is_refused) -> None:
    as_of = TAKEN + timedelta(age)
    if is_refused:
        with pytest.raises(Refused, match=f"taken on 2024-06-30, {age} days before the as-of date {as_of}") as caught:
            require_fresh(as_of, TAKEN, Site())
        assert caught.value.exit_code == 3
    else:
        require_fresh(as_of, TAKEN, Site())


def test_a_site_may_allow_older_extracts_and_one_without_a_date_is_not_asked() -> None:
    require_fresh(date(2024, 7, 8), TAKEN, Site(max_extract_age_days=8))
    require_fresh(date(2099, 1, 1), None, Site())
    with pytest.raises(Refused):
        require_fresh(date(2024, 7, 1), TAKEN, Site(max_extract_age_days=0))


def test_the_run_and_the_check_refuse_it_alike(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": "2024-06-30"})
    with pytest.raises(Refused, match="max_extract_age_days 7"):
        resolve(Order(folder, tmp_path / "home", date(2024, 7, 8)))
    with (
        pytest.raises(Refused, match="max_extract_age_days 7"),
        check_only(Order(folder, tmp_path).given, date(2024, 7, 8), refer("dr-oracle-2025", None, ())),
    ):
        pass
    assert not (tmp_path / "home").exists()
    assert resolve(Order(folder, tmp_path / "home", date(2024, 7, 7))).extracted_on == TAKEN


def test_the_feed_ends_with_the_earlier_of_the_two() -> None:
    assert end_of(date(2024, 7, 5), TAKEN) == TAKEN
    assert end_of(date(2024, 6, 1), TAKEN) == date(2024, 6, 1)
    assert end_of(date(2024, 7, 5), None) == date(2024, 7, 5)


def fresh(result: date | None = TAKEN, exposure: date | None = TAKEN, as_of: date = TAKEN) -> Freshness:
    """Return a feed by its newest rows."""
    return Freshness(as_of, TAKEN, newest_result=result, newest_draw=result, newest_exposure=exposure)


@pytest.mark.parametrize(("age", "is_told"), [(0, False), (7, False), (8, True)])
def test_results_or_exposures_that_have_stopped_coming_are_told(age: int, is_told: bool) -> None:
    old = TAKEN - timedelta(age)
    words = f"is of {old}, {age} days before the end of the feed on 2024-06-30 (max_result_age_days 7)"
    assert fresh(result=old).warnings(Site()) == ([f"the newest result {words}"] if is_told else [])
    assert fresh(exposure=old).warnings(Site()) == ([f"the newest exposure {words}"] if is_told else [])
    assert fresh(result=old).warnings(Site(max_result_age_days=8)) == []
    assert fresh(result=old, as_of=date(2024, 7, 5)).warnings(Site(max_result_age_days=7)) == fresh(old).warnings(
        Site()
    )


def test_a_feed_without_any_is_told() -> None:
    assert fresh(result=None).warnings(Site()) == ["the feed holds no result up to its end on 2024-06-30"]
    assert first_line(["one", "two"]) == "Warning: one; two."
    assert first_line([]) == ""


def test_the_newest_rows_are_those_of_the_whole_feed_up_to_its_end(tmp_path: Path) -> None:
    labs = [
        RESULT,
        {**RESULT, "result_id": "r2", "patient_id": "stranger", "collected_at": "2024-06-20"},
        {**RESULT, "result_id": "r3", "code": "creatinine", "collected_at": "2024-06-25"},
        {**RESULT, "result_id": "r4", "collected_at": "2024-07-01"},
        {**RESULT, "result_id": "r5", "collected_at": "2124-06-20"},
    ]
    drugs = [
        EXPOSURE,
        {**EXPOSURE, "exposure_id": "x2", "code": "aspirin", "start_date": "2024-06-21", "end_date": None},
    ]
    folder = extract(tmp_path / "extract", lab_results=labs, drug_exposures=drugs)
    assert take(folder, TAKEN).newest == {
        "newest_result": date(2024, 6, 25),
        "newest_draw": date(2024, 6, 20),
        "newest_exposure": date(2024, 6, 21),
    }
    (folder / "extract.json").write_text('{"extracted_on": "2024-06-24"}')
    assert take(folder, date(2024, 7, 2)).newest["newest_result"] == date(2024, 6, 20)


def newest_of(tmp_path: Path, as_of: date, changes: dict[str, str]) -> tuple[date | None, date | None]:
    """Return the newest result and exposure of a feed whose later result and exposure differ as said."""
    day, name = date(2024, 6, 20).isoformat(), "later"
    later = {**RESULT, "result_id": name, "collected_at": day, "recorded_at": None, **changes}
    drug = {**EXPOSURE, "exposure_id": name, "start_date": day, "end_date": None, "recorded_at": None}
    drug |= {column: value for column, value in changes.items() if column in drug}
    folder = extract(tmp_path / "extract", lab_results=[RESULT, later], drug_exposures=[EXPOSURE, drug])
    taken = take(folder, as_of).newest
    return taken["newest_result"], taken["newest_exposure"]


@pytest.mark.parametrize(
    ("changes", "result", "exposure"),
    [
        ({}, date(2024, 6, 20), date(2024, 6, 20)),
        ({"status": "cancelled"}, date(2024, 2, 1), date(2024, 6, 20)),
        ({"status": "entered-in-error"}, date(2024, 2, 1), date(2024, 6, 20)),
        ({"status": "preliminary"}, date(2024, 6, 20), date(2024, 6, 20)),
        ({"recorded_at": "2024-06-30"}, date(2024, 6, 20), date(2024, 6, 20)),
        ({"recorded_at": "2024-07-01"}, date(2024, 2, 1), date(2024, 1, 1)),
        ({"unit": "furlong"}, date(2024, 6, 20), date(2024, 6, 20)),
        ({"patient_id": "stranger", "code": "other"}, date(2024, 6, 20), date(2024, 6, 20)),
    ],
)
def test_a_row_that_does_not_exist_does_not_show_that_rows_still_come(
    tmp_path: Path, changes: dict[str, str], result: date, exposure: date
) -> None:
    assert newest_of(tmp_path, TAKEN, changes) == (result, exposure)


def test_a_row_moved_to_another_day_counts_as_it_is_now(tmp_path: Path) -> None:
    versions = [
        {**RESULT, "collected_at": "2024-06-20", "recorded_at": "2024-06-20"},
        {**RESULT, "collected_at": "2024-06-02", "recorded_at": "2024-06-21"},
    ]
    assert take(extract(tmp_path / "extract", lab_results=versions), TAKEN).newest["newest_result"] == date(2024, 6, 2)


def test_the_schedules_day_is_said_and_is_a_warning_where_the_extract_is_too_old(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": "2024-06-30"})
    order = Order(folder, tmp_path / "home", TAKEN)
    plan = resolve(order, date(2024, 7, 7))
    said = "the run was scheduled for 2024-07-07; it is as of 2024-06-30, on which the extract was taken"
    assert (plan.said, plan.alarms) == ((said,), ())
    late = resolve(order, date(2024, 7, 8))
    assert (late.said, late.alarms) == ((), (said.replace("07-07", "07-08"),))
    assert (resolve(order).said, resolve(order, TAKEN).said) == ((), ())


def test_the_face_of_a_release_and_its_first_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    folder = described(tmp_path, {"extracted_on": "2024-06-29"})
    done = run_audit(Order(folder, tmp_path / "home", TAKEN))
    manifest = json.loads((tmp_path / "home" / "current" / "manifest.json").read_text())
    face = {name: manifest[name] for name in ("extracted_on", "as_of", "newest_draw", "newest_exposure")}
    assert face == {
        "extracted_on": "2024-06-29",
        "as_of": "2024-06-30",
        "newest_draw": "2024-02-01",
        "newest_exposure": "2024-01-01",
    }
    assert [line[:32] for line in manifest["warnings"]] == [
        "the newest result is of 2024-02-",
        "the newest exposure is of 2024-0",
    ]
    older = "the extract was taken on 2024-06-29, before the as-of date 2024-06-30: observation ends with it"
    none_before = "changes: there is no release before this one, so nothing is compared"
    assert manifest["notes"][:4] == [*manifest["warnings"], none_before, older]
    page = (tmp_path / "home" / "current" / "report.html").read_text()
    assert first_line(done.fed.warnings) in page.replace("&#39;", "'")
    assert "Newest draw</dt><dd>2024-02-01" in page
    assert dates.extracted_on(folder) == date(2024, 6, 29)


@pytest.mark.parametrize("is_fresh", [True, False])
def test_what_is_wrong_with_the_feed_is_the_first_line_of_the_terminal(
    is_fresh: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    folder = described(tmp_path, {"extracted_on": "2024-02-03" if is_fresh else "2024-06-29"})
    site = tmp_path / "site.toml"
    site.write_text("max_result_age_days = 40")
    with show.progress():
        done = run_audit(Order(folder, tmp_path / "home", date(2024, 2, 3) if is_fresh else TAKEN, site=site))
    lines = capsys.readouterr().out.splitlines()
    steps = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    if is_fresh:
        assert (done.fed.warnings, steps) == ([], ["read", "check", "stage", "judge", "compare", "release"])
    else:
        assert lines[0].startswith("Warning: the newest result is of 2024-02-01")
        assert [step for step in steps if step in STEPS] == ["read", "check", "stage", "judge", "compare", "release"]


def test_a_run_that_fails_early_still_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = described(tmp_path, {"extracted_on": "2024-06-29"})
    (folder / "lab_results.csv").write_text((folder / "lab_results.csv").read_text().replace("U/L", "furlong"))
    with pytest.raises(Refused), show.progress():
        run_audit(Order(folder, tmp_path / "home", TAKEN))
    assert capsys.readouterr().out.startswith("read: 5 tables")
