"""The rooms keep what they promise where an import contract cannot see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = ("pydantic", "polars", "audit")
LIBRARY = {
    "collections", "collections.abc", "dataclasses", "datetime", "decimal", "functools", "hashlib", "json", "re",
    "types", "typing",
}  # fmt: skip
# What reads, writes, or asks for the time, by the last name that is called.
OUTSIDE = {
    "open", "today", "now", "utcnow", "time", "time_ns", "input", "print", "exec", "__import__",
    "read_text", "read_bytes", "write_text", "write_bytes", "connect", "getenv",
}  # fmt: skip
READERS = ("read_", "scan_", "write_", "sink_")


def impure(code: str) -> Iterator[str]:
    """Yield what a module imports or calls that a pure one may not."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {one.name}" for one in names if not is_pure(one.name))
            case ast.ImportFrom(module=module) if module and not is_pure(module):
                yield f"imports {module}"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in OUTSIDE or name.startswith(READERS):
                yield f"asks for {name}"
            case _:
                pass


def is_pure(module: str) -> bool:
    return module in LIBRARY or module.split(".")[0] in PURE


@pytest.mark.parametrize("path", sorted((ROOT / "audit").rglob("*.py")), ids=lambda path: path.stem)
def test_the_audit_reads_nothing_writes_nothing_and_asks_for_no_day(path: Path) -> None:
    assert list(impure(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import os", "import pathlib", "from time import monotonic", "open('x')",
        "def f():\n    import socket", "pl.read_parquet('x')", "pl.scan_csv('x')", "frame.write_csv('x')",
        "lazy.sink_parquet('x')", "datetime.now()", "date.today()", "read = pl.read_csv", "f = open",
        "__import__('os')", "path.read_text()", "from flows.shipped import EDITIONS",
    ],
)  # fmt: skip
def test_what_is_not_pure_is_seen(code: str) -> None:
    assert list(impure(code))


@pytest.mark.parametrize("path", [*ROOT.glob("audit/**/*.py"), *ROOT.glob("flows/**/*.py")], ids=lambda path: path.stem)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
