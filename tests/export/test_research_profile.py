"""What a research profile may hold, and each way in which one is refused, in one line."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from flows.errors import Usage
from flows.export import profiles
from flows.export.research import Model
from flows.export.research.profile import Banded

SHIPPED = tomllib.loads((profiles.PROFILES / "research.toml").read_text(encoding="utf-8"))
SMALL = """
id = "small"
kind = "research"
title = "Small"
outcome = "recurrence"
[[field]]
name = "grade"
source = "grade"
type = "category"
levels = ["none", "mild", "moderate", "severe"]
meaning = "Grade."
quasi_identifier = true
ladder = [{ low = ["none", "mild"], high = ["moderate", "severe"] }, "all"]
[[field]]
name = "recurrence"
source = "recurrence"
type = "flag"
meaning = "It came back."
"""


def loaded(text: str, folder: Path) -> Model:
    file = folder / "small.toml"
    file.write_text(text, encoding="utf-8")
    found = profiles.load(str(file))
    assert isinstance(found, Model)
    return found


def refused(text: str, folder: Path) -> str:
    with pytest.raises(Usage) as error:
        loaded(text, folder)
    [line] = str(error.value).splitlines()
    return line


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    profile = loaded(SMALL, tmp_path)
    assert (profile.k, profile.time, profile.drop_at_most, profile.series, profile.rules) == (5, "weeks", 0.1, None, ())
    assert [field.name for field in profile.fields if field.quasi_identifier] == ["grade"]


@pytest.mark.parametrize(("k", "said"), [(1, "greater than or equal to 2"), (0, "2"), (-5, "2"), ('"5"', "integer")])
def test_k_below_two_is_refused(k: object, said: str, tmp_path: Path) -> None:
    line = refused(f"k = {k}\n{SMALL}", tmp_path)
    assert line.startswith("profile small.toml: k: ")
    assert said in line


def test_k_of_two_stands(tmp_path: Path) -> None:
    assert loaded(f"k = 2\n{SMALL}", tmp_path).k == 2


FLAWS = {
    "an unknown source": (
        'source = "recurrence"', 'source = "shoe_size"', "no field can be made of 'shoe_size'",
    ),
    "the id of the patient": (
        'source = "recurrence"', 'source = "patient_id"', "no field can be made of 'patient_id'",
    ),
    "the site as it is": ('source = "grade"', 'source = "site_id"', "no field can be made of 'site_id'"),
    "a sentence": ('source = "recurrence"', 'source = "message"', "no field can be made of 'message'"),
    "an unknown key": ('type = "flag"', 'type = "flag"\nshow_dates = true', "Extra inputs"),
    "an unknown type": ('type = "flag"', 'type = "date"', "does not match any of the expected tags"),
    "a type that the source has not": (
        'source = "recurrence"\ntype = "flag"', 'source = "recurrence"\ntype = "days"', "'recurrence' is no days",
    ),
    "a flag of a number": ('source = "recurrence"', 'source = "peak_u_l"', "'peak_u_l' is no flag"),
    "a category of a number": ('source = "grade"', 'source = "peak_x_uln"', "'peak_x_uln' is no text or whole"),
    "a multiple of a dose": (
        'source = "recurrence"\ntype = "flag"', 'source = "dose_before_mg"\ntype = "multiple"',
        "'dose_before_mg' is no multiple",
    ),
    "a name that is taken": ('name = "grade"', 'name = "patient"', "'patient' is taken by the pseudonyms"),
    "a name twice": ('name = "grade"', 'name = "recurrence"', "two fields have the name 'recurrence'"),
    "an outcome that is no field": ('outcome = "recurrence"', 'outcome = "death"', "'death' is none of the fields"),
    "an outcome that is known": ('outcome = "recurrence"', 'outcome = "grade"', "the outcome is no quasi-identifier"),
    "no quasi-identifier": (
        'quasi_identifier = true\nladder = [{ low = ["none", "mild"], high = ["moderate", "severe"] }, "all"]', "",
        "no field is a quasi-identifier",
    ),
    "a ladder where nothing is generalised": (
        'quasi_identifier = true\n', "", "only a quasi-identifier has a ladder",
    ),
    "a level twice": ('"moderate", "severe"]\nm', '"moderate", "none"]\nm', "a level is named twice"),
    "a level with a bar": ('"moderate", "severe"]\nm', '"moderate", "a | b"]\nm', "levels.3: String should match"),
    "a level called all": ('"moderate", "severe"]\nm', '"moderate", "all"]\nm', "'all' is no level"),
    "a group without a level": ('high = ["moderate", "severe"]', 'high = ["moderate"]', "step 1 of the ladder does"),
    "a level in two groups": ('high = ["moderate"', 'high = ["mild", "moderate"', "of the ladder: a level is named"),
    "a group of what is no level": ('high = ["moderate"', 'high = ["big"', "step 1 of the ladder does not hold each"),
    "a step after nothing": ('severe"] }, "all"]', 'severe"] }, "all", "all"]', "step 2 of the ladder is 'all'"),
    "a step that parts what was joined": (
        '}, "all"]', '}, { first = ["none"], rest = ["mild", "moderate", "severe"] }]',
        "step 2 of the ladder does not join whole groups",
    ),
    "a step pinned beyond": ('quasi_identifier = true', 'quasi_identifier = true\nstep = 3', "pinned to a step"),
    "a share above one": ('title = "Small"', 'title = "Small"\ndrop_at_most = 1.5', "drop_at_most: "),
    "months": ('title = "Small"', 'title = "Small"\ntime = "months"', "time: "),
}  # fmt: skip


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_profile_that_is_wrong_is_refused_in_one_line(flaw: str, tmp_path: Path) -> None:
    before, after, said = FLAWS[flaw]
    assert before in SMALL
    assert said in refused(SMALL.replace(before, after), tmp_path)


def test_a_step_may_be_pinned(tmp_path: Path) -> None:
    pinned = SMALL.replace("quasi_identifier = true", "quasi_identifier = true\nstep = 2")
    assert loaded(pinned, tmp_path).fields[0].step == 2


BAND = """
[[field]]
name = "dose"
source = "dose_restart_mg"
type = "band"
meaning = "Dose."
quasi_identifier = true
bands = [{ to = 50 }, { above = 50, to = 100 }, { above = 100 }]
ladder = [[{ to = 100 }, { above = 100 }], "all"]
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{ above = 50, to", "{ above = 60, to", "bands 1 and 2 leave a gap"),
        ("{ above = 50, to", "{ from = 50, to", "bands 1 and 2 overlap"),
        ("[[{ to = 100 }, { above", "[[{ to = 90 }, { above = 90, to = 100 }, { above", "step 1 of the ladder"),
        ("{ above = 100 }], ", "{ above = 100, to = 500 }], ", "step 1 of the ladder does not join"),
        ("[{ to = 50 }", '[{ to = "edition" }', "only the first band begins"),
        ('"all"]', '"all", [{ to = 50 }, { above = 50 }]]', "step 2 of the ladder is 'all'"),
        ('"all"]', '[{ to = 50 }, { above = 50 }]]', "step 2 of the ladder does not join"),
        ("{ to = 50 }, { above = 50", "{ to = 50, below = 60 }, { above = 50", "one end a side"),
    ],
)  # fmt: skip
def test_bands_that_do_not_cover_are_refused(before: str, after: str, said: str, tmp_path: Path) -> None:
    assert isinstance(loaded(SMALL + BAND, tmp_path).fields[2], Banded)
    assert before in BAND
    assert said in refused(SMALL + BAND.replace(before, after, 1), tmp_path)


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        ("peak_x_uln", 'type = "band"\nbands = [{ to = 1 }, { above = 1 }]', "tells of the peak"),
        ("hys_law", 'type = "flag"', "tells of the peak"),
        ("ctcae_grade", 'type = "category"\nlevels = ["1"]', "tells of the peak"),
        ("break_days", 'type = "band"\nbands = [{ to = 20 }, { from = 21 }]', "tells of the break"),
        ("onset_date", 'type = "days"', "leaves in bands only"),
        ("peak_x_uln", 'type = "multiple"', "leaves in bands only"),
        ("sex", 'type = "category"\nlevels = ["F"]', "tells of the sex"),
        ("age_at_restart", 'type = "band"\nbands = [{ to = 20 }, { from = 21 }]', "tells of the age"),
        ("site", 'type = "site"', "tells of the site"),
    ],
)
def test_what_others_may_know_leaves_as_a_quasi_identifier_only(
    source: str, kind: str, said: str, tmp_path: Path
) -> None:
    field = f'\n[[field]]\nname = "more"\nsource = "{source}"\nmeaning = "More."\n{kind}\n'
    assert said in refused(SMALL + field, tmp_path)


def test_a_field_that_tells_of_a_quasi_identifier_is_one_too(tmp_path: Path) -> None:
    other = '\n[[field]]\nname = "high"\nsource = "is_dose_at_least_2_mg_per_kg"\nmeaning = "High."\ntype = "flag"\n'
    assert "tells of the dose" in refused(SMALL + BAND + other, tmp_path)
    assert loaded(SMALL + other, tmp_path).fields[2].name == "high"
    assert loaded(SMALL + BAND + other + "quasi_identifier = true\n", tmp_path).fields[3].quasi_identifier


def test_ladders_that_would_take_too_long_are_refused(tmp_path: Path) -> None:
    flags = "".join(
        f'\n[[field]]\nname = "flag{n}"\nsource = "alternate_day"\nmeaning = "X."\ntype = "flag"\n'
        'quasi_identifier = true\nladder = ["all"]\n'
        for n in range(13)
    )
    assert "more than 20000 combinations" in refused(SMALL + flags, tmp_path)  # 3 x 2^13 = 24576
    assert loaded(SMALL + flags.replace('ladder = ["all"]', 'ladder = ["all"]\nstep = 1', 1), tmp_path)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ('analytes = []\nfirst_week = 0\nlast_week = 1', "series.analytes"),
        ('analytes = ["alt", "alt"]\nfirst_week = 0\nlast_week = 1', "an analyte is named twice"),
        ('analytes = ["alt"]\nfirst_week = 1\nlast_week = 0', "last_week lies before first_week"),
        ('analytes = ["alt"]\nfirst_week = 1', "series.last_week"),
    ],
)  # fmt: skip
def test_a_series_has_analytes_and_a_span(series: str, said: str, tmp_path: Path) -> None:
    assert said in refused(f"{SMALL}\n[series]\n{series}\n", tmp_path)


def shipped(name: str) -> dict[str, Any]:
    [field] = [field for field in SHIPPED["field"] if field["name"] == name]
    return field


def test_the_shipped_profile_is_what_is_agreed_by_default() -> None:
    profile = profiles.load("research")
    assert isinstance(profile, Model)
    assert (profile.k, profile.time, profile.series, profile.outcome) == (5, "weeks", None, "recurrence")
    known = [field.name for field in profile.fields if field.quasi_identifier]
    assert known == ["sex", "age", "break_length", "peak", "indication", "dose_at_restart"]
    assert shipped("break_length")["bands"] == [
        {"from": "edition", "to": 20}, {"from": 21, "to": 27}, {"from": 28, "to": 55}, {"from": 56, "to": 90},
        {"from": 91, "to": 180}, {"from": 181, "to": "edition"},
    ]  # fmt: skip
    assert shipped("peak")["bands"] == [
        {"to": 1}, {"above": 1, "to": 2}, {"above": 2, "below": 3}, {"from": 3, "below": 5}, {"from": 5, "to": 10},
        {"above": 10},
    ]  # fmt: skip
    assert shipped("age")["bands"][-2:] == [{"from": 80, "to": 89}, {"from": 90}]


@pytest.mark.parametrize("name", ["sex", "age", "break_length", "peak", "indication", "dose_at_restart"])
def test_every_shipped_ladder_ends_where_nothing_is_told(name: str) -> None:
    assert shipped(name)["ladder"][-1] == "all"
