"""Values, units and upper limits: what is converted, inferred, replaced or rejected (rules.md section 8)."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from extracts import PATIENT, RESULT, extract, reasons, take, take_labs

from flows.intake.steps import Intake
from flows.references.site import Limit, Site
from tests.flows.rows_taken import named

MICRO, MU = "\u00b5", "\u03bc"
UNITS = [
    ("alt", "U/L", 50, 50),
    ("ast", "[IU]/L", 50, 50),
    ("alp", "IU/L", 50, 50),
    ("ggt", "mU/mL", 50, 50),
    ("ck", "U/mL", 0.05, 50),
    ("alt", "ukat/L", 0.5, 30),
    ("alt", f"{MICRO}kat/L", 0.5, 30),
    ("alt", f"{MU}kat/L", 0.5, 30),
    ("alt", "nkat/L", 500, 30),
    ("bilirubin_total", "mg/dL", 1.5, 1.5),
    ("bilirubin_total", "umol/L", 17.104, 1.0),
    ("bilirubin_direct", f"{MICRO}mol/L", 17.104, 1.0),
    ("bilirubin_total", f"{MU}mol/L", 34.208, 2.0),
    ("bilirubin_total", "mmol/L", 0.017104, 1.0),
    ("bilirubin_total", "mg/L", 10, 1.0),
    ("albumin", "g/dL", 4, 4),
    ("albumin", "g/L", 40, 4),
    ("wbc", "10*9/L", 5, 5),
    ("anc", "10*3/uL", 5, 5),
    ("platelets", "K/uL", 200, 200),
    ("platelets", "G/L", 200, 200),
    ("platelets", "/uL", 200000, 200),
    ("wbc", "10^9/L", 5, 5),
    ("inr", "1", 1.1, 1.1),
    ("inr", None, 1.1, 1.1),
    ("inr", "{INR}", 1.1, 1.1),
    ("inr", "ratio", 1.1, 1.1),
    ("body_weight", "kg", 70, 70),
    # case and spaces do not matter, but for the m of milli
    ("alt", " u / l ", 50, 50),
    ("alt", "iu/l", 50, 50),
    ("alt", "mu/ml", 50, 50),
    ("alt", "u/ml", 0.05, 50),
    ("bilirubin_total", "MG/DL", 1.5, 1.5),
    ("bilirubin_total", "UMOL/L", 17.104, 1.0),
]
UNKNOWN = [
    ("alt", "mg/dL"),
    ("alt", "MU/mL"),
    ("alt", "MU/ML"),
    ("alt", "furlong"),
    ("wbc", "g/L"),
    ("albumin", "G/L"),
    ("bilirubin_total", "Mg/dL"),
    ("inr", "sec"),
    ("inr", "%"),
    ("bilirubin_total", "U/L"),
    ("albumin", "umol/L"),
]
RANGES = [
    ("alt", "U/L", 1, 30000),
    ("ast", "U/L", 1, 30000),
    ("alp", "U/L", 5, 5000),
    ("ggt", "U/L", 1, 10000),
    ("bilirubin_total", "mg/dL", 0.05, 60),
    ("inr", "1", 0.5, 20),
    ("albumin", "g/dL", 0.5, 7),
    ("wbc", "10*9/L", 0.01, 500),
    ("platelets", "10*9/L", 1, 3000),
    ("body_weight", "kg", 20, 300),
]
DEFAULTS = {"alt": 40, "ast": 40, "alp": 120, "bilirubin_total": 1.2, "inr": 1.2, "ggt": None, "albumin": None}
UNIT_OF = {"bilirubin_total": "mg/dL", "inr": "1", "albumin": "g/dL"}


def by_id(taken: Intake, column: str) -> dict[str, Any]:
    """Return a column of the staged results by result id."""
    return dict(taken.staged.labs.select("result_id", column).iter_rows())


def notes_of(taken: Intake) -> dict[str, str]:
    """Return the notes on results by result id."""
    return dict(taken.row_notes.select("source_id", "note").iter_rows())


def test_value_and_upper_limit_are_converted_together(tmp_path: Path) -> None:
    rows = [{"code": code, "unit": unit, "value": value, "reference_high": value} for code, unit, value, _ in UNITS]
    taken = take_labs(tmp_path, *rows)
    expected = {f"r{place}": value for place, (*_, value) in enumerate(UNITS, start=1)}
    assert by_id(taken, "value") == pytest.approx(expected)
    limits = {key: limit for key, limit in by_id(taken, "uln").items() if by_id(taken, "uln_source")[key] == "printed"}
    assert limits == pytest.approx({key: expected[key] for key in limits})
    assert taken.rejects.is_empty()


def test_the_canonical_unit_is_named(tmp_path: Path) -> None:
    codes = ["alt", "bilirubin_total", "albumin", "wbc", "inr", "body_weight"]
    units = ["ukat/L", "umol/L", "g/L", "K/uL", None, "kg"]
    values = ["1", "20", "40", "5", "1", "70"]
    rows = [{"code": c, "unit": u, "value": v} for c, u, v in zip(codes, units, values, strict=True)]
    taken = take_labs(tmp_path, *rows)
    expected = ["U/L", "mg/dL", "g/dL", "10*9/L", "1", "kg"]
    assert by_id(taken, "unit") == {f"r{place}": unit for place, unit in enumerate(expected, start=1)}


def test_a_unit_of_another_analyte_is_unknown(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, *({"code": code, "unit": unit, "value": "10"} for code, unit in UNKNOWN))
    assert reasons(taken) == {f"r{place}": "unknown_unit" for place in range(1, len(UNKNOWN) + 1)}


INFERRED = {
    ("alt", "0.4"): ("U/L", 60),
    ("ast", "1.3"): ("U/L", 60),
    ("alt", "20"): ("U/L", 1),
    ("ast", "100"): ("U/L", 1),
    ("alp", "0.8"): ("U/L", 60),
    ("alp", "5"): ("U/L", 60),
    ("alp", "60"): ("U/L", 1),
    ("alp", "500"): ("U/L", 1),
    ("bilirubin_total", "0.8"): ("mg/dL", 1),
    ("bilirubin_total", "1.5"): ("mg/dL", 1),
    ("bilirubin_total", "17"): ("mg/dL", 1 / 17.104),
    ("bilirubin_total", "26"): ("mg/dL", 1 / 17.104),
}


def test_a_missing_unit_is_inferred_from_the_printed_limit(tmp_path: Path) -> None:
    expected = {f"{code} {limit}": (float(limit), *told) for (code, limit), told in INFERRED.items()}
    rows = [{"code": code, "unit": None, "value": "10", "reference_high": limit} for code, limit in INFERRED]
    taken = take_labs(tmp_path, *named(expected, rows))
    assert by_id(taken, "value") == pytest.approx({case: 10 * factor for case, (_, _, factor) in expected.items()})
    assert by_id(taken, "uln") == pytest.approx({case: high * factor for case, (high, _, factor) in expected.items()})
    assert by_id(taken, "unit") == {case: unit for case, (_, unit, _) in expected.items()}
    assert notes_of(taken) == dict.fromkeys(expected, "unit_inferred")
    assert any(note.startswith("lab_results: 12 results came without a unit") for note in taken.notes)


def test_a_missing_unit_that_no_limit_gives_away_is_rejected(tmp_path: Path) -> None:
    limits = [
        *(("alt", limit) for limit in ("0.39", "1.31", "19.9", "100.1", None, "high")),
        *(("alp", limit) for limit in ("0.79", "5.1", "59", "501")),
        *(("bilirubin_total", limit) for limit in ("0.79", "1.6", "16", "27")),
        ("wbc", "11"),
        ("bilirubin_direct", "1.2"),
        ("ggt", "60"),
    ]
    rows = [{"code": code, "unit": None, "value": "10", "reference_high": limit} for code, limit in limits]
    taken = take_labs(tmp_path, *rows)
    assert reasons(taken) == {f"r{place}": "missing_unit" for place in range(1, len(limits) + 1)}


def test_a_value_outside_its_plausible_range_is_rejected(tmp_path: Path) -> None:
    inside = {f"{code} {value}": value for code, _, *ends in RANGES for value in ends}
    rows = [
        {"result_id": f"{code} {value}", "code": code, "unit": unit, "value": value}
        for code, unit, low, high in RANGES
        for value in (low, high, low * 0.999, high * 1.001, 0, -high)
    ]
    taken = take_labs(tmp_path, *rows)
    assert by_id(taken, "value") == pytest.approx(inside)
    assert reasons(taken) == {
        str(row["result_id"]): "implausible_value" for row in rows if row["result_id"] not in inside
    }
    assert len(reasons(taken)) == 4 * len(RANGES)


def test_nothing_and_less_is_never_plausible(tmp_path: Path) -> None:
    values = ("0.001", "0", "-1")
    taken = take_labs(tmp_path, *({"code": "ck", "value": value, "reference_high": None} for value in values))
    assert by_id(taken, "value") == {"r1": 0.001}
    assert reasons(taken) == {"r2": "implausible_value", "r3": "implausible_value"}


def test_no_neutrophils_at_all_are_a_count(tmp_path: Path) -> None:
    values = ("0", "0.0", "-0.01", "200", "200.1", "<0.1")
    taken = take_labs(tmp_path, *({"code": "anc", "unit": "10*9/L", "value": value} for value in values))
    assert by_id(taken, "value") == {"r1": 0, "r2": 0, "r4": 200, "r6": 0.1}
    assert reasons(taken) == {"r3": "implausible_value", "r5": "implausible_value"}


def test_plausibility_is_asked_of_the_converted_value(tmp_path: Path) -> None:
    rows = [{"unit": "U/mL", "value": "31"}, {"unit": "nkat/L", "value": "10"}]
    taken = take_labs(tmp_path, *({**row, "reference_high": None} for row in rows))
    assert reasons(taken) == {"r1": "implausible_value", "r2": "implausible_value"}


def test_what_is_not_a_number_is_rejected(tmp_path: Path) -> None:
    values = ("nan", "NaN", "inf", "-Infinity", "4,5", "1_000", "haemolysed", "0x10", "5 U/L", "1e999")
    taken = take_labs(tmp_path, *named(values, [{"value": value} for value in values]))
    assert reasons(taken) == dict.fromkeys(values, "not_a_number")


def test_nan_and_infinity_in_a_column_of_numbers_are_rejected(tmp_path: Path) -> None:
    rows = [{**RESULT, "result_id": f"r{place}"} for place in (1, 2, 3)]
    folder = extract(tmp_path / "extract", lab_results=rows)
    frame = pl.read_csv(folder / "lab_results.csv", infer_schema=False)
    values = pl.Series("value", [float("nan"), float("inf"), 50.0])
    frame.with_columns(values).write_parquet(folder / "lab_results.parquet")
    (folder / "lab_results.csv").unlink()
    taken = take(folder)
    assert reasons(taken) == {"r1": "not_a_number", "r2": "not_a_number"}
    assert by_id(taken, "value") == {"r3": 50}


def test_what_is_a_number_counts(tmp_path: Path) -> None:
    numbers = {"[50]": 50, "[ 50 ]": 50, "[5e1]": 50, "[+50]": 50, "[50.]": 50, "[.5e2]": 50}
    taken = take_labs(tmp_path, *named(numbers, [{"value": case[1:-1]} for case in numbers]))
    assert by_id(taken, "value") == numbers


def test_comparators_are_kept_and_others_rejected(tmp_path: Path) -> None:
    given = ["<", "<=", ">", ">=", " < ", None, "=", "~", "≥", "LT"]
    taken = take_labs(tmp_path, *({"comparator": comparator} for comparator in given))
    kept = ["<", "<=", ">", ">=", "<", None]
    assert by_id(taken, "comparator") == {f"r{place}": sign for place, sign in enumerate(kept, start=1)}
    assert reasons(taken) == dict.fromkeys(("r7", "r8", "r9", "r10"), "bad_comparator")


def test_a_comparator_inside_the_value_is_split_off(tmp_path: Path) -> None:
    given = [("<5", None), (">= 400", None), ("<5", "<"), ("<", None), ("><5", None)]
    taken = take_labs(tmp_path, *({"value": value, "comparator": comparator} for value, comparator in given))
    assert by_id(taken, "comparator") == {"r1": "<", "r2": ">=", "r3": "<"}
    assert by_id(taken, "value") == {"r1": 5, "r2": 400, "r3": 5}
    assert notes_of(taken) == {"r1": "comparator_in_value", "r2": "comparator_in_value"}
    assert reasons(taken) == {"r4": "not_a_number", "r5": "not_a_number"}


def test_a_comparator_that_contradicts_the_sign_inside_the_value_is_rejected(tmp_path: Path) -> None:
    signs = ("<", "<=", ">", ">=")
    pairs = [(one, other) for one in signs for other in signs]
    rows = [{"comparator": one, "value": f"{other}50"} for one, other in pairs]
    taken = take_labs(tmp_path, *rows, {"result_id": "odd", "comparator": "=", "value": "<5"})
    against = {f"r{place}" for place, (one, other) in enumerate(pairs, start=1) if one[0] != other[0]}
    assert reasons(taken) == dict.fromkeys(against, "contradicting_comparator") | {"odd": "bad_comparator"}
    # Two bounds of one side both hold: the weaker one is what is known.
    held = {f"r{place}": pair for place, pair in enumerate(pairs, start=1) if f"r{place}" not in against}
    assert by_id(taken, "comparator") == {
        key: f"{one[0]}{'=' * (len(one + other) > 2)}" for key, (one, other) in held.items()
    }


def test_a_serology_needs_neither_value_nor_unit(tmp_path: Path) -> None:
    codes = ("hbsag", "anti_hbc", "hbv_dna", "anti_hcv", "hcv_rna", "ana", "sma", "igg")
    answers = ({"value": None, "unit": None}, {"value": "negative", "unit": "titer", "comparator": "~"})
    taken = take_labs(tmp_path, *({"code": code, **answer} for code in codes for answer in answers))
    assert taken.rejects.is_empty()
    assert taken.staged.labs.height == 2 * len(codes)
    assert taken.staged.labs.select("value", "unit", "comparator").null_count().row(0) == (16, 16, 16)


def test_an_immunoglobulin_keeps_a_value_in_a_known_unit(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {"code": "igg", "value": "1600", "unit": "mg/dL", "reference_high": "1500"})
    assert taken.staged.labs.select("value", "uln", "unit").row(0) == pytest.approx((16, 15, "g/L"))


def test_a_value_that_must_be_there_is_missed(tmp_path: Path) -> None:
    assert reasons(take_labs(tmp_path, {"value": None}, {"value": " "})) == dict.fromkeys(("r1", "r2"), "missing_value")


def test_a_missing_limit_takes_the_default(tmp_path: Path) -> None:
    limits = (None, "0", "-5", "nan", "0-40", "inf", "-inf", ">7", "high", "1e999")
    cases = {f"{code} {limit}": (code, limit) for code in DEFAULTS for limit in limits}
    rows = [
        {"code": code, "unit": UNIT_OF.get(code, "U/L"), "value": "5", "reference_high": limit}
        for code, limit in cases.values()
    ]
    taken = take_labs(tmp_path, *named(cases, rows))
    assert by_id(taken, "uln") == {case: DEFAULTS[code] for case, (code, _) in cases.items()}
    sources = {case: "default" if DEFAULTS[code] else None for case, (code, _) in cases.items()}
    assert by_id(taken, "uln_source") == sources
    assert notes_of(taken) == {case: "implausible_limit" for case, (_, limit) in cases.items() if limit is not None}


LIMITS = [
    ("alt", "U/L", 15, 100, 40),
    ("ast", "U/L", 15, 100, 40),
    ("alt", "ukat/L", 0.25, 5 / 3, 40),
    ("ast", "U/dL", 1.5, 10, 40),
    ("alp", "U/L", 30, 600, 120),
    ("bilirubin_total", "mg/dL", 0.3, 3, 1.2),
    ("bilirubin_total", "mg/L", 3, 30, 1.2),
    ("inr", "1", 0.8, 2, 1.2),
]


def test_a_printed_limit_outside_its_range_is_replaced(tmp_path: Path) -> None:
    """Values are above 10 canonical units, or in none of which another unit could be meant."""
    rows, ulns = [], {}
    for code, unit, low, high, default in LIMITS:
        value = {"ukat/L": 5, "mg/dL": 12, "mg/L": 120}.get(unit, 20)
        factor = {"ukat/L": 60, "U/dL": 10, "mg/L": 0.1}.get(unit, 1)
        given = {"below": low * 0.999, "low": low, "high": high, "above": high * 1.0001, "far": 999 * high}
        kept = {"low": low * factor, "high": high * factor}
        for case, limit in given.items():
            key = f"{code} {unit} {case}"
            rows.append({"result_id": key, "code": code, "unit": unit, "value": value, "reference_high": limit})
            ulns[key] = kept.get(case, default)
    taken = take_labs(tmp_path, *rows)
    assert by_id(taken, "uln") == pytest.approx(ulns)
    assert notes_of(taken) == {key: "implausible_limit" for key in ulns if key.split()[-1] not in ("low", "high")}
    assert taken.rejects.is_empty()


def test_analytes_without_a_range_of_limits_keep_what_is_printed(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {"code": "ggt", "reference_high": "999"}, {"code": "ck", "reference_high": "3"})
    assert by_id(taken, "uln") == {"r1": 999, "r2": 3}


def test_a_limit_below_the_printed_lower_limit_is_replaced(tmp_path: Path) -> None:
    given = [("41", "40"), ("40", "40"), ("39.9", "40"), ("7", "40"), (None, "40"), ("low", "40"), ("inf", "40")]
    given += [("90", "60"), ("-5", "40")]
    rows = [{"code": "ast", "reference_low": low, "reference_high": high} for low, high in given]
    taken = take_labs(tmp_path, *rows)
    replaced = {"r1", "r8"}
    assert by_id(taken, "uln_source") == {
        f"r{place}": "default" if f"r{place}" in replaced else "printed" for place in range(1, len(given) + 1)
    }
    assert notes_of(taken) == dict.fromkeys(replaced, "implausible_limit")


OTHERWISE: list[tuple[str, str, tuple[float, ...], float, float]] = [
    ("alt", "U/L", (0.4, 0.58, 1.3), 9.99, 10),
    ("ast", "IU/L", (0.4, 1.3), 9.99, 10),
    ("alp", "U/L", (0.8, 5), 9.99, 10),
    ("bilirubin_total", "mg/dL", (17, 20, 26), 9.99, 10),
    ("bilirubin_total", "umol/L", (0.8, 1.5), 171, 171.04),
    ("alt", "nkat/L", (20, 100), 166, 166.7),
]


def test_value_and_limit_of_another_unit_than_the_given_one_are_rejected(tmp_path: Path) -> None:
    rows, rejected, noted = [], {}, {}
    for code, unit, limits, below, at in OTHERWISE:
        for limit in limits:
            case = {"code": code, "unit": unit, "reference_high": limit}
            under, over = (f"{value} {unit} of {code}, limit {limit}" for value in (below, at))
            rows += [{**case, "result_id": under, "value": below}, {**case, "result_id": over, "value": at}]
            rejected[under] = "unit_contradicts_limit"
            noted[over] = "implausible_limit"
    taken = take_labs(tmp_path, *rows)
    assert reasons(taken) == rejected
    assert notes_of(taken) == noted
    assert by_id(taken, "uln_source") == dict.fromkeys(noted, "default")


def test_replaced_limits_are_counted_by_analyte_and_laboratory(tmp_path: Path) -> None:
    labs = [("ast", "999", "A"), ("ast", "7", "A"), ("ast", "999", " "), ("alt", ">7", "B"), ("alt", "40", "B")]
    rows = [{"code": code, "reference_high": high, "laboratory_id": where} for code, high, where in labs]
    taken = take_labs(tmp_path, *rows)
    assert taken.implausible_limits.rows() == [("ast", "A", 2), ("alt", "B", 1), ("ast", None, 1)]
    assert sum(note == "implausible_limit" for note in taken.row_notes["note"]) == 4


def test_a_limit_that_no_unit_explains_costs_no_value(tmp_path: Path) -> None:
    given = [("alt", "5", "0.39"), ("alt", "5", "1.31"), ("alt", "5", "14"), ("alp", "8", "5.1"), ("alp", "8", "29")]
    given += [("bilirubin_total", "5", "16.9"), ("bilirubin_total", "5", "26.1"), ("inr", "5", "40")]
    rows = [
        {"code": code, "unit": UNIT_OF.get(code, "U/L"), "value": value, "reference_high": limit}
        for code, value, limit in given
    ]
    taken = take_labs(tmp_path, *rows)
    assert taken.rejects.is_empty()
    assert set(notes_of(taken).values()) == {"implausible_limit"}
    assert len(notes_of(taken)) == len(given)


def test_the_sites_table_goes_before_the_default(tmp_path: Path) -> None:
    always = (date(1, 1, 1), date(9999, 12, 31))
    site = Site(
        uln=(
            Limit("alt", 45, None, None, date(1, 1, 1), date(2024, 1, 31)),
            Limit("alt", 0.8, "ukat/L", None, date(2024, 2, 1), date(9999, 12, 31)),
            Limit("alt", 35, "U/L", "F", date(2024, 3, 1), date(9999, 12, 31)),
            Limit("ggt", 60, None, None, *always),
        )
    )
    days = ["2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"]
    rows = [{"collected_at": day, "reference_high": None} for day in days]
    rows += [{"code": "ggt", "reference_high": None}, {"reference_high": "41"}]
    women = take_labs(tmp_path / "f", *rows, site=site)
    assert by_id(women, "uln") == pytest.approx({"r1": 45, "r2": 48, "r3": 48, "r4": 35, "r5": 60, "r6": 41})
    assert set(by_id(women, "uln_source").values()) == {"site", "printed"}
    men = extract(
        tmp_path / "m" / "extract",
        patients=[{**PATIENT, "sex": "M"}],
        lab_results=[{**RESULT, "collected_at": "2024-03-01", "reference_high": None}],
    )
    assert by_id(take(men, site=site), "uln") == pytest.approx({"r1": 48})


def test_the_report_counts_where_limits_come_from(tmp_path: Path) -> None:
    taken = take_labs(tmp_path, {"reference_high": None}, {"reference_high": "900"}, {})
    assert "lab_results: 2 results of alt use the default limit" in taken.notes
    assert any(note.startswith("lab_results: 1 results print an upper limit") for note in taken.notes)
