"""The five steps of a run, each a function of what it is given: nothing is shared, and nothing here knows Prefect."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import ACCOUNT, JUDGED, KEPT, SINCE, Judged
from audit.judge import judge as judge_restarts
from audit.rules import rulebook
from audit.sensitivity import sensitivity
from flows import exclusions, intake, sources
from flows.editions import overdue
from flows.intake import Checked, Intake, Received, of_ambiguous, of_deaths
from flows.night.order import Plan
from flows.night.since import Since, lacking
from flows.night.since import since as compared
from flows.pages import Checks, facts_of, render_checks, render_report
from flows.release import (
    EDITION_FILE,
    SCHEMA_VERSION,
    Contents,
    Freshness,
    Usual,
    about,
    commit,
    edition_applied,
    edition_text,
    fresh,
    publish_release,
    usual_rows,
)
from flows.shipped import version

COUNTED = ("applicable", "evaluable", "passed", "advisory", "violation", "indeterminate")


@dataclass(frozen=True)
class Fed:
    """What came in: the staged frames with their account, and how fresh the feed is."""

    plan: Plan
    intake: Intake
    usual: Usual

    @cached_property
    def freshness(self) -> Freshness:
        """Return the days of the feed and its rows, beside those of the releases before it."""
        plan, taken = self.plan, self.intake
        return fresh(plan.as_of, plan.extracted_on, taken.newest, taken.conservation, self.usual)

    @cached_property
    def warnings(self) -> list[str]:
        """Return why the feed may have died."""
        return [*self.plan.alarms, *self.freshness.warnings(self.plan.references.site)]


@dataclass(frozen=True)
class Done:
    """A run that was released: what it made, and where it stands."""

    fed: Fed
    judged: Judged
    since: Since
    release: Path
    seconds: Mapping[str, float]

    @property
    def plan(self) -> Plan:
        """Return what was asked, resolved."""
        return self.fed.plan

    @property
    def run_id(self) -> str:
        """Return the id of the run and of its release."""
        return self.plan.run_id

    @property
    def notes(self) -> list[str]:
        """Return what the report says of the data."""
        return notes(self.fed, self.judged, self.since)

    @property
    def warnings(self) -> list[str]:
        """Return what leads: what cannot be explained, and why the feed may have died."""
        return warnings(self.fed, self.since)

    def summary(self) -> list[dict[str, Any]]:
        """Return the verdicts counted by rule."""
        rows = self.judged.measures.filter(pl.col("stratum") == "overall", pl.col("violation").is_not_null())
        by_rule = {row["rule_id"]: row for row in rows.iter_rows(named=True)}
        return [
            {"rule": rule.id, "title": rule.title, **{name: by_rule[rule.id][name] for name in COUNTED}}
            for rule in rulebook(self.plan.guideline).values()
            if rule.id in by_rule
        ]


def read(plan: Plan) -> Received:
    """Receive what is given but the people who are to be forgotten; the caller closes it."""
    received = sources.receive(plan.given, plan.work, plan.as_of, plan.references)
    try:
        intake.leave_out(received, exclusions.read(plan.order.home))  # under the lock of the home
    except BaseException:
        received.close()
        raise
    return received


def check(plan: Plan, received: Received) -> Checked:
    """Settle every row; raise Refused where a stop check failed."""
    checked = intake.check(received, plan.as_of, plan.references)
    checked.require()
    return checked


def stage(plan: Plan, checked: Checked) -> Fed:
    """Hand over the staged frames; before this run is a release, for it is compared with those before it."""
    return Fed(plan, intake.stage(checked), usual_rows(plan.order.home))


def judge(fed: Fed) -> Judged:
    """Judge every restart, and once more by the other reference where that may judge otherwise."""
    plan, staged = fed.plan, fed.intake.staged
    days = plan.references.site.act_now_days
    judged = judge_restarts(staged, plan.guideline, plan.as_of, plan.extracted_on, days)
    other = sensitivity(staged, judged, plan.guideline, plan.as_of, plan.extracted_on)
    return replace(judged, sensitivity=other)


def compare(fed: Fed, judged: Judged) -> Since:
    """Hold what was judged against the release before."""
    return compared(fed.plan, fed.intake.staged, judged, fed.intake.told_patients)


def release(fed: Fed, judged: Judged, since: Since, seconds: Callable[[], Mapping[str, float]]) -> Path:
    """Publish the release and return its folder; `seconds` tells what each step took, asked for last."""
    begin = time.monotonic()
    plan, tables = fed.plan, _tables(fed, judged, since)
    said = _said(fed, judged, since, tables)

    def record() -> dict[str, Any]:
        took = {**seconds(), "release": round(time.monotonic() - begin, 3)}
        return said | {"finished_at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": took}

    pages = {
        "report.html": render_report(facts_of(tables, plan.guideline, said)),
        "checks.html": render_checks(_checks(fed, said)),
        EDITION_FILE: edition_text(plan.guideline),
    }
    contents = Contents(tables, about(plan.guideline, plan.as_of.isoformat()), pages, record)
    return publish_release(plan.order.home, plan.run_id, contents, is_replay=plan.before.is_replay)


def warnings(fed: Fed, since: Since) -> list[str]:
    """Return what leads page and terminal: how many changes nothing explains, and why the feed may have died."""
    return [*since.warnings, *fed.warnings]


def notes(fed: Fed, judged: Judged, since: Since) -> list[str]:
    """Return what the report says of the data, first what is wrong with the feed as a whole."""
    plan = fed.plan
    lines = [*fed.intake.notes, *of_deaths(_row_notes(fed, judged)), *of_ambiguous(judged)]
    ends = []
    if plan.extracted_on is not None and plan.extracted_on < plan.as_of:
        older = f"the extract was taken on {plan.extracted_on}, before the as-of date {plan.as_of}"
        ends = [f"{older}: observation ends with it"]
    return [
        *warnings(fed, since),
        *since.notes,
        *plan.said,
        *ends,
        *lines,
        *overdue(plan.guideline, plan.as_of),
    ]


def _row_notes(fed: Fed, judged: Judged) -> pl.DataFrame:
    """Return what was noted of rows as they came in, and what the audit did not use of them."""
    return pl.concat([fed.intake.row_notes, judged.row_notes]).sort(pl.all())


def _tables(fed: Fed, judged: Judged, since: Since) -> dict[str, pl.DataFrame]:
    tables = {frame.name: getattr(judged, frame.name) for frame in JUDGED}
    tables |= {frame.name: getattr(since, frame.name) for frame in SINCE}
    tables |= {frame.name: getattr(judged.kept, frame.name) for frame in KEPT}
    tables |= {frame.name: getattr(fed.intake, frame.name) for frame in ACCOUNT}
    tables["row_notes"] = _row_notes(fed, judged)
    tables["unknown_doses"] = pl.concat([fed.intake.unknown_doses, judged.unknown_doses]).sort("exposure_id")
    return tables


def _checks(fed: Fed, run: Mapping[str, Any]) -> Checks:
    return Checks(
        expectations=fed.intake.expectations,
        conservation=fed.intake.conservation,
        rejects=fed.intake.rejects,
        allowed=fed.plan.references.site.max_rejected_share,
        guideline=fed.plan.guideline,
        run=run,
    )


def _run(fed: Fed) -> dict[str, Any]:
    return {
        "run_id": fed.plan.run_id,
        **fed.freshness.face(),
        "code": {"version": version(), "commit": commit()},
        "source": fed.plan.given.kind,
        "codelists_hash": fed.plan.references.codelists.hash,
    }


def _said(fed: Fed, judged: Judged, since: Since, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Return what the manifest says, but for when the run ended and the seconds that it took."""
    return _run(fed) | {
        "started_at": fed.plan.started.isoformat(timespec="seconds"),
        "finished_at": None,
        **edition_applied(fed.plan.guideline),
        "schema_version": SCHEMA_VERSION,
        "predecessor": since.since,
        "not_compared": since.why,
        "fingerprints": dict(since.by),
        "lacks": sorted(lacking(fed.intake.staged)),
        "extract": fed.intake.files,
        "conservation": fed.intake.conservation.to_dicts(),
        "usual_rows": fed.usual.told(),
        "warnings": warnings(fed, since),
        "notes": notes(fed, judged, since),
        "outputs": {f"{name}.parquet": table.height for name, table in tables.items()},
        "seconds": {},
    }
