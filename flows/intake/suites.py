"""The suites of expectations/ in Great Expectations, on the warehouse's own DuckDB connection.

Great Expectations knows no DuckDB: it fetches after its connection has closed, and gets nothing. The two subclasses
below keep one connection. Nothing leaves the machine: usage statistics are off, and its Data Docs, which ask the web
for a logo, are not built: the page of the checks is our own (`checks_page`).
"""

import gc
import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from expectations.declare import Check, Table
from flows.errors import Broken

if TYPE_CHECKING:
    from flows.warehouse import Connection

UNUSED = ("altair", "scipy.stats")


@dataclass(frozen=True, slots=True)
class Counted:
    """What Great Expectations found for one check; `precedence` is its place among those of its table, from 1."""

    table: Table
    precedence: int
    check: Check
    rows_failed: int
    passed: bool


class Deferred(ModuleType):
    """A module that is imported when something of it is asked for, which for the unused ones is never."""

    def __getattr__(self, name: str) -> Any:
        """Import the real module and hand out its attribute."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(importlib.import_module(self.__name__), name)


@cache
def load() -> ModuleType:
    """Import Great Expectations, without the plotting and statistics that no check of ours uses: 3 s instead of 5."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in UNUSED:
        sys.modules.setdefault(name, Deferred(name))
    gc.disable()  # three thousand modules leave no garbage worth stopping for
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("great_expectations")
    finally:
        gc.enable()


def run(connection: "Connection", tables: Sequence[Table]) -> list[Counted]:
    """Count the rows that break each check."""
    gx = load()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = _datasource(context, connection)
    try:
        definitions = {table.name: _definition(gx, context, source, table) for table in tables}
        checkpoint = gx.Checkpoint(
            name="checks", validation_definitions=list(definitions.values()), result_format="BASIC"
        )
        results = context.checkpoints.add(checkpoint).run()
        return list(_counted(tables, results))
    finally:
        source.let_go()


def _datasource(context: Any, connection: "Connection") -> Any:
    from flows.intake.suites_duckdb import DuckDBDatasource, options

    source = DuckDBDatasource(name="warehouse", connection_string="duckdb:///:memory:", kwargs=options(connection))
    return context.data_sources.add_or_update_duckdb(source)


def _definition(gx: ModuleType, context: Any, source: Any, table: Table) -> Any:
    batch = source.add_table_asset(table.name).add_batch_definition_whole_table("rows in doubt")
    expectations = [
        gx.expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=check.query,
            description=f"{check.reason} ({check.action}): {check.rule}",
            meta={"precedence": precedence},
        )
        for precedence, check in enumerate(checks_of(table), start=1)
    ]
    suite = context.suites.add(gx.ExpectationSuite(name=table.name, expectations=expectations))
    return context.validation_definitions.add(gx.ValidationDefinition(name=table.name, data=batch, suite=suite))


def checks_of(table: Table) -> tuple[Check, ...]:
    """Return all checks of a table: those that reject a row, then those that stop the run."""
    return (*table.rejections, *table.stops)


def _counted(tables: Sequence[Table], results: Any) -> Iterator[Counted]:
    by_suite = {result.suite_name: result for result in results.run_results.values()}
    for table in tables:
        checks = checks_of(table)
        for result in by_suite[table.name].results:
            precedence = result.expectation_config.meta["precedence"]
            check = checks[precedence - 1]
            yield Counted(table, precedence, check, rows_failed(table, check, result), bool(result.success))


def rows_failed(table: Table, check: Check, result: Any) -> int:
    """Return the count of bad rows; Broken where the query did not run: a defect of ours, which may quote no data."""
    if "observed_value" not in result.result:
        raise Broken(f"the check {check.reason} of {table.name} did not run; the last release stays in place")
    return int(result.result["observed_value"])
