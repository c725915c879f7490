"""A run: five typed steps under the lock of a home, plain (`run_audit`) or as a Prefect flow (`conduct`)."""

from flows.night.forget import Erased, erase
from flows.night.launch import conduct
from flows.night.order import Order
from flows.night.run import check_only, run_audit
from flows.night.since import Since, since_release
from flows.night.steps import Done

__all__ = ["Done", "Erased", "Order", "Since", "check_only", "conduct", "erase", "run_audit", "since_release"]
