"""Exports: what may leave, made of a release and never copied (one profile a file in data/profiles)."""

from flows.export.attack import Attack, attacked
from flows.export.order import Exported, export
from flows.export.request import Request

__all__ = ["Attack", "Exported", "Request", "attacked", "export"]
