"""The forms of rules, and the rules of an edition bound to them.

A form is one file: what a rule computes. Which rules there are, and their ids, classes, words and numbers, is the
edition's.
"""

from types import MappingProxyType, ModuleType
from typing import Final

from audit.edition import Entry
from audit.errors import GuidelineError
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import (
    alternate_day,
    benefit_risk,
    decompensation,
    dose_at_onset,
    dose_before,
    enzymes_recovered,
    mild_rise,
    other_causes,
    phase,
    recurrence,
    severe_injury,
    stop_at_multiple,
    stop_with_bilirubin,
    stop_with_symptom,
    symptom_follow_up,
    symptom_test,
)
from audit.rules._proofs import EVERY

__all__ = ["EVERY", "FORMS", "register", "rulebook", "why"]

FORMS: Final = MappingProxyType({
    module.__name__.rpartition(".")[2]: module
    for module in (
        enzymes_recovered, other_causes, dose_before, dose_at_onset, alternate_day, benefit_risk, severe_injury,
        decompensation, phase, symptom_test, stop_at_multiple, stop_with_symptom, stop_with_bilirubin, recurrence,
        mild_rise, symptom_follow_up,
    )
})  # fmt: skip


def rulebook(guideline: Guideline) -> dict[str, Rule]:
    """Return every rule of an edition by id, in its order; raise GuidelineError where one takes no form."""
    forms = {entry.id: _form(entry) for entry in guideline.rules}
    _hold_phases(guideline)
    rules = {entry.id: forms[entry.id].rule(guideline, entry) for entry in guideline.rules}
    for rule in rules.values():
        if (rule.kind == "descriptive") == bool(rule.outcomes):
            said = "has no verdict: its class is" if not rule.outcomes else "has verdicts: its class cannot be"
            raise GuidelineError(f"rule {rule.id}: the form {rule.form} {said} descriptive")
    return rules


def register(guideline: Guideline) -> dict[str, Rule]:
    """Return the rules that have verdicts."""
    return {rule_id: rule for rule_id, rule in rulebook(guideline).items() if rule.outcomes}


def why(rule: Rule) -> str:
    """Return what the form says of itself: why it matters, and what each verdict means."""
    return FORMS[rule.form].__doc__ or ""


def _form(entry: Entry) -> ModuleType:
    try:
        return FORMS[entry.form]
    except KeyError:
        known = ", ".join(FORMS)
        raise GuidelineError(f"rule {entry.id}: there is no form '{entry.form}' (forms: {known})") from None


def _hold_phases(guideline: Guideline) -> None:
    """Hold that each phase is judged, and that only a form with phases is taken twice."""
    forms = {entry.id: entry.form for entry in guideline.written}
    for rule_id in guideline.schedule.rules:
        if forms[rule_id] != "phase":
            raise GuidelineError(f"schedule: the phase {rule_id} belongs to a rule of the form {forms[rule_id]}")
    for form in FORMS:
        if form != "phase" and len(taken := guideline.taking(form)) > 1:
            raise GuidelineError(f"rules {taken[0]} and {taken[1]} take the form {form}, which judges one rule")
