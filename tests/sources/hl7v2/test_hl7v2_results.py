"""Results: whose, of what order and time, by which code, and under which id all versions of one stand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.flows.extracts import PATIENT
from tests.sources import look
from tests.sources.hl7v2 import made

SPM = "SPM|1|||SER" + "|" * 13


def test_a_result_has_every_column_of_the_contract(tmp_path: Path) -> None:
    assert made.lab(tmp_path) == {
        "row_number": 1,
        "result_id": "p1|F1|1742-6|",
        "patient_id": "p1",
        "collected_at": "2024-02-01T08:10:00",
        "vocabulary": "LOINC",
        "code": "1742-6",
        "value": "50",
        "comparator": None,
        "unit": "U/L",
        "reference_low": "7",
        "reference_high": "56",
        "status": "final",
        "recorded_at": "2024-02-02T10:00:00",
        "laboratory_id": "LABOR",
    }


def test_other_delimiters_are_those_of_msh(tmp_path: Path) -> None:
    text = made.message(made.obx(f2="SN", f5=">^500", f4="a\\S\\b"), pid=made.PID + "||x&y~z")
    other = text.translate(str.maketrans("|^~\\&", "#!%$+"))
    row = made.labs(tmp_path, other)[0]
    assert (row["value"], row["comparator"], row["result_id"]) == ("500", ">", "p1|F1|1742-6|a!b")


@pytest.mark.parametrize("chars", ["^", "^~", "^~\\", "^~\\&#"])
def test_fewer_and_more_delimiters_are_understood(tmp_path: Path, chars: str) -> None:
    rows, _ = made.kept(tmp_path, made.message(head=made.MSH.replace("^~\\&", chars)))
    [row] = rows["observations"]
    assert (row["code"], row["system"], row["patient_id_type"]) == ("1742-6", "LN", "MR")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"\E\F\E\ ", "\\F\\"),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\bold\N\ ", "bold"),
        (r"\X41\\X0D\B", "A\rB"),
        (r"gr\XC3B6\\XC39F\er", "größer"),
        (r"\XFF\ ", r"\XFF" + "\\"),
        (r"\Xzz\ and \.sp3\ and \Z1\ and \C2842\ ", r"\Xzz\ and \.sp3\ and \Z1\ and \C2842" + "\\"),
        (r"C:\lab\report", r"C:\lab\report"),
        (r"ends in \F", r"ends in \F"),
        ('""', None),
        ('"" ""', '"" ""'),
        ("  ", None),
    ],
)
def test_escape_sequences_are_undone_and_unknown_ones_stay(tmp_path: Path, written: str, read: str | None) -> None:
    rows, _ = made.kept(tmp_path, made.message(made.obx(f2="ST", f5=written)))
    assert rows["observations"][0]["value"] == read


def test_hexadecimal_text_is_of_the_character_set_of_its_message(tmp_path: Path) -> None:
    head = made.MSH + "||||||8859/1"
    rows, _ = made.kept(tmp_path, made.message(made.obx(f2="ST", f5="K\\XF6\\ln"), head=head))
    assert rows["observations"][0]["value"] == "Köln"


@pytest.mark.parametrize(
    ("pid_3", "chosen"),
    [
        ("p1", ("p1", None, None)),
        ("x9^^^SSA^SS~p1^^^HOSP&1.2&ISO^MR~p2^^^HOSP^PI", ("p1", "HOSP&1.2&ISO", "MR")),
        ("x9^^^SSA^SS~p2^^^HOSP^PI", ("p2", "HOSP", "PI")),
        ("p1^^^A^MR~p2^^^B^MR", ("p1", "A", "MR")),
        ("x9^^^SSA^SS~x8^^^VISIT^VN", ("x9", "SSA", "SS")),
        ("x9~p1^^^H^MR", ("p1", "H", "MR")),
        ("a\\T\\b^^^H^MR", ("a&b", "H", "MR")),
        ("^^^H^MR", (None, "H", "MR")),
        ('""', (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_the_patient_is_the_medical_record_number(tmp_path: Path, pid_3: str, chosen: tuple[str | None, ...]) -> None:
    rows, _ = made.kept(tmp_path, made.message(pid=f"PID|1||{pid_3}||Doe"), made.message(pid=f"PID|1|old|{pid_3}"))
    for row in rows["observations"]:
        assert (row["patient_id"], row["patient_authority"], row["patient_id_type"]) == chosen


def test_a_pid_without_fields_is_a_patient_without_id(tmp_path: Path) -> None:
    row = made.labs(tmp_path, made.message(pid="PID"))[0]
    assert (row["patient_id"], row["result_id"]) == (None, "|F1|1742-6|")


def test_each_patient_of_a_message_has_their_own_orders(tmp_path: Path) -> None:
    segments = [
        *(made.MSH, made.PID, "ORC|RE|", made.OBR, made.OBX, "NTE|1||x", SPM + "20240101"),
        *(made.OBR.replace("F1", "F2").replace("202402010810", ""), made.obx(f5="51"), SPM + "20240102^20240109"),
        *(made.obx(f4="b", f5="52"), made.PID.replace("p1", "p2"), "PV1|1"),
        *("ORC|RE|P3|F3", "OBR|1|||CMP", made.obx(f5="53"), "ORC|RE|P4|F4", made.obx(f5="54")),
    ]
    rows = made.labs(tmp_path, "\r".join(segments) + "\r", patients=[PATIENT, {**PATIENT, "patient_id": "p2"}])
    assert [(row["value"], row["result_id"], row["collected_at"]) for row in rows] == [
        ("50", "p1|F1|1742-6|", "2024-02-01T08:10:00"),
        ("51", "p1|F2|1742-6|", "2024-01-02"),
        ("52", "p1|F2|1742-6|b", "2024-01-02"),
        ("53", "p2|F3|1742-6|", None),
        ("54", "p2|F4|1742-6|", None),
    ]


def test_a_result_before_its_first_order_is_of_none(tmp_path: Path) -> None:
    text = "\r".join([made.MSH, made.PID, made.obx(f5="49"), made.OBR, made.OBX, ""])
    assert [(row["value"], row["result_id"], row["collected_at"]) for row in made.labs(tmp_path, text)] == [
        ("49", "p1||1742-6|", None),
        ("50", "p1|F1|1742-6|", "2024-02-01T08:10:00"),
    ]


@pytest.mark.parametrize(
    ("observed", "ordered", "specimens", "collected_at"),
    [
        ("20240205", "20240204", ["20240203"], "2024-02-05"),
        ('""', "20240204", ["20240203"], "2024-02-04"),
        ("", "", ["20240203"], "2024-02-03"),
        ("", "", ["20240203", "20240203"], "2024-02-03"),
        ("", "", ["20240203", "20240206"], None),
        ("", "", ["20240203", ""], None),
        ("", "", [], None),
        ("2024", "20240204", [], "2024"),
        ("202402050810-0500^M", "", [], "2024-02-05T08:10:00-05:00"),
    ],
)
def test_a_result_is_of_the_day_of_its_collection(
    tmp_path: Path, observed: str, ordered: str, specimens: list[str], collected_at: str | None
) -> None:
    obr = made.OBR.replace("202402010810", ordered)
    one = made.obx(f14=observed, f19="20240210")
    row = made.lab(tmp_path, one, *(SPM + time for time in specimens), obr=obr + "|||||20240211")
    assert row["collected_at"] == collected_at


def test_a_specimen_may_come_before_the_results(tmp_path: Path) -> None:
    obr = made.OBR.replace("202402010810", "")
    assert made.lab(tmp_path, SPM + "20240203", made.OBX, obr=obr)["collected_at"] == "2024-02-03"


@pytest.mark.parametrize(
    ("head", "obr", "recorded_at"),
    [
        (made.MSH, "", "2024-02-02T10:00:00"),
        (made.MSH.replace("20240202100000", "20240202100000.5+0100^S"), "", "2024-02-02T10:00:00.5+01:00"),
        (made.MSH.replace("20240202100000", ""), "20240203", "2024-02-03"),
        (made.MSH.replace("20240202100000", '""'), "20240203", "2024-02-03"),
        (made.MSH.replace("20240202100000", ""), "", None),
        (made.MSH.replace("20240202100000", "2024"), "20240203", "2024"),
    ],
)
def test_a_version_is_known_from_the_time_of_its_message(
    tmp_path: Path, head: str, obr: str, recorded_at: str | None
) -> None:
    order = "|".join([*made.OBR.split("|")[:22], obr, "", "", "F"])
    assert made.lab(tmp_path, head=head, obr=order)["recorded_at"] == recorded_at


@pytest.mark.parametrize(
    ("obx_3", "vocabulary", "code"),
    [
        ("1742-6^ALT^LN", "LOINC", "1742-6"),
        ("1742-6^ALT", "local", "1742-6"),
        ("GPT^Alat^L^1742-6^ALT^LN", "LOINC", "1742-6"),
        ("34608000^ALT^SCT^9999-9^x^LN", "SNOMED CT", "34608000"),
        ("9999-9^x^LN^34608000^ALT^SCT", "SNOMED CT", "34608000"),
        ("GPT^a^L^9999-9^x^LN^^^^1742-6^ALT^LN", "LOINC", "1742-6"),
        ("1742-6^ALT^LN^alt^ALT^concept", "LOINC", "1742-6"),
        ("GPT^Alat^L^X1^x^99LAB", "local", "GPT"),
        ("^Alat^L^X1^x^99LAB", "local", "X1"),
        ("^ALT", "local", "ALT"),
        ("^^^^ALT", "local", "ALT"),
        ("", "local", None),
    ],
)
def test_the_coding_that_is_on_a_list_is_taken_else_the_first(
    tmp_path: Path, obx_3: str, vocabulary: str, code: str | None
) -> None:
    row = made.lab(tmp_path, made.obx(f3=obx_3))
    assert (row["vocabulary"], row["code"]) == (vocabulary, code)


def test_codings_that_differ_in_one_component_are_told_apart(tmp_path: Path) -> None:
    parts = ["X1", "x", "L", "Y1", "y", "L", "", "", "", "Z1", "z", "L"]
    changed = [*range(6), 9, 10, 11]
    codings = [parts, *([*parts[:place], "CHANGED", *parts[place + 1 :]] for place in changed)]
    segments = [made.obx(f3="^".join(coding), f4=str(place)) for place, coding in enumerate(codings)]
    rows = made.labs(tmp_path, made.message(*segments))
    assert [row["code"] for row in rows] == ["X1", "CHANGED", *["X1"] * 8]


def test_codings_of_two_concepts_are_rejected(tmp_path: Path) -> None:
    with made.received(tmp_path, made.message(made.obx(f3="1742-6^ALT^LN^1920-8^AST^LN"), made.obx(f4="2"))) as held:
        assert [row["result_id"] for row in look.rows(held, "lab_results")] == ["p1|F1|1742-6|2"]
        [row] = look.rejects(held)
        assert (row["source_table"], row["reason"]) == ("observations", "contradicting_codes")
        assert row["detail"] == "the codings of a result that are on a list are of one concept"
        assert json.loads(row["row"])["value"] == "50"


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({"f2": "SN", "f5": "<^5"}, {"value": "5", "comparator": "<"}),
        ({"f2": "sn", "f5": ">^11.0"}, {"value": "11.0", "comparator": ">"}),
        ({"f2": "SN", "f5": "^1^-^10"}, {"value": "1-10", "comparator": None}),
        ({"f2": "SN", "f5": "<^5~<^9"}, {"value": "<^5~<^9", "comparator": None}),
        ({"f2": "NM", "f5": "40~45"}, {"value": "40~45"}),
        ({"f2": "ST", "f5": "<5"}, {"value": "<5", "comparator": None}),
        ({"f2": "CWE", "f5": "POS^positive"}, {"value": "positive"}),
        ({"f2": "CWE", "f5": "320"}, {"value": "320 (code)"}),
        ({"f6": '""^""^UCUM', "f7": '""'}, {"unit": None, "reference_low": None, "reference_high": None}),
        ({"f5": '""~""'}, {"value": None}),
        ({"f2": "SN", "f5": '""^""'}, {"value": None, "comparator": None}),
        ({"f2": "", "f5": "7"}, {"value": "7"}),
        ({"f5": '""'}, {"value": None}),
        ({"f6": "ukat/L^mikrokatal^UCUM"}, {"unit": "ukat/L", "reference_high": "56"}),
        ({"f6": "x^y^L^U/L^z^UCUM"}, {"unit": "U/L"}),
        ({"f6": ""}, {"unit": None, "reference_low": "7"}),
        ({"f6": "10^3/uL"}, {"unit": "10^3/uL"}),
        ({"f7": "<45"}, {"reference_low": None, "reference_high": "45"}),
        ({"f7": ">=10"}, {"reference_low": "10", "reference_high": None}),
        ({"f7": "7-56 U/L", "f6": "ukat/L"}, {"reference_low": None, "reference_high": None}),
        ({"f7": "7-56~8-60"}, {"reference_low": None, "reference_high": None}),
        ({"f11": "C"}, {"status": "corrected"}),
        ({"f11": ""}, {"status": "preliminary"}),
        ({"f5": "TNP"}, {"status": "cancelled"}),
        ({"f11": "W"}, {"status": "entered-in-error"}),
        ({"f23": "Lab East^L"}, {"laboratory_id": "Lab East"}),
        ({"f15": "L2^Lab", "f23": ""}, {"laboratory_id": "L2"}),
        ({"f15": "L2^Lab", "f23": "Lab East"}, {"laboratory_id": "Lab East"}),
    ],
)
def test_a_field_is_a_column(tmp_path: Path, fields: dict[str, str], columns: dict[str, str | None]) -> None:
    row = made.lab(tmp_path, made.obx(**fields), obr=made.OBR[:-1] + "P")
    assert {name: row[name] for name in columns} == columns


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"f11": "I", "f5": ""}, "no_result"), ({"f11": "U", "f5": ""}, "status_only"), ({"f5": "pending"}, "no_result")],
)
def test_what_is_no_result_is_counted(tmp_path: Path, fields: dict[str, str], reason: str) -> None:
    with made.received(tmp_path, made.message(made.OBX, made.obx(**fields))) as held:
        assert len(look.rows(held, "lab_results")) == 1
        assert made.outcomes(held, "observations") == [("carried", None, 1), ("left_out", reason, 1)]


def test_an_animal_is_no_patient(tmp_path: Path) -> None:
    pid = made.PID + "|" * 27 + "44696006^Beagle^SCT"
    with made.received(tmp_path, made.message(), made.message(pid=pid), patients=None) as held:
        assert [row["patient_id"] for row in look.rows(held, "patients")] == ["p1"]
        assert made.outcomes(held, "observations") == [("carried", None, 1), ("left_out", "not_a_person", 1)]
        assert made.outcomes(held, "pid") == [("carried", None, 1), ("left_out", "not_a_person", 1)]


def ids(tmp_path: Path, *messages: str) -> list[str]:
    return [row["result_id"] for row in made.labs(tmp_path, *messages)]


def test_a_correction_has_the_id_of_what_it_corrects(tmp_path: Path) -> None:
    later = made.MSH.replace("20240202100000", "20240203100000").replace("m1", "m2")
    first, second = ids(tmp_path, made.message(), made.message(made.obx(f1="4", f5="60", f11="C"), head=later))
    assert first == second


def test_a_message_sent_again_is_the_same_row(tmp_path: Path) -> None:
    one, two = made.labs(tmp_path, made.message(), "\n" + made.message(head=made.MSH.replace("m1", "m2")))
    assert one | {"row_number": 0} == two | {"row_number": 0}


@pytest.mark.parametrize(
    "other",
    [
        {"pid": made.PID.replace("p1", "p2")},
        {"obr": made.OBR.replace("F1", "F2")},
        {"obr": made.OBR.replace("F1", "F1^OTHER LAB")},
        {"obr": made.OBR.replace("|P1|F1|", "|P2||")},
        {"obx": made.obx(f3="1920-8^AST^LN")},
        {"obx": made.obx(f4="2")},
        {"obx": made.obx(f21="u1^NS")},
    ],
)
def test_another_result_has_another_id(tmp_path: Path, other: dict[str, str]) -> None:
    obx = other.pop("obx", made.OBX)
    first, second = ids(tmp_path, made.message(), made.message(obx, **other))
    assert first != second


def test_two_draws_of_a_standing_order_are_two_results(tmp_path: Path) -> None:
    standing = made.OBR.replace("|P1|F1|", "|P1||")
    later = made.obx(f5="30", f14="20240208081000")
    first, second = made.labs(
        tmp_path, made.message(made.obx(f5="900"), obr=standing), made.message(later, obr=standing)
    )
    assert (first["value"], second["value"]) == ("900", "30")
    assert first["result_id"] != second["result_id"]


def test_one_number_of_two_authorities_is_nobody_s(tmp_path: Path) -> None:
    def of(authority: str) -> str:
        fields = made.PID.split("|")
        fields[3] = f"p1^^^{authority}^MR"
        return made.message(pid="|".join(fields))

    with made.received(tmp_path / "two", of("HOSP"), of("OTHER")) as held:
        assert look.rows(held, "lab_results") == []
        assert made.outcomes(held, "observations") == [("rejected", "ambiguous_patient", 2)]
    with made.received(tmp_path / "one", of("HOSP&1.2.3&ISO"), of("hosp"), of("")) as held:
        assert made.outcomes(held, "observations") == [("carried", None, 3)]


def test_an_instance_id_alone_tells_a_result(tmp_path: Path) -> None:
    first, second, third = ids(
        tmp_path,
        made.message(made.obx(f21="u1^NS")),
        made.message(made.obx(f4="9", f21="u1^NS"), obr=made.OBR.replace("F1", "F2")),
        made.message(made.obx(f21="u1^OTHER")),
    )
    assert first == second == "p1|u1^NS"
    assert third == "p1|u1^OTHER"


@pytest.mark.parametrize(
    ("obr", "orc", "number"),
    [
        ("|P1|F1|", "|PX|FX", "F1"),
        ("|P1||", "|PX|FX", "FX"),
        ("|P1||", "|PX|", "P1@2024-02-01T08:10:00"),  # one order of the ward's may stand for many draws
        ("|||", "|PX|", "PX@2024-02-01T08:10:00"),
        ("|||", "||", "2024-02-01T08:10:00"),
    ],
)
def test_an_order_is_known_by_the_fillers_number(tmp_path: Path, obr: str, orc: str, number: str) -> None:
    order = made.OBR.replace("|P1|F1|", obr)
    text = made.message(obr=order).replace("OBR|", f"ORC|RE{orc}\rOBR|")
    assert ids(tmp_path, text) == [f"p1|{number}|1742-6|"]


def test_results_of_a_table_are_added_in_the_types_of_parquet(tmp_path: Path) -> None:
    given = made.folder(tmp_path, a=made.message())
    late = datetime(2024, 2, 3, 23, 30, tzinfo=UTC)
    ids = {"result_id": "r1", "patient_id": "p1", "vocabulary": "concept", "code": "alt"}
    pl.DataFrame([{**ids, "value": 3.3, "collected_at": late.date(), "recorded_at": late}]).write_parquet(
        given.path / "lab_results.parquet"
    )
    with look.at(given, tmp_path) as held:
        row = look.rows(held, "lab_results")[1]
        assert (row["value"], row["collected_at"], row["status"]) == ("3.3", "2024-02-03", None)
        assert row["recorded_at"] == "2024-02-03 23:30:00"  # the zone of the tests' site is UTC
        assert made.outcomes(held, "lab_results") == [("carried", None, 1)]
