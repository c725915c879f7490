"""A copied macros.sql under --mapping, of every kind of source: unchanged it changes nothing, changed it counts."""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from flows import intake
from flows.errors import Usage
from flows.site import Site
from flows.sources.declare import Given
from flows.sources.mapped import SOURCES
from tests.flows.extracts import AS_OF, EDITION
from tests.sources.fhir import bulk
from tests.sources.hl7v2.made import folder as hl7v2
from tests.sources.hl7v2.made import message
from tests.sources.mimic_iv.hosp import hosp
from tests.sources.omop.cdm import cdm
from tests.sources.test_unread_texts import DRUG, site


def fhir(folder: Path) -> Given:
    order = {**bulk.REQUEST, "dosageInstruction": [{"text": "1 tablet daily"}]}
    return bulk.write(folder, bulk.PATIENT, bulk.OBSERVATION, order)


def mimic(folder: Path) -> Given:
    days = {"starttime": "2024-03-02 08:00:00", "stoptime": "2024-03-10 17:00:00"}
    stay = {"admittime": "2024-03-01 10:00:00", "dischtime": "2024-03-20 15:00:00"}
    drawn = {"charttime": "2024-03-02 06:00:00", "storetime": "2024-03-02 08:00:00"}
    person = {"anchor_year": "2024"}
    return hosp(folder, patients=[person], admissions=[stay], prescriptions=[days], labevents=[drawn], omr=None)


GIVEN: Mapping[str, Callable[[Path], Given]] = {
    "omop": lambda folder: Given("omop", str(cdm(folder))),
    "fhir": fhir,
    "hl7v2": lambda folder: hl7v2(folder, feed=message()),
    "mimic-iv": mimic,
    "table": lambda folder: site(folder, "ID,WHO,DRUG,DAY,TEXT", f"x1,p1,{DRUG},2020-03-01,1 tablet daily"),
}
# A macro of each file that the kind's mappings ask, made to say something else, and where that is seen.
CHANGES: Mapping[str, tuple[str, str, str, str]] = {
    "omop": ("stop_reason_of(text) AS 'rash'", "exposures", "stop_reason", "rash"),
    "fhir": ("placed_by(partial_date, whole_date) AS '2024-01-09'", "exposures", "start_date", "2024-01-09"),
    "hl7v2": (
        "hl7_value(value_type, value, value_count, comparator, number_1, separator, number_2) AS '77'",
        "labs",
        "value",
        "77.0",
    ),
    "mimic-iv": ("dose_mg(dose, unit) AS 75", "exposures", "daily_dose_mg", "75.0"),
    "table": (
        "text_dose(mg_a_day, pieces_a_day, piece_mg, other_piece_mg, strength) AS 75",
        "exposures",
        "daily_dose_mg",
        "75.0",
    ),
}


def copied(kind: str) -> str:
    """Return the kind's own file, and the shared one before it where the kind has none."""
    file = SOURCES / kind / "macros.sql"
    return (file if file.is_file() else SOURCES / "macros.sql").read_text(encoding="utf-8")


def staged(tmp_path: Path, kind: str, macros: str | None, run: str) -> Mapping[str, pl.DataFrame | None]:
    """Return the staged frames of the kind's good rows, read with a macros.sql of the site's."""
    given = GIVEN[kind](tmp_path / run / "data")
    if macros is not None:
        own = tmp_path / run / "own"
        own.mkdir(parents=True)
        (own / "macros.sql").write_text(macros, encoding="utf-8")
        given = Given(kind, given.location, own)
    by = Site(time_zone="UTC", max_rejected_share=1.0)
    found = intake.intake(given, tmp_path / run / "work", AS_OF, EDITION, by).staged
    return {name: getattr(found, name) for name in ("patients", "labs", "exposures", "events", "stays")}


@pytest.mark.parametrize("kind", GIVEN)
def test_an_unchanged_copy_changes_nothing(kind: str, tmp_path: Path) -> None:
    plain = staged(tmp_path, kind, None, "plain")
    own = staged(tmp_path, kind, copied(kind), "own")
    shared = staged(tmp_path, kind, (SOURCES / "macros.sql").read_text(encoding="utf-8"), "shared")
    for name, frame in plain.items():
        for other in (own[name], shared[name]):
            assert (frame is None) == (other is None)
            assert frame is None or other is None or frame.equals(other), name
    exposures = plain["exposures"]
    assert exposures is not None
    assert exposures.height


@pytest.mark.parametrize("kind", GIVEN)
def test_a_changed_macro_takes_effect(kind: str, tmp_path: Path) -> None:
    macro, table, column, value = CHANGES[kind]
    frame = staged(tmp_path, kind, f"{copied(kind)}\nCREATE MACRO {macro};\n", "own")[table]
    assert frame is not None
    assert set(frame[column].cast(pl.String)) == {value}


@pytest.mark.parametrize("kind", GIVEN)
def test_a_macro_that_asks_what_is_not_there_or_lost_a_parameter_is_one_line(kind: str, tmp_path: Path) -> None:
    name = CHANGES[kind][0].partition("(")[0]
    for run, macro in {
        "asks": f"{CHANGES[kind][0].partition(' AS ')[0]} AS nothing_like_it(1)",
        "lost": f"{name}() AS 1",
    }.items():
        with pytest.raises(Usage, match=r"^mapping macros\.sql(, asked by \w+\.sql)?: [^\n]*$") as caught:
            staged(tmp_path, kind, f"CREATE MACRO {macro};", run)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("kind", GIVEN)
def test_a_copy_that_leaves_macros_out_takes_those_of_the_project(kind: str, tmp_path: Path) -> None:
    exposures = staged(tmp_path, kind, "CREATE MACRO of_the_site(x) AS x;", "own")["exposures"]
    assert exposures is not None
    assert exposures.height


@pytest.mark.parametrize("kind", GIVEN)
def test_a_broken_copy_is_one_line_that_names_the_file(kind: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"^mapping macros\.sql: [^\n]*$"):
        staged(tmp_path, kind, "CREATE MACRO twice(x) AS nothing_like_it(;", "own")
