"""An export of counts, made once for each period of its calendar; asked again, the ledger gives the same bytes."""

from dataclasses import replace
from typing import Any

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import rulebook
from flows.errors import Usage
from flows.export import folder
from flows.export.aggregate import reports
from flows.export.aggregate.before import known, population
from flows.export.aggregate.cells import DECIDED, Cell, Cells, cells, count
from flows.export.aggregate.periods import Period, first_release, named, over
from flows.export.aggregate.profile import Model
from flows.export.aggregate.protect import NOTHING, Given, Known, hidden, rounding
from flows.export.aggregate.system import Rounding
from flows.export.aggregate.tables import files, shown
from flows.export.ledger import GIVEN, MADE, Entry, Ledger, ledger, refuse_holder_of_rows
from flows.export.request import Made, Request
from flows.release import Release, manifests, open_release

SCHEMA_VERSION = 1
SAYS = (
    "Counts of restarts, not of persons. Suppressed counts are null and not 0; shown ones are rounded. Rates and their "
    "intervals are of the rounded counts."
)


def make(profile: Model, request: Request) -> Made:
    """Return the export of a period; Usage where another release is asked for, or the profile was changed meanwhile."""
    period = _period(profile, request)
    with ledger(request.home) as held:
        refuse_holder_of_rows(held, request.recipient)
        before = held.made(profile.id, period.name)
        if before is not None:
            return _again(profile, request, before, held)
        name = first_release(manifests(request.home), period)
        if name is None:
            raise Usage(f"no release of this home has an as-of date on or after the last day of {period.name}")
        _require_pinned(request, name, period.name)
        return _anew(profile, request, open_release(request.home, name, told=True), period, held)


def judging(guideline: Guideline) -> dict[str, Rule]:
    """Return the rules that give verdicts; the others only describe."""
    return {
        name: rule
        for name, rule in rulebook(guideline).items()
        if any(outcome.verdict in DECIDED for outcome in rule.outcomes)
    }


def _period(profile: Model, request: Request) -> Period:
    if request.period:
        return named(request.period, profile.calendar)
    return over(open_release(request.home, request.release, told=True).as_of, profile.calendar)


def _require_pinned(request: Request, name: str, period: str) -> None:
    if request.release not in (None, name):
        raise Usage(f"--release: the release of {period} is {name}, and no other is given for it")


def _again(profile: Model, request: Request, before: Entry, held: Ledger) -> Made:
    """Return the bytes that were given for the period; to whom they go now is added to the ledger."""
    said = before.said
    _require_pinned(request, said["release"], said["period"])
    if said["settings"] != profile.model_dump(mode="json"):
        raise Usage(
            f"the profile is not what it was when {said['period']} was given: what it counts now needs another id"
        )
    if request.recipient:
        of = {"profile": profile.id, "period": said["period"], "recipient": request.recipient}
        held.add(GIVEN, of)
    words = f"Period {said['period']}, given before: the same bytes."
    return Made(before.files, {}, {"files": len(before.files)}, words)


def _anew(profile: Model, request: Request, release: Release, period: Period, held: Ledger) -> Made:
    guideline = release.edition()
    if guideline is None:
        raise Usage("the edition that judged this release can be read no more")
    episodes, sites = release.table("episodes"), dict(held.sites)
    new = sorted(set(episodes["site_id"].drop_nulls().unique()) - sites.keys())
    sites |= {site: str(number) for number, site in enumerate(new, len(sites) + 1)}
    findings = release.table("findings", ["episode_id", "rule_id", "verdict"])
    rules = judging(guideline)
    found = cells(profile, rules, count(profile, episodes, findings, sites))
    shows = rounding(profile)
    same, given = known(profile, release, held.entries, found.counts)
    alone = hidden(found, shows)
    out = _beside(found, shows, given, same) if given is not NOTHING else alone
    told = shown(found, out, shows)
    manifest = {
        **about(profile, guideline, period, release),
        "cells": {"all": len(told), "suppressed": len(out), "suppressed_for_earlier_exports": len(out - alone)},
    }
    made = files(told, found.zeros)
    if "fhir" in profile.forms:
        made |= reports.files(told, rules, guideline, period, profile.id)
    made = folder.with_manifest(made, manifest)
    held.add(
        MADE,
        {
            "recipient": request.recipient,
            "profile": profile.id,
            "settings": profile.model_dump(mode="json"),
            "period": period.name,
            "release": release.run_id,
            "as_of": release.as_of.isoformat(),
            "sites": {site: sites[site] for site in new},
            "cells": [[*cell, n, found.counts[cell]] for cell, n in told.items()],
        },
        made,
    )
    return Made(made, {}, {"counts": len(told), "of them suppressed": len(out)}, f"Period {period.name}.")


def about(profile: Model, guideline: Guideline, period: Period, release: Release) -> dict[str, Any]:
    """Return what the manifest says of an export of counts; nothing of when, where or by whom it was made."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": profile.kind,
        "profile": profile.model_dump(mode="json"),
        "says": SAYS,
        "period": period.name,
        "population": population(release.run_id),
        "guideline": {
            "id": guideline.id,
            "edition": guideline.edition,
            "review_status": guideline.review_status,
            "parameters_hash": guideline.hash,
            "set_by_site": list(guideline.overlaid),
            "notice": guideline.notice,
        },
    }


def _beside(found: Cells, shows: Rounding, given: Given, same: Given) -> frozenset[Cell]:
    """Return what is hidden beside what was given.

    Where other periods tell a count that is to be hidden, the counts of its sums are no longer held to what these show.
    """
    while True:
        try:
            return hidden(found, shows, given)
        except Known as known_too_well:
            near = {
                cell
                for whole, parts in found.sums
                if not known_too_well.cells.isdisjoint((whole, *parts))
                for cell in (whole, *parts)
            }
            loose = near & given.bounds.keys() - same.bounds.keys()
            if not loose:
                raise
            bounds = {cell: ends for cell, ends in given.bounds.items() if cell not in loose}
            given = replace(given, bounds=bounds)
