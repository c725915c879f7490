"""The sections of the report, one file each: `section(facts)` returns what its template of the same name reads."""

from types import MappingProxyType
from typing import Final

from flows.pages.sections import (  # fmt: skip
    act_now,
    attrition,
    basis,
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
    worklist,
)

# In the order of the page.
SECTIONS: Final = MappingProxyType({
    module.__name__.rpartition(".")[2]: module
    for module in (
        trust, since, act_now, lapsing, tiles, rules, recurrence, strata, worklist, quality, attrition, basis, limits,
        parameters,
    )
})  # fmt: skip
