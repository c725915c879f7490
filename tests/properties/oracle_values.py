"""Comparisons of the rules, and the true values that a printed bound allows (rules.md 3.1)."""

from collections.abc import Iterable
from itertools import pairwise
from statistics import median

ENZYMES = ("alt", "ast")
LOWER_BOUNDS = (">", ">=")
NOISE = 1e-9


class Undecided:
    """What the rules leave open: the comparison passes over it."""

    def __repr__(self) -> str:
        return "UNDECIDED"


UNDECIDED = Undecided()


def at_least(value: float, reference: float, multiple: float, epsilon: float) -> bool:
    """value >= multiple x reference, as a ratio with an absolute tolerance."""
    return value / reference >= multiple - epsilon


def above(value: float, reference: float, multiple: float, epsilon: float) -> bool:
    """value > multiple x reference, strictly, as a ratio with an absolute tolerance."""
    return value / reference > multiple + epsilon


def allowed(candidate: float, bound: float, comparator: str) -> bool:
    """Whether a true value is possible under a printed bound; float noise makes two numbers equal."""
    noise = NOISE * bound
    return {
        ">": candidate > bound + noise,
        ">=": candidate >= bound - noise,
        "<": candidate < bound - noise,
        "<=": candidate <= bound + noise,
    }[comparator]


def truths(row: dict, thresholds: Iterable[float]) -> list[float]:
    """Every true value that matters: at each threshold, between neighbours, and far beyond on both sides."""
    bound, comparator = row["value"], row["comparator"]
    if comparator is None:
        return [bound]
    points = sorted({bound, *thresholds})
    between = [(low + high) / 2 for low, high in pairwise(points)]
    candidates = [points[0] / 1000, points[0] / 2, *points, *between, points[-1] * 2, points[-1] * 1000]
    return [candidate for candidate in sorted(candidates) if allowed(candidate, bound, comparator)]


def certainly_at_least(row: dict, reference: float, multiple: float, epsilon: float) -> bool:
    """Every possible true value reaches the multiple."""
    return all(at_least(true, reference, multiple, epsilon) for true in truths(row, [multiple * reference]))


def certainly_above(row: dict, reference: float, multiple: float, epsilon: float) -> bool:
    """Every possible true value is above the multiple."""
    return all(above(true, reference, multiple, epsilon) for true in truths(row, [multiple * reference]))


def baseline_of(rows: list[dict], last_n: int) -> tuple[float, float] | None:
    """Median of the last days' largest values, and the ULN of the latest of them; None without a value."""
    largest: dict = {}
    for row in rows:
        held = largest.get(row["date"])
        if held is None or row["value"] > held["value"]:
            largest[row["date"]] = row
    days = sorted(largest)[-last_n:]
    if not days:
        return None
    return median(largest[day]["value"] for day in days), largest[days[-1]]["uln"]
