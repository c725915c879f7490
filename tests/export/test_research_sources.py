"""What a field may be made of: by value, with days that count from the restart."""

from typing import Any

import polars as pl
import pytest

from flows.export.research.sources import SOURCES, gathered, verdict_of
from tests import released

RELEASE = """
-- episodes
episode_id | patient_id | site_id | stop_date  | restart_date | censor_date | break_days | peak_x_uln | indications
e1         | p1         | s1      | 2020-01-01 | 2020-01-31   | 2020-03-01  | 30         | 4.5        | ibd
e2         | p2         | s2      | 2021-01-01 | 2021-01-15   |             | 14         | 12         | ibd;sle
e3         | p2         | s2      | 2021-06-01 | 2021-07-01   | 2021-08-01  | 30         |            |
-- patients
patient_id | sex | birth_year
p1         | F   | 1930
p2         |     |
-- slots
episode_id | rule_id | slot | status
e1         | MON-01  | 1    | met
e1         | MON-01  | 2    | missed
e1         | MON-02  | 1    | met
e1         | MON-03  | 1    | not_due
e2         | MON-01  | 1    | excused
-- findings
episode_id | patient_id | rule_id | verdict
e1         | p1         | RST-01  | pass
e1         | p1         | STP-01  | violation
e2         | p2         | RST-01  | indeterminate
-- labs
patient_id | analyte   | date       | x_uln | source_id
p1         | alt       | 2019-12-31 | 9     | a
p1         | alt       | 2020-01-01 | 3     | b
p1         | alt       | 2020-01-31 | 1.5   | c
p1         | alt       | 2020-01-31 | 1.25  | d
p1         | ast       | 2020-01-01 | 2     | e
p1         | bilirubin_total | 2020-01-30 | 7 | f
p1         | ast       | 2020-02-01 | 2.5   | g
p1         | ast       | 2020-03-01 | 2.75  | h
p1         | ast       | 2020-03-02 | 8     | i
p2         | alt       | 2021-01-15 | 1     | j
p2         | alt       | 2026-01-16 | 6     | k
p2         | alt       | 2021-08-01 | 5     | l
p2         | alt       | 2021-07-01 | 9     | m
"""


def column(name: str, rules: tuple[str, ...] = ()) -> list[Any]:
    frames = released.frames(RELEASE)
    # What joins two indications parts the cells of a text table.
    frames["episodes"] = frames["episodes"].with_columns(pl.col("indications").str.replace(";", "|", literal=True))
    names = () if rules else (name,)
    found = gathered(lambda table: frames[table].lazy(), names, rules)
    assert found["episode_id"].to_list() == ["e1", "e2", "e3"]
    assert found.columns == ["episode_id", "patient_id", "restart_date", name]
    return found[name].to_list()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("break_days", [30, 14, 30]),
        ("peak_x_uln", [4.5, 12.0, None]),
        ("stop_date", [-30, -14, -30]),
        ("censor_date", [30, None, 31]),
        ("sex", ["F", None, None]),
        ("age_at_restart", [90, None, None]),
        ("indication", ["ibd", "several", None]),
        ("site", ["s1", "s2", "s2"]),
        ("slots_met", [2, 0, 0]),
        ("slots_missed", [1, 0, 0]),
        ("highest_after_restart_x_uln", [2.75, 9.0, 5.0]),
    ],
)
def test_a_source_by_value(name: str, values: list[Any]) -> None:
    assert column(name) == values


def test_a_verdict_by_rule() -> None:
    assert column(verdict_of("RST-01"), ("RST-01",)) == ["pass", "indeterminate", None]
    assert column("verdict_stp_01", ("STP-01",)) == ["violation", None, None]


def test_no_id_no_note_and_no_date_is_a_source() -> None:
    assert not {"episode_id", "patient_id", "site_id", "restart_date", "death_note", "indications"} & SOURCES.keys()
    assert {name for name, source in SOURCES.items() if source.kind == "days"} == {
        "stop_date", "onset_date", "last_dose_date", "observed_to", "censor_date", "peak_date",
        "resolving_ratio_date", "recurrence_date",
    }  # fmt: skip


def test_what_tells_of_the_same_thing_is_known_to() -> None:
    told = {name: source.tells for name, source in SOURCES.items()}
    assert told["break_days"] == told["stop_date"] == told["onset_date"] == told["peak_date"] == "break"
    assert told["peak_x_uln"] == told["grade"] == told["ctcae_grade"] == told["peak_u_l"] == told["hys_law"] == "peak"
    assert told["indication"] == told["autoimmune_hepatitis"]
    assert told["recurrence"] == ""
