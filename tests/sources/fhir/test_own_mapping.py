"""A site's own files replace those of the kind, also the relations that several mappings ask."""

from pathlib import Path

import pytest

from flows.errors import Usage
from flows.given import Given
from flows.sources.mapping import SOURCES
from tests.sources.fhir.bulk import CONDITION, OBSERVATION, PATIENT, REQUEST, read, read_all, write
from tests.sources.fhir.test_drugs import DISPENSE


def own(tmp_path: Path, **files: str) -> Given:
    (tmp_path / "own").mkdir()
    for name, text in files.items():
        (tmp_path / "own" / f"{name}.sql").write_text(text)
    given = write(tmp_path / "bulk", PATIENT, OBSERVATION, REQUEST, DISPENSE, CONDITION)
    return Given("fhir", given.location, tmp_path / "own")


def test_a_site_may_believe_its_dispenses_first(tmp_path: Path) -> None:
    records = (SOURCES / "fhir" / "drug_records.sql").read_text()
    turned = records.replace("4 ELSE 1 END AS kind", "4 ELSE 9 END AS kind")
    assert turned != records
    found = read(own(tmp_path, drug_records=turned), tmp_path)
    assert set(found.of("drug_exposures")) == {"MedicationDispense/x"}
    assert found.went("MedicationRequest") == {"seen_as_MedicationDispense": 1}


def test_what_is_wrong_in_a_sites_relation_is_named(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"mapping concepts.sql: .*nothing"):
        read(own(tmp_path, concepts="SELECT nothing FROM source.drug_records"), tmp_path)


def test_a_lookup_with_broken_rows_is_accounted_for(tmp_path: Path) -> None:
    found = read_all(tmp_path, CONDITION)
    assert found.went("lines") == {"looked_up": 4}
