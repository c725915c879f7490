"""Evidence by value: a patient as a text table, and beside it the rows that a verdict rests on as another.

The rows that stand behind every verdict are left out: tests/spec/test_evidence.py holds those once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.spec.patients import Case, register

COMMON = ("restart", "stop", "death", "after_death")
TABLES = {"lab_results": "lab", "drug_exposures": "drug", "clinical_events": "event", "patients": "patient"}
COLUMNS = ("role", "day", "what", "value", "limit", "x uln", "x e", "source")


@dataclass(frozen=True, eq=False)
class Proven:
    """One verdict of one patient with its evidence: lines of the columns above, sorted."""

    rule: str
    reason: str
    case: Case
    lines: list[str]
    title: str = ""

    def __str__(self) -> str:
        """Return what the test of it is called."""
        return " ".join(part for part in (self.rule, self.reason, self.title) if part)


PROVEN: list[Proven] = []


def proves(rule: str, reason: str, patient: str, rows: str, *, title: str = "", **parameters: Any) -> None:
    """Keep a patient, and what the evidence of the verdict is to be: a table with the columns above."""
    header, *lines = [_cells(line) for line in rows.strip().splitlines()]
    assert header == list(COLUMNS), header
    assert all(len(line) == len(COLUMNS) for line in lines), lines
    shown = sorted(" | ".join(line) for line in lines)
    PROVEN.append(Proven(rule, reason, register(patient, **parameters), shown, title))


def lines(rows: Iterable[dict[str, Any]], roles: Iterable[str] | None = None) -> list[str]:
    """Return evidence as lines of the columns above, without the common roles or with some roles alone."""
    wanted = [row for row in rows if (row["role"] not in COMMON if roles is None else row["role"] in roles)]
    return sorted(" | ".join(_line(row)) for row in wanted)


def _line(row: dict[str, Any]) -> list[str]:
    table, name = TABLES[row["source_table"]], row["source_id"]
    # A row without a name of its own has one that hangs on the other patients of its batch.
    is_named = table != "patient" and not name.rpartition(".")[2].isdigit()
    source = f"{table} {name}" if is_named else table
    value = (row["comparator"] or "") + _number(row["value"])
    numbers = [_number(row[column]) for column in ("limit_value", "x_uln", "x_reference")]
    return [row["role"], str(row["date"]), row["concept"], value, *numbers, source]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
