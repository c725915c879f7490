"""Drug exposures as a hospital feed holds them: refills, two tablets at a time, comedication, open ends."""

from dataclasses import dataclass, replace

import numpy as np

from flows.sample.cohort import Cohort
from flows.sample.dice import NEVER, Flags, Floats, Ints, Names, Rng, between, chance
from flows.sample.doses import Spans, whole_spans, with_gaps
from flows.sample.proportions import RECORDS, RESTART
from flows.sample.story import Story

MISSING = -1
SUPPLIES = np.array([28, 30, 56, 84, 90])


@dataclass(frozen=True, slots=True)
class Exposures:
    """Exposure records, one array element each; MISSING and the empty text stand for null."""

    patient: Ints
    drug: Names
    start: Ints
    end: Ints
    supply: Ints
    dose_mg: Floats
    frequency: Names
    end_type: Names
    stop_reason: Names

    def __getitem__(self, keep: Flags) -> "Exposures":
        """Return the chosen records."""
        return Exposures(*(getattr(self, name)[keep] for name in self.__slots__))


def seen(spans: Spans, story: Story) -> Spans:
    """Cut the spans at the end of observation: what goes on beyond it has an open end."""
    until = story.observed_to[spans.patient]
    goes_on = spans.end > until
    open_ended = replace(
        spans,
        end=np.where(goes_on, NEVER, spans.end),
        end_type=np.where(goes_on, "ongoing", spans.end_type),
        stop_reason=np.where(goes_on, "", spans.stop_reason),
    )
    return open_ended[spans.start <= until]


def refilled(rng: Rng, spans: Spans, story: Story) -> Exposures:
    """Split spans into prescriptions of some days' supply, some of them written early."""
    supply = SUPPLIES[between(rng, 0, len(SUPPLIES) - 1, len(spans.start))]
    end = np.minimum(spans.end, story.observed_to[spans.patient])
    count = -(-(end - spans.start + 1) // supply)
    row = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    start = spans.start[row] + nth * supply[row]
    last = np.minimum(start + supply[row] - 1, spans.end[row])
    early = np.where((nth > 0) & chance(rng, RECORDS["early_refill"], len(row)), between(rng, 1, 6, len(row)), 0)
    is_final = nth == count[row] - 1
    is_stated = is_final & (spans.end_type[row] != "ongoing")
    has_end = is_stated | chance(rng, 0.5, len(row))
    return Exposures(
        patient=spans.patient[row],
        drug=np.full(len(row), "azathioprine"),
        start=start - early,
        end=np.where(has_end, last, MISSING),
        supply=last - start + 1 + early,
        dose_mg=spans.dose_mg[row],
        frequency=spans.regimen[row],
        end_type=np.where(is_stated, spans.end_type[row], "supply"),
        stop_reason=np.where(is_stated, spans.stop_reason[row], ""),
    )


def plain(spans: Spans) -> Exposures:
    """Return one record a span, with an explicit or an open end."""
    return Exposures(
        patient=spans.patient,
        drug=np.full(len(spans.start), "azathioprine"),
        start=spans.start,
        end=np.where(spans.end == NEVER, MISSING, spans.end),
        supply=np.full(len(spans.start), MISSING),
        dose_mg=spans.dose_mg,
        frequency=spans.regimen,
        end_type=spans.end_type,
        stop_reason=spans.stop_reason,
    )


def in_two_tablets(rng: Rng, records: Exposures) -> Exposures:
    """Write some doses that 50 mg tablets cannot make as two records at the same time."""
    odd = (records.dose_mg % 50 == 25) & (records.dose_mg > 50)
    split = odd & chance(rng, RECORDS["two_tablets"], len(odd))
    larger = replace(records, dose_mg=np.where(split, records.dose_mg - 25, records.dose_mg))
    smaller = replace(records, drug=np.full(len(odd), "azathioprine_25"), dose_mg=np.full(len(odd), 25.0))
    return joined([larger, smaller[split]])


def joined(parts: list[Exposures]) -> Exposures:
    """Return the records of all parts, one after the other."""
    return Exposures(*(np.concatenate([getattr(part, name) for part in parts]) for name in Exposures.__slots__))


def azathioprine(rng: Rng, cohort: Cohort, story: Story) -> Exposures:
    """Return every azathioprine record of the chunk."""
    spans = seen(with_gaps(rng, whole_spans(rng, cohort, story)), story)
    by_refill = chance(rng, RECORDS["refills"], cohort.size)[spans.patient]
    return in_two_tablets(rng, joined([refilled(rng, spans[by_refill], story), plain(spans[~by_refill])]))


def course_of(drug: str, who: Flags, start: Ints, days: Ints, mg: Floats, story: Story) -> Exposures:
    """Return one record of another drug for each chosen patient; open where observation ends first."""
    patient = np.flatnonzero(who & (start <= story.observed_to))
    last = start[patient] + days[patient] - 1
    goes_on = last > story.observed_to[patient]
    size = len(patient)
    return Exposures(
        patient=patient,
        drug=np.full(size, drug),
        start=start[patient],
        end=np.where(goes_on, MISSING, last),
        supply=np.full(size, MISSING),
        dose_mg=mg[patient],
        frequency=np.full(size, "QD"),
        end_type=np.where(goes_on, "ongoing", "explicit"),
        stop_reason=np.full(size, ""),
    )


def thiopurines(rng: Rng, cohort: Cohort, story: Story) -> list[Exposures]:
    """Return the other thiopurines: switches after the last course, and use before or between courses."""
    size = cohort.size
    switched = story.first_end == "switch"
    tioguanine = chance(rng, 0.15, size)
    after = story.stop + between(rng, 0, 20, size)
    long = lasting_days(rng, size)
    prior = cohort.takes & chance(rng, RECORDS["thiopurine_before_first"], size)
    within = story.is_episode & chance(rng, RESTART["other_thiopurine_in_break"], size)
    mercaptopurine_mg, tioguanine_mg = np.full(size, 50.0), np.full(size, 20.0)
    return [
        course_of("mercaptopurine", switched & ~tioguanine, after, long, mercaptopurine_mg, story),
        course_of("tioguanine", switched & tioguanine, after, long, tioguanine_mg, story),
        course_of("mercaptopurine", prior, story.start[0] - 80, np.full(size, 60), mercaptopurine_mg, story),
        course_of("mercaptopurine", within, story.stop + 2, np.full(size, 9), mercaptopurine_mg, story),
    ]


def lasting_days(rng: Rng, size: int) -> Ints:
    """Draw lengths of months to years."""
    return between(rng, 60, 900, size)


def comedication(rng: Rng, cohort: Cohort, story: Story) -> list[Exposures]:
    """Return what else is taken: steroids, anticoagulants, gout drugs, and drugs that no list knows."""
    size = cohort.size
    steroid_mg, days = rng.choice(np.array([5.0, 10.0, 20.0, 40.0]), size), between(rng, 14, 120, size)
    somewhen = between(rng, story.observed_from, story.observed_to, size)
    at_first = cohort.takes & chance(rng, RECORDS["corticosteroid_at_first"], size)
    at_restart = story.is_episode & chance(rng, RESTART["corticosteroid_at_restart"], size)
    mg = np.full(size, 300.0)
    long = lasting_days(rng, size)
    gout, febuxostat = chance(rng, RECORDS["allopurinol"], size), chance(rng, RECORDS["febuxostat"], size)
    other = chance(rng, RECORDS["other_drug"], size)
    before = story.start[0] - between(rng, 0, 40, size)
    throughout = np.full(size, NEVER)
    return [
        course_of("corticosteroid_systemic", at_first, before, days, steroid_mg, story),
        course_of("corticosteroid_systemic", at_restart, story.restart - 5, days, steroid_mg, story),
        course_of("anticoagulant", cohort.anticoagulated, story.observed_from + 3, throughout, mg / 60, story),
        course_of("allopurinol", gout, somewhen, long, mg, story),
        course_of("febuxostat", febuxostat, somewhen, long, mg, story),
        course_of("unlisted", other, somewhen, long, mg, story),
    ]


def exposures(rng: Rng, cohort: Cohort, story: Story) -> Exposures:
    """Return every exposure record of the chunk."""
    own = azathioprine(rng, cohort, story)
    return joined([own, *thiopurines(rng, cohort, story), *comedication(rng, cohort, story)])
