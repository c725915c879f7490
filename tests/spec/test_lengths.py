"""Rules.md section 2: how long a record lasts where that is not told, and one order written twice."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who            | day   | what         | value
    all            |       | without      | restart
    copy           | 0..99 | azathioprine | 50 mg
    copy           | 0..99 | azathioprine | 50 mg
    fourteen       | 0..99 | azathioprine | 50 mg
    fourteen       | 0..113 | azathioprine | 50 mg
    fifteen        | 0..99 | azathioprine | 50 mg
    fifteen        | 0..114 | azathioprine | 50 mg
    open           | 0..   | azathioprine | 50 mg
    open           | 0..   | azathioprine | 50 mg
    short          | 0..9  | azathioprine | 50 mg
    short          | 0..9  | azathioprine | 50 mg
    other code     | 0..99 | azathioprine | 50 mg product=A
    other code     | 0..99 | azathioprine | 50 mg product=B
    other dose     | 0..99 | azathioprine | 50 mg
    other dose     | 0..99 | azathioprine | 25 mg
    other start    | 0..99 | azathioprine | 50 mg
    other start    | 1..99 | azathioprine | 50 mg
    told apart     | 0..99 | azathioprine | 50 mg QD
    told apart     | 0..99 | azathioprine | 50 mg BID
    one told       | 0..99 | azathioprine | 50 mg QD
    one told       | 0..99 | azathioprine | 50 mg
    same told      | 0..99 | azathioprine | 50 mg QD route=PO
    same told      | 0..99 | azathioprine | 50 mg QD route=po
    other route    | 0..99 | azathioprine | 50 mg route=PO
    other route    | 0..99 | azathioprine | 50 mg route=IV
    one route      | 0..99 | azathioprine | 50 mg route=PO
    one route      | 0..99 | azathioprine | 50 mg
""")
def test_records_that_may_be_one_order_written_twice_have_no_dose(audited: Audited) -> None:
    assert audited.episodes("dose_restart_mg") == {
        "copy": None,
        "fourteen": None,
        "fifteen": 100.0,
        "open": None,
        "short": None,
        "other code": 100.0,
        "other dose": 75.0,
        "other start": 50.0,
        "told apart": 100.0,
        "one told": None,
        "same told": None,
        "other route": 100.0,
        "one route": None,
    }


@patients("""
    who    | day       | what         | value
    all    |           | without      | first course
    copy   | -400..-31 | azathioprine | 50 mg explicit
    copy   | -400..-31 | azathioprine | 50 mg explicit
    longer | -400..-33 | azathioprine | 50 mg explicit
    longer | -400..-31 | azathioprine | 50 mg explicit
    once   | -400..-31 | azathioprine | 50 mg explicit
    none   | -400..-31 | azathioprine | ? mg explicit
    none   | -400..-31 | azathioprine | ? mg explicit
""")
def test_an_order_written_twice_decides_no_comparison_of_doses(audited: Audited) -> None:
    unknown = ("indeterminate", "ambiguous_orders")
    for rule in ("RST-03", "RST-04"):
        assert audited.verdicts(rule)["copy"] == "indeterminate"
        assert audited.reasons(rule) == {
            "copy": unknown[1],
            "longer": unknown[1],
            "once": "not_lower" if rule == "RST-03" else "same_dose",
            "none": "dose_unknown",
        }
    assert audited.findings("RST-04", "message")["copy"] == (
        "The doses cannot be compared, for two records that agree may be one order written twice: 50 mg/day on"
        " 2023-03-01 against unknown mg/day at the onset on 2023-01-25."
    )
    assert {row["role"] for row in audited.evidence("RST-03")["copy"]} >= {"dose_before", "dose_restart"}


@patients("""
    who          | day   | what         | value
    all          |       | without      | restart
    all          | 50    | as of        |
    never        | 0..   | azathioprine | 50 mg
    never        | 0..   | azathioprine | 50 mg
    planned      | 0..99 | azathioprine | 50 mg
    planned      | 0..   | azathioprine | 50 mg
    both planned | 0..60 | azathioprine | 50 mg
    both planned | 0..75 | azathioprine | 50 mg
    nearly       | 0..60 | azathioprine | 50 mg
    nearly       | 0..74 | azathioprine | 50 mg
    ended        | 0..40 | azathioprine | 50 mg
    ended        | 0..   | azathioprine | 50 mg
""")
def test_an_order_written_twice_may_turn_out_to_be_two(audited: Audited) -> None:
    assert audited.episodes("dose_restart_mg") == dict.fromkeys(
        ("never", "planned", "both planned", "nearly", "ended"), None
    )
    assert audited.findings("RST-04", "next_change_on") == {
        "never": None,
        "planned": 114,
        "both planned": 75,
        "nearly": None,
        "ended": 55,
    }


@patients("""
    who          | day       | what         | value
    all          |           | without      | first course
    refills      | -400..-31 | azathioprine | 100 mg basis=refills
    refills      | -100..-31 | azathioprine | 100 mg
    assumed      | -400..-31 | azathioprine | 100 mg basis=assumed
    assumed      | -100..-31 | azathioprine | 100 mg
    told         | -400..-31 | azathioprine | 100 mg
    told         | -100..-31 | azathioprine | 100 mg
    other dose   | -400..-31 | azathioprine | 100 mg basis=refills
    other dose   | -100..-31 | azathioprine | 50 mg
    other code   | -400..-31 | azathioprine | 100 mg basis=refills product=A
    other code   | -100..-31 | azathioprine | 100 mg product=B
    three        | -400..-31 | azathioprine | 100 mg basis=refills
    three        | -100..-31 | azathioprine | 100 mg basis=refills
    three        | -50..-31  | azathioprine | 100 mg
    told first   | -400..-31 | azathioprine | 100 mg
    told first   | -100..-31 | azathioprine | 100 mg basis=refills
""")
def test_days_that_are_not_told_never_add(audited: Audited) -> None:
    assert audited.episodes("dose_before_mg") == {
        "refills": 100.0,
        "assumed": 100.0,
        "told": 200.0,
        "other dose": 150.0,
        "other code": 200.0,
        "three": 100.0,
        "told first": 100.0,
    }


@patients("""
    who          | day       | what         | value
    all          |           | without      | first course
    refills      | -400..-31 | azathioprine | 100 mg basis=refills
    refills      | -100..-71 | azathioprine | 100 mg
    unknown dose | -400..-31 | azathioprine | ? mg basis=refills
    unknown dose | -100..-71 | azathioprine | ? mg
    told         | -400..-31 | azathioprine | 100 mg
    told         | -100..-71 | azathioprine | 100 mg
    open supply  | -400..    | azathioprine | 100 mg supply=370 basis=refills
    open supply  | -100..-71 | azathioprine | 100 mg
    open         | -400..    | azathioprine | 100 mg basis=refills
    open         | -100..-71 | azathioprine | 100 mg
""")
def test_the_next_record_ends_one_whose_days_are_not_told(audited: Audited) -> None:
    cut = [(-70, 0, "no_elevation")]
    assert audited.breaks() == {
        "refills": cut,
        "unknown dose": cut,
        "told": [(-30, 0, "episode")],
        "open supply": cut,
        "open": cut,
    }


@patients("""
    who            | day        | what         | value
    all            |            | without      | first course
    assumed        | -400..-31  | azathioprine | 100 mg supply=370 basis=assumed
    refills        | -400..-31  | azathioprine | 100 mg basis=refills
    told           | -400..-31  | azathioprine | 100 mg
    told beside    | -400..-31  | azathioprine | 100 mg basis=assumed product=A
    told beside    | -400..-31  | azathioprine | 100 mg product=B
    told before    | -400..-31  | azathioprine | 100 mg basis=assumed product=A
    told before    | -400..-32  | azathioprine | 100 mg product=B
    told after     | -400..-32  | azathioprine | 100 mg basis=assumed product=A
    told after     | -400..-31  | azathioprine | 100 mg product=B
    long           | -400..-370 | azathioprine | 100 mg basis=assumed
    cut            | -400..-31  | azathioprine | 100 mg basis=assumed
    cut            | -60..-31   | azathioprine | 100 mg
    liver          | -400..-31  | azathioprine | 100 mg basis=assumed reason=hepatotoxicity
""")
def test_a_break_whose_stop_rests_on_an_assumption_is_unobserved(audited: Audited) -> None:
    assert audited.classes() == {
        "assumed": "unobserved",
        "refills": "episode",
        "told": "episode",
        "told beside": "episode",
        "told before": "unobserved",
        "told after": "episode",
        "long": "unobserved",
        "cut": "episode",
        "liver": "unobserved",
    }
