"""Verdicts of the symptom and stop rules, MON-05 and STP-01 to STP-06 (rules.md 5 and 7)."""

from datetime import date

from .oracle_breaks import Episode
from .oracle_case import LIVER_REASONS, Case, days_of, plus
from .oracle_values import ENZYMES
from .oracle_world import World

SYMPTOMS = ("symptom_fatigue", "symptom_nausea", "symptom_ruq_pain", "symptom_jaundice")
RANK = ("pass", "indeterminate", "advisory", "violation")


def worst(verdicts: list[str]) -> str:
    """The worst of them; not_applicable where there is none."""
    return max(verdicts, key=RANK.index, default="not_applicable")


# --- symptoms -----------------------------------------------------------------------------------------


def symptom_days(case: Case, episode: Episode) -> list[date]:
    """The first day of each symptom episode."""
    coded = {(row["concept"], row["date"]) for row in case.coded if row["concept"] in SYMPTOMS}
    incident = set()
    for concept, day in coded:
        before = days_of(plus(day, -case.number("symptom_washout_days")), plus(day, -1))
        if episode.restart < day <= episode.censor and not any((concept, earlier) in coded for earlier in before):
            incident.add(day)
    firsts: list[date] = []
    for day in sorted(incident):
        if not firsts or (day - firsts[-1]).days > case.number("symptom_merge_days"):
            firsts.append(day)
    return firsts


def first_draw(case: Case, day: date) -> date | None:
    """First draw day on or after a day."""
    return min((draw for draw in case.draw_days if draw >= day), default=None)


def test_speed(case: Case, day: date) -> str:
    """How soon the enzymes were measured after a symptom episode."""
    passes, soft = (plus(day, case.number(name)) for name in ("symptom_lft_pass_days", "symptom_lft_soft_days"))
    draw = first_draw(case, day)
    if draw is not None and draw <= passes:
        return "pass"
    if draw is not None and draw <= soft:
        return "advisory"
    if case.observed_to < passes:
        return "indeterminate"
    return "advisory" if case.observed_to < soft else "violation"


def mon_05(world: World) -> str:
    """Symptoms: test at once."""
    case = world.case
    if case.events is None:
        return "indeterminate"
    return worst([test_speed(case, day) for day in symptom_days(case, world.episode)])


def stp_06(world: World) -> str:
    """Mild symptoms with modest enzymes are followed up."""
    case, last_dose = world.case, world.episode.course[-1]
    if case.events is None:
        return "indeterminate"
    said = []
    for day in symptom_days(case, world.episode):
        draw = first_draw(case, day)
        if draw is None or draw > plus(day, case.number("symptom_lft_pass_days")):
            continue
        rows = [row for row in case.results_of(*ENZYMES) if row["date"] == draw]
        largest_modest = any(world.exceeds(row, 1.0) for row in rows) and not any(
            world.reaches(row, case.number("stop_symptom_multiple")) for row in rows
        )
        if not largest_modest:
            continue
        by = plus(draw, case.number("pitfall_followup_days"))
        if any(draw < other <= by for other in case.draw_days) or (last_dose <= by and last_dose < case.observed_to):
            said.append("pass")
        else:
            said.append("indeterminate" if case.observed_to < by else "advisory")
    return worst(said)


# --- triggers and responses ---------------------------------------------------------------------------


def response(case: Case, trigger: date) -> str:
    """Whether the drug was stopped in time after a trigger."""
    taken = set(case.drug_days)
    last = trigger if trigger in taken else plus(trigger, -1)
    for day in case.drug_days:
        if day > last:
            if (day - last).days - 1 >= case.number("interrupt_min_days"):
                break
            last = day
    if last > plus(trigger, case.number("stop_grace_days")):
        return "violation"
    return "pass" if plus(last, case.number("interrupt_min_days")) <= case.observed_to else "indeterminate"


def pairs(world: World, enzyme_days: set[date], other_days: set[date], within: float) -> set[date]:
    """The later day of each near pair, where it is on drug."""
    later = {max(one, two) for one in enzyme_days for two in other_days if abs((one - two).days) <= within}
    return {day for day in later if world.episode.on_drug(day)}


def triggers_01(world: World) -> set[date]:
    multiple = world.case.number("stop_multiple")
    rows = world.after_restart(*ENZYMES)
    days = {row["date"] for row in rows if world.reaches(row, multiple) or world.absolute(row)}
    return {day for day in days if world.episode.on_drug(day)}


def enzyme_days(world: World, parameter: str) -> set[date]:
    """Days after the restart with an enzyme at its multiple of E."""
    multiple = world.case.number(parameter)
    return {row["date"] for row in world.after_restart(*ENZYMES) if world.reaches(row, multiple)}


def triggers_02(world: World) -> set[date]:
    case, restart = world.case, world.episode.restart
    concepts = {f"symptom_{name}" for name in case.params["stop_symptoms"]}  # type: ignore[attr-defined]
    symptoms = {row["date"] for row in case.coded if row["concept"] in concepts and row["date"] > restart}
    within = case.number("stop_symptom_window_days")
    return pairs(world, enzyme_days(world, "stop_symptom_multiple"), symptoms, within)


def triggers_03(world: World) -> set[date]:
    multiple = world.case.number("stop_bili_multiple")
    bilirubin = {row["date"] for row in world.after_restart("bilirubin_total") if world.reaches(row, multiple)}
    within = world.case.number("stop_bili_window_days")
    return pairs(world, enzyme_days(world, "stop_bili_enzyme_multiple"), bilirubin, within)


def could_pair(world: World) -> bool:
    """Without events: whether a symptom, had there been one, would have made a trigger of STP-02."""
    within = world.case.number("stop_symptom_window_days")
    enzymes = enzyme_days(world, "stop_symptom_multiple")
    possible = {near for day in enzymes for near in days_of(plus(day, -within), plus(day, within))}
    seen = {day for day in possible if world.episode.restart < day <= world.case.observed_to}
    return bool(pairs(world, enzymes, seen, within))


def judge_triggers(world: World, triggers: set[date]) -> str:
    return worst([response(world.case, day) for day in triggers])


def stp_02(world: World) -> str:
    """Stop at 3x with symptoms."""
    if world.case.events is None:
        return "indeterminate" if could_pair(world) else "not_applicable"
    return judge_triggers(world, triggers_02(world))


# --- recurrence and over-discontinuation --------------------------------------------------------------


def recurrence_of(world: World) -> date | None:
    """First day of a recurrence."""
    episode = world.episode
    until = plus(episode.course[-1], 30)
    raised = {
        day
        for day in enzyme_days(world, "recurrence_min_x_ref")
        if day <= until and (episode.further is None or day < episode.further)
    }
    return min(raised | triggers_01(world) | triggers_02(world) | triggers_03(world), default=None)


def stp_04(world: World) -> str:
    """Recurrence: no second rechallenge."""
    case, episode = world.case, world.episode
    recurred = recurrence_of(world)
    if recurred is None:
        return "not_applicable"
    if episode.further is not None:
        return "advisory"
    if episode.course[-1] < case.observed_to:
        return "pass"
    decided = plus(recurred, case.number("recurrence_decision_days"))
    return "indeterminate" if case.observed_to < decided else "advisory"


def ended_by_choice(case: Case, last_dose: date) -> bool:
    """Whether the restart course ended before observation did, by an explicit stop for no other reason."""
    reasons = (None, *LIVER_REASONS)
    explicit = [row for row in case.ending(last_dose) if row["end_type"] == "explicit"]
    return last_dose < case.observed_to and any(row["stop_reason"] in reasons for row in explicit)


def stp_05(world: World) -> str:
    """A mild, symptomless rise is no cause to stop."""
    case, episode = world.case, world.episode
    stop = plus(episode.course[-1], 1)
    first = max(plus(episode.restart, 1), plus(stop, -case.number("overdiscontinuation_lookback_days")))
    rows = [row for row in case.results_of(*ENZYMES) if first <= row["date"] <= stop]
    raised = [row["date"] for row in rows if world.exceeds(row, 1.0)]
    bilirubin = [row for row in case.results_of("bilirubin_total") if first <= row["date"] <= stop]
    symptoms = [row for row in case.coded if row["concept"] in SYMPTOMS and first <= row["date"] <= stop]
    holds = (
        ended_by_choice(case, episode.course[-1])
        and not (triggers_01(world) | triggers_02(world) | triggers_03(world))
        and bool(raised)
        and not any(world.reaches(row, case.number("stop_multiple")) or world.absolute(row) for row in rows)
        and not symptoms
        and not any(world.reaches(row, case.number("stop_bili_multiple")) for row in bilirubin)
    )
    if not holds:
        return "not_applicable"
    if case.events is None:
        return "indeterminate"
    return "pass" if len({row["date"] for row in rows if row["date"] >= min(raised)}) >= 2 else "advisory"


def stop_verdicts(world: World) -> dict[str, str]:
    """MON-05 and every stop rule in one world."""
    return {
        "MON-05": mon_05(world),
        "STP-01": judge_triggers(world, triggers_01(world)),
        "STP-02": stp_02(world),
        "STP-03": judge_triggers(world, triggers_03(world)),
        "STP-04": stp_04(world),
        "STP-05": stp_05(world),
        "STP-06": stp_06(world),
    }
