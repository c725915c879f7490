"""What the audit said of the patients of a table, in days counted from the restart.

All tables that are judged under the same guideline, as-of date and tables present go through the audit in
one batch: it is quick, and no patient may change another's verdict.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from audit import frames
from audit.guideline import Guideline, overlay
from audit.judge import judge
from tests.spec import patients
from tests.spec.patients import Case

NO_EPISODE = "no episode"
Found = TypeVar("Found")


def audit(cases: list[Case], guideline: Guideline) -> "Answers":
    """Judge cases in one batch."""
    taken = cases[0].extracted_on
    extracted_on = None if taken is None else patients.day(taken)
    return Answers(judge(patients.staged(cases), guideline, patients.day(cases[0].as_of), extracted_on))


class Batches:
    """The registered cases in as few batches as their circumstances allow, each judged when first asked."""

    def __init__(self, guideline: Guideline) -> None:
        """Group the cases that have been registered so far."""
        self.guideline = guideline
        self.groups: dict[Any, list[Case]] = defaultdict(list)
        self.answers: dict[Any, Answers] = {}
        for case in patients.CASES:
            self.groups[self._key(case)].append(case)

    def of(self, case: Case) -> "Audited":
        """Return what the audit said of a case."""
        key = self._key(case)
        if key not in self.answers:
            guideline = overlay(self.guideline, case.parameters) if case.parameters else self.guideline
            self.answers[key] = audit(self.groups[key], guideline)
        return Audited(case, self.answers[key])

    @staticmethod
    def _key(case: Case) -> tuple[Any, ...]:
        parameters = repr(sorted(case.parameters.items()))
        return (case.as_of, case.extracted_on, case.missing, parameters, case.number if case.is_alone else None)


class Answers:
    """The judged frames of a batch as plain rows, by patient."""

    def __init__(self, judged: frames.Judged) -> None:
        """Keep the frames."""
        self.judged = judged

    def of(self, frame: str, patient_id: str) -> list[dict[str, Any]]:
        """Return a patient's rows of a frame, in order."""
        return self._rows[frame].get(patient_id, [])

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, list[dict[str, Any]]]]:
        whose = dict(self.judged.episodes.select("episode_id", "patient_id").iter_rows())
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for name in ("breaks", "episodes", "status_to_date", "slots", "findings", "evidence"):
            found[name] = defaultdict(list)
            for row in getattr(self.judged, name).iter_rows(named=True):
                patient_id = row["patient_id"] if "patient_id" in row else whose[row["episode_id"]]
                found[name][patient_id].append({key: _plain(value) for key, value in row.items()})
        return found


class Audited:
    """The answers about one table; the plural asks for all patients by name, the singular for the only one."""

    def __init__(self, case: Case, answers: Answers) -> None:
        """Keep the case beside its batch."""
        self.case = case
        self.answers = answers

    def verdicts(self, rule: str, restart: int = 0) -> dict[str, str]:
        """Return each patient's verdict on a rule for the episode that restarts on that day."""
        return self.findings(rule, "verdict", restart)

    def verdict(self, rule: str, restart: int = 0) -> str:
        """Return the only patient's verdict."""
        return self._only(self.verdicts(rule, restart))

    def reasons(self, rule: str, restart: int = 0) -> dict[str, str]:
        """Return each patient's reason."""
        return self.findings(rule, "reason", restart)

    def reason(self, rule: str, restart: int = 0) -> str:
        """Return the only patient's reason."""
        return self._only(self.reasons(rule, restart))

    def findings(self, rule: str, column: str, restart: int = 0) -> dict[str, Any]:
        """Return one column of each patient's finding."""
        return {name: self._finding(name, rule, column, restart) for name in self.case.names}

    def finding(self, rule: str, column: str, restart: int = 0) -> Any:
        """Return one column of the only patient's finding."""
        return self._only(self.findings(rule, column, restart))

    def episodes(self, column: str, restart: int = 0) -> dict[str, Any]:
        """Return one column of each patient's episode."""
        return {name: self._episode(name, restart).get(column, NO_EPISODE) for name in self.case.names}

    def episode(self, column: str, restart: int = 0) -> Any:
        """Return one column of the only patient's episode."""
        return self._only(self.episodes(column, restart))

    def to_date(self, column: str, restart: int = 0) -> dict[str, Any]:
        """Return one column of each patient's episode as it stands to date: what moves with the day."""
        found = {}
        for name in self.case.names:
            episode_id = self._episode(name, restart)["episode_id"]
            rows = [row for row in self._rows("status_to_date", name) if row["episode_id"] == episode_id]
            found[name] = self._only(dict(enumerate(rows)))[column]
        return found

    def restarts(self) -> dict[str, list[int]]:
        """Return the restart days of each patient's episodes."""
        return {name: [row["restart_date"] for row in self._rows("episodes", name)] for name in self.case.names}

    def breaks(self) -> dict[str, list[tuple[int, int | None, str]]]:
        """Return stop day, restart day and class of each patient's breaks."""
        return {
            name: [(row["stop_date"], row["restart_date"], row["break_class"]) for row in self._rows("breaks", name)]
            for name in self.case.names
        }

    def classes(self) -> dict[str, str]:
        """Return the class of each patient's only break, or `none`."""
        return {name: self._only(dict(enumerate(rows)))[2] if rows else "none" for name, rows in self.breaks().items()}

    def slots(self, rule: str, restart: int = 0) -> dict[str, list[tuple[int, int, str, int | None]]]:
        """Return first day, last day, status and meeting draw of each patient's slots of a rule."""
        columns = ("window_start", "window_end", "status", "met_on")
        return {
            name: [tuple(row[column] for column in columns) for row in self._slots(name, rule, restart)]
            for name in self.case.names
        }

    def statuses(self, rule: str, restart: int = 0) -> dict[str, str]:
        """Return the statuses of each patient's slots of a rule, in one line."""
        return {name: " ".join(slot[2] for slot in slots) for name, slots in self.slots(rule, restart).items()}

    def evidence(self, rule: str, restart: int = 0) -> dict[str, list[dict[str, Any]]]:
        """Return each patient's evidence rows of a rule; source ids without the patient's id."""
        return {name: self._evidence(name, rule, restart) for name in self.case.names}

    def kept(self, table: str, *columns: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return columns of each patient's rows of a table that keeps rows, by its keys; ids without the patient's."""
        declared = next(frame for frame in frames.KEPT if frame.name == table)
        rows = getattr(self.answers.judged.kept, table).sort(declared.keys)
        return {name: [self._cells(row, columns) for row in self._kept(rows, name)] for name in self.case.names}

    def measure(self, rule: str, stratum: str = "overall", level: str = "all") -> dict[str, Any]:
        """Return one measure of the batch, of a case that is judged alone."""
        assert self.case.is_alone, "measures are of the whole batch"
        rows = self.answers.judged.measures.iter_rows(named=True)
        key = (rule, stratum, level)
        found = [row for row in rows if (row["rule_id"], row["stratum"], row["level"]) == key]
        return self._only(dict(enumerate(found)))

    def levels(self, rule: str, stratum: str) -> dict[str, int]:
        """Return the levels of a stratum with their numbers of episodes."""
        rows = self.answers.judged.measures.iter_rows(named=True)
        return {row["level"]: row["episodes"] for row in rows if (row["rule_id"], row["stratum"]) == (rule, stratum)}

    def _rows(self, frame: str, name: str) -> list[dict[str, Any]]:
        return self.answers.of(frame, self.case.patient_id(name))

    def _kept(self, rows: pl.DataFrame, name: str) -> Iterator[dict[str, Any]]:
        return rows.filter(pl.col("patient_id") == self.case.patient_id(name)).iter_rows(named=True)

    @staticmethod
    def _cells(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[Any, ...]:
        prefix = row["patient_id"] + "."
        plain = {key: value.removeprefix(prefix) if isinstance(value, str) else value for key, value in row.items()}
        return tuple(_plain(plain[column]) for column in columns)

    def _episode(self, name: str, restart: int) -> dict[str, Any]:
        found = [row for row in self._rows("episodes", name) if row["restart_date"] == restart]
        assert len(found) < 2, f"{name} has two episodes with one restart"
        return found[0] if found else {}

    def _of_episode(self, frame: str, name: str, rule: str, restart: int) -> list[dict[str, Any]]:
        episode_id = self._episode(name, restart).get("episode_id")
        return [r for r in self._rows(frame, name) if (r["episode_id"], r["rule_id"]) == (episode_id, rule)]

    def _finding(self, name: str, rule: str, column: str, restart: int) -> Any:
        if not self._episode(name, restart):
            return NO_EPISODE
        found = self._of_episode("findings", name, rule, restart)
        assert found, f"{rule} has no finding: does the edition list it?"
        return self._only(dict(enumerate(found)))[column]

    def _slots(self, name: str, rule: str, restart: int) -> list[dict[str, Any]]:
        return sorted(self._of_episode("slots", name, rule, restart), key=lambda row: row["slot"])

    def _evidence(self, name: str, rule: str, restart: int) -> list[dict[str, Any]]:
        prefix = self.case.patient_id(name) + "."
        found = self._of_episode("evidence", name, rule, restart)
        ids = [f"{row['source_id']}." if row["source_table"] == "patients" else row["source_id"] for row in found]
        assert all(source_id.startswith(prefix) for source_id in ids), "evidence of another patient"
        return [{**row, "source_id": row["source_id"].removeprefix(prefix)} for row in found]

    @staticmethod
    def _only(found: Mapping[Any, Found]) -> Found:
        assert len(found) == 1, f"one is wanted, there are {len(found)}"
        return next(iter(found.values()))


def _plain(value: Any) -> Any:
    return patients.number(value) if isinstance(value, date) else value
