"""RST-08: azathioprine is not restarted after hepatic decompensation."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who            | day | what                          | value
    none           |     | standard                      |
    unspecified    | -20 | hepatic_decompensation        |
    ascites        | -20 | ascites                       |
    encephalopathy | -20 | hepatic_encephalopathy        |
    bleed          | -20 | variceal_bleed                |
    hepatorenal    | -20 | hepatorenal                   |
    peritonitis    | -20 | spontaneous_bacterial_peritonitis |
    failure        | -20 | hepatic_failure               |
""")
def test_each_sign_of_decompensation_is_a_violation(audited: Audited) -> None:
    signs = ("unspecified", "ascites", "encephalopathy", "bleed", "hepatorenal", "peritonitis", "failure")
    assert audited.verdicts("RST-08") == {"none": "pass", **dict.fromkeys(signs, "violation")}


@patients("""
    who          | day | what    | value
    before onset | -36 | ascites |
    at onset     | -35 | ascites |
    day before   | -1  | ascites |
    at restart   | 0   | ascites |
""")
def test_signs_count_from_the_onset_to_the_day_before_the_restart(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {
        "before onset": "pass",
        "at onset": "violation",
        "day before": "violation",
        "at restart": "pass",
    }


@patients("""
    who   | day | what            | value
    all   | -20 | bilirubin_total | 3.0
    below | -20 | inr             | 1.45
    at    | -20 | inr             | 1.5
    above | -20 | inr             | 1.55
""")
def test_an_inr_of_one_and_a_half_with_raised_bilirubin_is_decompensation(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {"below": "pass", "at": "violation", "above": "violation"}


@patients("""
    who   | day | what            | value
    all   | -20 | inr             | 2.0
    below | -20 | bilirubin_total | 2.3
    at    | -20 | bilirubin_total | 2.4
    above | -20 | bilirubin_total | 2.5
""")
def test_a_bilirubin_of_twice_the_upper_limit_confirms_a_raised_inr(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {"below": "pass", "at": "violation", "above": "violation"}


@patients("""
    day              | what            | value
                     | without         | baseline
    -430, -420, -410 | alt             | 24
    -430, -420, -410 | bilirubin_total | 2.4
    -20              | inr             | 2.0
    -20              | bilirubin_total | 2.4
""")
def test_the_bilirubin_is_held_against_its_upper_limit_whatever_the_baseline(audited: Audited) -> None:
    assert audited.episode("baseline_bilirubin_status") == "abnormal"
    assert audited.verdict("RST-08") == "violation"


@patients("""
    who          | day | what            | value
    all          | -20 | inr             | 2.0
    eight before | -28 | bilirubin_total | 3.0
    seven before | -27 | bilirubin_total | 3.0
    seven after  | -13 | bilirubin_total | 3.0
    eight after  | -12 | bilirubin_total | 3.0
    none         |     | standard        |
    one of two   | -25 | bilirubin_total | 0.8
    one of two   | -18 | bilirubin_total | 3.0
""")
def test_the_bilirubin_is_sought_for_a_week_on_either_side_and_without_one_it_stays_open(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {
        "eight before": "indeterminate",
        "seven before": "violation",
        "seven after": "violation",
        "eight after": "indeterminate",
        "none": "indeterminate",
        "one of two": "violation",
    }


@patients("""
    who          | day | what            | value
    before onset | -36 | inr             | 2.0
    before onset | -36 | bilirubin_total | 3.0
    at onset     | -35 | inr             | 2.0
    at onset     | -42 | bilirubin_total | 3.0
    day before   | -1  | inr             | 2.0
    day before   | 6   | bilirubin_total | 3.0
    at restart   | 0   | inr             | 2.0
    at restart   | 0   | bilirubin_total | 3.0
""")
def test_the_day_of_the_inr_lies_between_onset_and_restart_that_of_the_bilirubin_need_not(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {
        "before onset": "pass",
        "at onset": "violation",
        "day before": "violation",
        "at restart": "pass",
    }


@patients("""
    who          | day       | what            | value
    all          | -20       | inr             | 2.0
    all          | -20       | bilirubin_total | 3.0
    on the day   | -20..-20  | anticoagulant   |
    thirty days  | -90..-50  | anticoagulant   |
    longer ago   | -90..-51  | anticoagulant   |
    ongoing      | -300..    | anticoagulant   |
    day after    | -19..     | anticoagulant   |
""")
def test_an_anticoagulant_on_the_day_or_in_the_thirty_before_explains_the_inr(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {
        "on the day": "pass",
        "thirty days": "pass",
        "longer ago": "violation",
        "ongoing": "pass",
        "day after": "violation",
    }


@patients("""
    who       | day       | what          | value
    all       | -20       | inr           | 2.0
    explained | -40..-10  | anticoagulant |
    supplied  | -90..     | anticoagulant | supply=41
    ran out   | -90..     | anticoagulant | supply=40
""")
def test_an_inr_that_an_anticoagulant_explains_needs_no_bilirubin(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {"explained": "pass", "supplied": "pass", "ran out": "indeterminate"}


@patients("""
    who  | day      | what            | value
    all  | -30      | inr             | 2.0
    all  | -10      | inr             | 2.0
    all  | -10      | bilirubin_total | 3.0
    two  |          | standard        |
""")
def test_an_inr_that_stays_open_does_not_hide_one_that_is_confirmed(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {"two": "violation"}


@patients("""
    who                  | day | what            | value
    inr at least         | -20 | inr             | >=1.5
    inr at least         | -20 | bilirubin_total | >2.4
    inr maybe            | -20 | inr             | >1.4
    inr maybe            | -20 | bilirubin_total | 3.0
    inr below            | -20 | inr             | <1.5
    inr below            | -20 | bilirubin_total | 3.0
    inr at most          | -20 | inr             | <=1.5
    inr at most          | -20 | bilirubin_total | 3.0
    bilirubin maybe      | -20 | inr             | 2.0
    bilirubin maybe      | -20 | bilirubin_total | >2.0
    bilirubin below      | -20 | inr             | 2.0
    bilirubin below      | -20 | bilirubin_total | <2.4
    maybe but normal     | -20 | inr             | >1.4
    maybe but normal     | -20 | bilirubin_total | 0.8
""")
def test_a_censored_inr_or_bilirubin_decides_only_what_it_leaves_no_doubt_of(audited: Audited) -> None:
    assert audited.verdicts("RST-08") == {
        "inr at least": "violation",
        "inr maybe": "indeterminate",
        "inr below": "pass",
        "inr at most": "indeterminate",
        "bilirubin maybe": "indeterminate",
        "bilirubin below": "pass",
        "maybe but normal": "pass",
    }
