"""The charts of the findings that are listed first, as marks that the page's script draws where a reader opens one."""

from typing import Any

import polars as pl

from flows.pages.chart import SHAPES, WIDTH, charts, drawn
from flows.pages.chart.because import HEAD
from flows.pages.embedded import as_json
from flows.pages.facts import FINDING, Facts, feed_end


def section(facts: Facts) -> dict[str, Any]:
    """Return `charts` as JSON, in the order of their places."""
    wanted = pl.DataFrame(list(facts.charted), schema=dict.fromkeys(FINDING, pl.String), orient="row")
    guideline = facts.guideline
    people = charts(facts.judged, wanted, guideline.audited_drug, feed_end(facts))
    marks = [drawn(person, guideline.symptoms).packed() for person in people]
    return {"charts": as_json({"width": WIDTH, "shapes": dict(SHAPES), "head": list(HEAD), "charts": marks})}
