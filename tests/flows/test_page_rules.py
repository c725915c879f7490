"""The figures at the top of the report, the way to the episodes, the rules: numbers, widths and colours by value."""

from dataclasses import replace

import polars as pl
import pytest

from flows.pages.sections import attrition
from flows.pages.sections import tiles as tiles_section
from tests.flows import made
from tests.flows.made import DASH, NOBODY, RULES, THIN, page, section
from tests.flows.markup import Node


@pytest.fixture(scope="module")
def shown() -> Node:
    return page()


# --- The figures at the top -------------------------------------------------------------------------


def tiles(shown: Node) -> list[tuple[str, str, str]]:
    return [
        (tile.one("b").text, tile.one("span").text, tile.classes)
        for tile in shown.one("ul", _class="tiles").all("li")
    ]  # fmt: skip


def test_the_figures_at_the_top_are_those_of_the_tables(shown: Node) -> None:
    assert tiles(shown) == [
        (f"1{THIN}234", "patients ever on azathioprine", ""),
        ("11", "breaks in treatment", ""),
        ("3", "audited restarts", ""),
        ("2", "restarts with a violation (3 in all)", "alarm"),
        ("25.0 %", "recurrence after restart", ""),
    ]


def test_without_a_violation_no_figure_alarms_and_without_a_rate_there_is_a_dash() -> None:
    text = "-- findings\nepisode_id | rule_id | verdict\ne1 | RST-04 | advisory\ne2 | RST-04 | indeterminate"
    assert tiles(page(text, patients=0))[3:] == [
        ("0", "restarts with a violation (0 in all)", ""),
        (DASH, "recurrence after restart", ""),
    ]


def test_thousands_are_parted_in_every_figure() -> None:
    many = pl.DataFrame({"verdict": ["violation"] * 1001, "episode_id": [f"e{n % 1000}" for n in range(1001)]})
    judged = replace(made.judged(NOBODY), findings=made.judged(NOBODY).findings.clear())
    judged = replace(judged, findings=pl.concat([judged.findings, many], how="diagonal"))
    figure, words, *_ = (*tiles_section.tiles(made.facts(judged=judged))[3].values(),)
    assert (figure, words) == (f"1{THIN}000", f"restarts with a violation (1{THIN}001 in all)")


# --- The way from patients to episodes --------------------------------------------------------------


def steps(shown: Node) -> list[tuple[str, str, str | None, str]]:
    """Return of each step its words, its count, the width of its bar, and its class."""
    found = []
    for step in section(shown, "attrition").one("ul", _class="steps").all("li"):
        [words, count] = [part for part in step.one("span", _class="what").parts if isinstance(part, Node)]
        bars = step.one("span", _class="track").all("i")
        found.append((words.text, count.text, bars[0].attrs["style"] if bars else None, step.classes))
    return found


def test_each_step_has_its_count_and_a_bar_of_its_share(shown: Node) -> None:
    of = attrition.BREAK_CLASSES
    assert steps(shown) == [
        ("patients ever on azathioprine", f"1{THIN}234", "width:100.0%", ""),
        ("patients with a break", "5", "width:0.41%", ""),
        ("breaks", "11", "width:100.0%", ""),
        (f"episode: {of['episode']}", "3", "width:27.27%", ""),
        (f"no elevation: {of['no_elevation']}", "2", "width:18.18%", "off"),
        (f"documented without lab: {of['documented_without_lab']}", "3", "width:27.27%", "off"),
        (f"unobserved: {of['unobserved']}", "1", "width:9.09%", "off"),
        (f"new start: {of['new_start']}", "1", "width:9.09%", "off"),
        (f"short interruption: {of['short_interruption']}", "0", None, "off"),
        (f"thiopurine switch: {of['thiopurine_switch']}", "1", "width:9.09%", "off"),
        ("patients with an audited restart", "2", "width:0.16%", ""),
    ]


def test_each_class_of_break_says_what_it_is() -> None:
    assert attrition.BREAK_CLASSES == {
        "episode": "audited: a break with raised liver enzymes",
        "no_elevation": "no raised liver enzyme around the stop",
        "documented_without_lab": "stopped for the liver, but no qualifying result in the feed",
        "unobserved": "the course ended with a hospital discharge: what was taken at home is unknown",
        "new_start": "a break longer than the audited range: a new start",
        "short_interruption": "an interruption too short to be a break",
        "thiopurine_switch": "went on with another drug of the class: a switch, not a restart",
    }


def test_nobody_makes_no_bar() -> None:
    found = steps(page(NOBODY, patients=0))
    assert [(count, bar) for _, count, bar, _ in found] == [("0", None)] * 11
    assert [css for _, _, _, css in found] == [*[""] * 4, *["off"] * 6, ""]


# --- Rule by rule -----------------------------------------------------------------------------------


def line(shown: Node, rule_id: str) -> Node:
    [row] = [row for row in section(shown, "rules").all("tr") if row.cells()[0].text.startswith(f"{rule_id} ")]
    return row


def numbers(row: Node) -> list[tuple[str, str | None, str]]:
    """Return of each cell after the first its text, its label on a narrow page, and its class."""
    return [(cell.text, cell.attrs.get("data-label"), cell.classes) for cell in row.cells()[1:]]


def bar(row: Node) -> list[tuple[str, str | None]]:
    return [(part.classes, part.attrs["style"]) for bar in row.all("span", _class="bar") for part in bar.all("i")]


def test_the_rules_stand_under_the_part_of_the_story_that_they_belong_to(shown: Node) -> None:
    table = section(shown, "rules").one("table")
    assert table.one("caption").text == "One line a rule, all 3 audited restarts"
    first = [row.cells()[0].text for row in table.all("tr")]
    heads = [text if "“" not in text else text.split(" ")[0] for text in first]
    assert heads == [
        "Rule", "Before and at the restart", "RST-04", "RST-05", "Monitoring after the restart", "MON-01",
        "Stopping again", "STP-01",
    ]  # fmt: skip


def test_a_rule_is_told_with_its_kind_and_the_articles_words(shown: Node) -> None:
    for rule in RULES.values():
        head = line(shown, rule.id).cells()[0]
        assert head.text == f"{rule.id} {rule.title} {rule.kind} “{rule.statement}”"
        assert (head.one("span", _class="kind").text, head.one("div", _class="words").text[1:-1]) == (
            rule.kind, rule.statement,
        )  # fmt: skip


def test_a_rules_numbers_are_those_of_the_whole_cohort(shown: Node) -> None:
    assert numbers(line(shown, "RST-04")) == [
        (f"1{THIN}234", "Applicable", "num inline"),
        (f"1{THIN}200", "Evaluable", "num inline"),
        ("900", "Pass", "num inline pass"),
        ("100", "Advisory", "num inline advisory"),
        ("200", "Violation", "num inline violation"),
        ("34", "Indeterminate", "num inline"),
        (f"75.0 % (72.5{DASH}77.4)", None, ""),
    ]
    assert bar(line(shown, "RST-04")) == [
        ("b-indeterminate", "width:2.76%"),  # of the applicable, apart from what makes the rate
        ("b-pass", "width:75.0%"), ("b-advisory", "width:8.33%"), ("b-violation", "width:16.67%"),
    ]  # fmt: skip


def test_the_interval_stands_below_the_bar_and_what_is_indeterminate_in_a_bar_of_its_own(shown: Node) -> None:
    row = line(shown, "RST-04")
    assert row.one("span", _class="whisker-bar").one("i").attrs["style"] == "left:72.47%;width:4.9%"
    *_, apart, rate = row.cells()
    assert [one.classes for one in apart.all("span")] == ["bar apart"]
    assert [one.classes for one in rate.all("span")] == ["nowrap", "bar", "whisker-bar"]
    assert line(shown, "STP-01").all("span", _class="whisker-bar") == []


def test_a_rule_that_nothing_can_answer_has_no_rate_and_no_colour_for_nothing(shown: Node) -> None:
    assert numbers(line(shown, "STP-01")) == [
        ("2", "Applicable", "num inline"),
        ("0", "Evaluable", "num inline"),
        ("0", "Pass", "num inline zero"),
        ("0", "Advisory", "num inline zero"),
        ("0", "Violation", "num inline zero"),
        ("2", "Indeterminate", "num inline"),
        (DASH, None, ""),
    ]
    assert bar(line(shown, "STP-01")) == [("b-indeterminate", "width:100.0%")]


@pytest.mark.parametrize("place", range(4))
def test_each_verdict_alone_has_its_own_colour_and_the_others_are_pale(place: int) -> None:
    verdicts = ("pass", "advisory", "violation", "indeterminate")
    counts = " | ".join("7" if n == place else "0" for n in range(4))
    head = "rule_id | stratum | passed | advisory | violation | indeterminate"
    row = line(page(f"-- measures\n{head}\nRST-04 | overall | {counts}"), "RST-04")
    inks = [classes.removeprefix("num inline").strip() for _, _, classes in numbers(row)[2:6]]
    assert inks == [("" if n == 3 else verdicts[n]) if n == place else "zero" for n in range(4)]
    assert [text for text, *_ in numbers(row)[2:6]] == ["7" if n == place else "0" for n in range(4)]
    assert bar(row) == [(f"b-{verdicts[place]}", "width:100.0%")]


def test_a_rule_without_a_measure_counts_nothing_and_draws_no_bar(shown: Node) -> None:
    assert [text for text, *_ in numbers(line(shown, "MON-01"))] == ["0", "0", "0", "0", "0", "0", DASH]
    assert numbers(line(shown, "MON-01"))[5][2] == "num inline zero"
    assert line(shown, "MON-01").all("span", _class="bar") == []


def test_what_is_only_described_is_not_counted_in_its_line(shown: Node) -> None:
    assert RULES["RST-05"].kind == "descriptive"
    [cell] = line(shown, "RST-05").cells()[1:]
    assert (cell.text, cell.attrs["colspan"], cell.classes) == (
        "Described, not judged: recurrence by regimen is below.", "7", "soft",
    )  # fmt: skip


def test_each_verdicts_colour_is_in_the_key(shown: Node) -> None:
    key = section(shown, "rules").one("ul", _class="key")
    assert [(item.one("i").classes, item.text) for item in key.all("li")] == [
        ("b-pass", "pass"), ("b-advisory", "advisory"), ("b-violation", "violation"),
        ("b-indeterminate", "indeterminate"),
    ]  # fmt: skip
    style = shown.one("style").text
    inks = {
        "pass": "var(--pass)",
        "advisory": "var(--advisory)",
        "violation": "var(--violation)",
        "indeterminate": "var(--indeterminate)",
    }
    for verdict, ink in inks.items():
        assert f".key .b-{verdict} {{ background: {ink}; }}" in style
        assert f".bar .b-{verdict} {{ background: {ink}; }}" in style
