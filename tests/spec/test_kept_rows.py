"""The rows that a release keeps of everyone ever on the drug, whoever has an episode or none."""

from datetime import date

import polars as pl
import pytest

from audit import frames
from audit.guideline import Guideline
from audit.judge import judge
from tests.spec import patients as written
from tests.spec.audited import Audited
from tests.spec.patients import DAY_0, Case, day, patients

OPEN_DAY = (date(2250, 1, 1) - DAY_0).days  # the first day that stands for an end which nobody knows
RESULT = ("value", "comparator", "unit", "uln", "uln_source", "x_uln", "reference", "x_reference")


@patients("""
    day    | what            | value     | id
           | without         | everything|
    -400.. | azathioprine    | 100 mg QD |
    10     | alt             | 80/40     | a
    11     | alt             | >400/50   | b
    11     | alp             | 60/120    | c
    12     | bilirubin_total | <0.3/1.2  | d
    12     | albumin         | 4         | e
    12     | hbsag           |           | f
""")
def test_results_of_a_patient_without_an_episode_are_kept_with_their_multiples(audited: Audited) -> None:
    assert audited.restarts() == {"patient": []}
    assert audited.kept("labs", "analyte", "date", "source_id", *RESULT) == {
        "patient": [
            ("albumin", 12, "e", 4.0, None, "g/dL", None, None, None, None, None),
            ("alp", 11, "c", 60.0, None, "U/L", 120.0, "printed", 0.5, 120.0, 0.5),
            ("alt", 10, "a", 80.0, None, "U/L", 40.0, "printed", 2.0, 40.0, 2.0),
            ("alt", 11, "b", 400.0, ">", "U/L", 50.0, "printed", 8.0, 50.0, 8.0),
            ("bilirubin_total", 12, "d", 0.3, "<", "mg/dL", 1.2, "printed", 0.25, 1.2, 0.25),
            ("hbsag", 12, "f", None, None, None, None, None, None, None, None),
        ]
    }


@patients("""
    who      | day              | what            | value
    all      |                  | without         | everything
    all      | -400..           | azathioprine    | 100 mg QD
    below    | -430, -420, -410 | alt             | 59/40
    at       | -430, -420, -410 | alt             | 60/40
    largest  | -430, -420, -410 | alt             | 120/40
    beyond   | -430, -420, -410 | alt             | 121/40
    yellow   | -430, -420, -410 | bilirubin_total | 2.4/1.2
    other    | -430, -420, -410 | ast             | 80/40
    on drug  | -400             | alt             | 80/40
    a day on | -399             | alt             | 80/40
    long ago | -765             | alt             | 80/40
    too long | -766             | alt             | 80/40
    newcomer | -489..           | observed        |
    newcomer | -410             | alt             | 80/40
    known    | -490..           | observed        |
    known    | -410             | alt             | 80/40
    prevalent| -410             | alt             | 80/40
    prevalent| -600..-490       | mercaptopurine  | 50 mg
    washed   | -410             | alt             | 80/40
    washed   | -600..-491       | mercaptopurine  | 50 mg
    hepatitis| -410             | alt             | 80/40
    hepatitis| -400             | autoimmune_hepatitis |
    later    | -410             | alt             | 80/40
    later    | -399             | autoimmune_hepatitis |
    all      | 10               | alt             | 120/40
    all      | 10               | bilirubin_total | 2.4/1.2
""")
def test_everyone_has_a_baseline_where_one_can_be_had(audited: Audited) -> None:
    found = {
        name: {row[0]: row[2:] for row in rows if row[1] == 10}
        for name, rows in audited.kept("labs", "analyte", "date", "reference", "x_reference").items()
    }
    own = {"at": (60.0, 2.0), "largest": (120.0, 1.0)}
    own |= dict.fromkeys(("on drug", "long ago", "known", "washed", "later"), (80.0, 1.5))
    assert {name: rows["alt"] for name, rows in found.items()} == dict.fromkeys(found, (40.0, 3.0)) | own
    bilirubins = dict.fromkeys(found, (1.2, 2.0)) | {"yellow": (2.4, 1.0)}
    assert {name: rows["bilirubin_total"] for name, rows in found.items()} == bilirubins


@patients(
    """
    day              | what         | value
                     | without      | everything
    -400..           | azathioprine | 100 mg QD
    -430, -420, -410 | alt          | 20/40
    10               | alt          | 60/40
    10               | ast          | 60/40
    """,
    baseline_reference_mode="literal",
)
def test_in_the_literal_run_the_reference_is_the_baseline_whatever_it_is(audited: Audited) -> None:
    kept = audited.kept("labs", "date", "analyte", "x_uln", "reference", "x_reference")["patient"]
    assert [row for row in kept if row[0] == 10] == [(10, "alt", 1.5, 20.0, 3.0), (10, "ast", 1.5, 40.0, 1.5)]


@patients("""
    who    | day       | what         | value     | id
    all    |           | without      | everything|
    ended  | -900..100 | observed     |           |
    ended  | -400..    | azathioprine | 100 mg QD | x
    ended  | 101       | alt          | 80/40     | r
    ended  | 101       | ibd          |           | e
    ended  | 101..102  | stay         |           | s
    late   | -900..100 | observed     |           |
    late   | 101..     | azathioprine | 100 mg QD | x
    late   | 101       | alt          | 80/40     | r
    died   | -900..    | observed     |           |
    died   | -400..    | azathioprine | 100 mg QD | x
    died   | 100       | died         |           |
    died   | 160       | alt          | 80/40     | r
    lived  | -900..    | observed     |           |
    lived  | -400..    | azathioprine | 100 mg QD | x
    lived  | 100       | died         |           |
    lived  | 161       | alt          | 80/40     | r
""")
def test_rows_after_what_is_observed_are_kept_and_patients_say_what_ended_it(audited: Audited) -> None:
    assert set(map(tuple, audited.kept("labs", "source_id", "x_reference").values())) == {(("r", 2.0),)}
    assert set(map(tuple, audited.kept("exposures", "exposure_id").values())) == {(("x",),)}
    assert audited.kept("events", "event_id")["ended"] == [("e",)]
    assert audited.kept("stays", "stay_id")["ended"] == [("s",)]
    columns = ("observation_start", "observation_end", "death_date", "death_note", "first_exposure")
    assert audited.kept("patients", *columns) == {
        "ended": [(-900, 100, None, None, -400)],
        "late": [(-900, 100, None, None, None)],
        "died": [(-900, None, 100, None, -400)],
        "lived": [(-900, None, 100, "contradicted_death_date", -400)],
    }
    lasts = {name: [row[0] for row in rows] for name, rows in audited.kept("courses", "last_dose_date").items()}
    assert lasts == {"ended": [100], "late": [], "died": [100], "lived": [1000]}


@patients("""
    who  | day  | what     | value
    all  |      | standard |
    a    |      | site     | none
    b    |      | site     | south
    b    |      | born     | 1961
""")
def test_a_patient_is_kept_with_site_sex_and_birth_year(audited: Audited) -> None:
    assert audited.kept("patients", "site_id", "sex", "birth_year", "first_exposure") == {
        "a": [(None, "F", 1970, -400)],
        "b": [("south", "F", 1961, -400)],
    }


@patients(
    """
    who      | day       | what         | value
    all      |           | without      | everything
    joined   | -400..-31 | azathioprine | 100 mg QD
    joined   | -17..10   | azathioprine | 50 mg QD
    parted   | -400..-31 | azathioprine | 100 mg QD
    parted   | -16..10   | azathioprine | 50 mg QD
    overlaid | -400..-31 | azathioprine | 100 mg QD
    overlaid | -200..10  | azathioprine | 50 mg QD
    one day  | 5..5      | azathioprine | 50 mg QD
    other    | 5..9      | azathioprine | 50 mg QD
    other    | 40..60    | allopurinol  | 5 mg
"""
)
def test_a_course_has_its_days_and_those_that_a_record_covers(audited: Audited) -> None:
    assert audited.kept("courses", "start_date", "last_dose_date", "days", "days_covered") == {
        "joined": [(-400, 10, 411, 398)],
        "parted": [(-400, -31, 370, 370), (-16, 10, 27, 27)],
        "overlaid": [(-400, 10, 411, 411)],
        "one day": [(5, 5, 1, 1)],
        "other": [(5, 9, 5, 5)],
    }


@patients("""
    who     | day    | what         | value
    all     |        | without      | everything
    steps   | 0..9   | azathioprine | 25 mg QD
    steps   | 10..20 | azathioprine | 50 mg QD
    unknown | 0..9   | azathioprine | 25 mg QD
    unknown | 10..20 | azathioprine | ? mg QD
    two     | 0..20  | azathioprine | 25 mg QD
    two     | 10..20 | azathioprine | 50 mg QD product=B
    renewed | 0..20  | azathioprine | 50 mg QD
    renewed | 7..30  | azathioprine | 50 mg QD
    renewal | 0..20  | azathioprine | 50 mg QD
    renewal | 7..20  | azathioprine | 50 mg QD
    tablets | 0..20  | azathioprine | 50 mg QD
    tablets | 6..20  | azathioprine | 50 mg QD
    twice   | 0..20  | azathioprine | 50 mg QD
    twice   | 0..20  | azathioprine | 50 mg QD
""")
def test_a_course_has_the_doses_of_its_first_and_its_last_day(audited: Audited) -> None:
    assert audited.kept("courses", "dose_at_start_mg", "dose_at_end_mg") == {
        "steps": [(25.0, 50.0)],
        "unknown": [(25.0, None)],
        "two": [(25.0, 75.0)],
        "renewed": [(50.0, 50.0)],
        "renewal": [(50.0, 50.0)],
        "tablets": [(50.0, 100.0)],
        "twice": [(None, None)],
    }


@patients("""
    who       | day    | what         | value
    all       |        | without      | everything
    explicit  | 0..20  | azathioprine | 50 mg QD explicit
    supply    | 0..20  | azathioprine | 50 mg QD supply
    discharge | 0..20  | azathioprine | 50 mg QD discharge
    untold    | 0..20  | azathioprine | 50 mg QD
    no more   | 0..20  | azathioprine | 50 mg QD ongoing
    open      | 0..    | azathioprine | 50 mg QD
    supplied  | 0..    | azathioprine | 50 mg QD ongoing supply=28
    last day  | 0..300 | azathioprine | 50 mg QD explicit
    beyond    | 0..301 | azathioprine | 50 mg QD explicit
    ended     | -900..30 | observed   |
    ended     | 0..31  | azathioprine | 50 mg QD explicit
    earlier   | 0..19  | azathioprine | 50 mg QD discharge product=B
    earlier   | 0..20  | azathioprine | 50 mg QD supply
    worse     | 0..20  | azathioprine | 50 mg QD supply product=B
    worse     | 0..20  | azathioprine | 50 mg QD explicit
    worst     | 0..20  | azathioprine | 50 mg QD explicit product=B
    worst     | 0..20  | azathioprine | 50 mg QD discharge
    one open  | 0..300 | azathioprine | 50 mg QD explicit product=B
    one open  | 0..    | azathioprine | 50 mg QD
""")
def test_a_course_says_how_it_ends(audited: Audited) -> None:
    assert {name: rows[0][0] for name, rows in audited.kept("courses", "end_type").items()} == {
        "explicit": "explicit",
        "supply": "supply",
        "discharge": "discharge",
        "untold": None,
        "no more": None,
        "open": "ongoing",
        "supplied": None,
        "last day": "explicit",
        "beyond": "ongoing",
        "ended": "ongoing",
        "earlier": "supply",
        "worse": "explicit",
        "worst": "discharge",
        "one open": "ongoing",
    }


@patients(
    """
    day | what
        | standard
"""
)
def test_the_course_of_a_restart_agrees_with_its_episode(audited: Audited) -> None:
    courses = audited.kept("courses", "start_date", "last_dose_date", "dose_at_start_mg", "dose_at_end_mg", "end_type")
    assert courses["patient"] == [(-400, -31, 100.0, 100.0, "explicit"), (0, 300, 50.0, 50.0, "ongoing")]
    assert audited.episode("dose_before_mg") == 100.0
    assert audited.episode("dose_restart_mg") == 50.0


@patients(f"""
    who    | day            | what                   | value                                                  | id
    all    |                | without                | everything                                             |
    all    | 0..{OPEN_DAY - 1} | azathioprine        | 50 mg QOD explicit reason=hepatotoxicity route=oral    | a
    all    | 3..            | corticosteroid_systemic| 5 mg BID supply supply=28 product=B basis=assumed      | b
    all    | 4..{OPEN_DAY}  | allopurinol            | ? mg                                                   | c
    all    | 5, 6           | ibd                    |                                                        |
    all    | 6              | symptom_nausea         |                                                        |
    all    | 7..{OPEN_DAY}  | stay                   |                                                        |
    all    | 2..3           | stay                   |                                                        |
    one    |                | standard               |                                                        |
""")
def test_exposures_events_and_stays_are_kept_whole(audited: Audited) -> None:
    columns = ("concept", "start_date", "end_date", "days_supply", "daily_dose_mg", "frequency")
    assert audited.kept("exposures", "exposure_id", *columns) == {
        "one": [
            ("a", "azathioprine", 0, OPEN_DAY - 1, None, 50.0, "QOD"),
            ("b", "corticosteroid_systemic", 3, None, 28, 5.0, "BID"),
            ("c", "allopurinol", 4, None, None, None, None),
        ]
    }
    assert audited.kept("exposures", "end_type", "stop_reason", "route", "product", "length_basis") == {
        "one": [
            ("explicit", "hepatotoxicity", "oral", "azathioprine", None),
            ("supply", None, None, "B", "assumed"),
            (None, None, None, "allopurinol", None),
        ]
    }
    assert audited.kept("events", "date", "concept") == {"one": [(5, "ibd"), (6, "ibd"), (6, "symptom_nausea")]}
    assert audited.kept("stays", "admitted_on", "discharged_on") == {"one": [(2, 3), (7, None)]}


@patients("""
    day  | what         | value
         | without      | everything, clinical_events, inpatient_stays
    0..  | azathioprine | 50 mg QD
""")
def test_a_table_that_the_extract_lacks_is_kept_empty(audited: Audited) -> None:
    assert audited.kept("events", "event_id") == {"patient": []}
    assert audited.kept("stays", "stay_id") == {"patient": []}
    assert audited.answers.judged.kept.events.schema == frames.KEPT_EVENTS.schema
    assert audited.answers.judged.kept.stays.schema == frames.KEPT_STAYS.schema


@pytest.mark.parametrize("status", ["final", "corrected", "preliminary"])
def test_a_result_is_kept_with_its_status_which_no_verdict_reads(guideline: Guideline, status: str) -> None:
    given = written.staged([Case(0, "day | what\n | standard")])
    changed = frames.Staged(
        given.patients, given.labs.with_columns(status=pl.lit(status)), given.exposures, given.events, given.stays
    )
    plain, other = (judge(staged, guideline, day(1000)) for staged in (given, changed))
    assert other.kept.labs["status"].unique().to_list() == [status]
    assert other.findings.equals(plain.findings)
