"""An audit, with Prefect and Great Expectations in it, reaches nothing beyond this machine, nor do its pages."""

from pathlib import Path

import pytest

from tests.flows import browser, cohort, command

PAGES = ("report.html", "checks.html")
# A page as it must not be: by an image of its style, by a style sheet, by what a script draws.
LEAKING = """<!doctype html>
<style>@import "http://192.0.2.7/a.css"; body { background: url(http://192.0.2.7/b.png) }</style>
<p style="background: URL( 'near.png')">hi</p><script>fetch("http://192.0.2.7/c")</script>"""

needs_chromium = pytest.mark.skipif(
    browser.CHROMIUM is None, reason="Chromium is not installed here (.ci/chromium installs Debian's)"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an audit has been run."""
    return tmp_path_factory.mktemp("network")


@pytest.fixture(scope="module")
def ended(place: Path) -> command.Ended:
    """The audit, run as a person runs it."""
    extract = cohort.write_extract(place / "extract")
    return command.run(["audit", "--extract", str(extract), "--home", str(place / "home")], place)


@pytest.fixture
def release(ended: command.Ended, place: Path) -> Path:
    """What the audit released."""
    assert ended.code == 0, ended.err
    return place / "home" / "current"


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


def test_an_audit_reaches_nothing_beyond_this_machine(ended: command.Ended, place: Path) -> None:
    assert (ended.code, ended.err) == (0, "")
    assert ended.attempts == ""
    assert "-m flows.night.server" in ended.guarded.splitlines(), "the guard was in the flow's server too"
    assert (place / "home" / "current" / "manifest.json").is_file()
    assert not list((place / "user").iterdir()), "nothing is written to the person's own folder"
    assert not list((place / "tmp").iterdir()), "nothing is left in the temporary folder"


def test_a_release_holds_our_pages_and_no_others(release: Path) -> None:
    files = [path for path in release.resolve().rglob("*") if path.suffix not in (".parquet", ".json", ".duckdb")]
    assert {path.name for path in files} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_names_anything_to_fetch(release: Path, name: str) -> None:
    asked = browser.Asked((release / name).read_text(encoding="utf-8"))
    assert asked.found == []
    assert {link for link in asked.links if not link.startswith("#")} <= set(PAGES)
    assert all((release / link).is_file() for link in asked.links if not link.startswith("#"))


def test_the_scan_sees_a_page_that_fetches() -> None:
    found = browser.Asked(LEAKING).found
    assert found == ["@import", "style=background: URL( 'near.png')", "<script>"]
    for page in ('<img src="x">', '<a ping="//far.example">', '<link rel="icon" href="x">', "<p onclick='x()'>"):
        assert browser.Asked(page).found, page


@needs_chromium
@pytest.mark.parametrize("name", PAGES)
def test_a_browser_that_opens_a_page_asks_for_nothing(release: Path, tmp_path: Path, name: str) -> None:
    assert browser.requests_of(release / name, tmp_path) == []


@needs_chromium
def test_the_network_log_sees_a_page_that_asks(tmp_path: Path) -> None:
    page = tmp_path / "leaking.html"
    page.write_text(LEAKING)
    asked = {url.rpartition("/")[2] for url in browser.requests_of(page, tmp_path)}
    assert asked == {"a.css", "b.png", "c"}
