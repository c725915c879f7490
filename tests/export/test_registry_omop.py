"""OMOP tables: the model's own columns and types, stays and eras by value, and how their dates move."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from audit.frames import EPISODES
from audit.rules import register
from flows.errors import Broken, Usage
from flows.export.registry import omop
from flows.export.registry.concepts import NO_CONCEPT, ingredient
from flows.export.registry.profile import Omop
from flows.references import concepts, entries
from tests.export import registered

EDITION = registered.EDITION
FRAMES = registered.frames()
TOLD = omop.Told(
    FRAMES["episodes"], FRAMES["findings"], FRAMES["courses"], FRAMES["exposures"], registered.FEED_END
)  # fmt: skip
AZATHIOPRINE = 19014878
NAMES = {
    "cohort": "cohort_definition_id subject_id cohort_start_date cohort_end_date",
    "cohort_definition": "cohort_definition_id cohort_definition_name cohort_definition_description "
    "definition_type_concept_id cohort_definition_syntax subject_concept_id cohort_initiation_date",
    "drug_era": "drug_era_id person_id drug_concept_id drug_era_start_date drug_era_end_date drug_exposure_count "
    "gap_days",
}
TRUE = [
    (11, "2021-01-01", "2022-01-31", 2, 6),
    (11, "2022-03-01", "2022-06-30", 1, 22),
    (11, "2023-03-01", "2023-03-31", 1, 0),
    (22, "2023-06-01", "2023-11-30", 1, 0),
    (22, "2024-01-01", "2024-06-30", 2, 0),
]


def who(shift: int = 0, cut: int = 0) -> pl.DataFrame:
    return pl.DataFrame(
        {"patient_id": ["PN-1", "PN-2"], "subject_id": [11, 22], "shift_days": [shift, -7], "cut_days": [3, cut]}
        if shift
        else {"patient_id": ["PN-1", "PN-2"], "subject_id": [11, 22], "shift_days": [0, 0], "cut_days": [0, cut]}
    )


def made(subjects: pl.DataFrame, told: omop.Told = TOLD, **asked: list[str]) -> dict[str, pl.DataFrame]:
    return omop.tables(told, subjects, Omop(**asked), EDITION)


def eras(tables: dict[str, pl.DataFrame]) -> list[tuple[int, str, str, int, int]]:
    return [
        (person, start.isoformat(), end.isoformat(), records, gaps)
        for _, person, _, start, end, records, gaps in tables["drug_era"].rows()
    ]


def stays(tables: dict[str, pl.DataFrame], cohort: int) -> list[tuple[int, str, str]]:
    rows = tables["cohort"].filter(pl.col("cohort_definition_id") == cohort).drop("cohort_definition_id")
    return [(subject, start.isoformat(), end.isoformat()) for subject, start, end in rows.rows()]


@pytest.mark.parametrize("name", NAMES)
def test_columns_order_and_types_are_the_model_s(name: str) -> None:
    table = made(who())[name]
    assert table.columns == NAMES[name].split()
    for column, kind in table.schema.items():
        if column.endswith("_date"):
            assert kind == pl.Date
        elif column in ("subject_id", "person_id"):
            assert kind == pl.Int64
        elif column.endswith(("_id", "_count", "_days")):
            assert kind == pl.Int32
        else:
            assert kind == pl.String


def test_eras_are_the_courses_of_those_with_an_audited_restart_and_of_no_other() -> None:
    tables = made(who())
    assert eras(tables) == TRUE
    assert tables["drug_era"]["drug_era_id"].to_list() == [1, 2, 3, 4, 5]
    assert set(tables["drug_era"]["drug_concept_id"]) == {AZATHIOPRINE}


def test_audited_restarts_last_as_long_as_their_course() -> None:
    tables = made(who())
    restarts = [(11, "2022-03-01", "2022-06-30"), (11, "2023-03-01", "2023-03-31"), (22, "2024-01-01", "2024-06-30")]
    assert stays(tables, 1) == restarts
    assert stays(tables, 2) == [(person, start, end) for person, start, end, _, _ in TRUE]


def test_each_rule_that_can_be_violated_has_a_cohort_of_its_violations() -> None:
    tables = made(who())
    assert stays(tables, 107) == [(11, "2023-03-01", "2023-03-31")]
    assert stays(tables, 104) == [(22, "2024-01-01", "2024-06-30")]
    assert stays(tables, 101) == []
    hard = [rule for rule in register(EDITION).values() if rule.kind != "soft"]
    ids = [1, 2, *sorted({"RST": 100, "MON": 200, "STP": 300}[r.id[:3]] + int(r.id[4:]) for r in hard)]
    assert tables["cohort_definition"]["cohort_definition_id"].to_list() == ids
    assert {101, 104, 107, 108, 201, 205, 301, 303} <= set(ids)
    assert not {102, 103, 304} & set(ids)


def test_a_definition_says_in_words_what_it_is_and_no_concept_is_null() -> None:
    rows = {row["cohort_definition_id"]: row for row in made(who())["cohort_definition"].to_dicts()}
    rule = register(EDITION)["RST-07"]
    assert rows[107]["cohort_definition_name"] == f"Restarts that violate RST-07: {rule.title}"
    assert rows[107]["cohort_definition_description"] == rule.statement
    assert rows[1]["cohort_definition_name"] == "Audited restarts of azathioprine"
    for row in rows.values():
        assert (row["definition_type_concept_id"], row["subject_concept_id"]) == (0, 0)
        assert row["cohort_initiation_date"] is None
        assert len(row["cohort_definition_name"]) <= 255
    assert [number for number, row in rows.items() if row["cohort_definition_syntax"]] == [2]
    assert f'"CONCEPT_ID": {AZATHIOPRINE}' in rows[2]["cohort_definition_syntax"]
    assert '"DrugEra": {"CodesetId": 0}' in rows[2]["cohort_definition_syntax"]


def test_named_rules_alone_have_a_cohort() -> None:
    tables = made(who(), rules=["RST-07"])
    assert tables["cohort_definition"]["cohort_definition_id"].to_list() == [1, 2, 107]
    assert set(tables["cohort"]["cohort_definition_id"]) == {1, 2, 107}


@pytest.mark.parametrize("rule", ["RST-99", "RST-02", "RST-05"])
def test_a_rule_that_is_not_there_or_cannot_be_violated_is_refused(rule: str) -> None:
    with pytest.raises(Usage, match=f"no rule {rule} that can be violated"):
        made(who(), rules=["RST-07", rule])


def test_all_dates_of_a_subject_move_by_the_same_days_and_intervals_stay() -> None:
    tables = made(who(shift=-100))
    days = {11: -100, 22: -7}
    moved = [
        (person, *((date.fromisoformat(day) + timedelta(days[person])).isoformat() for day in (start, end)), *rest)
        for person, start, end, *rest in TRUE
    ]
    assert eras(tables) == moved
    assert stays(tables, 2) == [one[:3] for one in moved]
    assert stays(tables, 1) == [moved[1][:3], moved[2][:3], moved[4][:3]]


@pytest.mark.parametrize(
    ("cut", "end", "records", "gap"),
    [
        (0, "2024-06-30", 2, 0),
        (1, "2024-06-29", 1, 0),
        (180, "2024-01-02", 1, 0),
        (181, "2024-01-01", 1, 0),
        (182, "2024-01-01", 1, 0),
    ],
)
def test_a_course_that_runs_at_the_end_of_the_feed_stops_early_but_not_before_it_began(
    cut: int, end: str, records: int, gap: int
) -> None:
    tables = made(who(cut=cut))
    assert eras(tables)[:4] == TRUE[:4]
    assert eras(tables)[4] == (22, "2024-01-01", end, records, gap)
    assert stays(tables, 1)[2] == stays(tables, 104)[0] == (22, "2024-01-01", end)


def test_a_course_that_ended_the_day_before_is_told_as_it_was() -> None:
    later = replace(TOLD, feed_end=date(2024, 7, 1))
    assert eras(made(who(cut=5), later))[4] == TRUE[4]


def test_gaps_are_fewer_than_the_days_that_are_told() -> None:
    full_of_gaps = replace(TOLD, courses=TOLD.courses.with_columns(days_covered=pl.lit(1, pl.Int64)))
    assert [gap for *_, gap in eras(made(who(), full_of_gaps))] == [395, 121, 30, 182, 181]
    assert eras(made(who(cut=179), full_of_gaps))[4] == (22, "2024-01-01", "2024-01-03", 1, 2)


def test_rows_are_sorted_by_the_subject_and_not_by_the_source() -> None:
    turned = who().with_columns(subject_id=pl.Series([22, 11]))
    tables = made(turned)
    assert tables["drug_era"]["person_id"].to_list() == [11, 11, 22, 22, 22]
    assert tables["drug_era"]["drug_era_id"].to_list() == [1, 2, 3, 4, 5]
    assert [row[0] for row in stays(tables, 1)] == [11, 22, 22]


def test_a_release_without_a_restart_has_definitions_and_no_member() -> None:
    none = replace(TOLD, episodes=EPISODES.empty(), findings=TOLD.findings.clear())
    tables = made(who().clear(), none)
    assert (tables["cohort"].height, tables["drug_era"].height) == (0, 0)
    assert tables["cohort_definition"].height > 2


def test_a_restart_without_a_course_is_no_release_to_tell_from() -> None:
    with pytest.raises(Broken, match="no course that begins with it"):
        made(who(), replace(TOLD, courses=TOLD.courses.filter(pl.col("start_date") != date(2024, 1, 1))))


OVERLAP = "a drug era overlaps another of its person"


def test_tables_that_do_not_hold_together_are_told_to_nobody() -> None:
    longer = pl.when(pl.col("start_date") == date(2021, 1, 1)).then(date(2022, 3, 1)).otherwise("last_dose_date")
    with pytest.raises(Broken, match="overlaps another"):
        made(who(), replace(TOLD, courses=TOLD.courses.with_columns(last_dose_date=longer)))


def era(start: str, end: str, person: int | None = 1) -> tuple[int, int | None, int, date, date, int, int]:
    return (1, person, AZATHIOPRINE, date.fromisoformat(start), date.fromisoformat(end), 1, 0)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([era("2024-01-01", "2024-01-01")], []),
        ([era("2024-01-02", "2024-01-01")], ["a drug era ends before it begins"]),
        ([era("2024-01-01", "2024-01-05"), era("2024-01-06", "2024-01-07")], []),
        ([era("2024-01-06", "2024-01-07"), era("2024-01-01", "2024-01-06")], [OVERLAP]),
        ([era("2024-01-01", "2024-01-05"), era("2024-01-05", "2024-01-07", person=2)], []),
        ([era("2024-01-01", "2024-01-05", person=None)], ["a drug era lacks an id, a concept or a day"]),
    ],
)  # fmt: skip
def test_what_ohdsi_s_tools_rely_on_is_held(rows: list[tuple[object, ...]], found: list[str]) -> None:
    table = pl.DataFrame(rows, schema=omop.ERAS.schema, orient="row")
    assert omop.problems(omop.COHORT.empty(), table) == found
    if found:
        with pytest.raises(Broken, match=found[0]):
            omop.hold(omop.COHORT.empty(), table)


def test_stays_of_one_cohort_do_not_overlap_and_those_of_two_may() -> None:
    both = [(1, 5, date(2024, 1, 1), date(2024, 1, 9)), (2, 5, date(2024, 1, 1), date(2024, 1, 9))]
    assert omop.problems(pl.DataFrame(both, schema=omop.COHORT.schema, orient="row"), omop.ERAS.empty()) == []
    twice = [both[0], (1, 5, date(2024, 1, 9), date(2024, 1, 9))]
    assert omop.problems(pl.DataFrame(twice, schema=omop.COHORT.schema, orient="row"), omop.ERAS.empty()) == [
        "a stay in a cohort overlaps another of its person"
    ]


def test_the_ingredient_of_a_drug_is_a_code_of_its_list() -> None:
    listed = {(one.concept, one.code) for one in entries() if one.vocabulary == "OMOP"}
    known = {drug: ingredient(drug) for drug, domain in concepts().items() if domain == "drug"}
    assert known["azathioprine"] == AZATHIOPRINE
    assert ingredient("a drug of a site") == NO_CONCEPT == 0
    assert {(drug, str(code)) for drug, code in known.items() if code} <= listed
    assert known["mercaptopurine"] and known["tioguanine"]
