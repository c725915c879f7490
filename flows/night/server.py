"""The temporary Prefect server of one audit: on the loopback address, quiet, gone when its owner is.

Run as a module it serves; `temporary_server` starts it. Prefect's own temporary server outlives a killed
run and keeps its output open; this one watches its standard input, which closes with the owner however
that ends. Every user of the machine can reach a loopback address, so it answers nobody without the secret of its run,
which travels in the environment of the child alone; what it keeps lies in a folder that only its owner can open.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flows.errors import Broken, Usage
from flows.shipped import CHECKOUT

if TYPE_CHECKING:
    from uvicorn import Server

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 120
FAREWELL_SECONDS = 10
PRIVATE = 0o700
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "https://none.invalid",  # no page in a browser has business here
}
OWN_SERVER = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")


def settle_environment(home: Path) -> None:
    """Point Prefect at `home/.prefect`, silence it, and forget whatever else it was told: it could name a far server.

    Must run before prefect is first imported: it reads its settings then. A server on this machine is kept.
    """
    told = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PREFECT_")}
    if urlsplit(told.get("PREFECT_API_URL", "")).hostname in (LOOPBACK, "localhost", "::1"):
        os.environ.update({name: told[name] for name in OWN_SERVER if name in told})
    os.environ.update(QUIET, PREFECT_HOME=str(private(home.resolve() / ".prefect")))


def private(folder: Path) -> Path:
    """Make a folder that nobody else can open; raise Usage where it is a link or another user's."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise Usage(f"{folder} is a link or belongs to another user: Prefect would read its settings from there")
    folder.chmod(PRIVATE)
    return folder


@contextmanager
def at_home() -> Iterator[None]:
    """Stand in Prefect's folder while it reads its settings: it would take them from files wherever a person stands."""
    with chdir(os.environ["PREFECT_HOME"]):
        yield


class Pending:
    """A server that is starting; `wait` gives its address, `secret` opens it."""

    def __init__(self, process: "subprocess.Popen[str]", secret: str) -> None:
        """Keep the process; its first line of output is the port."""
        self.process = process
        self.secret = secret

    def wait(self) -> str:
        """Block until the server answers, two minutes at most, and return its API address."""
        if self.process.stdout is None:
            raise Broken("the temporary Prefect server has no output to tell its port")
        patience = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        port = self.process.stdout.readline().strip()
        patience.cancel()
        if not port.isdigit():
            raise OSError("the temporary Prefect server did not start")
        return f"http://{LOOPBACK}:{port}/api"


@contextmanager
def temporary_server() -> Iterator[Pending]:
    """Start a server beside the caller's own imports, and end it with the block."""
    secret = f"rechallenge:{secrets.token_urlsafe(32)}"
    told = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_SERVER_API_AUTH_STRING": secret}
    with subprocess.Popen(
        [sys.executable, "-m", "flows.night.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **told},
        cwd=CHECKOUT,
        start_new_session=True,
        text=True,
    ) as process:
        yield Pending(process, secret)


async def serve() -> None:
    """Serve on a free port, print it, and leave when the owner closes our standard input."""
    servers: list[Server] = []
    leave_with_owner(servers)
    import uvicorn
    from prefect.server.api.server import create_app

    server = uvicorn.Server(uvicorn.Config(create_app(), host=LOOPBACK, port=0, log_level="critical", lifespan="on"))
    servers.append(server)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving


def leave_with_owner(servers: "list[Server]") -> None:
    """When standard input ends ask the server to stop, and end the process where there is none yet or it does not."""

    def watch() -> None:
        os.read(sys.stdin.fileno(), 1)
        for server in servers:
            server.should_exit = True
            threading.Event().wait(FAREWELL_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    asyncio.run(serve())
