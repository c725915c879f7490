"""The records of an export: one row an audited restart, with the fields that the profile declares and the verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from audit.evaluate import UNDECIDABLE, UNDECIDABLE_MEANING
from audit.frames import FINDINGS
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import register
from audit.vocabulary import GRAVEST_FIRST
from flows.errors import Usage
from flows.export.registry.profile import TAKEN, Agreement, Field, Rows
from flows.export.registry.sources import SOURCES, UNITS

RECORD, SUBJECT, _ = TAKEN
RESTART = "restart_date"
BETWEEN = "|"  # between several codes of one column
FINDING = {column.name: column.meaning for column in FINDINGS.columns}
REAL = "identifies the person to the source"
PSEUDONYM = "a pseudonym, of this recipient alone"


@dataclass(frozen=True, slots=True)
class Variable:
    """One field as the export has it: its kind as REDCap calls it, unit, levels with their labels, and meaning.

    `kind`: text, number, integer, date, yesno, radio or checkbox. `made` is what it is of a row of the episodes,
    `levels` the codes that a value may be.
    """

    name: str
    kind: str
    meaning: str
    made: pl.Expr
    unit: str = ""
    levels: tuple[tuple[str, str], ...] = ()
    is_identifier: bool = False

    @property
    def columns(self) -> list[str]:
        """Return the columns of a record: REDCap has one a level of a checkbox, `name___level`."""
        return [f"{self.name}___{code}" for code, _ in self.levels] if self.kind == "checkbox" else [self.name]


def variables(rows: Rows, agreement: Agreement, guideline: Guideline) -> list[Variable]:
    """Return the fields in their order; Usage where the profile names a rule that the edition has not."""
    ids = (
        _id(RECORD, "text", "The restart", is_real=not agreement.needs_key),
        _id(SUBJECT, "integer", "The person, as in the OMOP tables", is_real=agreement.subject_ids == "source"),
    )
    judged = [one for rule in _asked(guideline, rows.rules) for one in _of_rule(rule, reasons=rows.reasons)]
    found = [*ids, *(_of_field(one) for one in rows.field), *judged]
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Usage(f"profile: two fields of a record are called {twice[0]}")
    return found


def table(described: pl.DataFrame, findings: pl.DataFrame, asked: Sequence[Variable]) -> pl.DataFrame:
    """Return the records sorted by id, flags as 1 and 0; Usage where a value has no level in the profile.

    `described`: one row an episode, with record_id and subject_id. `findings`: episode_id, rule_id, verdict, reason.
    """
    of_findings = [name for one in asked for name in one.made.meta.root_names() if name not in described.columns]
    wide = described.join(_wide(findings, of_findings), on="episode_id", how="left")
    for variable in asked:
        _hold_levels(wide, variable)
    return wide.sort(RECORD).select(made for variable in asked for made in _columns(variable)).rechunk()


def _wide(findings: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return one row an episode with what is asked of its findings: `<rule>.verdict` or `<rule>.reason`."""
    asked = [(name, *name.split(".")) for name in names]
    of = [pl.col(what).filter(pl.col("rule_id") == rule).first().alias(name) for name, rule, what in asked]
    return findings.group_by("episode_id").agg(of)


def _hold_levels(wide: pl.DataFrame, variable: Variable) -> None:
    """Hold that each value is a level: one that the profile does not know is no part of what was agreed."""
    if not variable.levels:
        return
    codes = variable.made.str.split(BETWEEN).explode() if variable.kind == "checkbox" else variable.made
    if not wide.select(codes.drop_nulls().is_in([code for code, _ in variable.levels]).all()).item():
        raise Usage(f"profile: the release holds a value of {variable.name} that is none of its levels")


def _columns(variable: Variable) -> list[pl.Expr]:
    if variable.kind != "checkbox":
        return [variable.made.alias(variable.name)]
    told = variable.made.str.split(BETWEEN)
    return [
        told.list.contains(code).cast(pl.Int8).alias(name)
        for (code, _), name in zip(variable.levels, variable.columns, strict=True)
    ]


def _id(name: str, kind: str, meaning: str, *, is_real: bool) -> Variable:
    said = f"{meaning}; {REAL if is_real else PSEUDONYM}."
    return Variable(name, kind, said, pl.col(name), is_identifier=True)


def _of_field(field: Field) -> Variable:
    """Return a field of the profile; what it means, and its unit, are the source column's."""
    column, value = SOURCES[field.source], pl.col(field.source)
    meaning, unit = column.meaning, column.unit
    levels = tuple((one, one.replace("_", " ")) for one in field.levels or ())
    match field.type:
        case "number":
            kind, made = "number", value.round(field.digits or 0)
        case "flag":
            kind, made = "yesno", value.cast(pl.Int8)
        case "code" | "codes":
            kind, made = ("radio" if field.type == "code" else "checkbox"), value
        case "days":
            unit = field.unit or "d"
            kind, made = "integer", (value - pl.col(RESTART)).dt.total_days().floordiv(UNITS[unit])
            counted = "Whole weeks" if unit == "wk" else "Days"
            meaning = f"{meaning} {counted} from the restart; before it below 0."
        case _:
            kind, made = field.type, value
    return Variable(field.name, kind, meaning, made, unit, levels)


def _asked(guideline: Guideline, named: Sequence[str] | None) -> list[Rule]:
    known = register(guideline)
    if unknown := [one for one in named or () if one not in known]:
        raise Usage(f"profile: rows.rules: the edition has no rule {unknown[0]} with a verdict")
    return [rule for rule in known.values() if named is None or rule.id in named]


def _of_rule(rule: Rule, *, reasons: bool) -> list[Variable]:
    """Return the verdict of a rule, and where asked its reason: the codes and words are the edition's."""
    name = rule.id.lower().replace("-", "_")
    # A null on the way to a verdict makes any rule indeterminate.
    can_be = {"indeterminate", *(outcome.verdict for outcome in rule.outcomes)}
    verdicts = tuple((one, one.replace("_", " ")) for one in GRAVEST_FIRST if one in can_be)
    said = f"{rule.id} {rule.title}."
    found = [Variable(name, "radio", f"{said} {rule.statement}", pl.col(f"{rule.id}.verdict"), levels=verdicts)]
    if reasons:
        why = {**rule.reasons, UNDECIDABLE: UNDECIDABLE_MEANING}
        meaning, made = f"{said} {FINDING['reason']}", pl.col(f"{rule.id}.reason")
        found.append(Variable(f"{name}_reason", "radio", meaning, made, levels=tuple(why.items())))
    return found
