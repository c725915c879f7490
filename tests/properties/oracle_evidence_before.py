"""The rows behind the restart rules, RST-01 to RST-08."""

from datetime import date

from .oracle_breaks import Episode
from .oracle_case import Case, days_of, plus
from .oracle_columns import grade_of, injury_rows
from .oracle_records import covers, is_one_order_twice
from .oracle_restart import AUTOIMMUNE, DECOMPENSATION, HEPATITIS_B, HEPATITIS_C, IMAGING
from .oracle_shown import (
    Shown,
    baseline_rows,
    begins_of_course,
    may_exceed,
    may_reach,
    shown_event,
    shown_record,
    shown_result,
)
from .oracle_values import ENZYMES, LOWER_BOUNDS
from .oracle_world import restart_limit


def recovery_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The results of the last day of each enzyme before the restart, and the baselines of their limits."""
    rows: list[Shown] = []
    for analyte in ("alt",) if case.params["normalisation_requires"] == "alt_only" else ENZYMES:
        found = [row for row in case.results_of(analyte) if episode.stop <= row["date"] <= episode.restart]
        if found:
            last = max(row["date"] for row in found)
            lasts = [row for row in found if row["date"] == last]
            rows += [shown_result(case, "pre_restart", row, restart_limit(case, row)) for row in lasts]
            rows += baseline_rows(case, analyte)
    if reason == "no_test":
        ending = case.ending(plus(episode.stop, -1))
        rows += [shown_record("window_start", record) for record in ending]
        rows += begins_of_course(case, episode, "window_end")
    return rows


def onset_rows(case: Case, episode: Episode) -> list[Shown]:
    """The enzymes of the day on which the injury began."""
    return [shown_result(case, "onset", row) for row in case.results_of(*ENZYMES) if row["date"] == episode.onset]


def workup_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """Every test and image in the window, a known autoimmune hepatitis, and the onset that the window hangs on."""
    first = plus(episode.onset, -case.number("workup_window_before_onset"))
    serologies = (*HEPATITIS_B, *HEPATITIS_C, *AUTOIMMUNE)
    rows = onset_rows(case, episode)
    for row in case.results_of(*serologies):
        if first <= row["date"] <= episode.restart:
            where = ("lab_results", row["result_id"], row["date"], row["concept"])
            rows.append(Shown("workup", *where, row["value"], row["comparator"], row["unit"]))
    for event in case.coded:
        if event["concept"] in (*serologies, *IMAGING) and first <= event["date"] <= episode.restart:
            rows.append(shown_event("workup", event))
        if event["concept"] == "autoimmune_hepatitis" and event["date"] <= episode.restart:
            rows.append(shown_event("autoimmune_hepatitis", event))
    return rows


def dose_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The records that give both doses, and those that may be one order with them; the later has a limit."""
    role = "dose_before" if rule == "RST-03" else "dose_at_onset"
    asked = plus(episode.stop, -1) if rule == "RST-03" else episode.onset
    earlier = max(day for day in case.drug_days if day <= asked)
    dose = case.dose_on(earlier)
    limit = None if dose is None else case.number("dose_same_tolerance") * dose
    rows = [] if rule == "RST-03" else onset_rows(case, episode)
    records, slack = case.records_of(case.audited), case.number("renewal_overlap_days")
    for name, day, held_against in ((role, earlier, None), ("dose_restart", episode.restart, limit)):
        for record in records:
            if not covers(record, day):
                continue
            rows.append(shown_record(name, record, held_against))
            for other in records:
                if record["daily_dose_mg"] is not None and is_one_order_twice(record, other, slack):
                    rows.append(shown_record("same_order", other))
    return rows


def peak_row(case: Case, episode: Episode) -> dict:
    """The largest result on the scale of its limit; an upper bound is none, a lower bound is above an equal value."""
    rows = [row for row in injury_rows(case, episode) if row["comparator"] in (None, *LOWER_BOUNDS)]
    height = max(row["value"] / row["uln"] for row in rows)
    rows = [row for row in rows if row["value"] / row["uln"] == height]
    bounds = [row for row in rows if row["comparator"] is not None]
    return min(bounds or rows, key=lambda row: (row["date"], row["result_id"]))


def grade_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The peak and the censored values that may take the grade further, held against the limit in question."""
    moderate, severe = case.number("grade_moderate_min_x_uln"), case.number("grade_severe_gt_x_uln")
    multiple = severe if rule == "RST-07" or grade_of(case, episode) == "severe" else moderate
    peak = peak_row(case, episode)
    rows = [shown_result(case, "peak", peak, multiple * peak["uln"])]
    for row in injury_rows(case, episode):
        opens = (
            may_exceed(case, row, row["uln"], severe)
            if rule == "RST-07"
            else may_reach(case, row, row["uln"], moderate)
        )
        if row["comparator"] is not None and opens:
            rows.append(shown_result(case, "censored", row, multiple * row["uln"]))
    if rule == "RST-06" and reason != "not_moderate":
        for event in case.coded:
            is_near = episode.onset <= event["date"] <= episode.restart
            if event["concept"] == "benefit_risk_documented" and is_near:
                rows.append(shown_event("benefit_risk", event))
    return rows + (onset_rows(case, episode) if reason == "no_entry" else [])


def explaining(case: Case, day: date) -> list[dict]:
    """The anticoagulants that cover an INR's day or one of the 30 before it."""
    days = days_of(plus(day, -30), day)
    return [record for record in case.records_of("anticoagulant") if any(covers(record, day) for day in days)]


def liver_rows(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """The signs of decompensation; where there is none, what was looked at: INRs, bilirubins, anticoagulants, onset."""
    least = case.number("inr_decompensation_min")
    signs: dict[str, bool] = {}  # of each INR and each bilirubin near one: whether it may show decompensation
    results = {row["result_id"]: row for row in case.results_of("inr", "bilirubin_total")}
    drugs: dict[str, dict] = {}
    for row in case.results_of("inr"):
        if not episode.onset <= row["date"] < episode.restart:
            continue
        signs.setdefault(row["result_id"], False)
        if not may_reach(case, row, least, 1.0):
            continue
        explained = explaining(case, row["date"])
        drugs |= {record["exposure_id"]: record for record in explained}
        if explained:
            continue
        near = [other for other in case.results_of("bilirubin_total") if abs((other["date"] - row["date"]).days) <= 7]
        for other in near:
            shows = may_reach(case, other, other["uln"], 2.0)
            signs[other["result_id"]] = signs.get(other["result_id"], False) or shows
            signs[row["result_id"]] |= shows
        signs[row["result_id"]] |= not near
    rows = [
        shown_event("decompensation", event)
        for event in case.coded
        if event["concept"] in DECOMPENSATION and episode.onset <= event["date"] < episode.restart
    ]
    nothing_found = reason in ("none_found", "no_clinical_events")
    for result_id, shows in signs.items():
        row = results[result_id]
        if shows or nothing_found:
            is_inr = row["concept"] == "inr"
            rows.append(shown_result(case, "inr" if is_inr else "bilirubin", row, least if is_inr else 2 * row["uln"]))
    if nothing_found:
        rows += onset_rows(case, episode)
        rows += [shown_record("anticoagulant", record) for record in drugs.values()]
    return rows
