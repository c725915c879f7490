"""The kinds of source that an audit can read beside the native extract, each mapped to the tables of the contract."""

from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast

from flows.errors import Broken
from flows.given import NATIVE, Given
from flows.intake import Intake, Received, check, extracted_on, prepare, receive_native, stage
from flows.references import References
from flows.sources.declare import Source

__all__ = ["receive", "source", "take_in"]


def source(given: Given) -> Source:
    """Return the source of one of the kinds, at the place that is given."""
    module = import_module(f"flows.sources.{given.kind.replace('-', '_')}")
    return cast("Callable[[Given], Source]", module.source)(given)


def receive(given: Path | Given, work: Path, as_of: date | None = None, by: References | None = None) -> Received:
    """Receive an extract, or another kind of source; `work` is a folder for what does not fit into memory.

    Another kind of source is mapped, for which the code lists and the site's facts are needed (`by`).
    """
    from flows.sources import mapping

    given = Given.of(given)
    taken = extracted_on(given)
    if given.kind == NATIVE:
        received = receive_native(given.path, work, by.site.time_zone if by else None)
        received.extracted_on = taken
        return received
    if by is None:
        raise Broken("a mapping asks the code lists, and was given none")
    prepared = partial(prepare, as_of=as_of, by=by, extracted_on=taken)
    return mapping.receive(given, work, prepared, by.site.time_zone)


def take_in(given: Path | Given, work: Path, as_of: date, by: References) -> Intake:
    """Receive, settle and stage at once; `work` is left to the caller to remove."""
    with receive(given, work, as_of, by) as received:
        return stage(check(received, as_of, by))
