"""What this night changed: its findings held against those of the release before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from audit.calendar import EPOCH
from audit.changes import Edition, Findings, Night, changes, history, marks, pairs
from audit.changes.rows import OPTIONAL
from audit.frames import CHANGES, HISTORY, MARKS, Judged, Staged
from audit.vocabulary import CAUSES, CHANGES_OF_A_FINDING
from flows.errors import Usage
from flows.marks import read as read_marks
from flows.night.order import Plan
from flows.references import fingerprints_of, program_hash
from flows.release import UNREADABLE, open_release
from flows.wording import words


@dataclass(frozen=True)
class Since:
    """The tables `changes` and `history`, and what is said of them; `by`: the fingerprints of this night.

    `since`: the release that it was compared with. `why`: why with none.
    """

    changes: pl.DataFrame = field(default_factory=CHANGES.empty)
    history: pl.DataFrame = field(default_factory=HISTORY.empty)
    marks: pl.DataFrame = field(default_factory=MARKS.empty)
    by: Mapping[str, str] = field(default_factory=dict)
    since: str | None = None
    why: str = ""
    is_damaged: bool = False

    @property
    def unexplained(self) -> int:
        """Return how many changes nothing explains."""
        return self.changes.filter(pl.col("cause") == "unexplained").height

    @property
    def line(self) -> str:
        """Return how many findings are not what they were, or why nothing is compared."""
        if self.since is None:
            return f"Nothing is compared: {self.why}."
        n = self.changes.height
        are, they_were = ("finding is", "it was") if n == 1 else ("findings are", "they were")
        return f"{n:,} {are} not what {they_were} in {self.since}."

    @property
    def lines(self) -> list[str]:
        """Return the same, and a line of counts a cause: no more than an artifact or a log may hold."""
        told = {
            cause: ", ".join(f"{n:,} {change}" for change, n in kinds.items() if n)
            for cause, kinds in self.by_cause.items()
        }
        return [self.line, *(f"{words(cause)}: {kinds}." for cause, kinds in told.items())]

    @property
    def by_cause(self) -> dict[str, dict[str, int]]:
        """Return how many findings changed, by each cause that there is and each kind, in their orders."""
        counted = {(cause, kind): n for cause, kind, n in self.changes.group_by("cause", "change").len().iter_rows()}
        found = {cause for cause, _ in counted}
        return {
            cause: {kind: counted.get((cause, kind), 0) for kind in CHANGES_OF_A_FINDING}
            for cause in CAUSES
            if cause in found
        }

    @property
    def warnings(self) -> list[str]:
        """Return what leads every page and the terminal."""
        n = self.unexplained
        lines = [f"{n:,} change{'' if n == 1 else 's'} since the last release cannot be explained"] if n else []
        return [*lines, *([f"{self.why}: nothing is compared with it"] if self.is_damaged else [])]

    @property
    def notes(self) -> list[str]:
        """Return what is said where there is nothing to compare with."""
        return [f"changes: {self.why}, so nothing is compared"] if self.why and not self.is_damaged else []


def since(plan: Plan, staged: Staged, judged: Judged, told_patients: pl.DataFrame) -> Since:
    """Hold a night against its predecessor; a replay writes no history."""
    by = fingerprints_of(plan.references, plan.given)
    now = Night(
        observed_to=(plan.feed_end - EPOCH).days,
        edition=Edition(plan.guideline, by),
        kept=judged.kept,
        found=Findings(judged.episodes, judged.findings),
        lacks=lacking(staged),
    )
    min_break_days = plan.guideline["min_break_days"].days
    release, why, is_damaged = plan.before.release, plan.before.why, plan.before.is_damaged
    changed, earlier, marked, paired = CHANGES.empty(), HISTORY.empty(), MARKS.empty(), None
    if release is not None:
        try:
            found = release.found()
            paired = pairs(found, now.found, min_break_days)
            night = release.night(by["program"], found, paired.patients)
            earlier, marked = release.history(), release.table(MARKS.name)
        except (OSError, pl.exceptions.PolarsError, LookupError):
            release, why, is_damaged, paired = None, UNREADABLE, True, None
            earlier, marked = HISTORY.empty(), MARKS.empty()
        else:
            changed = changes(night, now, paired, told_patients, release.run_id)
    kept = (
        HISTORY.empty()
        if plan.before.is_replay
        else history(earlier, now.found, paired, changed, plan.as_of, plan.run_id)
    )
    said = marks(read_marks(plan.order.home), marked, now.found, paired, plan.as_of)
    return Since(changed, kept, said, by, release.run_id if release else None, why, is_damaged)


def lacking(staged: Staged) -> frozenset[str]:
    """Return the optional tables that an extract does not have."""
    return frozenset(name for name in OPTIONAL if getattr(staged, name) is None)


def since_release(home: Path, name: str | None = None) -> Since:
    """Return what the current release changed since the one before it, or since another that the home keeps."""
    current = open_release(home, told=True)
    if name is None:
        why = "" if current.said.get("predecessor") else "it was compared with no release before it"
        return Since(
            current.table(CHANGES.name),
            current.history(),
            current.table(MARKS.name),
            since=current.said.get("predecessor"),
            why=why,
        )
    other = open_release(home, name, told=True)
    if other.as_of > current.as_of or other.run_id == current.run_id:
        raise Usage("--since: that release is not before the current one")
    program = program_hash()
    found = current.found()
    now = current.night(program, found, found.episodes.select("patient_id").clear())
    if now.edition.guideline is None:
        raise Usage(
            "--since: another version of this program wrote the current release, and only it can judge it again"
        )
    earlier = other.found()
    paired = pairs(earlier, found, now.edition.guideline["min_break_days"].days)
    people = paired.patients
    old, now = other.night(program, earlier, people), current.night(program, found, people)
    told = changes(old, now, paired, current.rows("patients", people), other.run_id)
    return Since(told, current.history(), current.table(MARKS.name), since=other.run_id)
