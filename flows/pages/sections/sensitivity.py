"""Literal against effective: what the guideline's word "baseline" decides, rule by rule."""

from typing import Any

from audit.figures.references import WAYS, by_rule, moves
from flows.pages.facts import Facts
from flows.wording import words

UNAUDITED = "not audited"


def section(facts: Facts) -> dict[str, Any]:
    """Return `sensitivity`: a line for each rule of which a verdict differs, how many rules have none, and the mode."""
    table = facts.judged.sensitivity
    pairs: dict[str, list[str]] = {}
    for rule_id, effective, literal, n in moves(table).iter_rows():
        said = " to ".join(words(verdict or UNAUDITED) for verdict in (effective, literal))
        pairs.setdefault(rule_id, []).append(f"{said}: {n}")
    found = {row["rule_id"]: row for row in by_rule(table).iter_rows(named=True)}
    rows = [
        {"title": f"{rule.id} {rule.title}", "pairs": pairs[rule.id], **found[rule.id]}
        for rule in facts.rules.values()
        if rule.id in pairs
    ]
    return {
        "sensitivity": {
            "rows": rows,
            "findings": table.height,
            "differ": sum(row["differ"] for row in rows),
            "ways": {way: sum(row[way] for row in rows) for way in WAYS},
            "mode": facts.guideline["baseline_reference_mode"].value,
        }
    }
