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
    broken = violations["episode_id"].n_unique()
    evaluable = overall.get("evaluable") or 0
    figures = [
        (count(facts.patients), f"patients ever on {facts.guideline.audited_drug}", facts.patients, False),
        (count(judged.breaks.height), "breaks in treatment", judged.breaks.height, False),
        (count(judged.episodes.height), "audited restarts", judged.episodes.height, False),
        (count(broken), f"restarts with a violation ({count(violations.height)} in all)", broken, broken > 0),
        (percent(overall.get("rate")), "recurrence after restart", evaluable, False),
    ]
    return [{"figure": figure, "words": said, "n": n, "is_alarm": is_alarm} for figure, said, n, is_alarm in figures]
