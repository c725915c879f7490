"""The public sample messages (NIST, Cerner, Athena, realm), as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.given import Given
from flows.intake.received import Received
from tests.flows.extracts import EXPOSURE, write_csv
from tests.sources import look
from tests.sources.hl7v2 import made

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "hl7v2"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public HL7 v2 messages are not on this machine")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Received]:
    place = tmp_path_factory.mktemp("public")
    for file in DATA.glob("*/*.hl7"):
        copy = place / "in" / file.relative_to(DATA)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    write_csv(place / "in" / "drug_exposures.csv", [EXPOSURE])
    with look.at(Given("hl7v2", str(place / "in")), place) as received:
        yield received


def test_every_message_is_accounted_for(held: Received) -> None:
    assert made.outcomes(held, "messages") == [("left_out", "not_production", 1), ("looked_up", None, 16)]
    assert made.outcomes(held, "observations") == [("carried", None, 20), ("left_out", "not_a_person", 1)]
    assert made.outcomes(held, "pid") == [
        ("carried", None, 6),
        ("left_out", "named_again", 9),
        ("left_out", "not_a_person", 1),
    ]


def test_results_are_as_their_messages_say(held: Received) -> None:
    rows = look.rows(held, "lab_results")
    lead = [row for row in rows if row["code"] == "10368-9" and row["patient_id"] == "9817566735"]
    assert [(row["value"], row["unit"], row["reference_high"], row["status"]) for row in lead] == [
        ("50", "ug/dL", None, "final"),
        ("50", "ug/dL", None, "final"),
        ("25", "ug/dl", "10", "corrected"),
    ]
    assert len({row["result_id"] for row in lead}) == 1
    assert {row["collected_at"] for row in lead} == {"2008-08-15T10:30:00-07:00"}
    [misplaced] = [row for row in rows if row["code"] == "5198-7"]  # the sample's OBX is shifted by two fields
    assert (misplaced["value"], misplaced["comparator"], misplaced["vocabulary"]) == (None, None, "LOINC")
    assert {row["code"] for row in rows if row["patient_id"] == "36363636"} >= {"625-4", "xx625-4"}
