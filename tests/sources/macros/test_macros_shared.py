"""The macros that mappings share (sql/sources/macros.sql), each by value, up to the edge at which it says otherwise."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from flows.warehouse import Warehouse
from tests.sources.macros import asked
from tests.tables import cells

TEXTS = {
    "several_codings()": "several codings",
    "local_text('a')": "a",
    "local_text(1.5::DOUBLE)": "1.5",
    "local_text(DATE '2024-07-01')": "2024-07-01",
    "local_text(TIMESTAMP '2024-07-01 10:00:00')": "2024-07-01 10:00:00",
    "local_text(TIMESTAMPTZ '2024-07-01 10:00:00+00')": "2024-07-01 12:00:00",
    "with_decimal('1,5', ',')": "1.5",
    "with_decimal('1.500', ',')": "1.500 (a point where commas are decimal)",
    "with_decimal('15', ',')": "15",
    "with_decimal(1.5::DOUBLE, ',')": 1.5,
    "concept_family('ascites')": "hepatic_decompensation",
    "concept_family('hepatic_failure')": "hepatic_decompensation",
    "concept_family('symptom_rash')": "symptom_rash",
    "is_not_done(' Not DONE ')": True,
    "is_not_done('pending')": False,
    "is_not_done('done')": False,
    "is_pending(' To Follow')": True,
    "is_pending('not done')": False,
    "is_liver('hepatotoxicity')": True,
    "is_liver('abnormal_lft')": True,
    "is_liver('rash')": False,
    "is_liver(NULL)": None,
    "stop_reason_of('DILI')": "hepatotoxicity",
    "stop_reason_of('ALT raised')": "abnormal_lft",
    "stop_reason_of('transaminitis')": "abnormal_lft",
    "stop_reason_of('DILI, ALT raised')": "hepatotoxicity",
    "stop_reason_of('no DILI')": "no dili",
    "stop_reason_of('ALT raised, now normal')": "alt raised, now normal",
    "stop_reason_of('ALT above the limit of normal')": "alt above the limit of normal",
    "stop_reason_of('ALT raised above upper limit of normal')": "abnormal_lft",
    "stop_reason_of('ALT')": "alt",
    "stop_reason_of('raised')": "raised",
    "stop_reason_of(' RASH ')": "rash",
    "stop_reason_of(' ')": None,
}
STRENGTHS = {
    "strength_in('Azathioprine 50 MG Oral Tablet')": 50.0,
    "strength_in('aza 25mg')": 25.0,
    "strength_in('aza 12,5 mg')": 12.5,
    "strength_in('aza 12.5 milligrams tab')": 12.5,
    "strength_in('aza 50 milligrammes')": 50.0,
    "strength_in('aza')": None,
    "strength_in('aza 50')": None,
    "strength_in('aza 50 mg 25 mg')": None,
    "strength_in('aza 1 g')": None,
    "strength_in('aza 500 mcg')": None,
    "strength_in('aza 50 mg/5 ml')": None,
    "strength_in('aza 50 mg + b')": None,
    "strength_in('aza 25-50 mg')": None,
    "strength_in('aza 2 x 50 mg')": None,
    "strength_in('aza 25 or 50 mg')": None,
    "strength_in('aza 1.000 mg')": None,
    "strength_in('aza 50 mg daily')": None,
    "strength_in('aza and b 50 mg')": None,
    "strength_in('aza 50 mg injection')": None,
}
AMOUNTS = {
    "is_apart(100, 99)": False,
    "is_apart(99, 100)": False,
    "is_apart(100, 98.9)": True,
    "is_apart(98.9, 100)": True,
    "is_apart(-99, -100)": False,
    "is_apart(-100, -99)": False,
    "is_apart(-100, 100)": True,
    "is_apart(0, 0)": False,
    "is_apart(NULL, 1)": False,
    "is_apart(1, NULL)": False,
    "is_other_tablet(25, NULL, 50)": True,
    "is_other_tablet(25, 75, 50)": True,
    "is_other_tablet(25, 50, 50)": False,
    "is_other_tablet(50, NULL, 50)": False,
    "is_other_tablet(50, 25, 50)": False,
    "is_other_tablet(NULL, NULL, 50)": False,
    "is_other_tablet(25, NULL, NULL)": False,
    "text_dose(100, 3, NULL, NULL, 50)": 100,
    "text_dose(NULL, 3, NULL, NULL, 50)": 150,
    "text_dose(NULL, 3, NULL, NULL, NULL)": None,
    "text_dose(100, 3, 25, NULL, 50)": None,
    "text_dose(100, 3, 25, 50, 50)": 100,
    "dose_note_of(TRUE, 50, NULL)": "contradicting_dose",
    "dose_note_of(TRUE, NULL, 'x')": "contradicting_dose",
    "dose_note_of(FALSE, NULL, 'x')": "unread_text",
    "dose_note_of(NULL, NULL, 'x')": "unread_text",
    "dose_note_of(FALSE, 50, 'x')": None,
    "dose_note_of(FALSE, NULL, NULL)": None,
    "positive_ratio(6, 3)": 2.0,
    "positive_ratio(0.5, 0.5)": 1.0,
    "positive_ratio(0, 3)": None,
    "positive_ratio(-1, 3)": None,
    "positive_ratio(6, 0)": None,
    "positive_ratio(6, -1)": None,
    "positive_ratio(-6, -3)": None,
    "positive_ratio(NULL, 3)": None,
    "positive_ratio(6, NULL)": None,
    "plausible_refills(0.9)": 0,
    "plausible_refills(1)": 1,
    "plausible_refills(2.9)": 2,
    "plausible_refills(52)": 52,
    "plausible_refills(52.5)": 0,
    "plausible_refills(NULL)": 0,
    "fills_of('order', 3)": 4,
    "fills_of('order', NULL)": 1,
    "fills_of('dispensing', 3)": 1,
    "fills_of(NULL, 3)": 1,
    "kind_of('order')": 1,
    "kind_of('dispensing')": 2,
    "kind_of('administration')": 3,
    "kind_of('reported')": 4,
    "kind_of('other')": None,
}
CODES = """
vocabulary | code          | concept
concept    | azathioprine  | azathioprine
 concept   | azathioprine  | azathioprine
name       | Imuran  50    | azathioprine
name       | other         |
name       | Near          |
ATC        | L04AX01       | azathioprine
ATC        | nothing       |
two        | A             |
one        | A             | mercaptopurine
"""
LISTED = """
table_name     | concept        | vocabulary | is_prefix | key
drug_exposures | azathioprine   | concept    | false     | azathioprine
drug_exposures | azathioprine   | ATC        | false     | L04AX01
lab_results    | alt            | ATC        | false     | nothing
drug_exposures | azathioprine   | two        | false     | A
drug_exposures | mercaptopurine | two        | false     | A
drug_exposures | mercaptopurine | one        | false     | A
"""
NAMES = """
key       | concept      | is_match
imuran 50 | azathioprine | true
near      | azathioprine | false
"""
# Each person is one story: the records of one drug, and what each is seen in.
RECORDS = """
person_id     | kind | record_type       | first_day  | last_day   | is_usable | seen_as
begins inside | 1    | order             | 2024-01-01 | 2024-01-31 | true      |
begins inside | 2    | dispensing        | 2024-01-01 | 2024-03-31 | true      | order
begins inside | 2    | dispensing        | 2024-01-31 | 2024-03-31 | true      | order
begins inside | 2    | dispensing        | 2024-02-01 | 2024-02-29 | true      |
begins inside | 3    | administration    | 2024-02-29 | 2024-02-29 | true      | dispensing
begins inside | 3    | administration    | 2024-03-31 | 2024-03-31 | true      |
begins inside | 4    | reported          | 2024-03-31 | 2024-04-30 | true      | administration
begins inside | 4    | reported          | 2024-04-01 | 2024-04-30 | true      |
holds one     | 4    | reported          | 2024-01-01 | 2024-02-01 | true      | order
holds one     | 1    | order             | 2024-02-01 | 2024-02-01 | true      |
holds none    | 4    | reported          | 2024-01-01 | 2024-01-31 | true      |
holds none    | 1    | order             | 2024-02-01 | 2024-02-01 | true      |
holds second  | 4    | reported          | 2024-01-01 | 2024-02-01 | true      | dispensing
holds second  | 2    | dispensing        | 2024-02-01 | 2024-02-01 | true      |
no second     | 4    | reported          | 2024-01-01 | 2024-01-31 | true      |
no second     | 2    | dispensing        | 2024-02-01 | 2024-02-01 | true      |
holds third   | 4    | reported          | 2024-01-01 | 2024-12-31 | true      |
holds third   | 3    | administration    | 2024-02-01 | 2024-02-01 | true      |
is narrow     | 2    | dispensing        | 2024-01-01 | 2024-12-31 | true      |
is narrow     | 1    | order             | 2024-02-01 | 2024-02-01 | true      |
runs on       | 2    | dispensing        | 2024-01-01 | 2250-01-01 | true      | order
runs on       | 1    | order             | 2024-02-01 | 2024-02-01 | true      |
runs long     | 2    | dispensing        | 2024-01-01 | 2249-12-31 | true      |
runs long     | 1    | order             | 2024-02-01 | 2024-02-01 | true      |
unusable      | 1    | order             | 2024-01-01 | 2024-01-31 | false     |
unusable      | 2    | dispensing        | 2024-01-02 | 2024-01-31 | false     |
unusable      | 3    | administration    | 2024-01-03 | 2024-01-31 | false     |
unusable      | 4    | reported          | 2024-01-04 | 2024-01-31 | true      |
ahead         | 4    | reported          | 2024-01-01 | 2024-12-31 | true      |
ahead         | 1    | order             | 2024-07-01 | 2024-12-31 | true      |
on the day    | 4    | reported          | 2024-01-01 | 2024-12-31 | true      | order
on the day    | 1    | order             | 2024-06-30 | 2024-12-31 | true      |
in turn       | 1    | order             | 2024-01-01 | 2024-01-10 | true      |
in turn       | 2    | dispensing        | 2024-01-10 | 2024-01-20 | true      | order
in turn       | 3    | administration    | 2024-01-20 | 2024-01-30 | true      |
in turn       | 4    | reported          | 2024-01-30 | 2024-02-28 | true      | administration
third in 1    | 1    | order             | 2024-01-01 | 2024-01-10 | true      |
third in 1    | 3    | administration    | 2024-01-10 | 2024-01-20 | true      | order
third in 1    | 4    | reported          | 2024-01-20 | 2024-02-28 | true      |
third in 2    | 2    | dispensing        | 2024-01-01 | 2024-01-10 | true      |
third in 2    | 3    | administration    | 2024-01-10 | 2024-01-20 | true      | dispensing
third in 2    | 4    | reported          | 2024-01-20 | 2024-02-28 | true      |
second wide   | 1    | order             | 2024-01-01 | 2024-01-10 | true      |
second wide   | 2    | dispensing        | 2024-01-10 | 2024-01-20 | true      | order
second wide   | 4    | reported          | 2024-01-11 | 2024-02-28 | true      |
unusable 2    | 2    | dispensing        | 2024-02-01 | 2024-02-10 | false     |
unusable 2    | 4    | reported          | 2024-01-01 | 2024-12-31 | true      |
unusable 1    | 1    | order             | 2024-02-01 | 2024-02-10 | false     |
unusable 1    | 4    | reported          | 2024-01-01 | 2024-12-31 | true      |
past first    | 1    | order             | 2024-01-01 | 2024-01-10 | true      |
past first    | 4    | reported          | 2024-01-11 | 2024-12-31 | true      |
past second   | 2    | dispensing        | 2024-01-01 | 2024-01-10 | true      |
past second   | 4    | reported          | 2024-01-11 | 2024-12-31 | true      |
same kind     | 1    | order             | 2024-01-01 | 2024-01-31 | true      |
same kind     | 1    | order             | 2024-01-02 | 2024-01-31 | true      |
same second   | 2    | dispensing        | 2024-01-01 | 2250-01-01 | true      |
same second   | 2    | dispensing        | 2024-01-02 | 2024-01-31 | true      |
same third    | 3    | administration    | 2024-01-01 | 2250-01-01 | true      |
same third    | 3    | administration    | 2024-01-02 | 2024-01-31 | true      |
worse begins  | 2    | dispensing        | 2024-01-01 | 2024-01-31 | true      |
worse begins  | 1    | order             | 2024-01-02 | 2024-01-31 | true      |
long before   | 1    | order             | 2024-01-01 | 2024-12-31 | true      |
long before   | 1    | order             | 2024-02-01 | 2024-02-10 | true      |
long before   | 2    | dispensing        | 2024-03-01 | 2024-03-31 | true      | order
no kind       | 1    | order             | 2024-01-01 | 2024-01-31 | true      |
no kind       |      | other             | 2024-01-02 | 2024-01-31 | true      |
no day        | 1    | order             | 2024-01-01 | 2024-01-31 | true      |
no day        | 2    | dispensing        |            | 2024-01-31 | true      |
              | 1    | order             | 2024-01-01 | 2024-01-31 | true      |
              | 2    | dispensing        | 2024-01-02 | 2024-01-31 | true      |
"""
# A site that believes dispensings first: an order that runs on is seen in them.
DISPENSED_FIRST = """
person_id    | kind | record_type       | first_day  | last_day   | is_usable | seen_as
order        | 2    | order             | 2024-01-01 | 2024-02-01 | true      | dispensing
order        | 1    | dispensing        | 2024-02-01 | 2024-02-01 | true      |
not order    | 2    | order             | 2024-01-01 | 2024-01-31 | true      |
not order    | 1    | dispensing        | 2024-02-01 | 2024-02-01 | true      |
request      | 3    | MedicationRequest | 2024-01-01 | 2024-02-01 | true      | dispensing
request      | 1    | dispensing        | 2024-02-01 | 2024-02-01 | true      |
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with asked.macros(tmp_path_factory.mktemp("work")) as opened:
        yield opened


@pytest.mark.parametrize("cases", [TEXTS, STRENGTHS, AMOUNTS], ids=["texts", "strengths", "amounts"])
def test_a_macro_says_this(warehouse: Warehouse, cases: dict[str, Any]) -> None:
    assert asked.found(warehouse, cases) == cases


def test_a_code_of_a_drug_means_one_thing_by_the_lists_or_by_the_rule_for_names(warehouse: Warehouse) -> None:
    expected = cells(CODES)
    warehouse.run("BEGIN")
    asked.hold(warehouse, "asked", expected)
    asked.hold(warehouse, "resolved.code_keys", cells(LISTED), is_prefix="BOOLEAN")
    asked.hold(warehouse, "source.drug_names", cells(NAMES), is_match="BOOLEAN")
    found = warehouse.rows("SELECT vocabulary, code, concept FROM drug_concepts(asked)")
    warehouse.run("ROLLBACK")
    told = {("two", "A", None)}  # what means two things comes, and means nothing
    rows = {tuple(given[name] for name in expected.header) for given, _ in expected.rows if given["concept"]}
    assert sorted(found, key=str) == sorted(rows | told, key=str)


def seen(warehouse: Warehouse, records: str, as_of: date | None = date(2024, 6, 30)) -> list[tuple[int, str]]:
    """Return which records are seen elsewhere, by their place in the table."""
    types = {"kind": "INTEGER", "first_day": "DATE", "last_day": "DATE", "is_usable": "BOOLEAN"}
    asked.hold(warehouse, "records", cells(records), **types)
    warehouse.run(
        "CREATE OR REPLACE VIEW asked_records AS "
        "SELECT * EXCLUDE (seen_as), 'azathioprine' AS concept, rowid + 1 AS row_number FROM records"
    )
    warehouse.set("as_of", as_of)
    return warehouse.rows("SELECT row_number, seen_as FROM seen_elsewhere(asked_records) ORDER BY row_number")


@pytest.mark.parametrize("records", [RECORDS, DISPENSED_FIRST], ids=["ordered first", "dispensed first"])
def test_a_record_is_seen_in_one_of_a_better_kind(warehouse: Warehouse, records: str) -> None:
    rows = [given for given, _ in cells(records).rows]
    expected = [(place, given["seen_as"]) for place, given in enumerate(rows, 1) if given["seen_as"]]
    assert seen(warehouse, records) == expected


def test_without_an_as_of_date_no_record_begins_after_it(warehouse: Warehouse) -> None:
    rows = [given for given, _ in cells(RECORDS).rows]
    [later] = [place for place, given in enumerate(rows, 1) if given["person_id"] == "ahead" and given["kind"] == "4"]
    assert (later, "order") in seen(warehouse, RECORDS, None)


def test_records_of_another_drug_or_of_none_cover_nothing(warehouse: Warehouse) -> None:
    warehouse.run(
        "CREATE OR REPLACE TABLE others AS SELECT 'p' AS person_id, concept, kind, 'order' AS record_type, "
        "DATE '2024-01-01' AS first_day, DATE '2024-02-01' AS last_day, TRUE AS is_usable "
        "FROM (VALUES ('azathioprine', 1), ('allopurinol', 2), (NULL, 1), (NULL, 2)) AS rows (concept, kind)"
    )
    assert warehouse.rows("SELECT * FROM seen_elsewhere(others)") == []
