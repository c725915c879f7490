"""An extract in the warehouse, as received: its tables, its files, and what the report must say about them."""

import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from expectations import TABLES
from flows import extract, notes
from flows.errors import Refused
from flows.extract import Part
from flows.receive import COPIES, Receiver
from flows.warehouse import Warehouse


class Received:
    """One received extract; close it, or use it as a context manager."""

    def __init__(self, folder: Path, work: Path) -> None:
        """Receive every table into a warehouse that spills into `work`; the files are hashed meanwhile."""
        parts = extract.find(folder)
        self.has = {table for table, files in parts.items() if files}
        self.notes = notes.of_strangers(extract.strangers(folder, parts))
        self._parts = [part for files in parts.values() for part in files]
        self._hashing = ThreadPoolExecutor(1)
        self._hashes: dict[str, Future[str]] = {part.name: self._hashing.submit(part.sha256) for part in self._parts}
        self.warehouse = Warehouse(work)
        try:
            receiver = Receiver(self.warehouse)
            for table in TABLES:
                receiver.receive(table, parts[table.name])
        except BaseException:
            self.close()
            raise
        self.notes += receiver.notes
        self._rows = receiver.rows

    def files(self) -> list[dict[str, Any]]:
        """Return name, bytes, hash and rows of every file; Refused where one changed while it was read."""
        for part in self._parts:
            if not part.is_unchanged():
                raise Refused(f"extract: {part.name} changed while it was read; run again when it is complete")
        return [self._file(part) for part in self._parts]

    def _file(self, part: Part) -> dict[str, Any]:
        sha256 = self._hashes[part.name].result()
        return {"name": part.name, "bytes": part.size, "sha256": sha256, "rows": self._rows[part.name]}

    def close(self) -> None:
        """Close the warehouse, remove the copies of CSV files, stop hashing."""
        self._hashing.shutdown(cancel_futures=True)
        self.warehouse.close()
        shutil.rmtree(self.warehouse.work / COPIES, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return the extract."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()
