"""Patient and what is known of when a patient was observed -> patients."""

from datetime import date
from pathlib import Path

import pytest

from flows.errors import Refused
from tests.sources.fhir.bulk import (
    CONDITION,
    ENCOUNTER,
    OBSERVATION,
    PATIENT,
    REQUEST,
    Read,
    Resource,
    read,
    read_all,
    write,
)


def of(patient: str, resource: Resource) -> Resource:
    return {**resource, "id": f"{resource['id']}-{patient}", "subject": {"reference": f"Patient/{patient}"}}


def test_a_patient_comes_over_whole(tmp_path: Path) -> None:
    organisation = {
        "managingOrganization": {"reference": "Organization/north"},
        "deceasedDateTime": "2024-06-01T03:00:00Z",
    }
    found = read_all(tmp_path, PATIENT | organisation, of("p1", OBSERVATION), of("p1", REQUEST), base=False)
    [row] = found.tables["patients"]
    assert {name: value for name, value in row.items() if name != "row_number"} == {
        "patient_id": "p1",
        "sex": "F",
        "birth_year": "1980",
        "site_id": "north",
        "observation_start": "2024-01-01",
        "observation_end": None,
        "death_date": "2024-06-01T03:00:00Z",
    }


def test_gender_and_birth_date(tmp_path: Path) -> None:
    given = [("male", "M"), ("female", "F"), ("other", None), ("unknown", None), (None, None), ("x", "x")]
    patients = [
        PATIENT | {"id": f"g{n}", "gender": gender, "birthDate": "1980-02"} for n, (gender, _) in enumerate(given)
    ]
    found = read_all(tmp_path, *patients, *(of(one["id"], OBSERVATION) for one in patients))
    rows = found.of("patients")
    assert [rows[one["id"]]["sex"] for one in patients] == [sex for _, sex in given]
    assert {row["birth_year"] for row in rows.values()} == {"1980"}


STATEMENT = {"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": "x"}}
REPORT = {"resourceType": "DiagnosticReport", "status": "final"}
# What a patient has, and the first day on which the feed is known to have covered the patient.
STARTS: list[tuple[list[Resource], str | None]] = [
    ([{"resourceType": "Observation", "effectiveDateTime": "2020-05-01T09:00:00Z"}], "2020-05-01"),
    ([{"resourceType": "Observation", "effectivePeriod": {"start": "2020-05-01"}}], "2020-05-01"),
    ([{"resourceType": "Observation", "effectiveDateTime": "2020-05-01", "status": "entered-in-error"}], None),
    ([{"resourceType": "Observation", "effectiveDateTime": "0020-05-01"}, ENCOUNTER], "2024-02-05"),
    ([{"resourceType": "Observation", "effectiveDateTime": "2020-05"}, ENCOUNTER], "2024-02-05"),
    ([ENCOUNTER | {"status": "planned"}], None),
    ([{"resourceType": "MedicationRequest", "authoredOn": "2020-05-02"}], "2020-05-02"),
    ([{"resourceType": "MedicationDispense", "whenPrepared": "2020-05-03"}], "2020-05-03"),
    ([{"resourceType": "MedicationAdministration", "effectiveDateTime": "2020-05-04"}], "2020-05-04"),
    ([STATEMENT | {"dateAsserted": "2020-05-05", "effectivePeriod": {"start": "2010-01-01"}}], "2020-05-05"),
    ([STATEMENT | {"effectivePeriod": {"start": "2010-01-01"}}, ENCOUNTER], "2024-02-05"),
    ([STATEMENT | {"effectivePeriod": {"start": "2010-01-01"}}], "2010-01-01"),
    ([CONDITION | {"onsetDateTime": "1999-01-01", "recordedDate": "2020-05-06"}], "2020-05-06"),
    ([CONDITION | {"onsetDateTime": "1999-01-01"}, ENCOUNTER], "2024-02-05"),
    ([CONDITION | {"onsetDateTime": "1999-01-01"}], "1999-01-01"),
    ([CONDITION | {"onsetDateTime": "2020-05-07", "encounter": {"reference": "Encounter/x"}}, ENCOUNTER], "2020-05-07"),
    ([CONDITION | {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}], None),
    ([{"resourceType": "Procedure", "status": "completed", "performedPeriod": {"start": "2020-05-08"}}], "2020-05-08"),
    ([{"resourceType": "Procedure", "status": "not-done", "performedDateTime": "2020-05-08"}], None),
    ([REPORT | {"issued": "2020-05-09T00:00:00Z"}], "2020-05-09"),
    ([], None),
]


def test_the_feed_begins_with_the_first_day_of_any_resource(tmp_path: Path) -> None:
    patients = [PATIENT | {"id": f"s{n}"} for n in range(len(STARTS))]
    given = [
        {**resource, "id": f"{n}-{place}", "subject": {"reference": f"Patient/s{n}"}}
        for n, (resources, _) in enumerate(STARTS)
        for place, resource in enumerate(resources)
    ]
    found = read_all(tmp_path, *patients, *given)
    rows = found.of("patients")
    assert [rows.get(f"s{n}", {}).get("observation_start") for n in range(len(STARTS))] == [day for _, day in STARTS]
    without = sum(day is None for _, day in STARTS)
    assert found.went("Patient") == {"carried": len(STARTS) - without + 1, "no_dated_resource": without}


def last(patient: Resource, tmp_path: Path, as_of: date | None = None) -> Resource:
    later = of("p1", OBSERVATION) | {"effectiveDateTime": "2024-03-20", "id": "later"}
    return read_all(
        tmp_path, PATIENT | patient, of("p1", OBSERVATION), of("p1", REQUEST), later, as_of=as_of, base=False
    ).of("patients")["p1"]


@pytest.mark.parametrize(
    ("died", "day"),
    [
        ("2024-03", "2024-03-20"),  # the last day in it on which the patient lived, as far as known
        ("2024-04", "2024-04-01"),
        ("2024-02", "2024-02-29"),  # seen later: at the latest its last day
        ("2024", "2024-03-20"),
        ("2025", "2025-01-01"),
        ("2024-03-05", "2024-03-05"),
        ("soon", "soon"),
    ],
)
def test_a_death_in_a_month_or_a_year(tmp_path: Path, died: str, day: str) -> None:
    row = last({"deceasedDateTime": died}, tmp_path)
    assert (row["death_date"], row["observation_end"]) == (day, None)


@pytest.mark.parametrize(("as_of", "day"), [(None, "2024-03-20"), (date(2024, 3, 1), "2024-02-01")])
def test_a_death_without_a_day_ends_the_feed_with_the_last_day_of_any_resource(
    tmp_path: Path, as_of: date | None, day: str
) -> None:
    row = last({"deceasedBoolean": True}, tmp_path, as_of)
    assert (row["death_date"], row["observation_end"]) == (None, day)
    assert last({"deceasedBoolean": False}, tmp_path / "alive", as_of)["observation_end"] is None


def periods(tmp_path: Path, text: str) -> Read:
    given = write(tmp_path / "bulk", PATIENT, PATIENT | {"id": "p2"}, OBSERVATION, of("p2", OBSERVATION), REQUEST)
    (tmp_path / "bulk" / "observation_periods.csv").write_text(text)
    return read(given, tmp_path)


def test_observation_periods_come_first(tmp_path: Path) -> None:
    found = periods(
        tmp_path, "patient_id,observation_start,observation_end\np1,2019-01-01,2024-05-01\nnobody,2019-01-01,\n"
    )
    rows = found.of("patients")
    assert (rows["p1"]["observation_start"], rows["p1"]["observation_end"]) == ("2019-01-01", "2024-05-01")
    assert (rows["p2"]["observation_start"], rows["p2"]["observation_end"]) == ("2024-02-01", None)
    assert found.went("observation_periods") == {"looked_up": 2}
    assert found.rows["observation_periods.csv"] == 2


def test_observation_periods_say_one_thing_of_a_patient(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="observation_periods: a patient comes more than once, or without an id"):
        periods(tmp_path, "patient_id,observation_start\np1,2019-01-01\np1,2020-01-01\n")


def link(kind: str, *others: str) -> Resource:
    return {"link": [{"type": kind, "other": {"reference": f"Patient/{other}"}} for other in others]}


def merged(tmp_path: Path, *patients: Resource, **options: bool) -> Read:
    resources = [of(name, one) for name in ("p1", "p2", "p3") for one in (OBSERVATION, REQUEST, CONDITION, ENCOUNTER)]
    panel = of(
        "p2", OBSERVATION | {"id": "panel", "component": [{"code": {"text": "x"}}], "effectiveDateTime": "2019-01-01"}
    )
    return read_all(tmp_path, *patients, *resources, panel, base=False)


def owners(found: Read, table: str) -> set[str]:
    return {row["patient_id"] for row in found.tables[table]}


TABLES = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
P2, P3 = PATIENT | {"id": "p2", "active": False}, PATIENT | {"id": "p3"}


@pytest.mark.parametrize(
    "patients",
    [
        (PATIENT, P2 | link("replaced-by", "p1"), P3 | link("seealso", "p1")),
        (PATIENT | link("replaces", "p2"), P2, P3),
        (PATIENT | link("replaces", "p2"), P2 | link("replaced-by", "p1"), P3),
    ],
)
def test_what_a_replaced_patient_has_belongs_to_the_one_who_stays(
    tmp_path: Path, patients: tuple[Resource, ...]
) -> None:
    found = merged(tmp_path, *patients)
    assert all(owners(found, table) == {"p1", "p3"} for table in TABLES)
    assert found.went("Patient") == {"carried": 2, "replaced_patient": 1}
    assert found.of("patients")["p1"]["observation_start"] == "2019-01-01"


def test_links_are_followed_to_their_end(tmp_path: Path) -> None:
    found = merged(tmp_path, PATIENT, P2 | link("replaced-by", "p1"), P3 | link("replaced-by", "p2"))
    assert all(owners(found, table) == {"p1"} for table in TABLES)


def test_links_to_two_patients_or_round_in_a_ring_are_rejected(tmp_path: Path) -> None:
    found = merged(tmp_path, PATIENT, P2 | link("replaced-by", "p1", "p3"), P3)
    assert found.went("Patient") == {"carried": 2, "contradicting_links": 1}
    assert owners(found, "lab_results") == {"p1", "p2", "p3"}
    ring = merged(tmp_path / "ring", PATIENT, P2 | link("replaced-by", "p3"), P3 | link("replaced-by", "p2"))
    assert ring.went("Patient") == {"carried": 1, "contradicting_links": 2}


def test_the_latest_version_of_a_patient_counts(tmp_path: Path) -> None:
    def version(updated: str | None, **change: str) -> Resource:
        return PATIENT | ({"meta": {"lastUpdated": updated}} if updated else {}) | change

    old, new = version("2024-01-01T00:00:00Z"), version("2024-01-01T00:00:00.5Z", gender="male")
    found = read_all(tmp_path, new, old, version(None), of("p1", OBSERVATION), of("p1", REQUEST), base=False)
    assert found.went("Patient") == {"carried": 1, "older_version": 2}
    assert found.of("patients")["p1"]["sex"] == "M"
    # Two of one time are for the contract to tell apart: the same twice, or a contradiction.
    found = read_all(
        tmp_path / "two", new, new | {"gender": "other"}, of("p1", OBSERVATION), of("p1", REQUEST), base=False
    )
    assert found.went("Patient") == {"carried": 2}


REFERENCES = [
    ("Patient/p1", "p1"),
    ("Patient/p1/_history/3", "p1"),
    ("https://host/fhir/Patient/p1", "p1"),
    ("https://host/fhir/Patient/p1/_history/3", "p1"),
    ("urn:uuid:0c3151bd", "0c3151bd"),
    ("urn:oid:1.2.3", "1.2.3"),
    ("#contained", None),
    ("Patient?identifier=x|1", None),
    ("Patient/", None),
    ("Patient/?identifier=x", None),
    ("Group/p1", None),
    ("https://host/fhir/Group/p1", None),
    ("p1", None),
]


def test_references_in_all_their_forms(tmp_path: Path) -> None:
    given = [OBSERVATION | {"id": f"o{n}", "subject": {"reference": ref}} for n, (ref, _) in enumerate(REFERENCES)]
    logical = OBSERVATION | {"id": "logical", "subject": {"identifier": {"value": "p1"}}}
    rows = read_all(tmp_path, *given, logical).of("lab_results")
    assert [rows[f"o{n}"]["patient_id"] for n in range(len(REFERENCES))] == [patient for _, patient in REFERENCES]
    assert rows["logical"]["patient_id"] is None
