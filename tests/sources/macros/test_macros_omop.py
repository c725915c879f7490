"""What the mappings of an OMOP CDM share (sql/sources/omop/macros.sql), each macro by value."""

from collections.abc import Iterator

import pytest

from flows.sources.omop import TABLES
from flows.warehouse import Warehouse
from tests.sources.macros import asked
from tests.tables import cells

IDS = {
    "has_concept('1')": True,
    "has_concept('0')": False,
    "has_concept('')": False,
    "has_concept(NULL)": None,
    "vocabulary_of('SNOMED')": "SNOMED CT",
    "vocabulary_of('ICD10CM')": "ICD-10-CM",
    "vocabulary_of('ICD9CM')": "ICD-9-CM",
    "vocabulary_of('CPT4')": "CPT",
    "vocabulary_of('LOINC')": "LOINC",
    "standard_tells('a', TRUE, TRUE)": True,
    "standard_tells('a', TRUE, FALSE)": True,
    "standard_tells('a', FALSE, TRUE)": False,
    "standard_tells('a', FALSE, FALSE)": True,
    "standard_tells('a', FALSE, NULL)": True,
    "standard_tells(NULL, NULL, TRUE)": False,
    "standard_tells(NULL, NULL, NULL)": False,
    "two_things('a', TRUE, 'b', TRUE)": True,
    "two_things('a', TRUE, 'a', TRUE)": False,
    "two_things('a', FALSE, 'b', TRUE)": False,
    "two_things('a', TRUE, 'b', FALSE)": False,
    "two_things('ascites', TRUE, 'hepatic_failure', TRUE)": False,
    "two_things(NULL, NULL, 'b', TRUE)": False,
    "two_things('a', TRUE, NULL, NULL)": False,
    "two_ids('1', '2')": "1 + 2",
    "two_ids('1', NULL)": "1",
    "first_concept('1', '2')": "1",
    "first_concept('0', '2')": "2",
    "first_concept(NULL, '2')": "2",
    "first_concept('0', '')": "0",
    "first_concept('', '0')": "",
    "is_unmapped('0', '0', 'x')": True,
    "is_unmapped(NULL, NULL, 'x')": True,
    "is_unmapped('1', '0', 'x')": False,
    "is_unmapped('0', '1', 'x')": False,
    "is_unmapped('0', '0', ' ')": False,
    "is_unmapped('0', '0', NULL)": False,
    "result_text(NULL, ' a ', 'b')": "a",
    "result_text(NULL, ' ', ' b ')": "b",
    "result_text(NULL, NULL, NULL)": None,
    "result_text(5, '5', ' <5 ')": "<5",
    "result_text(5, '5', '>5')": ">5",
    "result_text(5, '5', '≤5')": "≤5",
    "result_text(5, '5', '≥5')": "≥5",
    "result_text(5, '5', '5')": None,
    "result_text(5, '5', NULL)": None,
}
KEYS = """
table_name      | concept       | vocabulary | is_prefix | key
lab_results     | alt           | OMOP       | false     | 1
lab_results     | ast           | LOINC      | false     | l-1
lab_results     | ast           | LOINC      | false     | l-2
lab_results     | alt           | LOINC      | false     | l-3
lab_results     | ast           | LOINC      | false     | l-3
lab_results     | ast           | ICD-10-CM  | true      | K70
clinical_events | ascites       | OMOP       | false     | 1
clinical_events | ascites       | SNOMED CT  | false     | s-1
clinical_events | hepatic_failure | SNOMED CT | false    | s-1
"""
CONCEPTS = """
concept_id | vocabulary_id | concept_code
1          | LOINC         | l-1
2          | LOINC         | l-2
3          | LOINC         | l-3
4          | ICD10CM       | k70.1
5          | SNOMED        | s-1
6          | LOINC         | l-9
"""
DERIVED = """
table_name      | vocabulary | code | concept | matched_by
lab_results     | OMOP       | 2    | ggt     | ancestor
lab_results     | OMOP       | 6    | ggt     | ancestor
lab_results     | local      | 7    | ggt     | ancestor
clinical_events | OMOP       | 8    | ascites | ancestor
"""
STRENGTHS = """
drug | ingredient | amount | amount_unit | numerator | numerator_unit | denominator | denominator_unit | invalid
mg   | a          | 50     | mg          |           |                |             |                  |
g    | a          | 2      | g           |           |                |             |                  |
ml   | a          |        |             | 10        | mg             |             | ml               |
1 ml | a          |        |             | 10        | mg             | 1           | ml               |
5 ml | a          |        |             | 50        | mg             | 5           | ml               |
h    | a          |        |             | 10        | mg             | 1           | h                |
none | a          | 0      | mg          | 10        | mg             | 1           | ml               |
unit | a          | 50     | ?           |           |                |             |                  |
two  | a          | 50     | mg          |           |                |             |                  |
two  | b          | 25     | mg          |           |                |             |                  |
same | a          | 50     | mg          |           |                |             |                  |
same | a2         | 25     | mg          |           |                |             |                  |
old  | a          | 50     | mg          |           |                |             |                  |
old  | a          | 75     | mg          |           |                |             |                  | D
gone | a          | 75     | mg          |           |                |             |                  | D
both | a          | 50     | mg          |           |                |             |                  |
both | a          | 75     | mg          |           |                |             |                  |
twice| a          | 50     | mg          |           |                |             |                  |
twice| a          | 50     | mg          |           |                |             |                  |
half | a          | 50     | mg          |           |                |             |                  |
half | a          | 50     | ?           |           |                |             |                  |
else | c          | 50     | mg          |           |                |             |                  |
"""
UNITS = """
concept_id | field       | meaning
mg         | milligrams  | 1
g          | milligrams  | 1000
ml         | millilitres | 1
mg         | other       | 7
in         | stay        |
er         | visit       |
"""
INGREDIENTS = """
table_name     | concept | vocabulary | is_prefix | key
drug_exposures | A       | OMOP       | false     | a
drug_exposures | A       | OMOP       | false     | a2
drug_exposures | B       | OMOP       | false     | b
lab_results    | C       | OMOP       | false     | c
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with asked.macros(tmp_path_factory.mktemp("work"), "omop", TABLES) as opened:
        yield opened


@pytest.fixture
def coded(warehouse: Warehouse) -> Iterator[Warehouse]:
    """Let the lists, the vocabulary and what is derived of it be those above, and no longer."""
    warehouse.run("BEGIN")
    asked.hold(warehouse, "resolved.code_keys", cells(KEYS), is_prefix="BOOLEAN")
    asked.hold(warehouse, "source.concept", cells(CONCEPTS))
    asked.hold(warehouse, "reference.derived_codes", cells(DERIVED))
    yield warehouse
    warehouse.run("ROLLBACK")


def test_a_macro_says_this(warehouse: Warehouse) -> None:
    assert asked.found(warehouse, IDS) == IDS


def test_the_lists_know_a_concept_by_its_id_and_by_its_code(coded: Warehouse) -> None:
    found = coded.rows("SELECT concept_id, rank, concept, vocabulary, code FROM omop_listed('lab_results')")
    assert sorted(found) == [
        ("1", 1, "alt", "OMOP", "1"),
        ("1", 2, "ast", "LOINC", "l-1"),
        ("2", 2, "ast", "LOINC", "l-2"),
        ("3", 2, "alt", "LOINC", "l-3"),
        ("3", 2, "ast", "LOINC", "l-3"),
        ("4", 2, "ast", "ICD-10-CM", "k70.1"),
    ]


def test_a_concept_means_what_its_id_does_else_its_code_else_what_is_derived(coded: Warehouse) -> None:
    found = coded.rows(
        "SELECT concept_id, concept, vocabulary, code, is_listed, is_contradictory FROM omop_meanings('lab_results')"
    )
    assert sorted(found) == [
        ("1", "alt", "OMOP", "1", True, True),
        ("2", "ast", "LOINC", "l-2", True, False),
        ("3", "alt", "LOINC", "l-3", True, True),
        ("4", "ast", "ICD-10-CM", "k70.1", True, False),
        ("6", "ggt", "OMOP", "6", False, False),
    ]


def test_two_signs_of_one_failure_contradict_nothing(coded: Warehouse) -> None:
    found = coded.rows("SELECT concept_id, concept, is_listed, is_contradictory FROM omop_meanings('clinical_events')")
    assert sorted(found) == [
        ("1", "ascites", True, False),
        ("5", "ascites", True, False),
        ("8", "ascites", False, False),
    ]


def test_a_strength_is_milligrams_of_one_unit_where_that_is_clear(warehouse: Warehouse) -> None:
    warehouse.run("BEGIN")
    asked.hold(warehouse, "stated", cells(STRENGTHS))
    warehouse.run(
        "CREATE OR REPLACE TABLE source.drug_strength AS "
        "SELECT drug AS drug_concept_id, ingredient AS ingredient_concept_id, amount AS amount_value, "
        "amount_unit AS amount_unit_concept_id, numerator AS numerator_value, "
        "numerator_unit AS numerator_unit_concept_id, denominator AS denominator_value, "
        "denominator_unit AS denominator_unit_concept_id, invalid AS invalid_reason FROM stated"
    )
    asked.hold(warehouse, "reference.omop_concepts", cells(UNITS))
    asked.hold(warehouse, "resolved.code_keys", cells(INGREDIENTS), is_prefix="BOOLEAN")
    asked.hold(warehouse, "source.concept", cells("concept_id | vocabulary_id | concept_code\n9 | x | x\n"))
    asked.hold(warehouse, "reference.derived_codes", cells(DERIVED))
    found = warehouse.rows("SELECT drug_concept_id, concept, mg, ingredient_count FROM omop_strengths()")
    warehouse.run("ROLLBACK")
    assert sorted(found, key=str) == sorted(
        [
            ("mg", "A", 50, 1), ("g", "A", 2000, 1), ("ml", "A", 10, 1), ("1 ml", "A", 10, 1), ("5 ml", "A", None, 1),
            ("h", "A", None, 1), ("none", "A", 10, 1), ("unit", "A", None, 1), ("two", "A", 50, 2), ("two", "B", 25, 2),
            ("same", "A", None, 2), ("old", "A", 50, 1), ("gone", "A", 75, 1), ("both", "A", None, 1),
            ("twice", "A", 50, 1), ("half", "A", None, 1), ("else", None, 50, 1),
        ],
        key=str,
    )  # fmt: skip


def test_a_stay_is_a_visit_of_the_listed_concepts_and_what_is_below_them(warehouse: Warehouse) -> None:
    warehouse.run("BEGIN")
    asked.hold(warehouse, "reference.omop_concepts", cells(UNITS))
    below = "ancestor_concept_id | descendant_concept_id\nin | in\nin | below\nin | \ner | other\n"
    asked.hold(warehouse, "source.concept_ancestor", cells(below))
    found = warehouse.rows("SELECT concept_id FROM omop_stays()")
    warehouse.run("ROLLBACK")
    assert sorted(found) == [("below",), ("in",)]
