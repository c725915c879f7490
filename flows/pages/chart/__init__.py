"""The chart of a person: why one finding stands, as marks that the page's script and the static picture both draw."""

from flows.pages.chart.draw import SHAPES, WIDTH, Chart, drawn
from flows.pages.chart.rows import charts
from flows.pages.chart.svg import svg

__all__ = ["SHAPES", "WIDTH", "Chart", "charts", "drawn", "svg"]
