"""eDISH: the highest enzyme against the highest bilirubin of each restart, before it and after it."""

from math import log10
from typing import Any

import polars as pl

from audit.figures.edish import PERIODS, QUADRANTS, peaks
from flows.pages.facts import Facts
from flows.pages.plots import LEFT, RIGHT, TOP, Scale

BOTTOM = 260.0  # as high as it is wide: both axes run alike
LOW, HIGH = 0.1, 100.0  # of both axes; what lies beyond is drawn on the edge
TITLES = {"before": "Before: onset to the day before the restart", "after": "After: from the day after the restart"}
WORDS = {
    "both": "both reached (Hy's law range)",
    "enzyme": "enzyme alone (Temple's corollary)",
    "bilirubin": "bilirubin alone (cholestasis, Gilbert's syndrome)",
    "neither": "neither reached",
}


def section(facts: Facts) -> dict[str, Any]:
    """Return `edish`: a panel for each period, and how many restarts lie where."""
    found = peaks(facts.judged, facts.guideline)
    enzyme, bilirubin = (facts.guideline[f"hys_law_{name}_x_uln"] for name in ("enzyme", "bilirubin"))
    return {
        "edish": {
            "restarts": facts.judged.episodes.height,
            "enzyme": enzyme.digits,
            "bilirubin": bilirubin.digits,
            "panels": [
                panel(period, found.filter(pl.col("period") == period), enzyme.number, bilirubin.number)
                for period in PERIODS
            ],
            "rows": counts(found),
        }
    }


def panel(period: str, rows: pl.DataFrame, enzyme: float, bilirubin: float) -> dict[str, Any]:
    """Return the drawing of a period: the places of the points, alike ones once, and the limits."""
    across, upright = (Scale(log10(LOW), log10(HIGH), *ends) for ends in ((LEFT, RIGHT), (BOTTOM, TOP)))
    placed = rows.drop_nulls("quadrant")
    both = placed.filter(pl.col("quadrant") == "both")
    rest = placed.filter(pl.col("quadrant") != "both")
    said = f"{both.height} of {placed.height} restarts with both measured reach both limits"
    return {
        "title": TITLES[period],
        "label": f"{TITLES[period]}: {said}.",
        "words": f"{said}.",
        "points": [{"ink": ink, "path": dots(some, across, upright)} for ink, some in (("rest", rest), ("both", both))],
        "at_enzyme": across.at(log10(enzyme)),
        "at_bilirubin": upright.at(log10(bilirubin)),
        "x": [{"x": across.at(n), "words": f"{10.0**n:g}"} for n in (-1, 0, 1, 2)],
        "y": [{"y": upright.at(n), "words": f"{10.0**n:g}"} for n in (-1, 0, 1, 2)],
    }


def dots(rows: pl.DataFrame, across: Scale, upright: Scale) -> str:
    """Return points as one path of dots, each place once."""
    logs = rows.select(pl.col(name).clip(LOW, HIGH).log(10) for name in ("enzyme_x_uln", "bilirubin_x_uln")).rows()
    places = sorted({(round(across.at(x)), round(upright.at(y))) for x, y in logs})
    return "".join(f"M{x} {y}h0" for x, y in places)


def counts(found: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many restarts lie where before and after, those without a place aside."""
    enzyme, bilirubin = (pl.col(f"{name}_x_uln").is_null() for name in ("enzyme", "bilirubin"))
    asked = [
        *((WORDS[name], pl.col("quadrant") == name) for name in QUADRANTS),
        ("no bilirubin measured", bilirubin & ~enzyme),
        ("no ALT or AST measured", enzyme & ~bilirubin),
        ("neither measured", enzyme & bilirubin),
    ]
    return [
        {"words": said, "counts": [found.filter(pl.col("period") == period, where).height for period in PERIODS]}
        for said, where in asked
    ]
