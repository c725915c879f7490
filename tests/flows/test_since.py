"""Nights one after the other: what each changed and why, as it is released, said and printed."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from audit.frames import CHANGES
from flows import cli
from flows.errors import Unexplained, Usage
from flows.night import since as nights
from flows.night.order import Order
from flows.night.run import run_audit
from flows.night.since import Since, since_release
from flows.night.steps import Done
from tests.flows import cohort

FIRST, SECOND, THIRD = date(2023, 10, 1), date(2023, 10, 2), date(2023, 10, 3)
Tables = dict[str, pl.DataFrame]


def write(folder: Path, day: date, change: Callable[[Tables], Tables] = lambda tables: tables) -> Path:
    """Write the cohort's extract as taken on a day."""
    folder.mkdir(parents=True)
    for name, table in change(cohort.tables(6)).items():
        table.write_csv(folder / f"{name}.csv")
    (folder / "extract.json").write_text(json.dumps({"extracted_on": day.isoformat()}))
    return folder


def without_one_result(tables: Tables) -> Tables:
    """P000's draw of day 28 has not come yet, and P003 is not known."""
    labs = tables["lab_results"]
    late = (pl.col("patient_id") == "P000") & (pl.col("collected_at") == date(2023, 3, 29))
    known = pl.col("patient_id") != "P003"
    return {name: table.filter(known) for name, table in tables.items()} | {
        "lab_results": labs.filter(~late, known),
    }


def corrected(tables: Tables) -> Tables:
    """P000's dose at restart was the full one, and P002 is sent no more."""
    exposures = tables["drug_exposures"]
    is_restart = (pl.col("patient_id") == "P000") & pl.col("end_date").is_null()
    dose = pl.when(is_restart).then(100.0).otherwise("daily_dose_mg").alias("daily_dose_mg")
    known = pl.col("patient_id") != "P002"
    return {name: table.filter(known) for name, table in tables.items()} | {
        "drug_exposures": exposures.with_columns(dose).filter(known)
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three nights: the second has what came late, the third what was corrected and who is gone."""
    folder = tmp_path_factory.mktemp("nights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
        for day, change in ((FIRST, without_one_result), (SECOND, lambda tables: tables), (THIRD, corrected)):
            run_audit(Order(write(folder / f"{day}", day, change), folder / "home"))
    return folder / "home"


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """What runs a night without the counts of Great Expectations."""
    monkeypatch.setattr("flows.intake.suites.run", lambda _connection, _tables: [])
    return lambda extract, home, **options: run_audit(Order(extract, home, **options))


def releases(home: Path) -> list[Path]:
    return sorted((home / "releases").iterdir())


def told(folder: Path) -> dict[tuple[str, str], dict]:
    rows = pl.read_parquet(folder / "changes.parquet").to_dicts()
    return {(row["episode_id"], row["rule_id"]): row for row in rows}


def test_the_first_night_has_nothing_to_be_compared_with(home: Path) -> None:
    first = releases(home)[0]
    said = json.loads((first / "manifest.json").read_text())
    assert told(first) == {}
    assert said["predecessor"] is None
    assert "changes: there is no release before this one, so nothing is compared" in said["notes"]


def test_what_came_late_is_told_with_its_row(home: Path) -> None:
    first, second, _ = releases(home)
    change = told(second)["P000-20230301", "MON-01"]
    del change["reason_before"], change["event_date_before"], change["event_date_now"]
    assert change == {
        "episode_id": "P000-20230301", "rule_id": "MON-01", "patient_id": "P000", "change": "lowered",
        "verdict_before": "advisory", "verdict_now": "pass", "reason_now": "all_met",
        "cause": "late", "causes": ["late"], "cause_rows": ["lab_results:P000-L019"],
        "cause_text": "Came late, dated up to 2023-10-01: 1 row of lab_results.",
        "episode_before": None, "since_release": first.name,
    }  # fmt: skip
    new = [row for key, row in told(second).items() if key[0] == "P003-20230304"]
    assert {(row["change"], row["cause"], row["verdict_before"]) for row in new} == {("new", "late", None)}
    assert {row["verdict_now"] for row in new} > {"violation", "pass"} or len(new) > 10
    assert set(told(second)) == {("P000-20230301", "MON-01")} | {("P003-20230304", row["rule_id"]) for row in new}


def test_what_was_corrected_and_who_is_gone_is_told(home: Path) -> None:
    third = told(releases(home)[2])
    dose = third["P000-20230301", "RST-04"]
    assert (dose["change"], dose["cause"], dose["cause_rows"]) == ("raised", "corrected", ["drug_exposures:P000-X1"])
    assert dose["cause_text"] == "Corrected, taken back, rejected or no longer sent: 1 row of drug_exposures."
    gone = [row for row in third.values() if row["patient_id"] == "P002"]
    assert {(row["change"], row["cause"], row["verdict_now"]) for row in gone} == {("gone", "patient_gone", None)}
    assert {row["cause_text"] for row in gone} == {"The extract has the patient no more."}


def test_history_is_carried_from_night_to_night(home: Path) -> None:
    first, second, third = releases(home)
    history = {
        (row["episode_id"], row["rule_id"]): row for row in pl.read_parquet(third / "history.parquet").to_dicts()
    }
    assert history["P000-20230301", "MON-01"] == {
        "episode_id": "P000-20230301", "rule_id": "MON-01", "patient_id": "P000", "first_seen_on": FIRST,
        "first_release": first.name, "last_changed_on": SECOND, "worst_verdict": "advisory", "verdict_now": "pass",
        "resolved_on": SECOND, "resolved_cause": "late", "times_changed": 1,
    }  # fmt: skip
    assert history["P000-20230301", "RST-04"]["first_seen_on"] == THIRD
    gone = [row for key, row in history.items() if key[0].startswith("P002")]
    assert gone
    assert {(row["verdict_now"], row["resolved_on"], row["resolved_cause"]) for row in gone} == {
        (None, THIRD, "patient_gone")
    }
    assert {row["first_release"] for key, row in history.items() if key[0].startswith("P003")} == {second.name}


def test_a_replay_is_published_beside_and_writes_no_history(home: Path, tmp_path: Path, night) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    extract = write(tmp_path / "extract", SECOND)
    with pytest.raises(Usage, match="--replay asks for that"):
        night(extract, mine)
    done = night(extract, mine, replay=True)
    assert (mine / "current").readlink() == (home / "current").readlink()
    first, second, _ = releases(home)
    assert done.since.since == first.name
    replayed = pl.read_parquet(done.release / "changes.parquet")
    assert replayed.equals(pl.read_parquet(second / "changes.parquet"))
    assert pl.read_parquet(done.release / "history.parquet").is_empty()


def test_a_date_that_is_run_again_gives_the_same_changes_and_history(home: Path, tmp_path: Path, night) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    done = night(write(tmp_path / "extract", THIRD, corrected), mine)
    third = releases(home)[2]
    assert pl.read_parquet(done.release / "changes.parquet").equals(pl.read_parquet(third / "changes.parquet"))
    again, before = (pl.read_parquet(one / "history.parquet") for one in (done.release, third))
    assert again.drop("first_release").equals(before.drop("first_release"))


def test_a_run_may_start_anew(home: Path, tmp_path: Path, night) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    done = night(write(tmp_path / "extract", date(2023, 10, 4)), mine, without_predecessor=True)
    assert done.since.changes.is_empty()
    assert "changes: it was asked to start anew, so nothing is compared" in done.notes
    assert set(done.since.history["first_seen_on"]) == {date(2023, 10, 4)}


def test_a_change_that_nothing_explains_is_published_and_leads(
    home: Path, tmp_path: Path, night, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    path = (mine / "current").resolve() / "findings.parquet"
    findings = pl.read_parquet(path)
    broken = (pl.col("rule_id") == "RST-01") & (pl.col("patient_id") == "P001")
    path.unlink()
    findings.with_columns(verdict=pl.when(broken).then(pl.lit("pass")).otherwise("verdict")).write_parquet(path)
    done = night(write(tmp_path / "extract", date(2023, 10, 4), corrected), mine)
    assert (mine / "current").resolve() == done.release
    assert done.since.unexplained == 1
    assert done.warnings[0] == "1 change since the last release cannot be explained"
    assert done.since.changes.row(0, named=True)["cause_rows"] == []
    first_line = "Warning: 1 change since the last release cannot be explained"
    assert first_line in (done.release / "report.html").read_text()


def test_the_command_ends_with_one_where_a_change_is_unexplained(monkeypatch, capsys) -> None:
    row = {"cause": ["unexplained"]}

    class Told:
        since = Since(changes=pl.DataFrame(row))

    monkeypatch.setattr("flows.night.conduct", lambda _order: Told())
    monkeypatch.setattr("flows.terminal.outcome.outcome", lambda _done: None)
    assert cli.run(["audit", "--extract", str(Path(__file__).parent), "--home", "h"]) == 1
    assert capsys.readouterr().err == f"rechallenge: {Unexplained()}\n"


@pytest.mark.parametrize("name", ["findings", "labs", "history"])
def test_a_damaged_table_of_the_release_before_holds_nothing_back(home: Path, tmp_path: Path, night, name: str) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    path = (mine / "current").resolve() / f"{name}.parquet"
    path.unlink()
    path.write_bytes(b"PAR1 no more")
    done = night(write(tmp_path / "extract", date(2023, 10, 4), corrected), mine)
    assert done.since.changes.is_empty()
    assert done.warnings[0] == "the release before it cannot be read: nothing is compared with it"


def test_what_changed_is_printed_the_gravest_first(home: Path, capsys) -> None:
    assert cli.run(["changes", "--home", str(home)]) == 0
    lines = capsys.readouterr().out.splitlines()
    n = len(told(releases(home)[2]))
    assert lines[0] == f"{n} findings are not what they were in {releases(home)[1].name}."
    assert lines[1].split() == ["cause", "new", "raised", "lowered", "moved", "gone"]
    assert [line.split()[0] for line in lines[2:4]] == ["patient", "corrected"]
    assert lines[5].split() == ["episode", "rule", "change", "before", "now", "why"]
    assert lines[6].startswith("P000-20230301  RST-04  raised")


def test_what_changed_since_an_older_release_is_found_from_the_rows_that_are_kept(home: Path, capsys) -> None:
    first = releases(home)[0].name
    found = since_release(home, first)
    assert found.unexplained == 0
    causes = {(row["patient_id"], row["change"]): row["causes"] for row in found.changes.to_dicts()}
    assert causes["P003", "new"] == ["late"]
    assert causes["P002", "gone"] == ["patient_gone"]
    assert cli.run(["changes", "--home", str(home), "--since", first]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(f"in {first}.")


@pytest.mark.parametrize(
    ("name", "said"),
    [("nothing", "no such release"), ("../x", "no such release"), ("CURRENT", "not before the current one")],
)
def test_a_release_that_is_not_kept_or_not_before_is_refused(home: Path, name: str, said: str) -> None:
    with pytest.raises(Usage, match=said):
        since_release(home, releases(home)[2].name if name == "CURRENT" else name)


def test_a_release_of_another_program_is_compared_by_what_it_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "program_hash", lambda: "another")
    with pytest.raises(Usage, match="another version of this program"):
        since_release(home, releases(home)[0].name)


def test_explain_opens_a_release_that_is_kept(home: Path, capsys) -> None:
    assert cli.run(["explain", "--home", str(home), "P002-20230303"]) == 2
    capsys.readouterr()
    assert cli.run(["explain", "--home", str(home), "--release", releases(home)[1].name, "P002-20230303"]) == 0
    assert "as of 2023-10-02" in capsys.readouterr().out


def test_the_worklist_shows_what_waits_and_counts_what_a_mark_folds_away(
    home: Path, tmp_path: Path, night, capsys
) -> None:
    mine = shutil.copytree(home, tmp_path / "home", symlinks=True)
    home_is = ["--home", str(mine)]
    assert cli.run(["worklist", *home_is, "--urgency", "act_now", "--urgency", "review"]) == 0
    before = capsys.readouterr().out
    assert "P001-20230302  RST-01" in before
    assert cli.run(["mark", *home_is, "P001-20230302", "rst-01", "accepted", "--by", "Dr. Who"]) == 0
    assert capsys.readouterr().out == "Marked P001-20230302 RST-01 as accepted: mark 1 of this home.\n"
    assert cli.run(["mark", *home_is, "P001-20230302", "RST-04", "seen", "--by", "Dr. Who"]) == 0
    assert cli.run(["mark", *home_is, "P009-20230302", "RST-04", "seen", "--by", "Dr. Who"]) == 2
    capsys.readouterr()
    cli.run(["worklist", *home_is, "--urgency", "review"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(", and 1 folded away by a mark.")
    assert not [line for line in lines if "P001-20230302  RST-01" in line]
    assert "seen by Dr. Who" in "\n".join(lines)
    done = night(write(tmp_path / "extract", date(2023, 10, 4), corrected), mine)
    told = pl.read_parquet(done.release / "marks.parquet")
    assert told.select("rule_id", "mark", "is_folded").rows() == [
        ("RST-01", "accepted", True),
        ("RST-04", "seen", False),
    ]
    assert cli.run(["worklist", *home_is, "--urgency", "soon"]) == 2


def test_the_artifact_counts_the_changes_by_cause_and_names_nobody() -> None:
    rows = [("late", "raised"), ("late", "raised"), ("late", "new"), ("corrected", "gone"), ("time", "moved")]
    changes = CHANGES.empty().vstack(
        pl.DataFrame(
            [{"episode_id": "P1-20200101", "cause": cause, "change": change} for cause, change in rows]
        ).select(
            (pl.col(name) if name in ("episode_id", "cause", "change") else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in CHANGES.schema.items()
        )
    )
    assert Since(changes, since="RUN").lines == [
        "5 findings are not what they were in RUN.",
        "corrected: 1 gone.",
        "late: 1 new, 2 raised.",
        "time: 1 moved.",
    ]
    assert Since(changes.head(1), since="RUN").lines[0] == "1 finding is not what it was in RUN."
    assert Since(since="RUN").lines == ["0 findings are not what they were in RUN."]
    assert Since(why="there is no release before this one").lines == [
        "Nothing is compared: there is no release before this one."
    ]
