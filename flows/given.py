"""What a run is asked to read: a native extract, or another kind of source at a place."""

import re
from dataclasses import dataclass
from pathlib import Path

from flows.errors import Usage

NATIVE = "native"
# Each kind with a folder of its own in flows/sources.
KINDS = {
    "omop": "OMOP CDM 5.3 or 5.4: a folder of CSV or Parquet, a DuckDB file, or a PostgreSQL database",
    "fhir": "FHIR R4 bulk export: a folder of NDJSON files, gzipped or not",
    "mimic-iv": "MIMIC-IV: the folder hosp as published",
    "hl7v2": "HL7 v2 ORU^R01 messages in files, with the other tables as in a native extract",
    "table": "CSV or Parquet with a site's own columns, and a mapping.toml that says which is what",
}
ADDRESS_WITH_PASSWORD = re.compile(r"//[^/@]*:[^@]*@|password\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be read: a kind of source, where it is (a path, or a database's address), a site's own mapping."""

    kind: str
    location: str
    mapping: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a password in an address before it gets anywhere: processes and parameters can be seen."""
        if ADDRESS_WITH_PASSWORD.search(self.location):
            raise Usage("no password in an address: give it by PGPASSWORD, PGPASSFILE or ~/.pgpass")

    @property
    def path(self) -> Path:
        """Return the location as a path."""
        return Path(self.location)

    @classmethod
    def of(cls, given: "Path | Given") -> "Given":
        """Return what is given; a path alone is the folder of a native extract."""
        return given if isinstance(given, Given) else cls(NATIVE, str(given))
