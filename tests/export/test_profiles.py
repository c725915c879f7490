"""Profiles as files: the shipped ones, a site's own, and what is wrong with one in one line."""

from pathlib import Path

import pytest

from flows.errors import Usage
from flows.export.profiles import KINDS, PROFILES, load, model

SHIPPED = sorted(PROFILES.glob("*.toml"))


def test_each_kind_has_a_shipped_profile() -> None:
    assert {load(path.stem).kind for path in SHIPPED} == set(KINDS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_profile_is_named_as_its_file_and_is_taken_by_path_too(path: Path, tmp_path: Path) -> None:
    assert load(path.stem).id == path.stem
    copy = tmp_path / "own.toml"
    copy.write_bytes(path.read_bytes())
    assert load(str(copy)) == load(path.stem)
    assert isinstance(load(path.stem), model(load(path.stem).kind))


COUNTS = 'id = "x"\nkind = "aggregate"\ntitle = "t"\ncalendar = "month"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind = [", "is not readable TOML"),
        ("", "kind must be one of"),
        ('kind = "counts"', "kind must be one of aggregate, research, registry"),
        (COUNTS.replace('"x"', '"X y"'), "id: String should match pattern"),
        (COUNTS.replace('"t"', '" "'), "title: String should have at least 1 character"),
        (COUNTS + 'threshold = "10"', "threshold: Input should be a valid integer"),
        (COUNTS + "limit = 10", "limit: Extra inputs are not permitted"),
        (COUNTS + 'tables = [["site"]]', "a table names the stratum 'site'"),
        (COUNTS + "base = 11", "base must not be above threshold"),
        (COUNTS.replace("calendar", "kalendar"), "calendar: Field required (and 1 more)"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Usage) as raised:
        load(str(file))
    assert str(raised.value).startswith("profile own.toml")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_that_is_no_profile_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"no profile ward\.toml \(shipped: aggregate, registry, research"):
        load("ward")
    with pytest.raises(Usage, match=r"no profile gone\.toml"):
        load(str(tmp_path / "gone.toml"))
