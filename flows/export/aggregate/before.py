"""What was given before, and tells of the restarts that are counted now: of this release, and of other periods."""

from collections.abc import Mapping, Sequence

from flows.errors import Usage
from flows.export import folder
from flows.export.aggregate.cells import EPISODES, Cell, Sum, known_sums
from flows.export.aggregate.profile import Model
from flows.export.aggregate.protect import NOTHING, Given, rounding
from flows.export.aggregate.system import both
from flows.export.ledger import MADE, Entry
from flows.release import Release


def population(run_id: str) -> str:
    """Return the name of the restarts that are counted: exports of one release tell of the same."""
    return folder.named(_base(run_id))


def _base(run_id: str) -> str:
    """Return the id of a release as it was first; one that was written anew without a person has a number more."""
    parts = run_id.split("-")
    return "-".join(parts[:3])


def known(
    profile: Model, release: Release, entries: Sequence[Entry], counts: Mapping[Cell, int]
) -> tuple[Given, Given]:
    """Return what exports that were given tell of the restarts of a release, of itself alone and of other periods too.

    Usage where they grouped them otherwise, or where somebody was erased meanwhile.
    """
    made = [entry for entry in entries if entry.said["did"] == MADE]
    same = [entry for entry in made if _base(entry.said["release"]) == _base(release.run_id)]
    if not made:
        return NOTHING, NOTHING
    if any(entry.said["release"] != release.run_id for entry in same):
        raise Usage(
            "somebody was erased since counts of this release were given: other counts of it would tell of them"
        )
    bounds: dict[Cell, tuple[float, float]] = {}
    sums: list[Sum] = []
    out: set[Cell] = set()
    for entry in same:
        settings = settings_of(entry)
        for name, stratum in settings.strata.items():
            if name in profile.strata and profile.strata[name] != stratum:
                raise Usage(f"an export of this release groups the stratum '{name}' otherwise: together they tell more")
        told = cells_of(entry)
        of, zeros = known_sums(told, settings.equal)
        sums += of
        shows = rounding(settings)
        bounds |= {c: (0.0, 0.0) if c in zeros else shows.bounds(n) for c, n in told.items() if n is not None}
        out |= {cell for cell, n in told.items() if n is None}
    alone = Given(bounds, sums, frozenset(out - bounds.keys()))
    other = [entry for entry in made if entry not in same]
    carried, stay = _of_other_periods(other, profile, counts)
    wider = {**carried, **bounds}
    return alone, Given(wider, sums, frozenset((out | stay) - wider.keys()), _floors(other, profile, release))


def _of_other_periods(
    entries: Sequence[Entry], profile: Model, counts: Mapping[Cell, int]
) -> tuple[dict[Cell, tuple[float, float]], set[Cell]]:
    """Return the bounds that other periods tell of counts that hardly moved since, and which of these they hide."""
    bounds: dict[Cell, tuple[float, float]] = {}
    out: set[Cell] = set()
    for entry in entries:
        settings = settings_of(entry)
        exact = exact_of(entry)
        for cell, n in _alike(entry, settings, profile).items():
            if cell not in counts:
                continue
            told = unmoved(rounding(settings).bounds(n), exact[cell], counts[cell], settings)
            if told is None:
                continue
            if n is None:
                out.add(cell)
            else:
                bounds[cell] = both(bounds.get(cell), told)
    return bounds, out


def _alike(entry: Entry, settings: Model, profile: Model) -> dict[Cell, int | None]:
    """Return the counts of an entry whose strata are grouped as in a profile."""
    alike = {name for name in settings.strata if profile.strata.get(name) == settings.strata[name]}
    return {cell: n for cell, n in cells_of(entry).items() if {name for name, _ in cell.node} <= alike}


def unmoved(bounds: tuple[float, float], before: int, now: int, profile: Model) -> tuple[float, float] | None:
    """Return the bounds that another period tells of a count that hardly moved since; None of one that moved.

    Who has both may take such a count as unmoved, and be right: it moved by no more than it is rounded by.
    """
    if abs(now - before) > profile.base // 2:
        return None
    return min(bounds[0], float(now)), max(bounds[1], float(now))


def settings_of(entry: Entry) -> Model:
    """Return the profile of an entry as it was."""
    return Model.model_validate(entry.said["settings"])


def cells_of(entry: Entry) -> dict[Cell, int | None]:
    """Return the counts of an entry as they were shown."""
    return {_cell(node, rule, measure): n for node, rule, measure, n, _ in entry.said["cells"]}


def exact_of(entry: Entry) -> dict[Cell, int]:
    """Return the counts of an entry as they are: the ledger alone knows them."""
    return {_cell(node, rule, measure): exact for node, rule, measure, _, exact in entry.said["cells"]}


def _cell(node: Sequence[Sequence[str]], rule: str, measure: str) -> Cell:
    return Cell(tuple((stratum, level) for stratum, level in node), rule, measure)


def _floors(entries: Sequence[Entry], profile: Model, release: Release) -> Mapping[Cell, float]:
    """Return how many restarts there were at least, by level, in earlier periods."""
    floors: dict[Cell, float] = {}
    for entry in entries:
        settings = settings_of(entry)
        for cell, n in _alike(entry, settings, profile).items():
            if cell.measure == EPISODES and n is not None and entry.said["as_of"] <= str(release.as_of):
                floors[cell] = max(floors.get(cell, 0.0), rounding(settings).bounds(n)[0])
    return floors
