"""What people said of findings, as it stands tonight: whether a mark still holds, or its finding changed since."""

from datetime import date

import polars as pl

from audit import frames
from audit.changes.pairs import EPISODE, STATE, Findings, Pairs
from audit.urgency import rank
from audit.vocabulary import FOLDING

KEY = [EPISODE, "rule_id"]


def marks(
    stored: pl.DataFrame, earlier: pl.DataFrame, current: Findings, paired: Pairs | None, observed_on: date
) -> pl.DataFrame:
    """Return the released table `marks`: the last mark of each finding.

    `stored`: every mark ever set, with the finding as it was then (STATE), in order (`mark_id`); `earlier`: the
    predecessor's table, which knows which findings had changed since they were marked, under ids that may have moved
    (`paired`); `observed_on`: the as-of date, up to which `until` holds, inclusive.
    """
    last = _followed(_carried(stored, earlier), paired).sort("mark_id").unique(KEY, keep="last", maintain_order=True)
    had_changed = earlier.filter("is_changed").select("mark_id", had_changed=pl.lit(value=True))
    tonight = current.findings.select(*KEY, *(pl.col(name).alias(f"{name}_now") for name in STATE))
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in STATE)
    standing = (
        last.join(tonight, on=KEY, how="left")
        .join(had_changed, on="mark_id", how="left")
        .with_columns(is_changed=differs | pl.col("had_changed").fill_null(value=False))
        .with_columns(is_over=(pl.col("until") < observed_on).fill_null(value=False))
        .with_columns(is_folded=pl.col("mark").is_in(FOLDING) & ~pl.col("is_changed") & ~pl.col("is_over"))
    )
    return standing.select(frames.MARKS.names).cast(frames.MARKS.schema).sort(frames.MARKS.keys)


def waiting(urgency: pl.DataFrame, findings: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Return the findings with an urgency, the most urgent first, each with its mark (`standing`).

    Among those to be acted on now the ones that wait for a response lead: only there can a call still prevent harm.
    Then the latest event comes first.
    """
    can_help = (pl.col("urgency") == "act_now") & (pl.col("verdict") == "indeterminate")
    flags = ["is_changed", "is_over", "is_folded"]
    return (
        urgency.join(findings, on=KEY)
        .join(standing.select(*KEY, "mark", "marked_by", "note", "until", *flags), on=KEY, how="left")
        .with_columns(pl.col(flags).fill_null(value=False))
        .sort(rank(), ~can_help, "event_date", *KEY, descending=[False, False, True, False, False], nulls_last=True)
    )


def _carried(stored: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Return the marks of the predecessor, under the ids that it had, and those that were set since."""
    carried = stored.join(earlier.select("mark_id", carried=EPISODE), on="mark_id", how="left")
    is_new = pl.col("mark_id") > pl.lit(earlier["mark_id"].max() or 0)
    kept = carried.filter(is_new | pl.col("carried").is_not_null())
    return kept.with_columns(pl.coalesce("carried", EPISODE).alias(EPISODE)).drop("carried")


def _followed(stored: pl.DataFrame, paired: Pairs | None) -> pl.DataFrame:
    """Return the marks under the ids that the episodes have now."""
    if paired is None:
        return stored
    ids = paired.episodes.filter(pl.col("id_now") != pl.col("id_before")).select("id_before", "id_now")
    moved = stored.join(ids, left_on=EPISODE, right_on="id_before", how="left")
    return moved.with_columns(pl.coalesce("id_now", EPISODE).alias(EPISODE)).drop("id_now")
