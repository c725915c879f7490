"""What a profile of an export to a registry may say, and one line for each thing that it may not."""

from pathlib import Path

import pytest

from flows.errors import Usage
from flows.export.profiles import PROFILES, load
from flows.export.registry.profile import Model

SHIPPED = (PROFILES / "registry.toml").read_text(encoding="utf-8")
HEAD = """
id = "mine"
kind = "registry"
title = "Mine"
forms = ["redcap"]
[agreement]
shift_days = [-10, -1]
ongoing_cut_days = 5
[citation]
publisher = "North"
terms = "none"
[rows]
reasons = false
"""
FIELD = """
[[rows.field]]
name = "grade"
source = "grade"
type = "code"
levels = ["mild", "severe"]
"""


def read(tmp_path: Path, text: str) -> Model:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    profile = load(str(file))
    assert isinstance(profile, Model)
    return profile


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(Usage) as raised:
        read(tmp_path, text)
    said = str(raised.value)
    assert "\n" not in said
    return said


def test_the_shipped_profile_tells_no_date_and_no_id_of_the_source() -> None:
    profile = load("registry")
    assert isinstance(profile, Model)
    assert (profile.agreement.subject_ids, profile.agreement.dates) == ("pseudonym", "shifted")
    assert profile.agreement.needs_key
    assert profile.rows
    assert "date" not in {field.type for field in profile.rows.field}


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("shift_days = [-365, -1]", "shift_days = [-1, -365]", "shift_days is empty"),
        ("shift_days = [-365, -1]", "shift_days = [-365, 0]", "shift_days holds 0"),
        ("shift_days = [-365, -1]", "shift_days = [0, 365]", "shift_days holds 0"),
        ("shift_days = [-365, -1]", "shift_days = [-1, 1]", "shift_days holds 0"),
        ("shift_days = [-365, -1]", "shift_days = [-365]", "agreement.shift_days"),
        ("shift_days = [-365, -1]", "", "shifted dates need shift_days"),
        ("ongoing_cut_days = 180", "ongoing_cut_days = -1", "agreement.ongoing_cut_days"),
        ("ongoing_cut_days = 180", "", "shifted dates need"),
        ('dates = "shifted"', 'dates = "true"', "true dates are not shifted"),
        ('dates = "shifted"', 'dates = "real"', "agreement.dates"),
        ('subject_ids = "pseudonym"', 'subject_ids = "names"', "agreement.subject_ids"),
        ('subject_ids = "pseudonym"', "birth_dates = true", "agreement.birth_dates"),
        ("[omop]", "[omap]", "omap"),
        ("[omop]", "", "omop"),
        ('forms = ["omop", "redcap"]', 'forms = ["omop"]', "redcap"),
        ('forms = ["omop", "redcap"]', 'forms = ["fhir"]', "forms"),
        ('forms = ["omop", "redcap"]', "forms = []", "forms"),
        ('publisher = "The publishing site"', "", "citation.publisher"),
        ("[omop]", '[omop]\nrules = ["RST-4"]', "omop.rules"),
    ],
)
def test_an_agreement_that_is_none_is_one_line(was: str, now: str, said: str, tmp_path: Path) -> None:
    assert was in SHIPPED
    assert said in refused(tmp_path, SHIPPED.replace(was, now, 1))


@pytest.mark.parametrize("days", ["[-1, -1]", "[1, 1]", "[-365, -2]", "[1, 365]"])
def test_a_range_of_one_day_or_of_later_days_is_one(days: str, tmp_path: Path) -> None:
    profile = read(tmp_path, SHIPPED.replace("[-365, -1]", days))
    assert str(profile.agreement.shift_days) == days


def test_true_dates_and_ids_of_the_source_need_no_key(tmp_path: Path) -> None:
    text = SHIPPED.replace('"pseudonym"', '"source"').replace('"shifted"', '"true"')
    text = text.replace("shift_days = [-365, -1]\n", "").replace("ongoing_cut_days = 180\n", "")
    assert not read(tmp_path, text).agreement.needs_key
    assert read(tmp_path, text.replace('"source"', '"pseudonym"')).agreement.needs_key


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('name = "grade"', 'name = "Grade"', "no name for REDCap"),
        ('name = "grade"', 'name = "1grade"', "no name for REDCap"),
        ('name = "grade"', 'name = "grade_"', "no name for REDCap"),
        ('name = "grade"', 'name = "the__grade"', "no name for REDCap"),
        ('name = "grade"', 'name = "grade of it"', "no name for REDCap"),
        ('name = "grade"', f'name = "{"a" * 27}"', "no name for REDCap"),
        ('name = "grade"', 'name = "record_id"', "has already"),
        ('name = "grade"', 'name = "restarts_complete"', "has already"),
        ('name = "grade"', 'name = "redcap_event_name"', "keeps for itself"),
        ('source = "grade"', 'source = "shoe_size"', "no source column 'shoe_size'"),
        ('source = "grade"', 'source = "patient_id"', "no source column 'patient_id'"),
        ('source = "grade"', 'source = "episode_id"', "no source column 'episode_id'"),
        ('source = "grade"', 'source = "site_id"', "no source column 'site_id'"),
        ('source = "grade"', 'source = "birth_year"', "no source column 'birth_year'"),
        ('type = "code"', 'type = "number"', "cannot be told as number"),
        ('type = "code"', 'type = "poem"', "rows.field.0.type"),
        ('levels = ["mild", "severe"]', "levels = []", "levels go with a code"),
        ('levels = ["mild", "severe"]', "", "levels go with a code"),
        ('levels = ["mild", "severe"]', 'levels = ["mild", "mild"]', "a level stands twice"),
        ('levels = ["mild", "severe"]', 'levels = ["mi|ld"]', "rows.field.0.levels"),
        ('type = "code"', 'type = "codes"\nunit = "d"', "unit"),
        ('levels = ["mild", "severe"]', 'levels = ["mild"]\ndigits = 1', "digits go with a number"),
        ('levels = ["mild", "severe"]', 'levels = ["mild"]\nmeaning = "x"', "rows.field.0.meaning"),
    ],
)
def test_a_field_that_is_none_is_one_line(was: str, now: str, said: str, tmp_path: Path) -> None:
    assert said in refused(tmp_path, HEAD + FIELD.replace(was, now, 1))


def test_a_name_of_26_signs_is_one(tmp_path: Path) -> None:
    profile = read(tmp_path, HEAD + FIELD.replace('name = "grade"', f'name = "{"a" * 26}"'))
    assert profile.rows
    assert profile.rows.field[0].name == "a" * 26


def test_a_name_that_stands_twice_is_one_line(tmp_path: Path) -> None:
    assert "two fields are called grade" in refused(tmp_path, HEAD + FIELD + FIELD)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ('name = "x"\nsource = "peak_x_uln"\ntype = "number"', "a number has digits"),
        ('name = "x"\nsource = "peak_x_uln"\ntype = "number"\ndigits = 5', "digits"),
        ('name = "x"\nsource = "dose_before_mg"\ntype = "number"\ndigits = 1\nunit = "g/d"', "unit can be mg/d only"),
        ('name = "x"\nsource = "peak_date"\ntype = "days"\nunit = "mo"', "unit can be d or wk only"),
        ('name = "x"\nsource = "restart_date"\ntype = "date"', "a date leaves only where"),
        ('name = "x"\nsource = "indications"\ntype = "codes"\nlevels = ["IBD"]', "in lower case only"),
    ],
)
def test_how_a_column_is_told_must_fit_it(field: str, said: str, tmp_path: Path) -> None:
    assert said in refused(tmp_path, f"{HEAD}\n[[rows.field]]\n{field}\n")


def test_a_date_is_a_field_where_the_agreement_names_dates(tmp_path: Path) -> None:
    head = HEAD.replace("shift_days = [-10, -1]\nongoing_cut_days = 5", 'dates = "true"')
    profile = read(tmp_path, head + '\n[[rows.field]]\nname = "x"\nsource = "restart_date"\ntype = "date"\n')
    assert profile.rows
    assert profile.rows.field[0].type == "date"


def test_a_unit_that_is_the_column_s_own_may_be_written(tmp_path: Path) -> None:
    field = '\n[[rows.field]]\nname = "x"\nsource = "dose_before_mg"\ntype = "number"\ndigits = 1\nunit = "mg/d"\n'
    assert read(tmp_path, HEAD + field)
