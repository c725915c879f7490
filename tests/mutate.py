"""Change one number, comparison or added day of the audit at a time: each change must fail a specification.

`python -m tests.mutate [WORD ...]` runs the mutants whose name holds every word, or all. Parameters are
stepped through the environment that tests/spec/conftest.py reads; comparisons are rewritten in a copy of
the package in a temporary folder. Survivors are printed; those that no patient can tell apart are listed
below with the reason. Exit 1 if another survives.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from audit.edition import Parameter
from audit.errors import GuidelineError
from audit.guideline import Guideline, overlay
from flows.editions import load

ROOT = Path(__file__).parent.parent
MUTATE = "RECHALLENGE_MUTATE"
WORKERS = 2
PATIENCE_SECONDS = 300
STRICTNESS = {">=": ">", ">": ">=", "<=": "<", "<": "<="}
ENDS = {"both": ("left", "right"), "left": ("both", "none"), "right": ("both", "none"), "none": ("left", "right")}
HELPERS = {"at_least": "above", "above": "at_least"}

NO_LATER_DAY = "a change on the last observed day is no later change, and none is told of"

# Mutants that no patient can tell from the original, by name, each with the reason.
EQUIVALENT: dict[str, str] = {
    "dose_min_mg": "the dose is made unknown while staging, before the audit",
    "dose_max_mg": "the dose is made unknown while staging, before the audit",
    "assumed_supply_days": "a source gives the record its end, before the audit",
    'restart/episodes.py: .filter(day.is_between(earliest, pl.col("qualified_on"))) [default -> , closed="left"]': (
        "the run is sought before the qualifying day, which is the onset where the run is empty"
    ),
    'restart/doses.py: ("dose_before", pl.col("stop_date") - 1), [1 -> 0]': (
        "the stop date has no cover, and a day without cover takes the last covered day before it"
    ),
    "after/symptoms.py: .when(observed_to < soft) [< -> <=] #2": NO_LATER_DAY,
    'after/symptoms.py: is_due_later = ~is_followed & (pl.col("observed_to") < due) [< -> <=]': NO_LATER_DAY,
    'after/stability.py: .filter(pl.col("date") > pl.col("restart_date"), pl.col("date") <= pl.col("censor_date")) '
    "[> -> >=]": "no block of stability begins on the restart day",
}


@dataclass(frozen=True)
class Mutant:
    """One change: a parameter's value, or the text of a module of the copy."""

    name: str
    environment: str = ""
    module: str = ""
    source: str = ""

    @property
    def excuse(self) -> str | None:
        """Return the name under which the mutant is listed as one that no patient can tell from the original."""
        return next((name for name in (self.name, self.name.split(" = ")[0]) if name in EQUIVALENT), None)


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


def of_parameters(guideline: Guideline) -> Iterator[Mutant]:
    """Yield each parameter's steps that the guideline allows."""
    for name, parameter in guideline.parameters.items():
        for value in steps(parameter):
            said = f"{name}={json.dumps(value)}"
            try:
                overlay(guideline, {name: value})
            except GuidelineError as error:
                print(f"impossible: {said} ({error})")
            else:
                yield Mutant(said.replace("=", " = ", 1), environment=said)


def of_modules() -> Iterator[Mutant]:
    """Yield each comparison of derivations and rules with its strictness changed, each day added with another."""
    for path in sorted([*(ROOT / "audit/derive").rglob("*.py"), *(ROOT / "audit/rules").glob("*.py")]):
        source = path.read_text(encoding="utf-8")
        seen: dict[str, int] = {}
        for start, end, new in sorted(set(_edits(source))):
            line = source[source.rfind("\n", 0, start) + 1 :].split("\n", 1)[0].strip()
            name = f"{path.parent.name}/{path.name}: {line} [{source[start:end] or 'default'} -> {new}]"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name += f" #{seen[name]}"
            module = path.relative_to(ROOT).as_posix()
            yield Mutant(name, module=module, source=source[:start] + new + source[end:])


def _edits(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and new text of each change to a comparison or to a day added."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    if not source.isascii():
        raise ValueError("positions are counted in ASCII source only")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            yield from _operators(source, starts, node)
        elif isinstance(node, ast.Call):
            yield from _calls(source, starts, node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            yield from _offsets(starts, node)


def _operators(source: str, starts: list[int], node: ast.Compare) -> Iterator[tuple[int, int, str]]:
    for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
        begin, end = _end(starts, left), starts[right.lineno - 1] + right.col_offset
        if found := re.search(r">=|<=|>|<", source[begin:end]):
            yield begin + found.start(), begin + found.end(), STRICTNESS[found[0]]


def _offsets(starts: list[int], node: ast.BinOp) -> Iterator[tuple[int, int, str]]:
    if isinstance(node.right, ast.Constant) and isinstance(node.right.value, int):
        begin = starts[node.right.lineno - 1] + node.right.col_offset
        for value in (node.right.value - 1, node.right.value + 1):
            yield begin, _end(starts, node.right), str(value)


def _calls(source: str, starts: list[int], node: ast.Call) -> Iterator[tuple[int, int, str]]:
    end = _end(starts, node.func)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in HELPERS:
        yield end - len(name), end, HELPERS[name]
    if name != "is_between":
        return
    closed = [keyword.value for keyword in node.keywords if keyword.arg == "closed"]
    if closed and isinstance(closed[0], ast.Constant):
        begin = starts[closed[0].lineno - 1] + closed[0].col_offset
        for other in ENDS[str(closed[0].value)]:
            yield begin, _end(starts, closed[0]), f'"{other}"'
    elif not closed:
        last = _end(starts, node) - 1
        comma = "" if source[:last].rstrip().endswith(",") else ", "
        for other in ENDS["both"]:
            yield last, last, f'{comma}closed="{other}"'


def _end(starts: list[int], node: ast.expr) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.end_lineno - 1] + node.end_col_offset


def workspace(folder: Path) -> Path:
    """Copy what the specifications need into a folder of their own."""
    shutil.copytree(ROOT / "audit", folder / "audit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests/spec", folder / "tests/spec", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/tables.py", folder / "tests/tables.py")
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return folder


def is_killed(mutant: Mutant, folder: Path) -> bool:
    """Tell whether the specifications fail on a mutant."""
    path = folder / mutant.module
    original = path.read_text(encoding="utf-8") if mutant.module else ""
    if mutant.module:
        path.write_text(mutant.source, encoding="utf-8")
    try:
        return _fails(folder, {MUTATE: mutant.environment} if mutant.environment else {})
    finally:
        if mutant.module:
            path.write_text(original, encoding="utf-8")


def _fails(folder: Path, said: dict[str, str]) -> bool:
    """Run the specifications in a folder; a broken run (neither passed nor failed) raises."""
    environment = {key: value for key, value in os.environ.items() if key not in (MUTATE, "PYTHONPATH")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1", **said}
    command = [sys.executable, "-m", "pytest", "tests/spec", "-x", "-q", "--no-header", "--tb=no"]
    try:
        run = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    if run.returncode not in (0, 1):
        raise RuntimeError(f"the specifications did not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return run.returncode == 1


def survivors(mutants: list[Mutant], folder: Path) -> list[Mutant]:
    """Return the mutants that no specification fails on, after a run without any."""
    spaces: SimpleQueue[Path] = SimpleQueue()
    for worker in range(WORKERS):
        spaces.put(workspace(folder / str(worker)))
    if _fails(folder / "0", {}):
        raise RuntimeError("the specifications fail without a mutant")

    def survives(mutant: Mutant) -> bool:
        space = spaces.get()
        try:
            killed = is_killed(mutant, space)
        finally:
            spaces.put(space)
        print("killed  " if killed else "SURVIVED", mutant.name, flush=True)
        return not killed

    with ThreadPoolExecutor(WORKERS) as pool:
        return [mutant for mutant, lives in zip(mutants, pool.map(survives, mutants), strict=True) if lives]


def main(words: list[str]) -> int:
    """Run the mutants, print the survivors and the totals; 1 if one survives unexplained."""
    mutants = [m for m in (*of_parameters(load()), *of_modules()) if all(word in m.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        lived = survivors(mutants, Path(folder))
    excused = {mutant.excuse for mutant in lived if mutant.excuse}
    unexplained = [mutant.name for mutant in lived if not mutant.excuse]
    # An explanation of a mutant that is gone, or that a specification tells apart, is no longer true.
    stale = [] if words else sorted(set(EQUIVALENT) - excused)
    killed, equivalent = len(mutants) - len(lived), len(lived) - len(unexplained)
    print(f"\n{len(mutants)} mutants: {killed} killed, {equivalent} equivalent, {len(unexplained)} alive")
    for title, names in (("equivalent", sorted(excused)), ("ALIVE", unexplained), ("STALE", stale)):
        for name in names:
            print(f"{title}: {name}" + (f": {EQUIVALENT[name]}" if title == "equivalent" else ""))
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
