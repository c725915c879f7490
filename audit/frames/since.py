"""The released frames of what a night changed: the findings that are not what they were, and what became of each."""

from audit.frames.declare import COUNT, DATE, LIST, TEXT, Column, Frame, listed
from audit.frames.released import EPISODE_ID
from audit.vocabulary import CAUSES, CHANGES_OF_A_FINDING, RANKS, VERDICTS

CHANGES = Frame(
    "changes",
    "one row a finding whose verdict, reason or event date is not what it was in the release before",
    (
        EPISODE_ID,
        Column("rule_id", TEXT, "The rule.", key=True),
        Column("patient_id", TEXT, "The extract's patient id."),
        Column("change", TEXT, f"{listed(CHANGES_OF_A_FINDING)}: by rank, pass and not_applicable being one."),
        Column("verdict_before", TEXT, f"{listed(VERDICTS)}; null where the finding was not there."),
        Column("verdict_now", TEXT, "Likewise; null where the finding is gone."),
        Column("reason_before", TEXT, "Its reason before."),
        Column("reason_now", TEXT, "Its reason now."),
        Column("event_date_before", DATE, "The day that the verdict hung on."),
        Column("event_date_now", DATE, "The day that it hangs on now."),
        Column("cause", TEXT, f"{listed(CAUSES)}: the news after which the finding is what it is now."),
        Column("causes", LIST, "Every kind of news that changed it, in the order in which they were judged."),
        Column("cause_rows", LIST, "The patient's rows that were this news, as source_table:source_id."),
        Column("cause_text", TEXT, "The cause in one sentence."),
        Column(
            "episode_before",
            TEXT,
            "The episode's id in the release before, where the restart has moved since; else null.",
        ),
        Column("since_release", TEXT, "The release that this one is compared with."),
    ),
)
HISTORY = Frame(
    "history",
    "one row a finding that ever was a violation, an advisory or indeterminate, in this release or one before it",
    (
        EPISODE_ID,
        Column("rule_id", TEXT, "The rule.", key=True),
        Column("patient_id", TEXT, "The extract's patient id."),
        Column("first_seen_on", DATE, "As-of date of the release that first had it so."),
        Column("first_release", TEXT, "That release."),
        Column("last_changed_on", DATE, "As-of date of the release in which it last changed."),
        Column("worst_verdict", TEXT, f"The gravest that it ever was: {listed(reversed([*RANKS][1:]))}."),
        Column("verdict_now", TEXT, f"{listed(VERDICTS)}; null where the finding is gone."),
        Column(
            "resolved_on",
            DATE,
            "As-of date of the release in which it became pass or not_applicable, or was gone; null while it is open.",
        ),
        Column("resolved_cause", TEXT, "The cause of that change; null while it is open."),
        Column("times_changed", COUNT, "In how many releases since the first it was not what it was before."),
    ),
)
SINCE = (CHANGES, HISTORY)
