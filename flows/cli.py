"""The command line: thin, quick to start, one clear line on standard error when something is wrong.

Heavy imports (polars, Prefect, Great Expectations) wait inside the commands that need them.
"""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn, cast, get_args

import typer

from audit.errors import GuidelineError
from audit.vocabulary import MARKS, URGENCIES
from flows.cli_export import export
from flows.errors import RechallengeError, Unexplained, Usage
from flows.options import (
    STATE,
    AsOf,
    Codelists,
    ComparedHome,
    Debug,
    Edition,
    Extract,
    ForMeetings,
    From,
    Home,
    HtmlFile,
    Keep,
    KeptRelease,
    Mapping,
    OfPatient,
    PageFile,
    RejectsFile,
    Replay,
    Since,
    Site,
    SourceKind,
    Until,
    Urgencies,
    WithoutPredecessor,
    given_of,
)
from flows.shipped import DEFAULT_EDITION, KEPT_NIGHTS
from flows.wording import shown

INTERRUPTED = 130  # what typer makes of Ctrl-C
EPILOG = "Exit codes: 0 done, 2 wrong usage, 3 the data was refused, 4 another run holds the lock, 1 anything else."

app = typer.Typer(
    name="rechallenge",
    help="Audit of drug restarts after raised liver enzymes: an audit signal, not a clinical verdict.",
    epilog=EPILOG,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def show_version(value: bool) -> None:
    """Print the version and leave."""
    if value:
        from flows.shipped import version

        typer.echo(f"rechallenge {version()}")
        raise typer.Exit


@app.callback()
def options(
    debug: Debug = False,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(epilog=EPILOG, short_help="Audit an extract and publish a release.")
def audit(
    home: Home,
    extract: Extract = None,
    source: SourceKind = None,
    location: From = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    guideline: Edition = DEFAULT_EDITION,
    site: Site = None,
    codelists: Codelists = None,
    replay: Replay = False,
    without_predecessor: WithoutPredecessor = False,
    keep: Keep = KEPT_NIGHTS,
    debug: Debug = False,
) -> None:
    """Run the nightly flow once: read, check, stage, judge, compare, release.

    What is read is a native extract (--extract), or another kind of source (--source and --from).
    On success HOME/current turns to the new release; on any failure it stays as it was.
    """
    from flows.night import Order, conduct
    from flows.terminal import outcome as show

    given = given_of(extract, source, location, mapping)
    with show.progress():
        folders = tuple(codelists or ())
        done = conduct(Order(given, home, as_of, guideline, site, folders, replay, without_predecessor, keep))
    show.outcome(done)
    if done.since.unexplained:
        raise Unexplained


@app.command(epilog=EPILOG, short_help="Tell a person's story from the release.")
def explain(
    home: Home,
    episode: Annotated[str | None, typer.Argument(metavar="EPISODE", help="Episode id, as in the worklist.")] = None,
    patient: OfPatient = None,
    release: KeptRelease = None,
    html: HtmlFile = None,
    debug: Debug = False,
) -> None:
    """Tell a person's story from a release, unasked the current one: courses, labs, slots, verdicts with evidence.

    With --html it is a page, in which each verdict that may need somebody has its chart.
    """
    if (episode is None) == (patient is None):
        raise Usage("give an EPISODE or --patient ID, one of the two")
    from flows.terminal import outcome as show
    from flows.terminal.story import read, tell

    story = read(home, episode, patient, release)
    if html is None:
        tell(story, show.Plain())
        return
    from flows.terminal.person import write

    write(home, release, story, html)


@app.command(epilog=EPILOG, short_help="Make the page of a release anew.")
def report(
    home: Home,
    release: KeptRelease = None,
    deidentified: ForMeetings = False,
    out: PageFile = Path("report.html"),
    debug: Debug = False,
) -> None:
    """Make the page anew from a release that the home keeps, with the marks that were set since.

    For meetings it tells counts and rates alone; a breakdown of which any cell is below 10 is left out whole.
    """
    from flows.terminal.report import write

    write(home, release, out, for_meeting=deidentified)


@app.command(epilog=EPILOG, short_help="Show what changed since the release before, and why.")
def changes(
    home: Home,
    since: Since = None,
    debug: Debug = False,
) -> None:
    """Show the findings of the current release that are not what they were, each with its cause."""
    from flows.night import since_release
    from flows.terminal.changes import tell

    tell(since_release(home, since))


@app.command(epilog=EPILOG, short_help="Say of a finding that it was seen, accepted, no error, or acted on.")
def mark(
    home: Home,
    episode: Annotated[str, typer.Argument(metavar="EPISODE", help="Episode id, as in the worklist.")],
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Rule id, such as RST-01.")],
    word: Annotated[str, typer.Argument(metavar="MARK", help=f"{', '.join(MARKS)}.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note.")] = None,
    until: Until = None,
    debug: Debug = False,
) -> None:
    """Mark a finding of the current release; the last mark counts.

    accepted and not_an_error fold it away until it changes or DATE has passed; seen and acted keep it in place.
    """
    from flows.marks import Mark
    from flows.terminal.worklist import set_mark

    set_mark(home, Mark(episode, rule.upper(), word, by, note, until))


@app.command(epilog=EPILOG, short_help="Forget a person, on their lawful request.")
def erase(
    home: Home,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="Patient id, as the extracts have it.")],
    debug: Debug = False,
) -> None:
    """Take a person out of every kept release, of history and marks, and leave them out of every later night.

    What it cannot reach is named. Asked again, it completes what a killed run began.
    """
    from flows.night import erase as forget
    from flows.terminal.erased import tell

    tell(forget(home, patient))


@app.command(epilog=EPILOG, short_help="List the findings that wait for somebody, the most urgent first.")
def worklist(
    home: Home,
    urgency: Urgencies = None,
    debug: Debug = False,
) -> None:
    """List findings of the current release by urgency, with what people said of them; the folded ones are counted."""
    from flows.terminal.worklist import tell

    tell(home, urgency or list(URGENCIES[:-1]))


@app.command(epilog=EPILOG, short_help="Show the rules, or one rule whole.")
def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="RULE", help="Rule id, such as RST-01; without it, all rules.")
    ] = None,
    guideline: Edition = DEFAULT_EDITION,
    debug: Debug = False,
) -> None:
    """Show the rule register, or one rule whole: the article's words, definition, parameters, sources."""
    from audit.rules import rulebook
    from flows.editions import load
    from flows.terminal import outcome as show

    edition = load(guideline)
    book = rulebook(edition)
    if rule is None:
        show.register(book, edition)
    elif rule.upper() in book:
        show.one_rule(book[rule.upper()], edition)
    else:
        raise Usage(f"no rule '{rule}' (known: {', '.join(book)})")


@app.command(epilog=EPILOG, short_help="Check an extract; publish nothing.")
def check(
    rejects: RejectsFile = None,
    extract: Extract = None,
    source: SourceKind = None,
    location: From = None,
    mapping: Mapping = None,
    home: ComparedHome = None,
    as_of: AsOf = None,
    guideline: Edition = DEFAULT_EDITION,
    site: Site = None,
    codelists: Codelists = None,
    debug: Debug = False,
) -> None:
    """Run only the data checks and show what would be rejected; exit 3 where an audit would be refused.

    Without an as-of date (the option, or extracted_on of extract.json) no row counts as coming after it.
    """
    from flows.night import check_only
    from flows.terminal import outcome as show

    if rejects is not None and rejects.suffix not in (".parquet", ".csv"):
        raise Usage(f"--rejects: {rejects.name} is no .parquet or .csv file")
    from flows.references import refer

    given = given_of(extract, source, location, mapping)
    by = refer(guideline, site, codelists or ())
    with check_only(given, as_of, by, home) as (checked, freshness):
        show.checked(checked, freshness, freshness.warnings(by.site), with_names=STATE["debug"])
        if rejects is not None:
            write = checked.rejects.write_parquet if rejects.suffix == ".parquet" else checked.rejects.write_csv
            with rejects.open("wb") as out:  # polars would expand a ~ in a path
                write(out)
        checked.require()


@app.command(epilog=EPILOG, short_help="Show the code lists, or one concept whole.")
def codelists(
    concept: Annotated[
        str | None, typer.Argument(metavar="CONCEPT", help="Concept, such as alt; without it, all concepts.")
    ] = None,
    codelists: Codelists = None,
    debug: Debug = False,
) -> None:
    """Show the concepts with their codes by vocabulary and what is unverified, or all codes of one concept."""
    from flows.terminal.codelists import show

    show(codelists or (), concept)


@app.command(epilog=EPILOG, short_help="Write a synthetic extract.")
def sample(
    patients: Annotated[int, typer.Option(min=1, metavar="N", help="How many patients.")],
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="The same seed and size give the same bytes.")],
    out: Annotated[
        Path, typer.Option(file_okay=False, metavar="DIR", help="Folder to write; must not exist or be empty.")
    ],
    format: Annotated[str, typer.Option(metavar="FORMAT", help="parquet, csv or csv.gz.")] = "parquet",
    clean: Annotated[
        bool, typer.Option("--clean", help="Leave out the rows that a real feed would have rejected.")
    ] = False,
    nights: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Write N extracts, as the cohort becomes known night after night, by their day."
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write a synthetic extract, for trying and for benchmarks; no row describes a person."""
    from flows.sample import Format, write_sample
    from flows.terminal import outcome as show

    if format not in get_args(Format):
        raise Usage(f"no format '{format}' (known: {', '.join(get_args(Format))})")
    with show.counting("patients", patients) as progress:
        form = cast("Format", format)
        counts = write_sample(patients, seed, out, format=form, clean=clean, nights=nights, progress=progress)
    show.written(out, counts)


app.command(epilog=EPILOG, short_help="Make what may leave: counts, rows under an agreement, standard forms.")(export)


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code; errors become one line on standard error."""
    STATE["debug"] = False
    try:
        if not arguments:
            app(["--help"], prog_name="rechallenge", standalone_mode=False)
            raise Usage("give a command")
        code = app(arguments, prog_name="rechallenge", standalone_mode=False)
    except Exception as error:  # the last resort: a person sees a line, not a traceback
        if STATE["debug"]:
            show_place(error)
            show_names(error)
        return complain(*line_of(error, arguments))
    if code == INTERRUPTED:
        return complain("interrupted; the last release stays in place", 1)
    return code if isinstance(code, int) else 0


def line_of(error: Exception, arguments: list[str]) -> tuple[str, int]:
    """Return the one line and the exit code for an error; the words of an unforeseen one are kept back."""
    if isinstance(error, RechallengeError):
        return str(error), error.exit_code
    if isinstance(error, GuidelineError):
        return str(error), Usage.exit_code
    if isinstance(error, OSError) and error.strerror:
        return error.strerror, 1
    if hasattr(error, "format_message"):  # a wrong call, as typer tells it
        # An id may stand among these arguments: its words are not repeated.
        is_private = {"explain", "mark", "erase"} & set(arguments) and not hasattr(error, "param_hint")
        said = "wrong arguments" if is_private else error.format_message()
        return f"{said} (see --help)", Usage.exit_code
    return f"unexpected {type(error).__name__}; --debug shows where", 1


def complain(line: str, code: int) -> int:
    """Say one line on standard error and return the exit code."""
    print("rechallenge: " + shown(" ".join(line.split())), file=sys.stderr)
    return code


def show_place(error: BaseException) -> None:
    """Print where an error arose: files, lines and types, without its words, for they may quote a row."""
    import traceback

    cause = getattr(error, "cause", None) or error
    print("".join(traceback.format_tb(cause.__traceback__)) + type(cause).__name__, file=sys.stderr)


def show_names(error: BaseException) -> None:
    """Print what the message leaves out, a file's or a column's name: to a person at a terminal, never to a log."""
    names = getattr(error, "names", "") or str(getattr(error, "filename", None) or "")
    if names and sys.stderr.isatty():
        print(f"names: {names!a}", file=sys.stderr)


def main() -> NoReturn:
    """Be the program; its farewell is silent.

    As it ends the interpreter tears DuckDB down while Prefect's threads still hold some of it, which DuckDB reports.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    code = run(sys.argv[1:])
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.exit(code)


if __name__ == "__main__":
    main()
