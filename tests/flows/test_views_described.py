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
    ("text", "columns", "said"),
    [
        (f"{HEAD}{SELECT}", ("reason",), "not of the head: it stands below"),
        ("-- It.\nselect 1 as own from findings\n", ("own",), "own; it needs a line `-- own: <meaning>.`"),
        ("-- It.\nselect reason from slots\n", ("reason",), "reason; it needs a line `-- reason: <meaning>.`"),
        (
            "-- It.\n-- gone: A column that is no more.\nselect reason from findings\n",
            ("reason",),
            "does not return: gone",
        ),
    ],
    ids=["a line that tells of nothing", "no meaning", "not of the table that is read", "no column"],
)
def test_a_column_without_a_meaning_and_a_meaning_without_a_column_raise(
    text: str, columns: tuple[str, ...], said: str
) -> None:
    with pytest.raises(Broken, match=f"^the view demo .*{said}"):
        meanings(text, *columns)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say what it is"),
        ("select 1\n", "does not say what it is"),
        ("-- It\nselect 1\n", "without a full stop at its head: It"),
        ("-- It.\n-- own: A meaning\nselect 1\n", "without a full stop at its head: own"),
        ("-- It.\n-- own.\nselect 1\n", "tells of no column, or of one twice: own"),
        ("-- It.\n-- a: b.\n-- a: c.\nselect 1", "tells of no column, or of one twice: a: c"),
    ],
)
def test_a_head_that_is_not_understood_raises(text: str, said: str) -> None:
    with pytest.raises(Broken, match=f"^the view demo .*{said}"):
        parsed("demo", text)


def test_a_macro_tells_of_its_arguments_in_their_order() -> None:
    text = "-- It.\n-- (first): One.\n-- own: Own.\n-- (then): Two: of two.\nselect 1 as own from main.findings\n"
    macro = parsed("demo", text, "macro")
    assert (macro.takes, macro.own) == ({"first": "One.", "then": "Two: of two."}, {"own": "Own."})
    frame = described(macro, {"own": pl.Int64(), "reason": pl.String()})
    assert (frame.name, frame.grain) == ("analyst.demo(first, then)", "It. first: One. then: Two: of two.")
    assert meaning(frame, "reason") == meaning(FINDINGS, "reason")


@pytest.mark.parametrize(
    ("text", "place"),
    [("-- It.\n-- (one): One.\nselect 1\n", "analyst"), ("-- It.\nselect 1\n", "macro")],
    ids=["a view with an argument", "a macro without one"],
)
def test_a_macro_takes_arguments_and_a_view_takes_none(text: str, place: str) -> None:
    with pytest.raises(Broken, match="takes an argument, or the macro demo none"):
        parsed("demo", text, place)


def test_a_view_is_told_of_by_the_views_that_it_reads() -> None:
    above = described(parsed("above", "-- It.\n-- own: Own.\nselect 1 as own\n", "analyst"), {"own": pl.Int64()})
    below = parsed("below", "-- It.\nselect own from analyst.above\n")
    assert meaning(described(below, {"own": pl.Int64()}, {above.name: above}), "own") == "Own."


def test_every_view_is_described_whole() -> None:
    frames = {frame.name: frame for frame in described_views()}
    assert list(frames) == [view.said for view in views()]
    assert {"worklist", "analyst.findings", "analyst.rule_rate(rule, from, to)"} <= frames.keys()
    for frame in frames.values():
        assert frame.grain.endswith("."), frame.name
        assert all(column.meaning.endswith(".") for column in frame.columns), frame.name
    assert frames["slot_adherence"].names == ["rule_id", "slot", "due", "met", "missed", "excused", "met_percent"]
    assert frames["episode_overview"].schema["violations"] == pl.List(pl.String())
