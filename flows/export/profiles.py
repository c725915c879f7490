"""Profiles of exports as files: what leaves, in which levels and bands; a site's agreement is a file one can read."""

import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from flows.errors import Usage
from flows.shipped import DATA

PROFILES = DATA / "profiles"
# The kinds of profile, each with the module that says what its file may hold (`Model`) and makes it (`make`).
KINDS = {
    "aggregate": "flows.export.aggregate",
    "research": "flows.export.research",
    "registry": "flows.export.registry",
}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Strict(BaseModel):
    """A table of a profile: no unknown key, no text for a number, nothing changed once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=False)


class Profile(Strict):
    """What every profile says of itself; its kind says the rest."""

    id: Name
    kind: str
    title: Words


def load(name: str) -> Profile:
    """Return a shipped profile by its id, or a site's own by its path (`*.toml`); Usage in one line what is wrong."""
    file = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    called = f"profile {file.name}"
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(sorted(path.stem for path in PROFILES.glob("*.toml")))
        raise Usage(f"no {called} (shipped: {known}; a site's own is named by its path)") from None
    except (ValueError, RecursionError) as error:
        raise Usage(f"{called} is not readable TOML: {error}") from None
    if not isinstance(said.get("kind"), str) or said["kind"] not in KINDS:
        raise Usage(f"{called}: kind must be one of {', '.join(KINDS)}")
    try:
        return model(said["kind"]).model_validate(said)
    except ValidationError as error:
        raise Usage(f"{called}: {_first(error)}") from None


@cache
def model(kind: str) -> type[Profile]:
    """Return what a profile of a kind may hold."""
    found: type[Profile] = import_module(KINDS[kind]).Model
    return found


def _first(error: ValidationError) -> str:
    """Return the first thing that is wrong, by its place in the file, and how many more there are."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    first = problems[0]
    # The name of a member of a union is ours; no file has it.
    where = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}{more}" if where else f"{said}{more}"
