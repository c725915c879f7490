"""The published demo against the native extract of the same patients: every difference has a reason, and is counted.

The reasons are told from the published files anew, by other means than the mappings use.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from audit.frames import Judged
from audit.judge import judge
from flows import sources
from flows.given import Given
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references.bound import refer
from flows.shipped import DEFAULT_EDITION

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
DEMO, NATIVE = DATA / "mimic-iv-demo", DATA / "mimic-iv-demo-native"
SITES = ROOT / "docs" / "mimic-iv-demo"
pytestmark = pytest.mark.skipif(not NATIVE.is_dir(), reason="the MIMIC-IV demo is not on this machine")

AS_OF = date(2250, 1, 1)
DRUGS = ("furosemide", "acetaminophen", "allopurinol", "atorvastatin")
TABLES = ("patients", "lab_results", "drug_exposures", "clinical_events", "inpatient_stays")
KEY = ("patient_id", "stop_date", "restart_date")
# Breaks by class: as the native extract has them, with the ends of this source alone, and as this source has them.
BREAKS = {
    "furosemide": (
        {"episode": 9, "new_start": 13, "no_elevation": 19, "short_interruption": 6},
        {"episode": 4, "new_start": 2, "no_elevation": 5, "short_interruption": 6, "unobserved": 30},
        {"episode": 4, "new_start": 2, "no_elevation": 5, "short_interruption": 7, "unobserved": 30},
    ),
    "acetaminophen": (
        {"episode": 8, "new_start": 31, "no_elevation": 54, "short_interruption": 14},
        {"episode": 1, "new_start": 2, "no_elevation": 1, "short_interruption": 14, "unobserved": 89},
        {"episode": 1, "new_start": 2, "no_elevation": 1, "short_interruption": 14, "unobserved": 89},
    ),
    "allopurinol": (
        {"episode": 3, "new_start": 6, "no_elevation": 5, "short_interruption": 1},
        {"episode": 1, "new_start": 1, "short_interruption": 1, "unobserved": 12},
        {"episode": 1, "new_start": 1, "short_interruption": 1, "unobserved": 12},
    ),
    "atorvastatin": (
        {"episode": 2, "new_start": 11, "no_elevation": 24, "short_interruption": 2},
        {"new_start": 1, "short_interruption": 2, "unobserved": 36},
        {"new_start": 1, "short_interruption": 1, "unobserved": 36},
    ),
}
# Verdicts that other days and doses than those of the native extract bring about; no other verdict differs.
OTHER_VERDICTS = {
    # A single dose on the last day of a stay was followed for two days by the native extract.
    ("10021487-21170309", "MON-01", "pass", "not_applicable"),
    # Two orders of one dose and day, ONCE and DAILY: the native extract calls both QD, so that they may be one.
    ("10021487-21170309", "RST-04", "indeterminate", "pass"),
    ("10035631-21160228", "RST-04", "indeterminate", "pass"),
}


@dataclass(frozen=True)
class Audited:
    """What an audit received and judged."""

    received: Mapping[str, pl.DataFrame]
    rejected: pl.DataFrame
    intake: Intake
    judged: Judged

    @property
    def classes(self) -> dict[str, int]:
        return dict(self.judged.breaks["break_class"].value_counts().iter_rows())


def audited(given: Path | Given, drug: str, work: Path) -> Audited:
    by = refer(DEFAULT_EDITION, SITES / f"{drug}.toml", [SITES / "codelists"])
    with sources.receive(given, work, AS_OF, by) as received:
        run = received.warehouse.frame
        tables = {name: run(f"SELECT * FROM received.{name}").cast(pl.String) for name in TABLES}
        rejected = run("SELECT source_id, reason FROM source.rejects")
        taken = intake.stage(intake.settle(received, AS_OF, by))
    return Audited(tables, rejected, taken, judge(taken.staged, by.guideline, AS_OF))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@cache
def source_of(drug: str, work: Path) -> Audited:
    return audited(Given("mimic-iv", str(DEMO)), drug, work)


@cache
def native_of(drug: str, work: Path) -> Audited:
    return audited(NATIVE, drug, work)


def published(table: str) -> pl.DataFrame:
    return pl.read_csv(DEMO / "hosp" / f"{table}.csv.gz", infer_schema=False, null_values="")


@cache
def orders() -> pl.DataFrame:
    """The published orders with what the pharmacy says, the day of their discharge, and the days from the nearest."""
    pharmacy = published("pharmacy").select("pharmacy_id", "frequency", "infusion_type", "status")
    stays = published("admissions").select("hadm_id", discharge=pl.col("dischtime").str.head(10))
    whole = (
        published("prescriptions").join(pharmacy, on="pharmacy_id", how="left").join(stays, on="hadm_id", how="left")
    )
    every = published("admissions").select("subject_id", other=pl.col("dischtime").str.head(10).str.to_date())
    days = (pl.col("stoptime").str.head(10).str.to_date() - pl.col("other")).dt.total_days().abs()
    nearest = whole.join(every, on="subject_id").group_by("subject_id", "stoptime").agg(away=days.min())
    whole = whole.join(nearest, on=["subject_id", "stoptime"], how="left", nulls_equal=True)
    return whole.filter(pl.col("drug_type") == "MAIN").select(
        "starttime", "stoptime", "frequency", "infusion_type", "status", "discharge", "away", "dose_unit_rx",
        exposure_id=pl.col("subject_id") + "-" + pl.col("pharmacy_id") + "-1", a_day="doses_per_24_hrs",
        stop_day=pl.col("stoptime").str.head(10),
    )  # fmt: skip


@pytest.fixture(scope="module")
def exposures(work: Path) -> pl.DataFrame:
    """The orders that both have: ours, theirs (`_n`), and as published (`_p`)."""
    ours, theirs = (one("furosemide", work).received["drug_exposures"] for one in (source_of, native_of))
    return ours.join(theirs, on="exposure_id", suffix="_n").join(orders(), on="exposure_id", suffix="_p")


def counted(rows: pl.DataFrame, reason: pl.Expr) -> dict[str, int]:
    return dict(rows.group_by(reason.alias("reason")).len().iter_rows())


def joined(table: str, key: str, work: Path) -> pl.DataFrame:
    ours, theirs = (one("furosemide", work).received[table] for one in (source_of, native_of))
    return ours.join(theirs, on=key, how="full", suffix="_n", coalesce=True)


def differ(column: str, *, number: bool = False) -> pl.Expr:
    ours, theirs = pl.col(column), pl.col(f"{column}_n").replace("", None)
    if number:
        ours, theirs = ours.cast(pl.Float64, strict=False), theirs.cast(pl.Float64, strict=False)
    return ours.ne_missing(theirs)


def test_patients_differ_by_the_unknown_years_of_birth(work: Path) -> None:
    both = joined("patients", "patient_id", work)
    assert both.height == 100
    for column in ("sex", "site_id", "observation_start", "observation_end", "death_date"):
        assert both.filter(differ(column)).height == 0, column
    born = both.filter(differ("birth_year", number=True)).join(
        published("patients"), left_on="patient_id", right_on="subject_id"
    )
    assert (born["anchor_age"].to_list(), born["birth_year"].null_count()) == (["91"] * 3, 3)


def test_stays_and_diagnoses_are_the_same(work: Path) -> None:
    stays = joined("inpatient_stays", "stay_id", work)
    assert stays.height == 275
    for column in ("admitted_on", "discharged_on"):
        assert stays.filter(pl.col(column).str.head(10) != pl.col(f"{column}_n")).height == 0
    assert stays.filter(differ("patient_id")).height == 0
    events = joined("clinical_events", "event_id", work)
    assert events.height == 4506
    for column in ("patient_id", "event_date", "vocabulary"):
        assert events.filter(differ(column)).height == 0, column
    assert events.filter(pl.col("code") != pl.col("code_n").str.replace_all(".", "", literal=True)).height == 0


def test_results_differ_by_more_analytes_weights_and_one_bound(work: Path) -> None:
    both = joined("lab_results", "result_id", work)
    assert both.filter(pl.col("patient_id").is_null()).height == 0
    of_native = both.filter(pl.col("patient_id_n").is_not_null())
    assert of_native.height == 14739
    for column in ("patient_id", "collected_at", "vocabulary", "code", "unit", "status", "recorded_at"):
        assert of_native.filter(differ(column)).height == 0, column
    for column in ("reference_low", "reference_high", "value"):
        assert of_native.filter(differ(column, number=True)).height == 0, column
    words = of_native.filter(pl.col("value").cast(pl.Float64, strict=False).is_null(), pl.col("value").is_not_null())
    assert sorted(words["value"]) == ["ERROR", "ERROR", "UNABLE TO REPORT"]
    [bound] = of_native.filter(differ("comparator")).select("value", "comparator", "comparator_n").rows()
    assert bound == ("5", "<", None)
    more = both.filter(pl.col("patient_id_n").is_null())
    items = set(of_native["code"])
    assert more.filter(pl.col("code") == "body_weight").height == 941
    assert more.filter(pl.col("code").is_in(items)).height == 0
    assert more.height == 941 + 92988


def test_orders_differ_by_additives_and_by_those_stopped_before_they_start(work: Path) -> None:
    ours, theirs = (one("furosemide", work).received["drug_exposures"] for one in (source_of, native_of))
    more, fewer = (one.join(other, on="exposure_id", how="anti") for one, other in ((ours, theirs), (theirs, ours)))
    additives = published("prescriptions").filter(pl.col("drug_type") == "ADDITIVE")
    assert sorted(more["code"]) == sorted(additives["drug"])
    assert more.height == 19
    rejected = source_of("furosemide", work).rejected
    assert set(rejected.iter_rows()) == {(exposure, "end_before_start") for exposure in fewer["exposure_id"]}
    reversed_ = fewer.join(orders(), on="exposure_id")
    same_day = pl.col("stoptime").str.head(10) == pl.col("starttime").str.head(10)
    assert reversed_.filter(same_day, pl.col("stoptime") < pl.col("starttime")).height == fewer.height == 451
    by_contract = source_of("furosemide", work).intake.rejects.filter(pl.col("table_name") == "drug_exposures")
    assert dict(by_contract["reason"].value_counts().iter_rows()) == {"end_before_start": 156}


def test_the_last_days_of_orders_differ_for_four_reasons(exposures: pl.DataFrame) -> None:
    assert exposures.height == 13940
    assert exposures.filter(pl.col("start_date").str.head(10) != pl.col("start_date_n")).height == 0
    is_single = pl.col("frequency_p").is_in(["ONCE", "1X", "X1", "NOW X1", "STAT"])
    start, before = pl.col("start_date_n"), (pl.col("stop_day").str.to_date() - pl.duration(days=1)).cast(pl.String)
    reason = (
        pl.when(pl.col("stoptime").is_null(), pl.col("end_date") == pl.col("discharge")).then(pl.lit("open"))
        .when(is_single, pl.col("end_date") == start).then(pl.lit("single dose"))
        .when(pl.col("stoptime").str.ends_with("00:00:00"), pl.col("end_date") == before).then(pl.lit("midnight"))
        .when(pl.col("stop_day") > pl.col("discharge"), pl.col("end_date") == pl.col("discharge"))
        .then(pl.lit("after the discharge"))
        .otherwise(pl.lit("unexplained"))
    )  # fmt: skip
    assert counted(exposures.filter(differ("end_date")), reason) == {
        "open": 10,
        "single dose": 1933,
        "midnight": 166,
        "after the discharge": 235,
    }


def test_an_end_is_a_discharge_within_a_day_of_it_and_the_pharmacy_agrees(exposures: pl.DataFrame) -> None:
    away = (pl.col("stop_day").str.to_date() - pl.col("discharge").str.to_date()).dt.total_days()
    is_near = (pl.col("away") <= 1) | pl.col("stoptime").is_null()
    assert exposures.filter((pl.col("end_type") == "discharge") != is_near).height == 0
    assert counted(exposures, pl.col("end_type")) == {"discharge": 6294, "explicit": 7646}
    by_pharmacy = exposures.filter(pl.col("status") == "Discontinued via patient discharge")
    assert counted(by_pharmacy, pl.col("end_type")) == {"discharge": 4895}
    assert counted(
        by_pharmacy.filter(pl.col("stop_day") >= pl.col("starttime").str.head(10)), away.cast(pl.String)
    ) == {
        "0": 4519,
        "1": 333,
    }


def test_daily_doses_differ_for_reasons(exposures: pl.DataFrame) -> None:
    ours, theirs = pl.col("daily_dose_mg").cast(pl.Float64), pl.col("daily_dose_mg_n").cast(pl.Float64)
    is_other = ((ours - theirs).abs() > 1e-6) | (ours.is_null() != theirs.is_null())
    lost, found = ours.is_null() & theirs.is_not_null(), ours.is_not_null() & theirs.is_null()
    is_rare = pl.col("frequency_p").str.contains("WEEK|EVERY OTHER DAY|Q48H|Q36H|Q72H")
    reason = (
        pl.when(lost, pl.col("frequency_p").str.contains("PRN")).then(pl.lit("as needed"))
        .when(lost, pl.col("infusion_type") == "C").then(pl.lit("continuous"))
        .when(lost, pl.col("a_day").is_null()).then(pl.lit("doses a day unknown"))
        .when(lost, pl.col("a_day") == "0").then(pl.lit("zero doses a day"))
        .when(found, pl.col("dose_unit_rx").is_in(["g", "gm", "mcg"])).then(pl.lit("other unit of mass"))
        .when(ours.is_not_null() & theirs.is_not_null(), is_rare).then(pl.lit("rarer than daily"))
        .when(ours.is_not_null(), pl.col("a_day").is_null(), frequency_p="Q6H").then(pl.lit("by the frequency alone"))
        .otherwise(pl.lit("unexplained"))
    )  # fmt: skip
    assert counted(exposures.filter(is_other), reason) == {
        "as needed": 1314,
        "by the frequency alone": 1,
        "continuous": 5,
        "doses a day unknown": 478,
        "zero doses a day": 127,
        "other unit of mass": 811,
        "rarer than daily": 93,
    }


def test_every_other_day_is_less_often_said(exposures: pl.DataFrame) -> None:
    """The native extract took 0 doses a day for every other day; it stands for as needed, once and weekly too."""
    ours, theirs = exposures.filter(pl.col("frequency") == "QOD"), exposures.filter(pl.col("frequency_n") == "QOD")
    assert set(ours["frequency_p"]) == {"EVERY OTHER DAY", "Q48H"}
    assert set(theirs["a_day"]) == {"0"}
    assert set(ours["exposure_id"]) < set(theirs["exposure_id"])
    assert (ours.height, theirs.height) == (44, 459)


def test_names_and_routes_are_the_same(exposures: pl.DataFrame) -> None:
    assert set(exposures["vocabulary"]) == {"name"}
    assert exposures.filter(pl.col("code").str.to_lowercase() != pl.col("code_n")).height == 0
    assert exposures.filter(differ("route")).height == 0


def test_names_mean_what_the_native_extract_s_codes_mean_and_two_more(work: Path) -> None:
    """The project's own list names febuxostat and hydrocortisone, which the site's list of local codes does not."""
    ours, theirs = (one("furosemide", work).intake for one in (source_of, native_of))
    both = ours.staged.exposures.join(theirs.staged.exposures, on="exposure_id", how="left", suffix="_n")
    other = both.filter(pl.col("concept").ne_missing(pl.col("concept_n")))
    assert dict(other["product"].value_counts().iter_rows()) == {"name Febuxostat": 9, "name Hydrocortisone": 1}
    assert other["concept_n"].null_count() == other.height
    near = ours.matched.filter(pl.col("matched_by") == "near_miss")
    assert (near.height, near["rows"].sum(), set(near["concept"])) == (5, 12, {"corticosteroid_systemic"})


@pytest.mark.parametrize("drug", DRUGS)
def test_every_row_is_accounted_for(drug: str, work: Path) -> None:
    account = source_of(drug, work).intake.source_rows.group_by("source_table").agg(pl.col("rows").sum())
    tables = ("patients", "admissions", "labevents", "prescriptions", "pharmacy", "omr", "diagnoses_icd")
    assert dict(account.iter_rows()) == {name: published(name).height for name in tables}


@pytest.fixture(params=DRUGS)
def with_our_ends(request: pytest.FixtureRequest, work: Path, tmp_path: Path) -> tuple[str, Audited]:
    """A drug, and the audit of the native extract with this source's `end_type` and nothing else of it."""
    ends = source_of(request.param, work).received["drug_exposures"].select("exposure_id", ours="end_type")
    folder = tmp_path / "native"
    folder.mkdir()
    for file in NATIVE.iterdir():
        if not file.name.startswith("drug_exposures"):
            shutil.copy(file, folder / file.name)
    theirs = pl.read_csv(NATIVE / "drug_exposures.csv.gz", infer_schema=False)
    both = theirs.join(ends, on="exposure_id", how="left").with_columns(end_type=pl.coalesce("ours", "end_type"))
    both.drop("ours").write_csv(folder / "drug_exposures.csv")
    return request.param, audited(folder, request.param, work)


def test_what_a_discharge_changes_is_that_the_break_after_it_is_unobserved(
    with_our_ends: tuple[str, Audited], work: Path
) -> None:
    drug, ends = with_our_ends
    native = native_of(drug, work)
    assert (native.classes, ends.classes, source_of(drug, work).classes) == BREAKS[drug]
    both = native.judged.breaks.join(ends.judged.breaks, on=KEY, how="full", suffix="_ends", coalesce=True)
    assert both.height == native.judged.breaks.height
    changed = both.filter(pl.col("break_class") != pl.col("break_class_ends"))
    assert set(changed["break_class_ends"]) == {"unobserved"}
    last = both.filter(pl.col("break_class") != "short_interruption").with_columns(
        last_day=(pl.col("stop_date") - pl.duration(days=1)).cast(pl.String)
    )
    ended = native.received["drug_exposures"].filter(pl.col("code").str.contains(drug)).join(orders(), on="exposure_id")
    near = last.join(ended, left_on=["patient_id", "last_day"], right_on=["patient_id", "end_date"])
    near = near.filter(pl.col("away") <= 1)
    assert set(near.select(KEY).iter_rows()) == set(changed.select(KEY).iter_rows())


def test_other_days_and_doses_change_few_verdicts(with_our_ends: tuple[str, Audited], work: Path) -> None:
    drug, ends = with_our_ends
    both = ends.judged.findings.join(
        source_of(drug, work).judged.findings, on=["episode_id", "rule_id"], how="full", suffix="_ours", coalesce=True
    )
    other = both.filter(pl.col("verdict").ne_missing(pl.col("verdict_ours")))
    columns = ("episode_id", "rule_id", "verdict", "verdict_ours")
    expected = OTHER_VERDICTS if drug == "furosemide" else set()
    assert set(other.select(columns).iter_rows()) == expected


def test_nearly_all_that_is_left_to_audit_goes_on_beyond_a_discharge(work: Path) -> None:
    """Of the breaks that did not begin with a discharge, one began and ended in the same stay."""
    stays = published("admissions").select(
        patient_id="subject_id",
        first=pl.col("admittime").str.head(10).str.to_date(),
        last=pl.col("dischtime").str.head(10).str.to_date(),
    )
    breaks = pl.concat([source_of(drug, work).judged.breaks.with_columns(drug=pl.lit(drug)) for drug in DRUGS])
    left = breaks.filter(~pl.col("break_class").is_in(["unobserved", "short_interruption"]))
    within = (pl.col("first") < pl.col("stop_date")) & (pl.col("last") >= pl.col("restart_date"))
    inside = left.join(stays, on="patient_id").filter(within)
    assert (left.height, inside.height) == (18, 1)
    slots = pl.concat([source_of(drug, work).judged.slots for drug in DRUGS])
    assert dict(slots["status"].value_counts().iter_rows()) == {"met": 9, "missed": 1, "ended": 48, "not_due": 26}
