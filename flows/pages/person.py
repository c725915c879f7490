"""The page of one person: each audited restart with its verdicts, and for each that may need somebody its chart."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from audit.frames import Judged
from audit.guideline import Guideline
from audit.rules import rulebook
from audit.vocabulary import GRAVEST_FIRST
from flows.pages.chart import charts, drawn, svg
from flows.pages.chart.because import HEAD
from flows.pages.environment import environment

QUIET = ("pass", "not_applicable")


def render(judged: Judged, guideline: Guideline, run: Mapping[str, Any], feed_end: date) -> str:
    """Return the page of the one patient whose rows these are; `run`: what the manifest says of the release."""
    rules = rulebook(guideline)
    rank = pl.col("verdict").replace_strict(GRAVEST_FIRST, range(len(GRAVEST_FIRST)), return_dtype=pl.Int8)
    findings = judged.findings.sort("episode_id", rank, "rule_id")
    wanted = findings.filter(~pl.col("verdict").is_in(QUIET))
    people = charts(judged, wanted, guideline.audited_drug, feed_end)
    by_finding = {(one.finding["episode_id"], one.finding["rule_id"]): drawn(one, guideline.symptoms) for one in people}
    told = [
        {**row, "rule": rules.get(row["rule_id"]), "chart": by_finding.get((row["episode_id"], row["rule_id"]))}
        for row in findings.iter_rows(named=True)
    ]
    chapters = [
        {
            "episode": episode,
            "loud": [row for row in mine if row["chart"]],
            "quiet": [row for row in mine if not row["chart"]],
        }
        for episode in judged.episodes.sort("restart_date").iter_rows(named=True)
        if (mine := [row for row in told if row["episode_id"] == episode["episode_id"]])
    ]
    breaks = list(judged.breaks.sort("stop_date").iter_rows(named=True))
    page = environment().get_template("person.html.j2")
    return page.render(chapters=chapters, breaks=breaks, guideline=guideline, run=run, head=HEAD, svg=svg) + "\n"
