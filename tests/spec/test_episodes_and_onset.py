"""Which breaks are audited, and when the injury that led to them began."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who    | day | what    | value
    all    |     | without | injury
    alt 79 | -35 | alt     | 79
    alt 80 | -35 | alt     | 80
    ast 79 | -35 | ast     | 79
    ast 80 | -35 | ast     | 80
    none   |     | standard|
""")
def test_a_break_after_twice_the_reference_is_an_audit_episode(audited: Audited) -> None:
    assert audited.classes() == {
        "alt 79": "no_elevation",
        "alt 80": "episode",
        "ast 79": "no_elevation",
        "ast 80": "episode",
        "none": "no_elevation",
    }


@patients("""
    who   | day | what    | value
    all   |     | without | injury
    early | -61 | alt     | 160
    first | -60 | alt     | 160
    last  | -23 | alt     | 160
    late  | -22 | alt     | 160
""")
def test_the_elevation_lies_from_thirty_days_before_the_stop_to_seven_after(audited: Audited) -> None:
    assert audited.classes() == {
        "early": "no_elevation",
        "first": "episode",
        "last": "episode",
        "late": "no_elevation",
    }
    assert audited.episodes("onset_date") == {"early": "no episode", "first": -60, "last": -23, "late": "no episode"}


@patients("""
    who        | day      | what         | value
    all        |          | without      | first course, injury
    all        | -40..-31 | azathioprine | 100 mg
    all        | -90, -80 | alt          | 24
    first day  | -40      | alt          | 160
    second day | -39      | alt          | 160
""")
def test_the_elevation_is_later_than_the_first_day_of_the_course(audited: Audited) -> None:
    assert audited.classes() == {"first day": "no_elevation", "second day": "episode"}


@patients(
    """
    who        | day | what    | value
    all        |     | without | injury, recovery
    day before | -1  | alt     | 160
    restart    | 0   | alt     | 160
    """,
    index_elevation_window_after_stop=60,
)
def test_the_elevation_lies_before_the_restart_however_long_the_window(audited: Audited) -> None:
    assert audited.classes() == {"day before": "episode", "restart": "no_elevation"}


@patients("""
    who   | day              | what    | value
    all   |                  | without | injury, baseline
    all   | -430, -420, -410 | alt     | 70
    below | -35              | alt     | 139
    at    | -35              | alt     | 140
""")
def test_the_elevation_is_a_multiple_of_the_effective_reference(audited: Audited) -> None:
    assert audited.classes() == {"below": "no_elevation", "at": "episode"}


@patients("""
    who    | day        | what         | value
    all    |            | without      | first course, injury
    at 1   | -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    at 1   | -35        | alt          | 40
    above  | -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    above  | -35        | alt          | 41
    by ast | -400..-31  | azathioprine | 100 mg reason=abnormal_lft
    by ast | -35        | ast          | 41
    other  | -400..-31  | azathioprine | 100 mg reason=patient_choice
    other  | -35        | alt          | 79
    early  | -400..-31  | azathioprine | 100 mg reason=abnormal_lft
    early  | -61        | alt          | 79
""")
def test_where_the_stop_says_liver_any_value_above_the_reference_qualifies(audited: Audited) -> None:
    assert audited.classes() == {
        "at 1": "documented_without_lab",
        "above": "episode",
        "by ast": "episode",
        "other": "no_elevation",
        "early": "documented_without_lab",
    }


@patients("""
    day        | what         | value
               | without      | first course, injury
    -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    -50        | alt          | 50
    -35        | alt          | 160
""")
def test_a_value_of_twice_the_reference_comes_before_lesser_ones_though_the_stop_says_liver(audited: Audited) -> None:
    assert audited.episode("onset_date") == -35


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course, injury
    all     | -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    all     | -59        | alt          | 50
    run     | -61        | alt          | 160
    lower   | -61        | alt          | 70
""")
def test_the_run_before_a_documented_stop_is_of_twice_the_reference_as_well(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"run": -61, "lower": -59}


@patients("""
    who      | day                | what | value
    single   | -200               | draw |
    run      | -80, -65, -50      | alt  | 100
    broken   | -80, -50           | alt  | 100
    broken   | -65                | alt  | 79
    by ast   | -50                | ast  | 80
    by ast   | -50                | alt  | 25
    earliest | -55                | alt  | 100
    earliest | -45                | alt  | 25
""")
def test_the_onset_is_the_first_day_of_the_unbroken_run_of_raised_draws(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"single": -35, "run": -80, "broken": -50, "by ast": -50, "earliest": -55}


@patients("""
    who   | day              | what | value
    last  | -120, -100       | alt  | 100
    early | -121, -100       | alt  | 100
""")
def test_the_run_is_followed_back_no_further_than_ninety_days_before_the_stop(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"last": -120, "early": -100}


@patients("""
    who        | day           | what         | value
    all        |               | without      | first course
    all        | -80..-31      | azathioprine | 100 mg
    first day  | -80, -70, -45 | alt          | 100
    second day | -79, -70, -45 | alt          | 100
""")
def test_the_run_is_followed_back_no_further_than_the_second_day_of_the_course(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"first day": -70, "second day": -79}


@patients("""
    who   | day | what | value
    at    | -65 | alt  | 80
    below | -65 | alt  | 79.9
    all   | -50 | alt  | 90
""")
def test_a_draw_of_exactly_twice_the_reference_belongs_to_the_run(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"at": -65, "below": -50}


@patients("""
    who      | day | what    | value
    all      |     | without | injury
    surely   | -35 | alt     | >80
    at least | -35 | alt     | >=80
    maybe    | -35 | alt     | >79
    below    | -35 | alt     | <400
""")
def test_a_censored_value_qualifies_only_where_it_does_so_for_certain(audited: Audited) -> None:
    assert audited.classes() == {
        "surely": "episode",
        "at least": "episode",
        "maybe": "no_elevation",
        "below": "no_elevation",
    }


@patients("""
    who      | day | what    | value
    all      | -80 | alt     | 100
    all      | -50 | alt     | 100
    surely   | -65 | alt     | >=80
    maybe    | -65 | alt     | >60
""")
def test_a_censored_draw_carries_the_run_only_where_it_does_so_for_certain(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"surely": -80, "maybe": -50}


@patients("""
    who       | day        | what         | value
    all       |            | without      | first course, injury
    all       | -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    maybe     | -35        | alt          | >30
    surely    | -35        | alt          | >40
    could not | -35        | alt          | >=40
""")
def test_a_documented_stop_takes_a_censored_value_only_where_it_is_above_for_certain(audited: Audited) -> None:
    assert audited.classes() == {
        "maybe": "documented_without_lab",
        "surely": "episode",
        "could not": "documented_without_lab",
    }


@patients("""
    who    | day | what | value
    all    |     | without | injury
    after  | -25 | alt  | 160
    stop   | -30 | alt  | 160
""")
def test_the_onset_may_lie_after_the_stop(audited: Audited) -> None:
    assert audited.episodes("onset_date") == {"after": -25, "stop": -30}
