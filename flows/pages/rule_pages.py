"""Writes docs/rules/*.md and docs/data-dictionary.md from what the program itself declares.

`python -m flows.pages.rule_pages` writes them, with `--check` it only says which are stale and exits 1.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from audit.edition import Parameter
from audit.evaluate import UNDECIDABLE, UNDECIDABLE_MEANING
from audit.frames import ACCOUNT, JUDGED, KEPT, SINCE, STAGED, Frame
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import rulebook, why
from expectations import TABLES
from expectations.declare import DATE, NUMBER, Table
from flows.editions import known, load
from flows.release import described_views
from flows.shipped import CHECKOUT, DEFAULT_EDITION
from flows.wording import ACRONYMS, value_of

GENERATED = "<!-- Written by `python -m flows.pages.rule_pages`; change the program, not this page. -->\n"


def pages(root: Path = CHECKOUT) -> dict[Path, str]:
    """Return every generated page by its path under docs/."""
    wanted = {Path("data-dictionary.md"): dictionary_page(rulebook(load()))}
    for edition in known():
        guideline, folder = load(edition), Path("rules") / edition
        rules = rulebook(guideline)
        # The specifications are written by the rules of the default edition.
        specs = root / "tests" / "spec" if edition == DEFAULT_EDITION else None
        wanted[folder / "README.md"] = index_page(rules, guideline)
        wanted |= {folder / f"{rule.id}.md": rule_page(rule, guideline, specs) for rule in rules.values()}
    return wanted


def index_page(rules: Mapping[str, Rule], guideline: Guideline) -> str:
    """Return the list of rules."""
    rows = [(f"[{rule.id}]({rule.id}.md)", rule.title, rule.kind, rule.statement) for rule in rules.values()]
    return joined(
        "# The rules",
        GENERATED,
        f"Guideline `{guideline.id}`: “{guideline.title}”, updated {guideline.edition}, {guideline.review_status}.\n"
        f"Every result is an {guideline.notice}.",
        table(("Rule", "Title", "Class", "The article says"), rows),
    )


def rule_page(rule: Rule, guideline: Guideline, specs: Path | None) -> str:
    """Return one rule whole: words, definition, parameters, verdicts, and what its specification holds."""
    outcomes = [(outcome.verdict, f"`{outcome.reason}`", outcome.meaning) for outcome in rule.outcomes]
    if outcomes:
        outcomes.append(("indeterminate", f"`{UNDECIDABLE}`", UNDECIDABLE_MEANING))
    parameters = [parameter_row(parameter) for parameter in rule.cites]
    return joined(
        f"# {rule.id} {rule.title}",
        GENERATED,
        f"Class: {rule.kind}; form: `{rule.form}`. "
        f"Guideline `{guideline.id}`, updated {guideline.edition}, {guideline.review_status}.",
        f"> {rule.statement}\n>\n> {rule.entry.source}",
        explanation(rule),
        "## Definition",
        rule.definition,
        section("## Parameters", ("Name", "Value", "Meaning", "Source"), parameters),
        section("## Verdicts and reasons", ("Verdict", "Reason", "Meaning"), list(dict.fromkeys(outcomes))),
        specification(rule.id, specs) if specs else "",
    )


def explanation(rule: Rule) -> str:
    """Return the form's words on the rule, its labelled lines (Why it matters, Violation, ...) as a list."""
    return re.sub(r"^(?=[A-Z][a-z ]+: )", "- ", why(rule).strip(), flags=re.MULTILINE)


def parameter_row(parameter: Parameter) -> tuple[str, ...]:
    """Return a parameter as a row of the table."""
    return (f"`{parameter.name}`", value_of(parameter), parameter.statement, f"{parameter.source}, {parameter.locator}")


def specification(rule_id: str, specs: Path) -> str:
    """Return the names of the rule's specifications as sentences."""
    path = specs / f"test_{rule_id.lower().replace('-', '_')}.py"
    if not path.is_file():
        return ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    sentences = (f"- {spoken(name.removeprefix('test_'))}." for name in names)
    return joined("## Specification", f"Held by `tests/spec/{path.name}`:", "\n".join(sentences)).rstrip("\n")


def spoken(name: str) -> str:
    """Return a test's name as a sentence."""
    said = [word.upper() if word in ACRONYMS else word for word in name.split("_")]
    return " ".join([said[0][:1].upper() + said[0][1:], *said[1:]])


def dictionary_page(rules: Mapping[str, Rule]) -> str:
    """Return the tables of a release, the views, the reasons, and the frames that the rules read."""
    return joined(
        "# Data dictionary",
        GENERATED,
        "Every table of a release is a Parquet file of this name and a table of `audit.duckdb`. Keys are marked *:\n"
        "no two rows share them, and tables are sorted by them. A key is null only where its meaning says so. A name\n"
        "in backticks in a meaning is one of the guideline edition. Units are UCUM.",
        "## The extract",
        "What is read: a native extract has these tables, and a mapping of another source returns their columns.\n"
        "`*` must be there and hold a value; a row that breaks a check is rejected with the reason. Vocabularies of\n"
        "`code`: those of `rechallenge codelists`, `concept` (the code is the concept's own name), `name` (a drug as\n"
        "text), and a site's own, such as `local`. Only `words` are no codes of rows: they say why a drug was stopped.",
        *(extract_section(one) for one in TABLES),
        "## Released tables",
        *(frame_section(frame) for frame in JUDGED),
        "## What changed since the release before",
        "Also tables of a release.",
        *(frame_section(frame) for frame in SINCE),
        "## The rows of everyone ever on the drug",
        "Also tables of a release: charts, questions and another edition need no extract.",
        *(frame_section(frame) for frame in KEPT),
        "## The account of the intake",
        "Also tables of a release: what became of every row received, and what was assumed of it.",
        *(frame_section(frame) for frame in ACCOUNT),
        "## Views for analysts",
        "Views of `audit.duckdb`, each in its own order. Those of the schema `analyst` have the tables of their names\n"
        "with what belongs to them; those with arguments are table macros, which stand without the schema too:\n"
        "`from labs_of('4711')`. `analysts.md` shows them at work.",
        *(frame_section(view) for view in described_views()),
        "## Reasons",
        "The closed vocabulary of `findings.reason`, by rule.",
        *(reason_section(rule) for rule in rules.values() if rule.outcomes),
        "## Staged frames",
        "What the rules read: codes are concepts, units canonical, versions resolved.",
        *(frame_section(frame, "staged") for frame in STAGED),
    )


def extract_section(one: Table) -> str:
    """Return a table of the extract: its columns, and the checks that its rows must pass."""
    roles = {DATE: "date", NUMBER: "number"}
    columns = [
        (f"`{column.name}`{' *' if column.required else ''}", roles.get(column.role, "text"), column.without)
        for column in one.columns
    ]
    checks = [(f"`{check.reason}`", check.rule) for check in one.rejections]
    need = "" if one.required else f" It may be missing: {one.without}."
    return joined(
        f"### {one.name} (extract)",
        f"One row by `{one.id}`.{need}",
        table(("Column", "Type", "Without it"), columns),
        table(("Rejected as", "A row must hold this"), checks),
    ).rstrip("\n")


def frame_section(frame: Frame, of: str = "") -> str:
    """Return one frame: its grain and its columns; `of` tells it from another of its name."""
    rows = [
        (f"`{column.name}`{' *' if column.key else ''}", str(column.dtype), column.unit, column.meaning)
        for column in frame.columns
    ]
    grain = frame.grain[:1].upper() + frame.grain[1:]
    return joined(
        f"### {frame.name}{f' ({of})' if of else ''}",
        f"{grain.removesuffix('.')}.",
        table(("Column", "Type", "Unit", "Meaning"), rows),
    ).rstrip("\n")


def reason_section(rule: Rule) -> str:
    """Return the reasons of one rule."""
    reasons = {**rule.reasons, UNDECIDABLE: UNDECIDABLE_MEANING}
    verdicts = {outcome.reason: outcome.verdict for outcome in rule.outcomes} | {UNDECIDABLE: "indeterminate"}
    rows = [(f"`{reason}`", verdicts[reason], said) for reason, said in reasons.items()]
    return joined(f"### {rule.id} {rule.title}", table(("Reason", "Verdict", "Meaning"), rows)).rstrip("\n")


def section(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a titled table, or nothing without rows."""
    return f"{title}\n\n{table(columns, rows)}" if rows else ""


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def joined(*parts: str) -> str:
    """Return the parts that say something, a blank line between them."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def stale(docs: Path, wanted: Mapping[Path, str]) -> Iterator[Path]:
    """Yield each page that is missing, differs, or belongs to no rule."""
    for path, text in wanted.items():
        if not (docs / path).is_file() or (docs / path).read_text(encoding="utf-8") != text:
            yield path
    for path in sorted((docs / "rules").rglob("*.md")):
        if path.relative_to(docs) not in wanted:
            yield path.relative_to(docs)


def main(arguments: list[str] | None = None, docs: Path = CHECKOUT / "docs") -> int:
    """Write the pages, or with --check say which are stale; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m flows.pages.rule_pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    is_check = parser.parse_args(arguments).check
    wanted = pages()
    late = list(stale(docs, wanted))
    for path in late:
        print(f"{'stale' if is_check else 'written'}: docs/{path}")
        if not is_check and path in wanted:
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(wanted[path], encoding="utf-8")
        elif not is_check:
            (docs / path).unlink()
    return 1 if is_check and late else 0


if __name__ == "__main__":
    sys.exit(main())
