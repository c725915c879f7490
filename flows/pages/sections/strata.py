"""Where rates differ."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from audit.rule import Rule
from flows.pages.facts import Facts
from flows.wording import DASH, words

LEVELS = 12
STRATA = {
    "site": "site",
    "grade": "grade of the injury",
    "indication": "indication",
    "restart_month": "month of restart",
}


def section(facts: Facts) -> dict[str, Any]:
    """Return `strata`."""
    return {"strata": strata(facts)}


def strata(facts: Facts) -> list[dict[str, Any]]:
    """Return passed / evaluable for each rule and level of each stratum that has two levels or more."""
    judged = facts.judged.measures.filter(pl.col("violation").is_not_null())
    tables = ((name, judged.filter(pl.col("stratum") == stratum)) for stratum, name in STRATA.items())
    return [stratum_table(name, rows, facts.rules) for name, rows in tables if rows["level"].n_unique() > 1]


def stratum_table(name: str, rows: pl.DataFrame, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return one table: a line a rule, a column a level; the latest months, or the levels with most episodes.

    Sites stand in the order of their names, for they are not ranked.
    """
    sizes = rows.group_by("level").agg(pl.col("episodes").max()).sort("level")
    is_time = name == STRATA["restart_month"]
    kept = sizes.tail(LEVELS) if is_time else sizes.sort("episodes", descending=True, maintain_order=True).head(LEVELS)
    levels = (kept.sort("level") if name == STRATA["site"] else kept)["level"].to_list()
    cells = {(row["rule_id"], row["level"]): passed_of(row) for row in rows.iter_rows(named=True)}
    evaluable = set(rows.filter(pl.col("evaluable") > 0)["rule_id"])
    return {
        "name": name,
        "levels": [words(level) for level in levels],
        "hidden": sizes.height - len(levels),
        "rows": [
            {"title": f"{rule.id} {rule.title}", "cells": [cells.get((rule.id, level), DASH) for level in levels]}
            for rule in rules.values()
            if rule.id in evaluable
        ],
    }


def passed_of(row: Mapping[str, Any]) -> str:
    """Return a rate in per cent with its counts, or a dash."""
    return f"{100 * row['rate']:.0f} % ({row['passed']}/{row['evaluable']})" if row["evaluable"] else DASH
