"""DuckDB: the only room that opens it, and that spells its paths."""

from flows.warehouse.duck import (
    NOT_THE_FILES,
    WRONG_SQL,
    Connection,
    Fault,
    Warehouse,
    WrongValue,
    identifier,
    new_database,
    reading,
    refusing,
    text_of,
)
from flows.warehouse.files import Files, quoted

__all__ = [
    "NOT_THE_FILES",
    "WRONG_SQL",
    "Connection",
    "Fault",
    "Files",
    "Warehouse",
    "WrongValue",
    "identifier",
    "new_database",
    "quoted",
    "reading",
    "refusing",
    "text_of",
]
