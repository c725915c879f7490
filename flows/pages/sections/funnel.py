"""Sites beside the rate of all: a funnel plot for each rule, without a ranking."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from audit.figures.sites import Z_998, limits, sites
from audit.measures import Z
from audit.rule import Rule
from flows.pages.facts import Facts, by_rule
from flows.pages.plots import LEFT, RATES, RIGHT, Scale, line, rate_ticks
from flows.wording import count, interval, percent

POINTS = 60  # of the curve of a limit
OUTSIDE = {
    "none": "within 95 % limits",
    "95": "outside the 95 % limits",
    "998": "outside the 99.8 % limits",
}


def section(facts: Facts) -> dict[str, Any]:
    """Return `funnel`: a panel and the lines of a table for each rule that two sites or more can be evaluated at.

    `sites`: how many the restarts are of; `siteless`: how many restarts are of none.
    """
    episodes = facts.judged.episodes
    found = sites(facts.judged.findings, episodes)
    rows = by_rule(found)
    panels = [panel(rule, rows[rule.id]) for rule in facts.rules.values() if len(rows.get(rule.id, ())) > 1]
    return {
        "funnel": {
            "panels": panels,
            "sites": episodes["site_id"].drop_nulls().n_unique(),
            "siteless": episodes["site_id"].null_count(),
        }
    }


def panel(rule: Rule, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the drawing of one rule, and its sites in order of their names."""
    most = max(row["evaluable"] for row in rows)
    overall, across = rows[0]["overall"], Scale(0, most, LEFT, RIGHT - 8)
    beyond = [row for row in rows if row["outside"] != "none"]
    said = f"all sites {percent(overall)}; {count(len(beyond))} of {count(len(rows))} outside the 95 % limits"
    return {
        "title": f"{rule.id} {rule.title}",
        "label": f"{rule.id} by site: {said}.",
        "words": f"{said[:1].upper()}{said[1:]}.",
        "overall": RATES.at(overall),
        "limits": [
            {"ink": ink, "path": path}
            for ink, z in (("limit-95", Z), ("limit-998", Z_998))
            for path in curves(overall, most, z, across)
        ],
        "points": [point(row, across) for row in rows],
        "x": [{"x": across.at(n), "words": count(n)} for n in dict.fromkeys((0, most // 2, most))],
        "y": rate_ticks(),
        "rows": [
            {
                "site": row["site_id"],
                "evaluable": row["evaluable"],
                "passed": row["passed"],
                "rate": interval({"rate": row["rate"], "rate_low": row["low"], "rate_high": row["high"]}),
                "place": OUTSIDE[row["outside"]],
                "is_outside": row["outside"] != "none",
            }
            for row in rows
        ],
    }


def point(row: Mapping[str, Any], across: Scale) -> dict[str, Any]:
    """Return a site as it is drawn; only one outside of its limits is named in the drawing."""
    x = across.at(row["evaluable"])
    return {
        "x": x,
        "y": RATES.at(row["rate"]),
        "name": row["site_id"] if row["outside"] != "none" else "",
        "is_right": x > (LEFT + RIGHT) / 2,
        "words": f"{row['site_id']}: {row['passed']} of {row['evaluable']}",
    }


def curves(overall: float, most: int, z: float, across: Scale) -> list[str]:
    """Return the lower and the upper limit as paths, from one restart on."""
    numbers = sorted({max(1, round(most * (n / POINTS) ** 2)) for n in range(1, POINTS + 1)})  # closer where they bend
    low, high = limits(pl.lit(overall), pl.col("n"), z)
    found = pl.DataFrame({"n": numbers}).select("n", low=low, high=high).rows()
    return [line((across.at(row[0]), RATES.at(row[end])) for row in found) for end in (1, 2)]
