"""Each relation of data in against its case file: tables in, rows out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.shipped import SQL
from flows.warehouse import Warehouse
from tests.sql import relations
from tests.sql.relations import Case

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.txt"))
CASES = [case for path in FILES for case in relations.read(path)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with relations.settled(tmp_path_factory.mktemp("settled")) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.layer}/{case.relation}: {case.shows}")
def test_a_relation_returns_these_rows(warehouse: Warehouse, case: Case) -> None:
    assert relations.answer(warehouse, case) == relations.expected(case)


def test_each_relation_has_its_cases() -> None:
    of_cases = {f"{path.parent.name}/{path.name.split('.')[0]}" for path in FILES}
    paths = [*(SQL / "intake").glob("*/*.sql"), *(SQL / "reference").glob("*.sql")]
    assert sorted(of_cases) == sorted(f"{path.parent.name}/{path.stem}" for path in paths)
