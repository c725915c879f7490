"""Observation -> lab_results: status, day, value, unit, limits, code, components, versions."""

from datetime import date
from pathlib import Path

import pytest

from tests.sources.fhir.bulk import ALT, LOINC, OBSERVATION, SNOMED, UCUM, Resource, labs, read_all


def one(tmp_path: Path, change: Resource) -> Resource:
    [row] = labs(tmp_path, change)
    return row


def test_a_result_comes_over_whole(tmp_path: Path) -> None:
    high = {"value": 40, "unit": "U/L", "system": UCUM, "code": "U/L"}
    row = one(tmp_path, {"referenceRange": [{"low": {**high, "value": 7}, "high": high}]})
    assert {key: value for key, value in row.items() if key not in ("row_number", "laboratory_id")} == {
        "result_id": "o0",
        "patient_id": "p1",
        "collected_at": "2024-02-01T08:00:00+01:00",
        "vocabulary": "LOINC",
        "code": "1742-6",
        "value": "50",
        "comparator": None,
        "unit": "U/L",
        "reference_low": 7,
        "reference_high": 40,
        "status": "final",
        "recorded_at": "2024-02-02T10:00:00Z",
    }


STATUSES = {
    "final": "final",
    "amended": "corrected",
    "corrected": "corrected",
    "appended": "final",
    "preliminary": "preliminary",
    "cancelled": "cancelled",
    "entered-in-error": "entered-in-error",
    "unknown": "preliminary",
    "odd": "odd",
}


def test_the_status(tmp_path: Path) -> None:
    rows = labs(tmp_path, *({"status": status} for status in STATUSES))
    assert [row["status"] for row in rows] == list(STATUSES.values())


def test_a_registered_observation_has_no_result_yet(tmp_path: Path) -> None:
    found = read_all(tmp_path, OBSERVATION | {"status": "registered"}, only="lab_results")
    assert found.went("Observation") == {"carried": 1, "registered": 1}


def absent(code: str) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    return {"valueQuantity": None, "dataAbsentReason": {"coding": [{"system": system, "code": code}]}}


UNDONE: list[Resource] = [
    *map(absent, ("not-performed", "not-asked", "error", "asked-declined", "not-applicable", "unsupported")),
    {"valueQuantity": None, "dataAbsentReason": {"text": "Test not performed"}},
    {"valueQuantity": None, "valueString": "Not done"},
    {"valueQuantity": None, "valueString": " QNS "},
]


def test_what_was_not_done_is_cancelled(tmp_path: Path) -> None:
    rows = labs(tmp_path, *UNDONE, absent("masked"), absent("error") | {"valueString": "5"})
    assert [row["status"] for row in rows] == [*["cancelled"] * len(UNDONE), "final", "final"]
    gone = labs(tmp_path / "gone", absent("error") | {"status": "entered-in-error"})
    assert gone[0]["status"] == "entered-in-error"


def test_what_is_awaited_has_no_result_yet(tmp_path: Path) -> None:
    waiting = [absent("temp-unknown"), {"valueQuantity": None, "valueString": "pending"}]
    waiting += [{"valueQuantity": None, "dataAbsentReason": {"text": "Pending"}}]
    found = read_all(
        tmp_path, *({**OBSERVATION, "id": f"x{n}", **one} for n, one in enumerate(waiting)), only="lab_results"
    )
    assert found.went("Observation") == {"carried": 1, "registered": 3}


def test_a_component_that_was_not_done_is_cancelled(tmp_path: Path) -> None:
    parts = [{"code": ALT, **absent("not-performed")}, {"code": ALT, "valueString": "5"}, {"code": ALT}]
    found = read_all(tmp_path, {**OBSERVATION, "component": parts}, only="lab_results").of("lab_results")
    assert [found[f"o1#{n}"]["status"] for n in (1, 2, 3)] == ["cancelled", "final", "final"]
    whole = {**OBSERVATION, **absent("not-performed"), "component": parts}
    found = read_all(tmp_path / "whole", whole, only="lab_results").of("lab_results")
    assert [found[f"o1#{n}"]["status"] for n in (1, 2, 3)] == ["cancelled", "final", "cancelled"]


DAYS: list[tuple[Resource, str | None]] = [
    ({"effectivePeriod": {"start": "2024-03-01", "end": "2024-03-02"}}, "2024-03-01"),
    ({"effectivePeriod": {"end": "2024-03-02"}}, None),
    ({"effectiveInstant": "2024-03-03T00:00:00Z"}, "2024-03-03T00:00:00Z"),
    ({"effectiveTiming": {"event": ["2024-03-04", "2024-03-05"]}}, "2024-03-04"),
    ({"effectiveDateTime": "2024-03"}, "2024-03"),
    ({}, None),  # the time of issue is none of collection
]


def test_the_day_of_collection(tmp_path: Path) -> None:
    rows = labs(tmp_path, *({"effectiveDateTime": None, **effective} for effective, _ in DAYS))
    assert [row["collected_at"] for row in rows] == [day for _, day in DAYS]


VALUES: list[tuple[Resource, str | None, str | None, str | None]] = [
    (
        {"valueQuantity": {"value": 5.25, "comparator": "<", "unit": "u", "code": "U/L", "system": UCUM}},
        "5.25",
        "<",
        "U/L",
    ),
    ({"valueQuantity": {"value": 5, "unit": "printed", "code": "c", "system": "urn:other"}}, "5", None, "printed"),
    ({"valueQuantity": {"value": 5, "code": "c"}}, "5", None, "c"),
    ({"valueQuantity": {"value": 5, "unit": "printed", "system": UCUM}}, "5", None, "printed"),
    ({"valueQuantity": {"value": 5, "comparator": "ad"}}, "5", "ad", None),
    ({"valueInteger": 7}, "7", None, None),
    ({"valueString": "<5"}, "<5", None, None),
    ({"valueString": " "}, None, None, None),
    ({"valueString": " ", "valueCodeableConcept": {"text": ">320"}}, ">320", None, None),
    ({"valueCodeableConcept": {"text": "positive"}}, "positive", None, None),
    ({"valueCodeableConcept": {"text": "GT 320"}}, "GT 320", None, None),
    ({"valueCodeableConcept": {"coding": [{"code": "1", "display": "<5"}]}}, "<5", None, None),
    # The code of an answer is no number, though it looks like one.
    ({"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "2603"}]}}, f"{SNOMED}|2603", None, None),
    ({"valueCodeableConcept": {"coding": [{"code": "320"}]}}, "|320", None, None),
    ({"valueCodeableConcept": {}}, None, None, None),
    ({"valueRange": {"low": {"value": 320, "unit": "U/L"}}}, ">=320", None, "U/L"),
    ({"valueRange": {"high": {"value": 5, "unit": "U/L"}}}, "<=5", None, "U/L"),
    ({"valueRange": {"low": {"value": 5}, "high": {"value": 5.0}}}, "5", None, None),
    ({"valueRange": {"low": {"value": 3}, "high": {"value": 5}}}, "3-5", None, None),
    ({"valueRange": {}}, None, None, None),
    ({"valueRatio": {"numerator": {"value": 1}}}, "1:", None, None),
    ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 80}}}, "1:80", None, None),
    ({"valueBoolean": True}, "true", None, None),
    ({"valueTime": "08:00:00"}, "08:00:00", None, None),
    ({"valueDateTime": "2024-02-01"}, "2024-02-01", None, None),
    ({"valueQuantity": {"value": 5, "unit": "U/L", "system": UCUM, "code": " "}}, "5", None, "U/L"),
    ({"valueQuantity": {"value": 5, "unit": " ", "code": "U/L"}}, "5", None, "U/L"),
    ({"valueQuantity": {"value": 5, "unit": " "}}, "5", None, None),
    ({"valueQuantity": {"value": 5, "unit": "\t", "system": UCUM, "code": ""}}, "5", None, None),
    ({"dataAbsentReason": {"text": "hemolysed"}}, None, None, None),
]


def test_the_value(tmp_path: Path) -> None:
    rows = labs(tmp_path, *({"valueQuantity": None, **given} for given, *_ in VALUES))
    assert [(row["value"], row["comparator"], row["unit"]) for row in rows] == [tuple(ours) for _, *ours in VALUES]


def limit(value: float, unit: str | None = "U/L") -> Resource:
    return {"value": value, "unit": unit} if unit else {"value": value}


RANGES: list[tuple[list[Resource], float | None, float | None]] = [
    ([{"low": limit(7), "high": limit(40)}], 7, 40),
    ([{"high": limit(40, None)}], None, 40),
    ([{"high": limit(40, "u / l")}], None, 40),
    ([{"high": limit(40, "IU/L")}], None, 40),
    ([{"low": limit(0.1, "ukat/L"), "high": limit(0.7, "ukat/L")}], None, None),
    ([{"low": limit(7), "high": limit(0.7, "ukat/L")}], 7, None),
    ([{"type": {"coding": [{"code": "normal"}]}, "high": limit(40)}], None, 40),
    ([{"type": {"text": "Normal range"}, "high": limit(40)}], None, 40),
    ([{"type": {"text": "therapeutic"}, "high": limit(40)}], None, None),
    ([{"type": {"coding": [{"code": "treatment"}]}, "high": limit(90)}, {"high": limit(40)}], None, 40),
    ([{"high": limit(33), "appliesTo": [{"text": "F"}]}], None, 33),
    (
        [{"high": limit(33), "appliesTo": [{"text": "F"}]}, {"high": limit(41), "appliesTo": [{"text": "M"}]}],
        None,
        None,
    ),
    ([{"low": limit(7), "high": limit(33)}, {"low": limit(7), "high": limit(41)}], 7, None),
    ([{"high": limit(40)}, {"high": limit(40), "text": "again"}], None, 40),
    ([{"high": limit(40)}, {"low": limit(7)}], None, None),
    ([{"text": "7-56"}], 7, 56),
    ([{"text": "7.5 - 56.5 U/L"}], 7.5, 56.5),
    ([{"text": "7\u201356 IU/L"}], 7, 56),
    ([{"text": "7 to 56"}], 7, 56),
    ([{"text": "0.1 - 0.9 ukat/L"}], None, None),
    ([{"text": "<45"}], None, 45),
    ([{"text": "≤ 45 U/L"}], None, 45),
    ([{"text": "Up to 40"}], None, 40),
    ([{"text": ">= 10"}], 10, None),
    ([{"text": "7-56 (men), 7-40 (women)"}], None, None),
    ([{"text": "see report 12"}], None, None),
    ([{"text": "7-56", "high": limit(40)}], None, 40),
    ([], None, None),
]


def test_a_number_that_its_text_calls_a_lower_limit_is_no_upper_one(tmp_path: Path) -> None:
    given = [(7, ">7"), (20, "> 20 U/L"), (20, ">=20.0"), (20, "Greater than 20"), (20, "above 20 U/L")]
    given += [(40, ">7"), (40, "<40"), (40, "under 40"), (40, "7-40"), (40, "above all")]
    ranges = [{"referenceRange": [{"high": limit(high), "text": text}]} for high, text in given]
    rows = labs(tmp_path, *ranges, {"referenceRange": [{"low": limit(40), "high": limit(7)}]})
    assert [row["reference_high"] for row in rows] == pytest.approx(
        [float("nan")] * 5 + [40, 40, 40, 40, 40, 7], nan_ok=True
    )
    assert rows[-1]["reference_low"] == 40


def test_the_limits(tmp_path: Path) -> None:
    rows = labs(tmp_path, *({"referenceRange": ranges} for ranges, *_ in RANGES))
    found = [
        (ranges, row["reference_low"], row["reference_high"]) for (ranges, *_), row in zip(RANGES, rows, strict=True)
    ]
    assert found == RANGES


def test_the_limits_of_a_value_without_a_unit_stand(tmp_path: Path) -> None:
    row = one(tmp_path, {"valueQuantity": {"value": 50}, "referenceRange": [{"high": limit(40)}]})
    assert (row["unit"], row["reference_high"]) == (None, 40)


LOCAL, WEIGHT = {"system": "urn:oid:1.2", "code": "L1"}, {"system": LOINC, "code": "29463-7"}


CODES: list[tuple[Resource | None, str | None, str | None]] = [
    (ALT, "LOINC", "1742-6"),
    ({"coding": [LOCAL, *ALT["coding"]]}, "LOINC", "1742-6"),
    ({"coding": [{"system": "https://loinc.org", "code": "1742-6"}]}, "LOINC", "1742-6"),
    ({"coding": [{"system": f"{SNOMED}/900000000000207008", "code": "34608000"}]}, "SNOMED CT", "34608000"),
    ({"coding": [{"system": "urn:rechallenge:concept", "code": "alt"}]}, "concept", "alt"),
    ({"coding": [LOCAL, {"system": LOINC, "code": "0-0"}]}, "LOINC", "0-0"),  # on no list, but what lists may know
    ({"coding": [LOCAL, {"code": "L2"}]}, "urn:oid:1.2", "L1"),
    ({"coding": [{"code": "L2"}]}, "local", "L2"),
    ({"coding": [{"system": LOINC, "display": "no code"}], "text": "ALT"}, "text", "ALT"),
    ({"coding": [{"display": "ALT in serum"}]}, "text", "ALT in serum"),
    ({"text": "ALT"}, "text", "ALT"),
    ({}, "text", None),
    (None, None, None),
]


def test_the_code(tmp_path: Path) -> None:
    rows = labs(tmp_path, *({"code": code} for code, *_ in CODES))
    assert [(code, row["vocabulary"], row["code"]) for (code, *_), row in zip(CODES, rows, strict=True)] == CODES


def test_two_listed_codes_must_stand_for_one_concept(tmp_path: Path) -> None:
    agreeing = {"coding": [{"system": SNOMED, "code": "34608000"}, *ALT["coding"]]}
    contradicting = {"coding": [*ALT["coding"], WEIGHT]}
    found = read_all(
        tmp_path,
        OBSERVATION | {"code": agreeing},
        OBSERVATION | {"id": "o2", "code": contradicting},
        only="lab_results",
    )
    assert found.of("lab_results")["o1"]["vocabulary"] == "SNOMED CT"  # the first that is listed
    assert found.went("Observation") == {"carried": 2, "contradicting_codes": 1}
    [reject] = found.rejects
    assert (reject["source_table"], reject["source_id"], reject["reason"]) == (
        "Observation",
        "o2",
        "contradicting_codes",
    )


def test_each_component_is_a_result_beside_its_observation(tmp_path: Path) -> None:
    ast = {"coding": [{"system": LOINC, "code": "1920-8"}]}
    panel = {
        **OBSERVATION,
        "code": {"text": "Liver panel"},
        "valueQuantity": None,
        "component": [
            {"code": ALT, "valueQuantity": {"value": 50, "unit": "U/L"}, "referenceRange": [{"high": limit(40)}]},
            {"code": ast, "valueString": "<5"},
        ],
    }
    found = read_all(tmp_path, panel, only="lab_results")
    rows = found.of("lab_results")
    assert set(rows) == {"base", "o1", "o1#1", "o1#2"}
    assert (rows["o1"]["vocabulary"], rows["o1"]["value"]) == ("text", None)
    first, second = rows["o1#1"], rows["o1#2"]
    same = ("patient_id", "collected_at", "recorded_at", "status")
    assert all(first[name] == second[name] == rows["o1"][name] for name in same)
    assert (first["code"], first["value"], first["unit"], first["reference_high"]) == ("1742-6", "50", "U/L", 40)
    assert (second["code"], second["value"]) == ("1920-8", "<5")
    assert found.went("Observation.component") == {"carried": 2}


def version(updated: str, **change: object) -> Resource:
    return {**OBSERVATION, "meta": {"lastUpdated": updated}, **change}


def test_one_version_is_recorded_when_it_was_issued_and_of_several_the_update_orders(tmp_path: Path) -> None:
    alone = read_all(tmp_path, version("2024-05-01T00:00:00Z"), only="lab_results").of("lab_results")["o1"]
    assert alone["recorded_at"] == "2024-02-02T10:00:00Z"
    late = read_all(tmp_path / "late", version("2024-05-01T00:00:00Z", issued=None), only="lab_results").of(
        "lab_results"
    )["o1"]
    assert late["recorded_at"] == "2024-05-01T00:00:00Z"
    several = read_all(
        tmp_path / "two",
        version("2024-05-01T00:00:00Z"),
        version("2024-05-02T00:00:00Z"),
        OBSERVATION,
        only="lab_results",
    )
    times = [row["recorded_at"] for row in several.tables["lab_results"] if row["result_id"] == "o1"]
    assert times == ["2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z", "2024-02-02T10:00:00Z"]


@pytest.mark.parametrize(("as_of", "left_out"), [(None, 1), (date(2024, 5, 1), 0)])
def test_the_parts_of_a_version_that_is_outdated_do_not_come_back(
    tmp_path: Path, as_of: date | None, left_out: int
) -> None:
    part = {"code": ALT, "valueQuantity": {"value": 600, "unit": "U/L"}}
    old = version("2024-04-01T00:00:00Z", component=[part])
    new = version("2024-05-02T00:00:00Z", status="entered-in-error")
    found = read_all(tmp_path, old, new, as_of=as_of, only="lab_results")
    assert found.went("Observation.component").get("older_version", 0) == left_out


def test_text_of_several_languages_and_quotes_comes_over(tmp_path: Path) -> None:
    row = one(tmp_path, {"code": {"text": 'Alanin "ALT" é 肝'}})
    assert row["code"] == 'Alanin "ALT" é 肝'


def inside(**change: object) -> Resource:
    """Return a result as it stands inside of a report: without what the report says."""
    kept = ("resourceType", "id", "code", "valueQuantity")
    return {key: OBSERVATION[key] for key in kept} | change


REPORT: Resource = {
    "resourceType": "DiagnosticReport",
    "id": "d1",
    "status": "partial",
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2024-02-05",
    "issued": "2024-02-06T10:00:00Z",
    "code": {"text": "liver"},
}


def test_a_result_inside_of_a_report_has_what_the_report_says(tmp_path: Path) -> None:
    own = {"status": "final", "effectiveDateTime": "2024-02-01", "issued": "2024-02-02"}
    own |= {"subject": {"reference": "Patient/p2"}}
    held = [inside(), inside(id="own", **own), inside(id=None)]
    part = {"code": ALT, "valueQuantity": {"value": 7, "unit": "U/L"}}
    panel = inside(id="panel", valueQuantity=None, component=[part])
    found = read_all(
        tmp_path, REPORT | {"contained": [*held, panel], "result": [{"reference": "#o1"}]}, only="lab_results"
    )
    rows = {key: row for key, row in found.of("lab_results").items() if key != "base"}
    told = ("patient_id", "collected_at", "status", "recorded_at", "value")
    of_report = ("p1", "2024-02-05", "preliminary", "2024-02-06T10:00:00Z")
    assert {key: tuple(row[name] for name in told) for key, row in rows.items()} == {
        "DiagnosticReport/d1#o1": (*of_report, "50"),
        "DiagnosticReport/d1#own": ("p2", "2024-02-01", "final", "2024-02-02", "50"),
        "DiagnosticReport/d1#3": (*of_report, "50"),
        "DiagnosticReport/d1#panel": (*of_report, None),
        "DiagnosticReport/d1#panel#1": (*of_report, "7"),
    }
    assert found.went("contained.Observation") == {"carried": 4}
    assert found.went("Observation.component") == {"carried": 1}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_report_that_is_taken_back_takes_its_results_back(tmp_path: Path, status: str) -> None:
    found = read_all(tmp_path, REPORT | {"status": status, "contained": [inside(status="final")]}, only="lab_results")
    assert found.of("lab_results")["DiagnosticReport/d1#o1"]["status"] == status


def test_a_result_inside_of_any_resource_is_read_and_what_else_stands_there_is_named(tmp_path: Path) -> None:
    held = [inside(), {"resourceType": "Condition", "id": "x"}, {"resourceType": "Specimen", "id": "s"}]
    parent = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "contained": held}
    found = read_all(tmp_path, parent, OBSERVATION | {"id": "o9", "contained": [inside(id="deep")]}, only="lab_results")
    rows = found.of("lab_results")
    assert rows["Condition/c1#o1"]["patient_id"] == "p1"
    assert rows["Condition/c1#o1"]["collected_at"] is None  # the contract rejects it, for everyone to see
    assert rows["Observation/o9#deep"]["collected_at"] == OBSERVATION["effectiveDateTime"]
    assert "source contained: resources inside of other resources that are not read: Condition 1" in found.notes


def test_of_two_versions_of_a_report_the_later_one_tells(tmp_path: Path) -> None:
    def version(day: str, value: int) -> Resource:
        held = [inside(valueQuantity={"value": value, "unit": "U/L"})]
        return REPORT | {"meta": {"lastUpdated": day}, "issued": None, "contained": held}

    found = read_all(tmp_path, version("2024-02-06", 50), version("2024-02-07", 60), only="lab_results")
    kept = [(row["value"], row["recorded_at"]) for row in found.tables["lab_results"] if row["result_id"] != "base"]
    assert sorted(kept) == [("50", "2024-02-06"), ("60", "2024-02-07")]
