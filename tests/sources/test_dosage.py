"""What a dosage text says of dose and frequency, for every source that has such texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.sources.mapped import SOURCES
from flows.warehouse import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("work")) as opened:
        opened.run(Path(SOURCES / "macros.sql").read_text())
        yield opened


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("50 mg every other day", 0.5),
        ("take one tablet EVERY OTHER DAY in the morning", 0.5),
        ("100 mg on alternate days", 0.5),
        ("alternating days", 0.5),
        ("every 2 days", 0.5),
        ("every second day", 0.5),
        ("q48h", 0.5),
        ("QOD", 0.5),
        ("once weekly", 1 / 7),
        ("10 mg every week", 1 / 7),
        ("every 7 days", 1 / 7),
        ("four times a day", 4),
        ("QID", 4),
        ("q6h", 4),
        ("3 times daily", 3),
        ("every 8 hours", 3),
        ("TID", 3),
        ("twice daily", 2),
        ("two times per day", 2),
        ("BID with food", 2),
        ("q12h", 2),
        ("once daily", 1),
        ("50 mg daily", 1),
        ("every day", 1),
        ("QD", 1),
        ("at bedtime", 1),
        ("every morning", 1),
        ("1 tablet by mouth", None),
        ("as needed", None),
        ("holiday", None),  # "day" inside a word
        ("bidet", None),
        ("daily for 5 days then every other day", None),  # two ways: which holds on a day, the text cannot say
        ("50 mg in the morning, 25 mg at bedtime", None),
        ("every 4 days", None),
        ("every other week", None),
        ("monthly", None),
        ("", None),
        (None, None),
    ],
)
def test_how_often_a_day(warehouse: Warehouse, text: str | None, times: float | None) -> None:
    [(found,)] = warehouse.rows("SELECT times_a_day_in($1::VARCHAR)", [text])
    assert (None if found is None else float(found)) == (None if times is None else pytest.approx(times))


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("50 mg daily", 50),
        ("take 12.5mg", 12.5),
        ("50 MG Oral Tablet", 50),
        ("2 milligrams", 2),
        ("50 mg/5 ml", None),
        ("50 mg / 5 ml", None),
        ("50 mg then 25 mg", None),
        ("50-100 mg daily", None),
        ("50 to 100 mg daily", None),
        ("1,000 mg daily", None),
        ("1.000 mg daily", None),
        ("0.125 mg daily", None),  # three decimals may be thousands: nothing that is audited is dosed so
        ("2 mg/kg daily", None),
        ("2 x 50 mg daily", None),
        ("2 tablets of 50 mg daily", None),
        ("two 50 mg tablets daily", None),
        ("50 mcg", None),
        ("1 tablet", None),
        (None, None),
    ],
)
def test_the_milligrams_of_a_dose(warehouse: Warehouse, text: str | None, dose: float | None) -> None:
    assert warehouse.rows("SELECT mg_in($1::VARCHAR)", [text]) == [(dose,)]


def test_a_frequency_is_every_other_day_or_what_it_was(warehouse: Warehouse) -> None:
    texts = ["every other day", " BID ", "", None]
    found = [warehouse.rows("SELECT frequency_in($1::VARCHAR)", [text])[0][0] for text in texts]
    assert found == ["QOD", "BID", None, None]


@pytest.mark.parametrize(
    ("numerator", "denominator", "ratio"), [(90, 30, 3), (0, 30, None), (90, 0, None), (-1, -1, None), (None, 1, None)]
)
def test_a_quotient_of_nothing_says_nothing(
    warehouse: Warehouse, numerator: float | None, denominator: float, ratio: float | None
) -> None:
    found = warehouse.rows("SELECT positive_ratio($1::DOUBLE, $2::DOUBLE)", [numerator, denominator])
    assert found == [(ratio,)]
