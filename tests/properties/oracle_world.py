"""One possible world: a true value for every censored result (rules.md 3.1), and what the values then say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from .oracle_breaks import Episode
from .oracle_case import Case
from .oracle_values import ENZYMES, above, at_least, truths

MOST_WORLDS = 20_000


@dataclass
class World:
    """A patient, an episode, and the true values of the censored results by result_id."""

    case: Case
    episode: Episode
    true: dict[str, float]

    def value(self, row: dict) -> float:
        return self.true.get(row["result_id"], row["value"])

    def reaches(self, row: dict, multiple: float) -> bool:
        """>= multiple x E."""
        return at_least(self.value(row), self.case.reference(row), multiple, self.case.epsilon)

    def exceeds(self, row: dict, multiple: float) -> bool:
        """> multiple x E."""
        return above(self.value(row), self.case.reference(row), multiple, self.case.epsilon)

    def absolute(self, row: dict) -> bool:
        """>= the absolute stopping limit in U/L."""
        return at_least(self.value(row), self.case.number("stop_absolute_u_l"), 1.0, self.case.epsilon)

    def after_restart(self, *concepts: str) -> list[dict]:
        """Results from day 1."""
        return [row for row in self.case.results_of(*concepts) if row["date"] > self.episode.restart]


def restart_limit(case: Case, row: dict) -> float:
    """The limit of RST-01 for one result."""
    baseline = case.baselines[row["concept"]][0]
    if baseline is None:
        return row["uln"]
    return max(row["uln"], case.number("return_to_baseline_factor") * baseline)


def thresholds(case: Case, episode: Episode, row: dict) -> list[float]:
    """Every value at which a comparison of the rules can turn for this result."""
    if row["concept"] == "inr":
        return [case.number("inr_decompensation_min")]
    reference = case.reference(row)
    if row["concept"] == "bilirubin_total":
        return [2 * row["uln"], case.number("stop_bili_multiple") * reference]
    if row["date"] <= episode.restart:
        return [restart_limit(case, row)]
    names = (
        "stop_multiple",
        "stop_symptom_multiple",
        "stop_bili_enzyme_multiple",
        "recurrence_min_x_ref",
        "stability_max_x_ref",
    )
    multiples = {1.0, *(case.number(name) for name in names)}
    return [case.number("stop_absolute_u_l"), *(multiple * reference for multiple in multiples)]


def undecided_results(case: Case, episode: Episode) -> list[dict]:
    """Censored results that a verdict of the episode can hang on: enzymes from the stop, the others from near onset."""
    return [
        row
        for row in case.results_of(*ENZYMES, "bilirubin_total", "inr")
        if row["comparator"] is not None
        and (row["date"] >= episode.stop or (row["concept"] not in ENZYMES and near(row["date"], episode.onset)))
    ]


def near(day: date, onset: date) -> bool:
    """Late enough for RST-08, whose bilirubin may lie up to 7 days before onset."""
    return (onset - day).days <= 7


def worlds(case: Case, episode: Episode) -> Iterator[World]:
    """Every combination of possible true values."""
    rows = undecided_results(case, episode)
    choices = [truths(row, thresholds(case, episode, row)) for row in rows]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_WORLDS:
        raise ValueError(f"{count} worlds: too many censored results for the oracle")
    for values in product(*choices):
        yield World(case, episode, {row["result_id"]: true for row, true in zip(rows, values, strict=True)})
