"""k-anonymity of persons: which step of each ladder loses least, and which rows are dropped even so.

What is protected is a person, not a row: all rows of one share a pseudonym, so that they are read together. At least
k persons share what their rows say of the quasi-identifiers, all rows of each taken together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.errors import Usage
from flows.export.research.fields import Quasi, Step

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class People:
    """Persons who are alike at the finest steps, once each: their rows in order as combinations, and how many they are.

    `combinations`: one row a combination of levels that the data hold, one column a quasi-identifier, a missing value
    as the level after the last. `rows`: one row a kind of person, its combinations by order of restart, NO_ROW after.
    `kind` and `nth`: of each row of the data, its kind of person and which of the person's rows it is.
    """

    combinations: Numbers
    rows: Numbers
    persons: Numbers
    kind: Numbers
    nth: Numbers

    @property
    def count(self) -> int:
        """Return how many rows the data hold."""
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: a step of each quasi-identifier, the rows that leave, and the information lost (0 to 1)."""

    steps: tuple[int, ...]
    kept: pl.Series
    lost: tuple[float, ...]


def chosen(quasi: Sequence[Quasi], rows: pl.DataFrame, k: int, drop_at_most: float) -> Choice:
    """Return the steps that lose least while k persons at least look alike, and the rows that may leave then.

    `rows` (patient_id, restart_date) are those of the quasi-identifiers, in the same order. Steps that drop more than
    `drop_at_most` of the rows are taken only where none drops less. Usage where no row could leave.
    """
    if rows.is_empty():
        raise Usage("nothing could leave: this release has no episode")
    people = _people(quasi, rows)
    losses = [[_lost(step, one) for step in one.steps] for one in quasi]
    best: tuple[float, float, tuple[int, ...]] = (inf, inf, ())
    for lost, steps in _cheapest_first(quasi, losses):
        if best[:2] <= (0, lost):
            break
        leave = _surviving(people, _classes(people, quasi, steps), k).sum(axis=1)
        share = 1 - int(people.persons @ leave) / people.count
        best = min(best, (max(0.0, share - drop_at_most), lost * (1 - share) + share, steps))
    steps = best[2]
    kept = _surviving(people, _classes(people, quasi, steps), k)[people.kind, people.nth]
    if not kept.any():
        raise Usage(f"nothing could leave: no {k} persons look alike at any step of the ladders")
    return Choice(steps, pl.Series(kept), tuple(losses[at][step] for at, step in enumerate(steps)))


def _people(quasi: Sequence[Quasi], rows: pl.DataFrame) -> People:
    """Return the persons of the rows, those who look alike together."""
    levels = np.column_stack([one.places.fill_null(len(one.steps[0].levels)).to_numpy() for one in quasi])
    combinations, combination = np.unique(levels.astype(np.int64), axis=0, return_inverse=True)
    placed = rows.select(
        pl.col("patient_id").rank("dense").cast(pl.Int64) - 1,
        pl.col("restart_date").rank("ordinal").over("patient_id").cast(pl.Int64).alias("nth") - 1,
    )
    person, nth = placed["patient_id"].to_numpy(), placed["nth"].to_numpy()
    table = np.full((person.max() + 1, nth.max() + 1), NO_ROW, dtype=np.int64)
    table[person, nth] = combination.reshape(-1)
    kinds, kind, persons = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    return People(combinations, kinds, persons.astype(np.int64), kind.reshape(-1)[person], nth)


def _lost(step: Step, one: Quasi) -> float:
    """Return the share of a field's information (entropy over the rows) that a step loses."""
    place = [*step.of, 0 if step.joins_unknown else len(step.levels)]
    levels = one.places.fill_null(len(one.steps[0].levels)).to_numpy()
    whole = _entropy(levels)
    return 1 - _entropy(np.array(place)[levels]) / whole if whole else 0.0


def _entropy(levels: Numbers) -> float:
    shares = np.unique(levels, return_counts=True)[1] / len(levels)
    return float(-(shares * np.log2(shares)).sum())


def _cheapest_first(
    quasi: Sequence[Quasi], losses: Sequence[Sequence[float]]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield each combination of steps with the weighted mean of what it loses, the least first, in a tie the finer."""
    weights = [one.weight / sum(one.weight for one in quasi) for one in quasi]
    every = product(*(one.choices for one in quasi))
    yield from sorted(
        (sum(weight * losses[at][step] for at, (weight, step) in enumerate(zip(weights, steps, strict=True))), steps)
        for steps in every
    )


def _classes(people: People, quasi: Sequence[Quasi], steps: Sequence[int]) -> Numbers:
    """Return the class of each row of each kind of person at some steps; NO_ROW where there is none."""
    classes = np.zeros(len(people.combinations), dtype=np.int64)
    for at, (one, step) in enumerate(zip(quasi, steps, strict=True)):
        taken = one.steps[step]
        place = np.array([*taken.of, 0 if taken.joins_unknown else len(taken.levels)])
        # Told apart anew after each field: a product of all of them would leave the whole numbers.
        classes = _told_apart(classes * (len(taken.levels) + 1) + place[people.combinations[:, at]])
    return np.where(people.rows == NO_ROW, NO_ROW, classes[people.rows])


def _surviving(people: People, classes: Numbers, k: int) -> Truths:
    """Return which rows of each kind of person may leave.

    Of those whom fewer than k persons equal the last row is dropped, as long as they have several, all at once: a row
    that goes makes a person equal to others, and takes none from those who were k already. Then single rows.
    """
    kept: Truths = classes != NO_ROW
    while True:
        alike = _alike(np.where(kept, classes, NO_ROW))
        rare = np.bincount(alike, weights=people.persons)[alike] < k
        several = rare & (kept.sum(axis=1) > 1)
        if not several.any():
            kept[rare] = False
            return kept
        last = kept.shape[1] - 1 - np.argmax(kept[:, ::-1], axis=1)
        kept[several, last[several]] = False


def _alike(classes: Numbers) -> Numbers:
    """Return a number for each person, the same for those whose rows are of the same classes in whatever order."""
    classes = np.sort(classes, axis=1)
    alike = _told_apart(classes[:, 0])
    for nth in range(1, classes.shape[1]):
        alike = _told_apart(alike * (classes.max() + 2) + classes[:, nth] + 1)
    return alike


def _told_apart(numbers: Numbers) -> Numbers:
    """Return the numbers counted from 0, without gaps."""
    return np.unique(numbers, return_inverse=True)[1].reshape(-1)
