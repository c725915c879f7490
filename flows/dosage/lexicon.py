"""The words, numbers and signs of dosage texts, each pattern with the item that it means (None: it changes nothing).

At each place of a text the longest pattern counts; a text with anything else in it is not read.
"""

import re
from collections.abc import Callable, Iterable

from flows.dosage import timing
from flows.dosage.numbers import FRACTION, HALF, NUMBER, UnreadError, value_of
from flows.dosage.tokens import Item

Make = Callable[[re.Match[str]], Item | None]
END = r"(?:(?<![a-z0-9])|(?![a-z0-9]))"
UNIT = r"(?:mgs?|mgms?|milligrams?|milligrammes?|mcgs?|ug|micrograms?|g|gms?|grams?)"
MILLIGRAMS = {"mc": 0.001, "ug": 0.001, "mic": 0.001, "g": 1000.0}
TABLET = r"(?:tablets?|tabs?|tabl|tbl|caplets?|capsules?|caps?|pills?)(?:\(s\))?"
MASS = rf"(?P<mg>{NUMBER})\s*(?P<unit>{UNIT})"
A_DAY = r"\s*(?:daily|/\s*day|per day|a day|each day)"
DAY_TOTALS = (
    rf"{MASS}\s*(?:total daily(?: dose)?|total (?:per|a|each) day|/day total|(?:per|a) day (?:in )?total)",
    rf"(?:total daily (?:dose|amount)|daily total|total (?:dose )?per day)(?: of| is)?[:=\s]*{MASS}",
    rf"total(?: of)?:?\s*{MASS}{A_DAY}",
    rf"\({MASS}{A_DAY}\)",
    rf"=\s*{MASS}{A_DAY}",
)
COUNT = rf"(?P<n>{NUMBER})"


def mass_of(found: re.Match[str]) -> float:
    """Return the milligrams of what MASS matched."""
    unit = found["unit"]
    factor = next((factor for start, factor in MILLIGRAMS.items() if unit.startswith(start)), 1.0)
    return value_of(found["mg"]) * factor


def _mass(kind: str) -> Make:
    return lambda found: Item(kind, mass_of(found))


def _count(found: re.Match[str]) -> Item:
    said = found.groupdict()
    value = {"i": 1.0, "ii": 2.0, "iii": 3.0}.get(said["n"]) or value_of(said["n"])
    is_unsure = "/" in said["n"] and re.search(r"s$|\)$", found[0]) is not None
    mg = mass_of(found) if said.get("mg") else None
    return Item("count", value, mg, frozenset({"unsure"} if is_unsure else ()))


def _one(found: re.Match[str]) -> Item:
    return Item("count", 1.0, mass_of(found) if found.groupdict().get("mg") else None)


def _product(found: re.Match[str]) -> Item:
    """A tablet of a strength, uncounted; only the singular can stand for one."""
    is_singular = re.search(r"\b(?:tablet|tab|tabl|tbl|caplet|capsule|cap|pill)\b(?!\()", found[0]) is not None
    return Item("product", 0.0 if "/" in found[0] or " per " in found[0] else float(is_singular), mass_of(found))


def _pair(kind: str) -> Make:
    def make(found: re.Match[str]) -> Item:
        second = mass_of(found) if "mg" in found.groupdict() else value_of(found["m"])
        if "mg" in found.groupdict() and found["unit"][0:2] != "mg" and not found["unit"].startswith("mil"):
            raise UnreadError
        first = value_of(found["n"])
        return Item("mg", first + second) if kind == "mg" else Item(kind, first, second)

    return make


def quantities(of: str) -> list[tuple[str, Make]]:
    """Return the patterns of doses; `of` are the words that may stand before the word tablet."""
    tablet = rf"(?:(?:{of})\s+){{0,4}}{TABLET}"
    part = rf"(?P<n>{HALF}|{FRACTION})\s*(?:of\s+)?(?:an?|one|1)\s+"
    many = rf"{COUNT}\s*(?:x\s*|of (?:the |your )?)?"
    drug = rf"(?:(?:{of})\s+){{0,2}}"
    return [
        (MASS + r"(?: per dose| each dose| a dose|/dose)?", _mass("mg")),
        (rf"{many}{tablet}", _count),
        (rf"{part}{tablet}", _count),
        (rf"(?P<n>iii?|i)\s+{tablet}", _count),
        (rf"an?\s+{tablet}", _one),
        (rf"an?\s+{drug}{MASS}\s+{tablet}", _one),
        (rf"{many}{drug}\(?{MASS}\)?\s+{tablet}", _count),
        (rf"{part}{drug}\(?{MASS}\)?\s+{tablet}", _count),
        (rf"{many}{tablet}\s*(?:of\s+{drug}|x\s*|@\s*){MASS}(?: each)?", _count),
        (rf"{many}{tablet}\s*\(?\s*{MASS}\s*(?:each|/\s*{TABLET}|per {TABLET})", _count),
        (rf"{COUNT}\s*x\s*{MASS}", _count),
        (rf"{MASS}\s*x\s*{COUNT}\s*{tablet}", _count),
        (rf"{MASS}\s*(?:/|per)?\s*{tablet}", _product),
        (rf"{tablet}\s*(?:of\s+)?{MASS}", _product),
        (tablet, lambda found: Item("tablet", float(not re.search(r"s$|\)$", found[0])))),
        (rf"{MASS}\s*(?:in )?total(?: dose)?", _mass("total")),
        (rf"total(?: dose)?(?: of|:)?\s*{MASS}", _mass("total")),
        *((pattern, _mass("day_total")) for pattern in DAY_TOTALS),
        (rf"{COUNT}\s*(?:\+|plus)\s*{MASS}", _pair("mg")),
        (rf"{COUNT}\s*(?:/|,|&|and)\s*{MASS}", _pair("pair")),
        (rf"{COUNT}\s*(?:,|&|and)\s*(?P<m>{NUMBER})\s*{tablet}", _pair("tablet_pair")),
        (COUNT, lambda found: Item("number", value_of(found["n"]))),
        (timing.SCHEME, timing.scheme),
    ]


VERB = (
    r"(?:(?:the )?(?:patient|pt)\s+)?(?:(?:is |are |should |must )?(?:to )?(?:be )?)?"
    r"(?:take[ns]?|taking|given?|gives|administer(?:ed)?|swallow(?:ed)?|use"
    r"|continue(?:d|s)?(?: taking| to take| with| on)?)"
)
MEAL = r"(?:food|meals?|a meal|milk|a snack|(?:a (?:full |large )?glass of |plenty of )?water|(?:plenty of )?fluids?)"
AT = r"(?:without|with|after|before|during)"
REFILL = r"(?:refill|repeat)s?(?:\(s\))?"
HARMLESS = (
    r"(?:by |via |through )?(?:the )?(?:mouth|oral(?:ly)?(?: route)?|po|per os|p/o)(?: use)?",
    rf"(?:{AT}(?: or {AT})?) {MEAL}(?:(?: or | and |/){MEAL})*",
    r"w/? ?(?:food|meals?)|on (?:an )?empty stomach|whole|immediately",
    r"do not (?:crush|chew|crush or chew|chew or crush|break)(?: or (?:crush|chew))?(?: the)?(?: tablets?)?",
    r"as (?:directed|instructed|prescribed|ordered|advised)"
    r"(?: by (?:your |the )?(?:doctor|physician|prescriber|consultant|clinic))?",
    r"sig|directions?|instructions?|dosage|dose|oral|route|please|rx|regimen|each dose|the|medicine|medication",
    rf"(?:disp(?:ense)?|qty|quantity|supply)[.:#\s]*{NUMBER}\s*(?:{TABLET})?|for \d{{2,}}\s*{TABLET}",
    rf"#\s*\d{{2,}}\s*(?:{TABLET})?",
    rf"(?:with )?(?:{REFILL}|rf)[:\s]*(?:x\s*)?(?:{NUMBER}|none|zero)",
    rf"(?:with )?(?:{NUMBER}|no|zero) {REFILL}",
    r"for (?:the )?(?:treatment of )?(?:crohn'?s(?: disease)?|(?:ulcerative )?colitis|uc|ibd"
    r"|inflammatory bowel disease|autoimmune hepatitis|aih"
    r"|rheumatoid arthritis|ra|lupus|sle|(?:kidney )?transplant(?:ation)?|immunosuppression)",
    r"[:)]",
)
SIGNS = (
    (r"[.;]", "stop"),
    (r",", "comma"),
    (r"&|and|with also", "and"),
    (r"\+|plus", "plus"),
    (r"/", "slash"),
    (r"-(?![\d.])", "dash"),
    (r"[(]", "open"),
    (r"=|equals|equal to", "equals"),
    (r"with", "with"),
    (VERB, "verb"),
)


def _nothing(_: re.Match[str]) -> None:
    return None


class Lexicon:
    """The patterns, with the names of drugs that the code lists give."""

    def __init__(self, drugs: Iterable[str]) -> None:
        """Compile the patterns."""
        names = "|".join(re.escape(name) for name in sorted(set(drugs), key=len, reverse=True)) or r"(?!)"
        of = rf"oral|whole|full|single|film coated|coated|scored|{names}"
        signs = [(pattern, lambda _, kind=kind: Item(kind)) for pattern, kind in SIGNS]
        entries: list[tuple[str, Make]] = [
            *quantities(of),
            *timing.ENTRIES,
            *signs,
            *((pattern, _nothing) for pattern in (*HARMLESS, names)),
        ]
        self._names = re.compile(rf"(?<![a-z0-9])(?:{names})(?![a-z0-9])")
        self._entries = [(re.compile(rf"(?:{pattern}){END}"), make) for pattern, make in entries]

    def drugs_in(self, text: str) -> list[str]:
        """Return the names of drugs in a levelled text."""
        return self._names.findall(text)

    def items(self, text: str) -> list[Item]:
        """Return the items of a levelled text; UnreadError where a word, number or sign is none."""
        items, place = [], 0
        while place < len(text):
            if text[place] == " ":
                place += 1
                continue
            found = [(match, make) for pattern, make in self._entries if (match := pattern.match(text, place))]
            if not found:
                raise UnreadError
            match, make = max(found, key=lambda one: one[0].end())
            if match.end() == place:
                raise UnreadError
            if (item := make(match)) is not None:
                items.append(item)
            place = match.end()
        return items
