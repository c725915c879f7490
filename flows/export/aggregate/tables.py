"""The tables of an export of counts: each count as it is shown, the rates that follow from them, and the codebook."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import polars as pl

from audit.measures import wilson
from flows.export import folder
from flows.export.aggregate.cells import DECIDED, EPISODES, Cell, Cells, Node
from flows.export.aggregate.system import Rounding

SHOWN, SUPPRESSED, BY_DEFINITION = "shown", "suppressed", "by_definition"
STRATA = ("stratum_1", "level_1", "stratum_2", "level_2")
COUNTS = pl.Schema(dict.fromkeys((*STRATA, "rule_id", "measure"), pl.String) | {"count": pl.Int64, "status": pl.String})
RATES = pl.Schema(
    dict.fromkeys((*STRATA, "rule_id"), pl.String)
    | {"passed": pl.Int64, "evaluable": pl.Int64, "rate": pl.Float64, "rate_low": pl.Float64, "rate_high": pl.Float64}
    | {"status": pl.String}
)
MEANINGS = {
    "stratum_1": ("text", "By what the restarts are told apart; empty: all of them."),
    "level_1": ("text", "Which of them. Sites are numbered; the operator's ledger knows which is which."),
    "stratum_2": ("text", "By what else they are told apart at once; empty: by nothing else."),
    "level_2": ("text", "Which of them."),
    "rule_id": ("text", "The rule of the guideline; empty for the number of restarts."),
    "measure": ("text", f"{EPISODES}: how many restarts; else a verdict of the rule."),
    "count": ("restarts", "The count, rounded; empty where it is suppressed, which is not 0."),
    "status": ("text", "shown; suppressed: small, or it would tell a small one; by_definition: 0 whatever the data."),
    "passed": ("restarts", "Rounded count of the verdict pass."),
    "evaluable": ("restarts", "Sum of the rounded counts of pass, advisory and violation."),
    "rate": ("1", "passed / evaluable; empty where a count of it is suppressed, or nothing is evaluable."),
    "rate_low": ("1", "Lower end of its Wilson 95 % interval."),
    "rate_high": ("1", "Upper end of it."),
}


def shown(found: Cells, hidden: Collection[Cell], rounding: Rounding) -> dict[Cell, int | None]:
    """Return each count as it is shown: rounded, or None where it is hidden."""
    out = frozenset(hidden)
    return {cell: None if cell in out else rounding.shown(n) for cell, n in found.counts.items()}


def counts(cells: Mapping[Cell, int | None], zeros: Collection[Cell]) -> pl.DataFrame:
    """Return one row a count."""
    known = frozenset(zeros)
    rows = [
        (*strata_of(cell.node), cell.rule or None, cell.measure, n, _status(cell, n, known))
        for cell, n in cells.items()
    ]
    return pl.DataFrame(rows, COUNTS, orient="row")


def rates(cells: Mapping[Cell, int | None]) -> pl.DataFrame:
    """Return one row a rule and level, of the counts as they are shown."""
    of: dict[tuple[Node, str], dict[str, int | None]] = defaultdict(dict)
    for cell, n in cells.items():
        if cell.measure in DECIDED:
            of[cell.node, cell.rule][cell.measure] = n
    rows = []
    for (node, rule), verdicts in of.items():
        known = [n for n in verdicts.values() if n is not None]
        is_shown = len(known) == len(verdicts)
        rows.append((*strata_of(node), rule, *((verdicts.get("pass", 0), sum(known)) if is_shown else (None, None))))
    table = pl.DataFrame(rows, dict(list(RATES.items())[:7]), orient="row")
    low, high = wilson(pl.col("passed"), pl.col("evaluable"))
    share = pl.col("passed") / pl.when(pl.col("evaluable") > 0).then("evaluable")
    status = pl.when(pl.col("passed").is_null()).then(pl.lit(SUPPRESSED)).otherwise(pl.lit(SHOWN))
    return table.with_columns(rate=share, rate_low=low, rate_high=high, status=status)


def codebook() -> pl.DataFrame:
    """Return what each column of the tables means."""
    rows = [
        (file, name, str(kind), *MEANINGS[name])
        for file, schema in (("counts", COUNTS), ("rates", RATES))
        for name, kind in schema.items()
    ]
    return pl.DataFrame(rows, ["table", "column", "type", "unit", "meaning"], orient="row")


def files(cells: Mapping[Cell, int | None], zeros: Collection[Cell]) -> dict[str, bytes]:
    """Return the tables as CSV and Parquet, and the codebook."""
    tables = {"counts": counts(cells, zeros), "rates": rates(cells)}
    out = {"codebook.csv": folder.as_csv(codebook())}
    for name, table in tables.items():
        out |= {f"{name}.csv": folder.as_csv(table), f"{name}.parquet": folder.as_parquet(table)}
    return out


def read(table: pl.DataFrame) -> dict[Cell, int | None]:
    """Return the counts of a table as it was published."""
    cells = {}
    for row in table.iter_rows(named=True):
        pairs = ((row["stratum_1"], row["level_1"]), (row["stratum_2"], row["level_2"]))
        cell = Cell(tuple(pair for pair in pairs if pair[0]), row["rule_id"] or "", row["measure"])
        cells[cell] = row["count"]
    return cells


def strata_of(node: Node) -> tuple[str | None, ...]:
    """Return the strata and levels of a node as the columns STRATA have them."""
    flat = [word for pair in node for word in pair]
    return tuple(flat + [None] * (len(STRATA) - len(flat)))


def _status(cell: Cell, n: int | None, zeros: frozenset[Cell]) -> str:
    if cell in zeros:
        return BY_DEFINITION
    return SUPPRESSED if n is None else SHOWN
