"""The page for meetings: no ids, no dates, no charts, and no breakdown of which a cell is below ten."""

import re
from dataclasses import replace
from typing import Any

import pytest

from flows.pages import meeting
from flows.pages.facts import Facts
from tests.flows import charted, made
from tests.flows.browser import Asked
from tests.flows.markup import Node, tree

MEASURES = """
-- measures
rule_id    | stratum       | level      | episodes | applicable | evaluable | passed | advisory | violation | indeterminate | rate | rate_low | rate_high
RST-04     | overall       | all        | 100      | 100        | 90        | 60     | 0        | 30        | 10            | 0.66 | 0.6      | 0.7
STP-01     | overall       | all        | 100      | 100        | 91        | 60     | 0        | 31        | 9             | 0.66 | 0.6      | 0.7
MON-01     | overall       | all        | 100      | 90         | 90        | 50     | 30       | 10        | 0             | 0.55 | 0.5      | 0.6
RST-04     | grade         | mild       | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | grade         | severe     | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | site          | north      | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | site          | south      | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | restart_month | 2023-01    | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | restart_month | 2023-02    | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | indication    | ibd        | 60       | 60         | 50        | 40     | 0        | 10        | 10            | 0.8  | 0.7      | 0.9
RST-04     | indication    | sle        | 60       | 60         | 50        | 41     | 0        | 9         | 10            | 0.8  | 0.7      | 0.9
recurrence | overall       | all        | 100      | 100        | 40        |        |          |           | 60            | 0.25 | 0.1      | 0.4
"""  # noqa: E501


def page(text: str = MEASURES, **changes: Any) -> Node:
    return tree(meeting.render(made.facts(text, **changes)))


def rules(shown: Node) -> list[str]:
    return [one.text.split()[0] for one in made.section(shown, "rules").all("th", scope="row")]


def test_nothing_of_persons_places_or_days_is_shown() -> None:
    facts = charted.facts()
    text = meeting.render(replace(facts, patients=50, run={**made.RUN, "as_of": "2024-01-31"}))
    others = text.replace(facts.guideline.edition, "")
    assert re.search(r"\d{4}-\d{2}", others) is None
    assert "first quarter of 2024" in text
    words = tree(text).words
    for private in ("p1", "e1", "L3", "north", "RUN-1", "Some gaps", "0123456789ab"):
        assert private not in words.split(), private
    assert tree(text).all("script") == tree(text).all("svg") == tree(text).all("details", _class="chart") == []
    assert Asked(text).found == []


def test_a_rule_with_a_cell_below_ten_is_left_out_and_named() -> None:
    shown = page()
    assert rules(shown) == ["RST-04", "MON-01"]
    told = shown.one("header").all("p")[1].text
    assert told.startswith("For meetings: no ids, no dates, no charts of persons.")
    assert "below 10 is left out whole: RST-05, STP-01" in told


def test_a_verdict_that_a_rule_cannot_give_is_no_cell() -> None:
    given = page(MEASURES.replace("50     | 30       | 10        | 0 ", "50     | 30       | 10        | 1 "))
    assert rules(given) == ["RST-04"], "one that could not be judged is a cell of one"


def test_of_the_strata_only_those_without_places_days_and_small_cells_are_shown() -> None:
    [table] = made.section(page(), "strata").all("table")
    assert [row[0] for row in table.rows()] == ["Rule", "RST-04 Not restarted at the dose that harmed"]
    assert table.rows()[0][1:] == ["mild", "severe"]


@pytest.mark.parametrize(("rate", "is_shown"), [("0.25", True), ("0.225", False), ("0.775", False), ("0.75", True)])
def test_recurrence_is_shown_where_neither_who_recurred_nor_who_did_not_are_few(rate: str, is_shown: bool) -> None:
    shown = page(MEASURES.replace("| 0.25 | 0.1 ", f"| {rate} | 0.1 "))
    assert len(shown.all("h2", id="recurrence")) == is_shown


@pytest.mark.parametrize(("patients", "first"), [(10, "10"), (9, None)])
def test_a_small_figure_is_left_out(patients: int, first: str | None) -> None:
    tiles = page(patients=patients).all("ul", _class="tiles")
    figures = [one.one("b").text for tile in tiles for one in tile.all("li") if "ever on" in one.text]
    assert figures == ([first] if first else [])


def test_the_way_to_the_restarts_is_shown_only_where_each_class_is_large() -> None:
    assert page().all("h2", id="attrition") == []
    classes = ("episode", "no_elevation", "documented_without_lab", "unobserved", "new_start", "short_interruption",
               "thiopurine_switch")  # fmt: skip
    assert len(attrition(10, classes).all("h2", id="attrition")) == 1
    assert attrition(9, classes).all("h2", id="attrition") == []


def attrition(n: int, classes: tuple[str, ...]) -> Node:
    breaks = "\n".join(f"{name}{k} | {name}" for name in classes for k in range(10 if name != "new_start" else n))
    episodes = "\n".join(f"e{k} | episode{k}" for k in range(10))
    text = f"-- breaks\npatient_id | break_class\n{breaks}\n-- episodes\nepisode_id | patient_id\n{episodes}\n"
    return page(text + MEASURES)


@pytest.mark.parametrize(("n", "is_shown"), [(10, True), (9, False)])
def test_what_could_not_be_judged_is_shown_only_where_each_reason_is_large(n: int, is_shown: bool) -> None:
    rows = [("too_early", 10), ("grade_open", n)]
    lines = "\n".join(f"e{k} | R1 | indeterminate | {name}" for name, times in rows for k in range(times))
    shown = page(f"-- findings\nepisode_id | rule_id | verdict | reason\n{lines}\n{MEASURES}")
    assert len(shown.all("h2", id="trust")) == is_shown


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2024-01-01", "first quarter of 2024"), ("2024-03-31", "first quarter of 2024"),
        ("2024-04-01", "second quarter of 2024"), ("2024-12-31", "fourth quarter of 2024"),
    ],
)  # fmt: skip
def test_the_time_is_told_by_its_quarter(as_of: str, said: str) -> None:
    assert meeting.quarter(as_of) == said


def test_only_sections_that_are_named_are_shown() -> None:
    ids = [one.attrs["id"] for one in page().all("h2")]
    assert set(ids) <= set(meeting.SHOWN)
    assert not set(meeting.SHOWN) & {"since", "act_now", "lapsing", "findings", "quality", "charts"}


def test_the_facts_that_are_shown_are_those_that_were_kept() -> None:
    kept: Facts = meeting.coarse(made.facts(MEASURES))
    assert set(kept.judged.measures["stratum"]) == {"overall", "grade"}
    assert list(kept.rules) == ["RST-04", "MON-01"]
