"""What a profile of counts may say: strata and their levels, the least count that is shown, rounding, the calendar."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from flows.export.profiles import Name, Profile, Strict, Words

STRATA = ("site", "grade", "indication", "restart_quarter", "restart_year")  # what restarts may be told apart by
AT_ONCE = 2
OTHER = "other"  # the level of what no declared level names
Calendar = Literal["month", "quarter"]
Form = Literal["csv", "fhir"]


class Stratum(Strict):
    """The levels of a stratum, each with the values that it takes in; without any, each value is a level."""

    levels: dict[Name, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def no_value_twice(self) -> Self:
        """Refuse a value that two levels take in: it would be counted twice."""
        values = [value for level in self.levels.values() for value in level]
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise ValueError(f"two levels take in the value '{twice[0]}'")
        if OTHER in self.levels:
            raise ValueError(f"the level '{OTHER}' is what no level names")
        return self


class Equal(Strict):
    """What holds by definition, as everybody may know: a verdict of a rule is given at these levels of a stratum alone.

    With `always` it is the only one there: so it is equal to the episodes of these levels.
    """

    rule: Words
    verdict: Words
    stratum: Words
    levels: Annotated[list[Words], Field(min_length=1)]
    always: bool = True


class Model(Profile):
    """A profile of counts."""

    kind: Literal["aggregate"]
    calendar: Calendar
    threshold: Annotated[int, Field(ge=2, le=1000)] = 10
    base: Annotated[int, Field(ge=1, le=100)] = 5
    zero: Literal["hidden", "shown"] = "hidden"
    forms: Annotated[list[Form], Field(min_length=1, default_factory=lambda: ["csv"])]
    strata: dict[str, Stratum] = Field(default_factory=dict)
    tables: list[list[str]] = Field(default_factory=list)
    equal: list[Equal] = Field(default_factory=list)

    @model_validator(mode="after")
    def strata_are_there(self) -> Self:
        """Refuse strata that do not exist, and tables of too many at once."""
        for name in self.strata:
            if name not in STRATA:
                raise ValueError(f"no stratum '{name}' (known: {', '.join(STRATA)})")
        for table in self.tables:
            if not 1 <= len(set(table)) == len(table) <= AT_ONCE:
                raise ValueError(f"a table has one stratum, or {AT_ONCE} different ones")
            for name in table:
                if name not in self.strata:
                    raise ValueError(f"a table names the stratum '{name}', which the profile does not declare")
        for equal in self.equal:
            for level in equal.levels:
                if level not in self.strata.get(equal.stratum, Stratum()).levels:
                    raise ValueError(f"equal: no level '{level}' is declared of a stratum '{equal.stratum}'")
        if self.base > self.threshold:
            raise ValueError("base must not be above threshold: what is shown would be rounded to nothing")
        return self

    @property
    def nodes(self) -> list[tuple[str, ...]]:
        """Return the tables with all their margins: everybody first, then one stratum, then two."""
        wanted = {tuple(sorted(table)) for table in self.tables}
        return sorted({(), *wanted, *((name,) for table in wanted for name in table)}, key=lambda one: (len(one), one))
