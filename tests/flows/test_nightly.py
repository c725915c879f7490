"""A night's audit: five steps, one release or none, the same from the same input, one run at a time."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from audit.frames import RELEASED
from flows.editions import load
from flows.errors import Locked, Refused, Usage
from flows.night import steps
from flows.night.lock import exclusive
from flows.night.order import Order, StepFailed, resolve
from flows.night.run import STEPS, run_audit
from tests.flows import cohort

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort.write_extract(tmp_path_factory.mktemp("in") / "extract", 12)


@pytest.fixture(scope="module")
def done(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release."""
    home = tmp_path_factory.mktemp("home")
    run_audit(Order(extract, home))
    return home


def manifest_of(home: Path) -> dict:
    return json.loads((home / "current" / "manifest.json").read_text())


def contents_of(home: Path) -> dict[Path, bytes]:
    """Every file of the current release."""
    folder = (home / "current").resolve()
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_night_publishes_every_file_of_the_contract(done: Path) -> None:
    names = {path.name for path in (done / "current").iterdir()}
    assert {f"{frame.name}.parquet" for frame in RELEASED} <= names
    assert {
        "manifest.json",
        "audit.duckdb",
        "report.html",
        "checks.html",
        "unlisted.parquet",
        "matched.parquet",
    } <= names
    assert sorted(path.name for path in done.iterdir()) == [".lock", "current", "releases"]


def test_no_column_of_a_table_or_view_is_a_word_that_must_be_quoted(done: Path) -> None:
    reserved = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    columns = "select table_name, column_name from duckdb_columns() where not internal"
    with closing(duckdb.connect(str(done / "current" / "audit.duckdb"), read_only=True)) as connection:
        found = connection.execute(f"{columns} and lower(column_name) in ({reserved})").fetchall()
        names = {name for name, _ in connection.execute(columns).fetchall()}
    assert found == []
    assert {"worklist", "evidence", "unlisted", "expectations"} <= names


def test_the_release_says_what_the_audit_says_of_the_same_rows(done: Path) -> None:
    judged = cohort.judged(12)
    for name in ("breaks", "episodes", "slots", "findings", "measures"):
        frame = getattr(judged, name)
        keys = next(declared.keys for declared in RELEASED if declared.name == name)
        assert pl.read_parquet(done / "current" / f"{name}.parquet").equals(frame.sort(keys)), name


def test_the_release_says_what_the_other_reference_says_of_every_finding(done: Path) -> None:
    findings, twice = (pl.read_parquet(done / "current" / f"{name}.parquet") for name in ("findings", "sensitivity"))
    own = twice.select("episode_id", "rule_id", verdict="verdict_effective")
    assert own.equals(findings.select("episode_id", "rule_id", "verdict"))
    assert twice["verdict_literal"].null_count() < twice.height


def test_the_manifest_says_what_was_done_with_what(done: Path, extract: Path) -> None:
    said, edition = manifest_of(done), load()
    assert (done / "current").readlink().name == said["run_id"]
    assert said["as_of"] == cohort.AS_OF.isoformat()
    assert said["guideline"]["id"] == edition.id
    assert said["guideline"]["review_status"] == "content is pending human review"
    assert said["parameters_hash"] == edition.hash
    assert set(said["parameters"]) == set(edition.parameters)
    assert len(said["codelists_hash"]) == 64
    assert said["code"]["version"]
    assert {one["table"]: one["bytes"] for one in said["extract"]} == {
        path.stem: path.stat().st_size for path in extract.glob("*.csv")
    }
    assert all(len(one["sha256"]) == 64 and one["rows"] > 0 for one in said["extract"])
    assert list(said["seconds"]) == list(STEPS)
    for name, rows in said["outputs"].items():
        assert pl.read_parquet(done / "current" / name).height == rows, name


def test_every_row_of_the_extract_is_accounted_for(done: Path) -> None:
    conserved = manifest_of(done)["conservation"]
    assert {row["table_name"]: row["read"] for row in conserved if row["read"]} == {
        name: table.height for name, table in cohort.tables(12).items()
    }
    for row in conserved:
        assert row["read"] == sum(count for name, count in row.items() if name not in ("table_name", "read"))


def test_two_nights_over_the_same_extract_write_the_same_bytes(done: Path, extract: Path, tmp_path: Path) -> None:
    run_audit(Order(extract, tmp_path))
    one, two = contents_of(done), contents_of(tmp_path)
    assert one.keys() == two.keys()
    differing = {path.name for path in one if one[path] != two[path]}
    assert differing <= {"manifest.json", "report.html", "checks.html", "audit.duckdb", "history.parquet"}
    first, second = (
        pl.read_parquet(home / "current" / "history.parquet").drop("first_release") for home in (done, tmp_path)
    )
    assert first.equals(second)  # it names the run that first had a finding
    ids = [manifest_of(home)["run_id"] for home in (done, tmp_path)]
    pages = [
        files[Path("report.html")].decode().replace(name, "RUN") for files, name in zip((one, two), ids, strict=True)
    ]
    assert pages[0] == pages[1]
    tables, again = tables_of(done), tables_of(tmp_path)
    del tables["history"], again["history"]
    assert tables == again


def tables_of(home: Path) -> dict[str, list[tuple]]:
    with closing(duckdb.connect(str(home / "current" / "audit.duckdb"), read_only=True)) as connection:
        names = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return {name: connection.execute(f"from {name}").fetchall() for (name,) in names}


def test_the_option_comes_before_the_extracts_own_date(extract: Path, tmp_path: Path) -> None:
    assert resolve(Order(extract, tmp_path)).as_of == cohort.AS_OF
    assert resolve(Order(extract, tmp_path, as_of=date(2023, 6, 1))).as_of == date(2023, 6, 1)


def test_an_extract_older_than_the_as_of_date_is_told(extract: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    for as_of, is_told in ((date(2023, 12, 31), False), (date(2024, 1, 1), True)):
        run_audit(Order(extract, tmp_path, as_of=as_of))
        said = "the extract was taken on 2023-12-31, before the as-of date" in "".join(manifest_of(tmp_path)["notes"])
        assert said is is_told


def test_without_an_as_of_date_nothing_is_begun(tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in", as_of=None)
    with pytest.raises(Usage, match="as-of"):
        run_audit(Order(extract, tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_site_file_changes_a_value_and_the_manifest_says_so(extract: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("tolerance_weekly = 6\n")
    plan = resolve(Order(extract, tmp_path, site=site))
    assert plan.guideline["tolerance_weekly"].value == 6
    assert plan.guideline.overlaid == ("tolerance_weekly",)


def test_refused_data_publishes_nothing_and_leaves_the_old_release(extract: Path, tmp_path: Path) -> None:
    run_audit(Order(extract, tmp_path / "home"))
    before = contents_of(tmp_path / "home")
    bad = cohort.write_extract(tmp_path / "bad", 12)
    labs = pl.read_csv(bad / "lab_results.csv").with_columns(unit=pl.lit("furlongs"))
    labs.write_csv(bad / "lab_results.csv")
    with pytest.raises(Refused, match="lab_results"):
        run_audit(Order(bad, tmp_path / "home"))
    assert contents_of(tmp_path / "home") == before
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [".lock", "current", "releases"]
    assert len(list((tmp_path / "home" / "releases").iterdir())) == 1


def test_a_second_run_in_the_same_home_is_turned_away(extract: Path, tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(Locked, match="another audit"):
        run_audit(Order(extract, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_home_whose_current_is_a_folder_is_not_touched(extract: Path, tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(Usage, match="no link"):
        run_audit(Order(extract, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


def test_an_unforeseen_error_keeps_its_words_and_leaves_nothing_behind(
    extract: Path, tmp_path: Path, monkeypatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("patient P001 has ALT 480")

    monkeypatch.setattr(steps, "judge_restarts", fail)
    with pytest.raises(StepFailed) as caught:
        run_audit(Order(extract, tmp_path))
    assert str(caught.value) == "the step judge failed (ValueError); the last release stays in place"
    assert caught.value.__context__ is None
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


DIE_HERE = """
import os, signal, sys
from pathlib import Path
from flows.intake import suites as gx
from flows import night
from flows.night import steps

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

gx.run = lambda _connection, _tables: []  # its suites take seconds, and are not what dies here
{death}
night.run_audit(night.Order(Path(sys.argv[1]), Path(sys.argv[2])))
"""
DEATHS = {
    "reading": "steps.sources.receive = die",
    "checking": "steps.intake.check = die",
    "staging": "steps.intake.stage = die",
    "judging": "steps.judge_restarts = die",
    "comparing": "steps.compared = die",
    "releasing": "steps.publish_release = die",
    "rendering": "steps.render_report = die",
}


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS.keys())
def test_a_run_killed_in_any_step_changes_nothing_and_the_next_one_cleans_up(
    extract: Path, done: Path, tmp_path: Path, death: str, monkeypatch
) -> None:
    home = shutil.copytree(done, tmp_path / "home", symlinks=True)
    before, target = contents_of(home), (home / "current").readlink()
    script = [sys.executable, "-c", DIE_HERE.format(death=death), str(extract), str(home)]
    assert subprocess.run(script, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert (home / "current").readlink() == target
    assert contents_of(home) == before
    assert list(home.glob(".work.*"))
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    run_audit(Order(extract, home))
    assert sorted(path.name for path in home.iterdir()) == [".lock", "current", "releases"]
    assert (home / "current").readlink() != target
    assert len(list((home / "releases").iterdir())) == 2
