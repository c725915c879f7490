"""Whom an operator was asked to forget is left out of an extract before a row of theirs is settled."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from extracts import EVENT, EXPOSURE, PATIENT, RESULT, STAY, extract, references

from flows import exclusions, sources
from flows.exclusions import Exclusions
from flows.intake import leave_out
from flows.intake import settle as checks
from flows.intake import steps as intake
from flows.intake.steps import Intake
from tests.sources.look import rejects, rows
from tests.sources.omop.cdm import read

AS_OF = date(2024, 12, 31)
ID = PATIENT["patient_id"]
OTHERS = {"patient_id": "other"}


def excluded(tmp_path: Path, *ids: str) -> Exclusions:
    home = tmp_path / "home"
    home.mkdir()
    for one in ids:
        exclusions.add(home, one)
    return exclusions.read(home)


def taken(tmp_path: Path, folder: Path, *ids: str) -> Intake:
    with sources.receive(folder, tmp_path / "work", AS_OF, references()) as received:
        leave_out(received, excluded(tmp_path, *ids))
        return intake.stage(intake.settle(received, AS_OF, references()))


def two(tmp_path: Path, theirs: str = ID) -> Path:
    """An extract of the person and another, with the same rows."""
    tables = {
        "patients": PATIENT, "lab_results": RESULT, "drug_exposures": EXPOSURE, "clinical_events": EVENT,
        "inpatient_stays": STAY,
    }  # fmt: skip
    ids = {"lab_results": "result_id", "drug_exposures": "exposure_id", "clinical_events": "event_id",
           "inpatient_stays": "stay_id"}  # fmt: skip
    rows = {
        name: [row | {"patient_id": theirs}, row | OTHERS | ({ids[name]: "o1"} if name in ids else {})]
        for name, row in tables.items()
    }
    return extract(tmp_path / "extract", **rows)


def people(frames: Intake) -> dict[str, set[str]]:
    staged = frames.staged
    return {
        name: set(getattr(staged, name)["patient_id"]) for name in ("patients", "labs", "exposures", "events", "stays")
    }


def test_every_table_is_without_them(tmp_path: Path) -> None:
    found = taken(tmp_path, two(tmp_path), ID)
    assert set(map(frozenset, people(found).values())) == {frozenset({"other"})}
    assert found.told_patients["patient_id"].to_list() == ["other"]
    assert found.conservation["read"].to_list() == [1, 1, 1, 1, 1]
    assert sum("1 row was left out, of people who are to be forgotten" in note for note in found.notes) == 5


def test_without_exclusions_nothing_is_left_out(tmp_path: Path) -> None:
    found = taken(tmp_path, two(tmp_path))
    assert people(found)["labs"] == {ID, "other"}
    assert not [note for note in found.notes if "left out" in note]


@pytest.mark.parametrize("written", [f" {ID} ", f"{ID}\t", f"\u00a0{ID}"])
def test_an_id_is_read_as_intake_reads_it(tmp_path: Path, written: str) -> None:
    assert people(taken(tmp_path, two(tmp_path, written), ID))["labs"] == {"other"}


@pytest.mark.parametrize("odd", ["Ünï-çødé", "a'b", 'a"b', "^HA+1/2", "0", "x" * 500])
def test_every_id_has_the_same_hash_in_sql(tmp_path: Path, odd: str) -> None:
    assert people(taken(tmp_path, two(tmp_path, odd), odd))["labs"] == {"other"}


@pytest.mark.parametrize("near", [ID.lower() + "x", ID[:-1], ID + "0"])
def test_nobody_else_is_left_out(tmp_path: Path, near: str) -> None:
    assert people(taken(tmp_path, two(tmp_path), near))["labs"] == {ID, "other"}


def test_a_person_who_stands_in_no_patients_is_left_out_of_the_others(tmp_path: Path) -> None:
    folder = extract(
        tmp_path / "extract",
        patients=[PATIENT | OTHERS], lab_results=[RESULT, RESULT | OTHERS | {"result_id": "o1"}],
        drug_exposures=[EXPOSURE | OTHERS],
    )  # fmt: skip
    found = taken(tmp_path, folder, ID)
    assert found.rejects.is_empty()
    assert found.staged.labs["patient_id"].to_list() == ["other"]


def test_their_rejected_rows_are_gone_and_a_line_that_names_them_is_emptied(tmp_path: Path) -> None:
    folder = two(tmp_path)
    file = folder / "lab_results.csv"
    lines = file.read_text().splitlines()
    file.write_text(
        "\n".join([*lines, f"x1,{ID},one,cell,too,many" + 20 * ",x", "x2,someone,one,cell,too,many" + 20 * ",x"]) + "\n"
    )
    with sources.receive(folder, tmp_path / "work", AS_OF, references()) as received:
        leave_out(received, excluded(tmp_path, ID))
        settled = intake.settle(received, AS_OF, references())
        rejects = checks.rejects(received.warehouse)
        assert settled.conservation.filter(pl.col("table_name") == "lab_results")["rejected"].item() == 2
    assert rejects["reason"].to_list() == 2 * ["malformed_line"]
    assert ID not in rejects.write_ndjson()
    assert [row is None for row in rejects["row"]] == [True, False]


def test_of_another_kind_of_source_too(tmp_path: Path) -> None:
    people = [{"person_id": "1"}, {"person_id": "12"}]
    periods = [{"observation_period_id": key, "person_id": key} for key in ("1", "12")]
    bad = {"drug_exposure_id": "13", "drug_concept_id": "1", "drug_source_value": "103", "person_id": "1"}
    drugs = [{"person_id": "1"}, {"drug_exposure_id": "12", "person_id": "12"}, bad]
    with read(tmp_path, person=people, observation_period=periods, drug_exposure=drugs) as received:
        for source_id, patient in (("14", "1"), ("15", "12")):
            content = f"to_json({{'patient_id': '{patient}', 'a': 'x'}})"
            received.warehouse.run(
                f"INSERT INTO source.rejects SELECT 'drug_exposure', {patient}, '{source_id}', 'odd', NULL, {content}"
            )
        leave_out(received, excluded(tmp_path, "1"))
        for table in ("patients", "drug_exposures"):
            assert {row["patient_id"] for row in rows(received, table)} == {"12"}
        assert [(row["source_id"], row["row"] is None) for row in rejects(received)] == [(None, True), ("15", False)]
