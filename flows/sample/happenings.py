"""Diagnoses, symptoms, work-up and inpatient stays, each a patient, a day and a concept."""

from dataclasses import dataclass

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Ints, Names, Rng, between, chance
from flows.sample.injuries import Injuries
from flows.sample.proportions import RECORDS, RESTART, SYMPTOMS
from flows.sample.story import Story

# The four groups of the work-up; the alternatives prove the same group.
WORKUP = (
    ("hbsag", "anti_hbc", "hbv_dna"),
    ("anti_hcv", "hcv_rna"),
    ("ana", "sma", "igg"),
    ("liver_ultrasound", "liver_ct_mri"),
)
DECOMPENSATION = ("ascites", "variceal_bleed", "hepatorenal", "hepatic_failure")
CODED_AS_EVENT = ("hbsag", "anti_hcv", "ana", "igg")


@dataclass(frozen=True, slots=True)
class Happenings:
    """Concepts on days, one array element each."""

    patient: Ints
    day: Ints
    concept: Names


def where(who: Flags, day: Ints, concept: str | Names) -> Happenings:
    """Return one happening for each chosen patient whose day comes."""
    patient = np.flatnonzero(who & (day < NEVER))
    names = np.full(len(who), concept) if isinstance(concept, str) else concept
    return Happenings(patient, day[patient], names[patient])


def joined(parts: list[Happenings], story: Story) -> Happenings:
    """Return the happenings of all parts that lie within the observation."""
    every = Happenings(*(np.concatenate([getattr(part, name) for part in parts]) for name in Happenings.__slots__))
    keep = every.day <= story.observed_to[every.patient]
    return Happenings(every.patient[keep], every.day[keep], every.concept[keep])


def indications(rng: Rng, cohort: Cohort, story: Story) -> list[Happenings]:
    """Return why the patients are treated: coded before the first dose, for some after it, for some twice."""
    size = cohort.size
    begin = np.where(cohort.takes, story.start[0], story.observed_from + 200)
    day = begin - between(rng, -60, 400, size)
    coded = (cohort.indication != "none") & (cohort.takes | chance(rng, 0.4, size))
    return [
        where(coded, day, cohort.indication),
        where(coded & chance(rng, 0.3, size), day + between(rng, 30, 300, size), cohort.indication),
    ]


def symptoms(rng: Rng, story: Story, injury: Injuries) -> list[Happenings]:
    """Return symptoms: at injuries, after restarts (some doubled, some known before), and out of nowhere."""
    size = len(story.symptom)
    names = np.array(list(SYMPTOMS))
    other = names[between(rng, 0, len(names) - 1, size)]
    at_injury = chance(rng, RESTART["symptoms_at_injury"], size)
    somewhen = between(rng, story.observed_from, story.observed_to, size)
    has_symptom = story.symptom_day < NEVER
    return [
        where(at_injury, injury.peak_day[0] - between(rng, -3, 6, size), other),
        where(has_symptom, story.symptom_day, story.symptom),
        where(has_symptom & chance(rng, 0.3, size), story.symptom_day + between(rng, 1, 10, size), other),
        where(has_symptom & chance(rng, 0.1, size), story.symptom_day - between(rng, 5, 25, size), story.symptom),
        where(chance(rng, RECORDS["background_symptom"], size), somewhen, other),
    ]


def workup(rng: Rng, story: Story) -> list[Happenings]:
    """Return the search for other causes in the break: whole for some, piecemeal for the rest."""
    size = len(story.stop)
    whole = chance(rng, RESTART["workup_complete"], size)
    parts = []
    for group in WORKUP:
        done = story.is_episode & (whole | chance(rng, RESTART["workup_item_otherwise"], size))
        day = np.minimum(story.stop + between(rng, -4, 20, size), story.restart)
        parts.append(where(done, day, np.array(group)[between(rng, 0, len(group) - 1, size)]))
    return parts


def serious(rng: Rng, story: Story, injury: Injuries) -> list[Happenings]:
    """Return decompensation and written benefit-risk decisions of episodes."""
    size = len(story.stop)
    gap = np.where(story.is_episode, story.restart - story.stop, 2)
    signs = np.array(DECOMPENSATION)[between(rng, 0, len(DECOMPENSATION) - 1, size)]
    failed = story.is_episode & chance(rng, RESTART["decompensation_coded"], size)
    weighed = story.is_episode & (injury.grade == "moderate") & chance(rng, RESTART["benefit_risk_documented"], size)
    return [
        where(failed, story.stop + between(rng, 0, np.minimum(gap - 1, 15), size), signs),
        where(weighed, story.restart - between(rng, 0, np.minimum(gap, 10), size), "benefit_risk_documented"),
    ]


def ordinary(rng: Rng, story: Story) -> list[Happenings]:
    """Return what every feed holds: imaging for other reasons, diagnoses that no list knows."""
    size = len(story.stop)
    days = between(rng, story.observed_from, story.observed_to, (2, size))
    return [
        where(chance(rng, RECORDS["background_imaging"], size), days[0], "liver_ultrasound"),
        where(chance(rng, RECORDS["unlisted_diagnosis"], size), days[1], "unlisted"),
    ]


def happenings(rng: Rng, cohort: Cohort, story: Story, injury: Injuries) -> tuple[Happenings, Happenings]:
    """Return the clinical events of the chunk, and the serologies that the laboratory reports."""
    tests = joined(workup(rng, story), story)
    as_event = chance(rng, RESTART["workup_coded_as_event"], len(tests.day)) & np.isin(tests.concept, CODED_AS_EVENT)
    as_event |= np.char.startswith(tests.concept, "liver_")
    coded = Happenings(tests.patient[as_event], tests.day[as_event], tests.concept[as_event])
    measured = Happenings(tests.patient[~as_event], tests.day[~as_event], tests.concept[~as_event])
    others = [
        *indications(rng, cohort, story),
        *symptoms(rng, story, injury),
        *serious(rng, story, injury),
        *ordinary(rng, story),
    ]
    return joined([*others, coded], story), measured


def stays(rng: Rng, cohort: Cohort, story: Story) -> tuple[Ints, Ints, Ints]:
    """Return patient, admission and discharge days; the stays that end a course with a discharge among them."""
    size = cohort.size
    discharged = story.first_end == "unobserved"
    somewhen = between(rng, story.observed_from, story.observed_to, size)
    admitted = np.where(discharged, story.stop - 1 - between(rng, 1, 12, size), somewhen)
    left = np.where(discharged, story.stop - 1, admitted + lengths(rng, size))
    patient = np.flatnonzero((discharged | chance(rng, RECORDS["stay"], size)) & (admitted <= story.observed_to))
    return patient, admitted[patient], np.where(left > story.observed_to, NEVER, left)[patient]


def lengths(rng: Rng, size: int) -> Ints:
    """Draw lengths of stay: days, for a few weeks."""
    return np.minimum(rng.geometric(0.18, size), 60).astype(np.int64)
