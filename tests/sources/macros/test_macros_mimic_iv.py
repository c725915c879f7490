"""What the mappings of MIMIC-IV share (sql/sources/mimic-iv/macros.sql), each macro by value."""

from collections.abc import Iterator
from typing import Any

import pytest

from flows.sources.mimic_iv import TABLES
from flows.warehouse import Warehouse
from tests.sources.macros import asked
from tests.tables import cells

TEXTS = {
    "said(' ___ ')": None,
    "said(' a ')": "a",
    "said(' ')": None,
    "says_no_result('Specimen CLOTTED')": True,
    "says_no_result('QNS.')": True,
    "says_no_result('<5')": False,
    "says_no_result(NULL)": False,
    "comparator_of('LESS THAN')": "<",
    "comparator_of('LESS THAN OR EQUAL TO')": "<=",
    "comparator_of('GREATER THAN')": ">",
    "comparator_of('GREATER THAN OR EQUAL TO')": ">=",
    "comparator_of('<')": "<",
    "comparator_of('')": None,
    "comparator_of(NULL)": None,
    "is_once('once')": True,
    "is_once('NOW X1')": True,
    "is_once('1x')": True,
    "is_once('STAT')": True,
    "is_once('ONCE:STAT')": True,
    "is_once('ONCE DAILY')": False,
    "is_once(NULL)": False,
}
TIMES = {
    "time_of(' 2024-07-01 10:00:00 ')": "10:00:00",
    "time_of('2024-07-01')": None,
    "time_of(DATE '2024-07-01')": None,
    "time_of(TIMESTAMP '2024-07-01 10:00:00')": "10:00:00",
    "time_of(TIMESTAMPTZ '2024-07-01 10:00:00+00')": "12:00:00",
    "is_midnight('00:00')": True,
    "is_midnight('00:00:00')": True,
    "is_midnight('00:00:00.00')": True,
    "is_midnight('00:00:01')": False,
    "is_midnight('10:00:00')": False,
    "is_midnight(NULL)": False,
}
DOSES = {
    "dose_mg('50', 'MG')": 50.0,
    "dose_mg(' 50 ', ' mg ')": 50.0,
    "dose_mg('1,500', 'mg')": 1500.0,
    "dose_mg('1,50', 'mg')": None,
    "dose_mg('2', 'g')": 2000.0,
    "dose_mg('2', 'gm')": 2000.0,
    "dose_mg('500', 'mcg')": 0.5,
    "dose_mg('1-2', 'mg')": None,
    "dose_mg('2', 'TAB')": None,
    "dose_mg('2', NULL)": None,
}
# A text with the bound that it begins with.
BOUNDS: dict[str | None, tuple[str, str] | None] = {
    "<5": ("<", "5"),
    " <5. ": ("<", "5"),
    "<=0.5": ("<=", "0.5"),
    ">182*.": (">", "182"),
    ">=1,500": (">=", "1,500"),
    "<.01.  CTROPNT > 0.10 NG/ML SUGGESTS ACUTE MI.": ("<", ".01"),
    "Less than 20.": ("LESS THAN", "20"),
    "less than or equal to 20": ("LESS THAN OR EQUAL TO", "20"),
    "GREATER THAN 9": ("GREATER THAN", "9"),
    "greater than or equal to 9": ("GREATER THAN OR EQUAL TO", "9"),
    "<5 U/L": ("", ""),
    "<5 not done": None,
    "lesser than 5": None,
    "5": None,
    "about <5": None,
    None: None,
}
ADMISSIONS = """
hadm_id | subject_id | admittime           | dischtime
 1      | 7          | 2150-03-02 10:00:00 | 2150-03-09 10:00:00
1       | 7          | 2150-03-01 10:00:00 | 2150-03-10 10:00:00
1       | 8          | 2150-03-03 10:00:00 | 2150-03-08 10:00:00
2       | 7          | 2150-04-01 10:00:00 |
        | 7          | 2150-05-01 10:00:00 | 2150-05-02 10:00:00
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with asked.macros(tmp_path_factory.mktemp("work"), "mimic-iv", TABLES) as opened:
        yield opened


@pytest.mark.parametrize("cases", [TEXTS, TIMES, DOSES], ids=["texts", "times", "doses"])
def test_a_macro_says_this(warehouse: Warehouse, cases: dict[str, Any]) -> None:
    assert asked.found(warehouse, cases) == cases


def test_a_text_begins_with_a_bound(warehouse: Warehouse) -> None:
    bound = "SELECT one.comparator, one.number FROM (SELECT beyond_range(CAST(? AS VARCHAR)) AS one)"
    found = {text: warehouse.rows(bound, [text])[0] for text in BOUNDS}
    assert found == {text: told or (None, None) for text, told in BOUNDS.items()}


def test_a_stay_that_came_twice_is_the_longer_one(warehouse: Warehouse) -> None:
    asked.hold(warehouse, "source.admissions", cells(ADMISSIONS))
    found = warehouse.rows("SELECT hadm_id, subject_id, admitted_on::TEXT, discharged_on::TEXT FROM hospital_stays()")
    assert sorted(found) == [("1", "7", "2150-03-01", "2150-03-10"), ("2", "7", "2150-04-01", None)]
