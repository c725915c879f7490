"""The lines that the report says of an intake: counts and names, never an id or a value."""

from collections.abc import Sequence

import polars as pl

from audit.frames import Judged, Staged

ROW_NOTES = {
    "unit_inferred": "results came without a unit; it was inferred from the printed upper limit",
    "implausible_limit": "results print an upper limit that cannot be one; it was replaced as a missing one",
    "comparator_in_value": "results carry the comparator inside the value (such as <5); it was split off",
}
DEATH_NOTES = {
    "implausible_death_date": "lie before 1900-01-02, before the observation or before the year of birth",
    "unreadable_death_date": "are no ISO date",
    "contradicted_death_date": "lie too long before a later draw or start of the audited drug",
}
SUPPLY_NOTE = "implausible_supply"
DOSE_NOTES = {
    "below_minimum": "lie below the guideline's limits and count as unknown; the records stay",
    "above_maximum": "lie above the guideline's limits and count as unknown; the records stay",
    "contradicting_dose": "are told in two ways that differ by more than 1 % and count as unknown; the records stay",
    "unread_text": "stand only in dosage texts that are not read and count as unknown: see unread_texts",
}
# A text that few share may hold a name: it is in the table, and shown nowhere else.
SHARED_BY = 3


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


def shared(unread_texts: pl.DataFrame) -> pl.DataFrame:
    """Return the dosage texts that enough patients share to be shown."""
    return unread_texts.filter(pl.col("patients") >= SHARED_BY)


def of_near_misses(matched: pl.DataFrame) -> list[str]:
    """Return a line for each drug that names look like without being matched; the names stay in `matched`."""
    _, missed = parted(matched)
    counts = missed.group_by("table_name", "concept").agg(names=pl.len(), rows=pl.col("rows").sum())
    return [
        f"{table}: {names} {'name' if names == 1 else 'names'} ({rows} {'row' if rows == 1 else 'rows'})"
        f" {'looks' if names == 1 else 'look'} like {concept} but did not match: see matched"
        for table, concept, names, rows in counts.sort("table_name", "concept").iter_rows()
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


def of_lengths(staged: Staged, audited_drug: str) -> list[str]:
    """Return the line that the report says first: how many of the audited drug's records rest on assumptions."""
    basis = staged.exposures.filter(pl.col("concept") == audited_drug)["length_basis"]
    assumed, refills = (basis == "assumed").sum(), (basis == "refills").sum()
    if not assumed and not refills:
        return []
    return [
        f"drug_exposures: of {basis.len():,} records of {audited_drug} {assumed:,} rest on assumptions (nothing tells"
        f" how long they last, so they end by an assumed supply) and {refills:,} on refills (taken as all fetched)"
    ]


def of_ambiguous(judged: Judged) -> list[str]:
    """Return the line on records of the audited drug that may be one order written twice."""
    rows = judged.unknown_doses.height
    if not rows:
        return []
    return [
        f"drug_exposures: {rows:,} records of the audited drug may be one order written twice (product, dose and start"
        " agree); the dose of their days counts as unknown"
    ]


def of_staged(staged: Staged, row_notes: pl.DataFrame, unknown_doses: pl.DataFrame) -> list[str]:
    """Return the notes on what was done to staged rows beyond the contract."""
    if staged.patients.is_empty():
        return ["no patient ever took the audited drug: nothing is audited"]
    counts = dict(row_notes.group_by("note").len().iter_rows())
    lines = [f"lab_results: {counts[note]} {words}" for note, words in ROW_NOTES.items() if note in counts]
    if SUPPLY_NOTE in counts:
        lines.append(
            f"drug_exposures: {counts[SUPPLY_NOTE]} records have a supply that is not of 1 to 400 days; it counts as"
            " unknown, and the records stay"
        )
    return [*lines, *_limits(staged.labs), *_doses(unknown_doses)]


def of_deaths(row_notes: pl.DataFrame) -> list[str]:
    """Return a line for each reason for which deaths were not used; the patients stay."""
    counts = dict(row_notes.group_by("note").len().iter_rows())
    return [
        f"patients: deaths that {words} were not used, and the patients stay: {counts[note]}"
        for note, words in DEATH_NOTES.items()
        if note in counts
    ]


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
    return [f"drug_exposures: {rows} doses of the audited drug {DOSE_NOTES[reason]}" for reason, rows in counts]
