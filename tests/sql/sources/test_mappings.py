"""Mappings of sources (sql/sources) against their case files: tables of the source in, rows of the contract out."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from expectations import drug_exposures
from flows import sources
from flows.sources.table import known
from flows.warehouse import Warehouse
from tests.flows.extracts import AS_OF, references
from tests.sources import ways
from tests.sources.look import Site
from tests.sql import relations
from tests.sql.relations import Case

FOLDER = Path(__file__).parent
# What a mapping.toml makes of the columns of a site's table of drugs; length_days is of the reading of its texts.
PLAIN = ", ".join(f"{name} VARCHAR" for name in ("length_days", *(column.name for column in known(drug_exposures.TABLE))))
CASES = [case for path in sorted(FOLDER.glob("*/*.txt")) for case in relations.read(path)]


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Warehouse]]:
    """Yield for each kind the warehouse of a small source that was received: every relation stands in it."""
    with ExitStack() as stack:
        opened = {}
        for kind in sorted({case.layer for case in CASES}):
            folder = tmp_path_factory.mktemp(kind)
            given, by = ways.WAYS[kind](folder / "source"), references(site=Site(time_zone="Europe/Berlin"))
            opened[kind] = stack.enter_context(sources.receive(given, folder / "work", AS_OF, by)).warehouse
        if "table" in opened:
            opened["table"].run(f"CREATE TABLE source.plain (row_number BIGINT, {PLAIN})")
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.layer}/{case.relation}: {case.shows}")
def test_a_mapping_returns_these_rows(warehouses: Mapping[str, Warehouse], case: Case) -> None:
    assert relations.answer(warehouses[case.layer], case) == relations.expected(case)
