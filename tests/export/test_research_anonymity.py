"""k persons at least look alike: held against plain loops, by value where persons have several rows."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import product
from math import log2

import polars as pl
import pytest

from flows.errors import Usage
from flows.export.research.anonymity import Choice, chosen
from flows.export.research.fields import Quasi, Step
from flows.export.research.linkage import linkage

DAY = date(2020, 1, 1)
Data = list[tuple[str, tuple[int | None, ...]]]  # person, level of each quasi-identifier; by order of restart


def quasi(data: Data, ladders: list[list[Step]], **changes: int) -> list[Quasi]:
    return [
        Quasi(f"q{at}", pl.Series([levels[at] for _, levels in data], dtype=pl.Int32), tuple(ladder), **changes)  # type: ignore[arg-type]
        for at, ladder in enumerate(ladders)
    ]


def rows(data: Data) -> pl.DataFrame:
    days = [DAY + timedelta(days=at) for at in range(len(data))]
    return pl.DataFrame({"patient_id": [person for person, _ in data], "restart_date": days})


def finest(count: int) -> Step:
    return Step(tuple(f"level {at}" for at in range(count)), tuple(range(count)))


def nothing(count: int) -> Step:
    return Step(("all",), (0,) * count, joins_unknown=True)


ONE = [[finest(4), Step(("low", "high"), (0, 0, 1, 1)), nothing(4)]]


def choose(data: Data, k: int = 2, drop: float = 0.0, ladders: list[list[Step]] = ONE, **changes: int) -> Choice:
    return chosen(quasi(data, ladders, **changes), rows(data), k, drop)


def persons(*levels: int | None) -> Data:
    return [(f"p{at}", (level,)) for at, level in enumerate(levels)]


def test_where_k_persons_share_each_level_nothing_is_lost() -> None:
    made = choose(persons(0, 0, 3, 3))
    assert (made.steps, made.kept.to_list(), made.lost) == ((0,), [True] * 4, (0.0,))


def test_one_person_short_and_a_coarser_step_is_taken() -> None:
    made = choose(persons(0, 1, 3, 3))
    assert (made.steps, made.kept.to_list()) == ((1,), [True] * 4)
    # Of 1.5 bits (1/4, 1/4, 1/2) one bit is left (1/2, 1/2).
    assert made.lost == (pytest.approx(1 / 3),)


def test_two_rows_of_one_person_are_one_person() -> None:
    made = choose([("p0", (0,)), ("p0", (0,)), ("p1", (3,)), ("p2", (3,))], ladders=[[finest(4)]], drop=0.5)
    assert made.kept.to_list() == [False, False, True, True]


@pytest.mark.parametrize(("drop", "step"), [(0.19, 1), (0.2, 0), (0.21, 0)])
def test_rows_are_dropped_up_to_the_share_that_may_be(drop: float, step: int) -> None:
    made = choose(persons(0, 0, 0, 0, 1, 2, 3, 3, 3, 3), drop=drop)
    assert made.steps == (step,)
    assert made.kept.sum() == (10 if step else 8)


def test_a_missing_value_is_like_missing_ones_only() -> None:
    made = choose(persons(0, 0, None, None))
    assert made.steps == (0,)
    made = choose(persons(0, 0, 0, None))
    assert (made.steps, made.kept.to_list()) == ((2,), [True] * 4)


def test_a_person_with_several_rows_is_known_by_all_of_them() -> None:
    # p0 alone has two rows: the later one goes, and then there are two persons with one row of level 0.
    data = [("p0", (0,)), ("p1", (0,)), ("p2", (1,)), ("p3", (1,)), ("p0", (1,))]
    made = choose(data, ladders=[[finest(2)]], drop=1)
    assert made.kept.to_list() == [True, True, True, True, False]


def test_the_order_of_the_rows_tells_nothing() -> None:
    data = [("p0", (0,)), ("p1", (1,)), ("p0", (1,)), ("p1", (0,))]
    assert choose(data, ladders=[[finest(2)]]).kept.all()


def test_a_row_that_goes_may_take_the_rest_with_it() -> None:
    # Without its later row p0 is the only one of level 0, and goes too.
    data = [("p0", (0,)), ("p2", (1,)), ("p3", (1,)), ("p0", (1,))]
    made = choose(data, ladders=[[finest(2)]], drop=1)
    assert made.kept.to_list() == [False, True, True, False]


def test_a_pinned_step_is_kept_to() -> None:
    assert choose(persons(0, 0, 3, 3), pinned=2).steps == (2,)


def test_a_field_that_weighs_more_is_kept_finer() -> None:
    ladder = [finest(2), nothing(2)]
    data: Data = [(f"p{at}", (at // 2, at % 2)) for at in range(4)]
    places = quasi(data, [ladder, ladder])
    for heavy, steps in ((0, (0, 1)), (1, (1, 0))):
        weighed = [
            Quasi(one.name, one.places, one.steps, weight=2 if at == heavy else 1) for at, one in enumerate(places)
        ]
        assert chosen(weighed, rows(data), 2, 0.0).steps == steps


@pytest.mark.parametrize("data", [persons(0), []])
def test_where_nothing_could_leave_it_is_refused(data: Data) -> None:
    with pytest.raises(Usage, match=r"^nothing could leave: "):
        choose(data)


def told(data: Data, ladders: list[list[Step]], steps: tuple[int, ...]) -> list[tuple[int | str, ...]]:
    """What each row says at some steps."""
    every = []
    for _, levels in data:
        said: list[int | str] = []
        for ladder, step, level in zip(ladders, steps, levels, strict=True):
            unknown = level is None and not ladder[step].joins_unknown
            said.append("unknown" if unknown else ladder[step].of[level or 0])
        every.append(tuple(said))
    return every


def dropped(data: Data, said: list[tuple[int | str, ...]], k: int) -> set[int]:
    """The rows that go: of persons whom fewer than k equal, the last one each, until nobody has several."""
    mine: dict[str, list[int]] = defaultdict(list)
    for at, (person, _) in enumerate(data):
        mine[person].append(at)
    while True:
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for person, places in mine.items():
            groups[tuple(sorted(repr(said[at]) for at in places))].append(person)
        rare = [person for group in groups.values() if len(group) < k for person in group]
        several = [person for person in rare if len(mine[person]) > 1]
        for person in several:
            mine[person].pop()
        if not several:
            for person in rare:
                mine[person].clear()
            return {*range(len(data))} - {at for places in mine.values() for at in places}


def bits(values: list[object]) -> float:
    return -sum(n / len(values) * log2(n / len(values)) for n in Counter(values).values())


@pytest.mark.parametrize("seed", range(12))
def test_what_is_chosen_is_what_plain_loops_choose(seed: int) -> None:
    dice = random.Random(seed)
    ladders = [*ONE, [finest(3), Step(("x", "y"), (0, 0, 1)), nothing(3)], [finest(2), nothing(2)]]
    data: Data = [
        (f"p{dice.randrange(25)}", tuple(dice.choice([None, *range(len(ladder[0].levels))]) for ladder in ladders))
        for _ in range(40)
    ]
    k, drop = dice.choice([2, 3, 5]), dice.choice([0.0, 0.1, 0.3])
    best = []
    for steps in product(range(3), range(3), range(2)):
        lost = []
        for at, ladder in enumerate(ladders):
            one = bits([words[0] for words in told([(p, (x[at],)) for p, x in data], [ladder], (steps[at],))])
            lost.append(1 - one / bits([levels[at] for _, levels in data]))
        share = len(dropped(data, told(data, ladders, steps), k)) / len(data)
        mean = sum(lost) / 3
        best.append((round(max(0, share - drop), 9), round(mean * (1 - share) + share, 9), steps))
    steps = min(best)[2]
    made = choose(data, k, drop, ladders)
    assert made.steps == steps
    assert {at for at, kept in enumerate(made.kept) if not kept} == dropped(data, told(data, ladders, steps), k)
    leaves = pl.DataFrame({one.name: one.told(step) for one, step in zip(quasi(data, ladders), steps, strict=True)})
    leaves = leaves.with_columns(rows(data)["patient_id"].alias("patient")).filter(made.kept)
    assert linkage(leaves, ["q0", "q1", "q2"]).least >= k
