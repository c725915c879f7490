"""No message and no note says a word of the input: files go by table and place, strange columns by their number."""

import json
from pathlib import Path

import pytest
from extracts import RESULT, extract, take

from flows import sources
from flows.errors import Refused

CANARY = "CANARY-MEYER"
HEADER = ",".join(RESULT)
LINE = ",".join(value or "" for value in RESULT.values())
CONTENTS = {
    "a patient's row as header": (f"{CANARY};x\n", "the column .* is missing; its header is one column"),
    "a header with a strange column only": (f"{CANARY},{CANARY}\n", "the column .* is missing$"),
    "nothing": ("", "file 2 of 2: the file is empty"),
    "another encoding": (f"{HEADER}\n{CANARY}ü\n", "file 2 of 2: not UTF-8"),
}


@pytest.mark.parametrize("what", CONTENTS)
def test_a_file_that_is_refused_is_told_by_its_place(tmp_path: Path, what: str) -> None:
    content, said = CONTENTS[what]
    folder = extract(tmp_path / CANARY / "in", lab_results=None)
    (folder / "lab_results").mkdir()
    (folder / "lab_results" / "a.csv").write_text(f"{HEADER}\n{LINE}\n")
    (folder / "lab_results" / f"{CANARY}.csv").write_bytes(content.encode("latin-1"))
    (folder / "lab_results" / f"{CANARY}.csv").rename(folder / "lab_results" / f"b{CANARY}.csv")
    with pytest.raises(Refused, match=said) as caught:
        take(folder)
    assert CANARY not in str(caught.value)


def test_what_is_left_alone_is_counted_and_named_apart(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=[{**RESULT, f"{CANARY}1": "x", f"{CANARY}2": "y"}])
    (folder / f"{CANARY}.txt").write_text(CANARY)
    with sources.receive(folder, tmp_path / "work") as received:
        assert "lab_results: 2 columns not of the contract were kept out" in received.notes
        assert "extract: 1 file of no table was left alone" in received.notes
        assert CANARY not in json.dumps([received.notes, received.files()])
        assert received.names == [f"of no table: {CANARY}.txt", f"lab_results: kept out {CANARY}1, {CANARY}2"]


def test_two_forms_of_a_table_are_told_without_their_names(tmp_path: Path) -> None:
    folder = extract(tmp_path / CANARY)
    (folder / "lab_results").mkdir()
    with pytest.raises(Refused) as caught:
        take(folder)
    assert str(caught.value) == "extract: lab_results comes in two forms"
    assert caught.value.names == "lab_results.csv, lab_results"
