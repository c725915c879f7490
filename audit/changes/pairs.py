"""The episodes and the findings of two nights, paired: which is which, and what is not what it was."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

PATIENT, EPISODE = "patient_id", "episode_id"
STATE = ("verdict", "reason", "event_date")
SIDES = ("before", "now")


@dataclass(frozen=True, slots=True)
class Findings:
    """What a night found: `episodes` (episode_id, patient_id, stop_date, restart_date) and `findings`."""

    episodes: pl.DataFrame
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Pairs:
    """`episodes`: one row an episode of either night (`pair`), with id and days of each; null where it is not there.

    `findings`: one row a finding that is not what it was: pair, rule_id, and each of STATE before and now.
    """

    episodes: pl.DataFrame
    findings: pl.DataFrame
    min_break_days: int

    @property
    def patients(self) -> pl.DataFrame:
        """Return the patients with a change."""
        return self.findings.join(self.episodes, on="pair").select(PATIENT).unique(maintain_order=True)


def pairs(before: Findings, current: Findings, min_break_days: int) -> Pairs:
    """Pair two nights.

    An episode keeps its id as long as its restart stands. Where one is gone and another of the same patient is new,
    with the same stop or with a restart within `min_break_days` of it, the two are one.
    """
    episodes = _episodes(before.episodes, current.episodes, min_break_days)
    old, new = (_stated(found.findings, episodes, side) for found, side in zip((before, current), SIDES, strict=True))
    both = old.join(new, on=["pair", "rule_id"], how="full", coalesce=True)
    differs = pl.any_horizontal(
        *(pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_now")) for name in STATE),
        pl.col("verdict_before").is_null() != pl.col("verdict_now").is_null(),
    )
    return Pairs(episodes, both.filter(differs).sort("pair", "rule_id"), min_break_days)


def _episodes(before: pl.DataFrame, current: pl.DataFrame, min_break_days: int) -> pl.DataFrame:
    """Return the episodes of both nights, paired; sorted by patient and restart."""
    old, new = (_sided(frame, side) for frame, side in zip((before, current), SIDES, strict=True))
    same = old.join(new, left_on="id_before", right_on="id_now", how="inner", coalesce=False)
    gone = old.join(same, on="id_before", how="anti")
    come = new.join(same, on="id_now", how="anti")
    moved = once(
        gone.join(come, on=PATIENT),
        _nearness(min_break_days),
        ("id_before", "id_now"),
    )
    columns = [PATIENT, *(f"{name}_{side}" for side in SIDES for name in ("id", "stop", "restart"))]
    rest = pl.concat(
        [gone.join(moved, on="id_before", how="anti"), come.join(moved, on="id_now", how="anti")],
        how="diagonal",
    )
    whole = pl.concat([same.select(columns), moved.select(columns), rest.select(columns)])
    return whole.sort(PATIENT, pl.coalesce("restart_now", "restart_before")).with_row_index("pair")


def _sided(episodes: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return id, patient, stop and restart under the names of a side, days as integers."""
    days = {name: pl.col(f"{name}_date").cast(pl.Int32) for name in ("stop", "restart")}
    return episodes.select(
        PATIENT, pl.col(EPISODE).alias(f"id_{side}"), **{f"{name}_{side}": day for name, day in days.items()}
    )


def _nearness(min_break_days: int) -> pl.Expr:
    """Return how near two episodes of a patient are, the nearest least; null where they are not one."""
    apart = (pl.col("restart_before") - pl.col("restart_now")).abs()
    same_stop = pl.col("stop_before") == pl.col("stop_now")
    return pl.when(same_stop).then(apart - 1_000_000).when(apart <= min_break_days).then(apart)


def once(candidates: pl.DataFrame, nearness: pl.Expr, ids: Iterable[str]) -> pl.DataFrame:
    """Return the candidates of which each side comes once, the nearest first."""
    names = list(ids)
    chosen = candidates.with_columns(nearness=nearness).drop_nulls("nearness").sort("nearness", *names)
    for name in names:
        chosen = chosen.unique(name, keep="first", maintain_order=True)
    return chosen.drop("nearness")


def _stated(findings: pl.DataFrame, episodes: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return a night's findings by pair, each of STATE under the name of its side."""
    ids = episodes.select("pair", pl.col(f"id_{side}").alias(EPISODE)).drop_nulls(EPISODE)
    named = [pl.col(name).alias(f"{name}_{side}") for name in STATE]
    return findings.join(ids, on=EPISODE).select("pair", "rule_id", *named)
