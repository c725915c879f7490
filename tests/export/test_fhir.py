"""FHIR R4: the populations of each rule, what is masked, and the structure that a reader of R4 relies on."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from audit.rules import register
from flows.editions import load
from flows.errors import Broken
from flows.export import fhir

EDITION = load()
RULES = register(EDITION)
RULE = RULES["RST-04"]
QUARTER = (date(2026, 4, 1), date(2026, 6, 30))
WHOLE = {
    "episodes": 120, "applicable": 100, "evaluable": 80, "passed": 60, "advisory": 5, "violation": 15,
    "indeterminate": 20, "not_applicable": 20,
}  # fmt: skip
HIDDEN = {**WHOLE, "passed": None, "indeterminate": None}
CODES = ["initial-population", "denominator", "denominator-exclusion", "numerator"]
SYSTEM = "http://terminology.hl7.org/CodeSystem/measure-population"
MASKED = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"},
    ]
}
URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def made(**strata: dict[str, dict[str, int | None]]) -> dict[str, Any]:
    return fhir.report(RULE, EDITION, QUARTER, {"overall": {"all": WHOLE}, **strata}, "aggregate|North")


def counted(part: dict[str, Any]) -> list[tuple[str, int | None]]:
    """The populations of a group or stratum, each with its count; the system of each code is held."""
    found = []
    for population in part["population"]:
        [coding] = population["code"]["coding"]
        assert coding["system"] == SYSTEM
        if "count" not in population:
            assert population["_count"] == MASKED
        found.append((coding["code"], population.get("count")))
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text of a resource."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def test_the_populations_are_episodes_applicable_indeterminate_and_passed() -> None:
    [group] = made()["group"]
    assert counted(group) == list(zip(CODES, (120, 100, 20, 60), strict=True))
    assert group["measureScore"] == {"value": 0.75}
    assert "stratifier" not in group


def test_a_report_is_a_summary_of_its_period() -> None:
    report = made()
    assert (report["resourceType"], report["status"], report["type"]) == ("MeasureReport", "complete", "summary")
    assert report["period"] == {"start": "2026-04-01", "end": "2026-06-30"}
    assert "subject" not in report
    assert "date" not in report


def test_a_suppressed_count_is_masked_and_never_0() -> None:
    [group] = made(site={"north": HIDDEN})["group"]
    [stratifier] = group["stratifier"]
    [stratum] = stratifier["stratum"]
    assert (stratifier["code"], stratum["value"]) == ([{"text": "site"}], {"text": "north"})
    assert counted(stratum) == list(zip(CODES, (120, 100, None, None), strict=True))
    assert stratum["measureScore"] == MASKED


def test_a_count_that_is_not_given_is_masked() -> None:
    [group] = fhir.report(RULE, EDITION, QUARTER, {"overall": {"all": {"episodes": 5}}}, "x")["group"]
    assert counted(group) == list(zip(CODES, (5, None, None, None), strict=True))


def test_a_score_with_a_hidden_denominator_is_masked() -> None:
    [group] = made(grade={"mild": {**WHOLE, "evaluable": None}})["group"]
    [stratum] = group["stratifier"][0]["stratum"]
    assert stratum["measureScore"] == MASKED


def test_0_of_0_has_no_score_and_0_of_some_has_0() -> None:
    none = {**dict.fromkeys(WHOLE, 0)}
    [group] = made(grade={"mild": none, "severe": {**WHOLE, "passed": 0}})["group"]
    mild, severe = group["stratifier"][0]["stratum"]
    assert counted(mild) == [(code, 0) for code in CODES]
    assert "measureScore" not in mild
    assert severe["measureScore"] == {"value": 0.0}


def test_the_score_is_that_of_the_counts_as_they_are_told() -> None:
    rounded = {**WHOLE, "passed": 55, "evaluable": 85, "indeterminate": 20}
    [group] = made(grade={"mild": rounded})["group"]
    assert group["stratifier"][0]["stratum"][0]["measureScore"] == {"value": 0.6471}


@pytest.mark.parametrize("wrong", [{"passed": 81}, {"episodes": -1}])
def test_counts_that_cannot_be_are_told_to_nobody(wrong: dict[str, int]) -> None:
    with pytest.raises(Broken):
        made(grade={"mild": {**WHOLE, **wrong}})


def test_all_that_can_be_judged_may_pass() -> None:
    [group] = made(grade={"mild": {**WHOLE, "passed": 80}})["group"]
    assert group["stratifier"][0]["stratum"][0]["measureScore"] == {"value": 1.0}


@pytest.mark.parametrize("rule_id", RULES)
def test_each_rule_is_a_measure_that_its_report_names(rule_id: str) -> None:
    rule = RULES[rule_id]
    measure = fhir.measure(rule, EDITION, ["site", "grade"])
    counts = {"overall": {"all": WHOLE}, "site": {"north": WHOLE}, "grade": {"mild": WHOLE}}
    report = fhir.report(rule, EDITION, QUARTER, counts, "x")
    assert report["measure"] == f"{measure['url']}|{measure['version']}"
    [group], [reported] = measure["group"], report["group"]
    assert [one["code"]["coding"][0]["code"] for one in group["population"]] == CODES
    assert [code for code, _ in counted(reported)] == CODES
    assert [one["code"]["text"] for one in group["stratifier"]] == ["site", "grade"]
    assert [one["code"][0]["text"] for one in reported["stratifier"]] == ["site", "grade"]
    assert all(one["criteria"]["language"] and one["criteria"]["expression"] for one in group["population"])
    assert (measure["title"], measure["description"]) == (f"{rule_id} {rule.title}", rule.statement)
    assert measure["scoring"]["coding"][0]["code"] == "proportion"
    assert measure["improvementNotation"] == report["improvementNotation"]
    assert report["improvementNotation"]["coding"][0]["code"] == "increase"


def test_ids_are_the_same_for_the_same_content_and_others_for_another() -> None:
    assert made() == made()
    ids = {
        made()["id"],
        fhir.report(RULES["RST-07"], EDITION, QUARTER, {"overall": {"all": WHOLE}}, "aggregate|North")["id"],
        fhir.report(RULE, EDITION, QUARTER, {"overall": {"all": WHOLE}}, "aggregate|South")["id"],
        fhir.report(RULE, EDITION, (date(2026, 4, 1), date(2026, 4, 30)), {"overall": {"all": WHOLE}}, "x")["id"],
        fhir.measure(RULE, EDITION)["id"],
    }
    assert len(ids) == 5


def test_no_host_but_that_of_the_code_systems_stands_in_a_resource() -> None:
    both = [fhir.measure(RULE, EDITION, ["site"]), made(site={"north": HIDDEN})]
    hosts = {text.split("/")[2] for text in texts(both) if "://" in text}
    assert hosts == {"terminology.hl7.org", "hl7.org"}
    assert URN.fullmatch(both[0]["url"])


def test_a_bundle_holds_each_resource_under_its_address() -> None:
    both = [fhir.measure(RULE, EDITION), made()]
    bundle = fhir.bundle(both)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert [one["resource"] for one in bundle["entry"]] == both
    assert [one["fullUrl"] for one in bundle["entry"]] == [both[0]["url"], f"urn:uuid:{both[1]['id']}"]
    assert json.loads(json.dumps(bundle)) == bundle
