"""Carry a source over into the tables of the contract, by the mappings of sql/sources/<kind> or a site's own.

From here on the five tables are treated as those of a native extract are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from expectations import TABLES
from expectations.declare import Table
from flows import dosage
from flows.errors import Broken, Refused, Usage
from flows.given import Given
from flows.intake import SOURCE, TOO_LONG, Received, Receiver
from flows.shipped import SQL
from flows.sources import account, versions
from flows.sources.declare import CONTROL, DESCRIPTION_OF_TABLES, Source, SourceTable, source
from flows.warehouse import NOT_THE_FILES, WRONG_SQL, Fault, Warehouse, WrongValue, identifier, quoted

SOURCES = SQL / "sources"
CODES, MACROS = "codes", "macros"
SEVERAL = "several_codings"  # asked after the relations


def receive(given: Given, work: Path, prepare: Callable[[Warehouse], None], time_zone: str | None = None) -> Received:
    """Receive a source; `prepare` loads what mappings ask beside it: the code lists and the references.

    `time_zone` is that of the site, where it is told.
    """
    found = source(given)
    files = own_files(given, found)
    received = Received(work)
    try:
        prepare(received.warehouse)
        received.is_prepared = True
        reader = Receiver(received.warehouse, SOURCE, time_zone)
        received.hash(found.read(reader))
        received.rows = reader.rows
        if files:
            reader.note(f"the site's own mappings are used: {', '.join(files)}")
        Carrier(given, found, received, reader).carry()
    except BaseException:
        received.close()
        raise
    return received


def own_files(given: Given, found: Source) -> list[str]:
    """Return the names of a site's own mappings; Usage for one that replaces none, such as a misspelt one."""
    own = given.mapping
    known = [*(table.name for table in TABLES), CODES, SEVERAL, MACROS, *found.relations]
    files = sorted(own.glob("*.sql")) if own else []
    for file in files:
        if file.stem not in known:
            raise Usage(f"mapping {file.name}: it replaces nothing of the source (known: {', '.join(known)})")
    if own and not files and not (found.kind == "table" and (own / DESCRIPTION_OF_TABLES).is_file()):
        raise Usage(f"mapping: {own} holds no .sql file")
    return [file.name for file in files]


NO_CONTROL = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in CONTROL)


def selected(table: Table, types: Mapping[str, str], text: str) -> str:
    """Return a mapping's declared columns and all those that say where a row went."""
    columns = [identifier(column.name) for column in table.columns if column.name in types]
    controls = [name if name in types else f"CAST(NULL AS VARCHAR) AS {name}" for name in CONTROL]
    return f"SELECT {', '.join([*columns, *controls])} FROM ({text}\n)"


class Carrier:
    """Runs the mappings of one source, and accounts for its rows."""

    def __init__(self, given: Given, found: Source, received: Received, reader: Receiver) -> None:
        """Take the source that was read."""
        self.given, self.found, self.received, self.reader = given, found, received, reader
        self.warehouse = received.warehouse
        self.receiver = Receiver(received.warehouse, time_zone=reader.time_zone, is_mapped=True)
        self.own = given.mapping
        self.counts: list[pl.DataFrame] = []

    def carry(self) -> None:
        """Create the five tables of the contract, the rejects of the source, and the account of its rows."""
        self._unread()
        for folder in (SOURCES, SOURCES / self.given.kind, self.own):
            if folder is not None and (file := folder / f"{MACROS}.sql").is_file():
                with self._naming(file):
                    self.warehouse.macros(file.read_text(encoding="utf-8"))
        self._codes(CODES)
        for name, kind in self.found.relations.items():
            self._relation(name, kind)
        self._codes(SEVERAL)
        for table in TABLES:
            self._table(table)
        self._words()
        counts = account.balanced(pl.concat(self.counts), self.warehouse, self.found.tables, self.given.kind)
        self.received.source_rows = counts
        self.received.names = [*self.reader.names, *self.receiver.names]
        self.received.notes = [*self.reader.notes, *self.receiver.notes, *account.notes(counts)]

    def _mapping(self, name: str) -> tuple[Path, str] | None:
        """Return the file and the text of a mapping: the site's own where it has one, else the kind's."""
        for folder in (self.own, SOURCES / self.given.kind):
            if folder is not None and (file := folder / f"{name}.sql").is_file():
                return file, file.read_text(encoding="utf-8").rstrip().rstrip(";")
        return (Path(f"{name}.sql"), self.found.mappings[name]) if name in self.found.mappings else None

    def _codes(self, name: str) -> None:
        """Add the codes that the source derives from a vocabulary of its own to those on the code lists."""
        if mapping := self._mapping(name):
            file, text = mapping
            with self._naming(file):
                self.warehouse.run(f"INSERT INTO reference.derived_codes BY NAME SELECT DISTINCT * FROM ({text}\n)")

    def _relation(self, name: str, kind: str) -> None:
        """Create what several mappings ask."""
        mapping = self._mapping(name)
        if mapping is None:
            raise Broken(f"the source {self.given.kind} lacks its relation {name}")
        file, text = mapping
        with self._naming(file):
            self.warehouse.run(f"CREATE {kind} source.{name} AS {text}")
            if name == dosage.TEXTS:
                dosage.create_readings(self.warehouse)

    def _table(self, table: Table) -> None:
        """Map a table; one whose source tables are all missing is missing, which is not the same as empty."""
        mapping = self._mapping(table.name)
        asked = self._asked(mapping[1]) if mapping else []
        if mapping and not asked and mapping[0].parent == self.own:
            names = ", ".join(f"source.{one.name}" for one in self.found.tables if not one.is_lookup)
            raise Usage(f"mapping {mapping[0].name}: it reads no table of the source (known: {names})")
        if mapping and any(one.name in self.reader.present for one in asked):
            self.received.has.add(table.name)
            self._map(table, *mapping)
        elif table.required:
            names = ", ".join(one.name for one in asked) or "no mapping"
            raise Refused(f"source {self.given.kind}: there is nothing to make the table {table.name} of ({names})")
        else:
            self.receiver.lack(table)

    def _asked(self, text: str) -> list[SourceTable]:
        """Return the tables whose rows a mapping carries over: those that it names, lookups apart."""
        named = {name.strip('"').lower() for name in re.findall(r'\bsource\.("[^"]+"|\w+)', text, re.IGNORECASE)}
        return [table for table in self.found.tables if table.name.lower() in named and not table.is_lookup]

    def _map(self, table: Table, file: Path, text: str) -> None:
        to = self.receiver.copies / f"{table.name}.parquet"
        to.parent.mkdir(exist_ok=True)
        with self._naming(file):
            if file.parent == self.own:  # its columns are asked for before a row is read; to bind it again costs little
                types = self._types(table, file, text)
                self.warehouse.copy(selected(table, types, text), to)
            else:
                self.warehouse.copy(f"SELECT * FROM ({text}\n) UNION ALL BY NAME SELECT {NO_CONTROL} WHERE FALSE", to)
                types = self._types(table, file, f"SELECT * FROM {self.warehouse.files.parquet([to])}")
        columns = [column.name for column in table.columns if column.name in types]
        if extra := sorted(set(types) - set(columns) - set(CONTROL)):
            self.receiver.note(f"mapping {file.name}: not of the contract, kept out: {', '.join(extra)}")
        if file.parent == self.own:
            self._each_once(table, file, to)
        if "recorded_at" in types:
            versions.reject_older(self.warehouse, table.id, to)
        self._carried(table, to, {name: types[name] for name in columns})

    def _types(self, table: Table, file: Path, text: str) -> dict[str, str]:
        """Return the columns of a mapping, each with its type; Usage where one is missing."""
        types = {name.lower(): kind for name, kind in self.warehouse.types(text).items()}
        needed = [column.name for column in table.columns if column.required] + [CONTROL[0]]
        if lacking := [name for name in needed if name not in types]:
            raise Usage(f"mapping {file.name}: the column {', '.join(lacking)} is missing")
        return types

    def _each_once(self, table: Table, file: Path, to: Path) -> None:
        """Refuse a site's own mapping of which the rows add up, but in which an id stands for another that is lost."""
        rows = (
            f"SELECT source_table, count(*), count(DISTINCT {table.id}) FROM {self.warehouse.files.parquet([to])} "
            "GROUP BY ALL"
        )
        ids = {one.name: identifier(one.columns[0].name) for one in self.found.tables if one.columns}
        for name, came, out in self.warehouse.rows(rows):
            if name in ids:
                asked = f"SELECT count(*), count(DISTINCT {ids[name]}) FROM source.{identifier(name)}"
                [(read, distinct)] = self.warehouse.rows(asked)
                if read == came and distinct > out:
                    raise Refused(f"mapping {file.name}: of {name} {distinct:,} ids were read and {out:,} came out")

    def _carried(self, table: Table, file: Path, types: Mapping[str, str]) -> None:
        self.counts.append(counted := account.of_mapped(self.warehouse, table.name, file))
        rows = int(counted.filter(disposition=account.CARRIED)["rows"].sum())
        whole = self.warehouse.files.parquet([file])
        carried = f"(SELECT *, file_row_number FROM {whole} WHERE left_out IS NULL AND rejected IS NULL)"
        self.receiver.take(
            table, types, carried, "CAST(file_row_number AS BIGINT) + 1", rows, is_asked=not self.found.has_days_inside
        )
        row = ", ".join(f"{identifier(name)} := shown(CAST({identifier(name)} AS VARCHAR))" for name in types)
        self.warehouse.run(
            "INSERT INTO source.rejects "
            "SELECT source_table, row_number() OVER (PARTITION BY source_table ORDER BY id, content), "
            "id, reason, NULL, content "
            f"FROM (SELECT source_table, CAST({table.id} AS VARCHAR) AS id, rejected AS reason, "
            f"CAST(to_json(struct_pack({row})) AS VARCHAR) AS content FROM {whole} WHERE rejected IS NOT NULL)"
        )

    def _unread(self) -> None:
        """Reject the lines that were no rows, and count what no mapping will see."""
        self.warehouse.run(
            "INSERT INTO source.rejects SELECT table_name, row_number, NULL, 'malformed_line', detail, "
            "CAST(to_json(line) AS VARCHAR) FROM source.malformed"
        )
        self.counts.append(account.of_unread(self.warehouse))

    def _words(self) -> None:
        """Put the reasons of the source's rejects into words."""
        reasons = {
            versions.OLDER: "no later version of the same id is rejected",
            **self.found.reasons,
        }
        words = " ".join(f"WHEN {quoted(reason)} THEN {quoted(rule)}" for reason, rule in reasons.items())
        self.warehouse.run(
            f"UPDATE source.rejects SET detail = CASE reason {words} ELSE reason END WHERE detail IS NULL"
        )

    @contextmanager
    def _naming(self, file: Path) -> Iterator[None]:
        """Tell what is wrong with a site's own mapping, or with the files; never what DuckDB says of a value."""
        try:
            yield
        except Fault as error:
            said, name = str(error), self._own_part_in(file)
            if name and isinstance(error, WRONG_SQL):
                raise Usage(f"mapping {name}: {said.splitlines()[0]}") from None
            if name and isinstance(error, WrongValue):
                raise Usage(
                    f"mapping {name}: a value cannot be read as it asks (as_day, as_number or try_cast give null)"
                ) from None
            if isinstance(error, NOT_THE_FILES):
                raise
            long = re.search(f"the column .+ {TOO_LONG}", said)
            why = long.group() if long else "a file is damaged: its rows cannot be read to the end"
            raise Refused(f"source {self.given.kind}: {file.stem}: {why}") from None

    def _own_part_in(self, file: Path) -> str | None:
        """Return the site's own file that a mapping rests on: itself, or the macros that the project's mappings ask."""
        if self.own is None or file.parent == self.own:
            return file.name if self.own else None
        return f"{MACROS}.sql, asked by {file.name}" if (self.own / f"{MACROS}.sql").is_file() else None
