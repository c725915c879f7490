"""Each received table is shown beside its usual rows, and one with less than half of them is the first line."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from expectations import TABLES
from flows import cli
from flows.night import Done, Order, run_audit
from flows.pages import report
from flows.references.site import Site
from flows.release.freshness import Freshness, Usual, Volume, usual_rows
from flows.wording import DASH
from tests.flows.extracts import EXPOSURE, RESULT, STAY, described
from tests.flows.markup import tree

DAY = date(2024, 2, 3)
NAMES = [table.name for table in TABLES]
ONE_EACH = ", ".join(f"{name} 1" for name in NAMES)


@pytest.fixture(autouse=True)
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations is slow to start and asks nothing here; an audit runs without Prefect."""
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    monkeypatch.setattr("flows.night.conduct", run_audit)


def released(home: Path, *counted: Mapping[str, int], column: str = "table_name") -> list[str]:
    """Write the manifests of releases, the oldest first and last by name, and return their ids in that order.

    `column` is the name under which they tell a table.
    """
    ids = [f"run{len(counted) - place}" for place in range(len(counted))]
    for place, (name, rows) in enumerate(zip(ids, counted, strict=True)):
        folder = home / "releases" / name
        folder.mkdir(parents=True)
        said = {
            "started_at": f"2024-01-{place + 1:02d}T02:00:00+00:00",
            "conservation": [{column: table, "read": read} for table, read in rows.items()],
        }
        (folder / "manifest.json").write_text(json.dumps(said))
    return ids


def results(n: int) -> list[dict[str, Any]]:
    """Return so many results."""
    return [{**RESULT, "result_id": f"r{place}"} for place in range(n)]


def feed(rows: Mapping[str, int], usual: Usual) -> Freshness:
    """Return a feed of today with these rows."""
    return Freshness(DAY, DAY, newest_result=DAY, newest_draw=DAY, newest_exposure=DAY, rows=rows, usual=usual)


def warned(rows: int, *history: int, home: Path) -> list[str]:
    """Return the warnings of a table with these rows after releases with those."""
    released(home, *({"labs": read} for read in history))
    return feed({"labs": rows}, usual_rows(home)).warnings(Site())


@pytest.mark.parametrize(("rows", "is_told"), [(49, True), (50, False), (51, False), (0, True), (1000, False)])
def test_a_table_with_less_than_half_of_its_usual_rows_is_told(tmp_path: Path, rows: int, is_told: bool) -> None:
    words = f"labs has {rows} rows, less than half of the usual 100 (median of the last 7 releases)"
    history = (1, 1, 1, 90, 100, 100, 100, 100, 110, 5000)
    assert warned(rows, *history, home=tmp_path) == ([words] if is_told else [])


@pytest.mark.parametrize(
    ("rows", "history", "said"),
    [
        (0, (), None),
        (10, (20,), None),
        (9, (20,), "labs has 9 rows, less than half of the usual 20 (median of the last release)"),
        (1, (3,), "labs has 1 row, less than half of the usual 3 (median of the last release)"),
        (1, (2, 3), "labs has 1 row, less than half of the usual 2.5 (median of the last 2 releases)"),
        (2, (3, 4), None),
        (2, (1, 2, 6, 900), None),
        (2, (1, 2, 9, 900), "labs has 2 rows, less than half of the usual 5.5 (median of the last 4 releases)"),
        (0, (0, 0, 0), None),
        (0, (0, 0, 0, 8), None),
        (0, (0, 8), "labs has 0 rows, less than half of the usual 4 (median of the last 2 releases)"),
        (
            1200,
            (3000, 2401),
            "labs has 1,200 rows, less than half of the usual 2,700.5 (median of the last 2 releases)",
        ),
    ],
)
def test_the_median_of_few_releases(tmp_path: Path, rows: int, history: Sequence[int], said: str | None) -> None:
    assert warned(rows, *history, home=tmp_path) == ([said] if said else [])


def test_the_last_seven_releases_are_those_started_last_and_are_named(tmp_path: Path) -> None:
    ids = released(tmp_path, *({"labs": read} for read in range(1, 10)))
    assert usual_rows(tmp_path) == Usual({"labs": 6.0}, tuple(ids[2:]))
    assert usual_rows(tmp_path / "nowhere") == Usual()


def test_releases_that_wrote_the_name_of_a_table_otherwise_count_too(tmp_path: Path) -> None:
    released(tmp_path, {"labs": 10, "stays": 4}, column="table")
    (tmp_path / "releases" / "run1").rename(tmp_path / "releases" / "earlier")
    released(tmp_path, {"labs": 30, "stays": 4})
    assert usual_rows(tmp_path) == Usual({"labs": 20.0, "stays": 4.0}, ("earlier", "run1"))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"text"', '{"started_at": "2024"}', '{"started_at": "2024", "conservation": [1]}', "[" * 100_000]
    + [
        f'{{"started_at": "2024-02-01", "conservation": [{{"table_name": "labs", "read": {read}}}]}}'
        for read in ("null", '"many"', "Infinity", "NaN", "[]")
    ]
    + ['{"started_at": "2024-02-01", "conservation": [{"read": 5}]}'],
)
def test_a_release_without_a_readable_manifest_tells_nothing(tmp_path: Path, text: str) -> None:
    [good] = released(tmp_path, {"labs": 20})
    for name in ("broken", ".half.partial"):
        (tmp_path / "releases" / name).mkdir()
        (tmp_path / "releases" / name / "manifest.json").write_text(text)
    assert usual_rows(tmp_path) == Usual({"labs": 20.0}, (good,))


@pytest.mark.parametrize(
    ("rows", "usual", "share"),
    [
        (0, None, DASH), (5, None, DASH), (0, 0.0, DASH), (5, 0.0, "new"), (0, 5.0, "0 %"), (5, 10.0, "50 %"),
        (4999, 10000.0, "49.9 %"), (49999, 100000.0, "49.9 %"), (50001, 100000.0, "50 %"), (10, 10.0, "100 %"),
        (99999, 100000.0, "99.9 %"), (15, 10.0, "150 %"), (1, 10000.0, "below 0.1 %"),
    ],
)  # fmt: skip
def test_the_share_of_the_usual_rows_in_per_cent(rows: int, usual: float | None, share: str) -> None:
    assert Volume("labs", rows, usual).share == share


def test_the_line_shows_each_table_by_value() -> None:
    usual = Usual({"labs": 1190.5, "drugs": 30.0, "stays": 0.0}, ("a", "b"))
    [days, rows] = feed({"labs": 1200, "drugs": 12, "stays": 3, "events": 4}, usual).lines()
    assert days == (
        "Extracted on 2024-02-03, as of 2024-02-03; newest result 2024-02-03, newest draw 2024-02-03, "
        "newest exposure 2024-02-03."
    )
    assert rows == (
        "Rows received, beside the usual ones (median of the last 2 releases): labs 1,200 (usual 1,190.5), "
        "drugs 12 (usual 30), stays 3 (usual 0), events 4 (not counted before)."
    )
    assert feed({"labs": 1200}, Usual()).lines()[1] == (
        "Rows received, with nothing to compare them with (no earlier release): labs 1,200."
    )


def test_what_is_not_known_is_said() -> None:
    unknown = Freshness(None, None, newest_result=DAY, newest_draw=None, newest_exposure=None)
    assert unknown.lines()[0] == (
        "Extracted on an unknown day, as of an unknown day; newest result 2024-02-03, newest draw none, "
        "newest exposure none."
    )
    assert unknown.warnings(Site()) == ["the feed holds no exposure"]
    assert Freshness(None, DAY, DAY, DAY, DAY).feed_end == DAY


def everywhere(
    folder: Path, home: Path, site: Path, nightly: ModuleType, capsys: pytest.CaptureFixture[str]
) -> tuple[str, str, list[str], str]:
    """Audit an extract; return what check and terminal print, the artifact's paragraphs and the page's text."""
    given = ["--extract", str(folder), "--home", str(home), "--site", str(site)]
    assert cli.run(["check", *given]) == 0
    check = capsys.readouterr().out
    done: list[Done] = []
    left: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.night.conduct", lambda order: done.append(run_audit(order)) or done[0])
        patch.setattr(nightly, "create_table_artifact", lambda **artifact: left.append(artifact))
        assert cli.run(["audit", *given]) == 0
        nightly.tell(done[0])
    assert left[0]["table"] == done[0].summary()
    page = tree((home / "current" / "report.html").read_text(encoding="utf-8"))
    return check, capsys.readouterr().out, left[0]["description"].split("\n\n"), page.words


def site_of(tmp_path: Path, days: int) -> Path:
    """Return a site file that allows the newest rows so many days."""
    site = tmp_path / "site.toml"
    site.write_text(f"max_result_age_days = {days}")
    return site


@pytest.mark.parametrize(
    ("table", "rows", "usual", "tables", "is_low"),
    [
        ("lab_results", 3, 8, {"lab_results": results(3)}, True),
        ("lab_results", 4, 8, {"lab_results": results(4)}, False),
        ("lab_results", 5, 8, {"lab_results": results(5)}, False),
        ("inpatient_stays", 0, 3, {"inpatient_stays": None}, True),
        ("inpatient_stays", 0, 0, {"inpatient_stays": None}, False),
        ("inpatient_stays", 1, 0, {"inpatient_stays": [STAY]}, False),
    ],
    ids=["just below half", "half", "above half", "went missing", "never there", "new tonight"],
)
def test_terminal_artifact_page_and_check_show_the_rows_and_warn_alike(
    nightly: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    table: str,
    rows: int,
    usual: int,
    tables: Mapping[str, Any],
    is_low: bool,
) -> None:
    counts = dict.fromkeys(NAMES, 1) | {table: usual}
    home = tmp_path / "home"
    released(home, counts, counts, counts)
    folder = described(tmp_path, {"extracted_on": str(DAY)}, **tables)
    check, terminal, artifact, page = everywhere(folder, home, site_of(tmp_path, 40), nightly, capsys)
    line = f"Warning: {table} has {rows} rows, less than half of the usual {usual} (median of the last 3 releases)."
    before, _, after = page.partition("Restarts of azathioprine after raised liver enzymes as of")
    firsts = [check.splitlines()[0], terminal.splitlines()[0], artifact[0], before.strip()]
    assert [first.endswith(line) for first in firsts] == [is_low] * 4
    assert ("Warning" in "".join((check, terminal, *artifact, page))) is is_low
    for said in (check, terminal, artifact[-1]):
        unfolded = " ".join(said.split())
        assert (
            "Rows received, beside the usual ones (median of the last 3 releases): patients 1 (usual 1), " in unfolded
        )
        assert f"{table} {rows} (usual {usual})" in unfolded
    for said in (check, terminal, artifact[-2]):
        days = "newest result 2024-02-01, newest draw 2024-02-01, newest exposure 2024-01-01."
        assert f"Extracted on 2024-02-03, as of 2024-02-03; {days}" in " ".join(said.split())
    assert "Newest result 2024-02-01 Newest draw 2024-02-01 Newest exposure 2024-01-01" in after
    assert "Rows received beside the usual ones (median of the last 3 releases) Table Rows Usual Share" in after
    share = Volume(table, rows, usual).share
    assert f"{table} {'less than half ' if is_low else ''}{rows} {usual} {share}" in after
    assert "The releases compared with, the oldest first: run3 run2 run1 " in after


@pytest.mark.parametrize(("allowed", "is_told"), [(1, True), (2, False), (3, False)])
def test_the_newest_result_is_told_alike_at_its_limit(
    nightly: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], allowed: int, is_told: bool
) -> None:
    drugs = [{**EXPOSURE, "start_date": "2024-02-02"}]
    folder = described(tmp_path, {"extracted_on": str(DAY)}, drug_exposures=drugs)
    (tmp_path / "home").mkdir()
    said = everywhere(folder, tmp_path / "home", site_of(tmp_path, allowed), nightly, capsys)
    line = (
        "Warning: the newest result is of 2024-02-01, 2 days before the end of the feed on 2024-02-03"
        f" (max_result_age_days {allowed})."
    )
    firsts = [said[0].splitlines()[0], said[1].splitlines()[0], said[2][0]]
    assert [first == line for first in firsts] == [is_told] * 3
    assert (line in said[3].partition("Restarts of azathioprine after raised liver enzymes as of")[0]) is is_told
    assert ("Warning" in "".join((said[0], said[1], *said[2], said[3]))) is is_told
    compared = f"Rows received, with nothing to compare them with (no earlier release): {ONE_EACH}."
    assert [compared in " ".join(one.split()) for one in (said[0], said[1], said[2][-1])] == [True] * 3
    assert "Rows received (no earlier release to compare them with) Table Rows patients 1 " in said[3]
    assert "compared with, the oldest first" not in said[3]


def test_the_check_without_any_day_shows_what_it_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = described(tmp_path, {})
    assert cli.run(["check", "--extract", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(
        "Extracted on an unknown day, as of an unknown day; newest result 2024-02-01, newest draw "
    )


def test_no_verdict_changes_for_a_warning(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": "2024-06-30"})
    quiet = tmp_path / "quiet.toml"
    quiet.write_text("max_result_age_days = 3652058")
    usual = dict.fromkeys(NAMES, 1) | {"lab_results": 900}
    released(tmp_path / "loud", usual, usual)
    plain = run_audit(Order(folder, tmp_path / "plain", site=quiet))
    loud = run_audit(Order(folder, tmp_path / "loud"))
    assert (plain.fed.warnings, len(loud.fed.warnings)) == ([], 3)
    files = {path.name: path.read_bytes() for path in plain.release.glob("*.parquet")}
    assert files == {path.name: path.read_bytes() for path in loud.release.glob("*.parquet")}
    assert len(files) > 10


def test_a_page_without_freshness_has_no_table_of_it() -> None:
    assert report.volumes(None) == {"rows": [], "low": [], "releases": (), "of": ""}


def test_a_run_is_not_compared_with_itself(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": str(DAY)})
    first = run_audit(Order(folder, tmp_path / "home"))
    second = run_audit(Order(folder, tmp_path / "home"))
    assert (first.fed.freshness.usual.releases, second.fed.freshness.usual.releases) == ((), (first.run_id,))
    assert second.fed.freshness.usual.rows == dict.fromkeys(NAMES, 1.0)
