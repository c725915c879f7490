"""What happens to the patients: courses of azathioprine, breaks, what follows a restart, when they are seen.

Three course slots a patient: the first, the restart, the third exposure. All days are absolute.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from flows.sample.cohort import Cohort
from flows.sample.dice import EXTRACT_DAY, NEVER, Flags, Ints, Names, Rng, between, chance, choose, lasting
from flows.sample.proportions import (
    AFTER_STOP,
    COHORT,
    FIRST_COURSE,
    FOLLOW_UP,
    MONITORING,
    RESTART,
    RESTARTED,
    STOP_RESPONSE,
    SYMPTOMS,
)

COURSES = 3
TRIGGERED = ("reaches_stop_multiple", "symptoms_and_rise", "bilirubin_and_rise")
EVENTFUL = (*TRIGGERED, "rise_without_stop", "mild_rise_stopped")


@dataclass(frozen=True, slots=True)
class Story:
    """One chunk's timelines; NEVER stands for a day that does not come."""

    first_end: Names  # how the first course ended; "never" without azathioprine
    start: Ints  # courses x patients
    last: Ints  # courses x patients: last dose day, NEVER while it goes on
    follow_up: Names  # what follows the restart
    event_day: Ints  # day of the follow-up event (trigger, recurrence, mild rise)
    response: Names
    after_stop: Names
    symptom: Names
    symptom_day: Ints  # first symptom after the restart
    monitoring: Names
    long_monitoring: Names
    observed_from: Ints
    observed_to: Ints
    is_closed: Flags
    is_dead: Flags

    @property
    def stop(self) -> Ints:
        """Return the first course's stop date: the day after its last dose."""
        day: Ints = np.minimum(self.last[0] + 1, NEVER)
        return day

    @property
    def restart(self) -> Ints:
        """Return the first day of the second course."""
        day: Ints = self.start[1]
        return day

    @property
    def is_episode(self) -> Flags:
        """Tell who restarts after an elevation."""
        is_episode: Flags = self.first_end == "episode"
        return is_episode


def first_course_days(rng: Rng, first_end: Names) -> Ints:
    """Draw the length of the first course: liver injury comes early, most of it within months."""
    size = len(first_end)
    early = np.isin(first_end, ("episode", "stopped_liver", "documented_without_lab"))
    days = np.where(early, lasting(rng, 85, 0.9, 16, 1500, size), lasting(rng, 330, 0.9, 20, 3000, size))
    return np.where(first_end == "ongoing", NEVER, days)


def break_days(rng: Rng, first_end: Names) -> Ints:
    """Draw the drug-free days before the second course; some lie on the limits of 14 and 365 days."""
    size = len(first_end)
    days = lasting(rng, 42, 0.7, 14, 365, size)
    days = np.where(chance(rng, 0.05, size), 14, np.where(chance(rng, 0.01, size), 365, days))
    days = np.where(first_end == "new_start", between(rng, 366, 900, size), days)
    days = np.where(first_end == "short_interruption", between(rng, 3, 13, size), days)
    return np.where(np.isin(first_end, RESTARTED), days, NEVER)


def response_days(rng: Rng, follow_up: Names, response: Names) -> Ints:
    """Draw the days from the event to the last dose: at most 3 is timely."""
    size = len(follow_up)
    timely, late = between(rng, 0, 3, size), between(rng, 4, 45, size)
    days = np.select([response == "timely", response == "late"], [timely, late], NEVER)
    repeated = chance(rng, RESTART["mild_rise_repeated"], size)
    mild = np.where(repeated, between(rng, 6, 15, size), between(rng, 0, 2, size))
    return np.select([follow_up == "mild_rise_stopped", follow_up == "rise_without_stop"], [mild, NEVER], days)


def later_courses(rng: Rng, restart: Ints, follow_up: Names, response: Names, after: Names) -> tuple[Ints, ...]:
    """Return event day, last day of the restart course, and start and last day of the third course."""
    size = len(restart)
    is_eventful = np.isin(follow_up, EVENTFUL) & (restart < NEVER)
    event = np.where(is_eventful, restart + 6 + lasting(rng, 55, 0.9, 2, 700, size), NEVER)
    quiet_days = np.where(chance(rng, 0.5, size), NEVER, lasting(rng, 280, 0.8, 20, 2500, size))
    quiet_days = np.where(follow_up == "stopped_within_days", between(rng, 1, 6, size), quiet_days)
    last = np.where(is_eventful, event + response_days(rng, follow_up, response), restart + quiet_days)
    last = np.where(last < NEVER, last, NEVER)
    gap = np.where(after == "third_course", lasting(rng, 50, 0.6, 14, 300, size), between(rng, 7, 13, size))
    goes_on = np.isin(follow_up, TRIGGERED) & (after != "stays_off") & (last < NEVER)
    third = np.where(goes_on, last + 1 + gap, NEVER)
    third_last = np.where(chance(rng, 0.5, size), NEVER, third + lasting(rng, 200, 0.8, 14, 1500, size))
    return event, last, third, np.minimum(third_last, NEVER)


def symptom_days(rng: Rng, restart: Ints, last: Ints, event: Ints, follow_up: Names) -> Ints:
    """Draw the first symptom after a restart; at the event where symptoms are what makes it one."""
    size = len(restart)
    span = np.clip(last - restart, 1, 400)
    day = np.where(chance(rng, RESTART["symptoms_after_restart"], size), restart + between(rng, 1, span, size), NEVER)
    quiet = np.isin(follow_up, ("quiet", "stopped_within_days"))
    with_event = np.maximum(event - between(rng, -2, 4, size), restart + 1)
    return np.select([restart >= NEVER, follow_up == "symptoms_and_rise", quiet], [NEVER, with_event, day], NEVER)


def watched(rng: Rng, cohort: Cohort, story: Story) -> Story:
    """Place the timelines in the calendar: every restart lies before the extract, follow-up lengths vary."""
    size, restart = cohort.size, story.restart
    brief = chance(rng, COHORT["observed_too_briefly_before_first_dose"], size)
    lead = np.where(brief, between(rng, 0, 89, size), between(rng, 95, 700, size))
    known = np.where(restart < NEVER, restart, np.where(story.stop < NEVER, story.stop, 30))
    tail = np.where(cohort.takes, lasting(rng, 480, 0.9, 12, 4000, size), between(rng, 30, 5000, size))
    begin = EXTRACT_DAY - tail - np.where(cohort.takes, known + lead, 0)
    shift = begin + lead

    def moved(days: Ints) -> Ints:
        return np.where(days < NEVER, days + shift, NEVER)

    placed = replace(
        story,
        start=moved(story.start),
        last=moved(story.last),
        event_day=moved(story.event_day),
        symptom_day=moved(story.symptom_day),
        observed_from=begin,
    )
    return ended(rng, cohort, placed)


def ended(rng: Rng, cohort: Cohort, story: Story) -> Story:
    """Draw who leaves observation and when: for some of the restarts, days after the event or symptom."""
    size = cohort.size
    reached = np.where(story.restart < NEVER, story.restart, story.observed_from)
    leaves = chance(rng, COHORT["observation_ended"], size)
    end = np.where(leaves, between(rng, reached + 5, EXTRACT_DAY - 1, size), EXTRACT_DAY)
    turn = np.minimum(story.event_day, story.symptom_day)
    at_event = (turn < end) & story.is_episode & chance(rng, RESTART["observation_ends_at_event"], size)
    end = np.minimum(np.where(at_event, turn + between(rng, 0, 5, size), end), EXTRACT_DAY)
    is_closed = (leaves | at_event) & (end < EXTRACT_DAY)
    dies = is_closed & chance(rng, COHORT["died"] / COHORT["observation_ended"], size)
    return replace(story, observed_to=end, is_closed=is_closed, is_dead=dies)


def tell(rng: Rng, cohort: Cohort) -> Story:
    """Draw the timelines of one chunk."""
    size = cohort.size
    first_end = np.where(cohort.takes, choose(rng, FIRST_COURSE, size), "never")
    length = np.where(cohort.takes, first_course_days(rng, first_end), 0)
    gap = break_days(rng, first_end)
    restart = np.where(gap < NEVER, length + gap, NEVER)
    follow_up = np.where(first_end == "episode", choose(rng, FOLLOW_UP, size), "quiet")
    response, after = choose(rng, STOP_RESPONSE, size), choose(rng, AFTER_STOP, size)
    event, last, third, third_last = later_courses(rng, restart, follow_up, response, after)
    nowhere: npt.NDArray[np.int64] = np.full(size, NEVER, dtype=np.int64)
    return watched(
        rng,
        cohort,
        Story(
            first_end=first_end,
            start=np.stack([np.where(cohort.takes, 0, NEVER), restart, third]),
            last=np.stack([np.where(cohort.takes & (length < NEVER), length - 1, NEVER), last, third_last]),
            follow_up=follow_up,
            event_day=event,
            response=response,
            after_stop=after,
            symptom=choose(rng, SYMPTOMS, size),
            symptom_day=symptom_days(rng, restart, last, event, follow_up),
            monitoring=choose(rng, MONITORING, size),
            long_monitoring=choose(rng, MONITORING, size),
            observed_from=nowhere,
            observed_to=nowhere,
            is_closed=np.zeros(size, dtype=np.bool_),
            is_dead=np.zeros(size, dtype=np.bool_),
        ),
    )
