"""The templates of the pages; whatever they are given is escaped."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from flows.wording import count, sentence, shown, words

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """Return the templates with their filters; what they are given is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless,
    )
    made.filters.update(count=count, words=words, sentence=sentence)
    return made


def harmless(value: Any) -> Any:
    """Return a value as the page takes it: words of the data with what would turn or hide text written out."""
    return shown(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value
