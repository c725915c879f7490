"""STP-04: after a recurrence there is no second rechallenge."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who     | day | what     | value
    alt 119 | 100 | alt      | 119
    alt 120 | 100 | alt      | 120
    ast 119 | 100 | ast      | 119
    ast 120 | 100 | ast      | 120
    none    |     | standard |
""")
def test_three_times_the_reference_after_the_restart_is_a_recurrence(audited: Audited) -> None:
    recurrence = {"alt 119": False, "alt 120": True, "ast 119": False, "ast 120": True, "none": False}
    assert audited.episodes("recurrence") == recurrence
    expected = {name: "advisory" if recurred else "not_applicable" for name, recurred in recurrence.items()}
    assert audited.verdicts("STP-04") == expected


@patients("""
    who        | day | what            | value
    all        | 100 | alt             | 90
    bilirubin  | 104 | bilirubin_total | 3.0
    none       |     | standard        |
""")
def test_any_stop_trigger_is_a_recurrence_dated_at_the_trigger(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"bilirubin": "advisory", "none": "not_applicable"}
    assert audited.episodes("recurrence_date") == {"bilirubin": 104, "none": None}


@patients("""
    who   | day              | what    | value
    all   |                  | without | baseline
    all   | -430, -420, -410 | alt     | 119
    below | 100              | alt     | 356
    at    | 100              | alt     | 357
""")
def test_a_recurrence_is_a_multiple_of_the_effective_reference(audited: Audited) -> None:
    assert audited.episodes("recurrence") == {"below": False, "at": True}


@patients("""
    who   | day         | what | value
    day 0 | 0           | alt  | 130
    day 1 | 1           | alt  | 130
    twice | 100, 150    | alt  | 130
""")
def test_a_recurrence_counts_from_the_day_after_the_restart_and_the_first_dates_it(audited: Audited) -> None:
    assert audited.episodes("recurrence_date") == {"day 0": None, "day 1": 1, "twice": 100}


@patients("""
    who           | day    | what         | value
    all           |        | without      | restart
    all           | 0..100 | azathioprine | 50 mg
    thirty after  | 130    | alt          | 130
    longer after  | 131    | alt          | 130
""")
def test_values_count_to_thirty_days_after_the_last_dose(audited: Audited) -> None:
    assert audited.episodes("recurrence_date") == {"thirty after": 130, "longer after": None}
    assert audited.verdicts("STP-04") == {"thirty after": "pass", "longer after": "not_applicable"}


@patients("""
    who        | day    | what         | value
    all        |        | without      | restart
    all        | 0..100 | azathioprine | 50 mg
    all        | 120..  | azathioprine | 50 mg
    day before | 119    | alt          | 130
    first day  | 120    | alt          | 130
""")
def test_values_count_only_before_a_further_course(audited: Audited) -> None:
    assert audited.episodes("recurrence_date") == {"day before": 119, "first day": None}


@patients("""
    who      | day    | what         | value
    all      |        | without      | restart
    all      | 0..100 | azathioprine | 50 mg
    all      | 100    | alt          | 130
    never    |        | standard     |
    again    | 150..  | azathioprine | 25 mg
    another  | 150..  | mercaptopurine |
""")
def test_a_further_course_after_a_recurrence_is_an_advisory_named_third_exposure(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"never": "pass", "again": "advisory", "another": "pass"}
    assert audited.reasons("STP-04")["again"] == "third_exposure"


@patients("""
    who      | day       | what         | value
    all      |           | without      | restart
    all      | -900..800 | observed     |
    all      | 0..100    | azathioprine | 50 mg
    all      | 700..     | azathioprine | 25 mg
    none     |           | standard     |
    recurred | 100       | alt          | 130
""")
def test_a_further_course_counts_however_much_later(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"none": "not_applicable", "recurred": "advisory"}
    assert audited.reasons("STP-04")["recurred"] == "third_exposure"


@patients("""
    who      | day       | what     | value
    all      | 200       | alt      | 130
    day 229  | -900..229 | observed |
    day 230  | -900..230 | observed |
""")
def test_a_course_still_running_thirty_days_after_the_recurrence_is_continued(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"day 229": "indeterminate", "day 230": "advisory"}
    assert audited.reasons("STP-04")["day 230"] == "continued"


@patients("""
    who           | day    | what         | value
    all           |        | without      | restart
    all           | 100    | alt          | 130
    last day      | 0..300 | azathioprine | 50 mg
    day before    | 0..299 | azathioprine | 50 mg
""")
def test_a_course_runs_still_when_its_last_dose_is_on_the_last_observed_day(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {"last day": "advisory", "day before": "pass"}


@patients("""
    who        | day | what | value
    surely     | 100 | alt  | >=120
    maybe      | 100 | alt  | >60
    at most    | 100 | alt  | <=120
    surely not | 100 | alt  | <120
    both       | 100 | alt  | >60
    both       | 50  | alt  | 130
""")
def test_a_censored_value_is_a_recurrence_only_without_doubt(audited: Audited) -> None:
    assert audited.verdicts("STP-04") == {
        "surely": "advisory",
        "maybe": "indeterminate",
        "at most": "indeterminate",
        "surely not": "not_applicable",
        "both": "advisory",
    }
