"""The patterns of how often and when, each with the item that it means."""

import re
from collections.abc import Callable
from dataclasses import replace

from flows.dosage.numbers import NUMBER, UnreadError, value_of
from flows.dosage.tokens import DAY_NAME, Item

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORT = r"(?:mo|tu|we|th|fr|sa|su|[mwf])"
DAY = rf"(?:{DAY_NAME}|{SHORT})"
N = rf"(?P<n>{NUMBER})"
A_DAY = r"(?:(?:(?:a|per|each|every|in a|in one)\s+|/\s*)?(?:day|24 ?h(?:ou)?rs?)|daily|/\s*d)"
A_WEEK = r"(?:(?:a|per|each|every|in a|in each|/)\s*(?:week|wk)|weekly)"
SCHEME_PART = r"(?:\d\s1/2|1/2|\d[.,]5|\d)"
SCHEME = rf"(?<![\d.,/-])(?P<scheme>{SCHEME_PART}(?:\s*-\s*{SCHEME_PART}){{2,3}})(?!\s*[-/\d])"
EACH = r"[ /]?(?:a |per |each |every )?"
H = r" ?h(?:(?:ou)?rs?)?"
FIXED: dict[float, str] = {
    1.0: rf"(?:(?:once|one time|1 time){EACH}(?:day|daily)|daily|every ?day|each day|per day|a day|/\s*d(?:ay)?"
    rf"|/\s*24{H}|qd|od|q ?24{H}|q ?day|q daily|daily dose|(?:a |as a )?single daily dose)",
    2.0: rf"(?:twice{EACH}(?:day|daily)|bid|bd|bds|q ?12{H})",
    3.0: rf"(?:thrice{EACH}(?:day|daily)|tid|tds|q ?8{H})",
    4.0: rf"(?:qid|qds|q ?6{H})",
    0.5: rf"(?:every (?:other|second|2nd|two|2|alternate) days?|q ?48{H}|qod(?:hs|am|pm)?|eod"
    r"|q ?2 ?d(?:ays?)?|q other day|every 2d)",
    1 / 3: rf"(?:every (?:third|3rd|three|3) days?|q ?72{H}|q ?3 ?d(?:ays?)?)",
    1 / 7: rf"(?:once{EACH}(?:week|weekly)|weekly|every (?:week|7 days|seven days)|each week|per week|a week"
    r"|q ?w(?:ee)?k(?:ly)?|/\s*w(?:ee)?k)",
    2 / 7: rf"(?:twice{EACH}(?:week|weekly))",
    1 / 14: r"(?:every (?:other|second|two|2) weeks?|once every (?:two|2) weeks|every fortnight|fortnightly)",
    2 / 3: rf"q ?36{H}",
    0.25: rf"(?:every (?:fourth|4th|four|4) days?|q ?96{H})",
}
SLOTS = {
    "morning": r"(?:mornings?|am|mane|breakfast(?: time)?|wak(?:e up|ing)|arising|a m)",
    "noon": r"(?:noon|midday|mid day|lunch(?: ?time)?)",
    "afternoon": r"afternoons?",
    "evening": r"(?:evenings?|pm|dinner|supper|tea ?time|p m)",
    "night": r"(?:night ?time|nights?|nightly|nocte|bed ?time|bed|hs|going to bed|sleep)",
}
BEFORE = (
    r"(?:(?:in|at|every|each|on|with|after|before|q|once|once every|once each|per|in every|during|upon)\s*"
    r"(?:(?:the|each|every)\s+)?)?"
)


def _whole(value: float) -> float:
    if value != int(value) or not 1 <= value <= 12:
        raise UnreadError
    return value


def _times(found: re.Match[str]) -> Item:
    return Item("frequency", _whole(value_of(found["n"])))


def _weekly(found: re.Match[str]) -> Item:
    times = _whole(value_of(found["n"]))
    if times > 7:
        raise UnreadError
    return Item("frequency", times / 7)


def _days_a_week(found: re.Match[str]) -> Item:
    return replace(_weekly(found), kind="days_a_week")


def _hours(found: re.Match[str]) -> Item:
    hours = value_of(found["n"])
    if hours <= 0 or (24 % hours and hours % 24 and hours != 36):
        raise UnreadError
    return Item("frequency", 24 / hours)


def _days(found: re.Match[str]) -> Item:
    return Item("frequency", 1 / _whole(value_of(found["n"])))


def _weeks(found: re.Match[str]) -> Item:
    return Item("frequency", 1 / (7 * _whole(value_of(found["n"]))))


def _length(found: re.Match[str]) -> Item:
    unit = found["unit"][0]
    days = value_of(found["n"]) if found["n"] else 1.0
    days *= {"d": 1, "w": 7, "m": 30}[unit]
    if days != int(days) or not 1 <= days <= 3650:
        raise UnreadError
    return Item("length", days)


def _listed(found: re.Match[str]) -> Item:
    return Item(_kind_of(found[0]), of=days_in(found[0]))


def _kind_of(text: str) -> str:
    return "except" if re.match(r"(?:except|but not|excluding|other than|apart from)", text) else "days"


def days_in(text: str) -> frozenset[str]:
    """Return the days of the week that a list of names or spans names."""
    if re.search(r"week ?days?|working days", text):
        return frozenset(WEEK[:5])
    if re.search(r"week ?ends?", text):
        return frozenset(WEEK[5:])
    if text.endswith("mwf"):
        return frozenset({"mon", "wed", "fri"})
    days: set[int] = set()
    for first, last in re.findall(rf"\b({DAY})\b(?:\s*thru\s*({DAY})\b)?", text):
        start = _day(first)
        end = _day(last) if last else start
        if end < start or start in days:
            raise UnreadError
        days |= set(range(start, end + 1))
    return frozenset(WEEK[day] for day in days)


def _day(name: str) -> int:
    return next(place for place, day in enumerate(WEEK) if day.startswith(name[:3]) or day.startswith(name[:2]))


def scheme(found: re.Match[str]) -> Item:
    """1-0-1: tablets in the morning, at noon, in the evening, and perhaps at night."""
    parts = [_part(part) for part in re.split(r"\s*-\s*", found["scheme"])]
    if not any(parts) or max(parts) > 4:
        raise UnreadError
    return Item("scheme", sum(parts), float(sum(part > 0 for part in parts)))


def _part(text: str) -> float:
    return 0.0 if text == "0" else value_of(text)


def _slot(name: str) -> Callable[[re.Match[str]], Item]:
    return lambda _: Item("slot", of=frozenset({name}))


def _clock(found: re.Match[str]) -> Item:
    return Item("slot", of=frozenset(re.sub(r"\s", "", time) for time in re.findall(CLOCK, found[0])))


def _refuse(_: re.Match[str]) -> Item:
    """2 pm is a time, or two tablets in the afternoon."""
    raise UnreadError


def _fixed(value: float) -> Callable[[re.Match[str]], Item]:
    return lambda _: Item("frequency", value)


def _divided(found: re.Match[str]) -> Item:
    return Item("divided", {"bid": 2.0, "tid": 3.0}.get(found["n"]) or _whole(value_of(found["n"])))


CLOCK = r"(?:\d{1,2}:\d\d\s*(?:am|pm|h(?:ours?)?)?|\d{1,2}\s*(?:am|pm))"
HOUR = r"(?:\d{1,2}:\d\d\s*(?:am|pm|h(?:ours?)?)?)"
ALSO = r"\s*(?:,|&|and|, and)\s*"
# Days of one or two letters are days only beside others.
SPAN_OF_DAYS = rf"(?:m\s*thru\s*f|{DAY_NAME}(?:\s*thru\s*{DAY_NAME})?)"
BETWEEN = r"\s*(?:,\s*and|,|/|&|and|\s)\s*"
LIST = rf"(?:{SPAN_OF_DAYS}(?:{BETWEEN}{SPAN_OF_DAYS}\b)*|\(?{SHORT}(?:\s*[,/]\s*{SHORT}\b)+)"
NAMED = rf"(?:{LIST}|mwf|week ?days?|week ?ends?|working days)"
PERIOD = r"\s*(?P<unit>days?|d|weeks?|wks?|w|months?|mos?)(?:'?s?)?"
PARTS = r"(?:equally )?(?:divided |equal |split )*(?:doses|times|portions)"
NOT_OF = r"(?!\s*(?:a|per|each|every|out|of|in|/|on|off|then)\b|\s*/|\s*weekly)"
ENTRIES: list[tuple[str, Callable[[re.Match[str]], Item | None]]] = [
    *((pattern, _fixed(value)) for value, pattern in FIXED.items()),
    (rf"{N}\s*(?:x|times?|doses?)\s*{A_DAY}", _times),
    (rf"x\s*{N}\s*{A_DAY}", _times),
    (rf"(?:on )?{N}\s*(?:x|times?|doses?)\s*{A_WEEK}", _weekly),
    (rf"x\s*{N}\s*{A_WEEK}", _weekly),
    (rf"{N}\s*x\s*(?:week|wk)", _weekly),
    (rf"(?:for |on )?{N}\s*days?\s*(?:{A_WEEK}|(?:out )?of (?:7|seven)(?: days)?|out of the week)", _days_a_week),
    (rf"(?:once )?(?:every|each)\s*{N}\s*(?:hours?|hrs?|h)", _hours),
    (rf"{N}\s*(?:hourly|hrly)", _hours),
    (rf"q\s*{N}\s*(?:h|hours?|hrs?)", _hours),
    (rf"(?:once )?every\s*{N}\s*days?", _days),
    (rf"(?:once )?every\s*{N}\s*weeks?", _weeks),
    *((BEFORE + pattern, _slot(name)) for name, pattern in SLOTS.items()),
    (rf"(?:at|@)\s*{CLOCK}(?:{ALSO}(?:at |@)?{CLOCK})*|{HOUR}(?:{ALSO}(?:at )?{HOUR})*", _clock),
    (r"\d{1,2}\s?(?:am|pm)", _refuse),
    (rf"(?:(?:on|every|each|q)\s+)?(?:the )?{NAMED}", _listed),
    (rf"(?:except|but not|excluding|other than|apart from)(?: on| for| at)?(?: the)?\s+{NAMED}", _listed),
    (r"(?:on )?(?:all |the |all the )?(?:other|remaining) days(?: of the week)?", lambda _: Item("other_days")),
    (r"(?:on )?alternat(?:e|ing) days?", lambda _: Item("alternate", 0.5)),
    (r"alternat(?:e|es|ing|ed)(?: (?:between|with))?", lambda _: Item("alternating")),
    (r"(?:on )?one day|on day one", lambda _: Item("one_day")),
    (r"(?:on )?the (?:next|following|other)(?: day)?|next day", lambda _: Item("next_day")),
    (r"once", lambda _: Item("once")),
    (rf"(?:(?:divided )?(?:in|into|as)|divided)\s*{N}\s*{PARTS}", _divided),
    (r"divided (?P<n>bid|tid)", _divided),
    (rf"(?:for|x|during|over|duration:?)\s*(?:a period of )?{N}{PERIOD}(?: supply)?{NOT_OF}", _length),
    (rf"(?:for )?{N}{PERIOD} supply", _length),
    (rf"for (?:a|one) (?P<unit>week|month)(?P<n>(?!)){{0}}{NOT_OF}", _length),
]
