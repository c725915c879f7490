"""The day of a result or dose is the day at the site: whatever form the instant comes in, no day shifts in silence."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows import instants
from flows.errors import Usage
from flows.receive import Receiver
from flows.site import Site
from flows.sources.declare import Given
from flows.sources.duckdb_file import take as take_attached
from flows.warehouse import Warehouse
from tests.flows.extracts import EXPOSURE, RESULT, extract, take, take_labs, write_csv
from tests.sources import look

WINTER, SUMMER = datetime(2024, 1, 31, 23, 30, tzinfo=UTC), datetime(2024, 7, 1, 4, 30, tzinfo=UTC)
AS_OF = date(2024, 12, 31)


def in_csv(folder: Path, at: datetime, zone: str | None) -> date:
    """Return the day of a result collected at an instant, as text of a native extract."""
    rows = [{**RESULT, "collected_at": at.isoformat(), "recorded_at": None}]
    taken = take(extract(folder / "extract", lab_results=rows), AS_OF, Site(time_zone=zone))
    return taken.staged.labs["date"][0]


def in_parquet(folder: Path, at: datetime, zone: str | None, unit: Literal["us", "ns"] = "us") -> date:
    """Return the same, of a typed column."""
    native = extract(folder / "extract", lab_results=None)
    row = {**{name: [value] for name, value in RESULT.items() if name != "recorded_at"}, "collected_at": [at]}
    frame = pl.DataFrame(row).with_columns(pl.col("collected_at").dt.cast_time_unit(unit))
    frame.write_parquet(native / "lab_results.parquet")
    return take(native, AS_OF, Site(time_zone=zone)).staged.labs["date"][0]


def received(given: Given, folder: Path, zone: str | None) -> date:
    """Return the day of the only result of a source."""
    with look.at(given, folder, AS_OF, zone) as found:
        return found.warehouse.rows("SELECT as_day(collected_at) FROM received.lab_results")[0][0]


def in_fhir(folder: Path, at: datetime, zone: str | None) -> date:
    """Return the same, of an Observation."""
    (folder / "fhir").mkdir()
    loinc = {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]}
    subject = {"reference": "Patient/p1"}
    resources = [
        {"resourceType": "Patient", "id": "p1"},
        {"resourceType": "Observation", "id": "r1", "status": "final", "code": loinc, "subject": subject}
        | {"effectiveDateTime": at.isoformat(), "valueQuantity": {"value": 50, "unit": "U/L"}},
        {"resourceType": "MedicationRequest", "id": "x1", "status": "active", "intent": "order", "subject": subject}
        | {"medicationCodeableConcept": {"text": "azathioprine"}, "authoredOn": "2024-01-01"},
    ]
    (folder / "fhir" / "a.ndjson").write_text("\n".join(json.dumps(one) for one in resources))
    return received(Given("fhir", str(folder / "fhir")), folder, zone)


def in_hl7(folder: Path, at: datetime, zone: str | None) -> date:
    """Return the same, of an OBX."""
    (folder / "hl7").mkdir()
    write_csv(folder / "hl7" / "drug_exposures.csv", [EXPOSURE])
    lines = [
        r"MSH|^~\&|LAB|H|||2024||ORU^R01|1|P|2.5.1",
        "PID|1||p1^^^H^MR",
        "OBR|1|1|1|1742-6^ALT^LN",
        f"OBX|1|NM|1742-6^ALT^LN||50|U/L|0-40||||F|||{at:%Y%m%d%H%M%S%z}",
    ]
    (folder / "hl7" / "a.hl7").write_text("\r".join(lines) + "\r")
    return received(Given("hl7v2", str(folder / "hl7")), folder, zone)


def in_pandas(folder: Path, at: datetime, zone: str | None) -> date:
    """Return the same, of a typed column in nanoseconds, as pandas writes it."""
    return in_parquet(folder, at, zone, "ns")


FORMS: list[Callable[[Path, datetime, str | None], date]] = [in_csv, in_parquet, in_pandas, in_fhir, in_hl7]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/Berlin", WINTER, date(2024, 2, 1)),
        ("Europe/Berlin", SUMMER, date(2024, 7, 1)),
        ("America/New_York", WINTER, date(2024, 1, 31)),
        ("America/New_York", SUMMER, date(2024, 7, 1)),
        ("America/Chicago", SUMMER, date(2024, 6, 30)),
        ("America/New_York", datetime(2024, 7, 1, tzinfo=UTC), date(2024, 6, 30)),
        ("Asia/Tokyo", datetime(2024, 7, 1, tzinfo=UTC), date(2024, 7, 1)),
        ("UTC", WINTER, date(2024, 1, 31)),
    ],
)
def test_an_instant_is_turned_to_the_zone_that_is_told(form, zone, at, day, tmp_path: Path) -> None:
    assert form(tmp_path, at, zone) == day


@pytest.mark.parametrize("form", FORMS)
def test_without_a_zone_times_in_utc_stop_the_run(form, tmp_path: Path) -> None:
    with pytest.raises(
        Usage, match=r"the column (collected_at|effectiveDateTime|observed_at) holds .* in UTC; tell time_zone"
    ) as caught:
        form(tmp_path, SUMMER, None)
    assert caught.value.exit_code == 2
    assert "2024" not in str(caught.value)


@pytest.mark.parametrize("form", [in_csv, in_fhir, in_hl7])
@pytest.mark.parametrize(("hours", "day"), [(9, date(2024, 2, 1)), (-5, date(2024, 1, 31))])
def test_without_a_zone_a_local_offset_counts_as_written(form, hours: int, day: date, tmp_path: Path) -> None:
    assert form(tmp_path, WINTER.astimezone(timezone(timedelta(hours=hours))), None) == day


@pytest.mark.parametrize("form", [in_csv, in_fhir, in_hl7])
def test_without_a_zone_a_midnight_in_utc_is_a_day(form, tmp_path: Path) -> None:
    assert form(tmp_path, datetime(2024, 7, 1, tzinfo=UTC), None) == date(2024, 7, 1)


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", date(2024, 2, 1)), ("America/New_York", date(2024, 1, 31))]
)
def test_a_typed_column_with_a_named_zone_is_read_in_it(zone: str, day: date, tmp_path: Path) -> None:
    at = WINTER.astimezone(ZoneInfo(zone))
    assert [form(tmp_path / form.__name__, at, None) for form in (in_parquet, in_pandas)] == [day, day]


def test_a_zone_that_is_told_comes_before_that_of_the_column(tmp_path: Path) -> None:
    assert in_parquet(tmp_path, WINTER.astimezone(ZoneInfo("Europe/Berlin")), "America/New_York") == date(2024, 1, 31)


UTC_ALONE = {
    "by day": (["2024-01-31T06:00:00+00:00", "2024-06-30T17:59:59+00:00", "2024-06-30T00:00:00+00:00"], True),
    "before the day": (["2024-01-31T12:00:00+00:00", "2024-06-30T05:59:59+00:00"], False),
    "after the day": (["2024-01-31T12:00:00+0000", "2024-06-30T18:00:00+0000"], False),
    "of no known place": (["2024-01-31T12:00:00Z"], False),
    "of no known place, by name": (["2024-01-31 12:00:00 UTC"], False),
    "of no known place, by sign": (["2024-01-31T12:00:00-00:00"], False),
    "both ways": (["2024-01-31T12:00:00+00:00", "2024-01-31T12:00:00Z"], False),
    "beside another": (["2024-01-31T12:00:00+00:00", "2024-01-31T12:00:00+05:00"], False),
}


@pytest.mark.parametrize(("times", "goes_on"), UTC_ALONE.values(), ids=UTC_ALONE)
def test_an_offset_of_nothing_is_a_local_one_only_by_day(times, goes_on: bool, tmp_path: Path) -> None:
    rows = [{"collected_at": time} for time in times]
    if not goes_on:
        with pytest.raises(Usage, match="lab_results: the column collected_at holds times in UTC"):
            take_labs(tmp_path, *rows, as_of=AS_OF)
        return
    taken = take_labs(tmp_path, *rows, as_of=AS_OF)
    assert taken.staged.labs["date"].to_list() == sorted(date.fromisoformat(time[:10]) for time in times)
    assert [note for note in taken.notes if "+00:00" in note] == [
        "lab_results: the times of collected_at state the offset +00:00 and no time zone is told: their days count as"
        " written; a site where clocks differ must tell time_zone"
    ]


MIXED = {
    "London in winter and summer": (["2024-01-31T23:30:00+00:00", "2024-06-30T23:30:00+01:00"], True),
    "London by a program that writes Z": (["2024-01-31T23:30:00Z", "2024-06-30T23:30:00+01:00"], True),
    "two systems": (["2024-01-31T23:30:00Z", "2024-06-30T23:30:00+02:00"], False),
    "three systems": (["2024-01-31T23:30:00Z", "2024-06-30T23:30:00+01:00", "2024-06-30T23:30:00-01:00"], False),
    "with local times": (["2024-01-31 23:30:00", "2024-06-30T23:30:00Z"], False),
    "with days": (["2024-01-31", "2024-06-30T23:30:00 UTC"], False),
    "midnights of UTC and local offsets": (["2024-01-31T00:00:00Z", "2024-06-30T23:30:00+02:00"], True),
    "only local times": (["2024-01-31 23:30:00", "2024-06-30"], True),
    "a time of no day": (["2024-01-31", "2024-06-30Z", "yesterday Z"], True),
}


@pytest.mark.parametrize(("times", "goes_on"), MIXED.values(), ids=MIXED)
def test_a_column_of_several_offsets_stops_where_some_are_of_utc(times, goes_on: bool, tmp_path: Path) -> None:
    rows = [{"collected_at": time} for time in times]
    if goes_on:
        days = take_labs(tmp_path, *rows, as_of=AS_OF).staged.labs["date"].to_list()
        assert days == [date.fromisoformat(time[:10]) for time in times if len(time) != 11]
    else:
        with pytest.raises(Usage, match="lab_results: the column collected_at holds times in UTC"):
            take_labs(tmp_path, *rows, as_of=AS_OF)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("patients", {"observation_start": "2020-01-01T05:00:00Z"}),
        ("patients", {"death_date": "2024-01-01T05:00:00Z"}),
        ("drug_exposures", {"start_date": "2024-01-01T05:00:00Z"}),
        ("drug_exposures", {"end_date": "2024-01-01T05:00:00Z"}),
        ("drug_exposures", {"recorded_at": "2024-01-01T05:00:00Z"}),
        ("clinical_events", {"event_date": "2024-01-01T05:00:00Z"}),
        ("inpatient_stays", {"admitted_on": "2024-01-01T05:00:00Z"}),
    ],
)
def test_each_column_of_each_table_is_asked(table: str, row: dict[str, str], tmp_path: Path) -> None:
    from tests.flows import extracts

    good = {"patients": "PATIENT", "drug_exposures": "EXPOSURE", "clinical_events": "EVENT", "inpatient_stays": "STAY"}
    folder = extract(tmp_path / "extract", **{table: [{**getattr(extracts, good[table]), **row}]})
    with pytest.raises(Usage, match=f"{table}: the column {next(iter(row))} holds times in UTC"):
        take(folder)


def files_with(tmp_path: Path, *kinds: pa.DataType, **options: object) -> list[Path]:
    """Write a Parquet file for each type, with one column of it."""
    paths = [tmp_path / f"{place}.parquet" for place in range(len(kinds))]
    for path, kind in zip(paths, kinds, strict=True):
        values = (
            [date(2024, 1, 1)] if pa.types.is_date(kind) else [datetime(2024, 1, 1, 5, tzinfo=UTC).replace(tzinfo=None)]
        )
        pq.write_table(pa.table({"day": pa.array(values, kind)}), path, **options)
    return paths


def test_the_zone_of_a_typed_column_is_that_of_its_files(tmp_path: Path) -> None:
    us = "us"
    assert instants.zones(files_with(tmp_path, pa.timestamp(us))) == {}
    assert instants.zones(files_with(tmp_path, pa.date32())) == {}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "Etc/UTC"))) == {"day": "UTC"}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "+00:00"))) == {"day": "UTC"}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "Asia/Tokyo"))) == {"day": "Asia/Tokyo"}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "UTC"), store_schema=False)) == {"day": "UTC"}
    both = files_with(tmp_path, pa.timestamp(us, "Asia/Tokyo"), pa.timestamp(us, "Europe/Berlin"))
    assert instants.zones(both) == {"day": "several"}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "UTC"), pa.timestamp(us))) == {"day": "several"}
    assert instants.zones(files_with(tmp_path, pa.timestamp(us, "UTC"), pa.date32())) == {"day": "several"}


def test_an_old_timestamp_of_spark_is_an_instant_in_utc_and_one_of_arrow_is_what_arrow_says(tmp_path: Path) -> None:
    spark = files_with(tmp_path, pa.timestamp("ns"), use_deprecated_int96_timestamps=True, store_schema=False)
    assert instants.zones(spark) == {"day": "UTC"}
    assert instants.zones(files_with(tmp_path, pa.timestamp("ns"), use_deprecated_int96_timestamps=True)) == {}


@pytest.mark.parametrize(
    ("kind", "zone", "site_zone", "sql"),
    [
        ("DATE", None, None, "x"),
        ("TIMESTAMP", None, None, "x"),
        ("TIMESTAMP", "UTC", "Asia/Tokyo", "timezone('UTC', x)"),
        (instants.INSTANT, None, "Asia/Tokyo", "x"),
        (instants.INSTANT, "Europe/Berlin", None, "written_in(x, 'Europe/Berlin')"),
        (instants.INSTANT, "-05:30", None, "written_with(x, -330)"),
    ],
)
def test_how_a_typed_column_is_read(kind: str, zone: str | None, site_zone: str | None, sql: str) -> None:
    assert instants.typed("t", "c", "x", kind, zone, site_zone) == sql


@pytest.mark.parametrize(
    ("kind", "zone", "said"),
    [
        (instants.INSTANT, None, "holds instants in UTC"),
        (instants.INSTANT, "UTC", "holds instants in UTC"),
        ("TIMESTAMP", "UTC", "holds instants in UTC"),
        (instants.INSTANT, "several", "of several time zones"),
        (instants.INSTANT, "Mars/Olympus", "of an unknown time zone"),
    ],
)
def test_a_typed_column_whose_day_nobody_can_know_stops_the_run(kind: str, zone: str | None, said: str) -> None:
    with pytest.raises(Usage, match=f"t: the column c {'holds instants ' if said.startswith('of') else ''}{said}"):
        instants.typed("t", "c", "x", kind, zone, None)


def test_instants_of_a_duckdb_file_have_no_zone_of_their_own(tmp_path: Path) -> None:
    from flows.sources.omop import TABLES

    death = next(table for table in TABLES if table.name == "death")
    path = tmp_path / "cdm.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("SET TimeZone = 'UTC'")
        made.execute("CREATE TABLE death AS SELECT 1 AS person_id, TIMESTAMPTZ '2024-01-01 05:00:00+00' AS death_date")
    for zone in (None, "Asia/Tokyo"):
        with Warehouse(tmp_path / f"work.{zone}".replace("/", "")) as warehouse:
            warehouse.run(f"ATTACH '{path}' AS attached (READ_ONLY)")
            receiver = Receiver(warehouse, "source", zone)
            if zone is None:
                with pytest.raises(Usage, match="death: the column death_date holds instants in UTC"):
                    take_attached(receiver, death, "attached.main.death", "here")
            else:
                take_attached(receiver, death, "attached.main.death", "here")


def test_the_order_of_versions_outlives_the_hour_that_comes_twice(tmp_path: Path) -> None:
    native = extract(tmp_path / "extract", lab_results=None)
    berlin = ZoneInfo("Europe/Berlin")
    told = [datetime(2024, 10, 27, hour, minute, tzinfo=UTC).astimezone(berlin) for hour, minute in ((0, 30), (1, 10))]
    rows = [{**RESULT, "value": value, "recorded_at": at} for value, at in zip(("50", "70"), told, strict=True)]
    frame = pl.DataFrame(rows, schema_overrides={"recorded_at": pl.Datetime("us", "Europe/Berlin")})
    frame.write_parquet(native / "lab_results.parquet")
    assert take(native, AS_OF).staged.labs["value"].to_list() == [70]


@pytest.mark.parametrize(
    "order",
    [
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"start": "2024-01-31T23:30:00Z"}}}}]},
        {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": "2024-01-31T23:30:00Z"}}}}]},
        {"dispenseRequest": {"validityPeriod": {"start": "2024-01-31T23:30:00Z"}}},
    ],
)
def test_a_day_inside_of_a_resource_does_not_shift_either(order, tmp_path: Path) -> None:
    (tmp_path / "fhir").mkdir()
    loinc = {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]}
    subject = {"reference": "Patient/p1"}
    resources = [
        {"resourceType": "Patient", "id": "p1"},
        {"resourceType": "Observation", "id": "r1", "status": "final", "code": loinc, "subject": subject}
        | {"effectiveDateTime": "2024-01-05", "valueQuantity": {"value": 50, "unit": "U/L"}},
        {"resourceType": "MedicationRequest", "id": "x1", "status": "active", "intent": "order", "subject": subject}
        | {"medicationCodeableConcept": {"text": "azathioprine"}, "authoredOn": "2024-01-01", **order},
    ]
    (tmp_path / "fhir" / "a.ndjson").write_text("\n".join(json.dumps(one) for one in resources))
    with (
        pytest.raises(Usage, match=r"drug_exposures: the column (start|end)_date holds times in UTC"),
        look.at(Given("fhir", str(tmp_path / "fhir")), tmp_path, AS_OF, None),
    ):
        pass
    with look.at(Given("fhir", str(tmp_path / "fhir")), tmp_path / "told", AS_OF, "Europe/Berlin"):
        pass
