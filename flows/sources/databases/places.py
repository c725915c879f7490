"""Where a database holds the tables of a source: in which schema, under which spelling of their names."""

from collections.abc import Iterable, Mapping, Sequence

from flows.errors import Refused
from flows.sources.declare import SourceTable

Place = tuple[str, str]  # schema and table, as the database spells them


def schemas_of(query: str) -> tuple[str, ...]:
    """Return the schemas that `?schema=` names, separated by commas, the first that has a table first."""
    return tuple(name.strip() for name in query.split(",") if name.strip())


def choose(
    found: Iterable[Place], tables: Sequence[SourceTable], schemas: Sequence[str], where: str
) -> Mapping[str, Place]:
    """Return where each table stands; Refused where a required one is missing, or where it stands in two schemas.

    With schemas named, only these are looked at, and the first of them that has a table is taken.
    """
    named = [name.lower() for name in schemas]
    places = [place for place in found if not named or place[0].lower() in named]
    if named and (lacking := [name for name in named if name not in {schema.lower() for schema, _ in places}]):
        raise Refused(f"{where}: there is no schema {lacking[0]}, or no table is in it")
    chosen = {}
    for table in tables:
        standing = [place for place in places if place[1].lower() == table.name]
        if named:
            first = min((named.index(schema.lower()) for schema, _ in standing), default=0)
            standing = [place for place in standing if place[0].lower() == named[first]]
        if len(standing) > 1:
            names = ", ".join(sorted(".".join(place) for place in standing))
            raise Refused(f"{where}: {table.name} stands twice; say which by ?schema=", names)
        if standing:
            chosen[table.name] = standing[0]
        elif table.required:
            raise Refused(f"{where}: the table {table.name} is missing")
    return chosen
