"""Attacks on an export to a registry: ours stands them, and what is spoilt or made naively does not."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.errors import Usage
from flows.export import attacked, folder
from tests.export import registered
from tests.export.registered import SHIFTED, content, numbered, outcome, profile, said, true_dates, written


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registered.write(tmp_path_factory.mktemp("registry") / "home")


def spoilt(out: Path, name: str, table: pl.DataFrame) -> None:
    """Put another table in the place of one, with the manifest that would go with it."""
    files = {file: data for file, data in content(out).items() if file != folder.MANIFEST}
    files[name] = folder.as_parquet(table)
    rest = {word: value for word, value in said(out).items() if word != "files"}
    for file, data in folder.with_manifest(files, rest).items():
        (out / file).write_bytes(data)


def test_the_export_stands_every_attack_with_and_without_the_home(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    without, found = attacked(out, None), attacked(out, home)
    assert not [one.name for one in (*without, *found) if one.succeeded]
    names = [one.name for one in found]
    assert len(names) == len(set(names)) == 8
    assert {one.name for one in without} == set(names) - {"canaries", "true dates", "end of the feed"}
    assert "3 of 3" in outcome(found, "rare combinations").outcome
    assert "2 of 2 persons" in outcome(found, "true dates").outcome
    assert any("aggregate" in line for line in outcome(without, "together with aggregates").details)


def test_a_release_that_is_gone_cannot_be_looked_for(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    with pytest.raises(Usage, match="does not keep the release"):
        attacked(out, tmp_path)


def test_a_file_that_others_may_read_is_seen(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    (out / "codebook.csv").chmod(0o640)
    found = outcome(attacked(out, home), "traces")
    assert (found.succeeded, list(found.details)) == (
        True, ["codebook.csv: others than its owner may have rights to it"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [("grade", "PN-1"), ("grade", "northside"), ("grade", "X-00001"), ("grade", "LAB-00001"),
     ("grade", "A sentence of PN-2."), ("record_id", "PN-1-20220301")],
)  # fmt: skip
def test_a_canary_in_the_records_is_seen(column: str, value: str, home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    records = pl.read_parquet(out / "records.parquet")
    mixed = pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(value)).otherwise(column)
    spoilt(out, "records.parquet", records.with_columns(mixed.alias(column)))
    found = outcome(attacked(out, home), "canaries")
    assert (found.succeeded, list(found.details)) == (True, ["records.parquet"])


def test_a_canary_among_words_is_seen(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    definitions = pl.read_parquet(out / "omop/cohort_definition.parquet")
    named = pl.lit("Restarts, such as PN-1-20220301, that were audited")
    spoilt(out, "omop/cohort_definition.parquet", definitions.with_columns(cohort_definition_description=named))
    assert outcome(attacked(out, home), "canaries").succeeded


@pytest.mark.parametrize("words", ["of PN-1-20220301", "from X-00001"])
def test_a_canary_in_the_manifest_is_seen(words: str, home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    (out / "manifest.json").write_text(json.dumps(said(out) | {"purpose": words}), encoding="utf-8")
    found = outcome(attacked(out, home), "canaries")
    assert (found.succeeded, list(found.details)) == (True, ["manifest.json"])


def test_the_name_of_the_release_and_the_path_of_its_home_are_seen(home: Path, tmp_path: Path) -> None:
    for word in (registered.RUN, str(home.resolve())):
        out, _ = written(home, tmp_path, out=f"out{len(word)}")
        (out / "manifest.json").write_text(json.dumps(said(out) | {"purpose": f"({word})"}), encoding="utf-8")
        assert outcome(attacked(out, home), "canaries").succeeded


def test_numbers_of_the_source_in_place_of_pseudonyms_are_seen(tmp_path: Path) -> None:
    home = registered.write(tmp_path / "home", numbered(registered.frames()))
    out, _ = written(home, tmp_path)
    assert not outcome(attacked(out, home), "canaries").succeeded
    eras = pl.read_parquet(out / "omop/drug_era.parquet")
    spoilt(out, "omop/drug_era.parquet", eras.with_columns(person_id=pl.Series([7001, 7001, 7001, 7002, 7002])))
    assert outcome(attacked(out, home), "canaries").succeeded


def test_a_date_among_the_records_is_seen(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    records = pl.read_parquet(out / "records.parquet")
    for value in (pl.lit("2024-01-01"), pl.date(2024, 1, 1)):
        spoilt(out, "records.parquet", records.with_columns(grade=value))
        found = outcome(attacked(out, None), "dates in records")
        assert (found.succeeded, list(found.details)) == (True, ["grade"])


def test_eras_that_overlap_are_seen(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    eras = pl.read_parquet(out / "omop/drug_era.parquet")
    spoilt(out, "omop/drug_era.parquet", eras.with_columns(drug_era_start_date=pl.col("drug_era_start_date").min()))
    assert outcome(attacked(out, None), "OMOP tables").succeeded


def test_dates_that_did_not_move_are_seen(home: Path, tmp_path: Path) -> None:
    """A naive export: pseudonyms, and the dates as they are."""
    named = profile(tmp_path, *true_dates())
    out, _ = written(home, tmp_path, named)
    promised = {"dates": "shifted", "shift_days": [-365, -1], "ongoing_cut_days": 180}
    manifest = said(out)
    manifest["profile"]["agreement"] |= promised
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = outcome(attacked(out, home), "true dates")
    assert found.succeeded
    assert "2 of 2 persons" in found.outcome


def test_a_course_that_is_told_up_to_the_end_of_the_feed_gives_the_shift_away(home: Path, tmp_path: Path) -> None:
    naive, _ = written(home, tmp_path, profile(tmp_path, (SHIFTED[2], "ongoing_cut_days = 0")))
    found = outcome(attacked(naive, home), "end of the feed")
    assert found.succeeded
    assert "the shift of 1 of the " in found.outcome
    ours, _ = written(home, tmp_path, out="ours")
    assert not outcome(attacked(ours, home), "end of the feed").succeeded


def test_metadata_that_a_file_says_of_itself_are_seen(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    records = pl.read_parquet(out / "records.parquet")
    records.write_parquet(tmp_path / "talking.parquet", metadata={"made_on": "a host"})
    files = {file: data for file, data in content(out).items() if file != folder.MANIFEST}
    files["records.parquet"] = (tmp_path / "talking.parquet").read_bytes()
    rest = {word: value for word, value in said(out).items() if word != "files"}
    for file, data in folder.with_manifest(files, rest).items():
        (out / file).write_bytes(data)
    found = outcome(attacked(out, None), "traces")
    assert found.succeeded
    assert "records.parquet: its head holds words of its own" in found.details
