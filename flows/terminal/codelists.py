"""What `rechallenge codelists` prints: the concepts with their codes, how sure these are, and where they come from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from flows.errors import Usage
from flows.references import Entry, concepts, load_codelists
from flows.references import entries as listed
from flows.terminal.outcome import Cells, Plain, grid
from flows.wording import shown

UNVERIFIED = "unverified"
CHECKED = ("two sources", "one source", "component only", UNVERIFIED)


def show(folders: Sequence[Path], concept: str | None) -> None:
    """Print all concepts, or one whole; raise Usage for a concept that no list and no rule knows."""
    load_codelists(folders)
    entries = distinct(listed(folders))
    domains = {entry.concept: "drug" for entry in entries} | concepts()  # what a site adds is a drug
    if concept is None:
        everything(entries, domains)
    elif concept in domains:
        one_concept(concept, domains[concept], [entry for entry in entries if entry.concept == concept])
    else:
        raise Usage(f"no concept '{concept}' (known: {', '.join(sorted(domains))})")


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Return each code once, sorted, as the first list has it: the project's come before a site's."""
    first: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    return [first[key] for key in sorted(first)]


def everything(entries: Sequence[Entry], domains: Mapping[str, str]) -> None:
    """Print a row a concept, what a site's lists add, and what is unverified."""
    out = Plain()
    table = listing("concept", "domain", "codes", *CHECKED, "vocabularies")
    for concept, domain in sorted(domains.items(), key=lambda item: (item[1], item[0])):
        table.add_row(concept, domain, *counted([entry for entry in entries if entry.concept == concept]))
    out.print(table)
    added = Counter((entry.file, entry.concept) for entry in entries if entry.is_of_site)
    table = listing("list of the site", "concept", "codes")
    for (file, concept), codes in sorted(added.items()):
        table.add_row(file, concept, f"{codes:,}")
    if added:
        out.print()
        out.print(table)
    unverified = [entry for entry in entries if standing(entry) == UNVERIFIED]
    out.print(f"\nUnverified: {len(unverified):,} of {len(entries):,} codes", style="bold")
    table = listing("concept", "vocabulary", "code", "display", "list")
    for entry in unverified:
        table.add_row(entry.concept, entry.vocabulary, entry.code, entry.display, entry.file)
    out.print(table if unverified else "  none")


def listing(*columns: str) -> Cells:
    """Return an empty table whose first column is never broken: names must stay whole."""
    table = grid(*columns)
    table.columns[0].no_wrap = True
    return table


def counted(entries: Sequence[Entry]) -> list[str]:
    """Return the figures of a concept: codes, how they were checked, and their vocabularies."""
    checked = Counter(standing(entry) for entry in entries)
    vocabularies = Counter(entry.vocabulary for entry in entries)
    said = ", ".join(f"{name} {codes:,}" for name, codes in sorted(vocabularies.items()))
    return [f"{len(entries):,}", *(f"{checked[name]:,}" for name in CHECKED), said]


def standing(entry: Entry) -> str:
    """Return how a code was checked; a list that does not say so has not checked it."""
    return entry.checked if entry.checked in CHECKED else UNVERIFIED


def one_concept(concept: str, domain: str, entries: Sequence[Entry]) -> None:
    """Print every code of a concept."""
    out = Plain()
    out.print(f"{shown(concept)} ({domain}): {len(entries):,} codes, and its own name in the vocabulary 'concept'\n")
    table = listing("vocabulary", "code", "display", "checked", "list", "source")
    for entry in entries:
        table.add_row(entry.vocabulary, entry.code, entry.display, standing(entry), entry.file, entry.source)
    if entries:
        out.print(table)
