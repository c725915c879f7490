"""Lines of a CSV that are no rows: each a reject with its number in the file, cut; every other row is read right."""

import gzip
import json
import random
import resource
from pathlib import Path

import polars as pl
import pytest
from extracts import RESULT, counts, extract, take

from flows.intake import csv_copy as receive_csv
from flows.intake.csv_lines import FIELDS, LENGTH, LONGEST, QUOTES, SHOWN
from flows.intake.steps import Intake

HEADER = "result_id,patient_id,collected_at,vocabulary,code,value,unit\n"
PATIENT_ROW = "p1,2024-02-01,concept,alt,50,U/L"


def row(name: str, value: str = "50", unit: str = "U/L") -> str:
    """Return a good result."""
    return f"{name},p1,2024-02-01,concept,alt,{value},{unit}"


def taken_of(tmp_path: Path, text: str, *, packed: bool = False) -> Intake:
    """Take in an extract whose results are this text."""
    folder = extract(tmp_path / "extract", lab_results=None)
    content = text.encode()
    name = "lab_results.csv.gz" if packed else "lab_results.csv"
    (folder / name).write_bytes(gzip.compress(content) if packed else content)
    return take(folder)


def broken(taken: Intake) -> list[tuple[str, str]]:
    """Return line and detail of the rejects, all of which must be malformed lines."""
    rejects = taken.rejects.filter(pl.col("table_name") == "lab_results")
    assert set(rejects["reason"]) <= {"malformed_line"}
    return [(json.loads(line), detail) for line, detail in rejects.select("row", "detail").rows()]


def staged(taken: Intake) -> list[str]:
    """Return the ids of the results that were read."""
    return sorted(taken.staged.labs["result_id"])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("end", "stray"), [("\r\n", "\n"), ("\n", "\r"), ("\r\n", "\r"), ("\n", "\n"), ("\r\n", "\r\n")]
)
def test_a_stray_end_of_a_line_breaks_its_line_alone(tmp_path: Path, end: str, stray: str, packed: bool) -> None:
    lines = [HEADER.strip(), row("r1"), f"r2,p1,2024-02-01,con{stray}cept,alt,50,U/L", row("r3"), ""]
    taken = taken_of(tmp_path, end.join(lines), packed=packed)
    assert staged(taken) == ["r1", "r3"]
    assert broken(taken) == [
        ("r2,p1,2024-02-01,con", f"{FIELDS}: line 3"),
        ("cept,alt,50,U/L", f"{FIELDS}: line 4"),
    ]
    assert counts(taken) == {"read": 4, "staged": 2, "rejected": 2}


@pytest.mark.parametrize(("one", "other"), [("\r\n", "\n"), ("\n", "\r\n"), ("\r", "\n"), ("\r\r\n", "\n")])
def test_two_exports_that_end_lines_in_two_ways_are_read_whole(tmp_path: Path, one: str, other: str) -> None:
    text = one.join([HEADER.strip(), row("r1"), row("r2"), ""]) + other.join([row("r3"), row("r4"), ""])
    taken = taken_of(tmp_path, text)
    assert staged(taken) == ["r1", "r2", "r3", "r4"]
    assert broken(taken) == []


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("inner", ["\n", "\r", "\r\n", "\n\n"])
@pytest.mark.parametrize("more", ["", "r9,short"])
def test_a_quoted_end_of_a_line_is_part_of_its_value(tmp_path: Path, end: str, inner: str, more: str) -> None:
    lines = [HEADER.strip(), row('"r\x001"'.replace("\x00", inner)), row("r2"), *([more] if more else []), ""]
    taken = taken_of(tmp_path, end.join(lines))
    assert staged(taken) == sorted([f"r{inner}1", "r2"])
    number = 4 + (inner.count("\n") or inner.count("\r"))
    assert broken(taken) == ([(more, f"{FIELDS}: line {number}")] if more else [])


def test_a_quote_amiss_breaks_its_line_alone(tmp_path: Path) -> None:
    lines = [row("r1"), 'r2,"p1,2024-02-01,concept,alt,50,U/L', row("r3"), row('"r"4'), row('"r5"'), row('r"6')]
    taken = taken_of(tmp_path, HEADER + "\n".join(lines) + "\n")
    assert staged(taken) == ['r"6', "r1", "r3", "r5"]
    assert [detail for _, detail in broken(taken)] == [f"{QUOTES}: line 3", f"{QUOTES}: line 5"]


def test_a_broken_line_in_one_of_several_files_is_told_with_its_file(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=None)
    (folder / "lab_results").mkdir()
    for place in range(3):
        (folder / "lab_results" / f"{place}.csv").write_text(f"{HEADER}{row(f'r{place}')}\n" + "x,y\n" * (place == 1))
    taken = take(folder)
    assert broken(taken) == [("x,y", f"{FIELDS}: file 2 of 3, line 3")]
    assert taken.rejects["row_number"].to_list() == [4]


@pytest.mark.parametrize(("length", "is_cut"), [(SHOWN - 1, False), (SHOWN, False), (SHOWN + 1, True)])
@pytest.mark.parametrize("others", [0, 30])
def test_a_long_broken_line_is_kept_cut(tmp_path: Path, length: int, is_cut: bool, others: int) -> None:
    taken = taken_of(tmp_path, HEADER + row("r1") + "\n" + "x" * length + "\n" + "y\n" * others)
    told = f"{'x' * SHOWN}... ({length:,} characters)" if is_cut else "x" * length
    assert broken(taken)[0] == (told, f"{FIELDS}: line 3")
    assert counts(taken) == {"read": 2 + others, "staged": 1, "rejected": 1 + others}


def test_a_record_beyond_all_measure_is_a_reject(tmp_path: Path) -> None:
    taken = taken_of(tmp_path, f"{HEADER}{row('x' * LONGEST)}\n{row('r2')}\n")
    assert staged(taken) == ["r2"]
    assert [detail for _, detail in broken(taken)] == [f"{LENGTH}: line 2"]


def test_many_long_broken_lines_take_little_memory(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", lab_results=None)
    with (folder / "lab_results.csv").open("w") as out:
        out.write(HEADER + row("r1") + "\n")
        for _ in range(60):
            out.write("," * 1_900_000 + "\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert counts(take(folder)) == {"read": 61, "staged": 1, "rejected": 60}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # kB: 60 such lines are 114 MB


def test_a_long_value_of_a_rejected_row_is_kept_cut(tmp_path: Path) -> None:
    taken = taken_of(tmp_path, f"{HEADER}{row('r1', value='z' * 5000)}\n{row('r2')}\n")
    [kept] = taken.rejects["row"]
    assert json.loads(kept)["value"] == f"{'z' * SHOWN}... (5,000 characters)".replace("5,000", "5000")


def test_both_ways_of_reading_tell_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(7)
    choices = [row("a"), row('"b"'), row('"c\n\nd"'), row('"e""f"'), "short", row("g") + ",more", ""]
    text = "\n".join([HEADER.strip(), *(dice.choice(choices) for _ in range(40)), row("last"), ""])
    told = []
    for few in (1000, 0):
        monkeypatch.setattr(receive_csv, "FEW", few)
        monkeypatch.setattr(
            receive_csv, "OPTIONS", receive_csv.OPTIONS.replace("rejects_limit = 21", "rejects_limit = 0")
        )
        taken = taken_of(tmp_path / str(few), text)
        told.append((counts(taken), taken.rejects.select("row_number", "row", "detail").rows()))
    assert told[0] == told[1]
    assert RESULT
