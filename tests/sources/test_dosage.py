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
        # Not on each day.
        ("50 mg 3 times weekly", None),
        ("50 mg three times a week", None),
        ("3 times per week", None),
        ("3x/week", None),
        ("twice weekly", None),
        ("50 mg daily for 5 days a week", None),
        ("100 mg daily 3 days per week", None),
        ("daily, 5 days out of 7", None),
        ("daily 5/7", None),
        ("50 mg Monday to Friday daily", None),
        ("daily mon-fri", None),
        ("daily on Tuesdays", None),
        ("once daily Wed and Sat", None),
        ("once daily M-F", None),
        ("1 tablet daily on weekdays", None),
        ("daily at weekends", None),
        ("100 mg daily except Sunday", None),
        ("daily, skip the 1st of the month", None),
        ("100 mg daily on alternate weeks", None),
        ("daily every other week", None),
        ("daily, week on week off", None),
        # Not at all.
        ("hold 50 mg daily", None),
        ("held: 50 mg every other day", None),
        ("stop 50 mg daily", None),
        ("50 mg daily STOPPED", None),
        ("discontinue 50 mg daily", None),
        ("Discontinued. 50 mg daily", None),
        ("do not take daily", None),
        # Of weeks and days, and yet each day.
        ("50 mg daily for 2 weeks", 1),
        ("50 mg twice daily x 2 weeks", 2),
        ("50 mg daily for 30 days", 1),
        ("once a week", 1 / 7),
        ("50 mg weekly", 1 / 7),
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
        ("50 mg tablet: 2 daily", None),
        ("azathioprine 50 mg tablet take two daily", None),
        ("50 mg tablets x2 daily", None),
        ("50 mg tablet, 1.5 daily", None),
        ("50 mg tablet, 1,5 daily", None),
        ("azathioprine 50 mg tablet, take 1 tablet 2 times daily", 50),
        ("50 mg tablet every 12 hours for 30 days", 50),
        ("azathioprine 50 MG Oral Tablet [Imurek] Box of 100", 50),
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
