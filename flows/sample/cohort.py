"""Who the patients are: site, sex, body, habitual enzymes, indication."""

from dataclasses import dataclass

import numpy as np

from flows.sample.dice import Flags, Floats, Ints, Names, Rng, chance, choose
from flows.sample.proportions import COHORT, INDICATIONS
from flows.sample.sites import SITE_SHARES


@dataclass(frozen=True, slots=True)
class Cohort:
    """One chunk of patients, one array element each; enzymes as multiples of the site's limit."""

    number: Ints
    site: Names
    site_known: Flags
    is_male: Flags
    sex_known: Flags
    birth_year: Ints
    weight_kg: Floats
    takes: Flags
    alt_base: Floats
    ast_per_alt: Floats
    alp_base: Floats
    bilirubin_base: Floats
    flares: Flags
    lacks_ast: Flags
    anticoagulated: Flags
    indication: Names

    @property
    def size(self) -> int:
        """Return the number of patients."""
        return len(self.number)

    @property
    def reference(self) -> Floats:
        """Return what an elevation is measured from, in ULN: the habitual value where abnormal, else 1."""
        return np.where(self.alt_base >= 1.5, self.alt_base, 1.0)


def patients(rng: Rng, first_number: int, size: int) -> Cohort:
    """Draw `size` patients numbered from `first_number`."""
    is_male = ~chance(rng, COHORT["female"], size)
    takes = chance(rng, COHORT["takes_azathioprine"], size)
    flares = takes & chance(rng, COHORT["flare_before_first_dose"], size)
    usual = np.minimum(rng.lognormal(-0.65, 0.28, size), 0.93)
    abnormal = chance(rng, COHORT["abnormal_enzyme_baseline"], size)
    gilbert = chance(rng, COHORT["gilbert"], size)
    usual_bilirubin = np.minimum(rng.lognormal(-0.75, 0.30, size), 0.95)
    indication = choose(rng, INDICATIONS, size)
    return Cohort(
        number=np.arange(first_number, first_number + size, dtype=np.int64),
        site=choose(rng, SITE_SHARES, size),
        site_known=~chance(rng, COHORT["site_missing"], size),
        is_male=is_male,
        sex_known=~chance(rng, COHORT["sex_missing"], size),
        birth_year=np.where(
            chance(rng, COHORT["birth_year_missing"], size), 0, np.round(rng.triangular(1932, 1978, 2008, size))
        ).astype(np.int64),
        weight_kg=np.clip(rng.normal(np.where(is_male, 82, 69), 13), 38, 150),
        takes=takes,
        alt_base=np.where(abnormal, rng.uniform(1.6, 2.6, size), usual),
        ast_per_alt=rng.lognormal(-0.10, 0.15, size),
        alp_base=np.clip(rng.lognormal(-0.50, 0.25, size), 0.2, 1.1),
        bilirubin_base=np.where(gilbert, rng.uniform(1.6, 2.4, size), usual_bilirubin),
        flares=flares,
        lacks_ast=chance(rng, COHORT["lab_without_ast"], size),
        anticoagulated=chance(rng, COHORT["anticoagulated"], size),
        indication=np.where(flares, "autoimmune_hepatitis", indication),
    )
