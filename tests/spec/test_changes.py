"""What a night changed, by value: the words for it, its cause, and the rows that were the news."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import polars as pl
import pytest

from audit.calendar import EPOCH
from audit.changes import Edition, Findings, Night, changes, pairs
from audit.guideline import overlay
from audit.judge import judge
from flows.editions import load
from tests.spec.patients import Case, day, number, staged

HEAD = "who | day | what | value | id"
USUAL = """
    all | | without | observation, monitoring |
    all | -900.. | observed | |
    all | 7, 14, 21, 28 | draw | 25/40 |
"""
PRINTS = dict.fromkeys(("code_lists", "guideline", "mapping", "program", "references", "site_file"), "as before")
Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """One night: its rows as a table, and what it reads and judges by."""

    rows: str
    as_of: int
    extracted: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    status: str = "final"

    def night(self, **other: str) -> Night:
        """Judge it, and return what a release keeps; `other`: fingerprints that are not as before."""
        lines = [HEAD, USUAL, f"all | {self.as_of} | as of | |"]
        rows = staged([Case(0, "\n".join([*lines, self.rows]))])
        rows = replace(rows, labs=rows.labs.with_columns(status=pl.lit(self.status)))
        numbers, taken = overlay(load(), self.parameters), self.as_of if self.extracted is None else self.extracted
        found = judge(rows, numbers, day(self.as_of), day(taken))
        return Night(
            observed_to=(day(min(self.as_of, taken)) - EPOCH).days,
            edition=Edition(numbers, PRINTS | {"parameters": numbers.hash} | other),
            kept=found.kept,
            found=Findings(found.episodes, found.findings),
            lacks=frozenset(name for name in ("events", "stays") if getattr(rows, name) is None),
        )


def compared(one: Night, two: Night, *absent: str) -> dict[tuple[str, str], Row]:
    """Patient and rule -> the row of `changes`; `absent`: who stands in the extract no more."""
    there = one.kept.patients.select("patient_id").filter(
        ~pl.col("patient_id").is_in([f"0000.{name}" for name in absent])
    )
    rows = changes(one, two, pairs(one.found, two.found, 14), there, "the release before").to_dicts()
    return {(row["patient_id"].removeprefix("0000."), row["rule_id"]): row for row in rows}


def told(row: Row) -> tuple[str, str | None, str | None, list[str]]:
    """What changed, and every kind of news that did it; the last is the cause."""
    assert row["cause"] == row["causes"][-1]
    return row["change"], row["verdict_before"], row["verdict_now"], row["causes"]


def news(row: Row) -> list[str]:
    """The rows that were the news, by the names that the table gives them."""
    return [name.replace(f"{row['patient_id']}.", "") for name in row["cause_rows"]]


BOTH = """
    time      | 29    | alt            | 200/40           |
    stopped   |       | without        | restart          |
    stopped   | 0..28 | azathioprine   | 50 mg explicit   |
    stopped   | 26    | alt            | 200/40           |
    reason    |       | without        | recovery         |
    restarted, deleted, begun, shifted, end29, end30, end31 | | without | restart |
    end29, end30, end31 | 28 | alt     | 60/40            |
"""
BEFORE = """
    vanished  | 20    | alt            | 200/40           | high
    corrected | 20    | alt            | 25/40            | high
    late, on the day, day after, both | 20 | alt | 25/40 |
    gone, rejected | 20 | alt          | 200/40           |
    recoded   | 20    | benefit_risk_documented |         | sign
    twice     | 20    | alt            | 200/40           | a
    twice     | 20    | alt            | 200/40           | b
    twice     | 10    | alt            | 25/40            | high
    again     | 20    | alt            | 200/40           | b
    again     | 10    | alt            | 25/40            |
    deleted   | 0..   | azathioprine   | 50 mg            | second
    shifted   | 0..   | azathioprine   | 50 mg            | second
    end29, end30, end31 | 0.. | azathioprine | 50 mg      | second
"""
AFTER = """
    vanished  |       | standard       |                  |
    corrected | 20    | alt            | 200/40           | high
    late, on the day, day after, both | 20 | alt | 25/40 |
    late      | 20    | alt            | 200/40           | high
    on the day | 30   | symptom_nausea |                  | ill
    on the day | 30   | draw           | 25/40            | draw
    day after | 31    | symptom_nausea |                  | ill
    day after | 31    | draw           | 25/40            | draw
    both      | 30    | alt            | 200/40           | high
    reason    | -3    | alt            | 200/40           | high
    recoded   | 20    | symptom_nausea |                  | sign
    twice     | 20    | alt            | 200/40           | b
    twice     | 10    | alt            | 200/40           | high
    again     | 20    | alt            | 200/40           | a
    again     | 20    | alt            | 200/40           | b
    again     | 10    | alt            | 200/40           | high
    again     | 10    | alt            | 25/40            |
    restarted | 0..   | azathioprine   | 50 mg            | second
    begun     | 31..  | azathioprine   | 50 mg            | second
    shifted   | 5..   | azathioprine   | 50 mg            | second
    end29     | 0..29 | azathioprine   | 50 mg explicit   | second
    end30     | 0..30 | azathioprine   | 50 mg explicit   | second
    end31     | 0..31 | azathioprine   | 50 mg explicit   | second
"""
LAST = "same | 20 | alt | 200/40 |"  # the ids that are not named count the rows before them


@cache
def nights() -> tuple[Night, Night]:
    """Two nights, day 30 and day 36; every result of the first is preliminary."""
    return Told(BOTH + BEFORE + LAST, 30, status="preliminary").night(), Told(BOTH + AFTER + LAST, 36).night()


@cache
def found() -> dict[tuple[str, str], Row]:
    """What the second night changed."""
    return compared(*nights(), "gone")


CASES = {
    ("late", "STP-01"): ("raised", "not_applicable", "violation", ["late"], ["lab_results:high"]),
    ("corrected", "STP-01"): ("raised", "not_applicable", "violation", ["corrected"], ["lab_results:high"]),
    ("vanished", "STP-01"): ("lowered", "violation", "not_applicable", ["corrected"], ["lab_results:high"]),
    ("on the day", "MON-05"): (
        *("moved", "not_applicable", "pass", ["late"], ["clinical_events:ill", "lab_results:draw"]),
    ),
    ("day after", "MON-05"): (
        *("moved", "not_applicable", "pass", ["fresh"], ["clinical_events:ill", "lab_results:draw"]),
    ),
    ("time", "STP-01"): ("raised", "indeterminate", "violation", ["time"], []),
    ("stopped", "STP-01"): ("lowered", "indeterminate", "pass", ["time"], []),
    ("both", "STP-01"): ("raised", "not_applicable", "violation", ["late", "time"], []),
    ("reason", "RST-01"): ("moved", "violation", "violation", ["late"], ["lab_results:high"]),
    ("restarted", "RST-03"): ("new", None, "pass", ["late"], ["drug_exposures:second"]),
    ("begun", "RST-03"): ("new", None, "pass", ["fresh"], ["drug_exposures:second"]),
    ("deleted", "RST-03"): ("gone", "pass", None, ["corrected"], ["drug_exposures:second"]),
    ("shifted", "RST-03"): ("moved", "pass", "pass", ["corrected"], ["drug_exposures:second"]),
    ("recoded", "MON-05"): ("moved", "not_applicable", "pass", ["corrected"], ["clinical_events:sign"]),
    ("twice", "STP-01"): ("moved", "violation", "violation", ["corrected"], ["lab_results:a", "lab_results:high"]),
    ("again", "STP-01"): ("moved", "violation", "violation", ["late"], ["lab_results:a", "lab_results:high"]),
    ("end29", "STP-05"): ("raised", "not_applicable", "advisory", ["corrected"], ["drug_exposures:second"]),
    ("end30", "STP-05"): ("raised", "not_applicable", "advisory", ["time"], []),
    ("end31", "STP-05"): ("raised", "not_applicable", "advisory", ["fresh"], ["drug_exposures:second"]),
}


@pytest.mark.parametrize("key", CASES, ids=" ".join)
def test_each_change_has_its_word_its_causes_and_its_rows(key: tuple[str, str]) -> None:
    row = found()[key]
    assert (*told(row), news(row)) == CASES[key]


@pytest.mark.parametrize(("name", "cause"), [("gone", "patient_gone"), ("rejected", "corrected")])
def test_a_patient_without_rows_is_gone_only_where_the_extract_has_the_patient_no_more(name: str, cause: str) -> None:
    rows = {rule: row for (who, rule), row in found().items() if who == name}
    assert set(rows) == {entry.id for entry in load().rules if entry.id != "RST-05"}, "RST-05 has no verdict"
    assert told(rows["STP-01"]) == ("gone", "violation", None, [cause])
    assert {row["cause"] for row in rows.values()} == {cause}


def test_other_ids_and_results_that_became_final_are_no_change() -> None:
    before, now = ({*night.kept.labs["source_id"]} for night in nights())
    assert "0000.same" not in {who for who, _ in found()}
    assert not {name for name in before & now if name.startswith("0000.same.")}, "the ids are others"


def test_a_restart_that_moved_says_what_it_was_and_none_else_does() -> None:
    assert {(who, row["episode_before"]) for (who, _), row in found().items() if row["episode_before"]} == {
        ("shifted", f"0000.shifted-{day(0):%Y%m%d}")
    }
    assert found()["shifted", "RST-03"]["episode_id"] == f"0000.shifted-{day(5):%Y%m%d}"


def test_what_a_change_was_and_is() -> None:
    row = found()["reason", "RST-01"]
    assert (row["reason_before"], row["reason_now"], row["since_release"]) == (
        "no_test",
        "above_limit",
        "the release before",
    )
    shifted = found()["shifted", "RST-03"]
    assert (number(shifted["event_date_before"]), number(shifted["event_date_now"])) == (0, 5)


def test_a_finding_that_the_rows_of_the_night_before_do_not_give_is_unexplained_and_no_other() -> None:
    one, two = nights()
    is_broken = pl.col("episode_id").str.starts_with("0000.same") & (pl.col("rule_id") == "STP-01")
    for broken in (
        (with_verdict(one, is_broken), two),
        (one, with_verdict(two, is_broken)),
    ):
        rows = compared(*broken, "gone")
        assert {key for key, row in rows.items() if row["cause"] == "unexplained"} == {("same", "STP-01")}
        assert rows.keys() - {("same", "STP-01")} == found().keys()
        row = rows["same", "STP-01"]
        assert (row["causes"], row["cause_rows"]) == ([], [])
        assert row["cause_text"] == "Neither rows, nor what they are judged by, nor time explains it."


def with_verdict(night: Night, is_broken: pl.Expr) -> Night:
    """The night with findings that its rows do not give."""
    verdict = pl.when(is_broken).then(pl.lit("pass")).otherwise("verdict").alias("verdict")
    return replace(night, found=replace(night.found, findings=night.found.findings.with_columns(verdict)))


def test_what_an_earlier_program_found_is_taken_as_it_said() -> None:
    one, two = nights()
    is_other = pl.col("episode_id").str.starts_with("0000.same") & (pl.col("rule_id") == "STP-01")
    earlier = Edition(None, {**one.edition.fingerprints, "program": "an earlier one"})
    rows = compared(replace(with_verdict(one, is_other), edition=earlier), two, "gone")
    assert told(rows["same", "STP-01"]) == ("raised", "pass", "violation", ["edition"])
    assert rows["same", "STP-01"]["cause_text"] == "What it is judged by is not what it was: program."
    assert "unexplained" not in {row["cause"] for row in rows.values()}


def test_numbers_of_the_edition_are_a_cause_of_their_own() -> None:
    rows = """
        four     | 20 | alt | 164/40 |
        late     | 20 | alt | 25/40  |
    """
    one = Told(rows, 30).night()
    two = Told(rows + "late | 20 | alt | 200/40 |", 30, parameters={"stop_multiple": 4.0}).night()
    found = compared(one, two)
    assert told(found["four", "STP-01"]) == ("raised", "not_applicable", "violation", ["edition"])
    assert told(found["late", "STP-01"]) == ("raised", "not_applicable", "violation", ["late"])
    assert news(found["four", "STP-01"]) == []
    assert found["four", "STP-01"]["cause_text"] == "What it is judged by is not what it was: parameters."


def test_with_other_code_lists_a_row_that_is_otherwise_may_be_their_doing() -> None:
    one, two = nights()
    other = replace(
        two, edition=replace(two.edition, fingerprints={**two.edition.fingerprints, "code_lists": "others"})
    )
    rows = compared(one, other, "gone")
    causes = {key: row["cause"] for key, row in rows.items()}
    by_data = {"late": "edition_or_data", "corrected": "edition_or_data", "patient_gone": "edition_or_data"}
    assert causes == {key: by_data.get(row["cause"], row["cause"]) for key, row in found().items()}
    assert causes["late", "STP-01"] == causes["vanished", "STP-01"] == "edition_or_data"
    what = "What rows are read and judged by is not what it was (code lists), and with it"
    assert rows["late", "STP-01"]["cause_text"] == f"{what} 1 row of lab_results."
    assert (causes["day after", "MON-05"], causes["time", "STP-01"]) == ("fresh", "time")


SICK = """
    sick   | 20 | symptom_nausea |       | ill
    sick   | 20 | draw           | 25/40 |
    sicker |    | standard       |       |
"""
LACKING = "all | | without | clinical_events |"


def test_a_table_that_is_missing_is_news_of_the_feed() -> None:
    row = compared(Told(SICK, 30).night(), Told(SICK + LACKING, 31).night())["sick", "MON-05"]
    assert told(row) == ("raised", "pass", "indeterminate", ["feed"])
    assert "clinical_events:ill" in news(row)
    assert row["cause_text"] == "The extract lacks clinical_events now."


def test_a_table_that_appears_is_news_of_the_feed_but_for_its_rows_after_the_feed_that_was() -> None:
    rows = compared(Told(SICK + LACKING, 30).night(), Told(SICK + "sicker | 31 | symptom_nausea | | after", 33).night())
    row = rows["sick", "MON-05"]
    assert told(row) == ("lowered", "indeterminate", "pass", ["feed"])
    assert row["cause_text"] == "The extract has clinical_events now."
    assert rows["sicker", "MON-05"]["causes"] == ["feed", "fresh"]
    assert news(rows["sicker", "MON-05"]) == ["clinical_events:after"]


def test_a_feed_that_ends_earlier_than_it_did_is_news_of_the_feed() -> None:
    rows = "time | 29 | alt | 200/40 |"
    row = compared(Told(rows, 34).night(), Told(rows, 36, extracted=31).night())["time", "STP-01"]
    assert told(row) == ("lowered", "violation", "indeterminate", ["feed"])
    assert row["cause_text"] == f"The feed ends on {day(31)}, and ended on {day(34)}."


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (("late", "STP-01"), f"Came late, dated up to {day(30)}: 1 row of lab_results."),
        (("corrected", "STP-01"), "Corrected, taken back, rejected or no longer sent: 1 row of lab_results."),
        (("day after", "MON-05"), f"New after {day(30)}: 2 rows of clinical_events, lab_results."),
        (("gone", "STP-01"), "The extract has the patient no more."),
        (("both", "STP-01"), f"Time has passed: the feed ends on {day(36)}, and ended on {day(30)}."),
        (("time", "STP-01"), f"Time has passed: the feed ends on {day(36)}, and ended on {day(30)}."),
    ],
    ids=str,
)
def test_the_cause_is_one_sentence(key: tuple[str, str], text: str) -> None:
    assert found()[key]["cause_text"] == text


# --- restarts that are one --------------------------------------------------------------------------------


def restarts(*known: tuple[str, int, int]) -> Findings:
    """Episodes by patient, stop day and restart day, each with one finding."""
    ids = [f"{who}-{restart}" for who, _, restart in known]
    columns = {"episode_id": ids, "patient_id": [who for who, _, _ in known]}
    days = {"stop_date": [day(stop) for _, stop, _ in known], "restart_date": [day(restart) for _, _, restart in known]}
    said = {"rule_id": "RST-01", "verdict": "violation", "reason": "no_test", "event_date": day(0)}
    return Findings(
        pl.DataFrame(columns | days),
        pl.DataFrame({"episode_id": ids}).with_columns(**{name: pl.lit(value) for name, value in said.items()}),
    )


MOVED = [
    ("at min_break_days", [("a", -30, 0)], [("a", -31, 14)], {"a-14": "a-0"}),
    ("a day more", [("a", -30, 0)], [("a", -31, 15)], {}),
    ("at min_break_days, earlier", [("a", -30, 0)], [("a", -31, -14)], {"a--14": "a-0"}),
    ("a day more, earlier", [("a", -30, 0)], [("a", -31, -15)], {}),
    ("the same stop", [("a", -30, 0)], [("a", -30, 200)], {"a-200": "a-0"}),
    ("another patient", [("a", -30, 0)], [("b", -30, 0)], {}),
    ("the restart is there still", [("a", -30, 0)], [("a", -30, 0), ("a", 5, 14)], {}),
    ("the same stop before the nearer", [("a", -30, 0)], [("a", -30, 9), ("a", -29, 1)], {"a-9": "a-0"}),
    ("the nearer", [("a", -30, 0)], [("a", -29, 9), ("a", -28, -8)], {"a--8": "a-0"}),
    ("one for each", [("a", -30, 0), ("a", 4, 10)], [("a", -29, 9), ("a", 4, 20)], {"a-9": "a-0", "a-20": "a-10"}),
]


@pytest.mark.parametrize(("one", "two", "moved"), [case[1:] for case in MOVED], ids=[case[0] for case in MOVED])
def test_a_restart_that_is_gone_and_one_that_is_new_are_one(one: list, two: list, moved: dict[str, str]) -> None:
    episodes = pairs(restarts(*one), restarts(*two), 14).episodes
    both = episodes.filter(pl.col("id_before") != pl.col("id_now"))
    assert dict(both.select("id_now", "id_before").iter_rows()) == moved
    assert episodes.height == len({*one, *two}) - len(moved)
