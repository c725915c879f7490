"""What identifies a patient stands in the release and nowhere else: not on the terminal, not with Prefect, in no log.

The canaries are ids and values that occur once in the world; one row is rejected, one result comes with a code on no
list, one drug with a text that nearly matches, and one run fails with a row in its words. Words stand in the names of
files, of a table and of none, and in a header too: those are not even in the release.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from tests.flows import cohort, command

CANARIES = ("CANARYPATIENT", "CANARYRESULT", "CANARYUNIT", "CANARYCODE", "CANARYDRUG", "171.71727")
NAMES = ("CANARYFILE", "CANARYHEADER")
LOCATION = "CANARYFOLDER"  # the operator's own word: Prefect has it as a parameter of the run, and nobody else
TOLD = {Path("home/.prefect/prefect.db")}
FAILING = """
from flows.night import steps
from flows.cli import main

def judge(staged, guideline, as_of, extracted_on, act_now_days):
    raise ValueError(f"cannot judge {staged.patients.row(0)}")

steps.judge_restarts = judge
main()
"""


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = cohort.write_extract(tmp_path_factory.mktemp("canary") / LOCATION, 12)
    for path in list(folder.glob("*.csv")):
        table = pl.read_csv(path, infer_schema=False).with_columns(
            pl.col("patient_id").str.replace("^P", "CANARYPATIENT")
        )
        if path.stem == "lab_results":
            table = table.with_row_index().with_columns(
                result_id="CANARYRESULT" + pl.col("index").cast(pl.String),
                value=pl.when(pl.col("value") == "170.0").then(pl.lit("171.71727")).otherwise("value"),
                unit=pl.when(pl.col("index") == 1).then(pl.lit("CANARYUNIT")).otherwise("unit"),
                code=pl.when(pl.col("index") == 2).then(pl.lit("CANARYCODE")).otherwise("code"),
            )
            table = table.drop("index")
        if path.stem == "drug_exposures":
            text = table.head(1).with_columns(
                exposure_id=pl.lit("X-text"), vocabulary=pl.lit("name"), code=pl.lit("imuran CANARYDRUG")
            )
            table = pl.concat([table, text])
        table = table.with_columns(CANARYHEADER=pl.lit("x"))
        path.unlink()
        parts = folder / path.stem
        parts.mkdir()
        table.head(5).write_csv(parts / "CANARYFILE-1.csv")
        table.tail(-5).write_csv(parts / "CANARYFILE-2.csv")
    (folder / "CANARYFILE.txt").write_text("CANARYHEADER")
    return folder


def files_with_canaries(folder: Path, canaries: Sequence[str] = (*CANARIES, *NAMES)) -> set[Path]:
    """Every file below a folder that holds a canary, by its bytes."""
    words = [word.encode() for word in canaries]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.relative_to(folder) for path in files if any(word in path.read_bytes() for word in words)}


def test_a_good_run_shows_no_canary_outside_the_release(extract: Path, tmp_path: Path) -> None:
    ended = command.run(["audit", "--extract", str(extract), "--home", str(tmp_path / "home")], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert "violations on the worklist" in ended.out
    assert not any(word in ended.out for word in (*CANARIES, *NAMES, LOCATION))
    current = tmp_path / "home" / "current"
    assert "CANARYPATIENT" in pl.read_parquet(current / "findings.parquet")["patient_id"][0]
    assert 171.71727 in pl.read_parquet(current / "evidence.parquet")["value"]
    assert "CANARYUNIT" in pl.read_parquet(current / "rejects.parquet")["row"][0]
    assert "CANARYCODE" in pl.read_parquet(current / "unlisted.parquet")["code"].to_list()
    assert "imuran CANARYDRUG" in pl.read_parquet(current / "matched.parquet")["code"].to_list()
    assert files_with_canaries(tmp_path, NAMES) == set()
    assert files_with_canaries(tmp_path, [LOCATION]) <= TOLD
    assert {path.parts[:2] for path in files_with_canaries(tmp_path)} == {("home", "releases")}
    assert not [path for path in files_with_canaries(current.resolve()) if path.name == "checks.html"]
    assert artifact(tmp_path / "home").count("RST-01") == 1


def test_a_failing_run_shows_no_canary_anywhere(extract: Path, tmp_path: Path) -> None:
    arguments = ["audit", "--debug", "--extract", str(extract), "--home", str(tmp_path / "home")]
    ended = command.run(arguments, tmp_path, FAILING)
    assert ended.code == 1
    *places, line = ended.err.splitlines()
    assert line == "rechallenge: the step judge failed (ValueError); the last release stays in place"
    assert places[-1] == "ValueError"
    assert not any(word in ended.out + ended.err for word in (*CANARIES, *NAMES, LOCATION))
    assert files_with_canaries(tmp_path) == set()
    assert files_with_canaries(tmp_path, [LOCATION]) <= TOLD
    assert states(tmp_path / "home") == {
        "read": "COMPLETED",
        "check": "COMPLETED",
        "stage": "COMPLETED",
        "judge": "FAILED",
    }
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [".lock", ".prefect"]


def artifact(home: Path) -> str:
    """The summary that the run left with Prefect."""
    with closing(sqlite3.connect(home / ".prefect" / "prefect.db")) as database:
        [(data, name)] = database.execute(
            "select artifact.data, flow_run.name from artifact join flow_run on artifact.flow_run_id = flow_run.id"
        ).fetchall()
    assert name == (home / "current").readlink().name, "the flow run is named by the run id"
    return str(data)


def states(home: Path) -> dict[str, str]:
    """What Prefect knows of each step."""
    with closing(sqlite3.connect(home / ".prefect" / "prefect.db")) as database:
        return dict(database.execute("select name, state_type from task_run").fetchall())
