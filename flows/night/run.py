"""One audit: the five steps in order, under the lock of its home, timed and told.

Nothing here knows Prefect: tests, and whoever has another scheduler, call `run_audit`.
"""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from flows import exclusions
from flows.errors import RechallengeError, Usage
from flows.given import Given
from flows.intake import Checked, check, extracted_on, leave_out
from flows.night import steps
from flows.night.lock import exclusive
from flows.night.order import Order, Plan, StepFailed, resolve
from flows.night.since import Since
from flows.night.steps import Done, Fed
from flows.references import References
from flows.release import (
    CURRENT,
    Freshness,
    Usual,
    first_line,
    fresh,
    mend,
    remove_outlived,
    require_fresh,
    sweep,
    usual_rows,
)
from flows.sources import receive

LOGGER = logging.getLogger("rechallenge")
STEPS = ("read", "check", "stage", "judge", "compare", "release")
T = TypeVar("T")


class Doing(Protocol):
    """Does a step by its name, and returns what its work makes; `told` puts that in a few words, counts only."""

    def __call__(self, step: str, work: Callable[[], T], told: Callable[[T], str]) -> T:
        """Do it."""


class Clock:
    """Does steps one after the other: says each, keeps what it took, keeps back the words of what nobody foresaw."""

    def __init__(self) -> None:
        """Start with none."""
        self.seconds: dict[str, float] = {}

    def do(self, step: str, work: Callable[[], T], told: Callable[[T], str]) -> T:
        """Do one step."""
        LOGGER.info("%s ...", step, extra={"is_begin": True})
        begin = time.monotonic()
        try:
            made = work()
        except RechallengeError:
            raise
        except Exception as error:  # whatever it is, its words must not travel
            failure = StepFailed(step, error)
        else:
            self._tell(step, time.monotonic() - begin, told(made), made if isinstance(made, Fed) else None)
            return made
        raise failure

    def _tell(self, step: str, seconds: float, told: str, fed: Fed | None) -> None:
        """Say what a step did; once the feed is known as a whole, what is wrong with it leads."""
        self.seconds[step] = round(seconds, 3)
        if fed is not None and fed.warnings:
            LOGGER.warning(first_line(fed.warnings), extra={"is_lead": True})
        LOGGER.info("%s: %s (%.1f s)", step, told, seconds, extra={"is_led": fed is not None})


def carry_out(plan: Plan, do: Doing, seconds: Callable[[], dict[str, float]]) -> Done:
    """Do the five steps and return what they made."""
    fed = _take_in(plan, do)
    judged = do(
        "judge",
        lambda: steps.judge(fed),
        lambda made: f"{made.breaks.height:,} breaks, {made.episodes.height:,} audited restarts",
    )
    since = do("compare", lambda: steps.compare(fed, judged), _changes)
    word = "is published beside" if plan.before.is_replay else "is current"
    folder = do("release", lambda: steps.release(fed, judged, since, seconds), lambda _: f"{plan.run_id} {word}")
    if removed := remove_outlived(plan.order.home, plan.order.keep):
        LOGGER.info("%s older release%s removed", f"{removed:,}", "" if removed == 1 else "s")
    return Done(fed, judged, since, folder, seconds())


def _changes(since: Since) -> str:
    """Return how much changed; what nothing explains leads."""
    if since.since is None:
        return since.why
    return f"{since.changes.height:,} findings are not what they were in {since.since}"


def _take_in(plan: Plan, do: Doing) -> Fed:
    """Do the steps that share the warehouse of what was received."""
    received = do("read", lambda: steps.read(plan), lambda made: f"{len(made.has)} tables")
    with received:
        checked = do("check", lambda: steps.check(plan, received), _rows)
        return do("stage", lambda: steps.stage(plan, checked), lambda made: _patients(plan, made))


def _rows(checked: Checked) -> str:
    counts = checked.conservation
    return f"{counts['read'].sum():,} rows read, {counts['rejected'].sum():,} rejected"


def _patients(plan: Plan, fed: Fed) -> str:
    return f"{fed.intake.staged.patients.height:,} patients ever on {plan.guideline.audited_drug}"


@contextmanager
def held(plan: Plan) -> Iterator[None]:
    """Hold the lock of the home, with a work folder that goes away with the block."""
    home = plan.order.home
    current = home / CURRENT
    if current.exists() and not current.is_symlink():
        raise Usage(f"{current} is no link: this home holds something else than releases")
    with exclusive(home):
        sweep(home)
        mend(home)
        plan.work.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(plan.work)


def run_audit(order: Order) -> Done:
    """Audit an extract and publish a release."""
    plan, clock = resolve(order), Clock()
    with held(plan):
        return carry_out(plan, clock.do, lambda: clock.seconds)


@contextmanager
def check_only(
    given: Given, as_of: date | None, references: References, home: Path | None = None
) -> Iterator[tuple[Checked, Freshness]]:
    """Yield an extract with every row settled, and how fresh it is beside the releases of a home, where one is named.

    Without any as-of date no row comes after it.
    """
    taken = extracted_on(given)
    if as_of is not None:
        require_fresh(as_of, taken, references.site)
    as_of = as_of or taken
    with TemporaryDirectory() as work, receive(given, Path(work), as_of, references) as received:
        if home:
            leave_out(received, exclusions.read(home))
        found = check(received, as_of, references)
        usual = usual_rows(home) if home else Usual()
        yield found, fresh(as_of, taken, found.newest, found.conservation, usual)
