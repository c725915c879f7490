"""What dosage texts say: one reader for every source, over the distinct texts of a feed.

A kind of source that has such texts declares a relation `dosage_texts` (one column `text`) before those that ask the
readings of them.
"""

from flows.dosage.readings import TEXTS, create_readings

__all__ = ["TEXTS", "create_readings"]
