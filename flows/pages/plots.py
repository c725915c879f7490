"""What the drawings of the report share: the places of numbers, and of the panels of which there are many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

WIDTH, HEIGHT = 340, 178
LEFT, RIGHT, TOP, BOTTOM = 44.0, 330.0, 10.0, 150.0
APART = 40.0  # so far two words below an axis are apart at least
T = TypeVar("T", bound=Mapping[str, Any])


def scale(rate: float) -> float:
    """Return the horizontal place of a rate in the drawing."""
    return round(20 + 640 * rate, 1)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale: where the numbers between `low` and `high` lie between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a number; the middle where there is but one."""
        part = (value - self.low) / (self.high - self.low) if self.high != self.low else 0.5
        return round(self.start + part * (self.end - self.start), 1)


RATES = Scale(0, 1, BOTTOM, TOP)


def rate_ticks(top: float = 1) -> list[dict[str, Any]]:
    """Return three marks of the upright axis of rates, from none to `top`."""
    upright = Scale(0, top, BOTTOM, TOP)
    return [{"y": upright.at(part * top), "words": f"{100 * part * top:.0f} %"} for part in (0, 0.5, 1)]


def line(points: Iterable[tuple[float, float]]) -> str:
    """Return a path through points; empty without one."""
    said = "L".join(f"{x} {y}" for x, y in points)
    return f"M{said}" if said else ""


def steps(points: Sequence[tuple[float, float]], end: float) -> str:
    """Return a path that keeps its height from each point to the next, and the last one's to the `end`."""
    first, *rest = points
    return f"M{first[0]} {first[1]}" + "".join(f"H{x}V{y}" for x, y in rest) + f"H{end}"


def spaced(marks: Iterable[T], gap: float = APART) -> Iterator[T]:
    """Yield the marks whose words fit beside the one before."""
    last = -gap
    for mark in marks:
        if mark["x"] - last >= gap:
            last = mark["x"]
            yield mark
