"""The code lists: which concept a vocabulary's code stands for.

`data/codelists` is the only place where the project writes a code; a site adds folders of its own. Codes are text,
always. `concept` is a vocabulary too: in it the code is the concept's own name.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from audit.vocabulary import SEROLOGIES
from flows import strict_csv
from flows.dosage import OWN_READINGS, READINGS_SCHEMA, load_own_readings
from flows.errors import Usage
from flows.shipped import DATA
from flows.warehouse import Warehouse, text_of

PROJECT = DATA / "codelists"
COLUMNS = ("concept", "vocabulary", "code")
REMARKS = ("display", "checked", "source")
# What the codes of a domain are asked of: the rows of a table, or what the mappings of a source ask beside them.
TABLE_OF = {
    "lab": "lab_results",
    "drug": "drug_exposures",
    "event": "clinical_events",
    "stop_reason": "stop_reasons",
    "stay": "inpatient_stays",
    "species": "patients",
}
WORDS, NAME, REASON = "words", "name", "stop_reason"
# The lists' own names, read by the rule for received ones.
OWN_NAMES = "SELECT DISTINCT key FROM resolved.code_keys WHERE vocabulary = 'name'"
SCHEMA = pl.Schema({"table_name": pl.String(), **dict.fromkeys(COLUMNS, pl.String())})


@dataclass(frozen=True, slots=True)
class CodeLists:
    """All lists in effect: one row a table, concept, vocabulary and code; the site's readings of dosages.

    The tables are those of TABLE_OF.
    """

    codes: pl.DataFrame
    hash: str
    notes: tuple[str, ...] = ()
    readings: pl.DataFrame = field(default_factory=READINGS_SCHEMA.to_frame)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list: the code, what its list remarks on it, and the list: file, a site's with its folder."""

    concept: str
    vocabulary: str
    code: str
    display: str
    checked: str
    source: str
    file: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what the row says, without remarks."""
        return self.concept, self.vocabulary, self.code

    @property
    def is_of_site(self) -> bool:
        """Return whether a site's list has the row."""
        return "/" in self.file


def load(folders: Sequence[Path] = (), drugs: Sequence[str] = ()) -> CodeLists:
    """Return the project's lists and the site's; `drugs` are the concepts that the guideline names.

    Raise Usage for a folder or file that is no code list, for a code with two concepts, for a text that nobody asks.
    """
    listed = [entry.key for entry in entries(folders)]
    domains = concepts()
    named = {concept for concept, _, _ in listed}
    local = sorted(named - set(domains) - set(drugs))
    domains |= dict.fromkeys([*local, *drugs], "drug")
    _refuse_unread(listed, domains)
    rows = sorted({*listed, *((concept, "concept", concept) for concept in domains)})
    codes = pl.DataFrame(list(_by_table(rows, domains)), schema=SCHEMA, orient="row")
    _refuse_conflicts(codes)
    notes = [f"code lists name drugs that this audit does not use: {', '.join(local)}"] if local else []
    readings = load_own_readings(folders)
    hashed = [*rows, *([str(cell) for cell in row] for row in readings.iter_rows())]
    digest = hashlib.sha256("\n".join("\t".join(row) for row in hashed).encode()).hexdigest()
    return CodeLists(codes, digest, tuple(notes), readings)


def concepts() -> dict[str, str]:
    """Return the closed list of concepts, each with its domain, a key of TABLE_OF."""
    with (DATA / "reference" / "concepts.csv").open(encoding="utf-8", newline="") as lines:
        return {row["concept"]: row["domain"] for row in csv.DictReader(lines)}


def entries(folders: Sequence[Path] = ()) -> list[Entry]:
    """Return the rows of the project's lists and the site's; raise Usage for what is no code list."""
    return [entry for folder in (PROJECT, *folders) for entry in _read(folder)]


def _read(folder: Path) -> Iterable[Entry]:
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise Usage(f"code lists: {folder} is no folder with .csv files")
    for file in files:
        if file.name != OWN_READINGS:
            yield from _rows(file)


def _rows(file: Path) -> list[Entry]:
    called = f"code list {file.name}"
    rows = strict_csv.rows(file, called, COLUMNS)
    for line, row in rows:
        if not all(row[column].strip() for column in COLUMNS):
            raise strict_csv.wrong(called, line, "concept, vocabulary and code must be given")
    return [_entry(row, file) for _, row in rows]


def _entry(row: Mapping[str, str], file: Path) -> Entry:
    given = {column: row.get(column, "").strip() for column in (*COLUMNS, *REMARKS)}
    return Entry(**given, file=file.name if file.parent == PROJECT else f"{file.parent.resolve().name}/{file.name}")


def _by_table(rows: Iterable[tuple[str, str, str]], domains: dict[str, str]) -> Iterable[tuple[str, ...]]:
    """A serology counts wherever it is coded: as a result, or as an event."""
    for concept, vocabulary, code in rows:
        yield TABLE_OF[domains[concept]], concept, vocabulary, code
        if concept in SEROLOGIES:
            yield TABLE_OF["event"], concept, vocabulary, code


def _refuse_unread(listed: Iterable[tuple[str, str, str]], domains: Mapping[str, str]) -> None:
    """Refuse what would stand for nothing, or for everything: a reason is told in words, and only a reason."""
    for concept, vocabulary, code in listed:
        is_reason = domains[concept] == REASON
        if is_reason and vocabulary == NAME:
            raise Usage(f"code lists: {concept} is no drug and has no name; a text stands under {WORDS}")
        if vocabulary == WORDS and not is_reason:
            raise Usage(f"code lists: {concept} is no reason for stopping; {WORDS} stand for nothing else")
        if vocabulary == WORDS and not any(sign.isalnum() for sign in code):
            raise Usage(f"code lists: {concept}, {WORDS} {code}: there is no word in it")


def _refuse_conflicts(codes: pl.DataFrame) -> None:
    """Match the codes as received codes will be matched, so that two spellings of one code conflict too."""
    with Warehouse() as warehouse:
        warehouse.load("reference", "codes", codes)
        warehouse.load("reference", "name_words", pl.read_csv(DATA / "reference" / "name_words.csv", glob=False))
        warehouse.create("VIEW", "resolved", "code_keys")
        warehouse.create("VIEW", "resolved", "listed_names")
        warehouse.run(f"CREATE VIEW resolved.drug_texts AS {OWN_NAMES}")
        warehouse.create("VIEW", "resolved", "drug_names")
        conflicts = warehouse.rows(text_of("resolved", "conflicting_codes"))
    if conflicts:
        vocabulary, code, first, second = conflicts[0]
        raise Usage(f"code lists: {vocabulary} {code} has two concepts, {first} and {second}")
