"""Where the files stand that the program brings along: beside the rooms in a checkout, below `share` once installed."""

from pathlib import Path

_HERE = Path(__file__).parent
CHECKOUT = _HERE.parent
IS_INSTALLED = (_HERE / "share").is_dir()
_ROOT = _HERE / "share" if IS_INSTALLED else CHECKOUT
SQL = _ROOT / "sql"
DATA = _ROOT / "data"
