"""Each view of the analysts against its case file: tables in, rows out, compared whole.

The views are those of a database that the program wrote itself; a case fills its tables and takes the rows back.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.release.views import ANALYST
from tests import released
from tests.sql.analyst.cases import FOLDER, Case, columns, named, read
from tests.tables import TableError

FILES = sorted(FOLDER.rglob("*.txt"))
VIEWS = [path for path in FILES if path.parent.name != "macros"]
CASES = [case for path in FILES for case in read(path)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with released.database(tmp_path_factory.mktemp("release")) as connection:
        yield connection


def test_each_view_has_its_cases_and_each_case_its_view() -> None:
    given = {path.relative_to(FOLDER).with_suffix("") for path in FILES}
    assert given == {path.relative_to(ANALYST).with_suffix("") for path in ANALYST.rglob("*.sql")}
    assert len(FILES) == len(given)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_view_has_the_declared_columns(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    described = database.sql(f"describe select * from {read(path)[0].asked}").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == list(columns(path).items())


@pytest.mark.parametrize("is_reversed", [False, True], ids=["as-written", "last-row-first"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.view}: {case.shows}")
def test_a_view_returns_these_rows(database: duckdb.DuckDBPyConnection, case: Case, is_reversed: bool) -> None:
    given = {name: table.reverse() if is_reversed else table for name, table in case.given.items()}
    with released.holding(database, given):
        assert database.sql(f"select * from {case.asked}").fetchall() == case.expected


def test_a_view_over_no_row_returns_none(database: duckdb.DuckDBPyConnection) -> None:
    assert [named(path) for path in VIEWS if database.sql(f"from {named(path)}").fetchall()] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rule_id VARCHAR\n",
        "rule_id\n\n== no type\n-- view\n",
        "rule_id TEXT\n\n== no such type\n-- view\n",
        "rule_id VARCHAR\n\n== nothing comes out\n-- slots\nslot\n1\n",
        "rule_id VARCHAR\n\n== a column that the view lacks\n-- view\nslot\n1\n",
        "rule_id VARCHAR\n\n== a column that the table lacks\n-- slots\ncolour\n1\n-- view\n",
        "rule_id VARCHAR\n\n== a table that is not released\n-- slot\nslot\n1\n-- view\n",
        "rule_id VARCHAR\n\n== a table twice\n-- slots\nslot\n1\n-- slots\nslot\n2\n-- view\n",
        "rule_id VARCHAR\n\n== text before a table\nslot\n1\n-- view\n",
        "rule_id VARCHAR\n\n== a header alone\n-- slots\nslot\n-- view\n",
        "rule_id VARCHAR\n\n== no whole number\n-- slots\nslot\n1.5\n-- view\n",
        "rule_id VARCHAR\n\n== no day\n-- slots\ndue_date\n1 May\n-- view\n",
        "rule_id VARCHAR\n\n== a cell too many\n-- view\nrule_id\na | b\n",
    ],
)
def test_a_case_file_that_is_not_understood_raises(tmp_path: Path, text: str) -> None:
    path = tmp_path / "view.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError):
        read(path)
