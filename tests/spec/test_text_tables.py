"""The text tables themselves: what they say is read, and what they cannot say raises."""

import pytest

from tests import tables
from tests.spec import patients
from tests.spec.patients import Case
from tests.tables import Prescription, Result, TableError

HEADER = "who | day | what | value\n"


def test_a_table_becomes_the_staged_rows_of_its_patients() -> None:
    case = Case(7, HEADER + "a | | without | everything\n b | | without | everything\n b | 3, 5 | alt | >=400/33")
    staged = patients.staged([case])
    assert staged.patients["patient_id"].to_list() == ["0007.a", "0007.b"]
    assert staged.labs.select("patient_id", "date", "value", "comparator", "uln").rows() == [
        ("0007.b", patients.day(3), 400.0, ">=", 33.0),
        ("0007.b", patients.day(5), 400.0, ">=", 33.0),
    ]


def test_the_standard_patient_is_there_unless_left_out() -> None:
    whole = patients.staged([Case(0, HEADER + "a | | standard |")])
    less = patients.staged([Case(0, HEADER + "a | | without | work-up, restart")])
    assert (whole.exposures.height, less.exposures.height) == (2, 1)
    assert whole.labs.height > less.labs.height
    assert whole.events is not None
    assert less.events is not None
    assert (whole.events.height, less.events.height) == (1, 0)


def test_a_missing_table_is_missing_in_the_staged_frames() -> None:
    staged = patients.staged(
        [Case(0, HEADER + "all | | without | clinical_events, inpatient_stays\n a | | standard |")]
    )
    assert (staged.events, staged.stays) == (None, None)


def test_cells_are_read_as_written() -> None:
    row = tables.read(HEADER + "p1..p3, q | 7..21 by 7, 40 | azathioprine | ? mg QOD explicit reason=x supply=28")[0]
    assert tables.members(row) == ["p1", "p2", "p3", "q"]
    assert tables.points(row) == (7, 14, 21, 40)
    assert tables.prescription(row) == Prescription(None, "QOD", "explicit", {"reason": "x", "supply": "28"})
    span = tables.read(HEADER + "a | -4.. | alt | <0.5/1.2")[0]
    assert (tables.span(span), tables.result(span)) == ((-4, None), Result(0.5, "<", 1.2))


@pytest.mark.parametrize(
    "table",
    [
        "",
        "who | day | what | value",
        "who | day | what | colour\n a | 1 | alt | 40",
        "who | day | value\n a | 1 | 40",
        "who | day | what | what\n a | 1 | alt | 40",
        HEADER + "a | 1 | alt",
        HEADER + " | 1 | alt | 40",
        HEADER + "a | 1 | | 40",
        HEADER + "all | 1 | alt | 40",
        HEADER + "p3..p1 | 1 | alt | 40",
        HEADER + "p1..q3 | 1 | alt | 40",
        HEADER + "A? | 1 | alt | 40",
        HEADER + "a | one | alt | 40",
        HEADER + "a | | alt | 40",
        HEADER + "a | 9..3 by 2 | alt | 40",
        HEADER + "a | 1..5 | alt | 40",
        HEADER + "a | 1 | alt |",
        HEADER + "a | 1 | alt | about 40",
        HEADER + "a | 1 | altt | 40",
        HEADER + "a | 1 | symptom_fatigue | 2",
        HEADER + "a | 1 | azathioprine | 50 mg",
        HEADER + "a | 5..1 | azathioprine | 50 mg",
        HEADER + "a | 1.. | azathioprine |",
        HEADER + "a | 1.. | azathioprine | 50 mg QOD QD",
        HEADER + "a | 1.. | azathioprine | 50 mg sometimes",
        HEADER + "a | 1.. | azathioprine | 50 mg reason=",
        HEADER + "a | | without | liver",
        HEADER + "a | 1 | without | restart",
        HEADER + "a | | without | clinical_events",
        HEADER + "a | 1 | standard |",
        HEADER + "a | | standard | 40",
        HEADER + "a | | without | observation",
        HEADER + "a | -9..9 | observed |\n a | -9..10 | observed |",
        HEADER + "a | 1 | site | north",
        HEADER + "a | | site |",
        HEADER + "a | 1 | as of |",
        HEADER + "all | 1 | as of |\n all | 2 | as of |\n a | | standard |",
        "day | what | value | id\n 1, 2 | alt | 40 | x",
    ],
)
def test_a_table_that_is_not_understood_raises(table: str) -> None:
    with pytest.raises(TableError):
        patients.register(table)
