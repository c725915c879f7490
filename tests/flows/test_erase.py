"""A person is forgotten: no kept release, history, mark or later night holds them, and all else stands as it was."""

import hashlib
import hmac
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from audit.frames import RELEASED
from flows import cli, exclusions, marks
from flows.editions import load
from flows.errors import Broken, Usage
from flows.marks import Mark
from flows.night import erase
from flows.night.lock import exclusive
from flows.night.order import Order, resolve
from flows.night.run import run_audit
from flows.release import CURRENT, mend, open_release
from flows.release import rewrite as release_rewrite
from tests.flows import cohort

DAYS = (date(2023, 10, 1), date(2023, 10, 2), date(2023, 10, 3))
GONE, THEIRS = "P002", "P002-20230303"
Tables = dict[str, pl.DataFrame]


def without_person(tables: Tables) -> Tables:
    return {name: table.filter(pl.col("patient_id") != GONE) for name, table in tables.items()}


def with_odd_rows(tables: Tables) -> Tables:
    """Rows of the person that are rejected, noted and of an unknown dose, and a line that is no row."""
    labs, exposures = tables["lab_results"], tables["drug_exposures"]
    odd = labs.filter(pl.col("patient_id") == GONE).head(2).with_columns(
        result_id=pl.Series(["odd1", "odd2"]), value=pl.Series([None, 30.0]), reference_high=pl.Series([40.0, 900.0])
    )  # fmt: skip
    dose = exposures.filter(pl.col("patient_id") == GONE).head(1).with_columns(
        exposure_id=pl.lit("odd3"), daily_dose_mg=pl.lit(9000.0)
    )  # fmt: skip
    return tables | {"lab_results": pl.concat([labs, odd]), "drug_exposures": pl.concat([exposures, dose])}


def write(folder: Path, day: date, *changes: Callable[[Tables], Tables]) -> Path:
    folder.mkdir(parents=True)
    tables = cohort.tables(6)
    for change in changes:
        tables = change(tables)
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv")
    (folder / "extract.json").write_text(json.dumps({"extracted_on": day.isoformat()}))
    return folder


def at_the_full_dose(tables: Tables) -> Tables:
    """On the first night two people restarted at the full dose, which is corrected on the second."""
    exposures = tables["drug_exposures"]
    is_restart = pl.col("patient_id").is_in(["P000", GONE]) & pl.col("end_date").is_null()
    dose = pl.when(is_restart).then(100.0).otherwise("daily_dose_mg").alias("daily_dose_mg")
    return tables | {"drug_exposures": exposures.with_columns(dose)}


@pytest.fixture(autouse=True)
def no_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home of two nights with the person, and one without."""
    folder = tmp_path_factory.mktemp("erase")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
        for home, more in (("with", [with_odd_rows]), ("without", [without_person])):
            run_audit(Order(write(folder / f"{home}1", DAYS[0], *more, at_the_full_dose), folder / home))
            run_audit(Order(write(folder / f"{home}2", DAYS[1], *more), folder / home))
    return folder / "with", folder / "without"


@pytest.fixture
def home(nights: tuple[Path, Path], tmp_path: Path) -> Path:
    """The home with the person, with marks on a finding of theirs and of somebody else's."""
    copy = tmp_path / "home"
    shutil.copytree(nights[0], copy, symlinks=True)
    for episode in (THEIRS, "P001-20230302"):
        finding = {"verdict": "violation", "reason": "x", "event_date": None}
        marks.add(copy, Mark(episode, "RST-01", "seen", "Dr. Who", "calls P002"), "RUN", finding)
    return copy


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out audit.duckdb and the page, which take the longest."""
    monkeypatch.setattr("flows.release.publish.write_database", lambda _folder, _contents: None)
    monkeypatch.setattr("flows.night.forget.pages", lambda *_made: {"report.html": ""})


def releases(home: Path) -> list[Path]:
    return sorted((home / "releases").iterdir())


def texts(folder: Path) -> str:
    """All that a release says: its tables, its database and its other files."""
    said = [pl.read_parquet(file).write_ndjson() for file in sorted(folder.glob("*.parquet"))]
    if not (folder / "audit.duckdb").is_file():
        return "\n".join(said)
    with closing(duckdb.connect(str(folder / "audit.duckdb"), read_only=True)) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() "
            "UNION SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        said += [str(connection.execute(f"FROM {name}").fetchall()) for (name,) in names]
    said += [file.read_text() for file in folder.iterdir() if file.suffix in (".json", ".html")]
    return "\n".join(said)


def test_before_it_every_release_holds_the_person(home: Path) -> None:
    assert all(GONE in texts(folder) for folder in releases(home))


def test_no_kept_release_says_anything_of_the_person(home: Path) -> None:
    done = erase(home, f" {GONE} ")
    assert (done.releases.anew, done.releases.held, done.releases.removed, done.releases.unread) == (2, 2, 0, 0)
    assert [GONE in texts(folder) for folder in releases(home)] == [False, False]


@pytest.mark.usefixtures("no_database")
def test_what_stays_is_what_nights_without_the_person_say(home: Path, nights: tuple[Path, Path]) -> None:
    erase(home, GONE)
    names = {old.name: new.name for old, new in zip(releases(nights[1]), releases(home), strict=True)}
    columns = {"changes": "since_release", "history": "first_release"}
    for old, new in zip(releases(nights[1]), releases(home), strict=True):
        for file in sorted(old.glob("*.parquet")):
            if file.stem in ("conservation", "rejects", "unlisted", "implausible_limits", "expectations"):
                continue
            expected = pl.read_parquet(file)
            if column := columns.get(file.stem):
                expected = expected.with_columns(pl.col(column).replace(names))
            assert pl.read_parquet(new / file.name).equals(expected), file.stem


@pytest.mark.usefixtures("no_database")
def test_a_rejected_row_of_theirs_keeps_its_number_and_reason_alone(home: Path) -> None:
    before = pl.read_parquet(home / CURRENT / "rejects.parquet")
    erase(home, GONE)
    after = pl.read_parquet(home / CURRENT / "rejects.parquet")
    assert before["source_id"].to_list() == ["odd1"]
    assert after.drop("source_id", "row").equals(before.drop("source_id", "row"))
    assert after.select("source_id", "row").row(0) == (None, None)


def test_the_rewritten_releases_are_new_folders_in_the_same_chain(home: Path) -> None:
    first, second = (folder.name for folder in releases(home))
    files = {file.name for file in (home / CURRENT).iterdir()}
    erase(home, GONE)
    assert [folder.name for folder in releases(home)] == [f"{first}-1", f"{second}-1"]
    assert (home / CURRENT).resolve().name == f"{second}-1"
    current = open_release(home)
    assert (current.said["run_id"], current.said["predecessor"]) == (f"{second}-1", f"{first}-1")
    assert current.table("changes")["since_release"].unique().to_list() == [f"{first}-1"]
    assert set(current.table("history")["first_release"]) == {f"{first}-1"}
    assert {file.name for file in current.folder.iterdir()} == files
    assert current.said["outputs"]["findings.parquet"] == current.table("findings").height
    assert not [file for file in current.folder.iterdir() if file.stat().st_mode & 0o222]
    erase(home, "P004")
    assert [folder.name for folder in releases(home)] == [f"{first}-2", f"{second}-2"]
    assert not list(home.glob("releases/.*"))


def test_a_later_night_leaves_the_person_out_and_reports_no_change(home: Path, tmp_path: Path) -> None:
    erase(home, GONE)
    done = run_audit(Order(write(tmp_path / "third", DAYS[2], with_odd_rows), home))
    assert GONE not in texts(done.release)
    assert done.since.changes.is_empty()
    theirs = {
        name: table.filter(pl.col("patient_id") == GONE).height
        for name, table in with_odd_rows(cohort.tables(6)).items()
    }
    expected = [
        f"{name}: {n} row{' was' if n == 1 else 's were'} left out, of people who are to be forgotten"
        for name, n in theirs.items()
        if n
    ]
    assert sorted(note for note in done.notes if "left out" in note) == sorted(expected)
    assert theirs["patients"] == 1


@pytest.mark.usefixtures("no_database")
def test_marks_of_the_person_go_and_others_stay(home: Path) -> None:
    done = erase(home, GONE)
    assert done.marks == 1
    assert marks.read(home).select("episode_id", "note").rows() == [("P001-20230302", None)]
    assert GONE.encode() not in b"".join(file.read_bytes() for file in home.glob("marks.sqlite*"))


@pytest.mark.parametrize("other", ["P00", "P0022", "P002-20230303", "p002", "P.02"])
def test_nobody_else_is_taken_out(home: Path, other: str) -> None:
    release = open_release(home)
    tables = {frame.name: release.table(frame.name) for frame in RELEASED}
    left = release_rewrite.without_person(tables, other, load("dr-oracle-2025"))
    assert [name for name, table in tables.items() if not left[name].equals(table)] == []
    assert marks.forget(home, other) == 0


@pytest.mark.usefixtures("no_database")
def test_the_store_holds_a_keyed_hash_alone(home: Path) -> None:
    erase(home, GONE)
    said = json.loads((home / "erased.json").read_text())
    key = bytes.fromhex((home / "erased.key").read_text())
    assert len(key) == 32
    assert said == {
        "schema_version": 1,
        "people": [{"hash": hmac.new(key, GONE.encode(), hashlib.sha256).hexdigest(), "is_done": True}],
    }
    assert {path.stat().st_mode & 0o777 for path in (home / "erased.json", home / "erased.key")} == {0o600}


@pytest.mark.usefixtures("no_database")
def test_the_log_keeps_that_it_happened_no_more(home: Path) -> None:
    erase(home, GONE)
    erase(home, GONE)
    lines = [json.loads(line) for line in (home / "audit.log").read_text().splitlines()]
    assert [(line["did"], line["releases"], line["removed"]) for line in lines] == 2 * [("erase", 2, 0)]
    assert {frozenset(line) for line in lines} == {frozenset({"at", "did", "releases", "removed"})}


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(
    ("file", "text"), [("erased.key", None), ("erased.key", ""), ("erased.key", "no hex"), ("erased.json", "{")]
)
def test_where_the_exclusions_cannot_be_read_nothing_runs(
    home: Path, tmp_path: Path, file: str, text: str | None
) -> None:
    erase(home, GONE)
    (home / file).unlink()
    if text is not None:
        (home / file).write_text(text)
    with pytest.raises(Broken):
        resolve(Order(write(tmp_path / "third", DAYS[2]), home))
    with pytest.raises(Broken):
        erase(home, "P004")


@pytest.mark.usefixtures("no_database")
def test_a_newer_store_is_refused(home: Path) -> None:
    erase(home, GONE)
    (home / "erased.json").write_text(json.dumps({"schema_version": 2, "people": []}))
    with pytest.raises(Usage, match="newer program"):
        exclusions.read(home)


def killed(monkeypatch: pytest.MonkeyPatch, name: str, nth: int) -> None:
    """Die at the nth call of a function of the rewriting."""
    real, calls = getattr(release_rewrite, name), []

    def dies(*given: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == nth:
            raise KeyboardInterrupt
        return real(*given, **options)

    monkeypatch.setattr(release_rewrite, name, dies)


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(
    ("name", "nth"),
    [("_write", 1), ("_write", 2), ("place", 1), ("place", 2), ("turn", 1), ("remove", 1), ("remove", 2)],
)
def test_a_killed_erasure_is_told_and_completed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, nth: int
) -> None:
    with monkeypatch.context() as patch:
        killed(patch, name, nth)
        with pytest.raises(KeyboardInterrupt):
            erase(home, GONE)
    assert (home / CURRENT / "manifest.json").is_file()
    assert exclusions.read(home).unfinished == 1
    plan = resolve(Order(write(tmp_path / "third", DAYS[2]), home))
    assert plan.alarms == ("releases may still hold one person to be forgotten: run `rechallenge erase` again",)
    mend(home)
    assert len([path for path in releases(home) if not path.name.startswith(".")]) == 2
    erase(home, GONE)
    assert [GONE in texts(folder) for folder in releases(home)] == [False, False]
    assert exclusions.read(home).unfinished == 0


@pytest.mark.usefixtures("no_database")
def test_a_release_that_cannot_be_written_anew_goes(home: Path) -> None:
    first = releases(home)[0]
    (first / "slots.parquet").unlink()
    (home / "releases" / "odd").mkdir()
    done = erase(home, GONE)
    assert (done.releases.anew, done.releases.removed, done.releases.unread) == (1, 1, 1)
    assert [folder.name for folder in releases(home)] == [f"{(home / CURRENT).resolve().name}", "odd"]
    assert open_release(home).said["predecessor"] is not None


@pytest.mark.usefixtures("no_database")
def test_a_current_release_that_cannot_be_written_anew_stays_and_says_so(home: Path) -> None:
    (home / CURRENT / "slots.parquet").unlink()
    with pytest.raises(Broken, match="run `rechallenge audit` first"):
        erase(home, GONE)
    assert len(releases(home)) == 4 - 1  # a half-written folder, which the next run sweeps away
    assert exclusions.read(home).unfinished == 1


@pytest.mark.parametrize("given", ["", "  "])
def test_nobody_is_named_by_an_empty_id(home: Path, given: str) -> None:
    with pytest.raises(Usage):
        erase(home, given)


def test_a_home_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage):
        erase(tmp_path, GONE)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_database")
def test_the_store_of_marks_stays_usable(home: Path) -> None:
    erase(home, GONE)
    marks.add(
        home, Mark("P001-20230302", "RST-02", "seen", "X"), "RUN", {"verdict": "a", "reason": "b", "event_date": None}
    )
    with closing(sqlite3.connect(home / "marks.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM marks").fetchone() == (2,)


@pytest.mark.usefixtures("no_database")
def test_a_release_of_an_earlier_schema_is_written_anew_in_todays(home: Path) -> None:
    file = home / CURRENT / "manifest.json"
    said = json.loads(file.read_text()) | {"schema_version": 1}
    file.unlink()
    file.write_text(json.dumps(said))
    (home / CURRENT / "sensitivity.parquet").unlink()
    assert open_release(home).table("sensitivity").is_empty()
    assert erase(home, GONE).releases.anew == 2
    assert open_release(home).said["schema_version"] == 2
    assert pl.read_parquet(home / CURRENT / "sensitivity.parquet").is_empty()


def test_the_page_is_made_anew_without_the_person(home: Path) -> None:
    report = home / CURRENT / "report.html"
    assert THEIRS in report.read_text()
    erase(home, GONE)
    text = report.read_text()
    assert GONE not in text
    assert (home / CURRENT).resolve().name in text


@pytest.mark.usefixtures("no_database")
def test_the_command_tells_what_it_did_and_cannot_reach_and_names_nobody(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["erase", "--home", str(home), GONE]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith("2 kept releases written anew; 2 of them held the person. 1 mark taken out.")
    assert "What this cannot reach: backups and copies of the home, exports" in out
    assert GONE not in out
    assert cli.run(["erase", "--home", str(home), GONE]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "0 of them held the person. No kept release held this id" in out
    assert cli.run(["erase", "--home", str(home), GONE, GONE]) == 2
    assert GONE not in capsys.readouterr().err


def test_who_runs_is_not_disturbed(home: Path) -> None:
    with exclusive(home):
        assert cli.run(["erase", "--home", str(home), GONE]) == 4
    assert not (home / "erased.json").exists()
