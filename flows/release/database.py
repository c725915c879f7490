"""audit.duckdb: every table of a release with its meaning, `about`, and the analysts' views and macros."""

from pathlib import Path

from audit.frames import ABOUT, RELEASED, Frame
from flows.release.contents import Contents
from flows.release.views import BESIDE, MACRO, SCHEMA, View, create_all
from flows.warehouse import Connection, Files, new_database, quoted

DATABASE = "audit.duckdb"


def write_database(folder: Path, contents: Contents) -> None:
    """Write audit.duckdb beside the tables of a release."""
    with Files() as files, new_database(folder / DATABASE, files) as connection:
        connection.begin()  # at once: of hundreds of statements each would wait for the disk
        connection.execute("create table about (name varchar primary key, value varchar not null)")
        connection.executemany("insert into about values (?, ?)", [list(item) for item in contents.about.items()])
        for frame in RELEASED:
            connection.execute(f"create table {frame.name} as from {files.parquet([folder / f'{frame.name}.parquet'])}")
        for frame in (ABOUT, *RELEASED):
            comment(connection, "table", frame)
        for view, frame in create_all(connection):
            if view.place == MACRO:
                comment_macro(connection, view, frame)
            else:
                comment(connection, "view", frame)
        connection.commit()


def comment(connection: Connection, kind: str, frame: Frame) -> None:
    """Put the declared meaning on a table or view and on its columns."""
    connection.execute(f"comment on {kind} {frame.name} is {quoted(frame.grain)}")
    for column in frame.columns:
        unit = f" Unit: {column.unit}." if column.unit else ""
        connection.execute(f"comment on column {frame.name}.{column.name} is {quoted(column.meaning + unit)}")


def comment_macro(connection: Connection, view: View, frame: Frame) -> None:
    """Put on a macro what it is and what it takes: its arguments and columns can carry no comment of their own."""
    for schema in (BESIDE, SCHEMA):
        connection.execute(f"comment on macro table {schema}.{view.name} is {quoted(frame.grain)}")
