"""The reader of units: every factor by its value, and what must stay unknown (rules.md section 8)."""

import pytest

from flows.references.units import factors, ratio, read

FACTORS = {
    "enzyme": {
        1: "U/L IU/L [IU]/L [iU]/L [U]/L mU/mL umol/min/L umol/(min.L) umol/(L.min) U{37Cel}/L U/L{37Cel} Units/L"
        " units/L unit/L UI/L U/l u/l iu/l IU/l mu/ml mIU/mL 10*-3.[U]/mL U/L(37C) U.L-1 umol.min-1.L-1 nmol/min/mL"
        " (U/L) U/Liter uU/uL",
        1000: "U/mL u/ml IU/mL [iU]/mL kU/L KU/L kIU/L mU/uL",
        0.001: "mU/L",
        10: "U/dL IU/dL",
        60: "ukat/L \u00b5kat/L \u03bckat/L UKAT/L ukat/l umol/s/L mckat/L",
        0.06: "nkat/L nmol/s/L",
        60_000: "mkat/L",
        1_000_000: "U/uL",
    },
    "bilirubin": {
        1: "mg/dL MG/DL mg/dl mg% mg/100mL",
        1 / 17.104: "umol/L UMOL/L \u00b5mol/L mcmol/L micromol/L nmol/mL",
        1000 / 17.104: "mmol/L MMOL/L umol/mL mol/m3",
        0.1: "mg/L ug/mL mcg/mL",
        100: "g/L",
        0.001: "ug/dL",
    },
    "albumin": {1: "g/dL G/DL gm/dL g%", 0.1: "g/L g/l mg/mL kg/m3", 0.001: "mg/dL"},
    "immunoglobulin": {1: "g/L mg/mL", 0.01: "mg/dL", 10: "g/dL"},
    "cells": {
        1: "10*9/L 10^9/L x10^9/L 10E9/L 10e9/L 10**9/L X10E3/UL 10*3/uL 10^3/uL 10x3/uL x10(9)/L \u00d710\u2079/L"
        " K/uL k/ul K/UL K/mm3 K/cumm K/mcL G/L G/l 10*3/mm3 10*6/mL thou/mm3 Thousand/uL 1000/uL 10*3{WBC}/uL"
        " 10*9.{cells}/L 10*9.L-1",
        0.001: "/uL 1/uL /mm3 {cells}/uL cells/uL cells/mm3 /cumm #/uL 10*6/L 10*6.{cells}/L 10*3/mL",
        1000: "10*12/L",
        1e-6: "/mL 10*3/L",
        1e-9: "/L",
    },
    "inr": {1: "1 {INR} {ratio} ratio INR Ratio"},
    "weight": {1: "kg KG Kg kgs", 0.001: "g", 0.45359237: "[lb_av] [lb_us] lb lbs LBS lbs. pounds", 1e-6: "mg"},
}
KNOWN = [
    (quantity, unit, one) for quantity, by in FACTORS.items() for one, units in by.items() for unit in units.split()
]
UNKNOWN = {
    # mega or milli: nobody can tell
    "enzyme": "MU/L MU/mL MU/ML Mu/L MIU/mL MKAT/L mg/dL U U/ /U U/L/ U//L U..L ((U)/L {U} furlong K/uL umol/L "
    "U/h/L/x U*L g/L %",
    "bilirubin": "U/L Mg/dL Mmol/L mEq/L mg mg/kg 10*9/L",
    "albumin": "umol/L G/L U/L %",
    "immunoglobulin": "G/L IU/mL",
    # a gram is no giga; 10 to the 9 that lost its superscript is 109; M is a million or a thousand
    "cells": "g/L g/l mg/dL 109/L 103/uL M/uL % {cells} 10*9 U/L K",
    "inr": "s sec seconds % {sec} {seconds} 10*3 g/L",
    "weight": "st stone kg/m2 L",
}


@pytest.mark.parametrize(("quantity", "unit", "factor"), KNOWN)
def test_a_unit_leads_to_the_canonical_one(quantity: str, unit: str, factor: float) -> None:
    found = factors(quantity, unit)
    assert found is not None
    assert found["multiply"] / found["divide"] == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("quantity", "unit"), [(key, unit) for key, units in UNKNOWN.items() for unit in units.split()]
)
def test_what_is_no_unit_of_the_quantity_or_two_of_them_is_unknown(quantity: str, unit: str) -> None:
    assert factors(quantity, unit) is None


@pytest.mark.parametrize("unit", [" U / L ", "U\u00a0/L", "U/ L", "U/L 37\u00b0C", "mg/100 mL", "x 10*9/L"])
def test_blanks_say_nothing(unit: str) -> None:
    quantity = "bilirubin" if "mg" in unit else "cells" if "10*" in unit else "enzyme"
    assert factors(quantity, unit) == {"multiply": 1, "divide": 1}


def test_no_unit_is_one_of_an_inr_only() -> None:
    assert factors("inr", None) == factors("inr", " ") == {"multiply": 1, "divide": 1}
    assert factors("enzyme", None) is factors("cells", "") is factors(None, "U/L") is None


def test_an_endless_unit_is_none() -> None:
    assert read("(" * 50_000 + "U/L" + ")" * 50_000) is None
    assert factors("enzyme", "U/L" + "/1" * 40) is None


@pytest.mark.parametrize(
    ("one", "other", "times"),
    [
        ("U/L", "IU/L", 1),
        ("U/L", "ukat/L", 60),
        ("ukat/L", "U/L", 1 / 60),
        ("mg/dL", "mg/L", 0.1),
        ("K/uL", "10*9/L", 1),
    ],
)
def test_a_limit_is_converted_into_the_unit_of_its_value(one: str, other: str, times: float) -> None:
    assert ratio(one, other) == pytest.approx(times)


@pytest.mark.parametrize("other", ["mg/dL", "umol/L", "odd", "", None])
def test_a_limit_of_another_dimension_is_not(other: str | None) -> None:
    assert ratio("U/L", other) is None
    assert ratio("G/L", "g/L") is None
    assert ratio("odd", "odd") == 1
