"""From items to a day's dose: the doses of a text with their times, each once, and nothing that is left over.

A group is what is taken at the same times: "2 tablets in the morning and 1 at night" are two groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.dosage.alternation import alternating
from flows.dosage.groups import Group, grouped
from flows.dosage.numbers import UnreadError
from flows.dosage.timing import WEEK
from flows.dosage.tokens import Item


@dataclass(frozen=True, slots=True)
class Dose:
    """What a text says of amount and time; `strengths` are what a tablet may hold, one where that is certain."""

    times: float | None = None
    label: float | None = None
    mg: float | None = None
    pieces: float | None = None
    mg_a_day: float | None = None
    pieces_a_day: float | None = None
    strengths: frozenset[float] = field(default_factory=frozenset)

    @property
    def has_amount(self) -> bool:
        """Return whether the text says how much is taken in a day."""
        return self.mg_a_day is not None or self.pieces_a_day is not None


def dose_of(items: Sequence[Item]) -> Dose:
    """Return the dose that the items say; UnreadError where they say none, or more than one."""
    if any(item.kind in ("alternate", "alternating", "one_day", "next_day") for item in items):
        items = alternating(items)
    groups = grouped(items)
    if not groups:
        raise UnreadError
    if len(groups) == 1:
        return _single(groups[0])
    return _several(groups)


def _single(group: Group) -> Dose:
    times = group.times()
    pieces, mg = group.pieces(), group.mg()
    strengths = group.strengths(pieces, times)
    if group.day_total is not None and pieces is None and mg is None:
        return Dose(times or 1.0, label=group.divided or times, mg_a_day=group.day_total)
    if group.is_as_total and pieces is None and mg is None:
        raise UnreadError
    if mg is None and pieces is not None and strengths is not None and len(strengths) == 1:
        mg = pieces * min(strengths)
    if group.day_total is not None and times is None:
        times = 1.0
    if group.day_total is not None and times is not None and mg is not None and not near(mg * times, group.day_total):
        raise UnreadError
    if times is None:
        return Dose(mg=mg, pieces=pieces, strengths=strengths or frozenset())
    return Dose(
        times=times,
        label=group.divided or group.label(times),
        mg=mg,
        pieces=pieces,
        mg_a_day=None if mg is None else mg * times,
        pieces_a_day=None if pieces is None else pieces * times,
        strengths=strengths or frozenset(),
    )


def _several(groups: Sequence[Group]) -> Dose:
    """Return the sum over groups at different times of a day, or on different days of a week."""
    _disjoint(groups)
    rest = frozenset(WEEK).difference(*(group.days for group in groups))
    mg, pieces, times = 0.0, 0.0, 0.0
    strengths: set[float] | None = None
    parts = []
    for group in groups:
        a_day = group.times_beside_others(rest)
        some = group.pieces()
        found = group.strengths(some, 1.0)
        if found is not None:
            strengths = set(found) if strengths is None else strengths & found
        parts.append((a_day, some, group.mg()))
        times += a_day
    if strengths is not None and len(strengths) != 1:
        raise UnreadError
    strength = min(strengths) if strengths else None
    for a_day, some, weight in parts:
        weight = some * strength if weight is None and some is not None and strength is not None else weight
        mg = mg + a_day * weight if weight is not None else float("nan")
        pieces = pieces + a_day * some if some is not None else float("nan")
    if mg != mg and pieces != pieces:
        raise UnreadError
    day_totals = {group.day_total for group in groups if group.day_total is not None}
    if day_totals and (mg != mg or any(not near(total, mg) for total in day_totals)):
        raise UnreadError
    return Dose(
        times=times,
        mg_a_day=mg if mg == mg else None,
        pieces_a_day=pieces if pieces == pieces else None,
        strengths=frozenset(strengths or ()),
    )


def _disjoint(groups: Sequence[Group]) -> None:
    """Refuse two doses at one time, and doses told apart in two ways."""
    by_days = [group.days for group in groups if group.days or group.is_other_days]
    if by_days:
        if len(by_days) != len(groups) or sum(group.is_other_days for group in groups) > 1:
            raise UnreadError
        named = [day for days in by_days for day in days]
        if len(named) != len(set(named)):
            raise UnreadError
        return
    slots = [slot for group in groups for slot in group.slots]
    if not all(group.slots for group in groups) or len(slots) != len(set(slots)):
        raise UnreadError


def near(one: float, other: float) -> bool:
    """Return whether two amounts are the same but for rounding."""
    return abs(one - other) <= 0.005 * max(abs(one), abs(other))
