"""ALT and AST are back to baseline or normal before the drug is reintroduced.

Why it matters: a restart on inflamed liver cells hides whether the drug does harm again.
Violation: a last value before the restart is above its limit, or none was measured.
Advisory: the last value is older than the edition allows.
Indeterminate: one of the two is missing, or a censored value leaves the answer open.
"""

import polars as pl

from audit.edition import Entry
from audit.guideline import Guideline
from audit.rule import Outcome, Proof, Rule, counted, day, number, text
from audit.rules._proofs import BREAK, ENZYMES, baselines


def _any(*flags: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(*(flag.fill_null(value=False) for flag in flags))


def _measured(analyte: str) -> pl.Expr:
    return (
        pl.when(pl.col(f"{analyte}_date").is_null())
        .then(pl.lit(f"no {analyte.upper()}"))
        .otherwise(
            text(
                f"{analyte.upper()} {{}} x its limit on {{}}",
                number(f"{analyte}_x_limit"),
                day(f"{analyte}_date"),
            )
        )
    )


def rule(guideline: Guideline, entry: Entry) -> Rule:
    """Bind the form to an edition's numbers and words."""
    mode, age = guideline["normalisation_requires"], guideline["prerestart_lab_max_age_days"]
    analytes = ("alt",) if mode.value == "alt_only" else ENZYMES
    dates = [pl.col(f"{analyte}_date") for analyte in analytes]
    is_above = _any(*(pl.col(f"{analyte}_above") for analyte in analytes))
    may_be_above = _any(*(pl.col(f"{analyte}_above_possible") for analyte in analytes))
    untested = pl.all_horizontal(*(value.is_null() for value in dates))
    lacks_one = pl.any_horizontal(*(value.is_null() for value in dates)) & ~untested
    # One recent normal value is enough where one is asked for; else the older of the two decides.
    oldest = pl.max_horizontal(*dates) if mode.value == "either" else pl.min_horizontal(*dates)
    values = pl.concat_str([_measured(analyte) for analyte in analytes], separator=" and ")
    return Rule(
        entry=entry,
        definition="Per analyte, the latest day from the stop to the restart, both included; limit is the larger of "
        "that result's ULN and return_to_baseline_factor x baseline (ULN alone without a baseline).",
        cites=(mode, age, guideline["return_to_baseline_factor"], guideline["ratio_epsilon"]),
        proofs=(
            Proof("pre_restart", "last_results", pl.col("concept").is_in(analytes), pl.col("limit")),
            *(baselines(analyte, where=pl.col(f"{analyte}_date").is_not_null()) for analyte in analytes),
        ),
        outcomes=(
            Outcome(
                entry.broken,
                "above_limit",
                "a last value before the restart is above its limit",
                is_above,
                text("Restarted on {} although enzymes had not recovered: {}.", day("restart_date"), values),
                event_date=pl.max_horizontal(*dates),
            ),
            Outcome(
                entry.broken,
                "no_test",
                "no value between stop and restart",
                untested,
                text(
                    "Restarted on {} with no "
                    + " or ".join(analyte.upper() for analyte in analytes)
                    + " between the stop on {} and the restart.",
                    day("restart_date"),
                    day("stop_date"),
                ),
                proofs=BREAK,
            ),
            Outcome(
                "indeterminate",
                "one_not_measured",
                "one of ALT and AST was not measured between stop and restart",
                lacks_one & ~is_above if mode.value == "both" else pl.lit(value=False),
                text("Recovery before the restart on {} cannot be confirmed: {}.", day("restart_date"), values),
            ),
            Outcome(
                "indeterminate",
                "censored_value",
                "a censored value may or may not be above its limit",
                may_be_above & ~is_above,
                text(
                    "A censored result leaves recovery before the restart on {} open: {}.", day("restart_date"), values
                ),
            ),
            Outcome(
                "advisory",
                "stale_test",
                "the last value is older than the edition allows",
                oldest < pl.col("restart_date") - age.days,
                text(
                    f"Enzymes had recovered but were last checked more than {counted(age.days, 'day')} before the "
                    f"restart on {{}}: {{}}.",
                    day("restart_date"),
                    values,
                ),
                event_date=oldest,
            ),
            Outcome(
                "pass",
                "recovered",
                "the last values before the restart are within their limits",
                pl.lit(value=True),
                text("Enzymes had recovered at the restart on {}: {}.", day("restart_date"), values),
                event_date=pl.max_horizontal(*dates),
            ),
        ),
    )
