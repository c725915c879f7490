"""Laboratory rows as each hospital reports them: its codes, its units, its printed limits."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from flows.sample import codes
from flows.sample.cohort import Cohort
from flows.sample.dice import EXTRACT_DAY, Floats, Ints, Rng, between, chance
from flows.sample.draws import Draws
from flows.sample.happenings import Happenings
from flows.sample.injuries import Injuries
from flows.sample.physiology import ANALYTES, reported, values
from flows.sample.proportions import RECORDS
from flows.sample.sites import SITES, Site, printed_limits
from flows.sample.story import Story

SEROLOGIES = ("hbsag", "anti_hbc", "hbv_dna", "anti_hcv", "hcv_rna", "ana", "sma", "igg")
MEASURED = (*ANALYTES, *SEROLOGIES)
ENZYMES = ("alt", "ast", "alp", "ggt", "ck")
BILIRUBINS = ("bilirubin_total", "bilirubin_direct")
# unit: canonical units in one of it, decimals that a laboratory prints
ENZYME_UNITS = {"U/L": (1.0, 0), "IU/L": (1.0, 0), "ukat/L": (60.0, 2)}
BILIRUBIN_UNITS = {"mg/dL": (1.0, 1), "umol/L": (1 / 17.104, 0)}
COUNT_UNITS = {"10*9/L": (1.0, 1), "K/uL": (1.0, 1), "10*3/uL": (1.0, 1), "G/L": (1.0, 1), "/uL": (0.001, 0)}
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Results:
    """Laboratory results, one array element each; `measured` is the place in MEASURED, NaN is no value."""

    patient: Ints
    second: Ints  # of collection, from 1970-01-01
    measured: Ints
    value: Floats
    limit: Floats


def unit_of(site: Site, measured: str) -> tuple[str | None, float, int]:
    """Return the unit that a site reports in, canonical units in one of it, and its decimals."""
    if measured in ENZYMES:
        return site.enzymes, *ENZYME_UNITS[site.enzymes]
    if measured in BILIRUBINS:
        return site.bilirubin, *BILIRUBIN_UNITS[site.bilirubin]
    if measured in ("wbc", "anc", "platelets"):
        return site.counts, *COUNT_UNITS[site.counts]
    if measured == "albumin":
        return ("g/L", 0.1, 0) if site.labs == "LOINC molar" else ("g/dL", 1.0, 1)
    if measured == "igg":
        return ("mg/dL", 0.01, 0) if site.enzymes == "IU/L" else ("g/L", 1.0, 1)
    plain = {"inr": ("{INR}" if site.labs == "concept" else None, 1.0, 1), "body_weight": ("kg", 1.0, 1)}
    return plain.get(measured, ("mg/dL", 1.0, 2) if measured == "unlisted" else (None, 1.0, 0))


def limit_table() -> Floats:
    """Return the printed limits by sex, site and analyte in canonical units; NaN where none is printed."""
    printed = printed_limits()
    none = [(np.nan, np.nan)] * len(SITES)
    by_analyte = np.array([printed.get(name, none) for name in MEASURED], dtype=np.float64)
    return np.moveaxis(by_analyte, (2, 1, 0), (0, 1, 2))


def site_places(cohort: Cohort) -> Ints:
    """Return each patient's place in SITES."""
    names = np.array([site.name for site in SITES])
    order = np.argsort(names)
    return order[np.searchsorted(names[order], cohort.site)]


def limits_of(cohort: Cohort, patient: Ints) -> Floats:
    """Return rows x MEASURED printed limits in canonical units."""
    return limit_table()[cohort.is_male[patient].astype(np.int64), site_places(cohort)[patient]]


def measured(rng: Rng, cohort: Cohort, story: Story, injury: Injuries, draws: Draws) -> Results:
    """Return one result for every analyte that a draw reports."""
    limits = limits_of(cohort, draws.patient)[:, : len(ANALYTES)]
    found = values(rng, cohort, story, injury, draws, limits)
    shown = reported(rng, cohort, injury, draws)
    draw, analyte = np.nonzero(shown)
    second = draws.day * SECONDS_A_DAY + between(rng, 6 * 60, 20 * 60, len(draws.day)) * 60
    return Results(draws.patient[draw], second[draw], analyte, found[shown], limits[shown])


def serologies(rng: Rng, cohort: Cohort, tests: Happenings) -> Results:
    """Return the serologies of the work-up: most without a value, IgG with one."""
    size = len(tests.day)
    order = np.argsort(MEASURED)
    place = order[np.searchsorted(np.array(MEASURED)[order], tests.concept)]
    igg = tests.concept == "igg"
    value = np.where(igg, rng.normal(12, 2.5, size).clip(4, 40), np.where(chance(rng, 0.2, size), 0.0, np.nan))
    limit = np.where(igg, limits_of(cohort, tests.patient)[:, MEASURED.index("igg")], np.nan)
    second = tests.day * SECONDS_A_DAY + between(rng, 6 * 60, 20 * 60, size) * 60
    return Results(tests.patient, second, place, value, limit)


def in_site_units(cohort: Cohort, results: Results) -> tuple[Results, pl.Series]:
    """Return the results with value and limit as printed, and the units."""
    units = [[unit_of(site, name) for name in MEASURED] for site in SITES]
    site = site_places(cohort)[results.patient]
    factor = np.array([[unit[1] for unit in row] for row in units])[site, results.measured]
    scale = 10.0 ** np.array([[unit[2] for unit in row] for row in units])[site, results.measured]
    names = pl.Series([unit[0] for row in units for unit in row], dtype=pl.String)
    printed = np.maximum(np.round(results.value / factor * scale), 1.0) / scale
    value = np.where(results.value == 0, 0.0, printed)
    limit = np.round(results.limit / factor * scale) / scale
    return replace(results, value=value, limit=limit), names.gather(site * len(MEASURED) + results.measured)


def said(cohort: Cohort, results: Results) -> tuple[pl.Series, pl.Series]:
    """Return vocabulary and code of each result."""
    pairs = []
    for hospital in SITES:
        pairs += [codes.spell(codes.LABS, name, hospital.labs)[0] for name in MEASURED]
    unlisted = np.array([len(pairs) + place % len(codes.UNLISTED["labs"]) for place in range(len(SITES))])
    pairs += codes.UNLISTED["labs"]
    site = site_places(cohort)[results.patient]
    place = site * len(MEASURED) + results.measured
    place = np.where(results.measured == MEASURED.index("unlisted"), unlisted[site], place)
    vocabulary, code = zip(*pairs, strict=True)
    return pl.Series(vocabulary).gather(place), pl.Series(code).gather(place)


def lab_results(rng: Rng, cohort: Cohort, results: Results) -> pl.DataFrame:
    """Return the rows of the extract, in order of patient and, within it, of nothing; `place` is the patient."""
    order = np.lexsort((rng.random(len(results.patient)), results.patient))
    results = Results(*(getattr(results, name)[order] for name in Results.__slots__))
    results, unit = in_site_units(cohort, results)
    vocabulary, code = said(cohort, results)
    size = len(order)
    delay = between(rng, 40, 3_000, size) * 60
    recorded = np.minimum(results.second + delay, EXTRACT_DAY * SECONDS_A_DAY + 86_000)
    unrecorded = chance(rng, RECORDS["recorded_at_missing"], size)
    unnamed = chance(rng, RECORDS["laboratory_missing"], size)
    low = np.where(chance(rng, 0.5, size), np.round(results.limit * 0.2, 2), np.nan)
    laboratory = pl.Series([f"lab-{site.name}" for site in SITES]).gather(site_places(cohort)[results.patient])
    return pl.DataFrame(
        {
            "place": results.patient,
            "vocabulary": vocabulary,
            "code": code,
            "value": pl.Series(results.value).fill_nan(None),
            "comparator": pl.Series([None] * size, dtype=pl.String),
            "unit": unit,
            "reference_low": pl.Series(low).fill_nan(None),
            "reference_high": pl.Series(results.limit).fill_nan(None),
            "status": pl.Series(["final"] * size),
            "collected_at": stamps(results.second),
            "recorded_at": stamps(recorded).set(pl.Series(unrecorded), None),
            "laboratory_id": laboratory.set(pl.Series(unnamed), None),
        }
    )


def stamps(seconds: Ints) -> pl.Series:
    """Return timestamps of seconds from 1970-01-01."""
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us"))


def results(rng: Rng, cohort: Cohort, story: Story, injury: Injuries, draws: Draws, tests: Happenings) -> Results:
    """Return every laboratory result of the chunk."""
    parts = [measured(rng, cohort, story, injury, draws), serologies(rng, cohort, tests)]
    return Results(*(np.concatenate([getattr(part, name) for part in parts]) for name in Results.__slots__))
