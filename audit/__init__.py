"""The audit itself: pure functions of staged frames, a guideline edition and an as-of date."""
