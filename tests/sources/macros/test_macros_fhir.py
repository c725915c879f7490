"""The readers of FHIR's types (sql/sources/fhir/macros.sql), each by value, up to where it reads otherwise."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from flows.warehouse import Warehouse
from tests.sources.macros import asked

IDS = {
    "reference_id('Patient/1', 'Patient')": "1",
    "reference_id('Patient/1/_history/3', 'Patient')": "1",
    "reference_id('https://host/fhir/Patient/1', 'Patient')": "1",
    "reference_id('https://host/fhir/Patient/1/_history/3', 'Patient')": "1",
    "reference_id('urn:uuid:1-2', 'Patient')": "1-2",
    "reference_id('urn:oid:1.2', 'Patient')": "1.2",
    "reference_id('urn:other:1.2', 'Patient')": None,
    "reference_id('urn:uuid:', 'Patient')": None,
    "reference_id('Group/1', 'Patient')": None,
    "reference_id('https://host/Group/1', 'Patient')": None,
    "reference_id('Patient/', 'Patient')": None,
    "reference_id('Patient/#1', 'Patient')": None,
    "reference_id('Patient/1?x', 'Patient')": None,
    "reference_id('Patient?name=x', 'Patient')": None,
    "reference_id('#1', 'Patient')": None,
    "reference_id('1', 'Patient')": None,
    "reference_id('MyPatient/1', 'Patient')": None,
    "reference_id('Patients/1', 'Patient')": None,
    "reference_id(NULL, 'Patient')": None,
}
DAYS = {
    "placed_by('2024', '2024-03-05')": "2024-03-05",
    "placed_by('2024-03', '2024-03-05T10:00:00Z')": "2024-03-05T10:00:00Z",
    "placed_by('2024-03', '2024-04-05')": "2024-03",
    "placed_by('2024', '2023-04-05')": "2024",
    "placed_by('2024', '2024-04')": "2024",
    "placed_by('2024-03-01', '2024-03-01-05')": "2024-03-01",
    "placed_by('2024', NULL)": "2024",
    "placed_by(NULL, '2024-03-05')": None,
    "quick_day('2024-07-01') = DATE '2024-07-01'": True,
    "quick_day('2024-07-01T23:30:00') = DATE '2024-07-01'": True,
    "quick_day('2024-07-01T23:30:00Z') = DATE '2024-07-02'": True,
    "quick_day('1900-01-01') = DATE '1900-01-01'": True,
    "quick_day('1899-12-31')": None,
    "quick_day('1900-01-02T00:00:00Z') = DATE '1900-01-02'": True,
    "quick_day('1900-01-01T23:59:59Z')": None,
    "quick_day('2024-07')": None,
    "quick_day('2024-7-1')": None,
    "quick_day('2024-07-41')": None,
    "quick_day('2024-07-41T10:00:00Z')": None,
    "first_day_in('2024') = DATE '2024-01-01'": True,
    "first_day_in('2024-02') = DATE '2024-02-01'": True,
    "first_day_in('2024-13')": None,
    "first_day_in('2024-02-01')": None,
    "last_day_in('2024') = DATE '2024-12-31'": True,
    "last_day_in('2024-02') = DATE '2024-02-29'": True,
    "last_day_in('2024-13')": None,
    "last_day_in('2024-02-01')": None,
}
VOCABULARIES = {
    None: "local",
    "http://loinc.org": "LOINC",
    "https://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://snomed.info/sct/900000000000207008": "SNOMED CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED CT",
    "http://snomed.info/sctx": "http://snomed.info/sctx",
    "x http://snomed.info/sct/": "x http://snomed.info/sct/",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "urn:oid:2.16.840.1.113883.6.73": "ATC",
    "https://dmd.nhs.uk": "dm+d",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://terminology.hl7.org/CodeSystem/icd9cm": "ICD-9-CM",
    "urn:oid:2.16.840.1.113883.6.103": "ICD-9-CM",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "urn:oid:2.16.840.1.113883.6.12": "CPT",
    "urn:rechallenge:concept": "concept",
    "http://a.site/own": "http://a.site/own",
}
QUANTITIES = {
    "unit_of('http://unitsofmeasure.org', 'U/L', 'units')": "U/L",
    "unit_of('http://unitsofmeasure.org', ' ', 'units')": "units",
    "unit_of('http://unitsofmeasure.org', NULL, ' units ')": "units",
    "unit_of('own', 'U/L', 'units')": "units",
    "unit_of('own', ' U/L', ' ')": "U/L",
    "unit_of(NULL, 'U/L', NULL)": "U/L",
    "unit_of(NULL, NULL, NULL)": None,
    "number_of_range('7', '56')": "7-56",
    "number_of_range('7', NULL)": ">=7",
    "number_of_range(NULL, '56')": "<=56",
    "number_of_range('7', '7.0')": "7",
    "number_of_range('a', 'b')": "a-b",
    "number_of_range(NULL, NULL)": None,
    "range_limit(5, 'U/L', 'ukat/L')": None,
    "range_limit(5, 'U/L', 'IU/L')": 5,
    "range_limit(5, 'U/L', 'mg/dL')": None,
    "range_limit(5, NULL, 'U/L')": 5,
    "range_limit(5, 'U/L', NULL)": 5,
    "mg_of('5', 'MG')": 5.0,
    "mg_of('5', 'milligram')": 5.0,
    "mg_of('5', 'milligrams')": 5.0,
    "mg_of('5', 'g')": 5000.0,
    "mg_of('5', 'Gram')": 5000.0,
    "mg_of('5', 'grams')": 5000.0,
    "mg_of('5', 'ug')": 0.005,
    "mg_of('5', 'MCG')": 0.005,
    "mg_of('5', chr(181) || 'g')": 0.005,
    "mg_of('5', chr(956) || 'g')": 0.005,
    "mg_of('5', 'microgram')": 0.005,
    "mg_of('5', 'micrograms')": 0.005,
    "mg_of('5', 'ml')": None,
    "mg_of('5', NULL)": None,
    "mg_of('a', 'mg')": None,
    "mg_of('a', 'g')": None,
    "mg_of('a', 'ug')": None,
    "pieces_of('2', 'TABLET(s)')": 2.0,
    "pieces_of('2', '{tbl}')": 2.0,
    "pieces_of('2', 'caps')": 2.0,
    "pieces_of('2', 'pill')": 2.0,
    "pieces_of('2', 'tablet of 50 mg')": None,
    "pieces_of('2', NULL)": None,
    "pieces_of('a', 'tablet')": None,
    "is_one(['a', 'a'])": True,
    "is_one(['a', 'b'])": False,
    "is_one(['a', NULL])": False,
    "is_one([NULL])": False,
    "is_one(CAST([] AS VARCHAR[]))": False,
}
DURATIONS = {
    **dict.fromkeys(("d", "Day", "days"), 1.0),
    **dict.fromkeys(("wk", "week", "WEEKS"), 7.0),
    **dict.fromkeys(("mo", "MONTH", "months"), 30.0),
    **dict.fromkeys(("a", "year", "Years"), 365.0),
    **dict.fromkeys(("h", "hour", "HOURS"), 1 / 24),
    "MIN": 1 / 1440,
    "s": 1 / 86400,
    "fortnight": None,
}
# Each text with its lower limit, its upper limit and its unit.
RANGES: dict[str, tuple[float | None, float | None, str | None]] = {
    "7-56": (7, 56, None),
    " 7.5 - 56.5 U/L ": (7.5, 56.5, "u/l"),
    "7 to 56 U/L": (7, 56, "u/l"),
    "7 \N{EN DASH} 56": (7, 56, None),
    "7—56": (7, 56, None),
    "7 \N{MINUS SIGN} 56": (7, 56, None),
    "<45": (None, 45, None),
    "<= 45": (None, 45, None),
    "≤45 U/L": (None, 45, "u/l"),
    "Up to  40": (None, 40, None),
    "less than 40": (None, 40, None),
    "lower than 40": (None, 40, None),
    "below 40": (None, 40, None),
    "under 40": (None, 40, None),
    "at most 40": (None, 40, None),
    ">10": (10, None, None),
    ">= 10": (10, None, None),
    "≥10": (10, None, None),
    "greater than 10": (10, None, None),
    "more than 10": (10, None, None),
    "higher than 10": (10, None, None),
    "above 10": (10, None, None),
    "over 10": (10, None, None),
    "at least 10": (10, None, None),
    "from 10": (10, None, None),
    "7-56, 8-60": (None, None, None),
    "7-56 (men)": (7, 56, "(men)"),
    "7-56-9": (None, None, None),
    "normal": (None, None, None),
}


TEXTS = (
    "valueQuantity_value", "valueQuantity_system", "valueQuantity_code", "valueQuantity_unit", "valueInteger",
    "valueString", "valueBoolean", "valueTime", "valueDateTime", "valuePeriod", "valueSampledData",
)  # fmt: skip
PARTS = ("valueCodeableConcept", "valueRange", "valueRatio")
OBSERVED: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({}, None, None),
    ({"valueQuantity_value": " 5 ", "valueInteger": "6", "valueQuantity_unit": "U/L"}, "5", "U/L"),
    ({"valueQuantity_value": " ", "valueInteger": "6", "valueString": "7"}, "6", None),
    ({"valueString": " 7 ", "valueCodeableConcept": {"text": "x"}}, "7", None),
    ({"valueCodeableConcept": {"text": "x"}, "valueRange": {"low": {"value": 7}}}, "x", None),
    ({"valueRange": {"low": {"value": 7}}, "valueRatio": {"numerator": {"value": 1}}}, ">=7", None),
    ({"valueRange": {"high": {"value": 9, "unit": "U/L"}}}, "<=9", "U/L"),
    ({"valueRange": {"low": {"value": 7, "unit": "U/L"}, "high": {"value": 9, "unit": "mg"}}}, "7-9", "U/L"),
    ({"valueRange": {"low": {"value": 7, "code": "g"}, "high": {"value": 9, "code": "mg"}}}, "7-9", "g"),
    ({"valueRange": {"high": {"value": 9, "code": "mg"}}}, "<=9", "mg"),
    (
        {
            "valueRange": {
                "low": {"value": 7, "system": "own", "code": "g", "unit": "gram"},
                "high": {"value": 9, "system": "http://unitsofmeasure.org", "code": "mg", "unit": "milligram"},
            }
        },
        "7-9",
        "gram",
    ),
    (
        {"valueRange": {"high": {"value": 9, "system": "http://unitsofmeasure.org", "code": "mg", "unit": "x"}}},
        "<=9",
        "mg",
    ),
    ({"valueQuantity_code": "U/L", "valueQuantity_system": "own", "valueQuantity_unit": "units"}, None, "units"),
    ({"valueQuantity_code": "U/L", "valueQuantity_system": "http://unitsofmeasure.org"}, None, "U/L"),
    ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 80}}, "valueBoolean": "true"}, "1:80", None),
    ({"valueRatio": {"numerator": {"value": 1}}}, "1:", None),
    ({"valueRatio": {"denominator": {"value": 80}}, "valueBoolean": "true"}, "true", None),
    ({"valueBoolean": "true", "valueTime": "10:00"}, "true", None),
    ({"valueTime": "10:00", "valueDateTime": "2024"}, "10:00", None),
    ({"valueDateTime": "2024", "valuePeriod": "{}"}, "2024", None),
    ({"valuePeriod": "{}", "valueSampledData": "[]"}, "from {}", None),
    ({"valueSampledData": "[]"}, "sampled []", None),
]
WORDS: list[tuple[dict[str, Any], str | None]] = [
    ({"text": " a ", "coding": [{"display": "b"}]}, "a"),
    ({"text": " ", "coding": [{"display": " b ", "code": "c"}]}, "b"),
    ({"coding": [{"code": "c", "system": "s"}]}, "s|c"),
    ({"coding": [{"code": "c"}]}, "|c"),
    ({"coding": [{"system": "s"}]}, None),
]
MG, TABLET = {"value": 50, "unit": "mg"}, {"value": 1}
# The ingredients of a medication, with the milligrams in one tablet.
INGREDIENTS: list[tuple[list[dict[str, Any]], float | None]] = [
    ([{"strength": {"numerator": MG}}], 50.0),
    ([{"strength": {"numerator": {"value": 50, "unit": "x", "code": "mg"}}}], 50.0),
    ([{"strength": {"numerator": {"value": 50, "unit": "mg", "code": "x"}}}], None),
    ([{"strength": {"numerator": MG, "denominator": TABLET}}], 50.0),
    ([{"strength": {"numerator": MG, "denominator": {"value": 2}}}], None),
    ([{"strength": {"numerator": MG, "denominator": {"value": 0}}}], None),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"code": "1"}}}], 50.0),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"code": "1", "unit": "ml"}}}], 50.0),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"code": "TAB"}}}], 50.0),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"code": "x", "unit": "tablet"}}}], 50.0),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"code": "mL"}}}], None),
    ([{"strength": {"numerator": MG, "denominator": TABLET | {"unit": "mL"}}}], None),
    ([{"strength": {"numerator": MG}}] * 2, None),
    ([], None),
]
FLAGS = {
    "is_reported('true', NULL)": True,
    "is_reported('false', NULL)": False,
    "is_reported(NULL, NULL)": False,
    "is_reported(NULL, '{}')": False,
    "is_reported(NULL, 'null')": False,
    """is_reported(NULL, '{"display": "x"}')""": True,
    """is_reported('false', '{"display": "x"}')""": True,
    """concept_of('[{"itemCodeableConcept": {"text": "x"}}]'::JSON)""": '{"text":"x"}',
    """concept_of('[{"itemCodeableConcept": {"text": "x"}}, {}]'::JSON)""": None,
    """concept_of('[]'::JSON)""": None,
    """is_inpatient('{"code": "imp"}')""": True,
    """is_inpatient('[{"coding": [{"code": "acute"}]}]')""": True,
    """is_inpatient('"IMP"')""": True,
    """is_inpatient('"imp"')""": True,
    """is_inpatient('{"code": "AMB"}')""": False,
    """is_inpatient('[{"coding": [{"code": "AMB"}]}, {"coding": [{"code": "IMP"}]}]')""": False,
    """absent_codes('{"coding": [{"code": "a"}, {"code": "b"}]}'::JSON)""": ["a", "b"],
    "absent_codes(CAST(NULL AS JSON))": [],
    """absent_words('{"text": "a", "coding": [{"display": "b"}, {"display": "c"}]}'::JSON)""": ["a", "b", "c"],
    "absent_words(CAST(NULL AS JSON))": [None],
    "is_absent(CAST(NULL AS JSON))": False,
    """is_absent('{"coding": [{"code": "unknown"}]}'::JSON)""": False,
    """is_absent('{"text": "Not done"}'::JSON)""": True,
    """is_absent('{"coding": [{"display": "Test cancelled"}]}'::JSON)""": True,
    """is_absent('{"text": "pending"}'::JSON)""": False,
    "is_awaited(CAST(NULL AS JSON))": False,
    """is_awaited('{"coding": [{"code": "unknown"}]}'::JSON)""": False,
    """is_awaited('{"coding": [{"code": "temp-unknown"}]}'::JSON)""": True,
    """is_awaited('{"coding": [{"code": "pending"}]}'::JSON)""": True,
    """is_awaited('{"text": "Pending"}'::JSON)""": True,
    """is_awaited('{"text": "not done"}'::JSON)""": False,
    """as_concept('{"coding": [{"system": "s", "code": "c", "display": "d"}], "text": "t"}'::JSON)""": {
        "coding": [{"system": "s", "code": "c", "display": "d"}],
        "text": "t",
    },
    """contained_in('[{"id": "a", "code": {"text": "x"}}, {"id": "b", "ingredient": []}]'::JSON, '#a')""": {
        "id": "a",
        "code": '{"text":"x"}',
        "ingredient": None,
    },
    """contained_in('[{"id": "a"}]'::JSON, 'a')""": None,
}
ABSENT = ("not-performed", "not-asked", "error", "asked-declined", "not-applicable", "unsupported")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with asked.macros(tmp_path_factory.mktemp("work"), "fhir") as opened:
        yield opened


@pytest.mark.parametrize("cases", [IDS, DAYS, QUANTITIES, FLAGS], ids=["ids", "days", "quantities", "flags"])
def test_a_macro_says_this(warehouse: Warehouse, cases: dict[str, Any]) -> None:
    assert asked.found(warehouse, cases) == cases


def said(warehouse: Warehouse, expression: str, *values: object) -> Any:
    """Return the value of an expression of parameters."""
    return warehouse.rows(f"SELECT {expression}", values)[0][0]


def test_a_system_is_a_vocabulary_of_the_contract(warehouse: Warehouse) -> None:
    found = {system: said(warehouse, "vocabulary_of(CAST(? AS VARCHAR))", system) for system in VOCABULARIES}
    assert found == VOCABULARIES


def test_a_duration_is_days(warehouse: Warehouse) -> None:
    found = {unit: said(warehouse, "days_of('2', ?) / 2", unit) for unit in DURATIONS}
    assert found == pytest.approx(DURATIONS)
    assert said(warehouse, "days_of('a', 'd')") is None


def test_a_text_states_limits_and_their_unit(warehouse: Warehouse) -> None:
    found = {
        text: tuple(
            said(warehouse, f"{macro}(CAST(? AS VARCHAR))", text) for macro in ("low_in", "high_in", "range_unit_in")
        )
        for text in RANGES
    }
    assert found == RANGES


@pytest.mark.parametrize(("given", "value", "unit"), OBSERVED)
def test_an_observation_has_a_value_and_a_unit(
    warehouse: Warehouse, given: dict[str, Any], value: str | None, unit: str | None
) -> None:
    names = [f"{name} := CAST(? AS VARCHAR)" for name in TEXTS] + [f"{name} := CAST(? AS JSON)" for name in PARTS]
    values = [given.get(name) for name in TEXTS] + [
        json.dumps(given[name]) if name in given else None for name in PARTS
    ]
    one = f"FROM (SELECT struct_pack({', '.join(names)}) AS o)"
    assert warehouse.rows(f"SELECT observed_value(o), observed_unit(o) {one}", values) == [(value, unit)]


def test_a_concept_speaks_in_words(warehouse: Warehouse) -> None:
    for concept, words in WORDS:
        assert said(warehouse, "words_of(CAST(? AS JSON))", json.dumps(concept)) == words, concept


def test_a_medication_of_one_ingredient_may_say_its_strength(warehouse: Warehouse) -> None:
    for ingredients, mg in INGREDIENTS:
        assert said(warehouse, "strength_of(CAST(? AS JSON))", json.dumps(ingredients)) == mg, ingredients


@pytest.mark.parametrize("code", ABSENT)
def test_a_code_says_that_there_is_no_value(warehouse: Warehouse, code: str) -> None:
    assert said(warehouse, "is_absent(CAST(? AS JSON))", json.dumps({"coding": [{"code": code}]}))
