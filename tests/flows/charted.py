"""A small release with the rows that a chart is drawn of, and the charts of its findings."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import Judged, Kept
from flows.pages.chart import Chart, charts, drawn
from flows.pages.facts import Facts
from flows.release import Freshness
from tests import released
from tests.flows import made

RELEASE = (Path(__file__).parent / "charted.txt").read_text(encoding="utf-8")
END = date(2024, 1, 31)


def facts(text: str = RELEASE, **changes: Any) -> Facts:
    frames = released.frames(text)
    names = ("patients", "labs", "exposures", "courses", "events", "stays")
    judged = made.judged(text)
    with_rows = replace(judged, kept=Kept(**{name: frames[name] for name in names}))
    fresh = Freshness(END, None, None, None, None)
    return made.facts(text, judged=with_rows, freshness=fresh, **changes)


def chart(rule: str, text: str = RELEASE) -> Chart:
    """Return the chart of a finding of the release."""
    given = facts(text)
    wanted = pl.DataFrame({"episode_id": ["e1"], "rule_id": [rule]})
    [one] = charts(given.judged, wanted, "azathioprine", END)
    return drawn(one, given.guideline.symptoms)


def everywhere(judged: Judged, said: str) -> Judged:
    """Return what was judged with a text in place of every text that an extract tells, and of every id."""
    own = {
        "episode_id", "patient_id", "site_id", "source_id", "message", "rule_id", "exposure_id", "event_id", "product",
        "unit", "urgency_reason", "break_class", "reason",
    }  # fmt: skip

    def hostile(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.lit(said).alias(name) for name in frame.columns if name in own)

    kept = Kept(**{name: hostile(getattr(judged.kept, name)) for name in Kept.__slots__})
    one = judged.findings.head(1)
    frames = ("breaks", "episodes", "status_to_date", "slots", "evidence")
    return replace(
        judged,
        findings=hostile(one),
        urgency=hostile(judged.urgency.head(1)),
        kept=kept,
        **{name: hostile(getattr(judged, name)) for name in frames},
    )
