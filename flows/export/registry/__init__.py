"""Exports to registries: rows under an agreement, as OMOP tables and as records that REDCap imports."""

from flows.export.registry.attacks import attacks
from flows.export.registry.made import make
from flows.export.registry.profile import Model

__all__ = ["Model", "attacks", "make"]
