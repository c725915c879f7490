"""The sample night after night: the last is the sample, those before hold what was known by then, as it read then."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.errors import Usage
from flows.sample import EXTRACTED_ON, nights, write_sample
from flows.sample.dice import stream

DAY = date(2026, 6, 28)
TABLES = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
IDS = dict(zip(TABLES, ("patient_id", "result_id", "exposure_id", "event_id", "stay_id"), strict=True))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(400, 5, folder / "plain")
    write_sample(400, 5, folder / "nights", nights=6)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def table(written: Path, name: str, before: int) -> pl.DataFrame:
    day = EXTRACTED_ON - timedelta(days=before)
    return pl.read_parquet(written / "nights" / day.isoformat() / name / "*.parquet")


def test_each_night_is_an_extract_in_the_folder_of_its_day(written: Path) -> None:
    days = [(EXTRACTED_ON - timedelta(days=before)).isoformat() for before in (5, 4, 3, 2, 1, 0)]
    assert sorted(path.name for path in (written / "nights").iterdir()) == days
    said = [json.loads((written / "nights" / day / "extract.json").read_text())["extracted_on"] for day in days]
    assert said == days


def test_the_last_night_is_the_sample_byte_for_byte(written: Path) -> None:
    assert contents(written / "nights" / EXTRACTED_ON.isoformat()) == contents(written / "plain")


def test_a_night_alone_is_the_sample_in_a_folder_of_its_day(written: Path, tmp_path: Path) -> None:
    write_sample(400, 5, tmp_path / "one", nights=1)
    assert contents(tmp_path / "one" / EXTRACTED_ON.isoformat()) == contents(written / "plain")


@pytest.mark.parametrize("name", TABLES)
def test_rows_come_and_none_goes(written: Path, name: str) -> None:
    sizes = [table(written, name, before).height for before in (5, 4, 3, 2, 1, 0)]
    assert sizes == sorted(sizes)
    if name in ("lab_results", "drug_exposures"):
        assert sizes[0] < sizes[-1]
    ids = [set(table(written, name, before)[IDS[name]]) for before in (5, 0)]
    assert ids[0] <= ids[1]


def test_some_results_are_late_and_some_read_otherwise_at_first(written: Path) -> None:
    rows = ("result_id", "recorded_at", "status")
    first, last = table(written, "lab_results", 1), table(written, "lab_results", 0)
    came = last.join(first, on=rows, how="anti", nulls_equal=True)
    taken_on = date(2026, 6, 29)
    assert came.filter(pl.col("collected_at") < taken_on - timedelta(days=1)).height
    read = first.join(last, on=rows, nulls_equal=True).filter(pl.col("value") != pl.col("value_right"))
    assert read.height


def test_no_night_tells_a_day_to_come_but_what_is_mistyped(written: Path) -> None:
    night = EXTRACTED_ON - timedelta(days=5)
    for name, column in (
        ("drug_exposures", "end_date"), ("inpatient_stays", "discharged_on"), ("patients", "death_date"),
        ("patients", "observation_end"), ("drug_exposures", "recorded_at"), ("clinical_events", "recorded_at"),
    ):  # fmt: skip
        assert table(written, name, 5).filter(pl.col(column).cast(pl.Date) > night).is_empty(), column


# --- by value ---------------------------------------------------------------------------------------


def known(name: str, night: date = DAY, **row: object) -> list[dict[str, object]]:
    frame = pl.DataFrame([{nights.ARRIVES: DAY, nights.CORRECTED: None, **row}])
    frame = frame.with_columns(pl.col(nights.ARRIVES, nights.CORRECTED).cast(pl.Date))
    return nights.known(name, frame, night).drop(nights.ARRIVES, nights.CORRECTED).to_dicts()


@pytest.mark.parametrize(("arrives", "is_there"), [(27, True), (28, True), (29, False)])
def test_a_row_is_there_from_its_day_on(arrives: int, is_there: bool) -> None:
    row = {nights.ARRIVES: date(2026, 6, arrives), "event_id": "e"}
    assert known("clinical_events", **row) == ([{"event_id": "e"}] if is_there else [])


def test_a_row_without_a_day_is_there_always() -> None:
    assert known("clinical_events", **{nights.ARRIVES: None, "event_id": "e"}) == [{"event_id": "e"}]


@pytest.mark.parametrize(("end", "is_told"), [(27, True), (28, True), (29, False)])
def test_an_end_is_told_with_its_type_and_reason_once_its_day_has_come(end: int, is_told: bool) -> None:
    row = {"end_date": date(2026, 6, end), "end_type": "explicit", "stop_reason": "remission"}
    assert known("drug_exposures", daily_dose_mg=50.0, **row) == [
        {"daily_dose_mg": 50.0, **(row if is_told else dict.fromkeys(row))}
    ]


def test_an_open_order_says_what_it_says() -> None:
    row = {"daily_dose_mg": 50.0, "end_date": None, "end_type": None, "stop_reason": None}
    assert known("drug_exposures", **row) == [row]


@pytest.mark.parametrize(("corrected", "value"), [(27, 80.0), (28, 80.0), (29, 40.0)])
def test_what_is_wrong_at_first_reads_right_from_its_correction_on(corrected: int, value: float) -> None:
    assert known("lab_results", value=80.0, **{nights.CORRECTED: date(2026, 6, corrected)}) == [{"value": value}]


def test_a_row_comes_on_the_day_that_it_is_recorded_or_dated_unless_it_is_late_or_lacking() -> None:
    size = 60_000
    frame = pl.DataFrame({"recorded_at": [DAY, None] * (size // 2), "event_date": [date(2026, 1, 20)] * size})
    told = nights.told(stream(1, 0, 10), "clinical_events", frame.with_columns(pl.col("recorded_at").cast(pl.Date)))
    late = (told[nights.ARRIVES] - told.select(pl.coalesce("recorded_at", "event_date")).to_series()).dt.total_days()
    shares = dict(late.filter(late < 6).value_counts(normalize=True).iter_rows())
    assert sorted(shares) == [0, 1, 2, 3, 4, 5]
    assert abs(shares[0] - 0.96) < 0.01
    lacking = told.filter(late >= 6)[nights.ARRIVES]
    assert (lacking.min(), lacking.max()) == (date(2026, 6, 17), EXTRACTED_ON)
    assert 0.004 < lacking.len() / size < 0.008  # about half of 0.01: rows recorded on DAY are not lacking that long
    assert told[nights.CORRECTED].null_count() == size


def test_what_is_wrong_is_wrong_until_one_of_the_last_nights() -> None:
    size = 20_000
    frame = pl.DataFrame({"recorded_at": [date(2025, 1, 1)] * size, "start_date": [date(2025, 1, 1)] * size})
    told = nights.told(stream(1, 0, 10), "drug_exposures", frame)[nights.CORRECTED].drop_nulls()
    assert (told.min(), told.max()) == (date(2026, 6, 17), EXTRACTED_ON)
    assert abs(told.len() / size - 0.01) < 0.003


@pytest.mark.parametrize("wrong", [0, -1, 367])
def test_a_sample_has_some_nights(tmp_path: Path, wrong: int) -> None:
    with pytest.raises(Usage, match="from 1 to 366 nights"):
        write_sample(1, 1, tmp_path / "out", nights=wrong)
    assert not (tmp_path / "out").exists()
