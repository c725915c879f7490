"""Attacks on rows for research: each succeeds on an export that is flawed in one place, and on no other."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.errors import Usage
from flows.export import attacked, export, folder
from flows.export.research.attacking import joined
from flows.export.research.linkage import Diversity, Linkage, diversity, linkage
from tests.export import research_home
from tests.export.research_home import asked

Files = dict[str, bytes]
Said = dict[str, Any]
NAMES = {"rare combinations", "break length and peak", "two deliveries", "canaries", "traces"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return research_home.write(tmp_path_factory.mktemp("research"))


@pytest.fixture(scope="module")
def made(home: Path) -> tuple[Said, Files]:
    export(research_home.profile(home), asked(home), home.parent / "out")
    return folder.read(home.parent / "out")


def flawed(
    made: tuple[Said, Files], out: Path, change: Callable[[pl.DataFrame], pl.DataFrame] | None, **said: Any
) -> None:
    """Write the export again with rows changed, in both forms, and other words in its manifest."""
    manifest, files = made
    if change:
        table = change(pl.read_parquet(io.BytesIO(files["episodes.parquet"])))
        files = {**files, "episodes.csv": folder.as_csv(table), "episodes.parquet": folder.as_parquet(table)}
    folder.write(out, folder.with_manifest(files, {**manifest, **said}))


def succeeded(out: Path, home: Path | None = None) -> set[str]:
    found = attacked(out, home)
    assert {attack.name for attack in found} == NAMES
    return {attack.name for attack in found if attack.succeeded}


def test_an_export_as_made_withstands(made: tuple[Said, Files], tmp_path: Path, home: Path) -> None:
    flawed(made, tmp_path / "out", None)
    assert succeeded(tmp_path / "out") == set()
    assert succeeded(tmp_path / "out", home) == set()


def few(table: pl.DataFrame) -> pl.DataFrame:
    """Leave four persons of one group."""
    group = table.row(0, named=True)
    alike = pl.all_horizontal(pl.col(name) == group[name] for name in ("sex", "paused", "height"))
    return table.filter(~alike | (alike.cum_sum() <= 4))


def test_four_who_look_alike_are_too_few(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", few)
    assert "rare combinations" in succeeded(tmp_path / "out")


@pytest.mark.parametrize("k", [0, 1])
def test_a_promise_of_nothing_is_none(k: int, made: tuple[Said, Files], tmp_path: Path) -> None:
    alone = {**made[0]["k_anonymity"], "k": k}
    flawed(made, tmp_path / "alone", lambda table: table.head(1), k_anonymity=alone)
    assert {"rare combinations", "break length and peak"} <= succeeded(tmp_path / "alone")


def put(column: str, value: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda table: table.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("patient", "PAT-00001"), ("episode", "PAT-00001-20190108"), ("verdict_rst_01", "ward-1"),
        ("verdict_rst_01", "2019-01-08"), ("verdict_rst_01", "8.1.2019"), ("verdict_rst_01", "20190108"),
        ("verdict_rst_01", "Restarted on the day after recovery."), ("patient", "0123456789ABCDEF0123456789ABCDEF"),
    ],
)  # fmt: skip
def test_a_cell_that_the_codebook_does_not_declare_is_seen(
    column: str, value: str, made: tuple[Said, Files], tmp_path: Path
) -> None:
    flawed(made, tmp_path / "out", put(column, value))
    assert "canaries" in succeeded(tmp_path / "out")


@pytest.mark.parametrize(
    "word", ["PAT-00001", "PAT-00001-20190108", "ward-3", "LAB-PAT-00001-20190108", "of PAT-00002."]
)
def test_an_id_in_the_manifest_is_seen_with_the_home(
    word: str, made: tuple[Said, Files], tmp_path: Path, home: Path
) -> None:
    flawed(made, tmp_path / "out", None, counts={"least": word})
    assert succeeded(tmp_path / "out", home) == {"canaries"}


def test_a_word_of_the_profile_is_no_id_though_a_ward_is_called_so(home: Path, tmp_path: Path) -> None:
    words = research_home.PROFILE.replace('meaning = "Peak."', 'meaning = "Peak, as in ward-3."')
    export(research_home.profile(home, words), asked(home), tmp_path / "out")
    assert succeeded(tmp_path / "out", home) == set()


def test_without_the_home_an_id_in_the_manifest_looks_like_any_word(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None, counts={"least": "PAT-00001"})
    assert succeeded(tmp_path / "out") == set()


@pytest.mark.parametrize("word", ["2019-01-08", "2019/01/08", "20190108", "8.1.2019", "1/8/2019", "on 2030-12-31"])
def test_a_day_in_the_manifest_is_seen_without_it(word: str, made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None, as_of_month=word)
    assert succeeded(tmp_path / "out") == {"canaries"}


def test_the_folder_that_it_was_made_in_is_seen(made: tuple[Said, Files], tmp_path: Path, home: Path) -> None:
    flawed(made, tmp_path / "out", None, program=f"run in {home}")
    assert succeeded(tmp_path / "out", home) == {"canaries"}


def test_a_column_of_days_is_seen(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", lambda table: table.with_columns(on_drug=pl.date(2019, 1, 8)))
    assert "canaries" in succeeded(tmp_path / "out")


def test_forms_that_differ_are_seen(made: tuple[Said, Files], tmp_path: Path) -> None:
    manifest, files = made
    cut = {**files, "episodes.csv": files["episodes.csv"] + b"more\n"}
    folder.write(tmp_path / "out", folder.with_manifest(cut, manifest))
    assert succeeded(tmp_path / "out") == {"canaries"}


def test_a_release_that_is_gone_is_told(made: tuple[Said, Files], tmp_path: Path, home: Path) -> None:
    flawed(made, tmp_path / "out", None, release="0" * 16)
    [canaries] = [attack for attack in attacked(tmp_path / "out", home) if attack.name == "canaries"]
    assert not canaries.succeeded
    assert "The release that it was made of is kept no more: compared with the current one." in canaries.details


def test_rights_of_others_are_traces(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None)
    (tmp_path / "out" / "codebook.csv").chmod(0o640)
    assert succeeded(tmp_path / "out") == {"traces"}


def test_a_file_beside_the_export_is_a_trace(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None)
    (tmp_path / "out" / "notes.txt").touch(mode=0o600)
    assert succeeded(tmp_path / "out") == {"traces"}


def test_a_file_of_another_name_is_a_trace(made: tuple[Said, Files], tmp_path: Path) -> None:
    folder.write(tmp_path / "out", folder.with_manifest({**made[1], "PAT-00001.csv": b""}, made[0]))
    assert succeeded(tmp_path / "out") == {"traces"}


@pytest.mark.parametrize("options", [{"metadata": {"host": "ward"}}, {"statistics": True}])
def test_words_and_values_in_the_head_of_a_file_are_traces(
    options: dict[str, Any], made: tuple[Said, Files], tmp_path: Path
) -> None:
    head = io.BytesIO()
    pl.read_parquet(io.BytesIO(made[1]["episodes.parquet"])).write_parquet(head, **{"statistics": False, **options})
    files = {**made[1], "episodes.parquet": head.getvalue()}
    folder.write(tmp_path / "out", folder.with_manifest(files, made[0]))
    assert succeeded(tmp_path / "out") == {"traces"}


def test_a_second_delivery_to_the_same_recipient_is_joined(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None)
    flawed(made, tmp_path / "same", None)
    assert succeeded(tmp_path / "out") == set()
    # In the other delivery one person of a group has another level.
    flawed(made, tmp_path / "finer", put("height", "above 10"))
    assert succeeded(tmp_path / "out") == {"two deliveries"}


def test_a_delivery_to_somebody_else_is_not_joined(made: tuple[Said, Files], tmp_path: Path) -> None:
    flawed(made, tmp_path / "out", None)
    flawed(made, tmp_path / "other", put("height", "above 10"), recipient="University of Y")
    assert succeeded(tmp_path / "out") == set()


def test_what_two_deliveries_say_together() -> None:
    first = pl.DataFrame({"patient": ["a", "b", "c"], "episode": ["1", "2", "3"], "sex": ["F", "F", "F"]})
    second = pl.DataFrame({"patient": ["a", "b"], "episode": ["1", "2"], "sex": ["F", None]})
    both, columns = joined(first, second, ["sex"])
    assert linkage(both, columns) == Linkage(persons=3, alone=3, least=1)
    assert linkage(*joined(first, first, ["sex"])) == Linkage(persons=3, alone=0, least=3)


def test_who_is_alone_is_counted_in_persons_by_all_their_rows() -> None:
    table = pl.DataFrame(
        {"patient": ["a", "a", "b", "b", "c", "d", "d"], "x": ["1", None, None, "1", "1", "1", "1"]}
    )  # a and b have the same two rows; c has one row and d the same twice
    assert linkage(table, ["x"]) == Linkage(persons=4, alone=2, least=1)
    assert linkage(table.head(4), ["x"]) == Linkage(persons=2, alone=0, least=2)
    assert linkage(table.head(0), ["x"]) == Linkage(persons=0, alone=0, least=0)
    assert linkage(table, ["x"]).share == 0.5


def test_an_unknown_outcome_is_a_value_of_its_own() -> None:
    table = pl.DataFrame({"x": ["1", "1", "2", "2", None], "y": [True, None, False, False, True]})
    assert diversity(table, ["x"], "y") == Diversity(groups=3, least=1, groups_of_one=2, rows_of_one=3)


@pytest.mark.parametrize("said", [{"k_anonymity": {}}, {"k_anonymity": {"k": "many", "quasi_identifiers": []}}])
def test_a_manifest_that_promises_nothing_readable_is_no_export(
    said: Said, made: tuple[Said, Files], tmp_path: Path
) -> None:
    flawed(made, tmp_path / "out", None, **said)
    with pytest.raises(Usage, match="no research export"):
        attacked(tmp_path / "out", None)
