"""Rows for research under an agreement: pseudonymised, not anonymous; persons look like at least k others."""

from flows.export.research.attacking import attacks
from flows.export.research.making import make
from flows.export.research.profile import Model

__all__ = ["Model", "attacks", "make"]
