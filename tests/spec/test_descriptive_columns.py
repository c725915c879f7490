"""Columns of an episode that describe and do not judge."""

from tests.spec.audited import NO_EPISODE, Audited
from tests.spec.patients import patients


@patients("""
    who    | day | what | value
    below  | 100 | wbc  | 3.45
    at     | 100 | wbc  | 3.5
    twice  | 100, 120 | wbc  | 2.0
    never  |     | standard |
""")
def test_white_cells_below_three_and_a_half_are_counted(audited: Audited) -> None:
    assert audited.episodes("low_wbc_count") == {"below": 1, "at": 0, "twice": 2, "never": 0}


@patients("""
    who    | day | what | value
    below  | 100 | anc  | 1.55
    at     | 100 | anc  | 1.6
""")
def test_neutrophils_below_one_point_six_are_counted(audited: Audited) -> None:
    assert audited.episodes("low_anc_count") == {"below": 1, "at": 0}


@patients("""
    who    | day | what      | value
    below  | 100 | platelets | 139.5
    at     | 100 | platelets | 140
""")
def test_platelets_below_140_are_counted(audited: Audited) -> None:
    assert audited.episodes("low_platelets_count") == {"below": 1, "at": 0}


@patients("""
    who          | day      | what         | value
    all          |          | without      | restart
    all          | 0..100   | azathioprine | 50 mg
    all          | 105..200 | azathioprine | 50 mg
    day 0        | 0        | wbc          | 2.0
    day 1        | 1        | wbc          | 2.0
    in a gap     | 103      | wbc          | 2.0
    again        | 105      | wbc          | 2.0
    last dose    | 200      | wbc          | 2.0
    day after    | 201      | wbc          | 2.0
    two after    | 202      | wbc          | 2.0
    first course | -100     | wbc          | 2.0
""")
def test_blood_counts_are_those_on_drug_after_the_restart(audited: Audited) -> None:
    counts = audited.episodes("low_wbc_count")
    assert counts == {
        "day 0": 0,
        "day 1": 1,
        "in a gap": 0,
        "again": 1,
        "last dose": 1,
        "day after": 1,
        "two after": 0,
        "first course": 0,
    }


@patients("""
    who         | day      | what                    | value
    none        |          | standard                |
    day 0       | 0..0     | corticosteroid_systemic |
    day 29      | 29..60   | corticosteroid_systemic |
    day 30      | 30..60   | corticosteroid_systemic |
    day before  | -50..-1  | corticosteroid_systemic |
    throughout  | -50..    | corticosteroid_systemic |
    another     | 0..60    | allopurinol             |
""")
def test_a_systemic_corticosteroid_on_any_day_0_to_29_is_concurrent(audited: Audited) -> None:
    assert audited.episodes("systemic_corticosteroid") == {
        "none": False,
        "day 0": True,
        "day 29": True,
        "day 30": False,
        "day before": False,
        "throughout": True,
        "another": False,
    }


@patients("""
    who     | day | what    | value
    all     |     | without | recovery
    all     | -20 | alt     | 100
    at      | -20 | ast     | 40
    above   | -20 | ast     | 40.5
    floats  | -19 | alt     | 40.3
    floats  | -19 | ast     | 16.12
""")
def test_an_ast_to_alt_ratio_of_at_most_0_4_marks_resolving_enzymes(audited: Audited) -> None:
    assert 16.12 / 40.3 > 0.4
    assert audited.episodes("resolving_ratio_date") == {"at": -20, "above": None, "floats": -19}


@patients("""
    who         | day | what    | value
    all         |     | without | recovery, injury
    all         | -35 | alt     | 160
    before peak | -36 | alt     | 90
    before peak | -36 | ast     | 30
    on the peak | -35 | ast     | 40
    day after   | -34 | alt     | 100
    day after   | -34 | ast     | 40
    two days    | -30, -20 | alt | 100
    two days    | -30, -20 | ast | 40
    other days  | -20 | alt     | 100
    other days  | -19 | ast     | 30
    restart     | 0   | alt     | 100
    restart     | 0   | ast     | 30
    later       | 1   | alt     | 100
    later       | 1   | ast     | 30
""")
def test_the_first_such_day_after_the_peak_and_up_to_the_restart_is_told(audited: Audited) -> None:
    assert audited.episodes("resolving_ratio_date") == {
        "before peak": None,
        "on the peak": None,
        "day after": -34,
        "two days": -30,
        "other days": None,
        "restart": 0,
        "later": None,
    }


@patients("""
    who      | day  | what | value
    at 10    | -300 | alt  | 400
    above 10 | -300 | alt  | 401
    by ast   | -300 | ast  | 401
    surely   | -300 | alt  | >400
    maybe    | -300 | alt  | >300
    at most  | -300 | alt  | <500
    long ago | -800 | alt  | 401
    onset    | -35  | alt  | 401
    later    | -20  | alt  | 401
    none     |      | standard |
""")
def test_a_value_above_the_severe_limit_before_the_onset_is_a_prior_severe_one(audited: Audited) -> None:
    assert audited.episodes("any_prior_severe") == {
        "at 10": False,
        "above 10": True,
        "by ast": True,
        "surely": True,
        "maybe": False,
        "at most": False,
        "long ago": True,
        "onset": False,
        "later": False,
        "none": False,
    }


@patients("""
    who     | day | what            | value
    all     |     | without         | injury
    all     | -35 | bilirubin_total | 3.0
    alt 119 | -35 | alt             | 119
    alt 120 | -35 | alt             | 120
    ast 119 | -35 | ast             | 119
    ast 120 | -35 | ast             | 120
""")
def test_hys_law_needs_an_enzyme_of_three_times_the_upper_limit(audited: Audited) -> None:
    assert audited.episodes("hys_law") == {"alt 119": False, "alt 120": True, "ast 119": False, "ast 120": True}


@patients("""
    who          | day | what            | value
    none         |     | standard        |
    below        | -35 | bilirubin_total | 2.3
    at           | -35 | bilirubin_total | 2.4
    early        | -66 | bilirubin_total | 3.0
    first        | -65 | bilirubin_total | 3.0
    last         | -5  | bilirubin_total | 3.0
    late         | -4  | bilirubin_total | 3.0
""")
def test_hys_law_needs_bilirubin_of_twice_the_upper_limit_within_thirty_days(audited: Audited) -> None:
    assert audited.episodes("hys_law") == {
        "none": False,
        "below": False,
        "at": True,
        "early": False,
        "first": True,
        "last": True,
        "late": False,
    }


@patients("""
    who          | day              | what            | value
    all          |                  | without         | baseline, injury
    all          | -430, -420, -410 | alt             | 110
    all          | -430, -420, -410 | bilirubin_total | 2.4
    all          | -35              | alt             | 230
    hys law      | -35              | bilirubin_total | 2.4
    no bilirubin | -35              | bilirubin_total | 2.3
""")
def test_hys_law_is_of_upper_limits_whatever_the_baseline(audited: Audited) -> None:
    assert audited.episodes("hys_law") == {"hys law": True, "no bilirubin": False}


@patients("""
    who      | day   | what                 | value
    before   | -1000 | autoimmune_hepatitis |
    restart  | 0     | autoimmune_hepatitis |
    later    | 1     | autoimmune_hepatitis |
    none     |       | standard             |
""")
def test_autoimmune_hepatitis_is_that_known_by_the_restart(audited: Audited) -> None:
    expected = {"before": True, "restart": True, "later": False, "none": False}
    assert audited.episodes("autoimmune_hepatitis") == expected


@patients("""
    who     | day   | what                 | value
    one     | -1000 | ibd                  |
    two     | -800  | sle                  |
    two     | -900, -500 | ibd             |
    restart | 0     | transplant           |
    later   | 1     | rheumatoid_arthritis |
    none    |       | standard             |
""")
def test_the_indications_are_those_coded_by_the_restart(audited: Audited) -> None:
    found = {name: sorted(value.split("|")) for name, value in audited.episodes("indications").items()}
    assert found == {
        "one": ["ibd"],
        "two": ["ibd", "sle"],
        "restart": ["transplant"],
        "later": ["none_coded"],
        "none": ["none_coded"],
    }


@patients("""
    who     | day | what | value
    north   |     | site | north
    nowhere |     | site | none
""")
def test_an_episode_carries_the_site_of_its_patient(audited: Audited) -> None:
    assert audited.episodes("site_id") == {"north": "north", "nowhere": None}


@patients("""
    who   | day | what     | value
    one   |     | standard |
    other |     | standard |
""")
def test_each_restart_has_an_id_of_its_own(audited: Audited) -> None:
    ids = audited.episodes("episode_id")
    assert NO_EPISODE not in ids.values()
    assert ids["one"] != ids["other"]
