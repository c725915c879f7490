"""report.html: one self-contained page for people, made from the frames of a release and nothing else."""

from typing import Any

from flows.errors import Broken
from flows.pages.embedded import policy, script
from flows.pages.environment import environment
from flows.pages.facts import Facts
from flows.pages.sections import SECTIONS
from flows.release import Freshness, first_line, plain_rows
from flows.wording import thin


def render(facts: Facts) -> str:
    """Return the page as text; the same facts give the same text."""
    return environment().get_template("report.html.j2").render(context(facts)) + "\n"


def face(facts: Facts) -> dict[str, Any]:
    """Return what the head and the foot of the page read."""
    return {
        "run": facts.run,
        "guideline": facts.guideline,
        "warning": first_line(facts.warnings),
        "volumes": volumes(facts.freshness),
        "sections": list(SECTIONS),
        "policy": policy(),
        "script": script(),
    }


def context(facts: Facts) -> dict[str, Any]:
    """Return what the templates read; two sections that give one name raise Broken."""
    found = face(facts)
    for name, module in SECTIONS.items():
        part = module.section(facts)
        if clash := sorted(found.keys() & part.keys()):
            raise Broken(f"the section {name} of the report gives {clash[0]}, which is taken")
        found |= part
    return found


def volumes(freshness: Freshness | None) -> dict[str, Any]:
    """Return the rows of each received table beside the usual ones, and the releases that those are the median of."""
    if freshness is None:
        return {"rows": [], "low": [], "releases": (), "of": ""}
    rows = [
        {
            "table": one.table,
            "rows": one.rows,
            "usual": thin(plain_rows(one.usual)),
            "share": one.share,
            "is_low": one.is_low,
        }
        for one in freshness.volumes
    ]
    low = [row["table"] for row in rows if row["is_low"]]
    return {"rows": rows, "low": low, "releases": freshness.usual.releases, "of": freshness.usual.words}
