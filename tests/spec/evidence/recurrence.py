"""Evidence of STP-04 and STP-05: recurrences, and the mild rises before a stop."""

from tests.spec.evidence.proven import proves

proves(
    "STP-04",
    "no_recurrence",
    """
    day     | what         | value          | id
            | without      | restart, monitoring |
    0..90   | azathioprine | 50 mg explicit | last
    50      | alt          | 100            | lower
    120     | ast          | 110            | highest
    121     | alt          | 300            | too late
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    highest    | 120 | ast          | 110   | 120   | 2.75  | 2.75 | lab highest
    window_end | 0   | azathioprine | 50    |       |       |      | drug last
    """,
)
proves(
    "STP-04",
    "censored_value",
    """
    day     | what            | value          | id
            | without         | monitoring     |
    100     | alt             | >110           | open
    100     | ast             | <120           | below for certain
    """,
    """
    role       | day  | what         | value | limit | x uln | x e  | source
    baseline   | -410 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -410 | ast          | 22    |       | 0.55  | 0.55 | lab
    baseline   | -420 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -420 | ast          | 22    |       | 0.55  | 0.55 | lab
    baseline   | -430 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -430 | ast          | 22    |       | 0.55  | 0.55 | lab
    recurrence | 100  | alt          | >110  | 120   | 2.75  | 2.75 | lab open
    response   | 0    | azathioprine | 50    |       |       |      | drug
    """,
)
proves(
    "STP-04",
    "decision_not_due",
    """
    day       | what            | value    | id
              | without         | monitoring, baseline |
    -900..110 | observed        |          |
    100       | alt             | 90       | enzyme
    100       | ast             | 79       | below
    97        | bilirubin_total | 2.4      | bilirubin
    97        | bilirubin_total | 2.3      | lower
    105       | symptom_nausea  |          | no trigger
    """,
    """
    role       | day | what            | value | limit | x uln | x e  | source
    bilirubin  | 97  | bilirubin_total | 2.4   | 2.4   | 2     | 2    | lab bilirubin
    recurrence | 100 | alt             | 90    | 80    | 2.25  | 2.25 | lab enzyme
    response   | 0   | azathioprine    | 50    |       |       |      | drug
    """,
    title="by its bilirubin",
)
proves(
    "STP-04",
    "third_exposure",
    """
    day              | what           | value           | id
                     | without        | restart, monitoring, baseline |
    -430, -420, -410 | ast            | 190             |
    0..60            | azathioprine   | 50 mg           | first
    61..90           | azathioprine   | 50 mg explicit  | last
    91..120          | mercaptopurine |                 | another drug
    150..160         | azathioprine   | 50 mg           | third
    150..155         | azathioprine   | 50 mg product=B | with it
    165..            | azathioprine   | 50 mg           | goes on
    50               | ast            | 500/70          | by the absolute limit
    70               | alt            | 120             | by the multiple
    72               | symptom_nausea |                 | the symptom
    72               | alt            | 99              | below
    100              | alt            | 130             | after the last dose
    150              | alt            | 130             | in the third course
    """,
    """
    role           | day  | what           | value | limit | x uln | x e   | source
    baseline       | -410 | ast            | 190   |       | 4.75  | 1     | lab
    baseline       | -420 | ast            | 190   |       | 4.75  | 1     | lab
    baseline       | -430 | ast            | 190   |       | 4.75  | 1     | lab
    recurrence     | 100  | alt            | 130   | 120   | 3.25  | 3.25  | lab after the last dose
    recurrence     | 50   | ast            | 500   | 500   | 7.143 | 2.632 | lab by the absolute limit
    recurrence     | 70   | alt            | 120   | 120   | 3     | 3     | lab by the multiple
    response       | 61   | azathioprine   | 50    |       |       |       | drug last
    symptom        | 72   | symptom_nausea |       |       |       |       | event the symptom
    third_exposure | 150  | azathioprine   | 50    |       |       |       | drug third
    third_exposure | 150  | azathioprine   | 50    |       |       |       | drug with it
    """,
    baseline_max_x_uln=5.0,
)
proves(
    "STP-04",
    "continued",
    """
    day       | what            | value    | id
              | without         | monitoring, baseline |
    100       | alt             | 130      | enzyme
    200       | ast             | 250      | second
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    recurrence | 100 | alt          | 130   | 120   | 3.25  | 3.25 | lab enzyme
    recurrence | 200 | ast          | 250   | 120   | 6.25  | 6.25 | lab second
    response   | 0   | azathioprine | 50    |       |       |      | drug
    """,
)
proves(
    "STP-04",
    "discontinued",
    """
    day       | what            | value          | id
              | without         | restart, monitoring |
    0..90     | azathioprine    | 50 mg explicit | last
    120       | alt             | 130            | thirty days later
    121       | alt             | 130            | too late
    """,
    """
    role       | day  | what         | value | limit | x uln | x e  | source
    baseline   | -410 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -410 | ast          | 22    |       | 0.55  | 0.55 | lab
    baseline   | -420 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -420 | ast          | 22    |       | 0.55  | 0.55 | lab
    baseline   | -430 | alt          | 24    |       | 0.6   | 0.6  | lab
    baseline   | -430 | ast          | 22    |       | 0.55  | 0.55 | lab
    recurrence | 120  | alt          | 130   | 120   | 3.25  | 3.25 | lab thirty days later
    response   | 0    | azathioprine | 50    |       |       |      | drug last
    """,
)
proves(
    "STP-05",
    "no_such_stop",
    """
    day     | what            | value | id
            | without         | monitoring |
    290     | alt             | 60    | before the end of observation
    """,
    """
    role     | day | what         | value | limit | x uln | x e | source
    response | 0   | azathioprine | 50    |       |       |     | drug
    """,
    title="goes on",
)
proves(
    "STP-05",
    "no_such_stop",
    """
    day     | what            | value          | id
            | without         | restart, monitoring |
    0..20   | azathioprine    | 50 mg          | first
    21..199 | azathioprine    | 50 mg explicit | last
    169     | alt             | 300            | too early
    170     | alt             | 60             | first day
    185     | ast             | 210            | at the multiple
    200     | bilirubin_total | 2.4            | bilirubin
    201     | alt             | 60             | too late
    170     | symptom_nausea  |                | nausea
    200     | symptom_fatigue |                | fatigue
    169     | symptom_fatigue |                | symptom too early
    201     | symptom_jaundice|                | symptom too late
    """,
    """
    role     | day | what            | value | limit | x uln | x e  | source
    lookback | 170 | alt             | 60    | 40    | 1.5   | 1.5  | lab first day
    lookback | 185 | ast             | 210   | 200   | 5.25  | 5.25 | lab at the multiple
    lookback | 200 | bilirubin_total | 2.4   | 2.4   | 2     | 2    | lab bilirubin
    response | 21  | azathioprine    | 50    |       |       |      | drug last
    symptom  | 170 | symptom_nausea  |       |       |       |      | event nausea
    symptom  | 200 | symptom_fatigue |       |       |       |      | event fatigue
    """,
    title="more than a mild rise",
)
proves(
    "STP-05",
    "no_such_stop",
    """
    day     | what            | value          | id
            | without         | restart, monitoring |
    0..199  | azathioprine    | 50 mg          | last
    190     | alt             | 60             | raised
    190     | symptom_nausea  |                | nausea
    """,
    """
    role     | day | what         | value | limit | x uln | x e | source
    response | 0   | azathioprine | 50    |       |       |     | drug last
    """,
    title="not ended explicitly",
)
proves(
    "STP-05",
    "no_clinical_events",
    """
    day     | what            | value          | id
            | without         | restart, monitoring, baseline, clinical_events |
    0..199  | azathioprine    | 50 mg explicit | last
    190     | alt             | 60             | raised
    """,
    """
    role     | day | what         | value | limit | x uln | x e | source
    lookback | 190 | alt          | 60    | 40    | 1.5   | 1.5 | lab raised
    response | 0   | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "STP-05",
    "censored_value",
    """
    day              | what            | value          | id
                     | without         | restart, monitoring, baseline |
    -430, -420, -410 | alt             | 110            |
    0..199           | azathioprine    | 50 mg explicit | last
    190              | alt             | >150           | open
    191              | ast             | >150           | open too
    192              | alt             | <110           | not raised
    193              | ast             | <=500          | below the absolute limit or at it
    """,
    """
    role     | day  | what         | value | limit | x uln | x e   | source
    baseline | -410 | alt          | 110   |       | 2.75  | 1     | lab
    baseline | -420 | alt          | 110   |       | 2.75  | 1     | lab
    baseline | -430 | alt          | 110   |       | 2.75  | 1     | lab
    lookback | 190  | alt          | >150  | 500   | 3.75  | 1.364 | lab open
    lookback | 191  | ast          | >150  | 200   | 3.75  | 3.75  | lab open too
    lookback | 192  | alt          | <110  | 110   | 2.75  | 1     | lab not raised
    lookback | 193  | ast          | <=500 | 200   | 12.5  | 12.5  | lab below the absolute limit or at it
    response | 0    | azathioprine | 50    |       |       |       | drug last
    """,
)
proves(
    "STP-05",
    "not_repeated",
    """
    day              | what            | value          | id
                     | without         | restart, monitoring, baseline |
    -430, -420, -410 | ast             | 60             |
    -430, -420, -410 | bilirubin_total | 2              |
    0..20            | azathioprine    | 50 mg explicit | last
    1                | alt             | 30             | not raised
    0                | alt             | 30             | on the restart
    15               | ast             | 65/45          | raised
    15               | bilirubin_total | 3.9            | bilirubin
    """,
    """
    role     | day  | what            | value | limit | x uln | x e   | source
    baseline | -410 | ast             | 60    |       | 1.5   | 1     | lab
    baseline | -410 | bilirubin_total | 2     |       | 1.667 | 1     | lab
    baseline | -420 | ast             | 60    |       | 1.5   | 1     | lab
    baseline | -420 | bilirubin_total | 2     |       | 1.667 | 1     | lab
    baseline | -430 | ast             | 60    |       | 1.5   | 1     | lab
    baseline | -430 | bilirubin_total | 2     |       | 1.667 | 1     | lab
    lookback | 1    | alt             | 30    | 40    | 0.75  | 0.75  | lab not raised
    lookback | 15   | ast             | 65    | 60    | 1.444 | 1.083 | lab raised
    lookback | 15   | bilirubin_total | 3.9   | 4     | 3.25  | 1.95  | lab bilirubin
    response | 0    | azathioprine    | 50    |       |       |       | drug last
    """,
)
proves(
    "STP-05",
    "repeated",
    """
    day     | what            | value          | id
            | without         | restart, monitoring |
    0..199  | azathioprine    | 50 mg explicit | last
    190     | alt             | 60             | raised
    200     | ast             | 30             | repeated
    """,
    """
    role     | day  | what            | value | limit | x uln | x e  | source
    baseline | -410 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline | -410 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline | -410 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    baseline | -420 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline | -420 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline | -420 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    baseline | -430 | alt             | 24    |       | 0.6   | 0.6  | lab
    baseline | -430 | ast             | 22    |       | 0.55  | 0.55 | lab
    baseline | -430 | bilirubin_total | 0.6   |       | 0.5   | 0.5  | lab
    lookback | 190  | alt             | 60    | 40    | 1.5   | 1.5  | lab raised
    lookback | 200  | ast             | 30    | 40    | 0.75  | 0.75 | lab repeated
    response | 0    | azathioprine    | 50    |       |       |      | drug last
    """,
)
