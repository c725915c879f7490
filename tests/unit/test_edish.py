"""eDISH: which results make the peaks of a restart, before it and after it, and where a point lies."""

import polars as pl
import pytest

from audit.figures.edish import peaks
from flows.editions import load
from tests.flows import made

HEAD = """
-- episodes
episode_id | patient_id | onset_date | restart_date
e1         | p1         | 2023-01-10 | 2023-03-01
-- status_to_date
episode_id | last_dose_date | observed_to
e1         | 2023-05-01     | 2023-12-31
-- patients
patient_id
p1
-- courses
patient_id | start_date
p1         | 2022-01-01
p1         | 2023-03-01
-- labs
patient_id | analyte | date | x_uln
"""


def found(*labs: str, head: str = HEAD) -> dict[str, tuple[float | None, float | None, str | None]]:
    rows = peaks(made.judged(head + "\n".join(labs)), load())
    return {period: values for period, *values in rows.select(  # type: ignore[misc]
        "period", "enzyme_x_uln", "bilirubin_x_uln", "quadrant").rows()}  # fmt: skip


def test_the_highest_of_each_counts_and_other_analytes_do_not() -> None:
    assert found(
        "p1 | alt | 2023-01-12 | 4", "p1 | ast | 2023-01-20 | 7", "p1 | alt | 2023-02-01 | 2",
        "p1 | bilirubin_total | 2023-01-11 | 1.5", "p1 | bilirubin_total | 2023-01-21 | 2.5",
        "p1 | bilirubin_direct | 2023-01-21 | 9", "p1 | alp | 2023-01-21 | 9", "p2 | alt | 2023-01-21 | 9",
    ) == {"before": [7.0, 2.5, "both"], "after": [None, None, None]}  # fmt: skip


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2023-01-09", None), ("2023-01-10", "before"), ("2023-02-28", "before"),
        ("2023-03-01", None),  # blood is drawn before the first tablet, but after the injury
        ("2023-03-02", "after"),
        ("2023-05-31", "after"), ("2023-06-01", None),  # 30 days after the last dose
    ],
)  # fmt: skip
def test_a_result_counts_from_onset_to_the_day_before_the_restart_or_as_a_recurrence_does(
    day: str, period: str | None
) -> None:
    answers = {"before": None, "after": None} | ({period: 5.0} if period else {})
    assert {name: row[0] for name, row in found(f"p1 | alt | {day} | 5").items()} == answers


def test_what_comes_after_the_end_of_observation_or_in_a_further_course_does_not_count() -> None:
    labs = ("p1 | alt | 2023-05-10 | 3", "p1 | alt | 2023-05-20 | 5")
    ended = HEAD.replace("2023-12-31", "2023-05-15")
    further = HEAD.replace("-- labs", "p1 | 2023-05-20\n-- labs")
    assert [found(*labs, head=head)["after"][0] for head in (HEAD, ended, further)] == [5.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("enzyme", "bilirubin", "quadrant"),
    [
        (3.0, 2.0, "both"), (2.9999999, 1.9999999, "both"), (2.99, 2.0, "bilirubin"), (3.0, 1.99, "enzyme"),
        (2.99, 1.99, "neither"), (20.0, 0.4, "enzyme"), (0.5, 8.0, "bilirubin"),
    ],
)  # fmt: skip
def test_a_point_on_a_limit_has_reached_it(enzyme: float, bilirubin: float, quadrant: str) -> None:
    labs = (f"p1 | ast | 2023-04-01 | {enzyme}", f"p1 | bilirubin_total | 2023-03-10 | {bilirubin}")
    assert found(*labs)["after"] == [enzyme, bilirubin, quadrant]


def test_without_a_bilirubin_or_an_enzyme_a_restart_has_no_place() -> None:
    assert found("p1 | alt | 2023-04-01 | 9")["after"] == [9.0, None, None]
    assert found("p1 | bilirubin_total | 2023-04-01 | 9")["after"] == [None, 9.0, None]
    assert found("p1 | alt | 2023-04-01 | 0")["after"] == [None, None, None]


def test_without_a_restart_there_is_no_point() -> None:
    rows = peaks(made.judged(made.NOBODY), load())
    assert (rows.height, rows.schema["enzyme_x_uln"]) == (0, pl.Float64())
