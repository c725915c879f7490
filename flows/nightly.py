"""The nightly flow in Prefect: read, check, stage, judge, release.

Prefect learns the order of work, counts and run ids. Results are not stored, parameters are paths and
dates, and an unforeseen error reaches it by its type alone, for its message may quote a row.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

from audit.guideline import DEFAULT_EDITION
from flows.freshness import first_line
from flows.intake import extracted_on
from flows.night import LOGGER, STEPS, Night, Order, StepFailed, night
from flows.site import load
from flows.sources.declare import NATIVE, Given

RETRIES = {"read": 2}  # files come and go; the same rows judge the same
RETRY_DELAY_SECONDS = [5.0, 30.0]


def is_transient(_task: object, _run: object, state: Any) -> bool:
    """Say whether a failed step may succeed when tried again: only where the file system failed."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, StepFailed) and isinstance(error.cause, OSError)


def as_task(step: str) -> Callable[[Night], None]:
    """Return a step as a Prefect task."""

    @task(
        name=step,
        task_run_name=step,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES.get(step, 0),
        retry_delay_seconds=RETRY_DELAY_SECONDS,
        retry_condition_fn=is_transient,
    )
    def run(state: Night) -> None:
        state.do(step)

    return run


LOGGER.setLevel(logging.INFO)  # else the counts would not reach a server that asks for this logger
TASKS = tuple(as_task(step) for step in STEPS)


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
) -> Night:
    """Audit an extract and publish a release.

    A scheduled run is as of `extracted_on` where it is told, else of its scheduled date at the site.
    `extract` is a folder of the contract, or the place of another kind of `source`.
    """
    site_file = Path(site) if site else None
    given = Given(source, extract, Path(mapping) if mapping else None)
    scheduled = None if as_of else scheduled_date(load(site_file).time_zone)
    taken = extracted_on(given) if scheduled else None
    order = Order(
        extract=given,
        home=Path(home),
        as_of=as_of or taken or scheduled,
        guideline=guideline,
        site=site_file,
        codelists=tuple(Path(folder) for folder in codelists),
    )
    with night(order) as state:
        if taken and scheduled and taken != scheduled:
            state.scheduled_for(scheduled)
        name_run(state.run_id)
        for run in TASKS:
            run(state)
        tell(state)
        return state


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


def tell(state: Night) -> None:
    """Leave the summary as an artifact: counts only."""
    said = [first_line(state.warnings), f"Release {state.run_id}", state.freshness.line(), *state.said]
    description = "\n\n".join(line for line in said if line)
    create_table_artifact(key="restart-audit", table=state.summary(), description=description)
