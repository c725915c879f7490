"""Courses whose records leave doubt: one order written twice, days that rest on refills or on an assumption."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sketch import Sketch


def twice(sketch: "Sketch", first: int, last: int | None, dose: float | None, plain: dict, closing: dict) -> None:
    """Two records of one start, product and dose, their ends at the edge of the slack, told apart or not."""
    until = last if last is not None else first + 400
    told = {name: sketch.pick(None, *values) for name, values in TOLD.items()}
    again = {name: sketch.pick(told[name], told[name], None, *values) for name, values in TOLD.items()}
    shorter = max(until - sketch.pick(0, 0, 0, 13, 14, 15, 20), first)
    if sketch.rarely(6):
        shorter, last = first + 9, first + 9 + sketch.pick(0, 4)
        sketch.chart.take(last + 1, until, dose, **plain | closing)
        closing = plain
    sketch.chart.take(first, shorter, dose, **plain | told)
    sketch.chart.take(first, last, dose, **plain | closing | again)
    if sketch.rarely(6):
        sketch.chart.take(first, max(shorter - 14, first), dose, **plain | told)


TOLD = {"frequency": ("QD", "BID"), "route": ("oral", "intravenous")}


def rested(sketch: "Sketch", first: int, last: int | None, dose: float | None, plain: dict, closing: dict) -> None:
    """A record of refilled or assumed days, and the next that starts before, at or after its end."""
    until = last if last is not None else first + 400
    middle = first + (until - first) // 2
    basis = {"length_basis": sketch.pick("refills", "assumed")}
    start = middle + 1 - sketch.pick(-1, 0, 1, 13, 14, 15, 20)
    other = sketch.pick(dose, dose, dose, 25.0)
    product = sketch.pick({}, {}, {}, {"product": "b"})
    sketch.chart.take(first, sketch.pick(middle, middle, until + 5), dose, **plain | basis)
    sketch.chart.take(start, last, other, **plain | closing | product)


def assumed_months(
    sketch: "Sketch", first: int, last: int | None, dose: float | None, plain: dict, closing: dict
) -> None:
    """Orders about a month apart, each assumed to last thirty days; the last ends on its assumption."""
    until = last if last is not None else first + 400
    step = sketch.pick(28, 30, 30, 31, 37, 44)
    for day in range(first, until - 29, step):
        sketch.chart.take(day, day + 29, dose, **plain | {"length_basis": "assumed", "end_type": "supply"})
    sketch.chart.take(until - 29, last, dose, **plain | closing | {"length_basis": sketch.pick("assumed", None)})


def beside(sketch: "Sketch", first: int, last: int | None, dose: float | None, plain: dict, closing: dict) -> None:
    """Days that never add, begun with or during a told record."""
    start = first + sketch.pick(0, 0, 1, 10)
    basis = {"length_basis": sketch.pick("refills", "assumed")}
    sketch.chart.take(start, start + sketch.pick(12, 29, 29, 89), dose, **plain | basis)
    sketch.chart.take(first, last, dose, **plain | closing)


def odd_supply(sketch: "Sketch", first: int, last: int | None, dose: float | None, plain: dict, closing: dict) -> None:
    """A supply at the edge of what is plausible, without an end; staging makes those beyond unknown."""
    sketch.chart.take(first, None, dose, **plain | {"days_supply": sketch.pick(None, 1, 1, 400)})
    sketch.chart.take(first + 1, last, dose, **plain | closing | {"product": sketch.pick("b", "concept:azathioprine")})


DOUBTFUL = (twice, twice, rested, rested, assumed_months, beside, odd_supply)
