"""What the fields of HL7 v2 say: a table of shapes for each macro of sql/sources/hl7v2/macros.sql."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.intake import steps as intake
from flows.references import units
from flows.shipped import SQL
from flows.warehouse.duck import Warehouse
from tests.flows.extracts import references


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("work")) as opened:
        units.teach(opened)
        intake.prepare(opened, None, references())
        for name in ("sources/macros", "sources/hl7v2/macros"):
            opened.run((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        opened.set("time_zone", "Europe/Berlin")
        yield opened


def said(warehouse: Warehouse, macro: str, *values: object) -> Any:
    marks = ", ".join("CAST(? AS VARCHAR)" for _ in values)
    return warehouse.rows(f"SELECT {macro}({marks})", values)[0][0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20240201", "2024-02-01"),
        ("20240201-0500", "2024-02-01"),
        ("2024020108", "2024-02-01T08:00:00"),
        ("202402010810", "2024-02-01T08:10:00"),
        ("20240201081059", "2024-02-01T08:10:59"),
        ("20240201081059.1", "2024-02-01T08:10:59.1"),
        ("20240201081059.1234+0130", "2024-02-01T08:10:59.1234+01:30"),
        ("202402010810-0700", "2024-02-01T08:10:00-07:00"),
        ("2024020108+0000", "2024-02-01T08:00:00+00:00"),
        ("20240229", "2024-02-29"),
        ("2024-02-01T08:10:00", "2024-02-01T08:10:00"),  # ISO already, which the contract reads
        # No day, or none that there is: as it stands, for the contract to reject.
        ("2024", "2024"),
        ("202402", "202402"),
        ("20240230", "20240230"),
        ("20241301", "20241301"),
        ("202402012510", "202402012510"),
        ("202402010861", "202402010861"),
        ("20240201081", "20240201081"),
        ("2024020108.5", "2024020108.5"),
        ("20240201 0810", "20240201 0810"),
        ("20240201+1", "20240201+1"),
        ("yesterday", "yesterday"),
        (None, None),
    ],
)
def test_a_time_is_read_with_its_precision_and_its_offset(warehouse: Warehouse, written: str, read: str) -> None:
    assert said(warehouse, "hl7_time", written) == read


@pytest.mark.parametrize("time", ["2024020108", "20240201081059.1234+0130", "202402010810-0700", "20240201-0500"])
def test_a_time_read_is_one_that_the_contract_reads(warehouse: Warehouse, time: str) -> None:
    [(day, instant)] = warehouse.rows(f"SELECT as_day(hl7_time('{time}')), as_instant(hl7_time('{time}'))")
    assert (str(day), instant is None) == ("2024-02-01", False)


@pytest.mark.parametrize(
    ("written", "unit", "low", "high"),
    [
        ("7-56", "U/L", "7", "56"),
        ("7 - 56", "U/L", "7", "56"),
        ("7 to 56", None, "7", "56"),
        ("7to56", None, "7", "56"),
        ("(7-56)", "U/L", "7", "56"),
        ("[7-56]", "U/L", "7", "56"),
        ("( 7 - 56 )", "U/L", "7", "56"),
        ("0.2\u20131.2", "mg/dL", "0.2", "1.2"),
        (" 7-56 ", "U/L", "7", "56"),
        ("-5-10", "mmol/L", "-5", "10"),
        ("-10 - -5", "mmol/L", "-10", "-5"),
        ("7-7", "U/L", "7", "7"),
        ("10-9", "U/L", "10", "9"),  # the contract sees that it runs backwards
        ("9-10", "U/L", "9", "10"),
        ("7-56 U/L", "U/L", "7", "56"),
        ("7-56U/L", "U/L", "7", "56"),
        ("(7-56) U/L", "U/L", "7", "56"),
        ("7-56 IU/L", "U/L", "7", "56"),
        ("7-56 U/L", "[IU]/L", "7", "56"),
        ("7-56 U/L", None, "7", "56"),
        ("4.0-11.0 10*3/uL", "10*3/uL", "4.0", "11.0"),
        ("7-56 U/L", "ukat/L", None, None),
        ("0,4-1,3", "mg/dL", "0.4", "1.3"),
        ("0,125-1,25", "mg/dL", "0.125", "1.25"),
        ("1,000-4,000", "/uL", None, None),
        ("4.000,5-11", "/uL", None, None),
        ("<45", "U/L", None, "45"),
        ("< 45", "U/L", None, "45"),
        ("<=45", "U/L", None, "45"),
        ("≤45", "U/L", None, "45"),
        ("<10 ug/dl", "ug/dL", None, "10"),
        ("<10 ug/dl", "mg/dl", None, None),
        (">10", "U/L", "10", None),
        (">=10", "U/L", "10", None),
        ("≥ 10 U/L", "U/L", "10", None),
        (">1,000", "U/L", None, None),
        (".5-1", "mg/dL", ".5", "1"),
        ("<9 mcg/dL:  Acceptable background lead exposure", "ug/dL", None, None),
        ("High Viral Load > or = 850000iU/mL", "iU/mL", None, None),
        ("M: 10-50, F: 7-35", "U/L", None, None),
        ("10-50~7-35", "U/L", None, None),
        ("^^10.000000", "ug/dL", None, None),
        ("up to 40", "U/L", None, "40"),
        ("Less than 40 U/L", "U/L", None, "40"),
        ("Greater than 40", "U/L", "40", None),
        ("above 40", "U/L", "40", None),
        ("up to 40-60", "U/L", None, None),
        ("7-56-60", "U/L", None, None),
        ("7-", "U/L", None, None),
        ("7..5-9", "U/L", None, None),
        ("56", "U/L", None, None),
        ("1:40-1:80", None, None, None),
        ("negative", None, None, None),
        (None, "U/L", None, None),
    ],
)
def test_a_range_gives_its_limits_or_none(
    warehouse: Warehouse, written: str, unit: str | None, low: str | None, high: str | None
) -> None:
    limits = said(warehouse, "hl7_range", written, unit) or {"low": None, "high": None}
    assert (limits["low"], limits["high"]) == (low, high)


@pytest.mark.parametrize(
    ("kind", "value", "parts", "read"),
    [
        ("NM", "50", (), "50"),
        ("nm", "50", (), "50"),
        (None, "50", (), "50"),
        ("ST", "<5", (), "<5"),
        ("ST", "> 500", (), "> 500"),
        ("TX", "1,234", (), "1,234"),
        ("FT", "5.0 H", (), "5.0 H"),
        ("NM", "40^U/L", (), "40^U/L"),
        ("SN", "^100", (None, "100"), "100"),
        ("SN", ">^11.0", (">", "11.0"), "11.0"),
        ("sn", ">=^11.0", (">=", "11.0"), "11.0"),
        ("SN", "=^7", ("=", "7"), "7"),
        ("SN", "<^5^", ("<", "5", None), "5"),
        ("SN", "<>^5", ("<>", "5"), "<>5"),
        ("SN", "^1^-^10", (None, "1", "-", "10"), "1-10"),
        ("SN", "^2^:^1", (None, "2", ":", "1"), "2:1"),
        ("SN", "^2^+", (None, "2", "+"), "2+"),
        ("SN", "12", ("12",), "12"),
        ("SN", "^", (None, None), None),
        ("CE", "POS^positive", (), "positive"),
        ("CWE", "260373001^Detected^SCT", (), "Detected"),
        ("CWE", "260373001^^SCT^D^found^L", (), "found"),
        ("CWE", '1^""', (), '1^"" (code)'),
        ("cwe", "^<5", (), "<5"),
        ("CNE", "5", (), "5 (code)"),
        ("CF", "5^^SCT", (), "5^^SCT (code)"),
        ("CE", None, (), None),
        ("RP", "5", (), "document (RP)"),
        ("ED", "^application^pdf^Base64^JVBERi0=", (), "document (ED)"),
    ],
)
def test_a_value_is_a_number_only_where_nothing_is_cut_off(
    warehouse: Warehouse, kind: str, value: str, parts: tuple[str, ...], read: str
) -> None:
    assert said(warehouse, "hl7_value", kind, value, "1", *(*parts, *[None] * 4)[:4]) == read


def test_several_values_are_shown_together_and_are_no_number(warehouse: Warehouse) -> None:
    assert said(warehouse, "hl7_value", "NM", "40~45", "2", *[None] * 4) == "40~45"
    assert said(warehouse, "hl7_value", "SN", "<^5~>^9", "2", *[None] * 4) == "<^5~>^9"


@pytest.mark.parametrize(
    ("kind", "comparator", "read"),
    [
        *[("SN", sign, sign) for sign in ("<", "<=", ">", ">=")],
        *[("SN", sign, None) for sign in ("=", "<>", "12", None)],
        ("sn", "<", "<"),
        ("NM", "<", None),
    ],
)
def test_the_comparator_is_of_a_structured_numeric(warehouse: Warehouse, kind: str, comparator: str, read: str) -> None:
    assert said(warehouse, "hl7_comparator", kind, comparator) == read


@pytest.mark.parametrize(
    ("system", "vocabulary"),
    [
        *[(name, "LOINC") for name in ("LN", "ln", "LOINC", "2.16.840.1.113883.6.1")],
        *[(name, "SNOMED CT") for name in ("SCT", "SNM", "SNOMED", "SNOMED CT", "SNOMED-CT", "SNOMEDCT")],
        ("2.16.840.1.113883.6.96", "SNOMED CT"),
        ("2.16.840.1.113883.6.12", "CPT"),
        *[(name, "CPT") for name in ("C4", "CPT", "CPT4", "CPT-4")],
        *[("concept", "concept"), ("omop", "OMOP"), ("MIMIC-IV", "MIMIC-IV")],
        *[(name, "local") for name in ("L", "99LAB", "UNKNOWN", "", None)],
    ],
)
def test_a_coding_system_is_a_vocabulary_of_the_contract(warehouse: Warehouse, system: str, vocabulary: str) -> None:
    assert said(warehouse, "hl7_vocabulary", system) == vocabulary


@pytest.mark.parametrize(
    ("parts", "unit"),
    [
        (("U/L", None, None, None, None), "U/L"),
        (("U/L", "unit per liter", "UCUM", None, None), "U/L"),
        (("UPL", "unit per liter", "L", "U/L", "UCUM"), "U/L"),
        (("UPL", "unit per liter", "L", None, "UCUM"), "UPL"),
        (("U/L", "unit per liter", "UCUM", "ukat/L", "UCUM"), "U/L"),
        (("UPL", None, "L", "U/L", "L"), "UPL"),
        ((None, "U/L", None, None, None), "U/L"),
        ((None, "x", "UCUM", None, None), "x"),
        (("10", "3/uL", None, None, None), "10^3/uL"),
        (("x10", "9/L", None, None, None), "x10^9/L"),
        (("10", "ten", None, None, None), "10"),
        ((None, None, None, None, None), None),
    ],
)
def test_the_unit_is_the_ucum_code_or_as_it_is_written(warehouse: Warehouse, parts: tuple[str, ...], unit: str) -> None:
    assert said(warehouse, "hl7_unit", *parts) == unit


@pytest.mark.parametrize(
    ("result", "order", "value", "status"),
    [
        *[(code, None, "5", "final") for code in "FUVBf"],
        *[(code, None, "5", "corrected") for code in "CA"],
        *[(code, None, "5", "preliminary") for code in "PRS"],
        *[(code, None, "5", "entered-in-error") for code in "DWdw"],
        *[(code, "F", None, "cancelled") for code in "Xx"],
        ("Q", "F", "5", "Q"),
        ("F", "P", "5", "final"),
        ("P", "F", "5", "preliminary"),
        (None, None, "5", "final"),
        (None, "F", "5", "final"),
        *[(None, code, "5", "corrected") for code in "CM"],
        *[(None, code, "5", "preliminary") for code in "PRAISON"],
        (None, "X", "5", "cancelled"),
        (None, "Q", "5", "Q"),
        *[("F", None, text, "cancelled") for text in ("TNP", "not performed", "Test not done", "CANCELED", "QNS")],
        ("F", None, "no specimen received", "cancelled"),
        ("F", None, "TNP^Test not performed^L", "cancelled"),
        ("F", None, "L77^not performed", "cancelled"),
        ("F", None, "NEG^negative^L", "final"),
        ("D", None, "TNP", "entered-in-error"),
        ("F", None, "not detected", "final"),
        ("F", None, "not performed here before", "final"),
    ],
)
def test_the_status_is_the_results_own_or_the_reports(
    warehouse: Warehouse, result: str, order: str, value: str, status: str
) -> None:
    assert said(warehouse, "hl7_status", result, order, value) == status


@pytest.mark.parametrize(
    ("result", "order", "value", "reason"),
    [
        *[(code, "F", None, "no_result") for code in "IONi"],
        ("I", "F", "5", "no_result"),
        *[(None, code, None, "no_result") for code in "ISONYZ"],
        *[(None, code, "5", None) for code in "ISONYZ"],
        *[("F", "F", text, "no_result") for text in ("PENDING", "in progress", "Result to follow")],
        ("F", "F", "P^Pending^L", "no_result"),
        ("F", "F", "not pending", None),
        ("U", "F", None, "status_only"),
        ("U", "F", "5", None),
        *[(code, "I", None, None) for code in "FCPRSXDW"],
        *[(code, "I", "pending", None) for code in "XDW"],
        (None, None, None, None),
        (None, "X", None, None),
    ],
)
def test_what_is_no_result_is_left_out(
    warehouse: Warehouse, result: str, order: str, value: str, reason: str | None
) -> None:
    assert said(warehouse, "hl7_no_result", result, order, value) == reason


@pytest.mark.parametrize(
    ("species", "text", "is_animal"),
    [
        (None, None, False),
        ("44696006", "Beagle", True),
        (None, "Feline", True),
        ("337915000", None, False),
        ("337915000", "Homo sapiens (organism)", False),
        ("HUMAN", None, False),
        ("L1", "human being", False),
        ("L2", "humanoid robot", True),
    ],
)
def test_a_species_marks_an_animal_unless_it_is_ours(
    warehouse: Warehouse, species: str, text: str, is_animal: bool
) -> None:
    assert said(warehouse, "hl7_is_animal", species, text) is is_animal


def test_a_part_of_an_id_cannot_look_like_two(warehouse: Warehouse) -> None:
    assert said(warehouse, "hl7_part", "a|b") == "a\\F\\b"
    assert said(warehouse, "hl7_part", None) == ""


def test_a_typed_column_is_written_as_the_contract_reads_it(warehouse: Warehouse) -> None:
    written = "local_text('x'), local_text(3.3::DOUBLE), local_text(DATE '2024-02-01')"
    instants = "local_text(TIMESTAMP '2024-02-01 23:30:00'), local_text(TIMESTAMPTZ '2024-02-01 23:30:00+00')"
    [row] = warehouse.rows(f"SELECT {written}, {instants}")
    assert row == ("x", "3.3", "2024-02-01", "2024-02-01 23:30:00", "2024-02-02 00:30:00")


def test_every_macro_has_its_table_here() -> None:
    text = (SQL / "sources" / "hl7v2" / "macros.sql").read_text(encoding="utf-8")
    macros = {line.split("(")[0].split()[-1] for line in text.splitlines() if line.startswith("CREATE MACRO")}
    here = Path(__file__).read_text(encoding="utf-8")
    of_others = {
        "hl7_range_parts",
        "hl7_range_limits",
        "hl7_limit",
        "hl7_range_in",
        "hl7_coded_words",
        "hl7_is_not_done",
        "hl7_is_pending",
    }
    assert {name for name in macros if f'"{name}"' not in here and f"{name}(" not in here} <= of_others
