"""Synthetic extracts of any size from a seed: realistic enough to try, to benchmark and to break the audit on."""

from flows.sample.proportions import EXTRACTED_ON
from flows.sample.write import Format, Progress, write_sample

__all__ = ["EXTRACTED_ON", "Format", "Progress", "write_sample"]
