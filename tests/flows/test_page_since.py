"""What the page says of the night: what changed since the last release, and what is to be acted on now, by value."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from audit.frames import CHANGES, MARKS
from flows.pages import facts
from flows.pages.facts import SINCE_ROWS as ROWS
from tests.flows.made import page, section
from tests.flows.markup import Node

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
    e1         | p1         | RST-07  | violation     | 2023-02-02 | Grave.
    e1         | p1         | RST-04  | violation     | 2023-03-01 | The same dose.
    e2         | p2         | STP-01  | indeterminate | 2023-02-01 | Too early.
    -- urgency
    episode_id | rule_id | urgency | urgency_reason
    e1         | STP-01  | act_now | within 90 days
    e1         | RST-07  | act_now | within 90 days
    e1         | RST-04  | review  | broken
    e2         | STP-01  | act_now | not over
"""


GONE = {"rule_id": "RST-01", "change": "gone", "verdict_now": None}


def changes(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([CHANGE | row for row in rows], schema=CHANGES.schema)


def compared(*rows: dict[str, Any]):
    return section(page(changes=changes(*rows), compared_with="RUN-0", not_compared=""), "since")


def summaries(said: Node) -> list[str]:
    """Return the lines that open, but for those of charts."""
    groups = [one for one in said.one("div", _class="groups").parts if isinstance(one, Node)]
    return [one.all("summary")[0].text for one in groups]


def marks(rule: str = "STP-01", **row: Any) -> pl.DataFrame:
    mark = {
        "episode_id": "e1",
        "rule_id": rule,
        "mark": "not_an_error",
        "marked_by": "Dr. Who",
        "is_folded": False,
        "is_changed": False,
        "is_over": False,
    }
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
    assert said.all("p")[0].text == "1 finding is not what it was in RUN-0: 1 raised. By cause:"
    assert summaries(said) == ["1 raised: by rows that came late"]
    assert said.one("div", _class="said").text == (
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
    assert said.all("p")[0].text == (
        "8 findings are not what they were in RUN-0: 1 new, 4 raised, 1 lowered, 1 moved, 1 gone. By cause:"
    )
    late = "by rows that came late"
    assert summaries(said) == [
        "1 raised: unexplained", f"1 new: {late}", f"3 raised: {late}", f"1 lowered: {late}",
        "1 gone: as their patient is no longer in the extract",
        "1 finding (1 moved): by another edition or program",
    ]  # fmt: skip
    lines = [line.text.split(".")[0] for line in said.all("div", _class="said")]
    assert [line[:2] for line in lines] == ["e9", "e5", "e4", "e3", "e2", "e1", "e1", "e1"]
    assert lines[1] == "e5 RST-04: not there, now violation (same dose)"
    assert lines[6] == "e1 RST-04: pass (lower), now gone"


@pytest.mark.parametrize(("n", "shown"), [(ROWS, ROWS), (ROWS + 1, ROWS)])
def test_a_change_of_edition_is_one_line_with_its_number(n: int, shown: int) -> None:
    rows = [{"cause": "edition", "episode_id": f"e{k:04d}"} for k in range(n)]
    rows[-1]["change"] = "new"
    said = compared(*rows)
    assert summaries(said) == [f"{n} findings (1 new, {n - 1} raised): by another edition or program"]
    assert len(said.all("li")) == shown
    told = [part.text for part in said.one("div", _class="groups").all("p")]
    assert told == ([] if n == shown else [f"The first {ROWS}; all of them are in changes.parquet."])


def test_every_finding_to_be_acted_on_stands_there_who_waits_for_a_response_first() -> None:
    shown = section(page(ACT_NOW), "act_now")
    assert shown.one("h2").text == "Act now 3"
    assert [[p.text for p in one.all("p")] for one in shown.all("div", _class="said")] == [
        ["STP-01 Too early.", "Patient p2 event 2023-02-01 not over"],
        ["RST-07 Grave.", "Patient p1 event 2023-02-02 within 90 days"],
        ["STP-01 Went on.", "Patient p1 event 2023-02-01 within 90 days"],
    ]


def test_each_has_its_chart_one_click_away() -> None:
    shown = page(ACT_NOW, changes=changes({"rule_id": "STP-01"}, {"rule_id": "RST-04"}, GONE), compared_with="RUN-0")
    charts = {name: [one.attrs["data-chart"] for one in section(shown, name).all("details", _class="chart")] for name in
              ("since", "act_now", "lapsing")}  # fmt: skip
    assert charts == {"act_now": ["0", "1", "2"], "lapsing": [], "since": ["3", "2"]}
    assert all(one.one("summary").text == "Chart" for one in shown.all("details", _class="chart"))


@pytest.mark.parametrize(("most", "charts"), [(2, ["0", "1"]), (3, ["0", "1", "2"]), (4, ["0", "1", "2"])])
def test_only_so_many_have_a_chart(monkeypatch: pytest.MonkeyPatch, most: int, charts: list[str]) -> None:
    monkeypatch.setattr(facts, "MOST_CHARTS", most)
    shown = section(page(ACT_NOW), "act_now")
    assert [one.attrs["data-chart"] for one in shown.all("details", _class="chart")] == charts
    assert len(shown.all("li")) == 3


def test_a_mark_stands_beside_its_finding_or_folds_it_away() -> None:
    seen = section(page(ACT_NOW, marks=marks(mark="seen", note="called", until=date(2024, 3, 1))), "act_now")
    assert [one.text for one in seen.all("span", _class="mark")] == ["seen by Dr. Who until 2024-03-01: called"]
    changed = section(page(ACT_NOW, marks=marks(is_changed=True)), "act_now")
    assert changed.one("span", _class="mark").text == "not an error by Dr. Who changed since marked"
    over = section(page(ACT_NOW, marks=marks(is_over=True)), "act_now")
    assert over.one("span", _class="mark").text == "not an error by Dr. Who its day has passed"
    folded = section(page(ACT_NOW, marks=marks(is_folded=True, until=date(2024, 1, 1))), "act_now")
    assert (len(folded.all("li")), folded.one("h2").text) == (2, "Act now 2")
    assert folded.all("p")[0].text.endswith("1 more is folded away by a mark.")


def test_where_nothing_is_to_be_acted_on_it_says_so() -> None:
    assert section(page(), "act_now").one("p").text == "Nothing is to be acted on now."
    alone = "\n".join(line for line in ACT_NOW.splitlines() if "not over" not in line and "RST-07  | act" not in line)
    folded = section(page(alone, marks=marks(is_folded=True)), "act_now")
    assert folded.one("p").text == "Nothing is to be acted on now; 1 more is folded away by a mark."


# --- What lapses ------------------------------------------------------------------------------------

LAPSING = """
    -- episodes
    episode_id | restart_date
    e1         | 2023-01-01
    -- findings
    episode_id | patient_id | rule_id | verdict   | event_date | message     | next_change_on
    e1         | p1         | MON-01  | advisory  | 2023-02-01 | Some gaps.  | 2024-02-09
    e1         | p1         | MON-05  | advisory  | 2023-02-01 | No draw.    | 2024-02-03
    e1         | p1         | STP-01  | advisory  | 2023-02-01 | Undated.    |
    e1         | p1         | MON-02  | violation | 2023-02-01 | Many gaps.  | 2024-02-08
    -- urgency
    episode_id | rule_id | urgency | urgency_reason
    e1         | MON-01  | lapsing | a window ends
    e1         | MON-05  | lapsing | a symptom waits
    e1         | STP-01  | lapsing | somehow
    e1         | MON-02  | review  | broken
    -- slots
    episode_id | rule_id | slot | window_start | window_end | status
    e1         | MON-01  | 1    | 2024-01-01   | 2024-01-05 | missed
    e1         | MON-01  | 2    | 2024-01-28   | 2024-02-02 | not_due
    e1         | MON-01  | 3    | 2024-02-04   | 2024-02-12 | not_due
"""


def test_what_lapses_stands_by_the_day_on_which_it_does() -> None:
    shown = section(page(LAPSING), "lapsing")
    assert shown.one("h2").text == "Lapsing in the next 7 days 3"
    assert [[p.text for p in one.all("p")] for one in shown.all("div", _class="said")] == [
        ["by 2024-02-02 MON-01 Weekly tests for two months: a window ends", "Patient p1 Some gaps."],
        ["by 2024-02-03 MON-05 : a symptom waits", "Patient p1 No draw."],
        ["soon STP-01 Stop at 5 x or 500 U/L: somehow", "Patient p1 Undated."],
    ]
    folded = section(page(LAPSING, marks=marks(is_folded=True)), "lapsing")
    assert (len(folded.all("li")), folded.all("p")[0].text[-32:]) == (2, "1 more is folded away by a mark.")


def test_where_nothing_lapses_it_says_so() -> None:
    assert section(page(), "lapsing").one("p").text == "No window ends in the next 7 days without a draw."


# --- What could not be judged -----------------------------------------------------------------------


def test_what_could_not_be_judged_is_one_line_that_opens() -> None:
    rows = [("grade_open", 3), ("too_early", 2), ("a_a", 1), ("b_b", 1), ("c_c", 4), ("undecidable", 1), ("lower", 0)]
    lines = [f"e{n} | R{n} | indeterminate | {reason}" for reason, times in rows for n in range(times)]
    made = "\n".join([*lines, "e1 | R8 | pass | fine", "e1 | R9 | not_applicable | none"])
    shown = section(page(f"-- findings\nepisode_id | rule_id | verdict | reason\n{made}"), "trust")
    assert shown.one("summary").text == (
        "12 of 13 findings could not be judged: c c 4, grade open 3, too early 2, a a 1, for other reasons 2"
    )
    head, first, *rest = shown.one("table").rows()
    assert head == ["Reason", "Findings", "Restarts", "Rules", "Meaning"]
    assert first == ["c c", "4", "4", "R0, R1, R2, R3", ""]
    assert [row[0] for row in rest] == ["grade open", "too early", "a a", "b b", "undecidable"]
    assert rest[1][4] == "the interruption has not been observed long enough"
    assert rest[4][4] == "a value that the rule needs is missing"


def test_where_all_could_be_judged_it_says_so() -> None:
    shown = section(page("-- findings\nepisode_id | rule_id | verdict\ne1 | R1 | pass"), "trust")
    assert shown.one("p").text == "Every finding of a rule that applies could be judged."
