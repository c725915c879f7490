"""The other four tables as rows of the extract; `place` is the patient's place in the chunk."""

import numpy as np
import polars as pl

from flows.sample import codes
from flows.sample.cohort import Cohort
from flows.sample.dice import EXTRACT_DAY, NEVER, Ints, Names, Rng, between, chance
from flows.sample.exposures import MISSING, Exposures
from flows.sample.happenings import Happenings
from flows.sample.labs import site_places
from flows.sample.sites import SITES
from flows.sample.story import Story

FREQUENCY = (
    pl.when((pl.col("frequency") == "QOD") & pl.col("is_spelt_out"))
    .then(pl.lit("every other day"))
    .when(pl.col("frequency") != "unknown")
    .then(pl.col("frequency"))
)


def dates(days: Ints) -> pl.Series:
    """Return dates of days from 1970-01-01; null where the day never comes or is missing."""
    known = pl.Series(np.where((days < NEVER) & (days != MISSING), days, 0).astype(np.int32))
    return known.cast(pl.Date).set(pl.Series((days >= NEVER) | (days == MISSING)), None)


def texts(names: Names) -> pl.Series:
    """Return the names as text, null where empty."""
    return pl.Series(names, dtype=pl.String).replace("", None)


def coded(rng: Rng, cohort: Cohort, patient: Ints, concept: Names, table: str) -> tuple[pl.Series, pl.Series]:
    """Return vocabulary and code of each row, in its site's words; one of several codes at random."""
    known = {"drugs": codes.DRUGS, "events": codes.EVENTS}[table]
    concepts = [*known, "unlisted"]
    pairs: list[tuple[str, str]] = []
    first, count = np.zeros((2, len(SITES), len(concepts)), dtype=np.int64)
    for row, site in enumerate(SITES):
        for column, name in enumerate(concepts):
            spelt = codes.UNLISTED[table] if name == "unlisted" else codes.spell(known, name, getattr(site, table))
            first[row, column], count[row, column] = len(pairs), len(spelt)
            pairs += spelt
    order = np.argsort(concepts)
    cell = site_places(cohort)[patient], order[np.searchsorted(np.array(concepts)[order], concept)]
    pick = first[cell] + between(rng, 0, count[cell] - 1, len(patient))
    vocabulary, code = zip(*pairs, strict=True)
    return pl.Series(vocabulary).gather(pick), pl.Series(code).gather(pick)


def by_patient(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in order of patient and, within it, of nothing."""
    order = np.lexsort((rng.random(frame.height), frame["place"].to_numpy()))
    return frame[order]


def drug_exposures(rng: Rng, cohort: Cohort, records: Exposures) -> pl.DataFrame:
    """Return the rows of drug_exposures."""
    size = len(records.patient)
    vocabulary, code = coded(rng, cohort, records.patient, records.drug, "drugs")
    spelling = pl.DataFrame({"frequency": records.frequency, "is_spelt_out": chance(rng, 0.3, size)})
    recorded = np.minimum(records.start + between(rng, 0, 2, size), EXTRACT_DAY)
    frame = pl.DataFrame(
        {
            "place": records.patient,
            "vocabulary": vocabulary,
            "code": code,
            "start_date": dates(records.start),
            "end_date": dates(records.end),
            "days_supply": pl.Series(records.supply).set(pl.Series(records.supply == MISSING), None),
            "daily_dose_mg": records.dose_mg,
            "frequency": spelling.select(FREQUENCY).to_series(),
            "end_type": texts(records.end_type),
            "stop_reason": texts(records.stop_reason),
            "route": "oral",
            "recorded_at": dates(recorded),
        }
    )
    return by_patient(rng, frame)


def clinical_events(rng: Rng, cohort: Cohort, events: Happenings) -> pl.DataFrame:
    """Return the rows of clinical_events."""
    vocabulary, code = coded(rng, cohort, events.patient, events.concept, "events")
    recorded = np.minimum(events.day + between(rng, 0, 3, len(events.day)), EXTRACT_DAY)
    frame = pl.DataFrame(
        {
            "place": events.patient,
            "event_date": dates(events.day),
            "vocabulary": vocabulary,
            "code": code,
            "recorded_at": dates(recorded),
        }
    )
    return by_patient(rng, frame)


def inpatient_stays(rng: Rng, patient: Ints, admitted: Ints, left: Ints) -> pl.DataFrame:
    """Return the rows of inpatient_stays."""
    return by_patient(
        rng, pl.DataFrame({"place": patient, "admitted_on": dates(admitted), "discharged_on": dates(left)})
    )


def identified(frame: pl.DataFrame, first_number: int, id_column: str | None = None, stem: str = "") -> pl.DataFrame:
    """Add patient ids, which look like numbers with leading zeros, and row ids that start with the stem."""
    patient_id = (pl.col("place") + first_number).cast(pl.String).str.zfill(7)
    added = [patient_id.alias("patient_id")]
    if id_column:
        added.append((pl.lit(stem) + pl.int_range(pl.len()).cast(pl.String).str.zfill(7)).alias(id_column))
    return frame.with_columns(added)


def patient_rows(cohort: Cohort, story: Story) -> pl.DataFrame:
    """Return the rows of patients."""
    return pl.DataFrame(
        {
            "place": np.arange(cohort.size),
            "sex": texts(np.where(cohort.sex_known, np.where(cohort.is_male, "M", "F"), "")),
            "birth_year": pl.Series(cohort.birth_year).set(pl.Series(cohort.birth_year == 0), None),
            "site_id": texts(np.where(cohort.site_known, cohort.site, "")),
            "observation_start": dates(story.observed_from),
            "observation_end": dates(np.where(story.is_closed, story.observed_to, NEVER)),
            "death_date": dates(np.where(story.is_dead, story.observed_to, NEVER)),
        }
    )
