"""What the page's script reads and is: rows as JSON that no text of the data can leave, the script and its hash."""

import base64
import json
from functools import cache
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from flows.pages.environment import TEMPLATES
from flows.wording import shown

SCRIPT = "page.js.j2"
# In a script element `</script>` ends it and `<!--` changes how it is read.
OUTSIDE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def as_json(value: Any) -> Markup:
    """Return a value as compact JSON for a script element, its words harmless."""
    text = json.dumps(harmless(value), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for sign, escape in OUTSIDE.items():
        text = text.replace(sign, escape)
    return Markup(text)


def harmless(value: Any) -> Any:
    """Return a value with every text of it as it may be shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(key): harmless(one) for key, one in value.items()}
    return [harmless(one) for one in value] if isinstance(value, (list, tuple)) else value


@cache
def script() -> Markup:
    """Return the script of the page, as it is."""
    return Markup((TEMPLATES / SCRIPT).read_text(encoding="utf-8"))


@cache
def policy() -> str:
    """Return what the page may do: run this one script, and fetch nothing."""
    digest = base64.b64encode(sha256(script().encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'"
    )
