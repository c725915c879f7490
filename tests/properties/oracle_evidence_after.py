"""The rows behind what follows a restart: MON-01 to MON-05, STP-01 to STP-06."""

from collections.abc import Iterable
from datetime import date

from .oracle_breaks import Episode
from .oracle_case import Case, days_of, plus
from .oracle_shown import (
    Shown,
    baseline_rows,
    begins_of_course,
    ends_of_course,
    may_exceed,
    may_reach,
    shown_event,
    shown_record,
    shown_result,
)
from .oracle_slots import slots_of
from .oracle_stop import SYMPTOMS, ended_by_choice, first_draw
from .oracle_values import ENZYMES, certainly_at_least

BILIRUBIN = "bilirubin_total"


def drawn(case: Case, role: str, days: Iterable[date]) -> list[Shown]:
    """Every enzyme of some days."""
    wanted = set(days)
    return [shown_result(case, role, row) for row in case.results_of(*ENZYMES) if row["date"] in wanted]


# --- monitoring ---------------------------------------------------------------------------------------


def monitoring_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The draws that met slots, what bounds each missed one, and what repeated or moved the slots."""
    if reason == "nothing_due":
        return ends_of_course(case, episode, "window_end")
    slots = [slot for slot in slots_of(case, episode, None) if slot["rule_id"] == rule]
    rows = drawn(case, "slot", {slot["met_on"] for slot in slots if slot["status"] == "met"})
    draws = [day for day in case.draw_days if episode.restart < day <= episode.censor]
    for slot in slots:
        if slot["status"] != "missed":
            continue
        before = [day for day in draws if day < slot["window_start"]]
        after = [day for day in draws if day > slot["window_end"]]
        rows += drawn(case, "before_gap", before[-1:]) or begins_of_course(case, episode, "before_gap")
        rows += drawn(case, "after_gap", after[:1]) or ends_of_course(case, episode, "after_gap")
    return rows + ([] if rule == "MON-01" else unstable_rows(case, episode))


def unstable_rows(case: Case, episode: Episode) -> list[Shown]:
    """Every value that may be above the stability limit, block after block as long as each may extend the schedule."""
    rows: list[Shown] = []
    if not case.params["unstable_extends"]:
        return rows
    multiple, schedule = case.number("stability_max_x_ref"), case.schedule
    for block in range(int(case.number("max_extension_blocks"))):
        first = plus(episode.restart, schedule.stability_from + schedule.block_days * block)
        last = plus(first, schedule.block_days - 1)
        found = [
            shown_result(case, "unstable", row, multiple * case.reference(row))
            for row in case.results_of(*ENZYMES)
            if first <= row["date"] <= last and may_exceed(case, row, case.reference(row), multiple)
        ]
        if last > episode.censor or not found:
            break
        rows += found
    return rows


# --- symptoms -----------------------------------------------------------------------------------------


def symptom_groups(case: Case, episode: Episode) -> list[list[dict]]:
    """The incident symptom events of each symptom episode."""
    coded = [event for event in case.coded if event["concept"] in SYMPTOMS]
    groups: list[list[dict]] = []
    for event in sorted(coded, key=lambda event: event["date"]):
        earlier = [
            (event["date"] - other["date"]).days
            for other in coded
            if other["concept"] == event["concept"] and other["date"] < event["date"]
        ]
        is_new = not any(days <= case.number("symptom_washout_days") for days in earlier)
        if not is_new or not episode.restart < event["date"] <= episode.censor:
            continue
        if groups and (event["date"] - groups[-1][0]["date"]).days <= case.number("symptom_merge_days"):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def may_be_modest(case: Case, day: date) -> bool:
    """Whether the largest ratio of a day may be above E and below the multiple of STP-02."""
    rows = [row for row in case.results_of(*ENZYMES) if row["date"] == day]
    multiple = case.number("stop_symptom_multiple")
    return any(may_exceed(case, row, case.reference(row), 1.0) for row in rows) and not any(
        certainly_at_least(row, case.reference(row), multiple, case.epsilon) for row in rows
    )


def symptom_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The symptoms, the first draw after each and, for STP-06 of modest rises alone, what followed that."""
    window_end = ends_of_course(case, episode, "window_end")
    if reason == "no_clinical_events":
        return begins_of_course(case, episode, "window_start") + window_end
    is_asked_of_all = rule == "MON-05" or reason == "no_modest_rise"
    rows = window_end if reason in ("no_symptom", "no_modest_rise") else []
    for group in symptom_groups(case, episode):
        draw = first_draw(case, group[0]["date"])
        is_in_time = draw is not None and (draw - group[0]["date"]).days <= case.number("symptom_lft_pass_days")
        is_modest = is_in_time and may_be_modest(case, draw)
        if not (is_asked_of_all or is_modest):
            continue
        rows += [shown_event("symptom", event) for event in group]
        if draw is None:
            continue
        rows += draw_rows(case, draw, with_limit=rule == "STP-06")
        if rule == "STP-06" and is_modest:
            rows += answers_to(case, episode, draw)
    return rows


def draw_rows(case: Case, day: date, *, with_limit: bool) -> list[Shown]:
    """The enzymes of a first draw; the limit is the multiple where the value may reach it, else E."""
    rows = []
    for row in case.results_of(*ENZYMES):
        if row["date"] == day:
            reference, multiple = case.reference(row), case.number("stop_symptom_multiple")
            limit = multiple * reference if may_reach(case, row, reference, multiple) else reference
            rows.append(shown_result(case, "draw", row, limit if with_limit else None))
    return rows


def answers_to(case: Case, episode: Episode, draw: date) -> list[Shown]:
    """The next draw, and the end of the course where it came in time."""
    rows = drawn(case, "follow_up", [day for day in case.draw_days if day > draw][:1])
    last_dose = episode.course[-1]
    if last_dose <= plus(draw, case.number("pitfall_followup_days")) and last_dose < case.observed_to:
        rows += ends_of_course(case, episode, "response")
    return rows


# --- triggers -----------------------------------------------------------------------------------------


def stop_limit(case: Case, rule: str, row: dict) -> float:
    """What a result must reach to be part of a trigger."""
    if row["concept"] == BILIRUBIN:
        return case.number("stop_bili_multiple") * case.reference(row)
    names = {"STP-01": "stop_multiple", "STP-02": "stop_symptom_multiple", "STP-03": "stop_bili_enzyme_multiple"}
    limit = case.number(names[rule]) * case.reference(row)
    return min(limit, case.number("stop_absolute_u_l")) if rule == "STP-01" else limit


def may_trigger(case: Case, rule: str, row: dict) -> bool:
    """Whether a result may reach it."""
    if row["concept"] == BILIRUBIN:
        return may_reach(case, row, case.reference(row), case.number("stop_bili_multiple"))
    if rule == "STP-01" and may_reach(case, row, case.number("stop_absolute_u_l"), 1.0):
        return True
    names = {"STP-01": "stop_multiple", "STP-02": "stop_symptom_multiple", "STP-03": "stop_bili_enzyme_multiple"}
    return may_reach(case, row, case.reference(row), case.number(names[rule]))


def after_restart(case: Case, episode: Episode, *concepts: str) -> list[dict]:
    """Results from day 1, before any further course."""
    return [
        row
        for row in case.results_of(*concepts)
        if row["date"] > episode.restart and (episode.further is None or row["date"] < episode.further)
    ]


def stop_symptoms(case: Case, episode: Episode) -> list[dict]:
    """The symptoms from day 1 that count beside an enzyme."""
    concepts = {f"symptom_{name}" for name in case.params["stop_symptoms"]}  # type: ignore[attr-defined]
    return [event for event in case.coded if event["concept"] in concepts and event["date"] > episode.restart]


def possible_triggers(case: Case, episode: Episode, rule: str) -> list[tuple[date, dict, dict | None]]:
    """Day, enzyme and what pairs with it of everything that may be a trigger on drug."""
    enzymes = [row for row in after_restart(case, episode, *ENZYMES) if may_trigger(case, rule, row)]
    if rule == "STP-01":
        return [(row["date"], row, None) for row in enzymes if episode.on_drug(row["date"])]
    if rule == "STP-02":
        others, within = stop_symptoms(case, episode), case.number("stop_symptom_window_days")
    else:
        bilirubins = after_restart(case, episode, BILIRUBIN)
        others, within = [r for r in bilirubins if may_trigger(case, rule, r)], case.number("stop_bili_window_days")
    return [
        (max(row["date"], other["date"]), row, other)
        for row in enzymes
        for other in others
        if abs((row["date"] - other["date"]).days) <= within and episode.on_drug(max(row["date"], other["date"]))
    ]


def run_end(case: Case, trigger: date) -> date:
    """The last covered day of the drug-taking run that a day belongs to."""
    taken = set(case.drug_days)
    last = trigger if trigger in taken else plus(trigger, -1)
    while ahead := taken & set(days_of(plus(last, 1), plus(last, case.number("interrupt_min_days")))):
        last = max(ahead)
    return last


def paired_row(case: Case, rule: str, other: dict) -> Shown:
    """The symptom or the bilirubin of a trigger."""
    if rule == "STP-02":
        return shown_event("symptom", other)
    return shown_result(case, "bilirubin", other, stop_limit(case, rule, other))


def stop_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """Triggers with what pairs with them, the last dose after each and the baselines; or what came nearest to one."""
    if reason == "no_trigger":
        return untriggered_rows(case, episode, rule)
    rows = baseline_rows(case, *ENZYMES, *((BILIRUBIN,) if rule == "STP-03" else ()))
    if reason == "no_clinical_events":
        seen = [row for row in after_restart(case, episode, *ENZYMES) if row["date"] <= plus(episode.course[-1], 1)]
        reached = [row for row in seen if may_trigger(case, rule, row)]
        return rows + [shown_result(case, "trigger", row, stop_limit(case, rule, row)) for row in reached]
    for day, enzyme, other in possible_triggers(case, episode, rule):
        rows.append(shown_result(case, "trigger", enzyme, stop_limit(case, rule, enzyme)))
        if other is not None:
            rows.append(paired_row(case, rule, other))
        rows += [shown_record("response", record) for record in case.ending_last(run_end(case, day))]
    return rows


def untriggered_rows(case: Case, episode: Episode, rule: str) -> list[Shown]:
    """The results nearest to their limit up to the day after the last dose, and the symptoms of those days."""
    until = plus(episode.course[-1], 1)
    rows = ends_of_course(case, episode, "window_end")
    for concepts in (ENZYMES, (BILIRUBIN,)) if rule == "STP-03" else (ENZYMES,):
        found = [row for row in after_restart(case, episode, *concepts) if row["date"] <= until]
        rows += highest_rows(case, {row["result_id"]: (row, stop_limit(case, rule, row)) for row in found})
    if rule == "STP-02":
        rows += [shown_event("symptom", event) for event in stop_symptoms(case, episode) if event["date"] <= until]
    return rows


def highest_rows(case: Case, limits: dict[str, tuple[dict, float]]) -> list[Shown]:
    """Of results with their limits, those with the largest share of it."""
    most = max((row["value"] / limit for row, limit in limits.values()), default=None)
    return [shown_result(case, "highest", row, limit) for row, limit in limits.values() if row["value"] / limit == most]


# --- recurrence, mild rises ---------------------------------------------------------------------------


def recurrence_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """Every enzyme that recurs, by its own multiple or as a trigger, with what pairs with it, and what came then."""
    multiple, until = case.number("recurrence_min_x_ref"), plus(episode.course[-1], 30)
    in_reach = [row for row in after_restart(case, episode, *ENZYMES) if row["date"] <= until]
    if reason == "no_recurrence":
        limits = {row["result_id"]: (row, multiple * case.reference(row)) for row in in_reach}
        return highest_rows(case, limits) + ends_of_course(case, episode, "window_end")
    limits = {
        row["result_id"]: (row, multiple * case.reference(row))
        for row in in_reach
        if may_reach(case, row, case.reference(row), multiple)
    }
    own = set(limits)
    rows = baseline_rows(case, *ENZYMES) + ends_of_course(case, episode, "response")
    for trigger in ("STP-01", "STP-02", "STP-03"):
        for _, enzyme, other in possible_triggers(case, episode, trigger):
            limit = stop_limit(case, trigger, enzyme)
            if enzyme["result_id"] not in own:
                lowest = min(limit, limits.get(enzyme["result_id"], (enzyme, limit))[1])
                limits[enzyme["result_id"]] = (enzyme, lowest)
            rows += [] if other is None else [paired_row(case, trigger, other)]
    rows += [shown_result(case, "recurrence", row, limit) for row, limit in limits.values()]
    further = [record for record in case.records_of(case.audited) if record["start_date"] == episode.further]
    return rows + [shown_record("third_exposure", record) for record in further]


def rise_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The days before the course's own stop: every value with its limit; symptoms where they speak against it."""
    stop = plus(episode.course[-1], 1)
    first = max(plus(episode.restart, 1), plus(stop, -case.number("overdiscontinuation_lookback_days")))
    rows = ends_of_course(case, episode, "response")
    applies = reason != "no_such_stop"
    if applies:
        rows += baseline_rows(case, *ENZYMES, BILIRUBIN)
    elif not ended_by_choice(case, episode.course[-1]):
        return rows
    for row in case.results_of(*ENZYMES, BILIRUBIN):
        if first <= row["date"] <= stop:
            above_mild = row["concept"] == BILIRUBIN or may_trigger(case, "STP-01", row)
            limit = stop_limit(case, "STP-01", row) if above_mild else case.reference(row)
            rows.append(shown_result(case, "lookback", row, limit))
    for event in case.coded:
        if event["concept"] in SYMPTOMS and first <= event["date"] <= stop and not applies:
            rows.append(shown_event("symptom", event))
    return rows
