"""A person's story as a page: the rows of one patient from one release, drawn."""

from pathlib import Path

import polars as pl

from audit.frames import JUDGED, KEPT, Frame, Judged, Kept
from flows.errors import Usage
from flows.pages import render_person
from flows.release import Release, open_release
from flows.terminal.outcome import Plain
from flows.terminal.story import Story
from flows.wording import shown


def write(home: Path, name: str | None, story: Story, out: Path) -> None:
    """Write the page of a story to a file; raise Usage where an earlier program wrote its release."""
    release = open_release(home, name, told=True)
    guideline = release.edition()
    if guideline is None:
        raise Usage("an earlier program wrote this release, and did not keep its edition")
    text = render_person(_judged(release, story), guideline, release.said, release.observed_to)
    out.write_text(text, encoding="utf-8")
    Plain().print(f"Page: {shown(str(out))}", soft_wrap=True)


def _judged(release: Release, story: Story) -> Judged:
    """Return what a release holds of the patient of a story, and of its episodes."""
    people, episodes = story.breaks.select("patient_id").unique(), story.episodes.select("episode_id")

    def mine(frame: Frame) -> pl.DataFrame:
        ids = episodes if "episode_id" in frame.names else people
        if ids.columns[0] not in frame.names:
            return frame.empty()
        return release.scan(frame.name).join(ids.lazy(), on=ids.columns, how="semi").collect()

    return Judged(
        **{frame.name: mine(frame) for frame in JUDGED},
        unknown_doses=pl.DataFrame(),
        kept=Kept(**{frame.name: mine(frame) for frame in KEPT}),
    )
