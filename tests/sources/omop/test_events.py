"""condition_occurrence, procedure_occurrence and visit_occurrence."""

from pathlib import Path

from audit.vocabulary import DECOMPENSATION
from flows.given import Given
from flows.intake.received import Received
from tests.sources import look
from tests.sources.omop.cdm import PROCEDURE, VISIT, cdm, coded, events, read, typed

NAUSEA, JAUNDICE, ASCITES, FAILURE = "31967", "137977", "200528", "4245975"
ICD, CHILD, HEPATITIS = "2000000001", "700", "200762"
CONCEPTS = [
    {"concept_id": ICD, "vocabulary_id": "ICD10CM", "concept_code": "R11.0"},
    {"concept_id": "2000000002", "vocabulary_id": "ICD9CM", "concept_code": "782.4"},
    {"concept_id": "2000000003", "vocabulary_id": "SNOMED", "concept_code": "18165001"},
    {"concept_id": "2000000004", "vocabulary_id": "CPT4", "concept_code": "76705"},
    {"concept_id": "2000000005", "vocabulary_id": "ICD10CM", "concept_code": "I10"},
]


def change(standard: str = "0", source: str = "0", value: str = "") -> dict[str, str]:
    return {"condition_concept_id": standard, "condition_source_concept_id": source, "condition_source_value": value}


def test_the_code_that_the_lists_know_wins(tmp_path: Path) -> None:
    expected = [
        (change(NAUSEA), ("OMOP", NAUSEA)),
        (change("5", ICD), ("ICD-10-CM", "R11.0")),
        (change("0", "2000000002"), ("ICD-9-CM", "782.4")),
        (change("2000000003"), ("SNOMED CT", "18165001")),
        (change("5", "2000000005"), ("OMOP", "5")),
        (change("0", "2000000005"), ("OMOP", "2000000005")),
        # Only the value of the source tells, and only in a form of its own.
        (change("0", "0", "R11.0"), ("ICD-10-CM", "R11.0")),
        (change("5", "6", "r110"), ("ICD-10-CM", "r110")),
        (change("0", "0", "18165001"), ("SNOMED CT", "18165001")),
        (change("0", "0", "18165001.0"), ("SNOMED CT", "18165001")),
        (change("0", "0", "782.4"), ("OMOP source", "782.4")),
        (change("0", "0", "I10"), ("OMOP source", "I10")),
        (change("5", "0", "I10"), ("OMOP", "5")),
        (change("0", "0", "nausea"), ("OMOP source", "nausea")),
        (change("", "", ""), ("OMOP", None)),
    ]
    rows = events(tmp_path, [one for one, _ in expected], concept=CONCEPTS)
    assert [coded(row) for row in rows] == [told for _, told in expected]


def test_descendants_of_a_listed_event_are_that_event_unless_a_list_says_otherwise(tmp_path: Path) -> None:
    below = [{"ancestor_concept_id": NAUSEA, "descendant_concept_id": one} for one in (CHILD, JAUNDICE)]
    changes = [change(CHILD), change(CHILD, ICD), change(JAUNDICE), change(CHILD, "2000000002")]
    rows = events(tmp_path, changes, concept=CONCEPTS, concept_ancestor=below)
    # A listed code of the source is the better witness.
    assert [coded(row) for row in rows] == [
        ("OMOP", CHILD),
        ("ICD-10-CM", "R11.0"),
        ("OMOP", JAUNDICE),
        ("ICD-9-CM", "782.4"),
    ]


def test_the_own_code_of_a_descendant_is_the_better_witness(tmp_path: Path) -> None:
    below = [{"ancestor_concept_id": NAUSEA, "descendant_concept_id": "2000000003"}]
    [row] = events(tmp_path, [change("2000000003")], concept=CONCEPTS, concept_ancestor=below)
    assert coded(row) == ("SNOMED CT", "18165001")


def meant(received: Received) -> dict[str, set[str]]:
    """Return what each received event stands for once its code is resolved, by its id."""
    for name in ("lab_kinds", "drug_texts", "drug_names", "codes"):
        received.warehouse.create("TABLE", "resolved", name)
    found: dict[str, set[str]] = {}
    asked = "SELECT event_id, concept FROM received.clinical_events INNER JOIN resolved.codes USING (vocabulary, code)"
    for event, concept in received.warehouse.rows(asked):
        found.setdefault(event, set()).add(concept)
    return found


def test_two_listed_things_in_one_row_are_both(tmp_path: Path) -> None:
    changes = [change(NAUSEA, JAUNDICE), change(ASCITES, FAILURE), change(NAUSEA, ICD)]
    rows = [{"condition_occurrence_id": str(place)} | one for place, one in enumerate(changes, start=1)]
    with read(tmp_path, condition_occurrence=rows, concept=CONCEPTS) as received:
        assert look.rejects(received) == []
        assert [coded(row) for row in look.rows(received, "clinical_events")][:3] == [
            ("several codings", f"{NAUSEA} + {JAUNDICE}"),
            ("OMOP", ASCITES),
            ("OMOP", NAUSEA),
        ]
        found = meant(received)
        assert [found[f"condition_occurrence:{place}"] for place in (1, 2, 3)] == [
            {"symptom_nausea", "symptom_jaundice"},
            {"ascites"},
            {"symptom_nausea"},
        ]


def test_what_lies_below_two_listed_things_is_both(tmp_path: Path) -> None:
    below = [{"ancestor_concept_id": one, "descendant_concept_id": CHILD} for one in (HEPATITIS, FAILURE, FAILURE)]
    with read(tmp_path, condition_occurrence=[change(CHILD)], concept_ancestor=below) as received:
        assert [coded(row) for row in look.rows(received, "clinical_events")][:1] == [("OMOP", CHILD)]
        assert meant(received)["condition_occurrence:31"] == {"autoimmune_hepatitis", "hepatic_failure"}


def test_every_sign_of_decompensation_is_of_one_family(tmp_path: Path) -> None:
    with read(tmp_path) as received:
        for sign in DECOMPENSATION:
            assert received.warehouse.rows("SELECT concept_family(?)", [sign]) == [("hepatic_decompensation",)]
        assert received.warehouse.rows("SELECT concept_family('ibd')") == [("ibd",)]


def test_conditions_and_procedures_may_have_the_same_ids(tmp_path: Path) -> None:
    procedures = [
        PROCEDURE | {"procedure_source_concept_id": "2000000004"},
        PROCEDURE | {"procedure_occurrence_id": "32", "procedure_source_value": "45036003"},
    ]
    with read(tmp_path, procedure_occurrence=procedures, concept=CONCEPTS) as received:
        rows = look.rows(received, "clinical_events")
        assert [(row["event_id"], str(row["event_date"]), *coded(row)) for row in rows] == [
            ("condition_occurrence:31", "2022-03-01", "OMOP", NAUSEA),
            ("procedure_occurrence:31", "2022-03-02", "CPT", "76705"),
            ("procedure_occurrence:32", "2022-03-02", "SNOMED CT", "45036003"),
        ]
        assert ("procedure_occurrence", "clinical_events", "carried", None, 2) in look.account(received)


def test_without_conditions_there_are_no_events_even_where_there_are_procedures(tmp_path: Path) -> None:
    with read(tmp_path, condition_occurrence=None) as received:
        assert "clinical_events" not in received.has
        assert ("procedure_occurrence", None, "not_mapped", None, 1) in look.account(received)
        assert any(note.startswith("clinical_events is missing") for note in received.notes)


def test_conditions_alone_will_do_in_either_form(tmp_path: Path) -> None:
    folder = cdm(tmp_path / "csv", procedure_occurrence=None, visit_occurrence=None)
    with look.at(Given("omop", str(typed(folder, tmp_path / "parquet"))), tmp_path) as received:
        assert [row["event_id"] for row in look.rows(received, "clinical_events")] == ["condition_occurrence:31"]
        assert received.has == {"patients", "lab_results", "drug_exposures", "clinical_events"}
        assert "procedure_occurrence is missing: imaging of the liver counts as not done (RST-02)" in received.notes


def test_stays_are_the_visits_in_a_hospital(tmp_path: Path) -> None:
    kinds = ["9201", "262", "8717", "32037", "581379", "900", "9202", "9203", "0", ""]
    visits = [VISIT | {"visit_occurrence_id": f"{place}", "visit_concept_id": kind} for place, kind in enumerate(kinds)]
    below = [{"ancestor_concept_id": "9201", "descendant_concept_id": "900"}] * 2
    with read(tmp_path, visit_occurrence=visits, concept_ancestor=below) as received:
        rows = look.rows(received, "inpatient_stays")
        assert [row["stay_id"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
        assert (rows[0]["patient_id"], rows[0]["admitted_on"], rows[0]["discharged_on"]) == (
            "1",
            "2022-01-10",
            "2022-01-20",
        )
        assert ("visit_occurrence", "inpatient_stays", "left_out", "not_inpatient", 4) in look.account(received)
