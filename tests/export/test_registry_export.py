"""An export to a registry from end to end: what lies in its folder, what is asked first, and how it stands attacks."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.errors import Usage
from flows.export import Request, attacked, export
from flows.export.ledger import GIVEN, ledger
from flows.export.registry import made
from tests.export import registered
from tests.export.registered import SHIPPED, ask, content, numbered, outcome, profile, said, true_dates, written

FILES = {
    "CITATION.cff", "codebook.csv", "manifest.json", "records.parquet", "redcap/data_dictionary.csv",
    "redcap/records.csv", *(f"omop/{name}.{kind}" for name in ("cohort", "cohort_definition", "drug_era")
                            for kind in ("csv", "parquet")),
}  # fmt: skip
SECRETS = ("PN-", "northside", "X-0000", "LAB-0000", "A sentence", registered.RUN, "2024-06-30", "releases")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registered.write(tmp_path_factory.mktemp("registry") / "home")


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
    assert [manifest["counts"][name] for name in ("persons", "restarts", "rows of cohort", "rows of records")] == [
        2,
        3,
        10,
        3,
    ]
    assert manifest["profile"]["agreement"]["shift_days"] == [-365, -1]
    for name, facts in manifest["files"].items():
        data = (out / name).read_bytes()
        assert facts == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_ids_and_dates_of_the_source_leave_where_the_agreement_names_them(home: Path, tmp_path: Path) -> None:
    tables = registered.frames()
    other = registered.write(tmp_path / "other", numbered(tables))
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


def test_rows_go_to_nobody_who_has_counts_and_counts_to_nobody_who_has_rows(tmp_path: Path) -> None:
    home = registered.write(tmp_path / "home")
    out, _ = written(home, tmp_path)
    assert not outcome(attacked(out, home), "together with aggregates").succeeded
    with pytest.raises(Usage, match="was given rows of this home"):
        export("aggregate", Request(home, recipient="registry  a"), tmp_path / "counts")
    assert not (tmp_path / "counts").exists()

    with ledger(home) as held:
        held.add(GIVEN, {"recipient": "Registry A", "profile": "aggregate", "period": "2024-Q2"})
    with pytest.raises(Usage, match="was given counts of this home"):
        written(home, tmp_path, out="two")
    assert not (tmp_path / "two").exists()
    assert outcome(attacked(out, home), "together with aggregates").succeeded


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


def test_the_names_of_its_files_are_the_program_s() -> None:
    assert {f"{name}.csv" for name in (made.RECORDS, made.DICTIONARY)} | {made.CODEBOOK, made.CITATION} <= FILES
