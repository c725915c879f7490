"""The rows of two nights held against each other: which are the same, and with which kind of news each other one came.

Rows are matched by the content that judging reads (of equal ones by id), then by id, so that a re-issued id or a result
that became final unchanged is no news. Each row then stands from one step to another (`first_step`, `last_step`); the
rows of a step are the staged frames as far as its kind of news goes.
"""

from dataclasses import dataclass

import polars as pl

from audit import frames
from audit.frames import Staged

# The steps, and with them the order of the causes; BEFORE is the predecessor's rows, day and edition.
BEFORE, EDITION, FEED, CORRECTED, LATE, TIME, FRESH = range(7)
STEPS = (BEFORE, EDITION, FEED, CORRECTED, LATE, TIME, FRESH)
PATIENT = "patient_id"


@dataclass(frozen=True, slots=True)
class End:
    """An end that may be open, and the columns that are told with it; one with `unless` told was never open."""

    column: str
    told_with: tuple[str, ...] = ()
    unless: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all that a row learns when it ends."""
        return (self.column, *self.told_with)


@dataclass(frozen=True, slots=True)
class Table:
    """How the rows of a staged frame are matched: id, day, the content that judging reads, the ends among it."""

    name: str
    source_table: str
    frame: frames.Frame
    source_id: str
    day: str | None
    content: tuple[str, ...]
    ends: tuple[End, ...] = ()
    also_key: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Return what makes a row the same by id."""
        return (PATIENT, self.source_id, *self.also_key) if self.source_id != PATIENT else (PATIENT,)


PATIENTS = Table(
    "patients", "patients", frames.PATIENTS, PATIENT, None,
    ("birth_year", "observation_start", "observation_end", "death_date"),
    (End("observation_end"), End("death_date")),
)  # fmt: skip
LABS = Table(
    "labs", "lab_results", frames.LABS, "result_id", "date",
    ("date", "concept", "value", "comparator", "uln", "unit"),
)  # fmt: skip
EXPOSURES = Table(
    "exposures", "drug_exposures", frames.EXPOSURES, "exposure_id", "start_date",
    ("concept", "product", "start_date", "end_date", "days_supply", "daily_dose_mg", "frequency", "end_type",
     "stop_reason", "route", "length_basis"),
    (End("end_date", ("end_type", "stop_reason", "length_basis"), unless="days_supply"),),
)  # fmt: skip
EVENTS = Table(
    "events", "clinical_events", frames.EVENTS, "event_id", "date", ("date", "concept"), also_key=("concept",)
)
STAYS = Table(
    "stays", "inpatient_stays", frames.STAYS, "stay_id", "admitted_on", ("admitted_on", "discharged_on"),
    (End("discharged_on"),),
)  # fmt: skip
TABLES = (PATIENTS, LABS, EXPOSURES, EVENTS, STAYS)
OPTIONAL = ("events", "stays")


@dataclass(frozen=True, slots=True)
class News:
    """Two nights' rows of some patients.

    `rows`: by table the staged columns with `first_step` and `last_step`. `told`: one row a patient, step and row that
    was news then (`source`, as source_table:source_id). `gone`: patients that the extract has no more.
    `lacks_before`, `lacks_now`: the tables that an extract did not have.
    """

    rows: dict[str, pl.DataFrame]
    told: pl.DataFrame
    gone: pl.DataFrame
    lacks_before: frozenset[str]
    lacks_now: frozenset[str]

    def made(self, combos: pl.DataFrame, step: int) -> dict[str, pl.DataFrame]:
        """Return the rows of a step, by table, for the patients who are judged in it (`combos`: patient_id, step)."""
        people = combos.filter(pl.col("step") == step).select(PATIENT)
        standing = {
            table.name: self.rows[table.name]
            .filter(pl.col("first_step") <= step, pl.col("last_step") >= step)
            .select(table.frame.names)
            .join(people, on=PATIENT, how="semi")
            for table in TABLES
        }
        known = standing["patients"].select(PATIENT)
        return {name: rows.join(known, on=PATIENT, how="semi") for name, rows in standing.items()}


def as_staged(made: dict[str, pl.DataFrame], lacks: frozenset[str]) -> Staged:
    """Return frames by name as staged ones, without the tables that an extract lacks."""
    optional = {name: None if name in lacks else made[name] for name in OPTIONAL}
    return Staged(made["patients"], made["labs"], made["exposures"], **optional)


def news(before: Staged, current: Staged, present: pl.DataFrame, observed_to: int) -> News:
    """Hold the rows of two nights of the same patients against each other.

    `present`: patient_id of those whom the extract still has; `observed_to`: the predecessor's end of the feed, in
    days. What is dated up to it and was not there is late, what comes after it is fresh; an end that was open and is
    told with a later day is fresh too.
    """
    lacks_before, lacks_now = (
        frozenset(name for name in OPTIONAL if getattr(s, name) is None) for s in (before, current)
    )
    rows, told = {}, []
    for table in TABLES:
        old, new = (_of(table, staged) for staged in (before, current))
        feed = table.name in lacks_before ^ lacks_now
        versions = _versions(table, _matched(table, old, new, observed_to), observed_to, feed=feed)
        rows[table.name] = versions.select(*table.frame.names, "first_step", "last_step")
        told.append(_told(table, versions))
    gone = before.patients.select(PATIENT).join(present, on=PATIENT, how="anti")
    return News(
        rows=rows,
        told=pl.concat(told).unique().sort(pl.all()),
        gone=gone,
        lacks_before=lacks_before,
        lacks_now=lacks_now,
    )


def _of(table: Table, staged: Staged) -> pl.DataFrame:
    """Return a table's rows, none where the extract lacks it."""
    rows: pl.DataFrame | None = getattr(staged, table.name)
    return (table.frame.empty() if rows is None else rows).select(table.frame.names)


def _matched(table: Table, old: pl.DataFrame, new: pl.DataFrame, observed_to: int) -> pl.DataFrame:
    """Return one row a row of either night (structs `old` and `new`, null where it is not there)."""
    left, right = (_wrapped(table, rows, side) for rows, side in ((old, "old"), (new, "new")))
    found = []
    always = pl.lit(value=True)
    for on, allowed in (
        ([*table.key, *table.content], always),  # of rows that read alike the one of the same id is the same
        ([PATIENT, *table.content], always),
        ([PATIENT, *_without_ends(table)], _ended(table, observed_to)),
        (list(table.key), always),
        ([PATIENT, table.source_id], always),  # a record with another code than it had
    ):
        both = _joined(left, right, list(dict.fromkeys(on)), allowed)
        found.append(both)
        left = left.join(both, on="old_row", how="anti")
        right = right.join(both, on="new_row", how="anti")
    rest = [
        left.select("old", pl.lit(None, dtype=right.schema["new"]).alias("new")),
        right.select(pl.lit(None, dtype=left.schema["old"]).alias("old"), "new"),
    ]
    return pl.concat([*(both.select("old", "new") for both in found), *rest])


def _wrapped(table: Table, rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return rows with a number and themselves as a struct, beside the columns that matching asks."""
    asked = [PATIENT, *dict.fromkeys((*table.content, *table.key[1:]))]
    return (
        rows.sort(table.key)
        .with_row_index(f"{side}_row")
        .select(f"{side}_row", *asked, **{side: pl.struct(table.frame.names)})
    )


def _joined(left: pl.DataFrame, right: pl.DataFrame, on: list[str], allowed: pl.Expr) -> pl.DataFrame:
    """Return pairs of rows that agree in some columns, nulls being equal; each row once, the first with the first."""
    pair = [*on, "n"]
    numbered = (
        rows.select(*on, f"{side}_row", side, n=pl.int_range(pl.len()).over(on))
        for rows, side in ((left, "old"), (right, "new"))
    )
    old, new = numbered
    return (
        old.join(new, on=pair, how="inner", nulls_equal=True).filter(allowed).select("old_row", "new_row", "old", "new")
    )


def _without_ends(table: Table) -> list[str]:
    ends = {name for end in table.ends for name in end.columns}
    return [name for name in table.content if name not in ends]


def _is_ending(end: End, observed_to: int) -> pl.Expr:
    """Return whether an end was open and is now told with a day after the predecessor's end of the feed."""
    asked = [end.column] if end.unless is None else [end.column, end.unless]
    was_open = pl.all_horizontal(_field("old", name).is_null() for name in asked)
    return was_open & (_field("new", end.column).cast(pl.Int32) > observed_to).fill_null(value=False)


def _ended(table: Table, observed_to: int) -> pl.Expr:
    """Return whether two rows that agree but for their ends differ in ends that came since, and in nothing else."""
    agrees = [_is_ending(end, observed_to) | _alike("old", "new", end.columns) for end in table.ends]
    return pl.all_horizontal(*agrees) if agrees else pl.lit(value=False)


def _versions(table: Table, matched: pl.DataFrame, observed_to: int, *, feed: bool) -> pl.DataFrame:
    """Return each row as it stands from one step to another, with the step at which it came or went.

    A changed row comes twice or three times: as it was, as it was corrected with the ends that it had, and as it is.
    """
    held = {name: _field("new", name) for name in table.frame.names}
    for end in table.ends:
        for name in end.columns:
            held[name] = pl.when(_is_ending(end, observed_to)).then(_field("old", name)).otherwise(_field("new", name))
    in_both = matched.filter(pl.col("old").is_not_null(), pl.col("new").is_not_null()).with_columns(
        held=pl.struct(value.alias(name) for name, value in held.items())
    )
    in_both = in_both.with_columns(
        is_corrected=~_alike("old", "held", table.content), is_fresh=~_alike("held", "new", table.content)
    )
    went = FEED if feed else CORRECTED
    came = _came(table, observed_to, feed=feed)
    corrected, fresh = pl.col("is_corrected"), pl.col("is_fresh")
    until = pl.when(corrected).then(CORRECTED).when(fresh).then(FRESH).otherwise(FRESH + 1)
    went_rows, came_rows = (matched.filter(pl.col(side).is_null()) for side in ("new", "old"))
    last_held = pl.when(fresh).then(TIME).otherwise(FRESH)
    parts = [
        _part(table, in_both, "old", pl.lit(BEFORE), until - 1, came=pl.lit(None)),
        _part(table, in_both.filter("is_corrected"), "held", pl.lit(CORRECTED), last_held, came=pl.lit(CORRECTED)),
        _part(table, in_both.filter("is_fresh"), "new", pl.lit(FRESH), pl.lit(FRESH), came=pl.lit(FRESH)),
        _part(table, went_rows, "old", pl.lit(BEFORE), pl.lit(went - 1), came=pl.lit(went)),
        _part(table, came_rows, "new", came, pl.lit(FRESH), came=came),
    ]
    return pl.concat(parts)


def _came(table: Table, observed_to: int, *, feed: bool) -> pl.Expr:
    """Return the step of a row that was not there: a patient has no day, and comes with what is late."""
    early = FEED if feed else LATE
    if table.day is None:
        return pl.lit(early)
    is_early = _field("new", table.day).cast(pl.Int32) <= observed_to
    return pl.when(is_early).then(early).otherwise(FRESH)


def _field(side: str, name: str) -> pl.Expr:
    """Return a column of a row as one side has it."""
    return pl.col(side).struct.field(name)


def _alike(one: str, other: str, names: tuple[str, ...]) -> pl.Expr:
    """Return whether two sides of a row agree in some columns, nulls being equal."""
    return pl.all_horizontal(_field(one, name).eq_missing(_field(other, name)) for name in names)


def _part(table: Table, rows: pl.DataFrame, side: str, first: pl.Expr, last: pl.Expr, came: pl.Expr) -> pl.DataFrame:
    """Return rows with their steps; `news_step` is null where a row is as it was."""
    return rows.with_columns(
        first_step=first.cast(pl.Int8), last_step=last.cast(pl.Int8), news_step=came.cast(pl.Int8)
    ).select(*(_field(side, name) for name in table.frame.names), "first_step", "last_step", "news_step")


def _told(table: Table, versions: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that were news: patient, step, and the row by its table and id."""
    source = pl.concat_str(pl.lit(f"{table.source_table}:"), pl.col(table.source_id))
    return versions.filter(pl.col("news_step").is_not_null()).select(PATIENT, step="news_step", source=source)
