"""Change the program in one small place at a time: each change must fail a test.

`python -m tests.mutate` takes a share of the mutants of every area (tests/mutation/areas.py) that the seed picks, in an
hour on two cores; `--all` takes all, `--area omop` those of an area, `--share 0.5` another part, and words only those
whose names hold every word. Survivors are printed; those that no test can tell from the original are listed with the
reason in tests/mutation/equivalent. Exit 1 if another survives, or if the list names a mutant that is gone or killed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.mutation import mutants
from tests.mutation.areas import AREAS, Area
from tests.mutation.mutants import Mutant
from tests.mutation.run import survivors

SEED = "rechallenge"


def asked(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose names hold every word, all of them")
    parser.add_argument(
        "--area", action="append", choices=[area.name for area in AREAS], help="an area; may be repeated"
    )
    parser.add_argument("--share", type=float, help="the part of each area's mutants, in place of its own")
    parser.add_argument("--all", action="store_true", help="every mutant")
    parser.add_argument("--seed", default=SEED, help=f"what picks the mutants of a share ({SEED})")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", nargs="+", help="only these tests, quicker to find what survives the rest as well")
    parser.add_argument("--list", action="store_true", help="print the names, judge nothing")
    return parser.parse_args(words)


def chosen(said: argparse.Namespace, known: dict[Area, list[Mutant]]) -> list[Mutant]:
    """Return the mutants that a run takes."""
    taken = []
    for area, found in known.items():
        share = 1.0 if said.all or said.words else said.share or area.share
        named = [mutant for mutant in found if all(word in mutant.name for word in said.words)]
        taken += mutants.sampled(named, share, said.seed)
    return taken


def told(mutant: Mutant, killer: str, seconds: float) -> None:
    """Print what became of a mutant."""
    print(
        f"{'killed' if killer else 'SURVIVED':8} {seconds:6.1f} s  {mutant.name}  {killer and f'by {killer}'}",
        flush=True,
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run the mutants, print survivors and totals by area; 1 if one survives unexplained."""
    said = asked(words)
    areas = [area for area in AREAS if not said.area or area.name in said.area]
    if said.tests:
        areas = [replace(area, tests=tuple(said.tests)) for area in areas]
    known = {area: list(mutants.of(area)) for area in areas}
    taken = chosen(said, known)
    if said.list:
        print("\n".join(mutant.name for mutant in taken))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        lived = {mutant.name for mutant in survivors(taken, Path(folder), said.workers, told)}
    listed = mutants.equivalent()
    names = {mutant.name for found in known.values() for mutant in found}
    gone = {name for name in listed if name not in names} if len(areas) == len(AREAS) else set()
    stale = sorted(gone | {mutant.name for mutant in taken if mutant.name in listed and mutant.name not in lived})
    alive = sorted(lived - set(listed))
    print(f"\nseed {said.seed!r}\n{'area':<12}{'mutants':>9}{'run':>7}{'killed':>8}{'equivalent':>12}{'alive':>7}")
    for area, found in known.items():
        mine = [mutant.name for mutant in taken if mutant.area == area]
        alike, living = len(lived.intersection(mine) & set(listed)), len(set(alive).intersection(mine))
        counts = (len(found), len(mine), len(mine) - alike - living, alike, living)
        print(f"{area.name:<12}{counts[0]:>9}{counts[1]:>7}{counts[2]:>8}{counts[3]:>12}{counts[4]:>7}")
    for title, names_of in (("ALIVE", alive), ("STALE", stale)):
        for name in names_of:
            print(f"{title}: {name}")
    return 1 if alive or stale else 0


if __name__ == "__main__":
    sys.exit(main())
