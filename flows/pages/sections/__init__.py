"""The sections of the report, one file each: `section(facts)` returns what its template of the same name reads."""

from types import MappingProxyType
from typing import Final

from flows.pages.sections import (  # fmt: skip
    act_now,
    attrition,
    basis,
    edish,
    funnel,
    incidence,
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
    worklist,
)

# In the order of the page.
SECTIONS: Final = MappingProxyType({
    module.__name__.rpartition(".")[2]: module
    for module in (
        tiles, since, act_now, attrition, rules, run_chart, funnel, sensitivity, monitoring, recurrence, incidence,
        edish, worklist, strata, quality, basis, limits, parameters,
    )
})  # fmt: skip
