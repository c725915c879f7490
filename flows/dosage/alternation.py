"""Two doses in turn, one on each other day: "50/75 mg on alternate days" is their mean each day."""

from collections.abc import Sequence

from flows.dosage.numbers import UnreadError
from flows.dosage.tokens import Item

DOSES = ("mg", "count", "pair", "tablet_pair")
BETWEEN = ("and", "slash", "comma", "alternating", "one_day", "next_day", "frequency", "alternate", "with")


def alternating(items: Sequence[Item]) -> list[Item]:
    """Return the items with the mean in place of two doses in turn, or with one dose on every other day."""
    places = [place for place, item in enumerate(items) if item.kind in DOSES]
    kinds = [item.kind for item in items]
    doses = [items[place] for place in places]
    if any(item.kind in ("number", "total", "scheme", "days", "other_days", "except", "days_a_week") for item in items):
        raise UnreadError
    if not doses and kinds.count("alternate") == 1:
        return [Item("frequency", 0.5) if item.kind == "alternate" else item for item in items]
    says_in_turn = "alternating" in kinds or ("one_day" in kinds and "next_day" in kinds)
    if len(doses) == 1 and doses[0].kind in ("mg", "count") and not says_in_turn:
        return _every_other(items, doses[0])
    if not (says_in_turn or "alternate" in kinds):
        raise UnreadError
    mean = _mean(doses)
    if len(doses) == 2:
        _joined(items, kinds[places[0] + 1 : places[1]])
    elif "with" in kinds:
        raise UnreadError
    if max(kinds.count("with"), kinds.count("alternating")) > 1 or kinds.count("one_day") != kinds.count("next_day"):
        raise UnreadError
    frequencies = {item.value for item in items if item.kind == "frequency"} - ({0.5} if says_in_turn else set())
    if len(frequencies) > 1 or any(value < 1 for value in frequencies) or "slot" in kinds or "once" in kinds:
        raise UnreadError
    kept = [item for item in items if item.kind in ("product", "verb", "stop", "tablet", "divided", "day_total")]
    return [*kept, mean, Item("frequency", frequencies.pop() if frequencies else 1.0)]


def _joined(items: Sequence[Item], between: Sequence[str]) -> None:
    """Refuse two doses that anything but their turns stands between."""
    kinds = [item.kind for item in items]
    if not between or any(kind not in BETWEEN for kind in between):
        raise UnreadError
    if "alternate" in between and kinds.count("alternate") != 2:
        raise UnreadError
    if "with" in between and "alternating" not in kinds:
        raise UnreadError
    stated = [item.value for item in items if item.kind == "frequency"]
    if "frequency" in between and len(stated) < 2 and (stated != [1.0] or "alternating" not in kinds):
        raise UnreadError


def _every_other(items: Sequence[Item], dose: Item) -> list[Item]:
    if "unsure" in dose.of or any(item.kind in ("one_day", "next_day") for item in items):
        raise UnreadError
    return [Item("frequency", 0.5) if item.kind == "alternate" else item for item in items]


def _mean(doses: Sequence[Item]) -> Item:
    if len(doses) == 1 and doses[0].kind == "pair" and doses[0].mg is not None:
        first, second = doses[0].value, doses[0].mg
        if not 0.2 <= first / second <= 5:
            raise UnreadError
        return Item("mg", (first + second) / 2)
    if len(doses) == 1 and doses[0].kind == "tablet_pair" and doses[0].mg is not None:
        return Item("count", (doses[0].value + doses[0].mg) / 2)
    if len(doses) == 2 and doses[0].kind == doses[1].kind == "mg":
        return Item("mg", (doses[0].value + doses[1].value) / 2)
    if len(doses) == 2 and doses[0].kind == doses[1].kind == "count":
        one, other = doses
        if one.mg == other.mg:
            return Item("count", (one.value + other.value) / 2, one.mg)
        if one.mg is not None and other.mg is not None:
            return Item("mg", (one.value * one.mg + other.value * other.mg) / 2)
    raise UnreadError
