"""Recurrence after the restart, beside the figure that the guideline quotes."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from audit.edition import Basis
from audit.guideline import Guideline
from audit.measures import wilson
from flows.pages.facts import Facts, measure
from flows.pages.plots import scale
from flows.wording import count, interval, percent, words


def section(facts: Facts) -> dict[str, Any]:
    """Return `recurrence`, drawn and in words, and `regimens`."""
    return {"recurrence": recurrence(facts), "regimens": regimens(facts)}


def recurrence(facts: Facts) -> dict[str, Any]:
    """Return the cohort's own recurrence beside the figure that the article quotes, drawn on one scale."""
    own = measure(facts.judged.measures, "recurrence")
    quoted = quoted_by(facts.guideline)
    bars = []
    if own.get("rate") is not None:
        bars.append(("This cohort", own, "own"))
    if quoted is not None:
        bars.append(("The article's study", quoted_rate(quoted), "quoted"))
    labels = [f"{name}: {interval(row)}" for name, row, _ in bars]
    rows = [
        {
            "words": f"{name}: {interval(row)}",
            "y": 44 + 50 * index,
            **{key: scale(row[field]) for key, field in (("mid", "rate"), ("low", "rate_low"), ("high", "rate_high"))},
            "ink": ink,
        }
        for index, (name, row, ink) in enumerate(bars)
    ]
    return {
        "sentence": recurrence_sentence(own, quoted),
        "label": "; ".join(labels) or "No rate to draw",
        "rows": rows,
        "height": 46 + 50 * len(rows),
        "ticks": [{"x": scale(tenth / 10), "words": f"{tenth * 10} %"} for tenth in range(0, 11, 2)],
    }


def recurrence_sentence(own: Mapping[str, Any], quoted: Basis | None) -> str:
    """Return the comparison in words."""
    evaluable = own.get("evaluable") or 0
    said = f"Hepatotoxicity recurred in {interval(own)} of {count(evaluable)} evaluable restarts of this cohort."
    said = said if evaluable else "No restart of this cohort can answer yet whether hepatotoxicity recurs."
    if quoted is None:
        return said
    theirs = quoted_rate(quoted)
    return (
        f"{said} The article quotes {100 * theirs['rate']:.0f} % ({quoted.events} of {quoted.patients}, "
        f"95 % interval {percent(theirs['rate_low'])} to {percent(theirs['rate_high'])}), of {quoted.population}: "
        "context, never a threshold."
    )


def quoted_by(guideline: Guideline) -> Basis | None:
    """Return what an edition quotes of recurrence with its counts, or None."""
    return next((basis for basis in guideline.basis if basis.events is not None), None)


def quoted_rate(quoted: Basis) -> dict[str, float]:
    """Return the rate that the article quotes, with the interval that its counts give."""
    events, patients = pl.lit(quoted.events), pl.lit(quoted.patients)
    low, high = wilson(events, patients)
    return pl.select(rate=events / patients, rate_low=low, rate_high=high).row(0, named=True)


def regimens(facts: Facts) -> list[dict[str, Any]]:
    """Return recurrence by regimen at the restart."""
    rows = facts.judged.measures.filter(pl.col("stratum") == "regimen").sort("rule_id", "level")
    return [{**row, "level": words(row["level"]), "rate": interval(row)} for row in rows.iter_rows(named=True)]
