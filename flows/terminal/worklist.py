"""The worklist on the terminal: findings by urgency with what people said of them; and a mark set from there."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from audit.changes import marks, waiting
from audit.vocabulary import MARKS, URGENCIES
from flows.errors import Usage
from flows.marks import Mark, add, read
from flows.release import Release, open_release
from flows.terminal.outcome import Plain, grid
from flows.wording import shown, words


def tell(home: Path, urgencies: Sequence[str]) -> None:
    """Print the findings of these urgencies; those that a mark folds away are counted."""
    if strange := [word for word in urgencies if word not in URGENCIES]:
        raise Usage(f"no urgency '{strange[0]}' (known: {', '.join(URGENCIES)})")
    release, out = open_release(home, told=True), Plain()
    found = listed(release, read(home)).filter(pl.col("urgency").is_in(list(urgencies)))
    folded = found.filter("is_folded").height
    table = grid("urgency", "episode", "rule", "verdict", "finding", "mark")
    for row in found.filter(~pl.col("is_folded")).iter_rows(named=True):
        table.add_row(
            words(row["urgency"]), row["episode_id"], row["rule_id"], words(row["verdict"]), row["message"], row["said"]
        )
    out.print(f"As of {release.as_of}: {found.height - folded:,} findings, and {folded:,} folded away by a mark.")
    if found.height > folded:
        out.print(table)


def listed(release: Release, stored: pl.DataFrame) -> pl.DataFrame:
    """Return what waits in a release, with what was said of it up to now, also in words (`said`).

    `stored`: every mark of the home, those too that were set since the release.
    """
    found = waiting(release.table("urgency"), release.table("findings"), standing(release, stored))
    return found.with_columns(said=_said())


def standing(release: Release, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the marks of a release's findings as they stand now."""
    return marks(stored, release.table("marks"), release.found(), None, release.as_of)


def _said() -> pl.Expr:
    """Return a mark in words, and that it holds no more where the finding changed or its day has passed."""
    since = (
        pl.when("is_changed").then(pl.lit(", changed since marked"))
        .when("is_over").then(pl.lit(", its day has passed"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    mark = pl.col("mark").str.replace_all("_", " ")
    return pl.format("{} by {}{}", mark, "marked_by", since).fill_null("")


def set_mark(home: Path, mark: Mark) -> None:
    """Mark a finding of the current release; raise Usage, without naming the episode, where there is none."""
    if mark.mark not in MARKS:
        raise Usage(f"no such mark (known: {', '.join(MARKS)})")
    if not mark.by.strip():
        raise Usage("--by: a mark needs a name")
    release = open_release(home, told=True)
    same = (pl.col("episode_id") == mark.episode_id) & (pl.col("rule_id") == mark.rule_id)
    found = release.table("findings").filter(same)
    if found.is_empty():
        raise Usage("the current release has no such finding")
    add(home, mark, release.run_id, found.row(0, named=True))
    n = read(home).height
    Plain().print(f"Marked {shown(mark.episode_id)} {mark.rule_id} as {words(mark.mark)}: mark {n:,} of this home.")
