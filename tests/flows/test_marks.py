"""What people say of findings: kept, followed from night to night, and taken back where the finding changes."""

import sqlite3
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from audit.changes import Findings, marks, pairs
from audit.frames import MARKS
from flows import cli
from flows import marks as store
from flows.errors import Usage
from flows.marks import Mark

DAY = date(2024, 3, 10)
EPISODES = pl.DataFrame(
    {
        "episode_id": ["A-1", "B-1"], "patient_id": ["A", "B"],
        "stop_date": [date(2024, 1, 1), date(2024, 1, 1)], "restart_date": [date(2024, 2, 1), date(2024, 2, 1)],
    }
)  # fmt: skip


def found(verdict: str = "violation", reason: str = "same_dose", episode: str = "A-1", moved: int = 1) -> Findings:
    """A night with a finding of A that is marked, and one of B."""
    episodes = EPISODES.with_columns(
        episode_id=pl.Series([episode, "B-1"]), restart_date=pl.Series([date(2024, 2, moved), date(2024, 2, 1)])
    )
    findings = pl.DataFrame(
        {
            "episode_id": [episode, "B-1"], "rule_id": ["RST-04", "RST-04"], "verdict": [verdict, "advisory"],
            "reason": [reason, "x"], "event_date": [date(2024, 2, 1), None],
        }
    )  # fmt: skip
    return Findings(episodes, findings)


def mark(home: Path, word: str = "accepted", episode: str = "A-1", until: date | None = None) -> None:
    night = found(episode=episode)
    [row] = night.findings.filter(pl.col("episode_id") == episode).to_dicts()
    store.add(home, Mark(episode, "RST-04", word, "Dr. Who", "a note", until), "RUN", row)


def standing(home: Path, night: Findings, earlier: pl.DataFrame | None = None, paired=None, day: date = DAY):
    told = marks(store.read(home), MARKS.empty() if earlier is None else earlier, night, paired, day)
    return told


def flags(told: pl.DataFrame) -> dict[str, tuple[str, bool, bool, bool]]:
    columns = ("episode_id", "mark", "is_changed", "is_over", "is_folded")
    return {row[0]: row[1:] for row in told.select(columns).iter_rows()}


def test_a_home_without_marks_has_none(tmp_path: Path) -> None:
    assert standing(tmp_path, found()).is_empty()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("word", "is_folded"), [("accepted", True), ("not_an_error", True), ("seen", False), ("acted", False)]
)
def test_two_marks_fold_a_finding_away(tmp_path: Path, word: str, is_folded: bool) -> None:
    mark(tmp_path, word)
    assert flags(standing(tmp_path, found())) == {"A-1": (word, False, False, is_folded)}


def test_the_last_mark_counts(tmp_path: Path) -> None:
    mark(tmp_path)
    mark(tmp_path, "acted")
    told = standing(tmp_path, found())
    assert flags(told) == {"A-1": ("acted", False, False, False)}
    assert told["mark_id"].to_list() == [2]
    assert told.select("marked_by", "note").row(0) == ("Dr. Who", "a note")


@pytest.mark.parametrize("night", [found("advisory"), found(reason="another")])
def test_a_finding_that_changes_returns(tmp_path: Path, night: Findings) -> None:
    mark(tmp_path)
    assert flags(standing(tmp_path, night)) == {"A-1": ("accepted", True, False, False)}


def test_a_finding_that_changed_and_changed_back_has_returned(tmp_path: Path) -> None:
    mark(tmp_path)
    second = standing(tmp_path, found("advisory"))
    third = standing(tmp_path, found(), second)
    assert flags(third) == {"A-1": ("accepted", True, False, False)}
    mark(tmp_path)
    assert flags(standing(tmp_path, found(), third)) == {"A-1": ("accepted", False, False, True)}


@pytest.mark.parametrize(("day", "is_over"), [(date(2024, 3, 9), False), (DAY, False), (date(2024, 3, 11), True)])
def test_until_is_inclusive(tmp_path: Path, day: date, is_over: bool) -> None:
    mark(tmp_path, until=DAY)
    assert flags(standing(tmp_path, found(), day=day)) == {"A-1": ("accepted", False, is_over, not is_over)}


def test_a_mark_goes_along_with_a_restart_that_moves_twice(tmp_path: Path) -> None:
    mark(tmp_path, "seen")
    mark(tmp_path)
    first = standing(tmp_path, found())
    nights = [found(), found(episode="A-2", moved=2), found(episode="A-3", moved=3)]
    second = standing(tmp_path, nights[1], first, pairs(nights[0], nights[1], 7))
    assert flags(second) == {"A-2": ("accepted", False, False, True)}
    third = standing(tmp_path, nights[2], second, pairs(nights[1], nights[2], 7))
    assert flags(third) == {"A-3": ("accepted", False, False, True)}


def test_a_finding_that_is_gone_for_a_night_has_changed(tmp_path: Path) -> None:
    mark(tmp_path)
    gone = Findings(
        EPISODES.filter(pl.col("patient_id") == "B"), found().findings.filter(pl.col("episode_id") == "B-1")
    )
    second = standing(tmp_path, gone, standing(tmp_path, found()))
    assert flags(second) == {"A-1": ("accepted", True, False, False)}
    assert flags(standing(tmp_path, found(), second)) == {"A-1": ("accepted", True, False, False)}


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    mark(tmp_path)
    with sqlite3.connect(tmp_path / store.STORE) as connection:
        connection.execute(f"PRAGMA user_version = {store.VERSION + 1}")
    with pytest.raises(Usage, match="a newer program wrote the marks"):
        store.read(tmp_path)


def test_marks_are_set_while_another_reads(tmp_path: Path) -> None:
    mark(tmp_path)
    with sqlite3.connect(tmp_path / store.STORE) as reader:
        rows = reader.execute("SELECT * FROM marks")
        mark(tmp_path, "acted")
        rows.fetchall()
    assert store.read(tmp_path)["mark"].to_list() == ["accepted", "acted"]


@pytest.mark.parametrize(
    "command", [["changes"], ["worklist"], ["mark", "A-1", "RST-04", "seen", "--by", "N"]], ids=lambda words: words[0]
)
def test_a_release_of_an_earlier_program_tells_nothing_of_it(tmp_path: Path, capsys, command: list[str]) -> None:
    folder = tmp_path / "releases" / "old"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"as_of": "2024-03-10"}')
    (tmp_path / "current").symlink_to(folder)
    assert cli.run([command[0], "--home", str(tmp_path), *command[1:]]) == 2
    said = "an earlier program wrote this release: run `rechallenge audit` first"
    assert capsys.readouterr().err == f"rechallenge: {said}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["A-1", "RST-04", "fine", "--by", "N"], "no such mark (known: seen, accepted, not_an_error, acted)"),
        (["A-1", "RST-04", "seen", "--by", " "], "--by: a mark needs a name"),
        (["A-1", "RST-04", "seen", "--by", "N"], "this home holds no release yet: run `rechallenge audit` first"),
    ],
)
def test_a_wrong_mark_is_refused_without_the_episode(tmp_path: Path, capsys, arguments: list[str], said: str) -> None:
    assert cli.run(["mark", "--home", str(tmp_path), *arguments]) == 2
    assert capsys.readouterr().err == f"rechallenge: {said}\n"
