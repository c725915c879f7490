"""The face of the report, what it rests on, and its foot: under what was judged, how fresh, and by which run."""

from datetime import date
from typing import Any

import pytest

from audit.guideline import overlay
from flows.pages import report
from flows.pages.sections import limits
from flows.release import Freshness, Usual
from tests.flows import made
from tests.flows.made import DASH, EDITION, RUN, THIN, page, section
from tests.flows.markup import Node


@pytest.fixture(scope="module")
def shown() -> Node:
    return page()


def facts_of(shown: Node) -> dict[str, str]:
    """Return the facts at the top by their name."""
    return {one.one("dt").text: one.one("dd").text for one in shown.one("dl", _class="facts").all("div")}


# --- The face -------------------------------------------------------------------------------------


def test_the_face_says_under_what_it_was_judged(shown: Node) -> None:
    assert shown.one("title").text == "Restart audit as of 2024-01-31"
    header = shown.one("header")
    assert header.one("h1").text == "Restarts of azathioprine after raised liver enzymes as of 2024-01-31"
    assert header.one("p", _class="banner").text == (
        f"Audit signal, not a clinical verdict. Judged against “{EDITION.title}”, which is marked “content is pending "
        "human review”. Each line says what the records show, not what was right for a patient."
    )
    assert facts_of(shown) == {
        "Guideline edition": "dr-oracle-2025, updated 2025-10-25",
        "Review status": "content is pending human review",
        "As-of date": "2024-01-31",
        "Extracted on": "2024-01-30",
        "Newest result": "2024-01-29",
        "Newest draw": "2024-01-28",
        "Newest exposure": "2024-01-27",
        "Parameters": EDITION.hash[:12],
    }


def test_a_day_that_is_not_known_is_said_to_be_so() -> None:
    days = dict.fromkeys(("extracted_on", "newest_result", "newest_draw", "newest_exposure"))
    found = facts_of(page(run={**RUN, **days}))
    assert [found[name] for name in ("Extracted on", "Newest result", "Newest draw", "Newest exposure")] == [
        "not told", "none", "none", "none",
    ]  # fmt: skip


def test_what_a_site_set_is_named_and_marked() -> None:
    changed = overlay(EDITION, {"tolerance_weekly": 6, "min_break_days": 15})
    shown = page(guideline=changed)
    assert facts_of(shown)["Parameters"] == (
        f"{changed.hash[:12]}, set by the site: {', '.join(changed.overlaid)}"
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in section(shown, "parameters").one("table").rows()}
    weekly, quarterly = rows["tolerance_weekly"], rows["tolerance_quarterly"]
    assert (weekly[0], weekly[2]) == ("6 d", "this site")
    assert quarterly[2] != "this site"


def test_a_warning_stands_above_all_else_and_only_where_there_is_one(shown: Node) -> None:
    warned = page(warnings=["the feed holds no result", "patients has 3 rows"]).one("header").all("p")[0]
    assert warned.text == "Warning: the feed holds no result; patients has 3 rows."
    assert (warned.classes, warned.attrs["role"]) == ("banner alarm", "alert")
    assert shown.all("p", _class="alarm") == []


# --- The rows received ----------------------------------------------------------------------------


def volumes(shown: Node) -> dict[str, Any]:
    table = shown.one("table", _class="volumes")
    return {
        "caption": table.one("caption").text,
        "rows": table.rows(),
        "low": [row.cells()[0].text for row in table.all("tr", _class="low")],
        "summary": [one.one("summary").text for one in header(shown)],
        "is_open": ["open" in one.attrs for one in header(shown)],
        "releases": [([p.text for p in one.all("p")], [li.text for li in one.all("li")]) for one in header(shown)],
    }


def header(shown: Node) -> list[Node]:
    return shown.one("header").all("details")


def fresh(usual: dict[str, float], *releases: str) -> Freshness:
    rows = {"patients": 1000, "lab_results": 499, "drug_exposures": 500, "clinical_events": 7, "inpatient_stays": 0}
    return Freshness(date(2024, 1, 31), None, None, None, None, rows=rows, usual=Usual(usual, releases))


def test_the_rows_received_stand_beside_the_usual_ones() -> None:
    usual = {"patients": 1000.5, "lab_results": 1000.0, "drug_exposures": 1000.0, "clinical_events": 0.0}
    assert volumes(page(freshness=fresh(usual, "R1", "R2"))) == {
        "caption": "Rows received beside the usual ones (median of the last 2 releases)",
        "rows": [
            ["Table", "Rows", "Usual", "Share"],
            ["patients", f"1{THIN}000", f"1{THIN}000.5", "99.9 %"],
            ["lab_results less than half", "499", f"1{THIN}000", "49.9 %"],
            ["drug_exposures", "500", f"1{THIN}000", "50 %"],
            ["clinical_events", "7", "0", "new"],
            ["inpatient_stays", "0", DASH, DASH],
        ],
        "low": ["lab_results less than half"],
        "summary": ["Rows received: lab_results with less than half of the usual (median of the last 2 releases)"],
        "is_open": [True],
        "releases": [(["The releases compared with, the oldest first:"], ["R1", "R2"])],
    }


def test_one_release_to_compare_with_is_one() -> None:
    found = volumes(page(freshness=fresh({"patients": 10.0}, "R1")))
    assert found["caption"] == "Rows received beside the usual ones (median of the last release)"
    assert found["releases"] == [(["The release compared with, the oldest first:"], ["R1"])]
    assert (found["summary"], found["is_open"]) == (["Rows received: 5 tables (median of the last release)"], [False])


def test_without_a_release_to_compare_with_only_the_rows_are_told() -> None:
    found = volumes(page(freshness=fresh({})))
    assert found["caption"] == "Rows received (no earlier release to compare them with)"
    assert found["rows"][:2] == [["Table", "Rows"], ["patients", f"1{THIN}000"]]
    assert found["summary"] == ["Rows received: 5 tables (no earlier release to compare them with)"]
    assert (found["low"], found["releases"]) == ([], [([], [])])


def test_without_freshness_no_rows_are_told(shown: Node) -> None:
    assert (shown.all("table", _class="volumes"), header(shown)) == ([], [])


# --- What it rests on, and the foot ---------------------------------------------------------------


def test_the_basis_is_the_editions_in_its_order(shown: Node) -> None:
    assert len(EDITION.basis) == 6
    assert section(shown, "basis").one("table").rows() == [
        ["Statement", "Basis", "Consequence for the audit"],
        *([row.statement, row.basis, row.consequence] for row in EDITION.basis),
    ]


def test_what_the_audit_cannot_see_is_listed(shown: Node) -> None:
    said = [item.text for item in section(shown, "limits").all("li")]
    assert said == list(limits.LIMITS)
    assert len(said) == 6
    assert "An indeterminate verdict is not a good one: it says that the records cannot answer." in said


def test_every_parameter_is_told_with_its_value_its_words_and_its_source(shown: Node) -> None:
    found = section(shown, "parameters")
    assert found.one("summary").text == f"All {len(EDITION.parameters)} values, with unit and source"
    assert found.one("caption").text == f"The full set in force; hash {EDITION.hash}"
    head, *rows = found.one("table").rows()
    assert head == ["Parameter", "Value", "Meaning", "Source"]
    assert [row[0] for row in rows] == sorted(EDITION.parameters)
    weeks = EDITION["min_break_days"]
    assert ["min_break_days", "14 d", weeks.statement, f"{weeks.source}, {weeks.locator}"] in rows


def test_the_foot_names_the_run(shown: Node) -> None:
    [run, notice] = [p.text for p in shown.one("footer").all("p")]
    assert run == (
        "Run RUN-1 of rechallenge 1.2.3 (abcdef012345); code lists 0123456789ab. Everything with its hashes is in "
        "manifest.json."
    )
    assert notice == (
        "Audit signal, not a clinical verdict. Guideline dr-oracle-2025, updated 2025-10-25, content is pending human "
        "review; as of 2024-01-31. This page holds patient data: treat it as a clinical record."
    )


def test_code_without_a_commit_is_told_by_its_version() -> None:
    bare = page(run={**RUN, "code": {"version": "1.2.3", "commit": None}})
    assert bare.one("footer").all("p")[0].text.startswith("Run RUN-1 of rechallenge 1.2.3; code lists")


def test_the_drug_on_the_page_is_the_editions() -> None:
    shown = page(guideline=overlay(EDITION, {"audited_drug": "allopurinol"}))
    assert shown.one("h1").text == "Restarts of allopurinol after raised liver enzymes as of 2024-01-31"
    assert "patients ever on allopurinol" in shown.one("ul", _class="tiles").text
    assert section(shown, "attrition").one("ul").all("li")[0].text.startswith("patients ever on allopurinol")


def test_every_class_that_the_data_choose_has_a_style(shown: Node) -> None:
    style = shown.one("style").text
    wanted = (
        "ul.tiles li.alarm b { color: var(--violation); }", ".steps .off i { background: var(--idle); }",
        ".zero { color: var(--soft); }", "table.volumes tr.low > * { color: var(--violation); }",
        ".pass { color: var(--pass); } .advisory { color: var(--advisory-ink); }",
        ".violation { color: var(--violation); }",
        "--pass: #2f7d4f; --advisory: #e0a63a; --violation: #b3261e; --indeterminate: #b9c3ce;",
    )  # fmt: skip
    assert [rule for rule in wanted if rule not in style] == []


def test_the_same_facts_give_the_same_page() -> None:
    assert report.render(made.facts()) == report.render(made.facts())
