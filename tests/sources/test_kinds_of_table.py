"""A site's own table with the kind of its records and their refills: what is read, left out, rejected, and said."""

from pathlib import Path
from typing import Any

import pytest

from flows.errors import Usage
from flows.received import Received
from flows.sources.declare import Given
from tests.sources import look
from tests.sources.test_unread_texts import DRUG, TOML, site

COLUMNS = 'dosage_text = "TEXT" MORE'
HEADER = "ID,WHO,DRUG,DAY,END,DAYS,REFILLS,KIND,TYPE,WHY,SAID"
MORE = (
    'end_date = "END", days_supply = "DAYS", refills = "REFILLS", kind = "KIND", end_type = "TYPE", '
    'stop_reason = "WHY", recorded_at = "SAID"'
)


def given(folder: Path, *rows: str, columns: str = MORE, header: str = HEADER) -> Given:
    made = site(folder, header, *rows)
    (folder / "mapping.toml").write_text(TOML.replace(COLUMNS, columns))
    return made


def table(tmp_path: Path, *rows: str, drug: str = DRUG) -> dict[str, dict[str, Any]]:
    """Return what is carried of rows told from their first day on, by their ids."""
    whole = [f"{row.split(',', 1)[0]},p1,{drug},{row.split(',', 1)[1]}" for row in rows]
    with look.at(given(tmp_path / "site", *whole), tmp_path) as received:
        return {row["exposure_id"]: row for row in look.rows(received, "drug_exposures")}


def went(received: Received) -> set[tuple[str, str | None, int]]:
    return {(how, why, rows) for name, _, how, why, rows in look.account(received) if name == "drug_exposures"}


LENGTHS = {
    # end, supply, refills, kind, type of end, reason -> last day, length_basis
    ",30,2,order,,": ("2022-03-31", "refills"),
    "2022-01-30,30,2,order,,": ("2022-03-31", "refills"),
    "2022-01-30,30,2,order,supply,": ("2022-03-31", "refills"),
    "2022-01-01,30,2,Order,,": ("2022-03-31", "refills"),
    "9999-12-31,30,2,order,,": ("2022-03-31", "refills"),
    "2022-01-30,30,2,order,explicit,": ("2022-01-30", None),
    "2022-01-30,30,2,order,discharge,": ("2022-01-30", None),
    "2022-01-30,30,2,order,,rash": ("2022-01-30", None),
    "2021-12-31,30,2,order,,": ("2021-12-31", None),
    "soon,30,2,order,,": ("soon", None),
    ",30,52,order,,": ("2026-05-09", "refills"),
    ",30,53,order,,": (None, None),
    ",30,0,order,,": (None, None),
    ",30,-1,order,,": (None, None),
    ",1,2,order,,": (None, None),
    ",401,2,order,,": (None, None),
    ",,2,order,,": (None, None),
    ",30,2,dispensing,,": (None, None),
    ",30,2,reported,,": (None, None),
    ",30,2,,,": (None, None),
    ",,,administration,,": ("2022-01-01", None),
    ",10,,administration,,": (None, None),
    "2022-01-03,,,administration,,": ("2022-01-03", None),
}


def test_how_long_a_record_lasts(tmp_path: Path) -> None:
    people = "".join(f"p{n},2020-01-01\n" for n in range(len(LENGTHS)))
    rows = [f"x{n},p{n},{DRUG},2022-01-01,{told}," for n, told in enumerate(LENGTHS)]
    made = given(tmp_path / "site", *rows)
    (tmp_path / "site" / "patients.csv").write_text(f"id,start\n{people}")
    with look.at(made, tmp_path) as received:
        found = {
            row["exposure_id"]: (row["end_date"], row["length_basis"]) for row in look.rows(received, "drug_exposures")
        }
    assert {told: found[f"x{n}"] for n, told in enumerate(LENGTHS)} == LENGTHS


def test_what_is_no_kind_no_number_or_of_no_known_length_is_rejected_with_its_reason(tmp_path: Path) -> None:
    rows = [
        f"a,p1,{DRUG},2022-01-01,,30,,Rezept,,,",
        f"b,p1,{DRUG},2023-01-01,,30,many,order,,,",
        f"c,p1,{DRUG},2024-01-01,,,,dispensing,,,",
        f"d,p1,{DRUG},2021-01-01,,30,, ORDER ,,,",
        "e,p1,Ibuprofen,2021-01-01,,30,,Rezept,,,",
        "f,p1,azathioprine desensitization,2021-01-01,,30,,Rezept,,,",
    ]
    with look.at(given(tmp_path / "site", *rows), tmp_path) as received:
        assert [row["exposure_id"] for row in look.rows(received, "drug_exposures")] == ["d", "e"]
        told = {row["source_id"]: (row["reason"], row["detail"]) for row in look.rejects(received)}
    word = ("unknown_kind", "kind is order, dispensing, administration, reported or empty")
    assert told == {
        "a": word,
        "b": ("not_a_number", "refills is a number"),
        "c": ("unknown_supply", "a dispensing says how many days it lasts"),
        "f": word,
    }


def test_a_record_of_no_kind_covers_and_is_covered_by_nothing(tmp_path: Path) -> None:
    rows = [
        "a,2022-01-01,2022-03-01,,,order,,,",
        "b,2022-01-05,2022-03-01,,,,,,",
        "c,2022-01-05,2022-03-01,,,reported,,,",
    ]
    assert set(table(tmp_path, *rows)) == {"a", "b"}


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = [f"a,p1,{DRUG},2022-01-01,2022-03-01,,,order,,,", f"b,p1,{DRUG},2022-01-05,2022-03-01,,,dispensing,,,"]
    with look.at(given(tmp_path / "site", *rows), tmp_path) as received:
        assert went(received) == {("carried", None, 1), ("left_out", "seen_as_order", 1)}


def test_only_the_version_that_counts_covers_and_none_comes_back(tmp_path: Path) -> None:
    rows = [
        # The order was moved to June: the report of January stands.
        "a,2022-01-01,2022-03-01,,,order,,,2022-01-01",
        "a,2022-06-01,2022-07-01,,,order,,,2022-02-01",
        "b,2022-01-05,2022-03-01,,,reported,,,",
        # The report was corrected into the days of the order: what it said before does not come back.
        "c,2022-04-01,2022-04-30,,,reported,,,2022-04-01",
        "c,2022-06-02,2022-06-30,,,reported,,,2022-06-03",
        # Two tellings of one time contradict each other: the contract rejects them, and they cover nothing.
        "d,2022-09-01,2022-10-01,,,order,,,2022-09-01",
        "d,2022-09-01,2022-11-01,,,order,,,2022-09-01",
        "e,2022-09-05,2022-10-01,,,reported,,,",
    ]
    assert set(table(tmp_path, *rows)) == {"a", "b", "d", "e"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{MORE} }}", f'{MORE} }}\nvalues = {{ kind = {{ R = "Rezept" }} }}'),
        ('{ vocabulary = "name" }', '{ vocabulary = "name", kind = "prescription" }'),
    ],
)
def test_a_word_that_is_no_kind_is_named_in_the_mapping(tmp_path: Path, old: str, new: str) -> None:
    made = given(tmp_path / "site", columns=MORE if "values" in new else MORE.replace('kind = "KIND", ', ""))
    file = tmp_path / "site" / "mapping.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    said = r"\[drug_exposures\] kind is order, dispensing, administration, reported, or empty"
    with pytest.raises(Usage, match=said), look.at(made, tmp_path):
        pass


def test_one_kind_may_be_told_for_every_row_and_what_is_not_there_is_still_missed(tmp_path: Path) -> None:
    made = given(tmp_path / "site", f"a,p1,{DRUG},2022-01-01,30,2", columns='days_supply = "DAYS", refills = "REFILLS"',
                 header="ID,WHO,DRUG,DAY,DAYS,REFILLS")  # fmt: skip
    file = tmp_path / "site" / "mapping.toml"
    file.write_text(file.read_text().replace('{ vocabulary = "name" }', '{ vocabulary = "name", kind = "order" }'))
    with look.at(made, tmp_path) as received:
        [row] = look.rows(received, "drug_exposures")
        assert (row["end_date"], row["length_basis"]) == ("2022-03-31", "refills")
        missed = {note.split(":")[0] for note in received.notes if note.startswith("drug_exposures has no column")}
    assert missed == {
        f"drug_exposures has no column {name}"
        for name in ("daily_dose_mg", "frequency", "end_type", "stop_reason", "recorded_at")
    }
