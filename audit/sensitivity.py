"""What the guideline's word "baseline" decides: every finding judged by the other reference too.

By `effective` a normal baseline is no reference, by `literal` it is (rules.md section 3.3). So the two can differ only
for a patient with a normal baseline, and only those are judged again.
"""

from datetime import date

import polars as pl

from audit.frames import SENSITIVITY, Judged, Staged
from audit.guideline import Guideline, overlay
from audit.judge import judged_alone
from audit.vocabulary import REFERENCE_MODES

PATIENT, FINDING = "patient_id", ["episode_id", "rule_id"]
MODE = "baseline_reference_mode"
BASELINES = ("alt", "ast", "bilirubin")


def sensitivity(
    staged: Staged, judged: Judged, guideline: Guideline, as_of: date, extracted_on: date | None = None
) -> pl.DataFrame:
    """Return both verdicts of each finding that `judge` found in the same frames, by the same edition and days.

    Null is the verdict of a reference by which the restart would be no episode. What only the other reference would
    audit has no row.
    """
    mode = str(guideline[MODE].value)
    [other] = (name for name in REFERENCE_MODES if name != mode)
    people = differing(judged.episodes)
    own = judged.findings.select(*FINDING, PATIENT, pl.col("verdict").alias(f"verdict_{mode}"))
    again = judged_alone(_of(staged, people), overlay(guideline, {MODE: other}), as_of, extracted_on)
    found = again.select(*FINDING, pl.col("verdict").alias(f"verdict_{other}"))
    alike = own.join(people, on=PATIENT, how="anti").with_columns(pl.col(f"verdict_{mode}").alias(f"verdict_{other}"))
    differ = own.join(people, on=PATIENT, how="semi").join(found, on=FINDING, how="left")
    return pl.concat([one.select(SENSITIVITY.names) for one in (alike, differ)]).sort(SENSITIVITY.keys)


def differing(episodes: pl.DataFrame) -> pl.DataFrame:
    """Return the patients (patient_id) of whom any result may have another reference."""
    is_normal = pl.any_horizontal(pl.col(f"baseline_{name}_status") == "normal" for name in BASELINES)
    return episodes.filter(is_normal).select(PATIENT).unique(maintain_order=True)


def _of(staged: Staged, people: pl.DataFrame) -> Staged:
    """Return the staged rows of some patients; a table that the extract lacks is still lacking."""

    def narrowed(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.join(people, on=PATIENT, how="semi")

    events, stays = (None if rows is None else narrowed(rows) for rows in (staged.events, staged.stays))
    return Staged(narrowed(staged.patients), narrowed(staged.labs), narrowed(staged.exposures), events, stays)
