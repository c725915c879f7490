"""Fields made of the data: rounding, weeks, levels, and what is refused without being shown."""

import tomllib
from typing import Any

import polars as pl
import pytest

from flows.editions import load
from flows.errors import Usage
from flows.export.research import Model
from flows.export.research.fields import Fields, made, rounded, since

EDITION = load()
HEAD = """
id = "small"
kind = "research"
title = "Small"
outcome = "recurrence"
[[field]]
name = "recurrence"
source = "recurrence"
type = "flag"
meaning = "It came back."
[[field]]
name = "sex"
source = "sex"
type = "category"
levels = ["F", "M"]
meaning = "Sex."
quasi_identifier = true
ladder = ["all"]
"""


def fields(text: str, **columns: list[Any]) -> Fields:
    profile = Model.model_validate(tomllib.loads(HEAD + text))
    count = len(next(iter(columns.values())))
    plain = {"recurrence": pl.Series([True] * count), "sex": pl.Series(["F"] * count)}
    return made(profile, pl.DataFrame({**plain, **columns}), EDITION)


def field(name: str, kind: str, rest: str = "") -> str:
    return f'[[field]]\nname = "x"\nsource = "{name}"\ntype = "{kind}"\nmeaning = "X."\n{rest}\n'


@pytest.mark.parametrize(
    ("multiple", "told"),
    [
        (0.04, 0.0), (0.05, 0.1), (0.949, 0.9), (1.0, 1.0), (1.04, 1.0), (1.05, 1.1), (2.65, 2.7), (2.94, 2.9),
        (2.96, 3.0), (2.999, 3.0), (3.0, 3.0), (3.2, 3.0), (3.249, 3.0), (3.25, 3.5), (3.74, 3.5), (3.75, 4.0),
        (68.44, 68.5), (None, None),
    ],
)  # fmt: skip
def test_a_multiple_is_told_to_a_tenth_below_three_and_to_a_half_above(
    multiple: float | None, told: float | None
) -> None:
    assert pl.select(rounded(pl.lit(multiple, pl.Float64))).item() == told


@pytest.mark.parametrize(
    ("days", "week"), [(-8, -2), (-7, -1), (-1, -1), (0, 0), (6, 0), (7, 1), (13, 1), (14, 2), (None, None)]
)
def test_a_week_holds_seven_days_from_the_restart_on(days: int | None, week: int | None) -> None:
    number = pl.lit(days, pl.Int64)
    assert pl.select(since(number, "weeks")).item() == week
    assert pl.select(since(number, "days")).item() == days


def test_days_leave_as_days_only_where_the_profile_says_so() -> None:
    drug = field("last_dose_date", "days")
    assert fields(drug, last_dose_date=[13, None]).others["x"].to_list() == [1, None]
    head = HEAD.replace('title = "Small"', 'title = "Small"\ntime = "days"')
    profile = Model.model_validate(tomllib.loads(head + drug))
    rows = pl.DataFrame({"recurrence": [True], "sex": ["F"], "last_dose_date": [13]})
    assert made(profile, rows, EDITION).others["x"].to_list() == [13]


BREAK = """quasi_identifier = true
bands = [{ from = "edition", to = 20 }, { from = 21, to = "edition" }]
ladder = [[{ from = "edition", to = "edition" }], "all"]"""


def test_the_first_and_the_last_band_take_their_ends_from_the_edition() -> None:
    [_, quasi] = fields(field("break_days", "band", BREAK), break_days=[14, 20, 21, 365, None]).quasi
    assert quasi.told(0).to_list() == ["14-20", "14-20", "21-365", "21-365", None]
    assert quasi.told(1).to_list() == ["14-365"] * 4 + [None]
    assert quasi.told(2).to_list() == ["all"] * 5


@pytest.mark.parametrize("days", [13, 366])
def test_a_number_outside_of_the_bands_is_refused_and_not_shown(days: int) -> None:
    with pytest.raises(Usage, match=r"^field x: the data hold a value outside of its bands$"):
        fields(field("break_days", "band", BREAK), break_days=[20, days])


def test_bands_that_the_edition_leaves_empty_are_refused() -> None:
    short = BREAK.replace("20", "13").replace("21", "14")
    with pytest.raises(Usage, match=r"^field x: with the ends of the edition band 1 holds no number$"):
        fields(field("break_days", "band", short), break_days=[20])


def test_only_the_break_has_ends_of_the_edition() -> None:
    bands = 'bands = [{ from = "edition", to = 50 }, { above = 50 }]'
    with pytest.raises(Usage, match="the edition has no least and greatest dose_before_mg"):
        fields(field("dose_before_mg", "band", bands), dose_before_mg=[50.0])


def test_a_multiple_on_the_edge_counts_by_the_tolerance_of_the_edition() -> None:
    bands = "quasi_identifier = true\nbands = [{ below = 5 }, { from = 5, to = 10 }, { above = 10 }]"
    values = [4.9999, 4.9999999, 5.0, 10.0, 10.0000001, 10.0001]
    [_, quasi] = fields(field("peak_x_uln", "band", bands), peak_x_uln=values).quasi
    assert quasi.told(0).to_list() == ["below 5", *["5 to 10"] * 4, "above 10"]


def test_a_dose_has_no_tolerance() -> None:
    bands = "bands = [{ to = 50 }, { above = 50 }]"
    told = fields(field("dose_before_mg", "band", bands), dose_before_mg=[50.0, 50.0000001]).others["x"]
    assert told.to_list() == ["up to 50", "above 50"]


GROUPS = 'quasi_identifier = true\nlevels = ["ibd", "sle"]\nladder = [{ any = ["ibd", "sle"] }, "all"]'


def test_a_missing_value_is_a_level_of_its_own_until_nothing_is_told() -> None:
    [_, quasi] = fields(field("indication", "category", GROUPS), indication=["sle", None, "ibd"]).quasi
    assert quasi.told(0).to_list() == ["sle", None, "ibd"]
    assert quasi.told(1).to_list() == ["any", None, "any"]
    assert quasi.told(2).to_list() == ["all", "all", "all"]


def test_a_level_that_the_profile_does_not_name_is_refused_and_not_shown() -> None:
    with pytest.raises(Usage, match=r"^field x: the data hold a level that it does not name$"):
        fields(field("indication", "category", GROUPS), indication=["sle", "gout"])


def test_whole_numbers_may_be_levels() -> None:
    told = fields(field("workup_score", "category", 'levels = ["0", "4"]'), workup_score=[4, 0, None]).others["x"]
    assert told.to_list() == ["4", "0", None]


def test_a_flag_stays_one_unless_it_is_known() -> None:
    assert fields(field("alternate_day", "flag"), alternate_day=[True, None]).others["x"].to_list() == [True, None]
    known = field("alternate_day", "flag", 'quasi_identifier = true\nladder = ["all"]')
    [_, quasi] = fields(known, alternate_day=[True, None, False]).quasi
    assert quasi.told(0).to_list() == ["true", None, "false"]
    assert quasi.told(1).to_list() == ["all"] * 3


VERDICTS = (
    '[[verdicts]]\nrules = ["RST-01"]\n[[verdicts]]\nrules = ["RST-07"]\nquasi_identifier = true\nladder = ["all"]'
)


def test_verdicts_leave_by_rule() -> None:
    made = fields(VERDICTS, verdict_rst_01=["pass", "advisory"], verdict_rst_07=["violation", "pass"])
    assert made.others["verdict_rst_01"].to_list() == ["pass", "advisory"]
    assert [quasi.name for quasi in made.quasi] == ["sex", "verdict_rst_07"]
    assert made.quasi[1].told(0).to_list() == ["violation", "pass"]


@pytest.mark.parametrize("rule", ["RST-06", "RST-07"])
def test_a_verdict_that_tells_of_the_peak_leaves_as_a_quasi_identifier_only(rule: str) -> None:
    with pytest.raises(Usage, match=f"the verdict of {rule} tells of the peak"):
        fields(f'[[verdicts]]\nrules = ["{rule}"]', recurrence=[True])


@pytest.mark.parametrize("rule", ["RST-99", "RST-05", "recurrence"])
def test_a_rule_without_a_verdict_is_refused(rule: str) -> None:
    with pytest.raises(Usage, match=rf"^profile small: this release has no verdict of a rule {rule}$"):
        fields(f'[[verdicts]]\nrules = ["{rule}"]', recurrence=[True])
