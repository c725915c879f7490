"""The closed word lists of the audit, each in one place; the words of a guideline are its edition's."""

# A verdict further left wins, and a null on the way to one is `indeterminate`, never a pass.
VERDICTS = ("not_applicable", "indeterminate", "violation", "advisory", "pass")
RANKS = {"pass": 0, "indeterminate": 1, "advisory": 2, "violation": 3}  # the worst of several counts
GRAVEST_FIRST = ("violation", "advisory", "indeterminate", "pass", "not_applicable")  # as people are told them
GRAVITY = {**RANKS, "not_applicable": RANKS["pass"]}  # of any verdict, for comparing two

REFERENCE_MODES = ("effective", "literal")  # what E is: see `baseline_reference_mode`

CHANGES_OF_A_FINDING = ("new", "raised", "lowered", "moved", "gone")
# What changed a finding since the release before; the news are judged in the order of `audit/changes/rows.py`.
CAUSES = (
    "edition",
    "edition_or_data",
    "feed",
    "patient_gone",
    "corrected",
    "late",
    "time",
    "fresh",
    "unexplained",
)

URGENCIES = ("act_now", "lapsing", "review", "open", "past")  # the gravest first

MARKS = ("seen", "accepted", "not_an_error", "acted")  # what people say of a finding
FOLDING = ("accepted", "not_an_error")  # those that fold it away until it changes

BREAK_CLASSES = (
    "episode",
    "unobserved",
    "new_start",
    "documented_without_lab",
    "no_elevation",
    "short_interruption",
    "thiopurine_switch",
)
COURSE_ENDS = ("ongoing", "discharge", "explicit", "supply")  # how a course ends: the first that holds
LIVER_REASONS = ("hepatotoxicity", "abnormal_lft")  # reasons to stop that are the liver's

WORKUP = {
    "hepatitis_b": ("hbsag", "anti_hbc", "hbv_dna"),
    "hepatitis_c": ("anti_hcv", "hcv_rna"),
    "autoimmune": ("ana", "sma", "igg"),
    "imaging": ("liver_ultrasound", "liver_ct_mri"),
}
SEROLOGIES = (*WORKUP["hepatitis_b"], *WORKUP["hepatitis_c"], *WORKUP["autoimmune"])
DECOMPENSATION = (
    "hepatic_decompensation",
    "ascites",
    "hepatic_encephalopathy",
    "variceal_bleed",
    "hepatorenal",
    "spontaneous_bacterial_peritonitis",
    "hepatic_failure",
)
INDICATIONS = ("autoimmune_hepatitis", "ibd", "rheumatoid_arthritis", "sle", "transplant")
