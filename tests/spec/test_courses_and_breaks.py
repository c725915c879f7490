"""Courses of azathioprine, the breaks between them, and the one class that each break has."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who         | day       | what         | value
    all         |           | without      | first course
    six days    | -400..-7  | azathioprine | 100 mg
    seven days  | -400..-8  | azathioprine | 100 mg
    thirteen    | -400..-14 | azathioprine | 100 mg
    fourteen    | -400..-15 | azathioprine | 100 mg
""")
def test_two_weeks_without_the_drug_part_two_courses_and_shorter_ones_are_interruptions(audited: Audited) -> None:
    assert audited.breaks() == {
        "six days": [],
        "seven days": [(-7, 0, "short_interruption")],
        "thirteen": [(-13, 0, "short_interruption")],
        "fourteen": [(-14, 0, "episode")],
    }


@patients("""
    day | what     | value
        | standard |
""")
def test_a_break_runs_from_the_day_after_the_last_dose_to_the_restart(audited: Audited) -> None:
    assert audited.breaks() == {"patient": [(-30, 0, "episode")]}
    assert (audited.episode("stop_date"), audited.episode("restart_date")) == (-30, 0)
    assert audited.episode("break_days") == 30


@patients("""
    who     | day        | what         | value
    all     |            | without      | first course, injury
    all     | -2000..300 | observed     |
    year    | -900..-366 | azathioprine | 100 mg
    year    | -370       | alt          | 160
    longer  | -900..-367 | azathioprine | 100 mg
    longer  | -370       | alt          | 160
    reason  | -900..-367 | azathioprine | 100 mg reason=hepatotoxicity
    nothing | -900..-367 | azathioprine | 100 mg
""")
def test_after_more_than_a_year_treatment_starts_anew(audited: Audited) -> None:
    assert audited.classes() == {
        "year": "episode",
        "longer": "new_start",
        "reason": "new_start",
        "nothing": "new_start",
    }


@patients("""
    who           | day        | what         | value
    all           |            | without      | first course
    raised        | -400..-31  | azathioprine | 100 mg discharge
    for the liver | -400..-31  | azathioprine | 100 mg discharge reason=hepatotoxicity
    earlier       | -400..-200 | azathioprine | 100 mg discharge
    earlier       | -199..-31  | azathioprine | 100 mg explicit
""")
def test_a_course_that_ended_with_a_discharge_is_unobserved(audited: Audited) -> None:
    assert audited.classes() == {"raised": "unobserved", "for the liver": "unobserved", "earlier": "episode"}
    assert audited.restarts() == {"raised": [], "for the liver": [], "earlier": [0]}


@patients("""
    who     | day         | what         | value
    all     |             | without      | first course, injury
    all     | -2000..300  | observed     |
    long    | -900..-401  | azathioprine | 100 mg discharge
    nothing | -900..-31   | azathioprine | 100 mg discharge
    short   | -900..-11   | azathioprine | 100 mg discharge
""")
def test_unobserved_precedes_the_other_classes_but_not_a_short_interruption(audited: Audited) -> None:
    assert audited.classes() == {"long": "unobserved", "nothing": "unobserved", "short": "short_interruption"}


@patients("""
    who            | day        | what         | value
    all            |            | without      | first course, injury
    hepatotoxicity | -400..-31  | azathioprine | 100 mg reason=hepatotoxicity
    abnormal lft   | -400..-31  | azathioprine | 100 mg reason=abnormal_lft
    other reason   | -400..-31  | azathioprine | 100 mg reason=patient_choice
    no reason      | -400..-31  | azathioprine | 100 mg
    not the last   | -400..-200 | azathioprine | 100 mg reason=hepatotoxicity
    not the last   | -199..-31  | azathioprine | 100 mg
""")
def test_a_stop_for_the_liver_without_a_raised_result_is_documented_without_lab(audited: Audited) -> None:
    assert audited.classes() == {
        "hepatotoxicity": "documented_without_lab",
        "abnormal lft": "documented_without_lab",
        "other reason": "no_elevation",
        "no reason": "no_elevation",
        "not the last": "no_elevation",
    }


@patients("""
    who           | day        | what           | value
    all           |            | without        | restart, monitoring
    after         | -10..      | mercaptopurine |
    tioguanine    | -10..      | tioguanine     |
    on stop date  | -60..-30   | mercaptopurine |
    to last dose  | -60..-31   | mercaptopurine |
    with it       | -400..     | mercaptopurine |
    before it     | -401..     | mercaptopurine |
    no thiopurine | -10..      | allopurinol    |
    nothing       |            | standard       |
""")
def test_going_on_with_another_thiopurine_after_the_last_course_is_a_switch(audited: Audited) -> None:
    switch = [(-30, None, "thiopurine_switch")]
    assert audited.breaks() == {
        "after": switch,
        "tioguanine": switch,
        "on stop date": switch,
        "to last dose": [],
        "with it": switch,
        "before it": [],
        "no thiopurine": [],
        "nothing": [],
    }


@patients("""
    who       | day       | what           | value
    all       |           | without        | first course, restart, monitoring
    all       | -10..     | mercaptopurine |
    explicit  | -400..-31 | azathioprine   | 100 mg explicit
    discharge | -400..-31 | azathioprine   | 100 mg discharge
    ongoing   | -400..    | azathioprine   | 100 mg
""")
def test_a_switch_needs_a_course_that_ended_however_it_ended(audited: Audited) -> None:
    switch = [(-30, None, "thiopurine_switch")]
    assert audited.breaks() == {"explicit": switch, "discharge": switch, "ongoing": []}


@patients("""
    who         | day     | what           | value
    last dose   | -31..-31 | mercaptopurine |
    stop date   | -30..-30 | mercaptopurine |
    day before  | -1..-1  | mercaptopurine |
    restart     | 0..0    | mercaptopurine |
    throughout  | -40..10 | tioguanine     |
    none        | -20..-10 | allopurinol   |
""")
def test_another_thiopurine_in_an_audited_break_is_told_with_the_episode(audited: Audited) -> None:
    assert set(audited.classes().values()) == {"episode"}
    assert audited.episodes("other_thiopurine_in_break") == {
        "last dose": False,
        "stop date": True,
        "day before": True,
        "restart": False,
        "throughout": True,
        "none": False,
    }


@patients("""
    who         | day       | what         | value
    all         |           | without      | restart, monitoring
    end         | 0..40     | azathioprine | 50 mg
    supply      | 0..       | azathioprine | 50 mg supply=41
    still given | 0..       | azathioprine | 50 mg ongoing supply=41
    end first   | 0..40     | azathioprine | 50 mg supply=90
    open        | 0..       | azathioprine | 50 mg ongoing
    beyond      | 0..900    | azathioprine | 50 mg
""")
def test_a_record_ends_on_its_last_dose_day_with_its_supply_or_with_the_observation(audited: Audited) -> None:
    known = dict.fromkeys(("end", "supply", "still given", "end first"), 40)
    assert audited.to_date("last_dose_date") == {**known, "open": 300, "beyond": 300}


@patients("""
    day   | what         | value
          | without      | restart, monitoring
    0..   | azathioprine | 50 mg supply=28
    20..  | azathioprine | 50 mg supply=28
""")
def test_tablets_left_over_are_not_stockpiled(audited: Audited) -> None:
    assert audited.episode("last_dose_date") == 47


@patients("""
    who      | day                  | what         | value
    all      | -2000..300           | observed     |
    all      |                      | without      | first course, injury, restart
    all      | -900..-400           | azathioprine | 100 mg
    all      | -370..-200           | azathioprine | 75 mg
    all      | 0..                  | azathioprine | 50 mg
    two      | -405, -205           | alt          | 160
    second   | -205                 | alt          | 160
""")
def test_a_patient_may_have_several_episodes_each_judged_alone(audited: Audited) -> None:
    assert audited.restarts() == {"two": [-370, 0], "second": [0]}
    assert [row[2] for row in audited.breaks()["second"]] == ["no_elevation", "episode"]
    assert audited.verdicts("RST-03", restart=-370)["two"] == "pass"
    assert audited.verdicts("RST-01", restart=-370)["two"] == "violation"
    assert audited.verdicts("RST-01", restart=0)["two"] == "pass"


@patients("""
    who         | day       | what         | value
    all         |           | without      | first course
    unwatched   | -100..300 | observed     |
    unwatched   | -400..-31 | azathioprine | 100 mg
""")
def test_a_course_before_the_observation_began_is_used(audited: Audited) -> None:
    assert audited.classes() == {"unwatched": "episode"}
    assert audited.episodes("onset_date") == {"unwatched": -35}


@patients("""
    who             | day       | what           | value
    other drug      | -29..-1   | mercaptopurine |
""")
def test_another_thiopurine_does_not_bridge_a_break(audited: Audited) -> None:
    assert audited.breaks() == {"other drug": [(-30, 0, "episode")]}


@patients("""
    day        | what            | value
    -2000..300 | observed        |
               | without         | first course, injury, restart
    -900..-400 | azathioprine    | 100 mg
    -405       | alt             | 160
    -370..-200 | azathioprine    | 75 mg
    -205       | alt             | 90
    0..        | azathioprine    | 50 mg
    100        | alt             | 250
    100        | symptom_nausea  |
    100        | bilirubin_total | 3.0
""")
def test_what_happens_in_a_further_course_belongs_to_its_own_episode(audited: Audited) -> None:
    assert audited.restarts() == {"patient": [-370, 0]}
    for rule in ("STP-01", "STP-02", "STP-03"):
        assert (audited.verdict(rule, restart=-370), audited.verdict(rule)) == ("not_applicable", "violation")
    assert (audited.verdict("MON-05", restart=-370), audited.verdict("MON-05")) == ("not_applicable", "pass")
    assert (audited.episode("recurrence", restart=-370), audited.episode("recurrence")) == (False, True)


@patients("""
    who        | day       | what         | value
    all        |           | without      | first course, injury
    all        | -35       | alt          | 50
    one of two | -400..-31 | azathioprine | 50 mg product=A reason=hepatotoxicity
    one of two | -400..-31 | azathioprine | 50 mg product=B
    not last   | -400..-32 | azathioprine | 50 mg product=A reason=hepatotoxicity
    not last   | -400..-31 | azathioprine | 50 mg product=B
""")
def test_any_record_that_ends_on_the_last_dose_day_may_say_why_it_stopped(audited: Audited) -> None:
    assert audited.classes() == {"one of two": "episode", "not last": "no_elevation"}
