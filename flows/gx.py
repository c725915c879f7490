"""The suites of expectations/ in Great Expectations, on the warehouse's own DuckDB connection.

Great Expectations knows no DuckDB: it fetches after its connection has closed, and gets nothing. The two subclasses
below keep one connection. Nothing leaves the machine: usage statistics are off, and the Data Docs hold counts.
"""

import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from expectations.declare import Check, Table

if TYPE_CHECKING:
    import duckdb

UNUSED = ("altair", "scipy.stats")
SITE = "local_site"


@dataclass(frozen=True, slots=True)
class Counted:
    """What Great Expectations found for one check."""

    table: Table
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("great_expectations")


def run(connection: "duckdb.DuckDBPyConnection", tables: Sequence[Table], docs: Path | None = None) -> list[Counted]:
    """Count the rows that break each check; write the Data Docs into `docs` where one is given."""
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
        if docs is not None:
            _write_docs(context, docs)
        return list(_counted(tables, results))
    finally:
        _let_go(source)


def _datasource(context: Any, connection: "duckdb.DuckDBPyConnection") -> Any:
    import duckdb_engine
    from sqlalchemy.pool import StaticPool

    from flows.gx_duckdb import DuckDBDatasource

    assert DuckDBDatasource
    return context.data_sources.add_duckdb(
        name="warehouse",
        connection_string="duckdb:///:memory:",
        kwargs={"creator": lambda: duckdb_engine.ConnectionWrapper(connection), "poolclass": StaticPool},
    )
