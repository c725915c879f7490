"""A path means itself for every way in: the same rows come from an odd folder as from a plain one, and no others."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from flows.errors import Usage
from tests.sources.ways import WAYS, content, take

PATTERNS = "ex[12]/ex?/{ex1,ex2}/**"
DECOYS = (
    "ex1/exx/ex1/bx1",
    "ex2/ex?/{ex1,ex2}/**",
    "ex[12]/exx/ex2/any",
    "ex[12]/ex?/ex1/**",
    "ex[12]/ex?/{ex1,ex2}/bx1",
)
KEYS = "verdict=pass/status=cancelled/patient_id=7/unit=U%2FL/code=/filename=x/person_id=9"
WORDS = "~/$HOME/%20/-lead/s3:/q'q/d\"q/semi;x/new\nline/bl ank/ünï/{}/#x/a,b/\ttab"


@cache
def plain(way: str) -> dict[str, Any]:
    """Return what comes from a folder of a plain name."""
    with TemporaryDirectory() as folder:
        return content(take(WAYS[way](Path(folder) / "in"), Path(folder) / "work"))


def decoys(root: Path, folder: Path) -> None:
    """Put files of the same names, with other content, where a pattern would look for them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for place in DECOYS:
        for path in files:
            other = root / place / path.relative_to(folder)
            other.parent.mkdir(parents=True, exist_ok=True)
            other.write_bytes(b"decoy,patient_id\n1,2\n" if path.suffix == ".csv" else path.read_bytes()[:-9])


@pytest.mark.parametrize("way", WAYS)
def test_every_way_has_something_of_everything(way: str) -> None:
    found = plain(way)
    assert all(found[name] for name in ("patients", "labs", "exposures"))
    assert not found["rejects"]


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_named_as_a_pattern_is_itself(tmp_path: Path, way: str) -> None:
    given = WAYS[way](tmp_path / PATTERNS)
    decoys(tmp_path, tmp_path / PATTERNS)
    if way == "omop duckdb":
        with pytest.raises(Usage, match="cannot be opened below a path"):
            take(given, tmp_path / "work")
        return
    assert content(take(given, tmp_path / "work")) == plain(way)


def test_a_database_below_a_pattern_is_itself(tmp_path: Path) -> None:
    given = WAYS["omop duckdb"](tmp_path / "ex[12]" / "**")
    (tmp_path / "ex1" / "any").mkdir(parents=True)
    assert content(take(given, tmp_path / "work")) == plain("omop duckdb")


@pytest.mark.parametrize("way", WAYS)
def test_no_key_and_no_variable_is_read_out_of_a_path(tmp_path: Path, way: str) -> None:
    folder = tmp_path / KEYS / WORDS
    folder.mkdir(parents=True)
    given = WAYS[way](folder / "in")
    assert content(take(given, folder / "work")) == plain(way), "the folder of what spills is as odd"
