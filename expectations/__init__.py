"""One Great Expectations suite a received table."""
