"""Work-up of other causes, benefit-risk entries and decompensation around the injury (RST-02, 06, 08)."""

import polars as pl

from audit.derive.patient.compare import at_least
from audit.guideline import Guideline
from audit.vocabulary import DECOMPENSATION, WORKUP

PATIENT, EPISODE = "patient_id", "episode_id"


def workup_rows(episodes: pl.LazyFrame, labs: pl.LazyFrame, events: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode and test or image of the work-up, with its `group` and source."""
    group_of = pl.LazyFrame(
        [{"concept": concept, "group": group} for group, concepts in WORKUP.items() for concept in concepts]
    )
    before = guideline["workup_window_before_onset"].days
    is_image = pl.col("concept").is_in(WORKUP["imaging"])
    rows = pl.concat(
        [
            labs.filter(~is_image).select(
                PATIENT,
                "date",
                "concept",
                "value",
                "comparator",
                "unit",
                source_table=pl.lit("lab_results"),
                source_id="result_id",
            ),
            events.select(PATIENT, "date", "concept", source_table=pl.lit("clinical_events"), source_id="event_id"),
        ],
        how="diagonal",
    ).join(group_of, on="concept")
    return (
        episodes.select(EPISODE, PATIENT, "onset_date", "restart_date")
        .join(rows, on=PATIENT)
        .filter(pl.col("date").is_between(pl.col("onset_date") - before, pl.col("restart_date")))
    )


def workup(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row an episode with any work-up: has_<group>."""
    return rows.group_by(EPISODE).agg((pl.col("group") == group).any().alias(f"has_{group}") for group in WORKUP)


def events_between(
    episodes: pl.LazyFrame, events: pl.LazyFrame, concepts: tuple[str, ...], start: pl.Expr, end: pl.Expr
) -> pl.LazyFrame:
    """Return the events of the named concepts per episode, dated in [start, end]."""
    window = episodes.select(EPISODE, PATIENT, from_day=start, to_day=end)
    return (
        window.join(events.filter(pl.col("concept").is_in(concepts)), on=PATIENT)
        .filter(pl.col("date").is_between("from_day", "to_day"))
        .select(EPISODE, "event_id", "date", "concept")
    )


def benefit_risk(episodes: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the benefit-risk entries from onset to restart."""
    return events_between(episodes, events, ("benefit_risk_documented",), pl.col("onset_date"), pl.col("restart_date"))


def decompensation_events(episodes: pl.LazyFrame, events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the codes of hepatic decompensation from onset to the day before restart."""
    return events_between(episodes, events, DECOMPENSATION, pl.col("onset_date"), pl.col("restart_date") - 1)


def raised_inrs(episodes: pl.LazyFrame, referenced: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row an episode and INR of the injury that is possibly raised; `is_raised` where it is for certain."""
    raised = at_least(1.0, guideline["inr_decompensation_min"].number, guideline["ratio_epsilon"].number)
    return (
        episodes.select(EPISODE, PATIENT, "onset_date", "restart_date")
        .join(referenced.filter(pl.col("concept") == "inr"), on=PATIENT)
        .filter(pl.col("date") >= pl.col("onset_date"), pl.col("date") < pl.col("restart_date"), raised.possible)
        .with_columns(is_raised=raised.certain)
        .select(EPISODE, PATIENT, "result_id", "date", "value", "is_raised")
    )


def anticoagulated(raised: pl.LazyFrame, records: pl.LazyFrame, guideline: Guideline) -> pl.LazyFrame:
    """Return one row a raised INR and record of an anticoagulant that covers its day or one of those before it."""
    lookback = guideline["anticoagulant_lookback_days"].days
    given = records.filter(pl.col("concept") == "anticoagulant")
    return (
        raised.select(EPISODE, PATIENT, "result_id", inr_date="date")
        .join(given, on=PATIENT)
        .filter(pl.col("start") <= pl.col("inr_date"), pl.col("end") >= pl.col("inr_date") - lookback)
    )


def unexplained_inrs(
    raised: pl.LazyFrame, anticoagulated: pl.LazyFrame, bilirubins: pl.LazyFrame, guideline: Guideline
) -> pl.LazyFrame:
    """Return one row a raised INR that no anticoagulant explains and bilirubin near it (null: none near).

    `decides` is certain decompensation, `may_decide` possible or for want of a bilirubin unknown.
    """
    reach = guideline["decompensation_bilirubin_window_days"].days
    unexplained = raised.join(anticoagulated, on=[EPISODE, "result_id"], how="anti")
    answers = bilirubins.select(
        PATIENT, "decompensated", "decompensated_possible", bilirubin_id="result_id", bilirubin_date="date"
    )
    near = (
        unexplained.join(answers, on=PATIENT)
        .filter((pl.col("date") - pl.col("bilirubin_date")).abs() <= reach)
        .select(EPISODE, "result_id", "bilirubin_id", "bilirubin_date", "decompensated", "decompensated_possible")
    )
    return unexplained.join(near, on=[EPISODE, "result_id"], how="left").with_columns(
        decides=(pl.col("is_raised") & pl.col("decompensated")).fill_null(value=False),
        may_decide=pl.col("bilirubin_id").is_null() | pl.col("decompensated_possible"),
    )


def decompensation(events: pl.LazyFrame, inrs: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Fold to one row an episode each: decompensated_on by a code; inr_decided_on, inr_open_on by an INR."""
    coded = events.group_by(EPISODE).agg(decompensated_on=pl.col("date").min())
    by_inr = inrs.group_by(EPISODE).agg(
        inr_decided_on=pl.col("date").filter("decides").min(),
        inr_open_on=pl.col("date").filter("may_decide").min(),
        inr_lacks_bilirubin=(pl.col("may_decide") & pl.col("bilirubin_id").is_null()).any(),
    )
    return coded, by_inr
