"""A kind of source is whole: its package, its mappings, its page, and a small input in every way that tests try."""

from importlib import import_module
from pathlib import Path

import pytest

from flows.given import KINDS
from flows.sources.mapping import SOURCES
from tests.mutation.areas import AREAS
from tests.sources.ways import WAYS

PAGES = Path(__file__).parents[2] / "docs" / "sources"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_all_that_belongs_to_it(kind: str) -> None:
    assert callable(import_module(f"flows.sources.{kind.replace('-', '_')}").source)
    assert list((SOURCES / kind).glob("*.sql")), f"no mapping in sql/sources/{kind}"
    assert (PAGES / f"{kind}.md").is_file(), f"no page docs/sources/{kind}.md"
    assert f"| `{kind}` |" in (PAGES / "README.md").read_text(encoding="utf-8"), "no line in docs/sources/README.md"
    assert kind in WAYS, "no writer in WAYS of tests/sources/ways.py"
    assert kind in {area.name for area in AREAS}, "no area in AREAS of tests/mutation/areas.py"


def test_no_mapping_and_no_page_is_of_a_kind_that_is_no_more() -> None:
    assert {path.name for path in SOURCES.iterdir() if path.is_dir()} == KINDS.keys()
    assert {path.stem for path in PAGES.glob("*.md")} == {*KINDS, "README"}
