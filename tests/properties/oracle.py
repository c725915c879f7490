"""The rules again, in slow plain loops over one patient: what the vectorised audit is held against.

Written from rules.md alone. It shares no code with the audit; only numbers come from the edition.
"""

from dataclasses import dataclass

from .oracle_breaks import Episode, breaks_of, episodes_of
from .oracle_case import Case
from .oracle_columns import columns_of, grades_of, to_date_of
from .oracle_evidence import evidence_of
from .oracle_restart import restart_verdicts
from .oracle_shown import Shown
from .oracle_slots import monitoring_verdicts, slots_of
from .oracle_stop import recurrence_of, stop_verdicts
from .oracle_values import UNDECIDED
from .oracle_world import worlds


@dataclass
class Audited:
    """One episode as the oracle sees it."""

    case: Case
    episode: Episode
    columns: dict
    to_date: dict
    slots: list[dict]
    verdicts: dict[str, str]

    def evidence(self, rule: str, reason: str) -> list[Shown]:
        """The rows that a verdict rests on; the reason is the audit's own."""
        return evidence_of(self.case, self.episode, rule, reason)


@dataclass
class Told:
    """One patient as the oracle sees it."""

    breaks: list[dict]
    episodes: list[Audited]


def agreed(answers: list, otherwise: object) -> object:
    """The one answer of every world, or another where they differ."""
    return answers[0] if all(answer == answers[0] for answer in answers) else otherwise


def audit_episode(case: Case, episode: Episode) -> Audited:
    """Judge one episode in every possible world; a verdict stands where all of them give it."""
    columns = columns_of(case, episode)
    judged, recurred = [], []
    for world in worlds(case, episode):
        restart = restart_verdicts(world, columns["grade"], grades_of(case, episode))
        judged.append(restart | monitoring_verdicts(world) | stop_verdicts(world))
        recurred.append(recurrence_of(world))
    columns["recurrence_date"] = agreed(recurred, UNDECIDED)
    columns["recurrence"] = agreed([day is not None for day in recurred], UNDECIDED)
    verdicts = {
        rule_id: str(agreed([verdicts[rule_id] for verdicts in judged], "indeterminate")) for rule_id in judged[0]
    }
    return Audited(case, episode, columns, to_date_of(case, episode), slots_of(case, episode, None), verdicts)


def audit_patient(case: Case) -> Told:
    """Breaks, episodes, slots and verdicts of one patient."""
    return Told(breaks_of(case), [audit_episode(case, episode) for episode in episodes_of(case)])
