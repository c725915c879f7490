"""What the rows of evidence say in a chart: which decided, what they were held against, and how a value is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flows.pages.chart.rows import Row
from flows.wording import ACRONYMS, TIMES, number, shown, words

# Rows that stand behind many verdicts, or show that nothing happened: no ring around them.
COMMON: Final = (
    "restart", "stop", "baseline", "highest", "lookback", "slot", "before_gap", "after_gap", "window_start",
    "window_end", "response", "death", "after_death", "draw",
)  # fmt: skip
SAME: Final = 0.005  # a reference that is the ULN but for rounding


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that a value was held against: of which analyte, as a multiple of its ULN, and in words."""

    concept: str
    multiple: float
    words: str


def deciding(evidence: Iterable[Row]) -> list[Row]:
    """Return the rows that decided: those that reached their limit, or without a limit all that are not common."""
    rows = [row for row in evidence if row["role"] not in COMMON]
    reached = [row for row in rows if _reaches(row)]
    return reached or rows


def _reaches(row: Row) -> bool:
    """Return whether a value reached the limit that it was held against."""
    return row["limit_value"] is not None and row["value"] is not None and row["value"] >= row["limit_value"]


def limits(evidence: Sequence[Row]) -> list[Limit]:
    """Return one limit an analyte: that of the first row that decided, or else of the first that was held to one."""
    found: dict[str, Limit] = {}
    for row in (*deciding(evidence), *evidence):
        if row["concept"] in found or not (row["limit_value"] and row["value"] and row["x_uln"]):
            continue
        times = row["limit_value"] / row["value"]
        value = f"{named(row['concept'])} limit {plain(row['limit_value'])} {unit(row)}".rstrip()
        is_own = bool(row["x_reference"]) and abs(row["x_reference"] / row["x_uln"] - 1) > SAME
        of, what = ("x_reference", "own baseline") if is_own else ("x_uln", "ULN")
        told = f"{value}, {plain(times * row[of])} {TIMES} {what}"
        found[row["concept"]] = Limit(row["concept"], times * row["x_uln"], told)
    return list(found.values())


def plain(value: float) -> str:
    """Return a value as the sentences of findings have it, to two decimals."""
    return number(round(value, 2))


def unit(row: Row) -> str:
    """Return the unit of a value; a ratio has none."""
    return "" if row["unit"] in (None, "1") else shown(row["unit"])


def tell(row: Row) -> str:
    """Return a value with its comparator and unit."""
    return f"{row['comparator'] or ''}{plain(row['value'])} {unit(row)}".rstrip()


def multiple(row: Row) -> str:
    """Return a value as a multiple of its ULN, with its comparator."""
    return "" if row["x_uln"] is None else f"{row['comparator'] or ''}{row['x_uln']:.2f} {TIMES}"


def named(concept: str | None, symptoms: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a concept as people write it, a symptom in the words of the edition."""
    text = (concept or "").removeprefix("symptom_").removesuffix("_total")
    if text in symptoms:
        return shown(symptoms[text])
    return text.upper() if text in ACRONYMS else shown(words(text))
