"""measurement: which analyte, which value, which unit."""

from pathlib import Path
from typing import Any

from tests.sources import look
from tests.sources.omop.cdm import coded, labs, read

ALT, AST, LOCAL = "3006923", "3013721", "2000000001"
CONCEPTS = [
    {"concept_id": LOCAL, "vocabulary_id": "LOINC", "concept_code": "1920-8"},
    {"concept_id": "5", "vocabulary_id": "LOINC", "concept_code": "no"},
]


def change(standard: str = "0", source: str = "0", value: str = "") -> dict[str, str]:
    return {
        "measurement_concept_id": standard,
        "measurement_source_concept_id": source,
        "measurement_source_value": value,
    }


def test_the_code_that_the_lists_know_wins(tmp_path: Path) -> None:
    expected = [
        (change(ALT), ("OMOP", ALT)),
        (change(ALT, "5", "1920-8"), ("OMOP", ALT)),
        (change(LOCAL), ("LOINC", "1920-8")),
        (change("0", AST), ("OMOP", AST)),
        (change("6", LOCAL), ("LOINC", "1920-8")),
        (change("6", "5", "1742-6"), ("LOINC", "1742-6")),
        (change("0", "0", "1742-6"), ("LOINC", "1742-6")),
        (change("6", "5", "ALT"), ("OMOP", "6")),
        (change("0", "5", "ALT"), ("OMOP", "5")),
        (change("0", "0", "GPT (37 C)"), ("OMOP source", "GPT (37 C)")),
        (change("", "", "GPT (37 C)"), ("OMOP source", "GPT (37 C)")),
        (change("0", "0", " "), ("OMOP", "0")),
        (change("", "", ""), ("OMOP", None)),
    ]
    rows = labs(tmp_path, [one for one, _ in expected], concept=CONCEPTS)
    assert [coded(row) for row in rows] == [told for _, told in expected]


def test_codes_that_contradict_each_other_are_rejected(tmp_path: Path) -> None:
    wrong = {"concept_id": ALT, "vocabulary_id": "LOINC", "concept_code": "1920-8"}
    with read(
        tmp_path / "a",
        measurement=[
            {"measurement_id": str(number)} | one
            for number, one in enumerate([change(ALT, AST), change(ALT, ALT), change(ALT, LOCAL)], start=1)
        ],
        concept=CONCEPTS,
    ) as received:
        assert [row["source_id"] for row in look.rejects(received)] == ["1", "3"]
        assert {row["reason"] for row in look.rejects(received)} == {"contradicting_codes"}
        assert len(look.rows(received, "lab_results")) == 1
    with read(tmp_path / "b", measurement=[change(ALT)], concept=[wrong]) as received:
        assert [row["reason"] for row in look.rejects(received)] == ["contradicting_codes"]


VALUES: list[tuple[dict[str, str], tuple[float | None, str | None]]] = [
    ({"value_as_number": "55"}, (55.0, None)),
    ({"value_as_number": "55", "operator_concept_id": "4171756"}, (55.0, "<")),
    ({"value_as_number": "55", "operator_concept_id": "4171754"}, (55.0, "<=")),
    ({"value_as_number": "55", "operator_concept_id": "4172704"}, (55.0, ">")),
    ({"value_as_number": "55", "operator_concept_id": "4171755"}, (55.0, ">=")),
    ({"value_as_number": "55", "operator_concept_id": "4172703"}, (55.0, None)),
    ({"value_as_number": "55", "operator_concept_id": ""}, (55.0, None)),
    # What an ETL left in the value of the source.
    ({"value_as_number": "", "value_source_value": "<5"}, (5.0, "<")),
    ({"value_as_number": "", "value_source_value": " 54 "}, (54.0, None)),
    ({"value_as_number": "", "value_source_value": "≥ 400"}, (400.0, ">=")),
    ({"value_as_number": "", "value_source_value": "≤5"}, (5.0, "<=")),
    ({"value_as_number": "5", "value_source_value": "<5"}, (5.0, "<")),
    ({"value_as_number": "5", "value_source_value": "> 5"}, (5.0, ">")),
    ({"value_as_number": "5", "value_source_value": "≤5"}, (5.0, "<=")),
    ({"value_as_number": "5", "value_source_value": "≥5"}, (5.0, ">=")),
    ({"value_as_number": "5", "value_source_value": "5 (<40)"}, (5.0, None)),
    # An ETL writes = by default: it says nothing against a sign. Any other operator tells before the sign.
    ({"value_as_number": "5", "value_source_value": "<5", "operator_concept_id": "4172703"}, (5.0, "<")),
    ({"value_as_number": "400", "value_source_value": ">400", "operator_concept_id": "4172703"}, (400.0, ">")),
    ({"value_as_number": "", "value_source_value": ">400", "operator_concept_id": "4172703"}, (400.0, ">")),
    ({"value_as_number": "400", "value_source_value": ">400", "operator_concept_id": "4171755"}, (400.0, ">=")),
    ({"value_as_number": "400", "value_source_value": "400", "operator_concept_id": "4172703"}, (400.0, None)),
    ({"value_as_number": "<5"}, (5.0, "<")),
    ({"value_as_number": ""}, (None, None)),
]


def test_value_and_comparator(tmp_path: Path) -> None:
    rows = labs(tmp_path, [one for one, _ in VALUES])
    assert [(row["value"], row["comparator"]) for row in rows] == [told for _, told in VALUES]


def test_an_operator_against_the_sign_of_the_source_is_rejected(tmp_path: Path) -> None:
    below, above = ("4171756", "4171754"), ("4172704", "4171755")
    given = [(one, sign) for one in (*below, *above, "4172703") for sign in ("<", "≤", ">", "≥")]
    rows = [
        {
            "measurement_id": f"{place:02}",
            "value_as_number": "320",
            "operator_concept_id": operator,
            "value_source_value": f"{sign}320",
        }
        for place, (operator, sign) in enumerate(given)
    ]
    against = {
        f"{place:02}"
        for place, (operator, sign) in enumerate(given)
        if (operator in below and sign in ">≥") or (operator in above and sign in "<≤")
    }
    serology = rows[2] | change("3019510") | {"measurement_id": "90"}
    with read(tmp_path, measurement=[*rows, serology]) as received:
        found = look.rejects(received)
        assert {row["source_id"] for row in found} == against
        assert {row["reason"] for row in found} == {"contradicting_comparator"}
        kept = {row["result_id"]: row["comparator"] for row in look.rows(received, "lab_results")}
    # Two bounds of one side both hold, and = says nothing: the weaker one is what is known.
    held = {"<<": "<", "<≤": "<=", "<=<": "<=", "<=≤": "<=", ">>": ">", ">≥": ">=", ">=>": ">=", ">=≥": ">="}
    held |= {"=<": "<", "=≤": "<=", "=>": ">", "=≥": ">="}
    signs = dict(zip((*below, *above, "4172703"), ("<", "<=", ">", ">=", "="), strict=True))
    assert kept == {"90": "<"} | {
        f"{place:02}": held[signs[operator] + sign]
        for place, (operator, sign) in enumerate(given)
        if f"{place:02}" not in against
    }


def test_the_code_of_a_unit_that_the_vocabulary_has_is_its_unit(tmp_path: Path) -> None:
    concepts = [
        {"concept_id": "2000000077", "vocabulary_id": "UCUM", "concept_code": "kU/L"},
        {"concept_id": "2000000078", "vocabulary_id": "SNOMED", "concept_code": "kU/L"},
    ]
    rows = labs(tmp_path, [{"unit_concept_id": "2000000077"}, {"unit_concept_id": "2000000078"}], concept=concepts)
    assert rows[0]["unit"] == "kU/L"
    assert rows[1]["unit"] != "kU/L"


def test_a_listed_result_whose_value_is_no_number_is_rejected(tmp_path: Path) -> None:
    text = {"value_as_number": "", "value_source_value": "haemolysed"}
    rows = [
        text,
        {"value_as_number": "n/a"},
        text | change("6"),  # on no list: not needed
        text | change("3019510"),  # a serology proves the work-up whatever its value
        text | change("0", "0", "1742-6"),
    ]
    numbered = [{"measurement_id": str(number)} | row for number, row in enumerate(rows, start=1)]
    with read(tmp_path, measurement=numbered) as received:
        assert [(row["source_id"], row["reason"]) for row in look.rejects(received)] == [
            ("1", "not_a_number"),
            ("2", "not_a_number"),
            ("5", "not_a_number"),
        ]


UNITS = {
    ("8645", "something"): "U/L",
    ("32995", ""): "ukat/L",
    ("0", "ukat/L"): "ukat/L",
    ("", " U/L"): "U/L",
    ("0", ""): None,
    ("44", "U/L"): "U/L",
    ("44", ""): "OMOP 44",  # given, and unknown: never inferred as a missing one is
}


def test_unit(tmp_path: Path) -> None:
    changes = [
        {"measurement_id": str(place), "unit_concept_id": concept, "unit_source_value": written}
        for place, (concept, written) in enumerate(UNITS)
    ]
    units = {row["result_id"]: row["unit"] for row in labs(tmp_path, changes)}
    assert {case: units[str(place)] for place, case in enumerate(UNITS)} == UNITS
    assert len(units) == len(UNITS)


def test_the_rest_is_carried_over_as_it_is(tmp_path: Path) -> None:
    [row, bad] = labs(tmp_path, [{}, {"measurement_date": "yesterday", "range_high": "high", "person_id": ""}])
    told: dict[str, Any] = {"result_id": "21", "patient_id": "1", "collected_at": "2022-02-01"}
    assert told.items() <= row.items()
    assert (row["reference_low"], row["reference_high"], row["status"], row["recorded_at"]) == ("5", "40", None, None)
    assert (bad["collected_at"], bad["reference_high"], bad["patient_id"]) == ("yesterday", "high", None)


def test_an_id_is_a_whole_number_however_it_is_written(tmp_path: Path) -> None:
    [row] = labs(tmp_path, [{"measurement_id": "21.0", "person_id": "1.0", "measurement_concept_id": f"{ALT}.0"}])
    assert (row["result_id"], row["patient_id"], row["code"]) == ("21", "1", ALT)


def test_what_a_cdm_does_not_have_is_told(tmp_path: Path) -> None:
    with read(tmp_path) as received:
        assert "lab_results has no column status: retracted results cannot be told from valid ones" in received.notes
        assert any(note.startswith("lab_results has no column recorded_at") for note in received.notes)
