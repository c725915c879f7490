"""The scales of a chart: days across, multiples upwards (log axis), and where their ticks stand."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LEFT, RIGHT, TOP, BOTTOM = 66, 944, 44, 300  # the panel of the laboratory values, in the picture's own units
MULTIPLES = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100)
STEPS = (1, 2, 3, 6, 12, 24, 60)  # months between two ticks
MOST_TICKS = 10
DAYS_OF_A_MONTH = 31


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a day and a multiple stand; what lies beyond the ends stands at them."""

    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> int:
        """Return the place of a day across."""
        within = min(max(day, self.first), self.last)
        return round(LEFT + (RIGHT - LEFT) * (within - self.first).days / max(1, (self.last - self.first).days))

    def y(self, multiple: float) -> int:
        """Return the height of a multiple."""
        within = min(max(multiple, self.low), self.high)
        return round(BOTTOM - (BOTTOM - TOP) * math.log(within / self.low) / math.log(self.high / self.low))

    def multiples(self) -> list[float]:
        """Return the multiples that have a line."""
        return [one for one in MULTIPLES if self.low <= one <= self.high]

    def months(self) -> Iterator[date]:
        """Yield the first days of months that have a tick."""
        months = (self.last - self.first).days / DAYS_OF_A_MONTH
        step = next((one for one in STEPS if months / one <= MOST_TICKS), STEPS[-1])
        day = self.first.replace(day=1)
        while day <= self.last:
            if day >= self.first and (day.year * 12 + day.month - 1) % step == 0:
                yield day
            day = (day + timedelta(days=DAYS_OF_A_MONTH + 1)).replace(day=1)


def scale(first: date, last: date, multiples: list[float]) -> Scale:
    """Return the scale that holds these days and multiples, and at least half the limit to three times it."""
    shown = [one for one in multiples if one > 0]
    low = max(MULTIPLES[0], min([0.5, *shown]) / 1.15)
    return Scale(first, max(last, first + timedelta(days=1)), low, max([3.0, *shown]) * 1.35)
