"""Read a source as an audit does, and look at what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from expectations import TABLES
from flows.given import Given
from flows.intake import steps as intake
from flows.intake.received import Received
from flows.references.site import Site
from flows.sources import mapping as mapped
from tests.flows.extracts import AS_OF, EDITION, references

__all__ = ["AS_OF", "EDITION", "Site"]


@contextmanager
def at(
    given: Given,
    tmp_path: Path,
    as_of: date | None = None,
    zone: str | None = "UTC",
    folders: tuple[Path, ...] = (),
    only: str | None = None,
) -> Iterator[Received]:
    """Yield a source as it was received, with a site's own lists of codes.

    `only`: a table of the contract, where nobody looks at the others; that takes half of the time.
    """
    by = references(site=Site(time_zone=zone), lists=folders)
    with pytest.MonkeyPatch.context() as patch:
        if only is not None:
            patch.setattr(mapped, "TABLES", tuple(table for table in TABLES if table.name == only))
        found = mapped.receive(given, tmp_path / "work", partial(intake.prepare, as_of=as_of, by=by), zone)
    with found as received:
        yield received


def rows(received: Received, table: str) -> list[dict[str, Any]]:
    """Return the received rows of a table of the contract, those of the source in their order."""
    frame = received.warehouse.frame(f"SELECT * FROM received.{table} ORDER BY row_number")
    return frame.to_dicts()


def rejects(received: Received) -> list[dict[str, Any]]:
    """Return the rows of the source that never became rows of the contract."""
    return received.warehouse.frame("SELECT * FROM source.rejects ORDER BY source_table, row_number").to_dicts()


def account(received: Received) -> set[tuple[Any, ...]]:
    """Return where the rows of the source went."""
    return set(received.source_rows.iter_rows())
