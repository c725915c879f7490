"""A headless Chromium that a test drives: opens a page from disk, runs expressions in it, presses keys, prints it."""

import base64
import itertools
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.flows.browser import CHROMIUM, QUIET

SECONDS = 60.0
NARROW = 600
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


class Browser:
    """One open page; `console` holds what it complained of, `asked` the addresses that it asked for."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.console: list[str] = []
        self.asked: list[str] = []
        self.happened: set[str] = set()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self.socket.recv(timeout=SECONDS))
            if told.get("id") == number:
                assert "error" not in told, told
                return dict(told["result"])
            self.note(told)

    def note(self, told: dict[str, Any]) -> None:
        method, params = told.get("method", ""), told.get("params", {})
        self.happened.add(method)
        if method == "Runtime.exceptionThrown":
            self.console.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.console.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.console.append(str(params["args"]))
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])

    def open(self, page: Path, width: int = 1280, height: int = 900, *, dark: bool = False) -> "Browser":
        """Open a page from disk, at a size; the page itself is what it asks for first."""
        self.console.clear()
        self.asked.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media="", features=[scheme])
        self.send("Page.navigate", url=page.resolve().as_uri())
        until = time.monotonic() + SECONDS
        while self.ask("document.readyState + location.protocol") != "completefile:":
            assert time.monotonic() < until, "the page does not load"
            time.sleep(0.02)
        return self

    def ask(self, expression: str) -> Any:
        """Return what an expression is in the page."""
        told = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str) -> None:
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def picture(self, file: Path, *, whole: bool = False) -> None:
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))

    def printed(self) -> bytes:
        """Return the page as PDF, on A4."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
        return base64.b64decode(self.send("Page.printToPDF", **paper)["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Yield a browser with a profile of its own."""
    command = [
        str(CHROMIUM),
        *QUIET,
        "--remote-debugging-port=0",
        f"--user-data-dir={folder / 'profile'}",
        "about:blank",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = next(line for line in process.stderr if "DevTools listening on" in line).rpartition(" ")[2].strip()
        with connect(address, max_size=None, open_timeout=SECONDS, proxy=None) as socket:
            socket.send(json.dumps({"id": 0, "method": "Target.getTargets"}))
            targets = json.loads(socket.recv(timeout=SECONDS))["result"]["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        page = f"{address.partition('/devtools/')[0]}/devtools/page/{target}"
        with connect(page, max_size=None, open_timeout=SECONDS, proxy=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)
        assert process.stderr is not None
        process.stderr.close()
