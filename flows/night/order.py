"""What is asked of a run, and what that comes to once it is resolved."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from audit.guideline import Guideline
from flows import exclusions
from flows.errors import RechallengeError, Usage
from flows.given import NATIVE, Given
from flows.intake import end_of, extracted_on, resolve_as_of
from flows.references import References, refer
from flows.release import NOTHING_BEFORE, Before, before, require_fresh
from flows.shipped import DEFAULT_EDITION, KEPT_NIGHTS
from flows.sources import source


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run: where from, where to, as of when, by which edition, site and code lists."""

    extract: Path | Given
    home: Path
    as_of: date | None = None
    guideline: str = DEFAULT_EDITION
    site: Path | None = None
    codelists: tuple[Path, ...] = ()
    replay: bool = False
    without_predecessor: bool = False
    keep: int = KEPT_NIGHTS

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


@dataclass(frozen=True, slots=True)
class Plan:
    """One run, resolved: what is read, as of when, by what, under which id; nothing in it changes.

    `said` and `alarms` are what the report says of how the run came about; alarms lead.
    """

    order: Order
    given: Given
    as_of: date
    extracted_on: date | None
    references: References
    started: datetime
    run_id: str
    said: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    before: Before = NOTHING_BEFORE

    @property
    def guideline(self) -> Guideline:
        """Return the edition with the site's values."""
        return self.references.guideline

    @property
    def feed_end(self) -> date:
        """Return the last day that the feed covers."""
        return end_of(self.as_of, self.extracted_on)

    @property
    def work(self) -> Path:
        """Return the folder for what does not fit into memory."""
        return self.order.home / f".work.{self.run_id}"


def resolve(order: Order, scheduled: date | None = None) -> Plan:
    """Resolve an order, of a schedule for that day where there is one; raise Usage or Refused where it cannot be."""
    if order.keep < 1:
        raise Usage("--keep: at least one night is kept")
    given = order.given
    as_of = resolve_as_of(given, order.as_of)
    taken = extracted_on(given)
    if given.kind != NATIVE:
        source(given)  # a wrong place or mapping.toml is told before anything is started
    references = refer(order.guideline, order.site, order.codelists)
    require_fresh(as_of, taken, references.site)
    started = datetime.now(UTC)
    run_id = f"{as_of:%Y%m%d}-{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    said, alarms = _of_schedule(scheduled, as_of, references)
    alarms = (*_of_unfinished(exclusions.read(order.home).unfinished), *alarms)
    compared = before(order.home, as_of, references.guideline, replay=order.replay, anew=order.without_predecessor)
    return Plan(order, given, as_of, taken, references, started, run_id, said, alarms, compared)


def _of_unfinished(n: int) -> tuple[str, ...]:
    """Return what is warned of where an erasure did not come to its end."""
    people = "one person" if n == 1 else f"{n:,} people"
    return (f"releases may still hold {people} to be forgotten: run `rechallenge erase` again",) if n else ()


def _of_schedule(day: date | None, as_of: date, references: References) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is said where the schedule meant another day, and what is warned of where that is long after."""
    if day is None or day == as_of:
        return (), ()
    said = (f"the run was scheduled for {day}; it is as of {as_of}, on which the extract was taken",)
    is_old = (day - as_of).days > references.site.max_extract_age_days
    return ((), said) if is_old else (said, ())
