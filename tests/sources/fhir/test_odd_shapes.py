"""Whatever an element holds, nothing is lost and nothing breaks off."""

from pathlib import Path
from typing import Any

import pytest

from flows.sources.fhir.resources import RESOURCES
from tests.sources.fhir.bulk import AZATHIOPRINE, CONDITION, SUBJECT, Resource, read_all

SHAPES: list[Any] = [
    *(
        None,
        "x",
        "",
        5,
        -1e300,
        True,
        {},
        [],
        [5],
        ["x"],
        [{}],
        [[]],
        [None],
        {"a": 1},
        {"coding": "x"},
        {"coding": [5]},
    ),
    *({"coding": [{"code": 5, "system": []}]}, {"reference": {}}, {"value": "x"}, {"value": 1e308, "unit": "wk"}),
    *({"start": "9999-12-31", "end": "0000-00-00"}, [{"timing": 5}], [{"timing": {"repeat": []}}]),
    [{"timing": {"repeat": {"boundsDuration": {"value": 1e300, "code": "a"}, "frequency": "x", "period": -1}}}],
    [{"timing": {"repeat": {"boundsDuration": {"value": 30000000, "code": "d"}}}}],
    {"expectedSupplyDuration": {"value": 1e308, "code": "wk"}, "numberOfRepeatsAllowed": 99999999999},
    [{"low": 5, "high": {"value": "x"}, "text": []}],
    "9999-99-99T99:99:99Z",
]


@pytest.mark.parametrize("kind", RESOURCES)
def test_every_row_is_accounted_for(kind: str, tmp_path: Path) -> None:
    base = {
        "resourceType": kind,
        "subject": SUBJECT,
        "medicationCodeableConcept": AZATHIOPRINE,
        "authoredOn": "2024-01-01",
        "onsetDateTime": "2024-01-01",
        "status": "stopped",
    }
    changed = [
        {**base, "id": f"{element.name}-{place}", element.name: shape}
        for element in RESOURCES[kind]
        for place, shape in enumerate(SHAPES)
    ]
    found = read_all(tmp_path, CONDITION, *changed)
    beside = {"Patient": 1, "Observation": 1, "MedicationRequest": 1, "Condition": 1}.get(kind, 0)
    assert sum(found.went(kind).values()) == len(changed) + beside
    assert found.went("lines") == {"looked_up": len(changed) + 4}


def test_a_resource_without_an_id_is_rejected_by_the_contract_and_is_no_version(tmp_path: Path) -> None:
    def nameless(kind: str, **more: object) -> list[Resource]:
        one = {"resourceType": kind, "subject": SUBJECT, "status": "active", "authoredOn": "2024-01-01", **more}
        return [one, {**one, "meta": {"lastUpdated": "2024-05-01T00:00:00Z"}}]

    kinds = ("Observation", "MedicationRequest", "Condition", "Encounter")
    resources = [one for kind in kinds for one in nameless(kind, **{"class": {"code": "IMP"}})]
    found = read_all(tmp_path, *resources, *nameless("Patient"))
    assert found.went("Patient") == {"carried": 1, "no_dated_resource": 2}
    assert [found.went(kind)["carried"] for kind in kinds] == [3, 3, 2, 2]
