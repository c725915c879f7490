"""The released frames of what a night changed: the findings that are not what they were, and what became of each."""

from audit.frames.declare import COUNT, DATE, FLAG, LIST, TEXT, Column, Frame, listed
from audit.frames.released import EPISODE_ID, PATIENT_ID, RULE_ID
from audit.vocabulary import CAUSES, CHANGES_OF_A_FINDING, FOLDING, RANKS, VERDICTS
from audit.vocabulary import MARKS as MARK_WORDS

CHANGES = Frame(
    "changes",
    "one row a finding whose verdict, reason or event date is not what it was in the release before",
    (
        EPISODE_ID,
        RULE_ID,
        PATIENT_ID,
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
        RULE_ID,
        PATIENT_ID,
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
MARKS = Frame(
    "marks",
    "one row a finding that people marked: its last mark, and whether it still holds",
    (
        EPISODE_ID,
        RULE_ID,
        Column("mark_id", COUNT, "Number of the mark in HOME/marks.sqlite."),
        Column("mark", TEXT, f"{listed(MARK_WORDS)}."),
        Column("marked_by", TEXT, "Who said so, as told."),
        Column("note", TEXT, "Their note, or null."),
        Column("until", DATE, "Last as-of date on which it holds; null where no end was said."),
        Column("os_user", TEXT, "The operating system's user who set it."),
        Column("marked_at", TEXT, "When, in UTC."),
        Column("is_changed", FLAG, "Whether verdict, reason or event date were otherwise in a release since."),
        Column("is_over", FLAG, "Whether until has passed."),
        Column(
            "is_folded", FLAG, f"Whether it folds the finding away: {listed(FOLDING)}, neither changed nor over since."
        ),
    ),
)
SINCE = (CHANGES, HISTORY, MARKS)
