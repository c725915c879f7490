"""The page and the analysts' views are two readings of one release: what both tell, they tell alike."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from flows.pages.sections import attrition
from tests import released
from tests.flows import made
from tests.flows.markup import Node


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database of the small release."""
    with (
        released.database(tmp_path_factory.mktemp("release")) as connection,
        released.holding(connection, released.frames(made.RELEASE)),
    ):
        yield connection


@pytest.fixture(scope="module")
def page() -> Node:
    return made.page()


def told(value: Any) -> str:
    """Return a value as a cell of the page tells it."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", made.THIN)
    return str(value) if isinstance(value, date) else value or ""


def rows(database: duckdb.DuckDBPyConnection, view: str, *columns: str) -> list[list[str]]:
    """Return columns of a view as cells of the page."""
    return [[told(cell) for cell in row] for row in database.sql(f"select {', '.join(columns)} from {view}").fetchall()]


def intervals(database: duckdb.DuckDBPyConnection, view: str, key: str) -> dict[str, str]:
    """Return each rate of a view as the page tells it: with its interval, or a dash."""
    names = ("rate_percent", "rate_low_percent", "rate_high_percent")
    found = database.sql(f"select {key}, {', '.join(names)} from {view}").fetchall()
    return {k: made.DASH if rate is None else f"{rate} % ({low}{made.DASH}{high})" for k, rate, low, high in found}


def test_the_worklist_is_the_view(database: duckdb.DuckDBPyConnection, page: Node) -> None:
    columns = ("patient_id", "event_date", "rule_id", "message", "episode_id")
    listed = (
        [row[name] for name in ("patient", "event", "rule", "sentence", "episode")]
        for row in made.found(page)
        if row["verdict"] == "violation"
    )
    assert sorted(listed) == sorted(rows(database, "worklist", *columns))
    assert len(rows(database, "worklist", *columns)) == 3


def test_the_rejects_are_those_of_the_view(database: duckdb.DuckDBPyConnection, page: Node) -> None:
    [table] = [one for one in page.all("table") if one.one("caption").text.startswith("Rejected rows by table")]
    shown = table.rows()[1:]
    assert shown == rows(database, "reject_reasons", "table_name", "reason", "detail", "row_count")
    assert len(shown) == 3


def test_the_classes_of_breaks_are_counted_as_in_the_view(database: duckdb.DuckDBPyConnection) -> None:
    shown = {step["name"]: step["count"] for step in attrition.attrition(made.facts()) if step["name"]}
    counted = dict(database.sql("select replace(break_class, '_', ' '), breaks from attrition").fetchall())
    assert {name: n for name, n in shown.items() if n} == counted
    assert len(counted) == 6


def test_the_rules_are_counted_as_in_the_view(database: duckdb.DuckDBPyConnection, page: Node) -> None:
    lines = made.section(page, "rules").all("tr")
    cells = {row.cells()[0].text[:6]: [cell.text for cell in row.cells()[1:]] for row in lines}
    columns = ("applicable", "evaluable", "passed", "advisory", "violation", "indeterminate")
    rates = intervals(database, "rule_rates", "rule_id")
    for rule_id, *counts in rows(database, "rule_rates", "rule_id", *columns):
        assert cells[rule_id] == [*counts, rates[rule_id]]
    assert rates.keys() == {"RST-04", "STP-01"}


def test_recurrence_is_told_as_in_the_view(database: duckdb.DuckDBPyConnection, page: Node) -> None:
    section = made.section(page, "recurrence")
    rates = intervals(database, "recurrence_rates", "level")
    assert f"recurred in {rates.pop('all')} of" in section.all("p")[0].text
    shown = {row[0].replace(" ", "_"): row[3] for row in section.one("table").rows()[1:]}
    assert shown == rates
    assert shown.keys() == {"alternate_day", "unknown"}
