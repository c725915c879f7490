"""The sections of the report, one file each: `section(facts)` returns what its template of the same name reads."""

from types import MappingProxyType
from typing import Final

from flows.pages.sections import (  # fmt: skip
    act_now,
    attrition,
    basis,
    charts,
    findings,
    lapsing,
    limits,
    parameters,
    quality,
    recurrence,
    rules,
    since,
    strata,
    tiles,
    trust,
)

# In the order of the page.
SECTIONS: Final = MappingProxyType({
    module.__name__.rpartition(".")[2]: module
    for module in (
        trust, since, act_now, lapsing, tiles, rules, recurrence, strata, findings, quality, attrition, basis, limits,
        parameters, charts,
    )
})  # fmt: skip
