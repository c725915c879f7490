"""The readers of received values (sql/macros.sql), each by value, up to the edge at which it reads otherwise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.warehouse import Warehouse

INSTANT = "TIMESTAMPTZ '2024-07-01 12:00:00+02'"
LONG = "repeat('é', {})"
TEXTS = {
    "as_text(' a')": "a",
    "as_text('a ')": "a",
    "as_text('! ')": "!",
    "as_text('!')": "!",
    "as_text(' ')": None,
    "as_text(chr(160) || 'é')": "é",
    "as_text('é')": "é",
    "as_text('a' || chr(8195))": "a",
    "is_given(' ')": False,
    "is_given('a')": True,
    "is_given(DATE '2024-01-01')": True,
    "is_given(CAST(NULL AS DATE))": False,
    "is_given(TIMESTAMP '2024-01-01')": True,
    "is_given(CAST(NULL AS TIMESTAMP))": False,
    f"is_given({INSTANT})": True,
    "is_given(CAST(NULL AS TIMESTAMPTZ))": False,
    "is_given(1e0)": True,
    "is_given(CAST(NULL AS DOUBLE))": False,
    f"shown({LONG.format(4000)}) = {LONG.format(4000)}": True,
    f"shown({LONG.format(4001)}) = {LONG.format(4000)} || '... (4001 characters)'": True,
    f"shown({LONG.format(2500)}) = {LONG.format(2500)}": True,
    "shown(repeat('a', 4001)) = repeat('a', 4000) || '... (4001 characters)'": True,
    "shown('b' || repeat('a', 4000)) = 'b' || repeat('a', 3999) || '... (4001 characters)'": True,
    "as_whole('17.0')": "17",
    "as_whole(' 17. ')": "17",
    "as_whole(' 17 ')": "17",
    "as_whole('17.5')": "17.5",
    "as_whole('-017.00')": "-017",
    "frequency_key('Once-Daily (QD) 2 x')": "oncedailyqd2x",
}
DAYS = {
    "may_state_offset('2024-07-01')": False,
    "may_state_offset('2024-07-01 10:00')": False,
    "may_state_offset('2024-07-01 10:00Z')": True,
    "may_state_offset('2024-07-01 10:00+02')": True,
    "may_state_offset('2024-07-01 10:00 -0230 ')": True,
    "may_state_offset('2024-07-Z')": False,
    "may_state_offset('2024-07-0Z')": False,
    "may_state_offset('2024-07-01Z')": True,
    "may_state_offset('20240701+0100')": True,
    "may_state_offset('2024-07-0123')": False,
    "iso_in('2024-07-01 10:00:00.5+02:00')": "2024-07-01 10:00:00.5+02:00",
    "iso_in('2024-07-01')": "2024-07-01",
    "iso_in('1 July')": "",
    "iso_day_in('2024-07-01 10:00:00.5+02:00')": "2024-07-01",
    "iso_day_in('1 July')": "",
    "offset_in(' 2024-07-01T10:00+02:00 ')": "+02:00",
    "offset_in('20240701100000-0230')": "-0230",
    "offset_in('2024-07-01 10:00Z')": "Z",
    "offset_in('2024-07-01 10:00')": None,
    "minutes_of('Z')": 0,
    "minutes_of('UTC')": 0,
    "minutes_of('+02')": 120,
    "minutes_of('-02:30')": -150,
    "minutes_of('+1245')": 765,
    "at_midnight(' 2024-07-01 00:00')": True,
    "at_midnight('20240701000000.0+0100')": True,
    "at_midnight('2024-07-01 00:01')": False,
    "is_place('Z')": False,
    "is_place('UTC')": False,
    "is_place('-00:00')": False,
    "is_place('-0000')": False,
    "is_place('+00:00')": True,
    "is_place('-01:00')": True,
    "is_place(NULL)": False,
    "is_by_day(' 2024-07-01 06:00')": True,
    "is_by_day('2024-07-01 05:59')": False,
    "is_by_day('2024-07-01T17:59')": True,
    "is_by_day('2024070118')": False,
    "is_by_day('2024-07-01')": False,
    f"written_with({INSTANT}, 330)": "2024-07-01 15:30:00+05:30",
    f"written_with({INSTANT}, -210)": "2024-07-01 06:30:00-03:30",
    f"written_with({INSTANT}, 0)": "2024-07-01 10:00:00+00:00",
    f"written_with({INSTANT}, -1)": "2024-07-01 09:59:00-00:01",
    f"written_with({INSTANT}, 59)": "2024-07-01 10:59:00+00:59",
    f"written_with({INSTANT}, 60)": "2024-07-01 11:00:00+01:00",
    f"written_in({INSTANT}, 'Europe/Berlin')": "2024-07-01 12:00:00+02:00",
    f"written_in({INSTANT}, 'America/New_York')": "2024-07-01 06:00:00-04:00",
    "written_in(TIMESTAMPTZ 'infinity', 'Europe/Berlin')": None,
    "as_day('2024-07-01 23:30Z') = DATE '2024-07-02'": True,
    "as_day(' 2024-07-01 23:30Z ') = DATE '2024-07-02'": True,
    "as_day(' 2024-07-01 23:30 ') = DATE '2024-07-01'": True,
    "as_day('2024-07-01') = DATE '2024-07-01'": True,
    "as_day('2024-07-32')": None,
    "as_day(DATE '2024-07-01') = DATE '2024-07-01'": True,
    "as_day(TIMESTAMP '2024-07-01 23:30:00') = DATE '2024-07-01'": True,
    "as_day(TIMESTAMPTZ '2024-07-01 23:30:00+00') = DATE '2024-07-02'": True,
    "as_day(DATE 'infinity')": None,
    "as_day(TIMESTAMP 'infinity')": None,
    "as_day(TIMESTAMPTZ 'infinity')": None,
    "as_end(' Infinity ') = DATE '9999-12-31'": True,
    "as_end('+12024-01-01') = DATE '9999-12-31'": True,
    "as_end('2024-07-01') = DATE '2024-07-01'": True,
    "as_end('-infinity')": None,
    "as_end(DATE '9999-12-31') = DATE '9999-12-31'": True,
    "as_end(DATE '9999-12-30') = DATE '9999-12-30'": True,
    "as_end(DATE 'infinity') = DATE '9999-12-31'": True,
    "as_end(TIMESTAMP '9999-12-30 23:00:00') = DATE '9999-12-30'": True,
    "as_end(TIMESTAMP '9999-12-31 01:00:00') = DATE '9999-12-31'": True,
    "as_end(TIMESTAMP 'infinity') = DATE '9999-12-31'": True,
    "as_end(TIMESTAMPTZ '2024-07-01 23:30:00+00') = DATE '2024-07-02'": True,
    "as_end(TIMESTAMPTZ 'infinity') = DATE '9999-12-31'": True,
    f"as_instant(' 2024-07-01 12:00+02:00 ') = {INSTANT}": True,
    f"as_instant(' 2024-07-01 15:00+05:00 ') = {INSTANT}": True,
    f"as_instant('2024-07-01 12:00') = {INSTANT}": True,
    f"as_instant(' 2024-07-01 12:00 ') = {INSTANT}": True,
    "as_instant('2024-07-01') = TIMESTAMPTZ '2024-06-30 22:00:00+00'": True,
    "as_instant(DATE '2024-07-01') = TIMESTAMPTZ '2024-06-30 22:00:00+00'": True,
    f"as_instant(TIMESTAMP '2024-07-01 12:00:00') = {INSTANT}": True,
    f"as_instant({INSTANT}) = {INSTANT}": True,
}
WITHOUT_A_ZONE = {
    "as_end(TIMESTAMPTZ '9999-12-31 00:00:00+00') = DATE '9999-12-31'": True,
    "as_end(TIMESTAMPTZ '9999-12-30 23:59:59+00')": None,
    "as_day('2024-07-01 23:30-05:00') = DATE '2024-07-01'": True,
    f"as_instant('2024-07-01 10:00') = {INSTANT}": True,
    "as_instant(DATE '2024-07-01') = TIMESTAMPTZ '2024-07-01 00:00:00+00'": True,
    f"as_instant(TIMESTAMP '2024-07-01 10:00:00') = {INSTANT}": True,
}
NUMBERS = {
    "as_number(' 5.5 ')": 5.5,
    "as_number('+.5e1')": 5.0,
    "as_number('5,5')": None,
    "as_number('1e999')": None,
    "as_number(5e0)": 5.0,
    "as_number(CAST('nan' AS DOUBLE))": None,
    "as_number(CAST('infinity' AS DOUBLE))": None,
    "comparator_in(' <5')": "<",
    "comparator_in('≤5')": "<=",
    "comparator_in('≥ 5')": ">=",
    "comparator_in('>=5')": ">=",
    "comparator_in('5')": None,
    "comparator_in('5 <')": None,
    "comparator_in(5e0)": None,
    "number_in(' < 5 ')": 5.0,
    "number_in('5')": 5.0,
    "number_in('≥5')": 5.0,
    "number_in('<')": None,
    "number_in(5e0)": 5.0,
    "number_in(CAST('infinity' AS DOUBLE))": None,
    "contradicts('<', '>')": True,
    "contradicts('<=', '>=')": True,
    "contradicts('<', '<=')": False,
    "contradicts('>', '>=')": False,
    "contradicts('>=', '<')": True,
    "contradicts('<', '>=')": True,
    "contradicts('<=', '>')": True,
    "contradicts('>', '<')": True,
    "contradicts('>', '<=')": True,
    "contradicts('>=', '<=')": True,
    "contradicts('<', '=')": False,
    "contradicts('=', '<')": False,
    "contradicts('~', '>')": False,
    "contradicts('<', NULL)": False,
    "contradicts(NULL, '<')": False,
    "weaker_of('<', '<=')": "<=",
    "weaker_of('<=', '<')": "<=",
    "weaker_of('>', NULL)": ">",
    "weaker_of(NULL, '>')": ">",
    "plausible_supply(1)": 1,
    "plausible_supply(0.9)": None,
    "plausible_supply(28.9)": 28,
    "plausible_supply(400)": 400,
    "plausible_supply(400.5)": None,
}
ORDERS = {
    "death_order(DATE '2024-06-30')": {"place": 0, "days": -19904},
    "death_order(DATE '2024-07-01')": {"place": 1, "days": 19905},
    "death_order(DATE 'infinity')": {"place": 1, "days": None},
    "death_order(NULL)": {"place": 2, "days": 0},
    "death_order(DATE '1900-01-01') < death_order(DATE '2024-07-01')": True,
    "death_order(DATE '2024-06-30') < death_order(DATE '2024-06-29')": True,
    "death_order(DATE '1960-01-01') < death_order(DATE '2024-07-01')": True,
    "death_order(DATE '2024-07-01') < death_order(DATE '2024-07-02')": True,
    "death_order(DATE '2024-07-02') < death_order(NULL)": True,
    "death_order(DATE 'infinity') < death_order(NULL)": True,
}
CODES = {
    "reason_words('Not  ANY-hép. x*')": ["not", "any", "hep", ".", "x*"],
    "reason_words('a * (b/c)!')": ["a", "*", "(", "b", "/", "c", ")", "!"],
    "spoken_reason('One* two')": " one  two ",
    "reason_pattern('one * two*')": "* one * two* *",
    "' not  any ' GLOB reason_pattern('not any')": True,
    "code_key('ICD-10-CM', 'k76.8.2')": "K7682",
    "code_key('X-ICD-', 'k7.2')": "k7.2",
    "code_key('name', 'A  B  C ')": "a b c ",
    "code_key('words', 'Not-any')": "not any",
    "code_key('LOINC', 'A  b.c')": "A  b.c",
    "name_words('Ä 1,5mg ' || chr(181) || 'g ' || chr(956) || 'G 2﹪')": ["a", "1,5", "mg", "ug", "ug", "2", "%"],
}
KEYS = """
SELECT * FROM (VALUES
    ('drug_exposures', 'statin', 'v', FALSE, '1'), ('drug_exposures', 'nsaid', 'v', FALSE, '1'),
    ('drug_exposures', 'statin', 'v', TRUE, 'a'), ('drug_exposures', 'statin', 'v', FALSE, 'b'),
    ('lab_results', 'alt', 'v', FALSE, '2'), ('drug_exposures', 'statin', 'name', FALSE, 'listed'),
    ('drug_exposures', 'statin', 'v', FALSE, 'e'), ('lab_results', 'ast', 'v', TRUE, 'c'),
    ('drug_exposures', 'nsaid', 'w', TRUE, 'd')
) AS rows (table_name, concept, vocabulary, is_prefix, key)
"""
DERIVED = """
SELECT * FROM (VALUES
    ('drug_exposures', 'v', '1', 'statin', 'omop'), ('drug_exposures', 'ICD-9', 'x.1', 'statin', 'omop'),
    ('drug_exposures', 'v', '3', 'nsaid', 'omop'), ('drug_exposures', 'v', '3', 'nsaid', 'brand'),
    ('drug_exposures', 'v', 'e', 'nsaid', 'omop'), ('drug_exposures', 'w', 'e', 'nsaid', 'omop'),
    ('lab_results', 'v', 'e', 'alt', 'omop'),
    ('drug_exposures', 'name', 'derived', 'nsaid', 'omop'), ('lab_results', 'v', '4', 'alt', 'omop'),
    ('drug_exposures', 'w', '5', 'alt', 'omop')
) AS rows (table_name, vocabulary, code, concept, matched_by)
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("warehouse")) as opened:
        opened.set("time_zone", "Europe/Berlin")
        opened.run("SET VARIABLE feed_end = DATE '2024-06-30'")
        opened.run(f"CREATE TABLE resolved.code_keys AS {KEYS}")
        opened.run(f"CREATE TABLE reference.derived_codes AS {DERIVED}")
        yield opened


def found(warehouse: Warehouse, expressions: dict[str, Any]) -> dict[str, Any]:
    """Return what each expression is."""
    return {expression: warehouse.rows(f"SELECT {expression}")[0][0] for expression in expressions}


@pytest.mark.parametrize(
    "cases", [TEXTS, DAYS, NUMBERS, ORDERS, CODES], ids=["texts", "days", "numbers", "orders", "codes"]
)
def test_a_reader_gives_this(warehouse: Warehouse, cases: dict[str, Any]) -> None:
    assert found(warehouse, cases) == cases


def test_without_a_zone_a_day_is_as_written_and_a_time_counts_as_utc(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as opened:
        assert found(opened, WITHOUT_A_ZONE) == WITHOUT_A_ZONE


def told(warehouse: Warehouse, asked: list[tuple[str, str, str]], *names: str) -> list[tuple[str, ...]]:
    """Return what codes (table_name, list, key) are told to be; the names are read as azathioprine."""
    warehouse.run("CREATE OR REPLACE TEMP TABLE asked (table_name VARCHAR, list VARCHAR, key VARCHAR)")
    warehouse.run("CREATE OR REPLACE TEMP TABLE names (key VARCHAR, concept VARCHAR)")
    for row in asked:
        warehouse.run("INSERT INTO asked VALUES (?, ?, ?)", row)
    for name in names:
        warehouse.run("INSERT INTO names VALUES (?, 'azathioprine')", [name])
    return sorted(warehouse.rows("SELECT table_name, list, key, concept, matched_by FROM told_codes(asked, names)"))


def test_a_code_means_what_its_list_says_and_what_stands_above_it(warehouse: Warehouse) -> None:
    keys = ("1", "2", "a", "ab", "ba", "b", "bc", "c1", "d1", "zz")
    rows = told(warehouse, [("drug_exposures", "v", key) for key in keys])
    expected = [("1", "nsaid"), ("1", "statin"), ("a", "statin"), ("ab", "statin"), ("b", "statin")]
    assert rows == [("drug_exposures", "v", key, concept, "list") for key, concept in expected]


def test_a_code_comes_once_for_the_code_itself_and_once_for_what_stands_above_it(warehouse: Warehouse) -> None:
    warehouse.run(
        "CREATE OR REPLACE TEMP TABLE asked AS SELECT 'drug_exposures' AS table_name, 'v' AS list, 'a' AS key"
    )
    assert warehouse.rows("SELECT table_name, list, key, concept FROM listed_codes(asked)") == [
        ("drug_exposures", "v", "a", "statin")
    ]


def test_a_code_on_no_list_means_what_the_source_derives_of_its_table_and_vocabulary(warehouse: Warehouse) -> None:
    asked = [("drug_exposures", "v", key) for key in ("1", "3", "4", "5")] + [("drug_exposures", "ICD-9", "X1")]
    assert [row for row in told(warehouse, asked) if row[4] != "list"] == [
        ("drug_exposures", "ICD-9", "X1", "statin", "omop"),
        ("drug_exposures", "v", "3", "nsaid", "brand"),
    ]


def test_a_code_on_a_list_is_left_to_it_and_the_same_text_elsewhere_is_another_code(warehouse: Warehouse) -> None:
    asked = [("drug_exposures", "v", "e"), ("drug_exposures", "w", "e"), ("lab_results", "v", "e")]
    assert told(warehouse, asked) == [
        ("drug_exposures", "v", "e", "statin", "list"),
        ("drug_exposures", "w", "e", "nsaid", "omop"),
        ("lab_results", "v", "e", "alt", "omop"),
    ]


def test_else_a_name_of_a_drug_means_what_the_rule_for_names_reads(warehouse: Warehouse) -> None:
    keys, tables = ("listed", "derived", "read", "other"), ("drug_exposures", "lab_results")
    asked = [(table, vocabulary, key) for table in tables for vocabulary in ("name", "v") for key in keys]
    assert told(warehouse, asked, "listed", "derived", "read") == [
        ("drug_exposures", "name", "derived", "nsaid", "omop"),
        ("drug_exposures", "name", "listed", "statin", "list"),
        ("drug_exposures", "name", "read", "azathioprine", "name"),
    ]
