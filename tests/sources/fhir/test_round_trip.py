"""A synthetic extract written as FHIR and read back is judged alike."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from audit.frames import Judged
from audit.judge import judge
from flows import sources
from flows.given import Given
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references.bound import References
from flows.references.site import Site
from flows.sample import EXTRACTED_ON, write_sample
from tests.flows.extracts import EDITION, lists_of
from tests.sources.fhir.export import export

LISTS = lists_of((), (EDITION.audited_drug, *EDITION.other_thiopurines))


def taken(given: Path | Given, work: Path) -> Intake:
    """Take an extract in, without Great Expectations."""
    by = References(EDITION, Site(), LISTS)
    with sources.receive(given, work, EXTRACTED_ON, by) as received:
        return intake.stage(intake.settle(received, EXTRACTED_ON, References(EDITION, by.site, LISTS)))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Intake, Intake]:
    folder = tmp_path_factory.mktemp("round")
    write_sample(500, 7, folder / "native", clean=True)
    export(folder / "native", folder / "fhir")
    given = Given("fhir", str(folder / "fhir"))
    return taken(folder / "native", folder / "work"), taken(given, folder / "work2")


@pytest.fixture(scope="module")
def judged(both: tuple[Intake, Intake]) -> tuple[Judged, Judged]:
    native, fhir = both
    return judge(native.staged, EDITION, EXTRACTED_ON), judge(fhir.staged, EDITION, EXTRACTED_ON)


def test_the_findings_are_identical(judged: tuple[Judged, Judged]) -> None:
    native, fhir = judged
    assert native.findings.height > 400
    assert_frame_equal(native.findings, fhir.findings)


@pytest.mark.parametrize("name", ["breaks", "episodes", "slots"])
def test_what_they_rest_on_is_identical(judged: tuple[Judged, Judged], name: str) -> None:
    native, fhir = judged
    assert_frame_equal(getattr(native, name), getattr(fhir, name))


def test_what_is_staged_is_identical_but_for_ids(both: tuple[Intake, Intake]) -> None:
    native, fhir = (taken.staged for taken in both)
    assert_frame_equal(native.patients, fhir.patients)
    for name, key in (
        ("labs", "result_id"),
        ("exposures", "exposure_id"),
        ("events", "event_id"),
        ("stays", "stay_id"),
    ):
        one, other = (getattr(staged, name).drop(key) for staged in (native, fhir))
        assert_frame_equal(one, other, check_row_order=False)


def test_every_row_went_where_it_should(both: tuple[Intake, Intake]) -> None:
    fhir = both[1]
    assert fhir.rejects.is_empty()
    went = {(row["source_table"], row["disposition"], row["reason"]) for row in fhir.source_rows.iter_rows(named=True)}
    kinds = {"Patient", "Observation", "Observation.component", "MedicationRequest", "Condition", "Procedure"}
    assert went == {
        *((kind, "carried", None) for kind in (*kinds, "DiagnosticReport", "Encounter")),
        ("Encounter", "left_out", "not_inpatient"),
        ("lines", "looked_up", None),
        ("other", "not_mapped", None),
        ("observation_periods", "looked_up", None),
    }
    lines = fhir.source_rows.filter(source_table="lines")["rows"].sum()
    own = fhir.source_rows.filter(
        ~fhir.source_rows["source_table"].is_in(["lines", "observation_periods", "Observation.component"])
    )
    assert lines == own["rows"].sum()
