"""The data: what was left out, rejected, matched by rule or not read."""

from typing import Any

import polars as pl

from flows.intake import SHARED_BY, parted, rule_in, shared
from flows.pages.facts import Facts

CODES_SHOWN = 20


def section(facts: Facts) -> dict[str, Any]:
    """Return the notes, the account of every row, and what the lists do not know."""
    matched, missed = parted(facts.matched)
    texts = shared(facts.unread_texts)
    return {
        "notes": list(facts.notes),
        "assumed": assumed(facts),
        "conservation": {"names": facts.conservation.columns, "rows": facts.conservation.rows()},
        "source_rows": {"names": facts.source_rows.columns, "rows": facts.source_rows.rows()},
        "reasons": reject_reasons(facts.rejects),
        "unlisted": listing(facts.unlisted),
        "unread_texts": listing(texts),
        "rare_texts": facts.unread_texts.height - texts.height,
        "shared_by": SHARED_BY,
        "matched": listing(matched),
        "missed": listing(missed),
        "implausible_limits": listing(facts.implausible_limits),
    }


def reject_reasons(rejects: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rejected rows counted by table and reason, the most frequent first."""
    counted = rejects.group_by("table_name", "reason").agg(detail=rule_in(pl.col("detail")).min(), rows=pl.len())
    return list(counted.sort("rows", "table_name", "reason", descending=[True, False, False]).iter_rows(named=True))


def assumed(facts: Facts) -> list[dict[str, Any]]:
    """Return how many records of the audited drug end by what was assumed of their supply, by basis."""
    records = facts.judged.kept.exposures.filter(pl.col("concept") == facts.guideline.audited_drug)
    counts = dict(records.group_by("length_basis").len().iter_rows())
    told = {"assumed": "by an assumed supply", "refills": "by refills, taken as all fetched"}
    return [
        {"words": said, "records": counts[basis], "of": records.height}
        for basis, said in told.items()
        if basis in counts
    ]


def listing(codes: pl.DataFrame) -> dict[str, Any]:
    """Return the most frequent codes."""
    names = [name for name in codes.columns if name != "rows"]
    ordered = codes.sort("rows", *names, descending=[True, *[False] * len(names)], nulls_last=True)
    return {"names": codes.columns, "rows": ordered.head(CODES_SHOWN).rows(), "total": codes.height}
