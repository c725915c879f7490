"""What the report says of records whose length is not told, and of one order written twice."""

import polars as pl

from audit.frames import EXPOSURES, PATIENTS, Judged, Staged
from flows.intake.notes import of_ambiguous, of_lengths


def staged(*bases: str | None, drug: str = "azathioprine") -> Staged:
    rows = [
        dict.fromkeys(EXPOSURES.names) | {"exposure_id": f"x{place}", "concept": drug, "length_basis": basis}
        for place, basis in enumerate(bases)
    ]
    other = rows[0] | {"exposure_id": "other", "concept": "allopurinol", "length_basis": "assumed"}
    exposures = pl.DataFrame([*rows, other], schema=EXPOSURES.schema)
    return Staged(PATIENTS.empty(), pl.DataFrame(), exposures)


def test_the_records_that_rest_on_assumptions_are_counted() -> None:
    assert of_lengths(staged("assumed", "assumed", "refills", None), "azathioprine") == [
        "drug_exposures: of 4 records of azathioprine 2 rest on assumptions (nothing tells how long they last, so they"
        " end by an assumed supply) and 1 on refills (taken as all fetched)"
    ]
    assert of_lengths(staged(None, None), "azathioprine") == []


def test_orders_written_twice_are_counted() -> None:
    empty = [pl.DataFrame()] * 8
    doubtful = pl.DataFrame({"exposure_id": ["a", "b"], "reason": ["ambiguous_orders"] * 2})
    assert of_ambiguous(Judged(*empty, doubtful)) == [
        "drug_exposures: 2 records of the audited drug may be one order written twice (product, dose and start agree);"
        " the dose of their days counts as unknown"
    ]
    assert of_ambiguous(Judged(*empty, doubtful.clear())) == []
