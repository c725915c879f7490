"""What a rule is: a frozen record of outcomes, each an expression asked of one row per episode."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from audit.calendar import iso
from audit.edition import Entry, Parameter

RESTART = pl.col("restart_date")


@dataclass(frozen=True, eq=False, slots=True)
class Proof:
    """Rows of the extract that a verdict rests on: what they are to it (`role`), and the source they are of.

    The sources are those of audit.derive.proofs. `rows` says which of them, `limit` what their value was held against
    (in its unit; null without one): expressions over the source's columns and, beside them, the episode's.
    """

    role: str
    source: str
    rows: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    limit: pl.Expr = field(default_factory=lambda: pl.lit(None, dtype=pl.Float64))


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """One way a rule can come out: when it holds, the verdict and reason, and the sentence to say.

    `event_date` is the day that the verdict hangs on, `next_change_on` the first end of observation on which, with no
    row changed, anything of the finding may differ: its sentence, evidence and slots too (integers, days since
    1970-01-01). A sentence states facts of the record, never the day of the audit.
    """

    verdict: str
    reason: str
    meaning: str
    when: pl.Expr
    message: pl.Expr
    event_date: pl.Expr = field(default_factory=lambda: RESTART)
    next_change_on: pl.Expr = field(default_factory=lambda: pl.lit(None, dtype=pl.Int32))
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Rule:
    """One rule of the guideline: a form, bound to an edition's numbers, its id, class and words (`entry`).

    `definition` says what the form computes; `fold` names the derived frame (episode_id, rule_id) that the
    outcomes also read; for `lag_days` after the end of observation time may still change the verdict;
    outcomes need no order among verdicts, `evaluate` knows the precedence. `proofs` are shown for every outcome where
    the rule applies.
    """

    entry: Entry
    definition: str
    cites: Sequence[Parameter]
    outcomes: Sequence[Outcome]
    fold: str | None = None
    lag_days: int = 0
    proofs: tuple[Proof, ...] = ()

    @property
    def id(self) -> str:
        """Return the rule's id in its edition."""
        return self.entry.id

    @property
    def form(self) -> str:
        """Return the name of the form: its module in audit.rules."""
        return self.entry.form

    @property
    def kind(self) -> str:
        """Return the rule's class: hard, soft, hard/soft or descriptive."""
        return self.entry.kind

    @property
    def title(self) -> str:
        """Return the rule's title."""
        return self.entry.title

    @property
    def statement(self) -> str:
        """Return what the guideline says."""
        return self.entry.statement

    @property
    def reasons(self) -> dict[str, str]:
        """Return the rule's closed vocabulary: reason -> meaning."""
        return {outcome.reason: outcome.meaning for outcome in self.outcomes}


def text(template: str, *values: pl.Expr | str) -> pl.Expr:
    """Return a sentence; `{}` takes the values in order, and an unknown value reads "unknown"."""
    filled = [(pl.col(v) if isinstance(v, str) else v).cast(pl.String).fill_null("unknown") for v in values]
    return pl.format(template, *filled) if filled else pl.lit(template)


def day(value: pl.Expr | str) -> pl.Expr:
    """Return a day as an ISO date."""
    expression = pl.col(value) if isinstance(value, str) else value
    return iso(expression)


def counted(number: int, noun: str) -> str:
    """Return a number of things for a sentence: 1 day, 2 days."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counting(value: pl.Expr | str, noun: str) -> pl.Expr:
    """Return numbers of things for a sentence: 1 day, 2 days."""
    expression = pl.col(value) if isinstance(value, str) else value
    return text("{} {}", expression, pl.when(expression == 1).then(pl.lit(noun)).otherwise(pl.lit(f"{noun}s")))


def number(value: pl.Expr | str, digits: int = 2) -> pl.Expr:
    """Return a number for a sentence, rounded, without a trailing .0; polars writes no exponent below 1e16."""
    expression = pl.col(value) if isinstance(value, str) else value
    return expression.round(digits).cast(pl.String).str.strip_suffix(".0")
