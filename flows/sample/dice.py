"""The dice: named choices, whole-number ranges and durations from a numpy Generator.

Days are whole numbers counted from 1970-01-01.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from flows.sample.proportions import EXTRACTED_ON, Shares

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Names: TypeAlias = npt.NDArray[np.str_]
Rng: TypeAlias = np.random.Generator

EXTRACT_DAY = int(np.datetime64(EXTRACTED_ON, "D").astype(np.int64))
NEVER = 200_000  # a day after every other: what never happens


def stream(seed: int, chunk: int, stage: int) -> Rng:
    """Return the generator of one stage of one chunk: the same whatever the size of the sample."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(chunk, stage)))


def choose(rng: Rng, shares: Shares, size: int) -> Names:
    """Return one name an element, drawn from alternatives whose shares sum to 1."""
    limits = np.cumsum(list(shares.values()))
    position = np.searchsorted(limits, rng.random(size) * limits[-1], side="right")
    names: Names = np.array(list(shares))
    drawn: Names = names[position]
    return drawn


def defects(rng: Rng, shares: Shares, size: int) -> Names:
    """Return at most one defect an element, and the empty name for the rest."""
    return choose(rng, {**shares, "": 1.0 - sum(shares.values())}, size)


def chance(rng: Rng, share: float, size: int) -> Flags:
    """Return independent trues with this share."""
    return rng.random(size) < share


def between(rng: Rng, low: int | Ints, high: int | Ints, size: int | tuple[int, int]) -> Ints:
    """Return whole numbers from low to high, both included; low where high lies below it."""
    return rng.integers(low, np.maximum(low, high), size=size, endpoint=True, dtype=np.int64)


def lasting(rng: Rng, median: float, spread: float, low: int, high: int, size: int) -> Ints:
    """Return log-normal durations in days, clipped to low..high."""
    return np.clip(rng.lognormal(np.log(median), spread, size), low, high).astype(np.int64)


def look_up(shares: Shares, names: Names) -> Floats:
    """Return each name's share."""
    keys = np.array(list(shares))
    order = np.argsort(keys)
    return np.array(list(shares.values()))[order[np.searchsorted(keys[order], names)]]
