"""Whatever a text holds, it comes back from a message as it was; whatever a file holds, no message is lost."""

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows.sources.hl7v2 import cut, message
from flows.sources.hl7v2.cut import Cutter
from flows.sources.hl7v2.message import REJECTIONS, read
from tests.sources.hl7v2 import made
from tests.sources.hl7v2.export import escaped

# A text may hold anything but the ends of segments, and blanks at its ends, which are no part of it.
SPECIAL = st.text(alphabet="|^~\\&FSTREXH.br0A5ä \"'", max_size=30)
ANY = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\x0b\x1c"), max_size=30)
TEXTS = st.one_of(SPECIAL, ANY).map(str.strip).filter(lambda text: text not in ("", '""'))
DELIMITERS = st.permutations("|^~\\&").map("".join)

PARTS = st.sampled_from(
    [
        *(made.message().encode(), made.MSH.encode(), made.PID.encode(), made.OBR.encode(), made.OBX.encode()),
        *(b"MSH", b"MSH|", b"MSH|^~\\&|", b"MSHX|", b"MSH\xff", b"\xef\xbb\xbfMSH|^~\\&|a", b" MSH#!%$+#", b"DSC|1"),
        *(b"\r", b"\n", b"\r\n", b"\x0b", b"\x1c", b"\x1c\r", b"\t ", b"\x00", b"\xff\xfe", b"|", b"^~\\&"),
        *(b"FHS|^~\\&", b"BHS|^~\\&", b"BTS|1", b"BTS", b"BTS|x|", b"FTS|2", b"OBX", b"PID|", b"SPM|1", b"ORC|RE|1"),
        *(made.message().replace("Doe", "D\xf6").encode("latin-1"), made.MSH.replace("ORU", "ADT").encode()),
    ]
)
FILES = st.lists(st.one_of(PARTS, st.binary(max_size=20)), max_size=25).map(b"".join)
SEGMENTS = re.compile(rb"(?:^|[\r\n\x0b\x1c])((?:PID|OBX|SPM)[|][^\r\n\x0b\x1c]*[^\r\n\x0b\x1c \t])")
STARTS = re.compile(rb"(?:^|[\r\n\x0b\x1c])(?:\xef\xbb\xbf)?[ \t]*MSH(?![A-Za-z0-9])")


def observations(content: bytes) -> list[dict[str, str | None]]:
    return [row for held in Cutter().messages(io.BytesIO(content)) for row in read(held).observations]


@given(value=TEXTS, name=TEXTS, patient=TEXTS, unit=TEXTS)
def test_a_text_comes_back_as_it_was(value: str, name: str, patient: str, unit: str) -> None:
    obx = made.obx(f2="ST", f3=f"1742-6^{escaped(name)}^LN", f5=escaped(value), f6=escaped(unit))
    [row] = observations(made.message(obx, pid=f"PID|1||{escaped(patient)}^^^H^MR").encode())
    assert (row["value"], row["text"], row["patient_id"], row["unit"]) == (value, name, patient, unit)


@given(value=TEXTS, delimiters=DELIMITERS)
def test_a_text_comes_back_whatever_the_delimiters(value: str, delimiters: str) -> None:
    escape = delimiters[3]
    names = {one: f"{escape}{name}{escape}" for one, name in zip(delimiters, "FSRET", strict=True)}
    said = "".join(names.get(one, one) for one in value)
    text = made.message(made.obx(f2="ST", f5="HERE")).translate(str.maketrans("|^~\\&", delimiters))
    [row] = observations(text.replace("HERE", said).encode())
    assert (row["value"], row["code"], row["patient_id"]) == (value, "1742-6", "p1")


@given(content=FILES, chunk=st.sampled_from([1, 7, cut.CHUNK]))
@example(content=b"MSH", chunk=1)
@example(content=made.message().encode() * 3, chunk=7)
@settings(max_examples=300)
def test_any_bytes_are_messages_or_rejects_and_no_start_is_lost(content: bytes, chunk: int) -> None:
    before, cut.CHUNK = cut.CHUNK, chunk
    try:
        held = list(Cutter().messages(io.BytesIO(content)))
    finally:
        cut.CHUNK = before
    assert sum(one.has_header for one in held) == len(STARTS.findall(content))
    for one in held:
        done = read(one)
        assert (
            (done.rejected in REJECTIONS) if done.rejected else (done.left_out is not None or bool(done.observations))
        )
        assert done.rejected is None or (done.observations, done.people) == ([], [])
        assert one.has_header or done.rejected == "no_header"
    kept = b"".join(b"".join(one.lines) for one in held)
    assert all(segment in kept for segment in SEGMENTS.findall(content))


@given(contents=st.lists(FILES, max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_files_are_received_with_every_message_counted(contents: list[bytes]) -> None:
    starts = sum(len(STARTS.findall(content)) for content in contents)
    with TemporaryDirectory() as folder:
        files = {f"f{place}": content for place, content in enumerate(contents)}
        with made.look.at(made.folder(Path(folder), **files, good=made.message()), Path(folder)) as held:
            rejects = made.look.rejects(held)
            counts = dict(held.warehouse.rows("SELECT table_name, rows_read FROM source.row_counts"))
            no_header = sum(row["reason"] == "no_header" for row in rejects)
            assert counts["messages"] == starts + 1 + no_header
            out = {name: sum(rows for *_, rows in made.outcomes(held, name)) for name in ("messages", "observations")}
            assert out == {name: counts[name] for name in out}
            assert {row["reason"] for row in rejects} <= set(message.REJECTIONS) | {"contradicting_codes"}
