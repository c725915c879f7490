"""The table `source.dosage_readings`: what each distinct dosage text of a source was read as."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace

import polars as pl

from flows.dosage.lexicon import Lexicon
from flows.dosage.reading import Reading, read
from flows.dosage.tokens import level
from flows.warehouse import Warehouse

TEXTS, READINGS = "dosage_texts", "dosage_readings"
NUMBER = pl.Float64()
# Grain: a text as received. What the columns mean: docs/sources/README.md.
SCHEMA = pl.Schema(
    {
        "text": pl.String(),
        "mg_a_day": NUMBER,
        "pieces_a_day": NUMBER,
        "piece_mg": NUMBER,
        "other_piece_mg": NUMBER,
        "frequency": pl.String(),
        "length_days": pl.Int32(),
        "is_as_needed": pl.Boolean(),
        "is_known": pl.Boolean(),
        "is_explained": pl.Boolean(),
        "times_a_day": NUMBER,
        "dose_mg": NUMBER,
        "dose_pieces": NUMBER,
    }
)
BATCH = 20_000
LONGEST = 500
NAMES = "SELECT concept, array_to_string(words, ' ') FROM resolved.listed_names"
OF_SITE = "SELECT text, mg_a_day, frequency FROM reference.dosage_readings"


class Reader:
    """Reads texts one by one, each levelled text once; the site's own readings come before the grammar."""

    def __init__(self, drugs: Mapping[str, str], own: Mapping[str, Reading] | None = None) -> None:
        """Take the names of drugs, each with its concept, and the site's readings by levelled text."""
        self._drugs = drugs
        self._own = own or {}
        self._lexicon = Lexicon(drugs)
        self._known: dict[str, Reading] = {}

    def read(self, text: str) -> Reading:
        """Return the reading of a text; one that is very long or names two drugs is not read."""
        levelled = level(text)
        if (found := self._own.get(levelled)) is not None:
            return found
        if (found := self._known.get(levelled)) is None:
            if len(self._known) >= BATCH:
                self._known.clear()
            found = self._known[levelled] = self._read(levelled)
        return found

    def _read(self, levelled: str) -> Reading:
        if len(levelled) > LONGEST:
            return Reading()
        named = {self._drugs[word] for word in self._lexicon.drugs_in(levelled)}
        found = read(levelled, self._lexicon)
        return found if len(named) < 2 else Reading(is_as_needed=found.is_as_needed)


def create_readings(warehouse: Warehouse) -> None:
    """Create the table from the distinct texts of `source.dosage_texts`, some thousand at a time."""
    warehouse.run(
        "CREATE TABLE source.distinct_texts AS SELECT row_number() OVER () AS place, text "
        f"FROM (SELECT DISTINCT text FROM source.{TEXTS} WHERE as_text(text) IS NOT NULL)"
    )
    warehouse.load("source", READINGS, SCHEMA.to_frame())
    count = warehouse.number("SELECT count(*) FROM source.distinct_texts")
    reader = Reader(drugs_of(warehouse), own_readings(warehouse)) if count else Reader({})
    for first in range(0, count, BATCH):
        bounds = [first, first + BATCH]
        texts = warehouse.rows("SELECT text FROM source.distinct_texts WHERE place > ? AND place <= ?", bounds)
        rows = [{"text": text, **asdict(reader.read(text))} for (text,) in texts]
        warehouse.append(f"source.{READINGS}", pl.DataFrame(rows, schema=SCHEMA))
    warehouse.run("DROP TABLE source.distinct_texts")


def drugs_of(warehouse: Warehouse) -> dict[str, str]:
    """Return the names of the code lists, each with its concept."""
    return {name: concept for concept, name in warehouse.rows(NAMES) if re.search("[a-z]{2}", name)}


def own_readings(warehouse: Warehouse) -> dict[str, Reading]:
    """Return the site's own readings by levelled text."""
    found = {}
    for text, mg, frequency in warehouse.rows(OF_SITE):
        found[level(text)] = replace(Reading(), mg_a_day=mg, frequency=frequency, is_known=True, is_explained=True)
    return found
