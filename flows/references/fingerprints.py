"""What decides how rows are read and judged, each part as a hash: where one differs, a change may be its doing."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import audit
import expectations
from flows import dosage, shipped
from flows.given import Given
from flows.references.bound import References
from flows.references.site import Site

FLOWS = Path(dosage.__file__).parents[1]
PROGRAM = (
    *((Path(module.__file__).parent, "*.py") for module in (audit, expectations) if module.__file__),
    *((FLOWS / room, "*.py") for room in ("dosage", "intake", "references", "sources")),
    (shipped.SQL, "*.sql"),
)


def fingerprints_of(references: References, given: Given) -> dict[str, str]:
    """Return the hashes by name; equal ones read and judge the same rows alike."""
    guideline = references.guideline
    return {
        "code_lists": references.codelists.hash,
        "guideline": _hash(guideline.model_dump_json(by_alias=True, exclude={"parameters": {"__all__": {"value"}}})),
        "mapping": _of_mapping(given),
        "parameters": guideline.hash,
        "program": program_hash(),
        "references": _reference_data(),
        "site_file": _of_site(references.site),
    }


@cache
def program_hash() -> str:
    """Return the hash of the code that reads and judges."""
    return _of_files((path, folder) for folder, pattern in PROGRAM for path in folder.rglob(pattern))


@cache
def _reference_data() -> str:
    folder = shipped.DATA / "reference"
    return _of_files((path, folder) for path in folder.rglob("*.csv"))


def _of_mapping(given: Given) -> str:
    """Return the hash of the kind of source, and of a site's own mapping of it."""
    folder = given.mapping
    files = ((path, folder) for path in folder.iterdir() if path.is_file()) if folder else ()
    return _hash(given.kind, _of_files(files))


def _of_site(site: Site) -> str:
    """Return the hash of what a site file says of rows; its parameters are counted among those of the edition."""
    limits = sorted(json.dumps(asdict(limit), default=str, sort_keys=True) for limit in site.uln)
    return _hash(site.time_zone or "", *limits)


def _of_files(files: Iterable[tuple[Path, Path]]) -> str:
    """Return the hash of files by their place in a folder, whatever their order."""
    lines = (
        f"{path.relative_to(folder.parent)}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path, folder in files
    )
    return _hash(*sorted(lines))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
