"""The changes of an SQL file: comparisons, conditions, joins, folds, arms, order, constants, columns and words."""

import re
from collections.abc import Iterator
from itertools import pairwise

import duckdb

from tests.mutation.edits import Edit
from tests.mutation.sql_tokens import ENDING, Token, backward, closing, forward, parts, tokens

COMPARED = {">=": (">", "<="), ">": (">=", "<"), "<=": ("<", ">="), "<": ("<=", ">"), "=": ("<>",), "<>": ("=",)}
OPPOSITES = (
    ("min", "max"), ("min_by", "max_by"), ("arg_min", "arg_max"), ("first", "last"), ("bool_or", "bool_and"),
    ("least", "greatest"), ("floor", "ceil"), ("lead", "lag"), ("starts_with", "ends_with"), ("upper", "lower"),
    ("first_value", "last_value"), ("list_min", "list_max"), ("row_number", "rank"), ("list_any", "list_all"),
    ("bool_and", "bool_or"), ("left", "right"), ("ltrim", "rtrim"),
)  # fmt: skip
RENAMED = {name: other for pair in OPPOSITES for name, other in (pair, pair[::-1])}
WORDS = {"TRUE": "FALSE", "FALSE": "TRUE", "SEMI": "ANTI", "ANTI": "SEMI", "LEFT": "INNER", "INNER": "LEFT"}
LEFT_OUT = {
    "as_text", "as_end", "as_number", "as_whole", "lower", "upper", "trim", "abs", "finite", "nullif", "floor", "round",
    "list_distinct", "list_sort", "strip_accents", "shown",
}  # fmt: skip
JOINING = {"SEMI", "ANTI", "LEFT", "INNER"}
CLAUSES = {"WHERE", "HAVING", "QUALIFY"}
PLACE = re.compile(r"\{([a-z_]+)\}")


class Sql:
    """The edits of one file."""

    def __init__(self, source: str) -> None:
        """Cut the source into tokens."""
        self.source = source
        self.found = tokens(source)

    def edits(self) -> Iterator[Edit]:
        """Yield the edits that DuckDB can parse; all, where it cannot parse the text for what is put in."""
        with duckdb.connect() as connection:
            is_whole = is_parsed(connection, self.source)
            for edit in self._walked():
                if not is_whole or is_parsed(connection, edit.of(self.source)):
                    yield edit

    def _walked(self) -> Iterator[Edit]:
        for at, token in enumerate(self.found):
            if token.kind == "sign":
                yield from self._signs(at, token)
            elif token.kind == "word" and not self._is_part_of_a_name(at):
                yield from self._words(at, token)
                yield from self._lists(at, token)
                yield from self._clauses(at, token)
            elif token.kind == "number" and not self._is_part_of_a_name(at):
                yield from self._numbers(token)
        yield from self._neighbours()

    def _signs(self, at: int, token: Token) -> Iterator[Edit]:
        for new in COMPARED.get(token.text, ()):
            yield self._replaced(at, new, "comparison")
        is_binary = at > 0 and self._ends_a_value(at - 1) and self._begins_a_value(at + 1)
        if token.text in "+-*/" and is_binary:
            yield self._replaced(at, {"+": "-", "-": "+", "*": "/", "/": "*"}[token.text], "operator")
        elif token.text == "-" and not is_binary:
            yield self._replaced(at, "", "sign")

    def _words(self, at: int, token: Token) -> Iterator[Edit]:
        key, after, before = token.key, self._key(at + 1), self._key(at - 1)
        if after == "(" and token.text.lower() in RENAMED and key not in ("AS",):
            yield self._replaced(at, RENAMED[token.text.lower()], "fold")
        elif key in JOINING and "JOIN" in (after, self._key(at + 2)):
            yield self._replaced(at, WORDS[key], "join")
        elif key in ("TRUE", "FALSE"):
            yield self._replaced(at, WORDS[key], "flag")
        elif key == "DESC" or (key == "DISTINCT" and before != "NOT" and before != "IS"):
            yield self._replaced(at, "", "order" if key == "DESC" else "distinct")
        elif key in ("FIRST", "LAST") and before == "NULLS":
            yield self._replaced(at, {"FIRST": "LAST", "LAST": "FIRST"}[key], "order")
        elif key == "IGNORE" and after == "NULLS":
            yield Edit(token.start, self.found[at + 1].end, "", "nulls")
        elif key == "UNION" and after != "ALL":
            yield self._replaced(at, "UNION ALL", "distinct")
        elif key == "IN" and before != "NOT" and after == "(":
            yield self._replaced(at, "NOT IN", "negation")
        yield from self._negations(at, token)

    def _negations(self, at: int, token: Token) -> Iterator[Edit]:
        key, after, before = token.key, self._key(at + 1), self._key(at - 1)
        if key == "NOT" and before != "IS":
            yield self._replaced(at, "", "negation")
        elif key == "IS" and after == "NULL":
            yield self._replaced(at, "IS NOT", "nulls")
        elif key == "IS" and after == "NOT" and self._key(at + 2) == "NULL":
            yield Edit(token.start, self.found[at + 1].end, "IS", "nulls")
        elif key == "IS" and "DISTINCT" in (after, self._key(at + 2)):
            is_equal = after == "NOT"
            yield Edit(token.start, self.found[at + (3 if is_equal else 2)].end, "=" if is_equal else "<>", "nulls")
        elif key == "BETWEEN":
            yield from self._between(at)

    def _between(self, at: int) -> Iterator[Edit]:
        """Yield an interval without each of its ends."""
        first = backward(self.found, at)
        first += self._key(first) == "NOT"
        depth = self.found[at].depth
        middle = next(p for p in range(at, len(self.found)) if self._key(p) == "AND" and self.found[p].depth == depth)
        last = forward(self.found, middle + 1)
        value, whole = self._text(first, at), self._text(first, last)
        for begin, end in ((at + 1, middle), (middle + 1, last)):
            new = f"({whole} AND {value} <> {self._text(begin, end)})"
            yield Edit(self.found[first].start, self.found[last - 1].end, new, "interval")

    def _lists(self, at: int, token: Token) -> Iterator[Edit]:
        key = token.key
        if token.text in LEFT_OUT and self._key(at + 1) == "(" and self._key(at - 1) != "MACRO":
            end = closing(self.found, at + 1)
            first, last = parts(self.found, at + 2, end)[0]
            yield Edit(token.start, self.found[end].end, self._text(first, last), "call left out")
        if key == "COALESCE" and self._key(at + 1) == "(":
            given = parts(self.found, at + 2, closing(self.found, at + 1))
            yield from self._without(given, "argument")
            yield from self._swapped(given)
        elif key in ("IN", "USING") and self._key(at + 1) == "(" and self._key(at + 2) != "SELECT":
            yield from self._without(parts(self.found, at + 2, closing(self.found, at + 1)), "element")
        elif key == "BY" and self._key(at - 1) in ("ORDER", "PARTITION"):
            given = self._items(at + 1)
            yield from self._without(given, "order" if self._key(at - 1) == "ORDER" else "partition")
            if self._key(at - 1) == "ORDER":
                yield from self._turned(given)

    def _items(self, at: int) -> list[tuple[int, int]]:
        """Return the parts of a list that begins at a place and ends with its bracket or the next clause."""
        depth, end = self.found[at].depth, at
        ending = ENDING - {"DESC", "ASC", "NULLS", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR"} | {"IGNORE"}
        while end < len(self.found) and self.found[end].depth >= depth:
            token = self.found[end]
            if token.depth == depth and (token.text == ";" or token.key in ending):
                break
            end += 1
        return parts(self.found, at, end)

    def _turned(self, given: list[tuple[int, int]]) -> Iterator[Edit]:
        for first, last in given:
            keys = [self._key(at) for at in range(first, last)]
            if "DESC" not in keys:
                end = first + keys.index("NULLS") if "NULLS" in keys else last
                at = self.found[end - 1].end
                yield Edit(at, at, " DESC", "order")

    def _clauses(self, at: int, token: Token) -> Iterator[Edit]:
        if token.key in ("AND", "OR") and not self._is_of_between(at):
            yield self._replaced(at, {"AND": "OR", "OR": "AND"}[token.key], "operator")
            neutral = {"AND": "TRUE", "OR": "FALSE"}[token.key]
            for first, last in ((backward(self.found, at), at), (at + 1, forward(self.found, at + 1))):
                yield Edit(self.found[first].start, self.found[last - 1].end, neutral, "condition")
        elif token.key in CLAUSES:
            last = forward(self.found, at + 1)
            if self._key(last) not in ("AND", "OR"):
                yield Edit(self.found[at + 1].start, self.found[last - 1].end, "TRUE", "condition")
        elif token.key == "CASE":
            yield from self._arms(at)
        elif token.key == "UNION":
            yield from self._branches(at)

    def _is_of_between(self, at: int) -> bool:
        depth = self.found[at].depth
        for place in range(at - 1, -1, -1):
            token = self.found[place]
            if token.depth < depth or (token.depth == depth and (token.key in ENDING or token.text == ",")):
                return False
            if token.depth == depth and token.key == "BETWEEN":
                return True
        return False

    def _arms(self, at: int) -> Iterator[Edit]:
        """Yield a CASE without each of its arms, and with the results of neighbours swapped."""
        depth, cases, marks = self.found[at].depth, 0, []
        for place in range(at, len(self.found)):
            token = self.found[place]
            if token.depth != depth or token.kind != "word":
                continue
            cases += (token.key == "CASE") - (token.key == "END")
            if cases == 1 and token.key in ("WHEN", "THEN", "ELSE"):
                marks.append(place)
            if cases == 0:
                marks.append(place)
                break
        results = []
        for one, other in pairwise(marks):
            key = self._key(one)
            if key == "WHEN" and marks.index(one) + 2 < len(marks):
                end = marks[marks.index(one) + 2]
                if self._key(end) == "WHEN" or one != marks[0]:
                    yield Edit(self.found[one].start, self.found[end].start, "", "arm")
            elif key == "ELSE":
                yield Edit(self.found[one].start, self.found[other].start, "", "arm")
            if key in ("THEN", "ELSE"):
                results.append((one + 1, other))
        yield from self._swapped(results, "arm")

    def _branches(self, at: int) -> Iterator[Edit]:
        """Yield a union without the branch behind it."""
        depth, end = self.found[at].depth, at + 1
        while end < len(self.found) and self.found[end].depth >= depth:
            token = self.found[end]
            if token.depth == depth and (token.key in ("UNION", "ORDER") or token.text in (";",)):
                break
            end += 1
        yield Edit(self.found[at].start, self.found[end - 1].end, "", "rows")

    def _numbers(self, token: Token) -> Iterator[Edit]:
        value = float(token.text) if "." in token.text else int(token.text)
        for new in (value - 1, value + 1):
            yield Edit(token.start, token.end, str(new) if new >= 0 else f"({new})", "constant")

    def _neighbours(self) -> Iterator[Edit]:
        """Yield each column t.x with the next other column of t, each word with the next other word of the file."""
        dotted: dict[str, list[int]] = {}
        words = []
        for at, token in enumerate(self.found):
            if token.kind == "text" and token.text[1:-1].replace("_", "").isalpha():
                words.append(at)
            elif token.kind == "word" and self._key(at - 1) == "." and at > 1 and self._key(at + 1) != "(":
                dotted.setdefault(self.found[at - 2].text, []).append(at)
        for kind, places in [("word", words), *(("column", found) for found in dotted.values())]:
            for index, at in enumerate(places):
                around = (self.found[place].text for place in places[index:] + places[:index])
                other = next((text for text in around if text != self.found[at].text), None)
                if other is not None or kind == "word":
                    yield self._replaced(at, other or "'?'", kind)

    def _without(self, given: list[tuple[int, int]], kind: str) -> Iterator[Edit]:
        for place, (first, last) in enumerate(given):
            if len(given) == 1:
                return
            begin = self.found[first].start if place == 0 else self.found[given[place - 1][1]].start
            end = self.found[given[1][0]].start if place == 0 else self.found[last - 1].end
            yield Edit(begin, end, "", kind)

    def _swapped(self, given: list[tuple[int, int]], kind: str = "order of arguments") -> Iterator[Edit]:
        for (first, end), (other, last) in pairwise(given):
            between = self.source[self.found[end - 1].end : self.found[other].start]
            new = self._text(other, last) + between + self._text(first, end)
            yield Edit(self.found[first].start, self.found[last - 1].end, new, kind)

    def _ends_a_value(self, at: int) -> bool:
        token = self.found[at]
        is_word = token.kind == "word" and token.key not in ENDING | {"BY", "DISTINCT", "IN", "NOT", "RETURN"}
        return is_word or token.kind in ("text", "name", "number", "place") or token.text in (")", "]")

    def _begins_a_value(self, at: int) -> bool:
        if at >= len(self.found):
            return False
        token = self.found[at]
        is_clause = token.key in ENDING - {"CASE", "LEFT"} | {"EXCLUDE", "REPLACE"}
        return (token.kind != "sign" and not is_clause) or token.text in "(-"

    def _is_part_of_a_name(self, at: int) -> bool:
        return self._key(at - 1) == "." if at else False

    def _replaced(self, at: int, new: str, kind: str) -> Edit:
        token = self.found[at]
        end = token.end
        if not new and at + 1 < len(self.found):
            end = self.found[at + 1].start if self.found[at + 1].kind != "sign" else end
        return Edit(token.start, end, new, kind)

    def _key(self, at: int) -> str:
        return self.found[at].key if 0 <= at < len(self.found) else ""

    def _text(self, first: int, last: int) -> str:
        return self.source[self.found[first].start : self.found[last - 1].end]


def is_parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Tell whether DuckDB can parse a text; for a name that is put in later stands another."""
    try:
        connection.extract_statements(PLACE.sub(r"\1_", sql))
    except duckdb.Error:
        return False
    return True
