"""Data in: from the folder of an extract to the staged frames, in three steps that share one warehouse.

`read` receives the files, `check` settles every row (and serves `rechallenge check` alone), `stage` hands over the
frames of audit/frames.py. `intake` does the three.
"""

import json
from collections.abc import Sequence
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
from flows import checks, codelists, extract, gx, notes, reference
from flows.codelists import CodeLists
from flows.errors import Refused, Usage
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
    expectations: pl.DataFrame
    notes: list[str]
    files: list[dict[str, Any]]
    source_rows: pl.DataFrame
    codelist_hash: str
    data_docs: Path | None = None


@dataclass
class Checked:
    """An extract whose every row is settled; `refusals` says why an audit of it would stop, one line a table."""

    received: Received
    expectations: pl.DataFrame
    refusals: list[str]
    notes: list[str]
    codelist_hash: str
    audited_drug: str
    data_docs: Path | None = None

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
    given = Given.of(given)
    if given.kind == NATIVE:
        return receive_native(given.path, work)
    assert by is not None, "a mapping asks the code lists"
    return mapped.receive(given, work, partial(prepare, as_of=as_of, by=by))


def check(
    received: Received,
    as_of: date | None,
    guideline: Guideline,
    site: Site,
    lists: CodeLists,
    docs: Path | None = None,
) -> Checked:
    """Settle every row and count what the checks found; without an as-of date no row comes after it."""
    checked = settle(received, as_of, guideline, site, lists)
    counted = gx.run(received.warehouse.connection, TABLES, docs)
    failed = [(one.table, one.check) for one in counted if one.check.action == STOP and not one.passed]
    of_source = account.refusals(received.source_rows, site.max_rejected_share)
    checked.expectations = _expectations(counted)
    checked.refusals = [*of_source, *checks.refusals(received.warehouse, failed)]
    checked.data_docs = docs
    return checked


def settle(received: Received, as_of: date | None, guideline: Guideline, site: Site, lists: CodeLists) -> Checked:
    """Settle every row, without the counts of Great Expectations and therefore without refusals."""
    if not received.is_prepared:
        prepare(received.warehouse, as_of, References(guideline, site, lists))
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


def prepare(warehouse: Warehouse, as_of: date | None, by: References) -> None:
    """Load what rows are read by; without an as-of date no row comes after it."""
    _set_variables(warehouse, as_of or date.max, by.guideline, by.site)
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
    _assert_conserved(checked.conservation, checked.rejects, staged)
    return Intake(
        staged=staged,
        rejects=checked.rejects,
        conservation=checked.conservation,
        unlisted=checked.unlisted,
        matched=checked.matched,
        unknown_doses=unknown_doses,
        unread_texts=checked.unread_texts,
        row_notes=row_notes,
        expectations=checked.expectations,
        notes=[
            *notes.of_lengths(staged, checked.audited_drug),
            *checked.notes,
            *notes.of_staged(staged, row_notes, unknown_doses),
        ],
        files=checked.received.files(),
        source_rows=checked.received.source_rows,
        codelist_hash=checked.codelist_hash,
        data_docs=checked.data_docs,
    )


def intake(
    given: Path | Given,
    work: Path,
    as_of: date,
    guideline: Guideline,
    site: Site | None = None,
    codelist_folders: Sequence[Path] = (),
    docs: Path | None = None,
) -> Intake:
    """Do the three steps; `work` is left to the caller to remove."""
    lists = codelists.load(codelist_folders, drugs=(guideline.audited_drug, *guideline.other_thiopurines))
    by = References(guideline, site or Site(), lists)
    with read(given, work, as_of, by) as received:
        return stage(check(received, as_of, guideline, by.site, lists, docs))


def resolve_as_of(given: Path | Given, option: date | str | None = None) -> date:
    """Return the option, or `extracted_on` of extract.json; Usage where there is neither, or no date."""
    if option is None:
        option = _extracted_on(Given.of(given).path / extract.DESCRIPTION)
    if isinstance(option, date):
        return option
    try:
        return date.fromisoformat(option)
    except (TypeError, ValueError):
        raise Usage("the as-of date must look like 2026-06-30") from None


def _extracted_on(description: Path) -> Any:
    try:
        said = json.loads(description.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        said = {}
    except (OSError, ValueError):
        raise Usage(f"{description.name} is not readable JSON") from None
    if not isinstance(said, dict) or "extracted_on" not in said:
        raise Usage("no as-of date: give --as-of, or extracted_on in the extract's extract.json")
    return said["extracted_on"]


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


def _assert_conserved(counts: pl.DataFrame, rejects: pl.DataFrame, staged: Staged) -> None:
    """Hold the frames to the counts: what is counted as staged or rejected is what is handed over."""
    said = {row["table"]: row for row in counts.iter_rows(named=True)}
    rejected = dict(rejects.group_by("table").len().iter_rows())
    for table in TABLES:
        frame = getattr(staged, table.staged)
        assert said[table.name]["staged"] == (0 if frame is None else frame.height), f"{table.name}: staged rows"
        assert said[table.name]["rejected"] == rejected.get(table.name, 0), f"{table.name}: rejected rows"
