"""The columns of an episode that rules.md defines (sections 3.5 and 5)."""

from datetime import date
from itertools import pairwise

from .oracle_breaks import Episode
from .oracle_case import Case, days_of, plus
from .oracle_restart import dose_at_onset, workup_score
from .oracle_slots import blocks_of
from .oracle_values import ENZYMES, LOWER_BOUNDS, UNDECIDED, above, at_least, certainly_above, truths

GRADES = ("none", "mild", "moderate", "severe")
INDICATIONS = ("autoimmune_hepatitis", "ibd", "rheumatoid_arthritis", "sle", "transplant")
COUNTED = {"low_wbc_count": ("wbc", 3.5), "low_anc_count": ("anc", 1.6), "low_platelets_count": ("platelets", 140)}


def injury_rows(case: Case, episode: Episode) -> list[dict]:
    """ALT and AST results from onset to the day before the restart."""
    return [row for row in case.results_of(*ENZYMES) if episode.onset <= row["date"] < episode.restart]


def grade_at(case: Case, value: float, uln: float) -> int:
    """Grade of one value, as its position in GRADES."""
    if above(value, uln, case.number("grade_severe_gt_x_uln"), case.epsilon):
        return 3
    if at_least(value, uln, case.number("grade_moderate_min_x_uln"), case.epsilon):
        return 2
    return 1 if above(value, uln, 1.0, case.epsilon) else 0


def grades_of(case: Case, episode: Episode) -> tuple[str, str]:
    """The surest and the highest grade that the peak's true value may have."""
    surest, highest = 0, 0
    multiples = (1.0, case.number("grade_moderate_min_x_uln"), case.number("grade_severe_gt_x_uln"))
    for row in injury_rows(case, episode):
        grades = [
            grade_at(case, true, row["uln"]) for true in truths(row, [multiple * row["uln"] for multiple in multiples])
        ]
        surest, highest = max(surest, min(grades)), max(highest, max(grades))
    return GRADES[surest], GRADES[highest]


def grade_of(case: Case, episode: Episode) -> str:
    """Grade of the peak; at_least_* where a censored value could take it higher."""
    surest, highest = grades_of(case, episode)
    return surest if surest == highest else f"at_least_{surest}"


def peak_of(case: Case, episode: Episode) -> dict:
    """Peak in multiples of ULN and in U/L, as printed; an upper bound never makes it."""
    printed = injury_rows(case, episode)
    rows = [row for row in printed if row["comparator"] in (None, *LOWER_BOUNDS)]
    peak = max(row["value"] / row["uln"] for row in rows)
    peaks = [row for row in rows if row["value"] / row["uln"] == peak]
    is_tie = len({row["date"] for row in peaks}) > 1 and any(row["comparator"] is not None for row in peaks)
    return {
        "grade": grade_of(case, episode),
        "peak_x_uln": peak,
        # Whether `>400` on a later day is a higher peak than 400 is left open.
        "peak_date": UNDECIDED if is_tie else min(row["date"] for row in peaks),
        "peak_u_l": max(row["value"] for row in rows),
        "ctcae_grade": ctcae_of(case, printed),
    }


def ctcae_of(case: Case, printed: list[dict]) -> object:
    """CTCAE v5 grade, the worst of ALT and AST as printed.

    Open: an upper bound that, taken as a value, would be worse than the rest.
    """
    sure = [row for row in printed if row["comparator"] in (None, *LOWER_BOUNDS)]
    grades = [max((ctcae_grade(case, row) for row in rows), default=0) for rows in (sure, printed)]
    return grades[0] if grades[0] == grades[1] else UNDECIDED


def ctcae_grade(case: Case, row: dict) -> int:
    """CTCAE v5 grade of one value: by its ULN, or by a median before the drug that lies above that median's ULN."""
    median = case.median_before(row["concept"])
    if median is not None and above(*median, 1.0, case.epsilon):
        reference, first = median[0], at_least(row["value"], median[0], 1.5, case.epsilon)
    else:
        reference, first = row["uln"], above(row["value"], row["uln"], 1.0, case.epsilon)
    return first + sum(above(row["value"], reference, multiple, case.epsilon) for multiple in (3, 5, 20))


def pattern_of(case: Case, episode: Episode) -> dict:
    """R at onset and the pattern of injury."""
    alt = [row for row in case.results_of("alt") if row["date"] == episode.onset]
    within = case.number("alp_pairing_days")
    alp = [row for row in case.results_of("alp") if abs((row["date"] - episode.onset).days) <= within]
    nothing = {"r_ratio": None, "injury_pattern": None}
    if not alt or not alp:
        return nothing
    nearest = min((abs((row["date"] - episode.onset).days), row["date"]) for row in alp)[1]
    chosen = [
        max(rows, key=lambda row: row["value"] / row["uln"])
        for rows in (alt, [row for row in alp if row["date"] == nearest])
    ]
    if any(row["comparator"] is not None for row in chosen):
        return nothing
    ratio = (chosen[0]["value"] / chosen[0]["uln"]) / (chosen[1]["value"] / chosen[1]["uln"])
    if at_least(ratio, 1.0, case.number("r_hepatocellular_min"), case.epsilon):
        return {"r_ratio": ratio, "injury_pattern": "hepatocellular"}
    mixed = above(ratio, 1.0, case.number("r_cholestatic_max"), case.epsilon)
    return {"r_ratio": ratio, "injury_pattern": "mixed" if mixed else "cholestatic"}


def doses_of(case: Case, episode: Episode) -> dict:
    """Doses, dose by weight, and every-other-day dosing."""
    restart = case.dose_on(episode.restart)
    oldest = plus(episode.restart, -180)
    weights = [row for row in case.results_of("body_weight") if oldest <= row["date"] <= episode.restart]
    weight = max(weights, key=lambda row: row["date"])["value"] if weights else None
    by_weight = restart / weight if restart is not None and weight is not None else None
    covering = [row for row in case.records_of(case.audited) if row["start_date"] <= episode.restart <= row["last"]]
    frequencies = {row["frequency"] for row in covering}
    alternate = True if "QOD" in frequencies else None if None in frequencies else False
    return {
        "dose_before_mg": case.dose_on(plus(episode.stop, -1)),
        "dose_at_onset_mg": dose_at_onset(case, episode),
        "dose_restart_mg": restart,
        "dose_restart_mg_per_kg": by_weight,
        "is_dose_at_least_2_mg_per_kg": None if by_weight is None else at_least(by_weight, 2.0, 1.0, case.epsilon),
        "alternate_day": alternate if len(frequencies) == 1 else UNDECIDED,
    }


def resolving_date(case: Case, episode: Episode, peak_date: object) -> object:
    """First day after the peak with AST/ALT <= 0.4."""
    if not isinstance(peak_date, date):
        return UNDECIDED
    rows = [row for row in case.results_of(*ENZYMES) if peak_date < row["date"] <= episode.restart]
    if any(row["comparator"] is not None for row in rows):
        return UNDECIDED
    for day in sorted({row["date"] for row in rows}):
        largest = {
            analyte: max(
                (row["value"] for row in rows if (row["date"], row["concept"]) == (day, analyte)), default=None
            )
            for analyte in ENZYMES
        }
        both = None not in largest.values()
        if both and not above(largest["ast"], largest["alt"], 0.4, case.epsilon):
            return day
    return None


def hys_law(case: Case, episode: Episode) -> object:
    """ALT or AST >= 3 x ULN and bilirubin >= 2 x ULN within 30 days; whether day 0 counts is left open."""
    enzymes = [row for row in case.results_of(*ENZYMES) if episode.onset <= row["date"] <= episode.restart]
    bilirubin = case.results_of("bilirubin_total")
    pairs = [(one, two) for one in enzymes for two in bilirubin if abs((one["date"] - two["date"]).days) <= 30]
    if any(row["comparator"] is not None for pair in pairs for row in pair):
        return UNDECIDED
    held = {
        one["date"] == episode.restart
        for one, two in pairs
        if at_least(one["value"], one["uln"], 3.0, case.epsilon)
        and at_least(two["value"], two["uln"], 2.0, case.epsilon)
    }
    return UNDECIDED if held == {True} else bool(held)


def to_date_of(case: Case, episode: Episode) -> dict:
    """What moves with the day while the restart course runs."""
    draws = [day for day in case.draw_days if episode.restart < day <= episode.censor]
    marks = [episode.restart, *draws, episode.censor]
    return {
        "last_dose_date": episode.course[-1],
        "observed_to": case.observed_to,
        "censor_date": episode.censor,
        "longest_draw_gap_days": max((two - one).days for one, two in pairwise(marks)),
        "days_covered": len(episode.course),
    }


def standing(case: Case, episode: Episode) -> dict:
    """What of it stands: nothing of a course that runs, and no end of an observation that goes on."""
    to_date = to_date_of(case, episode)
    if not case.is_over:
        to_date["observed_to"] = None
        if episode.course[-1] == case.observed_to:
            return dict.fromkeys(to_date)
    return to_date


def follow_up(case: Case, episode: Episode) -> dict:
    """How the restart course was observed."""
    counted = {
        column: sum(
            row["value"] < limit
            for row in case.results_of(concept)
            if row["date"] > episode.restart and episode.on_drug(row["date"])
        )
        for column, (concept, limit) in COUNTED.items()
    }
    month = set(days_of(episode.restart, plus(episode.restart, 29)))
    return {
        **standing(case, episode),
        "extension_blocks": blocks_of(case, episode, None),
        "systemic_corticosteroid": bool(case.covered("corticosteroid_systemic") & month),
        **counted,
    }


def history(case: Case, episode: Episode) -> dict:
    """What was known before: baselines, indications, an earlier severe rise, another thiopurine."""
    names = {"alt": "baseline_alt", "ast": "baseline_ast", "bilirubin_total": "baseline_bilirubin"}
    columns: dict = {}
    for analyte, name in names.items():
        columns[name], columns[f"{name}_status"] = case.baselines[analyte]
    coded = [concept for concept in INDICATIONS if case.known(concept, episode.restart)]
    gap = set(days_of(episode.stop, plus(episode.restart, -1)))
    severe = case.number("grade_severe_gt_x_uln")
    return columns | {
        "autoimmune_hepatitis": None if case.events is None else "autoimmune_hepatitis" in coded,
        "indications": None if case.events is None else "|".join(coded) or "none_coded",
        "other_thiopurine_in_break": bool(case.covered(*case.others) & gap),
        "any_prior_severe": any(
            certainly_above(row, row["uln"], severe, case.epsilon)
            for row in case.results_of(*ENZYMES)
            if row["date"] < episode.onset
        ),
    }


def columns_of(case: Case, episode: Episode) -> dict:
    """Every column of an episode but the recurrence, which needs the worlds."""
    peak = peak_of(case, episode)
    return {
        "site_id": case.patient["site_id"],
        "stop_date": episode.stop,
        "restart_date": episode.restart,
        "break_days": (episode.restart - episode.stop).days,
        "onset_date": episode.onset,
        "workup_score": workup_score(case, episode),
        "resolving_ratio_date": resolving_date(case, episode, peak["peak_date"]),
        "hys_law": hys_law(case, episode),
        **peak,
        **pattern_of(case, episode),
        **doses_of(case, episode),
        **follow_up(case, episode),
        **history(case, episode),
    }
