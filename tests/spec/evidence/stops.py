"""Evidence of STP-01 to STP-03: the triggers, what pairs with them, and the last dose after each."""

from tests.spec.evidence.proven import proves

proves(
    "STP-01",
    "no_trigger",
    """
    day | what    | value  | id
        | without | monitoring |
    0   | alt     | 190    | before
    30  | alt     | 150    | lower
    60  | ast     | 180/45 | further from its limit
    61  | alt     | 160    | highest
    62  | ast     | 160    | as high
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    highest    | 60  | ast          | 180   | 225   | 4     | 4   | lab further from its limit
    highest    | 61  | alt          | 160   | 200   | 4     | 4   | lab highest
    highest    | 62  | ast          | 160   | 200   | 4     | 4   | lab as high
    window_end | 0   | azathioprine | 50    |       |       |     | drug
    """,
)
proves(
    "STP-01",
    "no_trigger",
    """
    day   | what         | value          | id
          | without      | restart, monitoring |
    0..90 | azathioprine | 50 mg explicit | last
    91    | alt          | 100            | highest
    92    | alt          | 300            | off the drug
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    highest    | 91  | alt          | 100   | 200   | 2.5   | 2.5 | lab highest
    window_end | 0   | azathioprine | 50    |       |       |     | drug last
    """,
    title="off the drug",
)
proves(
    "STP-01",
    "censored_value",
    """
    day | what | value | id
        | without | baseline |
    100 | alt  | >150  | open
    100 | ast  | <=199 | below for certain
    """,
    """
    role     | day | what         | value | limit | x uln | x e  | source
    response | 0   | azathioprine | 50    |       |       |      | drug
    trigger  | 100 | alt          | >150  | 200   | 3.75  | 3.75 | lab open
    """,
)
proves(
    "STP-01",
    "too_early",
    """
    day        | what         | value          | id
               | without      | restart, monitoring, baseline |
    -900..106  | observed     |                |
    -430, -420, -410 | alt | 110            |
    0..50      | azathioprine | 50 mg          | first
    51..100    | azathioprine | 50 mg explicit | last
    100        | alt          | 500            | by the absolute limit
    100        | ast          | 200            | by the multiple
    100        | alt          | 499            | lower than both
    """,
    """
    role     | day  | what         | value | limit | x uln | x e   | source
    baseline | -410 | alt          | 110   |       | 2.75  | 1     | lab
    baseline | -420 | alt          | 110   |       | 2.75  | 1     | lab
    baseline | -430 | alt          | 110   |       | 2.75  | 1     | lab
    response | 51   | azathioprine | 50    |       |       |       | drug last
    trigger  | 100  | alt          | 500   | 500   | 12.5  | 4.545 | lab by the absolute limit
    trigger  | 100  | ast          | 200   | 200   | 5     | 5     | lab by the multiple
    """,
)
proves(
    "STP-01",
    "not_stopped",
    """
    day        | what         | value          | id
               | without      | baseline, restart, monitoring |
    0..50      | azathioprine | 50 mg          | first
    51..104    | azathioprine | 50 mg          | runs on
    100..104   | azathioprine | 50 mg product=B| second tablet
    113..200   | azathioprine | 50 mg explicit | taken up again
    100        | alt          | 200            | trigger
    150        | alt          | 520/120        | second
    0          | alt          | 600            | on the restart
    110        | alt          | 600            | off the drug
    """,
    """
    role     | day | what         | value | limit | x uln | x e   | source
    response | 100 | azathioprine | 50    |       |       |       | drug second tablet
    response | 113 | azathioprine | 50    |       |       |       | drug taken up again
    response | 51  | azathioprine | 50    |       |       |       | drug runs on
    trigger  | 100 | alt          | 200   | 200   | 5     | 5     | lab trigger
    trigger  | 150 | alt          | 520   | 500   | 4.333 | 4.333 | lab second
    """,
)
proves(
    "STP-01",
    "stopped",
    """
    day        | what         | value          | id
               | without      | restart, monitoring, baseline |
    -430, -420, -410 | alt   | 60             |
    -430, -420, -410 | ast   | 20             |
    -430, -420, -410 | bilirubin_total | 0.6 |
    0..97      | azathioprine | 50 mg          | first
    98..103    | azathioprine | 50 mg explicit | last
    100        | alt          | 300            | alt
    100        | ast          | 199            | ast
    """,
    """
    role     | day  | what         | value | limit | x uln | x e | source
    baseline | -410 | alt          | 60    |       | 1.5   | 1   | lab
    baseline | -410 | ast          | 20    |       | 0.5   | 0.5 | lab
    baseline | -420 | alt          | 60    |       | 1.5   | 1   | lab
    baseline | -420 | ast          | 20    |       | 0.5   | 0.5 | lab
    baseline | -430 | alt          | 60    |       | 1.5   | 1   | lab
    baseline | -430 | ast          | 20    |       | 0.5   | 0.5 | lab
    response | 98   | azathioprine | 50    |       |       |     | drug last
    trigger  | 100  | alt          | 300   | 300   | 7.5   | 5   | lab alt
    """,
)
proves(
    "STP-02",
    "no_trigger",
    """
    day | what             | value  | id
        | without          | monitoring |
    100 | alt              | 130    | highest
    108 | symptom_nausea   |        | too late
    -1  | symptom_nausea   |        | before
    92  | symptom_jaundice |        | too early
    40  | alt              | 119    | lower
    """,
    """
    role       | day | what             | value | limit | x uln | x e  | source
    highest    | 100 | alt              | 130   | 120   | 3.25  | 3.25 | lab highest
    symptom    | 108 | symptom_nausea   |       |       |       |      | event too late
    symptom    | 92  | symptom_jaundice |       |       |       |      | event too early
    window_end | 0   | azathioprine     | 50    |       |       |      | drug
    """,
)
proves(
    "STP-02",
    "no_clinical_events",
    """
    day   | what         | value          | id
          | without      | baseline, restart, monitoring, clinical_events |
    0..90 | azathioprine | 50 mg explicit | last
    0     | alt          | 130            | on the restart
    91    | alt          | 120            | on the last day
    92    | alt          | 200            | off the drug
    60    | ast          | >100           | open
    60    | alt          | 119            | below
    """,
    """
    role    | day | what | value | limit | x uln | x e | source
    trigger | 60  | ast  | >100  | 120   | 2.5   | 2.5 | lab open
    trigger | 91  | alt  | 120   | 120   | 3     | 3   | lab on the last day
    """,
)
proves(
    "STP-02",
    "censored_value",
    """
    day | what           | value | id
        | without | baseline |
    100 | alt            | >100  | open
    107 | symptom_nausea |       | nausea
    """,
    """
    role     | day | what           | value | limit | x uln | x e | source
    response | 0   | azathioprine   | 50    |       |       |     | drug
    symptom  | 107 | symptom_nausea |       |       |       |     | event nausea
    trigger  | 100 | alt            | >100  | 120   | 2.5   | 2.5 | lab open
    """,
)
proves(
    "STP-02",
    "too_early",
    """
    day       | what            | value          | id
              | without         | baseline, restart, monitoring |
    -900..105 | observed        |                |
    0..100    | azathioprine    | 50 mg explicit | last
    94        | alt             | 120            | enzyme
    94        | ast             | 119            | below
    101       | symptom_fatigue |                | symptom
    101       | ast             | 130            | with the symptom
    """,
    """
    role     | day | what            | value | limit | x uln | x e  | source
    response | 0   | azathioprine    | 50    |       |       |      | drug last
    symptom  | 101 | symptom_fatigue |       |       |       |      | event symptom
    trigger  | 101 | ast             | 130   | 120   | 3.25  | 3.25 | lab with the symptom
    trigger  | 94  | alt             | 120   | 120   | 3     | 3    | lab enzyme
    """,
)
proves(
    "STP-02",
    "not_stopped",
    """
    day        | what             | value | id
               | without          | baseline |
    -430, -420, -410 | ast        | 70    |
    100        | ast              | 210   | ast
    100        | alt              | 119   | alt
    93         | symptom_ruq_pain |       | pain
    107        | symptom_fatigue  |       | fatigue
    107        | symptom_jaundice |       | counts for monitoring alone
    108        | symptom_nausea   |       | too late
    """,
    """
    role     | day  | what             | value | limit | x uln | x e | source
    baseline | -410 | ast              | 70    |       | 1.75  | 1   | lab
    baseline | -420 | ast              | 70    |       | 1.75  | 1   | lab
    baseline | -430 | ast              | 70    |       | 1.75  | 1   | lab
    response | 0    | azathioprine     | 50    |       |       |     | drug
    symptom  | 107  | symptom_fatigue  |       |       |       |     | event fatigue
    symptom  | 93   | symptom_ruq_pain |       |       |       |     | event pain
    trigger  | 100  | ast              | 210   | 210   | 5.25  | 3   | lab ast
    """,
    stop_symptoms=["fatigue", "nausea", "ruq_pain"],
)
proves(
    "STP-02",
    "stopped",
    """
    day        | what            | value          | id
               | without         | baseline, restart, monitoring |
    0..90      | azathioprine    | 50 mg          | first
    91..103    | azathioprine    | 50 mg explicit | last
    100        | alt             | 130            | enzyme
    100        | symptom_fatigue |                | symptom
    """,
    """
    role     | day | what            | value | limit | x uln | x e  | source
    response | 91  | azathioprine    | 50    |       |       |      | drug last
    symptom  | 100 | symptom_fatigue |       |       |       |      | event symptom
    trigger  | 100 | alt             | 130   | 120   | 3.25  | 3.25 | lab enzyme
    """,
)
proves(
    "STP-03",
    "no_trigger",
    """
    day   | what            | value   | id
          | without         | monitoring |
    100   | alt             | 130     | highest
    108   | bilirubin_total | 3       | highest bilirubin
    50    | bilirubin_total | 3/1.3   | lower on its scale
    0     | bilirubin_total | 9       | before
    """,
    """
    role       | day | what            | value | limit | x uln | x e  | source
    highest    | 100 | alt             | 130   | 80    | 3.25  | 3.25 | lab highest
    highest    | 108 | bilirubin_total | 3     | 2.4   | 2.5   | 2.5  | lab highest bilirubin
    window_end | 0   | azathioprine    | 50    |       |       |      | drug
    """,
)
proves(
    "STP-03",
    "censored_value",
    """
    day | what            | value | id
        | without | baseline |
    100 | alt             | 90    | enzyme
    93  | bilirubin_total | >2    | open
    93  | bilirubin_total | <2    | below for certain
    """,
    """
    role      | day | what            | value | limit | x uln | x e   | source
    bilirubin | 93  | bilirubin_total | >2    | 2.4   | 1.667 | 1.667 | lab open
    response  | 0   | azathioprine    | 50    |       |       |       | drug
    trigger   | 100 | alt             | 90    | 80    | 2.25  | 2.25  | lab enzyme
    """,
)
proves(
    "STP-03",
    "too_early",
    """
    day       | what            | value          | id
              | without         | baseline, restart, monitoring |
    -900..105 | observed        |                |
    0..100    | azathioprine    | 50 mg explicit | last
    94        | alt             | 80             | enzyme
    94        | ast             | 79             | below
    101       | bilirubin_total | 2.4            | bilirubin
    101       | bilirubin_total | 2.39           | bilirubin below
    """,
    """
    role      | day | what            | value | limit | x uln | x e | source
    bilirubin | 101 | bilirubin_total | 2.4   | 2.4   | 2     | 2   | lab bilirubin
    response  | 0   | azathioprine    | 50    |       |       |     | drug last
    trigger   | 94  | alt             | 80    | 80    | 2     | 2   | lab enzyme
    """,
)
proves(
    "STP-03",
    "not_stopped",
    """
    day              | what            | value | id
                     | without         | baseline |
    -430, -420, -410 | alt             | 70    |
    -430, -420, -410 | bilirubin_total | 2     |
    100              | alt             | 140   | alt
    100              | ast             | 80    | ast
    107              | bilirubin_total | 4     | bilirubin
    108              | bilirubin_total | 5     | too late
    """,
    """
    role      | day  | what            | value | limit | x uln | x e | source
    baseline  | -410 | alt             | 70    |       | 1.75  | 1   | lab
    baseline  | -410 | bilirubin_total | 2     |       | 1.667 | 1   | lab
    baseline  | -420 | alt             | 70    |       | 1.75  | 1   | lab
    baseline  | -420 | bilirubin_total | 2     |       | 1.667 | 1   | lab
    baseline  | -430 | alt             | 70    |       | 1.75  | 1   | lab
    baseline  | -430 | bilirubin_total | 2     |       | 1.667 | 1   | lab
    bilirubin | 107  | bilirubin_total | 4     | 4     | 3.333 | 2   | lab bilirubin
    response  | 0    | azathioprine    | 50    |       |       |     | drug
    trigger   | 100  | alt             | 140   | 140   | 3.5   | 2   | lab alt
    trigger   | 100  | ast             | 80    | 80    | 2     | 2   | lab ast
    """,
)
proves(
    "STP-03",
    "stopped",
    """
    day        | what            | value          | id
               | without         | restart, monitoring |
    0..90      | azathioprine    | 50 mg          | first
    91..103    | azathioprine    | 50 mg explicit | last
    100        | alt             | 90             | enzyme
    100        | bilirubin_total | 2.6/1.3        | bilirubin
    """,
    """
    role      | day  | what            | value | limit | x uln | x e  | source
    baseline  | -410 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline  | -410 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline  | -410 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    baseline  | -420 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline  | -420 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline  | -420 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    baseline  | -430 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline  | -430 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline  | -430 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    bilirubin | 100  | bilirubin_total | 2.6   | 2.6   | 2     | 2    | lab bilirubin
    response  | 91   | azathioprine    | 50    |       |       |      | drug last
    trigger   | 100  | alt             | 90    | 80    | 2.25  | 2.25 | lab enzyme
    """,
)
