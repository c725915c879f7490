"""The derived frames that rules and evidence share, computed once."""

from dataclasses import dataclass

import polars as pl

from audit import frames
from audit.calendar import as_days
from audit.derive.patient import baselines, breaks, courses, deaths, exposures, results
from audit.derive.restart import episodes
from audit.frames import Staged
from audit.guideline import Guideline

PATIENT = "patient_id"
# Joins run in the order they are written: the reordering optimizer may join two large frames by day alone.
AS_WRITTEN = pl.QueryOptFlags(join_order=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Every derived frame that rules and evidence read; one grain each, in memory.

    `every_baseline` is of everyone who had a course; what is of results and events is of the patients with an episode.
    """

    feed_end: int
    patients: pl.LazyFrame
    records: pl.LazyFrame
    numbered: pl.LazyFrame
    segments: pl.LazyFrame
    courses: pl.LazyFrame
    pairs: pl.LazyFrame
    labs: pl.LazyFrame
    events: pl.LazyFrame
    baseline_sources: pl.LazyFrame
    every_baseline: pl.LazyFrame
    baselines: pl.LazyFrame
    referenced: pl.LazyFrame
    enzymes: pl.LazyFrame
    bilirubins: pl.LazyFrame
    draws: pl.LazyFrame
    bilirubin_days: pl.LazyFrame
    episodes: pl.LazyFrame


def derive(staged: Staged, guideline: Guideline, feed_end: int) -> Facts:
    """Derive every frame up to the episodes; only patients with an auditable break go past courses and baselines."""
    told = deaths.told(as_days(staged.patients), as_days(staged.labs), as_days(staged.exposures), feed_end, guideline)
    patients = held(exposures.observed(told, feed_end))
    records = held(exposures.records(as_days(staged.exposures), patients))
    numbered = held(courses.numbered(records, guideline))
    segments = held(courses.segments(numbered))
    eras = held(courses.courses(numbered))
    pairs = held(breaks.pairs(eras))
    auditable = held(breaks.auditable(pairs, guideline))
    people = eras.select(PATIENT, "first_exposure").unique()
    exposed = held(
        people.join(patients, on=PATIENT).select(PATIENT, "first_exposure", "observation_start", "observed_to")
    )
    every_lab = as_days(staged.labs)
    every_event = as_days(frames.EVENTS.empty() if staged.events is None else staged.events)
    users = held(
        baselines.prevalent_users(
            exposed, breaks.other_thiopurines(records, guideline), _existing(every_event, exposed), guideline
        )
    )
    sources = held(baselines.sources(_existing(every_lab, exposed), users, guideline))
    audited = held(exposed.join(auditable, on=PATIENT, how="semi"))
    labs = held(_existing(every_lab, audited))
    events = held(_existing(every_event, audited))
    baseline = held(baselines.baselines(sources, users, guideline))
    referenced = held(results.referenced(labs, baseline, guideline))
    enzymes = held(results.enzymes(referenced, guideline))
    draws = held(results.draw_days(enzymes, guideline))
    qualified = episodes.qualified(auditable, draws, guideline)
    found = held(episodes.identified(episodes.onsets(qualified, draws, guideline)))
    restarted = held(found.select(PATIENT).unique())

    def narrowed(frame: pl.LazyFrame) -> pl.LazyFrame:
        """Keep the patients who have an episode: nothing else is judged or shown."""
        return held(frame.join(restarted, on=PATIENT, how="semi"))

    bilirubins = narrowed(results.bilirubins(referenced, guideline))
    return Facts(
        feed_end=feed_end,
        patients=patients,
        records=records,
        numbered=numbered,
        segments=segments,
        courses=eras,
        pairs=pairs,
        labs=narrowed(labs),
        events=narrowed(events),
        baseline_sources=narrowed(results.referenced(sources, baseline, guideline)),
        every_baseline=baseline,
        baselines=narrowed(baseline),
        referenced=narrowed(referenced),
        enzymes=narrowed(enzymes),
        bilirubins=bilirubins,
        draws=narrowed(draws),
        bilirubin_days=held(results.by_day(bilirubins, results.bilirubin_tests(guideline))),
        episodes=found,
    )


def _existing(rows: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows of these patients that observation reaches."""
    known = people.select(PATIENT, "observed_to")
    return rows.join(known, on=PATIENT).filter(pl.col("date") <= pl.col("observed_to")).drop("observed_to")


def computed(frame: pl.LazyFrame) -> pl.DataFrame:
    """Compute a frame, its joins in the order they are written."""
    return frame.collect(optimizations=AS_WRITTEN)


def held(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Compute a frame once that several others read."""
    return computed(frame).lazy()
