"""The items of dosage texts, and the levelling of spelling that means nothing: case, blanks, dashes, dotted letters."""

import re
from dataclasses import dataclass

LEVELLED = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u202f\u2009\u200a\u2002\u2003\t\r", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc`", "'"),
        "\u00d7": "x",
        "\u2044": "/",
        "\u00b5": "u",
        "\u03bc": "u",
        "[": "(",
        "]": ")",
        "\u00bd": " 1/2",
        "\u00bc": " 1/4",
        "\u00be": " 3/4",
        "\u2153": " 1/3",
        "\u2154": " 2/3",
    }
)
DAY_NAME = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?)"
DOTTED = "po|od|qd|qod|eod|bd|bid|bds|tid|tds|qds|qid|qam|qpm|qhs|hs|am|pm|prn"
DAYS = re.compile(rf"\b({DAY_NAME}|m)\s*(?:-|\bto\b|\bthrough\b|\bthru\b)\s*({DAY_NAME}|f)\b")
ABBREVIATIONS = "|".join(r"[.]\s?".join(word) for word in sorted(DOTTED.split("|"), key=len, reverse=True))
DOTS = re.compile(rf"\b({ABBREVIATIONS})[.]?(?![a-z0-9])")

COUNTED = r"(?:once|twice|thrice|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half)"
RANGE = re.compile(rf"\b({COUNTED})-(?!half\b)({COUNTED})\b")


@dataclass(frozen=True, slots=True)
class Item:
    """What a stretch of a text means: its kind, and what that kind needs.

    `value` are milligrams, tablets, times a day or days, `mg` the strength of a tablet or the other of a pair, `of` the
    days of the week, the time of the day, or what makes a reading unsure.
    """

    kind: str
    value: float = 0.0
    mg: float | None = None
    of: frozenset[str] = frozenset()


def level(text: str) -> str:
    """Return a text without the differences of spelling that mean nothing; a dash between numbers stays."""
    levelled = re.sub(r"\s+", " ", text.translate(LEVELLED).lower()).strip()
    levelled = DAYS.sub(r"\1 thru \2", levelled)
    levelled = DOTS.sub(lambda found: re.sub(r"[.\s]", "", found[1]), levelled)
    levelled = re.sub(RANGE, r"\1 - \2", levelled)
    levelled = re.sub(r"(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z])|(?<=[a-z])-(?=\d+\s*(?:x|times)\b)", " ", levelled)
    return re.sub(r"\s+", " ", levelled).strip()
