"""Why a finding is not what it was: found by judging the rows of two nights in steps, never by looking at rows.

A finding's cause is the step after which it equals today's and stays so; where the first step does not give what the
release before had, or the last not what is published, the change is unexplained, and said to be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from audit import frames
from audit.calendar import EPOCH
from audit.changes import rows
from audit.changes.pairs import EPISODE, PATIENT, SIDES, STATE, Findings, Pairs, once
from audit.changes.rows import News
from audit.changes.words import Between, sentence
from audit.frames import Kept, Staged
from audit.guideline import Guideline
from audit.judge import judge
from audit.vocabulary import GRAVITY

FINDING = ["pair", "rule_id"]
ABSENT = "absent"  # the state of a finding that a step does not have
MARK = "|"
STATES = {"pair": pl.UInt32, "rule_id": pl.String, "step": pl.Int8, "state": pl.String}


@dataclass(frozen=True, slots=True)
class Edition:
    """By what a night was judged.

    `guideline` is None where it cannot be applied any more; `fingerprints`: what decides how rows are read and judged,
    by name, each as a hash.
    """

    guideline: Guideline | None
    fingerprints: Mapping[str, str]

    def differing(self, other: "Edition") -> list[str]:
        """Return the names of what differs."""
        names = sorted(self.fingerprints.keys() | other.fingerprints.keys())
        return [name for name in names if self.fingerprints.get(name) != other.fingerprints.get(name)]


@dataclass(frozen=True, slots=True)
class Night:
    """One night: its end of the feed (days), edition, rows, findings, and the tables that its extract lacked."""

    observed_to: int
    edition: Edition
    kept: Kept
    found: Findings
    lacks: frozenset[str] = frozenset()

    def staged(self, patients: pl.DataFrame) -> Staged:
        """Return the kept rows of some patients as they are judged."""
        named = {"labs": self.kept.labs.rename({"analyte": "concept", "source_id": "result_id"})}
        made = {
            table.name: named.get(table.name, getattr(self.kept, table.name))
            .join(patients.select(PATIENT), on=PATIENT, how="semi")
            .select(table.frame.names)
            for table in rows.TABLES
        }
        return rows.as_staged(made, self.lacks)


def changes(before: Night, current: Night, paired: Pairs, present: pl.DataFrame, since_release: str) -> pl.DataFrame:
    """Return the released table `changes`.

    `paired`: the findings that are not what they were; `present`: patient_id of those of the predecessor's patients
    whom the extract still has; `since_release`: the predecessor's id.
    """
    if not paired.findings.height:
        return frames.CHANGES.empty()
    people = paired.patients
    told = rows.news(before.staged(people), current.staged(people), present, before.observed_to)
    combos = _judged_in(before, current, told, people)
    is_judged = before.edition.guideline is not None or not before.edition.differing(current.edition)
    states = _filled(_states(before, current, told, combos, paired), combos, paired, is_judged=is_judged)
    return _published(_explained(states), told, paired, before, current, since_release)


def _judged_in(before: Night, current: Night, told: News, people: pl.DataFrame) -> pl.DataFrame:
    """Return who is judged in which step (patient_id, step): all in the first and last, else where there is news."""
    every = {rows.BEFORE, rows.FRESH}
    if before.edition.differing(current.edition):
        every.add(rows.EDITION)
    if told.lacks_before != told.lacks_now or current.observed_to < before.observed_to:
        every.add(rows.FEED)
    if current.observed_to != before.observed_to:
        every.add(rows.TIME)
    steps = people.join(pl.DataFrame({"step": sorted(every)}, schema={"step": pl.Int8}), how="cross")
    return pl.concat([steps, told.told.select(PATIENT, "step")]).unique().sort(PATIENT, "step")


def _states(before: Night, current: Night, told: News, combos: pl.DataFrame, paired: Pairs) -> pl.DataFrame:
    """Return the state of each finding in each step that can be judged: pair, rule_id, step, state."""
    found = [pl.DataFrame(schema=STATES)]
    for guideline, day, steps in _alike(before, current, told):
        judged = judge(_stacked(told, combos, steps), guideline, day)
        found.append(_linked(judged.episodes, judged.findings, paired))
    return pl.concat(found)


def _alike(before: Night, current: Night, told: News) -> Iterator[tuple[Guideline, date, list[int]]]:
    """Yield the steps that are judged at once: by the same edition, as of the same day, with the same tables."""
    old, new = (night.edition.guideline for night in (before, current))
    middle = min(before.observed_to, current.observed_to)
    days = {
        **dict.fromkeys(rows.STEPS[:2], before.observed_to),
        **dict.fromkeys((rows.TIME, rows.FRESH), current.observed_to),
    }
    differs = bool(before.edition.differing(current.edition))
    groups: dict[tuple[bool, int, bool], list[int]] = {}
    for step in rows.STEPS:
        is_old = step == rows.BEFORE and differs
        lacks = told.lacks_before != told.lacks_now and step < rows.FEED
        groups.setdefault((is_old, days.get(step, middle), lacks), []).append(step)
    for (is_old, day, _), steps in groups.items():
        guideline = old if is_old else new
        if guideline is not None:
            yield guideline, EPOCH + timedelta(days=day), steps


def _stacked(told: News, combos: pl.DataFrame, steps: Sequence[int]) -> Staged:
    """Return the rows of several steps as of so many patients: each id with the number of its step."""
    made = [(step, told.made(combos, step)) for step in steps]
    stacked = {
        table.name: pl.concat(
            frames_of[table.name].with_columns(
                pl.concat_str(pl.lit(f"{step}{MARK}"), name).alias(name) for name in {PATIENT, table.source_id}
            )
            for step, frames_of in made
        )
        for table in rows.TABLES
    }
    lacks = told.lacks_before if steps[0] < rows.FEED else told.lacks_now
    return rows.as_staged(stacked, lacks)


def _linked(episodes: pl.DataFrame, findings: pl.DataFrame, paired: Pairs) -> pl.DataFrame:
    """Return the state of each finding of the judged steps by the pair that its episode belongs to."""
    step, patient = (pl.col(PATIENT).str.splitn(MARK, 2).struct.field(f"field_{n}") for n in (0, 1))
    judged = episodes.select(
        EPISODE,
        step=step.cast(pl.Int8),
        patient_id=patient,
        restart=pl.col("restart_date").cast(pl.Int32),
        stop=pl.col("stop_date").cast(pl.Int32),
    )
    links = once(
        judged.join(paired.episodes, on=PATIENT).with_columns(pair_step=pl.struct("pair", "step")),
        _belonging(paired.min_break_days),
        ("pair_step", EPISODE),
    )
    return findings.join(links.select(EPISODE, "pair", "step"), on=EPISODE).select(*FINDING, "step", state=_state())


def _belonging(min_break_days: int) -> pl.Expr:
    """Return how surely an episode of a step is that of a pair, the surest least: by its restart, stop, or nearness."""
    apart = {side: (pl.col("restart") - pl.col(f"restart_{side}")).abs() for side in SIDES}
    stops = [pl.col("stop") == pl.col(f"stop_{side}") for side in SIDES]
    return (
        pl.when(apart["now"] == 0).then(-3)
        .when(apart["before"] == 0).then(-2)
        .when(pl.any_horizontal(*stops)).then(-1)
        .otherwise(pl.min_horizontal(*(pl.when(one <= min_break_days).then(one) for one in apart.values())))
    )  # fmt: skip


def _state(of: str = "") -> pl.Expr:
    """Return a finding's state as one text, from the columns of STATE or, with `_before` or `_now`, of a side."""
    verdict, reason, day = (pl.col(f"{name}{of}") for name in STATE)
    return pl.concat_str(verdict, reason, day.dt.to_string("%Y-%m-%d").fill_null(""), separator=MARK)


def _filled(states: pl.DataFrame, combos: pl.DataFrame, paired: Pairs, *, is_judged: bool) -> pl.DataFrame:
    """Return the state of each changed finding in every step: one that is not judged leaves it as it was.

    `is_judged`: whether the first step could be judged; else it is what the release before says.
    """
    of = {
        f"state_{side}": pl.when(pl.col(f"verdict_{side}").is_null()).then(pl.lit(ABSENT)).otherwise(_state(f"_{side}"))
        for side in SIDES
    }
    tracked = paired.findings.join(paired.episodes.select("pair", PATIENT), on="pair").select(*FINDING, PATIENT, **of)
    steps = tracked.join(pl.DataFrame({"step": rows.STEPS}, schema={"step": pl.Int8}), how="cross")
    found = steps.join(combos.with_columns(is_in=True), on=[PATIENT, "step"], how="left").join(
        states, on=[*FINDING, "step"], how="left"
    )
    first = pl.col("step") == rows.BEFORE
    told = pl.when(pl.col("is_in")).then(pl.col("state").fill_null(ABSENT))
    state = told if is_judged else pl.when(first).then("state_before").otherwise(told)
    return (
        found.with_columns(state=state)
        .sort(*FINDING, "step")
        .with_columns(state=pl.col("state").forward_fill().over(FINDING))
    )


def _explained(states: pl.DataFrame) -> pl.DataFrame:
    """Return one row a changed finding: `steps` that changed it, in order, and whether that explains it."""
    changed = pl.col("state") != pl.col("state").shift(1).over(FINDING)
    is_first, is_last = (pl.col("step") == step for step in (rows.BEFORE, rows.FRESH))
    return (
        states.with_columns(is_changed=changed.fill_null(value=False))
        .group_by(*FINDING, maintain_order=True)
        .agg(
            pl.first(PATIENT),
            steps=pl.col("step").filter("is_changed"),
            is_explained=(pl.col("state") == pl.col("state_before")).filter(is_first).first()
            & (pl.col("state") == pl.col("state_now")).filter(is_last).first(),
        )
        .with_columns(step=pl.col("steps").list.last())
    )


def _named(step: pl.Expr, is_gone: pl.Expr, *, by_data: bool) -> pl.Expr:
    """Return the cause that a step stands for; rows that are read by something else tell nothing of the data alone."""
    corrected, late = ("edition_or_data", "edition_or_data") if by_data else ("corrected", "late")
    words = {
        rows.EDITION: "edition", rows.FEED: "feed", rows.CORRECTED: corrected, rows.LATE: late, rows.TIME: "time",
        rows.FRESH: "fresh",
    }  # fmt: skip
    named = step.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    if by_data:
        return named
    return pl.when(is_gone & (step == rows.CORRECTED)).then(pl.lit("patient_gone")).otherwise(named)


def _published(
    explained: pl.DataFrame, told: News, paired: Pairs, before: Night, current: Night, since_release: str
) -> pl.DataFrame:
    """Return the table as it is released."""
    by_data = before.edition.differing(current.edition) not in ([], ["parameters"])
    gone = told.gone.with_columns(is_gone=True)
    steps = explained.join(gone, on=PATIENT, how="left").with_columns(pl.col("is_gone").fill_null(value=False))
    sources = told.told.group_by(PATIENT, "step", maintain_order=True).agg(cause_rows="source")

    def named(step: str) -> pl.Expr:
        return _named(pl.col(step), pl.col("is_gone"), by_data=by_data)

    causes = (
        steps.explode("steps")
        .group_by(*FINDING, maintain_order=True)
        .agg(causes=named("steps").drop_nulls().unique(maintain_order=True))
    )
    said = (
        steps.join(causes, on=FINDING, how="left")  # what no step changed has none, and is published all the same
        .join(sources, on=[PATIENT, "step"], how="left")
        .with_columns(
            cause=pl.when("is_explained").then(named("step")), cause_rows=pl.when("is_explained").then("cause_rows")
        )
    )
    # Whatever the steps say of it, no change is left out.
    whole = paired.findings.join(said.drop(PATIENT), on=FINDING, how="left").join(paired.episodes, on="pair")
    return (
        whole.with_columns(
            pl.col("cause").fill_null("unexplained"),
            pl.col("causes", "cause_rows").fill_null([]),
        )
        .with_columns(
            episode_id=pl.coalesce("id_now", "id_before"),
            change=_change(),
            cause_text=sentence(_between(before, current)),
            episode_before=pl.when(pl.col("id_now") != pl.col("id_before")).then("id_before"),
            since_release=pl.lit(since_release),
        )
        .select(frames.CHANGES.names)
        .cast(frames.CHANGES.schema)
        .sort(frames.CHANGES.keys)
    )


def _between(before: Night, current: Night) -> Between:
    names = {table.name: table.source_table for table in rows.TABLES}
    appeared, missing = (
        tuple(sorted(names[name] for name in lacked))
        for lacked in (before.lacks - current.lacks, current.lacks - before.lacks)
    )
    by = before.edition.differing(current.edition)
    return Between(
        before.observed_to, current.observed_to, tuple(name.replace("_", " ") for name in by), appeared, missing
    )


def gravest_first(changes: pl.DataFrame) -> pl.DataFrame:
    """Return changes in the order in which people read them: by what a finding is now, then by what it was."""
    before, current = (_rank(side) for side in SIDES)
    return changes.sort(-current, -before, "episode_id", "rule_id", maintain_order=True)


def _rank(side: str) -> pl.Expr:
    """Return the rank of a verdict, the gravest most; -1 where the finding is not there."""
    return pl.col(f"verdict_{side}").replace_strict(GRAVITY, default=-1, return_dtype=pl.Int8)


def _change() -> pl.Expr:
    """Return what a change is, by the ranks of the verdicts."""
    before, current = (_rank(side) for side in SIDES)
    return (
        pl.when(pl.col("verdict_before").is_null()).then(pl.lit("new"))
        .when(pl.col("verdict_now").is_null()).then(pl.lit("gone"))
        .when(current > before).then(pl.lit("raised"))
        .when(current < before).then(pl.lit("lowered"))
        .otherwise(pl.lit("moved"))
    )  # fmt: skip
