"""The oldest DuckDB that must open what is given away, in an environment of its own.

It comes from the package registry, or from what pip has kept of it; where neither is at hand a test that asks for it
is skipped, and says so.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OLDEST = "1.2.2"
ASK = """
import json, sys
import duckdb
path, queries = json.load(sys.stdin)
connection = duckdb.connect(path, read_only=True)
answers = [[str(row) for row in connection.execute(query).fetchall()] for query in queries]
json.dump([duckdb.__version__, answers], sys.stdout)
"""


def python(folder: Path) -> Path:
    """Return the interpreter of a new environment that has the oldest DuckDB and nothing else; or skip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    found = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(found), "install", "--quiet"]
    options = ["--only-binary", ":all:", "--no-deps", "--retries", "1", "--timeout", "15"]
    done = subprocess.run([*pip, *options, f"duckdb=={OLDEST}"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package registry gave duckdb {OLDEST}")
    return found


def ask(python: Path, database: Path, queries: list[str]) -> list[list[str]]:
    """Return the rows of each query as the oldest DuckDB tells them, as text."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", ASK], input=json.dumps([str(database), queries]), env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    version, answers = json.loads(done.stdout)
    assert version == OLDEST
    return answers
