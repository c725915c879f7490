"""Quarters, sites and monitoring as they are drawn: places, words and numbers by value; also where there is little."""

from itertools import pairwise
from typing import Any

import pytest

from flows.pages import plots
from flows.pages.sections import funnel, monitoring, run_chart
from tests.flows.made import DASH, NOBODY, RULES, RUN, THIN, page, section
from tests.flows.markup import Node

AXIS = [("44", "150.0"), ("44", "80.0"), ("44", "10.0")]  # 0, 50 and 100 %


def named(rule_id: str) -> str:
    return f"{rule_id} {RULES[rule_id].title}"


def figures(shown: Node, name: str) -> dict[str, Node]:
    """Return the panels of a section by the id of their rule."""
    return {one.one("figcaption").text[:6]: one for one in section(shown, name).all("figure")}


def dots(panel: Node) -> list[tuple[str | None, ...]]:
    return [one.get("cx", "cy", "class") for one in panel.all("circle")]


def whiskers(panel: Node) -> list[tuple[str | None, ...]]:
    return [one.get("x1", "y1", "y2", "class") for one in panel.all("line", _class="whisker")]


def marks(panel: Node) -> list[tuple[str | None, str]]:
    """Return the words below the axis, with their places."""
    return [(one.attrs["x"], one.text) for one in panel.all("text") if one.attrs.get("text-anchor") == "middle"]


def centre(panel: Node) -> list[tuple[str | None, ...]]:
    return [one.get("x1", "y1", "x2", "y2") for one in panel.all("line", _class="centre")]


# --- Quarters ---------------------------------------------------------------------------------------


def quarterly(*rows: str, rule: str = "RST-04") -> str:
    """Return restarts with a verdict each: `2022-02-01 pass`, and the day on which time may change it."""
    parts = [row.split(" ") for row in rows]
    return "\n".join([
        "-- episodes\nepisode_id | restart_date | site_id",
        *(f"e{n} | {day} | s{n % 2}" for n, (day, *_) in enumerate(parts)),
        "-- findings\nepisode_id | rule_id | verdict | next_change_on",
        *(f"e{n} | {rule} | {verdict} | {' '.join(rest)}" for n, (_, verdict, *rest) in enumerate(parts)),
    ])  # fmt: skip


THREE = quarterly(
    "2022-01-01 pass", "2022-03-31 violation", "2022-12-01 pass", "2022-12-02 indeterminate",
    "2023-01-15 violation", "2023-02-15 violation 2024-03-01",
)  # fmt: skip


def test_a_quarter_is_a_point_with_its_interval_and_one_that_may_change_is_apart() -> None:
    panels = figures(page(THREE), "run_chart")
    assert list(panels) == ["RST-04"]
    panel = panels["RST-04"]
    assert panel.one("figcaption").text == named("RST-04")
    assert dots(panel) == [("54.0", "80.0", "dot"), ("253.5", "10.0", "dot"), ("320.0", "150.0", "dot open")]
    # Wilson: 1 of 2 is 9.5 to 90.5 %, 1 of 1 is 20.7 to 100 %, 0 of 2 is 0 to 65.8 %
    assert whiskers(panel) == [
        ("54.0", "136.8", "23.2", "whisker"),
        ("253.5", "121.1", "10.0", "whisker"),
        ("320.0", "150.0", "57.9", "whisker open"),
    ]
    assert panel.one("path", _class="line").attrs["d"] == "M54.0 80.0L253.5 10.0"
    assert centre(panel) == []
    assert panel.one("p").text == "2 settled quarters; 1 may still change."
    assert panel.one("svg").attrs["aria-label"] == (
        "RST-04 by quarter of the restart. 2023 Q1: 0 % (0/2), open."
    )  # fmt: skip
    assert marks(panel) == [("54.0", "2022"), ("320.0", "2023")]
    assert [one.get("x1", "y1") for one in panel.all("line", _class="grid")] == AXIS


def test_the_quarters_stand_in_a_table_the_latest_first() -> None:
    assert section(page(THREE), "run_chart").one("table").rows() == [
        ["Quarter", "RST-04"],
        ["2023 Q1", "0 % (0/2), open"],
        ["2022 Q4", "100 % (1/1)"],
        ["2022 Q1", "50 % (1/2)"],
    ]


def test_one_quarter_stands_in_the_middle_under_its_name() -> None:
    panel = figures(page(quarterly("2022-05-01 pass")), "run_chart")["RST-04"]
    assert dots(panel) == [("187.0", "10.0", "dot")]
    assert marks(panel) == [("187.0", "2022 Q2")]
    assert panel.one("p").text == "1 settled quarter."


def test_a_point_of_few_restarts_is_small() -> None:
    text = quarterly(*["2022-05-01 pass"] * 4, "2022-05-01 indeterminate", *["2022-08-01 pass"] * 5)
    shown = page(text)
    assert [one.attrs["r"] for one in figures(shown, "run_chart")["RST-04"].all("circle")] == ["2", "3.5"]
    assert "A small point is of fewer than 5 evaluable restarts." in section(shown, "run_chart").all("p")[0].text


def test_where_every_quarter_may_change_no_line_is_drawn() -> None:
    panel = figures(page(quarterly("2022-05-01 pass 2024-03-01", "2022-08-01 pass 2024-03-01")), "run_chart")["RST-04"]
    assert (panel.all("path"), centre(panel)) == ([], [])
    assert panel.one("p").text == "0 settled quarters; 2 may still change."


def of_quarters(n: int) -> list[str]:
    days = [f"{2019 + k // 4}-{1 + k % 4 * 3:02d}-01" for k in range(n)]
    return [f"{day} {verdict}" for k, day in enumerate(days) for verdict in ["pass", ["pass", "violation"][k % 2]]]


def test_a_median_is_drawn_of_twelve_settled_quarters() -> None:
    panel = figures(page(quarterly(*of_quarters(12))), "run_chart")["RST-04"]
    assert centre(panel) == [("44", "45.0", "330", "45.0")]  # of 50 % and 100 %: 75 %
    assert panel.one("p").text == "12 settled quarters; median 75 %; longest run on one side 1."
    for rows in (of_quarters(11), [*of_quarters(11), "2021-12-01 pass 2024-03-01"]):
        assert centre(figures(page(quarterly(*rows)), "run_chart")["RST-04"]) == []


def test_a_shift_is_told() -> None:
    said = run_chart.words({"points": 1234, "centre": 0.5, "longest_run": 9, "run_limit": 8}, 0)
    assert said == (
        f"1{THIN}234 settled quarters; median 50 %; longest run on one side 9, more than chance makes (8): a shift."
    )
    assert "shift" not in run_chart.words({"points": 16, "centre": 0.5, "longest_run": 8, "run_limit": 8}, 0)


def test_the_quarter_of_the_as_of_date_is_open() -> None:
    """The extract was taken on 2024-01-30; a quarter is whole with its last day."""
    text = quarterly("2024-01-02 pass")
    for day, css in (("2024-01-30", "dot open"), ("2024-03-30", "dot open"), ("2024-03-31", "dot")):
        run = {**RUN, "as_of": "2024-05-01", "extracted_on": day}
        assert [one[2] for one in dots(figures(page(text, run=run), "run_chart")["RST-04"])] == [css]
    untold = {**RUN, "as_of": "2024-03-31", "extracted_on": None}
    assert [one[2] for one in dots(figures(page(text, run=untold), "run_chart")["RST-04"])] == ["dot"]


def test_a_rule_that_is_never_evaluable_has_no_panel() -> None:
    text = quarterly("2022-01-01 pass") + "\ne0 | STP-01 | not_applicable |\ne0 | MON-01 | indeterminate |"
    assert list(figures(page(text), "run_chart")) == ["RST-04"]


@pytest.mark.parametrize(
    "text", [NOBODY, quarterly("2022-01-01 not_applicable"), quarterly("2022-01-01 indeterminate")]
)
def test_without_a_rate_no_quarter_is_drawn(text: str) -> None:
    found = section(page(text), "run_chart")
    assert (found.all("svg"), found.all("table")) == ([], [])
    assert found.all("p")[-1].text == "No rule can be evaluated in any quarter."


def test_years_that_would_overlap_are_left_out() -> None:
    panel = figures(page(quarterly("2000-01-01 pass", "2023-10-01 pass")), "run_chart")["RST-04"]
    places = [float(x or 0) for x, _ in marks(panel)]
    assert (len(places), places[0]) == (6, 54.0)
    assert all(right - left >= run_chart.YEARS_APART for left, right in pairwise(places))


# --- Sites ------------------------------------------------------------------------------------------


def by_site(**counts: tuple[int, int]) -> str:
    """Return restarts by site: passed and violated; the site `none` is null."""
    rows = [(site, verdict) for site, (passed, broken) in counts.items()
            for verdict in ["pass"] * passed + ["violation"] * broken]  # fmt: skip
    return "\n".join([
        "-- episodes\nepisode_id | restart_date | site_id",
        *(f"e{n} | 2022-01-01 | {'' if site == 'none' else site}" for n, (site, _) in enumerate(rows)),
        "-- findings\nepisode_id | rule_id | verdict",
        *(f"e{n} | RST-04 | {verdict}" for n, (_, verdict) in enumerate(rows)),
    ])  # fmt: skip


def test_a_site_is_a_point_by_its_number_and_only_one_outside_is_named() -> None:
    found = section(page(by_site(south=(20, 0), north=(10, 10), east=(15, 25), none=(1, 0))), "funnel")
    panel = found.one("figure")
    # x runs from 44 at none to 322 at 40; 45 of 80 pass: 56.25 %
    assert dots(panel) == [("322.0", "97.5", "dot"), ("183.0", "80.0", "dot"), ("183.0", "10.0", "dot")]
    assert [(one.get("x", "y", "text-anchor"), one.text) for one in panel.all("text", _class="named")] == [
        (("315.0", "101.5", "end"), "east"),
        (("190.0", "14.0", "start"), "south"),
    ]
    assert centre(panel) == [("44", "71.2", "330", "71.2")]
    assert panel.one("p").text == "All sites 56.2 %; 2 of 3 outside the 95 % limits."
    assert marks(panel) == [("44.0", "0"), ("183.0", "20"), ("322.0", "40")]
    assert found.all("p")[0].text.endswith("there is no ranking. 1 restart is of no site and is left out.")


def test_the_limits_are_drawn_to_the_largest_site() -> None:
    panel = section(page(by_site(south=(50, 50), north=(20, 20))), "funnel").one("figure")
    paths = {css: [one.attrs["d"] for one in panel.all("path", _class=css)] for css in ("limit-95", "limit-998")}
    ends = {css: [str(path).rpartition("L")[2] for path in found] for css, found in paths.items()}
    # 50 % +/- 9.80 % and 15.45 % of 100: y is 80 +/- 13.7 and 21.6
    assert ends == {"limit-95": ["322.0 93.7", "322.0 66.3"], "limit-998": ["322.0 101.6", "322.0 58.4"]}
    assert [str(path).split("L")[0] for path in paths["limit-95"]] == ["M46.8 150.0", "M46.8 10.0"]


def test_the_sites_stand_in_the_order_of_their_names() -> None:
    found = section(page(by_site(south=(20, 0), north=(10, 10), east=(15, 25))), "funnel")
    assert found.one("table").rows() == [
        ["Site", "Evaluable", "Passed", "Rate (95\xa0% interval)", "Beside all sites"],
        [named("RST-04")],
        ["east", "40", "15", f"37.5 % (24.2{DASH}53.0)", "outside the 95 % limits"],
        ["north", "20", "10", f"50.0 % (29.9{DASH}70.1)", "within 95 % limits"],
        ["south", "20", "20", f"100.0 % (83.9{DASH}100.0)", "outside the 99.8 % limits"],
    ]
    assert funnel.OUTSIDE.keys() == {"none", "95", "998"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (by_site(north=(3, 1)), "All restarts with a site are of one: there is nothing to compare."),
        (by_site(north=(3, 1), none=(3, 1)), "All restarts with a site are of one: there is nothing to compare."),
        (by_site(none=(3, 1)), "No restart is of a named site: there is nothing to compare."),
        (NOBODY, "No restart is of a named site: there is nothing to compare."),
        (
            quarterly("2022-01-01 pass", "2022-01-01 indeterminate"),
            "No rule can be evaluated at two sites: there is nothing to compare.",
        ),
    ],
)
def test_without_two_sites_nothing_is_drawn_and_it_is_said_why(text: str, said: str) -> None:
    found = section(page(text), "funnel")
    assert (found.all("figure"), found.all("table"), [one.text for one in found.all("p")]) == ([], [], [said])


def test_the_name_of_a_site_is_text_and_nothing_else() -> None:
    text = by_site(north=(20, 0), x=(0, 20)).replace("| x\n", '| "<b>&x</b>"\n')
    found = section(page(text), "funnel")
    assert found.all("b") == []
    assert [one.text for one in found.all("text", _class="named")] == ["<b>&x</b>", "north"]


# --- Monitoring -------------------------------------------------------------------------------------

FOLLOWED = """
-- episodes
episode_id | restart_date
e1         | 2023-01-01
-- status_to_date
episode_id | censor_date
e1         | 2023-12-31
-- slots
episode_id | rule_id | slot | window_end | status
"""


def slots(*rows: tuple[str, int, int]) -> str:
    """Return slots by the day on which their windows end: day, met and missed."""
    made = [(day, status) for day, met, missed in rows for status in ["met"] * met + ["missed"] * missed]
    return FOLLOWED + "\n".join(f"e1 | MON-01 | {n} | {day} | {status}" for n, (day, status) in enumerate(made))


def monitored(text: str) -> dict[str, Any]:
    panel = figures(page(text), "monitoring")["MON-01"]
    due = [(one.attrs["x"], one.text) for one in panel.all("text", _class="due")]
    days = [(x, said) for x, said in marks(panel) if (x, said) not in due]
    return {"dots": dots(panel), "line": [one.attrs["d"] for one in panel.all("path")], "days": days, "due": due}


def test_each_day_has_its_share_and_below_it_the_number_at_risk() -> None:
    text = slots(("2023-01-11", 10, 10), ("2023-01-18", 10, 0), ("2023-01-25", 3, 6))
    assert monitored(text) == {
        "dots": [("58.0", "80.0", "dot"), ("187.0", "10.0", "dot"), ("316.0", "103.3", "dot open")],
        "line": ["M58.0 80.0L187.0 10.0"],  # nine are too few for a line
        "days": [("58.0", "10"), ("187.0", "17"), ("316.0", "24")],
        "due": [("58.0", "20"), ("187.0", "10"), ("316.0", "9"), ("39", "due")],
    }
    assert section(page(text), "monitoring").one("table").rows() == [
        ["Days after the restart", "Due", "Met", "Share (95\xa0% interval)"],
        [named("MON-01")],
        ["10", "20", "10", f"50.0 % (29.9{DASH}70.1)"],
        ["17", "10", "10", f"100.0 % (72.2{DASH}100.0)"],
        ["24", "9", "3", f"33.3 % (12.1{DASH}64.6)"],
    ]


def test_a_phase_of_few_slots_has_no_line_and_one_day_stands_in_the_middle() -> None:
    assert monitored(slots(("2023-01-11", 1, 2))) == {
        "dots": [("187.0", "103.3", "dot open")],
        "line": [],
        "days": [("187.0", "10")],
        "due": [("187.0", "3"), ("39", "due")],
    }


def test_days_that_are_taken_together_are_told_from_the_first_to_the_last() -> None:
    assert monitoring.days({"first_day": 181, "last_day": 270}) == "181 to 270"
    assert monitoring.days({"first_day": 10, "last_day": 10}) == "10"


@pytest.mark.parametrize("text", [NOBODY, FOLLOWED + "e1 | MON-01 | 1 | 2023-01-11 | excused"])
def test_without_a_due_slot_nothing_is_drawn(text: str) -> None:
    found = section(page(text), "monitoring")
    assert (found.all("svg"), [one.text for one in found.all("p")]) == ([], ["No slot was due."])


# --- What drawings share ----------------------------------------------------------------------------


def test_a_scale_runs_from_end_to_end_and_a_single_number_stands_in_the_middle() -> None:
    assert [plots.Scale(10, 20, 100, 0).at(n) for n in (10, 15, 20)] == [100.0, 50.0, 0.0]
    assert plots.Scale(7, 7, 0, 10).at(7) == 5.0


def test_paths_are_written_by_their_places() -> None:
    assert plots.line([(1.0, 2.0), (3.0, 4.0)]) == "M1.0 2.0L3.0 4.0"
    assert plots.line([]) == ""
    assert plots.steps([(0.0, 9.0), (4.0, 5.0), (6.0, 1.0)], 8.0) == "M0.0 9.0H4.0V5.0H6.0V1.0H8.0"


def test_marks_are_as_far_apart_as_their_words_need() -> None:
    assert [one["x"] for one in plots.spaced([{"x": x} for x in (0, 39, 40, 60, 80)])] == [0, 40, 80]
    assert [one["words"] for one in plots.rate_ticks(0.6)] == ["0 %", "30 %", "60 %"]
