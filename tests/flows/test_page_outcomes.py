"""Recurrence along the days, eDISH, and literal against effective, as they are drawn and told; also of nobody."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.guideline import overlay
from tests.flows.made import DASH, EDITION, NOBODY, RULES, THIN, page, section
from tests.flows.markup import Node

ZERO = date(2022, 1, 1)
UNQUOTED = EDITION.model_copy(update={"grounds": ()})


def words(shown: Node, name: str) -> list[str]:
    return [one.text for one in section(shown, name).all("p")]


# --- Recurrence along the days ----------------------------------------------------------------------


def followed(*rows: tuple[str, int]) -> str:
    """Return restarts by what ended their days at risk, and on which day.

    `r` recurred, `d` died, `s` stopped, `c` is still followed, `?` is left open by a censored value.
    """

    def on(day: int) -> str:
        return str(ZERO + timedelta(days=day))

    told = {"r": "true", "?": ""}
    last = [(day - 30, 900) if what == "s" else (day, day) for what, day in rows]
    return "\n".join([
        "-- episodes\nepisode_id | patient_id | restart_date | recurrence | recurrence_date",
        *(f"e{n} | p{n} | {ZERO} | {told.get(what, 'false')} | {on(day) if what == 'r' else ''}"
          for n, (what, day) in enumerate(rows)),
        "-- status_to_date\nepisode_id | last_dose_date | observed_to",
        *(f"e{n} | {on(dose)} | {on(seen)}" for n, (dose, seen) in enumerate(last)),
        "-- patients\npatient_id | death_date",
        *(f"p{n} | {on(day) if what == 'd' else ''}" for n, (what, day) in enumerate(rows)),
    ])  # fmt: skip


TEN = followed(
    ("r", 45), ("d", 80), ("s", 120), ("r", 200), ("c", 330), ("r", 350), ("s", 400), ("c", 600), ("r", 700), ("d", 800)
)


def drawn(shown: Node) -> dict[str, Any]:
    svg = section(shown, "incidence").one("svg")
    return {
        "lines": {one.classes.removeprefix("curve "): one.attrs["d"] for one in svg.all("path", _class="curve")},
        "band": [one.attrs["d"] for one in svg.all("path", _class="band")],
        "scale": [one.text for one in svg.all("text") if one.text.endswith("%")],
        "at risk": [(one.attrs["x"], one.text) for one in svg.all("text", _class="due")],
        "label": svg.attrs["aria-label"],
    }


def test_the_incidence_is_read_at_a_year_and_told_in_words() -> None:
    """The first six events are those of the cohort whose figures are lifelines', on other days."""
    said = words(page(TEN), "incidence")
    assert said[0] == (
        f"By day 365 after the restart hepatotoxicity had recurred in 32.0 % (7.4{DASH}60.8) of restarts; in 10.0 % "
        "the drug had ended without it, and 10.0 % had died without it."
    )
    assert said[1] == (
        "Cumulative incidence (Aalen-Johansen) of 10 restarts, read to day 365. A recurrence is a trigger of a stop "
        "rule, or an ALT or AST of 3 x E or more. Death, and the end of the drug once the 30 days after it in which a "
        "rise still counts are over, are events that compete with it: who died or stopped is not taken for one who "
        "will recur yet. Only who is still followed on the last day known is censored. The article's 26 % (8 of 31) is "
        "no mark on these curves: it is of patients re-exposed to another drug class, by another definition of a "
        "recurrence, a share of patients without a time, in which nothing competes."
    )


def test_the_numbers_by_day_stand_in_a_table() -> None:
    table = section(page(TEN), "incidence").one("table")
    assert table.one("caption").text == (
        "Cumulative incidence by days after the restart; of all, 4 recurred, 2 stopped, 2 died, 2 are still followed "
        "or were lost"
    )
    assert table.rows() == [
        ["Day", "At risk", "Recurred (95\xa0% interval)", "Drug ended", "Died"],
        ["0", "10", "0.0 %", "0.0 %", "0.0 %"],
        ["90", "8", f"10.0 % (0.6{DASH}35.8)", "0.0 %", "10.0 %"],
        ["180", "7", f"10.0 % (0.6{DASH}35.8)", "10.0 %", "10.0 %"],
        ["270", "6", f"20.0 % (3.1{DASH}47.5)", "10.0 %", "10.0 %"],
        ["365", "4", f"32.0 % (7.4{DASH}60.8)", "10.0 %", "10.0 %"],
    ]


def test_the_curves_are_steps_up_to_the_horizon_with_the_interval_as_a_band() -> None:
    """x runs from 62 at the restart to 322 at day 365; y from 150 at none to 10 at 80 %."""
    found = drawn(page(TEN))
    assert found["scale"] == ["0 %", "40 %", "80 %"]
    still = "H119.0V{1}H147.5V{2}H204.5V{3}H297.1V{4}H311.3V{5}H322.0"
    recurred = "M62.0 150.0H94.1V132.5" + still.format(0, *["132.5"] * 2, "115.0", "115.0", "94.0")
    stopped = "M62.0 150.0H94.1V150.0" + still.format(0, "150.0", *["132.5"] * 4)
    died = "M62.0 150.0H94.1V150.0" + still.format(0, *["132.5"] * 5)
    assert found["lines"] == {"recurred": recurred, "stopped": stopped, "died": died}
    [band] = found["band"]
    assert str(band).startswith("M94.1 149.0H119.0V149.0") and str(band).endswith("H322.0V43.7H311.3V66.9H297.1V66.9"
        "H204.5V87.3H147.5V87.3H119.0V87.3H94.1Z")  # fmt: skip
    assert found["at risk"] == [
        ("62.0", "10"), ("126.1", "8"), ("190.2", "7"), ("254.3", "6"), ("322.0", "4"), ("40", "at risk"),
    ]  # fmt: skip
    assert found["label"] == ("Cumulative incidence after the restart: recurrence 32.0 % at day 365, see the table.")


def test_a_recurrence_on_the_day_of_a_death_is_a_recurrence() -> None:
    text = followed(("r", 50), ("c", 400))
    head, _, people = text.partition("-- patients")
    text = head + "-- patients" + people.replace("p0 | ", f"p0 | {ZERO + timedelta(days=50)}")
    rows = section(page(text), "incidence").one("table").rows()
    assert rows[-1][2:] == [f"50.0 % (0.6{DASH}91.0)", "0.0 %", "0.0 %"]


def test_where_nobody_is_followed_for_a_year_yet_the_curves_end_with_the_last() -> None:
    shown = page(followed(("r", 45), ("c", 100), ("c", 200)))
    assert words(shown, "incidence")[0] == (
        "No restart is followed to day 365 yet; the longest is followed to day 200."
    )  # fmt: skip
    assert section(shown, "incidence").one("table").rows()[-1] == ["365", "0", DASH, DASH, DASH]
    found = drawn(shown)
    assert all(str(path).endswith("H204.5") for path in found["lines"].values())
    assert found["label"].endswith("unknown at day 365, see the table.")


def test_where_all_are_censored_nothing_recurs_and_there_is_no_band() -> None:
    found = drawn(page(followed(("c", 400), ("c", 0))))
    assert found["band"] == []
    assert set(found["lines"].values()) == {"M62.0 150.0H322.0"}
    assert found["scale"] == ["0 %", "10 %", "20 %"]


def test_where_all_recur_the_incidence_is_whole() -> None:
    shown = page(followed(("r", 45), ("r", 45)))
    assert words(shown, "incidence")[0].startswith(
        "By day 365 after the restart hepatotoxicity had recurred in 100.0 % of restarts"
    )
    assert drawn(shown)["scale"] == ["0 %", "50 %", "100 %"]


def test_restarts_that_a_censored_value_leaves_open_are_left_out_and_counted() -> None:
    assert " 2 restarts, of which a censored value leaves the recurrence open, are left out. " in words(
        page(followed(("c", 400), ("?", 5), ("?", 9))), "incidence"
    )[1]  # fmt: skip
    alone = page(followed(("?", 5)))
    assert words(alone, "incidence") == [
        "No restart can be followed yet.",
        "1 restart, of which a censored value leaves the recurrence open, is left out.",
    ]
    assert section(alone, "incidence").all("svg") == []


def test_without_a_quoted_figure_there_is_no_caveat_and_without_anybody_no_curve() -> None:
    assert "article" not in words(page(TEN, guideline=UNQUOTED), "incidence")[1]
    found = section(page(NOBODY), "incidence")
    assert ([one.text for one in found.all("p")], found.all("svg")) == (["No restart can be followed yet."], [])


# --- eDISH ------------------------------------------------------------------------------------------

PLACED = """
-- episodes
episode_id | patient_id | onset_date | restart_date
e1         | p1         | 2022-01-01 | 2022-03-01
e2         | p2         | 2022-01-01 | 2022-03-01
e3         | p3         | 2022-01-01 | 2022-03-01
e4         | p4         | 2022-01-01 | 2022-03-01
-- status_to_date
episode_id | last_dose_date | observed_to
e1         | 2022-12-01     | 2022-12-01
e2         | 2022-12-01     | 2022-12-01
e3         | 2022-12-01     | 2022-12-01
e4         | 2022-12-01     | 2022-12-01
-- patients
patient_id
p1
-- labs
patient_id | analyte         | date       | x_uln
p1         | alt             | 2022-01-05 | 10
p1         | bilirubin_total | 2022-01-05 | 10
p2         | ast             | 2022-01-05 | 10
p2         | bilirubin_total | 2022-01-05 | 1
p3         | alt             | 2022-01-05 | 10
p3         | bilirubin_total | 2022-01-05 | 1
p4         | alt             | 2022-01-05 | 7
p1         | alt             | 2022-05-05 | 0.02
p1         | bilirubin_total | 2022-05-05 | 500
p2         | bilirubin_total | 2022-05-05 | 1
"""


def test_each_place_is_a_dot_once_and_those_beyond_both_limits_are_apart() -> None:
    """x runs from 44 at 0.1 to 330 at 100, y from 260 to 10: a tenfold is 95.3 and 83.3."""
    before, after = section(page(PLACED), "edish").all("figure")
    dots = [{one.classes: one.attrs["d"] for one in panel.all("path")} for panel in (before, after)]
    assert dots == [{"dots rest": "M235 177h0", "dots both": "M235 93h0"}, {"dots rest": "M44 10h0"}]
    assert [one.get("x1", "y1", "x2", "y2") for one in before.all("line", _class="centre")] == [
        ("184.8", "10", "184.8", "260"),
        ("44", "151.6", "330", "151.6"),
    ]
    assert [panel.one("p").text for panel in (before, after)] == [
        "1 of 3 restarts with both measured reach both limits.",
        "0 of 1 restarts with both measured reach both limits.",
    ]
    assert before.one("svg").attrs["aria-label"] == (
        "Before: onset to the day before the restart: 1 of 3 restarts with both measured reach both limits."
    )


def test_restarts_are_counted_where_they_lie_and_those_without_a_place_aside() -> None:
    table = section(page(PLACED), "edish").one("table")
    assert table.one("caption").text == (
        "4 restarts by the limits of Hy\u2019s law (enzyme 3 x ULN, bilirubin 2 x ULN)"
    )  # fmt: skip
    assert table.rows() == [
        ["Where", "Before", "After"],
        ["both reached (Hy's law range)", "1", "0"],
        ["enzyme alone (Temple's corollary)", "2", "0"],
        ["bilirubin alone (cholestasis, Gilbert's syndrome)", "0", "1"],
        ["neither reached", "0", "0"],
        ["no bilirubin measured", "1", "0"],
        ["no ALT or AST measured", "0", "1"],
        ["neither measured", "0", "2"],
    ]


def test_without_a_restart_the_boxes_are_empty() -> None:
    found = section(page(NOBODY), "edish")
    assert found.all("path") == []
    assert {cell for row in found.one("table").rows()[1:] for cell in row[1:]} == {"0"}


# --- Literal against effective ----------------------------------------------------------------------

JUDGED_TWICE = """
-- sensitivity
episode_id | rule_id | verdict_effective | verdict_literal
e1         | STP-01  | not_applicable    | violation
e2         | STP-01  | not_applicable    | violation
e3         | STP-01  | violation         | pass
e4         | STP-01  | not_applicable    | pass
e5         | STP-01  | pass              |
e1         | RST-04  | pass              | pass
e1         | MON-01  |                   | advisory
"""


def test_each_rule_of_which_a_verdict_differs_has_a_line_with_the_direction() -> None:
    found = section(page(JUDGED_TWICE), "sensitivity")
    assert found.one("table").rows() == [
        ["Rule", "Findings", "Differ", "Graver", "Milder", "Other", "From effective to literal"],
        [f"MON-01 {RULES['MON-01'].title}", "1", "1", "0", "0", "1", "not audited to advisory: 1"],
        [
            f"STP-01 {RULES['STP-01'].title}", "5", "5", "2", "1", "2",
            "not applicable to violation: 2; not applicable to pass: 1; pass to not audited: 1; violation to pass: 1",
        ],
    ]  # fmt: skip
    assert found.all("p")[1].text == (
        "6 of 7 findings differ: by literal 2 are graver, 1 milder, and 1 no graver but other. 1 are of restarts that "
        "literal would not audit. 1 are of restarts that effective would not audit. Restarts that only the way not "
        "taken would audit are not counted. Each finding with both verdicts is in sensitivity.parquet."
    )


def test_it_is_said_which_way_the_page_was_judged() -> None:
    for mode in ("effective", "literal"):
        shown = page(JUDGED_TWICE, guideline=overlay(EDITION, {"baseline_reference_mode": mode}))
        assert f"This page is judged by {mode};" in words(shown, "sensitivity")[0]


def test_where_nothing_differs_there_is_no_table() -> None:
    same = "-- sensitivity\nepisode_id | rule_id | verdict_effective | verdict_literal\n"
    same += "\n".join(f"e{n} | RST-04 | pass | pass" for n in range(1001))
    for text, said in (
        (same, f"None of 1{THIN}001 findings differs."),
        (NOBODY, "There is no finding to judge again."),
    ):
        found = section(page(text), "sensitivity")
        assert (found.all("table"), found.all("p")[-1].text) == ([], said)


@pytest.mark.parametrize("name", ["run_chart", "funnel", "sensitivity", "monitoring", "incidence", "edish"])
def test_every_drawing_has_words_and_takes_its_colours_from_the_page(name: str) -> None:
    for text in (TEN, PLACED, JUDGED_TWICE):
        for svg in section(page(text), name).all("svg"):
            assert svg.attrs["role"] == "img"
            assert svg.attrs["aria-label"]
            inked = [one.tag for one in svg.within() if {"fill", "stroke", "style"} & one.attrs.keys()]
            assert inked == []
