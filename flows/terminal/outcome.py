"""What the command line prints: progress, the outcome of a run, the register, a rule, the data checks.

Counts, rule ids and reasons only; a person's story has a module of its own (`explain`).
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress
from rich.segment import Segment
from rich.status import Status
from rich.table import Table

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import why
from flows.intake import SHARED_BY, parted, rule_in, shared
from flows.release import first_line
from flows.wording import banner, shown, value_of, words

if TYPE_CHECKING:
    from flows.intake import Checked
    from flows.night import Done
    from flows.release import Freshness

PIPED_WIDTH = 120
CODES_SHOWN = 20


class Plain(Console):
    """A console that takes text as it is, and falls silent where its reader leaves: the work goes on.

    Whatever steers a terminal is written out, wherever it came from; only our own line ends and styles are obeyed.
    """

    def __init__(self) -> None:
        """Write to standard output; without a terminal plain and wide."""
        width = None if sys.stdout.isatty() else PIPED_WIDTH
        super().__init__(width=width, markup=False, highlight=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is to be written, the words of the data harmless."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else shown(text, keep="\n"), style, control)

    def on_broken_pipe(self) -> None:
        """Send what else is said to nobody."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Cells(Table):
    """A table of words of the data: each stays in its cell, on its line, and its width is that of what is shown."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row, its words harmless."""
        super().add_row(*(shown(cell) if isinstance(cell, str) else cell for cell in cells), **options)


class Teller(logging.Handler):
    """Prints what a run logs: each step when it is done, and on a terminal which one is under way.

    What is wrong with the feed as a whole is the first line: the steps before it is known wait for it.
    """

    def __init__(self, status: Status | None) -> None:
        """Take the spinner of a terminal, or none."""
        super().__init__(logging.INFO)
        self.status = status
        self.console = Plain()
        self.waiting: list[str] | None = []

    def emit(self, record: logging.LogRecord) -> None:
        """Turn the spinner to a step that begins; print the line of one that is done, once it is known what leads."""
        if getattr(record, "is_begin", False):
            if self.status is not None:
                self.status.update(record.getMessage())
            return
        if getattr(record, "is_lead", False):
            self.console.print(record.getMessage(), soft_wrap=True)
            self.tell()
        elif getattr(record, "is_led", False):
            self.tell()
        if self.waiting is not None:
            self.waiting.append(record.getMessage())
        elif not getattr(record, "is_lead", False):
            self.console.print(record.getMessage())

    def tell(self) -> None:
        """Print what waited; from now on nothing waits."""
        waiting, self.waiting = self.waiting or [], None
        for line in waiting:
            self.console.print(line)


@contextmanager
def progress() -> Iterator[None]:
    """Show a run's log on standard output for the block."""
    logger = logging.getLogger("rechallenge")
    is_propagated, level = logger.propagate, logger.level
    status = Plain().status("starting ...") if sys.stdout.isatty() else None
    teller = Teller(status)
    logger.addHandler(teller)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    if status is not None:
        status.start()
    try:
        yield
    finally:
        if status is not None:
            status.stop()
        teller.tell()
        logger.removeHandler(teller)
        logger.propagate = is_propagated
        logger.setLevel(level)


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback that draws a bar on a terminal; None where there is no terminal."""
    if not sys.stdout.isatty():
        yield None
        return
    with Progress(transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, _total: bar.update(task, completed=done)


def outcome(done: "Done") -> None:
    """Print what an audit found: verdicts by rule, the worklist's size, where the report is."""
    out = Plain()
    table = grid("rule", "", "applicable", "evaluable", "pass", "advisory", "violation", "indeterminate")
    for row in done.summary():
        table.add_row(*(str(value) for value in row.values()))
    warning = first_line(done.warnings)
    out.print(warning or "")
    out.print(table)
    for line in done.fed.freshness.lines():
        out.print(line)
    violations = sum(row["violation"] for row in done.summary())
    home = done.plan.order.home
    out.print(f"\n{violations:,} violations on the worklist. {banner(done.plan.guideline)}")
    out.print(f"Report: {shown(str(home / 'current' / 'report.html'))}", soft_wrap=True)


def register(book: Mapping[str, Rule], guideline: Guideline) -> None:
    """Print the rule register."""
    table = grid("rule", "class", "title", "the article says")
    for rule in book.values():
        table.add_row(rule.id, rule.kind, rule.title, rule.statement)
    out = Plain()
    out.print(f"{guideline.title}\n{banner(guideline)}\n")
    out.print(table)


def one_rule(rule: Rule, guideline: Guideline) -> None:
    """Print a rule whole: words, definition, parameters with their sources, verdicts and reasons."""
    out = Plain()
    out.print(f"{rule.id} {rule.title} ({rule.kind}; form {rule.form})\n{banner(guideline)}\n")
    out.print(f"The article says: {rule.statement}\n  ({rule.entry.source})\n")
    out.print(f"Definition: {rule.definition}\n\n{why(rule).strip()}\n")
    parameters = grid("parameter", "value", "meaning", "source")
    for parameter in rule.cites:
        source = f"{parameter.source}, {parameter.locator}; {parameter.evidence}; reviewed {parameter.reviewed_on}"
        parameters.add_row(parameter.name, value_of(parameter), parameter.statement, source)
    reasons = grid("verdict", "reason", "meaning")
    for outcome in rule.outcomes:
        reasons.add_row(outcome.verdict, outcome.reason, outcome.meaning)
    for table in (parameters, reasons):
        if table.row_count:
            out.print(table)
            out.print()


def checked(
    found: "Checked", freshness: "Freshness | None" = None, warnings: Sequence[str] = (), *, with_names: bool = False
) -> None:
    """Print what became of every row, why rows were rejected, what was matched by rule, and what is on no list.

    What an audit would warn of comes first, then how fresh the extract is.
    `with_names` adds the names of files and columns that were left alone, for a person at a terminal alone.
    """
    out = Plain()
    if warnings:
        out.print(first_line(warnings), soft_wrap=True)
    for line in freshness.lines() if freshness else ():
        out.print(line)
    by_reason = ("table_name", "reason", "detail")
    counted = found.rejects.with_columns(rule_in(pl.col("detail"))).group_by(by_reason).agg(rows=pl.len())
    reasons = counted.sort("rows", *by_reason, descending=[True, *[False] * 3])
    if (of_source := found.received.source_rows).height:
        titled(out, "Rows of the source and what became of them", of_source)
    titled(out, "Rows read and what became of them", found.conservation)
    titled(out, "Rejected rows by reason", reasons.rename({"detail": "rule_that_it_broke"}))
    matched, missed = parted(found.matched)
    titled(out, "Names matched by rule: please confirm", matched, CODES_SHOWN)
    titled(out, "Looks like a listed drug but was not matched", missed, CODES_SHOWN)
    titled(out, "Codes on no list, the most frequent first", found.unlisted, CODES_SHOWN)
    unread = shared(found.unread_texts)
    titled(out, "Dosage texts that are not read, the most frequent first", unread, CODES_SHOWN)
    if rare := found.unread_texts.height - unread.height:
        out.print(f"  {rare:,} more are not shown, as fewer than {SHARED_BY} patients share each\n")
    for name, concepts in found.recognised.group_by("table_name", maintain_order=True):
        listed = ", ".join(
            f"{shown(concept)} {rows:,}" for concept, rows in concepts.select("concept", "rows").iter_rows()
        )
        out.print(f"Recognised in {name[0]}, by rows: {listed}")
    for note in found.notes:
        out.print(f"Note: {shown(note)}")
    for names in found.received.names if with_names and sys.stdout.isatty() else ():
        out.print(f"Names: {names!a}")
    out.print("An audit would be refused." if found.refusals else "An audit would go ahead.")


def titled(out: Console, title: str, frame: pl.DataFrame, most: int | None = None) -> None:
    """Print a frame under its title, at `most` its first rows with the number of the others."""
    out.print(title, style="bold")
    out.print(framed(frame.head(most) if most else frame) if frame.height else "  none")
    if most and frame.height > most:
        out.print(f"  and {frame.height - most:,} more")
    out.print()


def written(out: Path, counts: Mapping[str, int]) -> None:
    """Print what a sample holds."""
    table = grid("table", "rows")
    for name, rows in counts.items():
        table.add_row(name, f"{rows:,}")
    Plain().print(table)
    Plain().print(f"Extract: {shown(str(out))}", soft_wrap=True)


def framed(frame: pl.DataFrame) -> Cells:
    """Return a small frame as a table."""
    table = grid(*(words(name) for name in frame.columns))
    for row in frame.iter_rows():
        table.add_row(*("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table


def grid(*columns: str) -> Cells:
    """Return an empty table without lines."""
    table = Cells(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
