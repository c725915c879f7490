"""Hypothesis profiles: `ci` is a fixed few hundred examples, `deep` searches anew each time."""

import os

from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, max_examples=150, suppress_health_check=SLOW
)
settings.register_profile("deep", deadline=None, max_examples=3000, print_blob=True, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
