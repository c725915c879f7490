"""RST-04: azathioprine is not restarted at the dose that harmed."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who        | day | what         | value
    all        |     | without      | restart
    half       | 0.. | azathioprine | 50 mg
    just lower | 0.. | azathioprine | 98.9 mg
    same       | 0.. | azathioprine | 99 mg
    equal      | 0.. | azathioprine | 100 mg
    higher     | 0.. | azathioprine | 150 mg
""")
def test_a_dose_of_99_percent_of_the_harmful_one_or_more_is_a_violation(audited: Audited) -> None:
    assert audited.verdicts("RST-04") == {
        "half": "pass",
        "just lower": "pass",
        "same": "violation",
        "equal": "violation",
        "higher": "violation",
    }


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course, restart
    onset   | -400..-34  | azathioprine | ? mg
    onset   | -33..-31   | azathioprine | 100 mg
    onset   | 0..        | azathioprine | 50 mg
    restart | -400..-31  | azathioprine | 100 mg
    restart | 0..        | azathioprine | ? mg
    before  | -400..-34  | azathioprine | 100 mg
    before  | -33..-31   | azathioprine | ? mg
    before  | 0..        | azathioprine | 50 mg
""")
def test_an_unknown_dose_at_onset_or_restart_leaves_it_open(audited: Audited) -> None:
    assert audited.verdicts("RST-04") == {"onset": "indeterminate", "restart": "indeterminate", "before": "pass"}


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course, restart
    all     | -400..-34  | azathioprine | 100 mg
    all     | -33..-31   | azathioprine | 50 mg
    between | 0..        | azathioprine | 75 mg
    harmful | 0..        | azathioprine | 100 mg
""")
def test_a_dose_cut_after_the_onset_is_not_the_one_that_harmed(audited: Audited) -> None:
    assert audited.verdicts("RST-04") == {"between": "pass", "harmful": "violation"}
    assert audited.verdicts("RST-03") == {"between": "advisory", "harmful": "advisory"}


@patients("""
    who      | day        | what         | value
    all      |            | without      | first course
    on it    | -400..-36  | azathioprine | 50 mg
    on it    | -35..-31   | azathioprine | 100 mg
    day after| -400..-35  | azathioprine | 50 mg
    day after| -34..-31   | azathioprine | 100 mg
""")
def test_the_dose_in_force_on_the_onset_date_is_the_harmful_one(audited: Audited) -> None:
    assert audited.episodes("dose_at_onset_mg") == {"on it": 100.0, "day after": 50.0}
    assert audited.verdicts("RST-04") == {"on it": "pass", "day after": "violation"}


@patients("""
    who        | day       | what         | value
    all        |           | without      | first course, injury
    after stop | -400..-40 | azathioprine | 100 mg
    after stop | -39..-31  | azathioprine | 50 mg
    after stop | -28       | alt          | 160
    in a pause | -400..-40 | azathioprine | 50 mg
    in a pause | -33..-31  | azathioprine | 100 mg
    in a pause | -36       | alt          | 160
""")
def test_without_a_dose_on_the_onset_date_the_last_covered_day_before_it_counts(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"after stop": -28, "in a pause": -36}
    assert audited.episodes("dose_at_onset_mg") == {"after stop": 50.0, "in a pause": 50.0}
    assert audited.verdicts("RST-04") == {"after stop": "violation", "in a pause": "violation"}
