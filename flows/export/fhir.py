"""FHIR R4: each rule as a Measure, and counts that may leave as its summary MeasureReport.

Both are pure functions of what is given: the same ids and addresses (urn:uuid, no host) for the same content. A report
takes counts as an aggregate export protects them; a suppressed one is told as masked, never as 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from audit.guideline import Guideline
from audit.rule import Rule
from flows.errors import Broken

Counts = Mapping[str, int | None]  # by the name of a column of the measures
Strata = Mapping[str, Mapping[str, Counts]]  # stratum -> level -> counts
Resource = dict[str, Any]

SPACE = UUID("5f6d8a0e-3c41-5b7e-9d52-2f8f6a1c7b90")
TERMS = "http://terminology.hl7.org/CodeSystem/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MASKED = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
OVERALL = "overall"
# The populations of a proportion, in FHIR's order: code -> name in the measures, what is in it, and by which verdict.
POPULATIONS = {
    "initial-population": ("episodes", "Audited restarts.", "every audited restart"),
    "denominator": ("applicable", "Restarts to which the rule applies.", "verdict is not not_applicable"),
    "denominator-exclusion": (
        "indeterminate",
        "Of these, the restarts that the record leaves open.",
        "verdict is indeterminate",
    ),
    "numerator": ("passed", "Of these, the restarts that keep to the rule.", "verdict is pass"),
}
DIGITS = 4


def measure(rule: Rule, edition: Guideline, strata: Sequence[str] = ()) -> Resource:
    """Return a rule as a Measure: a proportion of the restarts that keep to it among those that can be judged."""
    return {
        "resourceType": "Measure",
        "id": _uuid("measure", rule, edition),
        "url": _urn("measure", rule, edition),
        "version": edition.edition,
        "name": f"Rechallenge{rule.id.replace('-', '')}",
        "title": f"{rule.id} {rule.title}",
        "status": "active",
        "experimental": False,
        "publisher": edition.publisher,
        "description": rule.statement,
        "disclaimer": edition.notice,
        "scoring": _concept("measure-scoring", "proportion"),
        "type": [_concept("measure-type", "process")],
        "guidance": "Rate: numerator / (denominator - denominator-exclusion).",
        "improvementNotation": _concept("measure-improvement-notation", "increase"),
        "group": [
            {
                "population": [
                    {
                        "code": _concept("measure-population", code),
                        "description": words,
                        "criteria": _criteria(asked),
                    }
                    for code, (_, words, asked) in POPULATIONS.items()
                ],
                **({"stratifier": [_stratifier(name) for name in strata]} if strata else {}),
            }
        ],
    }


def report(rule: Rule, edition: Guideline, period: tuple[date, date], counts: Strata, made_as: str) -> Resource:
    """Return the summary MeasureReport of a rule over a period, both days counted.

    `counts` holds `overall` with one level, and the other strata; a missing or null count is suppressed. `made_as`
    tells this report from another of the same rule and period: profile and publisher.
    """
    [overall] = counts[OVERALL].values()
    strata = [
        {"code": [{"text": name}], "stratum": [_stratum(level, found) for level, found in levels.items()]}
        for name, levels in counts.items()
        if name != OVERALL
    ]
    start, end = (day.isoformat() for day in period)
    return {
        "resourceType": "MeasureReport",
        "id": _uuid("report", rule, edition, start, end, made_as),
        "status": "complete",
        "type": "summary",
        "measure": f"{_urn('measure', rule, edition)}|{edition.edition}",
        "period": {"start": start, "end": end},
        "improvementNotation": _concept("measure-improvement-notation", "increase"),
        "group": [{**_counted(overall), **({"stratifier": strata} if strata else {})}],
    }


def bundle(resources: Sequence[Resource]) -> Resource:
    """Return resources as one collection, each by its address."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def _counted(counts: Counts) -> Resource:
    """Return the populations of a group or a stratum, and its score where both of its counts are told."""
    populations = [
        {"code": _concept("measure-population", code), **_count(counts.get(name))}
        for code, (name, _, _) in POPULATIONS.items()
    ]
    return {"population": populations, **_score(counts)}


def _count(value: int | None) -> Resource:
    if value is not None and value < 0:
        raise Broken("a count of a measure is below 0")
    return {"_count": MASKED} if value is None else {"count": value}


def _score(counts: Counts) -> Resource:
    """Return passed / evaluable of the counts as they are told; masked where one is not, none where nothing is judged.

    Evaluable is rounded by itself: of rounded counts it need not be the denominator less its exclusions.
    """
    passed, evaluable = counts.get("passed"), counts.get("evaluable")
    if passed is None or evaluable is None:
        return {"measureScore": MASKED}
    if passed > evaluable:
        raise Broken("a measure passes more than it can judge")
    return {"measureScore": {"value": round(passed / evaluable, DIGITS)}} if evaluable else {}


def _stratum(level: str, counts: Counts) -> Resource:
    return {"value": {"text": level}, **_counted(counts)}


def _stratifier(name: str) -> Resource:
    return {"code": {"text": name}, "criteria": _criteria(name)}


def _criteria(words: str) -> Resource:
    return {"language": "text/plain", "expression": words}


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMS}{system}", "code": code}]}


def _uuid(what: str, rule: Rule, edition: Guideline, *more: str) -> str:
    """Return an id that holds for one rule of one edition with its values."""
    return str(uuid5(SPACE, "|".join((what, edition.id, edition.edition, edition.hash, rule.id, *more))))


def _urn(what: str, rule: Rule, edition: Guideline) -> str:
    return f"urn:uuid:{_uuid(what, rule, edition)}"
