"""The released frames of the account: what became of every row received, and what was assumed of it."""

from audit.frames.declare import COUNT, FLAG, TEXT, Column, Frame

TABLE_NAME = Column("table_name", TEXT, "The received table.", key=True)
VOCABULARY = Column("vocabulary", TEXT, "The vocabulary of the code, as received.", key=True)
CODE = Column("code", TEXT, "The code as received; of a drug told by name, the name.", key=True)
ROWS = Column("rows", COUNT, "Rows received with it.")

REJECTS = Frame(
    "rejects",
    "one row a rejected row and the first rule that it broke",
    (
        Column("table_name", TEXT, "The received table; source.<table> where a row never became one.", key=True),
        Column(
            "row_number",
            COUNT,
            "Position in the received table, from 1; of mapped rows, among the rejects.",
            key=True,
        ),
        Column("source_id", TEXT, "The row's own id, or null."),
        Column("reason", TEXT, "Reason code."),
        Column("detail", TEXT, "The rule that it broke, in words."),
        Column("row", TEXT, "The row as text (JSON)."),
    ),
)
CONSERVATION = Frame(
    "conservation",
    "one row a received table: the rows read are the sum of those that went somewhere",
    (
        TABLE_NAME,
        Column("read", COUNT, "Rows read."),
        Column("staged", COUNT, "Rows that the rules read."),
        Column("rejected", COUNT, "Rows that broke a check; each is in rejects."),
        Column("duplicate", COUNT, "Rows that say the same as another of their id."),
        Column("superseded", COUNT, "Rows of which there is a later version."),
        Column("retracted", COUNT, "Rows that their own latest version takes back."),
        Column("after_as_of", COUNT, "Rows recorded or dated after the as-of date."),
        Column("not_needed", COUNT, "Rows of a code on no list, or of a patient never on the audited drug."),
    ),
)
SOURCE_ROWS = Frame(
    "source_rows",
    "one row a table of another kind of source, table made of it, disposition and reason; an extract has none",
    (
        Column("source_table", TEXT, "The table of the source.", key=True),
        Column(
            "table_name",
            TEXT,
            "The table that a mapping made of the rows; null where none did.",
            key=True,
            may_lack=True,
        ),
        Column(
            "disposition",
            TEXT,
            "carried (over), left_out, rejected, looked_up (a table that others ask) or not_mapped (asked by none).",
            key=True,
        ),
        Column("reason", TEXT, "Why they were left out or rejected; null of all others.", key=True, may_lack=True),
        Column("rows", COUNT, "Rows of the source."),
    ),
)
UNLISTED = Frame(
    "unlisted",
    "one row a received table, vocabulary and code that is on no code list",
    (TABLE_NAME, VOCABULARY, CODE, ROWS),
)
MATCHED = Frame(
    "matched",
    "one row a received table, vocabulary, code and concept that was found otherwise than by a listed code, or nearly",
    (
        TABLE_NAME,
        VOCABULARY,
        CODE,
        Column("concept", TEXT, "What it was taken for, or of a near miss looks like.", key=True),
        Column(
            "matched_by",
            TEXT,
            "What told: list (a listed name), name (the rule for the names of drugs), near_miss (nothing: it is not "
            "used), or what the source derives from its own vocabulary.",
        ),
        ROWS,
        Column(
            "words_left",
            TEXT,
            "The words that stood in the way of a near miss; null where several concepts could claim it, or none did.",
        ),
    ),
)
UNKNOWN_DOSES = Frame(
    "unknown_doses",
    "one row an exposure record of the audited drug whose dose counts as unknown",
    (
        Column("exposure_id", TEXT, "The extract's exposure id.", key=True),
        Column(
            "reason",
            TEXT,
            "below_minimum (`dose_min_mg`), above_maximum (`dose_max_mg`), contradicting_dose (two tellings that "
            "differ), unread_text (a dosage text that is not read) or ambiguous_orders (records that may be one order "
            "written twice).",
        ),
    ),
)
UNREAD_TEXTS = Frame(
    "unread_texts",
    "one row a dosage text of the audited drug that is not read, where no dose stands beside it",
    (
        Column("text", TEXT, "The text, without case and with single blanks.", key=True),
        ROWS,
        Column("patients", COUNT, "Patients who share it."),
    ),
)
IMPLAUSIBLE_LIMITS = Frame(
    "implausible_limits",
    "one row a laboratory concept and laboratory with printed upper limits that cannot be one and were replaced",
    (
        Column("concept", TEXT, "What was measured: a laboratory concept of the code lists.", key=True),
        Column("laboratory_id", TEXT, "The laboratory, or null.", key=True, may_lack=True),
        Column("rows", COUNT, "Results with such a limit."),
    ),
)
ROW_NOTES = Frame(
    "row_notes",
    "one row a received row and what was done to it beyond the contract",
    (
        TABLE_NAME,
        Column("source_id", TEXT, "The row's own id.", key=True),
        Column(
            "note",
            TEXT,
            "unit_inferred, implausible_limit (replaced as a missing one), comparator_in_value (split off), "
            "implausible_supply (unknown), assumed_supply, rests_on_refills (of how long a record lasts), "
            "unreadable_death_date, implausible_death_date or contradicted_death_date (the death was not used).",
            key=True,
        ),
    ),
)
EXPECTATIONS = Frame(
    "expectations",
    "one row a check of a received table",
    (
        TABLE_NAME,
        Column(
            "precedence",
            COUNT,
            "Place among the checks of the table, from 1: of those that a row breaks the first is its reason.",
            key=True,
        ),
        Column("expectation", TEXT, "What it asks."),
        Column("action", TEXT, "What it does where it fails: reject (the row) or stop (the run)."),
        Column("reason", TEXT, "Reason code."),
        Column("rows_failed", COUNT, "Rows that break it; 1 where a check fails that stops the run."),
        Column("passed", FLAG, "Whether none does."),
    ),
)
ACCOUNT = (
    REJECTS,
    CONSERVATION,
    SOURCE_ROWS,
    UNLISTED,
    MATCHED,
    UNKNOWN_DOSES,
    UNREAD_TEXTS,
    IMPLAUSIBLE_LIMITS,
    ROW_NOTES,
    EXPECTATIONS,
)

# A table of audit.duckdb alone: what every Parquet file carries as metadata.
ABOUT = Frame(
    "about",
    "one row a word that the release says of itself",
    (
        Column("name", TEXT, "What is said: as-of date, guideline, edition and the like.", key=True),
        Column("value", TEXT, "What it is."),
    ),
)
