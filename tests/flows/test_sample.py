"""The synthetic extract: the same from the same seed, as the contract says, soiled at the stated shares."""

import csv
import gzip
import json
import weakref
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flows.errors import Usage
from flows.sample import EXTRACTED_ON, chunk, codes, proportions, write, write_sample
from flows.sample.cohort import patients
from flows.sample.dice import EXTRACT_DAY, NEVER, stream
from flows.sample.doses import dose_before, first_doses, restart_doses
from flows.sample.exposures import exposures
from flows.sample.injuries import injuries
from flows.sample.story import Story, tell

ROOT = Path(__file__).resolve().parents[2]
TRACKED, TRACKED_PATIENTS, TRACKED_SEED = ROOT / "data" / "sample", 500, 11
SEED = 7

# interfaces.md section 1, by hand: what must be there, then what may be.
CONTRACT = {
    "patients": ("patient_id observation_start", "sex birth_year site_id observation_end death_date"),
    "lab_results": (
        "result_id patient_id collected_at vocabulary code",
        "value comparator unit reference_low reference_high status recorded_at laboratory_id",
    ),
    "drug_exposures": (
        "exposure_id patient_id vocabulary code start_date",
        "end_date days_supply daily_dose_mg frequency end_type stop_reason route recorded_at",
    ),
    "clinical_events": ("event_id patient_id event_date vocabulary code", "recorded_at"),
    "inpatient_stays": ("stay_id patient_id admitted_on", "discharged_on"),
}
NOT_REJECTED = {  # defects that lose no row to `rejects`
    *("limit_missing", "limit_implausible", "duplicate", "correction", "retracted_later"),
    *("retracted_only", "preliminary", "recorded_after_extract", "mistyped_year", "dose_implausible", "dose_missing"),
}


@pytest.fixture(scope="module")
def clean() -> dict[str, pl.DataFrame]:
    return chunk.tables(SEED, 0, proportions.CHUNK, clean=True)


@pytest.fixture(scope="module")
def dirty() -> dict[str, pl.DataFrame]:
    return chunk.tables(SEED, 0, proportions.CHUNK, clean=False)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(stream(SEED, 0, 1), patients(stream(SEED, 0, 0), 1, 40_000))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def is_near(observed: float, share: float, size: int) -> bool:
    """Tell whether a count's share lies within five standard errors (at least three rows) of the stated one."""
    return abs(observed - share) <= max(5 * (share * (1 - share) / size) ** 0.5, 3 / size)


# --- the same from the same seed ------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "csv", "csv.gz"])
def test_the_same_seed_and_size_give_the_same_bytes(tmp_path: Path, form: write.Format) -> None:
    for name in ("one", "two"):
        write_sample(120, SEED, tmp_path / name, format=form)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_other_patients(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_sample(50, seed, tmp_path / str(seed), format="csv")
    assert (tmp_path / "1" / "lab_results.csv").read_bytes() != (tmp_path / "2" / "lab_results.csv").read_bytes()


@pytest.mark.parametrize("number", [0, 3])
def test_a_patient_is_the_same_in_every_sample_that_holds_it(number: int) -> None:
    small, large = (chunk.tables(SEED, number, size, clean=False) for size in (40, 900))
    for name, few in small.items():
        assert few.height > 0
        assert few.equals(large[name].head(few.height)), name
        assert large[name].height > few.height


def test_the_clean_sample_is_the_same_cohort_without_the_dirt(
    clean: dict[str, pl.DataFrame], dirty: dict[str, pl.DataFrame]
) -> None:
    for name, frame in clean.items():
        row_id = frame.columns[0]
        assert frame[row_id].is_unique().all()
        assert set(frame[row_id]) == set(dirty[name][row_id])
        changed = dirty[name].select(frame.columns).unique().join(frame, on=frame.columns, how="anti", nulls_equal=True)
        assert 0 < changed.height < 0.1 * frame.height or name in ("patients", "inpatient_stays")


def test_the_tracked_sample_is_what_the_program_writes(tmp_path: Path) -> None:
    write_sample(TRACKED_PATIENTS, TRACKED_SEED, tmp_path / "again", format="csv")
    assert contents(TRACKED) == contents(tmp_path / "again")
    assert sum(len(text) for text in contents(TRACKED).values()) < 4_000_000


# --- any size, in constant memory -------------------------------------------------------------------


def test_a_large_sample_is_drawn_and_let_go_chunk_by_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = chunk.tables(SEED, 0, 3, clean=True)
    held: list[weakref.ref[pl.DataFrame]] = []
    asked, alive = [], []

    def drawn(seed: int, number: int, wanted: int, *, clean: bool, by_night: bool) -> dict[str, pl.DataFrame]:
        asked.append((seed, number, wanted))
        alive.append(sum(frame() is not None for frame in held))
        frames = {name: frame.clone() for name, frame in small.items()}
        held.append(weakref.ref(frames["lab_results"]))
        return frames

    monkeypatch.setattr(write, "tables", drawn)
    seen: list[tuple[int, int]] = []
    size = 2 * proportions.CHUNK + 1
    counts = write_sample(size, SEED, tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
    assert asked == [(SEED, 0, proportions.CHUNK), (SEED, 1, proportions.CHUNK), (SEED, 2, 1)]
    assert alive == [0, 0, 0]
    assert seen == [(proportions.CHUNK, size), (2 * proportions.CHUNK, size), (size, size)]
    assert counts["patients"] == 9
    assert len(list((tmp_path / "out" / "lab_results").glob("part-*.parquet"))) == 3


def test_about_fifty_results_a_patient(clean: dict[str, pl.DataFrame]) -> None:
    assert 42 <= clean["lab_results"].height / proportions.CHUNK <= 65


@pytest.mark.parametrize(("size", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_numbers_that_make_no_sample_are_refused(tmp_path: Path, size: int, seed: int) -> None:
    with pytest.raises(Usage):
        write_sample(size, seed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lab_results.csv").write_text("real", encoding="utf-8")
    with pytest.raises(Usage):
        write_sample(5, SEED, tmp_path)
    assert contents(tmp_path) == {"lab_results.csv": b"real"}


# --- as the contract says ---------------------------------------------------------------------------


def test_parquet_holds_the_contract_s_columns_and_types(tmp_path: Path) -> None:
    counts = write_sample(60, SEED, tmp_path / "out")
    assert set(counts) == set(CONTRACT)
    for name, (required, optional) in CONTRACT.items():
        frame = pl.read_parquet(tmp_path / "out" / name / "*.parquet")
        assert set(frame.columns) == {*required.split(), *optional.split()}
        assert frame.height == counts[name] > 0
        for column, dtype in frame.schema.items():
            is_text = column.endswith("_id") or column in ("vocabulary", "code", "unit", "status", "comparator")
            assert not is_text or dtype == pl.String, column
            is_day = column.endswith(("_date", "_on")) or column.startswith("observation_")
            assert not is_day or dtype == pl.Date, column


def test_what_must_be_there_is_there_in_the_clean_sample(clean: dict[str, pl.DataFrame]) -> None:
    for name, (required, _) in CONTRACT.items():
        assert clean[name].select(required.split()).null_count().sum_horizontal().item() == 0


def test_csv_holds_the_same_rows_with_iso_dates_and_no_word_for_nothing(tmp_path: Path) -> None:
    for form in ("csv", "csv.gz", "parquet"):
        write_sample(400, SEED, tmp_path / form, format=form)
    for name in CONTRACT:
        plain = (tmp_path / "csv" / f"{name}.csv").read_bytes()
        assert gzip.decompress((tmp_path / "csv.gz" / f"{name}.csv.gz").read_bytes()) == plain
        rows = list(csv.DictReader(plain.decode().splitlines()))
        assert len(rows) == pl.read_parquet(tmp_path / "parquet" / name / "*.parquet").height
        cells = {cell.lower() for row in rows for cell in row.values()}
        assert cells.isdisjoint({"nan", "null", "none", "nat", "inf"})
    labs = pl.read_csv(tmp_path / "csv" / "lab_results.csv", infer_schema=False)
    assert labs["collected_at"].drop_nulls().str.contains(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$").all()
    assert labs["patient_id"].drop_nulls().str.contains(r"^(99)?\d{7}$").all()
    assert labs["patient_id"].str.starts_with("000").any()
    words = labs["value"].drop_nulls().filter(labs["value"].drop_nulls().cast(pl.Float64, strict=False).is_null())
    assert set(words) <= {"haemolysed", "see comment", "___"}
    assert len(words) > 0


def test_the_extract_says_its_day_and_that_it_is_synthetic(tmp_path: Path) -> None:
    write_sample(5, SEED, tmp_path / "out")
    about = json.loads((tmp_path / "out" / "extract.json").read_text(encoding="utf-8"))
    assert about["extracted_on"] == EXTRACTED_ON.isoformat() == "2026-06-30"
    assert "synthetic" in about["note"]


def test_closed_vocabularies_hold_only_their_words(dirty: dict[str, pl.DataFrame]) -> None:
    labs, drugs = dirty["lab_results"], dirty["drug_exposures"]
    assert set(dirty["patients"]["sex"]) == {"F", "M", None}
    assert set(labs["comparator"]) == {"<", ">", None}
    assert set(labs["status"]) == {"final", "corrected", "preliminary", "entered-in-error", "cancelled"}
    assert set(drugs["end_type"]) == {"explicit", "supply", "ongoing", "discharge"}
    assert {"hepatotoxicity", "abnormal_lft", None} < set(drugs["stop_reason"])
    assert {"QD", "QOD", "BID", "every other day", None} == set(drugs["frequency"])


def known_codes() -> Iterator[tuple[str, str, str]]:
    for table in (codes.LABS, codes.DRUGS, codes.EVENTS):
        for concept, vocabularies in table.items():
            for vocabulary, several in vocabularies.items():
                for code in several:
                    yield concept.removesuffix("_25"), vocabulary.removesuffix(" molar"), code


def test_every_code_means_in_the_project_s_lists_what_the_sample_means_by_it() -> None:
    files = sorted((ROOT / "data" / "codelists").glob("*.csv"))
    assert files
    rows = [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
    listed = {(row["vocabulary"], row["code"]): row["concept"] for row in rows}
    wrong = [(concept, *code) for concept, *code in known_codes() if listed.get((code[0], code[1])) != concept]
    assert wrong == []
    unlisted = [pair for pairs in codes.UNLISTED.values() for pair in pairs]
    assert [pair for pair in unlisted if pair in listed] == []


# --- plausible lives ----------------------------------------------------------------------------------


def test_nothing_happens_outside_the_observation(clean: dict[str, pl.DataFrame]) -> None:
    people = clean["patients"].with_columns(until=pl.col("observation_end").fill_null(EXTRACTED_ON))
    assert (people["until"] <= EXTRACTED_ON).all()
    assert (people["observation_start"] <= people["until"]).all()
    assert (
        people.filter(pl.col("death_date").is_not_null())["death_date"] == people.drop_nulls("death_date")["until"]
    ).all()
    for name, day in (
        ("lab_results", "collected_at"),
        ("drug_exposures", "start_date"),
        ("clinical_events", "event_date"),
    ):
        rows = clean[name].join(people, on="patient_id")
        assert rows.height == clean[name].height
        assert (rows[day].cast(pl.Date) <= rows["until"]).all(), name
        assert (rows["recorded_at"].cast(pl.Date) <= EXTRACTED_ON).all(), name


def test_courses_follow_one_another(story: Story) -> None:
    for earlier, later in pairwise(range(3)):
        starts = story.start[later] < NEVER
        assert (story.start[later][starts] > story.last[earlier][starts] + 1).all()
    assert ((story.last >= story.start) | (story.start >= NEVER)).all()
    assert (story.restart[story.restart < NEVER] <= EXTRACT_DAY).all()
    gap = (story.restart - story.stop)[story.is_episode]
    assert gap.min() == 14
    assert gap.max() == 365


def test_liver_enzymes_rise_before_the_stop_and_fall_after_it(clean: dict[str, pl.DataFrame]) -> None:
    cohort = patients(stream(SEED, 0, chunk.COHORT), 1, proportions.CHUNK)
    told = tell(stream(SEED, 0, chunk.STORY), cohort)
    injury = injuries(stream(SEED, 0, chunk.INJURIES), cohort, told)
    is_alt = pl.col("code").is_in(["1742-6", "1743-4", "alt"])
    peaks = pl.DataFrame({"patient_id": [f"{n:07d}" for n in cohort.number], "peak_day": injury.peak_day[0]})
    who = peaks.filter(pl.Series(told.is_episode & ~injury.unrecovered & (injury.height[0] > 4)))
    since = pl.col("collected_at").dt.date().cast(pl.Int32).cast(pl.Int64) - pl.col("peak_day")
    alt = clean["lab_results"].filter(is_alt).join(who, on="patient_id").with_columns(since=since)
    multiple = alt.with_columns(multiple=pl.col("value") / pl.col("reference_high"))

    def median(low: int, high: int) -> float:
        found = multiple.filter(pl.col("since").is_between(low, high))["multiple"].median()
        assert isinstance(found, float)
        return found

    assert median(-60, -25) < median(-10, -3) < median(0, 0) > median(3, 9) > median(10, 20)
    assert median(0, 0) > 4


def test_alt_and_ast_go_together(clean: dict[str, pl.DataFrame]) -> None:
    labs = clean["lab_results"].with_columns(multiple=(pl.col("value") / pl.col("reference_high")).log())
    alt, ast = (
        labs.filter(pl.col("code").is_in(names)).select("patient_id", "collected_at", "multiple")
        for names in (["1742-6", "1743-4", "alt"], ["1920-8", "30239-8", "ast"])
    )
    both = alt.join(ast, on=["patient_id", "collected_at"])
    assert both.height > 10_000
    assert np.corrcoef(both["multiple"], both["multiple_right"])[0, 1] > 0.7


# --- at the stated shares -----------------------------------------------------------------------------


def test_the_alternatives_of_a_table_sum_to_one() -> None:
    names = (
        *("INDICATIONS", "FIRST_COURSE", "LIVER_STOP", "OTHER_STOP", "INJURY_GRADE", "INJURY_PATTERN", "RESTART_DOSE"),
        *("PRE_RESTART_TEST", "RESTART_REGIMEN", "MONITORING", "FOLLOW_UP", "STOP_RESPONSE", "AFTER_STOP"),
        *("SYMPTOM_TEST", "SYMPTOMS"),
    )
    for name in names:
        assert sum(getattr(proportions, name).values()) == pytest.approx(1), name


def test_courses_end_and_restarts_go_on_in_the_stated_shares(story: Story) -> None:
    takers = story.first_end[story.first_end != "never"]
    assert is_near(len(takers) / 40_000, proportions.COHORT["takes_azathioprine"], 40_000)
    for name, share in proportions.FIRST_COURSE.items():
        assert is_near(float((takers == name).mean()), share, len(takers)), name
    follow_up = story.follow_up[story.is_episode]
    for name, share in proportions.FOLLOW_UP.items():
        assert is_near(float((follow_up == name).mean()), share, len(follow_up)), name


def test_restart_doses_are_lower_same_and_higher_in_the_stated_shares() -> None:
    rng = stream(SEED, 0, 0)
    cohort = patients(rng, 1, 20_000)
    told = tell(rng, cohort)
    days, doses = first_doses(rng, cohort, told)
    before = dose_before(told, days, doses)
    _, again, _ = restart_doses(rng, told, before)
    for name, is_it in (("lower", again[0] < before), ("same", again[0] == before), ("higher", again[0] > before)):
        assert is_near(float(is_it.mean()), proportions.RESTART_DOSE[name], 20_000), name


def test_every_taker_s_exposures_cover_the_course_and_no_break() -> None:
    rng = stream(SEED, 0, 0)
    cohort = patients(rng, 1, 3_000)
    told = tell(rng, cohort)
    records = exposures(rng, cohort, told)
    own = np.char.startswith(records.drug, "azathioprine")
    patient = records.patient[own]
    end = np.where(records.end[own] < 0, records.start[own] + np.maximum(records.supply[own], 1) - 1, records.end[own])
    assert (end >= records.start[own]).all()
    outside = (records.start[own] > told.stop[patient] - 1) & (records.start[own] < told.restart[patient])
    assert not outside.any()
    at_stop = told.is_episode & (told.stop <= told.observed_to)
    assert np.isin(np.flatnonzero(at_stop), patient[end == told.stop[patient] - 1]).all()


def test_dirty_rows_have_the_stated_shares(dirty: dict[str, pl.DataFrame], clean: dict[str, pl.DataFrame]) -> None:
    labs, size = dirty["lab_results"], clean["lab_results"].height
    shares = proportions.LAB_DIRT
    counted = {
        "unknown_unit": (labs["unit"] == "arb.u").sum(),
        "not_a_number": labs["value_text"].is_not_null().sum(),
        "unknown_patient": labs["patient_id"].str.len_chars().eq(9).sum(),
        "no_patient": labs["patient_id"].is_null().sum(),
        "no_date": labs["collected_at"].is_null().sum(),
        "before_1900": (labs["collected_at"].dt.year() < 1900).sum(),
        "recorded_after_extract": (labs["recorded_at"].dt.date() > EXTRACTED_ON).sum(),
        "mistyped_year": (labs["collected_at"].dt.date() > EXTRACTED_ON).sum(),
        "preliminary": (labs["status"] == "preliminary").sum(),
        "correction": (labs["status"] == "corrected").sum(),
        "implausible_value": labs["value"].is_in([99_999.0, -1.0]).sum() * 1.5,
    }
    for name, count in counted.items():
        assert count > 0, name
        assert is_near(count / size, shares[name], size), name
    extra = sum(shares[name] for name in ("duplicate", "correction", "retracted_later", "conflicting_versions"))
    assert is_near((labs.height - size) / size, extra, size)
    doses = dirty["drug_exposures"]
    backward = (doses["end_date"] < doses["start_date"]).sum() / clean["drug_exposures"].height
    assert is_near(backward, proportions.EXPOSURE_DIRT["ends_before_start"], clean["drug_exposures"].height)


def test_exact_duplicates_corrections_and_contradictions_share_their_row_id(dirty: dict[str, pl.DataFrame]) -> None:
    labs = dirty["lab_results"].drop("value_text")
    several = labs.filter(pl.col("result_id").is_duplicated())
    assert several.is_duplicated().any()
    versions = several.unique().sort("result_id", "recorded_at", nulls_last=False)
    later = versions.filter(pl.col("status") == "corrected").join(
        versions.filter(pl.col("status") == "final"), on="result_id"
    )
    first = pl.coalesce("recorded_at_right", "collected_at")
    assert later.height > 100
    assert later.select((pl.col("recorded_at") > first).all()).item()
    assert later.select(((pl.col("value") != pl.col("value_right")).fill_null(value=True)).mean()).item() > 0.95
    contradictions = versions.filter(pl.struct("result_id", "recorded_at").is_duplicated())
    assert contradictions.height > 0


def test_rejected_rows_stay_far_below_what_stops_a_run() -> None:
    for table in ("LAB_DIRT", "EXPOSURE_DIRT", "EVENT_DIRT", "STAY_DIRT", "PATIENT_DIRT"):
        shares = getattr(proportions, table)
        rejected = sum(share for name, share in shares.items() if name not in NOT_REJECTED)
        assert 0 < rejected < 0.01, table
