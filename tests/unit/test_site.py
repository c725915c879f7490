"""The site file: its own keys are checked here, every other key goes to the guideline edition."""

from datetime import date
from pathlib import Path

import pytest

from flows import site
from flows.errors import Usage
from flows.site import Limit, Site


def written(tmp_path: Path, text: str) -> Path:
    """Write a site file."""
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold() -> None:
    ages = {"max_extract_age_days": 7, "max_result_age_days": 7}
    assert site.load() == Site(overlay={}, time_zone=None, max_rejected_share=0.05, uln=(), **ages)


def test_how_old_an_extract_and_its_newest_rows_may_be(tmp_path: Path) -> None:
    loaded = site.load(written(tmp_path, "max_extract_age_days = 0\nmax_result_age_days = 30\n"))
    assert (loaded.max_extract_age_days, loaded.max_result_age_days) == (0, 30)
    assert site.load(written(tmp_path, "max_extract_age_days = 3652058")).max_extract_age_days == 3652058
    assert loaded.overlay == {}


def test_what_is_not_the_sites_own_goes_to_the_edition(tmp_path: Path) -> None:
    path = written(tmp_path, 'audited_drug = "atorvastatin"\nstop_grace_days = 5\ntime_zone = "Europe/Berlin"\n')
    loaded = site.load(path)
    assert loaded.overlay == {"audited_drug": "atorvastatin", "stop_grace_days": 5}
    assert loaded.time_zone == "Europe/Berlin"


def test_limits_by_sex_and_period(tmp_path: Path) -> None:
    text = """
max_rejected_share = 0.2
[[uln]]
analyte = "alt"
value = 35
sex = "F"
from = 2020-01-01
[[uln]]
analyte = "alt"
value = 0.8
unit = "ukat/L"
to = 2019-12-31
"""
    loaded = site.load(written(tmp_path, text))
    assert loaded.max_rejected_share == 0.2
    assert loaded.uln == (
        Limit("alt", 35.0, None, "F", date(2020, 1, 1), date(9999, 12, 31)),
        Limit("alt", 0.8, "ukat/L", None, date(1, 1, 1), date(2019, 12, 31)),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_zone = 1", "time_zone must be a name"),
        ('time_zone = "Mars/Olympus"', "time_zone knows no zone 'Mars/Olympus'"),
        ('time_zone = "../../etc/passwd"', "time_zone knows no zone"),
        ("max_rejected_share = 5", "max_rejected_share must be a share"),
        ("max_rejected_share = -0.1", "max_rejected_share must be a share"),
        ("max_rejected_share = true", "max_rejected_share must be a share"),
        ("max_rejected_share = nan", "max_rejected_share must be a share"),
        ("max_extract_age_days = -1", "max_extract_age_days must be a whole number of days"),
        ("max_extract_age_days = 1.5", "max_extract_age_days must be a whole number of days"),
        ("max_result_age_days = true", "max_result_age_days must be a whole number of days"),
        ('max_result_age_days = "7"', "max_result_age_days must be a whole number of days"),
        *(
            (f"{key} = {value}", f"site file: {key} must be a whole number of days, 0 to 3652058")
            for key in ("max_extract_age_days", "max_result_age_days")
            for value in (
                "-1",
                "3652059",
                "1" + "0" * 400,
                "7.0",
                "inf",
                "nan",
                "true",
                '"7"',
                "[7]",
                "{}",
                "2024-06-30",
            )
        ),
        ("max_result_age_days = null", "site file site.toml is not readable TOML: Invalid value"),
        ("max_extract_age_days = 1" + "0" * 5000, "site file site.toml is not readable TOML"),
        ("uln = 40", "uln must be a list of tables"),
        ("uln = [40]", "uln must be a list of tables"),
        ('[[uln]]\nanalyte = "alt"', "uln needs an analyte and a finite value above 0"),
        *(
            (f'[[uln]]\nanalyte = "alt"\nvalue = {value}', "uln needs an analyte and a finite value above 0")
            for value in ("inf", "-inf", "nan", "+nan", "-40", "-0.0", "1" + "0" * 400)
        ),
        *((f"max_rejected_share = {value}", "max_rejected_share must be") for value in ("inf", "nan", "-0.01", "1.01")),
        ("[[uln]]\nvalue = 40", "uln needs an analyte"),
        ('[[uln]]\nanalyte = "alt"\nvalue = 0', "uln needs an analyte and a finite value above 0"),
        ('[[uln]]\nanalyte = "alt"\nvalue = "40"', "uln value must be a"),
        ('[[uln]]\nanalyte = "alt"\nvalue = true', "uln value must be a"),
        ('[[uln]]\nanalyte = "alt"\nvalue = 40\nsex = "W"', "uln sex must be F or M"),
        ('[[uln]]\nanalyte = "alt"\nvalue = 40\nage = 5', "uln has no key 'age'"),
        ('[[uln]]\nanalyte = "alt"\nvalue = 40\nfrom = "2020"', "uln from must be a date"),
        (
            '[[uln]]\nanalyte = "alt"\nvalue = 40\nfrom = 2020-01-02\nto = 2020-01-01',
            "uln of alt ends before it begins",
        ),
        ("time_zone =", "not readable TOML"),
    ],
)
def test_a_wrong_key_is_an_error_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Usage) as caught:
        site.load(written(tmp_path, text))
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("second", "clash"),
    [
        ("from = 2019-12-31", True),
        ("from = 2020-01-01", False),
        ('from = 2019-12-31\nsex = "F"', False),
    ],
)
def test_two_limits_for_one_day_are_an_error(tmp_path: Path, second: str, clash: bool) -> None:
    text = f'[[uln]]\nanalyte = "alt"\nvalue = 40\nto = 2019-12-31\n[[uln]]\nanalyte = "alt"\nvalue = 45\n{second}\n'
    path = written(tmp_path, text)
    if not clash:
        assert len(site.load(path).uln) == 2
        return
    with pytest.raises(Usage, match="two limits of alt for one day"):
        site.load(path)


def test_a_file_that_is_missing_or_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="does not exist"):
        site.load(tmp_path / "nowhere.toml")
    (tmp_path / "site.toml").write_bytes("# Müller".encode("latin-1"))
    with pytest.raises(Usage, match="not readable TOML"):
        site.load(tmp_path / "site.toml")
