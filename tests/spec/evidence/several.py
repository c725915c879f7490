"""Evidence of more than one row: none is dropped for another, and what is of another finding stays out."""

from tests.spec.evidence.proven import proves

proves(
    "RST-06",
    "not_moderate",
    """
    day | what | value | id
    -33 | alt  | >440  | severe
    -32 | ast  | >300  | may be severe
    -31 | ast  | <150  | not moderate
    """,
    """
    role     | day | what | value | limit | x uln | x e | source
    censored | -32 | ast  | >300  | 400   | 7.5   | 7.5 | lab may be severe
    censored | -33 | alt  | >440  | 400   | 11    | 11  | lab severe
    peak     | -33 | alt  | >440  | 400   | 11    | 11  | lab severe
    """,
    title="censored values",
)
proves(
    "RST-07",
    "severe",
    """
    day | what | value | id
    -33 | alt  | >400  | first
    -32 | ast  | >420  | peak
    -31 | ast  | >300  | may be
    """,
    """
    role     | day | what | value | limit | x uln | x e  | source
    censored | -31 | ast  | >300  | 400   | 7.5   | 7.5  | lab may be
    censored | -32 | ast  | >420  | 400   | 10.5  | 10.5 | lab peak
    censored | -33 | alt  | >400  | 400   | 10    | 10   | lab first
    peak     | -32 | ast  | >420  | 400   | 10.5  | 10.5 | lab peak
    """,
    title="censored values",
)
proves(
    "RST-08",
    "no_clinical_events",
    """
    day      | what            | value | id
             | without         | clinical_events |
    -34      | inr             | 1.5   | raised
    -34      | bilirubin_total | 2.3   | low
    -33      | bilirubin_total | 2.2   | lower
    -20      | inr             | 1.9   | explained
    -22      | bilirubin_total | 2.1   | near the explained one alone
    -30..-25 | anticoagulant   |       | days before
    -28..-15 | anticoagulant   |       | on the day
    -19..    | anticoagulant   |       | too late
    -5       | inr             | 1.2   | normal
    """,
    """
    role          | day | what            | value | limit | x uln | x e   | source
    anticoagulant | -28 | anticoagulant   |       |       |       |       | drug on the day
    anticoagulant | -30 | anticoagulant   |       |       |       |       | drug days before
    bilirubin     | -33 | bilirubin_total | 2.2   | 2.4   | 1.833 | 1.833 | lab lower
    bilirubin     | -34 | bilirubin_total | 2.3   | 2.4   | 1.917 | 1.917 | lab low
    inr           | -20 | inr             | 1.9   | 1.5   | 1.583 | 1.583 | lab explained
    inr           | -34 | inr             | 1.5   | 1.5   | 1.25  | 1.25  | lab raised
    inr           | -5  | inr             | 1.2   | 1.5   | 1     | 1     | lab normal
    onset         | -35 | alt             | 160   |       | 4     | 4     | lab
    onset         | -35 | ast             | 120   |       | 3     | 3     | lab
    """,
    title="raised",
)
proves(
    "RST-08",
    "inr_and_bilirubin",
    """
    day | what            | value | id
    -20 | inr             | 1.6   | first
    -10 | inr             | >1.4  | perhaps
    -8  | inr             | 1.7   | second
    -15 | bilirubin_total | 2.4   | near all
    -25 | bilirubin_total | >2    | perhaps too
    """,
    """
    role      | day | what            | value | limit | x uln | x e   | source
    bilirubin | -15 | bilirubin_total | 2.4   | 2.4   | 2     | 2     | lab near all
    bilirubin | -25 | bilirubin_total | >2    | 2.4   | 1.667 | 1.667 | lab perhaps too
    inr       | -10 | inr             | >1.4  | 1.5   | 1.167 | 1.167 | lab perhaps
    inr       | -20 | inr             | 1.6   | 1.5   | 1.333 | 1.333 | lab first
    inr       | -8  | inr             | 1.7   | 1.5   | 1.417 | 1.417 | lab second
    """,
    title="several",
)
DOSES = """
    day        | what         | value                    | id
               | without      | first course, restart    |
    -400..-31  | azathioprine | 60 mg explicit product=A | one
    -390..-31  | azathioprine | 40 mg explicit product=B | two
    0..        | azathioprine | 100 mg                   | restart
    """
proves(
    "RST-03",
    "not_lower",
    DOSES,
    """
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -390 | azathioprine | 40    |       |       |     | drug two
    dose_before  | -400 | azathioprine | 60    |       |       |     | drug one
    dose_restart | 0    | azathioprine | 100   | 99    |       |     | drug restart
    """,
    title="two records",
)
proves(
    "RST-04",
    "same_dose",
    DOSES,
    """
    role          | day  | what         | value | limit | x uln | x e | source
    dose_at_onset | -390 | azathioprine | 40    |       |       |     | drug two
    dose_at_onset | -400 | azathioprine | 60    |       |       |     | drug one
    dose_restart  | 0    | azathioprine | 100   | 99    |       |     | drug restart
    onset         | -35  | alt          | 160   |       | 4     | 4   | lab
    onset         | -35  | ast          | 120   |       | 3     | 3   | lab
    """,
    title="two records",
)
proves(
    "RST-03",
    "ambiguous_orders",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-42  | azathioprine | 100 mg          | shortest
    -400..-40  | azathioprine | 100 mg          | shorter
    -400..-31  | azathioprine | 100 mg explicit | before
    0..        | azathioprine | 50 mg           | restart
    """,
    """
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -400 | azathioprine | 100   |       |       |     | drug before
    dose_restart | 0    | azathioprine | 50    |       |       |     | drug restart
    same_order   | -400 | azathioprine | 100   |       |       |     | drug shorter
    same_order   | -400 | azathioprine | 100   |       |       |     | drug shortest
    """,
    title="written three times",
)
# Five runs of one course, each with a trigger of one form.
RUNS = """
    day        | what            | value                    | id
               | without         | baseline, restart, monitoring |
    0..50      | azathioprine    | 50 mg                    | first run
    60..110    | azathioprine    | 50 mg                    | second run
    120..170   | azathioprine    | 50 mg                    | third run
    180..230   | azathioprine    | 50 mg                    | fourth run
    240..290   | azathioprine    | 50 mg explicit           | fifth run
    270..290   | azathioprine    | 25 mg explicit product=B | ends with it
    40         | alt             | 200                      | five times
    100        | alt             | 120                      | three times
    100        | symptom_nausea  |                          | nausea
    160        | ast             | 120                      | three times again
    160        | symptom_fatigue |                          | fatigue
    220        | alt             | 80                       | twice
    220        | bilirubin_total | 2.4                      | yellow
    280        | alt             | 80                       | twice again
    281        | bilirubin_total | 2.4                      | yellow again
    """
proves(
    "STP-01",
    "not_stopped",
    RUNS,
    """
    role     | day | what         | value | limit | x uln | x e | source
    response | 0   | azathioprine | 50    |       |       |     | drug first run
    trigger  | 40  | alt          | 200   | 200   | 5     | 5   | lab five times
    """,
    title="among others",
)
proves(
    "STP-02",
    "not_stopped",
    RUNS,
    """
    role     | day | what            | value | limit | x uln | x e | source
    response | 120 | azathioprine    | 50    |       |       |     | drug third run
    response | 60  | azathioprine    | 50    |       |       |     | drug second run
    symptom  | 100 | symptom_nausea  |       |       |       |     | event nausea
    symptom  | 160 | symptom_fatigue |       |       |       |     | event fatigue
    trigger  | 100 | alt             | 120   | 120   | 3     | 3   | lab three times
    trigger  | 160 | ast             | 120   | 120   | 3     | 3   | lab three times again
    """,
    title="among others",
)
proves(
    "STP-03",
    "not_stopped",
    RUNS,
    """
    role      | day | what            | value | limit | x uln | x e | source
    bilirubin | 220 | bilirubin_total | 2.4   | 2.4   | 2     | 2   | lab yellow
    bilirubin | 281 | bilirubin_total | 2.4   | 2.4   | 2     | 2   | lab yellow again
    response  | 180 | azathioprine    | 50    |       |       |     | drug fourth run
    response  | 240 | azathioprine    | 50    |       |       |     | drug fifth run
    response  | 270 | azathioprine    | 25    |       |       |     | drug ends with it
    trigger   | 220 | alt             | 80    | 80    | 2     | 2   | lab twice
    trigger   | 280 | alt             | 80    | 80    | 2     | 2   | lab twice again
    """,
    title="among others",
)
proves(
    "STP-04",
    "discontinued",
    RUNS,
    """
    role       | day | what            | value | limit | x uln | x e | source
    bilirubin  | 220 | bilirubin_total | 2.4   | 2.4   | 2     | 2   | lab yellow
    bilirubin  | 281 | bilirubin_total | 2.4   | 2.4   | 2     | 2   | lab yellow again
    recurrence | 100 | alt             | 120   | 120   | 3     | 3   | lab three times
    recurrence | 160 | ast             | 120   | 120   | 3     | 3   | lab three times again
    recurrence | 220 | alt             | 80    | 80    | 2     | 2   | lab twice
    recurrence | 280 | alt             | 80    | 80    | 2     | 2   | lab twice again
    recurrence | 40  | alt             | 200   | 120   | 5     | 5   | lab five times
    response   | 240 | azathioprine    | 50    |       |       |     | drug fifth run
    response   | 270 | azathioprine    | 25    |       |       |     | drug ends with it
    symptom    | 100 | symptom_nausea  |       |       |       |     | event nausea
    symptom    | 160 | symptom_fatigue |       |       |       |     | event fatigue
    """,
    title="of every form",
)
ENDED = """
    day   | what            | value                    | id
          | without         | baseline, restart, monitoring |
    0..90 | azathioprine    | 50 mg explicit           | last
    80..90| azathioprine    | 25 mg explicit product=B | ends with it
    """
proves(
    "STP-02",
    "no_trigger",
    ENDED
    + """
    60    | alt             | 110                      | highest
    70    | ast             | 110                      | as high
    92    | alt             | 119                      | off the drug
    91    | symptom_nausea  |                          | the day after the last dose
    92    | symptom_fatigue |                          | too late
    """,
    """
    role       | day | what           | value | limit | x uln | x e  | source
    highest    | 60  | alt            | 110   | 120   | 2.75  | 2.75 | lab highest
    highest    | 70  | ast            | 110   | 120   | 2.75  | 2.75 | lab as high
    symptom    | 91  | symptom_nausea |       |       |       |      | event the day after the last dose
    window_end | 0   | azathioprine   | 50    |       |       |      | drug last
    window_end | 80  | azathioprine   | 25    |       |       |      | drug ends with it
    """,
    title="off the drug",
)
proves(
    "STP-03",
    "no_trigger",
    ENDED
    + """
    60    | alt             | 70                       | highest
    61    | ast             | 70                       | as high
    92    | alt             | 79                       | off the drug
    50    | bilirubin_total | 2                        | highest bilirubin
    51    | bilirubin_total | 2                        | as high a bilirubin
    92    | bilirubin_total | 9                        | bilirubin off the drug
    """,
    """
    role       | day | what            | value | limit | x uln | x e   | source
    highest    | 50  | bilirubin_total | 2     | 2.4   | 1.667 | 1.667 | lab highest bilirubin
    highest    | 51  | bilirubin_total | 2     | 2.4   | 1.667 | 1.667 | lab as high a bilirubin
    highest    | 60  | alt             | 70    | 80    | 1.75  | 1.75  | lab highest
    highest    | 61  | ast             | 70    | 80    | 1.75  | 1.75  | lab as high
    window_end | 0   | azathioprine    | 50    |       |       |       | drug last
    window_end | 80  | azathioprine    | 25    |       |       |       | drug ends with it
    """,
    title="off the drug",
)
proves(
    "STP-05",
    "not_repeated",
    ENDED + "80 | alt | 60 | alt\n80 | ast | 70 | ast",
    """
    role     | day | what         | value | limit | x uln | x e  | source
    lookback | 80  | alt          | 60    | 40    | 1.5   | 1.5  | lab alt
    lookback | 80  | ast          | 70    | 40    | 1.75  | 1.75 | lab ast
    response | 0   | azathioprine | 50    |       |       |      | drug last
    response | 80  | azathioprine | 25    |       |       |      | drug ends with it
    """,
    title="two records",
)
proves(
    "STP-06",
    "followed_up",
    ENDED
    + """
    84    | symptom_fatigue |                          | fatigue
    84    | symptom_nausea  |                          | nausea
    85    | alt             | 60                       | alt
    85    | ast             | 70                       | ast
    88    | alt             | 30                       | next alt
    88    | ast             | 31                       | next ast
    """,
    """
    role      | day | what            | value | limit | x uln | x e   | source
    draw      | 85  | alt             | 60    | 40    | 1.5   | 1.5   | lab alt
    draw      | 85  | ast             | 70    | 40    | 1.75  | 1.75  | lab ast
    follow_up | 88  | alt             | 30    |       | 0.75  | 0.75  | lab next alt
    follow_up | 88  | ast             | 31    |       | 0.775 | 0.775 | lab next ast
    response  | 0   | azathioprine    | 50    |       |       |       | drug last
    response  | 80  | azathioprine    | 25    |       |       |       | drug ends with it
    symptom   | 84  | symptom_fatigue |       |       |       |       | event fatigue
    symptom   | 84  | symptom_nausea  |       |       |       |       | event nausea
    """,
    title="by both",
)
