"""Verdicts of the restart rules, RST-01 to RST-08 (rules.md 5)."""

from datetime import date

from .oracle_breaks import Episode
from .oracle_case import Case, days_of, plus
from .oracle_values import ENZYMES, above, at_least
from .oracle_world import World, restart_limit

HEPATITIS_B = ("hbsag", "anti_hbc", "hbv_dna")
HEPATITIS_C = ("anti_hcv", "hcv_rna")
AUTOIMMUNE = ("ana", "sma", "igg")
IMAGING = ("liver_ultrasound", "liver_ct_mri")
DECOMPENSATION = (
    "hepatic_decompensation",
    "ascites",
    "hepatic_encephalopathy",
    "variceal_bleed",
    "hepatorenal",
    "spontaneous_bacterial_peritonitis",
    "hepatic_failure",
)


def rst_01(world: World) -> str:
    """ALT and AST back to baseline or normal before the restart."""
    case, episode = world.case, world.episode
    mode = case.params["normalisation_requires"]
    latest: dict[str, date] = {}
    is_above = False
    for analyte in ("alt",) if mode == "alt_only" else ENZYMES:
        rows = [row for row in case.results_of(analyte) if episode.stop <= row["date"] <= episode.restart]
        if not rows:
            continue
        latest[analyte] = max(row["date"] for row in rows)
        for row in rows:
            if row["date"] == latest[analyte]:
                is_above |= above(world.value(row), restart_limit(case, row), 1.0, case.epsilon)
    if is_above or not latest:
        return "violation"
    if mode == "both" and len(latest) < 2:
        return "indeterminate"
    oldest_allowed = plus(episode.restart, -case.number("prerestart_lab_max_age_days"))
    fresh = [day >= oldest_allowed for day in latest.values()]
    return "pass" if (any(fresh) if mode == "either" else all(fresh)) else "advisory"


def workup_score(case: Case, episode: Episode) -> int:
    """Groups of the work-up shown by a result or an event; a known autoimmune hepatitis waives the third."""
    first = plus(episode.onset, -case.number("workup_window_before_onset"))
    facts = [*case.results, *case.coded]
    shown = {row["concept"] for row in facts if first <= row["date"] <= episode.restart}
    groups = [any(concept in shown for concept in group) for group in (HEPATITIS_B, HEPATITIS_C, AUTOIMMUNE, IMAGING)]
    groups[2] |= case.known("autoimmune_hepatitis", episode.restart)
    return sum(groups)


def rst_02(world: World) -> str:
    """Other causes worked up."""
    return "pass" if workup_score(world.case, world.episode) == 4 else "advisory"


def dose_at_onset(case: Case, episode: Episode) -> float | None:
    """Dose in force at onset, or on the last covered day before it."""
    return case.dose_on(max(day for day in case.drug_days if day <= episode.onset))


def is_same_dose(case: Case, restart: float, before: float) -> bool:
    """Whether the restart dose is as high as an earlier one."""
    return at_least(restart, before, case.number("dose_same_tolerance"), case.epsilon)


def rst_03(world: World) -> str:
    """Lower dose than before the stop."""
    case, episode = world.case, world.episode
    restart, before = case.dose_on(episode.restart), case.dose_on(plus(episode.stop, -1))
    if restart is None or before is None:
        return "indeterminate"
    return "advisory" if is_same_dose(case, restart, before) else "pass"


def rst_04(world: World) -> str:
    """Not the dose that harmed."""
    case, episode = world.case, world.episode
    restart, harmful = case.dose_on(episode.restart), dose_at_onset(case, episode)
    if restart is None or harmful is None:
        return "indeterminate"
    return "violation" if is_same_dose(case, restart, harmful) else "pass"


def rst_06(world: World, grade: str) -> str:
    """Benefit outweighs the risk after a moderate injury."""
    case, episode = world.case, world.episode
    if grade in ("at_least_none", "at_least_mild"):
        return "indeterminate"
    if grade not in ("moderate", "at_least_moderate"):
        return "not_applicable"
    if case.events is None:
        return "indeterminate"
    weighed = any(
        row["concept"] == "benefit_risk_documented" and episode.onset <= row["date"] <= episode.restart
        for row in case.coded
    )
    return "pass" if weighed else "advisory"


def rst_07(grades: tuple[str, str]) -> str:
    """No restart after a severe injury; open where the peak's true value could be severe."""
    surest, highest = grades
    if surest == "severe":
        return "violation"
    return "indeterminate" if highest == "severe" else "pass"


def inr_says(world: World, row: dict) -> str:
    """What one INR in the range says: violation, indeterminate or pass."""
    case = world.case
    if not at_least(world.value(row), case.number("inr_decompensation_min"), 1.0, case.epsilon):
        return "pass"
    if case.covered("anticoagulant") & set(days_of(plus(row["date"], -30), row["date"])):
        return "pass"
    near = [other for other in case.results_of("bilirubin_total") if abs((other["date"] - row["date"]).days) <= 7]
    if any(at_least(world.value(other), other["uln"], 2.0, case.epsilon) for other in near):
        return "violation"
    return "pass" if near else "indeterminate"


def rst_08(world: World) -> str:
    """No restart after hepatic decompensation."""
    case, episode = world.case, world.episode
    coded = [row for row in case.coded if row["concept"] in DECOMPENSATION]
    said = ["violation" for row in coded if episode.onset <= row["date"] < episode.restart]
    said += [inr_says(world, row) for row in case.results_of("inr") if episode.onset <= row["date"] < episode.restart]
    if "violation" in said:
        return "violation"
    return "indeterminate" if "indeterminate" in said or case.events is None else "pass"


def restart_verdicts(world: World, grade: str, grades: tuple[str, str]) -> dict[str, str]:
    """Every restart rule in one world."""
    return {
        "RST-01": rst_01(world),
        "RST-02": rst_02(world),
        "RST-03": rst_03(world),
        "RST-04": rst_04(world),
        "RST-06": rst_06(world, grade),
        "RST-07": rst_07(grades),
        "RST-08": rst_08(world),
    }
