"""A person's story from the release: complete, readable, and silent about ids that are not there."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from flows import cli
from flows.night import run as night
from tests.flows import cohort


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release; its extract is gone."""
    extract = cohort.write_extract(tmp_path_factory.mktemp("in") / "extract")
    home = tmp_path_factory.mktemp("home")
    night.run_audit(night.Order(extract, home))
    shutil.rmtree(extract)
    return home


@pytest.fixture
def explain(home: Path, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> str:
        assert cli.run(["explain", "--home", str(home), *arguments]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return call


def episode_of(home: Path, patient_id: str) -> str:
    episodes = pl.read_parquet(home / "current" / "episodes.parquet")
    return str(episodes.filter(pl.col("patient_id") == patient_id)["episode_id"][0])


def test_a_story_says_whose_it_is_and_under_what_it_was_judged(explain, home: Path) -> None:
    said = explain(episode_of(home, "P002"))
    assert "Patient P002, as of 2023-12-31" in said
    assert "dr-oracle-2025, updated 2025-10-25, content is pending human review" in said
    assert "audit signal, not a clinical verdict" in said


def test_a_story_tells_the_injury_the_doses_and_the_break(explain, home: Path) -> None:
    said = " ".join(explain(episode_of(home, "P002")).split())
    assert "peak 480 U/L, 12 x ULN on 2023-01-27: severe" in said
    assert "100 mg/day before the stop, 100 mg/day at onset, 50 mg/day at restart" in said
    assert "30 days, 2023-02-01 to 2023-03-03" in said
    assert "recurrence yes, on 2023-03-24" in said


def test_every_verdict_comes_with_its_sentence_the_gravest_first(explain, home: Path) -> None:
    findings = pl.read_parquet(home / "current" / "findings.parquet").filter(pl.col("patient_id") == "P002")
    said = " ".join(explain(episode_of(home, "P002")).split())
    for row in findings.iter_rows(named=True):
        assert row["message"] in said, row["rule_id"]
    verdicts = said[said.index("Verdicts") :]
    places = [verdicts.index(f" {verdict} ") for verdict in ("violation", "advisory", "pass", "not applicable")]
    assert places == sorted(places)


def test_every_source_row_is_named(explain, home: Path) -> None:
    evidence = pl.read_parquet(home / "current" / "evidence.parquet")
    mine = evidence.filter(pl.col("episode_id") == episode_of(home, "P002"))
    said = explain(episode_of(home, "P002"))
    assert mine.height > 20
    for source_id in mine["source_id"].unique():
        assert source_id in said
    assert "240 U/L" in said
    assert "6.00" in said


def test_the_timeline_shows_the_rows_of_the_rules_that_apply_with_each_of_their_limits(explain, home: Path) -> None:
    said = explain(episode_of(home, "P002"))
    timeline = said[said.index("Timeline") : said.index("Monitoring")]
    [line] = [line.split() for line in timeline.splitlines() if " 240 U/L " in line]
    assert line[:11] == [
        "21",
        "2023-03-24",
        "alt",
        "240",
        "U/L",
        "6.00",
        "6.00",
        "120,",
        "200",
        "recurrence,",
        "trigger",
    ]
    assert "highest" not in timeline
    assert "highest" in said


def test_slots_are_a_row_of_marks_and_the_missed_windows_are_listed(explain, home: Path) -> None:
    said = explain(episode_of(home, "P002"))
    assert "●●●○○○○○  3 of 8 met" in said
    assert "missed  MON-01 slot 4: due 2023-03-31, no draw from 2023-03-28 to 2023-04-03" in said
    assert "●●●●●●●●  8 of 8 met" in explain(episode_of(home, "P000"))


def test_a_patient_is_told_with_every_break(explain) -> None:
    said = explain("--patient", "P005")
    assert "thiopurine_switch" in said
    assert "No break of this patient is an audited restart." in said
    assert explain("--patient", "P002").count("Restart of") == 1


@pytest.mark.parametrize(
    "arguments", [("SECRET-1",), ("--patient", "SECRET-1"), ("SECRET-1", "SECRET-2"), ("-SECRET",)]
)
def test_an_unknown_id_ends_with_2_and_is_not_repeated(home: Path, capsys, arguments: tuple[str, ...]) -> None:
    assert cli.run(["explain", "--home", str(home), *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("rechallenge: ")
    assert said.err.count("\n") == 1
    assert "SECRET" not in said.err


def test_an_id_with_brackets_is_text(home: Path, tmp_path: Path, capsys) -> None:
    moved = shutil.copytree(home, tmp_path / "home", symlinks=True)
    for path in (moved / "current").resolve().glob("*.parquet"):
        table = pl.read_parquet(path)
        if "patient_id" in table.columns:
            table.with_columns(pl.col("patient_id").str.replace("P002", "[red]P002[/]", literal=True)).write_parquet(
                path
            )
    assert cli.run(["explain", "--home", str(moved), "--patient", "[red]P002[/]"]) == 0
    assert "Patient [red]P002[/]" in capsys.readouterr().out
