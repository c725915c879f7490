"""The numbers of dosage texts: as pattern and as value. What can mean two numbers means none."""

import re

WORDS = {
    **{
        word: float(value)
        for value, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
        )
    },
    "twenty": 20.0,
    "twenty five": 25.0,
    "thirty": 30.0,
    "fifty": 50.0,
    "seventy five": 75.0,
    "one hundred": 100.0,
    "one hundred and fifty": 150.0,
    "one hundred fifty": 150.0,
}
HALVES = {"half": 0.5, "quarter": 0.25, "three quarters": 0.75, "three quarter": 0.75}
WORD = "|".join(sorted(WORDS, key=len, reverse=True))
# Never a part of a longer number.
FROM = r"(?<!\d)(?<!\d[.,])"
DECIMAL = rf"{FROM}(?:\d+(?:[.,]\d+)?|[.]\d+)(?!\d|[.,]\d)"
FRACTION = rf"{FROM}[1-3]\s?/\s?[234](?![\d/])(?!\s*/)"
HALF = r"(?:three quarters?|(?:(?:an?|one) )?(?:half|quarter))\b"
MIXED = rf"(?:{FROM}\d\s*(?:-|&|\+|and|\s)\s*{FRACTION}|(?:{FROM}\d|{WORD})\s*(?:&|\+|\band\b)\s*(?:{FRACTION}|{HALF}))"
SIMPLE = rf"(?:{MIXED}|{FRACTION}|{HALF}|(?:{WORD})\b|{DECIMAL})"
# A number, a number said twice ("2 (two)"), or one in brackets.
NUMBER = rf"(?:{SIMPLE}(?:\s*\(\s*{SIMPLE}\s*\))?|\(\s*{SIMPLE}\s*\))"


class UnreadError(Exception):
    """The text says something that the grammar does not explain, or two things."""


def value_of(text: str) -> float:
    """Return the value of what NUMBER matched; UnreadError where it says two numbers, or one that can mean two."""
    said = {_simple(part.strip()) for part in re.split(r"[()]", text) if part.strip()}
    if len(said) != 1:
        raise UnreadError
    [value] = said
    return value


def _simple(text: str) -> float:
    if text in WORDS:
        return WORDS[text]
    if re.fullmatch(HALF, text):
        return HALVES[re.sub(r"^(an?|one) ", "", text)]
    if re.fullmatch(FRACTION, text):
        over, under = (float(part) for part in text.split("/"))
        return over / under
    if re.fullmatch(DECIMAL, text):
        return _decimal(text)
    whole, part = re.fullmatch(rf"(\d|{WORD})(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return _simple(whole) + _simple(re.sub(r"^\s*(?:-|&|\+|and)?\s*", "", part))


def _decimal(text: str) -> float:
    """1.000 and 1,000 are a thousand to some and one to others; 50,75 is a number to some and two to others."""
    if re.fullmatch(r"\d*[.,]\d{3,}|\d{2,},\d\d", text):
        raise UnreadError
    return float(text.replace(",", "."))
