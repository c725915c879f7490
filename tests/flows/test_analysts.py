"""docs/analysts.md at work: each question is asked of a small release, and its rows are those of the page."""

import re
import shutil
from collections.abc import Iterator
from contextlib import chdir, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import released
from tests.flows import old_duckdb

PAGE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
RELEASE = (Path(__file__).parent / "analysts.txt").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Question:
    """One worked question of the page: its heading, its query, and the rows below it, header first."""

    asks: str
    sql: str
    rows: list[list[str]]


def questions() -> list[Question]:
    """Return the questions of the page; each is a heading, a sentence, one block of SQL and one table."""
    _, *parts = re.split(r"^### ", PAGE.split("## Twelve questions", 1)[1], flags=re.MULTILINE)
    return [question(part) for part in parts]


def question(part: str) -> Question:
    asks, rest = part.split("\n", 1)
    [(kind, sql)] = BLOCK.findall(rest)
    before, after = BLOCK.split(rest)[0], rest.rsplit("```", 1)[1]
    assert kind == "sql"
    assert before.strip().endswith(".")
    lines = [line for line in after.strip().splitlines() if not line.startswith("| ---")]
    return Question(asks, sql, [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines])


def told(value: Any) -> str:
    """Return a value as the page tells it."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the small release."""
    return released.write(tmp_path_factory.mktemp("release"), released.frames(RELEASE))


@pytest.fixture(scope="module")
def database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        yield connection


def test_the_page_answers_twelve_questions_in_order() -> None:
    assert [one.asks.split(". ")[0] for one in questions()] == [str(n) for n in range(1, 13)]
    assert all(one.asks.endswith("?") and len(one.rows) > 1 for one in questions())


@pytest.mark.parametrize("one", questions(), ids=lambda one: one.asks)
def test_a_question_has_the_rows_of_the_page(database: duckdb.DuckDBPyConnection, one: Question) -> None:
    found = database.sql(one.sql)
    header, *rows = one.rows
    assert found.columns == header
    assert [[told(value) for value in row] for row in found.fetchall()] == rows


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the oldest DuckDB that must open it."""
    return old_duckdb.python(tmp_path_factory.mktemp("old") / "venv")


def asked(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a query for every view, macro and question."""
    views = database.sql(
        "select schema_name || '.' || view_name from duckdb_views() where not internal order by all"
    ).fetchall()
    macros = ("labs_of('p1')", "labs_of('o''neil')", "lapsing(7)", "rule_rate('RST-04', '2023-01-01', null)",
              "episode_story('p2-1')")  # fmt: skip
    named = [*(name for (name,) in views), *macros, *(f"analyst.{macro}" for macro in macros)]
    return [*(f"select * from {name}" for name in named), *(one.sql for one in questions())]


def test_the_oldest_duckdb_that_opens_it_answers_as_the_newest_does(
    path: Path, database: duckdb.DuckDBPyConnection, oldest: Path
) -> None:
    queries = asked(database)
    answers = old_duckdb.ask(oldest, path, queries)
    assert len(answers) == len(queries) > 40
    for query, answer in zip(queries, answers, strict=True):
        assert answer == [str(row) for row in database.sql(query).fetchall()], query


def test_the_oldest_duckdb_that_opens_it_shows_every_comment(
    path: Path, database: duckdb.DuckDBPyConnection, oldest: Path
) -> None:
    queries = [
        "select schema_name, table_name, comment from duckdb_tables() where not internal order by all",
        "select schema_name, view_name, comment from duckdb_views() where not internal order by all",
        "select schema_name, table_name, column_name, comment from duckdb_columns() where not internal order by all",
        "select schema_name, function_name, comment from duckdb_functions() where not internal order by all",
    ]
    answers = old_duckdb.ask(oldest, path, queries)
    assert answers == [[str(row) for row in database.sql(query).fetchall()] for query in queries]
    assert all(len(rows) > 4 and not any("None" in row for row in rows) for rows in answers)


@pytest.fixture
def home(path: Path, tmp_path: Path) -> Iterator[None]:
    """A folder in which the release is the current one of HOME."""
    (tmp_path / "HOME" / "current").mkdir(parents=True)
    shutil.copy(path, tmp_path / "HOME" / "current" / path.name)
    with chdir(tmp_path):
        yield


def test_the_lines_of_python_open_it(home: None) -> None:
    [lines] = [text for kind, text in BLOCK.findall(PAGE) if kind == "python"]
    names: dict[str, Any] = {}
    exec(lines, names)
    assert names["rows"] == [("RST-04", 2, 33.3)]


def test_the_lines_for_excel_write_a_csv_outside_of_the_release(
    home: None, database: duckdb.DuckDBPyConnection
) -> None:
    lines = PAGE.split("**Excel**", 1)[1].split("```sql\n", 1)[1].split("```", 1)[0]
    database.execute(lines)
    written = Path("violations.csv").read_text(encoding="utf-8").splitlines()
    assert written[0].startswith("episode_id,patient_id,site_id")
    assert len(written) == 1 + 3


def test_attached_under_another_name_it_answers_once_it_is_in_use(home: None) -> None:
    [lines] = re.findall(r"`(attach [^`]+)`", PAGE)
    with closing(duckdb.connect()) as connection:
        connection.execute(lines)
        assert connection.execute("select count(*) from lapsing(7)").fetchone() == (3,)


def test_nobody_writes_into_it(path: Path) -> None:
    with closing(duckdb.connect(str(path), read_only=True)) as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute("delete from findings")
