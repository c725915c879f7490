"""A research export whole: what is written, what is said of it, what never leaves."""

import csv
import hashlib
import hmac
import io
import json
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.errors import Broken, Usage
from flows.export import attacked, export
from flows.export.research.anonymity import Choice
from flows.export.research.linkage import linkage
from flows.export.research.making import _of_series
from tests.export import research_home
from tests.export.research_home import KEY, PERSONS, PROFILE, SERIES, asked


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_home.write(tmp_path_factory.mktemp("research"))


@pytest.fixture(scope="module")
def out(home: Path) -> Path:
    export(research_home.profile(home, PROFILE + SERIES), asked(home), home.parent / "out")
    return home.parent / "out"


def said(out: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def rows(out: Path, name: str = "episodes") -> pl.DataFrame:
    return pl.read_parquet(out / f"{name}.parquet")


def pseudonym(kind: str, name: str, recipient: str = "University of X") -> str:
    return hmac.new(KEY, f"{recipient}\x1f{kind}\x1f{name}".encode(), hashlib.sha256).hexdigest()[:32]


def test_the_files_are_their_owners_alone(out: Path) -> None:
    names = {"episodes.csv", "episodes.parquet", "series.csv", "series.parquet", "codebook.csv", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}


def test_a_row_is_a_restart_under_pseudonyms_in_their_order(out: Path) -> None:
    told = rows(out)
    assert told.columns == [
        "patient", "episode", "sex", "paused", "height", "highest", "on_drug", "recurrence", "verdict_rst_01",
    ]  # fmt: skip
    assert told["patient"].to_list() == sorted(told["patient"])
    known = {pseudonym("patient", f"PAT-{at:05}") for at in range(PERSONS)}
    assert {*told["patient"]} <= known
    assert told.height > PERSONS * 0.8


def test_a_row_by_value(out: Path) -> None:
    # Person 1: the second restart of the list, on 2019-01-08.
    [row] = rows(out).filter(pl.col("patient") == pseudonym("patient", "PAT-00001")).rows(named=True)
    finest = {"sex": "M", "paused": "28-90", "height": "below 3"}
    assert all(row[name] in (level, "all") for name, level in finest.items())
    assert {name: value for name, value in row.items() if name not in finest} == {
        "patient": pseudonym("patient", "PAT-00001"), "episode": pseudonym("episode", "PAT-00001-20190108"),
        "highest": 1.0, "on_drug": 7, "recurrence": False, "verdict_rst_01": "pass",
    }  # fmt: skip


def test_both_forms_hold_the_same(out: Path) -> None:
    text = list(csv.reader(io.StringIO((out / "episodes.csv").read_text(encoding="utf-8"))))
    assert text[0] == rows(out).columns
    assert [row[1] for row in text[1:]] == rows(out)["episode"].to_list()


def test_the_codebook_names_every_field(out: Path) -> None:
    book = pl.read_csv(out / "codebook.csv")
    assert book.filter(file="episodes")["field"].to_list() == rows(out).columns
    assert book.filter(file="series")["field"].to_list() == rows(out, "series").columns
    lines = {row["field"]: row for row in book.filter(file="episodes").iter_rows(named=True)}
    assert lines["highest"] | {"meaning": "Highest.", "unit": "1", "type": "number"} == lines["highest"]
    assert lines["on_drug"] | {"unit": "wk", "type": "whole number", "quasi_identifier": "no"} == lines["on_drug"]
    assert lines["paused"]["quasi_identifier"] == "yes"
    assert {*rows(out)["paused"]} <= {*lines["paused"]["levels"].split(" | ")}
    assert lines["verdict_rst_01"]["levels"] == "not_applicable | indeterminate | violation | advisory | pass"


def test_the_manifest_says_what_it_is_for_whom_and_what_was_lost(out: Path) -> None:
    manifest, told = said(out), rows(out)
    assert manifest["notice"] == "pseudonymised, not anonymous; under agreement only"
    assert (manifest["recipient"], manifest["purpose"]) == ("University of X", "recurrence after a restart")
    assert manifest["as_of_month"] == "2024-01"
    assert manifest["edition"]["guideline"] == "dr-oracle-2025"
    assert manifest["agreed"]["k"] == 5
    assert [field["name"] for field in manifest["agreed"]["field"]][:3] == ["sex", "paused", "height"]
    assert manifest["counts"] == {"rows": told.height, "persons": told["patient"].n_unique()}
    lost = manifest["lost"]
    assert (lost["rows_of_release"], lost["persons_of_release"]) == (126, 120)
    assert lost["rows_dropped"] == 126 - told.height
    assert lost["persons_dropped"] == 120 - told["patient"].n_unique()
    stay = [pseudonym("patient", f"PAT-{at:05}") for at in range(0, PERSONS, 20)]
    kept = told.filter(pl.col("patient").is_in(stay))
    assert lost["rows_dropped_of_persons_who_stay"] == 2 * kept["patient"].n_unique() - kept.height
    steps = {one["field"]: one for one in manifest["k_anonymity"]["quasi_identifiers"]}
    assert [*steps] == ["sex", "paused", "height"]
    assert all({*told[name].drop_nulls()} <= {*one["levels"]} for name, one in steps.items())


def test_rows_and_persons_that_are_dropped_are_counted_apart(home: Path, tmp_path: Path) -> None:
    pinned = PROFILE.replace("quasi_identifier = true", "quasi_identifier = true\nstep = 0").replace(
        'title = "Small"', 'title = "Small"\nk = 6'
    )
    export(research_home.profile(home, pinned), asked(home), tmp_path / "pinned")
    told, lost = rows(tmp_path / "pinned"), said(tmp_path / "pinned")["lost"]
    stay = {*told["patient"]}
    several = {pseudonym("patient", f"PAT-{at:05}") for at in range(0, PERSONS, 20)}
    assert 0 < len(stay) < PERSONS
    assert lost["persons_dropped"] == PERSONS - len(stay)
    assert lost["rows_dropped"] == 126 - told.height
    assert lost["rows_dropped_of_persons_who_stay"] == len(stay) + len(stay & several) - told.height > 0


def test_what_k_persons_do_not_share_is_never_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Choice((0, 0, 0), pl.Series([True] * 126), (0.0, 0.0, 0.0))
    monkeypatch.setattr("flows.export.research.making.chosen", lambda *_: wrong)
    with pytest.raises(Broken, match="fewer than 5 persons look alike in what was made: nothing is written"):
        export(research_home.profile(home), asked(home), tmp_path / "wrong")
    assert not (tmp_path / "wrong").exists()


def test_the_diversity_of_the_outcome_is_told(out: Path) -> None:
    groups = rows(out).group_by("sex", "paused", "height").agg(pl.col("recurrence").n_unique(), pl.len())
    of_one = groups.filter(recurrence=1)
    assert said(out)["l_diversity"] == {
        "outcome": "recurrence", "groups": groups.height, "least": groups["recurrence"].min(),
        "groups_of_one": of_one.height, "rows_of_one": of_one["len"].sum(),
    }  # fmt: skip


def test_series_leave_by_week_and_rounded(out: Path) -> None:
    results = rows(out, "series")
    assert results.columns == ["patient", "episode", "analyte", "weeks", "x_uln", "bound"]
    assert {*results["weeks"]} == {1}
    one = results.filter(episode=pseudonym("episode", "PAT-00001-20190108"))
    assert one.rows() == [(pseudonym("patient", "PAT-00001"), one["episode"][0], "alt", 1, 1.0, None)]
    assert {*results["episode"]} <= {*rows(out)["episode"]}
    assert said(out)["not_promised"]["results"] == results.height


def test_how_many_are_alone_by_their_series_is_told(out: Path) -> None:
    results = rows(out, "series").group_by("patient").agg(pl.col("x_uln").sort())
    alone = results.group_by("x_uln").len().filter(len=1).height
    told = said(out)["not_promised"]
    assert told["persons_alone_by_series"] == alone
    assert told["share_alone_by_series"] == round(alone / results.height, 3)


def test_the_only_one_without_a_result_is_alone() -> None:
    alone = series_of(["a", "b", "c", "d"], ["a", "b", "c"], [1.0, 1.0, 2.0])
    assert alone == {"persons_alone_by_series": 2, "share_alone_by_series": 0.5, "results": 3}
    assert series_of(["a", "b", "c", "d"], ["a", "b"], [1.0, 1.0])["persons_alone_by_series"] == 0


def series_of(persons: list[str], drawn: list[str], values: list[float]) -> dict[str, Any]:
    results = pl.DataFrame({"patient": drawn, "episode": drawn, "analyte": "alt", "weeks": 0, "x_uln": values})
    return _of_series(pl.DataFrame({"patient": persons}), results)


def test_no_series_leave_unless_the_profile_says_so(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "plain"
    export(research_home.profile(home), asked(home), out)
    assert {path.name for path in out.iterdir()} == {
        "episodes.csv",
        "episodes.parquet",
        "codebook.csv",
        "manifest.json",
    }
    assert "share_alone_by_series" not in said(out)["not_promised"]


def test_two_runs_give_the_same_bytes(home: Path, out: Path, tmp_path: Path) -> None:
    export(research_home.profile(home, PROFILE + SERIES), asked(home), tmp_path / "again")
    for path in out.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_another_recipient_cannot_join_what_the_first_one_has(home: Path, out: Path, tmp_path: Path) -> None:
    export(research_home.profile(home), asked(home, "University of Y"), tmp_path / "other")
    other = rows(tmp_path / "other")
    assert not {*other["patient"]} & {*rows(out)["patient"]}
    assert {*other["patient"]} <= {pseudonym("patient", f"PAT-{at:05}", "University of Y") for at in range(PERSONS)}


def test_nothing_of_the_release_stands_in_any_byte(home: Path, out: Path) -> None:
    frames = research_home.frames()
    bytes_ = [path.read_bytes() for path in out.iterdir()]
    bytes_ += [rows(out, name).write_csv().encode() for name in ("episodes", "series")]
    words = {str(value) for name in ("episode_id", "patient_id", "site_id") for value in frames["episodes"][name]}
    words |= {str(value) for name in ("restart_date", "last_dose_date") for value in frames["episodes"][name]}
    words |= {*frames["findings"]["message"], *frames["labs"]["source_id"], research_home.RUN, "2024-01-31", str(home)}
    assert len(words) > 600
    assert not [word for word in words if any(word.encode() in data for data in bytes_)]
    # Nor a day of any other spelling; the edition of the guideline has one.
    without = b"".join(bytes_).replace(said(out)["edition"]["edition"].encode(), b"")
    assert not re.search(rb"(?<![0-9a-f])(19|20)[0-9]{2}-?(0[1-9]|1[0-2])-?[0-3][0-9](?![0-9a-f])", without)
    assert KEY not in b"".join(bytes_)
    assert KEY.hex().encode() not in b"".join(bytes_)


def test_break_and_peak_find_nearly_everybody_in_a_naive_export_and_nobody_in_ours(home: Path, out: Path) -> None:
    episodes = research_home.frames()["episodes"]
    naive = linkage(episodes, ["break_days", "peak_x_uln"], person="patient_id")
    assert naive.alone / naive.persons > 0.95
    ours = linkage(rows(out), ["paused", "height"])
    assert (ours.alone, ours.least >= 5) == (0, True)


def test_our_attacks_are_withstood(home: Path, out: Path) -> None:
    found = attacked(out, home)
    assert [attack.name for attack in found] == [
        "rare combinations", "break length and peak", "two deliveries", "canaries", "traces",
    ]  # fmt: skip
    assert not [attack for attack in found if attack.succeeded]
    every, same, series = found[0].details
    assert f"{said(out)['not_promised']['persons_alone_by_every_column']} of {said(out)['counts']['persons']}" in every
    assert f"{said(out)['l_diversity']['rows_of_one']} of {said(out)['counts']['rows']} rows" in same
    assert f"a share of {said(out)['not_promised']['share_alone_by_series']} of" in series


def test_a_site_leaves_under_a_pseudonym_or_not_at_all(home: Path, tmp_path: Path) -> None:
    site = '\n[[field]]\nname = "ward"\nsource = "site"\ntype = "site"\nmeaning = "W."\nquasi_identifier = true\n'
    alone = PROFILE.replace('ladder = ["all"]', 'ladder = ["all"]\nstep = 1')
    for step, wards in ((0, {pseudonym("site", f"ward-{at}") for at in range(7)}), (1, {"all"})):
        out = tmp_path / str(step)
        text = alone + site + f'ladder = ["all"]\nstep = {step}\n'
        export(research_home.profile(home, text), asked(home), out)
        assert {*rows(out)["ward"]} == wards
        [canaries] = [attack for attack in attacked(out, home) if attack.name == "canaries"]
        assert not canaries.succeeded


def test_the_shipped_profile_makes_rows(home: Path, tmp_path: Path) -> None:
    done = export("research", asked(home), tmp_path / "shipped")
    assert done.told["fewest persons who look alike"] >= 5
    assert done.told["rows"] >= 0.9 * 126


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no recipient": (PROFILE, {"recipient": None}, "rows leave under an agreement only"),
    "no purpose": (PROFILE, {"purpose": " "}, "rows leave under an agreement only"),
    "no such release": (PROFILE, {"release": "20240131"}, "this home holds no such release"),
    "a key that is gone": (PROFILE, {"key_file": Path("gone")}, "the key file cannot be read"),
    "k that nobody reaches": (PROFILE.replace('title', 'k = 121\ntitle', 1), {}, "no 121 persons look alike"),
    "a level undeclared": (PROFILE.replace('["F", "M"]', '["F"]'), {}, "the data hold a level that it does not name"),
    "a band too short": (PROFILE.replace("{ below = 3 }", "{ from = 2, below = 3 }"), {}, "outside of its bands"),
    "a rule unknown": (PROFILE.replace("RST-01", "RST-77"), {}, "no verdict of a rule RST-77"),
    "an analyte unknown": (PROFILE + SERIES.replace('"ast"', '"gold"'), {}, "no laboratory result is called gold"),
    "a drug as analyte": (PROFILE + SERIES.replace('"ast"', '"azathioprine"'), {}, "no laboratory result is called"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_where_anything_is_wrong_nothing_is_written(why: str, home: Path, tmp_path: Path) -> None:
    text, changes, line = REFUSED[why]
    request = replace(asked(home), **changes)
    with pytest.raises(Usage, match=line) as error:
        export(research_home.profile(home, text), request, tmp_path / "out")
    assert not list(tmp_path.iterdir())
    assert "\n" not in str(error.value)
    assert "PAT-" not in str(error.value)
