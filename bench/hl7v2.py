"""`python -m bench.hl7v2 [RESULTS]`: messages and results a second, and the peak memory of reading them.

Parsing is plain Python on one core; each figure is of a process of its own.
"""

import json
import shutil
import sys
from pathlib import Path

from bench.__main__ import OUT, measured

PER_MESSAGE = 10
PARSE = """
from pathlib import Path
from flows.intake.extract import parts_of
from flows.sources.hl7v2.store import Store
folder = Path({source!r})
store = Store(Path({work!r}))
store.read(parts_of("messages", folder, sorted(folder.glob("*.hl7"))))
more = {{"messages": store.counts["messages"], "results": store.counts["observations"]}}
"""
RECEIVE = """
from functools import partial
from pathlib import Path
from flows.references import codelists
from flows.intake import steps as intake
from flows.references.bound import refer
from flows.sources import mapping as mapped
from flows.given import Given
by = refer("dr-oracle-2025", None, ())
given = Given("hl7v2", {source!r})
with mapped.receive(given, Path({work!r}), partial(intake.prepare, as_of=None, by=by)) as received:
    more = {{"rows": float(received.source_rows["rows"].sum())}}
"""
HEADER = (
    "MSH|^~\\&|LAB|HOSP LAB^1234^CLIA|EHR|HOSP|2024020{day}103000-0500||ORU^R01^ORU_R01|M{number}|P|2.5.1\r"
    "PID|1||{patient}^^^HOSP&1.2.840&ISO^MR||Doe^Jane^^^^^L||19800301|F|||1 High Street^^Town^^12345\r"
    "PV1|1|O|WARD^1^2\r"
    "ORC|RE|P{number}^EHR|F{number}^LAB\r"
    "OBR|1|P{number}^EHR|F{number}^LAB|24323-8^CMP^LN|||2024020{day}0810-0500|||||||||||||||2024020{day}1000||LAB|F\r"
)
RESULT = (
    "OBX|{place}|NM|1742-6^Alanine aminotransferase^LN^GPT^Alat^L|{place}|{value}|U/L^unit per liter^UCUM|7-56|N|||F"
    "|||2024020{day}0810-0500|||||2024020{day}0930||||HOSP LAB^L|1 Lab Street^^Town\r"
)


def main() -> None:
    results = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    source = OUT / f"hl7v2-{results}"
    if not source.is_dir():
        generate(source, results)
    figures = {}
    for name, code in (("parse", PARSE), ("receive", RECEIVE)):
        work = OUT / "hl7v2-work"
        shutil.rmtree(work, ignore_errors=True)
        figures[name] = measured(code.format(source=str(source), work=str(work)))
        print(f"{name}: {json.dumps({key: round(value, 2) for key, value in figures[name].items()})}")
    shutil.rmtree(OUT / "hl7v2-work", ignore_errors=True)
    seconds = figures["parse"]["seconds"]
    print(f"parse: {results / PER_MESSAGE / seconds:,.0f} messages and {results / seconds:,.0f} results a second")


def generate(folder: Path, results: int) -> None:
    """Write a file of messages, ten results each, and the tables that stand beside them."""
    folder.mkdir(parents=True)
    (folder / "drug_exposures.csv").write_text("exposure_id,patient_id,vocabulary,code,start_date\n")
    with (folder / "feed.hl7").open("w", encoding="utf-8", newline="") as out:
        for number in range(results // PER_MESSAGE):
            day = number % 9 + 1
            out.write(HEADER.format(day=day, number=number, patient=number % 5_000))
            for place in range(1, PER_MESSAGE + 1):
                out.write(RESULT.format(place=place, value=10 + number % 90, day=day))


if __name__ == "__main__":
    main()
