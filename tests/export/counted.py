"""A home with a release of some hundred restarts, of which the counts are known."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from audit.frames import EPISODES, FINDINGS
from flows.export import Request
from flows.export.aggregate.cells import verdicts_of
from flows.export.aggregate.make import judging
from flows.export.aggregate.profile import Model
from tests.export import registered

OVER = {"id": "counts", "kind": "aggregate", "title": "Counts", "calendar": "quarter"}
Row = tuple[str, str, str]  # site, grade, verdict of RST-01


def profile(**said: object) -> Model:
    """Return a profile of counts with what is said."""
    return Model.model_validate({**OVER, **said})


def toml(folder: Path, **said: object) -> str:
    """Write a profile as a file and return its path."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**OVER, **said}.items() if key != "strata"]
    strata = said.get("strata", {})
    assert isinstance(strata, dict)
    lines += [
        f"[strata.{name}.levels]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in of.items())
        for name, of in strata.items()
    ]
    file = folder / f"{said.get('id', 'counts')}.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def frames(rows: Sequence[Row], rule: str = "RST-01") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return episodes and their findings of one rule, one restart a person and a day."""
    days = [date(2024, 1, 1) + timedelta(days=place % 180) for place in range(len(rows))]
    episodes = pl.DataFrame(
        {
            "episode_id": [f"EP-{place:05}" for place in range(len(rows))],
            "patient_id": [f"PN-{place:05}" for place in range(len(rows))],
            "site_id": [site or None for site, _, _ in rows],
            "restart_date": days,
            "stop_date": [day - timedelta(days=30) for day in days],
            "grade": [grade for _, grade, _ in rows],
        }
    )
    whole = pl.concat([pl.DataFrame(schema=EPISODES.schema), episodes], how="diagonal")
    findings = pl.DataFrame(
        {
            "episode_id": episodes["episode_id"],
            "patient_id": episodes["patient_id"],
            "rule_id": [rule] * len(rows),
            "verdict": [verdict for *_, verdict in rows],
            "message": [f"A sentence of PN-{place:05}." for place in range(len(rows))],
        }
    )
    return whole, pl.concat([pl.DataFrame(schema=FINDINGS.schema), findings], how="diagonal")


def home(folder: Path, rows: Sequence[Row], as_of: str = "2024-06-30", run: str = registered.RUN) -> Path:
    """Write a release into a home, as its current one."""
    episodes, findings = frames(rows)
    others = pl.DataFrame(
        [(name, next(one for one in ("not_applicable", "pass") if one in verdicts_of(rule)))
         for name, rule in judging(registered.EDITION).items() if name != "RST-01"],
        schema=["rule_id", "verdict"], orient="row",
    )  # fmt: skip
    silent = findings.drop("rule_id", "verdict").join(others, how="cross")
    findings = pl.concat([findings, silent.select(findings.columns)])
    tables = {**registered.frames(), "episodes": episodes, "findings": findings}
    place = folder if not (folder / "current").exists() else folder.with_name(f".{folder.name}.next")
    registered.write(place, tables)
    made = place / "releases" / registered.RUN
    said = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    (made / "manifest.json").write_text(json.dumps({**said, "as_of": as_of, "run_id": run}), encoding="utf-8")
    target = folder / "releases" / run
    if target != made:
        made.rename(target)
    (folder / "current").unlink(missing_ok=True)
    (folder / "current").symlink_to(Path("releases") / run)
    return folder


def ask(place: Path, **said: object) -> Request:
    """Ask for an export of a home."""
    return Request(place, **said)  # type: ignore[arg-type]


def several(*counts: tuple[int, Row]) -> list[Row]:
    """Return each row as often as it is told."""
    return [row for n, row in counts for _ in range(n)]
