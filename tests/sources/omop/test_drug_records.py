"""OMOP: how long a record of a drug lasts, and which of several counts."""

from pathlib import Path

import pytest

from tests.sources import look
from tests.sources.omop.cdm import DRUG, drug, drugs, read
from tests.sources.omop.drug_rows import INGREDIENT, NIL, ending

TABLET = {"drug_concept_id": "19014878", "quantity": "", "days_supply": ""}


PLAIN = {"drug_type_concept_id": "32838"}


def of_one_each(changes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Give each row a person of its own: what one takes by several kinds of record counts once."""
    return [{"person_id": str(place)} | change for place, change in enumerate(changes, start=1)]


def test_an_end_that_was_filled_in_tells_no_length(tmp_path: Path) -> None:
    start, after, later = ending("2022-01-01"), ending("2022-01-02"), ending("2022-01-03")
    twenty_eight = {"quantity": "28", "sig": "50 mg daily"}
    expected: list[tuple[dict[str, str], tuple[str | None, str | None]]] = [
        *((start | {"days_supply": supply}, ("2022-01-30", "assumed")) for supply in ("", "0", "1", "401", "-3")),
        *((start | twenty_eight | {"days_supply": supply}, ("2022-01-28", None)) for supply in ("", "0", "1", "401")),
        (after, ("2022-01-30", "assumed")),
        (after | twenty_eight, ("2022-01-28", None)),
        (later, ("2022-01-03", None)),
        (later | twenty_eight, ("2022-01-28", None)),
        (start | twenty_eight | {"days_supply": "14"}, ("2022-01-14", None)),
        (start | twenty_eight | {"days_supply": "2"}, ("2022-01-02", None)),
        (start | twenty_eight | {"verbatim_end_date": "2022-01-01"}, ("2022-01-01", None)),
        (start | twenty_eight | {"stop_reason": "rash"}, ("2022-01-01", None)),
        (start | twenty_eight | {"drug_type_concept_id": "32818"}, ("2022-01-01", None)),
        (NIL | twenty_eight | {"drug_type_concept_id": "32818"}, ("2022-01-01", None)),
        (start | {"drug_type_concept_id": "32825"}, ("2022-01-30", "assumed")),
        (start | {"quantity": "28"}, ("2022-01-30", "assumed")),
        (NIL, (None, None)),
        (NIL | twenty_eight, ("2022-01-28", None)),
        (ending("2021-12-31") | twenty_eight, ("2021-12-31", None)),
    ]
    concept = {"concept_id": "19014878", "concept_name": "azathioprine 50 MG Oral Tablet", "vocabulary_id": "RxNorm"}
    rows = drugs(tmp_path, of_one_each([PLAIN | TABLET | change for change, _ in expected]), concept=[concept])
    assert [(row["end_date"], row["length_basis"]) for row in rows] == [told for _, told in expected]
    assert {row["end_type"] for row in rows if row["length_basis"]} == {"supply"}
    assert {row["daily_dose_mg"] for row in rows if row["end_date"] == "2022-01-28"} == {50.0}


def test_an_order_lasts_its_refills_too(tmp_path: Path) -> None:
    nine = ("2022-09-27", "refills")
    expected: list[tuple[dict[str, str], tuple[str | None, str | None]]] = [
        ({"refills": "8"}, nine),
        (NIL | {"refills": "8"}, nine),
        (NIL | {"refills": "2", "days_supply": "90"}, nine),
        *(({"refills": "8", "drug_type_concept_id": kind}, nine) for kind in ("32839", "32833", "38000177")),
        *(
            ({"refills": "8", "drug_type_concept_id": kind}, ("2022-01-30", None))
            for kind in ("32825", "32818", "32865", "32817", "0")
        ),
        ({"refills": "1"}, ("2022-03-01", "refills")),
        *(({"refills": said}, ("2022-01-30", None)) for said in ("0", "", "-1", "99", "many")),
        ({"refills": "8", "verbatim_end_date": "2022-02-15"}, ("2022-02-15", None)),
        ({"refills": "8", "stop_reason": "rash"}, ("2022-01-30", None)),
        ({"refills": "8", "days_supply": "401"}, ("2022-01-30", None)),
        ({"refills": "1", "days_supply": "400"}, ("2024-03-10", "refills")),
    ]
    rows = drugs(tmp_path, of_one_each([PLAIN | change for change, _ in expected]))
    assert [(row["end_date"], row["length_basis"]) for row in rows] == [told for _, told in expected]


def test_the_rest_is_carried_over_as_it_is(tmp_path: Path) -> None:
    row = drug(tmp_path, {"drug_exposure_start_date": "tomorrow", "days_supply": "-3"})
    assert (row["exposure_id"], row["patient_id"], row["start_date"]) == ("11", "1", "tomorrow")
    assert (row["days_supply"], row["route"], row["recorded_at"]) == ("-3", "PO", None)


def test_a_supply_of_no_days_says_nothing(tmp_path: Path) -> None:
    assert drug(tmp_path / "a", {"days_supply": "0"})["days_supply"] is None
    assert drug(tmp_path / "b", {"days_supply": "0.0"})["days_supply"] is None
    assert drug(tmp_path / "c", DRUG)["days_supply"] == "30"


ORDER, DISPENSING, ADMINISTRATION, REPORTED, UNKNOWN = "32838", "32825", "32818", "32865", "32817"


def kept(tmp_path: Path, rows: list[dict[str, str]]) -> tuple[str, set[tuple[str, int]]]:
    """Return the ids of the rows that are carried, and why others were left out."""
    given = [{"drug_exposure_id": str(number), "drug_type_concept_id": ""} | row for number, row in enumerate(rows)]
    with read(tmp_path, drug_exposure=given) as received:
        went = received.source_rows.filter(source_table="drug_exposure", disposition="left_out")
        reasons = set(went.select("reason", "rows").iter_rows())
        return "".join(sorted(row["exposure_id"] for row in look.rows(received, "drug_exposures"))), reasons


def row(kind: str, start: str, end: str, **change: str) -> dict[str, str]:
    return {
        "drug_type_concept_id": kind,
        "drug_exposure_start_date": start,
        "drug_exposure_end_date": end,
        "days_supply": "",
        **change,
    }


FEBRUARY = ("2022-02-01", "2022-02-20")


@pytest.mark.parametrize(
    ("rows", "ids", "reasons"),
    [
        (
            [row(kind, *FEBRUARY) for kind in (ORDER, DISPENSING, ADMINISTRATION, REPORTED)],
            "0",
            {("seen_as_order", 3)},
        ),
        ([row(kind, *FEBRUARY) for kind in ("38000177", "38000175", "38000180")], "0", {("seen_as_order", 2)}),
        (
            [row(kind, *FEBRUARY) for kind in (REPORTED, ADMINISTRATION, DISPENSING)],
            "2",
            {("seen_as_dispensing", 2)},
        ),
        ([row(kind, *FEBRUARY) for kind in (REPORTED, ADMINISTRATION)], "1", {("seen_as_administration", 1)}),
        # Rows of one kind, of a type that says nothing, or without a type: none stands for another.
        ([row(ORDER, *FEBRUARY), row(ORDER, *FEBRUARY)], "01", set()),
        ([row(kind, *FEBRUARY) for kind in (ORDER, UNKNOWN, "0", "")], "0123", set()),
        ([row(kind, *FEBRUARY) for kind in (UNKNOWN, REPORTED)], "01", set()),
        # The first and the last day of the better row, and the days beside them.
        (
            [row(ORDER, *FEBRUARY)]
            + [row(DISPENSING, day, "2022-04-01") for day in ("2022-01-31", "2022-02-20", "2022-02-21")],
            "013",
            {("seen_as_order", 1)},
        ),
        # The end: the verbatim one first, else by supply, else open.
        (
            [row(ORDER, *FEBRUARY, verbatim_end_date="2022-02-10"), row(DISPENSING, "2022-02-11", "2022-03-01")],
            "01",
            set(),
        ),
        (
            [row(ORDER, "2022-02-01", "", days_supply="10")]
            + [row(DISPENSING, day, "2022-03-01") for day in ("2022-02-10", "2022-02-11")],
            "02",
            {("seen_as_order", 1)},
        ),
        (
            [row(ORDER, "2022-02-01", "2022-02-01", days_supply="10"), row(DISPENSING, "2022-02-10", "2022-03-01")],
            "0",
            {("seen_as_order", 1)},
        ),
        ([row(ORDER, "2022-02-01", ""), row(DISPENSING, "2023-01-01", "2023-02-01")], "0", {("seen_as_order", 1)}),
        # A row that is left out covers nothing, or what goes on after the order would be lost.
        (
            [row(ORDER, *FEBRUARY), row(DISPENSING, "2022-02-10", "2022-05-01"), row(REPORTED, "2022-03-01", "")],
            "02",
            {("seen_as_order", 1)},
        ),
        # Another person, another drug, a drug that no list knows, an order that cannot be read or is rejected.
        ([row(ORDER, *FEBRUARY), row(DISPENSING, *FEBRUARY, person_id="2")], "01", set()),
        ([row(ORDER, *FEBRUARY), row(DISPENSING, *FEBRUARY, drug_concept_id="1436650")], "01", set()),
        ([row(kind, *FEBRUARY, drug_concept_id="5") for kind in (ORDER, DISPENSING)], "01", set()),
        ([row(ORDER, "2022-02-01", "soon"), row(DISPENSING, *FEBRUARY)], "01", set()),
        ([row(ORDER, *FEBRUARY, days_supply="-3"), row(DISPENSING, *FEBRUARY)], "0", {("seen_as_order", 1)}),
        ([row(ORDER, *FEBRUARY, drug_source_concept_id="1436650"), row(DISPENSING, *FEBRUARY)], "1", set()),
        # The same drug by another code.
        ([row(ORDER, *FEBRUARY), row(DISPENSING, *FEBRUARY, drug_concept_id=INGREDIENT)], "0", {("seen_as_order", 1)}),
    ],
)
def test_one_drug_by_several_kinds_of_record_counts_once(
    rows: list[dict[str, str]], ids: str, reasons: set[tuple[str, int]], tmp_path: Path
) -> None:
    assert kept(tmp_path, rows) == (ids, reasons)
