"""Exports of counts: small ones hidden, and with them whatever would tell them; one for each period, in a ledger."""

from flows.export.aggregate.attacks import attacks
from flows.export.aggregate.make import make
from flows.export.aggregate.profile import Model

__all__ = ["Model", "attacks", "make"]
