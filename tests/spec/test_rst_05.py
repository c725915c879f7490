"""RST-05: alternate-day dosing is described, never judged."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    who       | day | what         | value
    all       |     | without      | restart
    alternate | 0.. | azathioprine | 50 mg QOD
    daily     | 0.. | azathioprine | 50 mg QD
    twice     | 0.. | azathioprine | 50 mg BID
    unknown   | 0.. | azathioprine | 50 mg
""")
def test_every_other_day_on_the_restart_date_is_alternate_day_dosing(audited: Audited) -> None:
    assert audited.episodes("alternate_day") == {"alternate": True, "daily": False, "twice": False, "unknown": None}


@patients("""
    who     | day  | what         | value
    all     |      | without      | restart
    changed | 0..6 | azathioprine | 50 mg QOD
    changed | 7..  | azathioprine | 50 mg QD
    later   | 0..6 | azathioprine | 50 mg QD
    later   | 7..  | azathioprine | 50 mg QOD
""")
def test_the_regimen_is_that_of_the_restart_date(audited: Audited) -> None:
    assert audited.episodes("alternate_day") == {"changed": True, "later": False}


@patients("""
    day | what     | value
        | standard |
""")
def test_alternate_day_dosing_has_no_verdict(audited: Audited) -> None:
    judged = audited.answers.judged.findings["rule_id"].unique().to_list()
    assert "RST-04" in judged
    assert "RST-05" not in judged


@patients(
    """
    who        | day    | what         | value
    all        |        | without      | restart, monitoring
    p1..p3     | 0..    | azathioprine | 50 mg QOD
    p1         | 100    | alt          | 120
    d1..d4     | 0..    | azathioprine | 50 mg QD
    d1, d2     | 100    | alt          | 120
    u1         | 0..    | azathioprine | 50 mg
    """,
    alone=True,
)
def test_the_recurrence_rate_is_told_by_regimen(audited: Audited) -> None:
    assert audited.levels("RST-05", "regimen") == {"alternate_day": 3, "daily": 4, "unknown": 1}
    rates = {
        level: audited.measure("RST-05", "regimen", level)["rate"] for level in ("alternate_day", "daily", "unknown")
    }
    assert rates == {"alternate_day": 1 / 3, "daily": 2 / 4, "unknown": 0.0}
