"""Liver tests are repeated at once when a symptom develops after the restart.

Why it matters: symptoms may come before the next draw that is due.
Violation: the first draw came late or never. Advisory: within the soft days. The worst symptom episode counts.
Indeterminate: observation ended before the draw was due, or the feed has no clinical events.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counted, day, text
from audit.rules._proofs import COURSE_END
from audit.rules._symptoms import unseen


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    passes, soft = guideline["symptom_lft_pass_days"], guideline["symptom_lft_soft_days"]
    pass_days, soft_days = (counted(parameter.days, "day") for parameter in (passes, soft))
    worst, symptom, draw = pl.col("test_worst"), pl.col("test_symptom_date"), pl.col("test_draw_date")
    is_known = pl.col("has_events")
    changes = pl.col("test_changes_on")
    first_draw = (
        pl.when(draw.is_null())
        .then(pl.lit("no draw has followed"))
        .otherwise(text("the first draw came on {} (day {} after it)", day(draw), draw - symptom))
    )
    return Rule(
        entry=entry,
        definition="For each symptom episode after the restart: the first draw on or after it within "
        "symptom_lft_pass_days passes, within symptom_lft_soft_days is advisory, later or never a "
        "violation; the worst counts.",
        cites=(
            guideline["monitor_symptoms"],
            passes,
            soft,
            guideline["symptom_washout_days"],
            guideline["symptom_merge_days"],
        ),
        proofs=(Proof("symptom", "new_symptoms"), Proof("draw", "first_draws")),
        outcomes=(
            unseen(),
            Outcome(
                "not_applicable",
                "no_symptom",
                "no new symptom on drug after the restart",
                is_known & worst.is_null(),
                text("No new symptom was coded on drug after the restart on {}.", day("restart_date")),
                proofs=(COURSE_END,),
            ),
            Outcome(
                "indeterminate",
                "observation_ended",
                "observation ended before the draw was due",
                is_known & (worst == 1).fill_null(value=False),
                text(
                    f"A symptom was coded on {{}}; no draw has followed, and observation has not reached the end of "
                    f"the {pass_days} for one.",
                    day(symptom),
                ),
                event_date=symptom,
                next_change_on=changes,
            ),
            Outcome(
                entry.broken,
                "tested_late_or_never",
                "no draw within the soft days of a symptom",
                is_known & (worst == 3).fill_null(value=False),
                text(
                    f"A symptom was coded on {{}} and liver tests did not follow within {soft_days}: {{}}.",
                    day(symptom),
                    first_draw,
                ),
                event_date=symptom,
            ),
            Outcome(
                "advisory",
                "tested_soon",
                "the draw came after the pass days, or may still come within the soft days",
                is_known & (worst == 2).fill_null(value=False),
                text(
                    f"A symptom was coded on {{}} and liver tests did not follow within {pass_days}: {{}}.",
                    day(symptom),
                    first_draw,
                ),
                event_date=symptom,
                next_change_on=changes,
            ),
            Outcome(
                "pass",
                "tested_at_once",
                "every symptom was followed by a draw within the pass days",
                is_known & (worst == 0).fill_null(value=False),
                text(
                    "{} on {}, {}.",
                    pl.when(pl.col("symptom_episodes") == 1)
                    .then(pl.lit("The only symptom episode was followed by liver tests at once: coded"))
                    .otherwise(
                        text(
                            "Each of {} symptom episodes was followed by liver tests at once: the first coded",
                            "symptom_episodes",
                        )
                    ),
                    day(symptom),
                    first_draw,
                ),
                event_date=symptom,
            ),
        ),
    )
