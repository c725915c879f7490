"""History over nights, row by row: a slow reference in plain loops."""

from dataclasses import dataclass
from datetime import date

from .oracle_changes import RANKS, Between, Found

OPEN = ("indeterminate", "advisory", "violation")
Key = tuple[str, str]  # episode_id, rule_id


@dataclass
class Line:
    """What is known of a finding that ever was open."""

    patient_id: str
    first_seen_on: date
    first_release: str
    last_changed_on: date
    worst_verdict: str
    verdict_now: str | None
    resolved_on: date | None = None
    resolved_cause: str | None = None
    times_changed: int = 0

    def become(self, verdict: str | None, cause: str, day: date) -> None:
        """The finding is not what it was."""
        self.verdict_now, self.last_changed_on = verdict, day
        self.times_changed += 1
        if verdict in OPEN:
            self.resolved_on = self.resolved_cause = None
            self.worst_verdict = max(self.worst_verdict, verdict, key=RANKS.__getitem__)
        elif self.resolved_on is None:
            self.resolved_on, self.resolved_cause = day, cause


def first(found: Found, day: date, release: str, known: dict[Key, Line] | None = None) -> dict[Key, Line]:
    """Lines of the findings that are open and have none yet."""
    return {
        (episode.id, rule): Line(patient_id, day, release, day, verdict, verdict)
        for (patient_id, _), episode in found.items()
        for rule, (verdict, _, _) in episode.findings.items()
        if verdict in OPEN and (episode.id, rule) not in (known or {})
    }


def carried(earlier: dict[Key, Line], night: Between, day: date, release: str) -> dict[Key, Line]:
    """The lines after one more night; those of a restart that moved go along."""
    renamed, changes = night.renamed(), night.changes()
    lines = {key: line for key, line in earlier.items() if key[0] not in renamed}
    lines |= {(renamed[key[0]], key[1]): line for key, line in earlier.items() if key[0] in renamed}
    for key, row in changes.items():
        if key in lines:
            lines[key].become(row["now"][0] if row["now"] else None, row["cause"], day)
    return lines | first(night.finds, day, release, lines)
