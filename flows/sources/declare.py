"""How a kind of source is declared: the tables that it has, how they are read, and what its reasons mean.

A mapping is `sql/sources/<kind>/<table>.sql`: one SELECT from `source.<table>` relations that returns the columns of
a table of the contract and three more: `source_table`, the table that the row comes from; `left_out`, the reason why
a row is rightly not carried over, or null; `rejected`, the reason why a row is broken, or null. Each row of a source
table that is no lookup must come out of exactly one mapping, once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import cast

from expectations.declare import Column
from flows.errors import Usage
from flows.given import Given
from flows.intake import Part, Receiver

DESCRIPTION_OF_TABLES = "mapping.toml"  # which column is what, in the kind `table`
CONTROL = ("source_table", "left_out", "rejected")


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table of a source, of the columns that a mapping may ask; the first column is the row's own id.

    The rows of a `is_lookup` table are asked by mappings and are not themselves carried over.
    """

    name: str
    columns: tuple[Column, ...]
    required: bool = False
    is_lookup: bool = False
    without: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of source at one place: its tables, how they are read, and the words of its mapping's reasons.

    `read` creates every table in the receiver and returns the files that it read. `relations` are SELECTs that several
    mappings ask, each a TABLE or a VIEW `source.<name>`, created in order before the mappings. `mappings` are SELECTs
    that are made for this place, where the kind has no file of its own. `has_days_inside`: days stand inside of columns
    too, where they cannot be asked whether they are in UTC until they are carried over.
    """

    kind: str
    tables: tuple[SourceTable, ...]
    read: Callable[[Receiver], Sequence[Part]]
    reasons: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    has_days_inside: bool = False


def a_folder(given: Given) -> Path:
    """Return the location as a folder; Usage where it is none."""
    if not given.path.is_dir():
        raise Usage(f"source {given.kind}: the location is no folder")
    return given.path


def source(given: Given) -> Source:
    """Return the source of one of the kinds, at the place that is given."""
    module = import_module(f"flows.sources.{given.kind.replace('-', '_')}")
    return cast("Callable[[Given], Source]", module.source)(given)
