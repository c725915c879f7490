"""Results held against their limits, and the draw days made of them (rules.md sections 3.1 and 3.3)."""

import polars as pl

from audit.derive.patient.compare import Test, above, at_least, columns, interval
from audit.guideline import Guideline

PATIENT = "patient_id"
ENZYMES = ("alt", "ast")


def referenced(labs: pl.LazyFrame, baselines: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Add the interval of the true value, `reference` (E), `is_own` reference, x_uln, x_reference to every result.

    E is the baseline where it is abnormal (`literal`: wherever there is one), else the result's own ULN.
    """
    is_literal = guideline["baseline_reference_mode"].value == "literal"
    own = pl.col("baseline").is_not_null() if is_literal else pl.col("baseline_status") == "abnormal"
    reference = pl.when(own).then("baseline").otherwise("uln")
    return (
        labs.join(baselines, on=[PATIENT, "concept"], how="left")
        .pipe(interval)
        .with_columns(reference=reference, is_own=own.fill_null(value=False))
        .with_columns(x_uln=pl.col("value") / pl.col("uln"), x_reference=pl.col("value") / pl.col("reference"))
    )


def enzyme_tests(guideline: Guideline) -> dict[str, Test]:
    """Name every comparison that a rule asks of an ALT or AST result."""
    epsilon = guideline["ratio_epsilon"].number
    reference, uln = pl.col("reference"), pl.col("uln")

    def at(name: str, scale: pl.Expr) -> Test:
        return at_least(scale, guideline[name].number, epsilon)

    def over(name: str, scale: pl.Expr) -> Test:
        return above(scale, guideline[name].number, epsilon)

    return {
        "qualifies": at("index_elevation_min_x_ref", reference),
        "qualifies_documented": over("documented_reason_min_x_ref", reference),
        "raised": above(reference, 1.0, epsilon),
        "at_stop": at("stop_multiple", reference),
        "at_absolute": at_least(guideline["stop_absolute_u_l"].number, 1.0, epsilon),
        "at_symptom": at("stop_symptom_multiple", reference),
        "at_bilirubin": at("stop_bili_enzyme_multiple", reference),
        "recurs": at("recurrence_min_x_ref", reference),
        "unstable": over("stability_max_x_ref", reference),
        "mild": above(uln, 1.0, epsilon),
        "moderate": at("grade_moderate_min_x_uln", uln),
        "severe": over("grade_severe_gt_x_uln", uln),
        "hys_enzyme": at("hys_law_enzyme_x_uln", uln),
    }


def bilirubin_tests(guideline: Guideline) -> dict[str, Test]:
    """Name every comparison that a rule asks of a bilirubin result."""
    epsilon = guideline["ratio_epsilon"].number
    return {
        "at_stop_bilirubin": at_least(pl.col("reference"), guideline["stop_bili_multiple"].number, epsilon),
        "decompensated": at_least(pl.col("uln"), guideline["decompensation_bilirubin_x_uln"].number, epsilon),
        "hys_bilirubin": at_least(pl.col("uln"), guideline["hys_law_bilirubin_x_uln"].number, epsilon),
    }


def enzymes(referenced: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an ALT or AST result with every test's answers."""
    return referenced.filter(pl.col("concept").is_in(ENZYMES)).with_columns(**columns(enzyme_tests(guideline)))


def bilirubins(referenced: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a bilirubin result with every test's answers."""
    return referenced.filter(pl.col("concept") == "bilirubin_total").with_columns(**columns(bilirubin_tests(guideline)))


def by_day(results: pl.LazyFrame, tests: dict[str, Test]) -> pl.LazyFrame:
    """Return one row a patient and day: a test holds on a day where it holds for any of its results.

    That is the largest result of the day on the scale of each comparison.
    """
    answers = list(columns(tests))
    return results.group_by(PATIENT, "date").agg(pl.col(answers).any()).sort(PATIENT, "date")


def draw_days(enzymes: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a patient and draw day with its answers; `at_interrupt` is either limit of STP-01."""
    return by_day(enzymes, enzyme_tests(guideline)).with_columns(
        at_interrupt=pl.col("at_stop") | pl.col("at_absolute"),
        at_interrupt_possible=pl.col("at_stop_possible") | pl.col("at_absolute_possible"),
    )
