"""checks.html says in its first line whether the night's data passed, and of every check what it asks and what came."""

import re
from dataclasses import replace
from html import unescape

import polars as pl
import pytest

from audit.frames import CONSERVATION, EXPECTATIONS, REJECTS
from expectations import TABLES
from flows.editions import load
from flows.intake.settle import DISPOSITIONS
from flows.intake.suites import checks_of
from flows.pages.checks import Checks, render, verdict
from flows.wording import plain_percent
from tests.flows.markup import tree

RUN = {"run_id": "RUN-1", "as_of": "2026-06-30"}
READ = {"patients": 1000, "drug_exposures": 2400, "lab_results": 36812, "clinical_events": 0, "inpatient_stays": 0}


def made(rejected: int = 0, *, failing: dict[str, int] | None = None, stopped: tuple[str, ...] = ()) -> Checks:
    """Return a night in which `rejected` results are rejected, and checks fail by reason."""
    failing = failing or {}
    rows = []
    for table in TABLES:
        for precedence, check in enumerate(checks_of(table), start=1):
            failed = failing.get(check.reason, 0) if table.name == "lab_results" else 0
            if check.action == "stop" and table.name in stopped and check.reason == "too_many_rejects":
                failed = 1
            rows.append((table.name, precedence, check.rule, check.action, check.reason, failed, failed == 0))
    counts = []
    for name, read in READ.items():
        out = rejected if name == "lab_results" else 0
        rest = dict.fromkeys(DISPOSITIONS, 0) | {"staged": read - out, "rejected": out}
        counts.append({"table_name": name, "read": read, **rest})
    return Checks(
        expectations=pl.DataFrame(rows, schema=EXPECTATIONS.schema, orient="row"),
        conservation=pl.DataFrame(counts, schema=CONSERVATION.schema),
        rejects=REJECTS.empty(),
        allowed=0.05,
        guideline=load(),
        run=RUN,
    )


def lines(checks: Checks) -> dict[tuple[str, str], list[str]]:
    """Return the cells of each check by table and what it asks."""
    found, table = {}, ""
    for row in re.findall(r"<tr.*?</tr>", render(checks), re.DOTALL):
        cells = [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        if len(cells) == 1:
            table = cells[0].split(":")[0]
        elif cells[0] != "What is asked":
            found[table, cells[0]] = cells
    return found


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (made(), "The data passed: of 40\u202f212 rows read none was rejected."),
        (
            made(1, failing={"unknown_unit": 1}),
            "The data passed: of 40\u202f212 rows read 1 was rejected (below 0.1 %), within the 5 % of a table that "
            "the site allows.",
        ),
        (
            made(1200, failing={"unknown_unit": 1200}),
            "The data passed: of 40\u202f212 rows read 1\u202f200 were rejected (3 %), within the 5 % of a table that "
            "the site allows.",
        ),
        (
            made(30000, failing={"unknown_unit": 30000}, stopped=("patients", "lab_results")),
            "The data did not pass: patients, lab_results would stop an audit, and nothing would be released.",
        ),
    ],
)
def test_the_first_line_says_whether_the_data_passed(checks: Checks, said: str) -> None:
    assert verdict(checks) == said
    page = render(checks)
    assert f"<strong>{said}</strong>" in page
    assert page.index(said) < page.index("<table")
    assert "Failed" not in page


def test_rows_of_a_source_that_never_became_rows_are_told() -> None:
    lost = pl.DataFrame([("source.drug_exposure", 1, "7", "no_patient", "", "{}")], schema=REJECTS.schema, orient="row")
    assert verdict(replace(made(), rejects=lost)) == (
        "The data passed: of 40\u202f212 rows read none was rejected; 1 more of the source never became rows of these "
        "tables."
    )


def test_every_check_has_a_line() -> None:
    found = lines(made(12, failing={"unknown_unit": 12}))
    declared = [(table.name, check) for table in TABLES for check in checks_of(table)]
    assert list(found) == [(name, check.rule) for name, check in declared]
    assert [cells[1] for cells in found.values()] == [check.reason for _, check in declared]
    assert found["lab_results", "unit is one of this analyte"] == [
        "unit is one of this analyte", "unknown_unit", "rejects the row", "12 of 36\u202f812", "12 rejected",
    ]  # fmt: skip
    assert found["lab_results", "value is a number"][3:] == ["0 of 36\u202f812", "passed"]
    assert found["patients", "the table has rows"][2:] == ["stops the run", "the whole table", "passed"]
    assert found["clinical_events", "event_id is given"][3:] == ["0 of 0", "nothing to check"]
    allowed = found["clinical_events", "no more rows are rejected than the site allows"]
    assert allowed[2:] == ["stops the run", "the whole table", "passed"]


def test_a_broken_stop_says_so() -> None:
    found = lines(made(9, stopped=("lab_results",)))
    assert found["lab_results", "no more rows are rejected than the site allows"][4] == "broken: stops the run"


def test_each_table_is_headed_by_its_rows_and_its_rejects() -> None:
    page = tree(render(made(1200, failing={"unknown_unit": 1200})))
    assert [row.text for row in page.all("tr", _class="group")] == [
        "patients: 1\u202f000 rows read, 0 rejected",
        "drug_exposures: 2\u202f400 rows read, 0 rejected",
        "lab_results: 36\u202f812 rows read, 1\u202f200 rejected (3.3 %)",
        "clinical_events: 0 rows read, 0 rejected",
        "inpatient_stays: 0 rows read, 0 rejected",
    ]
    declared = sum(len(checks_of(table)) for table in TABLES)
    assert page.one("caption").text == f"{declared} checks, one line each, by table"


def test_a_line_has_the_colour_of_how_it_came_out() -> None:
    page = tree(render(made(12, failing={"unknown_unit": 12}, stopped=("lab_results",))))
    rows = {row.cells()[0].text: row.cells()[3:] for row in page.all("tr") if len(row.cells()) == 5}
    asked = ("value is a number", "unit is one of this analyte", "no more rows are rejected than the site allows")
    assert [tuple(cell.classes for cell in rows[what]) for what in asked] == [
        ("num inline zero", "nowrap inline pass"),
        ("num inline", "nowrap inline advisory"),
        ("num inline zero", "nowrap inline pass"),  # of the last table that asks it
    ]
    broken = [row.cells() for row in page.all("tr") if row.text.endswith("broken: stops the run")]
    assert [(cells[3].text, cells[3].classes, cells[4].classes) for cells in broken] == [
        ("the whole table", "num inline", "nowrap inline violation")
    ]


@pytest.mark.parametrize(("stopped", "ink"), [((), ""), (("lab_results",), "violation")])
def test_the_first_line_is_red_where_the_data_did_not_pass(stopped: tuple[str, ...], ink: str) -> None:
    page = tree(render(made(9, stopped=stopped)))
    assert page.one("header").all("p")[0].classes == ink
    assert page.one("title").text == "Checks of the data as of 2026-06-30"
    assert page.one("header").all("p")[1].text == "Audit as of 2026-06-30, run RUN-1: back to the report."


def test_a_table_without_a_check_has_no_head() -> None:
    checks = made()
    some = checks.expectations.filter(pl.col("table_name") == "patients")
    page = tree(render(replace(checks, expectations=some)))
    assert [row.text.split(":")[0] for row in page.all("tr", _class="group")] == ["patients"]


def test_the_page_is_well_formed_and_needs_nothing_but_itself() -> None:
    page = tree(render(made(12, failing={"unknown_unit": 12})))
    assert len(page.all("script")) == len(page.all("link")) == len(page.all("img")) == 0
    near = {one.attrs["href"] for one in page.within() if one.attrs.get("href")}
    assert near == {"#main", "report.html"}


@pytest.mark.parametrize(
    ("n", "whole", "said"),
    [
        (0, 0, "0 %"), (0, 7, "0 %"), (1, 100_000, "below 0.1 %"), (1, 1000, "0.1 %"), (5, 100, "5 %"),
        (125, 1000, "12.5 %"), (99_999, 100_000, "99.9 %"), (7, 7, "100 %"), (0.05, 1, "5 %"),
    ],
)  # fmt: skip
def test_a_share_is_never_nothing_or_all_by_rounding(n: float, whole: float, said: str) -> None:
    assert plain_percent(n, whole) == said
