"""The nightly flow, as prefect.yaml names it."""

from flows.night.flow import nightly

__all__ = ["nightly"]
