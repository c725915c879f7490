"""What became of every finding that ever was a violation, an advisory or indeterminate; carried from night to night."""

from datetime import date

import polars as pl

from audit import frames
from audit.changes.pairs import EPISODE, PATIENT, Findings, Pairs
from audit.vocabulary import RANKS

KEY = [EPISODE, "rule_id"]
OPEN = [verdict for verdict, rank in RANKS.items() if rank]


def history(
    earlier: pl.DataFrame, current: Findings, paired: Pairs | None, changes: pl.DataFrame, as_of: date, release: str
) -> pl.DataFrame:
    """Return the released table `history`.

    `earlier`: the predecessor's, none without one; `paired`: the episodes of both nights, by which a finding is
    followed where its restart has moved; `changes`: what is not what it was.
    """
    followed = earlier if paired is None else _renamed(earlier, paired)
    found = current.findings.join(current.episodes.select(EPISODE, PATIENT), on=EPISODE).select(
        *KEY, PATIENT, verdict_now="verdict"
    )
    known = followed.drop("verdict_now").join(found.select(*KEY, "verdict_now"), on=KEY, how="left")
    is_open = pl.col("verdict_now").is_in(OPEN)
    begun = (
        found.filter(is_open)
        .join(followed, on=KEY, how="anti")
        .with_columns(
            first_seen_on=pl.lit(as_of),
            first_release=pl.lit(release),
            last_changed_on=pl.lit(as_of),
            worst_verdict="verdict_now",
            resolved_on=pl.lit(None, dtype=pl.Date),
            resolved_cause=pl.lit(None, dtype=pl.String),
            times_changed=pl.lit(0, dtype=pl.Int64),
        )
    )
    carried = _carried(known, changes, as_of)
    columns = frames.HISTORY.names
    whole = pl.concat([carried.select(columns), begun.select(columns)])
    return whole.cast(frames.HISTORY.schema).sort(frames.HISTORY.keys)


def _renamed(earlier: pl.DataFrame, paired: Pairs) -> pl.DataFrame:
    """Return the earlier history under the ids that the episodes have now."""
    ids = paired.episodes.filter(pl.col("id_now") != pl.col("id_before")).select("id_before", "id_now")
    renamed = earlier.join(ids, left_on=EPISODE, right_on="id_before", how="left")
    # An id that came back after it had been another's: the finding that was followed to it goes on.
    followed = renamed.sort(pl.col("id_now").is_null(), "first_seen_on", *KEY)
    named = followed.with_columns(pl.coalesce("id_now", EPISODE).alias(EPISODE)).drop("id_now")
    return named.unique(KEY, keep="first", maintain_order=True)


def _carried(known: pl.DataFrame, changes: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the findings that were there before, with what this night did to them."""
    rank = pl.col("verdict_now").replace_strict(RANKS, default=-1, return_dtype=pl.Int8)
    worst = pl.col("worst_verdict").replace_strict(RANKS, return_dtype=pl.Int8)
    is_open = pl.col("verdict_now").is_in(OPEN).fill_null(value=False)
    is_changed = pl.col("cause").is_not_null()
    resolved_now = pl.col("resolved_on").is_null()
    return known.join(changes.select(*KEY, "cause"), on=KEY, how="left").with_columns(
        last_changed_on=pl.when(is_changed).then(pl.lit(as_of)).otherwise("last_changed_on"),
        worst_verdict=pl.when(rank > worst).then("verdict_now").otherwise("worst_verdict"),
        resolved_on=pl.when(~is_open).then(pl.when(resolved_now).then(pl.lit(as_of)).otherwise("resolved_on")),
        resolved_cause=pl.when(~is_open).then(pl.when(resolved_now).then("cause").otherwise("resolved_cause")),
        times_changed=pl.col("times_changed") + is_changed.cast(pl.Int64),
    )
