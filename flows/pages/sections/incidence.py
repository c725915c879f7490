"""Recurrence as cumulative incidence, with death and the end of the drug as what they are: events that compete."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from audit.figures.incidence import EVENTS, HORIZON_DAYS, incidence, outcomes, read_at
from audit.guideline import Guideline
from flows.pages.facts import Facts
from flows.pages.plots import BOTTOM, LEFT, RIGHT, TOP, Scale, rate_ticks, steps
from flows.pages.sections.recurrence import quoted_by
from flows.wording import count, interval, percent

DAYS = (0, 90, 180, 270, HORIZON_DAYS)
STEP = 0.2  # of the upright axis
BESIDE = 18.0  # what stands left of the numbers at risk needs
LINES = {"recurred": "recurrence", "stopped": "the drug ended without it", "died": "death without it"}


def section(facts: Facts) -> dict[str, Any]:
    """Return `incidence`: the drawing, what it says at the horizon, and its numbers by day."""
    found = outcomes(facts.judged, facts.guideline)
    told = found.drop_nulls("outcome")
    read = read_at(found, DAYS).to_dicts()
    return {
        "incidence": {
            "restarts": told.height,
            "unknown": found.height - told.height,
            "horizon": HORIZON_DAYS,
            "sentence": sentence(read[-1], told),
            "counts": {name: told.filter(pl.col("outcome") == name).height for name in (*EVENTS, "censored")},
            "multiple": facts.guideline["recurrence_min_x_ref"].digits,
            "days_after": facts.guideline["recurrence_after_stop_days"].digits,
            "caveat": caveat(facts.guideline),
            "rows": [row(one) for one in read],
            "drawing": drawing(incidence(found), read) if told.height else None,
        }
    }


def sentence(at: Mapping[str, Any], told: pl.DataFrame) -> str:
    """Return in words what the curves are at the horizon."""
    if not told.height:
        return "No restart can be followed yet."
    if at["incidence_recurred"] is None:
        longest = told.select(pl.col("day").max()).item()
        return f"No restart is followed to day {HORIZON_DAYS} yet; the longest is followed to day {count(longest)}."
    return (
        f"By day {HORIZON_DAYS} after the restart hepatotoxicity had recurred in {of_recurrence(at)} of restarts; in "
        f"{percent(at['incidence_stopped'])} the drug had ended without it, and {percent(at['incidence_died'])} had "
        "died without it."
    )


def of_recurrence(at: Mapping[str, Any]) -> str:
    """Return the incidence of recurrence, with its interval where it has one."""
    if at["incidence_low"] is None:
        return percent(at["incidence_recurred"])
    return interval(
        {"rate": at["incidence_recurred"], "rate_low": at["incidence_low"], "rate_high": at["incidence_high"]}
    )


def caveat(guideline: Guideline) -> str:
    """Return why the figure that the guideline quotes is no mark on these curves; empty where it quotes none."""
    quoted = quoted_by(guideline)
    if quoted is None or not quoted.patients or quoted.events is None:
        return ""
    share = f"{100 * quoted.events / quoted.patients:.0f} % ({quoted.events} of {quoted.patients})"
    return (
        f"The article's {share} is no mark on these curves: it is of {quoted.population}, by another definition of a "
        "recurrence, a share of patients without a time, in which nothing competes."
    )


def row(at: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a day as the table has them."""
    return {
        "day": at["day"],
        "at_risk": at["at_risk"],
        "recurred": of_recurrence(at),
        **{name: percent(at[f"incidence_{name}"]) for name in ("stopped", "died")},
    }


def drawing(curve: pl.DataFrame, read: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the curves up to the horizon, as far as anybody is followed."""
    seen = curve.filter(pl.col("day") <= HORIZON_DAYS)
    last = min(HORIZON_DAYS, curve.select(pl.col("day").max()).item())
    highest = seen.select(pl.max_horizontal(pl.col(f"incidence_{name}" for name in (*EVENTS, "high")).max())).item()
    top = min(1.0, STEP * (int(highest / STEP) + 1))
    across, upright = Scale(0, HORIZON_DAYS, LEFT + BESIDE, RIGHT - 8), Scale(0, top, BOTTOM, TOP)

    def placed(name: str, rows: pl.DataFrame) -> list[tuple[float, float]]:
        days = rows.select("day", f"incidence_{name}").iter_rows()
        return [(across.at(day), upright.at(value)) for day, value in days]

    end = across.at(last)
    banded = seen.drop_nulls("incidence_low")
    return {
        "lines": [{"ink": name, "path": steps(placed(name, seen), end)} for name in LINES],
        "band": band(placed("low", banded), placed("high", banded), end) if banded.height else "",
        "x": [{"x": across.at(at["day"]), "words": str(at["day"]), "due": count(at["at_risk"])} for at in read],
        "y": rate_ticks(top),
        "label": "Cumulative incidence after the restart: " + sentence_label(read[-1]),
    }


def sentence_label(at: Mapping[str, Any]) -> str:
    """Return what the drawing says to who cannot see it."""
    if at["incidence_recurred"] is None:
        return f"unknown at day {HORIZON_DAYS}, see the table."
    return f"recurrence {percent(at['incidence_recurred'])} at day {HORIZON_DAYS}, see the table."


def band(low: list[tuple[float, float]], high: list[tuple[float, float]], end: float) -> str:
    """Return the interval as a closed path: along the lower end, and back along the upper one."""
    there = steps(low, end)
    back = "".join(f"V{y}H{x}" for x, y in reversed(high))
    return f"{there}{back}Z"
