"""The mutants: every edit of the areas' files, every step of a parameter; which of them a run takes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.edition import Parameter
from audit.errors import GuidelineError
from audit.guideline import Guideline, overlay
from flows.editions import load
from tests.mutation.areas import PARAMETERS, ROOT, Area
from tests.mutation.edits import named
from tests.mutation.python_edits import Python
from tests.mutation.sql_edits import Sql

EQUIVALENT = Path(__file__).parent / "equivalent"


@dataclass(frozen=True)
class Mutant:
    """One change: the text of a file, or a parameter's value."""

    name: str
    area: Area
    path: str = ""
    source: str = ""
    parameter: str = ""


def of(area: Area) -> Iterator[Mutant]:
    """Yield all mutants of an area in order."""
    if area.name == PARAMETERS.name:
        yield from _of_parameters(load(), area)
    for path in area.paths():
        source, place = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        edits = Sql(source).edits() if path.suffix == ".sql" else Python(source).edits()
        for name, edit in named(source, edits):
            yield Mutant(f"{place}: {name}", area, path=place, source=edit.of(source))


def sampled(mutants: Iterable[Mutant], share: float, seed: str) -> list[Mutant]:
    """Return the share of the mutants that a seed picks, by name alone: the same at every run."""

    def at(mutant: Mutant) -> float:
        digest = hashlib.sha256(f"{seed} {mutant.name}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64

    return [mutant for mutant in mutants if at(mutant) < share]


def equivalent() -> dict[str, str]:
    """Return the mutants that no test can tell from the original, each with the reason: `= reason`, then names."""
    listed: dict[str, str] = {}
    for path in sorted(EQUIVALENT.glob("*.txt")):
        reason = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                reason = line[2:]
            elif line:
                if not reason or line in listed:
                    raise ValueError(f"{path.name}: a mutant without a reason, or twice: {line}")
                listed[line] = reason
    return listed


def _of_parameters(guideline: Guideline, area: Area) -> Iterator[Mutant]:
    """Yield each parameter's steps that the guideline allows."""
    for name, parameter in guideline.parameters.items():
        for value in steps(parameter):
            said = json.dumps(value)
            try:
                overlay(guideline, {name: value})
            except GuidelineError:
                continue
            yield Mutant(f"{name} = {said}", area, parameter=f"{name}={said}")


def steps(parameter: Parameter) -> list[Any]:
    """Return the values one meaningful step from a parameter's own."""
    value: Any = parameter.value
    if parameter.kind == "flag":
        return [not value]
    if parameter.kind == "choice":
        return [choice for choice in parameter.choices if choice != value]
    if parameter.kind == "names":
        return [[name for name in value if name != left_out] for left_out in value]
    if parameter.kind in ("days", "count"):
        return [value - 1, value + 1]
    if parameter.name == "ratio_epsilon":
        return [value / 10, value * 10]
    step = {"multiple": 0.1, "factor": 0.01}.get(parameter.kind, 1 if value >= 10 else 0.1)
    return [round(value - step, 6), round(value + step, 6)]
