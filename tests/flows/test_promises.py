"""What is promised to a user is kept by a check that raises, also where Python is told to leave assertions out."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from expectations import TABLES
from flows import sources
from flows.errors import Broken
from flows.given import Given
from flows.intake import steps as intake
from flows.intake import suites as gx
from flows.night import steps
from flows.night.order import Order, resolve
from flows.night.run import Clock, held, run_audit
from flows.references import codelists
from flows.references.bound import References
from flows.references.site import Site
from tests.flows import cohort, command
from tests.flows.extracts import AS_OF, EDITION, extract

ROOT = Path(__file__).parents[2]
BREAKS = {
    "DELETE FROM resolved.lab_results WHERE result_id = 'P000-L000'": (
        "lab_results 116 counted as staged and 115 handed over"
    ),
    "INSERT INTO resolved.patients FROM resolved.patients WHERE patient_id = 'P000'": (
        "patients 6 counted as staged and 7 handed over"
    ),
}
# The warehouse loses or doubles a row between the checks and the staging; assertions are left out.
BREAKING = """
import os, sys
from pathlib import Path
from flows import intake, night
from flows.cli import complain
from flows.errors import RechallengeError

assert False, "assertions are on"
stage = intake.stage

def broken(checked):
    checked.received.warehouse.run(sys.argv[3])
    return stage(checked)

intake.stage = broken
try:
    night.run_audit(night.Order(Path(sys.argv[1]), Path(sys.argv[2])))
except RechallengeError as error:
    sys.exit(complain(str(error), error.exit_code))
"""


def test_no_promise_is_an_assertion() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("audit", "flows", "expectations")
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id in ("AssertionError", "__debug__"))
    ]
    assert found == []


@pytest.mark.parametrize("sql", BREAKS)
def test_a_lost_row_stops_a_run_without_assertions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    folder, home = cohort.write_extract(tmp_path / "extract"), tmp_path / "home"
    before = run_audit(Order(folder, home)).run_id
    ended = command.run([str(folder), str(home), sql], tmp_path, BREAKING)
    said = f"the rows do not add up ({BREAKS[sql]}); the last release stays in place"
    assert (ended.code, ended.err) == (1, f"rechallenge: {said}\n")
    assert (home / "current").resolve().name == before
    assert [path.name for path in (home / "releases").iterdir()] == [before]


def test_a_check_that_did_not_run_stops_the_run() -> None:
    with pytest.raises(Broken, match="the check malformed_line of patients did not run"):
        gx.rows_failed(TABLES[0], TABLES[0].rejections[0], SimpleNamespace(result={}))


def test_a_mapping_without_code_lists_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="a mapping asks the code lists"):
        sources.receive(Given("table", str(tmp_path)), tmp_path / "work")


def test_what_is_counted_is_what_is_handed_over(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", inpatient_stays=None)
    with sources.receive(folder, tmp_path / "work") as received:
        checked = intake.settle(received, AS_OF, References(EDITION, Site(), codelists.load()))
        assert checked.conservation["read"].sum() == 4
        received.warehouse.run("DELETE FROM resolved.patients")
        with pytest.raises(Broken, match=r"\(patients 1 counted as staged and 0 handed over"):
            intake.stage(checked)


def test_broken_is_no_failed_step(tmp_path: Path) -> None:
    plan = resolve(Order(cohort.write_extract(tmp_path / "extract"), tmp_path / "home"))
    with held(plan), steps.read(plan) as received:
        checked = steps.check(plan, received)
        received.warehouse.run("DELETE FROM resolved.lab_results")
        clock = Clock()
        with pytest.raises(Broken, match=r"lab_results \d+ read and 0 settled"):
            clock.do("stage", lambda: steps.stage(plan, checked), str)
