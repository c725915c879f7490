"""Condition, Procedure, DiagnosticReport -> clinical_events, Encounter -> inpatient_stays."""

from datetime import date
from pathlib import Path

import pytest

from flows import sources
from flows.references.site import Site
from tests.flows.extracts import references
from tests.sources.fhir.bulk import (
    CONDITION,
    ENCOUNTER,
    OBSERVATION,
    PATIENT,
    REQUEST,
    SNOMED,
    SUBJECT,
    Resource,
    read_all,
    write,
)

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
PROCEDURE: Resource = {
    "resourceType": "Procedure",
    "id": "x",
    "status": "completed",
    "subject": SUBJECT,
    "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "76705"}]},
    "performedDateTime": "2024-03-01",
    "meta": {"lastUpdated": "2024-03-02T00:00:00Z"},
}
REPORT: Resource = {
    "resourceType": "DiagnosticReport",
    "id": "x",
    "status": "final",
    "subject": SUBJECT,
    "code": {"coding": [{"system": SNOMED, "code": "45036003"}]},
    "effectiveDateTime": "2024-03-01",
    "issued": "2024-03-03T00:00:00Z",
}


def test_events_come_over_with_ids_that_cannot_collide(tmp_path: Path) -> None:
    condition = CONDITION | {"id": "x", "recordedDate": "2024-02-04"}
    rows = read_all(tmp_path, condition, PROCEDURE, REPORT, only="clinical_events").of("clinical_events")
    columns = ("patient_id", "event_date", "vocabulary", "code", "recorded_at")
    assert {key: tuple(row[name] for name in columns) for key, row in rows.items()} == {
        "Condition/x": ("p1", "2024-02-03", "ICD-10-CM", "R11.0", "2024-02-04"),
        "Procedure/x": ("p1", "2024-03-01", "CPT", "76705", "2024-03-02T00:00:00Z"),
        "DiagnosticReport/x": ("p1", "2024-03-01", "SNOMED CT", "45036003", "2024-03-03T00:00:00Z"),
    }


DAYS: list[tuple[Resource, str | None]] = [
    ({"onsetDateTime": "2024-02-03T10:00:00+02:00", "recordedDate": "2024-02-05"}, "2024-02-03T10:00:00+02:00"),
    ({"onsetPeriod": {"start": "2024-02-03", "end": "2024-02-09"}, "recordedDate": "2024-02-05"}, "2024-02-03"),
    ({"recordedDate": "2024-02-05"}, "2024-02-05"),
    ({"onsetDateTime": "2024-02", "recordedDate": "2024-02-05"}, "2024-02-05"),
    ({"onsetDateTime": "2024", "recordedDate": "2024-02-05T08:00:00Z"}, "2024-02-05T08:00:00Z"),
    ({"onsetDateTime": "2023", "recordedDate": "2024-02-05"}, "2023"),  # cannot be placed on a day
    ({"onsetDateTime": "2024-0", "recordedDate": "2024-02-05"}, "2024-0"),
    ({"onsetDateTime": "2024", "recordedDate": "2024-02"}, "2024"),
    ({"onsetDateTime": "2024"}, "2024"),
    ({"onsetAge": {"value": 40}, "abatementDateTime": "2024-02-05"}, None),
]


def test_the_day_of_a_condition(tmp_path: Path) -> None:
    given = [{**CONDITION, "id": f"c{n}", "onsetDateTime": None, **dates} for n, (dates, _) in enumerate(DAYS)]
    rows = read_all(tmp_path, *given, only="clinical_events").of("clinical_events")
    assert [rows[f"Condition/c{n}"]["event_date"] for n in range(len(DAYS))] == [day for _, day in DAYS]


def test_the_day_of_a_procedure_and_of_a_report(tmp_path: Path) -> None:
    periods = {"performedPeriod": {"start": "2024-03-05"}, "effectivePeriod": {"start": "2024-03-06"}}
    procedure = {**PROCEDURE, "performedDateTime": None, **periods}
    report = {**REPORT, "effectiveDateTime": None, **periods}
    undated = {**REPORT, "id": "undated", "effectiveDateTime": None}
    rows = read_all(tmp_path, CONDITION, procedure, report, undated, only="clinical_events").of("clinical_events")
    assert rows["Procedure/x"]["event_date"] == "2024-03-05"
    assert rows["DiagnosticReport/x"]["event_date"] == "2024-03-06"
    assert rows["DiagnosticReport/undated"]["event_date"] is None  # a report is issued later than the image is taken


def test_what_was_refuted_or_is_one_of_several_guesses_is_no_event(tmp_path: Path) -> None:
    states = ("confirmed", "provisional", "unconfirmed", "differential", "refuted", "entered-in-error")
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    given = [
        CONDITION | {"id": state, "verificationStatus": {"coding": [{"system": system, "code": state}]}}
        for state in states
    ]
    found = read_all(tmp_path, *given, CONDITION, only="clinical_events")
    assert found.went("Condition") == {"carried": 4, "differential_diagnosis": 1, "refuted": 1, "entered_in_error": 1}
    assert set(found.of("clinical_events")) == {f"Condition/{one}" for one in ("c1", *states[:3])}


def test_what_was_not_done_is_no_event(tmp_path: Path) -> None:
    done = ("completed", "in-progress", "unknown")
    undone = ("preparation", "not-done", "on-hold", "stopped")
    procedures = [PROCEDURE | {"id": state, "status": state} for state in (*done, *undone, "entered-in-error")]
    seen = ("registered", "cancelled", "entered-in-error")
    states = ("final", "amended", "corrected", "appended", "preliminary", "partial", "unknown", *seen)
    reports = [REPORT | {"id": state, "status": state} for state in states]
    found = read_all(tmp_path, CONDITION, *procedures, *reports, only="clinical_events")
    assert found.went("Procedure") == {"carried": 3, "not_done": 4, "entered_in_error": 1}
    assert found.went("DiagnosticReport") == {"carried": 7, "registered": 1, "cancelled": 1, "entered_in_error": 1}


def test_two_codes_of_one_condition(tmp_path: Path) -> None:
    ascites, failure = {"system": SNOMED, "code": "389026000"}, {"system": ICD, "code": "K72.90"}
    nausea, fatigue = {"system": ICD, "code": "R11.0"}, {"system": SNOMED, "code": "84229001"}
    given = {
        "one_liver": [ascites, failure],  # both are signs of a decompensated liver
        "agree": [nausea, {"system": SNOMED, "code": "422587007"}],
        "contradict": [nausea, fatigue],
        "below": [{"system": ICD, "code": "K50.011"}],  # a list may hold a code with all codes below it
    }
    found = read_all(
        tmp_path,
        *(CONDITION | {"id": key, "code": {"coding": codes}} for key, codes in given.items()),
        only="clinical_events",
    )
    rows = found.of("clinical_events")
    assert set(rows) == {f"Condition/{key}" for key in given}
    assert rows["Condition/one_liver"]["code"] == "389026000"
    both = rows["Condition/contradict"]
    assert (both["vocabulary"], both["code"]) == ("several codings", "ICD-10-CM R11.0 + SNOMED CT 84229001")
    assert found.went("Condition") == {"carried": 4}


def test_an_event_that_is_coded_as_two_things_is_staged_as_both(tmp_path: Path) -> None:
    nausea, fatigue = {"system": ICD, "code": "R11.0"}, {"system": SNOMED, "code": "84229001"}
    coded = CONDITION | {"code": {"coding": [nausea, fatigue]}}
    given = write(tmp_path / "bulk", PATIENT, OBSERVATION, REQUEST, coded)
    taken = sources.take_in(given, tmp_path / "work", date(2024, 6, 30), references(site=Site(time_zone="UTC")))
    assert taken.staged.events is not None
    assert taken.staged.events.select("event_id", "concept").rows() == [
        ("Condition/c1", "symptom_fatigue"),
        ("Condition/c1", "symptom_nausea"),
    ]
    counts = {row["table_name"]: row for row in taken.conservation.to_dicts()}["clinical_events"]
    assert (counts["read"], counts["staged"]) == (1, 1)


def version(updated: str, **change: object) -> Resource:
    return {**CONDITION, "meta": {"lastUpdated": updated}, **change}


ERROR = {"coding": [{"code": "entered-in-error"}]}


@pytest.mark.parametrize(
    ("as_of", "went"),
    [(None, {"older_version": 1, "entered_in_error": 1}), (date(2024, 5, 1), {"carried": 1, "entered_in_error": 1})],
)
def test_a_condition_that_was_taken_back_does_not_come_back(tmp_path: Path, as_of: date | None, went: Resource) -> None:
    old, new = version("2024-04-01T00:00:00Z"), version("2024-05-02T00:00:00Z", verificationStatus=ERROR)
    found = read_all(tmp_path, new, old, as_of=as_of, only="clinical_events")
    assert found.went("Condition") == went


def test_versions_that_are_not_yet_known_are_for_the_contract_to_count(tmp_path: Path) -> None:
    found = read_all(
        tmp_path,
        version("2024-04-01T00:00:00Z"),
        version("2024-04-02T00:00:00Z"),
        as_of=date(2024, 3, 1),
        only="clinical_events",
    )
    assert found.went("Condition") == {"carried": 2}


def test_a_corrected_condition_replaces_the_older_one(tmp_path: Path) -> None:
    old = version("2024-04-01T00:00:00Z", verificationStatus=ERROR)
    new = version("2024-05-02T00:00:00Z", recordedDate="2024-02-03")
    found = read_all(tmp_path, new, old, only="clinical_events")
    assert found.went("Condition") == {"carried": 1, "older_version": 1}
    assert found.of("clinical_events")["Condition/c1"]["recorded_at"] == "2024-05-02T00:00:00Z"


def test_versions_of_one_time_that_contradict_each_other_are_rejected(tmp_path: Path) -> None:
    one, other = version("2024-04-01T00:00:00Z"), version("2024-04-01T00:00:00Z", verificationStatus=ERROR)
    found = read_all(
        tmp_path, one, other, one | {"resourceType": "Procedure", "status": "completed"}, only="clinical_events"
    )
    assert found.went("Condition") == {"conflicting_versions": 2}
    assert found.went("Procedure") == {"carried": 1}  # an id is one within its type


def test_a_resource_that_comes_twice_is_for_the_contract_to_see(tmp_path: Path) -> None:
    found = read_all(tmp_path, CONDITION, CONDITION, only="clinical_events")
    assert found.went("Condition") == {"carried": 2}


CLASSES: list[tuple[object, bool]] = [
    ({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}, True),
    ({"code": "ACUTE"}, True),
    ({"code": "NONAC"}, True),
    ({"code": "imp"}, True),
    ("inpatient", True),
    ([{"coding": [{"code": "IMP"}]}], True),
    ({"code": "AMB"}, False),
    ({"code": "EMER"}, False),
    ({"code": "OBSENC"}, False),
    ({"display": "inpatient"}, False),
    (None, False),
]


def test_which_encounters_are_stays(tmp_path: Path) -> None:
    given = [ENCOUNTER | {"id": f"e{n}", "class": kind} for n, (kind, _) in enumerate(CLASSES)]
    found = read_all(tmp_path, *given, only="inpatient_stays")
    assert set(found.of("inpatient_stays")) == {f"e{n}" for n, (_, is_stay) in enumerate(CLASSES) if is_stay}
    assert found.went("Encounter") == {"carried": 6, "not_inpatient": 5}


def test_a_stay_comes_over_whole(tmp_path: Path) -> None:
    going_on = ENCOUNTER | {"id": "e2", "status": "in-progress", "period": {"start": "2024-02-09"}}
    rows = read_all(tmp_path, ENCOUNTER, going_on, only="inpatient_stays").of("inpatient_stays")
    columns = ("patient_id", "admitted_on", "discharged_on")
    assert tuple(rows["e1"][name] for name in columns) == ("p1", "2024-02-05T10:00:00Z", "2024-02-08T10:00:00Z")
    assert tuple(rows["e2"][name] for name in columns) == ("p1", "2024-02-09", None)


def test_a_stay_that_did_not_happen_is_left_out(tmp_path: Path) -> None:
    states = ("planned", "cancelled", "entered-in-error", "finished", "unknown", "arrived")
    found = read_all(
        tmp_path, *(ENCOUNTER | {"id": state, "status": state} for state in states), only="inpatient_stays"
    )
    assert found.went("Encounter") == {"carried": 3, "planned": 1, "cancelled": 1, "entered_in_error": 1}


def test_the_latest_version_of_an_encounter_counts(tmp_path: Path) -> None:
    old = ENCOUNTER | {"meta": {"lastUpdated": "2024-02-06T00:00:00Z"}, "period": {"start": "2024-02-05"}}
    new = ENCOUNTER | {"meta": {"lastUpdated": "2024-02-09T00:00:00Z"}}
    found = read_all(tmp_path, old, new, ENCOUNTER, only="inpatient_stays")
    assert found.went("Encounter") == {"carried": 1, "older_version": 2}
    assert found.of("inpatient_stays")["e1"]["discharged_on"] == "2024-02-08T10:00:00Z"
