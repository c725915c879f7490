"""The concept of the audited drug as an ingredient, which is what a drug era is of."""

import csv
from functools import cache

from flows.shipped import DATA

NO_CONCEPT = 0
FIELD = "ingredient"


@cache
def ingredient(drug: str) -> int:
    """Return the concept id of a drug's ingredient; NO_CONCEPT where none is listed."""
    with (DATA / "reference" / "omop_concepts.csv").open(encoding="utf-8", newline="") as lines:
        listed = {row["meaning"]: int(row["concept_id"]) for row in csv.DictReader(lines) if row["field"] == FIELD}
    return listed.get(drug, NO_CONCEPT)
