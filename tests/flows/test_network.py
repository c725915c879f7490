"""An audit, with Prefect and Great Expectations in it, reaches nothing beyond this machine."""

from pathlib import Path

from tests.flows import cohort, command


def test_the_guard_sees_whoever_tries(tmp_path: Path) -> None:
    reach = "import socket; socket.socket().connect(('192.0.2.1', 9))"
    ask = "import socket; socket.getaddrinfo('far.example', 443)"
    spawn = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    assert command.run([], tmp_path, reach).code == 1
    assert command.run([], tmp_path, ask).code == 1
    ended = command.run([reach], tmp_path, spawn)
    assert ended.attempts.splitlines() == [
        "socket.connect 192.0.2.1",
        "socket.getaddrinfo far.example",
        "socket.connect 192.0.2.1",
    ]


def test_an_audit_reaches_nothing_beyond_this_machine(tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "extract")
    ended = command.run(["audit", "--extract", str(extract), "--home", str(tmp_path / "home")], tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.attempts == ""
    assert "-m flows.server" in ended.guarded.splitlines(), "the guard was in the flow's server too"
    assert (tmp_path / "home" / "current" / "manifest.json").is_file()
    assert not list((tmp_path / "user").iterdir()), "nothing is written to the person's own folder"
    assert not list((tmp_path / "tmp").iterdir()), "nothing is left in the temporary folder"
