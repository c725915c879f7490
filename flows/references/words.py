"""What texts and codes say beside the rows themselves: that a test was not done, that a patient is a person.

The words are data/reference/text_words.csv. Each kind is two variables of SQL: `<kind>_words`, the list, and
`<kind>_pattern`, which finds any of them in a text in small letters; a * stands for any letters.
"""

import re

import polars as pl

from flows.shipped import DATA
from flows.warehouse import Warehouse

FILE = "text_words"
CODES_OF = {"inpatient": "inpatient_stays", "human": "patients"}


def teach(warehouse: Warehouse, codes: pl.DataFrame) -> None:
    """Set the variables of each kind of words, and those of the codes on the lists that no row of an extract has."""
    said = pl.read_csv(DATA / "reference" / f"{FILE}.csv", glob=False)
    for (kind,), rows in said.group_by("kind"):
        words = rows["words"].to_list()
        warehouse.set(f"{kind}_words", words)
        warehouse.set(f"{kind}_pattern", pattern(words))
    for concept, table in CODES_OF.items():
        listed = codes.filter(table_name=table, concept=concept)["code"].str.to_uppercase().unique()
        warehouse.set(f"{concept}_codes", listed.to_list())


def pattern(words: list[str]) -> str:
    """Return the regular expression that finds any of these words."""
    found = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return rf"\b(?:{found})\b"
