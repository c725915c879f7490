"""A release is whole or not there, says the same twice, and can be read by people who have only DuckDB."""

import json
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pytest

from audit.frames import ACCOUNT, HISTORY, JUDGED, KEPT, REJECTS, RELEASED, SINCE, SOURCE_ROWS
from flows.editions import load
from flows.errors import Broken
from flows.release import current, manifest
from flows.release import publish as release
from flows.release.contents import Contents
from flows.release.views import View, views
from tests.flows import cohort

EMPTY = {frame.name: frame.empty() for frame in RELEASED}
NAME = "case when schema_name = 'main' then view_name else schema_name || '.' || view_name end"
OF_SINCE = {"analyst.changes", "analyst.history", "analyst.marks"}  # of which the release of these tests has no row
ABOUT = manifest.about(load(), "2023-12-31")


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """The tables of a release over twelve patients."""
    judged = cohort.judged(12)
    rejects = pl.DataFrame(
        [["lab_results", 7, "R7", "unit_unknown", "the unit is known", "{}"]], schema=REJECTS.schema, orient="row"
    )
    source_rows = pl.DataFrame(
        [
            ("labs", "lab_results", "left_out", "no_person", 2), ("labs", "lab_results", "carried", None, 7),
            ("labs", None, "not_mapped", None, 1),
        ],
        schema=SOURCE_ROWS.schema, orient="row",
    )  # fmt: skip
    accounted = {frame.name: frame.empty() for frame in ACCOUNT} | {"rejects": rejects, "source_rows": source_rows}
    kept = {frame.name: getattr(judged.kept, frame.name) for frame in KEPT}
    since = {frame.name: frame.empty() for frame in SINCE}
    return {frame.name: getattr(judged, frame.name) for frame in JUDGED} | since | kept | accounted


def views_of(*places: str) -> list[View]:
    return [view for view in views() if view.place in places]


def contents(tables: dict[str, pl.DataFrame], word: str = "new") -> Contents:
    """A release with a word of its own."""
    return Contents(tables, ABOUT, {"report.html": f"<p>{word}</p>"}, lambda: {"word": word})


def published(home: Path, run_id: str, tables: dict[str, pl.DataFrame]) -> Path:
    return release.publish(home, run_id, contents(tables, run_id))


def said(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def database(folder: Path) -> "closing[duckdb.DuckDBPyConnection]":
    return closing(duckdb.connect(str(folder / "audit.duckdb"), read_only=True))


def test_a_release_holds_every_declared_table_with_its_declared_columns(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    for frame in RELEASED:
        assert pl.read_parquet_schema(folder / f"{frame.name}.parquet") == frame.schema
        with database(folder) as connection:
            columns = [row[0] for row in connection.execute(f"describe {frame.name}").fetchall()]
        assert columns == frame.names
    assert {"manifest.json", "report.html", "audit.duckdb"} <= {path.name for path in folder.iterdir()}


def test_tables_are_sorted_by_their_keys_however_they_come(tmp_path: Path, tables) -> None:
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=1) for name, table in tables.items()}
    folder = published(tmp_path, "run", shuffled)
    for frame in RELEASED:
        written = pl.read_parquet(folder / f"{frame.name}.parquet")
        assert written.equals(written.sort(frame.keys, nulls_last=True)), frame.name


def test_two_releases_of_the_same_rows_are_the_same_bytes(tmp_path: Path, tables) -> None:
    first, second = published(tmp_path, "one", tables), published(tmp_path, "two", tables)
    for path in sorted(first.glob("*.parquet")):
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    with database(first) as one, database(second) as two:
        for (name,) in one.execute("select table_name from duckdb_tables() order by 1").fetchall():
            assert one.execute(f"from {name}").fetchall() == two.execute(f"from {name}").fetchall(), name


def test_every_file_says_under_which_edition_it_was_judged(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    for path in folder.glob("*.parquet"):
        found = pl.read_parquet_metadata(path)
        assert ABOUT.items() <= found.items(), path.name
    with database(folder) as connection:
        assert dict(connection.execute("from about").fetchall()) == ABOUT


def test_every_view_answers_and_says_what_it_means(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    with database(folder) as connection:
        views = dict(connection.execute(f"select {NAME}, comment from duckdb_views() where not internal").fetchall())
        assert set(views) == {view.said for view in views_of("main", "analyst")}
        for name, comment in views.items():
            assert comment.endswith("."), name
            rows = connection.execute(f"select count(*) from {name}").fetchone()[0]
            assert (rows > 0) is (name not in OF_SINCE), name


def test_every_macro_answers_in_both_schemas_and_says_what_it_means_and_takes(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    asked = {
        "episode_story": "(select min(episode_id) from episodes)",
        "labs_of": "(select min(patient_id) from episodes)",
        "lapsing": "100",
        "rule_rate": "'MON-01', '2000-01-01', null",
    }
    with database(folder) as connection:
        said = connection.execute(
            "select schema_name, function_name, parameters, comment from duckdb_functions() "
            "where not internal and function_type = 'table_macro'"
        ).fetchall()
        assert {(schema, name) for schema, name, *_ in said} == {
            (s, name) for s in ("main", "analyst") for name in asked
        }
        for schema, name, parameters, comment in said:
            assert all(f" {parameter}: " in comment for parameter in parameters), name
            rows = connection.execute(f"from {schema}.{name}({asked[name]})").fetchall()
            assert len(rows) > 0, name
        assert {name: parameters for _, name, parameters, _ in said} == {
            "episode_story": ["id"], "labs_of": ["patient"], "lapsing": ["days"], "rule_rate": ["rule", "from", "to"],
        }  # fmt: skip


def test_the_rate_of_all_restarts_is_the_measure(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    with database(folder) as connection:
        for row in connection.execute("from rule_rates").fetchall():
            assert connection.execute("from rule_rate(?, null, null)", [row[0]]).fetchone() == row


def test_the_doses_of_the_days_are_those_of_courses_and_episodes(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    asked = """
        with asked as (
            select patient_id, start_date as date, dose_at_start_mg as dose from courses
            union all select patient_id, last_dose_date, dose_at_end_mg from courses
            union all select patient_id, restart_date, dose_restart_mg from episodes
            union all select patient_id, stop_date - 1, dose_before_mg from episodes
        )
        select asked.dose, doses.daily_dose_mg from asked left join analyst.doses using (patient_id, date)
    """
    with database(folder) as connection:
        doses = connection.execute(asked).fetchall()
        assert [(told, counted) for told, counted in doses if told != counted] == []
        assert sum(told is not None for told, _ in doses) > 12
        covered = connection.execute("select sum(days_covered) from courses").fetchone()
        assert connection.execute("select count(*) from analyst.doses").fetchone() == covered


def test_the_views_answer_under_another_name_of_the_database(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{folder / 'audit.duckdb'}' as elsewhere (read_only)")
        found = connection.execute("select count(*) from elsewhere.worklist").fetchone()
        assert found == (tables["findings"].filter(pl.col("verdict") == "violation").height,)
        for view in views_of("analyst"):
            connection.execute(f"from elsewhere.{view.said}").fetchall()
        connection.execute("use elsewhere")
        assert connection.execute("from rule_rate('MON-01', null, null)").fetchone()[1] > 0


def test_the_worklist_begins_with_the_most_recent_event(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    with database(folder) as connection:
        dates = [row[0] for row in connection.execute("select event_date from worklist").fetchall()]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] > dates[-1]


def test_every_table_view_and_column_carries_its_meaning(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    with database(folder) as connection:
        kinds = {
            kind: dict(connection.execute(
                f"select {NAME.replace('view', kind)}, comment from duckdb_{kind}s() where not internal"
            ).fetchall())
            for kind in ("table", "view")
        }  # fmt: skip
        said = {
            (table, column): comment
            for table, column, comment in connection.execute(
                f"select {NAME.replace('view', 'table')}, column_name, comment from duckdb_columns() where not internal"
            ).fetchall()
        }
    assert set(kinds["table"]) == {frame.name for frame in RELEASED} | {"about"}
    assert set(kinds["view"]) == {view.said for view in views_of("main", "analyst")}
    assert {name for name, _ in said} == {*kinds["table"], *kinds["view"]}
    assert [name for name, comment in {**kinds["table"], **kinds["view"], **said}.items() if not comment] == []
    assert kinds["table"]["unlisted"] == "one row a received table, vocabulary and code that is on no code list"
    assert said["episodes", "break_days"] == "Drug-free days between the two. Unit: d."
    assert said["breaks", "break_days"] == "Drug-free days: restart_date - stop_date. Unit: d."
    assert said["courses", "days"] == "Days from the first to the last, both counted, gaps too. Unit: d."
    assert said["rejects", "row"] == "The row as text (JSON)."
    assert said["about", "name"] == "What is said: as-of date, guideline, edition and the like."
    assert said["episode_overview", "break_days"] == "Drug-free days between the two. Unit: d."
    assert said["worklist", "reason"] == "Why, from the rule's closed vocabulary."
    assert said["reject_reasons", "reason"] == "Reason code."
    assert said["slot_adherence", "due"] == "How many of these slots were due: met or missed."
    assert said["analyst.labs", "x_uln"] == "Value over its ULN; a bound where there is a comparator. Unit: 1."
    assert said["analyst.episodes", "observed_to"].startswith("Earliest of observation end")
    assert said["analyst.findings", "mark_note"] == "The note of the mark, or null."


def test_a_release_that_is_not_as_declared_is_not_published(tmp_path: Path, tables) -> None:
    published(tmp_path, "old", tables)
    twice = tables | {"findings": pl.concat([tables["findings"], tables["findings"].tail(1)])}
    with pytest.raises(Broken, match=r"^the table findings is not as declared: .+ before it: 1; the last release"):
        published(tmp_path, "new", twice)
    assert (tmp_path / "current").readlink().name == "old"


def test_no_path_of_this_machine_is_in_a_release(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    for path in folder.rglob("*"):
        assert str(tmp_path).encode() not in path.read_bytes(), path.name


def test_current_is_a_relative_link_and_old_releases_are_kept(tmp_path: Path, tables) -> None:
    published(tmp_path, "one", tables)
    published(tmp_path, "two", tables)
    assert (tmp_path / "current").readlink() == Path("releases/two")
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["one", "two"]
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert said(moved / "current")["word"] == "two"


def test_the_manifest_says_the_bytes_of_every_file_and_the_rows_of_every_table(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    files = said(folder)["files"]
    assert {name: one["bytes"] for name, one in files.items()} == {
        path.name: path.stat().st_size for path in folder.iterdir() if path.name != "manifest.json"
    }
    assert said(folder)["bytes"] == sum(one["bytes"] for one in files.values()) > 0
    assert {name: one["rows"] for name, one in files.items() if "rows" in one} == {
        f"{name}.parquet": table.height for name, table in tables.items()
    }


def test_the_same_rows_have_the_same_sizes_whatever_the_runs_are_called(tmp_path: Path, tables) -> None:
    history = pl.DataFrame({name: pl.Series([None] * 500, dtype=kind) for name, kind in HISTORY.schema.items()})
    history = history.with_columns(
        episode_id=pl.format("e{}", pl.int_range(1000, 1500)), rule_id=pl.lit("RST-04"), patient_id=pl.lit("p")
    )
    made = []
    for run in ("20240103-aaaa", "20240104-9f1c", "0123456789abc"):
        first = pl.when(pl.int_range(500) * 7919 % 11 < 3).then(pl.lit(run)).otherwise(pl.lit("20240103-27ab"))
        folder = published(tmp_path, run, tables | {"history": history.with_columns(first_release=first)})
        made.append(said(folder)["files"])
    assert made[0] == made[1] == made[2]
    assert made[0]["history.parquet"]["rows"] == 500


def test_the_files_of_a_release_are_read_only_and_its_folder_is_not(tmp_path: Path, tables) -> None:
    folder = published(tmp_path, "run", tables)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        path.name: 0o444 for path in folder.iterdir()
    }
    assert {"audit.duckdb", "report.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
    assert folder.stat().st_mode & stat.S_IWUSR
    shutil.rmtree(folder)


def test_the_sweep_takes_a_half_made_release_whose_files_are_read_only(tmp_path: Path, tables, monkeypatch) -> None:
    monkeypatch.setattr(Path, "rename", None)  # the last act before a folder has its name
    with pytest.raises(TypeError):
        published(tmp_path, "new", tables)
    (partial,) = (tmp_path / "releases").iterdir()
    assert {stat.S_IMODE(path.stat().st_mode) for path in partial.iterdir()} == {0o444}
    current.sweep(tmp_path)
    assert list((tmp_path / "releases").iterdir()) == []


def test_the_database_is_of_the_storage_of_duckdb_1_2_which_every_newer_one_opens(tmp_path: Path) -> None:
    path = published(tmp_path, "run", EMPTY) / "audit.duckdb"
    magic, storage = struct.unpack("<8x4sQ", path.read_bytes()[:20])
    assert (magic, storage) == (b"DUCK", 65)
    with database(path.parent) as connection:
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'audit'").fetchone()
    assert tags == ({"storage_version": "v1.2.0+"},)


def test_every_page_travels_with_the_release(tmp_path: Path, tables) -> None:
    folder = release.publish(tmp_path, "run", Contents(tables, ABOUT, {"a.html": "é", "b.html": "2"}, dict))
    assert {path.name: path.read_text("utf-8") for path in folder.glob("*.html")} == {"a.html": "é", "b.html": "2"}


def test_a_failed_publish_leaves_current_and_the_sweep_leaves_nothing_of_it(
    tmp_path: Path, tables, monkeypatch
) -> None:
    published(tmp_path, "old", tables)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(release, "write_database", fail)
    with pytest.raises(OSError, match="No space"):
        published(tmp_path, "new", tables)
    assert (tmp_path / "current").readlink() == Path("releases/old")
    assert [path.name for path in (tmp_path / "releases").glob(".*")] == [".new.partial"]
    current.sweep(tmp_path)
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["old"]


def test_the_sweep_keeps_releases_and_takes_only_leftovers(tmp_path: Path, tables) -> None:
    published(tmp_path, "old", tables)
    (tmp_path / ".current.dead").symlink_to("releases/dead")
    (tmp_path / ".work.dead" / "deep").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("mine")
    current.sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "notes.txt", "releases"]


DEATHS = {
    "before the tables": "release.write_tables = die",
    "before the database": "release.write_database = die",
    "before the manifest": "release.write_manifest = die",
    "before the disk has it": "release.sync = die",
    "before the rename": "Path.rename = die",
    "before current turns": "release.turn = die",
    "while current turns": "Path.replace = die",
}
DIE_HERE = """
import os, signal, sys
from pathlib import Path
from flows.release import publish as release
from tests.flows.test_release import EMPTY, contents

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

{death}
release.publish(Path(sys.argv[1]), "new", contents(EMPTY))
"""


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS.keys())
def test_a_killed_publish_leaves_the_old_release_whole(tmp_path: Path, tables, death: str) -> None:
    published(tmp_path, "old", tables)
    before = {path: path.read_bytes() for path in sorted((tmp_path / "current").rglob("*")) if path.is_file()}
    script = [sys.executable, "-c", DIE_HERE.format(death=death), str(tmp_path)]
    ended = subprocess.run(script, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "current").readlink() == Path("releases/old")
    assert before == {path: path.read_bytes() for path in sorted((tmp_path / "current").rglob("*")) if path.is_file()}
    current.sweep(tmp_path)
    assert not [path for path in (*tmp_path.iterdir(), *(tmp_path / "releases").iterdir()) if path.name.startswith(".")]


def test_a_reader_never_meets_a_missing_current(tmp_path: Path) -> None:
    published(tmp_path, "run0", EMPTY)
    reader = subprocess.Popen(
        [sys.executable, "-c", WATCH, str(tmp_path / "current" / "manifest.json")],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout is not None
    assert reader.stdout.readline() == "watching\n"
    published(tmp_path, "run1", EMPTY)
    for number in range(50):
        current.turn(tmp_path, f"run{number % 2}")
    said, _ = reader.communicate("\n")
    seen, failures = map(int, re.findall(r"\d+", said))
    assert seen > 0
    assert failures == 0


WATCH = """
import pathlib, select, sys
path, seen, failures = pathlib.Path(sys.argv[1]), 0, 0
print("watching", flush=True)
while not select.select([sys.stdin], [], [], 0)[0] or not seen:
    try:
        path.read_bytes()
        seen += 1
    except OSError:
        failures += 1
print(seen, failures)
"""


def test_a_file_is_forced_to_the_disk_before_it_gets_its_name(tmp_path: Path, tables, monkeypatch) -> None:
    order: list[str] = []
    fsync, rename, replace = os.fsync, Path.rename, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(Path, "rename", lambda self, to: (order.append("rename"), rename(self, to))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (order.append("replace"), replace(self, to))[1])
    folder = published(tmp_path, "run", tables)
    files = len(list(folder.rglob("*"))) + 1
    assert order == [*["fsync"] * files, "rename", "fsync", "replace", "fsync"]
