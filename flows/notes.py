"""The lines that the report says of an intake: counts and names, never an id or a value."""

from collections.abc import Sequence

import polars as pl

from audit.frames import Staged

ROW_NOTES = {
    "unit_inferred": "results came without a unit; it was inferred from the printed upper limit",
    "printed_uln_not_used": "results print an upper limit that is not plausible; it was replaced as a missing one",
    "comparator_in_value": "results carry the comparator inside the value (such as <5); it was split off",
}
DOSE_NOTES = {"below_minimum": "below", "above_maximum": "above"}


def rule_in(detail: pl.Expr) -> pl.Expr:
    """Return the rule that a row broke, without the place of a line that is no row, so that rejects can be counted."""
    return detail.str.replace(r": (file \d+ of \d+, )?line \d+$", "")


def of_strangers(names: Sequence[str]) -> list[str]:
    """Return the note on files that belong to no table: how many, for a name may be a person's."""
    if not names:
        return []
    what, verb = ("file", "was") if len(names) == 1 else ("files", "were")
    return [f"extract: {len(names):,} {what} of no table {verb} left alone"]


def parted(matched: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return what was matched, and what nearly was, each with the columns that tell."""
    is_missed = pl.col("matched_by") == "near_miss"
    return matched.filter(~is_missed).drop("words_left"), matched.filter(is_missed).drop("matched_by")


def of_near_misses(matched: pl.DataFrame) -> list[str]:
    """Return a line for each drug that names look like without being matched; the names stay in `matched`."""
    _, missed = parted(matched)
    counts = missed.group_by("table", "concept").agg(names=pl.len(), rows=pl.col("rows").sum())
    return [
        f"{table}: {names} {'name' if names == 1 else 'names'} ({rows} {'row' if rows == 1 else 'rows'})"
        f" {'looks' if names == 1 else 'look'} like {concept} but did not match: see matched"
        for table, concept, names, rows in counts.sort("table", "concept").iter_rows()
    ]


def of_recognised(recognised: pl.DataFrame, audited_drug: str) -> list[str]:
    """Return a line where the audited drug or the enzymes were not found at all, which only looks like good news."""
    found = set(recognised["concept"])
    lines = []
    if audited_drug not in found:
        lines.append(f"drug_exposures: no row is {audited_drug}, by any code or name: is a code list missing?")
    if not found & {"alt", "ast"}:
        lines.append("lab_results: no row is ALT or AST, so no raised enzyme can be seen: is a code list missing?")
    return lines


def of_staged(staged: Staged, row_notes: pl.DataFrame, unknown_doses: pl.DataFrame) -> list[str]:
    """Return the notes on what was done to staged rows beyond the contract."""
    if staged.patients.is_empty():
        return ["no patient ever took the audited drug: nothing is audited"]
    counts = dict(row_notes.group_by("note").len().iter_rows())
    lines = [f"lab_results: {counts[note]} {words}" for note, words in ROW_NOTES.items() if note in counts]
    return [*lines, *_limits(staged.labs), *_doses(unknown_doses)]


def _limits(labs: pl.DataFrame) -> list[str]:
    """Return a line for each analyte whose upper limits do not all come printed with the results."""
    sources = (
        labs.filter(pl.col("uln_source").is_in(["site", "default"]))
        .group_by("concept", "uln_source")
        .agg(pl.len().alias("rows"))
        .sort("concept", "uln_source")
    )
    words = {"site": "the site's table", "default": "the default limit"}
    return [
        f"lab_results: {rows} results of {concept} use {words[source]}" for concept, source, rows in sources.iter_rows()
    ]


def _doses(unknown_doses: pl.DataFrame) -> list[str]:
    counts = unknown_doses.group_by("reason").len().sort("reason").iter_rows()
    return [
        f"drug_exposures: {rows} doses of the audited drug lie {DOSE_NOTES[reason]} the guideline's limits and count as"
        " unknown; the records stay"
        for reason, rows in counts
    ]
