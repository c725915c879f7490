"""What rows are read and judged by, bound once a run: the edition, the site's facts and values, the code lists."""

from flows.references.analytes import load as load_analytes
from flows.references.bound import References, refer
from flows.references.codelists import CodeLists, Entry, concepts, entries
from flows.references.codelists import load as load_codelists
from flows.references.fingerprints import fingerprints_of, program_hash
from flows.references.site import Site
from flows.references.site import load as load_site
from flows.references.units import teach as teach_units
from flows.references.words import teach as teach_words

__all__ = [
    "CodeLists",
    "Entry",
    "References",
    "Site",
    "concepts",
    "entries",
    "fingerprints_of",
    "load_analytes",
    "load_codelists",
    "load_site",
    "program_hash",
    "refer",
    "teach_units",
    "teach_words",
]
