"""The rows that a finding rests on, as a table under its chart: the picture in words."""

from collections.abc import Mapping

from flows.pages.chart.rows import Person, Row
from flows.pages.chart.values import COMMON, deciding, multiple, named, plain, tell
from flows.wording import shown, words

MOST = 14
HEAD = ("What it is", "What was measured or told", "Date", "Value", "x ULN", "Limit", "Row of the extract")


def because(person: Person, symptoms: Mapping[str, str]) -> list[list[str]]:
    """Return the deciding rows and the windows of the rule, in time; what is left out is told in the last."""
    decided = deciding(person.evidence)
    rest = [row for row in person.evidence if row not in decided and row["role"] not in ("restart", "stop", "slot")]
    rest.sort(key=lambda row: (row["role"] in COMMON, str(row["date"])))
    kept = [*decided, *rest]
    rows = [(str(row["date"] or ""), _told(row, symptoms)) for row in kept[:MOST]]
    windows = [
        row
        for row in person.slots
        if row["rule_id"] == person.finding["rule_id"] and row["status"] in ("missed", "not_due")
    ]
    rows += [(str(row["window_start"]), _window(row)) for row in windows[:MOST]]
    more = len(kept) - len(kept[:MOST]) + len(windows) - len(windows[:MOST])
    told = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
    return told + ([[f"and {more} more", *[""] * (len(HEAD) - 1)]] if more else [])


def _told(row: Row, symptoms: Mapping[str, str]) -> list[str]:
    limit = "" if row["limit_value"] is None else plain(row["limit_value"])
    value = "" if row["value"] is None else tell(row)
    source = f"{row['source_table']} {shown(row['source_id'])}"
    return [
        words(row["role"]),
        named(row["concept"], symptoms),
        str(row["date"] or ""),
        value,
        multiple(row),
        limit,
        source,
    ]


def _window(row: Row) -> list[str]:
    said = "no draw" if row["status"] == "missed" else "still open"
    days = f"{row['window_start']} to {row['window_end']}"
    return [words(row["status"]), f"slot {row['slot']}, due {row['due_date']}", days, said, "", "", ""]
