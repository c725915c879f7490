"""The counts of an export as FHIR: each rule as a Measure, and what may be shown of it as its summary MeasureReport."""

from collections.abc import Iterable, Mapping

from audit.guideline import Guideline
from audit.rule import Rule
from flows.export import fhir, folder
from flows.export.aggregate.cells import DECIDED, EPISODES, Cell, Node
from flows.export.aggregate.periods import Period

OVERALL, ALL = "overall", "all"
PASSED = {"pass": "passed"}  # verdicts whose name among the measures is another


def files(
    cells: Mapping[Cell, int | None], rules: Mapping[str, Rule], guideline: Guideline, period: Period, made_as: str
) -> dict[str, bytes]:
    """Return a Bundle of Measures and one of their reports, of the counts as they are shown."""
    reports, measures = [], []
    for name, rule in rules.items():
        strata: dict[str, dict[str, Mapping[str, int | None]]] = {}
        for node, counts in counts_of(cells, name).items():
            stratum = " x ".join(stratum for stratum, _ in node) or OVERALL
            strata.setdefault(stratum, {})[" x ".join(level for _, level in node) or ALL] = counts
        measures.append(fhir.measure(rule, guideline, [stratum for stratum in strata if stratum != OVERALL]))
        reports.append(fhir.report(rule, guideline, (period.first, period.last), strata, made_as))
    bundles = {"measures": measures, "reports": reports}
    return {f"fhir/{name}.json": folder.as_json(fhir.bundle(found)) for name, found in bundles.items()}


def counts_of(cells: Mapping[Cell, int | None], rule: str) -> dict[Node, dict[str, int | None]]:
    """Return the counts of a rule by node; what is applicable and evaluable is the sum of what is shown of it."""
    found: dict[Node, dict[str, int | None]] = {}
    for cell, n in cells.items():
        if cell.rule == rule:
            found.setdefault(cell.node, {})[cell.measure] = n
    out = {}
    for node, verdicts in found.items():
        evaluable = _sum(verdicts[one] for one in DECIDED if one in verdicts)
        applicable = _sum((evaluable, verdicts.get("indeterminate", 0)))
        named = {PASSED.get(verdict, verdict): n for verdict, n in verdicts.items()}
        sums = {EPISODES: cells[Cell(node, "", EPISODES)], "applicable": applicable, "evaluable": evaluable}
        out[node] = {"indeterminate": 0, **named, **sums}
    return out


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum of some counts; None where one is hidden."""
    found = list(counts)
    known = [n for n in found if n is not None]
    return sum(known) if len(known) == len(found) else None
