"""Write a native extract as HL7 v2 messages and CSV: as a hospital's feed might hold the same results.

Many results an order, corrections and withdrawals sent later, every framing, line ending and way of coding in turn.
"""

import csv
import gzip
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

Row = dict[str, str]
OTHERS = ("patients", "drug_exposures", "clinical_events", "inpatient_stays")
SYSTEMS = {"LOINC": "LN", "SNOMED CT": "SCT"}
STATUSES = {"final": "F", "corrected": "C", "preliminary": "P", "entered-in-error": "D", "cancelled": "X", "": "F"}
FILES = 6
EVERY = 40  # one result in so many is first sent wrong, and one to the wrong patient


def export(extract: Path, out: Path) -> None:
    """Write the CSV extract as a source of the kind hl7v2."""
    (out / "in" / "oru").mkdir(parents=True)
    for name in OTHERS:
        shutil.copy(extract / f"{name}.csv", out / f"{name}.csv")
    shutil.copy(extract / "extract.json", out / "extract.json")
    with (extract / "lab_results.csv").open(encoding="utf-8", newline="") as lines:
        sent = list(messages(list(csv.DictReader(lines))))
    for place in range(FILES):
        write(out / "in" / "oru", place, sent[place::FILES])


def messages(results: Sequence[Row]) -> Iterator[list[str]]:
    """Yield the segments of each message; those of a day's draw go together, versions of one result apart."""
    versions = Counter(row["result_id"] for row in results)
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in results:
        own = (row["result_id"], row["recorded_at"]) if versions[row["result_id"]] > 1 else ()
        groups[(row["patient_id"], row["collected_at"], row["recorded_at"][:10], row["laboratory_id"], *own)].append(
            row
        )
    numbers = count(1)
    for rows in groups.values():
        sent = max(row["recorded_at"] for row in rows)
        for wrong in (row for row in rows if is_sent_wrong(row) and versions[row["result_id"]] == 1):
            before = {**wrong, "value": "7777", "status": "preliminary"}
            yield message(next(numbers), earlier(sent), [before])
            elsewhere = {**before, "patient_id": "0000001", "result_id": f"{wrong['result_id']}-astray", "status": ""}
            yield message(next(numbers), earlier(sent), [elsewhere])
            yield message(next(numbers), sent, [{**elsewhere, "status": "entered-in-error"}])
        yield message(next(numbers), sent, rows)


def is_sent_wrong(row: Row) -> bool:
    """Return whether a result is first sent wrong; versions need the time of their recording."""
    return int(row["result_id"][1:]) % EVERY == 0 and row["recorded_at"] != ""


def message(number: int, sent: str, rows: Sequence[Row]) -> list[str]:
    """Return the segments of one message, of one patient, one draw and one laboratory."""
    first = rows[0]
    facility = escaped(first["laboratory_id"])
    collected = stamp(first["collected_at"])
    ids = f"X{number}^^^GP^AN~{escaped(first['patient_id'])}^^^HOSP&1.2.3&ISO^MR"
    ordered = f"P{number}|{escaped(order(first))}^LAB|24323-8^CMP^LN|||{collected if number % 2 else ''}"
    segments = [
        f"MSH|^~\\&|LAB|{facility}|EHR|HOSP|{stamp(sent)}||ORU^R01^ORU_R01|M{number}|P|2.5.1",
        f"PID|1||{ids}||Doe^J\\T\\J||19700101|F",
        f"ORC|RE|P{number}|",
        f"OBR|1|{ordered}||||||||||||||||||F",
    ]
    segments += [result(place, row, "" if number % 2 else collected) for place, row in enumerate(rows, start=1)]
    return segments + (["NTE|1||a note", "SPM|1|||SER"] if number % 3 else [])


def order(row: Row) -> str:
    """Return the filler number of a draw: whatever is sent of it, and whenever."""
    return f"{stamp(row['collected_at'])}-{row['laboratory_id']}"


def result(place: int, row: Row, collected: str) -> str:
    """Return an OBX; the sub-id tells the results of a draw apart."""
    way = int(row["result_id"][1:].split("-")[0])  # a result is written alike each time that it is sent
    kind, value = typed(way, row)
    unit = f"{escaped(row['unit'])}^^UCUM" if row["unit"] else ""
    status = STATUSES[row["status"]]
    obx = ["OBX", str(place), kind, coding(way, row), escaped(row["result_id"]), value, unit, limits(way, row)]
    return "|".join([*obx, "", "", "", status, "", "", collected])


def coding(way: int, row: Row) -> str:
    """Return OBX-3: the code first, or behind one of the laboratory's own."""
    code = f"{escaped(row['code'])}^a name^{SYSTEMS.get(row['vocabulary'], row['vocabulary'])}"
    return code if way % 2 else f"L{len(row['code'])}^a name^L^{code}"


def typed(way: int, row: Row) -> tuple[str, str]:
    """Return OBX-2 and OBX-5."""
    value, comparator = row["value"], row["comparator"]
    if not value:
        return "CWE", "^seen"
    if comparator:
        return ("SN", f"{comparator}^{value}") if way % 2 else ("ST", f"{comparator} {value}")
    return ("SN", f"^{value}") if way % 5 == 0 else ("NM", value)


def limits(way: int, row: Row) -> str:
    """Return OBX-7 in one of its shapes."""
    low, high = row["reference_low"], row["reference_high"]
    if low and high:
        return (f"{low}-{high}", f"{low} - {high}", f"({low} to {high})")[way % 3]
    return f"<{high}" if high else f">={low}" if low else ""


def stamp(time: str) -> str:
    """Return an ISO time as HL7 writes it."""
    return time.replace("-", "").replace(":", "").replace("T", "")


def earlier(time: str) -> str:
    """Return a minute before."""
    return (datetime.fromisoformat(time) - timedelta(minutes=1)).isoformat() if time else ""


def escaped(text: str) -> str:
    """Return a text with the delimiters escaped."""
    names = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
    return "".join(names.get(character, character) for character in text)


def write(folder: Path, place: int, sent: Sequence[Sequence[str]]) -> None:
    """Write messages in one of six ways."""
    end = ("\r", "\n", "\r\n")[place % 3]
    texts = [end.join(segments) + end for segments in sent]
    if place == 1:
        texts = [f"\x0b{text}\x1c\r" for text in texts]
    if place == 2:
        texts = [f"FHS|^~\\&|LAB{end}BHS|^~\\&|LAB{end}", *texts, f"BTS|{len(sent)}{end}FTS|1{end}"]
    if place == 3:
        texts = [text.replace("|P|2.5.1", "|P|2.5.1||||||8859/1").replace("Doe", "Dö") for text in texts]
    content = "".join(texts).encode("latin-1" if place == 3 else "utf-8")
    name = ("a.hl7", "b.HL7", "c.oru", "d.txt", "e.msg", "f.dat.gz")[place]
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
