"""The register: every rule with a verdict, in the order of the guideline.

RST-05 (alternate-day dosing) is descriptive: a column of the episode and a row of the measures.
"""

from types import ModuleType

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import (  # fmt: skip
    mon_01,
    mon_02,
    mon_03,
    mon_04,
    mon_05,
    rst_01,
    rst_02,
    rst_03,
    rst_04,
    rst_06,
    rst_07,
    rst_08,
    stp_01,
    stp_02,
    stp_03,
    stp_04,
    stp_05,
    stp_06,
)

REGISTER: dict[str, ModuleType] = {
    module.__name__.rsplit(".", 1)[-1].upper().replace("_", "-"): module
    for module in (
        rst_01, rst_02, rst_03, rst_04, rst_06, rst_07, rst_08,
        mon_01, mon_02, mon_03, mon_04, mon_05,
        stp_01, stp_02, stp_03, stp_04, stp_05, stp_06,
    )
}  # fmt: skip


def register(guideline: Guideline) -> dict[str, Rule]:
    """Bind every rule to an edition."""
    return {rule_id: module.rule(guideline) for rule_id, module in REGISTER.items()}
