"""Data in: from the folder of an extract to the staged frames, in three steps that share one warehouse.

`read` receives the files, `check` settles every row (and serves `rechallenge check` alone), `stage` hands over the
frames of audit/frames.py. `intake` does the three.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import EVENTS, EXPOSURES, LABS, PATIENTS, STAYS, Frame, Staged
from audit.guideline import Guideline
from expectations import TABLES
from expectations.declare import STOP
from expectations.lab_results import RETRACTED, STATUSES
from flows import checks, codelists, extract, freshness, gx, notes, reference
from flows.codelists import CodeLists
from flows.days import iso_day
from flows.errors import Broken, Refused, Usage
from flows.received import Received, receive_native
from flows.references import References
from flows.site import Site
from flows.sources import account, mapped
from flows.sources.declare import NATIVE, Given
from flows.warehouse import Warehouse

EXPECTATIONS = pl.Schema(
    {
        "table": pl.String(),
        "expectation": pl.String(),
        "action": pl.String(),
        "reason": pl.String(),
        "rows_failed": pl.Int64(),
        "passed": pl.Boolean(),
    }
)


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
    place = pl.when(pl.col("table").str.starts_with("source.")).then("row_number")
    ordered = rejects.sort("table", place, "source_id", "reason", "row")
    return ordered.with_columns(row_number=pl.int_range(1, pl.len() + 1).over("table"))


def read(given: Path | Given, work: Path, as_of: date | None = None, by: References | None = None) -> Received:
    """Receive an extract, or another kind of source; `work` is a folder for what does not fit into memory.

    Another kind of source is mapped, for which the code lists and the site's facts are needed (`by`).
    """
    given, taken = Given.of(given), extracted_on(given)
    if given.kind == NATIVE:
        received = receive_native(given.path, work, by.site.time_zone if by else None)
        received.extracted_on = taken
        return received
    if by is None:
        raise Broken("a mapping asks the code lists, and was given none")
    return mapped.receive(given, work, partial(prepare, as_of=as_of, by=by, extracted_on=taken), by.site.time_zone)


def check(
    received: Received,
    as_of: date | None,
    guideline: Guideline,
    site: Site,
    lists: CodeLists,
) -> Checked:
    """Settle every row and count what the checks found; without an as-of date no row comes after it."""
    checked = settle(received, as_of, guideline, site, lists)
    counted = gx.run(received.warehouse.connection, TABLES)
    failed = [(one.table, one.check) for one in counted if one.check.action == STOP and not one.passed]
    of_source = account.refusals(received.source_rows, site.max_rejected_share)
    checked.expectations = _expectations(counted)
    checked.refusals = [*of_source, *checks.refusals(received.warehouse, failed)]
    return checked


def settle(received: Received, as_of: date | None, guideline: Guideline, site: Site, lists: CodeLists) -> Checked:
    """Settle every row, without the counts of Great Expectations and therefore without refusals."""
    if not received.is_prepared:
        prepare(received.warehouse, as_of, References(guideline, site, lists), received.extracted_on)
    checks.split(received.warehouse)
    checked = Checked(
        received=received,
        expectations=EXPECTATIONS.to_frame(),
        refusals=[],
        notes=[*received.notes, *lists.notes],
        codelist_hash=lists.hash,
        audited_drug=guideline.audited_drug,
    )
    checked.notes += notes.of_recognised(checked.recognised, guideline.audited_drug)
    checked.notes += notes.of_near_misses(checked.matched)
    return checked


def prepare(warehouse: Warehouse, as_of: date | None, by: References, extracted_on: date | None = None) -> None:
    """Load what rows are read by; without an as-of date no row comes after it."""
    _set_variables(warehouse, as_of or date.max, by.guideline, by.site)
    warehouse.set("feed_end", freshness.end_of(as_of or date.max, extracted_on))
    reference.load(warehouse, by.site.uln)
    warehouse.load("reference", "codes", by.codelists.codes)
    warehouse.load("reference", "dosage_readings", by.codelists.readings)
    warehouse.create("VIEW", "resolved", "code_keys")
    warehouse.create("VIEW", "resolved", "listed_names")


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
    )


def intake(
    given: Path | Given,
    work: Path,
    as_of: date,
    guideline: Guideline,
    site: Site | None = None,
    codelist_folders: Sequence[Path] = (),
) -> Intake:
    """Do the three steps; `work` is left to the caller to remove."""
    lists = codelists.load(codelist_folders, drugs=(guideline.audited_drug, *guideline.other_thiopurines))
    by = References(guideline, site or Site(), lists)
    with read(given, work, as_of, by) as received:
        return stage(check(received, as_of, guideline, by.site, lists))


def resolve_as_of(given: Path | Given, option: date | str | None = None) -> date:
    """Return the option, or `extracted_on` of extract.json; Usage where there is neither, or no date."""
    if option is not None:
        return _date(option, "the as-of date")
    if (taken := extracted_on(given)) is not None:
        return taken
    raise Usage("no as-of date: give --as-of, or extracted_on in the extract's extract.json")


def extracted_on(given: Path | Given) -> date | None:
    """Return the last day that the extract covers whole, None where extract.json does not tell; Usage for no date."""
    place = Given.of(given).path
    description = (place.parent if place.is_file() else place) / extract.DESCRIPTION
    try:
        said = json.loads(description.read_text(encoding="utf-8-sig"), object_pairs_hook=_told_once)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        raise Usage(f"{extract.DESCRIPTION} is not readable JSON") from None
    if not isinstance(said, dict):
        raise Usage(f"{extract.DESCRIPTION} is no JSON object")
    if said.get("extracted_on") is None:
        return None
    return _date(said["extracted_on"], f"extracted_on of {extract.DESCRIPTION}")


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object; ValueError for a name that it has twice, of which Python takes the last."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError
    return said


def _date(value: Any, name: str) -> date:
    """Return a date, or its text as 2026-06-30; Usage for anything else."""
    if isinstance(value, date):
        return value
    try:
        return iso_day(value if isinstance(value, str) else "")
    except ValueError:
        raise Usage(f"{name} must look like 2026-06-30") from None


def _set_variables(warehouse: Warehouse, as_of: date, guideline: Guideline, site: Site) -> None:
    warehouse.set("as_of", as_of)
    warehouse.set("time_zone", site.time_zone)
    warehouse.set("max_rejected_share", site.max_rejected_share)
    warehouse.set("audited_drug", guideline.audited_drug)
    warehouse.set("dose_min_mg", guideline["dose_min_mg"].number)
    warehouse.set("dose_max_mg", guideline["dose_max_mg"].number)
    warehouse.set("assumed_supply_days", guideline["assumed_supply_days"].days)
    warehouse.set("statuses", list(STATUSES))
    warehouse.set("retracted", list(RETRACTED))


def _expectations(counted: Sequence[gx.Counted]) -> pl.DataFrame:
    rows = [
        (one.table.name, one.check.rule, one.check.action, one.check.reason, one.rows_failed, one.passed)
        for one in counted
    ]
    return pl.DataFrame(rows, schema=EXPECTATIONS, orient="row")


def _frame(warehouse: Warehouse, frame: Frame) -> pl.DataFrame:
    """Return a staged relation with exactly the declared columns and types."""
    return warehouse.relation("staging", frame.name).cast(frame.schema).select(frame.names)


def _require_conserved(counts: pl.DataFrame, rejects: pl.DataFrame, staged: Staged) -> None:
    """Hold the frames to the counts: what is counted as staged or rejected is what is handed over; else Broken."""
    counted = {row["table"]: row for row in counts.iter_rows(named=True)}
    rejected = dict(rejects.group_by("table").len().iter_rows())
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
