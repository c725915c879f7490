"""The report is one page that needs nothing else, says under what it was judged, and counts as the tables count."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from audit.frames import EXPOSURES, LABS, PATIENTS, REJECTS, Staged
from audit.guideline import overlay
from audit.judge import judge
from audit.rules import rulebook
from flows.editions import load
from flows.pages import report
from flows.pages.report import Facts, render
from tests.flows import cohort

EDITION = load()
CONSERVATION = pl.DataFrame({"table_name": ["lab_results"], "read": [12345], "staged": [12340], "rejected": [5]})
UNLISTED = pl.DataFrame(
    {
        "table_name": ["lab_results"] * 25,
        "vocabulary": ["LOINC"] * 25,
        "code": [f"C{n:02d}" for n in range(25)],
        "rows": [9] * 25,
    }
)
MATCHED = pl.DataFrame(
    {
        "table_name": ["drug_exposures"] * 24,
        "vocabulary": ["name"] * 24,
        "code": [f"Imuran {n} mg" for n in range(1, 23)] + ["imuran <cream>", "alpha beta"],
        "concept": ["azathioprine"] * 24,
        "matched_by": ["name"] * 22 + ["near_miss"] * 2,
        "rows": [1234] * 24,
        "words_left": [None] * 22 + ["cream", None],
    }
)
RUN = {
    "run_id": "RUN-1",
    "extracted_on": "2024-06-29",
    "newest_result": "2024-06-28",
    "newest_draw": "2024-06-27",
    "newest_exposure": None,
    "as_of": "2023-12-31",
    "code": {"version": "0.1.0", "commit": "abcdef0123456789"},
    "codelists_hash": "c" * 64,
}
VOID = {"meta", "link", "br", "img", "line", "circle"}


class Page(HTMLParser):
    """A page's text, tables and references, held to well-formedness."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \n]+", " ", " ".join(self.words))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture(scope="module")
def facts() -> Facts:
    rejects = pl.DataFrame(
        [("lab_results", n, f"R{n}", "unknown_unit", "the unit is known", "{}") for n in (1, 2)],
        schema=REJECTS.schema, orient="row",
    )  # fmt: skip
    return Facts(
        judged=cohort.judged(30), patients=30, rejects=rejects, unlisted=UNLISTED, matched=MATCHED,
        conservation=CONSERVATION,
        notes=["inpatient_stays is missing: a slot missed during a stay cannot be excused"],
        guideline=EDITION, rules=rulebook(EDITION), run=RUN,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(facts: Facts) -> Page:
    return Page(render(facts))


def test_the_page_needs_nothing_but_itself(page: Page) -> None:
    assert page.count("script") == page.count("link") == page.count("img") == 0
    near = [attrs.get("href") or attrs.get("src") for _, attrs in page.tags if attrs.get("href") or attrs.get("src")]
    assert all(link.startswith("#") or link == "checks.html" for link in near), near


def test_no_style_reaches_for_anything(facts: Facts) -> None:
    style = re.search(r"<style>(.*?)</style>", render(facts), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_banner_says_under_what_it_was_judged(page: Page) -> None:
    assert "Audit signal, not a clinical verdict." in page.text
    assert EDITION.title in page.text
    assert "content is pending human review" in page.text
    assert "2025-10-25" in page.text
    assert EDITION.hash in page.text
    assert "2023-12-31" in page.text
    assert "RUN-1" in page.text


def test_every_table_has_a_caption_and_every_head_a_scope(page: Page) -> None:
    assert page.count("table") == page.count("caption") > 5
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags


def test_every_rule_has_a_line_with_the_articles_words(page: Page) -> None:
    for rule in rulebook(EDITION).values():
        assert f"{rule.id} {rule.title}" in page.text
        assert f"“{rule.statement}”" in page.text


def test_a_rules_line_counts_as_the_measures_count(page: Page, facts: Facts) -> None:
    row = facts.judged.measures.filter(pl.col("rule_id") == "RST-04", pl.col("stratum") == "overall").row(0, named=True)
    assert (row["applicable"], row["passed"], row["violation"]) == (20, 15, 5)
    line = page.text[page.text.index("RST-04 Not restarted") :]
    assert "20 20 15 0 5 0 75.0 % (53.1\u201388.8)" in line[: line.index("RST-05")]


def test_the_way_from_patients_to_episodes_is_counted(page: Page, facts: Facts) -> None:
    steps = {step["name"] or step["words"]: step["count"] for step in report.attrition(facts)}
    assert steps["patients ever on azathioprine"] == 30
    assert (steps["episode"], steps["documented without lab"], steps["thiopurine switch"]) == (20, 5, 5)
    assert steps["breaks"] == sum(steps[report.words(name)] for name in report.BREAK_CLASSES)


def test_recurrence_stands_beside_the_articles_figure(page: Page) -> None:
    assert "recurred in 25.0 % (11.2\u201346.9) of 20 evaluable restarts" in page.text
    assert "The article quotes 26 % (8 of 31, 95 % interval 13.7 % to 43.2 %)" in page.text
    assert "never a threshold" in page.text


def test_the_worklist_holds_every_violation_the_most_recent_first(page: Page, facts: Facts) -> None:
    shown = report.worklist(facts.judged)
    violations = facts.judged.findings.filter(pl.col("verdict") == "violation")
    assert len(shown["rows"]) == shown["total"] == violations.height
    dates = [row["event_date"] for row in shown["rows"]]
    assert dates == sorted(dates, reverse=True)
    assert all(row["message"] in page.text for row in shown["rows"])


def test_a_long_worklist_is_cut_and_says_where_the_rest_is(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "WORKLIST_ROWS", 3)
    text = Page(render(facts)).text
    assert "The 3 most recent of 55 violations. All of them are in findings.parquet" in text


def test_what_became_of_the_rows_is_shown(page: Page) -> None:
    assert "12\u202f345 12\u202f340 5" in page.text
    assert "unknown_unit the unit is known 2" in page.text
    assert "a slot missed during a stay cannot be excused" in page.text
    assert "The 20 most frequent of 25 codes" in page.text
    assert "C19" in page.text
    assert "C20" not in page.text


def test_the_basis_of_the_article_is_printed_with_the_results(page: Page) -> None:
    assert len(EDITION.basis) == 6
    for row in EDITION.basis:
        assert row.basis in page.text
        assert row.consequence in page.text


def test_the_full_set_of_parameters_is_printed(page: Page) -> None:
    for name in EDITION.parameters:
        assert name in page.text


def test_what_a_site_set_is_marked(facts: Facts) -> None:
    changed = overlay(EDITION, {"tolerance_weekly": 6})
    text = Page(render(replace(facts, guideline=changed, rules=rulebook(changed)))).text
    assert "set by the site: tolerance_weekly" in text
    assert "tolerance_weekly 6 d" in text
    assert "this site" in text


def test_text_from_the_data_is_only_text(facts: Facts) -> None:
    hostile = facts.judged.findings.with_columns(patient_id=pl.lit("<script>alert(1)</script>"))
    text = render(replace(facts, judged=replace(facts.judged, findings=hostile)))
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_an_audit_of_nobody_is_a_page_too() -> None:
    nobody = Staged(PATIENTS.empty(), LABS.empty(), EXPOSURES.empty())
    empty = judge(nobody, EDITION, cohort.AS_OF)
    text = Page(
        render(
            Facts(
                judged=empty, patients=0, rejects=REJECTS.empty(), unlisted=UNLISTED.clear(),
                matched=MATCHED.clear(), conservation=CONSERVATION,
                notes=[], guideline=EDITION, rules=rulebook(EDITION), run=RUN,
            )
        )
    ).text  # fmt: skip
    assert "No violation was found." in text
    assert "No restart of this cohort can answer yet" in text
    assert "No row was rejected." in text
    assert "Nothing was matched otherwise than by a code on a list." in text
    assert "No name looks like a listed drug without being matched." in text
    assert "Every code is on a list." in text


def test_what_matched_by_rule_is_shown_for_a_person_to_confirm(page: Page) -> None:
    heads = [
        "Names matched by rule: please confirm",
        "Looks like a listed drug but was not matched",
        "Codes on no list",
    ]
    places = [page.text.index(head) for head in heads]
    matched, missed = page.text[places[0] : places[1]], page.text[places[1] : places[2]]
    assert "The 20 most frequent of 22 names and codes whose concept was found otherwise" in matched
    assert "Imuran 20 mg" in matched
    assert "Imuran 21 mg" not in matched
    assert "drug_exposures name imuran <cream> azathioprine 1\u202f234 cream" in missed
    assert "None" not in matched + missed
    assert "The 20 most frequent of 25 codes that no code list knows" in page.text[places[2] :]


def test_a_level_with_few_is_shown_with_its_counts(facts: Facts) -> None:
    [site] = [table for table in report.strata(facts) if table["name"] == "site"]
    assert site["levels"] == ["north", "south"]
    [row] = [row for row in site["rows"] if row["title"].startswith("RST-04")]
    assert row["cells"] == ["50 % (5/10)", "100 % (10/10)"]


def test_many_levels_are_cut_to_the_largest_and_the_rest_counted(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LEVELS", 1)
    [site] = [table for table in report.strata(facts) if table["name"] == "site"]
    assert (len(site["levels"]), site["hidden"]) == (1, 1)
