"""Whatever the data says stays text: in the page, in what its script reads, in pictures and in attributes."""

import json
import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from audit.frames import MARKS
from flows.pages import person
from flows.pages.embedded import as_json, policy, script
from flows.pages.report import render
from tests.flows import charted, made
from tests.flows.browser import Asked
from tests.flows.markup import tree

HOSTILE = (
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "\" onload=\"alert(1)", "' onload='alert(1)",
    "<img src=x onerror=alert(1)>", "\u2028\u2029", "\u202egnp.x\u202c", "\u200f\u2067x", "\x00\x01\x1b[31m",
    "&lt;b&gt;&amp;", "{{ 7 * 7 }}", "\ud800", "\\u003c", "javascript:alert(1)", "%3Cscript%3E",
)  # fmt: skip
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\x00-\x08\x0b-\x1f]")


@pytest.mark.parametrize("said", HOSTILE)
def test_no_text_leaves_the_script_element_that_holds_it(said: str) -> None:
    text = as_json({said: [said, {"in": said}], "n": [1, None, True, 0.5]})
    assert re.search(r"[<>&\u2028\u2029]|[^\x20-\x7e]", text) is None
    read = json.loads(text)
    assert read["n"] == [1, None, True, 0.5]
    [(key, (value, inner))] = [(key, value) for key, value in read.items() if key != "n"]
    assert key == value == inner["in"]
    assert TURNING.search(value) is None


def test_a_number_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        as_json(float("nan"))


@pytest.mark.parametrize("said", [one for one in HOSTILE if "\ud800" not in one])
def test_a_page_of_hostile_words_is_the_page_of_harmless_ones(said: str) -> None:
    assert shape(said) == shape("harmless")


def shape(said: str) -> list[tuple[str, list[str]]]:
    """Return the elements and attributes of the report and of the page of a person whose every word is this."""
    facts = charted.facts()
    judged = charted.everywhere(facts.judged, said)
    mark = {
        "episode_id": said,
        "rule_id": said,
        "mark": "seen",
        "marked_by": said,
        "note": said,
        "until": date(2024, 1, 1),
    }
    marks = pl.DataFrame([{**mark, "is_folded": False, "is_changed": False, "is_over": False}], schema=MARKS.schema)
    pages = [
        render(replace(facts, judged=judged, marks=marks, notes=[said])),
        person.render(judged, facts.guideline, facts.run, date(2024, 1, 31)),
    ]
    for page in pages:
        assert TURNING.search(page) is None
        assert Asked(page).found == []
    return [(node.tag, sorted(node.attrs)) for page in pages for node in tree(page).within()]


def test_the_page_may_run_its_own_script_and_fetch_nothing() -> None:
    page = made.page()
    [meta] = [one for one in page.all("meta") if one.attrs.get("http-equiv") == "Content-Security-Policy"]
    assert meta.attrs["content"] == policy()
    assert policy().startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy().split(";")[1]
    [own] = [one for one in page.all("script") if "type" not in one.attrs]
    assert own.spread == script()
    for risky in (
        "eval(",
        "Function(",
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
        "fetch(",
        "XMLHttp",
        "import(",
    ):
        assert risky not in script()
