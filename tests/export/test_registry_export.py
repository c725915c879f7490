"""An export to a registry from end to end: what lies in its folder, what is asked first, and how it stands attacks."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.errors import Usage
from flows.export import Attack, Exported, Request, aggregate, attacked, export, folder
from flows.export.profiles import PROFILES
from flows.export.registry import made
from tests.export import registered

SHIPPED = (PROFILES / "registry.toml").read_text(encoding="utf-8")
SHIFTED = 'dates = "shifted"', "shift_days = [-365, -1]", "ongoing_cut_days = 180"
FILES = {
    "CITATION.cff", "codebook.csv", "manifest.json", "records.parquet", "redcap/data_dictionary.csv",
    "redcap/records.csv", *(f"omop/{name}.{kind}" for name in ("cohort", "cohort_definition", "drug_era")
                            for kind in ("csv", "parquet")),
}  # fmt: skip
SECRETS = ("PN-", "northside", "X-0000", "LAB-0000", "A sentence", registered.RUN, "2024-06-30", "releases")
LEDGER = "refuse_shared_recipient"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registered.write(tmp_path_factory.mktemp("registry") / "home")


@pytest.fixture(autouse=True)
def asked_of_ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Path, str]]]:
    """The ledger knows of nobody, and of whom it was asked is kept."""
    calls: list[tuple[Path, str]] = []
    monkeypatch.setattr(aggregate, LEDGER, lambda home, recipient: calls.append((home, recipient)), raising=False)
    yield calls


def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(bytes(range(40)))
    file.chmod(0o600)
    return file


def ask(of: Path, tmp_path: Path, **more: Any) -> Request:
    asked = Request(of, key_file=key(tmp_path), recipient="Registry A", purpose="audit of care")
    return replace(asked, **more)


def profile(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = SHIPPED
    for was, now in changes:
        assert was in text
        text = text.replace(was, now, 1)
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def true_dates(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(SHIFTED[0], 'dates = "true"'), (f"{SHIFTED[1]}\n", ""), (f"{SHIFTED[2]}\n", ""), *more]


def written(home: Path, tmp_path: Path, name: str = "registry", out: str = "out") -> tuple[Path, Exported]:
    done = export(name, ask(home, tmp_path), tmp_path / out)
    return tmp_path / out, done


def content(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def said(out: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def outcome(found: list[Attack], name: str) -> Attack:
    [one] = [attack for attack in found if attack.name == name]
    return one


def spoilt(out: Path, name: str, table: pl.DataFrame) -> None:
    """Put another table in the place of one, with the manifest that would go with it."""
    files = {file: data for file, data in content(out).items() if file != folder.MANIFEST}
    files[name] = folder.as_parquet(table)
    rest = {word: value for word, value in said(out).items() if word != "files"}
    for file, data in folder.with_manifest(files, rest).items():
        (out / file).write_bytes(data)


def test_the_folder_holds_tables_records_and_papers_for_its_owner_alone(home: Path, tmp_path: Path) -> None:
    out, done = written(home, tmp_path)
    assert set(content(out)) == FILES
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o600}
    assert (done.told["persons"], done.told["restarts"], done.told["rows of drug_era"]) == (2, 3, 5)
    eras, cohort = pl.read_parquet(out / "omop/drug_era.parquet"), pl.read_parquet(out / "omop/cohort.parquet")
    records = pl.read_parquet(out / "records.parquet")
    assert (eras.height, cohort.height, records.height) == (5, 3 + 5 + 2, 3)
    assert set(eras["person_id"]) == set(cohort["subject_id"]) == set(records["subject_id"])
    assert records["record_id"].str.contains("^[0-9a-f]{32}$").all()
    assert records["record_id"].is_sorted()
    for name, table in (("redcap/records", records), ("omop/drug_era", eras), ("omop/cohort", cohort)):
        text = pl.read_csv(out / f"{name}.csv", infer_schema=False)
        assert text.equals(pl.read_csv(table.write_csv().encode(), infer_schema=False))


def test_two_runs_give_the_same_bytes_and_another_recipient_others(home: Path, tmp_path: Path) -> None:
    one, _ = written(home, tmp_path, out="one")
    two, _ = written(home, tmp_path, out="two")
    assert content(one) == content(two)
    export("registry", ask(home, tmp_path, recipient="Registry B"), tmp_path / "three")
    ours, theirs = (pl.read_parquet(tmp_path / out / "records.parquet") for out in ("one", "three"))
    assert not set(ours["record_id"]) & set(theirs["record_id"])
    assert not set(ours["subject_id"]) & set(theirs["subject_id"])


def test_the_bytes_of_a_table_do_not_hang_on_how_it_was_computed() -> None:
    whole = pl.DataFrame({"a": range(300_000)})
    parts = pl.concat([whole.slice(0, 40_000), whole.slice(40_000)], rechunk=False)
    assert made._both("t", parts) == made._both("t", whole)


def test_no_byte_holds_what_identifies_a_person_a_row_or_a_place(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    for name, data in content(out).items():
        texts = [data.decode("latin-1"), name]
        if name.endswith(".parquet"):
            texts.append(str(pl.read_parquet(data).to_dicts()) + str(pl.read_parquet_metadata(data).keys()))
        assert not [word for text in texts for word in (*SECRETS, str(home)) if word in text]


def test_dates_move_and_the_intervals_of_a_person_stay(home: Path, tmp_path: Path) -> None:
    eras = pl.read_parquet(written(home, tmp_path)[0] / "omop/drug_era.parquet")
    starts = eras.group_by("person_id").agg("drug_era_start_date").sort(pl.col("drug_era_start_date").list.len())
    second, first = starts["drug_era_start_date"].to_list()
    true = registered.frames()["courses"]
    for found, patient in ((first, "PN-1"), (second, "PN-2")):
        moved = {(a - b) for a, b in zip(found, true.filter(patient_id=patient)["start_date"], strict=True)}
        [by] = moved
        assert timedelta(days=-365) <= by <= timedelta(days=-1)


@pytest.mark.parametrize(("changes", "told"), [((), None), (true_dates(), 181)])
def test_a_record_does_not_tell_how_long_a_course_lasts_that_reaches_the_end_of_the_feed(
    changes: list[tuple[str, str]], told: int | None, tmp_path: Path
) -> None:
    tables = registered.frames()
    at_the_end = pl.col("last_dose_date").fill_null(registered.FEED_END)
    home = registered.write(tmp_path / "home", {**tables, "episodes": tables["episodes"].with_columns(at_the_end)})
    records = pl.read_parquet(written(home, tmp_path, profile(tmp_path, *changes))[0] / "records.parquet")
    assert sorted(records["last_dose_day"], key=str) == sorted([121, 30, told], key=str)


def test_the_manifest_says_what_it_is_for_whom_by_which_edition_and_what_both_reveal(
    home: Path, tmp_path: Path
) -> None:
    out, _ = written(home, tmp_path)
    manifest = said(out)
    assert (manifest["kind"], manifest["recipient"], manifest["purpose"]) == ("registry", "Registry A", "audit of care")
    assert "not anonymous" in manifest["what_it_is"]
    assert "aggregate" in manifest["together_with_aggregates"]
    assert manifest["version"] == f"{registered.EDITION.edition}, as of 2024-06"
    assert manifest["parameters_hash"] == registered.EDITION.hash
    assert manifest["parameters"]["min_break_days"] == registered.EDITION["min_break_days"].days
    assert (manifest["counts"]["persons"], manifest["counts"]["restarts"]) == (2, 3)
    assert manifest["profile"]["agreement"]["shift_days"] == [-365, -1]
    for name, facts in manifest["files"].items():
        data = (out / name).read_bytes()
        assert facts == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_ids_and_dates_of_the_source_leave_where_the_agreement_names_them(home: Path, tmp_path: Path) -> None:
    tables = registered.frames()
    numbered = {
        name: table.with_columns(pl.col("patient_id").str.replace("PN-", "700"))
        for name, table in tables.items()
        if "patient_id" in table.columns
    }
    other = registered.write(tmp_path / "other", {**tables, **numbered})
    named = profile(tmp_path, *true_dates(('"pseudonym"', '"source"')))
    export(named, ask(other, tmp_path, key_file=None), tmp_path / "out")
    eras = pl.read_parquet(tmp_path / "out/omop/drug_era.parquet")
    true = tables["courses"].filter(pl.col("patient_id") != "PN-3")
    assert eras["person_id"].to_list() == [7001, 7001, 7001, 7002, 7002]
    assert eras["drug_era_start_date"].to_list() == true["start_date"].to_list()
    assert eras["drug_era_end_date"].to_list() == true["last_dose_date"].to_list()
    records = pl.read_parquet(tmp_path / "out/records.parquet")
    assert records["record_id"].to_list() == tables["episodes"]["episode_id"].to_list()
    assert "as the agreement names them" in said(tmp_path / "out")["what_it_is"]
    assert not [one.name for one in attacked(tmp_path / "out", other) if one.succeeded]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"recipient": None}, "--recipient"),
        ({"recipient": "  "}, "--recipient"),
        ({"purpose": ""}, "--purpose"),
        ({"key_file": None}, "a key is needed"),
        ({"key_file": Path("/no/such/key")}, "key file cannot be read"),
        ({"release": "20200101-x"}, "no such release"),
        ({"home": Path("/no/such/home")}, "no release yet"),
    ],
)
def test_what_is_lacking_is_one_line_and_nothing_is_written(
    more: dict[str, Any], said: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECHALLENGE_EXPORT_KEY", raising=False)
    with pytest.raises(Usage, match=said):
        export("registry", ask(home, tmp_path, **more), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("[omop]", '[omop]\nrules = ["RST-99"]')], "no rule RST-99"),
        ([("reasons = true", 'reasons = true\nrules = ["RST-99"]')], "no rule RST-99"),
        ([('levels = ["F", "M"]', 'levels = ["M"]')], "a value of sex"),
        ([("[agreement]", '[agreement]\nrecipient = "Registry B"')], "the agreement with another recipient"),
        ([('"pseudonym"', '"source"')], "no integers"),
    ],
)
def test_a_profile_that_the_release_does_not_fit_is_one_line_and_nothing_is_written(
    changes: list[tuple[str, str]], said: str, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(Usage, match=said):
        written(home, tmp_path, profile(tmp_path, *changes))
    assert not (tmp_path / "out").exists()


def test_a_profile_may_name_its_recipient(home: Path, tmp_path: Path) -> None:
    written(home, tmp_path, profile(tmp_path, ("[agreement]", '[agreement]\nrecipient = "Registry A"')))


def test_a_recipient_of_aggregates_gets_no_rows(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_of_ledger: list[tuple[Path, str]]
) -> None:
    out, _ = written(home, tmp_path)
    assert asked_of_ledger == [(home, "Registry A")]
    assert not outcome(attacked(out, home), "together with aggregates").succeeded

    def known(home: Path, recipient: str) -> None:
        raise Usage("this recipient has aggregates")

    monkeypatch.setattr(aggregate, LEDGER, known, raising=False)
    with pytest.raises(Usage, match="has aggregates"):
        written(home, tmp_path, out="two")
    assert not (tmp_path / "two").exists()
    found = outcome(attacked(out, home), "together with aggregates")
    assert found.succeeded
    assert "has aggregates" in found.outcome


def test_an_edition_that_can_be_applied_no_more_is_one_line(tmp_path: Path) -> None:
    home = registered.write(tmp_path / "home")
    (home / "current" / "edition.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Usage, match="can be applied no more"):
        written(home, tmp_path)


@pytest.mark.parametrize(("form", "other"), [("omop", ("redcap/", "records.")), ("redcap", ("omop/",))])
def test_one_form_alone(form: str, other: tuple[str, ...], home: Path, tmp_path: Path) -> None:
    text = SHIPPED.replace('["omop", "redcap"]', f'["{form}"]')
    text = text[: text.index("# Records:")] if form == "omop" else text.replace("[omop]", "")
    (tmp_path / "one.toml").write_text(text, encoding="utf-8")
    out, _ = written(home, tmp_path, str(tmp_path / "one.toml"))
    assert set(content(out)) == {name for name in FILES if not name.startswith(other)}
    assert not [one.name for one in attacked(out, home) if one.succeeded]


def test_the_export_stands_every_attack_with_and_without_the_home(home: Path, tmp_path: Path) -> None:
    out, _ = written(home, tmp_path)
    without, found = attacked(out, None), attacked(out, home)
    assert not [one.name for one in (*without, *found) if one.succeeded]
    names = [one.name for one in found]
    assert len(names) == len(set(names)) == 9
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
    found = outcome(attacked(out, home), "file modes")
    assert (found.succeeded, list(found.details)) == (True, ["codebook.csv"])


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
    tables = registered.frames()
    numbered = {
        name: table.with_columns(pl.col("patient_id").str.replace("PN-", "700"))
        for name, table in tables.items()
        if "patient_id" in table.columns
    }
    home = registered.write(tmp_path / "home", {**tables, **numbered})
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
    found = outcome(attacked(out, None), "metadata")
    assert (found.succeeded, list(found.details)) == (True, ["records.parquet"])


def test_the_names_of_its_files_are_the_program_s() -> None:
    assert {f"{name}.csv" for name in (made.RECORDS, made.DICTIONARY)} | {made.CODEBOOK, made.CITATION} <= FILES
