"""The program itself: its version, and where the files stand that it brings along; what it takes unasked.

They stand beside the rooms in a checkout, below `share` once installed. Imported before anything heavy.
"""

import tomllib
from importlib import metadata
from pathlib import Path

import audit

_HERE = Path(__file__).parent
CHECKOUT = _HERE.parent
_ROOT = _HERE / "share" if (_HERE / "share").is_dir() else CHECKOUT
SQL = _ROOT / "sql"
DATA = _ROOT / "data"
EDITIONS = Path(audit.__file__).parent / "guidelines"
DEFAULT_EDITION = "dr-oracle-2025"
KEPT_NIGHTS = 30


def version() -> str:
    """Return the program's version, installed or in a checkout."""
    try:
        return metadata.version("rechallenge")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
