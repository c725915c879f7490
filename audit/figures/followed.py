"""How long each restart is followed: to the last day on which a raised enzyme still counts as its recurrence."""

import polars as pl

from audit.frames import Judged
from audit.guideline import Guideline

PATIENT, EPISODE = "patient_id", "episode_id"


def followed(judged: Judged, guideline: Guideline) -> pl.DataFrame:
    """Return one row an episode with its days: onset, restart, last dose, end of observation, and `reach`.

    `reach`: the last day that counts, some days after the last dose but before any further course.
    `died_on`: the death, where it was used. Key: episode_id; days are dates.
    """
    later = judged.kept.courses.select(PATIENT, further_start="start_date").sort(PATIENT, "further_start")
    deaths = judged.kept.patients.filter(pl.col("death_note").is_null()).select(PATIENT, died_on="death_date")
    days = judged.status_to_date.select(EPISODE, "last_dose_date", "observed_to")
    counted = pl.duration(days=guideline["recurrence_after_stop_days"].days)
    return (
        judged.episodes.select(EPISODE, PATIENT, "onset_date", "restart_date", "recurrence", "recurrence_date")
        .join(days, on=EPISODE)
        .sort(PATIENT, "restart_date")
        .join_asof(
            later,
            left_on="restart_date",
            right_on="further_start",
            by=PATIENT,
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,  # both are sorted within the patient, which it cannot see
        )
        .join(deaths, on=PATIENT, how="left")
        .with_columns(
            reach=pl.min_horizontal(pl.col("last_dose_date") + counted, pl.col("further_start") - pl.duration(days=1))
        )
        .sort(EPISODE)
    )
