"""When blood is drawn: background, baseline, monitoring, around injuries, at events and symptoms."""

from dataclasses import dataclass

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Ints, Names, Rng, between, chance, choose, look_up
from flows.sample.injuries import INDEX, Injuries
from flows.sample.proportions import PRE_RESTART_TEST, RESTART, SLOT_MISSED, SYMPTOM_TEST
from flows.sample.story import Story

PANEL, COUNTS, CLOTTING = range(3)
WEEKLY = np.array([7, 14, 21, 28, 35, 42, 49, 56])
LATER = np.array([74, 88, 104, 118, 120, 150, 180, 210])
ONLY_UNSTABLE = np.array([104, 118, 210])
LONG_TERM = np.arange(270, 2431, 90)


@dataclass(frozen=True, slots=True)
class Draws:
    """Blood draws, one array element each, one a patient and day; kind is PANEL, COUNTS or CLOTTING."""

    patient: Ints
    day: Ints
    kind: Ints


def grid(days: Ints, keep: Flags, kind: int = PANEL) -> Draws:
    """Return the kept draws of a patients x draws matrix of days."""
    patient, column = np.nonzero(keep & (days < NEVER))
    return Draws(patient, days[patient, column], np.full(len(patient), kind))


def uniform(rng: Rng, low: Ints, high: Ints, columns: int) -> Ints:
    """Return patients x columns days between two days of each patient."""
    return between(rng, low[:, None], np.maximum(low, high)[:, None], (len(low), columns))


def background(rng: Rng, cohort: Cohort, story: Story) -> list[Draws]:
    """Return draws that have nothing to do with azathioprine, a few of them before observation begins."""
    size = cohort.size
    earlier = np.where(chance(rng, 0.1, size), 120, 0)
    days = uniform(rng, story.observed_from - earlier, story.observed_to, 14)
    wanted = rng.poisson(np.where(cohort.takes, 2.0, 4.6))[:, None] > np.arange(14)
    counts = uniform(rng, story.observed_from, story.observed_to, 2)
    return [grid(days, wanted), grid(counts, rng.random((size, 2)) < 0.25, COUNTS)]


def on_course(rng: Rng, story: Story, course: int) -> Draws:
    """Return routine monitoring of a course: four early draws, then about every three months."""
    start, last = story.start[course][:, None], np.minimum(story.last[course], story.observed_to)[:, None]
    due = np.concatenate([np.array([14, 28, 56, 84]), np.arange(170, 3600, 90)])
    days = start + due + np.round(rng.normal(0, 6, (len(start), len(due)))).astype(np.int64)
    return grid(days, (start < NEVER) & (days > start) & (days <= last) & (rng.random(days.shape) < 0.72))


def baseline(rng: Rng, cohort: Cohort, story: Story) -> Draws:
    """Return draws of the year before the first dose."""
    days = uniform(rng, story.start[0] - 320, story.start[0], 3)
    return grid(days, cohort.takes[:, None] & (rng.random(days.shape) < 0.72))


def around_stop(rng: Rng, story: Story, injury: Injuries) -> Draws:
    """Return the draws by which an index elevation is found: ramp, peak, and after the stop."""
    peak = injury.peak_day[INDEX][:, None]
    offsets = np.array([-16, -8, -4, 0, 4]) + np.where(np.arange(5) == 3, 0, between(rng, -2, 2, (len(peak), 5)))
    kept = rng.random((len(peak), 5)) < np.array([0.5, 0.55, 0.5, 1.0, 0.6])
    days = np.where(peak < NEVER, peak + offsets, NEVER)
    return grid(days, kept & (days > story.start[0][:, None]))


def in_break(rng: Rng, story: Story, injury: Injuries) -> list[Draws]:
    """Return the draws of the break: about every ten days, the last before the restart, a lone INR."""
    size = len(story.stop)
    days = story.stop[:, None] + np.arange(8, 200, 11) + between(rng, -3, 3, (size, 18))
    inside = story.is_episode[:, None] & (days < story.restart[:, None])
    gap = story.restart - story.stop
    last = (story.restart - between(rng, 0, np.clip(gap // 4, 0, 9), size))[:, None]
    wanted = story.is_episode & (gap >= 10)
    clotting = np.where(injury.inr_day < NEVER, injury.inr_day, NEVER)[:, None]
    return [
        grid(days, inside & (rng.random(days.shape) < 0.55)),
        grid(last, wanted[:, None]),
        grid(clotting, story.is_episode[:, None], CLOTTING),
    ]


def after_restart(rng: Rng, story: Story, injury: Injuries) -> Draws:
    """Return the monitoring of restarts: on schedule, with each patient's habit of missing draws."""
    size, restart = len(story.restart), story.restart[:, None]
    due = np.concatenate([WEEKLY, LATER, LONG_TERM])
    spread = np.concatenate([np.full(8, 0.9), np.full(8, 1.6), np.full(len(LONG_TERM), 6.0)])
    days = restart + due + np.round(rng.normal(0, 1, (size, len(due))) * spread).astype(np.int64)
    early, long = look_up(SLOT_MISSED, story.monitoring), look_up(SLOT_MISSED, story.long_monitoring)
    missed = np.where(due <= 90, early[:, None], long[:, None])
    unsteady = (injury.peak_day[2] - story.restart > 55) & (injury.peak_day[2] < NEVER)
    is_due = unsteady[:, None] | ~np.isin(due, ONLY_UNSTABLE)
    until = np.minimum(story.last[1], story.observed_to)[:, None]
    return grid(days, story.is_episode[:, None] & is_due & (days <= until) & (rng.random(days.shape) >= missed))


def at_events(rng: Rng, story: Story) -> Draws:
    """Return the draws that find a follow-up event, and those that follow it."""
    size = len(story.event_day)
    event = np.where(story.is_episode, story.event_day, NEVER)[:, None]
    mild = story.follow_up == "mild_rise_stopped"
    again = mild & (story.last[1] - story.event_day >= 5)
    offsets = between(rng, np.array([0, 3, 7, 7]), np.array([0, 5, 30, 30]), (size, 4))
    kept = np.stack([np.ones(size, dtype=np.bool_), np.where(mild, again, chance(rng, 0.6, size))], 1)
    kept = np.concatenate([kept, (rng.random((size, 2)) < 0.6) & ~mild[:, None]], 1)
    return grid(np.where(event < NEVER, event + offsets, NEVER), kept)


def at_symptoms(rng: Rng, story: Story) -> Draws:
    """Return the draws that symptoms prompt: at once, within the week or not at all; some are repeated."""
    size = len(story.symptom_day)
    kind = choose(rng, SYMPTOM_TEST, size)
    delay = np.where(kind == "prompt", between(rng, 0, 3, size), between(rng, 4, 7, size))
    first = np.where((story.symptom_day < NEVER) & (kind != "none"), story.symptom_day + delay, NEVER)
    again = chance(rng, RESTART["symptom_rise_repeated"], size)
    second = np.where((first < NEVER) & again, first + between(rng, 2, 6, size), NEVER)
    days = np.stack([first, second], 1)
    return grid(days, np.ones(days.shape, dtype=np.bool_))


def hushed(story: Story, injury: Injuries, test: Names, draws: Draws) -> Flags:
    """Tell which draws were not done: no test before some restarts, no elevation seen, no bilirubin by the INR."""
    patient, day = draws.patient, draws.day
    stop, restart, test = story.stop[patient], story.restart[patient], test[patient]
    in_gap = story.is_episode[patient] & (day >= stop) & (day <= restart)
    untested = in_gap & (test == "none")
    stale = in_gap & (test == "stale") & (day >= restart - 16) & (restart - stop > 20)
    unseen = (story.first_end[patient] == "documented_without_lab") & (day >= stop - 31) & (day <= stop + 8)
    alone = (np.abs(day - injury.inr_day[patient]) <= 9) & (injury.inr_day[patient] > stop + 5)
    is_hushed: Flags = (untested | stale | unseen | alone) & (draws.kind != CLOTTING)
    return is_hushed


def chosen(draws: Draws, keep: Flags | Ints) -> Draws:
    """Return some of the draws."""
    return Draws(draws.patient[keep], draws.day[keep], draws.kind[keep])


def draws(rng: Rng, cohort: Cohort, story: Story, injury: Injuries) -> Draws:
    """Return every draw of the chunk within the observation, one a patient and day, in that order."""
    test = choose(rng, PRE_RESTART_TEST, cohort.size)
    parts = [
        *background(rng, cohort, story),
        baseline(rng, cohort, story),
        on_course(rng, story, 0),
        on_course(rng, story, 2),
        around_stop(rng, story, injury),
        *in_break(rng, story, injury),
        after_restart(rng, story, injury),
        at_events(rng, story),
        at_symptoms(rng, story),
    ]
    every = Draws(*(np.concatenate([getattr(part, name) for part in parts]) for name in Draws.__slots__))
    every = chosen(every, (every.day <= story.observed_to[every.patient]) & ~hushed(story, injury, test, every))
    key = (every.patient * NEVER + every.day) * 3 + every.kind
    order = np.argsort(key, kind="stable")
    same = np.diff((every.patient * NEVER + every.day)[order], prepend=-1) == 0
    return chosen(every, order[~same])
