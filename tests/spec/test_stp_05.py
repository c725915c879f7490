"""STP-05: azathioprine is not stopped automatically for a mild rise without symptoms."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who       | day      | what         | value
    all       |          | without      | restart, monitoring
    all       | 0..199   | azathioprine | 50 mg explicit
    once      | 190      | alt          | 60
    repeated  | 190, 195 | alt          | 60
    normal    | 190      | alt          | 60
    normal    | 195      | alt          | 25
    before    | 185      | alt          | 25
    before    | 190      | alt          | 60
    same day  | 190      | alt          | 60
    same day  | 190      | ast          | 60
    none      |          | standard     |
""")
def test_a_stop_after_a_single_mildly_raised_draw_is_an_advisory(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "once": "advisory",
        "repeated": "pass",
        "normal": "pass",
        "before": "advisory",
        "same day": "advisory",
        "none": "not_applicable",
    }


@patients("""
    who       | day      | what         | value
    all       |          | without      | restart, monitoring
    all       | 0..199   | azathioprine | 50 mg explicit
    all       | 190      | alt          | 60
    stop date | 200      | ast          | 22
    day after | 201      | ast          | 22
""")
def test_draws_count_up_to_the_day_after_the_last_dose(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {"stop date": "pass", "day after": "advisory"}


@patients("""
    who       | day      | what         | value
    all       |          | without      | restart, monitoring
    all       | 0..199   | azathioprine | 50 mg explicit
    early     | 169      | alt          | 60
    first     | 170      | alt          | 60
    last      | 200      | alt          | 60
    late      | 201      | alt          | 60
""")
def test_the_thirty_days_up_to_the_stop_date_are_looked_at(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "early": "not_applicable",
        "first": "advisory",
        "last": "advisory",
        "late": "not_applicable",
    }


@patients("""
    who   | day   | what         | value
    all   |       | without      | restart, monitoring
    all   | 0..9  | azathioprine | 50 mg explicit
    day 0 | 0     | alt          | 60
    day 1 | 1     | alt          | 60
""")
def test_of_a_short_course_only_the_days_after_the_restart_are_looked_at(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {"day 0": "not_applicable", "day 1": "advisory"}


@patients("""
    who          | day      | what         | value
    all          |          | without      | restart, monitoring
    all          | 0..199   | azathioprine | 50 mg explicit
    at 1         | 190      | alt          | 40
    above 1      | 190      | alt          | 41
    by ast       | 190      | ast          | 41
    below 5      | 190      | alt          | 199
    at 5         | 190      | alt          | 200
""")
def test_a_mild_rise_is_above_the_reference_and_below_five_times(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "at 1": "not_applicable",
        "above 1": "advisory",
        "by ast": "advisory",
        "below 5": "advisory",
        "at 5": "not_applicable",
    }


@patients("""
    who        | day              | what         | value
    all        |                  | without      | restart, monitoring, baseline
    all        | 0..180           | azathioprine | 50 mg
    all        | 190..199         | azathioprine | 50 mg explicit
    all        | -430, -420, -410 | alt          | 110
    all        | -430, -420, -410 | ast          | 22
    ratio      | 185              | ast          | 200
    below ratio | 185              | ast          | 199
    units      | 185              | alt          | 500
    below units| 185              | alt          | 499
""")
def test_a_value_off_drug_that_reaches_a_stop_limit_is_not_mild_though_no_trigger(audited: Audited) -> None:
    assert set(audited.verdicts("STP-01").values()) == {"not_applicable"}
    assert audited.verdicts("STP-05") == {
        "ratio": "not_applicable",
        "below ratio": "advisory",
        "units": "not_applicable",
        "below units": "advisory",
    }


@patients("""
    who        | day      | what            | value
    all        |          | without         | restart, monitoring
    all        | 0..199   | azathioprine    | 50 mg explicit
    all        | 190      | alt             | 60
    below      | 190      | bilirubin_total | 2.3
    at         | 190      | bilirubin_total | 2.4
    unmeasured |          | standard        |
    early      | 169      | bilirubin_total | 3.0
    first      | 170      | bilirubin_total | 3.0
    last       | 200      | bilirubin_total | 3.0
    late       | 201      | bilirubin_total | 3.0
""")
def test_a_rise_with_raised_bilirubin_is_not_mild(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "below": "advisory",
        "at": "not_applicable",
        "unmeasured": "advisory",
        "early": "advisory",
        "first": "not_applicable",
        "last": "not_applicable",
        "late": "advisory",
    }


@patients("""
    who      | day      | what             | value
    all      |          | without          | restart, monitoring
    all      | 0..199   | azathioprine     | 50 mg explicit
    all      | 190      | alt              | 60
    fatigue  | 190      | symptom_fatigue  |
    nausea   | 190      | symptom_nausea   |
    pain     | 190      | symptom_ruq_pain |
    jaundice | 190      | symptom_jaundice |
    early    | 169      | symptom_nausea   |
    first    | 170      | symptom_nausea   |
    last     | 200      | symptom_nausea   |
    late     | 201      | symptom_nausea   |
    not new  | 165, 180 | symptom_nausea   |
""")
def test_a_rise_with_a_symptom_is_not_meant(audited: Audited) -> None:
    with_symptom = ("fatigue", "nausea", "pain", "jaundice", "first", "last", "not new")
    assert audited.verdicts("STP-05") == {
        **dict.fromkeys(with_symptom, "not_applicable"),
        "early": "advisory",
        "late": "advisory",
    }


@patients("""
    who      | day      | what         | value
    all      |          | without      | restart, monitoring
    all      | 290      | alt          | 60
    last day | 0..300   | azathioprine | 50 mg explicit
    before   | 0..299   | azathioprine | 50 mg explicit
    ongoing  | 0..      | azathioprine | 50 mg explicit
""")
def test_the_course_ended_before_the_last_observed_day(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "last day": "not_applicable",
        "before": "advisory",
        "ongoing": "not_applicable",
    }


@patients("""
    who            | day    | what         | value
    all            |        | without      | restart, monitoring
    all            | 190    | alt          | 60
    explicit       | 0..199 | azathioprine | 50 mg explicit
    supply         | 0..199 | azathioprine | 50 mg supply
    discharge      | 0..199 | azathioprine | 50 mg discharge
    untold         | 0..199 | azathioprine | 50 mg
    hepatotoxicity | 0..199 | azathioprine | 50 mg explicit reason=hepatotoxicity
    abnormal lft   | 0..199 | azathioprine | 50 mg explicit reason=abnormal_lft
    other reason   | 0..199 | azathioprine | 50 mg explicit reason=patient_choice
""")
def test_only_an_explicit_stop_for_the_liver_or_for_no_stated_reason_is_meant(audited: Audited) -> None:
    meant = dict.fromkeys(("explicit", "hepatotoxicity", "abnormal lft"), "advisory")
    others = dict.fromkeys(("supply", "discharge", "untold", "other reason"), "not_applicable")
    assert audited.verdicts("STP-05") == meant | others


@patients("""
    who          | day      | what         | value
    all          |          | without      | restart, monitoring
    all          | 190      | alt          | 60
    one of two   | 0..199   | azathioprine | 25 mg explicit product=A
    one of two   | 0..199   | azathioprine | 25 mg supply product=B
    split        | 0..199   | azathioprine | 25 mg explicit reason=patient_choice product=A
    split        | 0..199   | azathioprine | 25 mg supply product=B
    earlier      | 0..150   | azathioprine | 50 mg explicit
    earlier      | 151..199 | azathioprine | 50 mg supply
""")
def test_any_record_that_ends_on_the_last_dose_day_may_be_the_explicit_stop(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "one of two": "advisory",
        "split": "not_applicable",
        "earlier": "not_applicable",
    }


@patients("""
    who      | day    | what            | value
    all      |        | without         | restart, monitoring
    all      | 0..199 | azathioprine    | 50 mg explicit
    all      | 190    | alt             | 60
    stp-01   | 50     | alt             | 200
    stp-02   | 50     | alt             | 120
    stp-02   | 50     | symptom_nausea  |
    stp-03   | 50     | alt             | 80
    stp-03   | 50     | bilirubin_total | 2.4
    none     | 50     | alt             | 120
""")
def test_a_course_with_any_stop_trigger_is_not_meant(audited: Audited) -> None:
    triggered = dict.fromkeys(("stp-01", "stp-02", "stp-03"), "not_applicable")
    assert audited.verdicts("STP-05") == {**triggered, "none": "advisory"}


@patients("""
    who          | day    | what            | value
    all          |        | without         | restart, monitoring
    all          | 0..199 | azathioprine    | 50 mg explicit
    surely mild  | 190    | alt             | 60
    surely mild  | 189    | alt             | <40
    maybe normal | 190    | alt             | <60
    maybe severe | 190    | alt             | >60
    surely below | 190    | alt             | <=40
    bilirubin    | 190    | alt             | 60
    bilirubin    | 190    | bilirubin_total | >2.0
    fine         | 190    | alt             | 60
    fine         | 190    | bilirubin_total | <2.4
""")
def test_a_censored_value_decides_only_what_it_leaves_no_doubt_of(audited: Audited) -> None:
    assert audited.verdicts("STP-05") == {
        "surely mild": "advisory",
        "maybe normal": "indeterminate",
        "maybe severe": "indeterminate",
        "surely below": "not_applicable",
        "bilirubin": "indeterminate",
        "fine": "advisory",
    }
