"""report.html: one self-contained page for people, made from the frames of a release and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from audit.edition import Basis
from audit.frames import SOURCE_ROWS, UNREAD_TEXTS, Judged
from audit.guideline import Guideline
from audit.measures import wilson
from audit.rule import Rule
from flows.intake import SHARED_BY, parted, rule_in, shared
from flows.release import Freshness, first_line, plain_rows
from flows.wording import DASH, count, interval, percent, sentence, share, shown, thin, value_of, words

TEMPLATES = Path(__file__).parent / "templates"
WORKLIST_ROWS = 200
CODES_SHOWN = 20
LEVELS = 12
VERDICT_COLUMNS = {"pass": "passed", "advisory": "advisory", "violation": "violation", "indeterminate": "indeterminate"}
GROUPS = {"RST": "Before and at the restart", "MON": "Monitoring after the restart", "STP": "Stopping again"}
STRATA = {
    "site": "site",
    "grade": "grade of the injury",
    "indication": "indication",
    "restart_month": "month of restart",
}
BREAK_CLASSES = {
    "episode": "audited: a break with raised liver enzymes",
    "no_elevation": "no raised liver enzyme around the stop",
    "documented_without_lab": "stopped for the liver, but no qualifying result in the feed",
    "unobserved": "the course ended with a hospital discharge: what was taken at home is unknown",
    "new_start": "a break longer than the audited range: a new start",
    "short_interruption": "an interruption too short to be a break",
    "thiopurine_switch": "went on with another drug of the class: a switch, not a restart",
}
IMPLAUSIBLE_LIMITS = pl.Schema({"concept": pl.String(), "laboratory_id": pl.String(), "rows": pl.Int64()})
LIMITS = (
    "It sees records, not patients: a prescription is taken for a dose, and blood drawn elsewhere is not seen.",
    "It judges the article as written; the table above says how little evidence stands behind several of its numbers.",
    "An indeterminate verdict is not a good one: it says that the records cannot answer.",
    "Several restarts of one patient are judged alone and counted each; the intervals take them as independent.",
    "Rates compare sites only as far as their feeds are equally complete.",
    "Free text (a clinician's reasoning, a telephone call, a plan) is not read.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page shows: what was judged, what became of the rows, and under which edition."""

    judged: Judged
    patients: int
    rejects: pl.DataFrame
    unlisted: pl.DataFrame
    matched: pl.DataFrame
    conservation: pl.DataFrame
    notes: Sequence[str]
    guideline: Guideline
    rules: Mapping[str, Rule]
    run: Mapping[str, Any]
    warnings: Sequence[str] = ()
    freshness: Freshness | None = None
    unread_texts: pl.DataFrame = field(default_factory=UNREAD_TEXTS.empty)
    source_rows: pl.DataFrame = field(default_factory=SOURCE_ROWS.empty)
    implausible_limits: pl.DataFrame = field(default_factory=IMPLAUSIBLE_LIMITS.to_frame)


@cache
def environment() -> jinja2.Environment:
    """Return the templates with their filters; what they are given is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless,
    )
    made.filters.update(count=count, words=words, sentence=sentence)
    return made


def render(facts: Facts) -> str:
    """Return the page as text; the same facts give the same text."""
    return environment().get_template("report.html.j2").render(context(facts)) + "\n"


def harmless(value: Any) -> Any:
    """Return a value as the page takes it: words of the data with what would turn or hide text written out."""
    return shown(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


def context(facts: Facts) -> dict[str, Any]:
    """Return what the template reads, by section."""
    guideline = facts.guideline
    matched, missed = parted(facts.matched)
    return {
        "run": facts.run,
        "guideline": guideline,
        "episodes": facts.judged.episodes.height,
        "tiles": tiles(facts),
        "attrition": attrition(facts),
        "groups": rule_groups(facts),
        "recurrence": recurrence(facts),
        "regimens": regimens(facts),
        "worklist": worklist(facts.judged),
        "strata": strata(facts),
        "notes": list(facts.notes),
        "warning": first_line(facts.warnings),
        "volumes": volumes(facts.freshness),
        "conservation": {"names": facts.conservation.columns, "rows": facts.conservation.rows()},
        "source_rows": {"names": facts.source_rows.columns, "rows": facts.source_rows.rows()},
        "reasons": reject_reasons(facts.rejects),
        "unlisted": listing(facts.unlisted),
        "unread_texts": listing(shared(facts.unread_texts)),
        "rare_texts": facts.unread_texts.height - shared(facts.unread_texts).height,
        "shared_by": SHARED_BY,
        "matched": listing(matched),
        "missed": listing(missed),
        "implausible_limits": listing(facts.implausible_limits),
        "limits": LIMITS,
        "parameters": [parameter(guideline, name) for name in sorted(guideline.parameters)],
    }


def volumes(freshness: Freshness | None) -> dict[str, Any]:
    """Return the rows of each received table beside the usual ones, and the releases that those are the median of."""
    if freshness is None:
        return {"rows": [], "releases": (), "of": ""}
    rows = [
        {
            "table": one.table,
            "rows": one.rows,
            "usual": thin(plain_rows(one.usual)),
            "share": one.share,
            "is_low": one.is_low,
        }
        for one in freshness.volumes
    ]
    return {"rows": rows, "releases": freshness.usual.releases, "of": freshness.usual.words}


def tiles(facts: Facts) -> list[dict[str, Any]]:
    """Return the figures at the top of the page."""
    judged = facts.judged
    violations = judged.findings.filter(pl.col("verdict") == "violation")
    overall = measure(judged.measures, "recurrence")
    broken = f"restarts with a violation ({count(violations.height)} in all)"
    figures = [
        (count(facts.patients), f"patients ever on {facts.guideline.audited_drug}", False),
        (count(judged.breaks.height), "breaks in treatment", False),
        (count(judged.episodes.height), "audited restarts", False),
        (count(violations["episode_id"].n_unique()), broken, violations.height > 0),
        (percent(overall.get("rate")), "recurrence after restart", False),
    ]
    return [{"figure": figure, "words": text, "is_alarm": is_alarm} for figure, text, is_alarm in figures]


def attrition(facts: Facts) -> list[dict[str, Any]]:
    """Return the way from patients to episodes: one step a line, breaks by class."""
    breaks = facts.judged.breaks
    by_class = dict(breaks.group_by("break_class").len().iter_rows())
    drug, people = facts.guideline.audited_drug, facts.patients
    steps = [
        ("", f"patients ever on {drug}", people, people),
        ("", "patients with a break", breaks["patient_id"].n_unique(), people),
        ("", "breaks", breaks.height, breaks.height),
        *((name, meaning, by_class.get(name, 0), breaks.height) for name, meaning in BREAK_CLASSES.items()),
        ("", "patients with an audited restart", facts.judged.episodes["patient_id"].n_unique(), people),
    ]
    return [
        {
            "name": words(name),
            "words": text,
            "count": n,
            "width": share(n, whole),
            "is_audited": name in ("", "episode"),
        }
        for name, text, n, whole in steps
    ]


def rule_groups(facts: Facts) -> list[dict[str, Any]]:
    """Return the rules with their counts, grouped by the part of the story that they belong to."""
    rows = [rule_row(rule, measure(facts.judged.measures, rule.id)) for rule in facts.rules.values()]
    return [
        {"title": title, "rules": [row for row in rows if row["id"].startswith(prefix)]}
        for prefix, title in GROUPS.items()
    ]


def rule_row(rule: Rule, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return one line of the rule table."""
    verdicts = {verdict: counts.get(column) or 0 for verdict, column in VERDICT_COLUMNS.items()}
    total = sum(verdicts.values())
    return {
        "id": rule.id,
        "title": rule.title,
        "kind": rule.kind,
        "statement": rule.statement,
        "is_descriptive": rule.kind == "descriptive",
        "applicable": counts.get("applicable", 0),
        "evaluable": counts.get("evaluable", 0),
        **{column: verdicts[verdict] for verdict, column in VERDICT_COLUMNS.items()},
        "rate": interval(counts),
        "shares": [(verdict, share(n, total)) for verdict, n in verdicts.items() if n],
    }


def recurrence(facts: Facts) -> dict[str, Any]:
    """Return the cohort's own recurrence beside the figure that the article quotes, drawn on one scale."""
    own = measure(facts.judged.measures, "recurrence")
    quoted = next((basis for basis in facts.guideline.basis if basis.events is not None), None)
    bars = []
    if own.get("rate") is not None:
        bars.append(("This cohort", own, "#1f5f8b"))
    if quoted is not None:
        bars.append(("The article's study", quoted_rate(quoted), "#7a8797"))
    labels = [f"{name}: {interval(row)}" for name, row, _ in bars]
    rows = [
        {
            "words": f"{name}: {interval(row)}",
            "y": 44 + 50 * index,
            **{key: scale(row[field]) for key, field in (("mid", "rate"), ("low", "rate_low"), ("high", "rate_high"))},
            "ink": ink,
        }
        for index, (name, row, ink) in enumerate(bars)
    ]
    return {
        "sentence": recurrence_sentence(own, quoted),
        "label": "; ".join(labels) or "No rate to draw",
        "rows": rows,
        "height": 46 + 50 * len(rows),
        "ticks": [{"x": scale(tenth / 10), "words": f"{tenth * 10} %"} for tenth in range(0, 11, 2)],
    }


def recurrence_sentence(own: Mapping[str, Any], quoted: Basis | None) -> str:
    """Return the comparison in words."""
    evaluable = own.get("evaluable") or 0
    said = f"Hepatotoxicity recurred in {interval(own)} of {count(evaluable)} evaluable restarts of this cohort."
    said = said if evaluable else "No restart of this cohort can answer yet whether hepatotoxicity recurs."
    if quoted is None:
        return said
    theirs = quoted_rate(quoted)
    return (
        f"{said} The article quotes {100 * theirs['rate']:.0f} % ({quoted.events} of {quoted.patients}, "
        f"95 % interval {percent(theirs['rate_low'])} to {percent(theirs['rate_high'])}), of {quoted.population}: "
        "context, never a threshold."
    )


def quoted_rate(quoted: Basis) -> dict[str, float]:
    """Return the rate that the article quotes, with the interval that its counts give."""
    events, patients = pl.lit(quoted.events), pl.lit(quoted.patients)
    low, high = wilson(events, patients)
    return pl.select(rate=events / patients, rate_low=low, rate_high=high).row(0, named=True)


def scale(rate: float) -> float:
    """Return the horizontal place of a rate in the drawing."""
    return round(20 + 640 * rate, 1)


def regimens(facts: Facts) -> list[dict[str, Any]]:
    """Return recurrence by regimen at the restart."""
    rows = facts.judged.measures.filter(pl.col("stratum") == "regimen").sort("rule_id", "level")
    return [{**row, "level": words(row["level"]), "rate": interval(row)} for row in rows.iter_rows(named=True)]


def worklist(judged: Judged) -> dict[str, Any]:
    """Return the violations, the most recent event first, and how many there are in all."""
    rows = (
        judged.findings.filter(pl.col("verdict") == "violation")
        .join(judged.episodes.select("episode_id", "restart_date"), on="episode_id")
        .sort("event_date", "episode_id", "rule_id", descending=[True, False, False], nulls_last=True)
    )
    return {"total": rows.height, "rows": list(rows.head(WORKLIST_ROWS).iter_rows(named=True))}


def strata(facts: Facts) -> list[dict[str, Any]]:
    """Return passed / evaluable for each rule and level of each stratum that has two levels or more."""
    judged = facts.judged.measures.filter(pl.col("violation").is_not_null())
    tables = ((name, judged.filter(pl.col("stratum") == stratum)) for stratum, name in STRATA.items())
    return [stratum_table(name, rows, facts.rules) for name, rows in tables if rows["level"].n_unique() > 1]


def stratum_table(name: str, rows: pl.DataFrame, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return one table: a line a rule, a column a level; the latest months, or the levels with most episodes."""
    sizes = rows.group_by("level").agg(pl.col("episodes").max()).sort("level")
    is_time = name == STRATA["restart_month"]
    kept = sizes.tail(LEVELS) if is_time else sizes.sort("episodes", descending=True, maintain_order=True).head(LEVELS)
    levels = kept["level"].to_list()
    cells = {(row["rule_id"], row["level"]): passed_of(row) for row in rows.iter_rows(named=True)}
    evaluable = set(rows.filter(pl.col("evaluable") > 0)["rule_id"])
    return {
        "name": name,
        "levels": [words(level) for level in levels],
        "hidden": sizes.height - len(levels),
        "rows": [
            {"title": f"{rule.id} {rule.title}", "cells": [cells.get((rule.id, level), DASH) for level in levels]}
            for rule in rules.values()
            if rule.id in evaluable
        ],
    }


def passed_of(row: Mapping[str, Any]) -> str:
    """Return a rate in per cent with its counts, or a dash."""
    return f"{100 * row['rate']:.0f} % ({row['passed']}/{row['evaluable']})" if row["evaluable"] else DASH


def reject_reasons(rejects: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the rejected rows counted by table and reason, the most frequent first."""
    counted = rejects.group_by("table_name", "reason").agg(detail=rule_in(pl.col("detail")).min(), rows=pl.len())
    return list(counted.sort("rows", "table_name", "reason", descending=[True, False, False]).iter_rows(named=True))


def listing(codes: pl.DataFrame) -> dict[str, Any]:
    """Return the most frequent codes; the frame comes sorted."""
    return {"names": codes.columns, "rows": codes.head(CODES_SHOWN).rows(), "total": codes.height}


def parameter(guideline: Guideline, name: str) -> dict[str, str]:
    """Return one parameter as the table shows it."""
    found = guideline[name]
    source = "this site" if name in guideline.overlaid else f"{found.source}, {found.locator}"
    return {"name": name, "value": value_of(found), "statement": found.statement, "source": source}


def measure(measures: pl.DataFrame, rule_id: str) -> dict[str, Any]:
    """Return a rule's counts over the whole cohort; empty without an episode."""
    rows = measures.filter(pl.col("rule_id") == rule_id, pl.col("stratum") == "overall")
    return rows.row(0, named=True) if rows.height else {}
