"""The command line: what it prints, how it ends, and what it keeps to itself."""

import json
from pathlib import Path

import polars as pl
import pytest

from flows.night.lock import exclusive
from tests.flows import cohort

COMMANDS = ("audit", "explain", "changes", "worklist", "mark", "rules", "check", "codelists", "sample")


def test_an_audit_says_what_it_did_and_what_it_found(run, extract: Path, tmp_path: Path) -> None:
    code, out, err = run("audit", "--extract", extract, "--home", tmp_path)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Warning: the newest ")
    assert [line.split(":")[0] for line in lines[1:7]] == ["read", "check", "stage", "judge", "compare", "release"]
    [row] = [line for line in lines if line.startswith("RST-04")]
    assert row.split()[-6:] == ["4", "4", "3", "0", "1", "0"]
    assert "11 violations on the worklist. Audit signal, not a clinical verdict: dr-oracle-2025" in out
    assert "content is pending human review" in " ".join(out.split())
    assert lines[-1] == f"Report: {tmp_path / 'current' / 'report.html'}"
    assert "P00" not in out.replace(str(tmp_path), "")


def test_an_audit_takes_a_date_a_site_file_and_code_lists(run, extract: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("max_break_days = 29\n")
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "local.csv").write_text("concept,vocabulary,code,display\nalt,local,SGPT,SGPT\n")
    home = tmp_path / "home"
    code, _, err = run(
        "audit", "--extract", extract, "--home", home, "--as-of", "2023-04-01", "--site", site,
        "--codelists", lists, "--guideline", "dr-oracle-2025",
    )  # fmt: skip
    assert (code, err) == (0, "")
    said = json.loads((home / "current" / "manifest.json").read_text())
    assert (said["as_of"], said["parameters"]["max_break_days"]) == ("2023-04-01", 29)
    assert set(pl.read_parquet(home / "current" / "breaks.parquet")["break_class"]) == {
        "new_start",
        "thiopurine_switch",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "--home", "{tmp}/home"), "Missing option '--extract'"),
        (("audit", "--extract", "{tmp}/nowhere", "--home", "{tmp}/home"), "does not exist"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--as-of", "30.6.2026"), "2026-06-30"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--guideline", "bogus"), "no guideline edition"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--guideline", "../x"), "no guideline edition"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--site", "{tmp}/bad.toml"), "'nonsense'"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--site", "{tmp}/none.toml"), "does not exist"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--codelists", "{tmp}/empty"), "code lists"),
        (("audit", "--extract", "{undated}", "--home", "{tmp}/home"), "no as-of date"),
        (("audit", "--extract", "{extract}", "--home", "{tmp}/home", "--bogus"), "No such option"),
        (("explain", "--home", "{tmp}/home", "E1"), "no release"),
        (("explain", "--home", "{tmp}/home"), "EPISODE or --patient"),
        (("rules", "RST-99"), "no rule 'RST-99'"),
        (("rules", "--guideline", "bogus"), "no guideline edition"),
        (("codelists", "bogus"), "no concept 'bogus'"),
        (("codelists", "alt", "--codelists", "{tmp}/empty"), "code lists"),
        (("check",), "Missing option '--extract'"),
        (("check", "--extract", "{extract}", "--rejects", "{tmp}/rejects.xlsx"), "is no .parquet or .csv file"),
        (("check", "--source", "omop"), "--source KIND with --from LOCATION"),
        (("check", "--from", "{extract}"), "--source KIND with --from LOCATION"),
        (("check", "--extract", "{extract}", "--source", "omop", "--from", "{extract}"), "exclude each other"),
        (("check", "--source", "omop", "--from", "host=h password=secret"), "no password in an address"),
        (("check", "--source", "omop", "--from", "{extract}", "--mapping", "{tmp}/empty"), "holds no .sql file"),
        (("check", "--source", "i2b2", "--from", "{extract}"), "no source 'i2b2' (known: native, omop, fhir"),
        (("check", "--extract", "{extract}", "--mapping", "{extract}"), "--mapping goes with --source"),
        (("check", "--source", "table", "--from", "{extract}", "--mapping", "{tmp}/nowhere"), "--mapping"),
        (("check", "--source", "table", "--from", "{extract}"), "there is no mapping.toml"),
        (("audit", "--source", "table", "--from", "{tmp}/nowhere", "--home", "{tmp}/home"), "no as-of date"),
        (
            ("audit", "--source", "fhir", "--from", "{tmp}/nowhere", "--home", "{tmp}/home", "--as-of", "2024-01-01"),
            "source fhir: the location is no folder",
        ),
        (("sample", "--patients", "0", "--seed", "1", "--out", "{tmp}/s"), "--patients"),
        (("sample", "--patients", "1", "--seed", "1", "--out", "{tmp}/s", "--format", "xls"), "no format 'xls'"),
        (("bogus",), "No such command"),
        ((), "give a command"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_one_line(
    run, extract: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "bad.toml").write_text("nonsense = 1\n")
    (tmp_path / "empty").mkdir()
    undated = cohort.write_extract(tmp_path / "undated", as_of=None)
    filled = [one.format(tmp=tmp_path, extract=extract, undated=undated) for one in arguments]
    code, _, err = run(*filled)
    assert code == 2
    assert said.replace("{tmp}", str(tmp_path)) in err
    assert err.startswith("rechallenge: ")
    assert err.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_refused_data_end_with_3_and_say_why(run, tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in")
    (extract / "drug_exposures.csv").unlink()
    code, _, err = run("audit", "--extract", extract, "--home", tmp_path / "home")
    assert (code, err) == (3, "rechallenge: extract: the table drug_exposures is missing\n")
    assert not (tmp_path / "home" / "current").exists()


def test_a_second_run_ends_with_4(run, extract: Path, tmp_path: Path) -> None:
    with exclusive(tmp_path):
        code, _, err = run("audit", "--extract", extract, "--home", tmp_path)
    assert code == 4
    assert err == "rechallenge: another audit is running in this home; nothing was changed\n"


def test_an_unforeseen_error_ends_with_1_and_keeps_its_words(run, extract: Path, tmp_path: Path, monkeypatch) -> None:
    def fail(staged, *_: object) -> None:
        raise ValueError(staged.patients["patient_id"][1])

    monkeypatch.setattr("flows.night.steps.judge_restarts", fail)
    code, _, err = run("audit", "--extract", extract, "--home", tmp_path)
    assert code == 1
    assert err == "rechallenge: the step judge failed (ValueError); the last release stays in place\n"
    code, _, err = run("audit", "--extract", extract, "--home", tmp_path, "--debug")
    assert code == 1
    assert "test_cli.py" in err
    assert "P001" not in err


def test_a_full_disk_is_named(run, extract: Path, tmp_path: Path, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.night.steps.publish_release", fail)
    code, _, err = run("audit", "--extract", extract, "--home", tmp_path)
    assert (code, "No space left on device" in err) == (1, True)


def test_what_no_step_holds_is_a_line_too(run, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("P001")

    monkeypatch.setattr("audit.rules.rulebook", fail)
    assert run("rules") == (1, "", "rechallenge: unexpected RuntimeError; --debug shows where\n")


def test_ctrl_c_ends_with_1_and_a_line(run, extract: Path, tmp_path: Path, monkeypatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.night.conduct", interrupt)
    code, _, err = run("audit", "--extract", extract, "--home", tmp_path)
    assert (code, err) == (1, "rechallenge: interrupted; the last release stays in place\n")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
def test_everything_has_help(run, command: tuple[str, ...]) -> None:
    code, out, err = run(*command, "--help")
    assert (code, err) == (0, "")
    assert "Exit codes: 0 done, 2 wrong usage, 3 the data was refused" in out
    assert "Usage: rechallenge" in out


def test_the_version_is_told(run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("rechallenge ")


def test_rules_lists_every_rule_with_the_articles_words(run) -> None:
    code, out, err = run("rules")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    for rule in ("RST-01", "RST-05", "RST-08", "MON-01", "MON-05", "STP-01", "STP-06"):
        assert any(line.startswith(rule) for line in lines), rule
    assert "audit signal, not a clinical verdict" in out.lower()


def test_a_rule_is_shown_whole(run) -> None:
    code, out, err = run("rules", "rst-04")
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    assert "Do not restart azathioprine at the same dose that caused the initial hepatotoxicity" in said
    assert "dose_same_tolerance 0.99" in said
    assert "[D]" in said, "a default of the project is marked as one"
    assert "violation same_dose" in said
    assert "Why it matters" in said


def test_the_descriptive_statement_is_a_rule_without_a_verdict(run) -> None:
    code, out, _ = run("rules", "RST-05")
    assert code == 0
    assert "(descriptive; form alternate_day)" in out
    assert "violation" not in out


def test_check_shows_what_became_of_every_row(run, extract: Path) -> None:
    code, out, err = run("check", "--extract", extract)
    assert (code, err) == (0, "")
    said = {line.split()[0]: line.split()[1] for line in out.splitlines() if line and not line.startswith(" ")}
    for name, table in cohort.tables().items():
        assert said[name] == str(table.height), name
    assert "inpatient_stays is missing" in out
    assert "An audit would go ahead." in out
    alts = cohort.tables()["lab_results"].filter(pl.col("code") == "alt").height
    assert f"Recognised in lab_results, by rows: alp 5, alt {alts}, " in " ".join(out.split())


def test_check_says_so_where_neither_the_drug_nor_an_enzyme_was_found(run, tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in")
    for table, codes in (("lab_results", ["alt", "ast"]), ("drug_exposures", ["azathioprine"])):
        rows = pl.read_csv(extract / f"{table}.csv", infer_schema=False)
        rows.with_columns(code=pl.when(pl.col("code").is_in(codes)).then(pl.lit("?")).otherwise("code")).write_csv(
            extract / f"{table}.csv"
        )
    _, out, _ = run("check", "--extract", extract)
    assert "no row is azathioprine, by any code or name" in " ".join(out.split())
    assert "no row is ALT or AST, so no raised enzyme can be seen" in " ".join(out.split())


def test_check_ends_with_3_where_an_audit_would_be_refused_and_shows_why(run, tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in")
    labs = pl.read_csv(extract / "lab_results.csv").with_columns(unit=pl.lit("furlongs"))
    labs.write_csv(extract / "lab_results.csv")
    code, out, err = run("check", "--extract", extract)
    assert code == 3
    assert err.startswith("rechallenge: lab_results: ")
    assert err.count("\n") == 1
    assert "unknown_unit" in out
    assert "An audit would be refused." in out
    assert "P00" not in out + err


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_check_writes_the_rejected_rows_where_it_is_asked_to(run, tmp_path: Path, form: str) -> None:
    extract = cohort.write_extract(tmp_path / "in")
    labs = pl.read_csv(extract / "lab_results.csv").with_columns(unit=pl.lit("furlongs"))
    labs.write_csv(extract / "lab_results.csv")
    code, out, err = run("check", "--extract", extract, "--rejects", tmp_path / f"rejects.{form}")
    assert code == 3
    read = pl.read_csv if form == "csv" else pl.read_parquet
    found = read(tmp_path / f"rejects.{form}")
    assert set(found["reason"]) == {"unknown_unit"}
    assert "furlongs" in found["row"][0]
    assert "furlongs" not in out + err


def test_check_needs_no_as_of_date(run, tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in", as_of=None)
    code, out, _ = run("check", "--extract", extract)
    assert code == 0
    [row] = [line.split() for line in out.splitlines() if line.startswith("lab_results ")]
    assert row[7] == "0", "no row comes after a date that nobody gave"


def test_check_counts_what_comes_after_a_given_date(run, extract: Path) -> None:
    _, out, _ = run("check", "--extract", extract, "--as-of", "2023-01-01")
    [row] = [line.split() for line in out.splitlines() if line.startswith("lab_results ")]
    assert int(row[7]) > 0


def test_check_shows_what_matched_by_rule_and_what_nearly_did(run, tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "in")
    drugs = pl.read_csv(extract / "drug_exposures.csv", infer_schema=False)
    named = [*(f"Imuran {n} mg" for n in range(1, 23)), "imuran gel", *(f"drug {n:02d}" for n in range(25))]
    added = pl.concat([drugs.head(1)] * len(named)).with_columns(
        exposure_id=pl.format("n{}", pl.int_range(pl.len())), vocabulary=pl.lit("name"), code=pl.Series(named)
    )
    pl.concat([drugs, added]).write_csv(extract / "drug_exposures.csv")
    _, out, err = run("check", "--extract", extract)
    matched, _, rest = out.partition("Looks like a listed drug but was not matched")
    missed, _, unlisted = rest.partition("Codes on no list")
    assert "Names matched by rule: please confirm" in matched
    assert matched.count("Imuran") == 20
    assert "and 2 more" in matched
    assert missed.split()[-7:] == ["drug_exposures", "name", "imuran", "gel", "azathioprine", "1", "gel"]
    assert unlisted.count("drug_exposures  name") == 20
    assert "and 6 more" in unlisted, "a near miss is on no list either"
    assert "drug_exposures: 1 name (1 row) looks like azathioprine but did not match" in out
    assert "imuran" not in err.lower()
