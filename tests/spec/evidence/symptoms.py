"""Evidence of MON-05 and STP-06: symptoms, the draws after them, and what answered those."""

from tests.spec.evidence.proven import proves

proves(
    "MON-05",
    "no_clinical_events",
    """
    day    | what         | value          | id
           | without      | clinical_events, restart, monitoring |
    0..20  | azathioprine | 50 mg          | first
    21..90 | azathioprine | 50 mg explicit | last
    """,
    """
    role         | day | what         | value | limit | x uln | x e | source
    window_end   | 21  | azathioprine | 50    |       |       |     | drug last
    window_start | 0   | azathioprine | 50    |       |       |     | drug first
    """,
)
proves(
    "MON-05",
    "no_symptom",
    """
    day    | what           | value          | id
           | without        | restart, monitoring |
    0..20  | azathioprine   | 50 mg          | first
    21..90 | azathioprine   | 50 mg explicit | last
    0      | symptom_nausea |                | on the restart
    91     | symptom_nausea |                | off the drug
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    window_end | 21  | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "MON-05",
    "observation_ended",
    """
    day       | what           | value | id
              | without        | monitoring |
    -900..102 | observed       |       |
    100       | symptom_nausea |       | nausea
    """,
    """
    role    | day | what           | value | limit | x uln | x e | source
    symptom | 100 | symptom_nausea |       |       |       |     | event nausea
    """,
)
proves(
    "MON-05",
    "tested_late_or_never",
    """
    day | what             | value | id
        | without          | monitoring |
    50  | symptom_fatigue  |       | first
    49  | alt              | 30    | before
    58  | alt              | 99    | eight days later
    58  | ast              | 30    | with it
    59  | alt              | 30    | another
    200 | symptom_jaundice |       | never tested
    """,
    """
    role    | day | what             | value | limit | x uln | x e   | source
    draw    | 58  | alt              | 99    |       | 2.475 | 2.475 | lab eight days later
    draw    | 58  | ast              | 30    |       | 0.75  | 0.75  | lab with it
    symptom | 200 | symptom_jaundice |       |       |       |       | event never tested
    symptom | 50  | symptom_fatigue  |       |       |       |       | event first
    """,
)
proves(
    "MON-05",
    "tested_soon",
    """
    day | what             | value | id
        | without          | monitoring |
    50  | symptom_fatigue  |       | first
    57  | symptom_nausea   |       | of the same episode
    80  | symptom_fatigue  |       | not new
    54  | alt              | 30    | the draw
    60  | alt              | 30    | another
    """,
    """
    role    | day | what            | value | limit | x uln | x e  | source
    draw    | 54  | alt             | 30    |       | 0.75  | 0.75 | lab the draw
    symptom | 50  | symptom_fatigue |       |       |       |      | event first
    symptom | 57  | symptom_nausea  |       |       |       |      | event of the same episode
    """,
)
proves(
    "MON-05",
    "tested_at_once",
    """
    day | what             | value | id
        | without          | monitoring |
    50  | symptom_fatigue  |       | first
    50  | ast              | 30    | the same day
    58  | symptom_fatigue  |       | not new
    58  | symptom_nausea   |       | second
    61  | alt              | 30    | three days later
    """,
    """
    role    | day | what            | value | limit | x uln | x e  | source
    draw    | 50  | ast             | 30    |       | 0.75  | 0.75 | lab the same day
    draw    | 61  | alt             | 30    |       | 0.75  | 0.75 | lab three days later
    symptom | 50  | symptom_fatigue |       |       |       |      | event first
    symptom | 58  | symptom_nausea  |       |       |       |      | event second
    """,
)
proves(
    "STP-06",
    "no_clinical_events",
    """
    day    | what         | value          | id
           | without      | clinical_events, restart, monitoring |
    0..20  | azathioprine | 50 mg          | first
    21..90 | azathioprine | 50 mg explicit | last
    """,
    """
    role         | day | what         | value | limit | x uln | x e | source
    window_end   | 21  | azathioprine | 50    |       |       |     | drug last
    window_start | 0   | azathioprine | 50    |       |       |     | drug first
    """,
)
proves(
    "STP-06",
    "no_modest_rise",
    """
    day    | what            | value          | id
           | without         | restart, monitoring |
    0..90  | azathioprine    | 50 mg explicit | last
    20     | symptom_fatigue |                | first
    21     | alt             | 40             | not raised
    40     | symptom_nausea  |                | second
    43     | alt             | 120            | too high
    43     | ast             | 60             | with it
    60     | symptom_jaundice|                | third
    64     | alt             | 60             | too late
    """,
    """
    role       | day | what             | value | limit | x uln | x e | source
    draw       | 21  | alt              | 40    | 40    | 1     | 1   | lab not raised
    draw       | 43  | alt              | 120   | 120   | 3     | 3   | lab too high
    draw       | 43  | ast              | 60    | 40    | 1.5   | 1.5 | lab with it
    draw       | 64  | alt              | 60    | 40    | 1.5   | 1.5 | lab too late
    symptom    | 20  | symptom_fatigue  |       |       |       |     | event first
    symptom    | 40  | symptom_nausea   |       |       |       |     | event second
    symptom    | 60  | symptom_jaundice |       |       |       |     | event third
    window_end | 0   | azathioprine     | 50    |       |       |     | drug last
    """,
)
proves(
    "STP-06",
    "censored_value",
    """
    day    | what            | value          | id
           | without         | restart, monitoring |
    0..    | azathioprine    | 50 mg          | restart
    20     | symptom_fatigue |                | first
    21     | alt             | >60            | open
    35     | ast             | 30             | next
    """,
    """
    role      | day | what            | value | limit | x uln | x e  | source
    draw      | 21  | alt             | >60   | 120   | 1.5   | 1.5  | lab open
    follow_up | 35  | ast             | 30    |       | 0.75  | 0.75 | lab next
    symptom   | 20  | symptom_fatigue |       |       |       |      | event first
    """,
)
proves(
    "STP-06",
    "observation_ended",
    """
    day       | what            | value | id
              | without         | monitoring |
    -900..107 | observed        |       |
    100       | symptom_fatigue |       | symptom
    101       | alt             | 60    | draw
    """,
    """
    role    | day | what            | value | limit | x uln | x e | source
    draw    | 101 | alt             | 60    | 40    | 1.5   | 1.5 | lab draw
    symptom | 100 | symptom_fatigue |       |       |       |     | event symptom
    """,
)
proves(
    "STP-06",
    "not_followed_up",
    """
    day              | what            | value | id
                     | without         | monitoring, baseline |
    -430, -420, -410 | ast             | 60    |
    20               | symptom_nausea  |       | not modest
    20               | alt             | 30    | not raised
    22               | alt             | 30    | soon after
    100              | symptom_fatigue |       | symptom
    103              | ast             | 179   | draw
    103              | alt             | 30    | with it
    111              | alt             | 30    | too late
    """,
    """
    role      | day | what            | value | limit | x uln | x e   | source
    draw      | 103 | alt             | 30    | 40    | 0.75  | 0.75  | lab with it
    draw      | 103 | ast             | 179   | 60    | 4.475 | 2.983 | lab draw
    follow_up | 111 | alt             | 30    |       | 0.75  | 0.75  | lab too late
    symptom   | 100 | symptom_fatigue |       |       |       |       | event symptom
    """,
)
proves(
    "STP-06",
    "followed_up",
    """
    day    | what            | value | id
           | without         | monitoring |
    100    | symptom_fatigue |       | symptom
    101    | alt             | 60    | draw
    108    | ast             | 30    | follow up
    109    | ast             | 30    | another
    """,
    """
    role      | day | what            | value | limit | x uln | x e  | source
    draw      | 101 | alt             | 60    | 40    | 1.5   | 1.5  | lab draw
    follow_up | 108 | ast             | 30    |       | 0.75  | 0.75 | lab follow up
    symptom   | 100 | symptom_fatigue |       |       |       |      | event symptom
    """,
    title="by a draw",
)
proves(
    "STP-06",
    "followed_up",
    """
    day     | what            | value          | id
            | without         | restart, monitoring |
    0..20   | azathioprine    | 50 mg          | first
    21..108 | azathioprine    | 50 mg explicit | last
    100     | symptom_fatigue |                | symptom
    101     | alt             | 60             | draw
    """,
    """
    role     | day | what            | value | limit | x uln | x e | source
    draw     | 101 | alt             | 60    | 40    | 1.5   | 1.5 | lab draw
    response | 21  | azathioprine    | 50    |       |       |     | drug last
    symptom  | 100 | symptom_fatigue |       |       |       |     | event symptom
    """,
    title="by the stop",
)
