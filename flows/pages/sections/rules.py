"""Rule by rule: counts of verdicts, bars and rates."""

from collections.abc import Mapping
from typing import Any

from audit.rule import Rule
from flows.pages.facts import Facts, measure
from flows.wording import interval, share

VERDICT_COLUMNS = {"pass": "passed", "advisory": "advisory", "violation": "violation", "indeterminate": "indeterminate"}
APART = "indeterminate"
GROUPS = {"RST": "Before and at the restart", "MON": "Monitoring after the restart", "STP": "Stopping again"}


def section(facts: Facts) -> dict[str, Any]:
    """Return `groups` of rules, and the number of `episodes`."""
    return {"groups": rule_groups(facts), "episodes": facts.judged.episodes.height}


def rule_groups(facts: Facts) -> list[dict[str, Any]]:
    """Return the rules with their counts, grouped by the part of the story that they belong to."""
    rows = [rule_row(rule, measure(facts.judged.measures, rule.id)) for rule in facts.rules.values()]
    return [
        {"title": title, "rules": [row for row in rows if row["id"].startswith(prefix)]}
        for prefix, title in GROUPS.items()
    ]


def rule_row(rule: Rule, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return one line of the rule table."""
    verdicts = {verdict: counts.get(column) or 0 for verdict, column in VERDICT_COLUMNS.items()}
    evaluable = sum(n for verdict, n in verdicts.items() if verdict != APART)
    low, high = (counts.get(name) or 0.0 for name in ("rate_low", "rate_high"))
    return {
        "id": rule.id,
        "title": rule.title,
        "kind": rule.kind,
        "statement": rule.statement,
        "is_descriptive": rule.kind == "descriptive",
        "applicable": counts.get("applicable", 0),
        "evaluable": counts.get("evaluable", 0),
        **{column: verdicts[verdict] for verdict, column in VERDICT_COLUMNS.items()},
        "rate": interval(counts),
        "shares": [(verdict, share(n, evaluable)) for verdict, n in verdicts.items() if n and verdict != APART],
        "low": round(100 * low, 2),
        "width": round(100 * (high - low), 2),
        "apart": share(verdicts[APART], evaluable + verdicts[APART]),
    }
