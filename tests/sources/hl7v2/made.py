"""Small message files for the tests, and what an audit receives of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from flows.given import Given
from flows.intake.extract import parts_of
from flows.intake.received import Received
from flows.sources.hl7v2.cut import Tally
from flows.sources.hl7v2.store import Store
from tests.flows.extracts import EXPOSURE, PATIENT, Rows, write_csv
from tests.sources import look

MSH = "MSH|^~\\&|LAB|LABOR|EHR|HOSP|20240202100000||ORU^R01^ORU_R01|m1|P|2.5.1"
PID = "PID|1||p1^^^HOSP^MR||Doe^Jane||19800301|F"
OBR = "OBR|1|P1|F1|CMP^^L|||202402010810||||||||||||||||||F"
OBX = "OBX|1|NM|1742-6^ALT^LN||50|U/L|7-56|N|||F"


def obx(**fields: str) -> str:
    """Return an OBX that differs from the good one in fields given as f5="40"."""
    held = OBX.split("|") + [""] * 15
    for name, text in fields.items():
        held[int(name[1:])] = text
    return "|".join(held).rstrip("|")


def message(*segments: str, end: str = "\r", head: str = MSH, pid: str = PID, obr: str = OBR) -> str:
    """Return a message of one order with these segments behind it, the good OBX where there are none."""
    return end.join([head, pid, obr, *(segments or (OBX,))]) + end


def folder(tmp_path: Path, *, patients: Rows | None = (PATIENT,), **files: str | bytes) -> Given:
    """Write a source: message files named by their stem, the table of exposures, and of patients unless it is None."""
    place = tmp_path / "hl7"
    place.mkdir(parents=True)
    write_csv(place / "drug_exposures.csv", [EXPOSURE])
    if patients is not None:
        write_csv(place / "patients.csv", patients)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (place / f"{name}.hl7").write_bytes(data)
    return Given("hl7v2", str(place))


@contextmanager
def received(tmp_path: Path, *messages: str | bytes, **options: Any) -> Iterator[Received]:
    """Yield what is received of messages in one file."""
    content = b"".join(one.encode() if isinstance(one, str) else one for one in messages)
    with look.at(folder(tmp_path, feed=content, **options), tmp_path) as held:
        yield held


def labs(tmp_path: Path, *messages: str | bytes, **options: Any) -> list[dict[str, Any]]:
    """Return the received results of messages in one file."""
    with received(tmp_path, *messages, **options) as held:
        return look.rows(held, "lab_results")


def lab(tmp_path: Path, *segments: str, **parts: Any) -> dict[str, Any]:
    """Return the one received result of a message."""
    [row] = labs(tmp_path, message(*segments, **parts))
    return row


def kept(tmp_path: Path, *messages: str | bytes) -> tuple[dict[str, list[dict[str, Any]]], Tally]:
    """Return the flat rows of messages in one file, before any mapping, and what was counted beside them."""
    place = tmp_path / "kept"
    place.mkdir()
    (place / "feed.hl7").write_bytes(b"".join(one.encode() if isinstance(one, str) else one for one in messages))
    store = Store(tmp_path / "store")
    store.read(parts_of("messages", place, [place / "feed.hl7"]))
    return {name: pl.read_parquet(path).to_dicts() for name, path in store.paths.items()}, store.tally


def outcomes(held: Received, table: str) -> Sequence[tuple[str, str | None, int]]:
    """Return what became of the rows of a table of the source."""
    rows = held.source_rows.filter(held.source_rows["source_table"] == table)
    return sorted(rows.select("disposition", "reason", "rows").rows(), key=str)
