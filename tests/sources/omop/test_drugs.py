"""drug_exposure: which drug, which dose, which end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.sources import look
from tests.sources.omop.cdm import VISIT, coded, drug, drugs, read
from tests.sources.omop.drug_rows import AZATHIOPRINE, INGREDIENT, NIL, NO_STAY, PRODUCT, STAY, ending

STRENGTH = {
    "drug_concept_id": AZATHIOPRINE,
    "ingredient_concept_id": INGREDIENT,
    "amount_value": "50",
    "amount_unit_concept_id": "8576",
}


LIQUID = STRENGTH | {
    "amount_value": "",
    "amount_unit_concept_id": "",
    "numerator_value": "20",
    "numerator_unit_concept_id": "8576",
    "denominator_unit_concept_id": "8587",
}


NDC = {
    "concept_id": "2000000001",
    "concept_name": "Azathioprine 50 mg, 100 tablets",
    "vocabulary_id": "NDC",
    "concept_code": "1",
}


RXNORM = {"concept_id": PRODUCT, "concept_name": "azathioprine 50 MG Oral Tablet [X]", "vocabulary_id": "RxNorm"}


CODES: list[tuple[dict[str, Any], list[dict[str, Any]], tuple[str, str]]] = [
    ({}, [], ("OMOP", AZATHIOPRINE)),
    # The standard concept is on no list: its code in its own vocabulary, then that of the source, then its name.
    ({"drug_concept_id": PRODUCT}, [RXNORM | {"concept_code": "197388"}], ("RxNorm", "197388")),
    (
        {"drug_concept_id": PRODUCT, "drug_source_concept_id": "2000000001"},
        [RXNORM | {"concept_code": "no"}, NDC | {"vocabulary_id": "ATC", "concept_code": "L04AX01"}],
        ("ATC", "L04AX01"),
    ),
    ({"drug_concept_id": PRODUCT}, [RXNORM | {"concept_code": "no"}], ("name", RXNORM["concept_name"])),
    ({"drug_concept_id": PRODUCT}, [], ("OMOP", PRODUCT)),
    # There is no standard concept.
    ({"drug_concept_id": "0", "drug_source_concept_id": INGREDIENT}, [], ("OMOP", INGREDIENT)),
    ({"drug_concept_id": "0", "drug_source_value": "L04AX01"}, [], ("ATC", "L04AX01")),
    ({"drug_concept_id": "0", "drug_source_value": "Imurek 50mg"}, [], ("name", "Imurek 50mg")),
    ({"drug_concept_id": "", "drug_source_value": "Ünal"}, [], ("name", "Ünal")),
    (
        {"drug_concept_id": "0", "drug_source_concept_id": "2000000001", "drug_source_value": "00378100501"},
        [NDC],
        ("name", NDC["concept_name"]),
    ),
    (
        {"drug_concept_id": "0", "drug_source_concept_id": "2000000001", "drug_source_value": "00378100501"},
        [],
        ("OMOP", "2000000001"),
    ),
    ({"drug_concept_id": "0", "drug_source_value": "103"}, [], ("OMOP source", "103")),  # CVX, or RxNorm? unknown
    ({"drug_concept_id": "0"}, [], ("OMOP", "0")),
]


def own(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with concepts of its case's own, where they are on no list."""
    concepts = {PRODUCT: f"{PRODUCT}{place:02}", NDC["concept_id"]: f"{NDC['concept_id']}{place:02}"}
    return {key: concepts.get(value, value) for key, value in row.items()}


def in_order(tmp_path: Path, changes: list[dict[str, Any]], **tables: Any) -> list[dict[str, Any]]:
    """Return what became of drug exposures, each with an id of its own, in their order."""
    ids = [str(1000 + place) for place in range(len(changes))]
    numbered = [change | {"drug_exposure_id": one} for one, change in zip(ids, changes, strict=True)]
    rows = {row["exposure_id"]: row for row in drugs(tmp_path, numbered, **tables)}
    return [rows[one] for one in ids]


def test_the_code_that_the_lists_know_wins(tmp_path: Path) -> None:
    changes = [own(place, change) for place, (change, *_) in enumerate(CODES)]
    concepts = [own(place, row) for place, (_, rows, _) in enumerate(CODES) for row in rows]
    expected = [
        (change, *own(place, dict(enumerate(told))).values())
        for place, (change, (*_, told)) in enumerate(zip(changes, CODES, strict=True))
    ]
    rows = in_order(tmp_path, changes, concept=concepts)
    assert [(change, *coded(row)) for change, row in zip(changes, rows, strict=True)] == expected


def test_the_concept_of_no_concept_names_nothing(tmp_path: Path) -> None:
    none = {"concept_id": "0", "concept_name": "No matching concept"}
    assert coded(drug(tmp_path, {"drug_concept_id": "0"}, concept=[none])) == ("OMOP", "0")


def test_a_row_without_any_code_is_left_for_the_contract_to_reject(tmp_path: Path) -> None:
    assert coded(drug(tmp_path, {"drug_concept_id": ""})) == ("OMOP", None)


def test_a_drug_of_two_meanings_is_rejected(tmp_path: Path) -> None:
    mercaptopurine = {"drug_source_concept_id": "1436650"}
    with read(tmp_path, drug_exposure=[mercaptopurine, {"drug_exposure_id": "12"}]) as received:
        assert [row["exposure_id"] for row in look.rows(received, "drug_exposures")] == ["12"]
        [row] = look.rejects(received)
    assert (row["source_table"], row["source_id"], row["reason"]) == ("drug_exposure", "11", "contradicting_codes")
    assert row["detail"] == "the standard concept and the concept of the source are listed as one thing"


def test_a_descendant_and_a_listed_code_may_not_contradict_each_other_either(tmp_path: Path) -> None:
    below = [{"ancestor_concept_id": INGREDIENT, "descendant_concept_id": PRODUCT}]
    change = {"drug_concept_id": PRODUCT, "drug_source_concept_id": "1436650"}
    with read(tmp_path, drug_exposure=[change], concept_ancestor=below) as received:
        assert [row["reason"] for row in look.rejects(received)] == ["contradicting_codes"]


def test_a_concept_that_is_listed_as_two_things_by_id_and_by_code_is_rejected(tmp_path: Path) -> None:
    wrong = {"concept_id": AZATHIOPRINE, "vocabulary_id": "ATC", "concept_code": "L01BB02"}
    with read(tmp_path, concept=[wrong]) as received:
        assert [row["reason"] for row in look.rejects(received)] == ["contradicting_codes"]


def test_a_concept_that_stands_twice_doubles_no_row(tmp_path: Path) -> None:
    concept = RXNORM | {"concept_code": "197388"}
    assert coded(drug(tmp_path, {"drug_concept_id": PRODUCT}, concept=[concept, concept])) == ("RxNorm", "197388")


DOSES: list[tuple[dict[str, Any], list[dict[str, Any]], float | None]] = [
    ({"quantity": "60"}, [STRENGTH], 100.0),
    ({"quantity": "15", "days_supply": "30"}, [STRENGTH], 25.0),
    ({}, [STRENGTH | {"amount_value": "0.05", "amount_unit_concept_id": "8504"}], 50.0),
    ({}, [STRENGTH | {"amount_value": "50000", "amount_unit_concept_id": "9655"}], 50.0),
    ({}, [STRENGTH | {"amount_unit_concept_id": "8510"}], None),
    ({"quantity": "0"}, [STRENGTH], None),
    ({"quantity": ""}, [STRENGTH], None),
    ({"days_supply": "0"}, [STRENGTH], None),
    ({"days_supply": ""}, [STRENGTH], None),
    # A liquid: milligrams in a millilitre, and the quantity in millilitres.
    ({"quantity": "75"}, [LIQUID], 50.0),
    ({"quantity": "75"}, [LIQUID | {"denominator_value": "1"}], 50.0),
    ({"quantity": "75"}, [LIQUID | {"denominator_value": "5"}], None),  # bottles, or millilitres?
    ({"quantity": "75"}, [LIQUID | {"denominator_unit_concept_id": "8519"}], None),
    # Several rows: what was withdrawn does not count; of a combination only the ingredient that is meant.
    ({}, [STRENGTH, STRENGTH | {"amount_value": "75", "invalid_reason": "D"}], 50.0),
    ({}, [STRENGTH | {"invalid_reason": "D"}], 50.0),
    ({}, [STRENGTH, STRENGTH], 50.0),
    ({}, [STRENGTH, STRENGTH | {"amount_value": "75"}], None),
    ({}, [STRENGTH, STRENGTH | {"amount_value": ""}], None),
    ({}, [STRENGTH, STRENGTH | {"ingredient_concept_id": "5", "amount_value": "300"}], 50.0),
    ({}, [STRENGTH | {"ingredient_concept_id": "5"}, STRENGTH | {"ingredient_concept_id": "6"}], None),
    ({}, [STRENGTH | {"ingredient_concept_id": "5"}], 50.0),  # the only ingredient, whatever its id
]


def test_the_dose_is_quantity_by_strength_by_days(tmp_path: Path) -> None:
    """Each case has a product of its own: the first is listed itself, the others descend from the ingredient."""
    products = [AZATHIOPRINE, *(str(2100000000 + place) for place in range(1, len(DOSES)))]
    changes = [change | {"drug_concept_id": product} for product, (change, *_) in zip(products, DOSES, strict=True)]
    below = [{"ancestor_concept_id": INGREDIENT, "descendant_concept_id": product} for product in products[1:]]
    strengths = [
        row | {"drug_concept_id": product}
        for product, (_, strength, _) in zip(products, DOSES, strict=True)
        for row in strength
    ]
    rows = in_order(tmp_path, changes, concept_ancestor=below, drug_strength=strengths)
    found = [row["daily_dose_mg"] for row in rows]
    assert [(*case, dose) for (*case, _), dose in zip(DOSES, found, strict=True)] == DOSES


def test_two_ingredients_of_one_concept_leave_the_dose_unknown(tmp_path: Path) -> None:
    both = [STRENGTH | {"drug_concept_id": "9", "ingredient_concept_id": one} for one in ("1551099", "1550557")]
    below = [{"ancestor_concept_id": "1551099", "descendant_concept_id": "9"}]
    tables = {"concept_ancestor": below, "concept": [{"concept_id": "9", "concept_name": "prednisone / prednisolone"}]}
    assert drug(tmp_path / "a", {"drug_concept_id": "9"}, drug_strength=both, **tables)["daily_dose_mg"] is None
    assert drug(tmp_path / "b", {"drug_concept_id": "9"}, drug_strength=both[:1], **tables)["daily_dose_mg"] == 50.0


def test_without_drug_strength_the_strength_is_read_from_the_name(tmp_path: Path) -> None:
    named = [
        RXNORM | {"concept_id": AZATHIOPRINE, "concept_name": "azathioprine 75 MG Oral Tablet", "concept_code": "1"}
    ]
    assert drug(tmp_path / "a", {"quantity": "60"}, concept=named)["daily_dose_mg"] == 150.0
    assert drug(tmp_path / "b", {"quantity": "60"})["daily_dose_mg"] is None
    source = {"drug_concept_id": "0", "drug_source_value": "AZATHIOPRINE 25 MG TABLET"}
    assert drug(tmp_path / "c", source)["daily_dose_mg"] == 25.0
    liquid = [named[0] | {"concept_name": "azathioprine 10 MG/ML Oral Suspension"}]
    assert drug(tmp_path / "d", {}, concept=liquid)["daily_dose_mg"] is None


SIGS = {
    # without a known strength
    ("50 mg every other day", False): (25.0, "QOD"),
    ("100 mg once daily", False): (100.0, "QD"),
    ("25 mg twice daily", False): (50.0, "BID"),
    ("take 2 tablets daily", False): (None, "QD"),
    ("2 tablets (100 mg total) daily", False): (100.0, "QD"),
    # tablets of 50 mg
    ("take 2 tablets daily", True): (100.0, "QD"),
    ("take 1.5 tablets daily", True): (75.0, "QD"),
    ("take two tablets every other day", True): (50.0, "QOD"),
    ("half a tablet daily", True): (25.0, "QD"),
    ("1/2 tablet daily", True): (25.0, "QD"),
    ("one tablet daily", True): (50.0, "QD"),
    ("1-2 tablets daily", True): (None, "1-2 tablets daily"),
    ("1 or 2 tablets daily", True): (None, "1 or 2 tablets daily"),
    ("one and a half tablets daily", True): (75.0, "QD"),
    ("1 1/2 tablets daily", True): (75.0, "QD"),
    ("1 & 1/2 tabs daily", True): (75.0, "QD"),
    ("up to 2 tablets daily", True): (None, "up to 2 tablets daily"),
    ("1 tablet at noon and 2 tablets at night", True): (150.0, "BID"),
    ("2 tablets of 50 mg daily", True): (100.0, "QD"),
    ("2 tablets of 25 mg daily", True): (None, "QD"),
    ("2 tablets (50 mg total) daily", True): (None, "QD"),
    ("50 mg tablet: 2 daily", True): (100.0, "QD"),
    ("1,5 tablets daily", True): (75.0, "QD"),
    **{
        (sig, True): (None, sig)
        for sig in (
            *("tablets daily", "2 tablets as needed", "2 tablets daily on alternate weeks", "hold 1 tablet daily"),
            *("1 tablet daily every other week", "stop 50 mg daily", "discontinue 50 mg daily"),
        )
    },
    ("", True): (None, None),
}


DAYS_OF_A_WEEK = {
    "1 tablet 3 times weekly": 3,
    "1 tablet 3 times a week": 3,
    "50 mg daily for 5 days a week": 5,
    "1 tablet daily 3 days per week": 3,
    "1 tablet Monday to Friday daily": 5,
    "1 tablet daily on weekdays": 5,
    "1 tablet daily except Sunday": 6,
}


def test_what_is_taken_on_some_days_of_a_week_counts_on_average(tmp_path: Path) -> None:
    rows = drugs(tmp_path, [{"quantity": "", "sig": sig} for sig in DAYS_OF_A_WEEK], drug_strength=[STRENGTH])
    assert [row["daily_dose_mg"] for row in rows] == pytest.approx([50 * days / 7 for days in DAYS_OF_A_WEEK.values()])


def test_where_there_is_no_quantity_the_sig_tells(tmp_path: Path) -> None:
    known = {True: AZATHIOPRINE, False: INGREDIENT}
    changes = [{"quantity": "", "sig": sig, "drug_concept_id": known[is_known]} for sig, is_known in SIGS]
    found = [(row["daily_dose_mg"], row["frequency"]) for row in drugs(tmp_path, changes, drug_strength=[STRENGTH])]
    assert dict(zip(SIGS, found, strict=True)) == SIGS


def test_quantity_and_sig_must_agree(tmp_path: Path) -> None:
    sigs = {
        "75 mg every other day": (None, "contradicting_dose"),
        "1 tablet daily": (50.0, None),
        "50.5 mg daily": (50.0, None),  # 1 % apart
        "50.6 mg daily": (None, "contradicting_dose"),
        "1 tablet of 25 mg twice daily": (None, "contradicting_dose"),  # the product's tablets hold 50 mg
        "as the doctor said": (50.0, None),
    }
    rows = drugs(tmp_path, [{"sig": sig} for sig in sigs], drug_strength=[STRENGTH])
    assert [(row["daily_dose_mg"], row["dose_note"]) for row in rows] == list(sigs.values())


def test_a_sig_that_is_not_read_is_handed_on_with_its_reason(tmp_path: Path) -> None:
    sigs = {
        "1 or 2 tablets daily": ("unread_text", "1 or 2 tablets daily"),
        "2 tablets daily": (None, None),
        "": (None, None),
    }
    rows = drugs(tmp_path, [{"quantity": "", "sig": sig} for sig in sigs])
    assert [(row["dose_note"], row["dosage_text"]) for row in rows] == list(sigs.values())


def test_how_an_order_ends(tmp_path: Path) -> None:
    expected: list[tuple[dict[str, str], tuple[str | None, str]]] = [
        ({}, ("2022-01-30", "supply")),
        ({"stop_reason": "patient's wish"}, ("2022-01-30", "explicit")),
        ({"verbatim_end_date": "2022-01-28"}, ("2022-01-28", "explicit")),
        (NIL, (None, "ongoing")),
        (NIL | {"stop_reason": "x"}, (None, "ongoing")),
        # The stay ended on the 20th.
        (STAY | ending("2022-01-18"), ("2022-01-30", "supply")),
        (STAY | ending("2022-01-19"), ("2022-01-19", "discharge")),
        (STAY | {"verbatim_end_date": "2022-01-20"}, ("2022-01-20", "discharge")),
        (STAY | ending("2022-01-21"), ("2022-01-21", "discharge")),
        (STAY | ending("2022-01-20") | {"stop_reason": "went home"}, ("2022-01-20", "discharge")),
        (STAY | ending("2022-01-20") | {"stop_reason": "hepatotoxicity"}, ("2022-01-20", "explicit")),
        (STAY | ending("2022-01-20") | {"stop_reason": "raised LFTs"}, ("2022-01-20", "explicit")),
        (STAY | ending("2022-01-22"), ("2022-01-30", "supply")),
        # The supply of 30 days tells before an end that nobody stated; without it that end counts.
        (ending("2022-01-20"), ("2022-01-30", "supply")),
        (ending("2022-01-20") | {"days_supply": ""}, ("2022-01-20", "supply")),
        (ending("2022-01-20") | {"days_supply": "401"}, ("2022-01-20", "supply")),
        (NO_STAY | ending("2022-01-20"), ("2022-01-30", "supply")),
        ({"person_id": "2"} | STAY | ending("2022-01-20"), ("2022-01-30", "supply")),
        (ending("soon"), ("soon", "supply")),
        # The start, where the end must be something: the supply tells.
        (ending("2022-01-01"), ("2022-01-30", "supply")),
        (STAY | ending("2022-01-01"), ("2022-01-30", "supply")),
        (ending("2022-01-01") | {"verbatim_end_date": "2022-01-01"}, ("2022-01-01", "explicit")),
        (ending("2022-01-01") | {"stop_reason": "hepatotoxicity"}, ("2022-01-01", "explicit")),
    ]
    visits = [VISIT, VISIT, VISIT | {"visit_occurrence_id": "42", "visit_concept_id": "9202"}]
    rows = drugs(tmp_path, [change for change, _ in expected], visit_occurrence=visits)
    assert [(row["end_date"], row["end_type"]) for row in rows] == [told for _, told in expected]
