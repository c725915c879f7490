"""Read message files and keep their rows as Parquet, a batch at a time; count what must be said of the files."""

import gzip
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flows.errors import Refused
from flows.intake import SHOWN, Part
from flows.sources.hl7v2.cut import Cutter, Raw, Tally
from flows.sources.hl7v2.message import Message, read
from flows.sources.hl7v2.rows import MESSAGE, OBSERVATION, PID, Row

REJECT = ("row_number", "source_id", "reason", "file", "of", "message", "byte", "text")
TABLES = {"messages": MESSAGE, "observations": OBSERVATION, "pid": PID, "rejects": REJECT}
BATCH_ROWS, BATCH_BYTES = 10_000, 32 << 20


class Store:
    """The flat rows of the message files below a folder: `<table>.parquet` each, and their numbers."""

    def __init__(self, folder: Path) -> None:
        """Write into this folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.paths = {name: folder / f"hl7v2.{name}.parquet" for name in TABLES}
        self.counts = dict.fromkeys(TABLES, 0)
        self.per_file: dict[str, int] = {}
        self._cutter = Cutter()
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._bytes = 0

    @property
    def tally(self) -> Tally:
        """Return what was counted beside the messages."""
        return self._cutter.tally

    def read(self, parts: Sequence[Part]) -> None:
        """Read files in order; Refused where one cannot be read to its end."""
        schemas = {name: pa.schema([(column, pa.string()) for column in columns]) for name, columns in TABLES.items()}
        with ExitStack() as stack:
            writers = {name: stack.enter_context(pq.ParquetWriter(self.paths[name], schemas[name])) for name in TABLES}
            for part in parts:
                try:
                    self._file(part, writers)
                except (OSError, EOFError, zlib.error):
                    where = f"file {part.place} of {part.of}, in the order of their names"
                    raise Refused(f"messages: {where}, cannot be read to its end") from None
            self._flush(writers)

    def _file(self, part: Part, writers: dict[str, pq.ParquetWriter]) -> None:
        opened = gzip.open if part.name.lower().endswith(".gz") else open
        with opened(part.path, "rb") as stream:
            before = self.counts["messages"]
            for held in self._cutter.messages(cast("IO[bytes]", stream)):
                self._message(held, part, self.counts["messages"] - before + 1)
                if len(self._rows["observations"]) >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
                    self._flush(writers)
        self.per_file[part.name] = self.counts["messages"] - before

    def _message(self, held: Raw, part: Part, number: int) -> None:
        message = read(held)
        self._add(
            "messages",
            {
                "control_id": message.control_id,
                "file": part.name,
                "position": str(held.position),
                "message_type": message.message_type,
                "trigger": message.trigger,
                "processing_id": message.processing_id,
                "sent_at": message.sent_at,
                "left_out": message.left_out,
            },
        )
        if message.rejected:
            place: Row = {"file": str(part.place), "of": str(part.of), "message": str(number)}
            self._add("rejects", self._reject(held, message) | place)
        for table, rows in (("observations", message.observations), ("pid", message.people)):
            for row in rows:
                self._add(table, row)
        self._bytes += held.size

    def _reject(self, held: Raw, message: Message) -> Row:
        shown = held.content[:SHOWN].decode(message.character_set, errors="backslashreplace")
        return {
            "row_number": str(self.counts["messages"]),
            "source_id": message.control_id,
            "reason": message.rejected,
            "byte": str(held.position),
            "text": shown if held.size <= SHOWN else f"{shown}... ({held.size:,} bytes)",
        }

    def _add(self, table: str, row: Row) -> None:
        self._rows[table].append(row)
        self.counts[table] += 1

    def _flush(self, writers: dict[str, pq.ParquetWriter]) -> None:
        for name, rows in self._rows.items():
            if rows:
                writers[name].write_table(pa.Table.from_pylist(rows, schema=writers[name].schema))
                rows.clear()
        self._bytes = 0
