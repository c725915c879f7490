"""OMOP common data model 5.4: who was in which cohort, what the cohorts are, and the eras of the audited drug.

The columns, their order and their types are the model's own; concept ids are 0 where the model has none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from audit.frames import Column, Frame
from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import register
from flows.errors import Broken, Usage
from flows.export.registry.concepts import NO_CONCEPT, ingredient
from flows.export.registry.profile import Omop

# Subjects that are the source's own may have more than the 32 bits of the model.
INTEGER, SUBJECT, DAY, TEXT = pl.Int32(), pl.Int64(), pl.Date(), pl.String()
RESTARTS, COURSES = 1, 2
# A rule has the same definition in every edition: RST-04 is 104.
HUNDREDS = {"RST": 100, "MON": 200, "STP": 300}
LONGEST_TITLE = 255
VIOLATION = "violation"

COHORT = Frame(
    "cohort",
    "one row a cohort, subject and stay in it",
    (
        Column("cohort_definition_id", INTEGER, "The cohort: see cohort_definition.", key=True),
        Column("subject_id", SUBJECT, "The person.", key=True),
        Column("cohort_start_date", DAY, "First day of the course that made the person a member.", key=True),
        Column("cohort_end_date", DAY, "Last dose day of that course, as far as observed."),
    ),
)
DEFINITIONS = Frame(
    "cohort_definition",
    "one row a cohort",
    (
        Column(
            "cohort_definition_id",
            INTEGER,
            "1 audited restarts, 2 courses of the audited drug, else restarts that violate a rule: its number, and "
            "100 for RST, 200 for MON, 300 for STP.",
            key=True,
        ),
        Column("cohort_definition_name", TEXT, "What it is called."),
        Column("cohort_definition_description", TEXT, "Who is in it; of a rule what the guideline says."),
        Column("definition_type_concept_id", INTEGER, "0: no concept."),
        Column("cohort_definition_syntax", TEXT, "The definition as OHDSI's tools read it, where one can be had."),
        Column("subject_concept_id", INTEGER, "0: no concept; subjects are persons."),
        Column("cohort_initiation_date", DAY, "Not told."),
    ),
)
ERAS = Frame(
    "drug_era",
    "one row a course of the audited drug of a person with an audited restart",
    (
        Column("drug_era_id", INTEGER, "Number of the row, from 1.", key=True),
        Column("person_id", SUBJECT, "The person: subject_id of cohort."),
        Column("drug_concept_id", INTEGER, "The ingredient; 0 where none is known."),
        Column("drug_era_start_date", DAY, "First day of the course."),
        Column("drug_era_end_date", DAY, "Last dose day of the course, as far as observed."),
        Column("drug_exposure_count", INTEGER, "Exposure records that begin in it."),
        Column("gap_days", INTEGER, "Days of it that no record covers.", "d"),
    ),
)
FRAMES = (COHORT, DEFINITIONS, ERAS)


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables are made of: columns of tables of a release, and the last day of its feed."""

    episodes: pl.DataFrame
    findings: pl.DataFrame
    courses: pl.DataFrame
    exposures: pl.DataFrame
    feed_end: date


def tables(told: Told, subjects: pl.DataFrame, asked: Omop, guideline: Guideline) -> dict[str, pl.DataFrame]:
    """Return the tables by name; Usage where the profile names a rule that cannot be violated."""
    rules = violable(guideline, asked.rules)
    courses = _courses(told, subjects, guideline)
    made = {
        COHORT.name: _cohort(told, courses, rules),
        DEFINITIONS.name: _definitions(rules, guideline),
        ERAS.name: _eras(courses, guideline),
    }
    hold(made[COHORT.name], made[ERAS.name])
    return made


def violable(guideline: Guideline, named: Sequence[str] | None) -> list[Rule]:
    """Return the rules that can be violated, or of these the named ones."""
    known = {
        rule.id: rule
        for rule in register(guideline).values()
        if any(outcome.verdict == VIOLATION for outcome in rule.outcomes)
    }
    if unknown := [one for one in named or () if one not in known]:
        raise Usage(f"profile: omop.rules: the edition has no rule {unknown[0]} that can be violated")
    return [rule for rule in known.values() if named is None or rule.id in named]


def definition_id(rule_id: str) -> int:
    """Return the cohort of the violations of a rule."""
    kind, number = rule_id.split("-")
    return HUNDREDS[kind] + int(number)


def _courses(told: Told, subjects: pl.DataFrame, guideline: Guideline) -> pl.DataFrame:
    """Return the courses of the subjects as they leave: true `start_date`, and `start`, `end`, records and gaps.

    A course that runs when the feed ends stops `cut_days` early, though not before it began.
    """
    last = pl.col("last_dose_date")
    cut = pl.max_horizontal("start_date", last - pl.duration(days=pl.col("cut_days")))
    shift = pl.duration(days=pl.col("shift_days"))
    told_as = (
        told.courses.join(subjects, on="patient_id")
        .with_columns(last_dose_date=pl.when(last >= pl.lit(told.feed_end)).then(cut).otherwise(last))
        .with_columns(start=pl.col("start_date") + shift, end=last + shift)
    )
    length = (pl.col("end") - pl.col("start")).dt.total_days()
    gaps = pl.min_horizontal(pl.col("days") - pl.col("days_covered"), length)
    counted = _records(told_as, told.exposures, guideline.audited_drug)
    return told_as.join(counted, on=["patient_id", "start_date"], how="left").with_columns(gap_days=gaps)


def _records(courses: pl.DataFrame, exposures: pl.DataFrame, drug: str) -> pl.DataFrame:
    """Return how many records of the drug begin in each course: patient_id, start_date, records."""
    begun = exposures.filter(pl.col("concept") == drug).select("patient_id", day="start_date").sort("day")
    of = courses.select("patient_id", "start_date", "last_dose_date").sort("start_date")
    return (
        begun.join_asof(of, left_on="day", right_on="start_date", by="patient_id", check_sortedness=False)
        .filter(pl.col("day") <= pl.col("last_dose_date"))
        .group_by("patient_id", "start_date")
        .agg(records=pl.len())
    )


def _cohort(told: Told, courses: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Return the stays: audited restarts, all courses, and the restarts that violate each rule."""
    stay = courses.select("patient_id", "subject_id", "start", "end", restart_date="start_date")
    restarts = told.episodes.select("episode_id", "patient_id", "restart_date").join(
        stay, on=["patient_id", "restart_date"]
    )
    if restarts.height != told.episodes.height:
        raise Broken("a restart of this release has no course that begins with it")
    numbers = pl.DataFrame(
        {"rule_id": [rule.id for rule in rules], "cohort": [definition_id(rule.id) for rule in rules]},
        schema={"rule_id": pl.String, "cohort": pl.Int64},
    )
    broken = told.findings.filter(pl.col("verdict") == VIOLATION).join(numbers, on="rule_id")
    members = pl.concat(
        [
            restarts.with_columns(cohort=pl.lit(RESTARTS, pl.Int64)).select("cohort", "subject_id", "start", "end"),
            stay.with_columns(cohort=pl.lit(COURSES, pl.Int64)).select("cohort", "subject_id", "start", "end"),
            broken.join(restarts, on="episode_id").select("cohort", "subject_id", "start", "end"),
        ]
    )
    return _typed(members.sort("cohort", "subject_id", "start"), COHORT, ("cohort", "subject_id", "start", "end"))


def _eras(courses: pl.DataFrame, guideline: Guideline) -> pl.DataFrame:
    rows = (
        courses.sort("subject_id", "start")
        .with_row_index("number", offset=1)
        .with_columns(concept=pl.lit(ingredient(guideline.audited_drug)))
    )
    return _typed(rows, ERAS, ("number", "subject_id", "concept", "start", "end", "records", "gap_days"))


def _definitions(rules: Sequence[Rule], guideline: Guideline) -> pl.DataFrame:
    """Return one row a cohort, in the order of its id."""
    drug = guideline.audited_drug
    concept = ingredient(drug)
    syntax = json.dumps(era_definition(concept, drug)) if concept != NO_CONCEPT else None
    said = [
        (RESTARTS, f"Audited restarts of {drug}", f"Restarts of {drug} after a stop for raised liver enzymes.", None),
        (COURSES, f"Courses of {drug}", f"Every course of {drug} of a person with an audited restart.", syntax),
        *(
            (definition_id(rule.id), f"Restarts that violate {rule.id}: {rule.title}", rule.statement, None)
            for rule in rules
        ),
    ]
    rows = [
        (number, name[:LONGEST_TITLE], words, NO_CONCEPT, text, NO_CONCEPT, None)
        for number, name, words, text in sorted(said, key=lambda one: one[0])
    ]
    return pl.DataFrame(rows, schema=DEFINITIONS.schema, orient="row")


def era_definition(concept: int, name: str) -> Mapping[str, object]:
    """Return the definition of the courses as ATLAS and Circe read it: each era of the drug, from first day to last."""
    every = {"Type": "All"}
    return {
        "ConceptSets": [
            {
                "id": 0,
                "name": name,
                "expression": {
                    "items": [
                        {"concept": {"CONCEPT_ID": concept, "CONCEPT_NAME": name, "DOMAIN_ID": "Drug"}},
                    ]
                },
            }
        ],
        "PrimaryCriteria": {
            "CriteriaList": [{"DrugEra": {"CodesetId": 0}}],
            "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
            "PrimaryCriteriaLimit": every,
        },
        "QualifiedLimit": every,
        "ExpressionLimit": every,
        "InclusionRules": [],
        "EndStrategy": {"DateOffset": {"DateField": "EndDate", "Offset": 0}},
        "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
        "CensorWindow": {},
    }


def _typed(rows: pl.DataFrame, frame: Frame, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns as a frame has them, in its order."""
    return rows.select(
        pl.col(name).cast(declared.dtype).alias(declared.name)
        for name, declared in zip(columns, frame.columns, strict=True)
    )


def hold(cohort: pl.DataFrame, eras: pl.DataFrame) -> None:
    """Hold what OHDSI's tools rely on: no era or stay ends before it begins, none of a person overlaps another."""
    for problem in problems(cohort, eras):
        raise Broken(f"the tables of the common data model do not hold together: {problem}")


def problems(cohort: pl.DataFrame, eras: pl.DataFrame) -> list[str]:
    """Return what is wrong with the tables, in words."""
    stays = (["cohort_definition_id", "subject_id"], "cohort_start_date", "cohort_end_date")
    of_drug = (["person_id", "drug_concept_id"], "drug_era_start_date", "drug_era_end_date")
    found = []
    for what, table, (grain, start, end) in (("stay in a cohort", cohort, stays), ("drug era", eras, of_drug)):
        if table.select((pl.col(start) > pl.col(end)).any()).item():
            found.append(f"a {what} ends before it begins")
        before = pl.col(end).shift(1).over(grain, order_by=start)
        if table.select((pl.col(start) <= before).any()).item():
            found.append(f"a {what} overlaps another of its person")
        if table.select(pl.any_horizontal(pl.col(*grain, start, end).is_null().any())).item():
            found.append(f"a {what} lacks an id, a concept or a day")
    return found
