"""RST-01: ALT and AST are back to baseline or normal before azathioprine is restarted."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who     | day | what     | value
    all     |     | without  | recovery
    all     | -3  | ast      | 28
    below   | -3  | alt      | 39.9
    at      | -3  | alt      | 40
    above   | -3  | alt      | 40.1
""")
def test_an_alt_above_its_upper_limit_at_the_restart_is_a_violation(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"below": "pass", "at": "pass", "above": "violation"}


@patients("""
    who     | day | what     | value
    all     |     | without  | recovery
    all     | -3  | alt      | 30
    below   | -3  | ast      | 39.9
    at      | -3  | ast      | 40
    above   | -3  | ast      | 40.1
""")
def test_an_ast_above_its_upper_limit_at_the_restart_is_a_violation(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"below": "pass", "at": "pass", "above": "violation"}


@patients("""
    who    | day | what    | value
    all    |     | without | recovery
    all    | -3  | ast     | 28
    wide   | -3  | alt     | 50/55
    narrow | -3  | alt     | 36/35
""")
def test_the_upper_limit_is_the_one_printed_with_the_result(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"wide": "pass", "narrow": "violation"}


@patients("""
    who   | day              | what    | value
    all   |                  | without | recovery, baseline
    all   | -430, -420, -410 | alt     | 40
    all   | -3               | ast     | 28
    at    | -3               | alt     | 44
    above | -3               | alt     | 44.1
""")
def test_up_to_a_tenth_above_the_baseline_counts_as_back_to_baseline(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"at": "pass", "above": "violation"}


@patients("""
    who   | day              | what    | value
    all   |                  | without | recovery, baseline
    all   | -430, -420, -410 | alt     | 80
    all   | -3               | ast     | 28
    at    | -3               | alt     | 88
    above | -3               | alt     | 88.1
""")
def test_a_patient_with_an_abnormal_baseline_need_only_return_to_it(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"at": "pass", "above": "violation"}


@patients("""
    who   | day | what    | value
    all   |     | without | recovery, baseline
    all   | -3  | ast     | 28
    at    | -3  | alt     | 40
    above | -3  | alt     | 40.1
""")
def test_without_a_baseline_the_upper_limit_alone_decides(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"at": "pass", "above": "violation"}


@patients("""
    day | what    | value
        | without | recovery
""")
def test_a_restart_without_any_test_is_a_violation_named_no_test(audited: Audited) -> None:
    assert (audited.verdict("RST-01"), audited.reason("RST-01")) == ("violation", "no_test")


@patients("""
    who      | day | what    | value
    all      |     | without | recovery
    only alt | -3  | alt     | 30
    only ast | -3  | ast     | 28
""")
def test_one_of_the_two_enzymes_missing_leaves_it_open(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"only alt": "indeterminate", "only ast": "indeterminate"}


@patients("""
    who      | day | what    | value
    all      |     | without | recovery
    high alt | -3  | alt     | 60
    high ast | -3  | ast     | 60
""")
def test_one_raised_enzyme_is_a_violation_though_the_other_is_missing(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"high alt": "violation", "high ast": "violation"}


@patients("""
    who        | day | what    | value
    all        |     | without | recovery
    fallen     | -9  | alt     | 90
    fallen     | -3  | alt     | 30
    fallen     | -3  | ast     | 28
    risen      | -9  | alt     | 30
    risen      | -3  | alt     | 90
    risen      | -3  | ast     | 28
""")
def test_the_latest_result_before_the_restart_decides(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"fallen": "pass", "risen": "violation"}


@patients("""
    who     | day | what    | value
    all     |     | without | recovery
    all     | -3  | alt     | 30
    all     | -3  | ast     | 28
    on it   | 0   | alt     | 90
    after   | 1   | alt     | 90
""")
def test_blood_of_the_restart_day_is_drawn_before_the_first_tablet(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"on it": "violation", "after": "pass"}


@patients("""
    who          | day | what    | value
    all          |     | without | recovery
    last dose    | -31 | alt     | 30
    last dose    | -31 | ast     | 28
    stop date    | -30 | alt     | 30
    stop date    | -30 | ast     | 28
    high on stop | -30 | alt     | 90
    high on stop | -30 | ast     | 28
""")
def test_results_count_from_the_stop_date_on(audited: Audited) -> None:
    verdicts = {"last dose": "violation", "stop date": "advisory", "high on stop": "violation"}
    assert audited.verdicts("RST-01") == verdicts
    assert audited.reasons("RST-01")["last dose"] == "no_test"


@patients("""
    who       | day | what    | value
    all       |     | without | recovery
    fresh     | -14 | alt     | 30
    fresh     | -14 | ast     | 28
    stale     | -15 | alt     | 30
    stale     | -15 | ast     | 28
    stale alt | -15 | alt     | 30
    stale alt | -3  | ast     | 28
    stale ast | -3  | alt     | 30
    stale ast | -15 | ast     | 28
""")
def test_a_result_older_than_two_weeks_is_an_advisory(audited: Audited) -> None:
    stale = dict.fromkeys(("stale", "stale alt", "stale ast"), "advisory")
    assert audited.verdicts("RST-01") == {"fresh": "pass", **stale}


@patients("""
    who         | day | what    | value
    all         |     | without | recovery
    high and old| -20 | alt     | 90
    high and old| -3  | ast     | 28
    half and old| -20 | alt     | 30
""")
def test_what_is_raised_or_missing_comes_before_what_is_old(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"high and old": "violation", "half and old": "indeterminate"}


@patients("""
    who    | day | what    | value
    all    |     | without | recovery
    all    | -3  | ast     | 28
    both   | -3  | alt     | 39/40
    both   | -3  | alt     | 36/35
    lower  | -3  | alt     | 39/40
    lower  | -3  | alt     | 34/35
""")
def test_of_two_results_of_one_day_either_above_its_own_limit_is_a_violation(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"both": "violation", "lower": "pass"}


@patients("""
    who         | day | what    | value
    all         |     | without | recovery
    within      | -3  | alt     | 40.00003
    within      | -3  | ast     | 28
    beyond      | -3  | alt     | 40.0001
    beyond      | -3  | ast     | 28
""")
def test_a_value_is_held_against_its_limit_with_the_tolerance_of_ratios(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"within": "pass", "beyond": "violation"}


@patients("""
    who             | day | what    | value
    all             |     | without | recovery
    all             | -3  | ast     | 28
    surely normal   | -3  | alt     | <40
    at most normal  | -3  | alt     | <=40
    maybe raised    | -3  | alt     | <50
    surely raised   | -3  | alt     | >40
    at least normal | -3  | alt     | >=40
    above some low  | -3  | alt     | >30
""")
def test_a_censored_value_decides_only_what_it_leaves_no_doubt_of(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {
        "surely normal": "pass",
        "at most normal": "pass",
        "maybe raised": "indeterminate",
        "surely raised": "violation",
        "at least normal": "indeterminate",
        "above some low": "indeterminate",
    }


@patients("""
    who       | day | what    | value
    all       |     | without | recovery
    violation | -3  | alt     | <50
    violation | -3  | ast     | 60
    open      | -20 | alt     | <50
    open      | -3  | ast     | 28
    old       | -20 | alt     | <40
    old       | -3  | ast     | 28
""")
def test_a_doubtful_enzyme_does_not_hide_a_raised_one(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {"violation": "violation", "open": "indeterminate", "old": "advisory"}


@patients(
    """
    who        | day | what    | value
    all        |     | without | recovery
    high ast   | -3  | alt     | 30
    high ast   | -3  | ast     | 90
    old ast    | -3  | alt     | 30
    old ast    | -25 | ast     | 28
    no ast     | -3  | alt     | 30
    old alt    | -15 | alt     | 30
    high alt   | -3  | alt     | 90
    no alt     | -3  | ast     | 28
    """,
    normalisation_requires="alt_only",
)
def test_where_a_site_asks_for_alt_only_ast_is_ignored(audited: Audited) -> None:
    passing = dict.fromkeys(("high ast", "old ast", "no ast"), "pass")
    others = {"old alt": "advisory", "high alt": "violation", "no alt": "violation"}
    assert audited.verdicts("RST-01") == passing | others
    assert audited.reasons("RST-01")["no alt"] == "no_test"


@patients(
    """
    who        | day | what    | value
    all        |     | without | recovery
    only alt   | -3  | alt     | 30
    only ast   | -3  | ast     | 28
    one high   | -3  | alt     | 30
    one high   | -3  | ast     | 90
    high alone | -3  | ast     | 90
    one old    | -20 | alt     | 30
    one old    | -3  | ast     | 28
    both old   | -20 | alt     | 30
    both old   | -15 | ast     | 28
    alone old  | -20 | alt     | 30
    none       |     | standard|
    """,
    normalisation_requires="either",
)
def test_where_a_site_asks_for_either_enzyme_the_measured_ones_are_judged(audited: Audited) -> None:
    assert audited.verdicts("RST-01") == {
        "only alt": "pass",
        "only ast": "pass",
        "one high": "violation",
        "high alone": "violation",
        "one old": "pass",
        "both old": "advisory",
        "alone old": "advisory",
        "none": "violation",
    }
    assert audited.reasons("RST-01")["none"] == "no_test"


@patients("""
    day | what | value | id
    -5  | alt  | 31    | earlier
    -2  | alt  | 29    | alt of the verdict
    -2  | ast  | 27    | ast of the verdict
""")
def test_the_evidence_is_the_latest_result_of_each_enzyme(audited: Audited) -> None:
    rows = audited.evidence("RST-01")["patient"]
    shown = {(row["source_id"], row["date"], row["value"]) for row in rows if row["role"] == "pre_restart"}
    assert shown == {("alt of the verdict", -2, 29.0), ("ast of the verdict", -2, 27.0)}
