"""Results of the laboratory, those that stand only in a comment too, and weights."""

from pathlib import Path
from typing import Any

import pytest

from tests.sources import look
from tests.sources.mimic_iv.hosp import hosp, received, result, results

SUPPRESSED = {"value": "___", "valuenum": None}
ABSENT = {"value": None, "valuenum": None}
HBSAG = {"itemid": "50941", "valueuom": None, "ref_range_lower": None, "ref_range_upper": None}


def said(row: dict[str, Any]) -> tuple[Any, Any]:
    return row["comparator"], row["value"]


def test_a_result_is_carried_with_its_own_limits_and_times(tmp_path: Path) -> None:
    row = result(tmp_path)
    assert (row["result_id"], row["patient_id"]) == ("900", "1")
    assert (row["vocabulary"], row["code"], row["unit"]) == ("MIMIC-IV", "50861", "IU/L")
    assert said(row) == (None, "55")
    assert (row["reference_low"], row["reference_high"], row["status"]) == (0.0, "40", "final")
    assert (row["collected_at"], row["recorded_at"]) == ("2150-03-02 06:00:00", "2150-03-02 08:00:00")


def test_an_outpatient_result_belongs_to_no_stay_and_counts(tmp_path: Path) -> None:
    assert said(result(tmp_path, hadm_id=None, charttime="2151-01-02 09:00:00")) == (None, "55")


BOUNDS = [
    ("<5.", "<", "5"),
    ("<5", "<", "5"),
    ("<0.2.", "<", "0.2"),
    ("<=.5.", "<=", ".5"),
    (">182*.", ">", "182"),
    (">=70.", ">=", "70"),
    ("> 1000.", ">", "1000"),
    ("LESS THAN 5.", "<", "5"),
    ("Less than 5.", "<", "5"),
    ("LESS THAN OR EQUAL TO 5.", "<=", "5"),
    ("GREATER THAN 80.", ">", "80"),
    ("GREATER THAN OR EQUAL TO 80.", ">=", "80"),
    ("GREATER THAN 10,000.", ">", "10000"),
    ("<0.01.  CTROPNT > 0.10 NG/ML SUGGESTS ACUTE MI.", "<", "0.01"),
    ("<5.  Values <5 are negative.  values 5-25 are Equivocal.", "<", "5"),
    (">500*.  Hemolysis affects this test.", ">", "500"),
]


@pytest.mark.parametrize("gone", [SUPPRESSED, ABSENT])
def test_a_result_beyond_the_range_stands_in_the_comment(tmp_path: Path, gone: dict[str, Any]) -> None:
    rows = results(tmp_path, *({**gone, "comments": comment} for comment, *_ in BOUNDS))
    for (comment, *expected), row in zip(BOUNDS, rows, strict=True):
        assert said(row) == tuple(expected), comment


NO_RESULTS = [
    "___",
    None,
    "5.",  # a bare number may be anything
    "1+.",
    "NEG.  80 (THESE UNITS) = 0.08 (% BY WEIGHT).",
    "HOLD.  DISCARD GREATER THAN 8 HOURS OLD.",
    "GREATER THAN 8 HOURS OLD.",
    "<5 % OF CELLS.",
    "<5-10.",
    ">1:40.",
    "<.",
    "< 5 HOURS.",
    "Using this patient's age, gender, and serum creatinine value of 1.1,.  Estimated GFR = >75.",
    "ND .  Not Done, WBC <=0.1.",
    "<5.  SPECIMEN CLOTTED.",
    "<5.  RESULT CANCELLED.",
    "HEMOLYZED.  <5.",
    "UNABLE TO REPORT.",
    "VERIFIED BY REPLICATE ANALYSIS.",
]


def test_free_text_that_holds_a_number_is_no_result(tmp_path: Path) -> None:
    rows = results(tmp_path, *({**SUPPRESSED, "comments": comment} for comment in NO_RESULTS))
    assert [
        (comment, said(row)) for comment, row in zip(NO_RESULTS, rows, strict=True) if said(row) != (None, None)
    ] == []


TEXTS = [
    ("LESS THAN 5", ("<", "5")),
    (">300", (">", "300")),
    ("12", (None, "12")),
    ("ERROR", (None, "ERROR")),
    ("HOLD", (None, "HOLD")),
]


def test_the_text_of_the_value_comes_before_the_comment(tmp_path: Path) -> None:
    rows = results(tmp_path, *({"value": value, "valuenum": None, "comments": "<7."} for value, _ in TEXTS))
    assert [said(row) for row in rows] == [expected for _, expected in TEXTS]


NUMBERS = [
    ("___", "55", "HEMOLYSIS FALSELY ELEVATES ALT.", (None, "55")),
    ("___", "55", "UNABLE TO REPORT.", (None, "55")),
    ("___", "5", "<5*.", ("<", "5")),
    ("___", "55", "<5.", (None, "55")),
    (">300", "300", None, (">", "300")),
    ("___", "n/a", "<5.", (None, "n/a")),
]


def test_a_number_stands_and_keeps_the_bound_that_is_said_of_it(tmp_path: Path) -> None:
    rows = results(
        tmp_path, *({"value": text, "valuenum": number, "comments": said} for text, number, said, _ in NUMBERS)
    )
    assert [said(row) for row in rows] == [expected for *_, expected in NUMBERS]


@pytest.mark.parametrize(
    ("text", "number", "is_rejected"),
    [
        ("<10", "320", True),
        (">320", "10", True),
        ("LESS THAN 10.", "10.5", True),
        ("<10", "10", False),
        (">1,200", "1200.0", False),
        ("320", "10", False),  # no bound: the number is what was meant
        ("<10", None, False),
        (None, "320", False),
    ],
)
def test_a_bound_beside_another_number_is_rejected(
    text: str | None, number: str | None, is_rejected: bool, tmp_path: Path
) -> None:
    with look.at(hosp(tmp_path / "hosp", labevents=[{"value": text, "valuenum": number}]), tmp_path) as found:
        reasons = [row["reason"] for row in look.rejects(found)]
    assert reasons == (["contradicting_comparator"] if is_rejected else [])


SEROLOGIES = [
    ("NEGATIVE.", "final"),
    ("POSITIVE*.  RECOMMENDED FOLLOW-UP FOR POSITIVE HCV ANTIBODY: HCV VIRAL LOAD.", "final"),
    ("___", "final"),
    (None, "final"),
    ("CANCELLED.", "cancelled"),
    ("TEST NOT PERFORMED.", "cancelled"),
    ("Unable to report.", "cancelled"),
    ("QUANTITY NOT SUFFICIENT.", "cancelled"),
]


def test_a_serology_that_was_not_done_proves_nothing(tmp_path: Path) -> None:
    rows = results(tmp_path, *({**HBSAG, **SUPPRESSED, "comments": comment} for comment, _ in SEROLOGIES))
    assert [row["status"] for row in rows] == [status for _, status in SEROLOGIES]


def test_a_serology_with_a_value_was_done_whatever_the_comment(tmp_path: Path) -> None:
    comment = "PRIOR TEST CANCELLED."
    texts = {**HBSAG, "value": "NEG", "valuenum": None, "comments": comment}
    numbers = {**HBSAG, "value": "___", "valuenum": "0.1", "comments": comment}
    assert [row["status"] for row in results(tmp_path, texts, numbers)] == ["final", "final"]


def test_a_number_that_was_not_measured_stays_for_the_contract_to_reject(tmp_path: Path) -> None:
    row = result(tmp_path, **ABSENT, comments="UNABLE TO REPORT.")
    assert (said(row), row["status"]) == ((None, None), "final")


def test_without_comments_what_is_lost_is_said(tmp_path: Path) -> None:
    given = hosp(tmp_path / "hosp")
    lines = (tmp_path / "hosp" / "labevents.csv").read_text().splitlines()
    (tmp_path / "hosp" / "labevents.csv").write_text("\n".join(line.rsplit(",", 1)[0] for line in lines) + "\n")
    with look.at(given, tmp_path) as it:
        assert "labevents has no column comments: results that stand only in comments (<5.) are not seen" in it.notes


def test_a_weight_in_pounds_is_a_result(tmp_path: Path) -> None:
    rows = received(tmp_path, "lab_results", omr=[{"result_value": "150.5"}])
    weight = rows[1]
    assert (weight["result_id"], weight["patient_id"], weight["collected_at"]) == (
        "omr:1-2150-03-05-1",
        "1",
        "2150-03-05",
    )
    assert (weight["vocabulary"], weight["code"]) == ("concept", "body_weight")
    assert (weight["value"], weight["unit"], weight["status"]) == ("150.5", "[lb_av]", "final")


def test_what_is_no_weight_is_left_out(tmp_path: Path) -> None:
    others = [{"result_name": name} for name in ("Height (Inches)", "BMI (kg/m2)", "Blood Pressure", None)]
    with look.at(hosp(tmp_path / "hosp", omr=[{}, *others]), tmp_path) as it:
        assert len(look.rows(it, "lab_results")) == 2
        assert ("omr", "lab_results", "left_out", "not_a_weight", 4) in look.account(it)


def test_without_weights_what_is_lost_is_said(tmp_path: Path) -> None:
    with look.at(hosp(tmp_path / "hosp", omr=None), tmp_path) as it:
        assert [row["result_id"] for row in look.rows(it, "lab_results")] == ["900"]
        assert "omr is missing: no body weights: doses for the weight cannot be shown" in it.notes
