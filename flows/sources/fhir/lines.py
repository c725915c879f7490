"""The files of a bulk export, read once by DuckDB's JSON reader into Parquet copies, whatever types a file mixes.

The head of a file shows which types are in it, so that few columns are read; where it showed too little, the file is
read again. Lines that are no resource are found by their place and become rejects; no other line is looked at here.
"""

import gzip
import json
import re
import shutil
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, cast

import polars as pl

from flows.errors import Refused
from flows.intake import DESCRIPTION, SHOWN, Part, Receiver, parts_of, row_number
from flows.sources.fhir.resources import RESOURCES, TYPE, reading
from flows.warehouse import NOT_THE_FILES, Fault, Warehouse, quoted

FORMS = (".ndjson", ".jsonl", ".json")
LINES = "lines"
GZIP, BOM = b"\x1f\x8b", b"\xef\xbb\xbf"
HEAD_BYTES = 1 << 18
LARGEST_LINE = 64 << 20
REJECTS_AT_ONCE = 10_000
KINDS = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
UNREADABLE, NO_RESOURCE = "unreadable_json", "not_a_resource"
WORDS = {
    UNREADABLE: "the line is one JSON object, in UTF-8",
    NO_RESOURCE: "the object says which type of resource it is",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file: where it is read, by its place among the files, whether compressed, which types are in it."""

    part: Part
    place: int
    path: Path
    is_gzip: bool
    kinds: frozenset[str]

    def opened(self) -> IO[bytes]:
        """Open it for its bytes, decompressed."""
        return cast("IO[bytes]", gzip.open(self.path) if self.is_gzip else self.path.open("rb"))


@dataclass(frozen=True, slots=True)
class Copy:
    """A Parquet copy of some files: its rows, and the types whose columns it has."""

    path: Path
    kinds: frozenset[str]
    rows: int


@dataclass
class Lines:
    """What was read: the copies, and how many resources there are of each type."""

    copies: list[Copy] = field(default_factory=list)
    resources: Counter[str] = field(default_factory=Counter)

    def of(self, kind: str, warehouse: Warehouse) -> tuple[str, str]:
        """Return the SQL of a type's resources, and the SQL that numbers them by their place among all."""
        copies = [copy for copy in self.copies if kind in copy.kinds]
        relation = f"{warehouse.files.parquet([copy.path for copy in copies])} WHERE {TYPE} = {quoted(kind)}"
        return relation, row_number([copy.rows for copy in copies])


def files_of(folder: Path) -> tuple[list[Part], list[str]]:
    """Return the files of resources below a folder, by name, and a note on those of the exporter itself.

    Refused where there is none.
    """
    paths = sorted(path for path in folder.rglob("*") if _is_wanted(path.relative_to(folder)) and path.is_file())
    if not paths:
        raise Refused(f"source fhir: there is no {', '.join(FORMS)} file, gzipped or not, below the location")
    own = {path: kind for path in paths if (kind := of_exporter(path))}
    notes = [
        f"source lines: {count} {kind} of the exporter left alone: nothing in it is a resource"
        for kind, count in sorted(Counter(own.values()).items())
    ]
    return parts_of("resources", folder, [path for path in paths if path not in own]), notes


def of_exporter(path: Path) -> str | None:
    """Return what a file is that an exporter writes beside the resources, None where it may hold any.

    Its head tells, not its name alone: a file of resources may be called log.ndjson.
    """
    stem, _, suffix = path.name.lower().removesuffix(".gz").rpartition(".")
    head = _head(path).removeprefix(BOM)
    if not head:
        return None
    lines = head.splitlines() if len(head) < HEAD_BYTES else head.splitlines()[:-1]
    objects = [value for line in lines if line.strip() and isinstance(value := _object(line), dict)]
    if any(isinstance(one.get(TYPE), str) for one in objects):
        return None
    whole = _object(head)
    if suffix == "json" and isinstance(whole, dict) and {"transactionTime", "output"} <= whole.keys():
        return "manifest"
    is_of_events = bool(objects) and all({"exportId", "eventId"} <= one.keys() for one in objects)
    return "log" if is_of_events or (stem == "log" and TYPE.encode() not in head) else None


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed; of one that cannot be read, none: its reader says so."""
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == GZIP
        with cast("IO[bytes]", gzip.open(path) if is_gzip else path.open("rb")) as content:
            return content.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _object(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_wanted(name: Path) -> bool:
    is_hidden = any(part.startswith((".", "_")) for part in name.parts)
    return name.name.lower().removesuffix(".gz").endswith(FORMS) and not is_hidden and name.name != DESCRIPTION


def read(receiver: Receiver, parts: Sequence[Part]) -> Lines:
    """Copy every line that is a resource, and reject those that are none."""
    receiver.copies.mkdir(exist_ok=True)
    lines, reader = Lines(), Reader(receiver, len(parts))
    waiting = defaultdict(list)
    for place, part in enumerate(parts):
        file = reader.peek(place, part)
        waiting[file.is_gzip, file.kinds].append(file)
    while waiting:
        (_, kinds), files = waiting.popitem()
        found = reader.copy(files, kinds)
        if lacking := [file for file in files if not _used(found.counts[reader.spelled(file)]) <= kinds]:
            found.path.unlink()
            for file in files:
                more = kinds | _used(found.counts[reader.spelled(file)]) if file in lacking else kinds
                waiting[file.is_gzip, more].append(file)
            continue
        lines.copies.append(Copy(found.path, kinds, sum(counts.total() for counts in found.counts.values())))
        for file in files:
            counts = found.counts[reader.spelled(file)]
            receiver.rows[file.part.name] = counts.total()
            if counts[None]:
                reader.reject(found.path, file, counts.total())
            lines.resources.update({kind: rows for kind, rows in counts.items() if kind is not None})
    return lines


def _used(kinds: Iterable[str | None]) -> frozenset[str]:
    return frozenset(kind for kind in kinds if kind is not None and kind in RESOURCES)


@dataclass(frozen=True, slots=True)
class Found:
    """A copy that was just made, with the rows of each file by type; None is the type of what is no resource."""

    path: Path
    counts: Mapping[str, Counter[str | None]]


class Reader:
    """Reads files into copies below the folder of a receiver."""

    def __init__(self, receiver: Receiver, files: int) -> None:
        """Take the receiver, and the number of files for messages: a name may be about a person."""
        self.warehouse: Warehouse = receiver.warehouse
        self.folder, self.files, self.copied = receiver.copies, files, 0

    def peek(self, place: int, part: Part) -> File:
        """Return a file with the types that its head shows; one with a byte order mark is copied without it."""
        file = File(part, place, part.path, is_gzip=False, kinds=frozenset())
        try:
            with part.path.open("rb") as raw:
                file = replace(file, is_gzip=raw.read(2) == GZIP)
        except OSError:
            raise self._damaged(file, why="cannot be opened") from None
        try:
            with file.opened() as content:
                head = content.read(HEAD_BYTES)
                if head.startswith(BOM):
                    file = replace(file, path=self.folder / f"plain.{place}.ndjson", is_gzip=False)
                    with file.path.open("wb") as plain:
                        plain.write(head.removeprefix(BOM))
                        shutil.copyfileobj(content, plain)
        except (OSError, EOFError, zlib.error):
            raise self._damaged(file) from None
        return replace(file, kinds=_used(kind.decode() for kind in KINDS.findall(head)))

    def copy(self, files: Sequence[File], kinds: frozenset[str]) -> Found:
        """Copy the elements of these types out of files of one compression."""
        to = self.folder / f"{LINES}.{self.copied}.parquet"
        self.copied += 1
        columns, made = reading(sorted(kinds))
        select = f'SELECT filename AS file, "{TYPE}", {made}' if made else f'SELECT filename AS file, "{TYPE}"'
        try:
            self.warehouse.copy(f"{select} FROM {self._reader(files, columns)}", to, "COMPRESSION zstd")
        except NOT_THE_FILES:
            raise
        except Fault:
            raise self._which(files) from None
        counts: dict[str, Counter[str | None]] = {self.spelled(file): Counter() for file in files}
        by_type = f'SELECT file, "{TYPE}", count(*) FROM {self.warehouse.files.parquet([to])} GROUP BY ALL'
        for path, kind, rows in self.warehouse.rows(by_type):
            counts[path][kind] = rows
        return Found(to, counts)

    def reject(self, copy: Path, file: File, rows: int) -> None:
        """Reject the lines of a file that are no resource, each with its number and its text."""
        numbered = (
            f'SELECT "{TYPE}", row_number() OVER (ORDER BY file_row_number) AS ordinal '
            f"FROM {self.warehouse.files.parquet([copy])} WHERE file = ?"
        )
        ordinals = self.warehouse.rows(f'SELECT ordinal FROM ({numbered}) WHERE "{TYPE}" IS NULL', [self.spelled(file)])
        broken = self._lines(file, {ordinal for (ordinal,) in ordinals}, rows)
        while some := list(islice(broken, REJECTS_AT_ONCE)):
            self._keep(file, some)

    def _keep(self, file: File, broken: Sequence[tuple[int, str, str]]) -> None:
        part = file.part
        found = [(number, reason, part.place, part.of, text) for number, reason, text in broken]
        schema = ("row_number", "reason", "file", "of", "line")
        self.warehouse.load("source", "broken", pl.DataFrame(found, schema=schema, orient="row"))
        self.warehouse.run(
            f"INSERT INTO source.rejects SELECT {quoted(LINES)}, row_number, NULL, reason, NULL, "
            "CAST(to_json({'file': file, 'of': \"of\", 'line': row_number, 'text': line}) AS VARCHAR) "
            "FROM source.broken"
        )
        self.warehouse.run("DROP TABLE source.broken")

    def _lines(self, file: File, ordinals: set[int], rows: int) -> Iterator[tuple[int, str, str]]:
        """Yield number in the file, reason and shown text of the lines at these places, which count no blank lines."""
        ordinal = 0
        with file.opened() as content:
            for number, line in enumerate(content, start=1):
                if stripped := line.strip():
                    ordinal += 1
                    if ordinal in ordinals:
                        yield number, reason_of(stripped), shown(stripped)
        if ordinal != rows:
            raise self._damaged(file)

    def _which(self, files: Sequence[File]) -> Refused:
        """Return the refusal of the first of these files that cannot be read alone."""
        for file in files:
            try:
                self.warehouse.rows(f"SELECT count(*) FROM {self._reader([file], {TYPE: 'VARCHAR'})}")
            except Fault as error:
                if "maximum_object_size" in str(error):
                    return self._damaged(file, why=f"has a line longer than {LARGEST_LINE >> 20} MB")
                return self._damaged(file)
        return self._damaged(files[0])

    def spelled(self, file: File) -> str:
        """Return the name by which the copies know a file."""
        return self.warehouse.files.spelled(file.path)

    def _reader(self, files: Sequence[File], columns: Mapping[str, str]) -> str:
        options = (
            "format = 'newline_delimited', ignore_errors = true, "
            f"filename = true, maximum_object_size = {LARGEST_LINE}, "
            f"compression = {quoted('gzip' if files[0].is_gzip else 'uncompressed')}"
        )
        return self.warehouse.files.json([file.path for file in files], columns, options)

    def _damaged(self, file: File, *, why: str = "is truncated or damaged") -> Refused:
        return Refused(f"source fhir: file {file.place + 1} of {self.files}, by name, {why}")


def shown(line: bytes) -> str:
    """Return a line as far as a reject shows it, with its length where it is cut."""
    text = line[:SHOWN].decode("utf-8", "replace")
    return text if len(line) <= SHOWN else f"{text}... ({len(line):,} bytes)"


def reason_of(line: bytes) -> str:
    """Return why a line is no resource."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return UNREADABLE
    is_untyped = isinstance(value, dict) and not isinstance(value.get(TYPE), str)
    return NO_RESOURCE if is_untyped else UNREADABLE
