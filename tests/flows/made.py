"""A small release written as text tables, and the report made of it: what the page must show can be counted here."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl

from audit.frames import CHANGES, KEPT, MARKS, SOURCE_ROWS, UNREAD_TEXTS, Judged, Kept
from audit.rules import rulebook
from flows.editions import load
from flows.pages.facts import Facts
from flows.pages.report import render
from tests import released
from tests.flows.markup import Node, tree

EDITION = load()
RULES = {name: rule for name, rule in rulebook(EDITION).items() if name in ("RST-04", "RST-05", "MON-01", "STP-01")}
RUN: Mapping[str, Any] = {
    "run_id": "RUN-1",
    "extracted_on": "2024-01-30",
    "newest_result": "2024-01-29",
    "newest_draw": "2024-01-28",
    "newest_exposure": "2024-01-27",
    "as_of": "2024-01-31",
    "source": "omop",
    "code": {"version": "1.2.3", "commit": "abcdef0123456789"},
    "codelists_hash": "0123456789abcdef",
}
PATIENTS = 1234
THIN = "\u202f"  # between thousands
DASH = "\u2013"
NOBODY = "-- measures"
RELEASE = (Path(__file__).parent / "release.txt").read_text(encoding="utf-8")
IMPLAUSIBLE_LIMITS = pl.Schema({"concept": pl.String(), "laboratory_id": pl.String(), "rows": pl.Int64()})
CONSERVATION = pl.DataFrame({"table_name": ["lab_results", "patients"], "read": [12345, 0], "not_needed": [12340, 0]})
UNLISTED = pl.DataFrame(
    schema={"table_name": pl.String, "vocabulary": pl.String, "code": pl.String, "rows": pl.Int64}, orient="row",
    data=[("lab_results", "local", "X1", 4321), ("drug_exposures", None, "X2", 1)],
)  # fmt: skip
MATCHED = pl.DataFrame(
    schema={
        "table_name": pl.String, "vocabulary": pl.String, "code": pl.String, "concept": pl.String,
        "matched_by": pl.String, "rows": pl.Int64, "words_left": pl.String,
    }, orient="row",
    data=[
        ("drug_exposures", "name", "Imuran 50 mg", "azathioprine", "name", 1234, None),
        ("drug_exposures", "name", "Imuran cream", "azathioprine", "near_miss", 7, "cream"),
    ],
)  # fmt: skip


def judged(text: str = RELEASE) -> Judged:
    """Return the judged frames that a text writes."""
    frames = released.frames(text)
    unknown = pl.DataFrame(schema={"exposure_id": pl.String, "reason": pl.String})
    return Judged(
        **{
            name: frames[name]
            for name in (
                "breaks", "episodes", "status_to_date", "urgency", "slots", "findings", "evidence", "measures",
                "sensitivity",
            )
        },
        kept=Kept(**{frame.name: frames[frame.name] for frame in KEPT}),
        unknown_doses=unknown,
    )  # fmt: skip


def facts(text: str = RELEASE, **changes: Any) -> Facts:
    """Return the facts of a release written as text, with some of them changed."""
    made = Facts(
        judged=judged(text), patients=PATIENTS, rejects=released.frames(text)["rejects"], unlisted=UNLISTED,
        matched=MATCHED, conservation=CONSERVATION, notes=["one is missing", "a < b"], guideline=EDITION, rules=RULES,
        run=RUN, warnings=(), freshness=None, unread_texts=UNREAD_TEXTS.empty(), source_rows=SOURCE_ROWS.empty(),
        implausible_limits=IMPLAUSIBLE_LIMITS.to_frame(), changes=CHANGES.empty(), marks=MARKS.empty(),
        compared_with=None, not_compared="there is no release before this one",
    )  # fmt: skip
    return replace(made, **changes)


def page(text: str = RELEASE, **changes: Any) -> Node:
    """Return the report of a release written as text."""
    return tree(render(facts(text, **changes)))


def found(page: Node) -> list[dict[str, str]]:
    """Return the findings that the page's script lists, read from what it is given."""
    [given] = [one for one in page.all("script") if one.attrs.get("id") == "findings-data"]
    data = json.loads(given.spread)
    columns = data["columns"]
    rows = []
    for n in range(len(columns["rule"])):
        words = {name: data[name][columns[name][n]] for name in ("rule", "site", "urgency", "verdict", "mark")}
        parts, values = data["sentences"][columns["sentence"][n]], columns["values"][n].split(" ")
        sentence = "".join(part + value for part, value in zip_longest(parts, values, fillvalue=""))
        plain = {name: columns[name][n] for name in ("patient", "episode", "event")}
        rows.append({**plain, **words, "sentence": sentence, "note": data["note"].get(str(n), "")})
    return rows


def section(page: Node, name: str) -> Node:
    """Return a section by its name."""
    return page.one("section", aria_labelledby=name)
