"""From received rows to the staged frames, in two steps that share the warehouse of what was received.

`check` settles every row (and serves `rechallenge check` alone), `stage` hands over the frames of audit/frames.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from audit.frames import EVENTS, EXPECTATIONS, EXPOSURES, LABS, PATIENTS, STAYS, Frame, Staged
from audit.guideline import Guideline
from audit.vocabulary import DECOMPENSATION
from expectations import TABLES
from expectations.declare import STOP
from expectations.lab_results import RETRACTED, STATUSES
from flows.errors import Broken, Refused
from flows.intake import notes
from flows.intake import settle as checks
from flows.intake import suites as gx
from flows.intake.dates import end_of
from flows.intake.received import Received
from flows.references import References, Site, load_analytes, teach_words
from flows.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Intake:
    """One intake of one extract: what is judged, and what became of everything else."""

    staged: Staged
    rejects: pl.DataFrame
    conservation: pl.DataFrame
    unlisted: pl.DataFrame
    matched: pl.DataFrame
    unknown_doses: pl.DataFrame
    unread_texts: pl.DataFrame
    row_notes: pl.DataFrame
    implausible_limits: pl.DataFrame
    expectations: pl.DataFrame
    notes: list[str]
    files: list[dict[str, Any]]
    source_rows: pl.DataFrame
    codelist_hash: str
    newest: Mapping[str, date | None]
    told_patients: pl.DataFrame


@dataclass
class Checked:
    """An extract whose every row is settled; `refusals` says why an audit of it would stop, one line a table."""

    received: Received
    expectations: pl.DataFrame
    refusals: list[str]
    notes: list[str]
    codelist_hash: str
    audited_drug: str

    @cached_property
    def rejects(self) -> pl.DataFrame:
        """Return the rejected rows, each with its reason."""
        found = checks.rejects(self.received.warehouse)
        return found if self.received.source_rows.is_empty() else numbered(found)

    @cached_property
    def conservation(self) -> pl.DataFrame:
        """Return what became of the rows of each table."""
        return checks.conservation(self.received.warehouse)

    @cached_property
    def unlisted(self) -> pl.DataFrame:
        """Return the codes that are on no list."""
        return checks.unlisted(self.received.warehouse)

    @cached_property
    def unread_texts(self) -> pl.DataFrame:
        """Return the dosage texts of the audited drug that are not read."""
        return checks.unread_texts(self.received.warehouse)

    @cached_property
    def recognised(self) -> pl.DataFrame:
        """Return the concepts that received codes were found to mean, with their rows."""
        return checks.recognised(self.received.warehouse)

    @cached_property
    def matched(self) -> pl.DataFrame:
        """Return what was matched otherwise than by a listed code, and the near misses."""
        return checks.matched(self.received.warehouse)

    @cached_property
    def newest(self) -> dict[str, date | None]:
        """Return the days of the newest result, draw and exposure of the whole feed, up to its end."""
        return self.received.warehouse.relation("outcome", "newest").row(0, named=True)

    def require(self) -> None:
        """Raise Refused where a stop check failed."""
        if self.refusals:
            raise Refused(self.refusals[0])


def numbered(rejects: pl.DataFrame) -> pl.DataFrame:
    """Number the rejects of a mapped source anew: rows come out of a join in another order in every run."""
    place = pl.when(pl.col("table_name").str.starts_with("source.")).then("row_number")
    ordered = rejects.sort("table_name", place, "source_id", "reason", "row")
    return ordered.with_columns(row_number=pl.int_range(1, pl.len() + 1).over("table_name"))


def check(received: Received, as_of: date | None, by: References) -> Checked:
    """Settle every row and count what the checks found; without an as-of date no row comes after it."""
    checked = settle(received, as_of, by)
    counted = gx.run(received.warehouse.connection, TABLES)
    failed = [(one.table, one.check) for one in counted if one.check.action == STOP and not one.passed]
    of_source = checks.refusals_of_source(received.source_rows, by.site.max_rejected_share)
    checked.expectations = _expectations(counted)
    checked.refusals = [*of_source, *checks.refusals(received.warehouse, failed)]
    return checked


def settle(received: Received, as_of: date | None, by: References) -> Checked:
    """Settle every row, without the counts of Great Expectations and therefore without refusals."""
    if not received.is_prepared:
        prepare(received.warehouse, as_of, by, received.extracted_on)
    checks.split(received.warehouse)
    checked = Checked(
        received=received,
        expectations=EXPECTATIONS.empty(),
        refusals=[],
        notes=[*received.notes, *by.codelists.notes],
        codelist_hash=by.codelists.hash,
        audited_drug=by.guideline.audited_drug,
    )
    checked.notes += notes.of_recognised(checked.recognised, by.guideline.audited_drug)
    checked.notes += notes.of_near_misses(checked.matched)
    return checked


def prepare(warehouse: Warehouse, as_of: date | None, by: References, extracted_on: date | None = None) -> None:
    """Load what rows are read by; without an as-of date no row comes after it."""
    _set_variables(warehouse, as_of or date.max, by.guideline, by.site)
    warehouse.set("feed_end", end_of(as_of or date.max, extracted_on))
    load_analytes(warehouse, by.site.uln)
    teach_words(warehouse, by.codelists.codes)
    warehouse.load("reference", "codes", by.codelists.codes)
    warehouse.load("reference", "dosage_readings", by.codelists.readings)
    warehouse.create("TABLE", "resolved", "code_keys")
    warehouse.create("VIEW", "resolved", "listed_names")
    warehouse.create("VIEW", "resolved", "stop_words")


def stage(checked: Checked) -> Intake:
    """Hand over the staged frames; Refused where a stop check failed or a file changed."""
    checked.require()
    warehouse = checked.received.warehouse
    warehouse.create("VIEW", "staging", "needed_labs")
    warehouse.create("VIEW", "staging", "needed_exposures")
    has = checked.received.has
    staged = Staged(
        patients=_frame(warehouse, PATIENTS),
        labs=_frame(warehouse, LABS),
        exposures=_frame(warehouse, EXPOSURES),
        events=_frame(warehouse, EVENTS) if "clinical_events" in has else None,
        stays=_frame(warehouse, STAYS) if "inpatient_stays" in has else None,
    )
    unknown_doses = warehouse.relation("staging", "unknown_doses")
    row_notes = warehouse.relation("staging", "row_notes")
    _require_conserved(checked.conservation, checked.rejects, staged)
    return Intake(
        staged=staged,
        rejects=checked.rejects,
        conservation=checked.conservation,
        unlisted=checked.unlisted,
        matched=checked.matched,
        unknown_doses=unknown_doses,
        unread_texts=checked.unread_texts,
        row_notes=row_notes,
        implausible_limits=warehouse.relation("staging", "implausible_limits"),
        expectations=checked.expectations,
        notes=[
            *notes.of_lengths(staged, checked.audited_drug),
            *checked.notes,
            *notes.of_staged(staged, row_notes, unknown_doses),
        ],
        files=checked.received.files(),
        source_rows=checked.received.source_rows,
        codelist_hash=checked.codelist_hash,
        newest=checked.newest,
        told_patients=warehouse.relation("staging", "told_patients"),
    )


def _set_variables(warehouse: Warehouse, as_of: date, guideline: Guideline, site: Site) -> None:
    warehouse.set("as_of", as_of)
    warehouse.set("time_zone", site.time_zone)
    warehouse.set("max_rejected_share", site.max_rejected_share)
    warehouse.set("audited_drug", guideline.audited_drug)
    warehouse.set("dose_min_mg", guideline["dose_min_mg"].number)
    warehouse.set("dose_max_mg", guideline["dose_max_mg"].number)
    warehouse.set("assumed_supply_days", guideline["assumed_supply_days"].days)
    warehouse.set("decompensations", list(DECOMPENSATION))
    warehouse.set("statuses", list(STATUSES))
    warehouse.set("retracted", list(RETRACTED))


def _expectations(counted: Sequence[gx.Counted]) -> pl.DataFrame:
    rows = [
        (
            one.table.name,
            one.precedence,
            one.check.rule,
            one.check.action,
            one.check.reason,
            one.rows_failed,
            one.passed,
        )
        for one in counted
    ]
    return pl.DataFrame(rows, schema=EXPECTATIONS.schema, orient="row")


def _frame(warehouse: Warehouse, frame: Frame) -> pl.DataFrame:
    """Return a staged relation with exactly the declared columns and types."""
    return warehouse.relation("staging", frame.name).cast(frame.schema).select(frame.names)


def _require_conserved(counts: pl.DataFrame, rejects: pl.DataFrame, staged: Staged) -> None:
    """Hold the frames to the counts: what is counted as staged or rejected is what is handed over; else Broken."""
    counted = {row["table_name"]: row for row in counts.iter_rows(named=True)}
    rejected = dict(rejects.group_by("table_name").len().iter_rows())
    wrong = []
    for table in TABLES:
        frame = getattr(staged, table.staged)
        # An event whose code stands for several concepts is a row for each.
        rows = 0 if frame is None else frame["event_id"].n_unique() if frame.schema == EVENTS.schema else frame.height
        handed = {"staged": rows, "rejected": rejected.get(table.name, 0)}
        wrong += [
            f"{table.name} {counted[table.name][what]:,} counted as {what} and {rows:,} handed over"
            for what, rows in handed.items()
            if counted[table.name][what] != rows
        ]
    if wrong:
        raise Broken(f"the rows do not add up ({'; '.join(wrong)}); the last release stays in place")
