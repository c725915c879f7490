"""A site's own columns: CSV or Parquet with any names, and a mapping.toml that says which column is what.

A section a table of the contract: `files` (a pattern below the location), `columns` (ours = "theirs"), and where they
are needed `constants` (ours = a value for every row), `values` (ours: theirs = ours), `separator`, `encoding`, `dates`
(how days are written) and `decimal`. The mapping.toml stands in the folder of `--mapping`, or in the location itself.
Of [drug_exposures] four columns more are known: `dosage_text`, what a text says of the dose; `strength_mg`, what a
tablet holds; `kind`, whether a record is an order, a dispensing, an administration or reported; `refills` of an order.
A `<table>.sql` in the folder of `--mapping` replaces what is made of the section; `more` names columns that only such a
file asks. The location carries data: SQL that lies in it is never run.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from expectations import TABLES
from expectations.declare import DATE, NUMBER, TEXT, WHOLE, Column, Table
from flows import dosage
from flows.errors import Refused, Usage, at
from flows.given import Given
from flows.intake import CONTRACT, FORMS, Dialect, Part, Receiver, parts_of
from flows.shipped import SQL
from flows.sources import drug_names
from flows.sources.declare import DESCRIPTION_OF_TABLES as FILE
from flows.sources.declare import Source, SourceTable, a_folder
from flows.warehouse import identifier, quoted

# A way of writing days: codes of strptime that DuckDB knows. A zone would move days, and those of other rows with them.
WAY = re.compile(r"([^%]|%[-]?[aAbBdHIjmMpSyYfgn%])*%[-]?[dj]([^%]|%[-]?[aAbBdHIjmMpSyYfgn%])*")
ENCODINGS = ("utf-8", "utf-16", "latin-1")
KEYS: Mapping[str, type | tuple[type, ...]] = {
    "files": str,
    "separator": str,
    "encoding": str,
    "dates": (str, list),
    "decimal": str,
    "columns": dict,
    "constants": dict,
    "values": dict,
    "more": list,
}
# Beside the columns of the contract.
DRUGS = (Column("dosage_text"), Column("strength_mg", NUMBER), Column("kind"), Column("refills", NUMBER))
KINDS = ("order", "dispensing", "administration", "reported")
NO_TEXTS = "SELECT CAST(NULL AS VARCHAR) AS text WHERE FALSE"
NO_NAMES = "SELECT CAST(NULL AS VARCHAR) AS key WHERE FALSE"
# What a section may lack of what sql/sources/table asks: what it makes of it, and what it only looks at.
DOSED = ("daily_dose_mg", "frequency", "strength_mg")
LASTING = ("kind", "refills", "length_days", "end_date")
LOOKED_AT = ("end_type", "days_supply", "stop_reason", "recorded_at")
REASONS = {
    "unknown_kind": f"kind is {', '.join(KINDS)} or empty",
    "not_a_number": "refills is a number",
    "unknown_supply": "a dispensing says how many days it lasts",
}


@dataclass(frozen=True, slots=True)
class Section:
    """What a mapping.toml says of one table; `columns` is ours to theirs, `dates` the ways of writing a day."""

    table: Table
    files: str
    columns: Mapping[str, str]
    constants: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    dialect: Dialect = CONTRACT
    dates: tuple[str, ...] = ()
    decimal: str = "."
    more: tuple[str, ...] = ()

    def role(self, theirs: str) -> str:
        """Return how one of the site's columns is read: as the columns made of it ask, text where they differ.

        One that is also a day is one, for the day of an instant must not be lost.
        """
        roles = {_role(column) for column in known(self.table) if self.columns.get(column.name) == theirs}
        if DATE in roles:
            return DATE
        return roles.pop() if len(roles) == 1 else TEXT

    @property
    def declared(self) -> SourceTable:
        """Return the table as the site has it, under the site's own names."""
        theirs = dict.fromkeys([*self.columns.values(), *self.more])
        columns = tuple(Column(name, self.role(name), required=True) for name in theirs)
        return SourceTable(self.table.name, columns, self.table.required, without=self.table.without)

    @property
    def mapping(self) -> str:
        """Return the SELECT that the section stands for."""
        made = {**{ours: self._read(ours, theirs) for ours, theirs in self.columns.items()}, **self._constants}
        if not self.is_told:
            return self._plain(made)
        plain = self._plain({"row_number": "row_number() OVER ()", **made})
        has = set(made)
        if "dosage_text" in made:
            plain = _made_of("dosed", plain, [name for name in DOSED if name not in made])
            has.add("length_days")
        looked_at = [name for name in LOOKED_AT if name not in made]
        lasting = _made_of("lasting", plain, [name for name in (*LASTING, *LOOKED_AT) if name not in has])
        # A column that the site lacks stays one: the report says what cannot be judged without it.
        return f"SELECT * EXCLUDE ({', '.join(looked_at)}) FROM ({lasting})" if looked_at else lasting

    @property
    def is_told(self) -> bool:
        """Return whether the section tells more of a drug than the contract does: a dosage text, kind or refills."""
        return not {"dosage_text", "kind", "refills"}.isdisjoint({*self.columns, *self.constants})

    @property
    def names(self) -> str:
        """Return the SELECT of the names of drugs, where one record may be seen in another."""
        if "kind" not in {*self.columns, *self.constants}:
            return NO_NAMES
        return (
            f"SELECT DISTINCT code_key('name', as_text(code)) AS key FROM ({self.mapping_of_codes}) "
            "WHERE as_text(vocabulary) = 'name' AND is_given(code)"
        )

    @property
    def mapping_of_codes(self) -> str:
        """Return the SELECT of the codes alone."""
        made = {**{ours: self._read(ours, theirs) for ours, theirs in self.columns.items()}, **self._constants}
        return self._plain({name: made[name] for name in ("vocabulary", "code")})

    def _plain(self, made: Mapping[str, str]) -> str:
        selected = ",\n    ".join(f"{sql} AS {ours}" for ours, sql in made.items())
        return f"SELECT\n    {selected},\n    '{self.table.name}' AS source_table\nFROM source.{self.table.name}"

    @property
    def texts(self) -> str:
        """Return the SELECT of the section's dosage texts."""
        theirs = self.columns.get("dosage_text")
        return NO_TEXTS if theirs is None else f"SELECT {identifier(theirs)} AS text FROM source.{self.table.name}"

    @property
    def _constants(self) -> dict[str, str]:
        return {ours: quoted(str(value)) for ours, value in self.constants.items()}

    def _read(self, ours: str, theirs: str) -> str:
        [column] = [column for column in known(self.table) if column.name == ours]
        sql = f"local_text({identifier(theirs)})" if column.role == DATE else identifier(theirs)
        if ours in self.values:
            pairs = self.values[ours].items()
            cases = " ".join(f"WHEN {quoted(theirs)} THEN {quoted(str(ours))}" for theirs, ours in pairs)
            sql = f"CASE coalesce(as_text(CAST({sql} AS VARCHAR)), '') {cases} ELSE CAST({sql} AS VARCHAR) END"
        if ours == "stop_reason":
            return f"stop_reason_of({sql})"
        if column.role == DATE and self.dates:
            ways = ", ".join(f"CAST(try_strptime(as_text({sql}), {quoted(way)}) AS VARCHAR)" for way in self.dates)
            return f"coalesce({ways}, as_text({sql}))"
        if column.role == NUMBER and self.decimal != ".":
            return f"with_decimal({sql}, {quoted(self.decimal)})"
        return sql


def source(given: Given) -> Source:
    """Return the source that the mapping.toml describes."""
    folder = a_folder(given)
    if given.mapping is None:
        _refuse_sql(folder)
    own = given.mapping or folder
    sections = load((own if (own / FILE).is_file() else folder) / FILE)
    return Source(
        kind="table",
        tables=tuple(section.declared for section in sections),
        read=partial(read, folder, sections),
        reasons=REASONS,
        mappings={section.table.name: section.mapping for section in sections}
        | {
            dosage.TEXTS: texts_of(sections),
            drug_names.TEXTS: names_of(sections),
            drug_names.NAMES: drug_names.mapping(),
        },
        relations={dosage.TEXTS: "VIEW", **drug_names.RELATIONS},
    )


def texts_of(sections: Sequence[Section]) -> str:
    """Return the SELECT of the dosage texts of all sections: one has them, or none."""
    return next((section.texts for section in sections if "dosage_text" in section.columns), NO_TEXTS)


def names_of(sections: Sequence[Section]) -> str:
    """Return the SELECT of the names of drugs of all sections: one has them, or none."""
    return next((section.names for section in sections if section.table.name == "drug_exposures"), NO_NAMES)


def _made_of(name: str, select: str, lacking: Sequence[str]) -> str:
    """Return a SELECT of sql/sources/table over that of a section, with null for the columns that it lacks."""
    nothing = "".join(f", CAST(NULL AS VARCHAR) AS {column}" for column in lacking)
    text = (SQL / "sources" / "table" / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("source.plain", f"(SELECT *{nothing} FROM ({select}))").rstrip()


def known(table: Table) -> tuple[Column, ...]:
    """Return the columns that a section of a mapping.toml may name."""
    return (*table.of_extract, *(DRUGS if table.name == "drug_exposures" else ()))


def _refuse_sql(folder: Path) -> None:
    """Refuse SQL that would stand for a table if it were a mapping: whoever drops data must not run code."""
    known = [f"{name}.sql" for name in ("macros", "codes", *(table.name for table in TABLES))]
    if lying := [name for name in known if (folder / name).is_file()]:
        raise Usage(
            f"source table: SQL is never run from the location ({', '.join(lying)}); give its folder by --mapping"
        )


def read(folder: Path, sections: Sequence[Section], receiver: Receiver) -> list[Part]:
    """Receive the files of each section."""
    found = []
    for section in sections:
        parts = files_of(folder, section)
        receiver.receive(section.declared, parts, section.dialect)
        found += parts
    return found


def files_of(folder: Path, section: Section) -> list[Part]:
    """Return the files that a section names, in the order of their names; Refused where there is none or two forms."""
    paths = sorted(path for path in folder.glob(section.files) if path.is_file())
    if any(not path.resolve().is_relative_to(folder.resolve()) for path in paths):
        raise _wrong(section.table, "files matches a link that leads out of the location")
    if not paths:
        raise Refused(f"{section.table.name}: no file below the location matches {section.files}")
    if strange := [path for path in paths if not path.name.lower().endswith(FORMS)]:
        raise Refused(f"{section.table.name}: {len(strange)} files of {section.files} are no .parquet, .csv or .csv.gz")
    if len({path.name.lower().endswith(".parquet") for path in paths}) > 1:
        raise Refused(f"{section.table.name}: {section.files} matches Parquet and CSV")
    return parts_of(section.table.name, folder, paths)


def _is_below(pattern: str) -> bool:
    """Return whether a pattern can match only files below the folder where it is asked."""
    parts = PurePosixPath(pattern).parts
    is_odd = any(part == ".." or ("**" in part and part != "**") for part in parts)
    return bool(parts) and not is_odd and not PurePosixPath(pattern).is_absolute() and "\0" not in pattern


def load(file: Path) -> tuple[Section, ...]:
    """Read a mapping.toml; Usage naming what is wrong in it."""
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Usage(f"source table: there is no {FILE}; it says which column is what") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Usage(f"{FILE} is not readable TOML{at(error)}") from None
    tables = {table.name: table for table in TABLES}
    for name in said:
        if name not in tables:
            raise Usage(f"{FILE}: there is no table {name} (known: {', '.join(tables)})")
    return tuple(_section(tables[name], section) for name, section in said.items())


def _section(table: Table, said: Any) -> Section:
    if not isinstance(said, dict) or "files" not in said or "columns" not in said:
        raise _wrong(table, "needs files and columns")
    for key, value in said.items():
        if key not in KEYS or not isinstance(value, KEYS[key]):
            raise _wrong(table, f"{key} is no key of it, or of the wrong kind (keys: {', '.join(KEYS)})")
    if not _is_below(said["files"]):
        raise _wrong(
            table, "files is a pattern below the location: not absolute, without .., ** only as a whole folder"
        )
    names = [column.name for column in known(table)]
    if unknown := sorted({*said["columns"], *said.get("constants", {}), *said.get("values", {})} - set(names)):
        raise _wrong(table, f"the contract has no column {unknown[0]} (known: {', '.join(names)})")
    given = {*said["columns"], *said.get("constants", {})}
    if lacking := [column.name for column in table.columns if column.required and column.name not in given]:
        raise _wrong(table, f"needs {', '.join(lacking)}, as a column or a constant")
    if said.get("encoding", "utf-8") not in ENCODINGS:
        raise _wrong(table, f"encoding is one of {', '.join(ENCODINGS)}")
    if len(said.get("separator", ",")) != 1:
        raise _wrong(table, "separator is one character")
    if stray := sorted(name for name, pairs in said.get("values", {}).items() if not isinstance(pairs, dict)):
        raise _wrong(table, f"values of {stray[0]} are a table: yours = ours")
    if stray := sorted(set(said.get("values", {})) - set(said["columns"])):
        raise _wrong(table, f"values of {stray[0]} need a column of it")
    if twice := sorted(set(said["columns"]) & set(said.get("constants", {}))):
        raise _wrong(table, f"{twice[0]} has a column and a constant")
    kinds = [*said.get("values", {}).get("kind", {}).values(), *filter(None, [said.get("constants", {}).get("kind")])]
    if any(kind not in (*KINDS, "") for kind in kinds):
        raise _wrong(table, f"kind is {', '.join(KINDS)}, or empty where a record is of none of these")
    if not all(isinstance(theirs, str) and theirs for theirs in (*said["columns"].values(), *said.get("more", ()))):
        raise _wrong(table, "a column is named by its text")
    dates = said.get("dates", [])
    dates = tuple(dates) if isinstance(dates, list) else (dates,)
    if odd := [way for way in dates if not isinstance(way, str) or not WAY.fullmatch(way)]:
        raise _wrong(table, f"dates are written as %d.%m.%Y or the like (no zones), not as {odd[0]}")
    if (decimal := said.get("decimal", ".")) not in (".", ","):
        raise _wrong(table, "decimal is . or ,")
    return Section(
        table=table,
        files=said["files"],
        columns=said["columns"],
        constants=said.get("constants", {}),
        values=said.get("values", {}),
        dialect=Dialect(said.get("separator", ","), said.get("encoding", "utf-8")),
        dates=dates,
        decimal=decimal,
        more=tuple(said.get("more", ())),
    )


def _role(column: Column) -> str:
    """An id may be stored as a number; a code never may, for ICD-9-CM has a 250 and a 250.0."""
    return WHOLE if column.name.endswith("_id") else column.role


def _wrong(table: Table, what: str) -> Usage:
    return Usage(f"{FILE}: [{table.name}] {what}")
