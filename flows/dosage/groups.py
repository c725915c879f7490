"""The groups of a text: what is taken, and at which times. Each item belongs to one group, each joint to its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flows.dosage.numbers import UnreadError
from flows.dosage.tokens import Item

AMOUNTS = ("mg", "count", "number", "scheme")
SUMS = ("total", "day_total", "product", "tablet")
TIMES = ("frequency", "slot", "days", "other_days", "except", "once", "divided", "days_a_week")
# What may stand between items, the stronger the later.
JOINTS = ("stop", "verb", "comma", "open", "equals", "dash", "and", "plus", "slash")
# What says of a dose that it is the only one.
ALONE = ("except", "divided", "scheme", "once", "days_a_week")
MOST_BARE, MOST_PIECES = 10, 20
# A strength that the product must confirm.
UNSURE = 0.0


@dataclass(slots=True)
class Group:
    """The items of one group in order; each method raises UnreadError where they contradict each other."""

    items: list[Item] = field(default_factory=list)

    def _values(self, kind: str) -> list[float]:
        return [item.value for item in self.items if item.kind == kind]

    def _one(self, *kinds: str) -> Item | None:
        found = [item for item in self.items if item.kind in kinds]
        if len(found) > 1:
            raise UnreadError
        return found[0] if found else None

    @property
    def slots(self) -> list[str]:
        """Return the times of the day, each as often as it is named apart."""
        return [slot for item in self.items if item.kind == "slot" for slot in item.of]

    @property
    def days(self) -> frozenset[str]:
        """Return the days of the week that are named."""
        lists = [item.of for item in self.items if item.kind == "days"]
        if len(lists) > 1:
            raise UnreadError
        return lists[0] if lists else frozenset()

    @property
    def is_other_days(self) -> bool:
        """Return whether the group is of the days that no other names."""
        return any(item.kind == "other_days" for item in self.items)

    @property
    def day_total(self) -> float | None:
        """Return the milligrams of a day that are stated beside a dose, or alone."""
        found = self._one("day_total")
        return found.value if found else None

    @property
    def divided(self) -> float | None:
        """Return into how many doses the day's dose is divided."""
        found = self._one("divided")
        return found.value if found else None

    @property
    def is_as_total(self) -> bool:
        """Return whether a total stands where no tablets are counted."""
        return bool(self._values("total"))

    def has(self, *kinds: str) -> bool:
        """Return whether an item is of one of the kinds."""
        return any(item.kind in kinds for item in self.items)

    def pieces(self) -> float | None:
        """Return the tablets of one dose."""
        found = self._one("count", "number", "scheme")
        if found is None:
            products = [item for item in self.items if item.kind == "product"]
            if len(products) == 1 and products[0].value == 1 and not self.has("mg", "day_total", "total"):
                return 1.0
            if any(item.value == 0 for item in self.items if item.kind in ("product", "tablet")):
                raise UnreadError
            return None
        most = MOST_BARE if found.kind == "number" else MOST_PIECES
        if not 0 < found.value <= most or abs(found.value * 12 - round(found.value * 12)) > 1e-9:
            raise UnreadError
        if found.kind == "number" and not self.has(*TIMES):
            raise UnreadError
        return found.value

    def mg(self) -> float | None:
        """Return the milligrams of one dose, where no tablets are counted beside them."""
        found = self._one("mg")
        if found is not None and found.value <= 0:
            raise UnreadError
        return found.value if found and not self.has("count", "number", "scheme") else None

    def times(self) -> float | None:
        """Return the times a day of the only group; None where nothing is said of it."""
        stated = set(self._values("frequency"))
        if len(stated) > 1:
            raise UnreadError
        every = stated.pop() if stated else None
        every = self._slotted(every)
        every = self._on_days(every)
        if self.has("other_days") or (self.has("once") and (every is None or every > 1)):
            raise UnreadError
        if self.divided is not None:
            self._divide(every)
            every = 1.0
        if self.has("scheme"):
            if every not in (None, 1.0) or self.slots:
                raise UnreadError
            return 1.0
        return every

    def times_beside_others(self, rest: frozenset[str]) -> float:
        """Return the times a day of one group of several; `rest` are the days that none of them names."""
        if any(value != 1 for value in self._values("frequency")) or self.has(*ALONE):
            raise UnreadError
        days = rest if self.is_other_days else self.days
        if self.is_other_days and (self.days or not rest):
            raise UnreadError
        return max(len(set(self.slots)), 1) * (len(days) / 7 if days else 1.0)

    def label(self, times: float) -> float | None:
        """Return the times of a day by which the frequency is named."""
        scheme = self._one("scheme")
        if scheme is not None:
            return scheme.mg
        return None if self.has("days", "except", "days_a_week") else times

    def strengths(self, pieces: float | None, times: float | None) -> frozenset[float] | None:
        """Return what a tablet may hold by all that is said of it; None where nothing is."""
        said = [frozenset({item.mg}) for item in self.items if item.kind == "product" and item.mg is not None]
        said += [frozenset({item.mg}) for item in self.items if item.kind == "count" and item.mg is not None]
        if pieces is not None:
            said += self._by_sums(pieces, 1.0 if times is None or self.divided else times)
        elif self.has("total") and not self.has("mg"):
            raise UnreadError
        if not said:
            return None
        found = said[0]
        for one in said[1:]:
            found = frozenset(a for a in found if any(abs(a - b) <= 0.005 * a for b in one))
        if not found:
            raise UnreadError
        return found

    def _by_sums(self, pieces: float, times: float) -> list[frozenset[float]]:
        """Return what a tablet may hold by the milligrams that are stated beside tablets."""
        said = []
        places = {item.kind: place for place, item in enumerate(self.items)}
        timed = min((places[kind] for kind in ("frequency", "slot", "days") if kind in places), default=len(self.items))
        counted = min(place for kind, place in places.items() if kind in ("count", "number", "scheme", "product"))
        # "50 mg, 2 tablets" may name the tablet first; "2 tablets (50 mg)" and "50 mg (2 tablets)" tell one dose twice.
        is_apart = any("apart" in item.of for item in self.items if item.kind != "mg")
        for item in self.items:
            if item.kind not in ("mg", "total", "day_total"):
                continue
            place = places[item.kind]
            if self.has("number") and place < timed < counted:
                raise UnreadError
            by_dose, by_day = item.value / pieces, item.value / (pieces * times)
            if item.kind == "day_total":
                said.append(frozenset({by_day}))
            elif counted < timed < place:
                said.append(frozenset({by_dose, by_day}))
            elif item.kind == "total" or place < timed < counted or pieces == 1:
                said.append(frozenset({by_dose}))
            elif self.has("scheme"):
                said.append(frozenset({item.value}))
            else:
                said.append(frozenset({by_dose, item.value if is_apart and place < counted else UNSURE}))
        return said

    def _slotted(self, every: float | None) -> float | None:
        slots = self.slots
        if not slots:
            return every
        count = len(set(slots))
        if every is None:
            return float(count)
        if every != count and not (count == 1 and every < 1):
            raise UnreadError
        return every

    def _on_days(self, every: float | None) -> float | None:
        excluded = [item.of for item in self.items if item.kind == "except"]
        if excluded and (self.days or len(excluded) > 1 or every is None or every < 1):
            raise UnreadError
        if excluded:
            return (every or 1.0) * (7 - len(excluded[0])) / 7
        counted = self._one("days_a_week")
        if counted is not None and (self.days or excluded or (every or 1.0) < 1):
            raise UnreadError
        if counted is not None:
            return (every or 1.0) * counted.value
        if not self.days:
            return every
        share = len(self.days) / 7
        if every is None:
            return share
        if every < 1:
            if abs(every - share) > 1e-9:
                raise UnreadError
            return share
        if len(self.days) == 1:
            raise UnreadError
        return every * share

    def _divide(self, every: float | None) -> None:
        if self.has("count", "number", "scheme", "product") or every not in (None, 1.0, self.divided):
            raise UnreadError
        if every is None and not self.has("day_total"):
            raise UnreadError


def grouped(items: Sequence[Item]) -> list[Group]:
    """Return the groups; UnreadError for a joint that joins nothing."""
    items = _products(items)
    plain = _joined(items)
    amounts = [place for place, item in enumerate(plain) if item.kind in AMOUNTS]
    apart = [place for place, item in enumerate(plain) if item.kind in ("slot", "days", "other_days")]
    if len(amounts) < 2 or not apart:
        return [Group(plain)] if plain else []
    return _by_slot_first(plain) if apart[0] < amounts[0] else _by_amount_first(plain)


def _products(items: Sequence[Item]) -> list[Item]:
    """Return the items with the milligrams before the first verb as a tablet's strength, where a dose follows it."""
    verbs = [place for place, item in enumerate(items) if item.kind == "verb"]
    if not verbs or verbs[0] == 0:
        return list(items)
    before, after = items[: verbs[0]], items[verbs[0] :]
    is_product = [item.kind for item in before if item.kind not in ("stop", "comma", "dash", "tablet")] == [
        "mg"
    ] and any(item.kind in AMOUNTS for item in after)
    if not is_product:
        return list(items)
    return [*(Item("product", 1.0, item.value) if item.kind == "mg" else item for item in before), *after]


def _joined(items: Sequence[Item]) -> list[Item]:
    """Return the items without joints; UnreadError where one may join amounts to a range, a list or a sum."""
    plain: list[Item] = []
    joint: str | None = None
    seen_times = False
    for item in items:
        if item.kind in JOINTS:
            joint = _stronger(joint, item.kind)
            continue
        if joint is not None and plain:
            _check(joint, plain, item, seen_times)
        elif joint in ("and", "plus", "slash", "equals", "dash"):
            raise UnreadError
        is_sum = joint in ("and", "plus") and plain and plain[-1].kind == item.kind == "count"
        if is_sum and _both_strong(plain[-1], item):
            plain[-1] = _sum(plain[-1], item)
        elif joint == "plus" and plain and plain[-1].kind == item.kind == "mg":
            plain[-1] = Item("mg", plain[-1].value + item.value)
        else:
            is_apart = joint in ("stop", "verb", "comma", "dash") and item.kind in AMOUNTS
            plain.append(replace(item, of=item.of | {"apart"}) if is_apart else item)
        seen_times = seen_times or item.kind in ("slot", "days", "other_days")
        joint = None
    if joint in ("and", "plus", "slash", "equals", "dash"):
        raise UnreadError
    return [_settled(item) for item in plain]


def _settled(item: Item) -> Item:
    """A pair of numbers means something only where doses are taken in turn."""
    if item.kind in ("pair", "tablet_pair", "alternate", "alternating", "one_day", "next_day", "with"):
        raise UnreadError
    return item


def _both_strong(one: Item, other: Item) -> bool:
    return one.mg is not None and other.mg is not None


def _sum(one: Item, other: Item) -> Item:
    if one.mg == other.mg:
        return Item("count", one.value + other.value, one.mg)
    return Item("mg", one.value * (one.mg or 0) + other.value * (other.mg or 0))


def _stronger(one: str | None, other: str) -> str:
    return other if one is None else max(one, other, key=JOINTS.index)


def _check(joint: str, plain: Sequence[Item], item: Item, seen_times: bool) -> None:
    last = plain[-1].kind
    is_amount, was_amount = item.kind in AMOUNTS, last in AMOUNTS
    times = ("slot", "days", "other_days")
    if joint in ("and", "plus"):
        is_list = last == item.kind and last in ("slot", "days") and not plain[-1].of & item.of
        is_new_group = last in times and (is_amount or item.kind in times)
        is_after_frequency = last == "frequency" and is_amount and seen_times
        is_sum = last == item.kind == "count" or (joint == "plus" and last == item.kind == "mg")
        if not (is_list or is_new_group or is_after_frequency or is_sum):
            raise UnreadError
    elif joint == "slash":
        raise UnreadError
    elif joint == "dash":
        if last == "number" or (was_amount and is_amount and not (last == "mg" and item.kind == "count")):
            raise UnreadError
    elif joint == "equals" and item.kind not in ("mg", "total", "day_total", "count"):
        raise UnreadError


def _by_amount_first(plain: Sequence[Item]) -> list[Group]:
    groups: list[Group] = []
    for item in plain:
        is_timed = groups and groups[-1].has("slot", "days", "other_days") and groups[-1].has(*AMOUNTS)
        if not groups or (item.kind in AMOUNTS and is_timed):
            groups.append(Group())
        groups[-1].items.append(item)
    return groups


def _by_slot_first(plain: Sequence[Item]) -> list[Group]:
    """Each time names the dose that follows it: no time may come after the last dose, nor two doses after one time."""
    groups: list[Group] = []
    for item in plain:
        starts = item.kind in ("slot", "days", "other_days")
        if not groups or (starts and groups[-1].has(*AMOUNTS)):
            groups.append(Group())
        groups[-1].items.append(item)
    if any(not group.has(*AMOUNTS) for group in groups):
        raise UnreadError
    return groups
