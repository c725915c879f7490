"""The same patients by two routes: a synthetic sample, and that sample as an OMOP CDM read back."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from audit.frames import Judged
from audit.judge import judge
from flows import sources
from flows.given import Given
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references.bound import References, refer
from flows.sample import EXTRACTED_ON, write_sample
from tests.sources.omop.export import export

PATIENTS, SEED = 500, 3


def taken(given: Path | Given, work: Path, by: References) -> Intake:
    """Take a source in, without Great Expectations."""
    with sources.receive(given, work, EXTRACTED_ON, by) as received:
        return intake.stage(intake.settle(received, EXTRACTED_ON, by))


def judged(given: Path | Given, work: Path, by: References) -> Judged:
    """Judge a source."""
    return judge(taken(given, work, by).staged, by.guideline, EXTRACTED_ON)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("omop")
    write_sample(PATIENTS, SEED, folder / "native", clean=True)
    return folder


@pytest.fixture(scope="module")
def native(sample: Path) -> Judged:
    return judged(sample / "native", sample / "native.work", refer("dr-oracle-2025", None, ()))


def as_native(frame: pl.DataFrame) -> pl.DataFrame:
    """Give rows the ids of the native extract again (person 367 is patient 0000367), and leave out the site's name."""
    ids = {}
    if "patient_id" in frame.columns:
        ids["patient_id"] = pl.col("patient_id").str.zfill(7)
    if "episode_id" in frame.columns:
        person = pl.col("episode_id").str.extract(r"^(\d+)-", 1).str.zfill(7)
        ids["episode_id"] = person + pl.col("episode_id").str.extract(r"^\d+(-.*)$", 1)
    return frame.with_columns(**ids).drop("site_id", strict=False)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_sample_exported_to_omop_and_read_back_gives_identical_findings(
    sample: Path, native: Judged, form: str
) -> None:
    cdm = export(sample / "native", sample / form, EXTRACTED_ON, form)
    by = refer("dr-oracle-2025", None, (sample / f"{form}.codelists",))
    found = judged(Given("omop", str(cdm)), sample / f"{form}.work", by)
    assert native.findings.height > 500
    for name, keys in {
        "findings": ["episode_id", "rule_id"],
        "episodes": ["episode_id"],
        "slots": ["episode_id", "rule_id", "slot"],
        "breaks": ["patient_id", "stop_date", "restart_date"],
    }.items():
        expected, actual = as_native(getattr(native, name)).sort(keys), as_native(getattr(found, name)).sort(keys)
        if name == "episodes":  # an open order has its dose from a sig, which then tells the frequency too
            actual = actual.with_columns(
                alternate_day=pl.when(expected["alternate_day"].is_not_null()).then(pl.col("alternate_day"))
            )
        assert_frame_equal(actual, expected)
