"""The options that several commands share, each with its words; light to import, as the command line is."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from audit.vocabulary import URGENCIES
from flows.days import iso_day
from flows.errors import Usage
from flows.given import KINDS, NATIVE, Given

STATE = {"debug": False}


def set_debug(value: bool) -> bool:
    """Remember that tracebacks are wanted."""
    STATE["debug"] = STATE["debug"] or value
    return value


def as_date(text: str) -> date:
    """Return an ISO date."""
    try:
        return iso_day(text)
    except ValueError:
        raise typer.BadParameter("a date looks like 2026-06-30") from None


Debug = Annotated[
    bool, typer.Option("--debug", callback=set_debug, help="On an error show where it arose; never what a row holds.")
]
Extract = Annotated[
    Path | None,
    typer.Option(
        exists=True, file_okay=False, metavar="DIR", help="Folder of the extract (patients, lab_results, ...)."
    ),
]
SourceKind = Annotated[
    str | None,
    typer.Option("--source", metavar="KIND", help=f"Another kind of source: {', '.join(KINDS)}; native is --extract."),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="LOCATION", help="Where the source is: a folder, a file, or postgresql://..."),
]
Mapping = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        metavar="DIR",
        help="Folder with a site's own mappings of the source (SQL, mapping.toml).",
    ),
]
Home = Annotated[
    Path,
    typer.Option(file_okay=False, metavar="DIR", help="Folder that holds the releases; HOME/current is the newest."),
]
AsOf = Annotated[
    date | None,
    typer.Option(
        parser=as_date, metavar="DATE", help="Audit as known on this date; default: extracted_on of extract.json."
    ),
]
Edition = Annotated[str, typer.Option("--guideline", metavar="ID", help="Guideline edition, by its id.")]
Site = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        metavar="FILE",
        help="TOML file of the site: its own values for parameters, by name.",
    ),
]
Codelists = Annotated[
    list[Path] | None,
    typer.Option(
        exists=True, file_okay=False, metavar="DIR", help="Folder of the site's own code lists; may be given again."
    ),
]


KeptRelease = Annotated[
    str | None, typer.Option(metavar="RELEASE", help="A release that the home keeps, by its id; default: current.")
]
Keep = Annotated[
    int, typer.Option(metavar="N", help="How many nights are kept, beside the last of each of twelve months.")
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", dir_okay=False, metavar="FILE", help="Write it as a page with charts.")
]
ForMeetings = Annotated[
    bool, typer.Option("--deidentified", help="For meetings: no ids, no dates, no charts, no small numbers.")
]
PageFile = Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", help="The file to write.")]
RejectsFile = Annotated[
    Path | None,
    typer.Option(
        "--rejects", dir_okay=False, metavar="FILE", help="Write the rejected rows to this .parquet or .csv file."
    ),
]
ComparedHome = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, metavar="DIR", help="Compare the rows with the releases of this home."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="RELEASE", help="Another release that the home keeps, by its id; default: the one before."),
]
Replay = Annotated[
    bool, typer.Option("--replay", help="Audit as of a date before the current release's, published beside it.")
]
WithoutPredecessor = Annotated[
    bool, typer.Option("--without-predecessor", help="Compare with no release before; its history begins anew.")
]
OfPatient = Annotated[
    str | None, typer.Option("--patient", metavar="ID", help="All that the release holds of one patient.")
]
Until = Annotated[
    date | None,
    typer.Option("--until", parser=as_date, metavar="DATE", help="The last as-of date on which it holds."),
]
Urgencies = Annotated[
    list[str] | None,
    typer.Option(
        "--urgency", metavar="URGENCY", help=f"{', '.join(URGENCIES)}; may be given again. Unasked all but past."
    ),
]


def given_of(extract: Path | None, kind: str | None, location: str | None, mapping: Path | None) -> Given:
    """Return what is to be read, from the options that say so."""
    if extract is not None and (location, kind) != (None, None):
        raise Usage("--extract and --source exclude each other: --source KIND goes with --from LOCATION")
    if (extract is None) == (location is None) or (location is None) != (kind is None):
        raise Usage("Missing option '--extract', or --source KIND with --from LOCATION: one of the two must be given")
    if kind not in (None, NATIVE, *KINDS):
        raise Usage(f"no source '{kind}' (known: {', '.join((NATIVE, *KINDS))})")
    if mapping is not None and kind in (None, NATIVE):
        raise Usage("--mapping goes with --source: a native extract needs none")
    return Given(kind or NATIVE, location or str(extract), mapping)
