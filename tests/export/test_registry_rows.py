"""Records as REDCap imports them: its published columns, choices, checkboxes; and the codebook of all fields."""

from datetime import date

import polars as pl
import pytest

from audit.frames import EPISODES
from audit.rules import register
from flows.errors import Usage
from flows.export.registry import omop, papers, redcap, rows
from flows.export.registry.profile import Agreement, Citation, Field, Rows
from flows.export.registry.sources import described
from tests.export import registered

EDITION = registered.EDITION
FRAMES = registered.frames()
AGREED = Agreement(shift_days=[-9, -1], ongoing_cut_days=0)
MEANING = {column.name: column.meaning for column in EPISODES.columns}
PUBLISHED = [
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
]  # fmt: skip
FIELDS = [
    Field(name="sex", source="sex", type="code", levels=["F", "M"]),
    Field(name="age", source="age_at_restart", type="integer"),
    Field(name="had", source="indications", type="codes", levels=["ibd", "sle", "none_coded"]),
    Field(name="peak", source="peak_x_uln", type="number", digits=1),
    Field(name="peak_day", source="peak_date", type="days"),
    Field(name="peak_week", source="peak_date", type="days", unit="wk"),
    Field(name="hys_law", source="hys_law", type="flag"),
    Field(name="last_day", source="last_dose_date", type="days"),
    Field(name="grade", source="grade", type="code", levels=["mild", "severe", "at_least_mild"]),
]


def asked(*fields: Field, reasons: bool = False, rules: list[str] | None = None) -> list[rows.Variable]:
    return rows.variables(Rows(reasons=reasons, rules=rules, field=list(fields)), AGREED, EDITION)


def wide(feed_end: date | None = None, **changed: pl.Expr) -> pl.DataFrame:
    """The episodes with ids in another order than that of the source."""
    return described(FRAMES["episodes"].with_columns(**changed), FRAMES["patients"], feed_end).with_columns(
        record_id=pl.Series(["c", "a", "b"]), subject_id=pl.Series([11, 11, 22])
    )


def records(*fields: Field, rules: list[str] | None = None, reasons: bool = False, **changed: pl.Expr) -> pl.DataFrame:
    return rows.table(wide(**changed), FRAMES["findings"], asked(*fields, rules=rules, reasons=reasons))


def test_records_by_value_sorted_by_their_id() -> None:
    table = records(*FIELDS, rules=["RST-07"], hys_law=pl.Series([True, False, None]))
    assert table.columns == [
        "record_id", "subject_id", "sex", "age", "had___ibd", "had___sle", "had___none_coded", "peak", "peak_day",
        "peak_week", "hys_law", "last_day", "grade", "rst_07",
    ]  # fmt: skip
    assert table.rows() == [
        ("a", 11, "F", 90, 0, 0, 1, 15.0, -254, -37, 0, 30, "severe", "violation"),
        ("b", 22, None, 34, None, None, None, 2.2, -32, -5, None, None, "mild", "pass"),
        ("c", 11, "F", 90, 1, 1, 0, 3.9, -35, -5, 1, 121, "mild", "pass"),
    ]


@pytest.mark.parametrize(("born", "age"), [(1934, 90), (1935, 89), (1933, 90), (2024, 0)])
def test_ages_of_90_and_above_are_one(born: int, age: int) -> None:
    patients = FRAMES["patients"].with_columns(birth_year=pl.lit(born, pl.Int64))
    assert described(FRAMES["episodes"], patients, None)["age_at_restart"][2] == age


@pytest.mark.parametrize(
    ("feed_end", "told"),
    [
        (date(2023, 3, 31), None),
        (date(2023, 4, 30), None),
        (date(2023, 5, 1), date(2023, 3, 31)),
        (None, date(2023, 3, 31)),
    ],
)
def test_a_course_that_reaches_the_end_of_the_feed_is_told_as_one_that_runs(
    feed_end: date | None, told: date | None
) -> None:
    row = wide(feed_end).row(1, named=True)
    assert row["last_dose_date"] == told
    assert row["days_covered"] == (31 if told else None)


def test_verdicts_of_every_rule_follow_unless_some_are_named() -> None:
    every = [one.name for one in asked(FIELDS[0])]
    assert every == ["record_id", "subject_id", "sex", *(one.lower().replace("-", "_") for one in register(EDITION))]
    named = [one.name for one in asked(FIELDS[0], rules=["RST-04"], reasons=True)]
    assert named == ["record_id", "subject_id", "sex", "rst_04", "rst_04_reason"]


def test_reasons_are_the_words_of_the_rule() -> None:
    table = records(FIELDS[0], rules=["RST-04", "RST-07"], reasons=True)
    assert table.select("rst_04", "rst_04_reason", "rst_07", "rst_07_reason").rows() == [
        ("pass", "lower_dose", "violation", "severe"),
        ("violation", "same_dose", "pass", "not_severe"),
        ("pass", "lower_dose", "pass", "not_severe"),
    ]


def test_what_could_not_be_decided_has_a_level() -> None:
    [*_, verdict, reason] = asked(FIELDS[0], rules=["RST-04"], reasons=True)
    assert [code for code, _ in verdict.levels] == ["violation", "indeterminate", "pass"]
    assert dict(reason.levels) == {
        **register(EDITION)["RST-04"].reasons,
        "undecidable": "a value that the rule needs is missing",
    }


@pytest.mark.parametrize("rule", ["RST-99", "RST-05"])
def test_a_rule_without_a_verdict_is_refused(rule: str) -> None:
    with pytest.raises(Usage, match=f"no rule {rule} with a verdict"):
        asked(FIELDS[0], rules=["RST-01", rule])


def test_a_field_with_the_name_of_a_verdict_is_refused() -> None:
    with pytest.raises(Usage, match="two fields of a record are called rst_07"):
        asked(Field(name="rst_07", source="workup_score", type="integer"))


@pytest.mark.parametrize(
    "field",
    [
        Field(name="grade", source="grade", type="code", levels=["mild"]),
        Field(name="had", source="indications", type="codes", levels=["ibd", "none_coded"]),
    ],
)
def test_a_value_that_the_profile_does_not_know_stays_and_is_not_shown(field: Field) -> None:
    with pytest.raises(Usage, match=f"a value of {field.name} that is none of its levels") as raised:
        records(field, rules=[])
    assert "severe" not in str(raised.value)
    assert "sle" not in str(raised.value)


def test_the_dictionary_has_the_published_columns_and_one_line_a_field() -> None:
    fields = asked(*FIELDS, rules=["RST-04"])
    table = redcap.dictionary(fields)
    assert table.columns == PUBLISHED
    assert len(PUBLISHED) == 18
    assert table["Variable / Field Name"].to_list() == [one.name for one in fields]
    assert set(table["Form Name"]) == {"restarts"}


def line(name: str, *fields: Field) -> dict[str, str]:
    """A line of the dictionary without what is empty, and without its name and form."""
    table = redcap.dictionary(asked(*(fields or FIELDS), rules=["RST-04"], reasons=True))
    [row] = table.filter(pl.col(PUBLISHED[0]) == name).drop(PUBLISHED[:2]).to_dicts()
    return {column: value for column, value in row.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("sex", "radio", {PUBLISHED[5]: "F, F | M, M"}),
        ("age", "text", {PUBLISHED[6]: "Unit: a", PUBLISHED[7]: "integer"}),
        ("had", "checkbox", {PUBLISHED[5]: "ibd, ibd | sle, sle | none_coded, none coded"}),
        ("peak", "text", {PUBLISHED[6]: "Unit: 1", PUBLISHED[7]: "number"}),
        ("peak_day", "text", {PUBLISHED[6]: "Unit: d", PUBLISHED[7]: "integer"}),
        ("peak_week", "text", {PUBLISHED[6]: "Unit: wk", PUBLISHED[7]: "integer"}),
        ("hys_law", "yesno", {}),
        ("record_id", "text", {PUBLISHED[10]: "y"}),
        ("subject_id", "text", {PUBLISHED[7]: "integer", PUBLISHED[10]: "y"}),
        ("rst_04", "radio", {PUBLISHED[5]: "violation, violation | indeterminate, indeterminate | pass, pass"}),
    ],
)
def test_a_line_of_the_dictionary(name: str, kind: str, told: dict[str, str]) -> None:
    found = line(name)
    assert found.pop("Field Label")
    assert found == {"Field Type": kind, **told}


def test_what_a_field_means_is_what_the_release_says_of_its_column() -> None:
    assert line("peak")["Field Label"] == MEANING["peak_x_uln"]
    assert line("peak_day")["Field Label"] == f"{MEANING['peak_date']} Days from the restart; before it below 0."
    assert (
        line("peak_week")["Field Label"] == f"{MEANING['peak_date']} Whole weeks from the restart; before it below 0."
    )
    assert "status_to_date" not in line("last_day")["Field Label"]
    rule = register(EDITION)["RST-04"]
    assert line("rst_04")["Field Label"] == f"RST-04 {rule.title}. {rule.statement}"


def test_a_label_cannot_break_the_choices_apart() -> None:
    assert redcap.choices([("a", "one | two, three"), ("b", "four")]) == "a, one / two, three | b, four"


def test_true_dates_are_told_as_dates_and_ids_of_the_source_as_such() -> None:
    agreed = Agreement(subject_ids="source", dates="true")
    field = Field(name="restarted", source="restart_date", type="date")
    fields = rows.variables(Rows(reasons=False, rules=[], field=[field]), agreed, EDITION)
    table = rows.table(wide(), FRAMES["findings"], fields)
    assert table["restarted"].to_list() == [date(2023, 3, 1), date(2024, 1, 1), date(2022, 3, 1)]
    assert redcap.dictionary(fields)[PUBLISHED[7]].to_list() == [None, "integer", "date_ymd"]
    assert ["identifies the person" in one.meaning for one in fields] == [True, True, False]
    assert [one.is_identifier for one in fields] == [True, True, False]


def test_the_codebook_has_every_column_of_every_table() -> None:
    fields = asked(*FIELDS, rules=["RST-04"], reasons=True)
    book = papers.codebook([("omop/drug_era", omop.ERAS)], ("redcap/records", "records"), fields)
    of_records = book.filter(pl.col("file") == "redcap/records, records")
    assert of_records["field"].to_list() == records(*FIELDS, rules=["RST-04"], reasons=True).columns
    assert book.filter(pl.col("file") == "omop/drug_era")["field"].to_list() == omop.ERAS.names
    assert book["meaning"].null_count() == 0
    lines = {row["field"]: row for row in book.to_dicts()}
    assert (lines["peak"]["type"], lines["peak"]["unit"], lines["peak"]["levels"]) == ("number", "1", None)
    assert (lines["gap_days"]["type"], lines["gap_days"]["unit"]) == ("integer", "d")
    assert (lines["had___ibd"]["type"], lines["had___ibd"]["levels"]) == ("0 or 1", "1 where ibd, else 0")
    assert lines["sex"]["levels"] == "F, F | M, M"


def test_the_citation_names_publisher_terms_and_version() -> None:
    told = Citation(publisher='North "Site": one', terms="by agreement: only", license="CC-BY-4.0")
    assert papers.citation("Restarts", "2025-10-25, as of 2026-06", told).decode() == (
        'cff-version: "1.2.0"\n'
        'message: "If you use these data, cite them as below. Terms: by agreement: only"\n'
        'type: "dataset"\n'
        'title: "Restarts"\n'
        'version: "2025-10-25, as of 2026-06"\n'
        'authors: [{"name": "North \\"Site\\": one"}]\n'
        'license: "CC-BY-4.0"\n'
    )
    assert b"license" not in papers.citation("R", "v", Citation(publisher="N", terms="t"))


def test_a_release_without_a_restart_has_records_without_a_row() -> None:
    fields = asked(*FIELDS, rules=["RST-04"])
    table = rows.table(wide().clear(), FRAMES["findings"].clear(), fields)
    assert (table.height, table.width) == (0, len(records(*FIELDS, rules=["RST-04"]).columns))
