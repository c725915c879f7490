"""How Prefect sees the night: what is tried again, when a scheduled run is as of, and what the deployment says."""

import importlib
import inspect
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from flows.errors import Broken, Refused
from flows.night import launch as conduct
from flows.night.order import Order, StepFailed
from flows.night.run import STEPS
from flows.night.server import LOOPBACK, settle_environment
from tests.flows import cohort

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the code sets, the environment is as before afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]


def failed_with(error: Exception) -> Any:
    return SimpleNamespace(result=lambda raise_on_failure: error)


def nothing() -> None:
    """Do nothing."""


def test_the_flow_has_the_five_steps_in_order(nightly: ModuleType) -> None:
    assert [nightly.as_task(step, nothing).name for step in STEPS] == [
        "read",
        "check",
        "stage",
        "judge",
        "compare",
        "release",
    ]


def test_a_step_that_the_server_ended_is_no_silence(nightly: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "as_task", lambda _step, _work: lambda: None)
    with pytest.raises(Broken, match="the Prefect server ended the step judge before it began"):
        nightly.Tasks().do("judge", lambda: 1, str)


def test_only_reading_is_tried_again(nightly: ModuleType) -> None:
    assert {step: nightly.as_task(step, nothing).retries for step in STEPS} == dict.fromkeys(STEPS, 0) | {"read": 2}


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StepFailed("read", OSError(5, "Input/output error")), True),
        (StepFailed("read", ValueError("no")), False),
        (Refused("lab_results: the table is missing"), False),
    ],
)
def test_a_step_is_tried_again_only_where_the_file_system_failed(
    nightly: ModuleType, error: Exception, again: bool
) -> None:
    assert nightly.is_transient(None, None, failed_with(error)) is again


def test_no_result_is_kept_by_prefect(nightly: ModuleType) -> None:
    assert [nightly.as_task(step, nothing).persist_result for step in STEPS] == [False] * len(STEPS)
    assert nightly.nightly.persist_result is False


def scheduled(nightly: ModuleType, patch: pytest.MonkeyPatch, start: datetime, *, by_schedule: bool) -> None:
    context = SimpleNamespace(flow_run=SimpleNamespace(auto_scheduled=by_schedule))
    patch.setattr(nightly, "FlowRunContext", SimpleNamespace(get=lambda: context))
    patch.setattr(nightly, "flow_run", SimpleNamespace(scheduled_start_time=start))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (None, date(2026, 6, 30)),
        ("UTC", date(2026, 6, 30)),
        ("Asia/Tokyo", date(2026, 7, 1)),
        ("America/Los_Angeles", date(2026, 6, 30)),
    ],
)
def test_a_scheduled_run_is_as_of_its_scheduled_date_at_the_site(
    nightly, monkeypatch, zone: str, expected: date
) -> None:
    scheduled(nightly, monkeypatch, datetime(2026, 6, 30, 22, 30, tzinfo=UTC), by_schedule=True)
    assert nightly.scheduled_date(zone) == expected


def test_a_run_that_a_person_started_has_no_scheduled_date(nightly, monkeypatch) -> None:
    scheduled(nightly, monkeypatch, datetime(2026, 6, 30, 2, 30, tzinfo=UTC), by_schedule=False)
    assert nightly.scheduled_date("UTC") is None
    monkeypatch.setattr(nightly, "FlowRunContext", SimpleNamespace(get=lambda: None))
    assert nightly.scheduled_date("UTC") is None


def test_the_deployment_runs_this_flow_every_night_with_parameters_that_it_has(nightly: ModuleType) -> None:
    [deployment] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    path, name = deployment["entrypoint"].split(":")
    face = importlib.import_module("flows.nightly")
    assert (ROOT / path).samefile(str(face.__file__))
    assert getattr(face, name) is getattr(nightly, name)
    parameters = inspect.signature(getattr(nightly, name).fn).parameters
    required = {name for name, one in parameters.items() if one.default is one.empty}
    assert required <= set(deployment["parameters"]) <= set(parameters)
    [schedule] = deployment["schedules"]
    assert len(schedule["cron"].split()) == 5
    assert deployment["concurrency_limit"]["limit"] == 1


def test_the_environment_names_no_server_beyond_this_machine(tmp_path: Path, clean_environment: None) -> None:
    os.environ.update(
        {
            "PREFECT_API_URL": "https://far.example/api",
            "PREFECT_API_KEY": "secret",
            "PREFECT_PROFILE": "cloud",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://far.example/prefect",
        }
    )
    settle_environment(tmp_path)
    assert "far.example" not in str(dict(os.environ))
    assert not {"PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE"} & set(os.environ)
    assert os.environ["PREFECT_HOME"] == str(tmp_path / ".prefect")
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert os.environ["DO_NOT_TRACK"] == "1"


@pytest.mark.parametrize("host", [LOOPBACK, "localhost", "[::1]"])
def test_a_server_on_this_machine_is_used(tmp_path: Path, clean_environment: None, host: str) -> None:
    os.environ.update({"PREFECT_API_URL": f"http://{host}:4200/api", "PREFECT_API_AUTH_STRING": "a:b"})
    settle_environment(tmp_path)
    assert os.environ["PREFECT_API_URL"] == f"http://{host}:4200/api"
    assert os.environ["PREFECT_API_AUTH_STRING"] == "a:b"


@pytest.mark.parametrize(("secret", "warns"), [(None, True), ("", True), ("a:b", False)])
def test_a_standing_server_without_a_secret_is_warned_of(
    nightly: ModuleType, tmp_path: Path, clean_environment: None, monkeypatch, caplog, secret: str | None, warns: bool
) -> None:
    os.environ["PREFECT_API_URL"] = f"http://{LOOPBACK}:4200/api"
    if secret is not None:
        os.environ["PREFECT_API_AUTH_STRING"] = secret
    monkeypatch.setattr(conduct, "run_flow", lambda order: order)
    order = Order(cohort.write_extract(tmp_path / "extract"), tmp_path / "home")
    with caplog.at_level("WARNING", logger="rechallenge"):
        assert conduct.conduct(order) is order
    assert caplog.messages == ([conduct.OPEN_SERVER] if warns else [])


def test_a_run_that_is_tried_again_forgets_how_it_ended_before(nightly: ModuleType) -> None:
    kept = nightly.Kept()
    token = nightly.KEPT.set(kept)
    try:
        with pytest.raises(ValueError, match="first"), nightly.keeping():
            raise ValueError("first")
        assert isinstance(kept.error, ValueError)
        with nightly.keeping() as again:
            again.done = "done"
        assert (kept.done, kept.error) == ("done", None)
    finally:
        nightly.KEPT.reset(token)


@pytest.mark.parametrize("error", [Refused("no"), KeyboardInterrupt(), None])
def test_what_ended_the_run_is_raised_whatever_the_server_says(
    nightly: ModuleType, monkeypatch: pytest.MonkeyPatch, error: BaseException | None
) -> None:
    def answered(*, return_state: bool) -> str:
        assert return_state
        if error is not None:
            with suppress(type(error)), nightly.keeping():
                raise error
        return "Completed"

    monkeypatch.setattr(nightly, "nightly", answered)
    with pytest.raises(type(error) if error else Broken):
        nightly.run_here()


def test_the_command_line_and_the_plain_run_import_no_prefect() -> None:
    script = "import sys, flows.cli, flows.night, flows.terminal.story; print('prefect' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


WAITING = """
import threading
from flows.night import server

class Told:
    def __setattr__(self, name, value):
        print(name, value, flush=True)

server.FAREWELL_SECONDS = 0
server.leave_with_owner([Told()])
threading.Event().wait(60)
"""


def test_the_server_leaves_when_its_owner_dies() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        assert process.stdout is not None
        assert process.stdout.read() == "should_exit True\n"
