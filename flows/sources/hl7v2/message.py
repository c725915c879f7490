"""Read one HL7 v2 message into flat rows of text; python-hl7 parses it, sql/sources/hl7v2 says what it means.

A message is carried over, left out (it is no result, or no patient's) or rejected (it cannot be read), with a reason.
"""

from dataclasses import dataclass, field
from typing import Any

import hl7  # type: ignore[import-untyped]

from flows.intake import LONGEST
from flows.sources.hl7v2.cut import PARSED, Raw
from flows.sources.hl7v2.groups import patients
from flows.sources.hl7v2.rows import NULL, Row, raw, unescaper

NOT_ORU, NOT_PRODUCTION, NO_OBSERVATION = "not_oru", "not_production", "no_observation"
REJECTIONS = {
    "no_header": "the text belongs to a message, which begins with MSH",
    "bad_delimiters": "MSH-1 and MSH-2 give delimiters that all differ, and MSH-3 follows",
    "no_message_type": "MSH-9 says what the message is",
    "bad_encoding": "the text is of the character set that MSH-18 names, or UTF-8",
    "truncated": "the message is whole: its MLLP block is closed, its last OBX has a status or an end",
    "fragmented": "the message is not a part of one (ADD, DSC)",
    "no_patient": "a PID stands before the results",
    "unreadable_message": f"the parser reads the message, which has at most {LONGEST:,} bytes without its documents",
}
DEFAULTS = "^~\\&"
# HL7 table 0211 and the spellings that are met; what is not in here is read as UTF-8, or rejected.
ISO_8859 = ("8859/{}", "ISO 8859/{}", "ISO8859/{}", "ISO-8859-{}", "ISO_8859-{}")
CHARACTER_SETS = {
    **{spelt.format(part): f"iso8859-{part}" for spelt in ISO_8859 for part in (*range(1, 10), 15)},
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
}


class Unreadable(Exception):  # noqa: N818 - named by what the message is
    """The message is rejected; the argument is one of REJECTIONS."""


@dataclass(slots=True)
class Message:
    """One message: its header, what became of it, and its flat rows."""

    control_id: str | None = None
    message_type: str | None = None
    trigger: str | None = None
    processing_id: str | None = None
    sent_at: str | None = None
    facility: str | None = None
    character_set: str = "utf-8"
    left_out: str | None = None
    rejected: str | None = None
    observations: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)

    @property
    def header(self) -> Row:
        """Return what each row of the message repeats."""
        return {"control_id": self.control_id, "sent_at": self.sent_at, "facility": self.facility}


def read(held: Raw) -> Message:
    """Read a message; whatever is wrong with it is its reason to be rejected."""
    message = Message()
    try:
        _read_header(message, held)
        if message.left_out is None:
            _read_results(message, held)
    except Unreadable as why:
        message.rejected = str(why)
        message.observations, message.people = [], []
    return message


def _read_header(message: Message, held: Raw) -> None:
    """Read MSH before the message is decoded, for MSH-18 says how; its delimiters are ASCII."""
    if not held.has_header:
        raise Unreadable("no_header")
    header = held.lines[0].decode("latin-1") if held.lines else ""
    separator = header[3:4]
    fields = header.split(separator) if separator else []
    encoding = fields[1] if len(fields) > 2 else ""
    delimiters = separator + encoding[:4] + DEFAULTS[len(encoding) :]
    if not 1 <= len(encoding) <= 5 or len(set(delimiters)) < 5 or not all(map(_is_delimiter, delimiters)):
        raise Unreadable("bad_delimiters")
    component, repetition = delimiters[1], delimiters[2]

    def part(number: int, place: int = 0) -> str | None:
        parts = fields[number - 1].split(repetition)[0].split(component) if number <= len(fields) else []
        text = parts[place].strip() if place < len(parts) else ""
        return text.encode("latin-1").decode(message.character_set, "replace") if text not in ("", NULL) else None

    message.character_set = CHARACTER_SETS.get((part(18) or "").upper(), "utf-8")
    message.control_id, message.sent_at, message.facility = part(10), part(7), part(4)
    message.message_type, message.trigger, message.processing_id = part(9), part(9, 1), part(11)
    if message.message_type is None:
        raise Unreadable("no_message_type")
    if message.message_type.upper().split("_")[0] != "ORU":
        message.left_out = NOT_ORU
    elif (message.processing_id or "P").upper() != "P":
        message.left_out = NOT_PRODUCTION


def _is_delimiter(character: str) -> bool:
    return "!" <= character <= "~" and not character.isalnum() and character != '"'


def _read_results(message: Message, held: Raw) -> None:
    if not held.is_whole:
        raise Unreadable("unreadable_message")
    if held.is_framed and not held.is_closed:
        raise Unreadable("truncated")
    parsed = _parsed(held, message.character_set)
    _hold_whole(parsed, held)
    unescape = unescaper(parsed.separators, parsed.esc, message.character_set)
    found = patients(parsed)
    if not found:
        raise Unreadable("no_patient")
    for patient in found:
        person = message.header | patient.person(unescape)
        message.people.append(person)
        message.observations += [person | row for row in patient.rows(unescape)]
    if not message.observations:
        message.left_out = NO_OBSERVATION


def _parsed(held: Raw, character_set: str) -> Any:
    """Return the message as the library parses it, without the segments that say nothing of results."""
    try:
        lines = held.content.decode(character_set).split("\r")
    except UnicodeDecodeError:
        raise Unreadable("bad_encoding") from None
    try:
        return hl7.parse("\r".join(line for line in lines if line[:3].encode() in PARSED))
    except Exception:  # whatever it raises: the message is not what it takes for one
        raise Unreadable("unreadable_message") from None


def _hold_whole(parsed: Any, held: Raw) -> None:
    """Reject a part of a message, and one whose file ends inside of its last OBX: 5 may have been 500."""
    if any(str(segment[0]) in ("ADD", "DSC") for segment in parsed):
        raise Unreadable("fragmented")
    if not held.is_last_line_ended and held.lines[-1][:3] == b"OBX" and not raw(parsed[-1], 11):
        raise Unreadable("truncated")
