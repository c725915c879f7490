"""The kinds of source that an audit can read beside the native extract, each mapped to the tables of the contract."""

from datetime import date
from functools import partial
from pathlib import Path

from flows.errors import Broken
from flows.given import NATIVE, Given
from flows.intake import Intake, Received, check, extracted_on, prepare, receive_native, stage
from flows.references import References
from flows.sources import mapping
from flows.sources.declare import source

__all__ = ["receive", "source", "take_in"]


def receive(given: Path | Given, work: Path, as_of: date | None = None, by: References | None = None) -> Received:
    """Receive an extract, or another kind of source; `work` is a folder for what does not fit into memory.

    Another kind of source is mapped, for which the code lists and the site's facts are needed (`by`).
    """
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
