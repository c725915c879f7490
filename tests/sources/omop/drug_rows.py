"""What the tests of drugs share."""

AZATHIOPRINE, INGREDIENT, PRODUCT = "19014880", "19014878", "999001"

STAY, NO_STAY, NIL = {"visit_occurrence_id": "41"}, {"visit_occurrence_id": "42"}, {"drug_exposure_end_date": ""}


def ending(day: str) -> dict[str, str]:
    return {"drug_exposure_end_date": day}
