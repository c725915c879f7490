"""The command line as a person runs it: another process, with a guard in it that lets nobody out of the machine."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# An audit hook sees what C code does too; raising in it stops the attempt. Child processes inherit the guard.
GUARD = """
import ipaddress, os, sys

def is_near(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not is_near(host):
        with open(os.environ["GUARD_LOG"], "a") as log:
            log.write(f"{event} {host}\\n")
        raise OSError(f"{event} {host}: only this machine may be reached")

sys.addaudithook(watch)
with open(os.environ["GUARD_BEGAN"], "a") as began:
    began.write(" ".join(sys.orig_argv[1:3]) + "\\n")
"""


@dataclass(frozen=True)
class Ended:
    """A process that ended: its code, what it said, where it tried to go, and which processes were guarded."""

    code: int
    out: str
    err: str
    attempts: str
    guarded: str


def run(arguments: list[str], tmp_path: Path, code: str = "from flows.cli import main; main()") -> Ended:
    """Run the command line in a process of its own, with its own home and temporary folder below `tmp_path`."""
    guard = tmp_path / "guard"
    guard.mkdir(exist_ok=True)
    (guard / "sitecustomize.py").write_text(GUARD)
    log, began = guard / "attempts.log", guard / "began.log"
    for name in ("user", "tmp"):
        (tmp_path / name).mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PYTHONPATH": os.pathsep.join([str(guard), str(ROOT)]),
        "GUARD_LOG": str(log),
        "GUARD_BEGAN": str(began),
        "HOME": str(tmp_path / "user"),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = (path.read_text() if path.is_file() else "" for path in (log, began))
    return Ended(ended.returncode, ended.stdout, ended.stderr, *said)
