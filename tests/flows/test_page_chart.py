"""The chart of a person, by value: what is drawn, where, and why the finding stands."""

from datetime import date, timedelta
from typing import Any

import pytest

from flows.pages.chart import SHAPES, svg
from flows.pages.chart.draw import _limits
from flows.pages.chart.scale import BOTTOM, LEFT, RIGHT, TOP, Scale, scale
from flows.pages.chart.values import Limit
from tests.flows import charted
from tests.flows.markup import Node, tree

X = {"2023-07-11": LEFT, "2024-02-14": RIGHT}  # 45 days before the onset, 14 after what is observed


@pytest.fixture(scope="module")
def drawn() -> Any:
    return charted.chart("STP-01")


def marks(chart: Any, kind: str, ink: str) -> list[list[Any]]:
    """Return the marks of a kind whose class holds these words."""
    return [mark for mark in chart.marks if mark[0] == kind and set(ink.split()) <= set(mark[1].split())]


def symbols(chart: Any, ink: str) -> list[tuple[str, int, int, str]]:
    """Return the symbols of a class: shape, place, and what they say."""
    return [
        (mark[2], *mark[3][n : n + 3]) for mark in marks(chart, "s", ink) for n in range(0, len(mark[3]), 3)
    ]  # fmt: skip


def x(day: str) -> int:
    first = date(2023, 7, 11)
    days = (date(2024, 2, 14) - first).days
    return round(LEFT + (RIGHT - LEFT) * (date.fromisoformat(day) - first).days / days)


def test_it_says_of_whom_and_what(drawn: Any) -> None:
    assert drawn.title == "STP-01, patient p1, restart of 2023-10-01"
    assert drawn.says == "ALT 250 U/L."


def test_values_stand_on_a_log_axis_by_analyte(drawn: Any) -> None:
    alt = symbols(drawn, "alt solid")[:2]
    assert [(shape, at, said) for shape, at, _, said in alt] == [
        ("o", x("2023-08-25"), "ALT 200 U/L, 2023-08-25"), ("o", x("2023-12-01"), "ALT 250 U/L, 2023-12-01"),
    ]  # fmt: skip
    lines = {
        mark[4]: mark[3] for mark in drawn.marks if mark[0] == "t" and mark[4].endswith("\u00d7") and mark[2] < LEFT
    }
    assert list(lines) == ["0.5 \u00d7", "1 \u00d7", "2 \u00d7", "3 \u00d7", "5 \u00d7", "10 \u00d7"]
    height = {name: y - 4 for name, y in lines.items()}
    assert alt[0][2] == height["5 \u00d7"], "a value of five times the limit stands on that line"
    assert height["1 \u00d7"] - height["2 \u00d7"] == pytest.approx(height["5 \u00d7"] - height["10 \u00d7"], abs=1)
    assert TOP <= height["10 \u00d7"] < height["1 \u00d7"] < height["0.5 \u00d7"] <= BOTTOM


def test_a_bound_is_hollow_with_an_arrow_in_the_way_of_the_true_value(drawn: Any) -> None:
    assert [(shape, at, said) for shape, at, _, said in symbols(drawn, "alt bound")] == [
        ("o", x("2023-10-08"), "ALT <20 U/L, 2023-10-08")
    ]
    assert [said for *_, said in symbols(drawn, "ast bound")] == ["AST >240 U/L, 2023-12-08"]
    arrows = {ink: [shape for shape, *_ in symbols(drawn, f"{ink} arrow")] for ink in ("alt", "ast")}
    assert arrows == {"alt": ["down"], "ast": ["up"]}
    assert "hollow with an arrow: a bound, told as < or >" in texts(drawn)


@pytest.mark.parametrize(("comparator", "arrow"), [("<", "down"), ("<=", "down"), (">", "up"), (">=", "up")])
def test_each_comparator_has_its_arrow(comparator: str, arrow: str) -> None:
    told = charted.RELEASE.replace("| U/L   | <          | 40", f"| U/L   | {comparator:<10} | 40")
    assert arrow in [shape for shape, *_ in symbols(charted.chart("STP-01", told), "alt arrow")]


def texts(chart: Any) -> list[str]:
    return [mark[4] for mark in chart.marks if mark[0] == "t"]


def test_the_limits_that_decided_are_lines_with_their_value_and_what_they_are_a_multiple_of(drawn: Any) -> None:
    said = [text for text in texts(drawn) if "limit 2" in text or "limit 4" in text]
    assert said == ["ALT limit 200 U/L, 5 \u00d7 ULN", "AST limit 400 U/L, 5 \u00d7 own baseline"]
    [alt], [ast] = marks(drawn, "l", "alt limit"), marks(drawn, "l", "ast limit")
    place = scale(date(2023, 7, 11), date(2024, 2, 14), [0.5, 5, 6.25, 6, 5, 10])
    assert (alt[2], alt[3], alt[4]) == (LEFT, place.y(5), RIGHT)
    assert ast[3] == place.y(10)


@pytest.mark.parametrize(
    ("values", "stands"),
    [
        ([], ("left", -4)),
        ([(LEFT + 79, -4)], ("left", 12)),
        ([(LEFT + 80, -4)], ("left", -4)),
        ([(LEFT, -18), (LEFT, -19)], ("left", 12)),
        ([(LEFT, -19)], ("left", -4)),
        ([(LEFT, -1), (LEFT, 15)], ("right", -4)),
        ([(LEFT, -4), (LEFT, 12), (RIGHT - 79, -4)], ("right", 12)),
        ([(LEFT, -4), (LEFT, -4), (LEFT, 12), (RIGHT, -4), (RIGHT, -4), (RIGHT, 12), (RIGHT, 12)], ("left", 12)),
    ],
)
def test_the_words_of_a_limit_stand_where_the_fewest_values_are(
    values: list[tuple[int, int]], stands: tuple[str, int]
) -> None:
    place = Scale(date(2024, 1, 1), date(2024, 2, 1), 0.5, 10)
    y = place.y(2)
    [_, (_, ink, at_x, at_y, _)] = _limits([Limit("alt", 2.0, 10 * "x")], place, [(x, y + at) for x, at in values])
    assert ("right" if ink.startswith("e ") else "left", at_y - y) == stands
    assert at_x == (RIGHT - 4 if ink.startswith("e ") else LEFT + 4)


def test_the_words_of_two_limits_do_not_overlap() -> None:
    place = Scale(date(2024, 1, 1), date(2024, 2, 1), 0.5, 10)
    limits = [Limit("alt", 2.0, "one"), Limit("ast", 2.0, "two")]
    drawn = list(_limits(limits, place, []))
    assert [mark[3] - place.y(2) for mark in drawn if mark[0] == "t"] == [-4, -17]


def test_what_reached_its_limit_has_a_ring_and_is_told_in_words(drawn: Any) -> None:
    rings = [(at, y) for shape, at, y, _ in symbols(drawn, "ring") if y > TOP - 1]
    assert rings == [(x("2023-12-01"), symbols(drawn, "alt solid")[1][2])]
    assert "ALT 250 U/L, 6.25 \u00d7" in texts(drawn)
    assert not any(text.startswith("AST >240 U/L, >6.00") for text in texts(drawn))


def test_the_break_the_restart_and_the_day_of_the_verdict_are_drawn(drawn: Any) -> None:
    [pause] = marks(drawn, "r", "pause")
    assert (pause[2], pause[2] + pause[4]) == (x("2023-09-01"), x("2023-10-01"))
    assert "break, 30 days" in texts(drawn)
    assert marks(drawn, "l", "restart")[0][2] == x("2023-10-01")
    assert marks(drawn, "l", "event")[0][2] == x("2023-12-01")
    assert "the verdict hangs on 2023-12-01" in texts(drawn)
    assert marks(charted.chart("RST-04"), "l", "event") == [], "it hangs on the restart, which has its line"


def test_doses_are_bands_up_to_the_end_that_the_audit_reads(drawn: Any) -> None:
    assert [(mark[2], mark[2] + mark[4], mark[6]) for mark in marks(drawn, "r", "dose")] == [
        (LEFT, x("2023-08-31"), "100 mg a day, 2023-06-01 to 2023-08-31"),
        (x("2023-10-01"), x("2024-01-31"), "100 mg a day, 2023-10-01 to 2024-01-31"),
    ]
    assert [(mark[2], mark[2] + mark[4]) for mark in marks(drawn, "r", "course")] == [
        (LEFT, x("2023-08-31")), (x("2023-10-01"), x("2024-01-31"))
    ]  # fmt: skip
    unknown = charted.RELEASE.replace("| 100           | ongoing", "|               | ongoing")
    assert [mark[6][:12] for mark in marks(charted.chart("STP-01", unknown), "r", "undosed")] == ["dose unknown"]


def test_a_dose_that_was_the_limit_is_a_line_among_the_doses() -> None:
    chart = charted.chart("RST-04")
    assert "limit 100 mg a day" in texts(chart)
    [line] = marks(chart, "l", "strong limit")
    assert line[3] == marks(chart, "r", "dose")[1][3], "as high as the dose that it was held against"


def test_slots_are_met_missed_or_open_and_those_of_the_rule_are_strong(drawn: Any) -> None:
    told = {mark[6]: mark[1] for mark in marks(charted.chart("MON-01"), "r", "slot")}
    assert told == {
        "MON-01 slot 1, 2023-10-05 to 2023-10-11: met": "slot met mine",
        "MON-01 slot 2, 2023-10-12 to 2023-10-18: missed": "slot missed mine",
        "MON-02 slot 1, 2024-01-30 to 2024-02-05: not due": "slot not_due",
    }
    assert {mark[1] for mark in marks(drawn, "r", "slot")} == {"slot met", "slot missed", "slot not_due"}
    assert [shape for shape, *_ in symbols(drawn, "sign")] == ["met", "missed"]


def test_symptoms_stand_there_and_what_else_the_verdict_rests_on(drawn: Any) -> None:
    assert [(at, said) for _, at, _, said in symbols(drawn, "happened mine")] == [
        (x("2023-12-02"), "nausea, 2023-12-02")
    ]
    assert "nausea" in texts(drawn)
    others = charted.chart("MON-01")
    assert [mark[1] for mark in marks(others, "s", "happened")] == ["happened"], "told, but not of this verdict"


def test_other_analytes_are_left_out_unless_the_verdict_rests_on_them(drawn: Any) -> None:
    assert symbols(drawn, "other solid") == []
    with_ggt = charted.RELEASE.replace(
        "2023-12-08 | ast             | 240   | >", "2023-12-08 | ggt             | 240   | >"
    )
    said = [said for *_, said in symbols(charted.chart("STP-01", with_ggt), "other solid")]
    assert "GGT 90 U/L, 2023-12-08" in said


def test_the_rows_that_it_rests_on_stand_below_in_time(drawn: Any) -> None:
    assert drawn.because == [
        ["baseline", "ALT", "2023-06-01", "30 U/L", "0.75 \u00d7", "", "lab_results L0"],
        ["trigger", "ALT", "2023-12-01", "250 U/L", "6.25 \u00d7", "200", "lab_results L3"],
        ["symptom", "nausea", "2023-12-02", "", "", "", "clinical_events E1"],
        ["trigger", "AST", "2023-12-08", ">240 U/L", ">6.00 \u00d7", "400", "lab_results L4"],
    ]
    assert charted.chart("MON-01").because == [
        ["missed", "slot 2, due 2023-10-15", "2023-10-12 to 2023-10-18", "no draw", "", "", ""]
    ]


@pytest.mark.parametrize(("rows", "shown", "more"), [(14, 14, []), (15, 15, ["and 1 more"])])
def test_many_rows_are_cut_and_counted(rows: int, shown: int, more: list[str]) -> None:
    lines = "\n".join(
        f"e1 | RST-07 | peak | lab_results | K{n:02d} | 2023-08-{n + 1:02d} | alt | 500 | | U/L | 12.5 | 12.5 | 400"
        for n in range(rows)
    )
    finding = "e1         | p1         | RST-07  | violation | severe | 2023-08-01 | Severe.\n"
    told = charted.RELEASE.replace("-- urgency\n", finding + "-- urgency\n").replace(
        "-- patients\n", lines + "\n-- patients\n"
    )
    because = charted.chart("RST-07", told).because
    assert [row[0] for row in because[14:]] == more
    assert len(because) == shown


# --- The scale ---------------------------------------------------------------------------------------


def test_what_lies_beyond_the_scale_stands_at_its_end() -> None:
    place = Scale(date(2024, 1, 1), date(2024, 1, 11), 0.5, 8)
    assert [place.x(date(2024, 1, 1) + timedelta(days=n)) for n in (-1, 0, 5, 10, 11)] == [66, 66, 505, 944, 944]
    assert [place.y(one) for one in (0.1, 0.5, 2, 8, 9)] == [BOTTOM, BOTTOM, (TOP + BOTTOM) // 2, TOP, TOP]


@pytest.mark.parametrize(("days", "ticks"), [(300, 10), (320, 6), (700, 8), (4000, 6)])
def test_ticks_are_months_and_few(days: int, ticks: int) -> None:
    place = Scale(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=days), 0.5, 8)
    found = list(place.months())
    assert all(day.day == 1 and place.first <= day <= place.last for day in found)
    assert len(found) == ticks


# --- The static picture ------------------------------------------------------------------------------


def test_the_static_picture_draws_the_same_marks(drawn: Any) -> None:
    picture = tree(str(svg(drawn))).one("svg")
    assert picture.attrs["aria-label"] == "STP-01, patient p1, restart of 2023-10-01: ALT 250 U/L."
    assert picture.attrs["viewbox"] == f"0 0 960 {drawn.height}"
    counts = {tag: len(picture.all(tag)) for tag in ("line", "rect", "text", "polyline", "path")}
    kinds = [mark[0] for mark in drawn.marks]
    assert counts == {
        "line": kinds.count("l"), "rect": kinds.count("r"), "text": kinds.count("t"), "polyline": kinds.count("c"),
        "path": sum(len(mark[3]) // 3 for mark in drawn.marks if mark[0] == "s"),
    }  # fmt: skip
    [flag] = picture.all("path", _class="mine")
    assert (flag.attrs["d"], flag.text) == (SHAPES["flag"], "nausea, 2023-12-02")
    assert flag.attrs["transform"] == f"translate({x('2023-12-02')} 412)"
    assert title(picture, "dose")[1] == "100 mg a day, 2023-10-01 to 2024-01-31"


def title(picture: Node, ink: str) -> list[str]:
    return [one.text for one in picture.all("rect", _class=ink)]
