"""The kinds of source that an audit can read beside the native extract, each mapped to the tables of the contract."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flows.sources.declare import Given, Source

# The module that declares each kind, with a function `source(given) -> Source`; imported when it is asked for.
KINDS = {
    "omop": "OMOP CDM 5.3 or 5.4: a folder of CSV or Parquet, a DuckDB file, or a PostgreSQL database",
    "fhir": "FHIR R4 bulk export: a folder of NDJSON files, gzipped or not",
    "mimic-iv": "MIMIC-IV: the folder hosp as published",
    "hl7v2": "HL7 v2 ORU^R01 messages in files, with the other tables as in a native extract",
    "table": "CSV or Parquet with a site's own columns, and a mapping.toml that says which is what",
}


def source(given: "Given") -> "Source":
    """Return the source of one of the kinds, at the place that is given."""
    module = import_module(f"flows.sources.{given.kind.replace('-', '_')}")
    return cast("Callable[[Given], Source]", module.source)(given)
