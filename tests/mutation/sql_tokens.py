"""SQL as tokens with their depth in brackets: enough to find operands, clauses and arms without a grammar."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PATTERN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<text>[eE]?'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*")
    | (?P<place>\{[a-z_]+\})
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|<>|!=|:=|=>|->>|->|::|\|\||//|[-+*/%=<>^~@&|!?:;.,()\[\]{}$])
    """,
    re.VERBOSE | re.DOTALL,
)
OPENING, CLOSING = "([{", ")]}"
# Words that end an operand of AND and OR where they stand at its own depth.
ENDING = {
    "AND", "OR", "THEN", "WHEN", "ELSE", "END", "WHERE", "GROUP", "ORDER", "HAVING", "QUALIFY", "UNION", "EXCEPT",
    "INTERSECT", "LEFT", "INNER", "CROSS", "SEMI", "ANTI", "FULL", "ASOF", "JOIN", "ON", "AS", "SELECT", "LIMIT",
    "FROM", "CASE", "USING", "WINDOW", "DESC", "ASC", "NULLS", "CREATE", "OVER", "FILTER",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A word, sign, number or text; `depth` counts the brackets round it, a bracket's own not included."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        """Return where it ends."""
        return self.start + len(self.text)

    @property
    def key(self) -> str:
        """Return a word in capitals, anything else as it stands."""
        return self.text.upper() if self.kind == "word" else self.text


def tokens(sql: str) -> list[Token]:
    """Return the tokens without blanks and comments; what is none raises."""
    found, depth, at = [], 0, 0
    while at < len(sql):
        match = PATTERN.match(sql, at)
        if match is None:
            raise ValueError(f"no token of SQL: {sql[at : at + 20]!r}")
        kind, text = str(match.lastgroup), match.group()
        if kind == "sign" and text in CLOSING:
            depth -= 1
        if kind != "blank":
            found.append(Token(kind, text, at, depth))
        if kind == "sign" and text in OPENING:
            depth += 1
        at = match.end()
    return found


def forward(found: Sequence[Token], at: int) -> int:
    """Return the first place from `at` on that does not belong to the operand that begins there."""
    depth, cases, is_between = found[at].depth, 0, False
    for place in range(at, len(found)):
        token = found[place]
        if token.depth < depth:
            return place
        if token.depth > depth:
            continue
        if token.key == "CASE":
            cases += 1
        elif cases:
            cases -= token.key == "END"
        elif token.key == "BETWEEN":
            is_between = True
        elif token.key == "AND" and is_between:
            is_between = False
        elif token.text in (",", ";") or (token.key in ENDING and not _is_name(found, place)):
            return place
    return len(found)


def _is_name(found: Sequence[Token], place: int) -> bool:
    """Tell whether a word stands for a function or a column: left(...), t.end."""
    before = found[place - 1].text if place else ""
    after = found[place + 1].text if place + 1 < len(found) else ""
    return before == "." or (after == "(" and found[place].key in ("LEFT", "FULL"))


def backward(found: Sequence[Token], at: int) -> int:
    """Return the first place of the operand that ends just before `at`."""
    depth, cases, place = found[at].depth, 0, at
    while place > 0:
        token = found[place - 1]
        if token.depth < depth:
            break
        if token.depth == depth:
            if token.key == "END" and not _is_name(found, place - 1):
                cases += 1
            elif cases:
                cases -= token.key == "CASE"
            elif token.text in (",", ";") or (token.key in ENDING and not _is_name(found, place - 1)):
                break
        place -= 1
    return place


def closing(found: Sequence[Token], opening: int) -> int:
    """Return the place of the bracket that closes the one at `opening`."""
    depth = found[opening].depth
    return next(at for at in range(opening + 1, len(found)) if found[at].depth == depth)


def parts(found: Sequence[Token], begin: int, end: int) -> list[tuple[int, int]]:
    """Return the places [first, last) of the parts that commas of one depth separate between two places."""
    if begin >= end:
        return []
    depth, cut = found[begin].depth, [begin - 1]
    cut += [at for at in range(begin, end) if found[at].text == "," and found[at].depth == depth]
    return [(one + 1, other) for one, other in zip(cut, [*cut[1:], end], strict=True)]
