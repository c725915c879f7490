"""A guideline edition as data: its drug, rules, words, symptoms, monitoring schedule and parameters.

An edition is one TOML file; a site overlays single values by name. Every number, word and drug that a rule uses is
read from here, so the edition and its hash say the whole of what was applied.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from audit.errors import GuidelineError
from audit.parameters import ASKED

LONGEST_DAYS = 36_525  # a century: no window of treatment is longer, and no sum of days leaves the calendar unseen
DRUG_KEYS = ("audited_drug", "other_thiopurines")
PLACE = re.compile(r"\{(\w*)\}")  # where a text takes a value: {stop_multiple}, {drug}

Value: TypeAlias = int | float | bool | str | tuple[str, ...]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def plain(number: float) -> str:
    """Return a number in digits: no exponent, no trailing .0, nothing lost."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Texts: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    """A part of an edition's file: typed strictly, without unknown keys, never changed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Drug(_Part):
    """The audited drug, the others of its class, and the step by which its daily dose is given."""

    audited: Text
    other_thiopurines: Texts = ()
    dose_step_mg: Annotated[float, Field(gt=0)] | None = None


class Entry(_Part):
    """One rule as the edition has it: the form of rule that judges it, its class, and its words."""

    id: Annotated[str, StringConstraints(pattern=r"^(RST|MON|STP)-\d{2}$")]
    form: Text
    kind: Annotated[Literal["hard", "soft", "hard/soft", "descriptive"], Field(alias="class")]
    title: Text
    statement: Text
    source: Text

    @property
    def broken(self) -> str:
        """Return the verdict where the rule is broken: of a soft one an advisory."""
        return "advisory" if self.kind == "soft" else "violation"


class Basis(_Part):
    """What stands behind a statement; `events` of `patients`, where it is a rate, among `population`."""

    statement: Text
    basis: Text
    consequence: Text
    events: Annotated[int, Field(ge=0)] | None = None
    patients: Annotated[int, Field(ge=1)] | None = None
    population: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [value is not None for value in (self.events, self.patients, self.population)]
        if any(given) and not all(given):
            raise GuidelineError("events, patients and population go together")
        if (self.events or 0) > (self.patients or 0):
            raise GuidelineError("events are more than patients")
        return self


class Parameter(_Part):
    """One number of the guideline with its unit, words and origin."""

    name: str
    value: Any
    unit: Text
    kind: Literal["days", "count", "multiple", "factor", "level", "flag", "choice", "names"]
    statement: Text
    source: Text
    locator: Text
    evidence: Text
    reviewed_on: date
    review_due: date
    minimum: float | None = None
    not_above: str | None = None
    choices: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _in_kind(cls, given: Any) -> Any:
        return {**given, "value": typed(given)} if isinstance(given, dict) and "value" in given else given

    @model_validator(mode="after")
    def _reviewed(self) -> Self:
        if self.review_due < self.reviewed_on:
            raise GuidelineError("review_due lies before reviewed_on")
        return self

    @property
    def number(self) -> float:
        """Return the value of a numeric parameter."""
        return cast("float", self.value)

    @property
    def digits(self) -> str:
        """Return the value of a numeric parameter for a sentence."""
        return plain(self.number)

    @property
    def days(self) -> int:
        """Return the value of a parameter in whole days or a count."""
        return cast("int", self.value)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the value of a list of names."""
        return cast("tuple[str, ...]", self.value)


class Phase(_Part):
    """Monitoring slots at fixed due days after the restart; unstable blocks repeat or move them."""

    rule: str
    days: Annotated[tuple[int, ...], BeforeValidator(_listed)]
    tolerance: str
    when_unstable: Literal["stays", "repeats", "moves"] = "stays"

    @model_validator(mode="before")
    @classmethod
    def _spelt_out(cls, given: Any) -> Any:
        """Take the days as they are, or spelt as first, step and count."""
        if not isinstance(given, dict) or "days" in given:
            return given
        spelt = {key: given.get(key) for key in ("first", "step", "count")}
        if lacking := [key for key, value in spelt.items() if type(value) is not int]:
            raise GuidelineError(f"it needs days, or first, step and count as whole numbers (no {lacking[0]})")
        first, step, count = (int(value) for value in spelt.values() if value is not None)
        rest = {key: value for key, value in given.items() if key not in spelt}
        return rest | {"days": tuple(first + step * k for k in range(min(count, LONGEST_DAYS)))}

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.days or list(self.days) != sorted(set(self.days)) or not self.days[0] >= 1:
            raise GuidelineError("it needs rising due days from day 1 on")
        if self.days[-1] > LONGEST_DAYS:
            raise GuidelineError(f"its due days must be at most {LONGEST_DAYS}")
        return self


class LongTerm(_Part):
    """The rolling phase: the next draw is due `step` days after the anchor."""

    rule: str
    after: str
    step: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    tolerance: str


class Stability(_Part):
    """The first block of days whose values extend the schedule; it is also the length of an extension."""

    first_day: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    last_day: Annotated[int, Field(le=LONGEST_DAYS)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last_day < self.first_day:
            raise GuidelineError("last_day lies before first_day")
        return self


class Schedule(_Part):
    """The monitoring schedule."""

    phases: Annotated[tuple[Phase, ...], BeforeValidator(_listed), Field(alias="phase")] = ()
    stability: Stability | None = None
    long_term: LongTerm | None = None

    @model_validator(mode="after")
    def _joined(self) -> Self:
        rules = [phase.rule for phase in self.phases]
        if len(set(self.rules)) != len(self.rules):
            raise GuidelineError("two phases name the same rule")
        if self.long_term and self.long_term.after not in rules:
            raise GuidelineError(f"long_term follows no phase: 'after' names {self.long_term.after}")
        return self

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that have a phase."""
        rolling = (self.long_term.rule,) if self.long_term else ()
        return (*(phase.rule for phase in self.phases), *rolling)

    @property
    def tolerances(self) -> tuple[str, ...]:
        """Return the parameters that the phases name."""
        rolling = (self.long_term.tolerance,) if self.long_term else ()
        return (*(phase.tolerance for phase in self.phases), *rolling)

    @property
    def block_days(self) -> int:
        """Return the length of a stability block, in days; 0 without one."""
        return self.stability.last_day - self.stability.first_day + 1 if self.stability else 0


def _named(given: Any) -> Any:
    """Give each parameter its name, which is its key."""
    if not isinstance(given, dict):
        return given
    for name, one in given.items():
        if isinstance(one, dict) and "name" in one:
            raise GuidelineError(f"parameter '{name}' has no key 'name'")
    return {name: {**one, "name": name} if isinstance(one, dict) else one for name, one in given.items()}


class Guideline(_Part):
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
    written: Annotated[tuple[Entry, ...], BeforeValidator(_listed), Field(alias="rule", min_length=1)]
    grounds: Annotated[tuple[Basis, ...], BeforeValidator(_listed), Field(alias="basis")] = ()
    schedule: Schedule = Field(default_factory=Schedule)
    parameters: Annotated[Mapping[str, Parameter], BeforeValidator(_named)]
    overlaid: Annotated[tuple[str, ...], Field(exclude=True)] = ()
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


def typed(given: Mapping[str, Any]) -> Value:
    """Return a parameter's value in its kind, or raise an error that names the parameter."""
    name, kind, value = given["name"], given.get("kind"), given["value"]
    if kind == "flag":
        if not isinstance(value, bool):
            raise GuidelineError(f"parameter '{name}' must be true or false")
        return value
    if kind == "choice":
        if value not in given.get("choices", ()):
            raise GuidelineError(f"parameter '{name}' must be one of {', '.join(given.get('choices', ()))}")
        return str(value)
    if kind == "names":
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise GuidelineError(f"parameter '{name}' must be a list of names")
        return tuple(sorted(set(value)))
    return _number(name, str(kind), value, given.get("minimum"))


def _number(name: str, kind: str, value: Any, minimum: Any) -> int | float:
    whole = kind in ("days", "count")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise GuidelineError(f"parameter '{name}' must be a {'whole number' if whole else 'number'} ({kind})")
    number = value if whole else _as_float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise GuidelineError(f"parameter '{name}' must be finite")
    if isinstance(minimum, (int, float)) and number < minimum:
        raise GuidelineError(f"parameter '{name}' must be at least {plain(minimum)}, not {plain(number)}")
    if kind == "days" and number > LONGEST_DAYS:
        raise GuidelineError(f"parameter '{name}' must be at most {LONGEST_DAYS} days, not {plain(number)}")
    if kind == "multiple" and number == 0:
        raise GuidelineError(f"parameter '{name}' must be above 0")
    return number


def _as_float(value: float) -> float:
    """Return a number as a float; a whole number that is too large for one is endless."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


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
