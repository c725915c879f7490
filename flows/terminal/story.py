"""A person's story, read from one release alone: courses, labs as multiples, slots, verdicts, evidence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from audit.rule import counted
from audit.vocabulary import GRAVEST_FIRST
from flows.errors import Usage
from flows.release import open_release
from flows.terminal.outcome import Cells
from flows.wording import DASH, number, shown, words

Row = Mapping[str, Any]

INK = {"violation": "bold red", "advisory": "yellow", "indeterminate": "cyan", "pass": "green", "not_applicable": "dim"}
MARKS = {"met": "●", "missed": "○", "excused": "e", "not_due": "·", "ended": "-"}
TIMELINE_ROWS = 40
SLOT_ROLES = ("slot", "before_gap", "after_gap")
COMMON_ROLES = (
    "stop",
    "restart",
    "baseline",
    "death",
    "after_death",
)  # behind every verdict: shown once, in the timeline


@dataclass(frozen=True, slots=True)
class Story:
    """One patient's rows of a release; episodes may be those of one id alone."""

    manifest: Mapping[str, Any]
    breaks: pl.DataFrame
    episodes: pl.DataFrame
    status: pl.DataFrame
    slots: pl.DataFrame
    findings: pl.DataFrame
    evidence: pl.DataFrame


def read(home: Path, episode_id: str | None, patient_id: str | None, release: str | None = None) -> Story:
    """Read a story by episode or by patient, from the current release or another that is kept.

    Raise Usage, without naming the id, where there is none.
    """
    opened = open_release(home, release)

    def rows(table: str, column: str, values: list[str]) -> pl.DataFrame:
        return opened.scan(table).filter(pl.col(column).is_in(values)).collect()

    if patient_id is None:
        episodes = rows("episodes", "episode_id", [episode_id or ""])
        if episodes.is_empty():
            raise Usage("the release has no such episode")
    else:
        episodes = rows("episodes", "patient_id", [patient_id])
    breaks = rows("breaks", "patient_id", [patient_id] if patient_id is not None else episodes["patient_id"].to_list())
    if breaks.is_empty():
        raise Usage("the release has no break of such a patient")
    ids = episodes["episode_id"].to_list()
    return Story(
        manifest=opened.said,
        breaks=breaks.sort("stop_date"),
        episodes=episodes.sort("restart_date"),
        status=rows("status_to_date", "episode_id", ids),
        slots=rows("slots", "episode_id", ids),
        findings=rows("findings", "episode_id", ids),
        evidence=rows("evidence", "episode_id", ids),
    )


def tell(story: Story, console: Console) -> None:
    """Print the story: who and under what, the breaks, then each audited restart."""
    titles = {rule["id"]: rule["title"] for rule in story.manifest["guideline"].get("rules", ())}
    console.print(heading(story))
    console.print(breaks_table(story.breaks))
    if story.episodes.is_empty():
        console.print("No break of this patient is an audited restart.")
    for episode in story.episodes.iter_rows(named=True):
        console.print(chapter(story, episode, titles))


def heading(story: Story) -> Text:
    """Return who it is about, and which edition judged."""
    manifest, guideline = story.manifest, story.manifest["guideline"]
    return Text.assemble(
        (f"Patient {said(story.breaks['patient_id'][0])}", "bold"),
        f", as of {manifest['as_of']}\n",
        (
            f"{guideline['id']}, updated {guideline['edition']}, {guideline['review_status']}; "
            f"parameters {manifest['parameters_hash'][:12]}\n{guideline['notice']}\n",
            "dim",
        ),
    )


def breaks_table(breaks: pl.DataFrame) -> Cells:
    """Return every break with its class."""
    table = plain("Breaks", "stopped", "restarted", "days", "class")
    for row in breaks.iter_rows(named=True):
        table.add_row(*(said(row[name]) for name in ("stop_date", "restart_date", "break_days", "break_class")))
    return table


def chapter(story: Story, episode: Row, titles: Mapping[str, str]) -> RenderableType:
    """Return one audited restart: the facts, the timeline, the slots, the verdicts."""
    mine = pl.col("episode_id") == episode["episode_id"]
    evidence, findings = story.evidence.filter(mine), story.findings.filter(mine)
    applying = findings.filter(pl.col("verdict") != "not_applicable").select("rule_id")
    return Group(
        Text(f"\nRestart of {episode['restart_date']} (episode {said(episode['episode_id'])})", style="bold underline"),
        facts(episode, story.status.filter(mine).row(0, named=True)),
        timeline(evidence.join(applying, on="rule_id", how="semi"), episode),
        slot_rows(story.slots.filter(mine), titles),
        *verdicts(findings, evidence, titles),
    )


def facts(episode: Row, status: Row) -> RenderableType:
    """Return the episode, and how far it is observed, in a few lines."""
    onset, peaked = said(episode["onset_date"]), said(episode["peak_date"])
    grade = f"{words(said(episode['grade']))}, CTCAE grade {said(episode['ctcae_grade'])}"
    peak = f"{number(episode['peak_u_l'])} U/L, {number(episode['peak_x_uln'])} x ULN on {peaked}: {grade}"
    pattern = f"{episode['injury_pattern'] or 'pattern unknown'} (R {number(episode['r_ratio'])})"
    doses = ", ".join(
        f"{number(episode[column])} mg/day {when}"
        for column, when in (
            ("dose_before_mg", "before the stop"),
            ("dose_at_onset_mg", "at onset"),
            ("dose_restart_mg", "at restart"),
        )
    )
    baseline = ", ".join(
        f"{name} {number(episode[f'baseline_{column}'])} {unit} ({words(said(episode[f'baseline_{column}_status']))})"
        for name, column, unit in (("ALT", "alt", "U/L"), ("AST", "ast", "U/L"), ("bilirubin", "bilirubin", "mg/dL"))
    )
    recurred = {True: f"yes, on {said(episode['recurrence_date'])}", False: "no", None: "cannot be told"}
    lines = {
        "injury": f"onset {onset}, peak {peak}; {pattern}",
        "baseline": baseline,
        "break": f"{counted(episode['break_days'], 'day')}, {episode['stop_date']} to {episode['restart_date']}",
        "doses": doses,
        "followed": f"to {said(status['censor_date'])}, last dose {said(status['last_dose_date'])}; "
        f"longest stretch without a draw {counted(status['longest_draw_gap_days'], 'day')}",
        "recurrence": recurred[episode["recurrence"]],
    }
    grid = Cells.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for label, line in lines.items():
        grid.add_row(label, line)
    return Padding(grid, (0, 0, 1, 2), expand=False)


def timeline(evidence: pl.DataFrame, episode: Row) -> RenderableType:
    """Return the source rows that verdicts rest on, one line each, in time, with the limits that they were held to.

    Draws of slots stand with their verdict.
    """
    lines = (
        evidence.filter(~pl.col("role").is_in(SLOT_ROLES))
        .group_by("date", "source_table", "source_id", "concept", "comparator", "value", "unit")
        .agg(
            pl.col("x_uln").max(),
            pl.col("x_reference").max(),
            limits=pl.col("limit_value").drop_nulls().unique().sort(),
            roles=pl.col("role").unique().sort().str.join(", "),
        )
        .sort("date", "concept", "source_id", nulls_last=True)
    )
    table = plain("Timeline", "day", "date", "what", "value", "x ULN", "x E", "limit", "role", "source", "row")
    for row in lines.head(TIMELINE_ROWS).iter_rows(named=True):
        day = "" if row["date"] is None else str((row["date"] - episode["restart_date"]).days)
        source = (words(row["roles"]), said(row["source_table"]), said(row["source_id"]))
        limits = ", ".join(number(limit) for limit in row["limits"])
        table.add_row(day, said(row["date"]), words(said(row["concept"])), *measured(row), limits, *source)
    if lines.height <= TIMELINE_ROWS:
        return table
    more = f"  and {lines.height - TIMELINE_ROWS} rows more, under the verdicts below\n"
    return Group(table, Text(more, style="dim"))


def slot_rows(slots: pl.DataFrame, titles: Mapping[str, str]) -> RenderableType:
    """Return a row of marks for each phase, and the windows that were missed."""
    grid = Cells.grid(padding=(0, 2))
    legend = ", ".join(f"{mark} {words(status)}" for status, mark in MARKS.items())
    for (rule_id,), phase in slots.sort("slot").group_by("rule_id", maintain_order=True):
        statuses = phase["status"].to_list()
        due = statuses.count("met") + statuses.count("missed")
        marks = "".join(MARKS[status] for status in statuses)
        grid.add_row(str(rule_id), titles.get(str(rule_id), ""), marks, f"{statuses.count('met')} of {due} met")
    missed = [
        f"{row['rule_id']} slot {row['slot']}: due {row['due_date']}, "
        f"no draw from {row['window_start']} to {row['window_end']}"
        for row in slots.filter(pl.col("status") == "missed").sort("due_date").iter_rows(named=True)
    ]
    parts: list[RenderableType] = [Text("Monitoring", style="bold"), Text(f"  {legend}", style="dim")]
    parts.append(Padding(grid, (0, 0, 0, 2), expand=False))
    parts += [Text(f"  missed  {line}", style="yellow") for line in missed]
    return Group(*parts, Text(""))


def verdicts(findings: pl.DataFrame, evidence: pl.DataFrame, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    """Yield each verdict with its sentence and its evidence, the gravest first."""
    yield Text("Verdicts", style="bold")
    rank = pl.col("verdict").replace_strict(GRAVEST_FIRST, range(len(GRAVEST_FIRST)), return_dtype=pl.Int8)
    for row in findings.sort(rank, "rule_id").iter_rows(named=True):
        verdict, title = row["verdict"], f"{row['rule_id']} {titles.get(row['rule_id'], '')}"
        yield Text.assemble((f"  {words(verdict)}", INK[verdict]), f"  {title} ", (f"[{row['reason']}]", "dim"))
        yield indented(Text(shown(row["message"] or "")))
        if row["next_change_on"] is not None:
            yield indented(Text(f"time alone may change this from {row['next_change_on']} on", style="dim"))
        proof = evidence.filter(pl.col("rule_id") == row["rule_id"], ~pl.col("role").is_in(COMMON_ROLES))
        if proof.height:
            yield indented(evidence_table(proof))


def indented(inner: RenderableType) -> Padding:
    """Return something set below its verdict."""
    return Padding(inner, (0, 0, 0, 4), expand=False)


def evidence_table(proof: pl.DataFrame) -> Cells:
    """Return the source rows behind one verdict, but those that stand behind all."""
    table = plain(None, "role", "source", "row", "date", "what", "value", "x ULN", "x E", "limit")
    for row in proof.sort("date", "role", "source_id", nulls_last=True).iter_rows(named=True):
        source = (words(row["role"]), said(row["source_table"]), said(row["source_id"]), said(row["date"]))
        limit = "" if row["limit_value"] is None else number(row["limit_value"])
        table.add_row(*source, words(said(row["concept"])), *measured(row), limit)
    return table


def plain(title: str | None, *columns: str) -> Cells:
    """Return an empty table without lines."""
    table = Cells(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.header_style = "dim"
    for column in columns:
        is_number = column in ("day", "days", "value", "x ULN", "x E", "limit")
        table.add_column(column, justify="right" if is_number else "left", no_wrap=column in ("date", "row", "value"))
    return table


def measured(row: Row) -> tuple[str, str, str]:
    """Return value with unit, and multiples, as text; empty where there is none."""
    value = "" if row["value"] is None else number(row["value"])
    measure = f"{row['comparator'] or ''}{value} {row['unit'] or ''}".strip() if value else ""
    x_uln, x_reference = ("" if row[name] is None else f"{row[name]:.2f}" for name in ("x_uln", "x_reference"))
    return measure, x_uln, x_reference


def said(value: object) -> str:
    """Return a value as text, or a dash."""
    return DASH if value is None else shown(str(value))
