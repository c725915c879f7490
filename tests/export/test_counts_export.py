"""An export of counts from end to end: one for each period, from the ledger the same bytes, and what is refused."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from flows import audit_log
from flows.cli import run
from flows.errors import Broken, Usage
from flows.export import attacked, export, folder
from flows.export.aggregate.cells import cells, count
from flows.export.aggregate.make import about, judging
from flows.export.aggregate.periods import named
from flows.export.aggregate.protect import rounding, small
from flows.export.aggregate.tables import files, shown
from flows.export.ledger import HEAD, STORE
from tests.export import counted
from tests.export.counted import ask, several, toml

ROWS = several(
    (40, ("north", "mild", "pass")), (23, ("north", "mild", "violation")), (31, ("south", "mild", "pass")),
    (3, ("south", "severe", "violation")), (28, ("west", "severe", "pass")), (12, ("west", "mild", "violation")),
)  # fmt: skip
BY_SITE = {"strata": {"site": {}}, "tables": [["site"]], "zero": "shown"}
LATER = "20240930-20241001T010203Z-abcdef"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return counted.home(tmp_path / "home", ROWS)


def content(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_the_counts_are_those_of_the_release_rounded_or_suppressed(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = export(toml(tmp_path, **BY_SITE), ask(home), out)
    counts = pl.read_parquet(out / "counts.parquet").filter(
        pl.col("rule_id").is_null() | (pl.col("rule_id") == "RST-01")
    )
    found = {row[:2] + row[4:6]: row[6:] for row in counts.rows()}
    assert found[None, None, None, "episodes"] == (135, "shown")
    assert found["site", "1", None, "episodes"] == (65, "shown")
    assert found["site", "2", "RST-01", "violation"] == (None, "suppressed")
    assert found["site", "1", "RST-01", "indeterminate"] == (0, "shown")
    assert done.told["counts"] == pl.read_parquet(out / "counts.parquet").height
    said = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert said["period"] == "2024-Q2"
    assert said["cells"]["suppressed"] == counts_hidden(out)
    assert said["cells"]["suppressed_for_earlier_exports"] == 0
    rates = pl.read_csv(out / "rates.csv").filter(pl.col("rule_id") == "RST-01")
    [row] = rates.filter(pl.col("level_1") == 1).rows(named=True)
    assert (row["passed"], row["evaluable"], row["status"]) == (40, 65, "shown")
    assert row["rate"] == pytest.approx(40 / 65)
    assert (row["rate_low"], row["rate_high"]) == (pytest.approx(0.4938, abs=1e-4), pytest.approx(0.7240, abs=1e-4))
    [row] = rates.filter(pl.col("level_1") == 2).rows(named=True)
    assert (row["rate"], row["status"]) == (None, "suppressed")


def counts_hidden(out: Path) -> int:
    return pl.read_parquet(out / "counts.parquet").filter(pl.col("status") == "suppressed").height


def test_asked_again_it_gives_the_same_bytes_also_when_the_release_is_gone(home: Path, tmp_path: Path) -> None:
    profile = toml(tmp_path, **BY_SITE)
    export(profile, ask(home), tmp_path / "one")
    first = content(tmp_path / "one")
    counted.home(home, ROWS[5:], as_of="2024-09-29", run=LATER)
    export(profile, ask(home), tmp_path / "two")
    shutil.rmtree(home / "releases")
    export(profile, ask(home, period="2024-Q2"), tmp_path / "three")
    assert content(tmp_path / "two") == first == content(tmp_path / "three")
    for name in first:
        assert (tmp_path / "one" / name).stat().st_mode & 0o777 == 0o600


def test_two_homes_with_the_same_release_give_the_same_bytes(tmp_path: Path) -> None:
    profile = toml(tmp_path, **BY_SITE)
    for name in ("a", "b"):
        export(profile, ask(counted.home(tmp_path / name, ROWS)), tmp_path / f"out-{name}")
    assert content(tmp_path / "out-a") == content(tmp_path / "out-b")


def test_two_nights_of_one_period_tell_of_nobody_new(home: Path, tmp_path: Path) -> None:
    """The second attack: a naive count of two nights differs by the one person who came in between."""
    profile = toml(tmp_path, **BY_SITE)
    export(profile, ask(home), tmp_path / "one")
    counted.home(home, [*ROWS, ("south", "severe", "violation")], as_of="2024-07-01", run=LATER)
    naive = [rows.count(("south", "severe", "violation")) for rows in (ROWS, [*ROWS, ("south", "severe", "violation")])]
    assert naive[1] - naive[0] == 1
    export(profile, ask(home), tmp_path / "two")
    assert content(tmp_path / "two") == content(tmp_path / "one")
    with pytest.raises(Usage, match="the release of 2024-Q2 is"):
        export(profile, ask(home, release=LATER), tmp_path / "three")
    assert not (tmp_path / "three").exists()


def test_another_profile_of_the_period_tells_nothing_together_with_the_first(home: Path, tmp_path: Path) -> None:
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "one")
    both = {"strata": {"site": {}, "grade": {}}, "tables": [["grade"], ["site"]], "zero": "shown", "id": "second"}
    export(toml(tmp_path, **both), ask(home), tmp_path / "two")
    for name in ("one", "two"):
        assert not any(attack.succeeded for attack in attacked(tmp_path / name, home))
    one, two = (pl.read_parquet(tmp_path / name / "counts.parquet") for name in ("one", "two"))
    shared = one.join(two, on=["stratum_1", "level_1", "rule_id", "measure"], nulls_equal=True)
    assert shared.height == one.height
    assert shared.filter(pl.col("status") != pl.col("status_right")).is_empty()


def test_a_stratum_grouped_otherwise_is_refused(home: Path, tmp_path: Path) -> None:
    of = lambda levels, name: {"strata": {"grade": levels}, "tables": [["grade"]], "id": name}  # noqa: E731
    export(toml(tmp_path, **of({}, "first")), ask(home), tmp_path / "one")
    with pytest.raises(Usage, match="groups the stratum 'grade' otherwise"):
        export(toml(tmp_path, **of({"some": ["mild"]}, "second")), ask(home), tmp_path / "two")
    assert not (tmp_path / "two").exists()


def test_other_counts_of_a_release_that_lost_somebody_are_refused(home: Path, tmp_path: Path) -> None:
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "one")
    run_id = (home / "current").resolve().name
    (home / "releases" / run_id).rename(home / "releases" / f"{run_id}-1")  # as `erase` leaves it
    (home / "current").unlink()
    (home / "current").symlink_to(Path("releases") / f"{run_id}-1")
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")
    with pytest.raises(Usage, match="somebody was erased"):
        export(toml(tmp_path, **BY_SITE, id="second"), ask(home), tmp_path / "three")
    assert not (tmp_path / "three").exists()


def test_a_profile_that_was_changed_needs_another_id(home: Path, tmp_path: Path) -> None:
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "one")
    with pytest.raises(Usage, match="needs another id"):
        export(toml(tmp_path, **BY_SITE, threshold=5), ask(home), tmp_path / "two")


def naive(home: Path, out: Path, **said: object) -> None:
    """Write an export of which the small counts alone are hidden."""
    asked, release = counted.profile(**BY_SITE, **said), ask(home).opened()
    guideline = release.edition()
    assert guideline is not None
    tables = count(
        asked, release.table("episodes"), release.table("findings"), {"north": "1", "south": "2", "west": "3"}
    )
    found = cells(asked, judging(guideline), tables)
    told = shown(found, small(found, rounding(asked)), rounding(asked))
    manifest = about(asked, guideline, named("2024-Q2", "quarter"), release)
    folder.write(out, folder.with_manifest(files(told, found.zeros), manifest))


@pytest.mark.parametrize("base", [1, 5])
def test_a_naive_export_of_the_same_counts_falls_to_the_attack_on_margins(
    base: int, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(toml(tmp_path, **BY_SITE, id="real"), ask(home), tmp_path / "real")  # numbers the sites
    naive(home, tmp_path / "naive", base=base)
    found = {attack.name: attack for attack in attacked(tmp_path / "naive", home)}
    assert found["sums and margins"].succeeded
    if base == 1:
        assert "RST-01 violation (site 2): at least 3, at most 3" in found["sums and margins"].details
    assert run(["export", "--verify", str(tmp_path / "naive")]) == 1
    assert found["the rule known"].succeeded
    said = capsys.readouterr()
    assert "SUCCEEDED  sums and margins" in said.out
    assert said.err == "rechallenge: an attack on this export succeeds: it must not leave\n"


def test_ours_stands_every_attack_and_tells_the_range_of_each_hidden_count(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    profile = toml(tmp_path, **BY_SITE, forms=["csv", "fhir"])
    assert run(["export", profile, "--home", str(home), "--out", str(out)]) == 0
    assert run(["export", "--verify", str(out), "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert "All 6 attacks were withstood." in said
    told = [line for line in said.splitlines() if line.startswith("  - ")]
    assert len(told) == 2 * counts_hidden(out)
    [small] = [line for line in told[: len(told) // 2] if "RST-01 violation (site 2)" in line]
    assert re.search(r": at least [01], (no bound above|at most ([0-9]+))$", small)
    reports = json.loads((out / "fhir" / "reports.json").read_text(encoding="utf-8"))
    kinds = {entry["resource"]["resourceType"] for entry in reports["entry"]}
    assert kinds == {"MeasureReport"}
    [first] = [
        entry["resource"]
        for entry in reports["entry"]
        if entry["resource"]["group"][0]["population"][3].get("count") == 100
    ]
    counts = [population.get("count") for population in first["group"][0]["population"]]
    assert counts == [135, 140, 0, 100]
    assert first["period"] == {"start": "2024-04-01", "end": "2024-06-30"}


Spoil = Callable[[sqlite3.Connection], object]
SPOILT: dict[str, tuple[Spoil, str]] = {
    "an entry was changed": (
        lambda store: store.execute("UPDATE entries SET entry = replace(entry, 'counts', 'others') WHERE number = 1"),
        "was changed",
    ),
    "its bytes were changed": (
        lambda store: store.execute("UPDATE entries SET files = x'00' WHERE number = 1"),
        "was changed",
    ),
    "the last entry was cut": (lambda store: store.execute("DELETE FROM entries WHERE number = 2"), "was cut"),
    "the first entry was cut": (lambda store: store.execute("DELETE FROM entries WHERE number = 1"), "was changed"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_ledger_that_was_tampered_with_gives_nothing(what: str, home: Path, tmp_path: Path) -> None:
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "one")
    export(toml(tmp_path, **BY_SITE), ask(home, recipient="Registry A"), tmp_path / "two")
    spoil, words = SPOILT[what]
    with closing(sqlite3.connect(home / STORE)) as store, store:
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            store.execute("UPDATE entries SET hash = ''")
        store.executescript("DROP TRIGGER no_change; DROP TRIGGER no_removal")
        spoil(store)
    with pytest.raises(Broken, match=words):
        export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "three")
    assert not (tmp_path / "three").exists()


def test_a_ledger_that_is_gone_or_is_none_gives_nothing(home: Path, tmp_path: Path) -> None:
    export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "one")
    assert audit_log.last(home, HEAD)
    (home / STORE).unlink()
    with pytest.raises(Broken, match="is gone"):
        export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "two")
    (home / STORE).write_text("no database, but long enough to be read as one" * 10, encoding="utf-8")
    with pytest.raises(Broken, match="cannot be read"):
        export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "two")
    assert not (tmp_path / "two").exists()


def test_what_is_not_over_not_there_or_in_the_way_is_refused(home: Path, tmp_path: Path) -> None:
    profile = toml(tmp_path, **BY_SITE)
    (tmp_path / "there").mkdir()
    for request, out, words in (
        (ask(home, period="2024-Q3"), "x", "on or after the last day of 2024-Q3"),
        (ask(home, release="none"), "x", "no such release"),
        (ask(tmp_path / "nowhere"), "x", "no release yet"),
        (ask(tmp_path / "nowhere", period="2024-Q2"), "x", "no release yet"),
        (ask(home), "there", "exists already"),
        (ask(home), "none/x", "own folder does not exist"),
    ):
        with pytest.raises(Usage, match=words):
            export(profile, request, tmp_path / out)
        assert not (tmp_path / "x").exists()
    assert not list((tmp_path / "there").iterdir())
    with pytest.raises(Usage, match=r"no profile nothing\.toml"):
        export("nothing", ask(home), tmp_path / "x")


def test_two_periods_together_tell_no_more_of_what_hardly_moved(home: Path, tmp_path: Path) -> None:
    """What was shown stays shown and what was hidden stays hidden, where a count moved by no more than its rounding."""
    profile = toml(tmp_path, **BY_SITE)
    export(profile, ask(home), tmp_path / "one")
    more = [*ROWS, *several((20, ("west", "mild", "pass")), (1, ("north", "mild", "pass")))]
    counted.home(home, more, as_of="2024-09-30", run=LATER)
    export(profile, ask(home), tmp_path / "two")
    one, two = (pl.read_parquet(tmp_path / name / "counts.parquet") for name in ("one", "two"))
    both = one.join(two, on=["stratum_1", "level_1", "rule_id", "measure"], nulls_equal=True)
    still = both.filter(pl.col("level_1").is_in(["1", "2"]))
    assert still.filter(pl.col("status") != pl.col("status_right")).is_empty()
    for name in ("one", "two"):
        found = {attack.name: attack for attack in attacked(tmp_path / name, home)}
        assert not any(attack.succeeded for attack in found.values())
        assert found["other periods"].outcome.startswith("Not promised: 0 of ")


def test_a_small_count_that_is_shown_is_a_success_of_the_attack(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(toml(tmp_path, **BY_SITE), ask(home), out)
    said, read = folder.read(out)
    told = pl.read_parquet(out / "counts.parquet")
    small = (pl.col("level_1") == "2") & (pl.col("measure") == "violation") & (pl.col("rule_id") == "RST-01")
    read["counts.parquet"] = folder.as_parquet(told.with_columns(count=pl.when(small).then(3).otherwise("count")))
    for name, data in folder.with_manifest(read, {k: v for k, v in said.items() if k != "files"}).items():
        (out / name).write_bytes(data)
    [odd] = [attack for attack in attacked(out, None) if attack.succeeded]
    assert list(odd.details) == ["RST-01 violation (site 2): 3"]


def test_an_audit_log_that_is_gone_is_seen(home: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export(toml(tmp_path, **BY_SITE, id=name), ask(home), tmp_path / name)
    (home / "audit.log").unlink()
    with pytest.raises(Broken, match="the audit log of this home is gone"):
        export(toml(tmp_path, **BY_SITE), ask(home), tmp_path / "three")


def test_more_small_counts_than_can_be_proved_are_refused_in_one_line(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.export.aggregate.system.MOST", 0)
    with pytest.raises(Usage, match="take fewer levels, or one stratum at a time"):
        export(toml(tmp_path, **{**BY_SITE, "zero": "hidden"}), ask(home), tmp_path / "out")
    assert not (tmp_path / "out").exists()
