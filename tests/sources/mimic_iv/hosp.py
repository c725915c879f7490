"""A made-up folder `hosp` in the published format: rows as differences from one good row each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flows.given import Given
from tests.flows.extracts import write_csv
from tests.sources import look

Rows = Sequence[Mapping[str, Any]]
ORDER_HEAD = {"subject_id": "1", "hadm_id": "20", "pharmacy_id": "300"}
GOOD: Mapping[str, Mapping[str, Any]] = {
    "patients": {"subject_id": "1", "gender": "F", "anchor_age": "50", "anchor_year": "2150", "dod": None},
    "admissions": {
        "subject_id": "1", "hadm_id": "20", "admittime": "2150-03-01 10:00:00", "dischtime": "2150-03-20 15:00:00",
        "deathtime": None, "admission_type": "URGENT",
    },
    "labevents": {
        "labevent_id": "900", "subject_id": "1", "hadm_id": "20", "specimen_id": "7", "itemid": "50861",
        "charttime": "2150-03-02 06:00:00", "storetime": "2150-03-02 08:00:00", "value": "55", "valuenum": "55",
        "valueuom": "IU/L", "ref_range_lower": "0", "ref_range_upper": "40", "flag": "abnormal", "comments": None,
    },
    "prescriptions": {
        **ORDER_HEAD, "starttime": "2150-03-02 08:00:00", "stoptime": "2150-03-10 17:00:00", "drug_type": "MAIN",
        "drug": "Azathioprine", "dose_val_rx": "50", "dose_unit_rx": "mg", "doses_per_24_hrs": "1", "route": "PO/NG",
    },
    "pharmacy": {
        **ORDER_HEAD, "status": "Discontinued", "frequency": "DAILY", "infusion_type": None, "doses_per_24_hrs": "1",
    },
    "omr": {
        "subject_id": "1", "chartdate": "2150-03-05", "seq_num": "1", "result_name": "Weight (Lbs)",
        "result_value": "150",
    },
    "diagnoses_icd": {"subject_id": "1", "hadm_id": "20", "seq_num": "1", "icd_code": "78959", "icd_version": "9"},
    "procedures_icd": {
        "subject_id": "1", "hadm_id": "20", "seq_num": "1", "chartdate": "2150-03-03", "icd_code": "5701",
        "icd_version": "9",
    },
    "hcpcsevents": {
        "subject_id": "1", "hadm_id": "20", "chartdate": "2150-03-04", "hcpcs_cd": "76705", "seq_num": "1",
        "short_description": "Abdomen",
    },
}  # fmt: skip
PUBLISHED = ("patients", "admissions", "labevents", "prescriptions", "pharmacy", "omr", "diagnoses_icd")


def hosp(folder: Path, **tables: Rows | None) -> Given:
    """Write the published tables, one good row for each that is not given; None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (dict.fromkeys(PUBLISHED, ({},)) | tables).items():
        if rows is not None:
            write_csv(folder / f"{name}.csv", [{**GOOD[name], **row} for row in rows])
    return Given("mimic-iv", str(folder))


def received(tmp_path: Path, table: str, **tables: Rows | None) -> list[dict[str, Any]]:
    """Return the rows that a table of the contract receives from such a folder."""
    with look.at(hosp(tmp_path / "hosp", **tables), tmp_path, only=table) as it:
        return look.rows(it, table)


def order(tmp_path: Path, pharmacy: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return what becomes of one order; `pharmacy` changes how it is to be given."""
    return orders(tmp_path, (pharmacy or {}, changes))[0]


def orders(tmp_path: Path, *given: tuple[Mapping[str, Any], Mapping[str, Any]], **tables: Rows) -> list[dict[str, Any]]:
    """Return what becomes of orders, each told by how it is to be given and by the order itself."""
    ids = [{"pharmacy_id": str(300 + place)} for place in range(len(given))]
    how = [one | pharmacy for one, (pharmacy, _) in zip(ids, given, strict=True)]
    what = [one | changes for one, (_, changes) in zip(ids, given, strict=True)]
    return received(tmp_path, "drug_exposures", prescriptions=what, pharmacy=how, **tables)


def result(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    """Return what becomes of one row of the laboratory."""
    return results(tmp_path, changes)[0]


def results(tmp_path: Path, *changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what becomes of rows of the laboratory."""
    rows = [{"labevent_id": str(900 + place), **change} for place, change in enumerate(changes)]
    return received(tmp_path, "lab_results", labevents=rows, omr=None)
