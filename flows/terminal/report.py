"""The page of a release made anew, from its tables and its manifest alone, with the marks that were set since."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import MARKS, RELEASED
from flows.errors import Usage
from flows.marks import read
from flows.pages import facts_of, render_meeting, render_report
from flows.release import Release, open_release
from flows.terminal.outcome import Plain
from flows.terminal.worklist import standing
from flows.wording import shown


def write(home: Path, name: str | None, out: Path, *, for_meeting: bool) -> None:
    """Write the page of the current release, or of another that the home keeps, to a file."""
    text = page(open_release(home, name, told=True), read(home), for_meeting=for_meeting)
    out.write_text(text, encoding="utf-8")
    Plain().print(f"Report: {shown(str(out))}", soft_wrap=True)


def page(release: Release, stored: pl.DataFrame, *, for_meeting: bool = False) -> str:
    """Return the page of a release; raise Usage where an earlier program wrote it, which did not keep all of that.

    `stored`: every mark of the home, those too that were set since the release.
    """
    said, tables, guideline = release.said, _tables(release), release.edition()
    if guideline is None or "usual_rows" not in said:
        raise Usage("an earlier program wrote this release, and did not keep what the page shows")
    facts = facts_of({**tables, MARKS.name: standing(release, stored)}, guideline, said)
    return render_meeting(facts) if for_meeting else render_report(facts)


def _tables(release: Release) -> Mapping[str, Any]:
    """Return the tables of a release by name; Usage where it lacks one."""
    try:
        return {frame.name: release.table(frame.name) for frame in RELEASED}
    except FileNotFoundError:
        raise Usage("an earlier program wrote this release, and did not keep what the page shows") from None
