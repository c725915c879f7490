"""`python -m bench.fhir [OBSERVATIONS]`: a bulk export read and mapped, beside DuckDB's own reading of the same file.

Every stage runs in a process of its own, plain and gzipped. `read and map` is all that the source does for
lab_results: the Parquet copy, codes, limits, and the file of the contract's table. Read the ratio of one run,
and that of the CPU where the machine is busy.
"""

import gzip
import shutil
import sys
from pathlib import Path

from bench.__main__ import OUT, ROOT, fresh, measured

WRITE = """
import duckdb
duckdb.connect().execute({sql!r})
"""
BARE = """
import duckdb
connection = duckdb.connect(config={{"memory_limit": "1500MB", "temp_directory": {spill!r}}})
connection.execute("CREATE TABLE observations AS SELECT * FROM read_ndjson_auto({file!r})")
more["cpu"] = time.process_time()
"""
OURS = """
import shutil
from datetime import date
from pathlib import Path
from flows.editions import load
from flows.references import codelists
from flows.intake import steps as intake
from flows.intake.received import Received
from flows.intake.tables import SOURCE, Receiver
from flows.references.bound import References
from flows.references.site import Site
from flows.sources import fhir
from flows.sources import mapping as mapped
from flows.given import Given
more |= {{"imported": time.perf_counter() - start, "cpu": -time.process_time()}}
guideline = load()
lists = codelists.load((), (guideline.audited_drug, *guideline.other_thiopurines))
mapped.TABLES = [table for table in mapped.TABLES if table.name == "lab_results"]
prepare = lambda warehouse: intake.prepare(warehouse, date.max, References(guideline, Site(), lists))
with mapped.receive(Given("fhir", {folder!r}), Path({work!r}), prepare) as received:
    more["rows"] = received.warehouse.number("SELECT count(*) FROM received.lab_results")
more["cpu"] += time.process_time()
"""
OBSERVATION = (
    '{"resourceType":"Observation","id":"obs-%d","meta":{"versionId":"1","lastUpdated":"2024-%02d-%02dT12:46:00Z"},'
    '"identifier":[{"system":"urn:lab","value":"L%d"}],"status":"final","category":[{"coding":[{"system":'
    '"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],'
    '"code":{"coding":[{"system":"urn:oid:1.2.840.1","code":"L%d","display":"Local"},{"system":"http://loinc.org",'
    '"code":"%s","display":"Enzyme [Enzymatic activity/volume] in Serum or Plasma"}],"text":"Enzyme"},'
    '"subject":{"reference":"Patient/p%d"},"encounter":{"reference":"Encounter/e%d"},'
    '"effectiveDateTime":"2024-%02d-%02dT10:46:00Z","issued":"2024-%02d-%02dT12:46:00Z",'
    '"performer":[{"reference":"Practitioner/DR-%d"}],"valueQuantity":{"value":%.1f,"unit":"U/L",'
    '"system":"http://unitsofmeasure.org","code":"U/L"},"interpretation":[{"coding":[{"system":'
    '"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N","display":"Normal"}]}],'
    '"referenceRange":[{"low":{"value":10,"unit":"U/L","system":"http://unitsofmeasure.org","code":"U/L"},'
    '"high":{"value":%d,"unit":"U/L","system":"http://unitsofmeasure.org","code":"U/L"},"text":"Standard"}],'
    '"specimen":{"reference":"Specimen/s%d"}}'
)
ARGUMENTS = (
    "i, 1 + i % 12, 1 + i % 28, i, i % 40, ['1742-6', '1920-8', '6768-6', '718-7'][1 + i % 4], (i * 7919) % 50000, i, "
    "1 + i % 12, 1 + i % 28, 1 + i % 12, 1 + i % 28, i % 100, 10.0 + (i * 31 % 2000) / 10.0, 40 + i % 5, i"
)


def main() -> None:
    """Write the export where it is not there, and measure it plain and gzipped."""
    observations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    plain, packed = (OUT / f"fhir-{observations}{kind}" for kind in ("", "-gz"))
    if not (packed / "observations.ndjson.gz").exists():
        write(observations, plain, packed)
    for folder in (plain, packed):
        [file] = folder.iterdir()
        compare(folder, file)


def write(observations: int, plain: Path, packed: Path) -> None:
    """Write observations with two codings each, a quantity and printed limits, about 1.2 kB a line."""
    for folder in (plain, packed):
        folder.mkdir(parents=True, exist_ok=True)
    file = plain / "observations.ndjson"
    line = OBSERVATION.replace("'", "''")
    sql = (
        f"COPY (SELECT printf('{line}', {ARGUMENTS}) FROM range({observations}) AS t (i)) TO '{file}' "
        "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x01')"
    )
    measured(WRITE.format(sql=sql))
    with file.open("rb") as content, gzip.open(packed / f"{file.name}.gz", "wb", compresslevel=1) as out:
        shutil.copyfileobj(content, out)


def compare(folder: Path, file: Path) -> None:
    """Print rows a second and peak memory of both."""
    bare = measured(BARE.format(file=str(file), spill=str(fresh("spill"))))
    ours = measured(OURS.format(folder=str(folder), work=str(fresh("work"))))
    seconds = ours["seconds"] - ours["imported"]
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:,.0f} MB, {ours['rows']:,} observations")
    for name, figure, took in (("bare DuckDB", bare, bare["seconds"]), ("read and map", ours, seconds)):
        speed = f"{took:.1f} s, {figure['cpu']:.1f} s of CPU, {ours['rows'] / took:,.0f} rows/s"
        print(f"  {name}: {speed}, peak {figure['peak_mib']:,.0f} MiB")
    times = f"{seconds / bare['seconds']:.2f} times the seconds, {ours['cpu'] / bare['cpu']:.2f} times the CPU"
    print(f"  read and map / bare: {times}")


if __name__ == "__main__":
    main()
