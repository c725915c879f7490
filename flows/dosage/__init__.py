"""What dosage texts say: one reader for every source, over the distinct texts of a feed.

A kind of source that has such texts declares a relation `dosage_texts` (one column `text`) before those that ask the
readings of them.
"""

from flows.dosage.own import FILE as OWN_READINGS
from flows.dosage.own import SCHEMA as READINGS_SCHEMA
from flows.dosage.own import load as load_own_readings
from flows.dosage.readings import TEXTS, create_readings

__all__ = ["OWN_READINGS", "READINGS_SCHEMA", "TEXTS", "create_readings", "load_own_readings"]
