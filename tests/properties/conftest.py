"""Hypothesis profiles: `ci` is a fixed few hundred examples, `deep` searches anew each time."""

import os

from hypothesis import HealthCheck, Phase, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
# Explaining a failure runs hundreds of further audits and says less than the printed timeline.
PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
COMMON = settings(deadline=None, suppress_health_check=SLOW, phases=PHASES)
settings.register_profile("ci", COMMON, derandomize=True, database=None, max_examples=40)
settings.register_profile("deep", COMMON, max_examples=3000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
