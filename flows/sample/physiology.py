"""What the blood shows on each draw day: habitual values, injuries, noise, outliers; canonical units."""

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Floats, Ints, Rng, chance
from flows.sample.draws import CLOTTING, COUNTS, PANEL, Draws
from flows.sample.injuries import SLOTS, Injuries
from flows.sample.proportions import RECORDS
from flows.sample.story import Story

# analyte: share of the draws of each kind (PANEL, COUNTS, CLOTTING) that report it
REPORTED = {
    "alt": (1.0, 0.0, 0.0),
    "ast": (0.96, 0.0, 0.0),
    "alp": (0.88, 0.0, 0.0),
    "ggt": (0.30, 0.0, 0.0),
    "bilirubin_total": (0.90, 0.0, 0.0),
    "bilirubin_direct": (0.06, 0.0, 0.0),
    "inr": (0.08, 0.0, 1.0),
    "albumin": (0.45, 0.0, 0.0),
    "wbc": (0.62, 1.0, 0.0),
    "anc": (0.55, 0.9, 0.0),
    "platelets": (0.62, 1.0, 0.0),
    "ck": (0.02, 0.0, 0.0),
    "body_weight": (0.12, 0.05, 0.0),
    "unlisted": (0.35, 0.10, 0.0),
}
ANALYTES = tuple(REPORTED)


def course_of_injury(injury: Injuries, slot: int, patient: Ints, day: Ints, half_life: Floats) -> Floats:
    """Return the share of the peak that is reached on each draw day: a ramp before, an exponential fall after."""
    since = (day - injury.peak_day[slot][patient]).astype(np.float64)
    before = np.exp(np.clip(since / injury.rise_days[slot][patient], -60, 0))
    after = np.exp2(-np.clip(since / half_life, 0, 60))
    there = injury.peak_day[slot][patient] < NEVER
    return np.where(there, np.where(since < 0, before, after), 0.0)


def liver(rng: Rng, cohort: Cohort, injury: Injuries, draws: Draws) -> dict[str, Floats]:
    """Return ALT, AST, ALP and bilirubin as multiples of their limits."""
    patient, size = draws.patient, len(draws.day)
    base = cohort.alt_base[patient]
    alt, ast = base.copy(), base * cohort.ast_per_alt[patient]
    alp, bilirubin = cohort.alp_base[patient].copy(), cohort.bilirubin_base[patient].copy()
    for slot in range(SLOTS):
        half = injury.half_life[slot][patient]
        shape = course_of_injury(injury, slot, patient, draws.day, half)
        faster = course_of_injury(injury, slot, patient, draws.day, half * 0.6)
        excess = np.maximum(injury.height[slot][patient] - base, 0.0)
        alt += excess * shape
        ast += excess * faster * 0.8 * cohort.ast_per_alt[patient]
        alp += np.maximum(injury.height[slot][patient] / injury.r_ratio[slot][patient] - alp, 0.0) * shape
        bilirubin += np.maximum(injury.bilirubin[slot][patient] - bilirubin, 0.0) * shape
    common = rng.normal(0, 0.06, size)
    outlier = np.where(chance(rng, RECORDS["value_outlier"], size), rng.uniform(3, 9, size), 1.0)
    return {
        "alt": alt * np.exp(common + rng.normal(0, 0.04, size)) * outlier,
        "ast": ast * np.exp(common + rng.normal(0, 0.05, size)) * outlier,
        "alp": alp * np.exp(rng.normal(0, 0.07, size)),
        "bilirubin_total": bilirubin * np.exp(rng.normal(0, 0.12, size)),
    }


def clotting(rng: Rng, cohort: Cohort, injury: Injuries, draws: Draws) -> Floats:
    """Return the INR: near 1, between 2 and 3 on an anticoagulant, raised where the liver fails."""
    patient, size = draws.patient, len(draws.day)
    usual = np.where(cohort.anticoagulated[patient], rng.uniform(1.9, 3.1, size), rng.normal(1.02, 0.06, size))
    failing = np.abs(draws.day - injury.inr_day[patient]) <= 4
    return np.where(failing, injury.inr[patient], np.maximum(usual, 0.8))


def blood(rng: Rng, cohort: Cohort, story: Story, draws: Draws) -> dict[str, Floats]:
    """Return blood counts in 10*9/L: lower on azathioprine, low in some."""
    patient, size = draws.patient, len(draws.day)
    on_drug = (draws.day >= story.start[0][patient]) & (draws.day <= story.last[0][patient])
    on_drug |= draws.day >= story.restart[patient]
    level = np.where(on_drug, 0.82, 1.0) * rng.lognormal(0, 0.22, size)
    habit = rng.lognormal(0, 0.15, cohort.size)[patient]
    wbc = np.clip(6.9 * level * habit, 0.6, 40)
    return {
        "wbc": wbc,
        "anc": wbc * np.clip(rng.normal(0.6, 0.08, size), 0.25, 0.9),
        "platelets": np.clip(255 * np.sqrt(level) * rng.lognormal(0, 0.2, size), 20, 900),
    }


def values(rng: Rng, cohort: Cohort, story: Story, injury: Injuries, draws: Draws, limits: Floats) -> Floats:
    """Return draws x ANALYTES in canonical units; `limits` are the printed limits, draws x ANALYTES."""
    size = len(draws.day)
    multiples = liver(rng, cohort, injury, draws)
    multiples["ggt"] = multiples["alp"] * multiples["alt"] ** 0.3 * rng.lognormal(0, 0.35, size)
    multiples["bilirubin_direct"] = multiples["bilirubin_total"] * rng.uniform(0.6, 1.2, size)
    multiples["ck"] = rng.lognormal(-0.6, 0.5, size)
    plain = blood(rng, cohort, story, draws)
    plain["inr"] = clotting(rng, cohort, injury, draws)
    plain["albumin"] = np.clip(rng.normal(4.1, 0.35, size), 1.5, 5.6)
    plain["body_weight"] = cohort.weight_kg[draws.patient] + rng.normal(0, 2, size)
    plain["unlisted"] = rng.lognormal(-0.2, 0.25, size)
    columns = [
        multiples[name] * limits[:, place] if name in multiples else plain[name] for place, name in enumerate(ANALYTES)
    ]
    return np.stack(columns, 1)


def reported(rng: Rng, cohort: Cohort, injury: Injuries, draws: Draws) -> Flags:
    """Tell which analytes each draw reports (draws x ANALYTES); the INR is looked at where the liver fails."""
    share = np.array(list(REPORTED.values()))[:, [PANEL, COUNTS, CLOTTING]].T[draws.kind]
    shown = rng.random(share.shape) < share
    shown[:, ANALYTES.index("inr")] |= np.abs(draws.day - injury.inr_day[draws.patient]) <= 4
    shown[:, ANALYTES.index("ast")] &= ~cohort.lacks_ast[draws.patient]
    return shown
