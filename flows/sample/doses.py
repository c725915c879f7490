"""How much azathioprine is taken when: spans of one dose, course by course."""

from dataclasses import dataclass, replace

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Floats, Ints, Names, Rng, between, chance, choose
from flows.sample.proportions import (
    LIVER_STOP,
    OTHER_STOP,
    RECORDS,
    RESTART,
    RESTART_DOSE,
    RESTART_REGIMEN,
    Shares,
)
from flows.sample.story import COURSES, TRIGGERED, Story


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of one daily dose, one array element each; `patient` is the place in the chunk."""

    patient: Ints
    course: Ints
    start: Ints
    end: Ints  # last dose day; beyond the observation where the course goes on
    dose_mg: Floats
    regimen: Names
    end_type: Names
    stop_reason: Names

    def __getitem__(self, keep: Flags | Ints) -> "Spans":
        """Return the chosen spans."""
        return Spans(*(getattr(self, name)[keep] for name in self.__slots__))


def together(parts: list[Spans]) -> Spans:
    """Return the spans of all parts, one after the other."""
    return Spans(*(np.concatenate([getattr(part, name) for part in parts]) for name in Spans.__slots__))


def first_doses(rng: Rng, cohort: Cohort, story: Story) -> tuple[Ints, Floats]:
    """Return the first course's step days and doses: start, full dose, for some a cut before the stop."""
    size = cohort.size
    full = np.clip(np.round(cohort.weight_kg * rng.uniform(1.4, 2.4, size) / 25) * 25, 50, 200)
    opening = np.where(chance(rng, 0.3, size), full, np.where(chance(rng, 0.15, size), 25.0, 50.0))
    is_cut = story.is_episode & chance(rng, RESTART["dose_cut_before_stop"], size)
    cut_day = np.where(is_cut, np.maximum(story.stop - between(rng, 3, 9, size), story.start[0] + 2), NEVER)
    raised = np.minimum(story.start[0] + between(rng, 14, 42, size), cut_day)
    in_force = np.where(raised < cut_day, full, opening)
    days = np.stack([story.start[0], raised, cut_day])
    return days, np.stack([opening, full, np.maximum(np.floor(in_force / 50) * 25, 25)])


def dose_before(story: Story, days: Ints, doses: Floats) -> Floats:
    """Return the dose on the last day of the first course."""
    last: Floats = np.where(days[2] < story.stop, doses[2], np.where(days[1] < story.stop, doses[1], doses[0]))
    return last


def restart_doses(rng: Rng, story: Story, before: Floats) -> tuple[Ints, Floats, Names]:
    """Return the second course's step days, doses and regimen: lower, same or higher than before the stop."""
    size = len(before)
    relation, regimen = choose(rng, RESTART_DOSE, size), choose(rng, RESTART_REGIMEN, size)
    lower = np.where(before <= 25, 12.5, np.maximum(np.floor(before / 50) * 25, 25))
    lower = np.where(regimen == "QOD", before / 2, lower)
    again = np.select([relation == "lower", relation == "higher"], [lower, before + 25], before)
    raised = chance(rng, RESTART["dose_raised_later"], size) & (regimen != "QOD")
    raise_day = np.where(raised, story.restart + between(rng, 28, 120, size), NEVER)
    days = np.stack([story.restart, raise_day, np.full(size, NEVER)])
    return days, np.stack([again, np.maximum(before, again), before]), regimen


def reasons(rng: Rng, shares: Shares, size: int) -> Names:
    """Draw stop reasons; the empty text where none is stated."""
    drawn = choose(rng, shares, size)
    return np.where(drawn == "unstated", "", drawn)


def endings(rng: Rng, story: Story) -> tuple[Names, Names]:
    """Return end type and stop reason of each course (courses x patients)."""
    size = len(story.first_end)
    liver = reasons(rng, LIVER_STOP, COURSES * size).reshape(COURSES, size)
    other = reasons(rng, OTHER_STOP, COURSES * size).reshape(COURSES, size)
    first = np.where(np.isin(story.first_end, ("episode", "stopped_liver")), liver[0], other[0])
    first = np.where(story.first_end == "documented_without_lab", "hepatotoxicity", first)
    mild = np.where(chance(rng, RESTART["mild_rise_stopped_for_liver"], size), "abnormal_lft", "")
    is_mild = story.follow_up == "mild_rise_stopped"
    second = np.select([is_mild, np.isin(story.follow_up, TRIGGERED)], [mild, liver[1]], other[1])
    types = np.full((COURSES, size), "explicit", dtype="<U9")
    types[0, story.first_end == "unobserved"] = "discharge"
    return types, np.stack([first, second, other[2]])


def steps(rng: Rng, cohort: Cohort, story: Story) -> tuple[Ints, Floats, Names]:
    """Return step days and doses (courses x steps x patients), and the regimen of the restart."""
    first_days, first_mg = first_doses(rng, cohort, story)
    second_days, second_mg, regimen = restart_doses(rng, story, dose_before(story, first_days, first_mg))
    third_days = np.stack([story.start[2], *np.full((2, cohort.size), NEVER)])
    third_mg = np.repeat(np.maximum(second_mg[:1] / 2, 12.5), 3, axis=0)
    return np.stack([first_days, second_days, third_days]), np.stack([first_mg, second_mg, third_mg]), regimen


def whole_spans(rng: Rng, cohort: Cohort, story: Story) -> Spans:
    """Return the dose spans of every course, before gaps, refills and the end of observation."""
    starts, doses, regimen = steps(rng, cohort, story)
    next_step = np.full_like(starts, NEVER)
    next_step[:, :-1] = np.minimum.accumulate(starts[:, ::-1], axis=1)[:, ::-1][:, 1:]
    ends = np.minimum(story.last[:, None], next_step - 1)
    types, why = endings(rng, story)
    course, step, patient = np.nonzero((starts < NEVER) & (starts <= ends))
    end = ends[course, step, patient]
    is_last = end == story.last[course, patient]
    return Spans(
        patient=patient,
        course=course,
        start=starts[course, step, patient],
        end=end,
        dose_mg=doses[course, step, patient],
        regimen=np.where(course == 1, regimen[patient], "QD"),
        end_type=np.where(is_last, types[course, patient], "explicit"),
        stop_reason=np.where(is_last, why[course, patient], "dose_change"),
    )


def with_gaps(rng: Rng, spans: Spans) -> Spans:
    """Cut a short drug-free gap into some of the long spans."""
    size = len(spans.start)
    cut = (spans.end - spans.start > 120) & chance(rng, RECORDS["gap_inside_course"], size)
    gap_start = spans.start + between(rng, 40, 100, size)
    gap_end = gap_start + between(rng, 2, 12, size)
    until = replace(
        spans,
        end=np.where(cut, gap_start - 1, spans.end),
        end_type=np.where(cut, "explicit", spans.end_type),
        stop_reason=np.where(cut, "infection", spans.stop_reason),
    )
    return together([until, replace(spans, start=gap_end)[cut]])
