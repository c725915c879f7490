"""Recurrence as it is drawn and told, and the rates by stratum: places, words and numbers by value."""

from collections.abc import Mapping
from typing import Any

import pytest

from flows.pages import plots
from flows.pages.sections import strata as strata_section
from tests.flows.made import DASH, EDITION, NOBODY, RULES, THIN, page, section
from tests.flows.markup import Node


@pytest.fixture(scope="module")
def shown() -> Node:
    return page()


# --- Recurrence -------------------------------------------------------------------------------------

UNQUOTED = EDITION.model_copy(update={"grounds": ()})
OWN = f"This cohort: 25.0 % (10.0{DASH}46.9)"
QUOTED = f"The article's study: 25.8 % (13.7{DASH}43.2)"
TICKS = [
    ("20.0", "0 %"),
    ("148.0", "20 %"),
    ("276.0", "40 %"),
    ("404.0", "60 %"),
    ("532.0", "80 %"),
    ("660.0", "100 %"),
]
WITHOUT_A_RATE = """
-- measures
rule_id    | stratum | level | episodes | applicable | evaluable | indeterminate
recurrence | overall | all   | 2        | 1          | 0         | 1
"""


def drawing(shown: Node) -> dict[str, Any]:
    """Return the drawing: its height, its label, and the places of ticks, words, lines and dots."""
    svg = section(shown, "recurrence").one("svg")
    lines, texts = svg.all("line"), svg.all("text")
    ticks, intervals = ([one for one in lines if bool(one.classes) is it] for it in (False, True))
    scale, words = ([one for one in texts if ("text-anchor" in one.attrs) is it] for it in (True, False))
    return {
        "box": svg.attrs["viewbox"],
        "label": svg.attrs["aria-label"],
        "ticks": [one.get("x1", "y1", "x2", "y2") for one in ticks],
        "scale": [(*one.get("x", "y"), one.text) for one in scale],
        "words": [(*one.get("x", "y"), one.text) for one in words],
        "intervals": [one.get("x1", "y1", "x2", "y2", "class") for one in intervals],
        "dots": [one.get("cx", "cy", "r", "class") for one in svg.all("circle")],
    }


def ruled(foot: str, below: str) -> dict[str, Any]:
    return {
        "ticks": [(x, "14", x, foot) for x, _ in TICKS],
        "scale": [(x, below, text) for x, text in TICKS],
    }


def said(shown: Node) -> str:
    return section(shown, "recurrence").all("p")[0].text


def test_the_drawing_takes_the_colours_of_the_page(shown: Node) -> None:
    style = shown.one("style").text
    for name, ink in (("own", "var(--accent)"), ("quoted", "var(--soft)")):
        assert f"svg.interval .{name} {{ stroke: {ink}; fill: {ink}; }}" in style
    assert [one for one in section(shown, "recurrence").one("svg").within() if "fill" in one.attrs] == []


def test_the_cohorts_rate_is_drawn_above_the_quoted_one_on_one_scale(shown: Node) -> None:
    assert drawing(shown) == {
        "box": "0 0 700 146",
        "label": f"{OWN}; {QUOTED}",
        **ruled("124", "140"),
        "words": [("20", "30", OWN), ("20", "80", QUOTED)],
        "intervals": [("84.0", "44", "320.0", "44", "own"), ("107.7", "94", "296.8", "94", "quoted")],
        "dots": [("180.0", "44", "6", "own"), ("185.2", "94", "6", "quoted")],
    }
    assert said(shown) == (
        f"Hepatotoxicity recurred in 25.0 % (10.0{DASH}46.9) of 1{THIN}280 evaluable restarts of this cohort. The "
        "article quotes 26 % (8 of 31, 95 % interval 13.7 % to 43.2 %), of patients re-exposed to another drug class: "
        "context, never a threshold."
    )


def test_a_cohort_without_a_rate_leaves_the_quoted_one_alone() -> None:
    shown = page(WITHOUT_A_RATE)
    assert drawing(shown) == {
        "box": "0 0 700 96",
        "label": QUOTED,
        **ruled("74", "90"),
        "words": [("20", "30", QUOTED)],
        "intervals": [("107.7", "44", "296.8", "44", "quoted")],
        "dots": [("185.2", "44", "6", "quoted")],
    }
    assert said(shown).startswith(
        "No restart of this cohort can answer yet whether hepatotoxicity recurs. The article quotes 26 % (8 of 31,"
    )


def test_an_edition_that_quotes_no_rate_leaves_the_cohorts_alone() -> None:
    shown = page(guideline=UNQUOTED)
    found = drawing(shown)
    assert (found["box"], found["label"], found["words"]) == ("0 0 700 96", OWN, [("20", "30", OWN)])
    assert (
        said(shown)
        == f"Hepatotoxicity recurred in 25.0 % (10.0{DASH}46.9) of 1{THIN}280 evaluable restarts of this cohort."
    )


@pytest.mark.parametrize("text", [WITHOUT_A_RATE, NOBODY])
def test_without_either_rate_nothing_is_drawn(text: str) -> None:
    shown = page(text, guideline=UNQUOTED)
    assert drawing(shown) == {
        "box": "0 0 700 46", "label": "No rate to draw", **ruled("24", "40"), "words": [], "intervals": [], "dots": [],
    }  # fmt: skip
    assert said(shown) == "No restart of this cohort can answer yet whether hepatotoxicity recurs."


@pytest.mark.parametrize(("rate", "x"), [(0.0, 20.0), (0.5, 340.0), (1.0, 660.0), (1 / 3, 233.3)])
def test_the_scale_runs_from_nothing_to_all(rate: float, x: float) -> None:
    assert plots.scale(rate) == x


def test_recurrence_is_told_for_each_regimen(shown: Node) -> None:
    assert section(shown, "recurrence").one("table").rows()[1:] == [
        ["alternate day", f"1{THIN}400", f"1{THIN}200", f"12.5 % (2.2{DASH}47.1)"],
        ["unknown", "4", "0", DASH],
    ]
    assert section(page(NOBODY), "recurrence").one("table").rows()[1:] == [["No restart to describe."]]


def test_what_is_only_described_is_told_by_regimen_and_compared_nowhere() -> None:
    shown = page(stratified(*(f"RST-05 | site | {site} | 9 | 0 | | |" for site in ("north", "south"))))
    assert section(shown, "recurrence").one("table").rows()[1:] == [["No restart to describe."]]
    assert strata(shown) == []


# --- Where rates differ -----------------------------------------------------------------------------


def strata(shown: Node) -> list[tuple[str, list[list[str]]]]:
    """Return the tables in order, each with its summary."""
    return [(one.one("summary").text, one.one("table").rows()) for one in section(shown, "strata").all("details")]


def named(rule_id: str) -> str:
    return f"{rule_id} {RULES[rule_id].title}"


def test_a_stratum_is_a_table_of_rates_with_their_counts(shown: Node) -> None:
    assert strata(shown) == [
        ("By site (2 levels)", [["Rule", "north", "south"], [named("RST-04"), "88 % (700/800)", "50 % (200/400)"]])
    ]
    details = section(shown, "strata").one("details")
    assert details.one("caption").text == "Passed / evaluable, by site"
    assert details.one("div").attrs["aria-label"] == "Rates by site"


HEAD = "rule_id | stratum | level | episodes | evaluable | passed | violation | rate\n"


def stratified(*rows: str) -> str:
    return "-- measures\n" + HEAD + "\n".join(rows)


def test_the_strata_stand_in_order_and_one_with_a_single_level_is_left_out() -> None:
    text = stratified(
        "RST-04 | restart_month | 2023-02 | 9 | 8 | 4 | 1 | 0.5",
        "RST-04 | restart_month | 2023-01 | 9 | 3 | 1 | 1 | 0.333",
        "RST-04 | indication | sle | 9 | 8 | 8 | 0 | 1.0", "RST-04 | indication | none_coded | 8 | 8 | 0 | 8 | 0.0",
        "RST-04 | grade | at_least_mild | 9 | 8 | 4 | 1 | 0.5", "RST-04 | grade | mild | 9 | 8 | 4 | 1 | 0.5",
        "RST-04 | site | north | 9 | 8 | 4 | 1 | 0.5",
        "RST-05 | regimen | daily | 9 | 0 | | |", "RST-05 | regimen | unknown | 9 | 0 | | |",
    )  # fmt: skip
    rule = named("RST-04")
    assert strata(page(text)) == [
        ("By grade of the injury (2 levels)", [["Rule", "at least mild", "mild"], [rule, *["50 % (4/8)"] * 2]]),
        ("By indication (2 levels)", [["Rule", "sle", "none coded"], [rule, "100 % (8/8)", "0 % (0/8)"]]),
        ("By month of restart (2 levels)", [["Rule", "2023-01", "2023-02"], [rule, "33 % (1/3)", "50 % (4/8)"]]),
    ]


def test_a_rule_that_no_level_can_answer_has_no_line_and_one_that_some_cannot_has_a_dash() -> None:
    text = stratified(
        "STP-01 | site | north | 5 | 1 | 1 | 0 | 1.0", "STP-01 | site | south | 9 | 0 | 0 | 0 |",
        "RST-04 | site | south | 9 | 0 | 0 | 0 |", "RST-04 | site | north | 5 | 0 | 0 | 0 |",
        "MON-01 | site | north | 5 | 4 | 1 | 3 | 0.25",
    )  # fmt: skip
    assert strata(page(text)) == [
        (
            "By site (2 levels)",
            [
                ["Rule", "north", "south"],
                [named("MON-01"), "25 % (1/4)", DASH],
                [named("STP-01"), "100 % (1/1)", DASH],
            ],
        )
    ]


def test_of_many_sites_the_twelve_with_most_restarts_are_shown_in_the_order_of_their_names() -> None:
    sizes = {f"s{n:02d}": 5 for n in range(13)} | {"s12": 4, "s11": 6}
    text = stratified(
        *(f"RST-04 | site | {site} | {size} | 2 | 1 | 1 | 0.5" for site, size in sizes.items()),
        *(f"STP-01 | site | {site} | 1 | 0 | 0 | 0 |" for site in sizes),
    )
    [(summary, [head, row])] = strata(page(text))
    assert summary == "By site (12 levels, 1 more in measures.parquet)"
    assert head == ["Rule", *(f"s{n:02d}" for n in range(12))]
    assert row == [named("RST-04"), *["50 % (1/2)"] * 12]


def test_of_many_months_the_latest_twelve_are_shown_in_order() -> None:
    months = [f"2022-{n:02d}" for n in range(1, 13)] + ["2023-01", "2023-02"]
    sizes = {month: 100 - n for n, month in enumerate(months)}
    text = stratified(*(f"RST-04 | restart_month | {m} | {n} | 2 | 1 | 1 | 0.5" for m, n in sizes.items()))
    [(summary, [head, _])] = strata(page(text))
    assert summary == "By month of restart (12 levels, 2 more in measures.parquet)"
    assert head == ["Rule", *months[2:]]


def test_twelve_levels_are_all_shown() -> None:
    text = stratified(*(f"RST-04 | site | s{n:02d} | 1 | 2 | 1 | 1 | 0.5" for n in range(12)))
    assert [summary for summary, _ in strata(page(text))] == ["By site (12 levels)"]


def test_without_two_levels_nothing_is_compared() -> None:
    found = section(page(NOBODY), "strata")
    assert (found.all("details"), found.all("p")[-1].text) == ([], "No stratum to compare.")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"rate": 0.875, "passed": 7, "evaluable": 8}, "88 % (7/8)"),
        ({"rate": 0.004, "passed": 1, "evaluable": 250}, "0 % (1/250)"),
        ({"rate": None, "passed": 0, "evaluable": 0}, DASH),
    ],
)
def test_a_level_tells_its_rate_and_its_counts(row: Mapping[str, Any], said: str) -> None:
    assert strata_section.passed_of(row) == said
