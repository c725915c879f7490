"""Every number at a value that no other has: one that is read in place of another shows, alike as they are by default.

The edition gives the same number to many parameters (seven days, thirty days, twice the reference). Here each has its
own: the last patient whom it takes in and the first whom it leaves out.
"""

from collections import Counter

import pytest

from audit.guideline import Guideline, overlay
from tests.spec.audited import NO_EPISODE, Audited
from tests.spec.patients import patients

APART = {
    "min_break_days": 20, "max_break_days": 300, "renewal_overlap_days": 11, "interrupt_min_days": 9,
    "index_elevation_window_before_stop": 40, "index_elevation_window_after_stop": 6, "index_elevation_min_x_ref": 2.4,
    "injury_run_max_days": 80, "baseline_lookback_days": 200, "baseline_last_n": 5, "incident_washout_days": 100,
    "baseline_max_x_uln": 3.2, "abnormal_baseline_min_x_uln": 1.7, "prerestart_lab_max_age_days": 18,
    "grade_moderate_min_x_uln": 5.5, "r_hepatocellular_min": 4.5, "r_cholestatic_max": 1.9,
    "workup_window_before_onset": 25, "inr_decompensation_min": 1.6, "decompensation_bilirubin_x_uln": 2.1,
    "decompensation_bilirubin_window_days": 8, "anticoagulant_lookback_days": 35, "tolerance_weekly": 2,
    "hard_total_missed": 4, "long_term_window_days": 400, "stability_max_x_ref": 1.8, "symptom_lft_pass_days": 1,
    "symptom_lft_soft_days": 13, "symptom_washout_days": 33, "symptom_merge_days": 17, "stop_multiple": 6.0,
    "stop_symptom_multiple": 3.4, "stop_bili_enzyme_multiple": 2.2, "stop_bili_multiple": 2.3,
    "stop_symptom_window_days": 14, "stop_bili_window_days": 15, "recurrence_min_x_ref": 3.6,
    "recurrence_after_stop_days": 31, "recurrence_decision_days": 28, "recurrence_min_follow_up_days": 70,
    "overdiscontinuation_lookback_days": 26, "pitfall_followup_days": 16, "hys_law_enzyme_x_uln": 3.1,
    "hys_law_bilirubin_x_uln": 2.5, "hys_law_window_days": 27,
}  # fmt: skip


def limits(audited: Audited, rule: str) -> dict[str, set[tuple[str, str, float]]]:
    """Return what each patient's values were held against in the evidence of a rule."""
    return {
        name: {(row["role"], row["concept"], round(row["limit_value"], 6)) for row in rows if row["limit_value"]}
        for name, rows in audited.evidence(rule).items()
    }


@pytest.mark.parametrize("kind", ["days", "count", "multiple"])
def test_no_two_numbers_of_a_kind_are_alike(guideline: Guideline, kind: str) -> None:
    numbers = [one.value for one in overlay(guideline, APART).parameters.values() if one.kind == kind]
    assert [value for value, count in Counter(numbers).items() if count > 1] == []


@patients(
    """
    who        | day        | what         | value
    all        |            | without      | first course
    short      | -400..-20  | azathioprine | 100 mg explicit
    break      | -400..-21  | azathioprine | 100 mg explicit
    long       | -700..-301 | azathioprine | 100 mg explicit
    too long   | -700..-302 | azathioprine | 100 mg explicit
    pause      | -400..-200 | azathioprine | 100 mg explicit
    pause      | -190..-31  | azathioprine | 100 mg explicit
    no pause   | -400..-200 | azathioprine | 100 mg explicit
    no pause   | -191..-31  | azathioprine | 100 mg explicit
    """,
    **APART,
)
def test_breaks(audited: Audited) -> None:
    assert {name: [row[2] for row in rows] for name, rows in audited.breaks().items()} == {
        "short": ["short_interruption"],
        "break": ["episode"],
        "long": ["no_elevation"],
        "too long": ["new_start"],
        "pause": ["short_interruption", "episode"],
        "no pause": ["episode"],
    }


@patients(
    """
    who       | day    | what         | value
    all       |        | without      | everything
    renewed   | 0..20  | azathioprine | 50 mg QD
    renewed   | 10..30 | azathioprine | 50 mg QD
    tablets   | 0..20  | azathioprine | 50 mg QD
    tablets   | 9..20  | azathioprine | 50 mg QD
    one order | 0..20  | azathioprine | 50 mg QD
    one order | 0..31  | azathioprine | 50 mg QD
    two       | 0..20  | azathioprine | 50 mg QD
    two       | 0..32  | azathioprine | 50 mg QD
    """,
    **APART,
)
def test_renewals_and_orders_written_twice(audited: Audited) -> None:
    assert audited.kept("courses", "dose_at_start_mg", "dose_at_end_mg") == {
        "renewed": [(50, 50)],
        "tablets": [(50, 100)],
        "one order": [(None, None)],
        "two": [(100, 50)],
    }


@patients(
    """
    who        | day  | what    | value
    all        |      | without | injury
    before     | -70  | alt     | 160
    too early  | -71  | alt     | 160
    after      | -24  | alt     | 160
    too late   | -23  | alt     | 160
    at         | -35  | alt     | 96
    below      | -35  | alt     | 95
    run        | -110 | alt     | 160
    run        | -35  | alt     | 160
    longer run | -111 | alt     | 160
    longer run | -35  | alt     | 160
    """,
    **APART,
)
def test_the_elevation_and_its_onset(audited: Audited) -> None:
    onsets = {"before": -70, "after": -24, "at": -35, "run": -110, "longer run": -35}
    assert audited.episodes("onset_date") == onsets | dict.fromkeys(("too early", "too late", "below"), NO_EPISODE)


@patients(
    """
    who        | day                          | what           | value
    all        |                              | without        | baseline
    all        | -35                          | alt            | 400
    long ago   | -600                         | alt            | 30
    too long   | -601                         | alt            | 30
    five       | -460, -450, -440, -430, -420 | alt            | 34
    five       | -470                         | alt            | 4
    five       | -480                         | alt            | 4
    newcomer   | -500..300                    | observed       |
    newcomer   | -410                         | alt            | 30
    too new    | -499..300                    | observed       |
    too new    | -410                         | alt            | 30
    washed out | -600..-501                   | mercaptopurine | 50 mg
    washed out | -410                         | alt            | 30
    treated    | -600..-500                   | mercaptopurine | 50 mg
    treated    | -410                         | alt            | 30
    normal     | -410                         | alt            | 67
    abnormal   | -410                         | alt            | 68
    largest    | -410                         | alt            | 128
    beyond     | -410                         | alt            | 129
    """,
    **APART,
)
def test_baselines(audited: Audited) -> None:
    values, statuses = audited.episodes("baseline_alt"), audited.episodes("baseline_alt_status")
    assert {name: (value, statuses[name]) for name, value in values.items()} == {
        "long ago": (30, "normal"),
        "five": (34, "normal"),
        "newcomer": (30, "normal"),
        "washed out": (30, "normal"),
        "normal": (67, "normal"),
        "abnormal": (68, "abnormal"),
        "largest": (128, "abnormal"),
        **dict.fromkeys(("too long", "too new", "treated", "beyond"), (None, "uln_fallback")),
    }


@patients(
    """
    who         | day      | what            | value
    all         |          | without         | injury, recovery
    all         | -35      | alp             | 120
    mild        | -35      | alt             | 219
    moderate    | -35      | alt             | 220
    fresh       | -18      | alt             | 30
    fresh       | -18      | ast             | 30
    stale       | -19      | alt             | 30
    stale       | -19      | ast             | 30
    fresh       | -35      | alt             | 179
    stale       | -35      | alt             | 180
    cholestatic | -35      | alt             | 152
    cholestatic | -35      | alp             | 240
    mixed       | -35      | alt             | 153
    mixed       | -35      | alp             | 240
    """,
    **APART,
)
def test_the_injury_and_the_age_of_the_last_test(audited: Audited) -> None:
    assert audited.episodes("grade") == dict.fromkeys(audited.case.names, "mild") | {"moderate": "moderate"}
    assert audited.episodes("injury_pattern") == {
        **dict.fromkeys(("mild", "moderate", "stale"), "hepatocellular"),
        **dict.fromkeys(("fresh", "mixed"), "mixed"),
        "cholestatic": "cholestatic",
    }
    assert {name: audited.reasons("RST-01")[name] for name in ("fresh", "stale")} == {
        "fresh": "recovered",
        "stale": "stale_test",
    }
    assert limits(audited, "RST-06")["moderate"] == {("peak", "alt", 220)}


@patients(
    """
    who        | day | what            | value
    all        |     | without         | injury
    all        | -35 | alt             | 124
    pattern    | -42 | alp             | 120
    no pattern | -43 | alp             | 120
    near       | -8  | bilirubin_total | 3
    far        | -7  | bilirubin_total | 3
    low        | -35 | bilirubin_total | 2.99
    """,
    **APART,
)
def test_what_stands_near_the_onset(audited: Audited) -> None:
    patterns = {name: pattern is not None for name, pattern in audited.episodes("injury_pattern").items()}
    assert patterns == dict.fromkeys(audited.case.names, False) | {"pattern": True}
    assert audited.episodes("hys_law") == dict.fromkeys(audited.case.names, False) | {"near": True}


@patients(
    """
    day | what            | value
        | without         | injury
    -35 | alt             | 123
    -35 | bilirubin_total | 3
    """,
    **APART,
)
def test_an_enzyme_below_the_multiple_of_hys_law(audited: Audited) -> None:
    assert audited.episode("hys_law") is False


@patients(
    """
    who   | day | what             | value
    all   |     | without          | work-up
    all   | -33 | anti_hcv         |
    all   | -33 | ana              |
    all   | -33 | liver_ultrasound |
    first | -60 | hbsag            |
    early | -61 | hbsag            |
    """,
    **APART,
)
def test_the_work_up(audited: Audited) -> None:
    assert audited.reasons("RST-02") == {"first": "complete", "early": "incomplete"}


@patients(
    """
    who       | day       | what            | value
    at        | -35       | inr             | 1.6
    at        | -35       | bilirubin_total | 2.52
    low inr   | -35       | inr             | 1.59
    low inr   | -35       | bilirubin_total | 2.52
    low       | -35       | inr             | 1.6
    low       | -35       | bilirubin_total | 2.51
    near      | -35       | inr             | 1.6
    near      | -27       | bilirubin_total | 3
    far       | -35       | inr             | 1.6
    far       | -26       | bilirubin_total | 3
    thinned   | -35       | inr             | 1.6
    thinned   | -35       | bilirubin_total | 3
    thinned   | -100..-70 | anticoagulant   |
    long ago  | -35       | inr             | 1.6
    long ago  | -35       | bilirubin_total | 3
    long ago  | -100..-71 | anticoagulant   |
    """,
    **APART,
)
def test_decompensation(audited: Audited) -> None:
    assert audited.reasons("RST-08") == {
        **dict.fromkeys(("at", "near", "long ago"), "inr_and_bilirubin"),
        **dict.fromkeys(("low inr", "low", "thinned"), "none_found"),
        "far": "no_bilirubin",
    }
    assert limits(audited, "RST-08")["at"] == {("inr", "inr", 1.6), ("bilirubin", "bilirubin_total", 2.52)}


@patients(
    """
    who      | day                                               | what    | value
    all      |                                                   | without | monitoring
    three    | 14, 28, 42, 49, 56, 74, 88, 120, 150, 180, 270    | draw    |
    four     | 14, 28, 42, 56, 74, 88, 120, 150, 180, 270        | draw    |
    early    | 5, 14, 21, 28, 35, 42, 49, 56, 74, 88, 120, 150, 180, 270 | draw |
    too late | 10, 14, 21, 28, 35, 42, 49, 56, 74, 88, 120, 150, 180, 270 | draw |
    unstable | 7..56 by 7, 74, 88, 120, 150, 180, 210, 270       | draw    |
    unstable | 75                                                | alt     | 73
    stable   | 7..56 by 7, 74, 88, 120, 150, 180, 270            | draw    |
    stable   | 75                                                | alt     | 72
    """,
    **APART,
)
def test_slots(audited: Audited) -> None:
    assert audited.reasons("MON-01") == {
        "three": "some_missed",
        "four": "total_missed",
        "early": "all_met",
        "too late": "some_missed",
        "unstable": "all_met",
        "stable": "all_met",
    }
    assert audited.episodes("extension_blocks") == dict.fromkeys(audited.case.names, 0) | {"unstable": 1}
    assert limits(audited, "MON-02")["unstable"] == {("unstable", "alt", 72)}
    assert limits(audited, "MON-02")["stable"] == set()


@patients(
    """
    who      | day                                 | what     | value
    all      |                                     | without  | monitoring
    all      | -900..691                           | observed |
    all      | 7..56 by 7, 74, 88, 120, 150, 180   | draw     |
    inside   | 292, 404, 579                       | draw     |
    outside  | 292, 404, 580                       | draw     |
    """,
    **APART,
)
def test_the_window_of_the_long_term(audited: Audited) -> None:
    assert audited.reasons("MON-04") == {"inside": "total_missed", "outside": "some_missed"}


@patients(
    """
    who       | day           | what            | value
    all       |               | without         | monitoring
    all       | 60            | draw            |
    at once   | 100           | symptom_fatigue |
    at once   | 101           | draw            |
    soon      | 100           | symptom_fatigue |
    soon      | 102           | draw            |
    last day  | 100           | symptom_fatigue |
    last day  | 113           | draw            |
    too late  | 100           | symptom_fatigue |
    too late  | 114           | draw            |
    known     | -10, 23       | symptom_fatigue |
    new       | -10, 24       | symptom_fatigue |
    merged    | 100           | symptom_fatigue |
    merged    | 117           | symptom_nausea  |
    merged    | 100, 119      | draw            |
    parted    | 100           | symptom_fatigue |
    parted    | 118           | symptom_nausea  |
    parted    | 100, 120      | draw            |
    """,
    **APART,
)
def test_tests_after_symptoms(audited: Audited) -> None:
    assert audited.reasons("MON-05") == {
        "at once": "tested_at_once",
        "soon": "tested_soon",
        "last day": "tested_soon",
        "too late": "tested_late_or_never",
        "known": "no_symptom",
        "new": "tested_late_or_never",
        "merged": "tested_at_once",
        "parted": "tested_soon",
    }


@patients(
    """
    who       | day  | what             | value
    multiple  | 100  | alt              | 240
    below     | 100  | alt              | 239
    symptom   | 100  | alt              | 136
    symptom   | 114  | symptom_ruq_pain |
    lower     | 100  | alt              | 135
    lower     | 100  | symptom_ruq_pain |
    too far   | 100  | alt              | 136
    too far   | 115  | symptom_ruq_pain |
    yellow    | 100  | alt              | 88
    yellow    | 115  | bilirubin_total  | 2.76
    low alt   | 100  | alt              | 87
    low alt   | 100  | bilirubin_total  | 2.76
    pale      | 100  | alt              | 88
    pale      | 100  | bilirubin_total  | 2.75
    later     | 100  | alt              | 88
    later     | 116  | bilirubin_total  | 2.76
    """,
    **APART,
)
def test_triggers(audited: Audited) -> None:
    untriggered = dict.fromkeys(audited.case.names, "no_trigger")
    assert audited.reasons("STP-01") == untriggered | {"multiple": "not_stopped"}
    assert audited.reasons("STP-02") == untriggered | {"symptom": "not_stopped"}
    assert audited.reasons("STP-03") == untriggered | {"yellow": "not_stopped"}
    assert limits(audited, "STP-01")["multiple"] == {("trigger", "alt", 240)}
    assert limits(audited, "STP-02")["symptom"] == {("trigger", "alt", 136)}
    assert limits(audited, "STP-03")["yellow"] == {("trigger", "alt", 88), ("bilirubin", "bilirubin_total", 2.76)}
    # What is no recurrence by its own multiple is one as a trigger.
    assert {name: limits(audited, "STP-04")[name] for name in ("multiple", "symptom", "yellow")} == {
        "multiple": {("recurrence", "alt", 144)},
        "symptom": {("recurrence", "alt", 136)},
        "yellow": {("recurrence", "alt", 88), ("bilirubin", "bilirubin_total", 2.76)},
    }


@patients(
    """
    who      | day       | what         | value
    all      |           | without      | restart, monitoring
    all      | 100       | alt          | 240
    stopped  | 0..103    | azathioprine | 50 mg explicit
    late     | 0..104    | azathioprine | 50 mg explicit
    settled  | 0..103    | azathioprine | 50 mg explicit
    settled  | -900..112 | observed     |
    unknown  | 0..103    | azathioprine | 50 mg explicit
    unknown  | -900..111 | observed     |
    """,
    **APART,
)
def test_responses(audited: Audited) -> None:
    assert audited.reasons("STP-01") == {
        "stopped": "stopped",
        "late": "not_stopped",
        "settled": "stopped",
        "unknown": "too_early",
    }


@patients(
    """
    who     | day   | what         | value
    all     |       | without      | restart, monitoring
    at      | 0..60 | azathioprine | 50 mg explicit
    at      | 91    | alt          | 144
    below   | 0..60 | azathioprine | 50 mg explicit
    below   | 91    | alt          | 143
    after   | 0..60 | azathioprine | 50 mg explicit
    after   | 92    | alt          | 144
    decided | 0..   | azathioprine | 50 mg
    decided | 272   | alt          | 144
    waits   | 0..   | azathioprine | 50 mg
    waits   | 273   | alt          | 144
    """,
    **APART,
)
def test_recurrences(audited: Audited) -> None:
    assert audited.reasons("STP-04") == {
        "at": "discontinued",
        "below": "no_recurrence",
        "after": "no_recurrence",
        "decided": "continued",
        "waits": "decision_not_due",
    }
    assert limits(audited, "STP-04") == {
        **{name: {("recurrence", "alt", 144)} for name in ("at", "decided", "waits")},
        "below": {("highest", "alt", 144)},
        "after": set(),
    }


@patients(
    """
    who     | day    | what            | value
    all     |        | without         | restart, monitoring
    all     | 0..100 | azathioprine    | 50 mg explicit
    first   | 75     | alt             | 60
    early   | 74     | alt             | 60
    highest | 90     | alt             | 239
    above   | 90     | alt             | 240
    pale    | 90     | alt             | 60
    pale    | 90     | bilirubin_total | 2.75
    yellow  | 90     | alt             | 60
    yellow  | 90     | bilirubin_total | 2.76
    """,
    **APART,
)
def test_mild_rises(audited: Audited) -> None:
    assert audited.reasons("STP-05") == {
        **dict.fromkeys(("first", "highest", "pale"), "not_repeated"),
        **dict.fromkeys(("early", "above", "yellow"), "no_such_stop"),
    }
    assert limits(audited, "STP-05")["yellow"] == {("lookback", "alt", 40), ("lookback", "bilirubin_total", 2.76)}
    assert limits(audited, "STP-05")["above"] == {("lookback", "alt", 240)}


@patients(
    """
    who    | day | what            | value
    all    |     | without         | monitoring
    all    | 100 | symptom_fatigue |
    in     | 101 | alt             | 60
    in     | 117 | draw            |
    late   | 101 | alt             | 60
    late   | 118 | draw            |
    raised | 101 | alt             | 135
    high   | 101 | alt             | 136
    untold | 102 | alt             | 60
    """,
    **APART,
)
def test_follow_up(audited: Audited) -> None:
    assert audited.reasons("STP-06") == {
        "in": "followed_up",
        "late": "not_followed_up",
        "raised": "not_followed_up",
        "high": "no_modest_rise",
        "untold": "no_modest_rise",
    }
    assert limits(audited, "STP-06")["high"] == {("draw", "alt", 136)}
