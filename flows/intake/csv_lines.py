"""Part the good lines of a CSV from the broken ones, in bounded memory, where DuckDB's own reader met one.

A line ends by CR LF, LF or CR, whichever comes; within quotes an end is part of the value. Good records go into a
plain copy (UTF-8, LF between records), each broken line is told with its number in the file, cut to what is shown. A
quote that never closes breaks its own line alone: what follows is read anew.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

LONGEST = 2_000_000  # bytes of a record: the longest that DuckDB's reader takes
SHOWN = 4_000  # characters of a broken line that a reject keeps
BLOCK = 1 << 20
END = re.compile(r"(\r*\n|\r)")
TO_CLOSING_QUOTE = re.compile(r'(?:[^"]++|"")*+"(?!")')
FIELDS = "the line has as many fields as the header"
QUOTES = "a quoted field ends with its quote, and nothing follows it before the next field"
LENGTH = f"a record has at most {LONGEST:,} bytes"


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no row: its number in the file, the rule that it broke, its text as far as it is shown."""

    number: int
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line with its end; `length` tells how many characters it had where `text` is cut."""

    number: int
    text: str
    end: str
    length: int


@dataclass(slots=True)
class Open:
    """A record that is being read: its lines, the separators met so far, whether a quote is open."""

    lines: list[Line]
    separators: int = 0
    is_quoted: bool = False
    length: int = 0


class Parting:
    """Parts one file; `rows` counts the good records, the header apart."""

    def __init__(self, content: TextIO, good: TextIO, separator: str, width: int) -> None:
        """Read `content`, opened with newline='', whose header has `width` fields; write `good`."""
        self.content, self.good = content, good
        self.separator, self.width = separator, width
        sign = re.escape(separator)
        field = rf'(?:"(?:[^"]++|"")*+" *+|[^"\r\n{sign}][^\r\n{sign}]*+|)'
        self._whole = re.compile(rf"{field}(?:{sign}{field}){{{width - 1}}}")
        self.rows = -1
        self._number = 0
        self._open: Open | None = None

    def broken(self) -> Iterator[Broken]:
        """Yield the broken lines in order while the good ones are written."""
        for block in self._blocks():
            if isinstance(block, str) and self.rows >= 0 and self._open is None and self._is_written(block):
                continue
            yield from self._through(deque(self._lines(block)))
        if self._open is not None:
            yield from self._through(deque(), is_ended=True)

    def _blocks(self) -> Iterator[str | Line]:
        """Yield whole lines as a text, and a line beyond all measure by its beginning."""
        rest = ""
        while chunk := self.content.read(BLOCK):
            rest += chunk
            # A CR at the very end may have its LF still to come.
            cut = max(rest.rfind("\n"), rest.rfind("\r", 0, len(rest) - 1)) + 1
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > LONGEST:
                line, rest = self._beyond(rest)
                yield line
        if rest:
            yield rest

    def _beyond(self, rest: str) -> tuple[Line, str]:
        """Read a line of any length to its end; return its beginning, and what was read of the next line."""
        shown, length = rest[:SHOWN], 0
        while True:
            if found := END.search(rest.removesuffix("\r")):
                return Line(0, shown, found[0], length + found.start()), rest[found.end() :]
            length += len(rest)
            rest = self.content.read(BLOCK)
            if not rest:
                return Line(0, shown, "", length), ""

    def _is_written(self, block: str) -> bool:
        """Write a block of which every line is a good record; most are, and it is done at one stroke."""
        text = block.replace("\r\n", "\n") if "\r" in block else block
        if "\r" in text or not text.endswith("\n"):
            return False
        lines = text[:-1].split("\n")
        if '"' in text:
            is_good = all(map(self._whole.fullmatch, lines))
        else:
            is_good = {line.count(self.separator) for line in lines} == {self.width - 1}
        if not is_good or not all(lines) or (len(text) > LONGEST // 4 and max(map(_size, lines)) > LONGEST):
            return False
        self.good.write(text)
        self.rows += len(lines)
        self._number += len(lines)
        return True

    def _lines(self, block: str | Line) -> Iterator[Line]:
        if isinstance(block, Line):
            self._number += 1
            yield Line(self._number, block.text, block.end, block.length)
            return
        parts = END.split(block)
        for text, end in zip(parts[::2], [*parts[1::2], ""], strict=True):
            if text or end:
                self._number += 1
                yield Line(self._number, text, end, len(text))

    def _through(self, waiting: deque[Line], *, is_ended: bool = False) -> Iterator[Broken]:
        """Take lines one after another; those behind the first of a record that came to nothing are taken again."""
        while waiting or (is_ended and self._open is not None):
            wrong = self._take(waiting.popleft()) if waiting else QUOTES
            if wrong and self._open is not None:
                first, *others = self._open.lines
                self._open = None
                waiting.extendleft(reversed(others))
                yield Broken(first.number, wrong, shown(first))

    def _take(self, line: Line) -> str | None:
        """Add a line to the record, write the record where it is whole; return the rule that is broken."""
        if self._open is None:
            if not line.text:
                return None
            if self.rows >= 0 and line.length <= LONGEST // 4 and self._whole.fullmatch(line.text):
                self.good.write(line.text + "\n")
                self.rows += 1
                return None
            self._open = Open([])
        record = self._open
        record.lines.append(line)
        record.length += line.length
        if record.length > LONGEST // 4 and sum(_size(one.text) + len(one.end) for one in record.lines) > LONGEST:
            return LENGTH
        if len(line.text) < line.length:
            return LENGTH
        if not self._scan(record, line.text):
            return QUOTES
        if record.is_quoted:
            return None
        if self.rows >= 0 and record.separators != self.width - 1:
            return FIELDS if len(record.lines) == 1 else QUOTES
        self._write(record)
        return None

    def _scan(self, record: Open, text: str) -> bool:
        """Follow a line through its fields; return whether every quote stands where one may."""
        at = 0
        while True:
            if record.is_quoted:
                found = TO_CLOSING_QUOTE.match(text, at)
                if found is None:
                    return True
                record.is_quoted, at = False, found.end()
                while text[at : at + 1] == " ":
                    at += 1
                if at < len(text) and text[at] != self.separator:
                    return False
            else:
                if text[at : at + 1] == '"':
                    record.is_quoted, at = True, at + 1
                    continue
                at = text.find(self.separator, at)
                at = len(text) if at < 0 else at
            if at >= len(text):
                return True
            record.separators += 1
            at += 1

    def _write(self, record: Open) -> None:
        *before, last = record.lines
        self.good.write("".join(line.text + line.end for line in before) + last.text + "\n")
        self.rows += 1
        self._open = None


def shown(line: Line) -> str:
    """Return a line as far as a reject shows it, with its length where it is cut."""
    return line.text if line.length <= SHOWN else f"{line.text[:SHOWN]}... ({line.length:,} characters)"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
