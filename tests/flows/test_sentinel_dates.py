"""Dates that stand for no date, in every column of dates: ends are open ends, and every release can be read."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from audit.frames import JUDGED, KEPT, Judged
from audit.judge import judge
from flows.night.run import Order, run_audit
from flows.references.site import Site
from flows.terminal import outcome as show
from flows.terminal import story as explain
from tests.flows import cohort
from tests.flows.extracts import EDITION, reasons, take

Writer = Callable[[Path, dict[str, pl.DataFrame]], Path]
SITE = Site(time_zone="UTC")  # typed instants ask for it
ENDS = {
    "patients": ("observation_end", "death_date"),
    "drug_exposures": ("end_date",),
    "inpatient_stays": ("discharged_on",),
}
DATES = ENDS | {
    "patients": ("observation_start", "observation_end", "death_date"),
    "lab_results": ("collected_at", "recorded_at"),
    "drug_exposures": ("start_date", "end_date", "recorded_at"),
    "clinical_events": ("event_date", "recorded_at"),
    "inpatient_stays": ("admitted_on", "discharged_on"),
}
OPEN = ("9999-12-31", "9999-12-31T23:59:59", "2262-04-11", "2999-12-31", "10000-01-01", "infinity", "+Infinity")
ODD = (*OPEN, "-infinity", "0001-01-01", "1900-01-01", "1899-12-31", "9999-12-30", "2249-12-31", "99999-06-15", "")


def tables(patients: int = 2 * cohort.STORIES) -> dict[str, pl.DataFrame]:
    """Return the cohort's tables as text, with every column of dates in them, and a stay of each patient."""
    found = cohort.tables(patients)
    first = found["patients"].select("patient_id", "observation_start")
    found["inpatient_stays"] = first.select(
        "patient_id", stay_id="S" + pl.col("patient_id"), admitted_on="observation_start", discharged_on=pl.lit(None)
    )
    return {
        name: table.with_columns(
            pl.lit(None, dtype=pl.String).alias(column) for column in DATES[name] if column not in table.columns
        ).cast(pl.String)
        for name, table in found.items()
    }


def with_ends(said: str | None) -> dict[str, pl.DataFrame]:
    """Return the tables, all open ends written as said."""
    return {
        name: table.with_columns(
            pl.col(column).fill_null(pl.lit(said, dtype=pl.String)) for column in ENDS.get(name, ())
        )
        for name, table in tables().items()
    }


def beside(cases: Mapping[str, dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Return the tables of all cases as those of one extract: the name of its case goes before every id."""
    ids = pl.selectors.ends_with("_id") & ~pl.selectors.matches("^site_id$")
    return {
        name: pl.concat(
            given[name].with_columns((pl.lit(f"{case} ") + ids.as_expr()).name.keep()) for case, given in cases.items()
        )
        for name in DATES
    }


def open_ends(*said: str | None) -> dict[str, pl.DataFrame]:
    """Return the tables once for each of OPEN, the open ends written as said: in one way for all, or in each."""
    return beside(dict(zip(OPEN, map(with_ends, said * (len(OPEN) // len(said))), strict=True)))


def as_csv(folder: Path, given: dict[str, pl.DataFrame]) -> Path:
    folder.mkdir()
    for name, table in given.items():
        table.write_csv(folder / f"{name}.csv")
    (folder / "extract.json").write_text(json.dumps({"extracted_on": cohort.AS_OF.isoformat()}))
    return folder


def as_typed(kind: str) -> Writer:
    """Return a writer of Parquet with the columns of dates in a type of DuckDB."""

    def write(folder: Path, given: dict[str, pl.DataFrame]) -> Path:
        as_csv(folder, {})
        with duckdb.connect() as connection:
            for name, table in given.items():
                connection.register("given", table.to_arrow())
                casts = ", ".join(f"TRY_CAST({column} AS {kind}) AS {column}" for column in DATES[name])
                rows = f"SELECT * REPLACE ({casts}) FROM given"
                connection.execute(f"COPY ({rows}) TO '{folder / name}.parquet' (FORMAT parquet)")
        return folder

    return write


def audited(folder: Path) -> Judged:
    return judge(take(folder, cohort.AS_OF, site=SITE).staged, EDITION, cohort.AS_OF)


def told(judged: Judged) -> dict[str, list[dict[str, object]]]:
    return {frame.name: getattr(judged, frame.name).to_dicts() for frame in JUDGED}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """What is judged where open ends are empty."""
    judged = audited(as_csv(tmp_path_factory.mktemp("open") / "extract", open_ends(None)))
    assert judged.episodes.height > 0
    return judged


def test_an_end_in_text_that_stands_for_none_judges_as_none(tmp_path: Path, expected: Judged) -> None:
    assert told(audited(as_csv(tmp_path / "sentinel", open_ends(*OPEN)))) == told(expected)


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ"])
def test_a_typed_end_that_stands_for_none_judges_as_none(tmp_path: Path, expected: Judged, kind: str) -> None:
    assert told(audited(as_typed(kind)(tmp_path / "sentinel", open_ends(*OPEN)))) == told(expected)


def test_an_end_in_int96_that_stands_for_none_judges_as_none(tmp_path: Path, expected: Judged) -> None:
    folder = as_csv(tmp_path / "sentinel", open_ends("2262-04-11"))
    table = pl.read_csv(folder / "drug_exposures.csv", infer_schema=False).with_columns(
        pl.col("start_date", "end_date").str.to_datetime(time_unit="us")
    )
    (folder / "drug_exposures.csv").unlink()
    arrow = table.to_arrow()
    pq.write_table(arrow, folder / "drug_exposures.parquet", use_deprecated_int96_timestamps=True)
    assert pq.ParquetFile(folder / "drug_exposures.parquet").schema.column(
        arrow.column_names.index("end_date")
    ).physical_type == "INT96"  # fmt: skip
    assert told(audited(folder)) == told(expected)


def test_a_real_end_stays_an_end(tmp_path: Path, expected: Judged) -> None:
    """2249-12-31 is the last day that can be meant: the course is planned to end, though long after observation."""
    far = audited(as_csv(tmp_path / "far", open_ends("2249-12-31")))
    assert told(far)["episodes"] == told(expected)["episodes"]


def test_minus_infinity_and_the_first_years_are_rejected(tmp_path: Path) -> None:
    said = ("-infinity", "0001-01-01", "1899-12-31")
    given = tables()
    ends = given["drug_exposures"]["end_date"].to_list()
    ids = given["drug_exposures"]["exposure_id"].head(len(said)).to_list()
    given["drug_exposures"] = given["drug_exposures"].with_columns(end_date=pl.Series([*said, *ends[len(said) :]]))
    told_as_text = reasons(take(as_csv(tmp_path / "text", given), cohort.AS_OF), "drug_exposures")
    assert set(told_as_text) == set(ids)
    assert set(told_as_text.values()) <= {"date_before_1900", "unreadable_date"}
    typed = reasons(take(as_typed("DATE")(tmp_path / "typed", given), cohort.AS_OF), "drug_exposures")
    assert typed[ids[2]] == "date_before_1900"


def sprinkled(seed: int) -> dict[str, pl.DataFrame]:
    """Return the tables with odd dates in a third of the cells of one to three columns of dates."""
    dice = random.Random(seed)
    given = tables()
    columns = [(name, column) for name, columns in DATES.items() for column in columns]
    for name, column in dice.sample(columns, dice.randint(1, 3)):
        values = [dice.choice(ODD) if dice.random() < 1 / 3 else value for value in given[name][column].to_list()]
        given[name] = given[name].with_columns(pl.Series(column, values, dtype=pl.String))
    return given


def written(folder: Path, judged: Judged) -> None:
    """Write the frames as a release does, and have them read by whoever reads dates."""
    for frame in (*JUDGED, *KEPT):
        path = folder / f"{frame.name}.parquet"
        table: pl.DataFrame = getattr(judged if frame in JUDGED else judged.kept, frame.name)
        table.write_parquet(path)
        assert pl.read_parquet(path).to_dicts() == table.to_dicts()
        assert len(pq.read_table(path).to_pylist()) == table.height
        assert len(duckdb.read_parquet(str(path)).fetchall()) == table.height


@pytest.mark.parametrize(
    ("seeds", "write"),
    [
        (range(1, 12, 2), as_csv),
        (range(2, 12, 4), as_typed("DATE")),
        (range(0, 12, 4), as_typed("TIMESTAMPTZ")),
    ],
    ids=["text", "day", "instant"],
)
def test_whatever_dates_come_the_released_ones_can_be_read(tmp_path: Path, seeds: range, write: Writer) -> None:
    given = beside({f"seed {seed}": sprinkled(seed) for seed in seeds})
    taken = take(write(tmp_path / "extract", given), cohort.AS_OF, site=SITE)
    settled = taken.conservation.select(pl.exclude("table_name", "read")).sum_horizontal()
    assert settled.to_list() == taken.conservation["read"].to_list()
    judged = judge(taken.staged, EDITION, cohort.AS_OF)
    written(tmp_path, judged)
    days = [
        value
        for rows in told(judged).values()
        for row in rows
        if row.get("role") != "death"  # a death that is not used is shown as it was told
        for value in row.values()
        if isinstance(value, date)
    ]
    assert all(date(1800, 1, 1) < day < date(2300, 1, 1) for day in days)


def test_a_release_of_sentinels_is_reported_and_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = as_csv(tmp_path / "extract", with_ends("9999-12-31"))
    done = run_audit(Order(folder, tmp_path / "home"))
    for path in done.release.glob("*.parquet"):
        assert isinstance(pq.read_table(path).to_pylist(), list)
        assert isinstance(pl.read_parquet(path).to_dicts(), list)
    with duckdb.connect(str(done.release / "audit.duckdb"), read_only=True) as connection:
        named = "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
        for [name] in connection.execute(named).fetchall():
            connection.execute(f"FROM {name}").fetchall()
    for patient in done.judged.episodes["patient_id"].unique():
        explain.tell(explain.read(tmp_path / "home", None, patient), show.Plain())
    assert "9999" not in capsys.readouterr().out
    assert "9999" not in (done.release / "report.html").read_text()
