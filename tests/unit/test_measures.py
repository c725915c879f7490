"""Measures by value: counts, strata and rates of a few episodes, and the Wilson interval."""

from datetime import date

import polars as pl
import pytest

from audit.measures import measures, wilson
from flows.editions import load

EDITION = load()


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        (8, 31, 0.1370, 0.4325),  # the article's 26 %: rules.md section 1 prints 13.7-43.2 %
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (0, 1000, 0.0, 0.0038),
        (1000, 1000, 0.9962, 1.0),
    ],
)
def test_wilson_intervals_agree_with_published_values(passed, total, low, high):
    frame = pl.DataFrame({"passed": [passed], "total": [total]})
    lower, upper = wilson(pl.col("passed"), pl.col("total"))
    got = frame.select(low=lower, high=upper).row(0)
    assert got == pytest.approx((low, high), abs=5e-5)


def test_an_interval_lies_between_none_and_all() -> None:
    frame = pl.DataFrame({"total": range(1, 1000)}).with_columns(none=pl.lit(0))
    low, _ = wilson(pl.col("none"), pl.col("total"))
    _, high = wilson(pl.col("total"), pl.col("total"))
    # To the last bit: what is printed reads neither -0.0 % nor more than all.
    assert frame.select(low=low.min(), high=high.max()).row(0) == (0.0, 1.0)
    assert frame.select(low.cast(pl.String).str.starts_with("-").any()).item() is False


def test_a_rate_of_nothing_is_null_and_not_zero():
    lower, upper = wilson(pl.col("passed"), pl.col("total"))
    assert pl.DataFrame({"passed": [0], "total": [0]}).select(low=lower, high=upper).row(0) == (None, None)


RULE = EDITION.taking("alternate_day")[0]
VERDICTS = ["pass"] * 5 + ["advisory"] * 4 + ["violation"] * 3 + ["indeterminate"] * 2 + ["not_applicable"]
COUNTED = ["episodes", "applicable", "evaluable", "passed", "advisory", "violation", "indeterminate", "rate"]


def episodes(*rows: dict[str, object]) -> pl.DataFrame:
    """Return episodes e0, e1 ... with what measures read of them."""
    schema = {
        "site_id": pl.String, "indications": pl.String, "grade": pl.String, "restart_date": pl.Date,
        "days_covered": pl.Int64, "recurrence": pl.Boolean, "alternate_day": pl.Boolean,
    }  # fmt: skip
    usual = {"site_id": "north", "indications": "ibd", "grade": "mild", "restart_date": date(2023, 3, 1)}
    followed = {"days_covered": 90, "recurrence": False, "alternate_day": False}
    frame = pl.DataFrame([usual | followed | row for row in rows], schema=schema)
    return frame.select(pl.format("e{}", pl.int_range(pl.len())).alias("episode_id"), pl.all())


def measured(episodes: pl.DataFrame, verdicts: list[str], *strata: str) -> list[tuple[object, ...]]:
    """Return rule, stratum, level, counts and rate of the rows of the strata, in their order."""
    findings = pl.DataFrame({"episode_id": episodes["episode_id"], "rule_id": "RST-01", "verdict": verdicts})
    rows = measures(episodes, findings, EDITION).filter(pl.col("stratum").is_in(strata))
    return rows.select("rule_id", "stratum", "level", *COUNTED).sort("rule_id", "stratum", "level").rows()


def test_each_verdict_is_counted_under_its_own_name():
    counted = measured(episodes(*[{}] * 15), VERDICTS, "overall")
    assert counted[0] == ("RST-01", "overall", "all", 15, 14, 12, 5, 4, 3, 2, 5 / 12)


def test_each_episode_stands_under_each_of_its_levels():
    rows = episodes(
        {"site_id": None, "indications": None, "grade": "severe", "restart_date": date(2022, 12, 31)},
        {"indications": "ibd|sle", "grade": None},
    )
    counted = measured(rows, ["pass", "violation"], "site", "indication", "grade", "restart_month")
    first, second = (1, 1, 1, 1, 0, 0, 0, 1.0), (1, 1, 1, 0, 0, 1, 0, 0.0)
    assert counted == [
        ("RST-01", "grade", None, *second),
        ("RST-01", "grade", "severe", *first),
        ("RST-01", "indication", "ibd", *second),
        ("RST-01", "indication", "sle", *second),
        ("RST-01", "indication", "unknown", *first),
        ("RST-01", "restart_month", "2022-12", *first),
        ("RST-01", "restart_month", "2023-03", *second),
        ("RST-01", "site", "north", *second),
        ("RST-01", "site", "unknown", *first),
    ]


def test_a_finding_of_an_episode_is_counted_and_an_episode_without_one_in_no_rule():
    rows = episodes({}, {})
    findings = pl.DataFrame({"episode_id": ["e0"], "rule_id": ["RST-01"], "verdict": ["pass"]})
    counted = measures(rows, findings, EDITION).filter(pl.col("stratum") == "overall")
    assert counted.select("rule_id", "episodes").sort("rule_id").rows() == [("RST-01", 1), ("recurrence", 2)]


def test_recurrence_is_counted_overall_and_by_regimen_of_those_followed_or_with_an_event():
    rows = episodes(
        {"days_covered": 90},
        {"days_covered": 89},
        {"days_covered": 10, "recurrence": True, "alternate_day": True},
        {"days_covered": 90, "recurrence": True, "alternate_day": True},
        {"days_covered": 400, "recurrence": None, "alternate_day": None},
        {"days_covered": 5, "recurrence": None, "alternate_day": None},
        {"days_covered": 5, "recurrence": None, "alternate_day": None},
    )
    none = (None, None, None)
    counted = measured(rows, ["pass"] * 7, "overall", "regimen")
    assert [row for row in counted if row[0] != "RST-01"] == [
        (RULE, "regimen", "alternate_day", 2, 2, 2, *none, 0, 1.0),
        (RULE, "regimen", "daily", 2, 1, 1, *none, 0, 0.0),
        (RULE, "regimen", "unknown", 3, 3, 0, *none, 3, None),
        ("recurrence", "overall", "all", 7, 6, 3, *none, 3, 2 / 3),
    ]


def test_a_rate_is_the_numerator_of_the_evaluable_with_its_interval():
    findings = pl.DataFrame(
        {"episode_id": ["e0", "e1", "e2"], "rule_id": "RST-01", "verdict": ["pass", *["violation"] * 2]}
    )
    row = measures(episodes({}, {}, {}), findings, EDITION).filter(rule_id="RST-01", stratum="overall")
    assert row.select("rate", "rate_low", "rate_high").row(0) == pytest.approx((1 / 3, 0.06149, 0.79234), abs=5e-5)
