"""Mappings of sources (sql/sources) against their case files: tables of the source in, rows of the contract out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
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

Opened = Callable[[str], Warehouse]
FOLDER = Path(__file__).parent
# What a mapping.toml makes of the columns of a site's table of drugs; length_days is of the reading of its texts.
PLAIN = ", ".join(
    f"{name} VARCHAR" for name in ("length_days", *(column.name for column in known(drug_exposures.TABLE)))
)


def of(kind: str) -> pytest.MarkDecorator:
    """Return the cases of a kind of source as the parameters of a test."""
    cases = [case for path in sorted((FOLDER / kind).glob("*.txt")) for case in relations.read(path)]
    return pytest.mark.parametrize("case", cases, ids=lambda case: f"{case.relation}: {case.shows}")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Yield what opens, for a kind, the warehouse of a small source that was received: every relation stands in it."""
    with ExitStack() as stack:

        @cache
        def receive(kind: str) -> Warehouse:
            folder = tmp_path_factory.mktemp(kind)
            given, by = ways.WAYS[kind](folder / "source"), references(site=Site(time_zone="Europe/Berlin"))
            warehouse = stack.enter_context(sources.receive(given, folder / "work", AS_OF, by)).warehouse
            if kind == "table":
                warehouse.run(f"CREATE TABLE source.plain (row_number BIGINT, {PLAIN})")
            return warehouse

        yield receive


def require(opened: Opened, case: Case) -> None:
    """Fail where a mapping returns other rows than the case says."""
    assert relations.answer(opened(case.layer), case) == relations.expected(case)


@of("fhir")
def test_a_mapping_of_fhir_returns_these_rows(opened: Opened, case: Case) -> None:
    require(opened, case)


@of("hl7v2")
def test_a_mapping_of_hl7_v2_returns_these_rows(opened: Opened, case: Case) -> None:
    require(opened, case)


@of("mimic-iv")
def test_a_mapping_of_mimic_iv_returns_these_rows(opened: Opened, case: Case) -> None:
    require(opened, case)


@of("omop")
def test_a_mapping_of_omop_returns_these_rows(opened: Opened, case: Case) -> None:
    require(opened, case)


@of("table")
def test_what_is_made_of_a_sites_own_table_are_these_rows(opened: Opened, case: Case) -> None:
    require(opened, case)
