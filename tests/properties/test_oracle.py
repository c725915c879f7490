"""The vectorised audit and the oracle say the same of every patient."""

from datetime import date
from math import isclose

import polars as pl
from hypothesis import given

from audit.frames import Judged

from .chart import EPOCH, Chart, timeline
from .oracle import Audited, Told, audit_patient
from .oracle_defaults import DEFAULTS
from .oracle_values import UNDECIDED
from .staging import audited, case, edition
from .strategies import Cohort, cohorts

SLOT_COLUMNS = ("rule_id", "slot", "due_date", "window_start", "window_end", "status", "met_on")
EVIDENCE_KEYS = ("role", "source_table", "source_id", "date")
EVIDENCE_COLUMNS = ("concept", "value", "comparator", "unit", "x_uln", "x_reference", "limit_value")
ABSENT = ("no such row",) * len(EVIDENCE_COLUMNS)
BREAK_COLUMNS = ("stop_date", "restart_date", "break_days", "break_class")


def same(expected: object, actual: object) -> bool:
    """Equal, numbers to a relative 1e-9; what the rules leave open equals anything."""
    if expected is UNDECIDED:
        return True
    if isinstance(expected, float) and isinstance(actual, float):
        return isclose(expected, actual, rel_tol=1e-9)
    return expected == actual


def shown(value: object) -> str:
    """A value for a message; dates as day numbers."""
    return f"day {(value - EPOCH).days}" if isinstance(value, date) else repr(value)


def differing(label: str, expected: dict, actual: dict) -> list[str]:
    """One line for each key on which two mappings differ."""
    return [
        f"{label} {key}: oracle {shown(expected.get(key))}, audit {shown(actual.get(key))}"
        for key in sorted(expected.keys() | actual.keys())
        if not same(expected.get(key), actual.get(key))
    ]


def keyed(rows: list[dict], columns: tuple[str, ...], *keys: str) -> dict:
    """Rows as key -> the compared columns."""
    return {tuple(row[key] for key in keys): tuple(row[column] for column in columns) for row in rows}


def compare_slots(label: str, oracle: Audited, rows: list[dict]) -> list[str]:
    """Compare the slots of one episode."""
    expected, actual = (keyed(slots, SLOT_COLUMNS, "rule_id", "slot") for slots in (oracle.slots, rows))
    return [
        f"{label} slot {key}: oracle {[shown(value) for value in expected.get(key, ())]}, "
        f"audit {[shown(value) for value in actual.get(key, ())]}"
        for key in sorted(expected.keys() | actual.keys())
        if expected.get(key) != actual.get(key)
    ]


def compare_evidence(label: str, oracle: Audited, findings: pl.DataFrame, evidence: pl.DataFrame) -> list[str]:
    """Compare the rows that each verdict of one episode rests on."""
    problems = []
    rows = evidence.to_dicts()
    for rule, reason in findings.select("rule_id", "reason").iter_rows():
        proofs = [vars(proof) for proof in oracle.evidence(rule, reason)]
        found = [row for row in rows if row["rule_id"] == rule]
        expected, actual = (keyed(some, EVIDENCE_COLUMNS, *EVIDENCE_KEYS) for some in (proofs, found))
        problems += [
            f"{label} {rule} {reason} {[shown(part) for part in key]}: "
            f"oracle {expected.get(key)}, audit {actual.get(key)}"
            for key in sorted(expected.keys() | actual.keys())
            if not all(map(same, expected.get(key, ABSENT), actual.get(key, ABSENT)))
        ]
    return problems


def compare_episode(oracle: Audited, row: dict, judged: Judged) -> list[str]:
    """Compare one episode: columns, slots, verdicts and what they rest on."""
    label, chosen = f"episode at {shown(row['restart_date'])}", pl.col("episode_id") == row["episode_id"]
    findings = judged.findings.filter(chosen)
    verdicts = dict(findings.select("rule_id", "verdict").iter_rows())
    columns = {name: row[name] for name in oracle.columns}
    to_date = judged.status_to_date.filter(chosen).select(list(oracle.to_date)).row(0, named=True)
    return [
        *differing(label, oracle.columns, columns),
        *differing(f"{label} to date", oracle.to_date, to_date),
        *compare_slots(label, oracle, judged.slots.filter(chosen).to_dicts()),
        *differing(label, oracle.verdicts, verdicts),
        *compare_evidence(label, oracle, findings, judged.evidence.filter(chosen)),
    ]


def compare_patient(told: Told, chart: Chart, judged: Judged) -> list[str]:
    """Compare one patient: breaks, then episode by episode."""
    chosen = pl.col("patient_id") == chart.patient_id
    breaks = [
        keyed(rows, BREAK_COLUMNS, "stop_date") for rows in (told.breaks, judged.breaks.filter(chosen).to_dicts())
    ]
    problems = differing("break", *breaks)
    rows = {row["restart_date"]: row for row in judged.episodes.filter(chosen).to_dicts()}
    oracles = {episode.columns["restart_date"]: episode for episode in told.episodes}
    problems += [f"episode at {shown(day)} on one side only" for day in rows.keys() ^ oracles.keys()]
    for day in sorted(rows.keys() & oracles.keys()):
        problems += compare_episode(oracles[day], rows[day], judged)
    return problems


def disagreements(cohort: Cohort) -> str:
    """What the two say differently, patient by patient; empty where they agree."""
    judged = audited(cohort)
    parts = []
    for chart in cohort.charts:
        problems = compare_patient(audit_patient(case(cohort, chart)), chart, judged)
        if problems:
            parts.append("\n".join([cohort.setting, timeline(chart), *problems]))
    return "\n\n".join(parts)


def test_the_edition_holds_the_numbers_of_the_rules():
    values = {name: edition()[name].value for name in DEFAULTS}
    assert values | {"stop_symptoms": frozenset(values["stop_symptoms"])} == DEFAULTS


@given(cohorts())
def test_audit_and_oracle_agree(cohort: Cohort):
    found = disagreements(cohort)
    assert not found, f"\n{found}"
