import polars as pl
import pytest

from audit.derive.patient.compare import above, at_least, columns, interval

EPSILON = 1e-6
CASES = [
    # value, comparator, at least 10 x 40: certain, possible; above 10 x 40: certain, possible
    (399.9, None, False, False, False, False),
    (400.0, None, True, True, False, False),
    (400.1, None, True, True, True, True),
    (400.0, ">", True, True, True, True),
    (400.0, ">=", True, True, False, True),
    (399.9, ">", False, True, False, True),
    (400.0, "<", False, False, False, False),
    (400.0, "<=", False, True, False, False),
    (400.1, "<", False, True, False, True),
    (5.0, "<", False, False, False, False),
]


@pytest.mark.parametrize(("value", "comparator", "ge", "may_ge", "gt", "may_gt"), CASES)
def test_a_comparison_holds_for_certain_only_where_every_true_value_gives_it(value, comparator, ge, may_ge, gt, may_gt):
    frame = pl.LazyFrame({"value": [value], "comparator": [comparator]}, schema_overrides={"comparator": pl.String})
    tests = {"ge": at_least(40.0, 10.0, EPSILON), "gt": above(40.0, 10.0, EPSILON)}
    row = interval(frame).select(**columns(tests)).collect().row(0, named=True)
    assert row == {"ge": ge, "ge_possible": may_ge, "gt": gt, "gt_possible": may_gt}


def test_a_ratio_at_its_limit_is_at_its_limit_in_floating_point():
    assert 3.3 / 0.33 != 10
    frame = pl.LazyFrame({"value": [3.3], "comparator": [None]}, schema_overrides={"comparator": pl.String})
    tests = columns({"ge": at_least(0.33, 10.0, EPSILON), "gt": above(0.33, 10.0, EPSILON)})
    assert interval(frame).select(tests["ge"].alias("ge"), tests["gt"].alias("gt")).collect().row(0) == (True, False)


def test_a_result_is_the_interval_of_its_true_value():
    comparators = [None, "<", "<=", ">", ">="]
    frame = pl.LazyFrame({"value": 3.5, "comparator": pl.Series(comparators, dtype=pl.String)})
    rows = interval(frame).select("lo", "hi", "lo_open", "hi_open", "is_censored").collect().rows()
    assert dict(zip(comparators, rows, strict=True)) == {
        None: (3.5, 3.5, False, False, False),
        "<": (0, 3.5, False, True, True),
        "<=": (0, 3.5, False, False, True),
        ">": (3.5, float("inf"), True, False, True),
        ">=": (3.5, float("inf"), False, False, True),
    }
