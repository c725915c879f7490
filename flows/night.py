"""One audit in plain functions: five steps over one state, under the lock. `nightly` runs them as Prefect tasks.

Nothing here knows Prefect: tests, and whoever has another scheduler, call `run_audit`.
"""

import logging
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from audit.frames import JUDGED
from audit.guideline import DEFAULT_EDITION
from audit.pipeline import judge
from flows import checks_page, intake, manifest, report
from flows.checks_page import Checks
from flows.errors import RechallengeError, Usage
from flows.freshness import Freshness, Usual, first_line, require_fresh, usual_rows
from flows.intake import Checked
from flows.lock import exclusive
from flows.notes import of_ambiguous, of_deaths
from flows.references import References, refer
from flows.release import ACCOUNT, CURRENT, Contents, publish, sweep
from flows.rulebook import rulebook
from flows.sources import source
from flows.sources.declare import NATIVE, Given

LOGGER = logging.getLogger("rechallenge")
STEPS = ("read", "check", "stage", "judge", "release")
LEAD_AFTER = "stage"  # the step after which it is known what is wrong with the feed as a whole


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run: where from, where to, as of when, by which edition, site and code lists."""

    extract: Path | Given
    home: Path
    as_of: date | None = None
    guideline: str = DEFAULT_EDITION
    site: Path | None = None
    codelists: tuple[Path, ...] = ()

    @property
    def given(self) -> Given:
        """Return what is to be read; a path alone is a native extract."""
        return Given.of(self.extract)


class StepFailed(RechallengeError):  # noqa: N818 - named by what happened
    """A step met an error that nobody foresaw; its words are kept back, for they may quote a row."""

    def __init__(self, step: str, cause: Exception) -> None:
        """Keep the cause for --debug."""
        why = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
        super().__init__(f"the step {step} failed ({why}); the last release stays in place")
        self.cause = cause


class Night:
    """One run: what was asked, and what each step has made so far."""

    def __init__(self, order: Order) -> None:
        """Resolve the order; raise Usage where it cannot be carried out."""
        self.order = order
        self.given = order.given
        self.as_of = intake.resolve_as_of(self.given, order.as_of)
        self.extracted_on = intake.extracted_on(self.given)
        if self.given.kind != NATIVE:
            source(self.given)  # a wrong place or mapping.toml is told before anything is started
        self.references = refer(order.guideline, order.site, order.codelists)
        self.guideline = self.references.guideline
        require_fresh(self.as_of, self.extracted_on, self.references.site)
        self.started = datetime.now(UTC)
        self.run_id = f"{self.as_of:%Y%m%d}-{self.started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.work = order.home / f".work.{self.run_id}"
        self.seconds: dict[str, float] = {}
        self.said: list[str] = []
        self.alarms: list[str] = []
        self.held = ExitStack()

    def do(self, step: str) -> None:
        """Do one step, and keep how long it took."""
        LOGGER.info("%s ...", step, extra={"is_begin": True})
        begin = time.monotonic()
        failure = None
        try:
            said = getattr(self, f"_{step}")()
        except RechallengeError:
            raise
        except Exception as error:  # whatever it is, its words must not travel
            failure = StepFailed(step, error)
        if failure is not None:
            raise failure
        self.seconds[step] = round(time.monotonic() - begin, 3)
        if step == LEAD_AFTER and self.warnings:
            LOGGER.warning(first_line(self.warnings), extra={"is_lead": True})
        LOGGER.info("%s: %s (%.1f s)", step, said, self.seconds[step], extra={"is_led": step == LEAD_AFTER})

    def scheduled_for(self, day: date) -> None:
        """Say that the schedule meant another day than the run is of; warn where the extract is too old for it."""
        said = f"the run was scheduled for {day}; it is as of {self.as_of}, on which the extract was taken"
        is_old = (day - self.as_of).days > self.references.site.max_extract_age_days
        (self.alarms if is_old else self.said).append(said)

    def summary(self) -> list[dict[str, Any]]:
        """Return the verdicts counted by rule."""
        counts = ("applicable", "evaluable", "passed", "advisory", "violation", "indeterminate")
        rows = self.judged.measures.filter(pl.col("stratum") == "overall", pl.col("violation").is_not_null())
        by_rule = {row["rule_id"]: row for row in rows.iter_rows(named=True)}
        return [
            {"rule": rule.id, "title": rule.title, **{name: by_rule[rule.id][name] for name in counts}}
            for rule in rulebook(self.guideline).values()
            if rule.id in by_rule
        ]

    def notes(self) -> list[str]:
        """Return what the report says of the data, first what is wrong with the feed as a whole."""
        lines = [*self.warnings, *self.intake.notes, *of_deaths(self.row_notes), *of_ambiguous(self.judged)]
        if self.extracted_on is not None and self.extracted_on < self.as_of:
            older = f"the extract was taken on {self.extracted_on}, before the as-of date {self.as_of}"
            lines.insert(len(self.warnings), f"{older}: observation ends with it")
        return [*lines[: len(self.warnings)], *self.said, *lines[len(self.warnings) :]]

    @property
    def row_notes(self) -> pl.DataFrame:
        """Return what was noted of rows as they came in, and what the audit did not use of them."""
        return pl.concat([self.intake.row_notes, self.judged.row_notes]).sort(pl.all())

    @cached_property
    def freshness(self) -> Freshness:
        """Return the days of the feed and its rows; before this run is a release, for it is compared with others."""
        counts, usual = self.intake.conservation, usual_rows(self.order.home)
        return fresh(self.as_of, self.extracted_on, self.intake.newest, counts, usual)

    @cached_property
    def warnings(self) -> list[str]:
        """Return why the feed may have died."""
        return [*self.alarms, *self.freshness.warnings(self.references.site)]

    def _read(self) -> str:
        self.received = self.held.enter_context(intake.read(self.given, self.work, self.as_of, self.references))
        return f"{len(self.received.has)} tables"

    def _check(self) -> str:
        by = self.references
        self.checked = intake.check(self.received, self.as_of, by.guideline, by.site, by.codelists)
        self.checked.require()
        counts = self.checked.conservation
        return f"{counts['read'].sum():,} rows read, {counts['rejected'].sum():,} rejected"

    def _stage(self) -> str:
        self.intake = intake.stage(self.checked)
        self.held.close()
        return f"{self.intake.staged.patients.height:,} patients ever on {self.guideline.audited_drug}"

    def _judge(self) -> str:
        self.judged = judge(self.intake.staged, self.guideline, self.as_of, self.extracted_on)
        return f"{self.judged.breaks.height:,} breaks, {self.judged.episodes.height:,} audited restarts"

    def _release(self) -> str:
        self.release = publish(self.order.home, self.run_id, self._contents())
        return f"{self.run_id} is current"

    def _contents(self) -> Contents:
        begin = time.monotonic()
        given = self.intake
        tables = {frame.name: getattr(self.judged, frame.name) for frame in JUDGED}
        tables |= {name: getattr(given, name) for name in ("rejects", *ACCOUNT)}
        tables["row_notes"] = self.row_notes
        unknown = pl.concat([given.unknown_doses, self.judged.unknown_doses])
        tables["unknown_doses"] = unknown.sort("exposure_id")

        def record() -> dict[str, Any]:
            seconds = {**self.seconds, "release": round(time.monotonic() - begin, 3)}
            return self._manifest(tables, seconds)

        facts = report.Facts(
            judged=self.judged,
            patients=given.staged.patients.height,
            rejects=given.rejects,
            unlisted=given.unlisted,
            unread_texts=given.unread_texts,
            matched=given.matched,
            implausible_limits=given.implausible_limits,
            conservation=given.conservation,
            source_rows=given.source_rows,
            notes=self.notes(),
            warnings=self.warnings,
            freshness=self.freshness,
            guideline=self.guideline,
            rules=rulebook(self.guideline),
            run=self._run(),
        )
        about = manifest.about(self.guideline, self.as_of.isoformat())
        return Contents(tables, about, {"report.html": report.render(facts), "checks.html": self._checks()}, record)

    def _checks(self) -> str:
        given = self.intake
        return checks_page.render(
            Checks(
                expectations=given.expectations,
                conservation=given.conservation,
                rejects=given.rejects,
                allowed=self.references.site.max_rejected_share,
                guideline=self.guideline,
                run=self._run(),
            )
        )

    def _run(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            **self.freshness.face(),
            "code": {"version": manifest.version(), "commit": manifest.commit()},
            "source": self.given.kind,
            "codelists_hash": self.references.codelists.hash,
        }

    def _manifest(self, tables: Mapping[str, pl.DataFrame], seconds: Mapping[str, float]) -> dict[str, Any]:
        return {
            **self._run(),
            "started_at": self.started.isoformat(timespec="seconds"),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            **manifest.edition(self.guideline),
            "extract": self.intake.files,
            "conservation": self.intake.conservation.to_dicts(),
            "warnings": self.warnings,
            "notes": self.notes(),
            "outputs": {f"{name}.parquet": table.height for name, table in tables.items()},
            "seconds": dict(seconds),
        }


def fresh(
    as_of: date | None,
    extracted_on: date | None,
    newest: Mapping[str, date | None],
    conservation: pl.DataFrame,
    usual: Usual,
) -> Freshness:
    """Return how fresh a feed is, from its newest rows and what became of all of them."""
    rows = dict(conservation.select("table", "read").iter_rows())
    return Freshness(as_of, extracted_on, **newest, rows=rows, usual=usual)


@contextmanager
def check_only(
    given: Given, as_of: date | None, references: References, home: Path | None = None
) -> Iterator[tuple[Checked, Freshness]]:
    """Yield an extract with every row settled, and how fresh it is beside the releases of a home, where one is named.

    Without any as-of date no row comes after it.
    """
    taken = intake.extracted_on(given)
    if as_of is not None:
        require_fresh(as_of, taken, references.site)
    as_of = as_of or taken
    with TemporaryDirectory() as work, intake.read(given, Path(work), as_of, references) as received:
        found = intake.check(received, as_of, references.guideline, references.site, references.codelists)
        usual = usual_rows(home) if home else Usual()
        yield found, fresh(as_of, taken, found.newest, found.conservation, usual)


@contextmanager
def night(order: Order) -> Iterator[Night]:
    """Yield a run that holds the lock of its home, with a work folder that goes away with it."""
    state = Night(order)
    current = order.home / CURRENT
    if current.exists() and not current.is_symlink():
        raise Usage(f"{current} is no link: this home holds something else than releases")
    with exclusive(order.home):
        sweep(order.home)
        state.work.mkdir()
        try:
            yield state
        finally:
            state.held.close()
            shutil.rmtree(state.work)


def run_audit(order: Order) -> Night:
    """Audit an extract and publish a release."""
    with night(order) as state:
        for step in STEPS:
            state.do(step)
    return state
