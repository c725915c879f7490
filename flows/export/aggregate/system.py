"""What a reader of an export can work out: bounds of each count, and the sums that hold, as linear programs.

The attacker knows what is published, the rounding, that counts are whole and not negative, and which sums hold; not
which of the hidden counts are the small ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog  # type: ignore[import-untyped]
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from flows.errors import Broken, Usage
from flows.export.aggregate.cells import Cell

Floats = NDArray[np.float64]
SLACK = 1e-6
AT_ONCE = 16  # times that all unproved counts of a block are asked for at once, up and down by chance
SEED = 1
MOST = 4_000_000  # counts to be proved in the whole, times all counts: some minutes
STEPS = 100  # of drawing bounds from sums; they are whole, so each step that changes none is the last


@dataclass(frozen=True, slots=True)
class Need:
    """What the range of a hidden count must have: a width, a beginning at or below, an end at or above."""

    width: int
    begins: int
    ends: int

    def is_met(self, least: float, greatest: float) -> bool:
        """Return whether a range in whole numbers has it."""
        return greatest - least >= self.width and least <= self.begins and greatest >= self.ends


@dataclass(frozen=True, slots=True)
class Rounding:
    """How counts are shown: none below `threshold` (but 0, where it is), the others as multiples of `base`."""

    threshold: int
    base: int
    zero_is_shown: bool

    def is_small(self, count: int) -> bool:
        """Return whether a count is hidden for itself."""
        return count < self.threshold and not (count == 0 and self.zero_is_shown)

    def shown(self, count: int) -> int:
        """Return a count as it is shown: the nearest multiple of the base, of two the greater."""
        return (count + self.base // 2) // self.base * self.base

    def bounds(self, shown: int | None) -> tuple[float, float]:
        """Return the least and the greatest count that is shown so; a hidden one may be any."""
        if shown is None:
            return 0.0, np.inf
        if shown == 0 and self.zero_is_shown:
            return 0.0, 0.0
        least = shown - self.base // 2
        return float(max(self.threshold, least)), float(least + self.base - 1)

    def can_show(self, shown: int) -> bool:
        """Return whether some count is shown so."""
        least, greatest = self.bounds(shown)
        return least <= greatest and self.shown(shown) == shown


@dataclass(frozen=True, slots=True)
class System:
    """Counts by their place, the sums that hold among them (rows of `sums` times counts are 0), and their bounds."""

    place: Mapping[Cell, int]
    sums: csr_array
    low: Floats
    high: Floats

    @property
    def beyond(self) -> float:
        """Return a count that no bound of what is shown allows for: one that reaches it has no upper end."""
        finite = self.high[np.isfinite(self.high)]
        return float(10 * (finite.max() if finite.size else 0) + 100_000)

    def reach(self, weights: Mapping[int, float]) -> Floats:
        """Return counts that all bounds and sums allow, of which the weighted sum is the greatest."""
        aim = np.zeros(len(self.place))
        aim[list(weights)] = list(weights.values())
        return _greatest(aim, self.sums, np.zeros(self.sums.shape[0]), self.low, np.minimum(self.high, self.beyond))

    def block(self, places: Sequence[int], held: Floats) -> "Block":
        """Return some of the counts as a system of their own, where all others are as in `held`, which is allowed."""
        columns = np.array(places)
        part = self.sums[:, columns]
        rows = np.flatnonzero(np.diff(part.tocsr().indptr))
        rest = held.copy()
        rest[columns] = 0
        right = -(self.sums @ rest)[rows]
        return Block(columns, part[rows], right, self.low[columns], np.minimum(self.high, self.beyond)[columns], held)


@dataclass(frozen=True, slots=True)
class Block:
    """Counts that may move while all others stay: what they can be, all together can be; small, so quickly solved."""

    columns: NDArray[np.int64]
    sums: csr_array
    right: Floats
    low: Floats
    high: Floats
    held: Floats

    def reach(self, weights: Mapping[int, float]) -> Floats:
        """Return all counts, of which the block's weighted sum is the greatest."""
        aim = np.array([weights.get(int(place), 0.0) for place in self.columns])
        found = self.held.copy()
        found[self.columns] = _greatest(aim, self.sums, self.right, self.low, self.high)
        return found


def _greatest(aim: Floats, sums: csr_array, right: Floats, low: Floats, high: Floats) -> Floats:
    """Return the counts within bounds of which the aim is the greatest; Broken where there are none."""
    bounds = np.column_stack([low, high])
    found: Any = linprog(-aim, A_eq=sums, b_eq=right, bounds=bounds, method="highs")
    if found.status != 0:
        raise Broken("what is published contradicts itself: no counts at all give it")
    return np.asarray(found.x, dtype=np.float64)


@dataclass(slots=True)
class Ranges:
    """The least and the greatest value of each count that some allowed counts have; both ends are always possible."""

    least: Floats
    greatest: Floats

    @classmethod
    def of(cls, found: System) -> "Ranges":
        """Return the ranges of a system of which nothing is seen yet."""
        return cls(np.full(len(found.place), np.inf), np.full(len(found.place), -np.inf))

    def see(self, counts: Floats) -> None:
        """Widen by counts that are allowed."""
        np.minimum(self.least, counts, out=self.least)
        np.maximum(self.greatest, counts, out=self.greatest)

    def whole(self, place: int) -> tuple[int, int]:
        """Return the range of a count in whole numbers; of one not yet seen an empty one."""
        if not np.isfinite(self.least[place]):
            return 1, 0
        return int(np.ceil(self.least[place] - SLACK)), int(np.floor(self.greatest[place] + SLACK))


def both(one: tuple[float, float] | None, other: tuple[float, float]) -> tuple[float, float]:
    """Return the bounds of a count of which two are known, or the other alone."""
    return other if one is None else (max(one[0], other[0]), min(one[1], other[1]))


def system(
    counts: Iterable[Cell], sums: Sequence[tuple[Cell, Sequence[Cell]]], bounds: Mapping[Cell, tuple[float, float]]
) -> System:
    """Return the system of some counts; a count without bounds may be any."""
    place = {cell: number for number, cell in enumerate(counts)}
    rows, columns, values = [], [], []
    for number, (whole, parts) in enumerate(sums):
        for cell, value in ((whole, 1.0), *((part, -1.0) for part in parts)):
            rows.append(number)
            columns.append(place[cell])
            values.append(value)
    low, high = np.zeros(len(place)), np.full(len(place), np.inf)
    for cell, (least, greatest) in bounds.items():
        low[place[cell]], high[place[cell]] = least, greatest
    return System(place, csr_array((values, (rows, columns)), shape=(len(sums), len(place))), low, high)


def implied(found: System) -> tuple[Floats, Floats]:
    """Return bounds that follow for each count from one sum after the other, until none follows any more.

    They are never narrower than what can be worked out, and may be wider: cheap, where a program for each is dear.
    """
    low, high = found.low.copy(), np.minimum(found.high, found.beyond)
    rows = np.repeat(np.arange(found.sums.shape[0]), np.diff(found.sums.indptr))
    columns, values = found.sums.indices, found.sums.data
    for _ in range(STEPS):
        # A term is least where its count is, or where it is taken off and its count is greatest.
        least = np.where(values > 0, low[columns], -high[columns])
        most = np.where(values > 0, high[columns], -low[columns])
        sum_least, sum_most = (np.bincount(rows, term, found.sums.shape[0])[rows] for term in (least, most))
        # What the others leave for a term, so that the whole is 0.
        term_low, term_high = most - sum_most, least - sum_least
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, columns, np.ceil(np.where(values > 0, term_low, -term_high) - SLACK))
        np.minimum.at(new_high, columns, np.floor(np.where(values > 0, term_high, -term_low) + SLACK))
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, np.where(high >= found.beyond - SLACK, np.inf, high)


def narrow(found: System, needs: Mapping[int, Need]) -> list[int]:
    """Return the counts that sums alone give away, without a program: what is not among them is not proved safe."""
    low, high = implied(found)
    return [place for place, need in needs.items() if not need.is_met(low[place], high[place])]


def exposed(found: System, needs: Mapping[int, Need], blocks: Mapping[int, object]) -> list[int]:
    """Return the counts whose range is too narrow; all others are proved safe.

    First what the counts of one block can be while all others stay, which proves most for little; then in the whole one
    of each block at once; then what is left alone.
    """
    ranges, too_narrow = Ranges.of(found), []
    open_ = set(_left_by_blocks(found, ranges, needs, blocks))
    if len(open_) * len(found.place) > MOST:
        raise Usage(
            "too many counts are small to be kept in bearable time: take fewer levels, or one stratum at a time"
        )
    while open_:
        asked = {blocks[place] or place: place for place in sorted(open_, reverse=True)}
        for sign in (1.0, -1.0):
            ranges.see(found.reach(dict.fromkeys(asked.values(), sign)))
        open_ = {place for place in open_ if not needs[place].is_met(*ranges.whole(place))}
        for place in sorted(open_.intersection(asked.values())):
            for sign in (1.0, -1.0):
                ranges.see(found.reach({place: sign}))
            open_.discard(place)
            if not needs[place].is_met(*ranges.whole(place)):
                too_narrow.append(place)
    return too_narrow


def _left_by_blocks(
    found: System, ranges: Ranges, needs: Mapping[int, Need], blocks: Mapping[int, object]
) -> Iterable[int]:
    """Widen the ranges block by block; return the counts that are not proved safe so."""
    held, chance = found.reach({}), np.random.default_rng(SEED)
    members = defaultdict(list)
    for cell, place in found.place.items():
        members[cell.rule or None].append(place)
    for name, places in members.items():
        asked = [place for place in needs if blocks[place] == name]
        if name is None or not asked:
            continue
        block = found.block(places, held)
        for turn in range(AT_ONCE):
            asked = [place for place in asked if not needs[place].is_met(*ranges.whole(place))]
            signs = chance.choice([-1.0, 1.0], len(asked)) if turn > 1 else np.full(len(asked), 1.0 - 2 * turn)
            ranges.see(block.reach(dict(zip(asked, signs, strict=True))))
        for place in asked:
            for sign in (1.0, -1.0):
                if not needs[place].is_met(*ranges.whole(place)):
                    ranges.see(block.reach({place: sign}))
    return [place for place, need in needs.items() if not need.is_met(*ranges.whole(place))]


def exact(found: System, places: Iterable[int]) -> dict[int, tuple[float, float]]:
    """Return the least and the greatest value of each of some counts, whole numbers; infinite where nothing bounds it.

    An end that some allowed counts have and that sums imply is the end: no program of its own is solved for it.
    """
    low, high = implied(found)
    ranges, wanted = Ranges.of(found), list(places)
    for sign, end in ((-1.0, low), (1.0, np.where(np.isinf(high), found.beyond, high))):
        for place in wanted:
            seen = ranges.least if sign < 0 else ranges.greatest
            if abs(seen[place] - end[place]) > SLACK:
                ranges.see(found.reach({place: sign}))
    ends = {place: ranges.whole(place) for place in wanted}
    return {place: (low, np.inf if high >= found.beyond - 1 else high) for place, (low, high) in ends.items()}
