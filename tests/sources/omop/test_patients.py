"""person, with observation_period and death; what is derived from the vocabulary; what the report is told."""

from pathlib import Path
from typing import Any

import pytest

from flows.errors import Refused
from flows.given import Given
from tests.sources import look
from tests.sources.omop.cdm import PERIOD, PERSON, cdm, read


def period(person: str, start: str, end: str) -> dict[str, str]:
    return PERIOD | {
        "person_id": person,
        "observation_period_start_date": start,
        "observation_period_end_date": end,
    }


def patients(tmp_path: Path, as_of: Any = None, **tables: Any) -> dict[str, dict[str, Any]]:
    with look.at(Given("omop", str(cdm(tmp_path / "cdm", **tables))), tmp_path, as_of) as received:
        return {row["patient_id"]: row for row in look.rows(received, "patients")}


def test_a_person_is_a_patient(tmp_path: Path) -> None:
    persons = [
        PERSON | {"person_source_value": "hospital number 4711"},
        {"person_id": "2", "gender_concept_id": "8507", "care_site_id": "0", "year_of_birth": "x"},
        {"person_id": "3", "gender_concept_id": "8551", "care_site_id": ""},
    ]
    found = patients(tmp_path, person=[persons[0], *(dict.fromkeys(persons[0], "") | one for one in persons[1:])])
    assert [(row["sex"], row["birth_year"], row["site_id"]) for row in found.values()] == [
        ("F", "1970", "7"),
        ("M", "x", None),
        (None, None, None),
    ]
    assert list(found) == ["1", "2", "3"]


def test_observation_is_from_the_first_day_to_the_last(tmp_path: Path) -> None:
    periods = [
        period("1", "2021-01-01", "2021-12-31"),
        period("1", "2019-01-01", "2019-06-30"),
        period("2", "2021-01-01", ""),
        period("2", "2019-01-01", "2020-12-31"),
        period("3", "someday", "2020-12-31"),
        period("3", "2019-01-01", "later"),
        period("5", "2019-01-01", "2024-06-30"),
        period("6", "2019-01-01", "2024-06-29"),
        period("7", "2019-01-01", "2024-07-01"),
        period("8", "2019-01-01", "2024-07-01"),
        period("8", "2019-01-01", "later"),
    ]
    found = patients(
        tmp_path,
        look.AS_OF,
        person=[PERSON | {"person_id": f"{place}"} for place in range(1, 9)],
        observation_period=periods,
    )
    assert {key: (row["observation_start"], row["observation_end"]) for key, row in found.items()} == {
        "1": ("2019-01-01", "2021-12-31"),
        "2": ("2019-01-01", None),
        "3": ("someday", "later"),
        "4": (None, None),  # the contract rejects a patient who was never observed
        # A period that reaches the as-of date, 2024-06-30, goes on.
        "5": ("2019-01-01", None),
        "6": ("2019-01-01", "2024-06-29"),
        "7": ("2019-01-01", None),
        "8": ("2019-01-01", "later"),
    }


@pytest.mark.parametrize(
    ("ends", "told"),
    [(("2020-01-01", "2020-01-02"), 0), (("2020-01-01", "2020-01-03"), 1), (("2020-02-01", "2020-01-15"), 0)],
)
def test_persons_with_days_between_their_periods_are_counted(ends: tuple[str, str], told: int, tmp_path: Path) -> None:
    periods = [period("1", "2019-01-01", ends[0]), period("1", ends[1], "2022-01-01")]
    with read(tmp_path, observation_period=periods) as received:
        notes = [note for note in received.notes if note.startswith("observation_period:")]
    assert notes == ["observation_period: 1 persons have days between their periods, which count as observed"] * told


def test_the_latest_death_counts_and_an_unreadable_one_stays(tmp_path: Path) -> None:
    deaths = [
        {"person_id": "1", "death_date": "2023-05-05"},
        {"person_id": "1", "death_date": "2023-05-04"},
        {"person_id": "2", "death_date": "in May"},
        {"person_id": "9", "death_date": "2023-05-04"},
    ]
    found = patients(tmp_path, person=[PERSON | {"person_id": one} for one in "123"], death=deaths)
    assert {key: row["death_date"] for key, row in found.items()} == {"1": "2023-05-05", "2": "in May", "3": None}


@pytest.mark.parametrize("table", ["person", "observation_period", "drug_exposure", "measurement"])
def test_a_table_that_must_be_there(table: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f"the table {table} is missing"), read(tmp_path, **{table: None}):
        pass


def test_what_the_release_of_the_cdm_says_is_told(tmp_path: Path) -> None:
    for place, (version, note) in enumerate(
        {
            "5.4": "cdm_source: OMOP CDM 5.4, released on 2023-01-02",
            "v5.3.1": "cdm_source: OMOP CDM v5.3.1, released on 2023-01-02",
            "6.0": "cdm_source: OMOP CDM 6.0, released on 2023-01-02; read as 5.3 or 5.4 are",
            "": "cdm_source: OMOP CDM of no stated version, released on 2023-01-02; read as 5.3 or 5.4 are",
            "Meyer 5.4": "cdm_source: OMOP CDM of no stated version, released on 2023-01-02; read as 5.3 or 5.4 are",
            "5.4 Meyer": "cdm_source: OMOP CDM of no stated version, released on 2023-01-02",
        }.items()
    ):
        told = [{"cdm_version": version, "source_release_date": "2023-01-02"}]
        with read(tmp_path / f"{place}", cdm_source=told) as received:
            assert note in received.notes


def below(ancestor: str, *descendants: str) -> list[dict[str, str]]:
    return [{"ancestor_concept_id": ancestor, "descendant_concept_id": one} for one in descendants]


AZATHIOPRINE, MERCAPTOPURINE, ALLOPURINOL, HYDROCORTISONE, NAUSEA = "19014878", "1436650", "1167322", "975125", "31967"


def derived(tmp_path: Path, **tables: Any) -> dict[tuple[str, str], str]:
    with read(tmp_path, **tables) as received:
        rows = received.warehouse.rows(
            "SELECT table_name, code, concept, vocabulary, matched_by FROM reference.derived_codes"
            " WHERE matched_by <> 'codings'"
        )
        assert {row[3:] for row in rows} <= {("OMOP", "ancestor")}
        assert len({row[:3] for row in rows}) == len(rows)
    found: dict[tuple[str, str], list[str]] = {}
    for table, code, concept, *_ in rows:
        found.setdefault((table, code), []).append(concept)
    return {key: ", ".join(sorted(concepts)) for key, concepts in found.items()}


def test_descendants_are_what_their_ancestor_is(tmp_path: Path) -> None:
    ancestors = [
        *below(AZATHIOPRINE, "101", "101", "19014880"),
        *below(MERCAPTOPURINE, "101", "102"),
        *below(ALLOPURINOL, "101", "103"),
        *below("1310149", "103", "104"),
        *below("55", "105"),
        *below(NAUSEA, "101", "106"),
    ]
    assert derived(tmp_path, concept_ancestor=ancestors) == {
        (
            "drug_exposures",
            "101",
        ): "allopurinol, azathioprine, mercaptopurine",  # what has several is rejected, and said
        ("drug_exposures", "102"): "mercaptopurine",
        ("drug_exposures", "103"): "allopurinol, anticoagulant",
        ("drug_exposures", "104"): "anticoagulant",
        ("clinical_events", "101"): "symptom_nausea",
        ("clinical_events", "106"): "symptom_nausea",
    }


def test_a_parent_may_be_listed_by_its_code_in_rxnorm_or_snomed_ct(tmp_path: Path) -> None:
    concepts = [
        {"concept_id": "50", "vocabulary_id": "RxNorm", "concept_code": "1256"},
        {"concept_id": "51", "vocabulary_id": "SNOMED", "concept_code": "84229001"},
        {"concept_id": "52", "vocabulary_id": "ATC", "concept_code": "L04AX01"},
        {"concept_id": "53", "vocabulary_id": "ICD10CM", "concept_code": "R17"},
    ]
    ancestors = [*below("50", "150"), *below("51", "151"), *below("52", "152"), *below("53", "153")]
    assert derived(tmp_path, concept=concepts, concept_ancestor=ancestors) == {
        ("drug_exposures", "150"): "azathioprine",
        ("clinical_events", "151"): "symptom_fatigue",
    }


def test_of_a_systemic_drug_only_what_is_not_for_one_place(tmp_path: Path) -> None:
    names = {"201": "hydrocortisone 20 MG Oral Tablet", "202": "hydrocortisone 10 MG/ML Topical Cream"}
    concepts = [{"concept_id": key, "concept_name": name} for key, name in names.items()]
    ancestors = below(HYDROCORTISONE, "201", "202", "203")
    assert derived(tmp_path, concept=concepts, concept_ancestor=ancestors) == {
        ("drug_exposures", "201"): "corticosteroid_systemic"
    }


def test_an_empty_table_of_ancestors_is_told(tmp_path: Path) -> None:
    note = "concept_ancestor is empty: only the codes that the lists name count, and no descendants"
    folder = cdm(tmp_path / "cdm", concept_ancestor=below("1", "2"))
    with look.at(Given("omop", str(folder)), tmp_path / "a") as received:
        assert note not in received.notes
    (folder / "concept_ancestor.csv").write_text("ancestor_concept_id,descendant_concept_id\n")
    with look.at(Given("omop", str(folder)), tmp_path / "b") as received:
        assert note in received.notes
