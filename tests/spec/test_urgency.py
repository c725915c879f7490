"""How urgent a finding is: by the course, the verdict, the day of its event and the windows that end."""

from typing import Any

import polars as pl
import pytest

from audit import frames
from audit.judge import judge
from flows.editions import load
from tests.spec import patients
from tests.spec.patients import Case, chart

HEADER = "who | day | what | value\n    all | -900.. | observed |\n"
NO_DRAWS = "all | | without | monitoring\n"


def urgencies(text: str, as_of: int, rule: str, **options: Any) -> dict[str, tuple[str, str] | None]:
    """Urgency and reason of each patient's finding of a rule, as of a day counted from the restart."""
    case = Case(0, HEADER + text)
    chart([case])
    judged = judge(patients.staged([case]), load(), patients.day(as_of), **options)
    found = dict.fromkeys(case.names)
    rows = judged.urgency.join(judged.episodes.select("episode_id", "patient_id"), on="episode_id")
    for row in rows.filter(pl.col("rule_id") == rule).iter_rows(named=True):
        found[row["patient_id"].split(".")[1]] = (row["urgency"], row["urgency_reason"])
    return found


def words(text: str, as_of: int, rule: str, **options: Any) -> dict[str, str | None]:
    return {name: one[0] if one else None for name, one in urgencies(text, as_of, rule, **options).items()}


def test_pass_and_not_applicable_have_none() -> None:
    assert words("a | | standard |", 200, "STP-01") == {"a": None}
    assert words("a | | standard |", 200, "RST-01") == {"a": None}


def test_a_trigger_whose_response_is_not_over_comes_first() -> None:
    assert urgencies("a | 199 | alt | 200", 200, "STP-01")["a"] == (
        "act_now",
        f"the drug is being taken after a trigger to stop on {patients.day(199)}, and its response is not over",
    )


def test_a_broken_stop_rule_is_to_be_acted_on_for_ninety_days() -> None:
    text = "day 110 | 110 | alt | 200\n day 109 | 109 | alt | 200"
    found = urgencies(text, 200, "STP-01")
    assert found["day 110"] == (
        "act_now",
        f"the drug is being taken, and the event of {patients.day(110)} lies within 90 days",
    )
    assert found["day 109"] == ("review", "a rule is broken, and the drug is being taken")
    assert words(text, 200, "STP-01", act_now_days=91) == {"day 110": "act_now", "day 109": "act_now"}


def test_a_latest_value_that_still_reaches_the_limit_is_to_be_acted_on() -> None:
    text = """
    all   |     | without | injury
    all   | -35 | alt | 401
    at    | 199 | alt | 400
    below | 199 | alt | 399.9
    bound | 199 | alt | <400
    above | 199 | alt | >400
    past  | 198 | alt | 400
    past  | 199 | alt | 30
    """
    found = urgencies(text, 200, "RST-07")
    assert found["at"] == (
        "act_now",
        f"the drug is being taken, and the latest value still reaches the limit: ALT 400 U/L on {patients.day(199)}",
    )
    assert {name: one[0] for name, one in found.items() if one} == {
        "at": "act_now", "below": "review", "bound": "review", "above": "act_now", "past": "review",
    }  # fmt: skip


def test_a_ratio_is_told_without_a_unit() -> None:
    text = "a | -35 | inr | 1.9\na | -35 | bilirubin_total | 5\na | 10 | inr | 1.9\na | 10 | bilirubin_total | 0.5"
    assert urgencies(text, 200, "RST-08")["a"] == (
        "act_now",
        f"the drug is being taken, and the latest value still reaches the limit: INR 1.9 on {patients.day(10)}",
    )


def test_what_does_not_run_is_past() -> None:
    text = """
    all     |      | without | restart
    all     | 150  | alt | 250
    runs    | 0..  | azathioprine | 50 mg QD
    stopped | 0..199 | azathioprine | 50 mg QD explicit
    dead    | 0..  | azathioprine | 50 mg QD
    dead    | 200  | died |
    """
    assert words(text, 200, "STP-01") == {"runs": "act_now", "stopped": "past", "dead": "past"}
    assert urgencies(text, 200, "STP-01")["dead"] == (
        "past",
        "the drug is no longer being taken, or observation has ended",
    )
    ended = "a | -900..200 | observed |\n a | 150 | alt | 250"
    case = Case(0, "who | day | what | value\n" + ended)
    judged = judge(patients.staged([case]), load(), patients.day(200))
    assert set(judged.urgency["urgency"]) == {"past"}


@pytest.mark.parametrize(("as_of", "word"), [(182, "open"), (183, "lapsing"), (189, "lapsing"), (190, "open")])
def test_a_window_lapses_in_its_last_seven_days(as_of: int, word: str) -> None:
    text = NO_DRAWS + "a | 7..56 by 7, 74, 88, 150 | draw |"
    found = urgencies(text, as_of, "MON-03")
    assert found["a"][0] == word
    if word == "lapsing":
        assert found["a"][1] == f"a window ends on {patients.day(190)} without a draw so far"


def test_a_window_that_is_met_does_not_lapse() -> None:
    text = NO_DRAWS + "a | 7..56 by 7, 74, 88, 150, 175 | draw |"
    assert words(text, 185, "MON-03") == {"a": "open"}


def test_a_symptom_that_waits_for_tests_lapses() -> None:
    text = "a | 199 | symptom_nausea |\n b | 150 | symptom_nausea |\n all | | without | monitoring"
    found = urgencies(text, 200, "MON-05")
    assert found["a"] == ("lapsing", f"a symptom of {patients.day(199)} waits for liver tests")
    assert found["b"] == ("review", "a rule is broken, and the drug is being taken")


def test_what_may_be_a_violation_is_open_and_what_can_be_none_is_past() -> None:
    text = "a | | without | recovery\n a | -3 | alt | <41\n b | | without | work-up"
    assert urgencies(text, 200, "RST-01")["a"] == (
        "open",
        "it could not be judged and may be a violation, and the drug is being taken",
    )
    assert urgencies(text, 200, "RST-02")["b"] == ("open", "an advisory, and the drug is being taken")


def test_an_episode_is_as_urgent_as_the_gravest_of_its_findings() -> None:
    case = Case(0, HEADER + "a | 199 | alt | 200\n a | | without | work-up\n b | | standard |")
    judged = judge(patients.staged([case]), load(), patients.day(200))
    of = {row["patient_id"].split(".")[1]: row for row in judged.status_to_date.iter_rows(named=True)}
    assert of["a"]["urgency"] == "act_now"
    assert of["a"]["urgency_reason"].startswith("the drug is being taken after a trigger to stop")
    assert (of["b"]["urgency"], of["b"]["urgency_reason"]) == (None, None)
    assert judged.urgency.columns == frames.URGENCY.names
