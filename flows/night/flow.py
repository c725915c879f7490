"""The nightly flow in Prefect: read, check, stage, judge, compare, release.

Prefect learns the order of work, counts and run ids. Parameters are paths and dates, and an unforeseen error reaches
it by its type alone, for its message may quote a row. Results are neither stored nor read: a state that a server
hands out may name a file to unpickle, which is code. What a run made is told within its process (`run_here`).
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from prefect import Task, flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.results import ResultStore
from prefect.runtime import flow_run

from flows.errors import Broken
from flows.given import NATIVE, Given
from flows.intake import extracted_on
from flows.night.order import Order, StepFailed, resolve
from flows.night.run import LOGGER, Clock, carry_out, held
from flows.night.steps import Done
from flows.references import load_site
from flows.release import first_line
from flows.shipped import DEFAULT_EDITION, KEPT_NIGHTS

RETRIES = {"read": 2}  # files come and go; the same rows judge the same
RETRY_DELAY_SECONDS = [5.0, 30.0]
T = TypeVar("T")


def closed(*_: object, **__: object) -> NoReturn:
    """Refuse to store or to read a result, whatever a state says."""
    raise Broken("a result of Prefect was to be stored or read, which no run of ours does")


for _way in ("_read", "_aread", "persist_result_record", "apersist_result_record"):
    setattr(ResultStore, _way, closed)


@dataclass
class Kept:
    """What this process's own run of the flow made, or what ended it."""

    done: Done | None = None
    error: BaseException | None = None


KEPT: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Iterator[Kept]:
    """Yield where the run leaves what it made; what ends the block is left there too, and goes on."""
    kept = KEPT.get() or Kept()
    kept.done = kept.error = None  # a run that is tried again begins anew
    try:
        yield kept
    except BaseException as error:
        kept.error = error
        raise


def run_here(**asked: Any) -> Done:
    """Run the flow in this process and return what it made, or raise what ended it: no server is believed in either."""
    kept = Kept()
    token = KEPT.set(kept)
    try:
        nightly(**asked, return_state=True)
    finally:
        KEPT.reset(token)
    if kept.error is not None:
        raise kept.error
    if kept.done is None:
        raise Broken("the Prefect server ended the run before it began; the last release stays in place")
    return kept.done


def is_transient(_task: object, _run: object, state: Any) -> bool:
    """Say whether a failed step may succeed when tried again: only where the file system failed."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, StepFailed) and isinstance(error.cause, OSError)


LOGGER.setLevel(logging.INFO)  # else the counts would not reach a server that asks for this logger


def as_task(step: str, work: Callable[[], None]) -> Task[[], None]:
    """Return a step as a Prefect task, without a result."""
    made: Task[[], None] = task(
        name=step,
        task_run_name=step,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES.get(step, 0),
        retry_delay_seconds=RETRY_DELAY_SECONDS,
        retry_condition_fn=is_transient,
    )(work)
    return made


class Tasks:
    """Does each step as a Prefect task, by the clock; what a step makes never passes through Prefect."""

    def __init__(self) -> None:
        """Start the clock."""
        self.clock = Clock()

    def do(self, step: str, work: Callable[[], T], told: Callable[[T], str]) -> T:
        """Do one step as a task; Broken where the server ended it before it began."""
        made: list[T] = []

        def run() -> None:
            made.append(self.clock.do(step, work, told))

        as_task(step, run)()
        if not made:
            raise Broken(f"the Prefect server ended the step {step} before it began; the last release stays in place")
        return made[-1]


@flow(name="nightly", persist_result=False, validate_parameters=True)
def nightly(
    extract: str,
    home: str,
    as_of: date | None = None,
    guideline: str = DEFAULT_EDITION,
    site: str | None = None,
    codelists: tuple[str, ...] = (),
    source: str = NATIVE,
    mapping: str | None = None,
    replay: bool = False,
    without_predecessor: bool = False,
    keep: int = KEPT_NIGHTS,
) -> None:
    """Audit an extract and publish a release.

    A scheduled run is as of `extracted_on` where it is told, else of its scheduled date at the site.
    `extract` is a folder of the contract, or the place of another kind of `source`.
    """
    with keeping() as kept:
        site_file = Path(site) if site else None
        given = Given(source, extract, Path(mapping) if mapping else None)
        scheduled = None if as_of else scheduled_date(load_site(site_file).time_zone)
        taken = extracted_on(given) if scheduled else None
        order = Order(
            extract=given,
            home=Path(home),
            as_of=as_of or taken or scheduled,
            guideline=guideline,
            site=site_file,
            codelists=tuple(Path(folder) for folder in codelists),
            replay=replay,
            without_predecessor=without_predecessor,
            keep=keep,
        )
        plan, tasks = resolve(order, scheduled if taken else None), Tasks()
        with held(plan):
            name_run(plan.run_id)
            kept.done = carry_out(plan, tasks.do, lambda: tasks.clock.seconds)
            tell(kept.done)


def scheduled_date(time_zone: str | None) -> date | None:
    """Return the date at the site for which a schedule started this run; None where a person did.

    Without a zone of the site it is the date in UTC, the schedule's own.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or not context.flow_run.auto_scheduled:
        return None
    start: datetime = flow_run.scheduled_start_time
    return start.astimezone(ZoneInfo(time_zone or "UTC")).date()


def name_run(run_id: str) -> None:
    """Name the flow run by the run id."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=run_id)


def tell(done: Done) -> None:
    """Leave the summary as an artifact: counts only."""
    fed = done.fed
    said = [
        first_line(done.warnings),
        f"Release {done.run_id}",
        *done.since.lines,
        *fed.freshness.lines(),
        *done.plan.said,
    ]
    description = "\n\n".join(line for line in said if line)
    create_table_artifact(key="restart-audit", table=done.summary(), description=description)
