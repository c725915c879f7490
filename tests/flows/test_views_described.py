"""A view says what it is and what its columns mean: a table's own words, or a line at the head of its file."""

import polars as pl
import pytest

from audit.frames import FINDINGS, MEASURES, REJECTS
from flows.errors import Broken
from flows.release.views import described, described_views, parsed, views

HEAD = "-- What it is.\n-- own: A meaning: with a colon.\n"
SELECT = "-- not of the head: it stands below an empty line\nselect reason, own from findings\n"


def meanings(text: str, *columns: str) -> dict[str, str]:
    """Return what is said of the columns of a view."""
    frame = described(parsed("demo", text), {name: pl.String() for name in columns})
    return {column.name: column.meaning for column in frame.columns}


def meaning(frame, name: str) -> str:
    return next(column.meaning for column in frame.columns if column.name == name)


def test_the_head_of_a_file_says_what_the_view_and_its_own_columns_are() -> None:
    view = parsed("demo", f"{HEAD}\n{SELECT}")
    assert (view.name, view.meaning) == ("demo", "What it is.")
    assert view.own == {"own": "A meaning: with a colon."}
    assert view.select == f"\n{SELECT}"
    frame = described(view, {"reason": pl.String(), "own": pl.Int64()})
    assert (frame.name, frame.grain, frame.keys) == ("demo", "What it is.", [])
    assert frame.schema == {"reason": pl.String(), "own": pl.Int64()}
    assert meaning(frame, "own") == "A meaning: with a colon."
    assert meaning(frame, "reason") == meaning(FINDINGS, "reason")


def test_a_column_of_several_tables_means_what_it_means_in_the_one_read_first() -> None:
    assert meaning(FINDINGS, "reason") != meaning(REJECTS, "reason")
    for first, then in ((FINDINGS, REJECTS), (REJECTS, FINDINGS)):
        text = f"-- It.\nselect reason\nfrom {first.name}\nINNER JOIN {then.name}\n    on true\n"
        assert meanings(text, "reason") == {"reason": meaning(first, "reason")}


def test_a_line_of_the_head_comes_before_what_a_table_says() -> None:
    text = "-- It.\n-- reason: Another.\nselect upper(reason) as reason from findings\n"
    assert meanings(text, "reason") == {"reason": "Another."}


def test_a_unit_comes_with_the_meaning_of_a_table() -> None:
    text = "-- It.\n-- more: Own.\nselect rate, 1 as more from measures\n"
    frame = described(parsed("demo", text), {"rate": pl.Float64(), "more": pl.Int64()})
    assert [column.unit for column in frame.columns] == ["1", ""]
    assert meaning(frame, "rate") == meaning(MEASURES, "rate")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (f"{HEAD}{SELECT}", ("reason",)),
        ("-- It.\nselect 1 as own from findings\n", ("own",)),
        ("-- It.\nselect reason from slots\n", ("reason",)),
        ("-- It.\n-- gone: A column that is no more.\nselect reason from findings\n", ("reason",)),
    ],
    ids=["a line that tells of nothing", "no meaning", "not of the table that is read", "no column"],
)
def test_a_column_without_a_meaning_and_a_meaning_without_a_column_raise(text: str, columns: tuple[str, ...]) -> None:
    with pytest.raises(Broken, match="the view demo"):
        meanings(text, *columns)


@pytest.mark.parametrize(
    "text", ["", "select 1\n", "-- It.\n-- own\nselect 1\n", "-- It.\n-- a: b.\n-- a: c.\nselect 1"]
)
def test_a_head_that_is_not_understood_raises(text: str) -> None:
    with pytest.raises(Broken, match="the view demo"):
        parsed("demo", text)


def test_every_view_is_described_whole() -> None:
    frames = {frame.name: frame for frame in described_views()}
    assert list(frames) == [view.name for view in views()]
    for frame in frames.values():
        assert frame.grain.endswith("."), frame.name
        assert all(column.meaning.endswith(".") for column in frame.columns), frame.name
    assert frames["slot_adherence"].names == ["rule_id", "slot", "due", "met", "missed", "excused", "met_percent"]
    assert frames["episode_overview"].schema["violations"] == pl.List(pl.String())
