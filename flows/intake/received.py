"""An extract in the warehouse, as received: its tables, its files, and what the report must say about them."""

import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from audit.frames import SOURCE_ROWS
from expectations import TABLES
from flows.errors import Refused
from flows.intake import extract, notes
from flows.intake.extract import Part
from flows.intake.tables import RECEIVED, SOURCE, Receiver
from flows.references import teach_units
from flows.warehouse import Warehouse

SOURCE_REJECTS = (
    "source_table VARCHAR, row_number BIGINT, source_id VARCHAR, reason VARCHAR, detail VARCHAR, row VARCHAR"
)


class Received:
    """One received extract; close it, or use it as a context manager.

    `is_prepared` says that the reference tables are loaded already, as a mapping needed them. `source_rows` accounts
    for the rows of another kind of source (columns of SOURCE_ROWS); a native extract has none.
    `extracted_on` is the last day that the extract covers whole, where it is told.
    """

    def __init__(self, work: Path) -> None:
        """Open a warehouse that spills into `work`."""
        self.has: set[str] = set()
        self.notes: list[str] = []
        self.names: list[str] = []  # words of the input that notes leave out, for a person at a terminal alone
        self.rows: dict[str, int] = {}
        self.is_prepared = False
        self.extracted_on: date | None = None
        self.source_rows = SOURCE_ROWS.empty()
        self._parts: list[Part] = []
        self._hashing = ThreadPoolExecutor(1)
        self._hashes: dict[str, Future[str]] = {}
        self.warehouse = Warehouse(work)
        teach_units(self.warehouse)
        self.warehouse.run(f"CREATE TABLE source.rejects ({SOURCE_REJECTS})")

    def hash(self, parts: Sequence[Part]) -> None:
        """Hash files in the background while they are read."""
        self._parts += parts
        self._hashes |= {part.name: self._hashing.submit(part.sha256) for part in parts}

    def files(self) -> list[dict[str, Any]]:
        """Return table, place, bytes, hash and rows of every file; Refused where one changed while it was read."""
        for part in self._parts:
            if not part.is_unchanged():
                line = f"{part.label}: the file changed while it was read; run again when it is complete"
                raise Refused(line, names=part.name)
        return [self._file(part) for part in self._parts]

    def _file(self, part: Part) -> dict[str, Any]:
        return {
            "table": part.table,
            "file": part.place,
            "of": part.of,
            "bytes": part.size,
            "sha256": self._hashes[part.name].result(),
            "rows": self.rows.get(part.name),
        }

    def close(self) -> None:
        """Close the warehouse, remove the copies of files, stop hashing."""
        self._hashing.shutdown(cancel_futures=True)
        self.warehouse.close()
        for copies in (RECEIVED, SOURCE):
            shutil.rmtree(self.warehouse.work / copies, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return the extract."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


def receive_native(folder: Path, work: Path, time_zone: str | None = None) -> Received:
    """Receive every table of an extract of the contract; `time_zone` is that of the site, where it is told."""
    parts = extract.find(folder)
    received = Received(work)
    try:
        received.hash([part for files in parts.values() for part in files])
        receiver = Receiver(received.warehouse, time_zone=time_zone)
        for table in TABLES:
            receiver.receive(table, parts[table.name])
    except BaseException:
        received.close()
        raise
    received.has = {table for table, files in parts.items() if files}
    strangers = extract.strangers(folder, parts)
    received.notes = [*notes.of_strangers(strangers), *receiver.notes]
    received.names = [*(f"of no table: {name}" for name in strangers), *receiver.names]
    received.rows = receiver.rows
    return received
