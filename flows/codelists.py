"""The code lists: which concept a vocabulary's code stands for.

`data/codelists` is the only place where the project writes a code; a site adds folders of its own. Codes are text,
always. `concept` is a vocabulary too: in it the code is the concept's own name.
"""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from audit.frames import SEROLOGIES
from flows.errors import Usage
from flows.warehouse import SQL, text_of

DATA = Path(__file__).parent.parent / "data"
COLUMNS = ("concept", "vocabulary", "code")
TABLE_OF = {"lab": "lab_results", "drug": "drug_exposures", "event": "clinical_events"}
SCHEMA = pl.Schema({"table_name": pl.String(), **dict.fromkeys(COLUMNS, pl.String())})


@dataclass(frozen=True, slots=True)
class CodeLists:
    """All lists in effect: one row a received table, concept, vocabulary and code."""

    codes: pl.DataFrame
    hash: str
    notes: tuple[str, ...] = ()


def load(folders: Sequence[Path] = (), drugs: Sequence[str] = ()) -> CodeLists:
    """Return the project's lists and the site's; `drugs` are the concepts that the guideline names.

    Raise Usage for a folder or file that is no code list, and for a code with two concepts.
    """
    listed = [row for folder in (DATA / "codelists", *folders) for row in _read(folder)]
    domains = concepts()
    named = {concept for concept, _, _ in listed}
    local = sorted(named - set(domains) - set(drugs))
    domains |= dict.fromkeys([*local, *drugs], "drug")
    rows = sorted({*listed, *((concept, "concept", concept) for concept in domains)})
    codes = pl.DataFrame(list(_by_table(rows, domains)), schema=SCHEMA, orient="row")
    _refuse_conflicts(codes)
    notes = [f"code lists name drugs that this audit does not use: {', '.join(local)}"] if local else []
    digest = hashlib.sha256("\n".join("\t".join(row) for row in rows).encode()).hexdigest()
    return CodeLists(codes, digest, tuple(notes))


def concepts() -> dict[str, str]:
    """Return the closed list of concepts, each with its domain: lab, drug or event."""
    with (DATA / "reference" / "concepts.csv").open(encoding="utf-8", newline="") as lines:
        return {row["concept"]: row["domain"] for row in csv.DictReader(lines)}


def _read(folder: Path) -> Iterable[tuple[str, str, str]]:
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    if not files:
        raise Usage(f"code lists: {folder} is no folder with .csv files")
    for file in files:
        yield from _rows(file)


def _rows(file: Path) -> list[tuple[str, str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            lacking = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if lacking:
                raise Usage(f"code list {file.name} lacks the column {', '.join(lacking)}")
            rows = [(reader.line_num, [(row[column] or "").strip() for column in COLUMNS]) for row in reader]
    except UnicodeDecodeError:
        raise Usage(f"code list {file.name} is not UTF-8") from None
    for line, row in rows:
        if not all(row):
            raise Usage(f"code list {file.name}, line {line}: concept, vocabulary and code must be given")
    return [(concept, vocabulary, code) for _, (concept, vocabulary, code) in rows]


def _by_table(rows: Iterable[tuple[str, str, str]], domains: dict[str, str]) -> Iterable[tuple[str, ...]]:
    """A serology counts wherever it is coded: as a result, or as an event."""
    for concept, vocabulary, code in rows:
        yield TABLE_OF[domains[concept]], concept, vocabulary, code
        if concept in SEROLOGIES:
            yield TABLE_OF["event"], concept, vocabulary, code


def _refuse_conflicts(codes: pl.DataFrame) -> None:
    """Match the codes as received codes will be matched, so that two spellings of one code conflict too."""
    with duckdb.connect() as connection:
        connection.execute((SQL / "macros.sql").read_text(encoding="utf-8"))
        connection.execute("CREATE SCHEMA reference; CREATE SCHEMA resolved")
        connection.register("incoming", codes.to_arrow())
        connection.execute("CREATE TABLE reference.codes AS SELECT * FROM incoming")
        connection.execute(f"CREATE VIEW resolved.code_keys AS {text_of('resolved', 'code_keys')}")
        conflicts = connection.execute(text_of("resolved", "conflicting_codes")).fetchall()
    if conflicts:
        vocabulary, code, first, second = conflicts[0]
        raise Usage(f"code lists: {vocabulary} {code} has two concepts, {first} and {second}")
