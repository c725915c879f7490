"""A guideline edition as data: its drug, rules, words, symptoms, monitoring schedule and parameters.

An edition is one TOML file; a site overlays single values by name. Every number, word and drug that a rule uses is
read from here, so the edition and its hash say the whole of what was applied.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from audit.edition import Basis, Drug, Entry, Parameter, Part, Schedule, Text, listed, typed
from audit.errors import GuidelineError
from audit.parameters import ASKED

DRUG_KEYS = ("audited_drug", "other_thiopurines")
PLACE = re.compile(r"\{(\w*)\}")  # where a text takes a value: {stop_multiple}, {drug}


def _named(given: Any) -> Any:
    """Give each parameter its name, which is its key."""
    if not isinstance(given, dict):
        return given
    for name, one in given.items():
        if isinstance(one, dict) and "name" in one:
            raise GuidelineError(f"parameter '{name}' has no key 'name'")
    return {name: {**one, "name": name} if isinstance(one, dict) else one for name, one in given.items()}


class Guideline(Part):
    """One edition, ready to be bound to the forms of rules."""

    id: Text
    named: Annotated[Text, Field(alias="title")]
    edition: Text
    review_status: Text
    publisher: Text
    notice: Text
    in_force_from: date | None = None
    in_force_to: date | None = None
    drug: Drug
    symptoms: Mapping[str, Text] = Field(default_factory=dict)
    written: Annotated[tuple[Entry, ...], BeforeValidator(listed), Field(alias="rule", min_length=1)]
    grounds: Annotated[tuple[Basis, ...], BeforeValidator(listed), Field(alias="basis")] = ()
    schedule: Schedule = Field(default_factory=Schedule)
    parameters: Annotated[Mapping[str, Parameter], BeforeValidator(_named)]
    overlaid: Annotated[tuple[str, ...], BeforeValidator(listed), Field(exclude=True)] = ()
    meant_for: Annotated[str | None, Field(exclude=True)] = None

    def __getitem__(self, name: str) -> Parameter:
        """Return a parameter by name, or raise `GuidelineError`."""
        try:
            return self.parameters[name]
        except KeyError:
            raise GuidelineError(f"guideline {self.id} has no parameter '{name}'") from None

    @property
    def audited_drug(self) -> str:
        """Return the concept of the audited drug."""
        return self.drug.audited

    @property
    def other_thiopurines(self) -> tuple[str, ...]:
        """Return the other drugs of its class: going on with one of them is a switch, not a restart."""
        return self.drug.other_thiopurines

    @property
    def title(self) -> str:
        """Return the guideline's title; where a site audits another drug, that it is not this drug's guideline."""
        if self.meant_for in (None, self.drug.audited):
            return self.named
        return f"{self.id}, applied to {self.drug.audited}, for which it was not written"

    @property
    def rules(self) -> tuple[Entry, ...]:
        """Return the rules in the order of the edition, their words with the values in force."""
        return tuple(
            entry.model_copy(update={"title": self.said(entry.title), "statement": self.said(entry.statement)})
            for entry in self.written
        )

    @property
    def basis(self) -> tuple[Basis, ...]:
        """Return what the statements rest on, their words with the values in force."""
        return tuple(
            one.model_copy(update={key: self.said(getattr(one, key)) for key in ("statement", "basis", "consequence")})
            for one in self.grounds
        )

    def taking(self, form: str) -> tuple[str, ...]:
        """Return the ids of the rules that take a form."""
        return tuple(entry.id for entry in self.written if entry.form == form)

    def said(self, text: str) -> str:
        """Return a text of the edition with the values that it takes: {drug}, or a parameter by name."""
        return PLACE.sub(lambda place: self.word(place[1]), text)

    def word(self, name: str) -> str:
        """Return a value as a sentence takes it: digits, the names of symptoms, or the drug."""
        if name == "drug":
            return self.drug.audited
        parameter = self[name]
        if parameter.kind == "names":
            return ", ".join(self.symptoms[one] for one in self.symptoms if one in parameter.names)
        return parameter.digits if type(parameter.value) in (int, float) else str(parameter.value).lower()

    @property
    def values(self) -> dict[str, Any]:
        """Return all that decides a verdict: drug, rules, schedule and every value, by name."""
        schedule, rolls = self.schedule, self.schedule.long_term
        block = schedule.stability
        return {
            "audited_drug": self.audited_drug,
            "other_thiopurines": list(self.other_thiopurines),
            "rules": [[entry.id, entry.form, entry.kind] for entry in self.written],
            "schedule": {
                "phases": [[p.rule, list(p.days), p.tolerance, p.when_unstable] for p in schedule.phases],
                "stability": [block.first_day, block.last_day] if block else [None, None],
                "long_term": [rolls.rule, rolls.after, rolls.step, rolls.tolerance] if rolls else [],
            },
            "parameters": {name: self.parameters[name].value for name in sorted(self.parameters)},
        }

    @property
    def hash(self) -> str:
        """Return the SHA-256 of `values`: equal hashes judge alike."""
        text = json.dumps(self.values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.overlaid or self.meant_for is not None:
            raise GuidelineError("what a site overlays is no part of an edition")
        hold(self)
        return self


def overlay(guideline: Guideline, values: Mapping[str, Any]) -> Guideline:
    """Return the edition with a site's values in place of its own, by parameter name."""
    parameters = dict(guideline.parameters)
    for name, value in values.items():
        if name in DRUG_KEYS:
            continue
        if name not in parameters:
            raise GuidelineError(f"unknown parameter '{name}'")
        own = parameters[name].model_dump()
        parameters[name] = parameters[name].model_copy(update={"value": typed({**own, "value": value})})
    changed = guideline.model_copy(
        update={
            "drug": _another(guideline.drug, values),
            "parameters": parameters,
            "overlaid": tuple(sorted({*guideline.overlaid, *values})),
            "meant_for": guideline.meant_for or guideline.drug.audited,
        }
    )
    hold(changed)
    return changed


def _another(drug: Drug, values: Mapping[str, Any]) -> Drug:
    audited, others = values.get("audited_drug", drug.audited), values.get("other_thiopurines", drug.other_thiopurines)
    if not isinstance(audited, str) or not audited:
        raise GuidelineError("'audited_drug' must be a concept name")
    if not isinstance(others, (list, tuple)) or not all(isinstance(one, str) for one in others):
        raise GuidelineError("'other_thiopurines' must be a list of names")
    return drug.model_copy(update={"audited": audited, "other_thiopurines": tuple(others)})


def hold(guideline: Guideline) -> None:
    """Hold what must be true between the parts of an edition; the error names them."""
    if guideline.in_force_from and guideline.in_force_to and guideline.in_force_to < guideline.in_force_from:
        raise GuidelineError("in_force_to lies before in_force_from")
    ids = [entry.id for entry in guideline.written]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise GuidelineError(f"two rules are called {twice[0]}")
    if strange := [rule for rule in guideline.schedule.rules if rule not in ids]:
        raise GuidelineError(f"schedule: phase {strange[0]} has no rule")
    _hold_asked(guideline)
    _hold_values(guideline)
    for entry in guideline.written:
        _hold_words(guideline, f"rule {entry.id}", entry.title, entry.statement)
    for one in guideline.grounds:
        _hold_words(guideline, "basis", one.statement, one.basis, one.consequence)


def _hold_asked(guideline: Guideline) -> None:
    """Hold that each parameter that is asked for is there, in its kind."""
    asked = {**ASKED, **dict.fromkeys(guideline.schedule.tolerances, "days")}
    for name, kind in asked.items():
        if (parameter := guideline.parameters.get(name)) is None:
            raise GuidelineError(f"it lacks the parameter '{name}'")
        if parameter.kind != kind:
            raise GuidelineError(f"parameter '{name}' must be of the kind {kind}, not {parameter.kind}")


def _hold_values(guideline: Guideline) -> None:
    """Hold that no pair of values is impossible, and that every symptom is one of the edition's."""
    for parameter in guideline.parameters.values():
        if parameter.kind == "names" and (unknown := sorted(set(parameter.names) - set(guideline.symptoms))):
            raise GuidelineError(f"parameter '{parameter.name}' does not know {', '.join(unknown)}")
        if parameter.not_above is None:
            continue
        upper = guideline[parameter.not_above]
        if parameter.number > upper.number:
            raise GuidelineError(
                f"parameter '{parameter.name}' ({parameter.digits}) is above '{upper.name}' ({upper.digits})"
            )


def _hold_words(guideline: Guideline, where: str, *texts: str) -> None:
    """Hold that each place in a text names a value."""
    for name in (name for text in texts for name in PLACE.findall(text)):
        if name != "drug" and name not in guideline.parameters:
            raise GuidelineError(f"{where}: its words name no parameter '{name}'")
