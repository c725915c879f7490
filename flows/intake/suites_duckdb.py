"""Great Expectations on a DuckDB connection that somebody else opened. Import it after `flows.intake.suites.load()`."""

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import duckdb
import duckdb_engine
import sqlalchemy as sa
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy.pool import StaticPool


class OneConnection(SqlAlchemyExecutionEngine):
    """Runs all queries on one connection that stays open until their rows are fetched."""

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """Yield the connection, opened once."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """The tables of the schema `candidates`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """Return the engine that keeps its connection."""
        return OneConnection

    @property
    def schema_(self) -> str:
        """Return the schema of the rows in doubt."""
        return "candidates"

    def let_go(self) -> None:
        """Close what was opened on top of the connection, and leave the connection itself to its owner."""
        engine = self.get_execution_engine()
        if engine._connection is not None:
            engine._connection.close()
            engine._connection = None
        engine.engine.dispose()
        self.get_engine().dispose()


class Borrowed(duckdb_engine.ConnectionWrapper):
    """A connection that SQLAlchemy may not close: it belongs to the warehouse."""

    def close(self) -> None:
        """Leave the connection open."""


def options(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Return the SQLAlchemy engine options that put it on the connection."""
    return {"creator": lambda: Borrowed(connection), "poolclass": StaticPool}
