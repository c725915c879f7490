"""The rows of a release that charts need: selected for all findings that have one, then handed out by finding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from audit.calendar import EPOCH, as_dates, as_days
from audit.derive.patient.exposures import observed, records
from audit.frames import Judged
from flows.pages.facts import FINDING

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """What one chart is drawn of: the finding and its episode, and the rows of the patient around it."""

    finding: Row
    episode: Row
    status: Row
    evidence: Sequence[Row]
    slots: Sequence[Row]
    labs: Sequence[Row]
    courses: Sequence[Row]
    doses: Sequence[Row]
    events: Sequence[Row]


def charts(judged: Judged, wanted: pl.DataFrame, drug: str, feed_end: date) -> Iterator[Person]:
    """Yield what the chart of each finding (episode_id, rule_id) is drawn of, in the order given."""
    order = wanted.select(FINDING)
    ids = order.select("episode_id").unique()
    findings = order.join(judged.findings, on=FINDING, how="left", maintain_order="left")
    episodes = {row["episode_id"]: row for row in _of(judged.episodes, ids).iter_rows(named=True)}
    status = {row["episode_id"]: row for row in _of(judged.status_to_date, ids).iter_rows(named=True)}
    people = pl.DataFrame(
        {"patient_id": [row["patient_id"] for row in episodes.values()]}, schema={"patient_id": pl.String}
    )
    kept = judged.kept
    by_patient = {
        "labs": _of(kept.labs, people).sort("date", "analyte", "source_id"),
        "courses": _of(kept.courses, people).sort("start_date"),
        "doses": _doses(_of(kept.exposures, people), _of(kept.patients, people), drug, feed_end),
        "events": _of(kept.events, people).sort("date", "concept", "event_id"),
    }
    parted = {name: _parted(rows, "patient_id") for name, rows in by_patient.items()}
    evidence = _parted(judged.evidence.join(order, on=FINDING, how="semi").sort("date", "role", "source_id"), *FINDING)
    slots = _parted(_of(judged.slots, ids).sort("window_start"), "episode_id")
    for finding in findings.iter_rows(named=True):
        episode = episodes[finding["episode_id"]]
        of_patient = {name: rows.get((episode["patient_id"],), ()) for name, rows in parted.items()}
        yield Person(
            finding=finding,
            episode=episode,
            status=status.get(episode["episode_id"], {}),
            evidence=evidence.get((finding["episode_id"], finding["rule_id"]), ()),
            slots=slots.get((episode["episode_id"],), ()),
            **of_patient,
        )


def _of(rows: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of some episodes or patients."""
    return rows.join(ids.unique(), on=ids.columns, how="semi")


def _parted(rows: pl.DataFrame, *by: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Return rows by their key."""
    return {key: part.rows(named=True) for key, part in rows.partition_by(by, as_dict=True).items()}


def _doses(exposures: pl.DataFrame, patients: pl.DataFrame, drug: str, feed_end: date) -> pl.DataFrame:
    """Return the records of the audited drug, each with its last dose day as the audit reads it (`start`, `end`)."""
    mine = as_days(exposures.filter(pl.col("concept") == drug))
    read = records(mine, observed(as_days(patients), (feed_end - EPOCH).days))
    dated = read.with_columns(as_dates(pl.col(name)) for name in ("start", "end"))
    return dated.filter(pl.col("end") >= pl.col("start")).sort("start", "end", "exposure_id").collect()
