"""No hidden count can be worked out: held against whole-number programs over the restarts themselves, and by hand.

The reference knows nothing of cells and sums: its unknowns are how many restarts have each level and verdict, and what
is published bounds sums of them.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from audit.rules import rulebook
from flows.editions import load
from flows.errors import Usage
from flows.export.aggregate.cells import EPISODES, Cell, Cells, cells, count, known_sums, verdicts_of
from flows.export.aggregate.protect import Given, hidden, small
from flows.export.aggregate.system import Rounding, exact, system
from flows.export.aggregate.tables import shown
from tests.export.counted import frames, profile, several

RULES = {"RST-01": rulebook(load())["RST-01"]}
VERDICTS = tuple(verdicts_of(RULES["RST-01"]))
SITES = {"a": "1", "b": "2", "c": "3"}
GRADES = ("mild", "severe")
USUAL, SHOWING = Rounding(10, 5, zero_is_shown=False), Rounding(10, 5, zero_is_shown=True)
TWO_WAY = profile(strata={"site": {}, "grade": {}}, tables=[["site", "grade"]])
BY_SITE = profile(strata={"site": {}}, tables=[["site"]])
COUNTS = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 40))


def made(counts: dict[tuple[str, str, str], int], two_way: bool) -> Cells:
    rows = several(*((n, key) for key, n in counts.items()))
    asked = TWO_WAY if two_way else BY_SITE
    return cells(asked, RULES, count(asked, *frames(rows), SITES))


def ends(found: Cells, told: dict[Cell, int | None], shows: Rounding, target: Cell) -> tuple[int, int]:
    """Return the least and the greatest value of a hidden count, by whole restarts of each site, grade and verdict."""
    kinds = list(product(SITES.values(), GRADES, VERDICTS))
    member = lambda cell: np.array(  # noqa: E731
        [
            all({"site": site, "grade": grade}[stratum] == level for stratum, level in cell.node)
            and (cell.measure in (EPISODES, verdict))
            for site, grade, verdict in kinds
        ],
        dtype=float,
    )
    known = [cell for cell, n in told.items() if n is not None]
    low, high = zip(*(shows.bounds(told[cell]) for cell in known), strict=True) if known else ((), ())
    holds = [LinearConstraint(np.array([member(cell) for cell in known]), low, high)] if known else []
    out = []
    for sign in (1.0, -1.0):
        best = milp(sign * member(target), constraints=holds, bounds=Bounds(0, 2000), integrality=np.ones(len(kinds)))
        assert best.status == 0
        out.append(round(sign * best.fun))
    return out[0], out[1]


def hold(found: Cells, shows: Rounding) -> None:
    out = hidden(found, shows)
    told = shown(found, out, shows)
    primary = small(found, shows)
    assert primary <= out
    for cell in out:
        least, greatest = ends(found, told, shows, cell)
        assert greatest - least >= shows.threshold, (cell, least, greatest)
        if cell in primary:
            assert least <= 1, cell
            assert greatest >= shows.threshold - 1, cell


@settings(max_examples=10, deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(product(("a", "b", "c"), ("mild",), VERDICTS), COUNTS)),
    st.sampled_from([USUAL, SHOWING, Rounding(5, 1, zero_is_shown=True)]),
)
def test_no_hidden_count_of_a_table_can_be_worked_out(counts: dict[tuple[str, str, str], int], shows: Rounding) -> None:
    if sum(counts.values()):
        hold(made(counts, two_way=False), shows)


@settings(max_examples=4, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(product(("a", "b"), GRADES, VERDICTS), COUNTS)))
def test_nor_one_of_two_strata_at_once(counts: dict[tuple[str, str, str], int]) -> None:
    if sum(counts.values()):
        hold(made(counts, two_way=True), SHOWING)


def test_a_small_count_alone_takes_others_with_it_but_not_all() -> None:
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), ("pass", "violation")), 40)
    counts["a", "mild", "violation"] = 3
    found = made(counts, two_way=False)
    out = hidden(found, SHOWING)
    assert small(found, SHOWING) == {Cell((("site", "1"),), "RST-01", "violation")}
    assert len(out) > 1
    assert Cell((), "", EPISODES) not in out
    assert len(out) < len(found.counts) / 3


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), VERDICTS), 10)
    assert hidden(made(counts, two_way=False), USUAL) == frozenset()
    counts["a", "mild", "pass"] = 9
    assert Cell((("site", "1"),), "RST-01", "pass") in hidden(made(counts, two_way=False), USUAL)


def test_margins_tell_a_count_that_is_hidden_alone_and_not_ours() -> None:
    """The first attack: small counts are hidden, and the sums that are shown give them away."""
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), ("pass", "violation")), 40)
    counts["a", "mild", "violation"] = 3
    found = made(counts, two_way=False)
    naive = Rounding(10, 1, zero_is_shown=True)
    target = Cell((("site", "1"),), "RST-01", "violation")
    assert ends(found, shown(found, small(found, naive), naive), naive, target) == (3, 3)
    least, greatest = ends(found, shown(found, hidden(found, naive), naive), naive, target)
    assert least <= 1
    assert greatest >= 11


def test_the_programs_find_the_same_ends_as_whole_restarts() -> None:
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), ("pass", "violation")), 40)
    counts["a", "mild", "violation"] = 3
    found = made(counts, two_way=False)
    told = shown(found, small(found, USUAL), USUAL)
    bounds = {cell: USUAL.bounds(n) for cell, n in told.items()}
    known = system(bounds, known_sums(bounds, [])[0], bounds)
    targets = [cell for cell, n in told.items() if n is None]
    places = [known.place[cell] for cell in targets]
    found_ends = exact(known, places)
    for cell, place in zip(targets, places, strict=True):
        assert found_ends[place] == ends(found, told, USUAL, cell)


def test_what_an_earlier_export_of_the_same_restarts_tells_is_reckoned_with() -> None:
    """Alone the count of a site is safe; with the other sites known it is a difference."""
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), ("pass", "violation")), 40)
    counts["a", "mild", "violation"] = 3
    found = made(counts, two_way=False)
    told = lambda cells: {cell: (float(found.counts[cell]),) * 2 for cell in cells}  # noqa: E731
    small_ones, alone = small(found, USUAL), hidden(found, USUAL)
    with pytest.raises(Usage, match="already leaves too little hidden"):
        hidden(found, USUAL, Given(told(found.counts.keys() - small_ones)))
    one = Cell((("site", "1"),), "RST-01", "pass")
    assert one in alone
    out = hidden(found, USUAL, Given(told([one])))
    assert one not in out
    bounds = {cell: USUAL.bounds(n) for cell, n in shown(found, out, USUAL).items()} | told([one])
    known = system(bounds, found.sums, bounds)
    places = [known.place[cell] for cell in out]
    assert all(high - low >= 10 for low, high in exact(known, places).values())


def test_a_hidden_count_of_an_earlier_export_stays_hidden() -> None:
    counts = dict.fromkeys(product(("a", "b", "c"), ("mild",), ("pass", "violation")), 40)
    found = made(counts, two_way=False)
    before = Cell((("site", "2"),), "RST-01", "pass")
    assert before not in hidden(found, SHOWING)
    assert before in hidden(found, SHOWING, Given({}, (), frozenset({before})))


def test_more_restarts_than_before_bound_how_many_there_are() -> None:
    counts = {("a", "mild", "pass"): 12, ("b", "mild", "pass"): 8, ("c", "mild", "pass"): 30}
    found = made(counts, two_way=False)
    site = Cell((("site", "1"),), "", EPISODES)
    floors = {site: 10.0}
    out = hidden(found, USUAL, Given({}, floors=floors))
    bounds = {cell: USUAL.bounds(n) for cell, n in shown(found, out, USUAL).items()}
    bounds[site] = max(bounds[site][0], floors[site]), bounds[site][1]
    known = system(bounds, found.sums, bounds)
    targets = [known.place[cell] for cell in out]
    for least, greatest in exact(known, targets).values():
        assert greatest - least >= USUAL.threshold
