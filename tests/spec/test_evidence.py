"""Evidence: the rows of the extract that a verdict rests on, by their own ids."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


def sources(audited: Audited, rule: str) -> dict[str, str]:
    """Return the table of each source row that the only patient's verdict on a rule rests on."""
    return {row["source_id"]: row["source_table"] for row in audited.evidence(rule)["patient"]}


@patients("""
    day       | what         | value  | id
              | without      | first course, restart |
    -400..-31 | azathioprine | 100 mg | before
    0..       | azathioprine | 100 mg | restart
""")
def test_a_dose_rests_on_the_exposures_of_its_day(audited: Audited) -> None:
    exposures = {"before": "drug_exposures", "restart": "drug_exposures"}
    assert exposures.items() <= sources(audited, "RST-03").items()
    assert exposures.items() <= sources(audited, "RST-04").items()


@patients("""
    day | what | value | id
    -33 | alt  | 480   | peak
""")
def test_a_grade_rests_on_the_peak(audited: Audited) -> None:
    rows = [row for row in audited.evidence("RST-07")["patient"] if row["role"] == "peak"]
    assert [(row["source_id"], row["x_uln"]) for row in rows] == [("peak", 12.0)]


@patients("""
    day | what    | value | id
    -20 | ascites |       | the sign
""")
def test_decompensation_rests_on_its_code(audited: Audited) -> None:
    assert sources(audited, "RST-08").get("the sign") == "clinical_events"


@patients("""
    day | what            | value | id
    100 | symptom_fatigue |       | the symptom
    102 | draw            |       | the draw
""")
def test_a_symptom_rests_on_its_code_and_on_the_draw_that_answered_it(audited: Audited) -> None:
    found = sources(audited, "MON-05")
    assert (found.get("the symptom"), found.get("the draw")) == ("clinical_events", "lab_results")


@patients("""
    day | what            | value | id
    100 | symptom_fatigue |       | the record
    100 | symptom_nausea  |       | the record
    102 | draw            |       | the draw
""")
def test_a_record_of_two_symptoms_is_evidence_of_both(audited: Audited) -> None:
    found = [row for row in audited.evidence("MON-05")["patient"] if row["role"] == "symptom"]
    assert [(row["source_id"], row["concept"]) for row in found] == [
        ("the record", "symptom_fatigue"),
        ("the record", "symptom_nausea"),
    ]


@patients("""
    day | what           | value | id
    100 | alt            | 130   | the enzyme
    103 | symptom_nausea |       | the symptom
""")
def test_a_trigger_of_two_rests_on_both(audited: Audited) -> None:
    found = sources(audited, "STP-02")
    assert (found.get("the enzyme"), found.get("the symptom")) == ("lab_results", "clinical_events")


@patients("""
    day | what            | value | id
    100 | alt             | 90    | the enzyme
    103 | bilirubin_total | 3.0   | the bilirubin
""")
def test_a_trigger_with_bilirubin_rests_on_both(audited: Audited) -> None:
    assert {"the enzyme", "the bilirubin"} <= set(sources(audited, "STP-03"))


@patients("""
    day         | what    | value | id
                | without | monitoring |
    9           | draw    |       | the draw
    14..56 by 7 | draw    |       |
""")
def test_a_slot_that_was_met_rests_on_its_draw(audited: Audited) -> None:
    assert sources(audited, "MON-01").get("the draw") == "lab_results"


@patients("""
    day | what             | value | id
        | without          | work-up |
    -33 | hbsag            |       | hepatitis b
    -33 | anti_hcv         | coded | hepatitis c
    -33 | liver_ultrasound |       | imaging
""")
def test_a_workup_rests_on_the_results_and_events_that_show_it(audited: Audited) -> None:
    shown = {"hepatitis b": "lab_results", "hepatitis c": "clinical_events", "imaging": "clinical_events"}
    assert shown.items() <= sources(audited, "RST-02").items()


@patients("""
    day | what                    | value | id
    -35 | alt                     | 240   | peak
    -20 | benefit_risk_documented |       | the entry
""")
def test_a_documented_benefit_rests_on_its_entry(audited: Audited) -> None:
    assert sources(audited, "RST-06").get("the entry") == "clinical_events"


@patients("""
    who  | day    | what     | value | id
    all  | 300    | as of    |       |
    all  | -900.. | observed |       |
    draw | -800   | died     |       |
    draw | -739   | ast      | 25    | contradicts
    used | 290    | died     |       |
""")
def test_a_death_that_was_not_used_is_evidence_with_the_row_that_contradicts_it(audited: Audited) -> None:
    rows = audited.evidence("RST-01")
    told = {
        name: [(row["role"], row["source_table"], row["date"]) for row in found if "death" in row["role"]]
        for name, found in rows.items()
    }
    assert told == {
        "draw": [("after_death", "lab_results", -739), ("death", "patients", -800)],
        "used": [],
    }
