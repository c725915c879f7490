"""Patients with little else than one rule's edge, so that nothing hides it."""

from .sketch import BILIRUBIN_ULN, Sketch


def pattern(sketch: Sketch) -> None:
    """R at its two limits, the phosphatase at the edge of its pairing days."""
    onset, uln = sketch.stop - 12, sketch.ulns[0]
    sketch.chart.lab(onset, "alt", sketch.pick(2.0, 4.0, 6.0) * uln, uln)
    enzyme = sketch.chart.labs[-1]["value"] / uln
    for offset in (sketch.pick(-8, -7, -3, 0, 3, 7, 8), *sketch.some(1, -3, 3, 7)):
        ratio = sketch.pick(5.0, 5.0, 2.0, 2.0, 3.0) + sketch.pick(0.0, 0.0, 0.001, -0.001)
        sketch.chart.lab(onset + offset, "alp", enzyme / ratio * 120.0, 120.0)


def modest_symptom(sketch: Sketch) -> None:
    """A symptom, a modest rise soon after, and a second draw at the edge of its week."""
    day = sketch.pick(sketch.restart + 1, sketch.restart + 20, sketch.end - 7, sketch.end - 6, sketch.end)
    sketch.chart.event(day, "symptom_nausea")
    first = day + sketch.pick(0, 0, 3, 4)
    sketch.enzyme(first, 1.0, 1.5, 1.5, 2.0, 3.0)
    for offset in sketch.some(1, 6, 7, 7, 8, 8):
        sketch.enzyme(first + offset, 0.5, 1.0)
    sketch.marks += [first, first + 7]


def hasty_stop(sketch: Sketch) -> None:
    """A mild rise at the edge of the last month, a second draw or none, a bilirubin now and then."""
    day = sketch.end + 1 - sketch.pick(0, 1, 1, 10, 29, 30, 30, 31, 31)
    sketch.enzyme(day, 1.5, 1.5, 1.0, 2.9, 4.9)
    for offset in sketch.some(1, 1, 7, 28, 29, 30, 31):
        sketch.enzyme(day + offset, 0.5, 1.0, 1.5)
    if sketch.rarely(3):
        sketch.bilirubin(sketch.end + 1 - sketch.pick(0, 20, 30, 31), 2.0, 1.9)
    if sketch.rarely(5):
        sketch.chart.event(sketch.end + 1 - sketch.pick(-1, 0, 30, 31), "symptom_fatigue")


def long_term(sketch: Sketch) -> None:
    """Quarterly draws that miss every other time, so that three missed due days lie about a year apart."""
    day = sketch.restart + 180
    for due in (*range(7, 57, 7), 74, 88, 120, 150, 180):
        sketch.enzyme(sketch.restart + due, 0.5)
    for step in (182, 90 + sketch.pick(91, 92, 93, 94), 120, 90, 90, 90):
        day += step
        sketch.enzyme(day, 0.5)


def unstable(sketch: Sketch) -> None:
    """Block after block above the stability limit."""
    for block in range(sketch.pick(1, 2, 3, 12, 13, 13)):
        sketch.chart.lab(
            sketch.restart + 61 + 30 * block + sketch.pick(0, 0, 29), "alt", 2.5 * sketch.most, sketch.most
        )
    sketch.enzyme(sketch.restart + 90, 1.5)
    sketch.marks += [sketch.restart + 90, sketch.restart + 120]


def decision(sketch: Sketch) -> None:
    """A rise that asks for a decision, seen at the edge of what may still be observed."""
    day = sketch.restart + sketch.pick(1, 10, 40)
    sketch.enzyme(day, 3.0, 3.0, 5.0)
    sketch.closes = day + sketch.pick(28, 29, 30, 31)


def washout(sketch: Sketch) -> None:
    """The same symptom again, at the edges of washout and merging."""
    day = sketch.restart + sketch.pick(-29, 1, 2, 10)
    for step in (0, sketch.pick(29, 30, 31), *sketch.some(2, 1, 7, 8, 30, 31)):
        day += step
        sketch.chart.event(day, "symptom_nausea")
        for offset in sketch.some(1, 0, 3, 4, 7, 8):
            sketch.enzyme(day + offset, 0.5, 1.5)
    sketch.marks.append(day)


def merging(sketch: Sketch) -> None:
    """Two symptoms about a week apart: one symptom episode or two."""
    day = sketch.restart + sketch.pick(1, 2, 10)
    sketch.chart.event(day, "symptom_nausea")
    sketch.chart.event(day + sketch.pick(6, 7, 8), "symptom_fatigue")
    sketch.enzyme(day + sketch.pick(0, 1, 3), 0.5, 1.5)
    for offset in sketch.some(1, 8, 11, 12):
        sketch.enzyme(day + offset, 0.5, 1.5)


def stop_line(sketch: Sketch) -> None:
    """The absolute stopping limit where the multiple is not reached, and the last dose at the edge of grace."""
    sketch.chart.lab(sketch.end - sketch.pick(2, 3, 4, 5), "alt", sketch.pick(499.99, 500.0, 500.0, 501.0), 120.0)
    sketch.marks.append(sketch.end + 1)


def bilirubin(sketch: Sketch) -> None:
    """An enzyme and a bilirubin at their multiples of E, a week apart or so."""
    day = sketch.pick(sketch.restart + 1, sketch.restart + 8, sketch.end - 3, sketch.end)
    sketch.enzyme(day, 2.0, 2.0, 2.1, 4.0)
    sketch.bilirubin(day + sketch.pick(-8, -7, 0, 7, 8), 2.0, 2.0, 2.1)
    sketch.marks.append(day)


def coagulation(sketch: Sketch) -> None:
    """An INR in the break at its limit, with or without what explains or confirms it."""
    day = sketch.pick(sketch.stop - 1, sketch.stop + 5, sketch.restart - 1, sketch.restart)
    sketch.chart.lab(day, "inr", sketch.pick(1.5, 1.5, 1.5 - 1e-4, 1.6), 1.2)
    for offset in sketch.some(1, -8, -7, 7, 8):
        sketch.chart.lab(
            day + offset, "bilirubin_total", 2 * BILIRUBIN_ULN - sketch.pick(0.0, 0.0, 0.01), BILIRUBIN_ULN
        )
    for ends in sketch.some(1, -31, -30, 0, 1):
        sketch.chart.take(day - 60, day + ends, None, drug="anticoagulant")


FOCI = (
    bilirubin,
    coagulation,
    decision,
    hasty_stop,
    long_term,
    merging,
    modest_symptom,
    pattern,
    stop_line,
    unstable,
    washout,
)
LONG = (decision, long_term, unstable)
