"""A synthetic sample exported to HL7 v2 and CSV, and read back: the audit finds the same."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from audit.frames import Judged
from audit.judge import judge
from flows import sources
from flows.given import Given
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references.bound import References
from flows.references.site import Site
from flows.sample import EXTRACTED_ON, write_sample
from tests.flows.extracts import EDITION, lists_of
from tests.sources.hl7v2.export import export

PATIENTS = 500


def taken(given: Path | Given, work: Path) -> Intake:
    lists = lists_of((), (EDITION.audited_drug, *EDITION.other_thiopurines))
    site = Site()
    with sources.receive(given, work, EXTRACTED_ON, References(EDITION, site, lists)) as received:
        return intake.stage(intake.settle(received, EXTRACTED_ON, References(EDITION, site, lists)))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Intake]:
    folder = tmp_path_factory.mktemp("hl7v2")
    write_sample(PATIENTS, 11, folder / "native", format="csv", clean=True)
    export(folder / "native", folder / "source")
    given = Given("hl7v2", str(folder / "source"))
    return {"native": taken(folder / "native", folder / "w1"), "hl7v2": taken(given, folder / "w2")}


@pytest.fixture(scope="module")
def judged(both: Mapping[str, Intake]) -> Mapping[str, Judged]:
    return {name: judge(one.staged, EDITION, EXTRACTED_ON) for name, one in both.items()}


@pytest.mark.parametrize("frame", ["findings", "breaks", "episodes", "slots", "measures"])
def test_the_audit_finds_the_same(judged: Mapping[str, Judged], frame: str) -> None:
    native, read = (getattr(judged[name], frame) for name in ("native", "hl7v2"))
    assert native.height > 10
    assert read.equals(native)


def test_the_evidence_is_the_same_but_for_the_ids_of_results(judged: Mapping[str, Judged]) -> None:
    def compared(name: str) -> pl.DataFrame:
        evidence = judged[name].evidence
        is_lab = pl.col("source_table") == "lab_results"
        frame = evidence.with_columns(pl.when(~is_lab).then("source_id").alias("source_id"))
        return frame.sort(frame.columns)

    assert compared("hl7v2").equals(compared("native"))


def test_what_was_sent_wrong_first_is_superseded_or_withdrawn(both: Mapping[str, Intake]) -> None:
    native, read = (
        one.conservation.row(by_predicate=pl.col("table_name") == "lab_results", named=True) for one in both.values()
    )
    more = {
        state: read[state] - count for state, count in native.items() if state != "table_name" and read[state] != count
    }
    assert more["read"] > 1_000
    assert more == {"read": more["read"], "superseded": 2 * more["retracted"], "retracted": more["read"] // 3}


def test_the_results_are_the_same_but_for_their_ids(both: Mapping[str, Intake]) -> None:
    native, read = (one.staged.labs.drop("result_id") for one in both.values())
    assert read.sort(read.columns).equals(native.sort(native.columns))


def test_every_row_of_the_source_is_accounted_for(both: Mapping[str, Intake]) -> None:
    account = both["hl7v2"].source_rows
    assert set(account["disposition"]) == {"carried", "looked_up"}
    by_table = dict(account.select("source_table", "rows").iter_rows())
    read = dict(both["hl7v2"].conservation.select("table_name", "read").iter_rows())
    assert by_table["observations"] == read["lab_results"]
    assert by_table["messages"] > 5_000
    assert not [note for note in both["hl7v2"].notes if note.startswith("messages")]
