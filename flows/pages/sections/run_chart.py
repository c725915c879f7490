"""Rates by the quarter of the restart: a run chart for each rule, what may still change drawn apart."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from audit.figures.quarters import MIN_POINTS, centres, quarters
from audit.rule import Rule
from flows.pages.facts import Facts, by_rule, feed_end
from flows.pages.plots import LEFT, RATES, RIGHT, Scale, line, rate_ticks, spaced
from flows.pages.sections.strata import passed_of
from flows.wording import DASH, count

INSET = 10.0
YEARS_APART = 44.0
FEW = 5  # of fewer restarts a point is drawn small


def section(facts: Facts) -> dict[str, Any]:
    """Return `run_chart`: a panel for each rule with a rate, the rules without one, and all numbers as a table."""
    found = quarters(facts.judged.findings, facts.judged.episodes, feed_end(facts))
    rows = by_rule(found)
    middles = {row["rule_id"]: row for row in centres(found).iter_rows(named=True)}
    shown = {rule.id: rule for rule in facts.rules.values() if any(row["evaluable"] for row in rows.get(rule.id, ()))}
    upon = axis(found.filter(pl.col("evaluable") > 0, pl.col("rule_id").is_in(list(shown))))
    return {
        "run_chart": {
            "panels": [panel(rule, rows[rule.id], middles.get(rule.id, {}), upon) for rule in shown.values()],
            "min_points": MIN_POINTS,
            "few": FEW,
            "table": table(shown, rows),
        }
    }


def axis(rows: pl.DataFrame) -> dict[str, Any]:
    """Return the scale that all panels share, in quarters, and its years."""
    if not rows.height:
        return {}
    numbers = [number(day) for day in (rows["quarter"].min(), rows["quarter"].max()) if isinstance(day, date)]
    across = Scale(numbers[0], numbers[-1], LEFT + INSET, RIGHT - INSET)
    years = [one for one in range(numbers[0], numbers[-1] + 1) if one % 4 == 0]
    marks = [{"x": across.at(one), "words": str(one // 4)} for one in years]
    whole = [{"x": across.at(one), "words": named(one)} for one in dict.fromkeys(numbers)]
    return {"across": across, "ticks": list(spaced(marks if len(marks) > 1 else whole, YEARS_APART))}


def number(quarter: date) -> int:
    """Return a quarter as a number that counts quarters."""
    return quarter.year * 4 + (quarter.month - 1) // 3


def named(quarter: int) -> str:
    """Return a quarter in words."""
    return f"{quarter // 4} Q{quarter % 4 + 1}"


def panel(rule: Rule, rows: list[dict[str, Any]], middle: Mapping[str, Any], upon: Mapping[str, Any]) -> dict[str, Any]:
    """Return the drawing of one rule and what it says in words."""
    points = [point(row, upon["across"]) for row in rows if row["evaluable"]]
    settled = [one for one in points if not one["is_open"]]
    centre = middle.get("centre")
    return {
        "title": f"{rule.id} {rule.title}",
        "points": points,
        "line": line((one["x"], one["y"]) for one in settled),
        "centre": None if centre is None else RATES.at(centre),
        "x": upon["ticks"],
        "y": rate_ticks(),
        "words": words(middle, len(points) - len(settled)),
        "label": f"{rule.id} by quarter of the restart. {points[-1]['words']}.",
    }


def point(row: Mapping[str, Any], across: Scale) -> dict[str, Any]:
    """Return a quarter as it is drawn."""
    quarter = number(row["quarter"])
    return {
        "x": across.at(quarter),
        "y": RATES.at(row["rate"]),
        "low": RATES.at(row["low"]),
        "high": RATES.at(row["high"]),
        "is_open": row["is_open"],
        "r": 2 if row["evaluable"] < FEW else 3.5,
        "words": f"{named(quarter)}: {cell(row)}",
    }


def words(middle: Mapping[str, Any], opened: int) -> str:
    """Return how many quarters are settled, their centre, the longest run, and how many may change."""
    n = middle.get("points", 0)
    said = [f"{count(n)} settled quarter{'' if n == 1 else 's'}"]
    if (centre := middle.get("centre")) is not None:
        said.append(f"median {100 * centre:.0f} %")
    if (longest := middle.get("longest_run")) is not None:
        limit = middle["run_limit"]
        is_shift = longest > limit
        said.append(
            f"longest run on one side {longest}" + (f", more than chance makes ({limit}): a shift" if is_shift else "")
        )
    if opened:
        said.append(f"{count(opened)} may still change")
    return "; ".join(said) + "."


def cell(row: Mapping[str, Any]) -> str:
    """Return a rate with its counts, and whether it may change; a dash where nothing can be evaluated."""
    said = passed_of(row)
    return f"{said}, open" if row["evaluable"] and row["is_open"] else said


def table(rules: Mapping[str, Rule], rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return all numbers: a line a quarter, the latest first, a column a rule."""
    cells = {(row["quarter"], rule_id): cell(row) for rule_id in rules for row in rows[rule_id]}
    days = sorted({quarter for quarter, _ in cells}, reverse=True)
    return {
        "rules": list(rules),
        "rows": [
            {"quarter": named(number(day)), "cells": [cells.get((day, rule_id), DASH) for rule_id in rules]}
            for day in days
        ],
    }
