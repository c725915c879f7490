"""The figures at the top of the page."""

from typing import Any

import polars as pl

from flows.pages.facts import Facts, measure
from flows.wording import count, percent


def section(facts: Facts) -> dict[str, Any]:
    """Return `tiles`."""
    return {"tiles": tiles(facts)}


def tiles(facts: Facts) -> list[dict[str, Any]]:
    """Return the figures at the top of the page."""
    judged = facts.judged
    violations = judged.findings.filter(pl.col("verdict") == "violation")
    overall = measure(judged.measures, "recurrence")
    broken = f"restarts with a violation ({count(violations.height)} in all)"
    figures = [
        (count(facts.patients), f"patients ever on {facts.guideline.audited_drug}", False),
        (count(judged.breaks.height), "breaks in treatment", False),
        (count(judged.episodes.height), "audited restarts", False),
        (count(violations["episode_id"].n_unique()), broken, violations.height > 0),
        (percent(overall.get("rate")), "recurrence after restart", False),
    ]
    return [{"figure": figure, "words": text, "is_alarm": is_alarm} for figure, text, is_alarm in figures]
