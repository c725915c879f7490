"""checks.html: what was asked of each received table, how many rows broke it, and in words whether the data passed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit.guideline import Guideline
from expectations.declare import REJECT, STOP
from flows.pages.environment import environment
from flows.wording import count, plain_percent

ACTIONS = {REJECT: "rejects the row", STOP: "stops the run"}


@dataclass(frozen=True, slots=True)
class Checks:
    """All that the page shows: each check with its count, what became of every row, and what the site allows."""

    expectations: pl.DataFrame
    conservation: pl.DataFrame
    rejects: pl.DataFrame
    allowed: float
    guideline: Guideline
    run: Mapping[str, Any]


def render(checks: Checks) -> str:
    """Return the page as text; the same facts give the same text."""
    return environment().get_template("checks.html.j2").render(context(checks)) + "\n"


def context(checks: Checks) -> dict[str, Any]:
    """Return what the template reads."""
    groups = [group for group in grouped(checks) if group["checks"]]
    return {
        "run": checks.run,
        "guideline": checks.guideline,
        "verdict": verdict(checks),
        "is_refused": bool(broken(checks)),
        "groups": groups,
        "asked": sum(len(group["checks"]) for group in groups),
    }


def broken(checks: Checks) -> list[str]:
    """Return the tables that a check of the whole table refuses."""
    failed = checks.expectations.filter(pl.col("action") == STOP, ~pl.col("passed"))
    return failed["table_name"].unique(maintain_order=True).to_list()


def verdict(checks: Checks) -> str:
    """Return in words whether the data of this night passed: rejects within the limit are a good night."""
    read, rejected = (int(checks.conservation[name].sum()) for name in ("read", "rejected"))
    if tables := broken(checks):
        return f"The data did not pass: {', '.join(tables)} would stop an audit, and nothing would be released."
    if not rejected:
        said = f"The data passed: of {count(read)} rows read none was rejected"
    else:
        said = (
            f"The data passed: of {count(read)} rows read {count(rejected)} "
            f"{'was' if rejected == 1 else 'were'} rejected ({plain_percent(rejected, read)}), within the "
            f"{plain_percent(checks.allowed, 1)} of a table that the site allows"
        )
    before = checks.rejects.filter(pl.col("table_name").str.starts_with("source.")).height
    of_source = f"; {count(before)} more of the source never became rows of these tables" if before else ""
    return f"{said}{of_source}."


def grouped(checks: Checks) -> Iterator[dict[str, Any]]:
    """Yield each table with its rows and its checks in order."""
    for table in checks.conservation.iter_rows(named=True):
        rows = checks.expectations.filter(pl.col("table_name") == table["table_name"]).iter_rows(named=True)
        yield {
            "table": table["table_name"],
            "read": table["read"],
            "rejected": table["rejected"],
            "share": plain_percent(table["rejected"], table["read"]),
            "checks": [line(row, table["read"]) for row in rows],
        }


def line(row: Mapping[str, Any], read: int) -> dict[str, Any]:
    """Return a check: what it asks, what it does, and how it came out."""
    is_stop = row["action"] == STOP
    if row["passed"]:
        result = "passed" if read or is_stop else "nothing to check"
    else:
        result = "broken: stops the run" if is_stop else f"{count(row['rows_failed'])} rejected"
    return {
        "asks": row["expectation"],
        "reason": row["reason"],
        "action": ACTIONS[row["action"]],
        "rows": "the whole table" if is_stop else f"{count(row['rows_failed'])} of {count(read)}",
        "result": result,
        "ink": "pass" if row["passed"] else "violation" if is_stop else "advisory",
    }
