"""Whoever else is on the machine: the server answers nobody without its secret, and no planted result is read.

The attacker reaches the loopback address, as every local user does; the runs are real, in processes of their own.
"""

import json
import os
import stat
from datetime import date
from pathlib import Path

import pytest

from flows.errors import Broken, Usage
from flows.night.server import private
from tests.flows import cohort, command

AS_OF = date(2023, 12, 31)
# While the flow run is pending, ask for everything without the secret, with a wrong one, and as a browser's page would.
OUTSIDER = """
import base64, json, os, pathlib, urllib.error, urllib.request
from prefect.client.orchestration import SyncPrefectClient

create = SyncPrefectClient.create_flow_run

def ask(url, method, path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    wanted = urllib.request.Request(
        url + path, data=data, method=method, headers={"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(wanted) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)

def attacked(self, *args, **kwargs):
    from prefect.settings import PREFECT_API_URL
    run, url = create(self, *args, **kwargs), PREFECT_API_URL.value()
    state = {"state": {"type": "COMPLETED", "name": "Completed"}, "force": True}
    wrong = "Basic " + base64.b64encode(b"rechallenge:guess").decode()
    asked = [
        ask(url, "GET", f"/flow_runs/{run.id}"),
        ask(url, "POST", f"/flow_runs/{run.id}/set_state", state),
        ask(url, "POST", f"/flow_runs/{run.id}/set_state", state, Authorization=wrong),
        ask(url, "POST", "/flow_runs/filter", {}),
        ask(url, "POST", "/logs/filter", {}),
        ask(url, "POST", "/artifacts/filter", {}),
        ask(url, "GET", "/admin/settings"),
        ask(url, "GET", "/flows/health"),
        ask(url, "GET", "//health"),
        ask(url, "POST", "/health"),
        ask(url, "GET", "/ready"),
        ask(url, "GET", "/health", Origin="https://page.example"),
    ]
    seen = {"status": [code for code, _ in asked], "headers": [sorted(name.lower() for name in h) for _, h in asked]}
    seen["command lines"] = [
        path.read_bytes().decode() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if path.parent.exists()
    ]
    secret = os.environ.get("PREFECT_API_AUTH_STRING") or self._client.headers["Authorization"]
    seen["is_secret_sent"] = secret.startswith("Basic ") and len(secret) > 40
    seen["is_secret_shown"] = base64.b64decode(secret.split()[1]).decode() in str(seen["command lines"])
    seen["is_server_seen"] = "flows.night.server" in str(seen.pop("command lines"))
    pathlib.Path(os.environ["TMPDIR"], "..", "seen.json").write_text(json.dumps(seen))
    return run

SyncPrefectClient.create_flow_run = attacked
"""
# One who has the secret sets the pending run to an end whose result names a pickle; to load it is to run it.
PLANTED = """
import pathlib, os, pickle
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect._internal.result_records import ResultRecordMetadata
from prefect.serializers import PickleSerializer

class Bomb:
    def __reduce__(self):
        return os.mkdir, (str(folder / "fallen"),)

folder = pathlib.Path(os.environ["TMPDIR"], "..").resolve()
serializer = PickleSerializer()
planted = folder / "planted"
planted.write_bytes(serializer.dumps(Bomb()))
told = ResultRecordMetadata(storage_key=str(planted), serializer=serializer, prefect_version="3.8.8")
planted.with_name("planted.metadata").write_bytes(told.dump_bytes())
create = SyncPrefectClient.create_flow_run

def attacked(self, *args, **kwargs):
    run = create(self, *args, **kwargs)
    state = {"type": "COMPLETED", "name": "Completed", "data": told.model_dump(mode="json")}
    answer = self._client.post(f"/flow_runs/{run.id}/set_state", json={"state": state, "force": True})
    (folder / "attacked").write_text(answer.json()["status"])
    return run

SyncPrefectClient.create_flow_run = attacked
"""
# The attack is put in once Prefect is imported, which is after its environment is settled.
MEANWHILE = """
import flows.night.launch as conduct
run_flow = conduct.run_flow

def meanwhile(order):
    exec(ATTACK, {})
    return run_flow(order)

conduct.run_flow = meanwhile
from flows.cli import main
main()
"""


def attacked(tmp_path: Path, attack: str) -> command.Ended:
    extract = cohort.write_extract(tmp_path / "extract", as_of=AS_OF)
    arguments = ["audit", "--extract", str(extract), "--home", str(tmp_path / "home")]
    return command.run(arguments, tmp_path, MEANWHILE.replace("ATTACK", repr(attack)))


def test_nobody_without_the_secret_reads_or_changes_a_run(tmp_path: Path) -> None:
    ended = attacked(tmp_path, OUTSIDER)
    assert (ended.code, ended.err) == (0, "")
    seen = json.loads((tmp_path / "seen.json").read_text())
    *refused, ready, health = seen["status"]
    assert refused == [401] * len(refused)
    assert (ready, health) == (200, 200), "whether it is there is no secret"
    assert not any("access-control-allow-origin" in names for names in seen["headers"])
    assert (seen["is_server_seen"], seen["is_secret_sent"], seen["is_secret_shown"]) == (True, True, False)
    prefect = tmp_path / "home" / ".prefect"
    assert stat.S_IMODE(prefect.stat().st_mode) == 0o700
    assert (prefect / "prefect.db").is_file()
    held = b"".join(path.read_bytes() for path in prefect.rglob("*") if path.is_file())
    assert b"rechallenge:" not in held


def test_a_result_that_a_server_names_is_not_loaded(tmp_path: Path) -> None:
    ended = attacked(tmp_path, PLANTED)
    assert (tmp_path / "attacked").read_text() == "ACCEPT", ended.err
    assert not (tmp_path / "fallen").exists()
    assert ended.code == 1
    said = "the Prefect server ended the run before it began; the last release stays in place"
    assert ended.err == f"rechallenge: {said}\n"
    assert not (tmp_path / "home" / "current").exists()


# Whoever else runs the flow, a worker say, asks Prefect for the result: nothing is read then either.
ASKED = """
import sys
import flows.night.flow
exec(sys.argv[1], globals())
for end in ("COMPLETED", "FAILED"):
    try:
        State(type=end, data=told).result(retry_result_failure=False, _sync=True)
    except Exception as error:
        print(type(error).__name__)
"""


def test_no_way_of_asking_prefect_loads_it(tmp_path: Path) -> None:
    ended = command.run([PLANTED], tmp_path, ASKED)
    assert (ended.code, ended.out) == (0, "Broken\nBroken\n"), ended.err
    assert not (tmp_path / "fallen").exists()


# Files with settings of Prefect wherever a person stands: they could name a logger to load, or a server far away.
SETTLED = """
from pathlib import Path
from flows.night.server import at_home, settle_environment

settle_environment(Path("home"))
with at_home():
    from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_SETTINGS_PATH, temporary_settings
    held = temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"})
    held.__enter__()
print(PREFECT_API_URL.value(), PREFECT_LOGGING_SETTINGS_PATH.value(), Path.cwd().name)
"""


def test_prefect_takes_no_settings_from_where_a_person_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_LOGGING_SETTINGS_PATH=/planted\n")
    (tmp_path / "prefect.toml").write_text(
        '[logging]\nconfig_path = "/planted"\n[api]\nurl = "http://far.example/api"\n'
    )
    ended = command.run([], tmp_path, SETTLED)
    assert (ended.code, ended.err) == (0, "")
    logging = tmp_path / "home" / ".prefect" / "logging.yml"
    assert ended.out == f"http://127.0.0.1:1/api {logging} {tmp_path.name}\n"


def test_the_folder_of_prefect_is_ours_alone(tmp_path: Path) -> None:
    wide = tmp_path / "wide"
    wide.mkdir(mode=0o755)
    assert stat.S_IMODE(private(wide).stat().st_mode) == 0o700
    (tmp_path / "link").symlink_to(wide)
    with pytest.raises(Usage, match="is a link or belongs to another user"):
        private(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    os.chown(foreign, 65534, 65534)
    with pytest.raises(Usage, match="belongs to another user"):
        private(foreign)


def test_a_failed_run_leaves_no_result_behind(tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "extract", as_of=AS_OF)
    (extract / "lab_results.csv").unlink()
    ended = command.run(["audit", "--extract", str(extract), "--home", str(tmp_path / "home")], tmp_path)
    assert (ended.code, ended.err) == (3, "rechallenge: extract: the table lab_results is missing\n")
    assert not (tmp_path / "home" / ".prefect" / "storage").exists()


def test_a_promise_that_is_broken_exits_with_1() -> None:
    assert Broken.exit_code == 1
