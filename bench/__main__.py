"""`python -m bench [PATIENTS]`: the figures of README.md, each beside DuckDB's own reading of the same extract.

Every stage runs in a process of its own, so that its peak memory is its own. Machines are noisy: read the
ratio of one run, not the seconds of two.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "bench" / "out"
READ_AND_SORT = """
import duckdb
con = duckdb.connect({database!r})
tables = ("patients", "drug_exposures", "clinical_events", "inpatient_stays", "lab_results")
for name in tables:
    order = "order by patient_id, collected_at" if name == "lab_results" else ""
    con.execute(f"create table {{name}} as select * from read_parquet('{extract}/{{name}}/*.parquet') {{order}}")
con.close()
"""


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    extract = OUT / f"sample-{patients}"
    figures = {"patients": patients}
    if not (extract / "extract.json").exists():
        figures["sample"] = run(f"""
from pathlib import Path
from flows.sample import write_sample
write_sample({patients}, 1, Path({str(extract)!r}))""")
    figures["read_and_sort"] = run(READ_AND_SORT.format(database=str(fresh("read.duckdb")), extract=str(extract)))
    figures["audit"] = run(f"""
from pathlib import Path
from flows.run import run_audit
run_audit(Path({str(extract)!r}), Path({str(fresh("home"))!r}))""")
    ratio = figures["audit"]["seconds"] / figures["read_and_sort"]["seconds"]
    print(json.dumps(figures, indent=2))
    print(f"audit / read and sort: {ratio:.2f} times; peak {figures['audit']['mib']:.0f} MiB")


def fresh(name: str) -> Path:
    """Return a path under bench/out that nothing of an earlier run is at."""
    path = OUT / name
    subprocess.run(["rm", "-rf", str(path)], check=True)
    return path


def run(work: str) -> dict[str, float]:
    """Run Python code in its own process; return its seconds (imports included) and peak memory."""
    OUT.mkdir(parents=True, exist_ok=True)
    code = (
        "import resource, time, json\nstart = time.perf_counter()\n"
        + work
        + (
            "\nprint(json.dumps({'seconds': time.perf_counter() - start,"
            " 'mib': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))"
        )
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
