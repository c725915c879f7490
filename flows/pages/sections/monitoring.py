"""Monitoring along the days after the restart: of the slots that were due, how many a draw met."""

from collections.abc import Mapping
from typing import Any

from audit.figures.due import due_slots
from flows.pages.facts import Facts, by_rule, feed_end
from flows.pages.plots import LEFT, RATES, RIGHT, Scale, line, rate_ticks, spaced
from flows.wording import count, interval

INSET = 14.0
MIN_AT_RISK = 10  # of fewer a share is drawn hollow, and no line leads to it


def section(facts: Facts) -> dict[str, Any]:
    """Return `monitoring`: a panel for each phase with a due slot, in the order of the edition's rules."""
    found = due_slots(facts.judged, facts.guideline, feed_end(facts))
    rows = by_rule(found)
    phases = [rule for rule in facts.rules.values() if rule.id in rows]
    panels = [panel(f"{rule.id} {rule.title}", rows[rule.id]) for rule in phases]
    return {"monitoring": {"panels": panels, "min_at_risk": MIN_AT_RISK}}


def panel(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the drawing of one phase, and its numbers."""
    across = Scale(rows[0]["last_day"], rows[-1]["last_day"], LEFT + INSET, RIGHT - INSET)
    points = [point(row, across) for row in rows]
    due, met = (sum(row[name] for row in rows) for name in ("due", "met"))
    return {
        "title": title,
        "label": f"{title}: {count(met)} of {count(due)} due slots met, by days after the restart.",
        "words": f"{count(met)} of {count(due)} due slots met.",
        "points": points,
        "line": line((one["x"], one["y"]) for one in points if not one["is_few"]),
        "x": [{"x": one["x"], "words": one["day"], "due": one["due"]} for one in spaced(points)],
        "y": rate_ticks(),
        "rows": [
            {
                "days": days(row),
                "due": row["due"],
                "met": row["met"],
                "share": interval({"rate": row["share"], "rate_low": row["low"], "rate_high": row["high"]}),
            }
            for row in rows
        ],
    }


def point(row: Mapping[str, Any], across: Scale) -> dict[str, Any]:
    """Return a day, or the days that are taken together, as it is drawn."""
    return {
        "x": across.at(row["last_day"]),
        "y": RATES.at(row["share"]),
        "low": RATES.at(row["low"]),
        "high": RATES.at(row["high"]),
        "day": str(row["last_day"]),
        "due": count(row["due"]),
        "is_few": row["due"] < MIN_AT_RISK,
    }


def days(row: Mapping[str, Any]) -> str:
    """Return the day, or the days, in words."""
    first, last = row["first_day"], row["last_day"]
    return str(last) if first == last else f"{first} to {last}"
