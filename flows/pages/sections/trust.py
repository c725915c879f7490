"""What could not be judged, and why: one line that opens."""

from typing import Any

import polars as pl

from audit.evaluate import UNDECIDABLE, UNDECIDABLE_MEANING
from flows.pages.facts import Facts
from flows.wording import words

NAMED = 4


def section(facts: Facts) -> dict[str, Any]:
    """Return `trust`: the findings that could not be judged, of those that a rule applies to, by reason."""
    applicable = facts.judged.findings.filter(pl.col("verdict") != "not_applicable")
    unjudged = applicable.filter(pl.col("verdict") == "indeterminate")
    by_reason = unjudged.group_by("reason").agg(
        findings=pl.len(), episodes=pl.col("episode_id").n_unique(), rules=pl.col("rule_id").unique().sort()
    )
    ordered = by_reason.sort("findings", "reason", descending=[True, False])
    meanings = reasons(facts)
    rows = [
        {
            **row,
            "name": words(row["reason"] or ""),
            "meaning": meanings.get(row["reason"], ""),
            "rules": ", ".join(row["rules"]),
        }
        for row in ordered.iter_rows(named=True)
    ]
    return {
        "trust": {
            "unjudged": unjudged.height,
            "applicable": applicable.height,
            "rows": rows,
            "named": rows[:NAMED],
            "others": sum(row["findings"] for row in rows[NAMED:]),
        }
    }


def reasons(facts: Facts) -> dict[str, str]:
    """Return what each reason not to judge means, in the words of the rules that give it."""
    told = {
        outcome.reason: outcome.meaning
        for rule in facts.rules.values()
        for outcome in rule.outcomes
        if outcome.verdict == "indeterminate"
    }
    return {UNDECIDABLE: UNDECIDABLE_MEANING, **told}
