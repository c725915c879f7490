"""Which release a run is compared with: the chain of `current`, re-runs of a date, replays, and homes of others."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audit.guideline import Guideline, overlay
from flows.editions import load
from flows.errors import Usage
from flows.release.opened import SCHEMA_VERSION, edition_of, edition_text
from flows.release.predecessor import ANEW, NONE_BEFORE, UNREADABLE, Before, before

EDITION = load()


def publish(home: Path, name: str, as_of: str, predecessor: str | None = None, **said: object) -> None:
    """A release as its manifest tells it, turned to."""
    folder = home / "releases" / name
    folder.mkdir(parents=True)
    manifest = {
        "run_id": name,
        "as_of": as_of,
        "predecessor": predecessor,
        "fingerprints": {},
        "guideline": {"id": EDITION.id, "audited_drug": "azathioprine"},
        "schema_version": SCHEMA_VERSION,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | said))
    link = home / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, "one", "2024-03-01")
    publish(tmp_path, "two", "2024-03-02", "one")
    publish(tmp_path, "three", "2024-03-03", "two")
    return tmp_path


def found(home: Path, day: str, guideline: Guideline = EDITION, **options: bool) -> Before:
    return before(home, date.fromisoformat(day), guideline, **options)


def named(one: Before) -> str | None:
    return one.release.run_id if one.release else None


def test_a_home_without_a_release_has_none_before(tmp_path: Path) -> None:
    assert found(tmp_path, "2024-03-01") == Before(None, NONE_BEFORE)


def test_a_later_day_is_compared_with_the_current_release(home: Path) -> None:
    assert named(found(home, "2024-03-04")) == "three"
    assert found(home, "2024-03-04").is_replay is False


def test_a_date_that_is_run_again_is_compared_with_what_its_first_run_was(home: Path) -> None:
    assert named(found(home, "2024-03-03")) == "two"
    publish(home, "three again", "2024-03-03", "two")
    assert named(found(home, "2024-03-03")) == "two"
    assert named(found(home, "2024-03-04")) == "three again"


@pytest.mark.parametrize(("day", "name"), [("2024-03-02", "one"), ("2024-02-29", None), ("2024-03-01", None)])
def test_a_replay_has_its_own_predecessor(home: Path, day: str, name: str | None) -> None:
    replayed = found(home, day, replay=True)
    assert (named(replayed), replayed.is_replay) == (name, True)
    assert replayed.why == ("" if name else NONE_BEFORE)


def test_a_day_before_the_current_release_must_be_asked_for(home: Path) -> None:
    with pytest.raises(Usage, match=r"2024-03-02 lies before the current release \(2024-03-03\): --replay"):
        found(home, "2024-03-02")


@pytest.mark.parametrize("day", ["2024-03-03", "2024-03-04"])
def test_a_replay_lies_before_the_current_release(home: Path, day: str) -> None:
    with pytest.raises(Usage, match="--replay: the as-of date"):
        found(home, day, replay=True)


def test_nothing_is_replayed_in_an_empty_home(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no release yet"):
        found(tmp_path, "2024-03-01", replay=True)


def test_a_run_may_start_anew(home: Path) -> None:
    assert found(home, "2024-03-04", anew=True) == Before(None, ANEW)
    publish(home, "four", "2024-03-04")
    publish(home, "five", "2024-03-05", "four")
    assert named(found(home, "2024-03-05")) == "four"
    assert found(home, "2024-03-04", replay=True) == Before(None, NONE_BEFORE, is_replay=True)


def test_where_the_release_before_is_kept_no_more_nothing_is_compared(home: Path) -> None:
    (home / "releases" / "two" / "manifest.json").unlink()
    assert found(home, "2024-03-03").why == "the release before it is kept no more"
    assert named(found(home, "2024-03-04")) == "three"


def test_a_release_of_a_program_that_kept_no_rows_is_not_compared(tmp_path: Path) -> None:
    publish(tmp_path, "old", "2024-03-01")
    path = tmp_path / "releases" / "old" / "manifest.json"
    said = json.loads(path.read_text())
    del said["fingerprints"], said["schema_version"]
    path.write_text(json.dumps(said))
    assert found(tmp_path, "2024-03-02").why == "the release before it keeps no rows: an earlier program wrote it"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"as_of": 5}', '{"schema_version": "x"}'])
def test_a_damaged_release_holds_nothing_back(home: Path, text: str) -> None:
    (home / "releases" / "three" / "manifest.json").write_text(text)
    assert found(home, "2024-03-04") == Before(None, UNREADABLE, is_damaged=True)


def test_a_home_is_of_one_drug_and_one_guideline(home: Path) -> None:
    with pytest.raises(Usage, match="for the drug azathioprine, not allopurinol"):
        found(home, "2024-03-04", overlay(EDITION, {"audited_drug": "allopurinol"}))
    with pytest.raises(Usage, match="for the guideline dr-oracle-2025, not another"):
        found(home, "2024-03-04", EDITION.model_copy(update={"id": "another"}), anew=True)


def test_a_release_of_a_newer_program_is_refused(home: Path) -> None:
    publish(home, "newer", "2024-03-04", "three", schema_version=SCHEMA_VERSION + 1)
    with pytest.raises(Usage, match="a newer program wrote"):
        found(home, "2024-03-05")


def test_the_day_before_is_that_of_the_feed(home: Path) -> None:
    publish(home, "four", "2024-03-04", "three", extracted_on="2024-03-02")
    release = found(home, "2024-03-05").release
    assert release is not None
    assert (release.as_of, release.observed_to) == (date(2024, 3, 4), date(2024, 3, 2))
    told = replace(release, said={**release.said, "extracted_on": None})
    assert told.observed_to == date(2024, 3, 4)


def test_an_edition_is_read_back_as_it_was_applied() -> None:
    applied = overlay(EDITION, {"min_break_days": 10, "stop_symptoms": ("nausea",)})
    again = edition_of(edition_text(applied))
    assert again.values == applied.values
    assert again.hash == applied.hash
