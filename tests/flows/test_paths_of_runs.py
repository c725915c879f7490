"""HOME, the site's file, code lists and a mapping in odd folders: a run and what is told of it are as in plain ones."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows import cli, night
from flows.given import Given
from tests.flows import cohort
from tests.sources import ways
from tests.sources.test_ways_paths import KEYS, WORDS

TABLES = ("findings", "episodes", "evidence", "slots", "breaks")
SITE = '[[uln]]\nanalyte = "alt"\nvalue = 44\nunit = "U/L"\n'
LIST = "concept,vocabulary,code\nazathioprine,local,AZA-1\n"


def rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the released tables, by the database and by Parquet, which agree."""
    current = (home / "current").resolve()
    found = {name: pl.read_parquet((current / f"{name}.parquet").read_bytes()).rows() for name in TABLES}
    copy = home.parents[0] / "copy.duckdb"
    shutil.copy(current / "audit.duckdb", copy)
    with duckdb.connect() as connection:
        plain = Path("/tmp") / f"rows.{copy.stat().st_ino}.duckdb"  # DuckDB itself cannot open every path
        shutil.move(copy, plain)
        connection.execute(f"ATTACH '{plain}' AS made (READ_ONLY)")
        for name in TABLES:
            released = pl.read_parquet((current / f"{name}.parquet").read_bytes())
            asked = ", ".join(f'"{column}"' for column in released.columns)
            held = connection.execute(f"SELECT {asked} FROM made.{name}").fetchall()
            assert sorted(map(str, held)) == sorted(map(str, found[name]))
    plain.unlink()
    return found


def audited(folder: Path) -> Path:
    """Run an audit of which everything but the extract stands below a folder; return its home."""
    folder.mkdir(parents=True)
    (folder / "site.toml").write_text(SITE)
    (folder / "lists").mkdir()
    (folder / "lists" / "a[1].csv").write_text(LIST)
    extract = cohort.write_extract(folder / "in")
    night.run_audit(night.Order(extract, folder / "home", site=folder / "site.toml", codelists=(folder / "lists",)))
    return folder / "home"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audited(tmp_path_factory.mktemp("plain") / "run")


@pytest.mark.parametrize("names", ["ex[12]/**", f"{KEYS}/{WORDS}"], ids=["pattern", "keys and words"])
def test_a_run_below_odd_folders_is_the_run_below_plain_ones(
    tmp_path: Path, names: str, plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ex1" / "home" / "releases").mkdir(parents=True)
    (tmp_path / "ex1" / "site.toml").write_text(SITE.replace("44", "400"))
    home = audited(tmp_path / names)
    assert rows(home) == rows(plain)
    told = []
    for one in (home, plain):
        assert cli.run(["explain", "--home", str(one), "--patient", "P002"]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


@pytest.mark.parametrize("names", ["ex[12]/**", f"{KEYS}/{WORDS}"], ids=["pattern", "keys and words"])
def test_a_mapping_in_an_odd_folder_is_that_mapping(tmp_path: Path, names: str) -> None:
    given = ways.table(tmp_path / "in")
    own = tmp_path / names
    own.mkdir(parents=True)
    (given.path / "mapping.toml").rename(own / "mapping.toml")
    text = (
        "SELECT result_id, patient_id, collected_at, vocabulary, code, 77 AS value, unit, "
        "'lab_results' AS source_table FROM source.lab_results"
    )
    (own / "lab_results.sql").write_text(text)
    (tmp_path / "ex1").mkdir()
    (tmp_path / "ex1" / "lab_results.sql").write_text(text.replace("77", "99"))
    taken = ways.take(Given("table", str(given.path), own), tmp_path / "work")
    assert taken.staged.labs["value"].to_list() == [77.0]
    assert taken.staged.labs["date"].to_list() == [date(2024, 2, 1)]
