"""The hospitals of the sample: who codes, measures and prints limits how."""

from dataclasses import dataclass

SEXES = ("F", "M")


@dataclass(frozen=True, slots=True)
class Site:
    """One hospital: its share of the patients, its vocabularies, units and printed limits (F, M)."""

    name: str
    share: float
    labs: str
    drugs: str
    events: str
    enzymes: str
    bilirubin: str
    counts: str
    alt: tuple[float, float]
    ast: tuple[float, float]
    alp: tuple[float, float]


SITES = (
    Site("north", 0.30, "LOINC", "RxNorm", "ICD-10-CM", "U/L", "mg/dL", "10*9/L", (33, 41), (32, 40), (105, 129)),
    Site("south", 0.22, "LOINC", "RxNorm", "ICD-10-CM", "IU/L", "mg/dL", "K/uL", (40, 40), (40, 40), (120, 120)),
    Site("east", 0.18, "LOINC molar", "ATC", "SNOMED CT", "ukat/L", "umol/L", "10*9/L", (45, 66), (36, 45), (114, 114)),
    Site("west", 0.14, "LOINC molar", "ATC", "SNOMED CT", "U/L", "umol/L", "G/L", (35, 50), (35, 50), (104, 129)),
    Site("centre", 0.10, "concept", "concept", "concept", "U/L", "umol/L", "10*3/uL", (31, 44), (31, 37), (100, 115)),
    Site("coast", 0.06, "concept", "concept", "ICD-10-CM", "U/L", "mg/dL", "/uL", (40, 45), (40, 40), (120, 120)),
)
SITE_SHARES = {site.name: site.share for site in SITES}


def printed_limits() -> dict[str, list[tuple[float, float]]]:
    """Return each analyte's upper limits (F, M) by site, in the canonical unit."""
    everywhere: dict[str, tuple[float, float]] = {
        "ggt": (40, 60),
        "bilirubin_total": (1.2, 1.2),
        "bilirubin_direct": (0.3, 0.3),
        "inr": (1.2, 1.2),
        "albumin": (5.0, 5.0),
        "wbc": (10.5, 10.5),
        "anc": (7.0, 7.0),
        "platelets": (400, 400),
        "ck": (170, 200),
        "igg": (16, 16),
    }
    limits = {analyte: [pair] * len(SITES) for analyte, pair in everywhere.items()}
    return limits | {analyte: [getattr(site, analyte) for site in SITES] for analyte in ("alt", "ast", "alp")}
