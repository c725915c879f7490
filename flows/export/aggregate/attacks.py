"""The attacks on an export of counts, run as somebody would who has it, the exports beside it, and time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from flows.errors import Usage
from flows.export import folder
from flows.export.aggregate.before import cells_of, exact_of, population, settings_of, unmoved
from flows.export.aggregate.cells import Cell, Sum, cells, count, known_sums
from flows.export.aggregate.make import judging
from flows.export.aggregate.periods import named
from flows.export.aggregate.profile import Model
from flows.export.aggregate.protect import need, rounding, small
from flows.export.aggregate.system import System, both, exact, system
from flows.export.aggregate.tables import read, strata_of
from flows.export.attack import Attack, Target
from flows.export.canaries import cells_of as texts_of
from flows.export.canaries import found_of, release_of, strings, words_of
from flows.export.ledger import MADE, ledger
from flows.export.traces import traces
from flows.release import open_release

NAMES = (
    "codebook.csv", "counts.csv", "counts.parquet", "rates.csv", "rates.parquet", "fhir/measures.json",
    "fhir/reports.json",
)  # fmt: skip


Ends = dict[Cell, tuple[float, float]]  # the least and the greatest value of a hidden count


@dataclass(frozen=True)
class Published:
    """An export of counts as a reader has it."""

    profile: Model
    population: str
    period: str
    cells: Mapping[Cell, int | None]
    exact: Mapping[Cell, int] = field(default_factory=dict)  # where the ledger tells them

    @cached_property
    def bounds(self) -> dict[Cell, tuple[float, float]]:
        """Return what a reader knows of each count."""
        shows = rounding(self.profile)
        zeros = self.sums[1]
        return {cell: (0.0, 0.0) if cell in zeros else shows.bounds(n) for cell, n in self.cells.items()}

    @cached_property
    def sums(self) -> tuple[list[Sum], frozenset[Cell]]:
        """Return the sums that hold, and what is 0 by definition."""
        return known_sums(self.cells, self.profile.equal)

    @property
    def hidden(self) -> list[Cell]:
        """Return the counts that are hidden."""
        return [cell for cell, n in self.cells.items() if n is None]


def attacks(target: Target) -> list[Attack]:
    """Return how the export stood each attack."""
    one = published(target.said, target.files)
    found = list(_others(target))
    itself = [other for other in found if (other.profile.id, other.period) == (one.profile.id, one.period)]
    one = replace(one, exact=next((other.exact for other in itself if other.exact), {}))
    others = [other for other in found if (other.profile.id, other.period) != (one.profile.id, one.period)]
    if odd := small_shown(one):
        return [odd, traces(target, NAMES)]
    same = [other for other in others if other.population == one.population]
    alone = ends(one, [])
    together = ends(one, same) if same else alone
    return [
        _told("sums and margins", "can a hidden count be worked out from this export alone?", one, alone),
        _told("other exports", f"and with {len(same)} other exports of the same restarts?", one, together),
        *other_periods(one, others),
        *knows_the_rule(target, one, together),
        rates(one, target.files),
        *canaries(target, one),
        traces(target, NAMES),
    ]


def other_periods(one: Published, others: Sequence[Published]) -> list[Attack]:
    """Tell what somebody would know who guessed rightly which counts hardly moved since another period; no promise."""
    known = [other for other in others if other.population != one.population and other.exact]
    if not known or not one.exact:
        return []
    found = ends(one, others)
    near = [cell for cell, (low, high) in found.items() if high - low < one.profile.threshold]
    asks = "what if somebody guesses, rightly, which counts hardly moved since other periods?"
    outcome = (
        f"Not promised: {len(near):,} of {len(found):,} hidden counts would then be known to less than "
        f"{one.profile.threshold}."
    )
    return [Attack("other periods", asks, outcome, succeeded=False, details=[_range(c, *found[c]) for c in near])]


def published(said: Mapping[str, object], files: Mapping[str, bytes]) -> Published:
    """Return an export as its files say it; Usage where they say none."""
    try:
        table = folder.table_of("counts.parquet", files["counts.parquet"])
        told = read(table)
        profile = Model.model_validate(said["profile"])
        return Published(profile, str(said["population"]), str(said["period"]), told)
    except (LookupError, ValueError, pl.exceptions.PolarsError):
        raise Usage("no export of counts: its table or its profile cannot be read") from None


def small_shown(one: Published) -> Attack | None:
    """Look for counts that are not shown as the profile says: small, or not rounded; None where there are none."""
    shows, zeros = rounding(one.profile), one.sums[1]
    odd = [cell for cell, n in one.cells.items() if n is not None and cell not in zeros and not shows.can_show(n)]
    if not odd:
        return None
    told = [f"{_words(cell)}: {one.cells[cell]}" for cell in odd]
    outcome = f"{len(odd):,} counts are shown that the profile would not show so."
    return Attack(
        "counts as they are shown", "is a small count shown, or one that is not rounded?", outcome, True, told
    )


def ends(one: Published, others: Sequence[Published]) -> Ends:
    """Return the least and the greatest value that each hidden count can have; one that was given before is known."""
    known = _knowledge(one, others)
    same = [other for other in others if other.population == one.population]
    given = {cell for other in same for cell, n in other.cells.items() if n is not None}
    places, wanted = list(known.place), [cell for cell in one.hidden if cell not in given]
    return {places[place]: found for place, found in exact(known, [known.place[cell] for cell in wanted]).items()}


def knows_the_rule(target: Target, one: Published, found: Ends) -> list[Attack]:
    """Look whether each small count may be any of those that are hidden; which they are the release alone tells."""
    release = release_of(target.home, one.population, population) if target.home else None
    guideline = release.edition() if release else None
    if target.home is None or release is None or guideline is None:
        return []
    with ledger(target.home) as held:
        sites = held.sites
    tables = count(one.profile, release.table("episodes"), release.table("findings"), sites)
    shows = rounding(one.profile)
    true = cells(one.profile, judging(guideline), tables)
    secret = [cell for cell in small(true, shows) if cell in found]
    poor = [cell for cell in secret if not need(shows, is_small=True).is_met(*found[cell])]
    last = shows.threshold - 1
    outcome = f"{len(secret):,} small counts; {len(poor):,} of them cannot be every number from 1 to {last}."
    asks = "does it help to know that a hidden count is a small one?"
    return [Attack("the rule known", asks, outcome, bool(poor), [_range(cell, *found[cell]) for cell in poor])]


def rates(one: Published, files: Mapping[str, bytes]) -> Attack:
    """Look for a rate that tells a count that is hidden."""
    table = folder.table_of("rates.parquet", files["rates.parquet"])
    known = {(row[:4], row[4]) for row in table.filter(pl.col("rate").is_not_null()).rows()}
    hidden = {
        (strata_of(cell.node), cell.rule) for cell in one.hidden if cell.measure in ("pass", "advisory", "violation")
    }
    told = known & hidden
    return Attack(
        "rates", "does a rate tell a count that is hidden?",
        f"{len(known):,} rates are shown; {len(told):,} of them rest on a hidden count.", bool(told),
    )  # fmt: skip


def canaries(target: Target, one: Published) -> list[Attack]:
    """Look for ids, days and sentences of the release that was counted; nothing without the home."""
    if target.home is None:
        return []
    said = {name: value for name, value in target.said.items() if name not in ("files", "guideline", "profile")}
    texts = [*strings(said)]
    for name, data in target.files.items():
        if name.endswith(".json"):
            texts += strings(json.loads(data))
        else:
            texts += texts_of([folder.table_of(name, data)])
    counted = release_of(target.home, one.population, population)
    release = counted or open_release(target.home, told=True)
    period = named(one.period, one.profile.calendar)
    days = [period.first.isoformat(), period.last.isoformat()]  # FHIR tells them
    written = words_of(strings([*target.said["profile"].values(), target.said["guideline"], *days]))
    found = list(found_of(release, texts, written))
    which = "the release that was counted" if counted else "the current release (the one that was counted is gone)"
    outcome = f"Compared with {which}: {len(found)} columns of it have words that stand here."
    return [Attack("ids, days and sentences", "does a file hold one of the release?", outcome, bool(found), found)]


def _told(name: str, asks: str, one: Published, found: Ends) -> Attack:
    """Tell the range of each hidden count, or of those that are known too nearly."""
    least = one.profile.threshold
    poor = [cell for cell, (low, high) in found.items() if high - low < least]
    outcome = (
        f"{len(found):,} hidden counts: of each, values at least {least} apart are possible."
        if not poor
        else f"{len(poor):,} of {len(found):,} hidden counts are known to less than {least}."
    )
    return Attack(name, asks, outcome, bool(poor), [_range(cell, *found[cell]) for cell in poor or found])


def _knowledge(one: Published, others: Sequence[Published]) -> System:
    """Return what somebody knows who has all of them: of the same restarts everything, of earlier ones how many."""
    bounds = dict(one.bounds)
    sums = list(one.sums[0])
    for other in others:
        is_same = other.population == one.population
        sums += other.sums[0] if is_same else []
        for cell, told in (other.bounds if is_same else _unmoved(one, other)).items():
            bounds[cell] = both(bounds.get(cell), told)
    return system(bounds, list(dict.fromkeys(sums)), bounds)


def _unmoved(one: Published, other: Published) -> dict[Cell, tuple[float, float]]:
    """Return the bounds that another period tells of counts that hardly moved; which they are the ledger tells."""
    known = one.exact.keys() & other.exact.keys() & other.bounds.keys()
    found = {cell: unmoved(other.bounds[cell], other.exact[cell], one.exact[cell], other.profile) for cell in known}
    return {cell: told for cell, told in found.items() if told is not None}


def _others(target: Target) -> Iterable[Published]:
    """Yield the exports of counts that lie beside the one attacked, and with a home those that its ledger keeps."""
    for path in sorted(target.path.absolute().parent.iterdir()):
        if path != target.path.absolute() and (path / folder.MANIFEST).is_file():
            try:
                said, files = folder.read(path)
                yield published(said, files)
            except Usage:
                continue
    if target.home is not None:
        with ledger(target.home) as held:
            for entry in held.entries:
                if entry.said["did"] == MADE:
                    settings = settings_of(entry)
                    name = population(entry.said["release"])
                    yield Published(settings, name, entry.said["period"], cells_of(entry), exact_of(entry))


def _range(cell: Cell, low: float, high: float) -> str:
    return f"{_words(cell)}: at least {low:.0f}, {'no bound above' if high == float('inf') else f'at most {high:.0f}'}"


def _words(cell: Cell) -> str:
    where = ", ".join(f"{stratum} {level}" for stratum, level in cell.node) or "all restarts"
    return f"{cell.rule or 'restarts'} {cell.measure} ({where})"
