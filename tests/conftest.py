"""One thread for polars in the tests' own processes: tiny frames gain nothing from more, and the workers share cores.

What a test starts as a process of its own takes all cores, as a night does.
"""

import os

_NAME = "POLARS_MAX_THREADS"
_told = os.environ.get(_NAME)
os.environ.setdefault(_NAME, "1")

import polars as pl  # noqa: E402

assert pl.thread_pool_size() >= 1  # reads it
if _told is None:
    del os.environ[_NAME]
