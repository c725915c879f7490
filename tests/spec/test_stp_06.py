"""STP-06: mild symptoms are taken seriously even when the enzymes are only modestly raised."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who          | day | what            | value
    all          |     | without         | monitoring
    all          | 100 | symptom_nausea  |
    all          | 101 | alt             | 60
    same day     | 101 | ast             | 60
    next day     | 102 | draw            |
    seventh day  | 108 | draw            |
    eighth day   | 109 | draw            |
    never        |     | standard        |
""")
def test_a_modest_rise_after_a_symptom_is_drawn_again_within_a_week(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {
        "same day": "advisory",
        "next day": "pass",
        "seventh day": "pass",
        "eighth day": "advisory",
        "never": "advisory",
    }


@patients("""
    who     | day | what            | value
    all     |     | without         | monitoring
    all     | 100 | symptom_nausea  |
    at 1    | 101 | alt             | 40
    above 1 | 101 | alt             | 41
    by ast  | 101 | alt             | 25
    by ast  | 101 | ast             | 41
    below 3 | 101 | alt             | 119
    at 3    | 101 | alt             | 120
""")
def test_a_modest_rise_is_above_the_reference_and_below_three_times(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {
        "at 1": "not_applicable",
        "above 1": "advisory",
        "by ast": "advisory",
        "below 3": "advisory",
        "at 3": "not_applicable",
    }


@patients("""
    who        | day | what            | value
    all        |     | without         | monitoring
    all        | 100 | symptom_nausea  |
    same day   | 100 | alt             | 60
    third day  | 103 | alt             | 60
    fourth day | 104 | alt             | 60
    normal     | 100 | alt             | 25
    normal     | 102 | alt             | 60
    none       |     | standard        |
""")
def test_only_a_first_draw_that_came_at_once_is_followed_up(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {
        "same day": "advisory",
        "third day": "advisory",
        "fourth day": "not_applicable",
        "normal": "not_applicable",
        "none": "not_applicable",
    }


@patients("""
    who        | day    | what            | value
    all        |        | without         | monitoring, restart
    all        | 100    | symptom_nausea  |
    all        | 101    | alt             | 60
    same day   | 0..101 | azathioprine    | 50 mg
    seventh    | 0..108 | azathioprine    | 50 mg
    eighth     | 0..109 | azathioprine    | 50 mg
""")
def test_stopping_within_a_week_takes_the_symptom_seriously_too(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {"same day": "pass", "seventh": "pass", "eighth": "advisory"}


@patients("""
    who        | day       | what            | value
    all        |           | without         | monitoring
    all        | 100       | symptom_nausea  |
    all        | 101       | alt             | 60
    day 107    | -900..107 | observed        |
    day 108    | -900..108 | observed        |
""")
def test_while_the_week_runs_the_verdict_is_open(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {"day 107": "indeterminate", "day 108": "advisory"}


@patients("""
    who      | day       | what            | value
    all      |           | without         | monitoring, restart
    all      | -900..105 | observed        |
    all      | 100       | symptom_nausea  |
    all      | 101       | alt             | 60
    stopped  | 0..104    | azathioprine    | 50 mg
    running  | 0..105    | azathioprine    | 50 mg
""")
def test_a_last_dose_on_the_last_observed_day_is_no_stop(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {"stopped": "pass", "running": "indeterminate"}


@patients("""
    who                | day      | what            | value
    all                |          | without         | monitoring
    all                | 100      | symptom_nausea  |
    all                | 101, 105 | alt             | 60
    pass and advisory  | 200      | symptom_fatigue |
    pass and advisory  | 200      | alt             | 60
    pass and open      | 297      | symptom_fatigue |
    pass and open      | 297      | alt             | 60
    open and advisory  | 200      | symptom_fatigue |
    open and advisory  | 200      | alt             | 60
    open and advisory  | 297      | symptom_jaundice |
    open and advisory  | 297      | alt             | 60
    pass and none      | 200      | symptom_fatigue |
    pass and none      | 200      | alt             | 25
""")
def test_the_worst_of_several_symptom_episodes_counts(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {
        "pass and advisory": "advisory",
        "pass and open": "indeterminate",
        "open and advisory": "advisory",
        "pass and none": "pass",
    }


@patients("""
    who           | day | what            | value
    all           |     | without         | monitoring
    all           | 100 | symptom_nausea  |
    maybe normal  | 101 | alt             | <60
    maybe high    | 101 | alt             | >60
    surely normal | 101 | alt             | <=40
    surely high   | 101 | alt             | >=120
    followed      | 101 | alt             | <60
    followed      | 105 | alt             | 25
""")
def test_a_censored_first_draw_decides_only_what_it_leaves_no_doubt_of(audited: Audited) -> None:
    assert audited.verdicts("STP-06") == {
        "maybe normal": "indeterminate",
        "maybe high": "indeterminate",
        "surely normal": "not_applicable",
        "surely high": "not_applicable",
        "followed": "indeterminate",
    }
