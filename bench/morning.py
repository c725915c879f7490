"""`python -m bench.morning [PATIENTS]`: what changes, history, urgency and charts add to the second night of a cohort.

Each part is timed where it is done, within one run in a process of its own; the share is of what the night takes
without them. The page's size is of that night.
"""

import json
import sys

from bench.__main__ import OUT, fresh, measured

SAMPLE = """
from pathlib import Path
from flows.sample import write_sample
write_sample({patients}, 1, Path({out!r}), nights=2)
"""
NIGHTS = """
import time
from pathlib import Path
from audit import judge, urgency
from flows.night.run import Order, run_audit
from flows.pages.sections import SECTIONS, charts
first, second = sorted(path for path in Path({out!r}).iterdir() if path.is_dir())
run_audit(Order(extract=first, home=Path({home!r})))
spent = {{}}

def timed(name, work):
    def wrapped(*arguments, **options):
        begin = time.perf_counter()
        try:
            return work(*arguments, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - begin
    return wrapped

ordered = judge._ordered
# What is lazy is computed where it is ordered.
judge._ordered = lambda lazy, frame: (timed("urgency", ordered) if frame.name == "urgency" else ordered)(lazy, frame)
urgency.still_reaching = timed("urgency", urgency.still_reaching)
charts.section = timed("charts", charts.section)
begin = time.perf_counter()
done = run_audit(Order(extract=second, home=Path({home!r})))
whole = time.perf_counter() - begin
page = (Path({home!r}) / "current" / "report.html").stat().st_size
changed = done.since.changes.height
more = {{"second_night": whole, "changes_and_history": done.seconds["compare"], "changes": changed}}
more |= {{**spent, "page_mb": page / 1e6}}
"""


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    out = OUT / f"nights-{patients}"
    if not out.exists():
        measured(SAMPLE.format(patients=patients, out=str(out)))
    found = measured(NIGHTS.format(out=str(out), home=str(fresh("home"))))
    added = sum(found.get(part, 0.0) for part in ("changes_and_history", "urgency", "charts"))
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))
    print(f"added: {added:.1f} s, {added / (found['second_night'] - added):.1%} of the night without them")


if __name__ == "__main__":
    main()
