"""Cut a stream of bytes into HL7 v2 messages, in the memory of one message, whatever documents it holds.

Segments end by CR, LF or both. Messages begin at MSH and may stand in MLLP blocks (0x0B ... 0x1C) and in batches (FHS,
BHS, BTS, FTS). What stands before the first MSH, or after a batch, is handed on too: as text without a header. A
scanned page in OBX-5 is no result: of one as long only the beginning is held, so that those beside it can be read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from flows.intake import LONGEST, SHOWN

LONGEST_FIELD = 64 << 10  # bytes: beyond, a field is a document
CUT = b" ... (cut)"  # ends a field that is held by its beginning: no number and no code is read out of it
VALUE = 5  # the field of OBX that may hold a document
CHUNK = 1 << 20
BOM = b"\xef\xbb\xbf"
START, END = b"\x0b", b"\x1c"
TERMINATORS = re.compile(rb"([\r\n\x0b\x1c])")
HEADER = re.compile(rb"MSH(?![A-Za-z0-9])")
BATCH = re.compile(rb"(FHS|BHS|BTS|FTS)(?![A-Za-z0-9])")
SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}")
PARSED = (b"MSH", b"PID", b"ORC", b"OBR", b"OBX", b"SPM", b"ADD", b"DSC")


@dataclass(slots=True)
class Raw:
    """The lines of one message, or of text without a header, and the byte of the file at which it begins.

    `size` is that in the file, `held` what is held of it; it is not whole where more than documents is left out.
    """

    position: int
    lines: list[bytearray] = field(default_factory=list)
    size: int = 0
    held: int = 0
    has_header: bool = True
    is_framed: bool = False
    is_closed: bool = False
    is_last_line_ended: bool = True
    is_whole: bool = True

    @property
    def content(self) -> bytes:
        """Return the message with CR between its segments, as far as it is held."""
        return b"\r".join(self.lines)

    @property
    def separator(self) -> bytes:
        """Return what parts the fields; an end of a line, which is in none, where the header does not say it."""
        return bytes(self.lines[0][3:4]) or b"\r"

    def add(self, line: bytes) -> None:
        """Add a segment; beyond the longest message only the size is counted."""
        self.size += 1
        if self.held <= LONGEST:
            self.held += 1
            self.lines.append(bytearray())
        self.add_to_last(line)

    def add_to_last(self, text: bytes) -> None:
        """Add what is no segment of its own to the segment before it."""
        self.size += len(text)
        if self.held > LONGEST:
            self.is_whole = False
            return
        line = self.lines[-1]
        before = len(line)
        line += text
        if len(text) > LONGEST_FIELD or len(line) - line.rfind(self.separator) > LONGEST_FIELD + 1:
            self._cut_documents()
        self.held += len(self.lines[-1]) - before
        self.is_whole = self.is_whole and self.held <= LONGEST

    def _cut_documents(self) -> None:
        """Hold the long fields of the last line by their beginnings; one that may say whose or when must be whole."""
        line, sign = self.lines[-1], re.escape(self.separator)
        kind, long = bytes(line[:3]), re.compile(b"(?<![^%b])[^%b]{%d,}" % (sign, sign, LONGEST_FIELD + 1))
        for document in long.finditer(line):
            place = line.count(self.separator, 0, document.start())
            is_document = kind not in PARSED or (kind == b"OBX" and place == VALUE)
            self.is_whole = self.is_whole and self.has_header and is_document
        self.lines[-1] = bytearray(long.sub(lambda one: one[0][:SHOWN] + CUT, line))

    def is_segment(self, line: bytes) -> bool:
        """Return whether a line begins with an id and the field separator of this message."""
        return SEGMENT.match(line) is not None and line[3:4] in (b"", self.separator)


@dataclass(slots=True)
class Tally:
    """What is to be said of all files together: lines that are no segments, batches whose count does not hold."""

    stray_lines: int = 0
    wrong_trailers: int = 0
    said: int = 0
    held: int = 0
    open_batches: int = 0


def pieces(stream: IO[bytes], longest: int = LONGEST) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield position, text and terminator of each piece; without one the file ended, or the line goes on."""
    position, rest = 0, b""
    while chunk := stream.read(CHUNK):
        parts = TERMINATORS.split(rest + chunk)
        rest = parts.pop()
        for text, end in zip(parts[::2], parts[1::2], strict=True):
            yield position, text, end
            position += len(text) + 1
        if len(rest) > longest:
            yield position, rest, b""
            position, rest = position + len(rest), b""
    if rest:
        yield position, rest, b""


class Cutter:
    """Cuts one file after another; the tally is of all of them."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self.tally = Tally()
        self._raw: Raw | None = None
        self._batch: list[int] = []  # messages of the open batch, at most one
        self._messages = self._batches = 0

    def messages(self, stream: IO[bytes]) -> Iterator[Raw]:
        """Yield the messages of a file in order."""
        self._raw, self._batch, self._messages, self._batches = None, [], 0, 0
        is_framed = is_inside_a_line = False
        for position, text, end in pieces(stream):
            line = text.removeprefix(BOM).strip(b" \t")
            if is_inside_a_line and self._raw:
                self._raw.add_to_last(text)
            elif line:
                if HEADER.match(line) or BATCH.match(line):
                    yield from self._finish(is_closed=True)
                self._take(line, text, position, is_framed)
            if line and self._raw:
                self._raw.is_last_line_ended = bool(end) and end != START
            is_inside_a_line = not end
            if end in (START, END):
                is_framed = end == START
                yield from self._unframe(is_closed=end == END)
        yield from self._finish()
        self._close_batch()

    def _take(self, line: bytes, text: bytes, position: int, is_framed: bool) -> None:
        if HEADER.match(line):
            self._raw = Raw(position, is_framed=is_framed)
            self._raw.add(line)
            self._messages += 1
        elif found := BATCH.match(line):
            self._batch_segment(found[0], line)
        elif self._raw is None:
            self._raw = Raw(position, has_header=False)
            self._raw.add(line)
        elif not self._raw.has_header or self._raw.is_segment(line):
            self._raw.add(line)
        else:
            self.tally.stray_lines += 1
            self._raw.add_to_last(b"\n" + text)

    def _unframe(self, *, is_closed: bool) -> Iterator[Raw]:
        """End the message at the border of an MLLP block; text without a header runs on."""
        if self._raw and self._raw.has_header:
            yield from self._finish(is_closed=is_closed)

    def _finish(self, *, is_closed: bool = False) -> Iterator[Raw]:
        """Hand on what was collected; it is closed where its block ends, or another message follows in the block."""
        if self._raw:
            self._raw.is_closed = is_closed
            yield self._raw
        self._raw = None

    def _batch_segment(self, kind: bytes, line: bytes) -> None:
        if kind == b"BHS":
            self._close_batch()
            self._batch = [self._messages]
            self._batches += 1
        elif kind == b"BTS":
            begun = self._batch[0] if self._batch else 0
            self._compare(line, self._messages - begun)
            self._batch = []
        elif kind == b"FTS":
            self._compare(line, self._batches)

    def _close_batch(self) -> None:
        self.tally.open_batches += len(self._batch)
        self._batch = []

    def _compare(self, line: bytes, held: int) -> None:
        """Compare the count that a trailer gives with what was read."""
        said = (line.split(line[3:4])[1:2] or [b""])[0].strip() if line[3:4] else b""
        if said.isdigit() and int(said) != held:
            self.tally.wrong_trailers += 1
            self.tally.said += int(said)
            self.tally.held += held
