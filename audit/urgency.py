"""How urgent a finding is: for order and for people, never for a verdict (history.md 6).

A course runs where the drug is being taken at `observed_to`, observation goes on, and no death is told.
"""

import polars as pl

from audit import frames
from audit.derive.facts import computed
from audit.guideline import Guideline
from audit.rule import day, number, text
from audit.vocabulary import URGENCIES

EPISODE, PATIENT = "episode_id", "patient_id"
FINDING = [EPISODE, "rule_id"]
STOPS = ("stop_at_multiple", "stop_with_symptom", "stop_with_bilirubin")
BARRED = ("severe_injury", "decompensation")
PENDING = ("symptom_test",)
LAPSING_DAYS = 7
# Roles of the rows that broke a rule, where a later value may still reach the limit that they reached.
BROKE = ("trigger", "peak", "inr", "bilirubin")


def urgency(
    findings: pl.DataFrame,
    wide: pl.LazyFrame,
    slots: pl.DataFrame,
    still: pl.DataFrame,
    guideline: Guideline,
    days: int,
) -> pl.DataFrame:
    """Return the released table `urgency`: one row a finding that is neither pass nor not_applicable.

    `wide`: the described episodes; `still`: the findings whose latest value still reaches the limit (`still_reaches`);
    `days`: how long after its event a violation is to be acted on now.
    """
    runs = wide.select(EPISODE, runs=pl.col("is_running") & ~pl.col("is_closed"), observed_to=pl.col("observed_to"))
    open_slots = (
        slots.lazy().filter(pl.col("status") == "not_due").join(runs, on=EPISODE).filter(_lapses("window_end"))
        .group_by(FINDING).agg(lapses_on=pl.col("window_end").min())
    )  # fmt: skip
    judged = (
        findings.lazy()
        .filter(~pl.col("verdict").is_in(["pass", "not_applicable"]))
        .join(runs, on=EPISODE)
        .join(open_slots, on=FINDING, how="left")
        .join(still.lazy(), on=FINDING, how="left")
    )
    return computed(_worded(judged, guideline, days).select(frames.URGENCY.names).cast(frames.URGENCY.schema))


def _lapses(end: str) -> pl.Expr:
    """Return whether a window of a course that runs ends in the next days, and not yet."""
    left = pl.col(end).cast(pl.Int32) - pl.col("observed_to")
    return pl.col("runs") & (left > 0) & (left <= LAPSING_DAYS)


def _worded(judged: pl.LazyFrame, guideline: Guideline, days: int) -> pl.LazyFrame:
    """Add urgency and its reason: the first of the cases that holds."""
    of = {form: list(guideline.taking(form)) for form in (*STOPS, *BARRED, *PENDING)}
    stops, barred, pending = (
        pl.col("rule_id").is_in([rule for form in forms for rule in of[form]]) for forms in (STOPS, BARRED, PENDING)
    )
    may_violate = pl.col("rule_id").is_in([entry.id for entry in guideline.written if entry.broken == "violation"])
    verdict, runs = pl.col("verdict"), pl.col("runs")
    since = pl.col("observed_to") - pl.col("event_date").cast(pl.Int32)
    grave = runs & (verdict == "violation") & (stops | barred)
    is_pending = pl.col("next_change_on").is_not_null() & verdict.is_in(["indeterminate", "advisory"])
    event = pl.col("event_date").dt.to_string("%Y-%m-%d")
    cases = (
        (runs & stops & (pl.col("reason") == "too_early"), "act_now",
         text("the drug is being taken after a trigger to stop on {}, and its response is not over", event)),
        (grave & (since <= days), "act_now",
         text(f"the drug is being taken, and the event of {{}} lies within {days} days", event)),
        (grave & pl.col("still_reaches").is_not_null(), "act_now",
         text("the drug is being taken, and the latest value still reaches the limit: {}", "still_reaches")),
        (pl.col("lapses_on").is_not_null(), "lapsing",
         text("a window ends on {} without a draw so far", pl.col("lapses_on").dt.to_string("%Y-%m-%d"))),
        (runs & pending & is_pending, "lapsing", text("a symptom of {} waits for liver tests", event)),
        (runs & (verdict == "violation"), "review", pl.lit("a rule is broken, and the drug is being taken")),
        (runs & (verdict == "advisory"), "open", pl.lit("an advisory, and the drug is being taken")),
        (runs & (verdict == "indeterminate") & may_violate, "open",
         pl.lit("it could not be judged and may be a violation, and the drug is being taken")),
        (runs, "past", pl.lit("it could not be judged, and can be no violation")),
    )  # fmt: skip
    urgent, said = pl.lit("past"), pl.lit("the drug is no longer being taken, or observation has ended")
    for holds, word, why in reversed(cases):
        is_so = holds.fill_null(value=False)
        urgent, said = pl.when(is_so).then(pl.lit(word)).otherwise(urgent), pl.when(is_so).then(why).otherwise(said)
    return judged.with_columns(urgency=urgent, urgency_reason=said)


def still_reaching(
    evidence: pl.DataFrame, findings: pl.DataFrame, labs: pl.LazyFrame, wide: pl.LazyFrame
) -> pl.DataFrame:
    """Return the violations whose latest value, of what broke the rule, still reaches the limit that it reached then.

    `labs`: the referenced results, days as integers. `still_reaches` says the value; one that is only known to lie
    below a bound reaches nothing.
    """
    broken = findings.lazy().filter(pl.col("verdict") == "violation")
    limits = (
        evidence.lazy()
        .join(broken, on=FINDING, how="semi")
        .filter(
            pl.col("role").is_in(BROKE), pl.col("limit_value").is_not_null(), pl.col("value") >= pl.col("limit_value")
        )
        .group_by(*FINDING, "concept")
        .agg(limit=pl.col("limit_value").min())
        .join(wide.select(EPISODE, PATIENT, "observed_to"), on=EPISODE)
    )
    latest = (
        limits.join(labs.select(PATIENT, "concept", "date", "value", "comparator", "unit"), on=[PATIENT, "concept"])
        .filter(pl.col("date") <= pl.col("observed_to"))
        .filter(pl.col("date") == pl.col("date").max().over(*FINDING, "concept"))
        .filter(pl.col("value") >= pl.col("limit"), ~pl.col("comparator").is_in(["<", "<="]).fill_null(value=False))
    )
    name, is_short = pl.col("concept"), pl.col("concept").str.len_chars() <= 3  # ALT, INR; bilirubin total
    said = text(
        "{} {}{}{} on {}",
        pl.when(is_short).then(name.str.to_uppercase()).otherwise(name.str.replace_all("_", " ")),
        pl.col("comparator").fill_null(""), number("value"),
        pl.when(pl.col("unit") == "1").then(pl.lit("")).otherwise(pl.format(" {}", "unit")), day("date"),
    )  # fmt: skip
    # As written: reordered, the join of all results with all limits took nine tenths of judging.
    return computed(
        latest.with_columns(still_reaches=said)
        .sort(*FINDING, "concept", "value", descending=[False, False, False, True])
        .group_by(FINDING, maintain_order=True)
        .agg(pl.first("still_reaches"))
    )


def rank() -> pl.Expr:
    """Return the place of an urgency, the most urgent first."""
    return pl.col("urgency").replace_strict(list(URGENCIES), range(len(URGENCIES)), return_dtype=pl.Int8)


def gravest(urgent: pl.DataFrame) -> pl.DataFrame:
    """Return one row an episode: the gravest urgency of its findings, and its reason."""
    ordered = urgent.sort(EPISODE, rank(), "rule_id")
    return ordered.unique(EPISODE, keep="first", maintain_order=True).select(EPISODE, "urgency", "urgency_reason")
