"""Patients beside the evidence of one of their verdicts: at least one for every rule and reason."""
