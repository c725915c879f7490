"""The pages that the command line writes from a release that is kept: the report anew, one for meetings, one person."""

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.flows.markup import Node, tree


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def findings(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "current" / "findings.parquet")


def copied(home: Path, folder: Path) -> Path:
    """Return a home of one's own with the same release."""
    shutil.copytree(home, folder / "home", symlinks=True)
    return folder / "home"


def written(path: Path) -> Node:
    return tree(path.read_text(encoding="utf-8"))


# --- The report anew ---------------------------------------------------------------------------------


def test_the_page_made_anew_is_byte_for_byte_the_one_that_was_published(home: Path, run, out: Path) -> None:
    code, said, err = run("report", "--home", home, "--out", out)
    assert (code, err, said.split("\n")[0]) == (0, "", f"Report: {out}")
    assert out.read_bytes() == (home / "current" / "report.html").read_bytes()


def test_a_release_is_opened_by_its_id(home: Path, run, out: Path) -> None:
    name = (home / "current").resolve().name
    assert run("report", "--home", home, "--release", name, "--out", out)[0] == 0
    assert out.read_bytes() == (home / "current" / "report.html").read_bytes()
    code, _, err = run("report", "--home", home, "--release", "other", "--out", out)
    assert (code, err) == (2, "rechallenge: this home holds no such release\n")


def test_marks_set_since_are_on_it_and_nothing_else_is_other(home: Path, run, out: Path, tmp_path: Path) -> None:
    own = copied(home, tmp_path)
    urgent = pl.read_parquet(own / "current" / "urgency.parquet").filter(pl.col("rule_id") == "RST-04")
    mark = ("mark", "--home", own, urgent["episode_id"][0], "RST-04", "seen", "--by", "N <b>", "--note", "called")
    assert run(*mark)[0] == 0
    assert run("report", "--home", own, "--out", out)[0] == 0
    before = (own / "current" / "report.html").read_text(encoding="utf-8").split("\n")
    now = out.read_text(encoding="utf-8").split("\n")
    others = [line for line, old in zip(now, before, strict=True) if line != old]
    assert len(others) == 1
    assert "by N \\u003cb\\u003e: called" in others[0]


@pytest.mark.parametrize("lost", ["usual_rows", "edition", "implausible_limits"])
def test_a_release_of_an_earlier_program_is_refused_in_one_line(
    home: Path, run, out: Path, tmp_path: Path, lost: str
) -> None:
    own = copied(home, tmp_path)
    folder = (own / "current").resolve()
    if lost == "usual_rows":
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        del said[lost]
        (folder / "manifest.json").chmod(0o644)
        (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    else:
        (folder / {"edition": "edition.json"}.get(lost, f"{lost}.parquet")).unlink()
    code, _, err = run("report", "--home", own, "--out", out)
    words = "an earlier program wrote this release, and did not keep what the page shows"
    assert (code, err) == (2, f"rechallenge: {words}\n")
    assert not out.exists()


def test_a_home_without_a_release_is_refused(run, tmp_path: Path, out: Path) -> None:
    code, _, err = run("report", "--home", tmp_path, "--out", out)
    assert (code, "no release yet" in err) == (2, True)


# --- For meetings ------------------------------------------------------------------------------------


def test_the_page_for_meetings_holds_no_id_and_no_day(home: Path, run, out: Path) -> None:
    assert run("report", "--home", home, "--deidentified", "--out", out)[0] == 0
    text = out.read_text(encoding="utf-8")
    assert re.search(r"\d{4}-\d{2}", text.replace("2025-10-25", "")) is None
    labs = pl.read_parquet(home / "current" / "labs.parquet")
    ids = {*findings(home)["episode_id"], *findings(home)["patient_id"], *labs["source_id"]}
    assert len(ids) > 100
    assert [one for one in ids if one in text] == []
    assert "<svg" not in text.replace('<svg class="interval"', "")
    assert "<script" not in text


# --- One person --------------------------------------------------------------------------------------


def test_a_person_has_a_page_with_a_chart_for_each_verdict_that_may_need_somebody(home: Path, run, out: Path) -> None:
    mine = findings(home).filter(pl.col("patient_id") == "P002")
    episode = mine["episode_id"][0]
    code, said, err = run("explain", "--home", home, episode, "--html", out)
    assert (code, err, said) == (0, "", f"Page: {out}\n")
    page = written(out)
    loud = mine.filter(~pl.col("verdict").is_in(["pass", "not_applicable"]))
    assert loud.height > 2
    labels = [one.attrs["aria-label"] or "" for one in page.all("svg", _class="person")]
    assert sorted(one.split(",")[0] for one in labels) == sorted(loud["rule_id"])
    heads = [one.text for one in page.all("h3")]
    verdicts = [one.split(":")[0] for one in heads if ":" in one]
    assert verdicts == sorted(verdicts, key=["violation", "advisory", "indeterminate"].index)
    for row in mine.iter_rows(named=True):
        assert row["message"] in page.words, row["rule_id"]
    assert page.all("script") == []


def test_all_restarts_of_a_patient_stand_on_one_page(home: Path, run, out: Path) -> None:
    assert run("explain", "--home", home, "--patient", "P002", "--html", out)[0] == 0
    assert [one.text for one in written(out).all("h2")] == ["Restart of 2023-03-03"]


def test_a_patient_without_an_audited_restart_has_a_page_too(home: Path, run, out: Path) -> None:
    breaks = pl.read_parquet(home / "current" / "breaks.parquet")
    audited = breaks.filter(pl.col("break_class") == "episode").select("patient_id")
    other = breaks.join(audited, on="patient_id", how="anti")["patient_id"][0]
    assert run("explain", "--home", home, "--patient", other, "--html", out)[0] == 0
    assert "No break of this patient is an audited restart." in written(out).words


def test_who_is_not_there_is_not_named(home: Path, run, out: Path) -> None:
    code, _, err = run("explain", "--home", home, "secret-id", "--html", out)
    assert (code, "secret-id" in err, out.exists()) == (2, False, False)
