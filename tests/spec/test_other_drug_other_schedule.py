"""Another drug under another schedule is audited by files alone: an edition, and no change of code."""

from pathlib import Path

import pytest

from audit.guideline import Guideline, overlay
from flows.editions import load
from tests.spec.audited import Audited, audit
from tests.spec.patients import Case

EDITION = """
extends = "dr-oracle-2025"
id = "statin-2026"
title = "Guidelines for restarting atorvastatin after raised liver enzymes"
edition = "2026-01-01"

[drug]
audited = "atorvastatin"
other_thiopurines = []

[[rule]]
id = "RST-01"
form = "enzymes_recovered"
class = "hard"
title = "Enzymes recovered"
statement = "Confirm that they have recovered before {drug} is taken up again"
source = "made up"

[[rule]]
id = "MON-01"
form = "phase"
class = "hard/soft"
title = "Four-weekly tests"
statement = "Test every four weeks, three times"
source = "made up"

[[rule]]
id = "MON-04"
form = "phase"
class = "hard/soft"
title = "Half-yearly tests"
statement = "Test every half year"
source = "made up"

[[schedule.phase]]
rule = "MON-01"
first = 28
step = 28
count = 3
tolerance = "tolerance_weekly"

[schedule.long_term]
rule = "MON-04"
after = "MON-01"
step = 180
tolerance = "tolerance_quarterly"

[parameters.min_break_days]
value = 28
"""

TABLE = """
    who    | day              | what    | value
    all    |                  | without | monitoring
    kept   | 28, 56, 84, 264  | draw    |
    late   | 32, 60, 88       | draw    |
    rarely | 28, 56, 84       | draw    |
"""


@pytest.fixture
def edition(tmp_path: Path) -> Guideline:
    """Return the edition of another drug, read from its file."""
    path = tmp_path / "statin-2026.toml"
    path.write_text(EDITION, encoding="utf-8")
    return load(path)


def of(table: str, guideline: Guideline) -> Audited:
    """Return what the audit says of a table whose standard patient takes the edition's drug."""
    case = Case(0, table, drug=guideline.audited_drug)
    return Audited(case, audit([case], guideline))


def test_another_drug_is_audited_by_its_edition(edition: Guideline) -> None:
    audited = of(TABLE, edition)
    assert edition.id == "statin-2026"
    assert audited.restarts() == {"kept": [0], "late": [0], "rarely": [0]}
    assert set(audited.verdicts("RST-01").values()) == {"pass"}


def test_another_schedule_is_audited_by_its_edition(edition: Guideline) -> None:
    audited = of(TABLE, edition)
    assert [slot[:2] for slot in audited.slots("MON-01")["kept"]] == [(25, 31), (53, 59), (81, 87)]
    assert audited.verdicts("MON-01") == {"kept": "pass", "late": "violation", "rarely": "pass"}


def test_the_long_term_phase_follows_the_phase_that_the_edition_names(edition: Guideline) -> None:
    audited = of(TABLE, edition)
    assert audited.slots("MON-04")["kept"][0] == (85, 285, "met", 264)
    assert audited.verdicts("MON-04") == {"kept": "pass", "late": "advisory", "rarely": "advisory"}


def test_a_rule_that_the_edition_lacks_has_neither_slots_nor_findings(edition: Guideline) -> None:
    audited = of(TABLE, edition)
    assert sorted(audited.answers.judged.findings["rule_id"].unique()) == ["MON-01", "MON-04", "RST-01"]
    assert set(audited.answers.judged.measures["rule_id"]) == {"MON-01", "MON-04", "RST-01", "recurrence"}
    assert set(audited.answers.judged.slots["rule_id"]) == {"MON-01", "MON-04"}


def test_without_a_stop_rule_nothing_triggers_and_an_enzyme_still_recurs(edition: Guideline) -> None:
    audited = of(TABLE + "    kept | 90 | alt | 1000\n", edition)
    assert audited.episodes("recurrence_date") == {"kept": 90, "late": None, "rarely": None}


def test_without_a_stability_block_nothing_is_extended(edition: Guideline) -> None:
    audited = of(TABLE + "    rarely | 75 | alt | 100\n", edition)
    assert audited.episodes("extension_blocks") == {"kept": 0, "late": 0, "rarely": 0}


def test_the_edition_changes_single_parameters_by_name(edition: Guideline) -> None:
    table = """
        who   | day        | what         | value
        all   |            | without      | first course
        short | -400..-28  | atorvastatin | 20 mg
        long  | -400..-29  | atorvastatin | 20 mg
    """
    assert of(table, edition).classes() == {"short": "short_interruption", "long": "episode"}


def test_the_former_drug_is_then_none_of_the_audit_s(edition: Guideline) -> None:
    table = """
        day      | what         | value
        -25..-10 | azathioprine | 100 mg
        -25..-10 | mercaptopurine |
    """
    audited = of(table, edition)
    assert audited.breaks() == {"patient": [(-30, 0, "episode")]}
    assert audited.episode("other_thiopurine_in_break") is False


def test_a_site_may_name_another_drug_over_the_edition() -> None:
    guideline = overlay(load(), {"audited_drug": "atorvastatin", "other_thiopurines": []})
    table = """
        day | what     | value
            | standard |
    """
    audited = of(table, guideline)
    assert audited.restarts() == {"patient": [0]}
    assert (audited.verdict("RST-01"), audited.verdict("MON-01")) == ("pass", "pass")


STABILITY = """
extends = "dr-oracle-2025"
id = "twenty-days"

[[rule]]
id = "MON-01"
form = "phase"
class = "hard/soft"
title = "Tests"
statement = "Test at two and four weeks"
source = "made up"

[[rule]]
id = "MON-02"
form = "phase"
class = "soft"
title = "One more"
statement = "Test at two months"
source = "made up"

[[schedule.phase]]
rule = "MON-01"
days = [14, 28]
tolerance = "tolerance_weekly"
when_unstable = "repeats"

[[schedule.phase]]
rule = "MON-02"
days = [60]
tolerance = "tolerance_biweekly"
when_unstable = "moves"

[schedule.stability]
first_day = 15
last_day = 34
"""


def test_an_edition_may_judge_stability_over_other_days(tmp_path: Path) -> None:
    path = tmp_path / "twenty-days.toml"
    path.write_text(STABILITY, encoding="utf-8")
    table = """
        who    | day            | what    | value
        all    |                | without | monitoring
        all    | 14, 48         | draw    |
        stable | 28, 60         | draw    |
        moved  | 28             | alt     | 61
        moved  | 34, 80         | draw    |
        early  | 14             | alt     | 61
        early  | 28, 60         | draw    |
    """
    audited = of(table, load(path))
    assert audited.episodes("extension_blocks") == {"stable": 0, "moved": 1, "early": 0}
    assert [slot[:2] for slot in audited.slots("MON-01")["moved"]] == [(11, 17), (25, 31), (31, 37), (45, 51)]
    assert [slot[:2] for slot in audited.slots("MON-02")["moved"]] == [(75, 85)]
    assert audited.verdicts("MON-01") == {"stable": "pass", "moved": "pass", "early": "pass"}
    assert audited.verdicts("MON-02") == {"stable": "pass", "moved": "pass", "early": "pass"}
