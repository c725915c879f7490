"""An export from beginning to end: the profile, what it makes, the folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from flows import audit_log
from flows.export import folder
from flows.export.ledger import refuse_shared_recipient, remember_rows
from flows.export.profiles import KINDS, Profile, load
from flows.export.request import Made, Request

DID = "export"
ROWS = ("research", "registry")  # kinds that give rows, under an agreement


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the profile, and figures for the terminal by name."""

    profile: Profile
    told: Mapping[str, int]
    words: str = ""


def export(profile: str, request: Request, out: Path) -> Exported:
    """Make an export and write it as a new folder; where anything is wrong, nothing is written."""
    folder.require_free(out)
    asked = load(profile)
    recipient = request.agreement()[0] if asked.kind in ROWS else None
    if recipient:
        refuse_shared_recipient(request.home, recipient)
    made: Made = import_module(KINDS[asked.kind]).make(asked, request)
    files = made.files if folder.MANIFEST in made.files else folder.with_manifest(made.files, made.manifest)
    if recipient:
        # Before they are written: rows that nobody remembers could be followed by counts.
        remember_rows(request.home, recipient, asked.id)
    folder.write(out, files)
    audit_log.note(request.home, DID, files=len(made.files))
    return Exported(asked, made.told, made.words)
