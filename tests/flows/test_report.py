"""The report is one page that needs nothing else, says under what it was judged, and counts as the tables count."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from audit import vocabulary
from audit.frames import EXPOSURES, LABS, PATIENTS, REJECTS, RELEASED, Staged
from audit.judge import judge
from audit.rules import rulebook
from audit.vocabulary import URGENCIES
from flows.editions import load
from flows.pages import sections
from flows.pages.environment import TEMPLATES
from flows.pages.facts import Facts, facts_of
from flows.pages.report import render
from flows.pages.sections import attrition, strata
from flows.wording import words
from tests.flows import cohort, made
from tests.flows.markup import Node, tree

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


@pytest.fixture(scope="module")
def facts() -> Facts:
    rejects = pl.DataFrame(
        [("lab_results", n, f"R{n}", "unknown_unit", "the unit is known", "{}") for n in (1, 2)],
        schema=REJECTS.schema, orient="row",
    )  # fmt: skip
    return made.facts(
        judged=cohort.judged(30), patients=30, rejects=rejects, unlisted=UNLISTED, matched=MATCHED,
        conservation=CONSERVATION,
        notes=["inpatient_stays is missing: a slot missed during a stay cannot be excused"],
        rules=rulebook(EDITION), run=RUN,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(facts: Facts) -> Node:
    return tree(render(facts))


def test_a_section_is_a_module_a_template_and_a_place_on_the_page() -> None:
    modules = {path.stem for path in Path(sections.__file__).parent.glob("[a-z]*.py")}
    templates = {path.name.removesuffix(".html.j2") for path in (TEMPLATES / "sections").iterdir()}
    assert modules == templates == sections.SECTIONS.keys()


def test_the_page_needs_nothing_but_itself(page: Node) -> None:
    assert len(page.all("link")) == len(page.all("img")) == 0
    scripts = [(one.attrs.get("type"), one.attrs.get("id")) for one in page.all("script")]
    json = "application/json"
    assert scripts == [(json, "findings-data"), (json, "charts-data"), (None, None)]
    assert all("src" not in one.attrs for one in page.all("script"))
    links = [one.attrs.get("href") or one.attrs.get("src") for one in page.within()]
    near = [link for link in links if link]
    assert all(link.startswith("#") or link == "checks.html" for link in near), near


def test_no_style_reaches_for_anything(facts: Facts) -> None:
    style = re.search(r"<style>(.*?)</style>", render(facts), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_banner_says_under_what_it_was_judged(page: Node) -> None:
    assert "Audit signal, not a clinical verdict." in page.words
    assert EDITION.title in page.words
    assert "content is pending human review" in page.words
    assert "2025-10-25" in page.words
    assert EDITION.hash in page.words
    assert "2023-12-31" in page.words
    assert "RUN-1" in page.words


def test_every_table_has_a_caption_and_every_head_a_scope(page: Node) -> None:
    assert len(page.all("table")) == len(page.all("caption")) > 5
    assert all("scope" in head.attrs for head in page.all("th"))
    assert page.one("html").attrs == {"lang": "en"}


def test_every_rule_has_a_line_with_the_articles_words(page: Node) -> None:
    for rule in rulebook(EDITION).values():
        assert f"{rule.id} {rule.title}" in page.words
        assert f"“{rule.statement}”" in page.words


def test_a_rules_line_counts_as_the_measures_count(page: Node, facts: Facts) -> None:
    row = facts.judged.measures.filter(pl.col("rule_id") == "RST-04", pl.col("stratum") == "overall").row(0, named=True)
    assert (row["applicable"], row["passed"], row["violation"]) == (20, 15, 5)
    line = page.words[page.words.index("RST-04 Not restarted") :]
    assert "20 20 15 0 5 0 75.0 % (53.1\u201388.8)" in line[: line.index("RST-05")]


def test_the_way_from_patients_to_episodes_is_counted(page: Node, facts: Facts) -> None:
    steps = {step["name"] or step["words"]: step["count"] for step in attrition.attrition(facts)}
    assert steps["patients ever on azathioprine"] == 30
    assert (steps["episode"], steps["documented without lab"], steps["thiopurine switch"]) == (20, 5, 5)
    assert steps["breaks"] == sum(steps[words(name)] for name in attrition.BREAK_CLASSES)
    assert set(attrition.BREAK_CLASSES) == set(vocabulary.BREAK_CLASSES)


def test_recurrence_stands_beside_the_articles_figure(page: Node) -> None:
    assert "recurred in 25.0 % (11.2\u201346.9) of 20 evaluable restarts" in page.words
    assert "The article quotes 26 % (8 of 31, 95 % interval 13.7 % to 43.2 %)" in page.words
    assert "never a threshold" in page.words


def test_every_violation_is_listed_the_most_urgent_and_recent_first(page: Node, facts: Facts) -> None:
    violations = facts.judged.findings.filter(pl.col("verdict") == "violation")
    shown = [row for row in made.found(page) if row["verdict"] == "violation"]
    assert {(row["episode"], row["rule"], row["sentence"]) for row in shown} == set(
        violations.select("episode_id", "rule_id", "message").iter_rows()
    )
    assert len(shown) == violations.height
    order = [(URGENCIES.index(row["urgency"].replace(" ", "_")), row["event"]) for row in shown]
    assert order == sorted(order, key=lambda one: (one[0], [-ord(sign) for sign in one[1]]))


def test_what_became_of_the_rows_is_shown(page: Node) -> None:
    assert "12\u202f345 12\u202f340 5" in page.words
    assert "unknown_unit the unit is known 2" in page.words
    assert "a slot missed during a stay cannot be excused" in page.words
    assert "The 20 most frequent of 25 codes" in page.words
    assert "C19" in page.words
    assert "C20" not in page.words


def test_text_from_the_data_is_only_text(facts: Facts) -> None:
    hostile = facts.judged.findings.with_columns(patient_id=pl.lit("<script>alert(1)</script>"))
    text = render(replace(facts, judged=replace(facts.judged, findings=hostile)))
    assert "<script>alert" not in text
    assert "\\u003cscript\\u003ealert(1)" in text


def test_an_audit_of_nobody_is_a_page_too() -> None:
    nobody = Staged(PATIENTS.empty(), LABS.empty(), EXPOSURES.empty())
    empty = judge(nobody, EDITION, cohort.AS_OF)
    text = tree(
        render(
            made.facts(
                judged=empty, patients=0, rejects=REJECTS.empty(), unlisted=UNLISTED.clear(), matched=MATCHED.clear(),
                notes=[], rules=rulebook(EDITION),
            )
        )
    ).words  # fmt: skip
    assert "Every finding is pass or not applicable." in text
    assert "No restart of this cohort can answer yet" in text
    assert "No row was rejected." in text
    assert "Nothing was matched otherwise than by a code on a list." in text
    assert "No name looks like a listed drug without being matched." in text
    assert "Every code is on a list." in text


def test_what_matched_by_rule_is_shown_for_a_person_to_confirm(page: Node) -> None:
    heads = [
        "Codes on no list",
        "Printed upper limits",
        "Names matched by rule: please confirm",
        "Looks like a listed drug",
    ]
    codes, limits, names, near = (page.words.index(head) for head in heads)
    assert codes < limits < names < near
    matched, missed = page.words[names:near], page.words[near:]
    assert "The 20 most frequent of 22 names and codes whose concept was found otherwise" in matched
    assert "Imuran 7 mg" in matched
    assert "Imuran 8 mg" not in matched
    assert "drug_exposures name imuran <cream> azathioprine 1\u202f234 cream" in missed
    assert "None" not in matched + missed
    assert "The 20 most frequent of 25 codes that no code list knows" in page.words[codes:limits]


def test_a_level_with_few_is_shown_with_its_counts(facts: Facts) -> None:
    [site] = [table for table in strata.strata(facts) if table["name"] == "site"]
    assert site["levels"] == ["north", "south"]
    [row] = [row for row in site["rows"] if row["title"].startswith("RST-04")]
    assert row["cells"] == ["50 % (5/10)", "100 % (10/10)"]


class Kept(dict[str, object]):
    """The manifest of a release that a home keeps: it tells what it told when it was written."""

    def __missing__(self, key: str) -> object:
        pytest.fail(f"no release that homes keep tells {key}: facts_of asks said.get for it")


def test_the_page_of_a_kept_release_needs_nothing_that_its_manifest_does_not_tell() -> None:
    said = Kept(
        {**made.RUN, "conservation": made.CONSERVATION.to_dicts(), "notes": ["one"], "warnings": []},
        usual_rows={"median": {}, "releases": []},
        predecessor=None,
        not_compared="it is the first",
    )
    tables = {frame.name: frame.empty() for frame in RELEASED}
    facts = facts_of(tables, EDITION, said)
    assert (facts.notes, facts.not_compared, facts.patients) == (["one"], "it is the first", 0)
    assert render(facts)
