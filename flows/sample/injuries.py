"""Liver injuries: when an elevation peaks, how high, how it rises and falls, and what else it raises.

Four slots a patient: the index elevation, the follow-up event, a minor rise, a flare before the first dose.
Heights are multiples of the upper limit of normal (ULN) at the peak.
"""

from dataclasses import dataclass

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Floats, Ints, Names, Rng, between, chance, choose
from flows.sample.proportions import INJURY_GRADE, INJURY_PATTERN, RESTART
from flows.sample.story import Story

INDEX, EVENT, MINOR, FLARE = range(4)
SLOTS = 4


@dataclass(frozen=True, slots=True)
class Injuries:
    """Slots x patients (the last three: patients); `peak_day` NEVER where there is none."""

    peak_day: Ints
    height: Floats
    rise_days: Floats
    half_life: Floats
    r_ratio: Floats
    bilirubin: Floats
    inr_day: Ints
    inr: Floats
    unrecovered: Flags
    grade: Names


def index_height(rng: Rng, cohort: Cohort, grade: Names) -> Floats:
    """Draw the peak of the elevation that led to the stop."""
    size = cohort.size
    reference = cohort.reference
    mild = np.maximum(rng.uniform(2.4, 4.8, size), 2.5 * reference)
    moderate = np.maximum(rng.uniform(5.3, 9.5, size), 2.5 * reference)
    severe = rng.uniform(11, 28, size)
    documented = reference * rng.uniform(1.25, 1.75, size)
    return np.select(
        [grade == "documented_mild", grade == "mild", grade == "moderate"], [documented, mild, moderate], severe
    )


def event_height(rng: Rng, cohort: Cohort, story: Story) -> Floats:
    """Draw the peak of the follow-up event in multiples of what elevations are measured from."""
    size = cohort.size
    ranges = {
        "reaches_stop_multiple": (5.6, 12.0),
        "symptoms_and_rise": (3.4, 4.7),
        "bilirubin_and_rise": (2.3, 4.0),
        "rise_without_stop": (3.2, 4.6),
        "mild_rise_stopped": (1.4, 2.8),
    }
    drawn = [rng.uniform(low, high, size) for low, high in ranges.values()]
    return cohort.reference * np.select([story.follow_up == name for name in ranges], drawn, 1.0)


def recovery(rng: Rng, cohort: Cohort, story: Story, peak_day: Ints, height: Floats, unrecovered: Flags) -> Floats:
    """Draw the half-life of the fall: for most it is over before the restart, for some it is not."""
    size = cohort.size
    days = np.clip(story.restart - peak_day, 8, 400).astype(np.float64)
    excess = np.maximum(height - cohort.alt_base, 0.2)
    left = np.minimum(rng.uniform(0.9, 2.6, size) * cohort.reference, excess * 0.8)
    drawn = rng.uniform(4, 11, size)
    fast = np.minimum(drawn, 0.7 * days / np.log2(np.maximum(excess / 0.06, 2)))
    half_life: Floats = np.where(unrecovered, days / np.log2(excess / left), fast)
    return half_life


def bilirubin_heights(rng: Rng, cohort: Cohort, story: Story) -> Floats:
    """Draw the peak bilirubin of each slot in ULN; 0 where the injury does not raise it."""
    size = cohort.size
    jaundiced = chance(rng, RESTART["jaundiced_injury"], size)
    own = np.where(cohort.bilirubin_base >= 1.5, cohort.bilirubin_base, 1.0)
    event = np.where(story.follow_up == "bilirubin_and_rise", own * rng.uniform(2.6, 6, size), 0.0)
    none = np.zeros(size)
    return np.stack([np.where(jaundiced, rng.uniform(2.2, 8, size), none), event, none, none])


def ratios(rng: Rng, size: int) -> Floats:
    """Draw the R ratio of each slot from its pattern."""
    pattern = choose(rng, INJURY_PATTERN, SLOTS * size)
    drawn = [rng.uniform(5.5, 15, SLOTS * size), rng.uniform(2.3, 4.6, SLOTS * size)]
    cholestatic = rng.uniform(0.6, 1.8, SLOTS * size)
    picked = np.select([pattern == "hepatocellular", pattern == "mixed"], drawn, cholestatic)
    return picked.reshape(SLOTS, size)


def minor_rises(rng: Rng, cohort: Cohort, story: Story) -> tuple[Ints, Floats]:
    """Return day and height of a mild rise with a symptom, else of an unstable third month."""
    size = cohort.size
    with_symptom = (story.symptom_day < NEVER) & chance(rng, RESTART["symptoms_with_mild_rise"], size)
    unstable = story.is_episode & (story.follow_up == "quiet") & chance(rng, RESTART["unstable_third_month"], size)
    third_month = story.restart + between(rng, 64, 86, size)
    day = np.select([with_symptom, unstable], [story.symptom_day + 1, third_month], NEVER)
    mild, unsteady = rng.uniform(1.35, 2.5, size), rng.uniform(1.8, 2.6, size)
    return day, cohort.reference * np.where(with_symptom, mild, unsteady)


def coagulation(rng: Rng, story: Story, bilirubin: Floats) -> tuple[Ints, Floats, Floats]:
    """Return day and height of a raised INR in the break, and the index bilirubin that goes with some."""
    size = len(story.restart)
    gap = story.restart - story.stop
    with_jaundice = story.is_episode & chance(rng, RESTART["decompensation_by_inr"], size)
    alone = story.is_episode & ~with_jaundice & (gap >= 34) & chance(rng, RESTART["inr_without_bilirubin"], size)
    middle = story.stop + 12 + between(rng, 0, np.clip(gap - 30, 0, 40), size)
    day = np.select([with_jaundice, alone], [story.stop + 1, middle], NEVER)
    bilirubin[INDEX] = np.where(with_jaundice, rng.uniform(3, 9, size), bilirubin[INDEX])
    return day, rng.uniform(1.65, 2.6, size), bilirubin


def injuries(rng: Rng, cohort: Cohort, story: Story) -> Injuries:
    """Draw every injury of the chunk."""
    size = cohort.size
    grade = choose(rng, INJURY_GRADE, size)
    hurts = np.isin(story.first_end, ("episode", "stopped_liver"))
    peak = np.where(hurts, story.stop + between(rng, -2, 0, size), NEVER)
    height = index_height(rng, cohort, grade)
    unrecovered = story.is_episode & ~chance(rng, RESTART["enzymes_recovered"], size)
    minor_day, minor = minor_rises(rng, cohort, story)
    flare_day = np.where(cohort.flares, story.start[0] - 1, NEVER)
    event_half = np.where(story.response == "timely", rng.uniform(5, 12, size), rng.uniform(15, 35, size))
    index_half = recovery(rng, cohort, story, peak, height, unrecovered)
    inr_day, inr, bilirubin = coagulation(rng, story, bilirubin_heights(rng, cohort, story))
    quick, slow = rng.uniform(2.5, 7, size), rng.uniform(9, 18, size)
    return Injuries(
        peak_day=np.stack([peak, story.event_day, minor_day, flare_day]),
        height=np.stack([height, event_height(rng, cohort, story), minor, rng.uniform(4, 9, size)]),
        rise_days=np.stack([quick, quick / 2, np.where(story.symptom_day < NEVER, quick, slow), np.full(size, 200.0)]),
        half_life=np.stack([index_half, event_half, np.where(story.symptom_day < NEVER, quick, slow), slow]),
        r_ratio=ratios(rng, size),
        bilirubin=bilirubin,
        inr_day=inr_day,
        inr=inr,
        unrecovered=unrecovered,
        grade=np.where(story.is_episode, grade, ""),
    )
