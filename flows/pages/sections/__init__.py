"""The sections of the report, one file each: `section(facts)` returns what its template of the same name reads."""

from types import MappingProxyType
from typing import Final

from flows.pages.sections import (  # fmt: skip
    act_now,
    attrition,
    basis,
    charts,
    edish,
    findings,
    funnel,
    incidence,
    lapsing,
    limits,
    monitoring,
    parameters,
    quality,
    recurrence,
    rules,
    run_chart,
    sensitivity,
    since,
    strata,
    tiles,
    trust,
)

# In the order of the page.
SECTIONS: Final = MappingProxyType({
    module.__name__.rpartition(".")[2]: module
    for module in (
        trust, since, act_now, lapsing, tiles, rules, run_chart, funnel, sensitivity, strata, monitoring, recurrence,
        incidence, edish, findings, quality, attrition, basis, limits, parameters, charts,
    )
})  # fmt: skip
