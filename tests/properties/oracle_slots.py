"""Monitoring slots and their verdicts (rules.md 6)."""

from datetime import date

from .oracle_breaks import Episode
from .oracle_case import Case, plus
from .oracle_values import ENZYMES, certainly_above
from .oracle_world import World

MONITORING = ("MON-01", "MON-02", "MON-03", "MON-04")


def blocks_of(case: Case, episode: Episode, world: World | None) -> int:
    """Extension blocks in one world; without a world only those that are certain."""
    if not case.params["unstable_extends"]:
        return 0
    blocks = 0
    while blocks < case.number("max_extension_blocks"):
        first = plus(episode.restart, case.schedule.stability_from + case.schedule.block_days * blocks)
        last = plus(first, case.schedule.block_days - 1)
        rows = [row for row in case.results_of(*ENZYMES) if first <= row["date"] <= last]
        if last > episode.censor or not any(unstable(case, row, world) for row in rows):
            break
        blocks += 1
    return blocks


def unstable(case: Case, row: dict, world: World | None) -> bool:
    """Whether one result is above the stability limit."""
    multiple = case.number("stability_max_x_ref")
    if world is not None:
        return world.exceeds(row, multiple)
    return certainly_above(row, case.reference(row), multiple, case.epsilon)


def fixed_days(case: Case, blocks: int) -> list[tuple[str, int, str]]:
    """Rule, due day and tolerance of every slot with a fixed day, in order."""
    schedule = case.schedule
    rows = [(schedule.weekly[0], day, schedule.weekly[2]) for day in schedule.weekly[1]]
    for block in range(blocks + 1):
        moved = schedule.block_days * block
        rows += [(schedule.biweekly[0], day + moved, schedule.biweekly[2]) for day in schedule.biweekly[1]]
    moved = schedule.block_days * blocks
    return rows + [(schedule.monthly[0], day + moved, schedule.monthly[2]) for day in schedule.monthly[1]]


def slot_of(case: Case, episode: Episode, rule_id: str, due: date, first: date, last: date) -> dict:
    """Judge one slot."""
    draws = [day for day in case.draw_days if episode.restart < day <= episode.censor and first <= day <= last]
    status = "met" if draws else "missed" if last <= episode.censor else pending(case, episode, last)
    if status == "missed" and plus(last, case.number("result_lag_days")) > case.feed_end:
        status = "not_due"
    if status == "missed" and excused(case, first, last):
        status = "excused"
    return {
        "rule_id": rule_id,
        "due_date": due,
        "window_start": first,
        "window_end": last,
        "status": status,
        "met_on": draws[0] if draws else None,
    }


def pending(case: Case, episode: Episode, last: date) -> str:
    """Status of an unmet slot whose window lies open: the course ended before it did, or it is still to come."""
    last_dose = episode.course[-1]
    return "ended" if last_dose < case.observed_to and last_dose < last else "not_due"


def excused(case: Case, first: date, last: date) -> bool:
    """Whether one stay holds the whole window, where the feed lacks inpatient results."""
    if case.params["inpatient_labs_captured"]:
        return False
    return any(
        stay["admitted_on"] <= first and (stay["discharged_on"] is None or last <= stay["discharged_on"])
        for stay in case.stays or []
    )


def rolling(case: Case, episode: Episode, last_monthly: dict) -> list[dict]:
    """The quarterly slots, each hanging on the draw or due day before it, up to the last that is open.

    One whose results may still come is passed over as a missed one where a later draw has come.
    """
    rule_id, step, tolerance = case.schedule.quarterly
    anchor = last_monthly["met_on"] or last_monthly["due_date"]
    last_draw = max((day for day in case.draw_days if episode.restart < day <= episode.censor), default=anchor)
    slots: list[dict] = []
    while not slots or slots[-1]["status"] not in ("not_due", "ended") or last_draw > slots[-1]["window_end"]:
        due = plus(anchor, step)
        slots.append(slot_of(case, episode, rule_id, due, plus(anchor, 1), plus(due, case.number(tolerance))))
        anchor = slots[-1]["met_on"] or due
    return slots


def slots_of(case: Case, episode: Episode, world: World | None) -> list[dict]:
    """Every slot of an episode, numbered within its rule."""
    slots = []
    for rule_id, day, tolerance in fixed_days(case, blocks_of(case, episode, world)):
        due, width = plus(episode.restart, day), case.number(tolerance)
        slots.append(slot_of(case, episode, rule_id, due, plus(due, -width), plus(due, width)))
    slots += rolling(case, episode, slots[-1])
    for rule_id in MONITORING:
        for number, slot in enumerate((slot for slot in slots if slot["rule_id"] == rule_id), start=1):
            slot["slot"] = number
    return slots


def phase_verdict(case: Case, slots: list[dict], rule_id: str) -> str:
    """Fold the slots of one phase."""
    due = [slot for slot in slots if slot["rule_id"] == rule_id and slot["status"] in ("met", "missed")]
    missed = [slot["due_date"] for slot in due if slot["status"] == "missed"]
    if not due:
        return "not_applicable"
    if not missed:
        return "pass"
    streak = longest = 0
    for slot in due:
        streak = streak + 1 if slot["status"] == "missed" else 0
        longest = max(longest, streak)
    if longest >= case.number("hard_consecutive_missed") or many(case, missed, rule_id):
        return "violation"
    return "advisory"


def many(case: Case, missed: list[date], rule_id: str) -> bool:
    """Whether too many slots were missed; long-term they must lie close together."""
    total = case.number("hard_total_missed")
    if rule_id != "MON-04":
        return len(missed) >= total
    return any(
        (missed[at + total - 1] - missed[at]).days < case.number("long_term_window_days")
        for at in range(len(missed) - total + 1)
    )


def monitoring_verdicts(world: World) -> dict[str, str]:
    """MON-01 to MON-04 in one world."""
    slots = slots_of(world.case, world.episode, world)
    return {rule_id: phase_verdict(world.case, slots, rule_id) for rule_id in MONITORING}
