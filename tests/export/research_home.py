"""A home whose release holds restarts of made-up persons: nearly all alone by break and peak, as real ones are."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from flows.editions import load
from flows.export.request import Request
from flows.release import EDITION_FILE, SCHEMA_VERSION, edition_text
from flows.release.contents import Contents, write_tables
from tests import released

RUN = "20240131-20240201T010203Z-abcdef"
PERSONS = 120
KEY = bytes(range(48))
PROFILE = """
id = "small"
kind = "research"
title = "Small"
outcome = "recurrence"
[[field]]
name = "sex"
source = "sex"
type = "category"
levels = ["F", "M"]
meaning = "Sex."
quasi_identifier = true
ladder = ["all"]
[[field]]
name = "paused"
source = "break_days"
type = "band"
meaning = "Days."
quasi_identifier = true
bands = [{ from = "edition", to = 27 }, { from = 28, to = 90 }, { from = 91, to = "edition" }]
ladder = ["all"]
[[field]]
name = "height"
source = "peak_x_uln"
type = "band"
meaning = "Peak."
quasi_identifier = true
bands = [{ below = 3 }, { from = 3, below = 5 }, { from = 5, to = 10 }, { above = 10 }]
ladder = ["all"]
[[field]]
name = "highest"
source = "highest_after_restart_x_uln"
type = "multiple"
meaning = "Highest."
[[field]]
name = "on_drug"
source = "last_dose_date"
type = "days"
meaning = "On drug."
[[field]]
name = "recurrence"
source = "recurrence"
type = "flag"
meaning = "It came back."
[[verdicts]]
rules = ["RST-01"]
"""
SERIES = '\n[series]\nanalytes = ["alt", "ast"]\nfirst_week = -1\nlast_week = 4\n'


def frames() -> dict[str, pl.DataFrame]:
    """Return the tables: a restart a person, of every twentieth person a second one."""
    of = [*range(PERSONS), *range(0, PERSONS, 20)]
    restarts = [date(2019, 1, 1) + timedelta(days=7 * at) for at in range(len(of))]
    patients = [f"PAT-{at:05}" for at in of]
    episodes = pl.DataFrame(
        {
            "episode_id": [f"{who}-{day:%Y%m%d}" for who, day in zip(patients, restarts, strict=True)],
            "patient_id": patients,
            "site_id": [f"ward-{at % 7}" for at in of],
            "restart_date": restarts,
            "last_dose_date": [day + timedelta(days=50 + at) for at, day in enumerate(restarts)],
            "break_days": [14 + at * 37 % 150 for at in range(len(of))],
            "peak_x_uln": [1.5 + at * 7 % 90 / 8 for at in range(len(of))],
            "recurrence": [at % 3 == 0 for at in range(len(of))],
        }
    )
    people = pl.DataFrame({"patient_id": sorted({*patients}), "sex": [("F", "M")[at % 2] for at in range(PERSONS)]})
    findings = episodes.select(
        "episode_id", "patient_id", rule_id=pl.lit("RST-01"), verdict=pl.lit("pass"),
        message=pl.format("Restarted on {} after recovery.", "restart_date"),
    )  # fmt: skip
    labs = episodes.select(
        "patient_id", date=pl.col("restart_date") + timedelta(days=8), analyte=pl.lit("alt"),
        x_uln=pl.int_range(pl.len()) % 11 / 4 + 0.7, source_id=pl.format("LAB-{}", "episode_id"),
    )  # fmt: skip
    given = {"episodes": episodes, "patients": people, "findings": findings, "labs": labs}
    empty = released.frames("")
    return empty | {name: pl.concat([empty[name], table], how="diagonal_relaxed") for name, table in given.items()}


def write(folder: Path) -> Path:
    """Write the home and return it."""
    release = folder / "home" / "releases" / RUN
    release.mkdir(parents=True)
    write_tables(release, Contents(tables=frames(), about=released.ABOUT, pages={}, manifest=dict))
    (release / EDITION_FILE).write_text(edition_text(load()), encoding="utf-8")
    manifest = {"run_id": RUN, "as_of": "2024-01-31", "schema_version": SCHEMA_VERSION}
    (release / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "home" / "current").symlink_to(f"releases/{RUN}")
    (folder / "key").write_bytes(KEY)
    (folder / "key").chmod(0o600)
    return folder / "home"


def asked(home: Path, recipient: str = "University of X") -> Request:
    """Return a request for rows, whose key lies beside the home."""
    return Request(home, key_file=home.parent / "key", recipient=recipient, purpose="recurrence after a restart")


def profile(home: Path, text: str = PROFILE) -> str:
    """Write a profile beside the home and return how it is named."""
    file = home.parent / "small.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)
