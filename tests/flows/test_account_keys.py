"""The keys of the account tables tell their rows apart, whatever is received."""

from pathlib import Path

from extracts import AS_OF, EXPOSURE, PATIENT, RESULT, extract, references, take

from audit.frames import ACCOUNT, SOURCE_ROWS
from flows import sources
from flows.given import Given
from flows.intake.steps import Intake
from flows.references.site import Site
from flows.release.declared import as_declared
from flows.sources import account

CODES = [("LOINC", "9-9"), (" LOINC", "9-9"), ("LOINC", " 9-9 "), ("local", "9-9"), ("ICD-10-CM", "K7.1")]
DRUGS = ["Imuran 50 mg", "imuran  50 MG", " Imuran 50 mg", "imuran cream", "Imuran Cream", "Vitamin C", "vitamin c"]
TOML = """
[patients]
files = "patients.csv"
columns = { patient_id = "id", observation_start = "start" }
[lab_results]
files = "labs.csv"
columns = { result_id = "id", patient_id = "who", collected_at = "day", code = "code", value = "value", unit = "unit" }
constants = { vocabulary = "concept" }
[drug_exposures]
files = "drugs.csv"
columns = { exposure_id = "id", patient_id = "who", code = "drug", start_date = "day", dosage_text = "text" }
constants = { vocabulary = "name" }
"""


def named(taken: Intake) -> dict[str, list[tuple]]:
    """Return the account tables as they are released, each held to its frame."""
    made = as_declared({frame.name: getattr(taken, frame.name) for frame in ACCOUNT}, ACCOUNT)
    return {name: table.rows() for name, table in made}


def test_codes_and_names_that_differ_in_blanks_alone_are_one_row(tmp_path: Path) -> None:
    labs = [RESULT, *(RESULT | {"result_id": f"r{n}", "vocabulary": v, "code": c} for n, (v, c) in enumerate(CODES, 2))]
    drugs = [
        EXPOSURE,
        *(EXPOSURE | {"exposure_id": f"x{n}", "vocabulary": "name", "code": c} for n, c in enumerate(DRUGS, 2)),
    ]
    found = named(take(extract(tmp_path / "extract", lab_results=labs, drug_exposures=drugs)))
    assert found["unlisted"] == [
        ("drug_exposures", "name", "Imuran Cream", 1),
        ("drug_exposures", "name", "Vitamin C", 1),
        ("drug_exposures", "name", "imuran cream", 1),
        ("drug_exposures", "name", "vitamin c", 1),
        ("lab_results", "ICD-10-CM", "K7.1", 1),
        ("lab_results", "LOINC", "9-9", 3),
        ("lab_results", "local", "9-9", 1),
    ]
    assert found["matched"] == [
        ("drug_exposures", "name", "Imuran 50 mg", "azathioprine", "name", 2, None),
        ("drug_exposures", "name", "Imuran Cream", "azathioprine", "near_miss", 1, "cream"),
        ("drug_exposures", "name", "imuran  50 MG", "azathioprine", "name", 1, None),
        ("drug_exposures", "name", "imuran cream", "azathioprine", "near_miss", 1, "cream"),
    ]


def test_a_row_may_have_several_notes(tmp_path: Path) -> None:
    labs = [
        RESULT | {"value": "<50", "unit": None},
        RESULT | {"result_id": "r2", "reference_high": "4000", "value": ">50"},
    ]
    drugs = [EXPOSURE | {"exposure_id": "r1", "days_supply": "0"}]
    patients = [PATIENT | {"death_date": "spring"}]
    found = named(take(extract(tmp_path / "in", patients=patients, lab_results=labs, drug_exposures=drugs)))
    assert found["row_notes"] == [
        ("drug_exposures", "r1", "implausible_supply"),
        ("lab_results", "r1", "comparator_in_value"),
        ("lab_results", "r1", "unit_inferred"),
        ("lab_results", "r2", "comparator_in_value"),
        ("lab_results", "r2", "implausible_limit"),
        ("patients", "p1", "unreadable_death_date"),
    ]


def test_rows_of_a_source_are_told_apart_by_what_is_null_too(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "mapping.toml").write_text(TOML)
    (site / "patients.csv").write_text("id,start\np1,2020-01-01\np2,2020-01-01,stray\n")
    (site / "labs.csv").write_text("id,who,day,code,value,unit\nr1,p1,2020-02-01,alt,30,U/L\nr2,p1\n")
    texts = ("1 or 2 tablets", "1 OR  2 tablets", "as told")
    rows = "".join(f"x{n},p1,azathioprine,2020-03-0{n},{text}\n" for n, text in enumerate(texts, 1))
    (site / "drugs.csv").write_text(f"id,who,drug,day,text\n{rows}")
    by = references(site=Site(max_rejected_share=1.0))
    found = named(sources.take_in(Given("table", str(site)), tmp_path / "work", AS_OF, by))
    assert found["source_rows"] == [
        ("drug_exposures", "drug_exposures", "carried", None, 3),
        ("lab_results", "lab_results", "carried", None, 1),
        ("lab_results", None, "rejected", "malformed_line", 1),
        ("patients", "patients", "carried", None, 1),
        ("patients", None, "rejected", "malformed_line", 1),
    ]
    assert found["unread_texts"] == [("1 or 2 tablets", 2, 1), ("as told", 1, 1)]
    assert found["unknown_doses"] == [(f"x{n}", "unread_text") for n in (1, 2, 3)]
    assert [row[:2] for row in found["rejects"]] == [("source.lab_results", 1), ("source.patients", 1)]


def test_the_words_for_where_rows_of_a_source_went_are_declared() -> None:
    [said] = [column.meaning for column in SOURCE_ROWS.columns if column.name == "disposition"]
    for word in (account.CARRIED, account.LEFT_OUT, account.REJECTED, account.LOOKED_UP, account.NOT_MAPPED):
        assert word in said
