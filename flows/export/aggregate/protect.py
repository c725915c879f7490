"""Which counts are hidden: the small ones, and as many others as keep them from being worked out.

Complementary suppression by trial: the attacker's own programs say which hidden counts are not safe, a count of the
sums that give them away is hidden too, and so on until all are safe.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.errors import Usage
from flows.export.aggregate.cells import Cell, Cells, Sum
from flows.export.aggregate.profile import Model
from flows.export.aggregate.system import Floats, Need, Rounding, System, both, exposed, implied, narrow, system

ANY = 1 << 62  # a range may begin anywhere


@dataclass(frozen=True, slots=True)
class Given:
    """What was given already: of the same restarts bounds of the counts shown, sums, and what is hidden.

    `floors`: how many episodes there were at least in an earlier period; they are not expected to become fewer.
    """

    bounds: Mapping[Cell, tuple[float, float]]
    sums: Sequence[Sum] = ()
    hidden: frozenset[Cell] = frozenset()
    floors: Mapping[Cell, float] = field(default_factory=dict)


NOTHING = Given({})


class Known(Usage):
    """What was given already tells counts that would have to be hidden: `cells`."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        """Say so in one line."""
        super().__init__("what was given of this release already leaves too little hidden: nothing more can leave")
        self.cells = frozenset(cells)


def rounding(profile: Model) -> Rounding:
    """Return how a profile shows counts."""
    return Rounding(profile.threshold, profile.base, profile.zero == "shown")


def small(found: Cells, rounding: Rounding) -> frozenset[Cell]:
    """Return the counts that are hidden for themselves; those that everybody knows to be 0 are no secret."""
    return frozenset(cell for cell, n in found.counts.items() if rounding.is_small(n) and cell not in found.zeros)


def hidden(found: Cells, rounding: Rounding, given: Given = NOTHING) -> frozenset[Cell]:
    """Return which counts to hide, so that none of them and none that was hidden before can be worked out.

    What was shown before, or follows from it, is shown: to hide it would keep nothing. Usage where a small count does.
    """
    primary = small(found, rounding)
    out = {*primary, *given.hidden.intersection(found.counts)}
    sums = list(dict.fromkeys([*found.sums, *given.sums]))
    of = equations(sums)
    fixed = {*given.bounds, *found.zeros, *_follows(found, rounding, sums, given)}
    safe: set[Cell] = set()  # hiding more widens every range: what is proved safe stays so
    while True:
        known = knowledge(found, rounding, out, sums, given)
        wanted = sorted({*out, *given.hidden} - given.bounds.keys() - safe)
        needs = {cell: need(rounding, is_small=cell in primary) for cell in wanted}
        poor = given_away(known, needs)
        if not poor:
            poor = unsafe(known, needs)
            safe |= needs.keys() - poor.keys()
        if not poor:
            return frozenset(out)
        free = {cell: n for cell, n in found.counts.items() if cell not in out and cell not in fixed}
        more = complements(poor, known, sums, of, free)
        if not more:
            raise Known(poor)
        out |= more


def _follows(found: Cells, rounding: Rounding, sums: Sequence[Sum], given: Given) -> Collection[Cell]:
    """Return the counts that what was given tells even where all of them are hidden."""
    known = knowledge(found, rounding, found.counts.keys(), sums, given)
    return given_away(known, dict.fromkeys(found.counts, need(rounding, is_small=False)))


def knowledge(
    found: Cells, rounding: Rounding, out: Collection[Cell], sums: Sequence[Sum], given: Given = NOTHING
) -> System:
    """Return what a reader of this export, and of those given before, knows."""
    bounds = dict(given.bounds)
    for cell, n in found.counts.items():
        told = (0.0, 0.0) if cell in found.zeros else rounding.bounds(None if cell in out else rounding.shown(n))
        floor = given.floors.get(cell, 0.0)
        bounds[cell] = both(both(bounds.get(cell), told), (floor if floor <= n else 0.0, float("inf")))
    everything = dict.fromkeys([*found.counts, *given.bounds, *given.hidden, *cells_of(given.sums)])
    return system(everything, sums, bounds)


def need(rounding: Rounding, *, is_small: bool) -> Need:
    """Return what the range of a hidden count must have: of a small one, that it may be each count that is hidden."""
    return Need(rounding.threshold, 1, rounding.threshold - 1) if is_small else Need(rounding.threshold, ANY, 0)


def given_away(known: System, needs: Mapping[Cell, Need]) -> dict[Cell, Need]:
    """Return the counts that sums give away at a glance."""
    cells = list(known.place)
    return {cells[place]: needs[cells[place]] for place in narrow(known, {known.place[c]: n for c, n in needs.items()})}


def unsafe(known: System, needs: Mapping[Cell, Need]) -> dict[Cell, Need]:
    """Return the counts that can be worked out; all others are proved safe."""
    cells = list(known.place)
    blocks = {known.place[cell]: cell.rule or None for cell in needs}
    found = exposed(known, {known.place[cell]: asked for cell, asked in needs.items()}, blocks)
    return {cells[place]: needs[cells[place]] for place in found}


def equations(sums: Sequence[Sum]) -> dict[Cell, list[int]]:
    """Return the places of the sums that a count stands in."""
    of: dict[Cell, list[int]] = defaultdict(list)
    for number, (whole, parts) in enumerate(sums):
        for cell in (whole, *parts):
            of[cell].append(number)
    return of


def cells_of(sums: Sequence[Sum]) -> Iterator[Cell]:
    """Yield the counts of some sums."""
    for whole, parts in sums:
        yield whole
        yield from parts


def complements(
    poor: Mapping[Cell, Need],
    known: System,
    sums: Sequence[Sum],
    of: Mapping[Cell, list[int]],
    free: Mapping[Cell, int],
) -> set[Cell]:
    """Return counts to hide too: for each unsafe one, of each sum that bounds it too nearly, the smallest shown.

    A sum that serves one of them is not used twice in a round; where all of a sum is hidden, its hidden counts are
    looked at in turn.
    """
    low, high = implied(known)
    used: set[int] = set()
    more: set[Cell] = set()
    for cell in sorted(poor, key=lambda one: (high[known.place[one]] - low[known.place[one]], one)):
        asked, seen = deque([cell]), {cell}
        is_helped = False
        while asked and not is_helped:
            one = asked.popleft()
            binding = [n for n in of[one] if not poor[cell].is_met(*_left(one, sums[n], known, low, high))]
            for number in binding or of[one]:
                whole, parts = sums[number]
                shown = [other for other in (whole, *parts) if other in free and other != one]
                if number in used or more.intersection(shown):
                    is_helped = True
                elif shown:
                    used.add(number)
                    more.add(min(shown, key=lambda other: _loss(free[other], other)))
                    is_helped = True
                asked.extend(other for other in (whole, *parts) if other not in free and other not in seen)
                seen.update((whole, *parts))
    return more


def _loss(n: int, cell: Cell) -> tuple[bool, int, Cell]:
    """Return what hiding a count loses, for order: a shown 0 would have to be guarded in turn, and helps least."""
    return n == 0, n, cell


def _left(cell: Cell, one: Sum, known: System, low: Floats, high: Floats) -> tuple[float, float]:
    """Return the range that the others of a sum leave for one of its counts."""
    whole, parts = one
    others = [known.place[part] for part in parts if part != cell]
    least, greatest = float(low[others].sum()), float(high[others].sum())
    if cell == whole:
        return least, greatest
    place = known.place[whole]
    return max(0.0, float(low[place]) - greatest), float(high[place]) - least
