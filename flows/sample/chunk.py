"""One chunk of the cohort as the five tables: the unit of drawing, of memory and of writing."""

import polars as pl

from flows.sample import dirt, nights, rows
from flows.sample.cohort import patients
from flows.sample.dice import Rng, stream
from flows.sample.draws import draws
from flows.sample.exposures import exposures
from flows.sample.happenings import happenings, stays
from flows.sample.injuries import injuries
from flows.sample.labs import lab_results, results
from flows.sample.proportions import CHUNK
from flows.sample.story import tell

COHORT, STORY, INJURIES, DRAWS, EXPOSURES, EVENTS, STAYS, RESULTS, ROWS, DIRT, NIGHTS = range(11)

DATE, STAMP, TEXT, NUMBER, COUNT = pl.Date(), pl.Datetime("us"), pl.String(), pl.Float64(), pl.Int64()
TABLES: dict[str, dict[str, pl.DataType]] = {
    "patients": {
        "patient_id": TEXT,
        "sex": TEXT,
        "birth_year": COUNT,
        "site_id": TEXT,
        "observation_start": DATE,
        "observation_end": DATE,
        "death_date": DATE,
    },
    "lab_results": {
        "result_id": TEXT,
        "patient_id": TEXT,
        "collected_at": STAMP,
        "vocabulary": TEXT,
        "code": TEXT,
        "value": NUMBER,
        "comparator": TEXT,
        "unit": TEXT,
        "reference_low": NUMBER,
        "reference_high": NUMBER,
        "status": TEXT,
        "recorded_at": STAMP,
        "laboratory_id": TEXT,
    },
    "drug_exposures": {
        "exposure_id": TEXT,
        "patient_id": TEXT,
        "vocabulary": TEXT,
        "code": TEXT,
        "start_date": DATE,
        "end_date": DATE,
        "days_supply": COUNT,
        "daily_dose_mg": NUMBER,
        "frequency": TEXT,
        "end_type": TEXT,
        "stop_reason": TEXT,
        "route": TEXT,
        "recorded_at": DATE,
    },
    "clinical_events": {
        "event_id": TEXT,
        "patient_id": TEXT,
        "event_date": DATE,
        "vocabulary": TEXT,
        "code": TEXT,
        "recorded_at": DATE,
    },
    "inpatient_stays": {"stay_id": TEXT, "patient_id": TEXT, "admitted_on": DATE, "discharged_on": DATE},
}
ROW_IDS = {"lab_results": "R", "drug_exposures": "X", "clinical_events": "E", "inpatient_stays": "S"}
SOIL = {
    "patients": dirt.soiled_patients,
    "lab_results": dirt.soiled_labs,
    "drug_exposures": dirt.soiled_exposures,
    "clinical_events": dirt.soiled_events,
    "inpatient_stays": dirt.soiled_stays,
}


def raw_tables(seed: int, chunk: int) -> dict[str, pl.DataFrame]:
    """Draw the whole chunk, clean; `place` is the patient's place in it."""

    def rng(stage: int) -> Rng:
        return stream(seed, chunk, stage)

    cohort = patients(rng(COHORT), chunk * CHUNK + 1, CHUNK)
    story = tell(rng(STORY), cohort)
    injury = injuries(rng(INJURIES), cohort, story)
    events, tests = happenings(rng(EVENTS), cohort, story, injury)
    drawn = draws(rng(DRAWS), cohort, story, injury)
    found = results(rng(RESULTS), cohort, story, injury, drawn, tests)
    order = rng(ROWS)
    return {
        "patients": rows.patient_rows(cohort, story),
        "lab_results": lab_results(order, cohort, found),
        "drug_exposures": rows.drug_exposures(order, cohort, exposures(rng(EXPOSURES), cohort, story)),
        "clinical_events": rows.clinical_events(order, cohort, events),
        "inpatient_stays": rows.inpatient_stays(order, *stays(rng(STAYS), cohort, story)),
    }


def tables(seed: int, chunk: int, wanted: int, *, clean: bool, by_night: bool = False) -> dict[str, pl.DataFrame]:
    """Return the first `wanted` patients of a chunk, all columns as declared, and `value_text` for lab_results.

    The chunk is always drawn whole: a patient is the same in every sample that is large enough to hold it.
    `by_night`: also when each row comes, and when it is corrected.
    """
    dice, clock = stream(seed, chunk, DIRT), stream(seed, chunk, NIGHTS)
    finished = {}
    for name, frame in raw_tables(seed, chunk).items():
        id_column = next(iter(TABLES[name])) if name in ROW_IDS else None
        frame = rows.identified(frame, chunk * CHUNK + 1, id_column, f"{ROW_IDS.get(name, '')}{chunk:04d}")
        frame = frame if clean else SOIL[name](dice, frame)
        more = [pl.col("value_text")] if "value_text" in frame.columns else []
        if by_night:
            frame = nights.told(clock, name, frame)
            more += [pl.col(nights.ARRIVES), pl.col(nights.CORRECTED)]
        columns = [pl.col(column).cast(dtype) for column, dtype in TABLES[name].items()]
        finished[name] = frame.filter(pl.col("place") < wanted).select(*columns, *more)
    return finished
