"""The lists of the report, from all findings to what became of the rows, by value."""

import polars as pl
import pytest

from audit.frames import MARKS, REJECTS, SOURCE_ROWS, UNREAD_TEXTS
from flows.pages.sections import findings
from tests.flows import made
from tests.flows.made import NOBODY, THIN, page, section
from tests.flows.markup import Node


@pytest.fixture(scope="module")
def shown() -> Node:
    return page()


# --- All findings -----------------------------------------------------------------------------------


def test_every_finding_that_is_neither_pass_nor_not_applicable_is_given_to_the_script(shown: Node) -> None:
    assert [(row["episode"], row["rule"], row["urgency"], row["verdict"]) for row in made.found(shown)] == [
        ("e3", "RST-04", "review", "violation"), ("e2", "MON-01", "open", "advisory"),
        ("e3", "MON-01", "open", "indeterminate"), ("e3", "STP-01", "open", "indeterminate"),
        ("e1", "STP-01", "past", "violation"), ("e1", "RST-04", "past", "violation"),
    ]  # fmt: skip
    assert made.found(shown)[4] == {
        "patient": "p1", "episode": "e1", "event": "2022-03-09", "rule": "STP-01", "site": "north", "urgency": "past",
        "verdict": "violation", "mark": "", "sentence": "Went on for 9 days.", "note": "",
    }  # fmt: skip
    assert section(shown, "findings").one("h2").text == "All findings 6"


@pytest.mark.parametrize(
    "said",
    ["", "No number.", "7", "7 8", "On 2024-01-02, >120 U/L (2.67 x 45).", "1.2.3.", "a 1 b  2  c", "12:30 3-4"],
)
def test_a_sentence_comes_out_as_it_went_in(said: str) -> None:
    finding = f'-- findings\nepisode_id | rule_id | verdict | message\ne1 | R1 | violation | "{said}"'
    urgency = "-- urgency\nepisode_id | rule_id | urgency\ne1 | R1 | past"
    shown = page(f"-- episodes\nepisode_id\ne1\n{finding}\n{urgency}")
    assert [row["sentence"] for row in made.found(shown)] == [said]


def test_a_mark_is_listed_with_who_set_it_and_its_note() -> None:
    mark = {"episode_id": "e3", "rule_id": "RST-04", "mark": "not_an_error", "marked_by": "N", "note": "seen 2 times"}
    marks = pl.DataFrame([{**mark, "is_folded": True}], schema=MARKS.schema)
    first, *others = made.found(page(marks=marks))
    assert (first["rule"], first["mark"], first["note"]) == ("RST-04", "not an error", "by N: seen 2 times")
    assert {(row["mark"], row["note"]) for row in others} == {("", "")}


@pytest.mark.parametrize(
    ("most", "listed", "words"), [(5, 5, ": the first 5, all others are in findings.parquet"), (6, 6, "")]
)
def test_a_long_list_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch, most: int, listed: int, words: str) -> None:
    monkeypatch.setattr(findings, "MOST", most)
    shown = page()
    assert len(made.found(shown)) == listed
    assert section(shown, "findings").all("p")[0].text == (
        f"What is neither pass nor not applicable, the most urgent first{words}."
    )


def test_without_a_finding_there_is_no_list() -> None:
    found = section(page(NOBODY), "findings")
    assert [p.text for p in found.all("p")] == ["Every finding is pass or not applicable."]
    assert (found.all("table"), found.all("script")) == ([], [])


# --- What became of the rows ----------------------------------------------------------------------


def under(shown: Node, head: str) -> tuple[list[str], list[list[list[str]]]]:
    """Return the paragraphs and the tables between a heading of the data and the next, a table with its caption."""
    parts = [part for part in section(shown, "quality").parts if isinstance(part, Node)]
    start = next(n for n, part in enumerate(parts) if part.tag == "h3" and part.text == head)
    after = parts[start + 1 :]
    end = next((n for n, part in enumerate(after) if part.tag == "h3"), len(after))
    tables = [table for part in after[:end] for table in part.all("table")]
    return (
        [part.text for part in after[:end] if part.tag == "p"],
        [[[table.one("caption").text], *table.rows()] for table in tables],
    )


def test_the_notes_are_listed_as_they_are(shown: Node) -> None:
    quality = section(shown, "quality")
    assert quality.all("h3")[0].text == "What could not be judged, and what was left out"
    assert [item.text for item in quality.one("ul").all("li")] == ["one is missing", "a < b"]
    without = section(page(notes=[]), "quality")
    assert (without.all("ul"), without.all("h3")[0].text) == ([], "Rejected rows")


def test_the_rows_read_are_accounted_for_and_nothing_is_pale(shown: Node) -> None:
    table = section(shown, "quality").all("table")[0]
    assert table.one("caption").text == (
        "Every row read is accounted for: rows read = the sum of the columns after it"
    )  # fmt: skip
    assert table.rows() == [
        ["table name", "read", "not needed"],
        ["lab_results", f"12{THIN}345", f"12{THIN}340"],
        ["patients", "0", "0"],
    ]
    assert [[cell.classes for cell in row.cells()] for row in table.all("tr")] == [
        ["", "num", "num"], ["", "num", "num"], ["", "num zero", "num zero"],
    ]  # fmt: skip


def test_the_rows_of_another_source_are_accounted_for_above(shown: Node) -> None:
    source = pl.DataFrame(
        [
            ("person", "patients", "carried_over", None, 4321),
            ("measurement", None, "left_out", "no_patient", 2),
        ],
        schema=SOURCE_ROWS.schema, orient="row",
    )  # fmt: skip
    tables = section(page(source_rows=source), "quality").all("table")
    assert tables[0].one("caption").text == (
        "Every row of the source (omop) is accounted for: what was carried over is read below"
    )
    assert tables[0].rows() == [
        ["source table", "table name", "disposition", "reason", "rows"],
        ["person", "patients", "carried over", "", f"4{THIN}321"],
        ["measurement", "", "left out", "no patient", "2"],
    ]
    assert [[cell.classes for cell in row.cells()] for row in tables[0].all("tr")] == [["", "", "", "", "num"]] * 3
    assert [table.attrs["class"] for table in tables[:1]] == ["fit"]
    assert len(section(shown, "quality").all("table")) == len(tables) - 1


def test_rejects_are_counted_by_table_and_reason_the_most_first(shown: Node) -> None:
    assert under(shown, "Rejected rows") == (
        [],
        [
            [
                ["Rejected rows by table and reason; the rows themselves are in rejects.parquet"],
                ["Table", "Reason", "Rule that it broke", "Rows"],
                ["lab_results", "malformed_line", "as many fields as the header", "2"],
                ["lab_results", "unknown_unit", "the unit is known", "1"],
                ["patients", "unknown_sex", "sex is F, M or empty", "1"],
            ]
        ],
    )
    assert under(page(NOBODY), "Rejected rows") == (["No row was rejected."], [])


def test_one_reason_of_several_rules_is_told_by_the_first_and_thousands_are_parted() -> None:
    rows = [("patients", n, None, "unreadable_date", "b" if n else "a", None) for n in range(1000)]
    rows += [("labs", 1, None, "x", "z", None), ("labs", 2, None, "a", "z", None), ("events", 3, None, "x", "z", None)]
    shown = page(rejects=pl.DataFrame(rows, schema=REJECTS.schema, orient="row"))
    [[_, _, *found]] = under(shown, "Rejected rows")[1]
    assert found == [
        ["patients", "unreadable_date", "a", f"1{THIN}000"], ["events", "x", "z", "1"], ["labs", "a", "z", "1"],
        ["labs", "x", "z", "1"],
    ]  # fmt: skip


MATCHED_TO = (
    "whose concept was found otherwise than by a code on a list; a wrong one belongs on the site\u2019s own list"
)
LOOKS_LIKE = (
    "in which a listed name stands beside words that no list explains: their rows were not used; a name that is the"
    " drug belongs on the site\u2019s own list"
)
NOT_LISTED = (
    "that no code list knows: their rows were not needed, unless one of them is a liver test or the drug under a local"
    " name"
)
NOT_READ = (
    "of the audited drug that no reading explains: the doses of their records are unknown; a reading belongs in the"
    " site\u2019s dosage_readings.csv"
)
NOT_A_LIMIT = (
    "whose printed upper limit lies outside what any laboratory prints, below its own lower limit, or is called a lower"
    " limit by its text: it was replaced by the site\u2019s or the default one"
)


def test_names_that_matched_and_names_that_nearly_did_stand_apart(shown: Node) -> None:
    assert under(shown, "Names matched by rule: please confirm") == (
        [],
        [
            [
                [f"Names and codes {MATCHED_TO}"],
                ["table name", "vocabulary", "code", "concept", "matched by", "rows"],
                ["drug_exposures", "name", "Imuran 50 mg", "azathioprine", "name", f"1{THIN}234"],
            ]
        ],
    )
    assert under(shown, "Looks like a listed drug but was not matched") == (
        [],
        [
            [
                [f"Names {LOOKS_LIKE}"],
                ["table name", "vocabulary", "code", "concept", "rows", "words left"],
                ["drug_exposures", "name", "Imuran cream", "azathioprine", "7", "cream"],
            ]
        ],
    )


def test_codes_on_no_list_are_listed_and_what_is_not_told_is_empty(shown: Node) -> None:
    assert under(shown, "Codes on no list") == (
        [],
        [
            [
                [f"Codes {NOT_LISTED}"],
                ["table name", "vocabulary", "code", "rows"],
                ["lab_results", "local", "X1", f"4{THIN}321"],
                ["drug_exposures", "", "X2", "1"],
            ]
        ],
    )


@pytest.mark.parametrize(
    ("n", "caption"), [(19, "Codes that"), (20, "Codes that"), (21, "The 20 most frequent of 21 codes that")]
)
def test_a_list_is_cut_after_twenty(n: int, caption: str) -> None:
    codes = pl.DataFrame({"code": [f"C{k:02d}" for k in range(n)], "rows": [100 - k for k in range(n)]})
    [[[said], _, *rows]] = under(page(unlisted=codes), "Codes on no list")[1]
    assert said.startswith(caption)
    assert rows == [[f"C{k:02d}", str(100 - k)] for k in range(min(n, 20))]


def test_limits_that_cannot_be_one_are_listed() -> None:
    limits = pl.DataFrame([("alt", "LAB-A", 1200), ("ast", None, 3)], schema=made.IMPLAUSIBLE_LIMITS, orient="row")
    assert under(page(implausible_limits=limits), "Printed upper limits that cannot be one") == (
        [],
        [
            [
                [f"Analytes and laboratories {NOT_A_LIMIT}"],
                ["concept", "laboratory id", "rows"],
                ["alt", "LAB-A", f"1{THIN}200"],
                ["ast", "", "3"],
            ]
        ],
    )


def test_where_there_is_nothing_to_list_it_is_said() -> None:
    shown = page(NOBODY, unlisted=made.UNLISTED.clear(), matched=made.MATCHED.clear())
    said = {
        "Names matched by rule: please confirm": "Nothing was matched otherwise than by a code on a list.",
        "Looks like a listed drug but was not matched": "No name looks like a listed drug without being matched.",
        "Printed upper limits that cannot be one": "No printed upper limit had to be replaced.",
        "Codes on no list": "Every code is on a list.",
    }
    assert {head: under(shown, head) for head in said} == {head: ([text], []) for head, text in said.items()}
    assert under(shown, "Dosage texts that are not read")[0][0] == (
        "Every dosage text of the audited drug without another dose is read."
    )


RARE = "not shown, as fewer than 3 patients share each: see the table unread_texts."


@pytest.mark.parametrize(
    ("texts", "rows", "said"),
    [
        ([("one daily", 1200, 3)], [["one daily", f"1{THIN}200", "3"]], []),
        ([("one daily", 5, 3), ("Mrs A", 4, 2)], [["one daily", "5", "3"]], [f"1 more {RARE}"]),
        ([("Mrs A", 4, 2), ("Mr B", 4, 1)], [], [f"2 {RARE}"]),
        ([(f"text {n}", 4, 1) for n in range(1000)], [], [f"1{THIN}000 {RARE}"]),
    ],
)
def test_a_dosage_text_that_few_share_is_only_counted(
    texts: list[tuple[str, int, int]], rows: list[list[str]], said: list[str]
) -> None:
    shown = page(unread_texts=pl.DataFrame(texts, schema=UNREAD_TEXTS.schema, orient="row"))
    paragraphs, tables = under(shown, "Dosage texts that are not read")
    assert paragraphs == said
    listed = [[f"Texts {NOT_READ}"], ["text", "rows", "patients"], *rows]
    assert tables == ([listed] if rows else [])
