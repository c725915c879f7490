"""A small release written as text tables into a home, with a finding of each rule for each restart."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import FINDINGS, RELEASED
from audit.rules import register
from flows.editions import load
from flows.export import Attack, Exported, Request, export
from flows.export.profiles import PROFILES
from flows.release import edition_applied, edition_text
from tests import released

EDITION = load()
SHIPPED = (PROFILES / "registry.toml").read_text(encoding="utf-8")
SHIFTED = 'dates = "shifted"', "shift_days = [-365, -1]", "ongoing_cut_days = 180"
RUN = "20240630-20240701T010203Z-abcdef"
FEED_END = date(2024, 6, 30)
# Two persons with an audited restart (one has two), and one without. PN-2 takes the drug when the feed ends.
TEXT = """
-- episodes
episode_id     | patient_id | site_id | stop_date  | restart_date | break_days | peak_date  | grade  | peak_x_uln | last_dose_date | observed_to | days_covered | indications
PN-1-20220301  | PN-1       | northside | 2022-02-01 | 2022-03-01 | 28         | 2022-01-25 | mild   | 3.8863     | 2022-06-30     |             | 100          | ibd+sle
PN-1-20230301  | PN-1       | northside | 2022-07-01 | 2023-03-01 | 243        | 2022-06-20 | severe | 15.04      | 2023-03-31     | 2023-04-30  | 31           | none_coded
PN-2-20240101  | PN-2       |         | 2023-12-01 | 2024-01-01 | 31         | 2023-11-30 | mild   | 2.25       |                |             |              |
-- patients
patient_id | site_id   | sex | birth_year | first_exposure
PN-1       | northside | F   | 1925       | 2021-01-01
PN-2       |           |     | 1990       | 2023-06-01
PN-3       | northside | M   | 1980       | 2020-01-01
-- courses
patient_id | start_date | last_dose_date | days | days_covered | end_type
PN-1       | 2021-01-01 | 2022-01-31     | 396  | 390          | explicit
PN-1       | 2022-03-01 | 2022-06-30     | 122  | 100          | explicit
PN-1       | 2023-03-01 | 2023-03-31     | 31   | 31           | supply
PN-2       | 2023-06-01 | 2023-11-30     | 183  | 183          | explicit
PN-2       | 2024-01-01 | 2024-06-30     | 182  | 182          | ongoing
PN-3       | 2020-01-01 | 2024-06-30     | 1643 | 1643         | ongoing
-- exposures
patient_id | exposure_id | concept      | start_date
PN-1       | X-00001     | azathioprine | 2021-01-01
PN-1       | X-00002     | azathioprine | 2021-07-01
PN-1       | X-00003     | azathioprine | 2022-03-01
PN-1       | X-00004     | allopurinol  | 2022-03-02
PN-1       | X-00005     | azathioprine | 2023-03-01
PN-2       | X-00006     | azathioprine | 2023-06-01
PN-2       | X-00007     | azathioprine | 2024-01-01
PN-2       | X-00008     | azathioprine | 2024-06-30
PN-2       | X-00009     | azathioprine | 2024-07-01
PN-3       | X-00010     | azathioprine | 2020-01-01
-- labs
patient_id | analyte | date       | source_id
PN-1       | alt     | 2022-01-25 | LAB-00001
"""  # noqa: E501
BROKEN = {("PN-1-20230301", "RST-07"): "severe", ("PN-2-20240101", "RST-04"): "same_dose"}


def frames(text: str = TEXT) -> dict[str, pl.DataFrame]:
    """Return the frames of the release: each rule is kept to, but those of BROKEN."""
    found = released.frames(text)
    several = pl.col("indications").str.replace("+", "|", literal=True)  # the sign between cells of a text table
    found["episodes"] = found["episodes"].with_columns(several)
    rows = []
    for episode, patient in found["episodes"].select("episode_id", "patient_id").iter_rows():
        for rule in register(EDITION).values():
            reason = BROKEN.get((episode, rule.id))
            [passed, *_] = [one.reason for one in rule.outcomes if one.verdict == "pass"]
            verdict = "violation" if reason else "pass"
            said = f"A sentence of {patient}."
            rows.append((episode, patient, rule.id, verdict, reason or passed, None, said, None))
    return {**found, "findings": pl.DataFrame(rows, schema=FINDINGS.schema, orient="row")}


def write(home: Path, tables: Mapping[str, pl.DataFrame] | None = None) -> Path:
    """Write a release into a home as its current one, and return the home."""
    tables = tables or frames()
    folder = home / "releases" / RUN
    folder.mkdir(parents=True)
    for frame in RELEASED:
        tables[frame.name].write_parquet(folder / f"{frame.name}.parquet")
    (folder / "edition.json").write_text(edition_text(EDITION), encoding="utf-8")
    said = {"run_id": RUN, "as_of": FEED_END.isoformat(), "schema_version": 2, "code": {"version": "1.2.3"}}
    (folder / "manifest.json").write_text(json.dumps({**said, **edition_applied(EDITION)}), encoding="utf-8")
    (home / "current").symlink_to(folder.relative_to(home))
    return home


def numbered(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables with whole numbers as the patients' ids: 7001 for PN-1."""
    number = pl.col("patient_id").str.replace("PN-", "700")
    return {
        name: table.with_columns(number) if "patient_id" in table.columns else table for name, table in tables.items()
    }


def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(bytes(range(40)))
    file.chmod(0o600)
    return file


def ask(of: Path, tmp_path: Path, **more: Any) -> Request:
    asked = Request(of, key_file=key(tmp_path), recipient="Registry A", purpose="audit of care")
    return replace(asked, **more)


def profile(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = SHIPPED
    for was, now in changes:
        assert was in text
        text = text.replace(was, now, 1)
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def true_dates(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(SHIFTED[0], 'dates = "true"'), (f"{SHIFTED[1]}\n", ""), (f"{SHIFTED[2]}\n", ""), *more]


def written(home: Path, tmp_path: Path, name: str = "registry", out: str = "out") -> tuple[Path, Exported]:
    done = export(name, ask(home, tmp_path), tmp_path / out)
    return tmp_path / out, done


def content(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def said(out: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def outcome(found: list[Attack], name: str) -> Attack:
    [one] = [attack for attack in found if attack.name == name]
    return one
