"""RST-03: azathioprine is restarted at a lower dose than before."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who        | day | what         | value
    all        |     | without      | restart
    half       | 0.. | azathioprine | 50 mg QD
    just lower | 0.. | azathioprine | 98.9 mg QD
    same       | 0.. | azathioprine | 99 mg QD
    equal      | 0.. | azathioprine | 100 mg QD
    higher     | 0.. | azathioprine | 150 mg QD
""")
def test_a_dose_of_99_percent_of_the_former_or_more_is_not_lower(audited: Audited) -> None:
    assert audited.verdicts("RST-03") == {
        "half": "pass",
        "just lower": "pass",
        "same": "advisory",
        "equal": "advisory",
        "higher": "advisory",
    }


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course, restart
    before  | -400..-31  | azathioprine | ? mg
    before  | 0..        | azathioprine | 50 mg
    restart | -400..-31  | azathioprine | 100 mg
    restart | 0..        | azathioprine | ? mg
""")
def test_an_unknown_dose_leaves_it_open(audited: Audited) -> None:
    assert audited.verdicts("RST-03") == {"before": "indeterminate", "restart": "indeterminate"}


@patients("""
    who    | day        | what         | value
    all    |            | without      | first course
    raised | -400..-101 | azathioprine | 25 mg
    raised | -100..-31  | azathioprine | 100 mg
    cut    | -400..-34  | azathioprine | 100 mg
    cut    | -33..-31   | azathioprine | 50 mg
""")
def test_the_former_dose_is_that_of_the_last_dose_day_before_the_stop(audited: Audited) -> None:
    assert audited.episodes("dose_before_mg") == {"raised": 100.0, "cut": 50.0}
    assert audited.verdicts("RST-03") == {"raised": "pass", "cut": "advisory"}


@patients("""
    who    | day  | what         | value
    all    |      | without      | restart
    raised | 0..0 | azathioprine | 50 mg
    raised | 1..  | azathioprine | 150 mg
    cut    | 0..0 | azathioprine | 150 mg
    cut    | 1..  | azathioprine | 50 mg
""")
def test_the_dose_of_the_restart_day_itself_is_judged(audited: Audited) -> None:
    assert audited.verdicts("RST-03") == {"raised": "pass", "cut": "advisory"}


@patients("""
    who           | day  | what         | value
    all           |      | without      | restart
    two tablets   | 0..  | azathioprine | 50 mg product=A
    two tablets   | 0..  | azathioprine | 50 mg product=B
    one unknown   | 0..  | azathioprine | 50 mg product=A
    one unknown   | 0..  | azathioprine | ? mg product=B
    every 2nd day | 0..  | azathioprine | 50 mg QOD
""")
def test_the_dose_of_a_day_is_the_sum_of_its_records(audited: Audited) -> None:
    verdicts = {"two tablets": "advisory", "one unknown": "indeterminate", "every 2nd day": "pass"}
    assert audited.verdicts("RST-03") == verdicts
