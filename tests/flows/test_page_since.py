"""What the page says of the night: what changed since the last release, and what is to be acted on now, by value."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from audit.frames import CHANGES, MARKS
from flows.pages.sections.since import ROWS
from tests.flows.made import page, section

CHANGE = {
    "episode_id": "e1", "rule_id": "RST-04", "patient_id": "p1", "change": "raised", "verdict_before": "pass",
    "verdict_now": "violation", "reason_before": "lower", "reason_now": "same_dose", "cause": "late",
    "cause_text": "Came late, dated up to 2024-01-30: 1 row of drug_exposures.", "since_release": "RUN-0",
}  # fmt: skip
ACT_NOW = """
    -- episodes
    episode_id | restart_date
    e1         | 2022-01-01
    e2         | 2023-01-01
    -- findings
    episode_id | patient_id | rule_id | verdict       | event_date | message
    e1         | p1         | STP-01  | violation     | 2023-02-01 | Went on.
    e1         | p1         | RST-04  | violation     | 2023-03-01 | The same dose.
    e2         | p2         | STP-01  | indeterminate | 2023-02-02 | Too early.
    -- urgency
    episode_id | rule_id | urgency | urgency_reason
    e1         | STP-01  | act_now | within 90 days
    e1         | RST-04  | review  | broken
    e2         | STP-01  | act_now | not over
"""


def changes(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([CHANGE | row for row in rows], schema=CHANGES.schema)


def compared(*rows: dict[str, Any]):
    return section(page(changes=changes(*rows), compared_with="RUN-0", not_compared=""), "since")


def marks(**row: Any) -> pl.DataFrame:
    mark = {"episode_id": "e1", "rule_id": "STP-01", "mark": "not_an_error", "marked_by": "Dr. Who", "is_folded": False}
    return pl.DataFrame([mark | row], schema=MARKS.schema)


def test_without_a_release_before_it_says_why_nothing_is_compared() -> None:
    [said] = section(page(), "since").all("p")
    assert said.text == "Nothing is compared: there is no release before this one."


def test_a_night_without_a_change_says_so() -> None:
    said = compared()
    assert [part.text for part in said.all("p")] == ["No finding is other than it was in RUN-0."]
    assert said.all("details") == []


def test_one_change_is_one_line_that_opens() -> None:
    said = compared({})
    assert said.all("p")[0].text.startswith("1 finding is not what it was in RUN-0.")
    assert said.one("summary").text == "1 raised: late"
    assert said.one("li").text == (
        "e1 RST-04: pass (lower), now violation (same dose). "
        "Came late, dated up to 2024-01-30: 1 row of drug_exposures."
    )


def test_changes_stand_by_cause_what_nothing_explains_first_and_the_gravest_first() -> None:
    said = compared(
        {"cause": "edition", "change": "moved", "verdict_before": "violation"},
        {"cause": "unexplained", "episode_id": "e9"},
        {"cause": "late", "change": "lowered", "verdict_now": "pass"},
        {"cause": "late", "episode_id": "e2", "verdict_now": "advisory"},
        {"cause": "late", "episode_id": "e3"},
        {"cause": "late", "episode_id": "e4", "verdict_before": "indeterminate"},
        {"cause": "late", "change": "new", "episode_id": "e5", "verdict_before": None, "reason_before": None},
        {"cause": "patient_gone", "change": "gone", "verdict_now": None, "reason_now": None},
    )
    assert said.all("p")[0].text.startswith("8 findings are not what they were in RUN-0.")
    assert [one.text for one in said.all("summary")] == [
        "1 raised: unexplained", "1 new: late", "3 raised: late", "1 lowered: late", "1 gone: patient gone",
        "1 moved: edition",
    ]  # fmt: skip
    lines = [line.text.split(".")[0] for line in said.all("li")]
    assert [line[:2] for line in lines] == ["e9", "e5", "e4", "e3", "e2", "e1", "e1", "e1"]
    assert lines[1] == "e5 RST-04: not there, now violation (same dose)"
    assert lines[6] == "e1 RST-04: pass (lower), now gone"


@pytest.mark.parametrize(("n", "shown"), [(ROWS, ROWS), (ROWS + 1, ROWS)])
def test_a_change_of_edition_is_one_line_with_its_number(n: int, shown: int) -> None:
    said = compared(*({"cause": "edition", "episode_id": f"e{k:04d}"} for k in range(n)))
    assert said.one("summary").text == f"{n} raised: edition"
    assert len(said.all("li")) == shown
    told = [part.text for part in said.one("details").all("p")]
    assert told == ([] if n == shown else [f"The first {ROWS}; all of them are in changes.parquet."])


def test_every_finding_to_be_acted_on_stands_there_the_latest_event_first() -> None:
    shown = section(page(ACT_NOW), "act_now")
    assert shown.one("p").text == "2 findings in patients who are taking the drug, the latest event first."
    assert shown.one("table").rows() == [
        ["Patient", "Event", "Rule", "What the records show", "Why now", "Mark"],
        ["p2", "2023-02-02", "STP-01", "Too early.", "not over", ""],
        ["p1", "2023-02-01", "STP-01", "Went on.", "within 90 days", ""],
    ]


def test_a_mark_stands_beside_its_finding_or_folds_it_away() -> None:
    seen = section(page(ACT_NOW, marks=marks(mark="seen")), "act_now")
    assert [row[5] for row in seen.one("table").rows()[1:]] == ["", "seen by Dr. Who"]
    changed = section(page(ACT_NOW, marks=marks(is_changed=True)), "act_now")
    assert changed.one("table").rows()[2][5] == "not an error by Dr. Who, changed since marked"
    folded = section(page(ACT_NOW, marks=marks(is_folded=True, until=date(2024, 1, 1))), "act_now")
    assert len(folded.one("table").rows()) == 2
    assert folded.one("p").text == (
        "1 finding in patients who are taking the drug, the latest event first. 1 more is folded away by a mark."
    )


def test_where_nothing_is_to_be_acted_on_it_says_so() -> None:
    assert section(page(), "act_now").one("p").text == "Nothing is to be acted on now."
    alone = ACT_NOW.replace("e2         | STP-01  | act_now", "e2         | STP-01  | open   ")
    folded = section(page(alone, marks=marks(is_folded=True)), "act_now")
    assert folded.one("p").text == "Nothing is to be acted on now; 1 finding is folded away by a mark."
