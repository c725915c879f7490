"""A chart as a static picture: the same marks that the script of the page draws."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from flows.pages.chart.draw import SHAPES, WIDTH, Chart, Mark
from flows.wording import shown


def svg(chart: Chart) -> Markup:
    """Return the picture as SVG; whatever the data said is escaped."""
    inner = "".join(part for mark in chart.marks for part in DRAWN[mark[0]](mark))
    return Markup(
        f'<svg class="person" viewBox="0 0 {WIDTH} {chart.height}" role="img" '
        f'aria-label="{_said(chart.title)}: {_said(chart.says)}">{inner}</svg>'
    )


def _line(mark: Mark) -> Iterator[str]:
    _, ink, x1, y1, x2, y2 = mark
    yield f'<line class="{escape(ink)}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _box(mark: Mark) -> Iterator[str]:
    _, ink, x, y, width, height, title = mark
    yield f'<rect class="{escape(ink)}" x="{x}" y="{y}" width="{width}" height="{height}">{_title(title)}</rect>'


def _text(mark: Mark) -> Iterator[str]:
    _, ink, x, y, text = mark
    yield f'<text class="{escape(ink)}" x="{x}" y="{y}">{_said(text)}</text>'


def _curve(mark: Mark) -> Iterator[str]:
    _, ink, points = mark
    yield f'<polyline class="{escape(ink)}" points="{points}"/>'


def _symbols(mark: Mark) -> Iterator[str]:
    _, ink, shape, flat = mark
    for x, y, title in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        place = f'd="{SHAPES[shape]}" transform="translate({x} {y})"'
        yield f'<path class="{escape(ink)}" {place}>{_title(title)}</path>'


def _said(text: Any) -> Markup:
    """Return a text as the picture takes it."""
    return escape(shown(str(text)))


def _title(text: Any) -> str:
    return f"<title>{_said(text)}</title>" if text else ""


DRAWN: Mapping[str, Callable[[Mark], Iterator[str]]] = {"l": _line, "r": _box, "t": _text, "c": _curve, "s": _symbols}
