"""What a page asks for: by its own text, and by the network log of a headless Chromium that opens it."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever the browser or a page asks for, no name is looked up
)
FETCHING = {"script", "link", "img", "iframe", "frame", "object", "embed", "base", "audio", "video", "source", "form"}
NAMING = {"src", "srcset", "poster", "data", "action", "formaction", "ping", "background", "manifest", "xlink:href"}
STYLED = re.compile(r"url\s*\(|@import|image-set\s*\(|expression\s*\(", re.IGNORECASE)
HASHED = re.compile(r"'sha256-([^']+)'")
OF_THE_BROWSER = "not an origin"


class Asked(HTMLParser):
    """Collects whatever in a page may fetch something, and the links that a person may follow."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: set[str] = set()
        self.is_style = False
        self.is_script = False
        self.allowed: set[str] = set()  # the scripts that the page's own policy lets run, by their hash
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_style = tag == "style"
        given = dict(attrs)
        is_policy = tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
        self.is_script = tag == "script" and given.get("type") != "application/json"
        if is_policy:
            self.allowed |= set(HASHED.findall(given.get("content") or ""))
        if tag in FETCHING - {"script"}:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if is_policy:
                continue
            if name in NAMING or name.startswith("on") or (name == "http-equiv" and tag == "meta"):
                self.found.append(f"{name}={value}")
            elif name == "href":
                self.links.add(value or "")
            elif STYLED.search(value or "") and name in ("style", "fill", "stroke", "filter", "mask", "clip-path"):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.is_style = self.is_script = False

    def handle_data(self, data: str) -> None:
        if self.is_script and b64encode(sha256(data.encode()).digest()).decode() not in self.allowed:
            self.found.append("<script>")
        if self.is_style and (found := STYLED.search(data.replace("\\", ""))):
            self.found.append(found[0])


def requests_of(page: Path, folder: Path) -> list[str]:
    """Return the addresses that a page had Chromium ask for; the browser's own requests have no page behind them."""
    log = folder / "net.json"
    arguments = [f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--virtual-time-budget=2000"]
    subprocess.run(
        [str(CHROMIUM), *QUIET, *arguments, "--dump-dom", page.resolve().as_uri()],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    told = json.loads(log.read_text(encoding="utf-8"))
    started = told["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = (event.get("params", {}) for event in told["events"] if event["type"] == started)
    return [one["url"] for one in asked if "url" in one and one.get("initiator") != OF_THE_BROWSER]
