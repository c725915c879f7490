"""What lapses in the next days: the only list of what can still be prevented."""

from typing import Any

import polars as pl

from flows.pages.facts import FINDING, Facts


def section(facts: Facts) -> dict[str, Any]:
    """Return `lapsing`: the rows, what ends first, each with the place of its chart, and how many are folded away."""
    rows, folded = facts.listed("lapsing")
    titles = {rule.id: rule.title for rule in facts.rules.values()}
    told = [
        {**facts.with_chart(row), "title": titles.get(row["rule_id"], "")}
        for row in ending(rows, facts.judged.slots).iter_rows(named=True)
    ]
    return {"lapsing": {"rows": told, "folded": folded}}


def ending(rows: pl.DataFrame, slots: pl.DataFrame) -> pl.DataFrame:
    """Return findings with the day on which each lapses: the end of its open window, or the day that changes it."""
    open_slots = slots.filter(pl.col("status") == "not_due").group_by(FINDING).agg(ends=pl.col("window_end").min())
    found = rows.join(open_slots, on=FINDING, how="left")
    dated = found.with_columns(lapses_on=pl.coalesce("ends", "next_change_on"))
    return dated.sort("lapses_on", *FINDING, nulls_last=True)
