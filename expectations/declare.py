"""How a received table is declared: its columns, and the checks that a row must pass.

A check is one SQL predicate over `candidates.<table>`, the resolved rows that are in doubt. The query of a check
counts the bad rows for Great Expectations, and the very same query moves them to the rejects.
"""

from dataclasses import dataclass

REJECT, STOP = "reject", "stop"
TEXT, DATE, NUMBER = "text", "date", "number"
WHOLE = "whole"  # an id of a source that may be stored as 17 or as 17.0; text, once it is read
FIRST_DATE = "DATE '1900-01-01'"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract; `without` says what cannot be judged where an extract lacks it.

    A `mapped_only` column is how the mapping of a source hands something on: an extract of the contract has no such
    column, and one that it brings is kept out like any other stray one.
    """

    name: str
    role: str = TEXT
    required: bool = False
    without: str = ""
    mapped_only: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One rule about rows, in words and as a query that returns the row number of each row that breaks it."""

    reason: str
    rule: str
    query: str
    action: str = REJECT


@dataclass(frozen=True, slots=True)
class Table:
    """One received table: the first column is the row's own id, `day` dates it; checks are in order of precedence."""

    name: str
    staged: str
    day: str
    columns: tuple[Column, ...]
    predicates: tuple[tuple[str, str, str], ...]
    required: bool = True
    without: str = ""
    death: str = ""  # the day of death: rows of one id that differ in nothing else are one, with the latest that stands

    @property
    def id(self) -> str:
        """Return the name of the id column."""
        return self.columns[0].name

    @property
    def of_extract(self) -> tuple[Column, ...]:
        """Return the columns that an extract of the contract may bring."""
        return tuple(column for column in self.columns if not column.mapped_only)

    @property
    def is_versioned(self) -> bool:
        """Return whether rows carry the time of their recording."""
        return "recorded_at" in [column.name for column in self.columns]

    @property
    def rejections(self) -> tuple[Check, ...]:
        """Return the checks that reject a row, those of every table first."""
        return tuple(
            Check(reason, rule, f"SELECT row_number FROM {{batch}} WHERE {predicate}")
            for reason, rule, predicate in (*ALWAYS, *self.predicates)
        )

    @property
    def stops(self) -> tuple[Check, ...]:
        """Return the checks that stop the run; each row in doubt breaks a rejection, so their count is the rejects'."""
        rows_read = f"(SELECT rows_read FROM received.row_counts WHERE table_name = '{self.name}')"
        limit = f"getvariable('max_rejected_share') * {rows_read}"
        too_many = f"SELECT count(*) AS rejected FROM {{batch}} HAVING count(*) > {limit}"
        stops = [Check("too_many_rejects", "no more rows are rejected than the site allows", too_many, STOP)]
        if self.required:
            empty = f"SELECT 0 AS row_number WHERE {rows_read} = 0 AND NOT EXISTS (SELECT 1 FROM {{batch}})"
            stops.append(Check("empty_table", "the table has rows", empty, STOP))
        return tuple(stops)


ALWAYS = (
    ("malformed_line", "the line has as many fields as the header", "is_malformed"),
    ("conflicting_versions", "no two versions of one id differ though recorded at the same time", "is_conflicting"),
)


def given(column: str) -> tuple[str, str, str]:
    """Return the check that a text column is not empty."""
    return f"missing_{column}", f"{column} is given", f"{column} IS NULL"


def dated(column: str) -> tuple[str, str, str]:
    """Return the check that a date column is not empty."""
    return f"missing_{column}", f"{column} is given", f"NOT has_{column}"


def readable(column: str) -> tuple[str, str, str]:
    """Return the check that what a date column holds is a date."""
    return "unreadable_date", f"{column} is an ISO date", f"has_{column} AND {column} IS NULL"


def since_1900(column: str) -> tuple[str, str, str]:
    """Return the check that a date is no earlier than any living record."""
    return "date_before_1900", f"{column} is not before 1900", f"{column} < {FIRST_DATE}"


def a_number(column: str) -> tuple[str, str, str]:
    """Return the check that what a number column holds is a finite number."""
    return "not_a_number", f"{column} is a number", f"has_{column} AND {column} IS NULL"


def one_of(column: str, *values: str) -> tuple[str, str, str]:
    """Return the check that a word is of a closed vocabulary, or absent."""
    words = ", ".join(f"'{value}'" for value in values)
    return f"unknown_{column}", f"{column} is {', '.join(values)} or empty", f"{column} NOT IN ({words})"


RECORDED = ("unreadable_recorded_at", "recorded_at is an ISO date or time", "is_recorded_at_unreadable")
ONE_CONCEPT = ("conflicting_concepts", "the code stands for one concept", "is_concept_conflicting")
KNOWN_PATIENT = (
    "unknown_patient",
    "the patient is an accepted row of patients",
    "patient_id IS NOT NULL AND NOT is_known_patient",
)
