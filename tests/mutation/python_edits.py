"""The changes of a Python module: comparisons, days, joins, folds, order, columns, words, conditions left out."""

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.mutation.edits import Edit

COMPARED = {
    ast.GtE: (">", "<="), ast.Gt: (">=", "<"), ast.LtE: ("<", ">="), ast.Lt: ("<=", ">"), ast.Eq: ("!=",),
    ast.NotEq: ("==",), ast.Is: ("is not",), ast.IsNot: ("is",), ast.In: ("not in",), ast.NotIn: ("in",),
}  # fmt: skip
SIGNS = {
    ast.GtE: ">=", ast.Gt: ">", ast.LtE: "<=", ast.Lt: "<", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in", ast.BitAnd: "&", ast.BitOr: "|", ast.Add: "+", ast.Sub: "-",
    ast.Mult: "*", ast.Div: "/", ast.And: "and", ast.Or: "or",
}  # fmt: skip
OPERATED = {ast.BitAnd: "|", ast.BitOr: "&", ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
OPPOSITES = (
    ("min", "max"), ("first", "last"), ("any", "all"), ("min_horizontal", "max_horizontal"), ("at_least", "above"),
    ("any_horizontal", "all_horizontal"), ("is_null", "is_not_null"), ("forward_fill", "backward_fill"),
    ("starts_with", "ends_with"), ("arg_min", "arg_max"), ("cum_min", "cum_max"),
)  # fmt: skip
RENAMED = {name: other for pair in OPPOSITES for name, other in (pair, pair[::-1])}
ENDS = {"both": ("left", "right"), "left": ("both", "none"), "right": ("both", "none"), "none": ("left", "right")}
JOINED = {"left": ("inner",), "inner": ("left",), "semi": ("anti",), "anti": ("semi",), "full": ("left",)}
DROPPED = ("filter", "unique", "drop_nulls", "over", "abs", "clip", "fill_null", "sort")
GATHERED = (
    "filter", "when", "min_horizontal", "max_horizontal", "any_horizontal", "all_horizontal", "coalesce", "concat",
    "sum_horizontal", "over", "sort", "sort_by",
)  # fmt: skip
OF_COLUMNS = ("select", "with_columns", "agg", "filter", "then", "over", "group_by", "is_between", "when", "otherwise")
TOLD = ("verdict", "reason", "role", "status", "note", "table", "rule_id", "concept", "what")
SAID = {"lit": 1, "Outcome": 2, "Proof": 1}  # how many of its first arguments are words of a closed list
# What a rule says beside its verdict: without the argument it says nothing, or what is said of most.
SHOWN = ("event_date", "next_change_on", "proofs", "untriggered", "limit", "where", "fold", "lag_days")
PROVED = {2: "pl.lit(value=True)", 3: "pl.lit(None, dtype=pl.Float64)"}  # which rows, and their limit, by position
WITHOUT_MEANING = (
    "strict",
    "eq",
    "frozen",
    "slots",
    "maintain_order",
    "order",
    "kw_only",
)  # flags of no effect on a value
EITHER = {"keep": ("first", "last"), "closed": ("left", "right"), "strategy": ("forward", "backward")}


class Python:
    """The edits of one module, found by its syntax; positions are counted in ASCII source only."""

    def __init__(self, source: str) -> None:
        """Parse the source."""
        if not source.isascii():
            raise ValueError("positions are counted in ASCII source only")
        self.source = source
        self.tree = ast.parse(source)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def edits(self) -> Iterator[Edit]:
        """Yield the edits that can be compiled."""
        for edit in self._walked():
            try:
                compile(edit.of(self.source), "mutant", "exec")
            except SyntaxError:
                continue
            yield edit

    def _walked(self) -> Iterator[Edit]:
        for node in self._nodes():
            if isinstance(node, ast.Compare):
                yield from self._compared(node)
            elif isinstance(node, ast.BinOp):
                yield from self._operated(node)
            elif isinstance(node, ast.BoolOp):
                yield from self._chained(node)
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert | ast.Not):
                yield self._edit(node, f"({self._text(node.operand)})", "negation")
            elif isinstance(node, ast.Call):
                yield from self._called(node)
            elif isinstance(node, ast.IfExp):
                yield from self._chosen(node)
            elif isinstance(node, ast.Subscript):
                yield from self._asked(node)
            elif isinstance(node, ast.Tuple):
                yield from self._told_of(node)
            elif isinstance(node, ast.List | ast.Set):
                yield from self._without(node.elts, "element")
            elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Tuple):
                yield from self._without(node.iter.elts, "element")
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield | ast.YieldFrom):
                yield self._edit(node, "pass", "rows")
            elif isinstance(node, ast.FunctionDef):
                yield from self._columns(node)
            elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
                step = 1 if isinstance(node.value, int) else 0.1
                yield from (self._edit(node, f"{node.value + by:.9g}", "constant") for by in (-step, step))
        yield from self._words()

    def _nodes(self) -> Iterator[ast.AST]:
        """Yield all but what is said of types, which changes nothing."""
        types = [
            said
            for node in ast.walk(self.tree)
            for said in (getattr(node, "annotation", None), getattr(node, "returns", None))
            if isinstance(said, ast.expr)
        ]
        left_out = {id(part) for said in types for part in ast.walk(said)}
        yield from (node for node in ast.walk(self.tree) if id(node) not in left_out)

    def _compared(self, node: ast.Compare) -> Iterator[Edit]:
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, node.comparators, strict=False):
            for new in COMPARED[type(op)]:
                yield self._between(left, right, SIGNS[type(op)], new, "comparison")
            if isinstance(right, ast.Tuple):
                yield from self._without(right.elts, "element")

    def _operated(self, node: ast.BinOp) -> Iterator[Edit]:
        new = OPERATED.get(type(node.op))
        if new is None:
            return
        yield self._between(node.left, node.right, SIGNS[type(node.op)], new, "operator")
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            yield self._edit(node, f"({self._text(node.left)})", "condition")
            yield self._edit(node, f"({self._text(node.right)})", "condition")

    def _chained(self, node: ast.BoolOp) -> Iterator[Edit]:
        other = "or" if isinstance(node.op, ast.And) else "and"
        for left, right in pairwise(node.values):
            yield self._between(left, right, SIGNS[type(node.op)], other, "operator")
        neutral = "True" if isinstance(node.op, ast.And) else "False"
        for value in node.values:
            yield self._edit(value, neutral, "condition")

    def _chosen(self, node: ast.IfExp) -> Iterator[Edit]:
        one, other = self._text(node.body), self._text(node.orelse)
        yield self._edit(node, f"{other} if {self._text(node.test)} else {one}", "choice")

    def _called(self, node: ast.Call) -> Iterator[Edit]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        end = self._end(node.func)
        if name in RENAMED:
            yield Edit(end - len(name), end, RENAMED[name], "fold")
        if name in DROPPED and isinstance(node.func, ast.Attribute):
            yield Edit(self._end(node.func.value), self._end(node), "", "call left out")
        if name in GATHERED:
            yield from self._without(node.args, "condition")
        if name in ("coalesce", "concat_str"):
            yield from self._swapped(node.args)
        if name in ("when", "filter"):
            yield from (
                self._edit(asked, f"~pl.col({self._text(asked)})", "negation")
                for asked in node.args
                if isinstance(asked, ast.Constant)
            )
        yield from self._shifted(name, node)
        yield from self._joined(name, node)
        yield from self._keywords(name, node)
        yield from self._arms(name, node)
        yield from self._proved(name, node)

    def _arms(self, name: str, node: ast.Call) -> Iterator[Edit]:
        """Yield a choice of columns without an arm, and its last two arms turned."""
        before = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name not in ("when", "otherwise") or not isinstance(before, ast.Call) or not before.args:
            return
        asked = before.func.value if isinstance(before.func, ast.Attribute) else None
        if isinstance(asked, ast.Call) and isinstance(asked.func, ast.Attribute):
            begin = self._end(asked.func.value)
            if name == "when" or isinstance(asked.func.value, ast.Call):
                yield Edit(begin, self._end(before), "", "arm")
        if name == "otherwise":
            yield from self._swapped([before.args[0], node.args[0]], "arm")

    def _proved(self, name: str, node: ast.Call) -> Iterator[Edit]:
        """Yield what a rule says without one of the arguments that it need not have."""
        for keyword in node.keywords:
            if keyword.arg in SHOWN:
                end = self._end(keyword.value)
                more = self.source[end : end + 1] == ","
                begin = self._end(keyword.value) - len(self._text(keyword.value)) - len(keyword.arg) - 1
                yield Edit(begin, end + more, "", "argument")
        if name == "Proof":
            yield from (self._edit(node.args[at], new, "argument") for at, new in PROVED.items() if at < len(node.args))

    def _told_of(self, node: ast.Tuple) -> Iterator[Edit]:
        """Yield a rule's proofs or outcomes without each of them."""
        calls = [getattr(one.func, "id", "") for one in node.elts if isinstance(one, ast.Call)]
        if any(isinstance(one, ast.Starred) for one in node.elts) or {"Proof", "Outcome"}.intersection(calls):
            for left_out in node.elts:
                kept = [self._text(one) for one in node.elts if one is not left_out]
                yield self._edit(node, f"({', '.join(kept)}{',' if len(kept) == 1 else ''})", "proof")

    def _asked(self, node: ast.Subscript) -> Iterator[Edit]:
        """Yield a parameter with the next other one of the module."""
        name = node.slice.value if self._is_parameter(node) else None
        found = sorted({str(one.slice.value): None for one in ast.walk(self.tree) if self._is_parameter(one)})
        if name is not None and len(found) > 1:
            other = found[(found.index(str(name)) + 1) % len(found)]
            yield self._edit(node.slice, f'"{other}"', "parameter")

    @staticmethod
    def _is_parameter(node: ast.AST) -> bool:
        is_of = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "guideline"
        return is_of and isinstance(node.slice, ast.Constant)

    def _shifted(self, name: str, node: ast.Call) -> Iterator[Edit]:
        if name == "shift":
            at = node.args[0] if node.args else None
            new = {"1": "-1", "-1": "1"}.get(self._text(at), "-1") if at else "-1"
            yield self._edit(at, new, "shift") if at else self._added(node, new, "shift")

    def _joined(self, name: str, node: ast.Call) -> Iterator[Edit]:
        if name == "join" and not any(keyword.arg == "how" for keyword in node.keywords) and node.keywords:
            yield self._added(node, 'how="left"', "join")
        if name == "is_between" and not any(keyword.arg == "closed" for keyword in node.keywords):
            for other in ENDS["both"]:
                yield self._added(node, f'closed="{other}"', "interval")

    def _keywords(self, name: str, node: ast.Call) -> Iterator[Edit]:
        for keyword in node.keywords:
            value = keyword.value
            given = value.value if isinstance(value, ast.Constant) else None
            if isinstance(given, bool) and keyword.arg not in WITHOUT_MEANING:
                yield self._edit(value, str(not given), "flag")
            if not isinstance(given, str):
                continue
            others: Sequence[str] = ()
            if keyword.arg == "how":
                others = JOINED.get(given, ())
            elif keyword.arg == "closed":
                others = ENDS[given]
            elif keyword.arg in EITHER and given in EITHER[keyword.arg]:
                others = [one for one in EITHER[keyword.arg] if one != given]
            yield from (self._edit(value, f'"{other}"', "join" if keyword.arg == "how" else "flag") for other in others)
        if name == "sort" and not any(keyword.arg == "descending" for keyword in node.keywords):
            yield self._added(node, "descending=True", "order")

    def _columns(self, function: ast.FunctionDef) -> Iterator[Edit]:
        """Yield each column of a function with the name of the next other one."""
        found = sorted(set(self._named(function)), key=lambda node: self._start(node))
        names = [str(node.value) for node in found]
        for place, node in enumerate(found):
            others = [name for name in names[place:] + names[:place] if name != node.value]
            if others:
                yield self._edit(node, f'"{others[0]}"', "column")

    def _named(self, function: ast.FunctionDef) -> Iterator[ast.Constant]:
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_list = name in OF_COLUMNS
            given = [*node.args, *(keyword.value for keyword in node.keywords if is_list and keyword.arg != "closed")]
            if name == "col" or is_list:
                yield from (one for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))

    def _words(self) -> Iterator[Edit]:
        """Yield each word that is told or compared with the next other one of the module; flags of a list turned."""
        found = sorted(set(self._told()), key=lambda node: self._start(node))
        words = [str(node.value) for node in found]
        for place, node in enumerate(found):
            others = [word for word in words[place:] + words[:place] if word != node.value]
            yield self._edit(node, f'"{others[0]}"' if others else '""', "word")
        for node in ast.walk(self.tree):
            if isinstance(node, ast.List):
                flags = [one for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, bool)]
                yield from (self._edit(flag, str(not flag.value), "order") for flag in flags)

    def _told(self) -> Iterator[ast.Constant]:
        for node in ast.walk(self.tree):
            given: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                given = node.comparators
            elif isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                given = [keyword.value for keyword in node.keywords if keyword.arg in TOLD]
                given += node.args[: SAID.get(name, 0)]
            yield from (one for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))

    def _without(self, elements: Sequence[ast.expr], kind: str) -> Iterator[Edit]:
        """Yield a list without each of its elements; the only one stays."""
        for place, element in enumerate(elements):
            if len(elements) > 1:
                last = place + 1 == len(elements)
                begin = self._end(elements[place - 1]) if last else self._start(element)
                yield Edit(begin, self._end(element) if last else self._start(elements[place + 1]), "", kind)

    def _swapped(self, elements: Sequence[ast.expr], kind: str = "order of arguments") -> Iterator[Edit]:
        for one, other in pairwise(elements):
            between = self.source[self._end(one) : self._start(other)]
            new = self._text(other) + between + self._text(one)
            yield Edit(self._start(one), self._end(other), new, kind)

    def _added(self, call: ast.Call, argument: str, kind: str) -> Edit:
        last = self._end(call) - 1
        before = self.source[:last].rstrip()
        return Edit(last, last, argument if before.endswith((",", "(")) else f", {argument}", kind)

    def _between(self, left: ast.expr, right: ast.expr, sign: str, new: str, kind: str) -> Edit:
        begin = self.source.index(sign, self._end(left), self._start(right))
        return Edit(begin, begin + len(sign), new, kind)

    def _edit(self, node: ast.AST, new: str, kind: str) -> Edit:
        return Edit(self._start(node), self._end(node), new, kind)

    def _text(self, node: ast.AST) -> str:
        return self.source[self._start(node) : self._end(node)]

    def _start(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
