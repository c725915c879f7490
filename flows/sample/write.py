"""Write a sample chunk by chunk, as Parquet parts, CSV or gzipped CSV: the same seed and size, the same bytes."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO, Literal, cast

import polars as pl

from flows.errors import Usage
from flows.sample.chunk import TABLES, tables
from flows.sample.nights import known
from flows.sample.proportions import CHUNK, EXTRACTED_ON

Format = Literal["parquet", "csv", "csv.gz"]
Progress = Callable[[int, int], None]
MOST_NIGHTS = 366
NOTE = "synthetic: drawn by a program; no row describes a person or a hospital"


def write_sample(
    patients: int,
    seed: int,
    out: Path,
    *,
    format: Format = "parquet",
    clean: bool = False,
    nights: int | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write a synthetic extract into `out` and return the rows of each table; `clean` leaves out the dirty rows.

    `nights`: write the extracts of so many nights, each into the folder of `out` that is named by its day; the last is
    the sample as it is without nights, whose rows are returned. Raises Usage where the numbers make no sample, or
    where `out` holds files already.
    """
    if patients < 1 or seed < 0:
        raise Usage("a sample needs at least one patient and a seed of 0 or more")
    if nights is not None and not 1 <= nights <= MOST_NIGHTS:
        raise Usage(f"a sample has from 1 to {MOST_NIGHTS} nights")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Usage(f"{out} is not an empty folder: a sample never overwrites")
    days = [EXTRACTED_ON - timedelta(days=before) for before in reversed(range(nights or 1))]
    folders = {day: out if nights is None else out / day.isoformat() for day in days}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    counts = dict.fromkeys(TABLES, 0)
    with ExitStack() as stack:
        put = {
            day: parquet_parts(folder) if format == "parquet" else csv_files(folder, format, stack)
            for day, folder in folders.items()
        }
        for chunk, wanted in enumerate(sizes(patients)):
            for name, frame in tables(seed, chunk, wanted, clean=clean, by_night=nights is not None).items():
                for day in days:
                    put[day](name, chunk, frame if day == EXTRACTED_ON else known(name, frame, day))
                counts[name] += frame.height
            if progress:
                progress(min((chunk + 1) * CHUNK, patients), patients)
    for day, folder in folders.items():
        about = {"extracted_on": day.isoformat(), "note": NOTE, "patients": patients, "seed": seed, "clean": clean}
        (folder / "extract.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return counts


def sizes(patients: int) -> Iterator[int]:
    """Return how many patients each chunk gives."""
    for start in range(0, patients, CHUNK):
        yield min(CHUNK, patients - start)


def parquet_parts(out: Path) -> Callable[[str, int, pl.DataFrame], None]:
    """Return a writer of one Parquet part a table and chunk."""
    for name in TABLES:
        (out / name).mkdir()

    def put(name: str, chunk: int, frame: pl.DataFrame) -> None:
        part = out / name / f"part-{chunk:04d}.parquet"
        frame.select(list(TABLES[name])).write_parquet(part.absolute(), compression="zstd")

    return put


def csv_files(out: Path, format: Format, stack: ExitStack) -> Callable[[str, int, pl.DataFrame], None]:
    """Return a writer that appends each chunk to one CSV file a table; the gzip header holds no time and no name."""
    files: dict[str, IO[bytes]] = {}
    for name in TABLES:
        raw: IO[bytes] = stack.enter_context((out / f"{name}.{format}").open("wb"))
        if format == "csv.gz":
            raw = cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", 4, raw, mtime=0)))
        files[name] = raw

    def put(name: str, chunk: int, frame: pl.DataFrame) -> None:
        printed = printed_values(frame) if "value_text" in frame.columns else frame
        printed.select(list(TABLES[name])).write_csv(
            files[name], include_header=chunk == 0, datetime_format="%Y-%m-%dT%H:%M:%S"
        )

    return put


def printed_values(labs: pl.DataFrame) -> pl.DataFrame:
    """Return the results with values as text, some of which are no numbers."""
    return labs.with_columns(value=pl.coalesce("value_text", pl.col("value").cast(pl.String)))
