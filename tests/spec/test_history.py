"""History by value: what is carried of a finding from one release to the next."""

from datetime import date
from typing import Any

import polars as pl

from audit.changes import Findings, history, pairs
from audit.frames import CHANGES, HISTORY
from audit.vocabulary import RANKS
from tests.spec.patients import day

Said = dict[tuple[int, str], str]  # restart day and rule -> verdict
COLUMNS = ("first_seen_on", "last_changed_on", "worst_verdict", "verdict_now", "resolved_on", "resolved_cause")


def findings(said: Said) -> Findings:
    """One patient's findings, each with a stop of its own."""
    restarts = sorted({restart for restart, _ in said})
    episodes = pl.DataFrame(
        {
            "episode_id": [f"a{restart}" for restart in restarts],
            "patient_id": ["a"] * len(restarts),
            "stop_date": [day(restart - 30) for restart in restarts],
            "restart_date": [day(restart) for restart in restarts],
        },
        schema={"episode_id": pl.String, "patient_id": pl.String, "stop_date": pl.Date, "restart_date": pl.Date},
    )
    rows = [(f"a{restart}", rule, verdict, "so", day(restart)) for (restart, rule), verdict in said.items()]
    names = ("episode_id", "rule_id", "verdict", "reason")
    schema = {**dict.fromkeys(names, pl.String), "event_date": pl.Date}
    return Findings(episodes, pl.DataFrame(rows, schema=schema, orient="row"))


def nights(*told: tuple[Said, str]) -> dict[str, dict[str, Any]]:
    """History after nights on day 100, 101 and so on, each with its findings and the cause of all that changed."""
    kept, before = HISTORY.empty(), None
    for count, (said, cause) in enumerate(told):
        now = findings(said)
        paired = None if before is None else pairs(before, now, 14)
        changed = CHANGES.empty() if paired is None else causes(before, now, paired, cause)
        kept, before = history(kept, now, paired, changed, day(100 + count), f"r{count}"), now
    return {f"{row['episode_id']} {row['rule_id']}": row for row in kept.to_dicts()}


def causes(before: Findings, now: Findings, paired: Any, cause: str) -> pl.DataFrame:
    """The columns of `changes` that history reads, for every finding that is not what it was."""
    rows = paired.findings.join(paired.episodes, on="pair").select(
        "rule_id", episode_id=pl.coalesce("id_now", "id_before"), cause=pl.lit(cause)
    )
    return pl.concat([CHANGES.empty(), rows], how="diagonal").select(CHANGES.names)


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    """A line of history, days as the count of the night."""
    days = [(value - day(100)).days if isinstance(value, date) else value for value in (row[name] for name in COLUMNS)]
    return (*days, row["times_changed"])


def one(*verdicts: str | None) -> dict[str, dict[str, Any]]:
    """History of one finding through nights; None where its episode is not there. The cause is `late`, then `time`."""
    said = [{} if verdict is None else {(0, "RST-01"): verdict} for verdict in verdicts]
    return nights(*((found, "late" if count < 2 else "time") for count, found in enumerate(said)))


def test_a_finding_that_was_never_open_has_no_history() -> None:
    assert one("pass", "not_applicable", None) == {}


def test_a_finding_is_first_seen_on_the_night_that_has_it_open() -> None:
    for verdict in (verdict for verdict, rank in RANKS.items() if rank):
        row = one("pass", verdict, verdict)["a0 RST-01"]
        assert told(row) == (1, 1, verdict, verdict, None, None, 0)
        assert (row["patient_id"], row["first_release"]) == ("a", "r1")


def test_the_gravest_verdict_stays_and_each_change_counts_once() -> None:
    assert told(one("advisory", "violation", "indeterminate")["a0 RST-01"]) == (
        0,
        2,
        "violation",
        "indeterminate",
        None,
        None,
        2,
    )
    assert told(one("violation", "violation", "violation")["a0 RST-01"]) == (
        0,
        0,
        "violation",
        "violation",
        None,
        None,
        0,
    )


def test_a_finding_that_passes_or_does_not_apply_or_is_gone_is_resolved_with_the_cause() -> None:
    for verdict in ("pass", "not_applicable", None):
        assert told(one("violation", "violation", verdict)["a0 RST-01"]) == (0, 2, "violation", verdict, 2, "time", 1)


def test_a_resolved_finding_keeps_the_day_on_which_it_was_resolved() -> None:
    assert told(one("violation", "pass", "not_applicable")["a0 RST-01"]) == (
        0,
        2,
        "violation",
        "not_applicable",
        1,
        "late",
        2,
    )
    assert told(one("violation", "pass", None)["a0 RST-01"]) == (0, 2, "violation", None, 1, "late", 2)
    assert told(one("violation", None, None)["a0 RST-01"]) == (0, 1, "violation", None, 1, "late", 1)


def test_a_finding_that_returns_is_open_again_and_was_first_seen_when_it_was() -> None:
    for between in ("pass", None):
        assert told(one("advisory", between, "advisory")["a0 RST-01"]) == (0, 2, "advisory", "advisory", None, None, 2)


def test_history_goes_along_with_a_restart_that_moved() -> None:
    kept = nights(({(0, "RST-01"): "violation"}, ""), ({(5, "RST-01"): "violation"}, "corrected"))
    assert {key: told(row) for key, row in kept.items()} == {
        "a5 RST-01": (0, 1, "violation", "violation", None, None, 1)
    }


def test_a_restart_too_far_from_the_one_that_is_gone_has_a_history_of_its_own() -> None:
    kept = nights(({(0, "RST-01"): "violation"}, ""), ({(15, "RST-01"): "advisory"}, "corrected"))
    assert {key: told(row) for key, row in kept.items()} == {
        "a0 RST-01": (0, 1, "violation", None, 1, "corrected", 1),
        "a15 RST-01": (1, 1, "advisory", "advisory", None, None, 0),
    }


def test_without_a_night_before_history_begins_anew() -> None:
    now = findings({(0, "RST-01"): "violation", (0, "RST-02"): "pass"})
    kept = history(HISTORY.empty(), now, None, CHANGES.empty(), day(100), "r0")
    assert [(row["rule_id"], told(row)) for row in kept.to_dicts()] == [
        ("RST-01", (0, 0, "violation", "violation", None, None, 0))
    ]
