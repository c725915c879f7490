from datetime import date

import polars as pl
import pytest

from audit.edition import Entry
from audit.evaluate import evaluate
from audit.rule import Outcome, Rule, number, text

ENTRY = Entry(**{"id": "RST-01", "form": "f", "class": "hard", "title": "t", "statement": "s", "source": "a"})
ROW = {
    "episode_id": "e",
    "patient_id": "p",
    "restart_date": 0,
    "observed_to": 100,
    "closes_on": None,
    "death_sentence": None,
    "x": 1,
    "unknown": None,
}


def finding(*outcomes, **changed):
    schema = {
        "closes_on": pl.Int32,
        "death_sentence": pl.String,
        "unknown": pl.Boolean,
        "restart_date": pl.Int32,
        "observed_to": pl.Int32,
    }
    episodes = pl.LazyFrame([ROW | changed], schema_overrides=schema)
    rule = Rule(ENTRY, "d", (), outcomes)
    return evaluate(rule, episodes, {}).collect().row(0, named=True)


def outcome(verdict, when, **more):
    return Outcome(verdict, f"because_{verdict}", "m", when, text("Said."), **more)


YES, NO, UNKNOWN = pl.lit(value=True), pl.lit(value=False), pl.col("unknown")
ORDER = ["not_applicable", "indeterminate", "violation", "advisory", "pass"]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_first_verdict_in_the_order_of_precedence_wins_however_the_outcomes_stand(first):
    outcomes = [outcome(verdict, YES) for verdict in reversed(ORDER[first:])]
    assert finding(*outcomes)["verdict"] == ORDER[first]


@pytest.mark.parametrize("verdict", ORDER)
def test_a_null_on_the_way_to_a_verdict_is_indeterminate_and_never_a_pass(verdict):
    found = finding(outcome(verdict, UNKNOWN), outcome("pass", YES))
    assert (found["verdict"], found["reason"]) == ("indeterminate", "undecidable")


def test_a_null_behind_the_verdict_changes_nothing():
    assert finding(outcome("violation", YES), outcome("advisory", UNKNOWN))["verdict"] == "violation"


def test_no_outcome_at_all_is_indeterminate():
    assert finding(outcome("pass", NO))["verdict"] == "indeterminate"


@pytest.mark.parametrize(
    ("change_on", "closes_on", "expected"),
    [
        (101, None, date(1970, 4, 12)),
        (100, None, None),
        (150, 150, date(1970, 5, 31)),
        (151, 150, None),
    ],
)
def test_a_verdict_changes_by_time_only_after_today_and_while_observation_lasts(change_on, closes_on, expected):
    later = outcome("pass", YES, next_change_on=pl.lit(change_on))
    assert finding(later, closes_on=closes_on)["next_change_on"] == expected


def test_a_sentence_says_unknown_for_a_missing_value():
    frame = pl.DataFrame({"a": [2.0], "b": [None]}, schema={"a": pl.Float64, "b": pl.Float64})
    said = frame.select(text("{} of {}.", number("a"), number("b"))).item()
    assert said == "2 of unknown."
