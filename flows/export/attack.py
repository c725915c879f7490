"""Attacks on an export that was made: each a question, what came of it, and whether it got at what is protected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import Usage
from flows.export import folder
from flows.export.profiles import KINDS


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack in plain words; `succeeded` where it got at what the export promises to protect."""

    name: str
    asks: str
    outcome: str
    succeeded: bool
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What is attacked: the export, and where the attacker's other knowledge lies."""

    path: Path
    said: Mapping[str, Any]
    files: Mapping[str, bytes]
    home: Path | None = field(default=None)


def attacked(path: Path, home: Path | None) -> list[Attack]:
    """Run the attacks on an export; Usage where the folder holds none."""
    said, files = folder.read(path)
    if not isinstance(said.get("kind"), str) or said["kind"] not in KINDS:
        raise Usage("no export: its manifest names no kind of profile that this program knows")
    try:
        found: list[Attack] = import_module(KINDS[said["kind"]]).attacks(Target(path, said, files, home))
    except (LookupError, TypeError, ValueError, pl.exceptions.PolarsError):
        raise Usage("no export of its kind: a file or the manifest is not as this program makes it") from None
    return found
