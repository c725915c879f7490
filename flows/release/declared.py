"""The promise of every released table: the columns that its frame declares, and keys that tell its rows apart."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from audit.frames import Frame
from flows.errors import Broken


def as_declared(tables: Mapping[str, pl.DataFrame], frames: Iterable[Frame]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield name and table of each frame, sorted by its keys; Broken where one is lacking, too many or not as declared.

    One after the other: the sorted copies of all tables would need the memory of the release again.
    """
    declared = {frame.name: frame for frame in frames}
    if strays := sorted(tables.keys() ^ declared.keys()):
        raise Broken(f"not both declared and made: {', '.join(strays)}; the last release stays in place")
    for name, frame in declared.items():
        made = tables[name]
        said = fault(frame, made)
        if said and made.schema == frame.schema:  # to look is cheaper than to sort, and most tables come in order
            made = in_order(frame, made)
            said = fault(frame, made)
        if said:
            raise Broken(f"the table {name} is not as declared: {said}; the last release stays in place")
        yield name, made


def in_order(frame: Frame, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table sorted by its keys, nulls last."""
    return table.sort(frame.keys, nulls_last=True, maintain_order=True)


def fault(frame: Frame, table: pl.DataFrame) -> str:
    """Return what a table breaks of its frame, in counts and names; empty where it is as declared."""
    if table.schema != frame.schema:
        return "its columns are of another name, order or type"
    held = [column.name for column in frame.columns if column.key and not column.may_lack]
    for name in held:
        if lacking := table[name].null_count():
            return f"rows that lack the key {name}: {lacking:,}"
    if wrong := table.select((~_follows(frame.keys)).slice(1).sum()).item():
        return f"rows that share their keys with the row before, or belong before it: {wrong:,}"
    return ""


def _follows(keys: Iterable[str]) -> pl.Expr:
    """Return whether a row comes after the one before by its keys, nulls last: so rows are sorted, and told apart."""
    follows = pl.lit(value=False)
    for name in reversed(list(keys)):
        here, before = pl.col(name), pl.col(name).shift(1)
        is_later = (here > before) | (here.is_null() & before.is_not_null())
        follows = is_later.fill_null(value=False) | (here.eq_missing(before) & follows)
    return follows
