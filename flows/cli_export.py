"""The command `export`: it stands apart so that the command line stays short."""

from pathlib import Path
from typing import Annotated

import typer

from flows.errors import Usage
from flows.options import Debug, KeptRelease

Profile = Annotated[
    str | None,
    typer.Argument(metavar="PROFILE", help="A shipped profile by its id, or a site's own by its path (*.toml)."),
]
HomeOfExports = Annotated[
    Path | None,
    typer.Option(file_okay=False, metavar="DIR", help="Folder that holds the releases, and the ledger of exports."),
]
Out = Annotated[Path | None, typer.Option(file_okay=False, metavar="DIR", help="Folder to write; must not exist.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(dir_okay=False, metavar="FILE", help="Key of the pseudonyms: the exact bytes of a file."),
]
Recipient = Annotated[str | None, typer.Option(metavar="NAME", help="Who receives it.")]
Purpose = Annotated[str | None, typer.Option(metavar="TEXT", help="For what, as the agreement says.")]
Period = Annotated[
    str | None,
    typer.Option(
        metavar="PERIOD", help="2026-06 or 2026-Q2, as the profile's calendar has it; default: the last over."
    ),
]
Verified = Annotated[
    Path | None,
    typer.Option(
        "--verify", file_okay=False, metavar="DIR", help="Attack an export that was made, and tell how it stood."
    ),
]


def export(
    profile: Profile = None,
    home: HomeOfExports = None,
    out: Out = None,
    release: KeptRelease = None,
    key_file: KeyFile = None,
    recipient: Recipient = None,
    purpose: Purpose = None,
    period: Period = None,
    verify: Verified = None,
    debug: Debug = False,
) -> None:
    """Make an export that a profile describes, of a release, unasked the current one; or --verify one that was made.

    With --verify the attacks on it are run and told in plain words: exit 1 where one succeeds. Exports beside it, and
    with --home those that the ledger keeps, are what the attacker knows too.
    """
    from flows.export import Request, attacked
    from flows.export import export as make
    from flows.terminal import exported as show

    if verify is not None:
        if profile is not None or out is not None:
            raise Usage("--verify DIR goes without PROFILE and --out")
        show.attacks(attacked(verify, home))
        return
    if profile is None or home is None or out is None:
        raise Usage("give PROFILE with --home DIR and --out DIR, or --verify DIR")
    show.written(out, make(profile, Request(home, release, key_file, recipient, purpose, period), out))
