"""The cells of an export of counts: by value, with the sums that hold among them and what is equal by definition."""

from datetime import date

import polars as pl
import pytest
from pydantic import ValidationError

from audit.rules import rulebook
from flows.editions import load
from flows.errors import Usage
from flows.export.aggregate.cells import EPISODES, Cell, cells, count, labels, verdicts_of
from flows.export.aggregate.make import judging
from tests.export.counted import frames, profile, several

EDITION = load()
RULES = {"RST-01": rulebook(EDITION)["RST-01"]}
SEVERE = {"RST-07": rulebook(EDITION)["RST-07"]}
GRADES = {"low": ["none", "mild"], "severe": ["severe"]}
EQUAL = [{"rule": "RST-07", "verdict": "violation", "stratum": "grade", "levels": ["severe"]}]
ROWS = several(
    (3, ("north", "mild", "pass")), (2, ("north", "severe", "violation")), (4, ("", "moderate", "pass")),
    (1, ("south", "none", "indeterminate")),
)  # fmt: skip
SITES = {"north": "1", "south": "2"}


def test_each_count_is_of_a_rule_and_verdict_at_a_level_of_each_table_and_its_margins() -> None:
    asked = profile(strata={"site": {}, "grade": {"levels": GRADES}}, tables=[["site", "grade"]])
    found = cells(asked, RULES, count(asked, *frames(ROWS), SITES)).counts
    assert found[Cell((), "", EPISODES)] == 10
    assert found[Cell((), "RST-01", "pass")] == 7
    assert found[Cell((("site", "1"),), "", EPISODES)] == 5
    assert found[Cell((("site", "unknown"),), "RST-01", "pass")] == 4
    assert found[Cell((("grade", "low"),), "RST-01", "pass")] == 3
    assert found[Cell((("grade", "other"),), "RST-01", "pass")] == 4
    assert found[Cell((("grade", "severe"), ("site", "1")), "RST-01", "violation")] == 2
    assert found[Cell((("grade", "severe"), ("site", "2")), "RST-01", "violation")] == 0
    nodes = {cell.node for cell in found}
    assert len(nodes) == 1 + 3 + 3 + 9
    assert {cell.measure for cell in found if cell.rule} == set(verdicts_of(RULES["RST-01"]))


def test_the_sums_that_hold_are_over_verdicts_and_over_levels() -> None:
    asked = profile(strata={"site": {}, "grade": {"levels": GRADES}}, tables=[["site", "grade"]])
    found = cells(asked, RULES, count(asked, *frames(ROWS), SITES))
    for whole, parts in found.sums:
        assert found.counts[whole] == sum(found.counts[part] for part in parts)
    verdicts = {len(parts) for whole, parts in found.sums if whole.rule == "" and parts[0].rule}
    assert verdicts == {len(verdicts_of(RULES["RST-01"]))}
    of = {
        (whole.node, tuple(part.node for part in parts))
        for whole, parts in found.sums
        if whole == Cell((), "RST-01", "pass")
    }
    assert of == {
        ((), ((("grade", "low"),), (("grade", "severe"),), (("grade", "other"),))),
        ((), ((("site", "1"),), (("site", "2"),), (("site", "unknown"),))),
    }
    site = (("site", "2"),)
    assert (
        Cell(site, "RST-01", "pass"),
        tuple(Cell((("grade", one), *site), "RST-01", "pass") for one in ("low", "severe", "other")),
    ) in found.sums


def test_what_is_equal_by_definition_is_a_sum_and_what_follows_from_it_is_0() -> None:
    asked = profile(strata={"grade": {"levels": GRADES}}, tables=[["grade"]], equal=EQUAL)
    rows = [(site, grade, "violation" if grade == "severe" else "pass") for site, grade, _ in ROWS]
    found = cells(asked, SEVERE, count(asked, *frames(rows, "RST-07"), SITES))
    severe, low = (("grade", "severe"),), (("grade", "low"),)
    assert (Cell((), "RST-07", "violation"), (Cell(severe, "", EPISODES),)) in found.sums
    assert (Cell(severe, "RST-07", "violation"), (Cell(severe, "", EPISODES),)) in found.sums
    assert Cell(low, "RST-07", "violation") in found.zeros
    assert Cell(severe, "RST-07", "pass") in found.zeros
    assert Cell(severe, "RST-07", "violation") not in found.zeros
    assert Cell(low, "RST-07", "pass") not in found.zeros


def test_what_is_said_to_be_equal_and_is_not_is_refused() -> None:
    asked = profile(strata={"grade": {"levels": GRADES}}, tables=[["grade"]], equal=EQUAL)
    with pytest.raises(Usage, match="is not so in this release"):
        cells(asked, SEVERE, count(asked, *frames([("north", "severe", "pass")], "RST-07"), SITES))
    with pytest.raises(Usage, match="no rule 'RST-07'"):
        cells(asked, RULES, count(asked, *frames(ROWS), SITES))


def test_the_level_of_a_restart() -> None:
    asked = profile(strata={"indication": {}, "restart_quarter": {}, "restart_year": {}}, tables=[["indication"]])
    episodes = pl.DataFrame(
        {
            "episode_id": ["a", "b", "c", "d"],
            "site_id": ["s"] * 4,
            "grade": ["mild"] * 4,
            "indications": ["ibd", "ibd|sle", None, "none_coded"],
            "restart_date": [date(2024, 3, 31), date(2024, 4, 1), date(2024, 12, 31), date(2025, 1, 1)],
        }
    )
    found = labels(asked, episodes, {})
    assert found["indication"].to_list() == ["ibd", "several", "unknown", "none_coded"]
    assert found["restart_quarter"].to_list() == ["2024-Q1", "2024-Q2", "2024-Q4", "2025-Q1"]
    assert found["restart_year"].to_list() == ["2024", "2024", "2024", "2025"]


def test_rules_that_only_describe_have_no_counts() -> None:
    assert "RST-05" not in judging(EDITION)
    assert {"RST-01", "MON-01", "STP-06"} <= judging(EDITION).keys()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"strata": {"ward": {}}}, "no stratum 'ward'"),
        ({"strata": {"site": {}}, "tables": [["grade"]]}, "the stratum 'grade', which the profile does not declare"),
        ({"strata": {"site": {}}, "tables": [["site", "site"]]}, "a table has one stratum, or 2 different ones"),
        (
            {"strata": {"site": {}, "grade": {}, "indication": {}}, "tables": [["site", "grade", "indication"]]},
            "a table",
        ),
        ({"strata": {"grade": {"levels": {"a": ["mild"], "b": ["mild"]}}}}, "two levels take in the value 'mild'"),
        ({"strata": {"grade": {"levels": {"other": ["mild"]}}}}, "the level 'other'"),
        ({"threshold": 1}, "greater than or equal to 2"),
        ({"base": 0}, "greater than or equal to 1"),
        ({"threshold": 5, "base": 6}, "base must not be above threshold"),
        ({"calendar": "week"}, "'month' or 'quarter'"),
        ({"forms": []}, "at least 1 item"),
        ({"k": 5}, "Extra inputs"),
        ({"equal": EQUAL}, "no level 'severe' is declared"),
    ],
)
def test_a_profile_that_says_what_cannot_be_is_refused(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        profile(**said)
