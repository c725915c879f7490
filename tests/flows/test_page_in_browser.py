"""The report in a headless Chromium: it works, complains of nothing, asks for nothing, and anyone can use it."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.frames import FINDINGS, URGENCY
from flows.pages import meeting, person
from flows.pages.facts import feed_end
from flows.pages.report import render
from tests.flows import charted, made
from tests.flows.browser import CHROMIUM
from tests.flows.devtools import Browser, browser
from tests.flows.test_page_since import CHANGE, changes

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed here (.ci/chromium installs Debian's)"
)
AXE = find_spec("axe_core_python")
needs_axe = pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed here (`make` installs the lock)")
MANY = 10_000
URGENT = 30
# What makes a sentence as long as the longest of those to act on.
MORE = (
    "came with bilirubin 5.1 mg/dL on 2025-09-05 (4.25 x its upper limit of normal of 1.2 mg/dL), but the drug is "
    "still being taken, more than 3 days later."
)
NEWS = (
    ("fresh", "raised"), ("fresh", "moved"), ("time", "raised"), ("time", "lowered"), ("time", "moved"),
    ("late", "raised"), ("late", "moved"),
)  # fmt: skip
SIZES = ((1280, 900, False), (375, 800, True))
ROWS = """[...document.querySelectorAll("{} tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent))"""
VISIBLE = ROWS.format("#findings-list")
SHAPES = """[...{}.querySelectorAll("*")]
  .map((one) => [one.tagName, one.getAttribute("class"), one.getAttribute("d"), one.textContent])"""
STILL = """[...document.querySelectorAll("svg")]
  .find((one) => one.getAttribute("aria-label").startsWith("STP-01"))"""
FOCUS = """document.activeElement.textContent.trim().slice(0, 24) + "|" + document.activeElement.tagName"""
LATER = """[...document.querySelectorAll("main > *, footer")]
  .filter((one) => !["trust", "since", "act_now", "lapsing"].includes(one.getAttribute("aria-labelledby")))"""
# The contrast of every text that is shown with what lies behind it (WCAG 2.2, 1.4.3): those below 4.5.
CONTRAST = """(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, n) => sum + one * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a > 0 && r !== undefined && !(at instanceof SVGElement)) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.textContent.trim() || node.closest("script, style, title, [hidden]")) continue;
    if (!node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const ink = parse(node instanceof SVGElement ? style.fill : style.color);
    const [high, low] = [light(ink), light(behind(node))].sort((one, other) => other - one);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) poor.push([node.outerHTML.slice(0, 120), contrast.toFixed(2)]);
  }
  return poor;
})()"""


def crowded() -> str:
    """Return the report of a large cohort: ten thousand findings, of which thirty are to be acted on now."""
    news = ({"episode_id": f"x{n}", "cause": NEWS[n % 7][0], "change": NEWS[n % 7][1]} for n in range(250))
    facts = charted.facts(changes=changes(*news), compared_with="RUN-0", patients=2 * MANY)
    given = facts.judged
    rows = [
        {
            "episode_id": f"x{n}", "patient_id": f"q{n}", "rule_id": ("RST-04", "STP-01", "MON-01")[n % 3],
            "verdict": ("violation", "advisory", "indeterminate")[n % 3], "reason": "grade_open",
            "event_date": date(2023, 1, 1) + timedelta(days=n % 300),
            "message": f"ALT {n} U/L on 2023-05-{n % 28 + 1:02d} (5.53 x its upper limit of normal of 32 U/L) {MORE}",
        }
        for n in range(MANY)
    ]  # fmt: skip
    findings = pl.concat([given.findings, pl.DataFrame(rows, schema=FINDINGS.schema)])
    urgent = [
        {**{name: row[name] for name in ("episode_id", "rule_id")}, "urgency_reason": "the drug is being taken",
         "urgency": "act_now" if n < URGENT else "lapsing" if n < 2 * URGENT else "open"}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    urgency = pl.concat([given.urgency, pl.DataFrame(urgent, schema=URGENCY.schema)])
    ids = pl.DataFrame(
        {"episode_id": [row["episode_id"] for row in rows], "patient_id": [row["patient_id"] for row in rows]}
    )
    episode = given.episodes.drop("episode_id", "patient_id")
    episodes = pl.concat([given.episodes, ids.join(episode, how="cross").select(given.episodes.columns)])
    return render(replace(facts, judged=replace(given, findings=findings, urgency=urgency, episodes=episodes)))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages."""
    folder = tmp_path_factory.mktemp("pages")
    facts = charted.facts(changes=changes(CHANGE | {"rule_id": "STP-01"}), compared_with="RUN-0")
    (folder / "report.html").write_text(render(facts), encoding="utf-8")
    (folder / "crowded.html").write_text(crowded(), encoding="utf-8")
    (folder / "meeting.html").write_text(meeting.render(made.facts(patients=1234)), encoding="utf-8")
    page = person.render(facts.judged, facts.guideline, facts.run, feed_end(facts))
    (folder / "person.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def opened_wide(chromium: Browser) -> None:
    """Open whatever opens on the page."""
    chromium.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    chromium.ask("new Promise((done) => setTimeout(done, 50))")


@pytest.mark.parametrize("name", ["report", "crowded", "meeting", "person"])
def test_no_page_complains_or_asks_for_anything(chromium: Browser, place: Path, name: str) -> None:
    page = place / f"{name}.html"
    chromium.open(page)
    opened_wide(chromium)
    assert chromium.console == []
    assert chromium.asked == [page.resolve().as_uri()]


@needs_axe
@pytest.mark.parametrize(("width", "height", "dark"), SIZES)
@pytest.mark.parametrize("name", ["report", "meeting", "person"])
def test_axe_finds_nothing(chromium: Browser, place: Path, name: str, width: int, height: int, dark: bool) -> None:
    assert AXE is not None and AXE.origin is not None
    chromium.open(place / f"{name}.html", width, height, dark=dark)
    opened_wide(chromium)
    chromium.ask((Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8") + "; 0")
    found = chromium.ask("axe.run(document, {}).then((told) => JSON.stringify(told.violations))")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in json.loads(found)] == []


@pytest.mark.parametrize(("width", "height", "dark"), SIZES)
@pytest.mark.parametrize("name", ["report", "person"])
def test_every_text_stands_out(chromium: Browser, place: Path, name: str, width: int, height: int, dark: bool) -> None:
    chromium.open(place / f"{name}.html", width, height, dark=dark)
    opened_wide(chromium)
    assert chromium.ask(CONTRAST) == []


def test_the_look_at_contrast_sees_a_pale_text(chromium: Browser, place: Path) -> None:
    chromium.open(place / "report.html")
    chromium.ask("document.querySelector('h1').style.color = '#8a8a8a'")
    assert [contrast for _, contrast in chromium.ask(CONTRAST)] == ["3.45", "3.45"]


@pytest.mark.parametrize("name", ["report", "crowded", "meeting", "person"])
def test_a_narrow_page_does_not_run_off_its_side(chromium: Browser, place: Path, name: str) -> None:
    chromium.open(place / f"{name}.html", 375, 800)
    opened_wide(chromium)
    assert chromium.ask("document.documentElement.scrollWidth") <= 375


# --- The morning -------------------------------------------------------------------------------------


def test_the_first_five_to_call_stand_above_the_fold(chromium: Browser, place: Path) -> None:
    chromium.open(place / "crowded.html")
    lines = "[...document.querySelectorAll('[aria-labelledby=act_now] li')]"
    ends = chromium.ask(f"{lines}.map((one) => one.getBoundingClientRect().bottom)")
    assert len(ends) == URGENT + 2
    assert ends[4] <= 900


def test_one_click_opens_the_chart_that_the_rows_make(chromium: Browser, place: Path) -> None:
    chromium.open(place / "report.html")
    assert chromium.ask("document.querySelectorAll('svg.person').length") == 0
    summary = "[...document.querySelectorAll('[aria-labelledby=act_now] details')][1].querySelector('summary')"
    chromium.ask(f"{summary}.click()")
    chromium.ask("new Promise((done) => setTimeout(done, 50))")
    counts = chromium.ask(
        "Object.fromEntries(['line', 'rect', 'text', 'polyline', 'path'].map((tag) => "
        "[tag, document.querySelectorAll(`svg.person ${tag}`).length]))"
    )
    chart = charted.chart("RST-04")
    kinds = [mark[0] for mark in chart.marks]
    assert counts == {
        "line": kinds.count("l"), "rect": kinds.count("r"), "text": kinds.count("t"), "polyline": kinds.count("c"),
        "path": sum(len(mark[3]) // 3 for mark in chart.marks if mark[0] == "s"),
    }  # fmt: skip
    label = chromium.ask("document.querySelector('svg.person').getAttribute('aria-label')")
    assert label == f"{chart.title}: {chart.says}"
    rows = chromium.ask(ROWS.format("table.because"))
    assert rows == chart.because


def test_what_the_script_draws_is_what_the_static_picture_is(chromium: Browser, place: Path) -> None:
    chromium.open(place / "report.html")
    opened_wide(chromium)
    drawn = chromium.ask(SHAPES.format("document.querySelector('[aria-labelledby=act_now] svg')"))
    chromium.open(place / "person.html")
    still = chromium.ask(SHAPES.format(STILL))
    assert drawn == still


def test_all_can_be_reached_and_opened_by_keyboard(chromium: Browser, place: Path) -> None:
    chromium.open(place / "report.html")
    reached: list[str] = []
    for _ in range(60):
        chromium.press("Tab")
        reached.append(chromium.ask(FOCUS))
        if reached[-1] == "Chart|SUMMARY":
            break
    assert reached[0] == "Skip to the results|A"
    assert reached[-1] == "Chart|SUMMARY"
    ring = chromium.ask("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none", "who uses the keyboard sees where it is"
    chromium.press("Enter")
    chromium.ask("new Promise((done) => setTimeout(done, 50))")
    assert chromium.ask("document.querySelectorAll('svg.person').length") == 1


# --- All findings ------------------------------------------------------------------------------------


def choose(chromium: Browser, name: str, value: str) -> None:
    """Choose a word of a filter, or write into the one of words."""
    chromium.ask(
        f"(() => {{ const at = document.getElementById('find-{name}');"
        f"const word = {json.dumps(value)};"
        "at.value = at.options ? [...at.options].find((one) => one.textContent === word).value : word;"
        "at.dispatchEvent(new Event('input')); })()"
    )


def counted(chromium: Browser) -> str:
    return str(chromium.ask("document.getElementById('findings-count').textContent"))


def test_findings_are_filtered_by_each_word_and_together(chromium: Browser, place: Path) -> None:
    chromium.open(place / "report.html")
    assert counted(chromium) == "3 findings; shown are 1 to 3."
    choose(chromium, "rule", "RST-04")
    assert [row[2] for row in chromium.ask(VISIBLE)] == ["RST-04"]
    choose(chromium, "verdict", "advisory")
    assert (counted(chromium), chromium.ask(VISIBLE)) == ("None of 3 findings is so.", [])
    choose(chromium, "rule", "all")
    assert chromium.ask(VISIBLE) == [["p1", "lapsing", "MON-01", "advisory", "2023-11-01", "Some gaps.", "north", ""]]
    choose(chromium, "verdict", "all")
    choose(chromium, "urgency", "act now")
    choose(chromium, "text", "P1 dose SAME")
    assert [row[5] for row in chromium.ask(VISIBLE)] == ["The same dose."]
    choose(chromium, "text", "2023-12-01")
    assert [row[5] for row in chromium.ask(VISIBLE)] == ["ALT 250 U/L."]
    choose(chromium, "site", "north")
    choose(chromium, "mark", "none")
    assert counted(chromium) == "1 of 3 findings; shown are 1 to 1."


def test_ten_thousand_findings_are_turned_and_filtered_without_lag(chromium: Browser, place: Path) -> None:
    chromium.open(place / "crowded.html")
    assert counted(chromium) == f"{MANY} findings; shown are 1 to 100."
    assert len(chromium.ask(VISIBLE)) == 100
    chromium.ask("document.getElementById('findings-after').click()")
    assert counted(chromium) == f"{MANY} findings; shown are 101 to 200."
    chromium.ask("document.getElementById('findings-before').click()")
    assert chromium.ask("document.getElementById('findings-before').disabled") is True
    begin = time.monotonic()
    for said in ("a", "al", "alt", "alt 9", "alt 99", "alt 999"):
        choose(chromium, "text", said)
    seconds = (time.monotonic() - begin) / 6
    assert counted(chromium) == f"19 of {MANY} findings; shown are 1 to 19."
    assert seconds < 0.5, "generous, as other tests run beside this one"


# --- Paper and size ----------------------------------------------------------------------------------


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_the_morning_prints_on_six_pages(chromium: Browser, place: Path) -> None:
    chromium.open(place / "crowded.html")
    chromium.ask(f"{LATER}.forEach((one) => one.remove())")
    pages = pages_of(chromium.printed())
    assert 2 <= pages <= 6
    assert pages_of(chromium.open(place / "report.html").printed()) > 1


def test_a_large_page_is_small_and_soon_ready(chromium: Browser, place: Path) -> None:
    size = (place / "crowded.html").stat().st_size
    assert size < 3_000_000
    chromium.open(place / "crowded.html")
    ready = chromium.ask("performance.getEntriesByType('navigation')[0].domComplete")
    assert ready < 6000, "generous, as other tests run beside this one"


def chart_data(page: str) -> Any:
    [found] = re.findall(r'id="charts-data">(.*?)</script>', page)
    return json.loads(found)


def test_a_chart_is_there_for_each_place_that_a_line_names(place: Path) -> None:
    page = (place / "crowded.html").read_text(encoding="utf-8")
    places = {int(one) for one in re.findall(r'data-chart="(\d+)"', page)}
    assert places == set(range(len(chart_data(page)["charts"])))
