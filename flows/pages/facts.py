"""What the report is made of, and the counts of a rule in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from audit.changes import gravest_first, waiting
from audit.frames import JUDGED, KEPT, Judged, Kept
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import rulebook
from flows.days import iso_day
from flows.intake import end_of
from flows.release import Freshness, freshness_of

FINDING = ["episode_id", "rule_id"]
CHARTED = ("act_now", "lapsing")
MOST_CHARTS = 200  # so that the page of a large cohort stays small; the others are one command away
SINCE_ROWS = 200  # of each line of changes
# Tables that the page shows under their own names, and what it shows of the manifest.
AS_RELEASED = (
    "rejects", "unlisted", "matched", "unread_texts", "source_rows", "implausible_limits", "changes", "marks",
)  # fmt: skip
RUN = (
    "run_id", "extracted_on", "as_of", "newest_result", "newest_draw", "newest_exposure", "code", "source",
    "codelists_hash",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """All that the page shows: what was judged, what became of the rows, and under which edition.

    Nothing has a default: what a run does not fill in would be shown as if there were none.
    """

    judged: Judged
    patients: int
    rejects: pl.DataFrame
    unlisted: pl.DataFrame
    matched: pl.DataFrame
    conservation: pl.DataFrame
    notes: Sequence[str]
    guideline: Guideline
    rules: Mapping[str, Rule]
    run: Mapping[str, Any]
    warnings: Sequence[str]
    freshness: Freshness | None
    unread_texts: pl.DataFrame
    source_rows: pl.DataFrame
    implausible_limits: pl.DataFrame
    changes: pl.DataFrame
    marks: pl.DataFrame
    compared_with: str | None
    not_compared: str

    @cached_property
    def waiting(self) -> pl.DataFrame:
        """Return the findings with an urgency, the gravest first, each with its mark."""
        return waiting(self.judged.urgency, self.judged.findings, self.marks)

    @cached_property
    def charted(self) -> dict[tuple[str, str], int]:
        """Return the findings that have a chart, each with its place: act now, lapsing, and what changed, as listed."""
        lists = [self.listed(urgency)[0] for urgency in CHARTED]
        changed = gravest_first(self.changes.join(self.judged.findings, on=FINDING, how="semi"))
        wanted = pl.concat([rows.select(FINDING) for rows in (*lists, changed.head(SINCE_ROWS))])
        unique = wanted.unique(maintain_order=True).head(MOST_CHARTS)
        return {(episode, rule): place for place, (episode, rule) in enumerate(unique.iter_rows())}

    def with_chart(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a finding with the place of its chart, or None where it has none."""
        return {**row, "chart": self.charted.get((row["episode_id"], row["rule_id"]))}

    def listed(self, urgency: str) -> tuple[pl.DataFrame, int]:
        """Return the findings of an urgency that no mark folds away, and how many one does."""
        found = self.waiting.filter(pl.col("urgency") == urgency)
        rows = found.filter(~pl.col("is_folded"))
        return rows, found.height - rows.height


def facts_of(tables: Mapping[str, pl.DataFrame], guideline: Guideline, said: Mapping[str, Any]) -> Facts:
    """Return what the page shows of a release: of its tables, its edition and what its manifest says, nothing else.

    So the page made anew from a release that is kept is the page that was published with it.
    """
    account = pl.DataFrame(said["conservation"], infer_schema_length=None)
    return Facts(
        judged=Judged(
            **{frame.name: tables[frame.name] for frame in JUDGED},
            unknown_doses=tables["unknown_doses"],
            row_notes=tables["row_notes"],
            kept=Kept(**{frame.name: tables[frame.name] for frame in KEPT}),
        ),
        patients=tables["patients"].height,
        **{name: tables[name] for name in AS_RELEASED},
        conservation=account,
        notes=said["notes"],
        warnings=said["warnings"],
        freshness=freshness_of(said),
        guideline=guideline,
        rules=rulebook(guideline),
        run={name: said[name] for name in RUN},
        compared_with=said["predecessor"],
        not_compared=said["not_compared"],
    )


def feed_end(facts: Facts) -> date:
    """Return the last day that the feed covers."""
    as_of, taken = facts.run["as_of"], facts.run["extracted_on"]
    return end_of(iso_day(as_of), iso_day(taken) if taken else None)


def by_rule(found: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a figure by rule_id, in their order."""
    return {rule_id: rows.to_dicts() for (rule_id,), rows in found.group_by("rule_id", maintain_order=True)}


def measure(measures: pl.DataFrame, rule_id: str) -> dict[str, Any]:
    """Return a rule's counts over the whole cohort; empty without an episode."""
    rows = measures.filter(pl.col("rule_id") == rule_id, pl.col("stratum") == "overall")
    return rows.row(0, named=True) if rows.height else {}
