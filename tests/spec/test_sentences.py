"""Sentences: facts of the record, never the as-of date; what triggered by name; one day, two days."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who         | day      | what         | value
    all         | 130      | as of        |
    all         | -900..   | observed     |
    all         |          | without      | restart
    all         | 120      | alt          | 250
    open        | 0..      | azathioprine | 50 mg
    planned     | 0..200   | azathioprine | 50 mg
    ends today  | 0..130   | azathioprine | 50 mg
    ended       | 0..129   | azathioprine | 50 mg
    interrupted | 0..124   | azathioprine | 50 mg
    interrupted | 127..    | azathioprine | 50 mg
""")
def test_a_drug_that_is_taken_at_the_end_of_observation_is_still_being_taken(audited: Audited) -> None:
    found = "ALT 250 U/L on 2023-06-29 (6.25 x its upper limit of normal of 40 U/L) reached 5 x or 500 U/L, but"
    goes_on = f"{found} the drug is still being taken, more than 3 days later."
    assert audited.findings("STP-01", "message") == {
        "open": goes_on,
        "planned": goes_on,
        "ends today": goes_on,
        "ended": f"{found} the drug was taken until 2023-07-08, more than 3 days later.",
        "interrupted": goes_on,
    }
    goes_on = "The course was not ended on a mild, asymptomatic rise: the drug is still being taken."
    assert audited.findings("STP-05", "message") == {
        **dict.fromkeys(("open", "planned", "ends today", "interrupted"), goes_on),
        "ended": "The course was not ended on a mild, asymptomatic rise: the drug was taken until 2023-07-08.",
    }


@patients("""
    who   | day       | what     | value
    all   | 160       | as of    |
    all   | 120       | alt      | 250
    ended | -900..130 | observed |
    dead  | -900..    | observed |
    dead  | 130       | died     |
    later | -900..161 | observed |
""")
def test_what_was_taken_when_observation_ended_is_not_still_being_taken(audited: Audited) -> None:
    ended = "the drug was still being taken when observation ended on 2023-07-09, more than 3 days later."
    said = {name: message.split(", but ")[1] for name, message in audited.findings("STP-01", "message").items()}
    assert said == {"ended": ended, "dead": ended, "later": "the drug is still being taken, more than 3 days later."}


@patients("""
    who          | day          | what         | value
    all          | -900..       | observed     |
    own          |              | without      | baseline
    own          | -430         | alt          | 90/40
    both         | 120          | alt          | 200/40
    both         | 120          | ast          | 260/40
    absolute     | 120          | alt          | 500/120
    own          | 120          | alt          | 450/40
    at least     | 120          | alt          | >250/40
    of two       | 120          | alt          | 210/40
    of two       | 120          | alt          | 215.5/50
    of limits    | 120          | alt          | 204/40
    of limits    | 120          | alt          | 520/110
    earlier      | 110          | alt          | 300/40
    earlier      | 120          | alt          | 250/40
""")
def test_a_trigger_is_named_with_value_multiple_and_reference(audited: Audited) -> None:
    said = {name: message.split(" reached")[0] for name, message in audited.findings("STP-01", "message").items()}
    assert said == {
        "own": "ALT 450 U/L on 2023-06-29 (5 x the patient's own baseline of 90 U/L)",
        "both": "AST 260 U/L on 2023-06-29 (6.5 x its upper limit of normal of 40 U/L)",
        "absolute": "ALT 500 U/L on 2023-06-29 (4.17 x its upper limit of normal of 120 U/L)",
        "at least": "ALT >250 U/L on 2023-06-29 (>6.25 x its upper limit of normal of 40 U/L)",
        "of two": "ALT 210 U/L on 2023-06-29 (5.25 x its upper limit of normal of 40 U/L)",
        "of limits": "ALT 520 U/L on 2023-06-29 (4.73 x its upper limit of normal of 110 U/L)",
        "earlier": "ALT 300 U/L on 2023-06-19 (7.5 x its upper limit of normal of 40 U/L)",
    }


@patients(
    """
    who      | day    | what     | value
    all      | -900.. | observed |
    multiple | 120    | alt      | 160/40
    absolute | 120    | alt      | 321/120
    """,
    stop_multiple=4,
    stop_absolute_u_l=321,
    stop_grace_days=1,
)
def test_the_numbers_of_a_sentence_are_those_in_force(audited: Audited) -> None:
    for message in audited.findings("STP-01", "message").values():
        assert message.endswith(" reached 4 x or 321 U/L, but the drug is still being taken, more than 1 day later.")


@patients("""
    day    | what     | value
    -900.. | observed |
    120    | alt      | >150
""")
def test_a_value_that_may_be_a_trigger_is_said_to_be_open(audited: Audited) -> None:
    assert audited.finding("STP-01", "message") == (
        "A censored value leaves open whether there was a trigger to stop: ALT >150 U/L on 2023-06-29 (>3.75 x its "
        "upper limit of normal of 40 U/L) may have reached 5 x or 500 U/L."
    )


@patients("""
    who      | day      | what            | value
    all      | -900..   | observed        |
    all      |          | without         | restart, monitoring
    all      | 0..120   | azathioprine    | 50 mg
    all      | 120      | alt             | 130
    one      | 118      | symptom_nausea  |
    two      | 118      | symptom_nausea  |
    two      | 118      | symptom_fatigue |
    nearest  | 114      | symptom_fatigue |
    nearest  | 119      | symptom_ruq_pain|
    later    | 121      | symptom_nausea  |
    later    | 117      | ast             | 250
""")
def test_a_symptom_is_named_with_its_day(audited: Audited) -> None:
    enzyme = "ALT 130 U/L on 2023-06-29 (3.25 x its upper limit of normal of 40 U/L) came with "
    stopped = ", and the drug was interrupted at once (last dose 2023-06-29)."
    assert audited.findings("STP-02", "message") == {
        "one": f"{enzyme}nausea on 2023-06-27{stopped}",
        "two": f"{enzyme}fatigue and nausea on 2023-06-27{stopped}",
        "nearest": f"{enzyme}right upper quadrant pain on 2023-06-28{stopped}",
        "later": f"{enzyme}nausea on 2023-06-30{stopped}",
    }


@patients("""
    day      | what            | value
    -900..   | observed        |
             | without         | monitoring
    117      | ast             | 250
    120      | alt             | >100
    121      | symptom_nausea  |
""")
def test_of_two_triggers_of_a_day_the_certain_one_is_named(audited: Audited) -> None:
    assert audited.finding("STP-02", "message").startswith("AST 250 U/L on 2023-06-26 (6.25 x ")


@patients("""
    who     | day    | what            | value
    all     | -900.. | observed        |
    own     |        | without         | baseline
    own     | -430   | bilirubin_total | 2.0/1.2
    all     | 120    | alt             | 90
    normal  | 118    | bilirubin_total | 3.0/1.2
    own     | 118    | bilirubin_total | 4.1/1.2
    of two  | 118    | bilirubin_total | 3.0/1.2
    of two  | 118    | bilirubin_total | 2.9/1.0
""")
def test_a_bilirubin_is_named_with_its_own_multiple_and_reference(audited: Audited) -> None:
    enzyme = "ALT 90 U/L on 2023-06-29 (2.25 x its upper limit of normal of 40 U/L) came with bilirubin "
    went_on = ", but the drug is still being taken, more than 3 days later."
    assert audited.findings("STP-03", "message") == {
        "normal": f"{enzyme}3 mg/dL on 2023-06-27 (2.5 x its upper limit of normal of 1.2 mg/dL){went_on}",
        "own": f"{enzyme}4.1 mg/dL on 2023-06-27 (2.05 x the patient's own baseline of 2 mg/dL){went_on}",
        "of two": f"{enzyme}2.9 mg/dL on 2023-06-27 (2.9 x its upper limit of normal of 1 mg/dL){went_on}",
    }


@patients("""
    who     | day    | what         | value
    all     | 122    | as of        |
    all     | -900.. | observed     |
    all     |        | without      | restart, monitoring
    all     | 120    | alt          | 250
    open    | 0..    | azathioprine | 50 mg
    stopped | 0..121 | azathioprine | 50 mg
""")
def test_a_stop_that_may_still_come_is_told_with_what_it_waits_for(audited: Audited) -> None:
    found = "ALT 250 U/L on 2023-06-29 (6.25 x its upper limit of normal of 40 U/L) reached 5 x or 500 U/L; the drug "
    assert audited.findings("STP-01", "message") == {
        "open": f"{found}is still being taken, within the grace of 3 days.",
        "stopped": f"{found}was taken until 2023-06-30, and observation has not reached 7 drug-free days after it.",
    }


@patients("""
    who     | day    | what         | value
    all     | 129    | as of        |
    all     | -900.. | observed     |
    recent  | 100    | alt          | 130
    long    | 99     | alt          | 130
""")
def test_a_recurrence_names_no_day_of_the_audit(audited: Audited) -> None:
    assert audited.findings("STP-04", "message") == {
        "recent": "Hepatotoxicity recurred on 2023-06-09; the drug is still being taken, within 30 days for a "
        "decision.",
        "long": "Hepatotoxicity recurred on 2023-06-08 and the drug is still being taken, 30 days or more later.",
    }


SYMPTOM = """
    who      | day      | what            | value
    all      | {as_of}  | as of           |
    all      | -900..   | observed        |
    all      |          | without         | monitoring
    all      | 100      | symptom_fatigue |
    never    |          | standard        |
    answered | 101      | alt             | 60
"""


@patients(SYMPTOM.format(as_of=102))
def test_a_test_that_may_still_come_names_no_day_of_the_audit(audited: Audited) -> None:
    assert audited.findings("MON-05", "message")["never"] == (
        "A symptom was coded on 2023-06-09; no draw has followed, and observation has not reached the end of the 3 "
        "days for one."
    )
    assert audited.findings("STP-06", "message")["answered"] == (
        "A symptom on 2023-06-09 came with modestly raised enzymes on 2023-06-10; no follow-up is known, and "
        "observation has not reached the end of the 7 days for one."
    )


@patients(SYMPTOM.format(as_of=110), symptom_lft_pass_days=1, symptom_lft_soft_days=1, pitfall_followup_days=1)
def test_one_day_is_not_days(audited: Audited) -> None:
    assert audited.findings("MON-05", "message") == {
        "never": "A symptom was coded on 2023-06-09 and liver tests did not follow within 1 day: no draw has followed.",
        "answered": "The only symptom episode was followed by liver tests at once: coded on 2023-06-09, the first draw "
        "came on 2023-06-10 (day 1 after it).",
    }
    assert audited.findings("STP-06", "message")["answered"].endswith(
        "neither another draw nor a stop followed within 1 day."
    )


@patients("""
    who  | day      | what            | value
    all  | 100, 120 | symptom_fatigue |
    all  | 100      | symptom_nausea  |
    all  | 100, 120 | draw            |
    two  | 60       | symptom_fatigue |
    two  | 60       | draw            |
""")
def test_symptom_episodes_are_counted(audited: Audited) -> None:
    said = {name: message.split(" on ")[0] for name, message in audited.findings("MON-05", "message").items()}
    assert said == {
        "two": "Each of 2 symptom episodes was followed by liver tests at once: the first coded",
    }


@patients("""
    who         | day              | what     | value
    all         |                  | without  | monitoring
    first       | 14..56 by 7      | draw     |
    first       | 300              | draw     |
    within      | 7, 28..56 by 7   | draw     |
    last        | 7..35 by 7, 49   | draw     |
    none        |                  | standard |
""")
def test_the_longest_stretch_of_a_phase_counts_only_its_own_days(audited: Audited) -> None:
    # Weekly windows are days 4..10, 11..17, ... 53..59: the days before and after are not the phase's.
    said = {name: message.split("; ")[-1] for name, message in audited.findings("MON-01", "message").items()}
    longest = "longest stretch without a draw in this phase:"
    assert said == {
        "first": f"{longest} 10 days.",
        "within": f"{longest} 20 days.",
        "last": f"{longest} 13 days.",
        "none": f"{longest} 56 days.",
    }
    assert audited.to_date("longest_draw_gap_days") == {"first": 244, "within": 244, "last": 251, "none": 300}


@patients("""
    who   | day            | what     | value
    all   |                | without  | monitoring
    all   | 7..56 by 7, 88 | draw     |
    late  | 140, 155, 180  | draw     |
    long  | 120, 150, 180  | draw     |
""")
def test_so_does_that_of_each_later_phase(audited: Audited) -> None:
    # The third month's own days are 69..88, the months' 110..180; the first quarter's begin after the draw of day 180.
    longest = "longest stretch without a draw in this phase: "
    stretches = {
        rule: {
            name: said.split(longest)[1] for name, said in audited.findings(rule, "message").items() if longest in said
        }
        for rule in ("MON-02", "MON-03", "MON-04")
    }
    assert stretches == {
        "MON-02": {"late": "19 days.", "long": "19 days."},
        "MON-03": {"late": "30 days."},
        "MON-04": {"late": "111 days.", "long": "111 days."},
    }


@patients("""
    who  | day      | what     | value
    all  |          | without  | monitoring
    all  | 12       | as of    |
    all  | -900..   | observed |
    met  | 7        | draw     |
    none |          | standard |
""")
def test_one_slot_is_not_slots_and_nothing_due_names_no_day_of_the_audit(audited: Audited) -> None:
    assert audited.findings("MON-01", "message") == {
        "met": "Monitoring after the restart on 2023-03-01 was complete: 1 of 1 slot met.",
        "none": "Monitoring after the restart on 2023-03-01 had gaps: 0 of 1 slot met, missed 1 (due 2023-03-08); "
        "longest stretch without a draw in this phase: 7 days.",
    }
    assert set(audited.findings("MON-02", "message").values()) == {
        "No slot of this phase was met or missed after the restart on 2023-03-01."
    }


@patients(
    """
    day | what     | value
        | standard |
    """,
    prerestart_lab_max_age_days=1,
)
def test_a_stale_test_is_so_many_days_old(audited: Audited) -> None:
    assert audited.finding("RST-01", "message").startswith(
        "Enzymes had recovered but were last checked more than 1 day before the restart on 2023-03-01: "
    )
