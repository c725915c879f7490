"""Daily doses: what a day's records add up to, and what is a renewal written early."""

import pytest

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what     | value
        | standard |
""")
def test_the_dose_before_at_onset_and_at_restart_is_reported(audited: Audited) -> None:
    doses = [audited.episode(f"dose_{when}_mg") for when in ("before", "at_onset", "restart")]
    assert doses == [100.0, 100.0, 50.0]


@patients("""
    who          | day        | what         | value
    all          |            | without      | first course
    fourteen     | -400..-22  | azathioprine | 100 mg
    fourteen     | -35..-15   | azathioprine | 100 mg
    fifteen      | -400..-21  | azathioprine | 100 mg
    fifteen      | -35..-15   | azathioprine | 100 mg
    other code   | -400..-22  | azathioprine | 100 mg product=A
    other code   | -35..-15   | azathioprine | 100 mg product=B
    other dose   | -400..-22  | azathioprine | 100 mg
    other dose   | -35..-15   | azathioprine | 50 mg
    apart        | -400..-36  | azathioprine | 100 mg
    apart        | -35..-15   | azathioprine | 100 mg
""")
def test_the_overlap_of_a_renewal_written_up_to_two_weeks_early_counts_once(audited: Audited) -> None:
    assert audited.episodes("dose_at_onset_mg") == {
        "fourteen": 100.0,
        "fifteen": 200.0,
        "other code": 200.0,
        "other dose": 150.0,
        "apart": 100.0,
    }


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course
    three   | -400..-200 | azathioprine | 100 mg
    three   | -205..-100 | azathioprine | 100 mg
    three   | -110..-31  | azathioprine | 100 mg
    inside  | -400..-31  | azathioprine | 100 mg
    inside  | -44..-31   | azathioprine | 100 mg
    longer  | -400..-31  | azathioprine | 100 mg
    longer  | -45..-31   | azathioprine | 100 mg
""")
def test_renewals_do_not_raise_the_dose_before_the_stop(audited: Audited) -> None:
    assert audited.episodes("dose_before_mg") == {"three": 100.0, "inside": 100.0, "longer": 200.0}


@patients("""
    who         | day  | what         | value
    all         |      | without      | restart
    two weeks   | 0..13 | azathioprine | 50 mg QD
    two weeks   | 0..13 | azathioprine | 50 mg BID
    longer      | 0..14 | azathioprine | 50 mg QD
    longer      | 0..14 | azathioprine | 50 mg BID
""")
def test_two_records_of_the_same_days_are_two_tablets_only_when_they_overlap_for_longer(audited: Audited) -> None:
    assert audited.episodes("dose_restart_mg") == {"two weeks": 50.0, "longer": 100.0}


@patients("""
    who          | day        | what         | value
    all          |            | without      | first course
    one unknown  | -400..-31  | azathioprine | 100 mg product=A
    one unknown  | -100..-31  | azathioprine | ? mg product=B
    was unknown  | -400..-101 | azathioprine | ? mg
    was unknown  | -100..-31  | azathioprine | 100 mg
""")
def test_a_day_with_one_unknown_dose_is_unknown(audited: Audited) -> None:
    assert audited.episodes("dose_before_mg") == {"one unknown": None, "was unknown": 100.0}


@patients("""
    who         | day  | what        | value
    half a year | -180 | body_weight | 80
    older       | -181 | body_weight | 80
    latest      | -100 | body_weight | 100
    latest      | -10  | body_weight | 80
    on the day  | 0    | body_weight | 80
    later       | 1    | body_weight | 80
    none        |      | standard    |
""")
def test_mg_per_kg_takes_the_latest_weight_of_the_last_180_days(audited: Audited) -> None:
    per_kg = audited.episodes("dose_restart_mg_per_kg")
    known = dict.fromkeys(("half a year", "latest", "on the day"), pytest.approx(0.625))
    assert per_kg == {**known, "older": None, "later": None, "none": None}


@patients("""
    who      | day | what         | value
    all      |     | without      | restart
    all      | -10 | body_weight  | 50
    below    | 0.. | azathioprine | 97 mg
    at       | 0.. | azathioprine | 100 mg
    above    | 0.. | azathioprine | 110 mg
    unknown  | 0.. | azathioprine | ? mg
""")
def test_two_milligrams_per_kilogram_is_a_high_dose(audited: Audited) -> None:
    expected = {"below": False, "at": True, "above": True, "unknown": None}
    assert audited.episodes("is_high_dose") == expected


@patients("""
    day        | what         | value
               | without      | first course
    -400..-36  | azathioprine | 100 mg
    -34..-31   | azathioprine | 50 mg
""")
def test_a_single_day_without_cover_takes_the_dose_of_the_last_covered_day_before_it(audited: Audited) -> None:
    assert audited.episode("dose_at_onset_mg") == 100.0


@patients("""
    day        | what         | value
               | without      | first course
    -400..-32  | azathioprine | 100 mg
    -31..-31   | azathioprine | 40 mg
""")
def test_the_dose_before_the_stop_is_the_one_of_the_last_dose_day(audited: Audited) -> None:
    assert audited.episode("dose_before_mg") == 40.0
