"""Every rule of the guideline is registered, specified, documented, and its words are its own."""

import re
from pathlib import Path

import polars as pl
import pytest

from audit.frames import ABOUT, RELEASED, STAGED
from audit.rules import FORMS, register, rulebook, why
from audit.vocabulary import VERDICTS
from flows.editions import load
from flows.release import described_views

ROOT = Path(__file__).parents[1]
RULES = register(load())
EXPECTED = [
    *(f"RST-0{n}" for n in (1, 2, 3, 4, 6, 7, 8)),
    *(f"MON-0{n}" for n in range(1, 6)),
    *(f"STP-0{n}" for n in range(1, 7)),
]


def test_every_rule_of_the_guideline_is_registered():
    assert list(RULES) == EXPECTED, "a new rule is named in EXPECTED, in the place where the edition has it"
    assert sorted(rulebook(load())) == sorted([*EXPECTED, "RST-05"])


@pytest.mark.parametrize("rule_id", [*EXPECTED, "RST-05"])
def test_a_rule_has_a_specification(rule_id):
    spec = ROOT / "tests" / "spec" / f"test_{rule_id.lower().replace('-', '_')}.py"
    assert spec.is_file(), f"no specification of {rule_id}: tests/spec/{spec.name}"
    assert re.search(r"^def test_", spec.read_text(), re.MULTILINE)


def test_a_form_is_one_file_of_its_name():
    files = {path.stem for path in (ROOT / "audit" / "rules").glob("[a-z]*.py")}
    assert files == set(FORMS), "a form is named in FORMS of audit/rules/__init__.py"


@pytest.mark.parametrize("form", FORMS)
def test_a_form_holds_no_number_drug_or_rule_of_a_guideline(form):
    code = Path(FORMS[form].__file__).read_text()
    assert not re.search(r"RST-|MON-|STP-|azathioprine", code, re.IGNORECASE)
    assert not re.search(r"\d", FORMS[form].__doc__)


@pytest.mark.parametrize("rule_id", EXPECTED)
def test_a_rule_says_what_it_is(rule_id):
    rule = RULES[rule_id]
    assert rule.kind in ("hard", "soft", "hard/soft")
    assert rule.title and rule.statement and rule.definition and rule.cites and why(rule)
    assert {outcome.verdict for outcome in rule.outcomes} <= set(VERDICTS)
    reasons = [outcome.reason for outcome in rule.outcomes]
    assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("rule_id", EXPECTED)
def test_a_soft_rule_is_never_a_violation(rule_id):
    if RULES[rule_id].kind == "soft":
        assert "violation" not in {outcome.verdict for outcome in RULES[rule_id].outcomes}


def test_the_verdicts_stand_in_their_precedence():
    assert VERDICTS == ("not_applicable", "indeterminate", "violation", "advisory", "pass")


@pytest.mark.parametrize("frame", [*STAGED, *RELEASED, *described_views()], ids=lambda frame: frame.name)
def test_what_is_said_of_a_column_holds_no_number_drug_or_rule_of_a_guideline(frame):
    guideline = load()
    named = {*guideline.parameters, "other_thiopurines"}
    drugs = "|".join((guideline.audited_drug, *guideline.other_thiopurines))
    for said in (frame.grain, *(column.meaning for column in frame.columns)):
        assert not re.search(rf"RST-|MON-|STP-|{drugs}", said, re.IGNORECASE), said
        assert set(re.findall(r"`(\w+)`", said)) <= named, said
        said = re.sub(r"CTCAE v5|Wilson 95 %|from 1\b|day 0\b|; 1 where", "", said)
        assert not re.search(r"\b\d", said), said


@pytest.mark.parametrize("frame", [*STAGED, *RELEASED, ABOUT], ids=lambda frame: frame.name)
def test_every_declared_frame_has_a_key_and_says_what_its_columns_mean(frame):
    assert frame.keys
    assert frame.empty().schema == frame.schema
    assert len(set(frame.names)) == len(frame.names)
    for column in frame.columns:
        assert column.meaning.endswith("."), column.name
        assert isinstance(column.dtype, pl.DataType)
