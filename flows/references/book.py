"""The rules as people read them: the register, and the one statement that is only described."""

from collections.abc import Mapping

from audit.guideline import Guideline
from audit.rule import Rule
from audit.rules import REGISTER, register

ALTERNATE_DAY = Rule(
    id="RST-05",
    title="Alternate-day dosing",
    kind="descriptive",
    statement="Consider alternate-day dosing as this may reduce the risk of hepatotoxicity "
    "(4.9% vs higher rates with daily dosing)",
    definition="`alternate_day` of the episode: frequency every other day on the restart date. "
    "No verdict: recurrence by regimen.",
    cites=(),
    outcomes=(),
)
ALTERNATE_DAY_WHY = """Alternate-day dosing is counted, not judged.

Why it matters: the article suggests a lower risk, but the reference for its figure is missing from its list.
"""


def rulebook(guideline: Guideline) -> Mapping[str, Rule]:
    """Return every rule by id, in the order of the guideline: restart, monitoring, stopping."""
    rules = {**register(guideline), ALTERNATE_DAY.id: ALTERNATE_DAY}
    order = ("RST", "MON", "STP")
    return {rule_id: rules[rule_id] for rule_id in sorted(rules, key=lambda name: (order.index(name[:3]), name))}


def why(rule_id: str) -> str:
    """Return the rule's own explanation: why it matters, and what each verdict means."""
    return ALTERNATE_DAY_WHY if rule_id == ALTERNATE_DAY.id else (REGISTER[rule_id].__doc__ or "")
