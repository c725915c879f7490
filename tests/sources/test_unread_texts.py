"""Dosage texts on their way to the report: read by every source alike, and shown where they are not read."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows import sources
from flows.dosage import own
from flows.errors import Usage
from flows.given import Given
from flows.intake import notes
from flows.intake import steps as intake
from flows.intake.steps import Checked
from flows.references import codelists
from flows.references.bound import References
from flows.references.site import Site
from flows.sources import mapping as mapped
from flows.terminal import outcome as show
from tests.flows.extracts import AS_OF, EDITION
from tests.sources import look

TOML = """
[patients]
files = "patients.csv"
columns = { patient_id = "id", observation_start = "start" }
[lab_results]
files = "labs.csv"
columns = { result_id = "id", patient_id = "who", collected_at = "day", code = "code", value = "value", unit = "unit" }
constants = { vocabulary = "concept" }
[drug_exposures]
files = "drugs.csv"
constants = { vocabulary = "name" }
columns = { exposure_id = "ID", patient_id = "WHO", code = "DRUG", start_date = "DAY", dosage_text = "TEXT" MORE }
"""
DRUG = "azathioprine 50 MG Oral Tablet"


def site(folder: Path, header: str, *rows: str, more: str = "", patients: int = 1) -> Given:
    """Write a site's own tables, the drugs with the columns given; a row is of patient p1 unless it says another."""
    folder.mkdir(parents=True, exist_ok=True)
    people = "".join(f"p{n},2020-01-01\n" for n in range(1, patients + 1))
    (folder / "patients.csv").write_text(f"id,start\n{people}")
    (folder / "labs.csv").write_text("id,who,day,code,value,unit\nr1,p1,2020-02-01,alt,30,U/L\n")
    (folder / "drugs.csv").write_text("\n".join([header, *rows]) + "\n")
    (folder / "mapping.toml").write_text(TOML.replace("MORE", more))
    return Given("table", str(folder))


def drugs(tmp_path: Path, given: Given) -> list[tuple[Any, ...]]:
    with look.at(given, tmp_path) as received:
        rows = look.rows(received, "drug_exposures")
    names = ("daily_dose_mg", "frequency", "dose_note", "dosage_text")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_sites_own_table_may_have_a_dosage_text(tmp_path: Path) -> None:
    rows = [
        f"x1,p1,{DRUG},2020-03-01,2 tablets daily",
        f"x2,p1,{DRUG},2020-03-01,75 mg every other day",
        f"x3,p1,{DRUG},2020-03-01,1 or 2 tablets daily",
        f"x4,p1,{DRUG},2020-03-01,2 tablets of 25 mg daily",
        "x5,p1,azathioprine,2020-03-01,2 tablets daily",
        f"x6,p1,{DRUG},2020-03-01,",
    ]
    assert drugs(tmp_path, site(tmp_path / "site", "ID,WHO,DRUG,DAY,TEXT", *rows)) == [
        ("100.0", "QD", None, None),
        ("37.5", "QOD", None, None),
        (None, None, "unread_text", "1 or 2 tablets daily"),
        (None, "QD", "contradicting_dose", None),
        (None, "QD", None, None),  # read, but of tablets that nobody tells the strength of
        (None, None, None, None),
    ]


def test_a_dose_in_figures_and_the_text_must_agree_and_a_strength_may_be_a_column(tmp_path: Path) -> None:
    rows = [
        "x1,p1,azathioprine,2020-03-01,2 tablets daily,,25",
        "x2,p1,azathioprine,2020-03-01,2 tablets daily,50,25",
        "x3,p1,azathioprine,2020-03-01,2 tablets daily,51,25",
        "x4,p1,azathioprine,2020-03-01,as before,75,25",
        "x5,p1,azathioprine,2020-03-01,,75,",
        "x6,p1,azathioprine,2020-03-01,50 mg daily,much,",
    ]
    more = ', daily_dose_mg = "MG", strength_mg = "STRENGTH"'
    given = site(tmp_path / "site", "ID,WHO,DRUG,DAY,TEXT,MG,STRENGTH", *rows, more=more)
    assert [row[0::2] for row in drugs(tmp_path, given)] == [
        ("50.0", None),
        ("50", None),
        (None, "contradicting_dose"),
        ("75", None),
        ("75", None),
        ("much", None),  # for the contract to reject
    ]


def test_only_drug_exposures_have_a_dosage_text(tmp_path: Path) -> None:
    given = site(tmp_path / "site", "ID,WHO,DRUG,DAY,TEXT")
    wrong = TOML.replace("MORE", "").replace('code = "code"', 'code = "code", dosage_text = "code"')
    (tmp_path / "site" / "mapping.toml").write_text(wrong)
    with pytest.raises(Usage, match="the contract has no column dosage_text"), look.at(given, tmp_path):
        pass


def checked(given: Given, work: Path, folders: tuple[Path, ...] = ()) -> tuple[Checked, intake.Intake]:
    lists = codelists.load(folders, drugs=(EDITION.audited_drug, *EDITION.other_thiopurines))
    by = References(EDITION, Site(), lists)
    with mapped.receive(given, work, partial(intake.prepare, as_of=AS_OF, by=by)) as received:
        found = intake.settle(received, AS_OF, References(EDITION, Site(), lists))
        return found, intake.stage(found)


UNREAD = [
    *(f"x{n},p{n},{DRUG},2020-03-01,1  or 2 Tablets" for n in range(1, 4)),
    f"y1,p1,{DRUG},2020-04-01,ask Mrs Miller",
    f"y2,p1,{DRUG},2020-05-01,2 tablets daily",
    f"y3,p1,{DRUG},2020-06-01,1 tablet of 25 mg daily",
    "y4,p1,prednisone 5 mg tablet,2020-04-01,a lot",
]


def test_texts_that_are_not_read_are_counted_and_a_rare_one_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = site(tmp_path / "site", "ID,WHO,DRUG,DAY,TEXT", *UNREAD, patients=3)
    found, taken = checked(given, tmp_path / "work")
    assert taken.unread_texts.rows() == [("1 or 2 tablets", 3, 3), ("ask mrs miller", 1, 1)]
    reasons = dict(taken.unknown_doses.iter_rows())
    assert reasons == {**dict.fromkeys(("x1", "x2", "x3", "y1"), "unread_text"), "y3": "contradicting_dose"}
    doses = dict(taken.staged.exposures.select("exposure_id", "daily_dose_mg").iter_rows())
    assert {name for name, mg in doses.items() if mg is not None} == {"y2"}
    said = notes.of_staged(taken.staged, taken.row_notes, taken.unknown_doses)
    assert any("4 doses of the audited drug stand only in dosage texts that are not read" in line for line in said)
    assert any("1 doses of the audited drug are told in two ways" in line for line in said)
    show.checked(found)
    out = capsys.readouterr().out
    assert "Dosage texts that are not read" in out
    assert "1 or 2 tablets" in out
    assert "1 more are not shown, as fewer than 3 patients share each" in out
    assert "miller" not in out.lower()


def test_a_sites_reading_makes_a_text_known_and_moves_the_hash(tmp_path: Path) -> None:
    given = site(tmp_path / "site", "ID,WHO,DRUG,DAY,TEXT", *UNREAD, patients=3)
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / own.FILE).write_text("text,mg_per_day\n1 or 2 tablets,75\n")
    _, taken = checked(given, tmp_path / "work", (folder,))
    assert taken.unread_texts["text"].to_list() == ["ask mrs miller"]
    doses = dict(taken.staged.exposures.select("exposure_id", "daily_dose_mg").iter_rows())
    assert doses["x1"] == 75
    assert taken.codelist_hash != codelists.load().hash


def test_an_extract_of_the_contract_has_no_column_that_only_mappings_give(tmp_path: Path) -> None:
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,observation_start\np1,2020-01-01\n")
    (folder / "lab_results.csv").write_text(
        "result_id,patient_id,collected_at,vocabulary,code,value,unit\nr,p1,2020-02-01,concept,alt,30,U/L\n"
    )
    (folder / "drug_exposures.csv").write_text(
        "exposure_id,patient_id,vocabulary,code,start_date,daily_dose_mg,dose_note,dosage_text\n"
        "x,p1,concept,azathioprine,2020-03-01,50,nonsense,nonsense\n"
    )
    lists = codelists.load((), drugs=(EDITION.audited_drug, *EDITION.other_thiopurines))
    with sources.receive(folder, tmp_path / "work") as received:
        taken = intake.stage(intake.settle(received, AS_OF, References(EDITION, Site(), lists)))
    assert taken.staged.exposures["daily_dose_mg"].to_list() == [50.0]
    assert taken.unknown_doses.is_empty()
    assert "drug_exposures: 2 columns not of the contract were kept out" in taken.notes
