import polars as pl
import pytest

from audit.measures import wilson


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        (8, 31, 0.1370, 0.4325),  # the article's 26 %: rules.md section 1 prints 13.7-43.2 %
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_wilson_intervals_agree_with_published_values(passed, total, low, high):
    frame = pl.DataFrame({"passed": [passed], "total": [total]})
    lower, upper = wilson(pl.col("passed"), pl.col("total"))
    got = frame.select(low=lower, high=upper).row(0)
    assert got == pytest.approx((low, high), abs=5e-5)


def test_a_rate_of_nothing_is_null_and_not_zero():
    lower, upper = wilson(pl.col("passed"), pl.col("total"))
    assert pl.DataFrame({"passed": [0], "total": [0]}).select(low=lower, high=upper).row(0) == (None, None)
