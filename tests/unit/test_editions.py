"""An edition is one TOML file, checked whole: what it lacks or has too much is refused by name."""

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from audit.errors import GuidelineError
from audit.guideline import Guideline, overlay
from audit.parameters import ASKED
from audit.rules import FORMS, rulebook
from flows.editions import known, load, overdue
from flows.shipped import DEFAULT_EDITION, EDITIONS

OWN = (EDITIONS / f"{DEFAULT_EDITION}.toml").read_text(encoding="utf-8")
HEAD = f'extends = "{DEFAULT_EDITION}"\nid = "mine"\n'
WEEKLY = """
[[rule]]
id = "MON-01"
form = "phase"
class = "hard/soft"
title = "Tests"
statement = "Test after {min_break_days} days off {drug}"
source = "a page"
"""
FLAT = "[schedule]\nphase = [{rule = 'MON-01', days = [7], tolerance = 'tolerance_weekly'}]\n"


HALF = "{statement = 'a', basis = 'b', consequence = 'c', events = 1}"


def edition(tmp_path: Path, text: str) -> Guideline:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def changed(tmp_path: Path, old: str, new: str) -> Guideline:
    """Return the shipped edition with one place of its file changed."""
    assert OWN.count(old) == 1, old
    return edition(tmp_path, OWN.replace(old, new))


def test_an_edition_inherits_parameters_and_phases_but_neither_rules_nor_id(tmp_path: Path) -> None:
    mine = edition(tmp_path, f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nvalue = 4.0\n")
    assert (mine.id, mine["stop_multiple"].value, mine["stop_grace_days"].value) == ("mine", 4.0, 3)
    assert mine["stop_multiple"].unit == "1"
    assert list(rulebook(mine)) == ["MON-01"]
    assert mine.rules[0].statement == "Test after 14 days off azathioprine"
    whole = edition(tmp_path, HEAD + "\n".join(re.findall(r"\[\[rule\]\].*?source = [^\n]*\n", OWN, re.DOTALL)))
    assert whole.schedule == load().schedule
    assert whole.values == load().values
    with pytest.raises(GuidelineError, match="lacks 'id'"):
        edition(tmp_path, f'extends = "{DEFAULT_EDITION}"\n{WEEKLY}{FLAT}')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id = ", "not readable TOML"),
        ('id = "x"', "lacks 'title'"),
        (HEAD, "lacks 'rule'"),
        (f"{HEAD}rule = []\n", "rule: .*at least 1"),
        (
            f'extends = "none"\nid = "mine"\n{WEEKLY}',
            r"no guideline edition 'none', which mine extends \(known: .*dr-oracle-2025",
        ),
        (f'extends = "mine"\nid = "mine"\n{WEEKLY}', "mine: it extends itself"),
        (f'extends = "../mine"\nid = "mine"\n{WEEKLY}', "'extends' must be the id of an edition"),
        (f"{HEAD}{WEEKLY}{FLAT}", None),
        (f"overlaid = ['x']\n{HEAD}{WEEKLY}{FLAT}", "what a site overlays is no part of an edition"),
        (f"meant_for = 'x'\n{HEAD}{WEEKLY}{FLAT}", "what a site overlays is no part of an edition"),
        (f"colour = 1\n{HEAD}{WEEKLY}{FLAT}", "has no key 'colour'"),
        (f"{HEAD}{WEEKLY}colour = 1\n{FLAT}", "rule MON-01: has no key 'colour'"),
        (f"in_force_from = '2025-01-01'\n{HEAD}{WEEKLY}{FLAT}", "in_force_from: .*valid date"),
        (f"in_force_from = 2025-01-02\nin_force_to = 2025-01-01\n{HEAD}{WEEKLY}{FLAT}", "in_force_to lies before"),
        (f"{HEAD}{WEEKLY}{WEEKLY}{FLAT}", "two rules are called MON-01"),
        (f"{HEAD}{WEEKLY.replace('MON-01', 'MON-1')}", "rule MON-1 id: .*pattern"),
        (
            f"{HEAD}{WEEKLY.replace('phase', 'phrase')}{FLAT}",
            "rule MON-01: there is no form 'phrase'.*forms: enz",
        ),
        (f"{HEAD}{WEEKLY.replace('hard/soft', 'strict')}{FLAT}", "rule MON-01 class: .*'hard', 'soft'"),
        (f"{HEAD}{WEEKLY.replace('hard/soft', 'descriptive')}{FLAT}", "MON-01: the form phase has verdicts"),
        (
            f"{HEAD}{WEEKLY.replace('min_break_days', 'nothing')}{FLAT}",
            "rule MON-01: its words name no parameter 'n",
        ),
        (f"{HEAD}{WEEKLY.replace('min_break_days', '')}{FLAT}", "rule MON-01: its words name no parameter ''"),
        (f"{HEAD}{WEEKLY}[schedule]", "MON-01 takes the form phase, and the schedule has no phase of it"),
        (f"{HEAD}{WEEKLY}", "schedule: phase MON-02 has no rule"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('MON-01', 'MON-99')}", "schedule: phase MON-99 has no rule"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('tolerance_weekly', 'nothing')}", "lacks the parameter 'nothing'"),
        (
            f"{HEAD}{WEEKLY}{FLAT.replace('tolerance_weekly', 'stop_multiple')}",
            "'stop_multiple' must be of the kind",
        ),
        (f"{HEAD}{WEEKLY}{FLAT.replace('days = [7], ', '')}", "phase MON-01: it needs days"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('days = [7]', 'first = 7, step = 7')}", "MON-01: it needs days.*no count"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('[7]', '[0]')}", "phase MON-01: it needs rising due days"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('[7]', '[14, 7]')}", "phase MON-01: it needs rising due days"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('[7]', '[7, 36526]')}", "phase MON-01: its due days must be at most 36525"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('[7]', '[7.0]')}", "phase MON-01 days 1: .*valid integer"),
        (f"{HEAD}{WEEKLY}{FLAT.replace('days', 'dais')}", "phase MON-01: it needs days"),
        (f"{HEAD}{WEEKLY}{FLAT.replace(', tolerance', ', odd = 1, tolerance')}", "phase MON-01: has no key 'odd'"),
        (f"{HEAD}{WEEKLY}{FLAT.replace(chr(125), ', when_unstable = 3' + chr(125))}", "phase MON-01 when_unstable: "),
        (f"{HEAD}{WEEKLY}{FLAT.replace(', tolerance =', ', no =')}", "phase MON-01: lacks 'tolerance'"),
        (f"{HEAD}{WEEKLY}{FLAT}stability = {{first_day = 90, last_day = 89}}", "stability: last_day lies before"),
        (f"{HEAD}{WEEKLY}{FLAT}stability = {{first_day = 90}}", "stability: lacks 'last_day'"),
        (
            f"{HEAD}{WEEKLY}{FLAT}long_term = {{rule = 'MON-04', after = 'MON-01', step = 0, tolerance = 'x'}}",
            "long_term step: .*greater than or equal to 1",
        ),
        (
            f"{HEAD}{WEEKLY}{FLAT}long_term = {{rule = 'MON-04', after = 'MON-02', step = 9, tolerance = 'x'}}",
            "long_term follows no phase: 'after' names MON-02",
        ),
        (
            f"{HEAD}{WEEKLY}{FLAT}long_term = {{rule = 'MON-01', after = 'MON-01', step = 9, tolerance = 'x'}}",
            "two phases name the same rule",
        ),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nvalue = 'x'", "'stop_multiple' must be a number"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nkind = 'speed'", "parameter stop_multiple kind: "),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nkind = 'level'", "must be of the kind multiple, not level"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\ncolour = 1", "stop_multiple: has no key 'colour'"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nname = 'x'", "'stop_multiple' has no key 'name'"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nreviewed_on = '2026-01-01'", "reviewed_on: .*valid date"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.stop_multiple]\nreview_due = 2020-01-01", "review_due lies before"),
        (f"{HEAD}{WEEKLY}{FLAT}[parameters.mine]\nvalue = 1", "parameter mine: lacks 'unit'"),
        (f"parameters = 3\n{HEAD}{WEEKLY}{FLAT}", "'parameters' must be tables"),
        (f"{HEAD}{WEEKLY}{FLAT}[drug]\naudited = ''", "drug audited: .*at least 1 character"),
        (f"{HEAD}{WEEKLY}{FLAT}[drug]\naudited = 'x'\nother_thiopurines = 'y'", "drug other_thiopurines: .*tuple"),
        (f"{HEAD}{WEEKLY}{FLAT}[symptoms]\nfatigue = 'fatigue'", "does not know jaundice, nausea"),
        (
            f"{HEAD}basis = [{{statement = 'a', basis = 'b', consequence = 'c', events = 1}}]\n{WEEKLY}{FLAT}",
            "go together",
        ),
    ],
)
def test_a_broken_edition_is_refused_with_its_fault(tmp_path: Path, text: str, words: str | None) -> None:
    if words is None:
        assert edition(tmp_path, text).id == "mine"
        return
    with pytest.raises(GuidelineError, match=words) as raised:
        edition(tmp_path, text)
    assert "\n" not in str(raised.value) or "TOML" in words


def test_parameters_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    head = OWN[: OWN.index("[drug]")]
    with pytest.raises(GuidelineError, match="mine: "):
        edition(tmp_path, f"parameters = 3\n{head}")
    with pytest.raises(ValidationError, match=r"parameters\n.*valid dictionary"):
        Guideline.model_validate({"parameters": 3})


def test_more_events_than_patients_are_refused(tmp_path: Path) -> None:
    assert changed(tmp_path, "events = 8\n", "events = 31\n").basis[2].events == 31
    with pytest.raises(GuidelineError, match="basis 3: events are more than patients"):
        changed(tmp_path, "events = 8\n", "events = 32\n")


def test_a_parameter_that_nothing_reads_is_refused(tmp_path: Path) -> None:
    block = re.search(r"\[parameters.stop_multiple\].*?\n\n", OWN, re.DOTALL)
    assert block
    with pytest.raises(GuidelineError, match="parameter 'stop_multipel' is read by nothing"):
        edition(tmp_path, OWN + block[0].replace("stop_multiple", "stop_multipel"))


@pytest.mark.parametrize("name", [*ASKED, "tolerance_weekly"])
def test_an_edition_that_lacks_a_parameter_is_refused_before_anything_is_judged(tmp_path: Path, name: str) -> None:
    without = re.sub(rf"\[parameters.{name}\].*?\n\n|\[parameters.{name}\].*?\Z", "", OWN, count=1, flags=re.DOTALL)
    assert without != OWN
    with pytest.raises(GuidelineError, match=f"'{name}'"):
        edition(tmp_path, without)


def test_what_is_asked_of_an_edition_is_what_the_code_reads() -> None:
    root = Path(__file__).parents[2]
    code = "".join(
        path.read_text(encoding="utf-8")
        for part in ("audit", "flows")
        for path in (root / part).rglob("*.py")
        if path.name != "parameters.py"
    )
    assert [name for name in ASKED if f'"{name}"' not in code] == []
    read = set(re.findall(r'(?:guideline|edition)\["(\w+)"\]', code))
    assert read <= set(ASKED)


def test_one_form_judges_one_rule_but_for_phases(tmp_path: Path) -> None:
    with pytest.raises(GuidelineError, match="rules RST-03 and RST-04 take the form dose_before"):
        changed(tmp_path, 'form = "dose_at_onset"', 'form = "dose_before"')
    with pytest.raises(GuidelineError, match="RST-05: the form alternate_day has no verdict: its class is descriptive"):
        changed(tmp_path, 'class = "descriptive"', 'class = "soft"')
    with pytest.raises(GuidelineError, match="the phase MON-05 belongs to a rule of the form symptom_test"):
        changed(tmp_path, '[[schedule.phase]]\nrule = "MON-02"', '[[schedule.phase]]\nrule = "MON-05"')


def test_every_form_is_taken_by_a_rule_of_a_shipped_edition() -> None:
    taken = {rule.form for edition in known() for rule in rulebook(load(edition)).values()}
    assert set(FORMS) - taken == set(), "forms that no [[rule]] of audit/guidelines names"


def test_a_schedule_may_give_first_step_and_count() -> None:
    monthly = next(phase for phase in load().schedule.phases if phase.rule == "MON-03")
    assert monthly.days == (120, 150, 180)


def test_a_schedule_without_stability_or_long_term_is_allowed(tmp_path: Path) -> None:
    mine = edition(tmp_path, f"{HEAD}{WEEKLY}{FLAT}")
    assert (mine.schedule.block_days, mine.schedule.long_term) == (0, None)
    assert mine.values["schedule"]["long_term"] == []


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        (date(2027, 11, 23), []),
        (date(2027, 11, 24), ["4 of 6 parameters is overdue, the first since 2027-11-23 (a, b, c, ...)"]),
        (date(2027, 11, 27), ["4 of 6 parameters is overdue, the first since 2027-11-23 (a, b, c, ...)"]),
        (date(2027, 11, 28), ["6 of 6 parameters is overdue, the first since 2027-11-23 (a, b, c, ...)"]),
    ],
)
def test_a_passed_review_is_a_note_from_the_day_after_it_was_due(as_of: date, said: list[str]) -> None:
    due = dict.fromkeys("dcba", date(2027, 11, 23)) | dict.fromkeys("ef", date(2027, 11, 27))
    one = load()["stop_grace_days"]
    parameters = {name: one.model_copy(update={"name": name, "review_due": day}) for name, day in due.items()}
    guideline = load().model_copy(update={"parameters": parameters})
    assert overdue(guideline, as_of) == [f"guideline dr-oracle-2025: the review of {words}" for words in said]


def test_the_words_of_an_edition_take_the_values_of_the_site() -> None:
    guideline = overlay(load(), {"stop_multiple": 4, "stop_symptom_multiple": 2.5, "audited_drug": "allopurinol"})
    book = rulebook(guideline)
    assert book["STP-01"].title == "Stop at 4 x or 500 U/L"
    assert ">=4x baseline or >=500 U/L" in book["STP-01"].statement
    assert book["STP-02"].title == "Stop at 2.5 x with symptoms"
    assert book["RST-04"].statement.startswith("Do not restart allopurinol at the same dose")
    assert guideline.basis[0].statement == "stop at 4x / 2.5x / 2x baseline, 500 U/L"
    assert guideline.basis[1].basis.startswith("not allopurinol-specific evidence")
    assert guideline.title == "dr-oracle-2025, applied to allopurinol, for which it was not written"
    said = " ".join(f"{rule.title} {rule.statement} {rule.definition}" for rule in book.values())
    assert "azathioprine" not in said + guideline.title + str(guideline.basis)
    assert not re.search(r"(?<!\.)5 ?x", said.replace("5-10x ULN", ""))
    assert load().title == "Guidelines for restarting azathioprine after elevated ALT and AST"
    assert overlay(load(), {"stop_multiple": 4}).title == load().title


def test_symptoms_are_named_in_the_words_of_the_edition() -> None:
    guideline = overlay(load(), {"monitor_symptoms": ["ruq_pain", "fatigue"]})
    assert rulebook(guideline)["MON-05"].statement.endswith(
        "if any symptoms develop (fatigue, right upper quadrant pain)"
    )


def test_the_known_editions_are_those_shipped() -> None:
    assert known() == sorted(path.stem for path in EDITIONS.glob("*.toml"))
    assert DEFAULT_EDITION in known()


def test_a_soft_rule_that_is_broken_is_an_advisory(tmp_path: Path) -> None:
    soft = changed(tmp_path, 'form = "dose_at_onset"\nclass = "hard"', 'form = "dose_at_onset"\nclass = "soft"')
    hard = changed(tmp_path, 'form = "dose_before"\nclass = "soft"', 'form = "dose_before"\nclass = "hard"')
    assert {one.verdict for one in rulebook(soft)["RST-04"].outcomes} == {"pass", "advisory", "indeterminate"}
    assert {one.verdict for one in rulebook(hard)["RST-03"].outcomes} == {"pass", "violation", "indeterminate"}
    assert soft.hash != load().hash
