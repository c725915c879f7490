"""The resource types that are read, and which of their elements, each as a few columns of text.

A codeable concept, a dosage or a reference range stays JSON: it repeats thousands of times, so a mapping takes the
distinct ones apart and joins. A quantity differs in every row, so the reader takes it apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from expectations.declare import DATE, TEXT, Column
from flows.errors import Broken
from flows.warehouse import identifier

PLAIN, JSON, REFERENCE, PERIOD, QUANTITY, META = "plain", "json", "reference", "period", "quantity", "meta"
PARTS: Mapping[str, tuple[str, ...]] = {
    REFERENCE: ("reference",),
    PERIOD: ("start", "end"),
    QUANTITY: ("value", "comparator", "unit", "system", "code"),
    META: ("lastUpdated",),
}
TYPE = "resourceType"
DAYS = (PERIOD, META)
NAMED_DAYS = (
    *("effectiveDateTime", "effectiveInstant", "issued", "authoredOn", "whenHandedOver", "whenPrepared"),
    *("dateAsserted", "onsetDateTime", "recordedDate", "performedDateTime", "deceasedDateTime"),
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a resource, by its name in FHIR."""

    name: str
    form: str = PLAIN

    @property
    def reader(self) -> str:
        """Return the type that DuckDB's JSON reader is told; leaves are text, so that no value is a read error."""
        if self.form not in PARTS:
            return "JSON" if self.form == JSON else "VARCHAR"
        return f"STRUCT({', '.join(f'{identifier(part)} VARCHAR' for part in PARTS[self.form])})"

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns that are made of it, each with its SQL; a reference and meta are one column."""
        name = identifier(self.name)
        if self.form not in PARTS:
            return {self.name: f"CAST({name} AS VARCHAR)"}
        parts = {part: f"{name}.{identifier(part)}" for part in PARTS[self.form]}
        if self.form == REFERENCE:
            return {self.name: parts["reference"]}
        return parts if self.form == META else {f"{self.name}_{part}": sql for part, sql in parts.items()}


def elements(plain: str, **forms: str) -> tuple[Element, ...]:
    """Return elements by their form, the names of a form parted by blanks; every resource has an id and a meta."""
    named = {"meta": META, **dict.fromkeys(plain.split(), PLAIN)}
    named |= {name: form for form, names in forms.items() for name in names.split()}
    return (Element("id"), *(Element(name, form) for name, form in named.items()))


MEDICATION = {"reference": "subject medicationReference", "json": "medicationCodeableConcept contained statusReason"}
PLAIN_VALUES = "valueInteger valueString valueBoolean valueTime valueDateTime"
VALUES = "valueCodeableConcept valueRange valueRatio valuePeriod valueSampledData"
RESOURCES: Mapping[str, tuple[Element, ...]] = {
    "Patient": elements(
        "gender birthDate deceasedBoolean deceasedDateTime active", reference="managingOrganization", json="link"
    ),
    "Observation": elements(
        f"status effectiveDateTime effectiveInstant issued {PLAIN_VALUES}",
        reference="subject",
        period="effectivePeriod",
        quantity="valueQuantity",
        json=f"code dataAbsentReason referenceRange component effectiveTiming contained {VALUES}",
    ),
    "MedicationRequest": elements(
        "status intent doNotPerform authoredOn reportedBoolean",
        reference=f"{MEDICATION['reference']} encounter",
        json=f"{MEDICATION['json']} category basedOn dosageInstruction dispenseRequest reportedReference",
    ),
    "MedicationDispense": elements(
        "status whenHandedOver whenPrepared",
        reference=f"{MEDICATION['reference']} context",
        quantity="daysSupply quantity",
        json="medicationCodeableConcept contained dosageInstruction",
    ),
    "MedicationStatement": elements(
        "status effectiveDateTime dateAsserted",
        reference=f"{MEDICATION['reference']} context",
        period="effectivePeriod",
        json=f"{MEDICATION['json']} dosage",
    ),
    "MedicationAdministration": elements(
        "status effectiveDateTime",
        reference=f"{MEDICATION['reference']} context",
        period="effectivePeriod",
        json="medicationCodeableConcept contained dosage",
    ),
    "Medication": elements("status", json="code ingredient"),
    "Condition": elements(
        "onsetDateTime recordedDate",
        reference="subject encounter",
        period="onsetPeriod",
        json="verificationStatus code contained",
    ),
    "Procedure": elements(
        "status performedDateTime", reference="subject", period="performedPeriod", json="code contained"
    ),
    "DiagnosticReport": elements(
        "status effectiveDateTime issued", reference="subject", period="effectivePeriod", json="code contained"
    ),
    "Encounter": elements("status", reference="subject", period="period", json="class contained"),
}


def columns(kind: str) -> tuple[Column, ...]:
    """Return the columns of a resource type."""
    return tuple(
        Column(name, DATE if element.form in DAYS or name in NAMED_DAYS else TEXT)
        for element in RESOURCES[kind]
        for name in element.columns
    )


def reading(kinds: Iterable[str]) -> tuple[dict[str, str], str]:
    """Return the reader's columns with their types for files with these types of resource, and SQL that parts them."""
    wanted: dict[str, Element] = {}
    for element in (element for kind in kinds for element in RESOURCES[kind]):
        if wanted.setdefault(element.name, element) != element:
            raise Broken(f"the element {element.name} has two forms")
    read = {TYPE: "VARCHAR", **{element.name: element.reader for element in wanted.values()}}
    made = {name: sql for element in wanted.values() for name, sql in element.columns.items()}
    return read, ", ".join(f"{sql} AS {identifier(name)}" for name, sql in made.items())
