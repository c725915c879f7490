"""How a frame that crosses a border is declared: name, grain, and of each column type, key, unit and meaning."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

TEXT, DATE, NUMBER, COUNT, FLAG = pl.String(), pl.Date(), pl.Float64(), pl.Int64(), pl.Boolean()
LIST = pl.List(pl.String())


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column; `key` marks the grain, `unit` is UCUM or empty.

    A key has a value in every row, unless it `may_lack`: then null tells rows apart as a value does.
    """

    name: str
    dtype: pl.DataType
    meaning: str
    unit: str = ""
    key: bool = False
    may_lack: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One declared frame: what a row is, and its columns in order."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        """Return the polars schema, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def names(self) -> list[str]:
        """Return the column names, in order."""
        return [column.name for column in self.columns]

    @property
    def keys(self) -> list[str]:
        """Return the key columns: what a row is unique by and sorted on."""
        return [column.name for column in self.columns if column.key]

    def empty(self) -> pl.DataFrame:
        """Return the frame with no rows."""
        return pl.DataFrame(schema=self.schema)


def listed(words: Iterable[str]) -> str:
    """Return a closed word list as a sentence has it: `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}"
