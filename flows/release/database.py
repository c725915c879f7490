"""audit.duckdb: every table of a release with its meaning, `about`, and the analysts' views."""

from pathlib import Path

from audit.frames import RELEASED, Frame
from flows.release.contents import ACCOUNT, Contents
from flows.shipped import SQL
from flows.warehouse import Connection, Files, new_database, quoted

ANALYST = SQL / "analyst"
DATABASE = "audit.duckdb"


def write_database(folder: Path, contents: Contents) -> None:
    """Write audit.duckdb beside the tables of a release."""
    with Files() as files, new_database(folder / DATABASE, files) as connection:
        connection.execute("create table about (name varchar primary key, value varchar not null)")
        connection.executemany("insert into about values (?, ?)", [list(item) for item in contents.about.items()])
        for name in contents.tables:
            connection.execute(f"create table {name} as from {files.parquet([folder / f'{name}.parquet'])}")
        for frame in RELEASED:
            comment(connection, frame)
        for name in ACCOUNT.keys() & contents.tables.keys():
            connection.execute(f"comment on table {name} is {quoted(ACCOUNT[name])}")
        for path in sorted(ANALYST.glob("*.sql")):
            meaning, _, select = path.read_text(encoding="utf-8").partition("\n")
            connection.execute(f"create view {path.stem} as {select}")
            connection.execute(f"comment on view {path.stem} is {quoted(meaning.removeprefix('-- '))}")


def comment(connection: Connection, frame: Frame) -> None:
    """Put the declared meaning on a table and its columns."""
    connection.execute(f"comment on table {frame.name} is {quoted(frame.grain)}")
    for column in frame.columns:
        unit = f" Unit: {column.unit}." if column.unit else ""
        connection.execute(f'comment on column {frame.name}."{column.name}" is {quoted(column.meaning + unit)}')
