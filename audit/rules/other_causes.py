"""Other causes of raised liver enzymes are worked up around the injury.

Why it matters: blaming the drug for a viral or autoimmune hepatitis misses the disease.
Advisory: at least one of four groups (hepatitis B, hepatitis C, autoimmune, imaging) is not shown.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, day, text
from audit.rules._proofs import ONSET

NAMES = {
    "hepatitis_b": "hepatitis B",
    "hepatitis_c": "hepatitis C",
    "autoimmune": "autoimmune",
    "imaging": "liver imaging",
}


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    window = guideline["workup_window_before_onset"]
    shown = {group: pl.col(f"has_{group}").fill_null(value=False) for group in NAMES}
    shown["autoimmune"] = shown["autoimmune"] | pl.col("has_aih")
    missing = pl.concat_str(
        [pl.when(~is_shown).then(pl.lit(NAMES[group])) for group, is_shown in shown.items()],
        separator=", ",
        ignore_nulls=True,
    )
    since = day(pl.col("onset_date") - window.days)
    unseen = (
        pl.when(pl.col("has_events"))
        .then(pl.lit(""))
        .otherwise(pl.lit(" (imaging cannot be seen: the feed has no clinical events)"))
    )
    score = pl.sum_horizontal(*shown.values()).cast(pl.String)
    return Rule(
        entry=entry,
        definition="From workup_window_before_onset days before the onset to the restart: hepatitis B, hepatitis C, "
        "autoimmune (waived when autoimmune hepatitis is known by the restart) and liver imaging.",
        cites=(window,),
        proofs=(Proof("workup", "workup"), Proof("autoimmune_hepatitis", "hepatitis"), ONSET),
        outcomes=(
            Outcome(
                "pass",
                "complete",
                "all four groups are shown",
                pl.all_horizontal(*shown.values()),
                text(
                    "Work-up of other causes is complete between {} and the restart on {}.", since, day("restart_date")
                ),
            ),
            Outcome(
                entry.broken,
                "incomplete",
                "at least one of four groups is not shown",
                ~pl.all_horizontal(*shown.values()),
                text(
                    "Work-up of other causes shows {} of 4 groups between {} and the restart on {}; not found: {}{}.",
                    score,
                    since,
                    day("restart_date"),
                    missing,
                    unseen,
                ),
            ),
        ),
    )
