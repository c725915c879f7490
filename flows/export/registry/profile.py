"""What the profile of an export to a registry may say: the agreement, the forms, the fields of a row."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field as Bounded
from pydantic import StringConstraints, model_validator

from audit.edition import LONGEST_DAYS
from flows.export.profiles import Profile, Strict, Words
from flows.export.registry.sources import SOURCES, TYPES, UNITS

# REDCap takes a name of lower-case letters, digits and single underscores, of 26 signs at most as it recommends.
VARIABLE = re.compile(r"[a-z](?:_?[a-z0-9]){0,25}")
LONGEST_NAME = 26
# The first two fields of each record, and what REDCap itself calls a field of the form.
TAKEN = ("record_id", "subject_id", "restarts_complete")
OWNED = "redcap_"
Days = Annotated[int, Bounded(ge=-LONGEST_DAYS, le=LONGEST_DAYS)]
Level = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,60}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-\d{2}$")]


class Agreement(Strict):
    """What the recipient may hold: ids and dates of the source only where it names them.

    Shifted dates move by a keyed number of days for each subject, from the first of `shift_days` to the last. A course
    that runs at the end of the feed ends 1 to `ongoing_cut_days` days early: its end would give the shift away.
    """

    recipient: Words | None = None
    subject_ids: Literal["pseudonym", "source"] = "pseudonym"
    dates: Literal["shifted", "true"] = "shifted"
    shift_days: Annotated[list[Days], Bounded(min_length=2, max_length=2)] | None = None
    ongoing_cut_days: Annotated[int, Bounded(ge=0, le=LONGEST_DAYS)] | None = None

    @property
    def needs_key(self) -> bool:
        """Return whether anything is derived by the key."""
        return self.subject_ids != "source" or self.dates != "true"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        told = (self.shift_days, self.ongoing_cut_days)
        if self.dates == "true":
            if told != (None, None):
                raise ValueError("true dates are not shifted: shift_days and ongoing_cut_days go with shifted ones")
            return self
        if self.shift_days is None or self.ongoing_cut_days is None:
            raise ValueError("shifted dates need shift_days and ongoing_cut_days")
        low, high = self.shift_days
        if low > high:
            raise ValueError("shift_days is empty: its first day lies above its last")
        if low <= 0 <= high:
            raise ValueError("shift_days holds 0: a date would stay where it is")
        return self


class Field(Strict):
    """One field of a record: its name to REDCap, the column it is of, and how it is told."""

    name: str
    source: str
    type: Literal["number", "integer", "flag", "code", "codes", "days", "date"]
    unit: str | None = None
    digits: Annotated[int, Bounded(ge=0, le=4)] | None = None
    levels: list[Level] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not VARIABLE.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise ValueError(
                f"{self.name!r} is no name for REDCap: {LONGEST_NAME} lower-case letters, digits and single underscores"
                " at most, a letter first"
            )
        if self.name in TAKEN or self.name.startswith(OWNED):
            raise ValueError(f"{self.name} is a name that a record has already, or that REDCap keeps for itself")
        if (column := SOURCES.get(self.source)) is None:
            raise ValueError(f"{self.name}: no source column {self.source!r} that may leave")
        if column.dtype != TYPES[self.type]:
            raise ValueError(f"{self.name}: {self.source} cannot be told as {self.type}")
        self._hold_options(column.unit)
        return self

    def _hold_options(self, unit: str) -> None:
        if (self.type in ("code", "codes")) != bool(self.levels):
            raise ValueError(f"{self.name}: levels go with a code, and a code has levels")
        if self.type == "codes" and any(level != level.lower() for level in self.levels or ()):
            raise ValueError(f"{self.name}: REDCap writes the codes of a checkbox in lower case only")
        if self.levels and len(set(self.levels)) != len(self.levels):
            raise ValueError(f"{self.name}: a level stands twice")
        if (self.type == "number") != (self.digits is not None):
            raise ValueError(f"{self.name}: digits go with a number, and a number has digits")
        known = tuple(UNITS) if self.type == "days" else (unit,)
        if self.unit is not None and self.unit not in known:
            raise ValueError(f"{self.name}: its unit can be {' or '.join(filter(None, known)) or 'none'} only")


class Rows(Strict):
    """The records: their fields, and the rules whose verdict (and reason) they tell; unsaid, every rule."""

    reasons: bool
    rules: list[RuleId] | None = None
    field: Annotated[list[Field], Bounded(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [one.name for one in self.field]
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise ValueError(f"two fields are called {twice[0]}")
        return self


class Omop(Strict):
    """The tables of the common data model: the rules whose violations are a cohort; unsaid, all that have any."""

    rules: list[RuleId] | None = None


class Citation(Strict):
    """How the data are cited: who publishes them, and on which terms."""

    publisher: Words
    terms: Words
    license: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.+-]{2,40}$")] | None = None


class Model(Profile):
    """A profile of an export to a registry: rows as OMOP tables, and as records that REDCap imports."""

    forms: Annotated[list[Literal["omop", "redcap"]], Bounded(min_length=1)]
    agreement: Agreement
    citation: Citation
    omop: Omop | None = None
    rows: Rows | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for form, told in (("omop", self.omop), ("redcap", self.rows)):
            if (form in self.forms) != (told is not None):
                raise ValueError(f"the form {form} and its table [{'rows' if form == 'redcap' else form}] go together")
        for one in self.rows.field if self.rows else ():
            if one.type == "date" and self.agreement.dates != "true":
                raise ValueError(f"{one.name}: a date leaves only where the agreement says dates = 'true'")
        return self
