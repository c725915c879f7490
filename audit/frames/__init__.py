"""The columns of every frame that crosses a border: name, type, key, unit, one line of meaning.

The five staged frames come in, the released frames go out: what was judged, the rows that it was judged by, and the
account of what was received.
Nothing else writes a column list: tests, the data dictionary, the empty frames and the release all read these.
"""

from audit.frames.account import (
    ABOUT,
    ACCOUNT,
    CONSERVATION,
    EXPECTATIONS,
    IMPLAUSIBLE_LIMITS,
    MATCHED,
    REJECTS,
    ROW_NOTES,
    SOURCE_ROWS,
    UNKNOWN_DOSES,
    UNLISTED,
    UNREAD_TEXTS,
)
from audit.frames.declare import Column, Frame
from audit.frames.kept import (
    KEPT,
    KEPT_COURSES,
    KEPT_EVENTS,
    KEPT_EXPOSURES,
    KEPT_LABS,
    KEPT_PATIENTS,
    KEPT_STAYS,
    Kept,
)
from audit.frames.released import (
    BREAKS,
    EPISODES,
    EVIDENCE,
    FINDINGS,
    JUDGED,
    MEASURES,
    MOVING,
    SENSITIVITY,
    SLOTS,
    STATUS_TO_DATE,
    URGENCY,
    Judged,
)
from audit.frames.since import CHANGES, HISTORY, MARKS, SINCE
from audit.frames.staged import EVENTS, EXPOSURES, LABS, PATIENTS, STAGED, STAYS, Staged

RELEASED = (*JUDGED, *SINCE, *KEPT, *ACCOUNT)

__all__ = [
    "ABOUT",
    "ACCOUNT",
    "BREAKS",
    "CHANGES",
    "CONSERVATION",
    "EPISODES",
    "EVENTS",
    "EVIDENCE",
    "EXPECTATIONS",
    "EXPOSURES",
    "FINDINGS",
    "HISTORY",
    "IMPLAUSIBLE_LIMITS",
    "JUDGED",
    "KEPT",
    "KEPT_COURSES",
    "KEPT_EVENTS",
    "KEPT_EXPOSURES",
    "KEPT_LABS",
    "KEPT_PATIENTS",
    "KEPT_STAYS",
    "LABS",
    "MARKS",
    "MATCHED",
    "MEASURES",
    "MOVING",
    "PATIENTS",
    "REJECTS",
    "RELEASED",
    "ROW_NOTES",
    "SENSITIVITY",
    "SINCE",
    "SLOTS",
    "SOURCE_ROWS",
    "STAGED",
    "STATUS_TO_DATE",
    "STAYS",
    "UNKNOWN_DOSES",
    "UNLISTED",
    "UNREAD_TEXTS",
    "URGENCY",
    "Column",
    "Frame",
    "Judged",
    "Kept",
    "Staged",
]
