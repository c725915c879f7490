"""The page for meetings: counts and rates alone. No ids, no dates, no charts, and no breakdown with a small cell."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from audit.rule import Rule
from flows.days import iso_day
from flows.pages.environment import environment
from flows.pages.facts import Facts, measure
from flows.pages.sections import SECTIONS
from flows.pages.sections.rules import VERDICT_COLUMNS

LEAST = 10
# What may be shown: every other section tells of persons, sites or days, or of what a feed wrote.
SHOWN = ("trust", "tiles", "rules", "recurrence", "strata", "attrition", "basis", "limits", "parameters")
# Strata whose levels are places or days.
TELLING = ("site", "restart_month")


def render(facts: Facts) -> str:
    """Return the page as text."""
    kept = coarse(facts)
    parts = {name: SECTIONS[name].section(kept) for name in SHOWN}
    parts["tiles"]["tiles"] = [tile for tile in parts["tiles"]["tiles"] if tile["n"] >= LEAST]
    small = {
        "trust": any(min(row["findings"], row["episodes"]) < LEAST for row in parts["trust"]["trust"]["rows"]),
        "recurrence": not measure(kept.judged.measures, "recurrence"),
        "strata": not parts["strata"]["strata"],
        "attrition": any(step["count"] < LEAST for step in parts["attrition"]["attrition"]),
    }
    read = {key: value for part in parts.values() for key, value in part.items()}
    return (
        environment()
        .get_template("meeting.html.j2")
        .render(
            **read,
            guideline=facts.guideline,
            sections=[name for name in SHOWN if not small.get(name)],
            rules_left_out=[rule for rule in facts.rules if rule not in kept.rules],
            left_out=[name for name, is_small in small.items() if is_small],
            least=LEAST,
            quarter=quarter(facts.run["as_of"]),
        )
        + "\n"
    )


def coarse(facts: Facts) -> Facts:
    """Return the facts with each breakdown left out of which any cell is small, or whose levels are places or days."""
    measures = facts.judged.measures.filter(~pl.col("stratum").is_in(TELLING))
    few = {(row["rule_id"], row["stratum"]) for row in measures.iter_rows(named=True) if is_small(row, facts.rules)}
    small = pl.DataFrame(sorted(few), schema={"rule_id": pl.String, "stratum": pl.String}, orient="row")
    kept = measures.join(small, on=small.columns, how="anti", maintain_order="left")
    told = set(kept.filter(pl.col("stratum") == "overall")["rule_id"])
    rules = {name: rule for name, rule in facts.rules.items() if name in told}
    return replace(facts, judged=replace(facts.judged, measures=kept), rules=rules)


def is_small(row: Mapping[str, Any], rules: Mapping[str, Rule]) -> bool:
    """Return whether any cell of a line of measures is small; a verdict that the rule cannot give is no cell."""
    return any(n < LEAST for n in cells(row, rules))


def cells(row: Mapping[str, Any], rules: Mapping[str, Rule]) -> Iterable[int]:
    """Return the cells of a line: its verdicts, or of a descriptive one who recurred, who did not, and who is open."""
    if row["violation"] is None:
        evaluable = row["evaluable"] or 0
        recurred = round((row["rate"] or 0.0) * evaluable)
        return recurred, evaluable - recurred, row["indeterminate"] or 0
    rule = rules.get(row["rule_id"])
    possible = {outcome.verdict for outcome in rule.outcomes} if rule else set(VERDICT_COLUMNS)
    counts = {verdict: row[column] or 0 for verdict, column in VERDICT_COLUMNS.items()}
    return [n for verdict, n in counts.items() if n or verdict in possible]


def quarter(as_of: str) -> str:
    """Return the quarter of a day, in words."""
    day = iso_day(as_of)
    return f"{('first', 'second', 'third', 'fourth')[(day.month - 1) // 3]} quarter of {day.year}"
