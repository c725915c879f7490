"""A warm interpreter in a workspace: it has imported what the program stands on, and forks for each mutant.

`python -m tests.mutation.warm` reads a request a line and answers with a line, both JSON. Nothing of the program is
imported before the fork, and no polars or DuckDB has run, so a fork begins as a new process would.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401
import hypothesis  # noqa: F401
import jinja2  # noqa: F401
import numpy as np  # noqa: F401
import polars as pl  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pydantic  # noqa: F401
import pytest
import rich  # noqa: F401
import typer  # noqa: F401

MUTATE = "RECHALLENGE_MUTATE"
PATIENCE_SECONDS = 1800
TEMPORARY = "mutant.tmp"
OPTIONS = (
    "-x", "-q", "--no-header", "--no-summary", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov",
    "-W", "ignore::pytest.PytestAssertRewriteWarning", "--basetemp", TEMPORARY,
)  # fmt: skip
TOO_LONG = "(it did not end)"


class Recorder:
    """Remembers the first test, or file of tests, that failed."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failed test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be imported."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def failing(tests: list[str]) -> str:
    """Run tests in this process; return the first that fails, or nothing."""
    recorder = Recorder()
    code = pytest.main([*OPTIONS, *tests], plugins=[recorder])
    if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ""
    return recorder.failed or tests[0]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Judge one mutant: its file stands changed in the workspace while the fork lasts."""
    begin = time.monotonic()
    path = Path(request["path"]) if request["path"] else None
    original = path.read_bytes() if path else b""
    times = path.stat() if path else None
    if path and times:
        path.write_text(request["source"], encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 10**10))  # so that no compiled module stands for it
    try:
        killer = _forked(request["stages"], request["parameter"])
    finally:
        if path and times:
            path.write_bytes(original)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        shutil.rmtree(TEMPORARY, ignore_errors=True)
    return {"killer": killer, "seconds": round(time.monotonic() - begin, 1)}


def _forked(stages: list[list[str]], parameter: str) -> str:
    """Run the stages in a fork until a test fails; return which."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run(stages, parameter, writing)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], PATIENCE_SECONDS)
    told = b"".join(iter(lambda: os.read(reading, 65536), b"")) if ready else b""
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    # A fork that says nothing has crashed or did not end; one whose tests passed says so.
    return json.loads(told)["killer"] if told else TOO_LONG


def _run(stages: list[list[str]], parameter: str, writing: int) -> None:
    os.setsid()
    os.set_inheritable(writing, False)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    if parameter:
        os.environ[MUTATE] = parameter
    killer = next((failed for stage in stages if (failed := failing(stage))), "")
    os.write(writing, json.dumps({"killer": killer}).encode())
    os._exit(0)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
