"""A released table is as its frame declares it: columns in order, keys held, rows told apart and sorted by them."""

import polars as pl
import pytest

from audit.frames import Column, Frame
from flows.errors import Broken
from flows.release.declared import as_declared, fault

DEMO = Frame(
    "demo",
    "one row a thing",
    (
        Column("name", pl.String(), "Its name.", key=True),
        Column("place", pl.Int64(), "Its place, or null.", key=True, may_lack=True),
        Column("value", pl.Float64(), "What it is worth."),
    ),
)
SHARE = "rows that share their keys with the row before, or belong before it: "


def demo(*rows: tuple[str | None, int | None]) -> pl.DataFrame:
    """Return rows by their keys; none has a value."""
    return pl.DataFrame([(*row, None) for row in rows], schema=DEMO.schema, orient="row")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), ""),
        ((("a", 1),), ""),
        ((("a", None),), ""),
        ((("a", 1), ("a", 2), ("a", None), ("b", 1)), ""),
        ((("a", None), ("b", None)), ""),
        ((("a", 2), ("a", 2)), f"{SHARE}1"),
        ((("a", None), ("a", None), ("a", None)), f"{SHARE}2"),
        ((("a", 2), ("a", 1)), f"{SHARE}1"),
        ((("a", None), ("a", 1)), f"{SHARE}1"),
        ((("b", 1), ("a", 2)), f"{SHARE}1"),
        ((("b", None), ("a", 2)), f"{SHARE}1"),
        (((None, 1), ("a", 1), (None, 2)), "rows that lack the key name: 2"),
    ],
)
def test_the_keys_tell_rows_apart_and_sort_them(rows: tuple[tuple[str | None, int | None], ...], said: str) -> None:
    assert fault(DEMO, demo(*rows)) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (((None, "a"), (None, "b")), ""),
        ((("a", "b"), (None, "a"), (None, "b")), ""),
        (((None, "b"), (None, "a")), f"{SHARE}1"),
        (((None, "a"), (None, "a")), f"{SHARE}1"),
        (((None, "a"), ("a", "b")), f"{SHARE}1"),
    ],
)
def test_rows_whose_first_key_is_null_are_told_apart_by_the_others(
    rows: tuple[tuple[str | None, str], ...], said: str
) -> None:
    columns = (
        Column("of", pl.String(), "What it is of, or null.", key=True, may_lack=True),
        Column("name", pl.String(), "Its name.", key=True),
    )
    frame = Frame("parts", "one row a part", columns)
    assert fault(frame, pl.DataFrame(rows, schema=frame.schema, orient="row")) == said


@pytest.mark.parametrize(
    "table",
    [
        demo(("a", 1)).drop("value"),
        demo(("a", 1)).with_columns(more=1),
        demo(("a", 1)).select("place", "name", "value"),
        demo(("a", 1)).rename({"value": "worth"}),
        demo(("a", 1)).cast({"place": pl.Int32()}),
        demo(("a", 1)).cast({"value": pl.String()}),
    ],
    ids=["lacking", "one more", "in another order", "of another name", "a key of another type", "of another type"],
)
def test_the_columns_are_those_declared(table: pl.DataFrame) -> None:
    assert fault(DEMO, table) == "its columns are of another name, order or type"
    with pytest.raises(Broken, match="the table demo is not as declared: its columns are of another"):
        dict(as_declared({"demo": table}, [DEMO]))


def test_tables_come_out_sorted_in_the_order_of_their_frames() -> None:
    other = Frame("other", DEMO.grain, DEMO.columns)
    given = {"other": demo(), "demo": demo(("b", 1), ("a", None), ("a", 10), ("a", 9))}
    made = dict(as_declared(given, [DEMO, other]))
    assert list(made) == ["demo", "other"]
    assert made["demo"].select("name", "place").rows() == [("a", 9), ("a", 10), ("a", None), ("b", 1)]


@pytest.mark.parametrize("names", [(), ("demo", "stray")])
def test_no_table_is_missing_and_none_too_many(names: tuple[str, ...]) -> None:
    with pytest.raises(Broken, match=rf"not both declared and made: {'stray' if names else 'demo'};"):
        dict(as_declared(dict.fromkeys(names, demo()), [DEMO]))


def test_what_is_said_of_a_table_holds_nothing_of_its_rows() -> None:
    with pytest.raises(Broken) as broken:
        dict(as_declared({"demo": demo(("CANARY", 99), ("CANARY", 99))}, [DEMO]))
    assert str(broken.value) == f"the table demo is not as declared: {SHARE}1; the last release stays in place"
