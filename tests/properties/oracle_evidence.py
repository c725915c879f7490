"""The rows that each verdict rests on, in plain loops: for a rule and its reason, every row with role and limit."""

from .oracle_breaks import Episode
from .oracle_case import Case, plus
from .oracle_evidence_after import monitoring_rows, recurrence_rows, rise_rows, stop_rows, symptom_rows
from .oracle_evidence_before import dose_rows, grade_rows, liver_rows, recovery_rows, workup_rows
from .oracle_shown import Shown, shown_record
from .oracle_values import ENZYMES


def evidence_of(case: Case, episode: Episode, rule: str, reason: str) -> list[Shown]:
    """Every row that the verdict with that reason rests on."""
    own = {
        "RST-01": recovery_rows,
        "RST-02": workup_rows,
        "RST-03": dose_rows,
        "RST-04": dose_rows,
        "RST-06": grade_rows,
        "RST-07": grade_rows,
        "RST-08": liver_rows,
        **dict.fromkeys(("MON-01", "MON-02", "MON-03", "MON-04"), monitoring_rows),
        **dict.fromkeys(("MON-05", "STP-06"), symptom_rows),
        **dict.fromkeys(("STP-01", "STP-02", "STP-03"), stop_rows),
        "STP-04": recurrence_rows,
        "STP-05": rise_rows,
    }
    return common_rows(case, episode) + own[rule](case, episode, rule, reason)


def common_rows(case: Case, episode: Episode) -> list[Shown]:
    """What stands behind every verdict: the stop, the restart, and a death that was not used."""
    rows = []
    for record in case.records_of(case.audited):
        if record["start_date"] == episode.restart:
            rows.append(shown_record("restart", record))
        if (episode.stop - record["last"]).days == 1:
            rows.append(shown_record("stop", record))
    death = case.patient["death_date"]
    if death is not None and case.death is None:
        rows.append(Shown("death", "patients", case.patient["patient_id"], death, "death"))
        if case.is_contradicted(death):
            rows.append(first_sign_of_life(case))
    return rows


def first_sign_of_life(case: Case) -> Shown:
    """The first draw, or start of the drug, that contradicts the death; of one day an exposure comes first."""
    signs = [
        ("lab_results", row["result_id"], row["date"], row["concept"]) for row in case.labs if row["concept"] in ENZYMES
    ]
    for row in case.exposures:
        if row["concept"] == case.audited:
            signs.append(("drug_exposures", row["exposure_id"], row["start_date"], row["concept"]))
    alive_until = plus(case.patient["death_date"], case.number("death_slack_days"))
    late = [sign for sign in signs if alive_until < sign[2] <= case.feed_end]
    return Shown("after_death", *min(late, key=lambda sign: (sign[2], sign[0], sign[1])))
