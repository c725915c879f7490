"""RST-06: after a moderate injury the benefit must clearly outweigh the risk."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who          | day | what    | value
    all          |     | without | injury
    mild         | -35 | alt     | 199
    at 5         | -35 | alt     | 200
    moderate     | -35 | alt     | 240
    at 10        | -35 | alt     | 400
    severe       | -35 | alt     | 401
""")
def test_only_a_moderate_injury_asks_for_a_benefit_risk_entry(audited: Audited) -> None:
    assert audited.verdicts("RST-06") == {
        "mild": "not_applicable",
        "at 5": "advisory",
        "moderate": "advisory",
        "at 10": "advisory",
        "severe": "not_applicable",
    }


@patients("""
    who            | day | what                    | value
    all            | -35 | alt                     | 240
    before onset   | -36 | benefit_risk_documented |
    at onset       | -35 | benefit_risk_documented |
    at restart     | 0   | benefit_risk_documented |
    after restart  | 1   | benefit_risk_documented |
""")
def test_the_entry_counts_from_the_onset_to_the_restart(audited: Audited) -> None:
    assert audited.verdicts("RST-06") == {
        "before onset": "advisory",
        "at onset": "pass",
        "at restart": "pass",
        "after restart": "advisory",
    }


@patients("""
    who        | day | what                    | value
    all        |     | without                 | injury
    bare       | -35 | alt                     | >200
    documented | -35 | alt                     | >200
    documented | -20 | benefit_risk_documented |
""")
def test_an_injury_that_is_at_least_moderate_is_judged_as_moderate(audited: Audited) -> None:
    assert set(audited.episodes("grade").values()) == {"at_least_moderate"}
    assert audited.verdicts("RST-06") == {"bare": "advisory", "documented": "pass"}


@patients("""
    who        | day | what                    | value
    all        |     | without                 | injury
    bare       | -35 | alt                     | >160
    documented | -35 | alt                     | >160
    documented | -20 | benefit_risk_documented |
""")
def test_an_injury_that_is_at_least_mild_leaves_it_open(audited: Audited) -> None:
    assert audited.verdicts("RST-06") == {"bare": "indeterminate", "documented": "indeterminate"}


@patients(
    """
    who          | day              | what    | value
    all          |                  | without | injury, baseline
    all          | -430, -420, -410 | alt     | 20
    none         | -35              | alt     | 40
    at least none| -35              | alt     | >=40
    """,
    baseline_reference_mode="literal",
)
def test_an_injury_that_is_at_least_none_leaves_it_open(audited: Audited) -> None:
    assert audited.episodes("grade") == {"none": "none", "at least none": "at_least_none"}
    assert audited.verdicts("RST-06") == {"none": "not_applicable", "at least none": "indeterminate"}
