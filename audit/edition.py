"""The parts of a guideline edition: drug, rules, basis, parameters, schedule; each is checked where it is made."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from audit.errors import GuidelineError

LONGEST_DAYS = 36_525  # a century: no window of treatment is longer, and no sum of days leaves the calendar unseen

Value: TypeAlias = int | float | bool | str | tuple[str, ...]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def plain(number: float) -> str:
    """Return a number in digits: no exponent, no trailing .0, nothing lost."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def listed(value: Any) -> Any:
    """Return a list of the file as a tuple."""
    return tuple(value) if isinstance(value, list) else value


Texts: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(listed)]


class Part(BaseModel):
    """A part of an edition's file: typed strictly, without unknown keys, never changed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Drug(Part):
    """The audited drug, the others of its class, and the step by which its daily dose is given."""

    audited: Text
    other_thiopurines: Texts = ()
    dose_step_mg: Annotated[float, Field(gt=0)] | None = None


class Entry(Part):
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


class Basis(Part):
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


class Parameter(Part):
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


class Phase(Part):
    """Monitoring slots at fixed due days after the restart; unstable blocks repeat or move them."""

    rule: str
    days: Annotated[tuple[int, ...], BeforeValidator(listed)]
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


class LongTerm(Part):
    """The rolling phase: the next draw is due `step` days after the anchor."""

    rule: str
    after: str
    step: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    tolerance: str


class Stability(Part):
    """The first block of days whose values extend the schedule; it is also the length of an extension."""

    first_day: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    last_day: Annotated[int, Field(le=LONGEST_DAYS)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last_day < self.first_day:
            raise GuidelineError("last_day lies before first_day")
        return self


class Schedule(Part):
    """The monitoring schedule."""

    phases: Annotated[tuple[Phase, ...], BeforeValidator(listed), Field(alias="phase")] = ()
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
