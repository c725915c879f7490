"""What the tests' own processes save: they work on tiny frames, and share the cores.

Polars and DuckDB take one thread, and DuckDB leaves out two optimizers whose work on the wide expressions of the
mappings costs more than those of so few rows. What a test starts as a process of its own runs as a night does.
"""

import os
from pathlib import Path

_NAME = "POLARS_MAX_THREADS"
_told = os.environ.get(_NAME)
os.environ.setdefault(_NAME, "1")

import polars as pl  # noqa: E402
import pytest  # noqa: E402

from flows.warehouse import duck  # noqa: E402

assert pl.thread_pool_size() >= 1  # reads it
if _told is None:
    del os.environ[_NAME]

_LEFT_OUT = (duck.SETTINGS["disabled_optimizers"], "projection_pullup", "common_subexpressions")
duck.SETTINGS = {**duck.SETTINGS, "disabled_optimizers": ",".join(_LEFT_OUT), "threads": "1"}

# What holds `audit/` line by line. The tests of all else run untraced: it took them a quarter of their time.
COVERING = (
    "spec",
    "unit",
    "test_register.py",
    "flows/test_marks.py",
    "flows/test_notes_of_lengths.py",
    "flows/test_since.py",
)


def pytest_configure(config: pytest.Config) -> None:
    # The mark is pytest-cov's, which the mutants' runs leave out; an unknown one would end them.
    config.addinivalue_line("markers", "no_cover: not traced for coverage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if not any(item.path.is_relative_to(here / name) for name in COVERING):
            item.add_marker("no_cover")
