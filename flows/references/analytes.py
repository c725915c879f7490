"""The facts about analytes (units, plausible ranges, upper limits) and words: each once, in data/reference."""

from collections.abc import Sequence

import polars as pl

from audit.vocabulary import SEROLOGIES
from flows.errors import Usage
from flows.references.site import Limit
from flows.shipped import DATA
from flows.warehouse import Warehouse

TEXT, NUMBER = pl.String(), pl.Float64()
FILES: dict[str, dict[str, pl.DataType]] = {
    "concepts": {"concept": TEXT, "domain": TEXT},
    "plausible": {
        "concept": TEXT,
        "quantity": TEXT,
        "unit": TEXT,
        **dict.fromkeys(("low", "high", "printed_uln_low", "printed_uln_high"), NUMBER),
    },
    "inferred_units": {
        "concept": TEXT,
        "unit": TEXT,
        **dict.fromkeys(("uln_low", "uln_high", "contradicted_below"), NUMBER),
    },
    "uln": {"concept": TEXT, "uln": NUMBER, "unit": TEXT},
    "frequencies": {"spelling": TEXT, "frequency": TEXT},
    "omop_units": dict.fromkeys(("concept_id", "unit", "display", "checked", "source"), TEXT),
    "omop_concepts": dict.fromkeys(("field", "concept_id", "meaning", "display", "checked", "source"), TEXT),
    "name_words": {"word": TEXT, "kind": TEXT},
    "stop_words": {"words": TEXT, "kind": TEXT},
}
# Codes that a source derives from a vocabulary of its own, such as the descendants of an ingredient.
DERIVED_CODES = "table_name VARCHAR, vocabulary VARCHAR, code VARCHAR, concept VARCHAR, matched_by VARCHAR"
# A site's limit is held to what a printed one is held to; where nothing is said of those, to what a value may be.
IMPLAUSIBLE = """
SELECT concept, uln, unit FROM reference.site_uln INNER JOIN reference.analytes USING (concept)
WHERE NOT uln BETWEEN coalesce(printed_uln_low, low, 0) AND coalesce(printed_uln_high, high, 1e6) ORDER BY ALL
"""
LIMITS = pl.Schema({"analyte": TEXT, "value": NUMBER, "unit": TEXT, "sex": TEXT, "first": pl.Date(), "last": pl.Date()})


def load(warehouse: Warehouse, limits: Sequence[Limit] = ()) -> None:
    """Load the reference tables and the site's limits; raise Usage for a limit of no known analyte or unit."""
    for name, schema in FILES.items():
        frame = pl.read_csv(DATA / "reference" / f"{name}.csv", schema=schema, glob=False)
        warehouse.load("reference", name, frame)
    warehouse.run(f"CREATE TABLE IF NOT EXISTS reference.derived_codes ({DERIVED_CODES})")
    warehouse.set("serologies", list(SEROLOGIES))
    warehouse.create("TABLE", "reference", "analytes")
    warehouse.create("TABLE", "reference", "inferable_units")
    rows = [(limit.analyte, limit.value, limit.unit, limit.sex, limit.first, limit.last) for limit in limits]
    warehouse.load("reference", "site_limits", pl.DataFrame(rows, schema=LIMITS, orient="row"))
    warehouse.create("TABLE", "reference", "site_uln")
    if unknown := warehouse.rows("SELECT DISTINCT concept FROM reference.site_uln WHERE uln IS NULL ORDER BY 1"):
        raise Usage(f"site file: uln of {unknown[0][0]}: no such analyte with limits, or no such unit of it")
    if odd := warehouse.rows(IMPLAUSIBLE):
        raise Usage(f"site file: uln of {odd[0][0]}: {odd[0][1]:g} {odd[0][2]} is no upper limit of normal")
