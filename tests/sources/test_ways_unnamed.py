"""For every way in: no word of the input's names and headers is in a note, an error, a list of files or a reject."""

import json
import os
from pathlib import Path

import pytest

from flows import sources
from flows.errors import RechallengeError
from flows.given import Given
from tests.sources.test_ways_inputs import folder_of
from tests.sources.ways import AS_OF, WAYS, intake, references

CANARY = "CANARYMEYER"
OF_TEXT = ("header", "another separator", "latin-1")
HOW = ("good", "lines", "damaged", "empty", *OF_TEXT)
FILES = [way for way in WAYS if way == "native parquet" or not way.endswith((" parquet", " duckdb"))]


def told(given: Given, work: Path) -> str:
    """Return whatever is said of an input, by its account or by its error; `names` are for a terminal alone."""
    by = references()
    try:
        with sources.receive(given, work, AS_OF, by) as received:
            taken = intake.stage(intake.settle(received, AS_OF, by))
    except RechallengeError as error:
        assert "\n" not in str(error)
        return str(error)
    frames = [
        taken.conservation,
        taken.source_rows,
        taken.expectations,
        taken.rejects.select("table_name", "reason", "detail"),
    ]
    return json.dumps([taken.notes, taken.files, [frame.rows() for frame in frames]], default=str)


def in_parts(folder: Path) -> None:
    """Put each table's file into a folder of parts, under the name of a person, and other files below one."""
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".toml", ".duckdb")
    ):
        if path.suffix in (".csv", ".parquet") and not (folder / "mapping.toml").exists():
            path.with_suffix("").mkdir()
            path.rename(path.with_suffix("") / f"{CANARY}{path.suffix}")
        elif path.suffix in (".ndjson", ".hl7"):
            (path.parent / CANARY).mkdir(exist_ok=True)
            path.rename(path.parent / CANARY / f"{CANARY}-{path.name}")


def spoil(path: Path, how: str) -> None:
    """Break a file: `how` is a header with a person's name, broken lines, a damaged form, or nothing at all."""
    content = path.read_bytes()
    if how == "header" and path.suffix == ".csv":
        head, _, rest = content.partition(b"\n")
        content = head + f",{CANARY},{CANARY}\n".encode() + b"".join(row + b",x,y\n" for row in rest.splitlines())
    elif how == "another separator" and path.suffix == ".csv":
        content = f"{CANARY};1\n".encode()
    elif how == "lines":
        content += f"{CANARY},\n{CANARY}\n".encode()
    elif how == "damaged":
        content = f"{CANARY}".encode() + content[: len(content) // 2]
    elif how == "empty":
        content = b""
    elif how == "latin-1":
        content += f"{CANARY}\xfc\n".encode("latin-1")
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("way", "how"),
    [(way, how) for way in FILES for how in HOW if how not in OF_TEXT or not way.endswith("parquet")],
)
def test_nothing_that_is_said_names_a_file_or_a_header(tmp_path: Path, way: str, how: str) -> None:
    given = WAYS[way](tmp_path / "in")
    folder = folder_of(given)
    in_parts(folder)
    (folder / f"{CANARY}.xyz").write_text(CANARY)
    files = [path for path in folder.rglob("*") if path.suffix in (".csv", ".parquet", ".ndjson", ".hl7")]
    for path in sorted(files)[-1:] if how != "header" else files:
        spoil(path, how)
    assert CANARY not in told(given, tmp_path / "work")


@pytest.mark.parametrize("way", FILES)
def test_a_file_that_changes_while_it_is_read_is_not_named(tmp_path: Path, way: str) -> None:
    given = WAYS[way](tmp_path / "in")
    in_parts(folder_of(given))
    by = references()
    with sources.receive(given, tmp_path / "work", AS_OF, by) as received:
        settled = intake.settle(received, AS_OF, by)
        for path in folder_of(given).rglob("*"):
            if path.is_file():
                os.utime(path, (1, 1))
        with pytest.raises(RechallengeError, match="the file changed while it was read") as caught:
            intake.stage(settled)
    assert CANARY not in str(caught.value)
