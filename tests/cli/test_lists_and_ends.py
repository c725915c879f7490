"""The command line: code lists, samples, and how the program ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.references import codelists

ROOT = Path(__file__).parents[2]


def test_codelists_shows_each_concept_and_what_is_unverified(run) -> None:
    code, out, err = run("codelists")
    assert (code, err) == (0, "")
    overview, _, unverified = out.partition("Unverified: ")
    rows = {line.split()[0]: line.split()[1:] for line in overview.splitlines() if line and not line.startswith(" ")}
    assert codelists.concepts().keys() <= rows.keys()
    assert rows["benefit_risk_documented"] == ["event", *("0",) * 5]
    listed = [entry for entry in codelists.entries() if entry.concept == "febuxostat"]
    reasons = [entry for entry in codelists.entries() if entry.concept == "hepatotoxicity"]
    words = sum(entry.vocabulary == "words" for entry in reasons)
    assert rows["hepatotoxicity"][:6] == ["stop_reason", str(len(reasons)), "2", "1", "0", str(words)]
    assert (rows["abnormal_lft"][0], rows["inpatient"][0], rows["human"][0]) == ("stop_reason", "stay", "species")
    assert rows["febuxostat"][:6] == ["drug", str(len(listed)), "0", "3", "0", "2"]
    assert "OMOP 1" in " ".join(overview.split())
    wanted = [entry for entry in codelists.entries() if entry.checked == "unverified"]
    assert unverified.startswith(f"{len(wanted)} of {len(codelists.entries())} codes")
    lines = [" ".join(line.split()) for line in unverified.splitlines()]
    shown = [f"{entry.concept} {entry.vocabulary} {entry.code}" for entry in wanted]
    assert all(any(f"{line} ".startswith(f"{start} ") for line in lines) for start in shown)
    assert "list of the site" not in out


def test_codelists_shows_one_concept_whole(run) -> None:
    code, out, err = run("codelists", "tioguanine")
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines() if line.startswith("RxNorm")]
    assert rows == [["RxNorm", "10485", "thioguanine", "(ingredient)", "one", "source", "drugs.csv", *rows[0][7:]]]
    assert "PharmGKB/CPIC drug table" in out
    assert "febuxostat" not in out
    code, out, _ = run("codelists", "benefit_risk_documented")
    assert (code, out.split()[:3]) == (0, ["benefit_risk_documented", "(event):", "0"])


def test_codelists_counts_a_sites_lists_and_names_them(run, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    lines = ("concept,vocabulary,code,display,checked", "alt,local,GPT,GPT,one source", "statin,name,simvastatin,,")
    (folder / "local.csv").write_text("\n".join([*lines, "alt,LOINC,1742-6,again,"]) + "\n")
    before = next(line for line in run("codelists")[1].splitlines() if line.startswith("alt "))
    code, out, err = run("codelists", "--codelists", folder)
    assert (code, err) == (0, "")
    lines_of = {
        name: [line.split() for line in out.splitlines() if line.startswith(name)] for name in ("alt ", "statin ")
    }
    assert int(lines_of["alt "][0][2]) == int(before.split()[2]) + 1, "a code that stands on two lists is one code"
    assert lines_of["statin "] == [
        ["statin", "drug", "1", "0", "0", "0", "1", "name", "1"],
        ["statin", "name", "simvastatin", "ours/local.csv"],
    ]
    assert [line.split()[1:] for line in out.splitlines() if line.startswith("ours/local.csv")] == [
        ["alt", "1"],
        ["statin", "1"],
    ]
    code, out, _ = run("codelists", "statin", "--codelists", folder)
    assert (code, "ours/local.csv" in out) == (0, True)


def test_a_sample_can_be_written_and_checked(run, tmp_path: Path) -> None:
    out_folder = tmp_path / "sample"
    code, out, err = run("sample", "--patients", 40, "--seed", 3, "--out", out_folder, "--format", "csv", "--clean")
    assert (code, err) == (0, "")
    assert f"Extract: {out_folder}" in out
    assert {path.name for path in out_folder.iterdir()} >= {"patients.csv", "lab_results.csv", "extract.json"}
    assert run("check", "--extract", out_folder)[0] == 0


def test_a_sample_never_overwrites(run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = run("sample", "--patients", 1, "--seed", 1, "--out", tmp_path)
    assert (code, "never overwrites" in err) == (2, True)


def test_the_program_ends_silently_after_its_work(extract: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "flows.cli", "check", "--extract", str(extract)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", ["rules", "--help", "check --extract {extract}"])
def test_a_reader_that_leaves_is_no_error_message(extract: Path, command: str) -> None:
    script = f"{sys.executable} -m flows.cli {command.format(extract=extract)} | head -c 1"
    ended = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (len(ended.stdout), ended.stderr) == (1, "")


LEFT = """
import sys
from pathlib import Path
from flows import cli, night

night.conduct = night.run_audit
sys.stdin.read()
cli.main()
"""


def test_an_audit_goes_on_when_its_reader_leaves(extract: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LEFT, "audit", "--extract", str(extract), "--home", str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert (tmp_path / "current" / "manifest.json").is_file()
