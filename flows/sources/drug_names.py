"""The rule for drug names, asked of the texts of a source before they are received.

Which record of a drug another one covers hangs on it. A kind of source that asks declares the relations `drug_texts`
(one column `key`) and `drug_names`.
"""

from collections.abc import Mapping

from flows.warehouse import text_of

TEXTS, NAMES = "drug_texts", "drug_names"
RELATIONS: Mapping[str, str] = {TEXTS: "TABLE", NAMES: "TABLE"}


def mapping() -> str:
    """Return the SELECT of the names that the texts are, as that of the received ones."""
    return text_of("resolved", NAMES).replace(f"resolved.{TEXTS}", f"source.{TEXTS}")
