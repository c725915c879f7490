"""A kind of source is whole: its package, its mappings, its page, and a small input in every way that tests try."""

from importlib import import_module
from pathlib import Path

import pytest

from flows.given import KINDS
from flows.sources.mapping import SOURCES
from tests.mutation.areas import AREAS
from tests.sources.ways import WAYS

PAGES = Path(__file__).parents[2] / "docs" / "sources"
CASES = Path(__file__).parents[1] / "sql" / "sources"
# The forms of files that the tests of all ways empty, break and add columns to, or have no need to.
FORMS = {".csv", ".parquet", ".ndjson", ".hl7", ".duckdb", ".toml"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_all_that_belongs_to_it(kind: str) -> None:
    assert callable(import_module(f"flows.sources.{kind.replace('-', '_')}").source)
    assert list((SOURCES / kind).glob("*.sql")), f"no mapping in sql/sources/{kind}"
    assert (PAGES / f"{kind}.md").is_file(), f"no page docs/sources/{kind}.md"
    assert f"| `{kind}` |" in (PAGES / "README.md").read_text(encoding="utf-8"), "no line in docs/sources/README.md"
    assert list((CASES / kind).glob("*.txt")), f"no cases of its mappings in tests/sql/sources/{kind}"
    asked = (CASES / "test_mappings.py").read_text(encoding="utf-8")
    assert f'@of("{kind}")' in asked, "no test in tests/sql/sources/test_mappings.py asks its cases"
    assert kind in WAYS, "no writer in WAYS of tests/sources/ways.py"
    assert kind in {area.name for area in AREAS}, "no area in AREAS of tests/mutation/areas.py"


@pytest.mark.parametrize("way", WAYS)
def test_the_tests_of_all_ways_know_the_forms_of_its_files(way: str, tmp_path: Path) -> None:
    WAYS[way](tmp_path / "in")
    forms = {path.suffix for path in (tmp_path / "in").rglob("*") if path.is_file()}
    assert forms <= FORMS, (
        "a new form is one for without_rows and add_strangers of test_ways_inputs.py, for in_parts and spoil of"
        " test_ways_unnamed.py and then for FORMS"
    )


def test_no_mapping_and_no_page_is_of_a_kind_that_is_no_more() -> None:
    assert {path.name for path in SOURCES.iterdir() if path.is_dir()} == KINDS.keys()
    assert {path.stem for path in PAGES.glob("*.md")} == {*KINDS, "README"}
