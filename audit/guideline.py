"""A guideline edition as data: parameters, monitoring schedule, audited drug.

An edition is one TOML file; a site overlays single values by name. Every number that a rule uses is
read from here, so the edition and its hash say the whole of what was applied.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias, cast

EDITIONS = Path(__file__).parent / "guidelines"
DEFAULT_EDITION = "dr-oracle-2025"
LONGEST_DAYS = 36_525  # a century: no window of treatment is longer, and no sum of days leaves the calendar unseen
DRUG_KEYS = ("audited_drug", "other_thiopurines")

Value: TypeAlias = int | float | bool | str | tuple[str, ...]


class GuidelineError(ValueError):
    """An edition or overlay that cannot be applied; the message names the parameter."""


def plain(number: float) -> str:
    """Return a number in digits: no exponent, no trailing .0, nothing lost."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the guideline with its unit, words and origin."""

    name: str
    value: Value
    unit: str
    kind: str
    statement: str
    source: str
    locator: str
    evidence: str
    reviewed_on: date
    review_due: date
    minimum: float | None = None
    not_above: str | None = None
    choices: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Phase:
    """Monitoring slots at fixed due days after the restart; unstable blocks repeat or move them."""

    rule: str
    days: tuple[int, ...]
    tolerance: str
    when_unstable: str = "stays"


@dataclass(frozen=True, slots=True)
class LongTerm:
    """The rolling phase: the next draw is due `step` days after the anchor."""

    rule: str
    after: str
    step: int
    tolerance: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The monitoring schedule; the stability block is also the length of an extension."""

    phases: tuple[Phase, ...]
    first_day: int | None = None
    last_day: int | None = None
    long_term: LongTerm | None = None

    @property
    def block_days(self) -> int:
        """Return the length of a stability block, in days; 0 without one."""
        if self.first_day is None or self.last_day is None:
            return 0
        return self.last_day - self.first_day + 1


@dataclass(frozen=True)
class Guideline:
    """One edition, ready to be bound to the rules."""

    id: str
    title: str
    edition: str
    review_status: str
    publisher: str
    notice: str
    audited_drug: str
    other_thiopurines: tuple[str, ...]
    schedule: Schedule
    basis: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Parameter]
    overlaid: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> Parameter:
        """Return a parameter by name, or raise `GuidelineError`."""
        try:
            return self.parameters[name]
        except KeyError:
            raise GuidelineError(f"guideline {self.id} has no parameter '{name}'") from None

    @property
    def values(self) -> dict[str, Any]:
        """Return all that decides a verdict: drug, schedule and every value, by name."""
        schedule = self.schedule
        return {
            "audited_drug": self.audited_drug,
            "other_thiopurines": list(self.other_thiopurines),
            "schedule": {
                "phases": [[p.rule, list(p.days), p.tolerance, p.when_unstable] for p in schedule.phases],
                "stability": [schedule.first_day, schedule.last_day],
                "long_term": _long_term_values(schedule.long_term),
            },
            "parameters": {name: self.parameters[name].value for name in sorted(self.parameters)},
        }

    @property
    def hash(self) -> str:
        """Return the SHA-256 of `values`: equal hashes judge alike."""
        text = json.dumps(self.values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def load(edition: str | Path = DEFAULT_EDITION) -> Guideline:
    """Read an edition by its id, or from a TOML file; `extends` names the edition it starts from."""
    path = edition if isinstance(edition, Path) else EDITIONS / f"{edition}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in EDITIONS.glob("*.toml")))
        raise GuidelineError(f"no guideline edition '{path.stem}' (known: {known})")
    return _build(_read(path))


def overlay(guideline: Guideline, values: Mapping[str, Any]) -> Guideline:
    """Return the edition with a site's values in place of its own, by parameter name."""
    drug = {key: values[key] for key in DRUG_KEYS if key in values}
    parameters = dict(guideline.parameters)
    for name, value in values.items():
        if name in drug:
            continue
        if name not in parameters:
            raise GuidelineError(f"unknown parameter '{name}'")
        parameters[name] = replace(parameters[name], value=_typed(parameters[name], value))
    changed = replace(
        guideline,
        audited_drug=_word("audited_drug", drug.get("audited_drug", guideline.audited_drug)),
        other_thiopurines=_words("other_thiopurines", drug.get("other_thiopurines", guideline.other_thiopurines)),
        parameters=parameters,
        overlaid=tuple(sorted({*guideline.overlaid, *values})),
    )
    return _checked(changed)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GuidelineError(f"guideline file {path.name} is not readable TOML: {error}") from None
    if "extends" not in data:
        return data
    base = _read(EDITIONS / f"{data.pop('extends')}.toml")
    parameters = {**base["parameters"]}
    for name, given in data.pop("parameters", {}).items():
        parameters[name] = {**parameters.get(name, {}), **given}
    return {**base, **data, "parameters": parameters}


def _build(data: dict[str, Any]) -> Guideline:
    try:
        guideline = Guideline(
            id=data["id"],
            title=data["title"],
            edition=data["edition"],
            review_status=data["review_status"],
            publisher=data["publisher"],
            notice=data["notice"],
            audited_drug=_word("audited", data["drug"]["audited"]),
            other_thiopurines=_words("other_thiopurines", data["drug"].get("other_thiopurines", [])),
            schedule=_schedule(data["schedule"]),
            basis=tuple(data.get("basis", ())),
            parameters={name: _parameter(name, given) for name, given in data["parameters"].items()},
        )
    except KeyError as error:
        raise GuidelineError(f"guideline edition lacks {error}") from None
    return _checked(guideline)


def _parameter(name: str, given: Mapping[str, Any]) -> Parameter:
    fields = {**given, "choices": tuple(given.get("choices", ()))}
    try:
        parameter = Parameter(name=name, **fields)
    except TypeError as error:
        raise GuidelineError(f"parameter '{name}': {str(error).split('__init__() ')[-1]}") from None
    return replace(parameter, value=_typed(parameter, parameter.value))


def _typed(parameter: Parameter, value: Any) -> Value:
    """Return the value in the parameter's kind, or raise an error that names the parameter."""
    name, kind = parameter.name, parameter.kind
    if kind == "flag":
        if not isinstance(value, bool):
            raise GuidelineError(f"parameter '{name}' must be true or false")
        return value
    if kind == "choice":
        if value not in parameter.choices:
            raise GuidelineError(f"parameter '{name}' must be one of {', '.join(parameter.choices)}")
        return str(value)
    if kind == "names":
        names = _words(name, value)
        if unknown := sorted(set(names) - set(parameter.choices)):
            raise GuidelineError(f"parameter '{name}' does not know {', '.join(unknown)}")
        return tuple(sorted(set(names)))
    whole = kind in ("days", "count")
    if kind not in ("days", "count", "multiple", "factor", "level"):
        raise GuidelineError(f"parameter '{name}' has the unknown kind '{kind}'")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise GuidelineError(f"parameter '{name}' must be a {'whole number' if whole else 'number'} ({kind})")
    if not whole:
        value = _as_float(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise GuidelineError(f"parameter '{name}' must be finite")
    if parameter.minimum is not None and value < parameter.minimum:
        raise GuidelineError(f"parameter '{name}' must be at least {plain(parameter.minimum)}, not {plain(value)}")
    if kind == "days" and value > LONGEST_DAYS:
        raise GuidelineError(f"parameter '{name}' must be at most {LONGEST_DAYS} days, not {plain(value)}")
    if kind == "multiple" and value == 0:
        raise GuidelineError(f"parameter '{name}' must be above 0")
    return cast("Value", value)


def _as_float(value: float) -> float:
    """Return a number as a float; a whole number that is too large for one is endless."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _checked(guideline: Guideline) -> Guideline:
    """Hold what must be true between values; impossible pairs raise an error that names both."""
    for parameter in guideline.parameters.values():
        if parameter.not_above is None:
            continue
        upper = guideline[parameter.not_above]
        if parameter.number > upper.number:
            raise GuidelineError(
                f"parameter '{parameter.name}' ({parameter.digits}) is above '{upper.name}' ({upper.digits})"
            )
    schedule = guideline.schedule
    for tolerance in [
        *(p.tolerance for p in schedule.phases),
        *([schedule.long_term.tolerance] if schedule.long_term else []),
    ]:
        _ = guideline[tolerance]
    return guideline


def _schedule(given: Mapping[str, Any]) -> Schedule:
    stability, long_term = given.get("stability", {}), given.get("long_term")
    schedule = Schedule(
        phases=tuple(_phase(phase) for phase in given.get("phase", ())),
        first_day=stability.get("first_day"),
        last_day=stability.get("last_day"),
        long_term=LongTerm(**long_term) if long_term else None,
    )
    rules = [phase.rule for phase in schedule.phases]
    if len(set(rules)) != len(rules):
        raise GuidelineError("schedule: two phases name the same rule")
    if schedule.first_day is not None and schedule.block_days < 1:
        raise GuidelineError("schedule: stability.last_day lies before stability.first_day")
    if schedule.long_term and (schedule.long_term.after not in rules or schedule.long_term.step < 1):
        raise GuidelineError("schedule: long_term needs a step of at least 1 and a phase to follow ('after')")
    return schedule


def _phase(given: Mapping[str, Any]) -> Phase:
    rule = given.get("rule", "?")
    if "days" in given:
        days = tuple(given["days"])
    else:
        try:
            days = tuple(given["first"] + given["step"] * k for k in range(given["count"]))
        except KeyError as error:
            raise GuidelineError(f"schedule: phase {rule} needs days, or first, step and count (no {error})") from None
    if not days or any(not isinstance(day, int) or day < 1 for day in days) or list(days) != sorted(set(days)):
        raise GuidelineError(f"schedule: phase {rule} needs rising due days from day 1 on")
    when_unstable = given.get("when_unstable", "stays")
    if when_unstable not in ("stays", "repeats", "moves"):
        raise GuidelineError(f"schedule: phase {rule}: when_unstable must be stays, repeats or moves")
    if "tolerance" not in given:
        raise GuidelineError(f"schedule: phase {rule} names no tolerance")
    return Phase(rule=rule, days=days, tolerance=given["tolerance"], when_unstable=when_unstable)


def _long_term_values(long_term: LongTerm | None) -> list[Any]:
    return [] if long_term is None else [long_term.rule, long_term.after, long_term.step, long_term.tolerance]


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise GuidelineError(f"'{name}' must be a concept name")
    return value


def _words(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise GuidelineError(f"'{name}' must be a list of names")
    return tuple(value)
