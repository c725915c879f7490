"""What rows that leave let be found out: who is alone in what they say, and how diverse the outcome is among equals."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Linkage:
    """Persons told apart by some columns, all their rows together: how many there are, how many are alone.

    `least`: the persons of the smallest group that looks alike, 0 without a person.
    """

    persons: int
    alone: int
    least: int

    @property
    def share(self) -> float:
        """Return the share of persons who are alone, to a thousandth."""
        return round(self.alone / self.persons, 3) if self.persons else 0.0


@dataclass(frozen=True, slots=True)
class Diversity:
    """How many values of the outcome, unknown being one, the groups of rows that look alike hold.

    `least`: the fewest in a group (l); `of_one`: groups, and rows in them, that hold one value only.
    """

    groups: int
    least: int
    groups_of_one: int
    rows_of_one: int


def linkage(rows: pl.DataFrame, columns: Sequence[str], person: str = "patient") -> Linkage:
    """Return who is alone by all that their rows say in some columns, taken together in whatever order."""
    seen = rows.select(columns).unique().with_row_index("seen")
    joined = rows.select(person, *columns).join(seen, on=columns, how="left", nulls_equal=True)
    told = joined.group_by(person).agg(pl.col("seen").sort().cast(pl.String).str.join(" "))
    alike = told.group_by("seen").len()["len"]
    return Linkage(told.height, int((alike == 1).sum()), int(alike.to_numpy().min(initial=told.height)))


def diversity(rows: pl.DataFrame, columns: Sequence[str], outcome: str) -> Diversity:
    """Return how diverse an outcome is among rows that look alike."""
    groups = rows.group_by(columns).agg(pl.col(outcome).n_unique().alias("values"), pl.len().alias("rows"))
    of_one = groups.filter(pl.col("values") == 1)
    least = groups["values"].to_numpy().min(initial=rows.height)
    return Diversity(groups.height, int(least), of_one.height, int(of_one["rows"].sum()))
