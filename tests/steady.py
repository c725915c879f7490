"""Two audits of the same rows, as of two days: what differs although no `next_change_on` announced it.

Rows count as unchanged for a patient where none is dated after the first day and up to the second: a row of a later
day is not known before. An end of observation and a death are such rows; the end that an exposure record tells is
known before. The one thing that no finding can announce is a switch to another drug after a last course that is no
audited restart: there the end of a record counts as a row.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from audit.frames import Judged

DATED = ("date", "start_date", "admitted_on", "observation_end", "death_date")
FINDING = ("episode_id", "rule_id")


def dated(rows: Iterable[pl.DataFrame | None]) -> pl.DataFrame:
    """Return patient_id and day of whatever happened to a patient: the staged rows by the days that make them known."""
    tables = [table for table in rows if table is not None]
    return pl.concat(
        table.select("patient_id", day=name).drop_nulls() for table in tables for name in DATED if name in table.columns
    )


def moved(earlier: Judged, later: Judged, days: tuple[date, date], happened: pl.DataFrame) -> list[str]:
    """Return the frames in which a patient to whom nothing happened has rows that moved unannounced."""
    first, second = days
    is_between = (pl.col("day") > first) & (pl.col("day") <= second)
    quiet = earlier.kept.patients.select("patient_id").join(happened.filter(is_between), on="patient_id", how="anti")
    findings = earlier.findings.join(quiet, on="patient_id", how="semi")
    is_announced = (pl.col("next_change_on") <= second).fill_null(value=False)
    steady = findings.filter(~is_announced).select(FINDING)
    episodes = earlier.episodes.join(quiet, on="patient_id", how="semi").join(
        findings.filter(is_announced), on="episode_id", how="anti"
    )
    chosen = {
        **dict.fromkeys(("findings", "evidence", "slots"), steady),
        "episodes": episodes.select("episode_id"),
        "breaks": _with_steady_breaks(earlier, quiet, episodes, days),
    }
    return [
        f"{name}: {one.rows()} became {two.rows()}"
        for name, keys in chosen.items()
        for one, two in [[_differing(getattr(a, name), getattr(b, name), keys) for a, b in _both(earlier, later)]]
        if one.height or two.height
    ]


def _both(earlier: Judged, later: Judged) -> tuple[tuple[Judged, Judged], tuple[Judged, Judged]]:
    return ((earlier, later), (later, earlier))


def _differing(frame: pl.DataFrame, other: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a frame, of these keys, that the other one does not have."""
    rows = frame.join(keys, on=keys.columns, how="semi")
    return rows.join(other, on=rows.columns, how="anti", nulls_equal=True)


def _with_steady_breaks(
    judged: Judged, quiet: pl.DataFrame, episodes: pl.DataFrame, days: tuple[date, date]
) -> pl.DataFrame:
    """Return the patients whose breaks must stand: what may end within the days is announced, or does not."""
    announced = judged.episodes.join(episodes, on="episode_id", how="anti")
    last = judged.kept.courses.group_by("patient_id").agg(restart_date=pl.col("start_date").max())
    silent = last.join(judged.episodes, on=["patient_id", "restart_date"], how="anti")
    told = pl.coalesce("end_date", pl.col("start_date") + pl.duration(days=pl.col("days_supply") - 1))
    ends = judged.kept.exposures.filter(told.is_between(days[0], days[1]))
    unannounced = silent.join(ends, on="patient_id", how="semi")
    return (
        quiet.join(announced, on="patient_id", how="anti")
        .join(unannounced, on="patient_id", how="anti")
        .select("patient_id")
    )
