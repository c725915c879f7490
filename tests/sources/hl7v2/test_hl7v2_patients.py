"""Patients: the table where there is one, else whom the messages name."""

from pathlib import Path
from typing import Any

import pytest

from tests.flows.extracts import PATIENT
from tests.sources import look
from tests.sources.hl7v2 import made


def sent(time: str, *segments: str, **parts: Any) -> str:
    return made.message(*segments, head=made.MSH.replace("20240202100000", time), **parts)


def pid(name: str = "p1", birth: str = "19800301", sex: str = "F", death: str = "") -> str:
    return f"PID|1||{name}^^^HOSP^MR||Doe^Jane||{birth}|{sex}" + "|" * 21 + death


def people(tmp_path: Path, *messages: str) -> list[dict[str, Any]]:
    with made.received(tmp_path, *messages, patients=None) as held:
        return look.rows(held, "patients")


def test_a_patient_of_messages_is_observed_from_the_first_collection(tmp_path: Path) -> None:
    rows = people(tmp_path, made.message(made.obx(f14="20240301")), made.message(made.obx(f14="20230105081500-0500")))
    assert rows == [
        {
            "row_number": 2,
            "patient_id": "p1",
            "sex": "F",
            "birth_year": "1980",
            "site_id": None,
            "observation_start": "2023-01-05",
            "observation_end": None,
            "death_date": None,
        }
    ]


def test_a_patient_is_as_the_latest_message_says(tmp_path: Path) -> None:
    old = sent("20240101", pid=pid(birth="1979", sex="M", death="20240105"))
    silent = sent("20240301", pid=pid(birth="", sex=""))
    first = sent("", pid=pid(birth="1960", sex="M"))
    [row] = people(tmp_path, silent, old, sent("20240201", pid=pid()), first)
    assert (row["birth_year"], row["sex"], row["death_date"]) == ("1980", "F", "2024-01-05")


def test_an_explicit_null_takes_a_death_back(tmp_path: Path) -> None:
    dead, alive = sent("20240101", pid=pid(death="20240105")), sent("20240201", pid=pid(death='""'))
    [row] = people(tmp_path, dead, alive)
    assert row["death_date"] is None


@pytest.mark.parametrize(("written", "sex"), [("f", "F"), ("M", "M"), ("O", None), ("U", None), ("", None)])
def test_a_sex_other_than_two_is_unknown(tmp_path: Path, written: str, sex: str | None) -> None:
    assert [row["sex"] for row in people(tmp_path, made.message(pid=pid(sex=written)))] == [sex]


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ('""^^^H^MR~P2^^^H^PI', "P2"),
        ("^^^H^MR~P3^^^H^PI", "P3"),
        ('""^^^H^MR~P4^^^H^MR', "P4"),
        ("  ^^^H^MR~P5^^^H^PI", "P5"),
        ('"" ^^^H^MR~P5^^^H^PI', "P5"),
        ("^^^H&1.2.3&ISO^MR~P6^^^H^PI", "P6"),
        ("~~P7^^^H^ZZ", "P7"),
        ("P8^^^ZZV^PI~P9^^^H^MR", "P9"),
        ("P1^^^ZZV^XX~P2^^^H^XX", "P1"),
        ('""^^^H^MR', None),
        ('""', None),
        ("^^^H^MR~^^^H^PI", None),
    ],
)
def test_an_id_that_is_empty_or_null_is_none_and_the_next_counts(
    tmp_path: Path, written: str, chosen: str | None
) -> None:
    rows = people(tmp_path, made.message(pid=f"PID|1||{written}||Doe^Jane||19800301|F"))
    assert [row["patient_id"] for row in rows] == [chosen]


def test_every_naming_is_accounted_for(tmp_path: Path) -> None:
    again = [made.message(), made.message(), made.message("NTE|1"), made.message(pid=pid("p2"))]
    with made.received(tmp_path, *again, made.message(pid="PID|1"), made.message(pid="PID"), patients=None) as held:
        assert [row["patient_id"] for row in look.rows(held, "patients")] == ["p1", "p2", None]
        assert made.outcomes(held, "pid") == [("carried", None, 3), ("left_out", "named_again", 3)]


def test_a_mistyped_year_does_not_cost_the_patient(tmp_path: Path) -> None:
    [row] = people(tmp_path, made.message(made.obx(f14="00240301"), made.OBX))
    assert row["observation_start"] == "2024-02-01"
    [row] = people(tmp_path / "b", made.message(made.obx(f14="19000101")))
    assert row["observation_start"] == "1900-01-01"


def test_a_patient_without_any_day_has_no_start(tmp_path: Path) -> None:
    [row] = people(tmp_path, made.message(made.obx(f14="2024")))
    assert row["observation_start"] is None


def test_a_table_of_patients_says_who_is_followed(tmp_path: Path) -> None:
    with made.received(tmp_path, made.message(), made.message(pid=pid("p2"))) as held:
        assert [row["observation_start"] for row in look.rows(held, "patients")] == [PATIENT["observation_start"]]
        assert made.outcomes(held, "pid") == []
