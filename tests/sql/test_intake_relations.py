"""The relations of data in: one SELECT of named steps a file, and what their readers make of a received value."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.frames import STAGED
from expectations import TABLES
from flows.errors import Refused
from flows.references import analytes as reference
from flows.references import codelists, units, words
from flows.shipped import DATA, SQL
from flows.warehouse.duck import Warehouse, refusing

FILES = sorted([*(SQL / "intake").rglob("*.sql"), *(SQL / "reference").glob("*.sql")])


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        units.teach(opened)
        opened.set("time_zone", "Europe/Berlin")
        yield opened


def value(warehouse: Warehouse, expression: str, *parameters: Any) -> Any:
    """Return the value of an expression."""
    return warehouse.rows(f"SELECT {expression}", parameters)[0][0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_relation_is_one_select_of_named_steps(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert "Grain:" in text.split("WITH\n")[0]
    code = re.sub(r"--.*", "", text)
    assert code.lstrip().startswith("WITH\n")
    assert re.search(r"\nfinal AS \(", code)
    assert re.search(r"\nSELECT \* FROM final(\nORDER BY[^\n]*| ORDER BY[^\n]*)?\n$", code)
    assert ";" not in code


def test_each_table_and_each_staged_frame_has_its_relation() -> None:
    names = {table.name for table in TABLES}
    assert {path.stem for path in (SQL / "intake" / "extract").glob("*.sql")} == names
    assert names <= {path.stem for path in (SQL / "intake" / "resolved").glob("*.sql")}
    assert {frame.name for frame in STAGED} <= {path.stem for path in (SQL / "intake" / "staging").glob("*.sql")}
    assert {table.staged for table in TABLES} == {frame.name for frame in STAGED}


def test_no_relation_writes_a_code_or_a_clinical_number() -> None:
    text = "\n".join(re.sub(r"--.*", "", path.read_text(encoding="utf-8")) for path in FILES)
    assert set(re.findall(r"(?<![\w$])\d+(?:\.\d+)?(?![\w.])", text)) <= {"0", "1"}


@pytest.mark.parametrize(
    ("given", "read"),
    [("x", "x"), (" x ", "x"), ("\tx ", "x"), ("a b", "a b"), ("", None), ("   ", None), ("\r\n", None), (None, None)],
)
def test_text_is_read_without_the_blanks_around_it(warehouse: Warehouse, given: str | None, read: str | None) -> None:
    assert value(warehouse, "as_text(CAST(? AS VARCHAR))", given) == read
    assert value(warehouse, "is_given(CAST(? AS VARCHAR))", given) == (read is not None)


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2024-07-01", "2024-06-30 22:00:00"),
        ("2024-07-01 10:00", "2024-07-01 08:00:00"),
        ("2024-07-01T10:00:00Z", "2024-07-01 10:00:00"),
        ("2024-07-01 10:00:00+05:30", "2024-07-01 04:30:00"),
        ("2024-07-01 10:00:00-05", "2024-07-01 15:00:00"),
        ("2024-07-01 25:00:00", None),
        ("July", None),
    ],
)
def test_a_time_without_an_offset_is_local_time_at_the_site(
    warehouse: Warehouse, given: str, instant: str | None
) -> None:
    assert value(warehouse, "strftime(timezone('UTC', as_instant(?)), '%Y-%m-%d %H:%M:%S')", given) == instant


def test_an_infinite_date_is_none(warehouse: Warehouse) -> None:
    for kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
        assert value(warehouse, f"as_day(CAST('infinity' AS {kind}))") is None
        assert value(warehouse, f"as_day(CAST('2024-07-01' AS {kind}))") == date(2024, 7, 1)


def test_sql_reads_units_as_python_does(warehouse: Warehouse) -> None:
    assert value(warehouse, "unit_factors('enzyme', 'U/mL')") == {"multiply": 1000, "divide": 1}
    assert value(warehouse, "unit_factors('inr', NULL)") == {"multiply": 1, "divide": 1}
    assert value(warehouse, "unit_factors('enzyme', 'MU/mL')") is None
    assert value(warehouse, "unit_factors(NULL, 'U/L')") is None
    assert value(warehouse, "unit_ratio('U/L', 'ukat/L')") == 60
    assert value(warehouse, "unit_ratio('U/L', 'mg/dL')") is None


def test_icd_codes_match_with_and_without_the_dot_and_others_as_they_are(warehouse: Warehouse) -> None:
    assert value(warehouse, "code_key('ICD-10-CM', 'k76.82')") == "K7682"
    assert value(warehouse, "code_key('LOINC', '1742-6')") == "1742-6"
    assert value(warehouse, "code_key('local', 'a.b')") == "a.b"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("azaTHIOprine (IMURAN)", ["azathioprine", "imuran"]),
        ("50mg/2,5 ml", ["50", "mg", "2,5", "ml"]),
        ("Azatioprína 50 \u00b5g", ["azatioprina", "50", "ug"]),
        ("5 \u03bcg", ["5", "ug"]),
        ("1% cream", ["1", "%", "cream"]),
        ("1\uff05", ["1", "%"]),
        ("a_b-c/d+e", ["a", "b", "c", "d", "e"]),
        ("...", []),
    ],
)
def test_a_name_is_words_numbers_and_percent_signs(warehouse: Warehouse, given: str, words: list[str]) -> None:
    assert value(warehouse, "name_words(?)", given) == words


def test_a_name_is_compared_without_case_and_with_single_blanks(warehouse: Warehouse) -> None:
    assert value(warehouse, "code_key('name', 'Hydrocodone  -\tAPAP')") == "hydrocodone - apap"


def test_the_words_that_say_no_drug_are_words_and_none_names_a_drug(warehouse: Warehouse) -> None:
    reference.load(warehouse)
    assert warehouse.rows("SELECT word FROM reference.name_words WHERE name_words(word) <> [word]") == []
    assert warehouse.rows("SELECT word FROM reference.name_words GROUP BY word HAVING count(*) > 1") == []
    kinds = {kind for (kind,) in warehouse.rows("SELECT DISTINCT kind FROM reference.name_words")}
    assert kinds == {"unit", "piece", "form", "salt", "link"}
    warehouse.load("reference", "codes", codelists.load().codes)
    for name in ("code_keys", "listed_names"):
        warehouse.create("VIEW", "resolved", name)
    names = "SELECT unnest(words) AS word FROM resolved.listed_names"
    assert warehouse.rows(f"SELECT word FROM ({names}) SEMI JOIN reference.name_words USING (word)") == []


def test_the_reference_tables_fit_together(warehouse: Warehouse) -> None:
    reference.load(warehouse)
    assert value(warehouse, "count(*) FROM reference.inferable_units") == value(
        warehouse, "count(*) FROM reference.inferred_units"
    )
    unknown = "SELECT concept FROM {} EXCEPT SELECT concept FROM reference.concepts WHERE domain = 'lab'"
    for table in ("plausible", "uln", "inferred_units"):
        assert warehouse.rows(unknown.format(f"reference.{table}")) == []
    canonical = warehouse.rows("SELECT unit_factors(quantity, unit) FROM reference.plausible")
    assert [factors for (factors,) in canonical] == [{"multiply": 1, "divide": 1}] * len(canonical)
    assert warehouse.rows("SELECT concept FROM reference.uln ANTI JOIN reference.plausible USING (concept, unit)") == []
    needing = "SELECT concept FROM reference.analytes WHERE needs_value AND quantity IS NULL"
    assert warehouse.rows(needing) == []
    assert warehouse.rows("SELECT spelling FROM reference.frequencies WHERE frequency_key(spelling) <> spelling") == []


def test_every_reference_file_is_loaded() -> None:
    assert {path.stem for path in (DATA / "reference").glob("*.csv")} == {*reference.FILES, *units.FILES, words.FILE}


def test_a_mistake_in_sql_is_no_fault_of_the_data(warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match="no_such_table") as mistake, refusing("the file is damaged"):
        warehouse.run("SELECT * FROM no_such_table")
    assert not isinstance(mistake.value, Refused)
    with pytest.raises(Refused, match="the file is damaged"), refusing("the file is damaged"):
        warehouse.run("SELECT CAST('secret' AS INTEGER)")
