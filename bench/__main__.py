"""`python -m bench [PATIENTS]`: the figures of README.md, each beside DuckDB's own reading of the same extract.

Every stage runs in a process of its own, so that its peak memory is its own. Machines are noisy: read the
ratio of one run, not the seconds of two.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "bench" / "out"
SAMPLE = """
from pathlib import Path
from flows.sample import write_sample
write_sample({patients}, 1, Path({extract!r}))
"""
READ_AND_SORT = """
import duckdb
connection = duckdb.connect({database!r})
for name in ("patients", "drug_exposures", "clinical_events", "inpatient_stays", "lab_results"):
    order = "order by patient_id, collected_at" if name == "lab_results" else ""
    files = "{extract}/" + name + "/*.parquet"
    connection.execute(f"create table {{name}} as select * from read_parquet('{{files}}') {{order}}")
connection.close()
"""
AUDIT = """
from pathlib import Path
from flows.night.run import Order, run_audit
done = run_audit(Order(extract=Path({extract!r}), home=Path({home!r})))
more = dict(done.seconds)
"""


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    big, small = OUT / f"sample-{patients}", ROOT / "data" / "sample"
    figures: dict[str, dict[str, float]] = {}
    if not (big / "extract.json").exists():
        figures["sample"] = measured(SAMPLE.format(patients=patients, extract=str(big)))
    figures["read_and_sort"] = measured(READ_AND_SORT.format(database=str(fresh("read.duckdb")), extract=big))
    figures["audit"] = measured(AUDIT.format(extract=str(big), home=str(fresh("home"))))
    figures["audit_of_small_sample"] = measured(AUDIT.format(extract=str(small), home=str(fresh("home"))))
    for name, figure in figures.items():
        print(f"{name}: {json.dumps({key: round(value, 2) for key, value in figure.items()})}")
    ratio = figures["audit"]["seconds"] / figures["read_and_sort"]["seconds"]
    print(f"audit / read and sort: {ratio:.2f} times the seconds, peak {figures['audit']['peak_mib']:.0f} MiB")


def fresh(name: str) -> Path:
    """Return a path under bench/out that nothing of an earlier run is at."""
    path = OUT / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return path


def measured(work: str) -> dict[str, float]:
    """Run Python code in its own process; return its seconds (imports included) and peak memory."""
    OUT.mkdir(parents=True, exist_ok=True)
    code = f"""
import json, resource, sys, time
start, more = time.perf_counter(), {{}}
{work}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({{"seconds": time.perf_counter() - start, "peak_mib": peak}} | more))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
