"""Guideline editions as files: read, joined with the edition that they extend, checked whole."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audit.errors import GuidelineError
from audit.guideline import Guideline
from audit.parameters import ASKED
from audit.rules import rulebook
from flows.shipped import DEFAULT_EDITION, EDITIONS


def known() -> list[str]:
    """Return the ids of the editions that the program ships."""
    return sorted(file.stem for file in EDITIONS.glob("*.toml"))


def load(edition: str | Path = DEFAULT_EDITION) -> Guideline:
    """Read an edition by its id, or from a TOML file; `extends` names the edition that it starts from.

    Raise GuidelineError, naming what is wrong, before anything is read or judged by it.
    """
    path = edition if isinstance(edition, Path) else EDITIONS / f"{edition}.toml"
    given, own = _joined(path, ())
    try:
        guideline = Guideline.model_validate(given)
        rulebook(guideline)
        # What a child inherits may go unread where its schedule is another; what a file writes anew may not.
        if unread := sorted(own - {*ASKED, *guideline.schedule.tolerances}):
            raise GuidelineError(f"parameter '{unread[0]}' is read by nothing")
    except ValidationError as error:
        raise GuidelineError(f"guideline edition {path.stem}: {told(error, given)}") from None
    except GuidelineError as error:
        raise GuidelineError(f"guideline edition {path.stem}: {error}") from None
    return guideline


def overdue(guideline: Guideline, as_of: date) -> list[str]:
    """Return the note on parameters whose review is overdue on a day."""
    late = [one for one in guideline.parameters.values() if one.review_due < as_of]
    if not late:
        return []
    since = min(one.review_due for one in late)
    names = ", ".join(sorted(one.name for one in late if one.review_due == since)[:3])
    return [
        f"guideline {guideline.id}: the review of {len(late)} of {len(guideline.parameters)} parameters is overdue,"
        f" the first since {since} ({names}{', ...' if len(late) > 3 else ''})"
    ]


def _joined(path: Path, children: tuple[str, ...]) -> tuple[dict[str, Any], set[str]]:
    """Return a file's data over those of its parent, and the parameters that only the file has.

    Parameters are inherited value by value; rules and id never.
    """
    data = _read(path, children)
    if "extends" not in data:
        own = data.get("parameters")
        return data, set(own) if isinstance(own, dict) else set()
    parent = data.pop("extends")
    if not isinstance(parent, str) or Path(parent).name != parent:
        raise GuidelineError(f"guideline edition {path.stem}: 'extends' must be the id of an edition")
    if parent in (*children, path.stem):
        raise GuidelineError(f"guideline edition {path.stem}: it extends itself")
    base, _ = _joined(EDITIONS / f"{parent}.toml", (*children, path.stem))
    own = data.pop("parameters", {})
    if not isinstance(own, dict) or not all(isinstance(one, dict) for one in own.values()):
        raise GuidelineError(f"guideline edition {path.stem}: 'parameters' must be tables, [parameters.<name>]")
    parameters = dict(base["parameters"])
    for name, values in own.items():
        parameters[name] = {**parameters.get(name, {}), **values}
    for own_alone in ("id", "rule"):
        base.pop(own_alone, None)
    return {**base, **data, "parameters": parameters}, set(own) - set(base["parameters"])


def _read(path: Path, children: tuple[str, ...]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        said = f"no guideline edition '{path.stem}'" + (f", which {children[-1]} extends" if children else "")
        raise GuidelineError(f"{said} (known: {', '.join(known())})") from None
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no TOML, no UTF-8, a number of too many digits
        raise GuidelineError(f"guideline file {path.name} is not readable TOML: {error}") from None


def told(error: ValidationError, given: Mapping[str, Any]) -> str:
    """Return the first fault of an edition in words: where, and what."""
    fault = error.errors(include_url=False)[0]
    place, kind = list(fault["loc"]), fault["type"]
    key = place.pop() if place and kind in ("missing", "extra_forbidden") else None
    where = _place(place, given)
    if kind == "missing":
        said = f"it lacks '{key}'" if not where else f"lacks '{key}'"
    elif kind == "extra_forbidden":
        said = f"has no key '{key}'"
    else:
        said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def _place(place: list[int | str], given: Mapping[str, Any]) -> str:
    """Return where a fault lies: by the name of a parameter, the id of a rule, the rule of a phase."""
    names, inside = [], given
    for step in place:
        try:
            inside = inside[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            inside = {}
        if isinstance(step, int):
            one = inside if isinstance(inside, dict) else {}
            names.append(str(one.get("id") or one.get("rule") or step + 1))
        elif step == "parameters":
            names.append("parameter")
        else:
            names.append(str(step))
    return " ".join(names)
