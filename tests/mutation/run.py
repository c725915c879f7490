"""Judge mutants in copied workspaces, one warm interpreter each, those tests first that failed before."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from tests.mutation.areas import ROOT, Area
from tests.mutation.mutants import Mutant
from tests.mutation.warm import MUTATE, TOO_LONG

LEFT_OUT = shutil.ignore_patterns(
    "__pycache__", ".venv", "build", "dist", ".git", "*.egg-info", ".*_cache", ".hypothesis"
)
KILLERS = ROOT / "build" / "mutation" / "killers.json"
OF_FILE, OF_AREA = 5, 30
THREADS = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Warm:
    """A warm interpreter in a workspace of its own."""

    def __init__(self, folder: Path) -> None:
        """Copy the project and start the interpreter in the copy."""
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        environment = {key: value for key, value in os.environ.items() if key != MUTATE}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.warm"],
            cwd=folder,
            env=environment | THREADS | {"PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, stages: Sequence[Sequence[str]], mutant: Mutant | None = None) -> dict[str, Any]:
        """Run tests on a mutant, or on the original; return which test failed, and the seconds."""
        changed = {"path": "", "source": "", "parameter": ""}
        if mutant:
            changed = {"path": mutant.path, "source": mutant.source, "parameter": mutant.parameter}
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps({"stages": stages, **changed}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a warm interpreter ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        """Return the running interpreter."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


class Killers:
    """The tests that have failed on mutants, by file and by area; kept from run to run."""

    def __init__(self) -> None:
        """Read what earlier runs found."""
        self.found: dict[str, Counter[str]] = defaultdict(Counter)
        if KILLERS.is_file():
            read = json.loads(KILLERS.read_text(encoding="utf-8"))
            self.found.update({name: Counter(tests) for name, tests in read.items()})
        self.sound: set[str] = set()

    def stages(self, mutant: Mutant) -> list[list[str]]:
        """Return the tests to run: those that killed in this file, those of the area, then the area's in their order.

        Each of these is a stage of its own: within one, pytest asks a file only when its folder's turn comes.
        """
        first = [test for test, _ in self.found[mutant.path].most_common(OF_FILE)]
        then = [test for test, _ in self.found[mutant.area.name].most_common(OF_AREA) if test not in first]
        return [stage for stage in (first, then, *([test] for test in mutant.area.tests)) if stage]

    def add(self, mutant: Mutant, test: str) -> None:
        """Count a kill."""
        for name in (mutant.path, mutant.area.name):
            self.found[name][test] += 1

    def save(self) -> None:
        """Write what was found, for the next run."""
        KILLERS.parent.mkdir(parents=True, exist_ok=True)
        KILLERS.write_text(json.dumps(self.found, indent=0), encoding="utf-8")


@contextmanager
def spaces(folder: Path, workers: int) -> Iterator[SimpleQueue[Warm]]:
    """Yield as many warm interpreters as there are workers."""
    free: SimpleQueue[Warm] = SimpleQueue()
    with ExitStack() as stack:
        for worker in range(workers):
            free.put(stack.enter_context(Warm(folder / str(worker))))
        yield free


def survivors(
    mutants: Sequence[Mutant], folder: Path, workers: int, told: Callable[[Mutant, str, float], None]
) -> list[Mutant]:
    """Return the mutants that no test fails on; a test that fails without a mutant too raises."""
    killers = Killers()
    with spaces(folder, workers) as free, ThreadPoolExecutor(workers) as pool:

        def judged(mutant: Mutant) -> bool:
            space = free.get()
            try:
                answer = space.ask(killers.stages(mutant), mutant)
                killer = str(answer["killer"])
                _require_sound(space, killers, killer, mutant.area)
            finally:
                free.put(space)
            if killer and killer != TOO_LONG:
                killers.add(mutant, killer)
                killers.save()
            told(mutant, killer, answer["seconds"])
            return bool(killer)

        return [mutant for mutant, dies in zip(mutants, pool.map(judged, mutants), strict=True) if not dies]


def _require_sound(space: Warm, killers: Killers, killer: str, area: Area) -> None:
    """Raise where a test fails without a mutant; each is asked once."""
    if killer and killer != TOO_LONG and killer not in killers.sound:
        if space.ask([[killer]])["killer"]:
            raise RuntimeError(f"{area.name}: a test fails without a mutant: {killer}")
        killers.sound.add(killer)
