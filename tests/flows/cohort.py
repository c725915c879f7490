"""A small cohort with something of everything, as an extract folder and as the staged frames of the same rows.

Patient k restarts azathioprine on RESTART + k. The stories differ by k % 6: on guideline; restarted at the
full dose without a test and never watched; a severe injury that recurs and is not stopped; symptoms without a
test; no raised enzyme; a switch to mercaptopurine.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from audit import frames
from audit.judge import judge
from flows.editions import load

AS_OF = date(2023, 12, 31)
RESTART = date(2023, 3, 1)
STORIES = 6
WATCHED = (7, 14, 21, 28, 35, 42, 49, 56, 74, 88, 120, 150, 180, 270)
LABS = {"alt": (40.0, "U/L"), "ast": (40.0, "U/L"), "alp": (120.0, "U/L"), "bilirubin_total": (1.2, "mg/dL")}


class Story:
    """One patient's rows as an extract has them; days count from the restart."""

    def __init__(self, k: int) -> None:
        self.patient_id, self.k, self.zero = f"P{k:03d}", k, RESTART + timedelta(days=k)
        self.labs: list[dict[str, Any]] = []
        self.exposures: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def on(self, day: int) -> date:
        return self.zero + timedelta(days=day)

    def lab(self, concept: str, value: float | None, *days: int) -> None:
        uln, unit = LABS.get(concept, (None, None))
        for day in days:
            self.labs.append(
                {
                    "result_id": f"{self.patient_id}-L{len(self.labs):03d}", "patient_id": self.patient_id,
                    "collected_at": self.on(day), "vocabulary": "concept", "code": concept, "value": value,
                    "unit": unit, "reference_high": uln,
                }
            )  # fmt: skip

    def take(
        self, start: int, end: int | None, dose: float, drug: str = "azathioprine", reason: str | None = None
    ) -> None:
        self.exposures.append(
            {
                "exposure_id": f"{self.patient_id}-X{len(self.exposures)}", "patient_id": self.patient_id,
                "vocabulary": "concept", "code": drug, "start_date": self.on(start),
                "end_date": None if end is None else self.on(end), "daily_dose_mg": dose, "frequency": "QD",
                "end_type": None if end is None else "explicit", "stop_reason": reason,
            }
        )  # fmt: skip

    def event(self, concept: str, *days: int) -> None:
        for day in days:
            self.events.append(
                {
                    "event_id": f"{self.patient_id}-E{len(self.events)}", "patient_id": self.patient_id,
                    "event_date": self.on(day), "vocabulary": "concept", "code": concept,
                }
            )  # fmt: skip

    def tell(self) -> "Story":
        kind = self.k % STORIES
        for concept, value in (("alt", 24.0), ("ast", 22.0), ("bilirubin_total", 0.6)):
            self.lab(concept, value, -430, -420, -410)
        self.take(-400, -31, 100.0, reason="hepatotoxicity")
        if kind == 5:
            self.take(-30, 60, 50.0, drug="mercaptopurine")
            return self
        peak = 30.0 if kind == 4 else 480.0 if kind == 2 else 170.0
        self.lab("alt", peak, -35)
        self.lab("ast", peak * 0.7, -35)
        self.lab("alp", 120.0, -35)
        self.event("ibd", -300)
        if kind != 1:
            self.lab("alt", 30.0, -3)
            self.lab("ast", 28.0, -3)
            self.lab("hbsag", None, -33)
            self.lab("anti_hcv", None, -33)
            self.event("liver_ultrasound", -33)
        self.take(0, None, 100.0 if kind == 1 else 50.0)
        if kind in (0, 3):
            self.lab("alt", 25.0, *WATCHED)
        if kind == 2:
            self.lab("alt", 25.0, 7, 14)
            self.lab("alt", 240.0, 21)
        if kind == 3:
            self.event("symptom_nausea", 100)
        return self


def tables(patients: int = STORIES) -> dict[str, pl.DataFrame]:
    """Return the tables of the extract."""
    stories = [Story(k).tell() for k in range(patients)]
    people = [
        {
            "patient_id": story.patient_id, "sex": "F" if story.k % 2 else "M", "birth_year": 1960 + story.k % 40,
            "site_id": "north" if story.k % 3 else "south", "observation_start": story.on(-900),
            "observation_end": None,
        }
        for story in stories
    ]  # fmt: skip
    return {
        "patients": pl.DataFrame(people, infer_schema_length=None),
        "lab_results": pl.DataFrame([row for story in stories for row in story.labs], infer_schema_length=None),
        "drug_exposures": pl.DataFrame([row for story in stories for row in story.exposures], infer_schema_length=None),
        "clinical_events": pl.DataFrame([row for story in stories for row in story.events], infer_schema_length=None),
    }


def write_extract(folder: Path, patients: int = STORIES, as_of: date | None = AS_OF) -> Path:
    """Write the extract as CSV, with an extract.json unless as_of is None; return the folder."""
    folder.mkdir(parents=True)
    for name, table in tables(patients).items():
        table.write_csv(folder / f"{name}.csv")
    if as_of is not None:
        (folder / "extract.json").write_text(json.dumps({"extracted_on": as_of.isoformat()}))
    return folder


def staged(patients: int = STORIES) -> frames.Staged:
    """Return the frames that staging makes of the extract."""
    given = tables(patients)
    labs = given["lab_results"].with_columns(
        date="collected_at",
        concept="code",
        uln="reference_high",
        uln_source=pl.lit("printed"),
        comparator=None,
        status=pl.lit("final"),
    )
    exposures = given["drug_exposures"].with_columns(
        concept="code", product="code", days_supply=None, route=None, length_basis=None
    )
    events = given["clinical_events"].with_columns(date="event_date", concept="code")
    return frames.Staged(
        fitted(given["patients"].with_columns(death_date=None), frames.PATIENTS),
        fitted(labs, frames.LABS),
        fitted(exposures, frames.EXPOSURES),
        fitted(events, frames.EVENTS),
    )


def fitted(table: pl.DataFrame, frame: frames.Frame) -> pl.DataFrame:
    """Return the declared columns in their declared types."""
    return table.select(pl.col(column.name).cast(column.dtype) for column in frame.columns)


def judged(patients: int = STORIES) -> frames.Judged:
    """Return what the audit says of the cohort."""
    return judge(staged(patients), load(), AS_OF)
