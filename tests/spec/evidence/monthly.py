"""Evidence of MON-03 and MON-04: the draws that met slots, what bounds a missed one, what moved them."""

from tests.spec.evidence.proven import proves

proves(
    "MON-03",
    "nothing_due",
    """
    day    | what         | value          | id
           | without      | restart, monitoring |
    0..100 | azathioprine | 50 mg explicit | last
    88     | alt          | 70             | unstable
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    window_end | 0   | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "MON-03",
    "stability_open",
    """
    day         | what    | value      | id
                | without | monitoring |
    7..56 by 7  | draw    |            |
    74          | alt     | >=60       | open
    88          | draw    |            |
    120         | alt     | 30         | d120
    150         | alt     | 30         | d150
    180         | alt     | 30         | d180
    """,
    """
    role     | day | what | value | limit | x uln | x e  | source
    slot     | 120 | alt  | 30    |       | 0.75  | 0.75 | lab d120
    slot     | 150 | alt  | 30    |       | 0.75  | 0.75 | lab d150
    slot     | 180 | alt  | 30    |       | 0.75  | 0.75 | lab d180
    unstable | 74  | alt  | >=60  | 60    | 1.5   | 1.5  | lab open
    """,
)
proves(
    "MON-03",
    "consecutive_missed",
    """
    day         | what    | value      | id
                | without | monitoring |
    88          | alt     | 30         | before
    110         | alt     | 30         | met
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    after_gap  | 0   | azathioprine | 50    |       |       |      | drug
    before_gap | 110 | alt          | 30    |       | 0.75  | 0.75 | lab met
    slot       | 110 | alt          | 30    |       | 0.75  | 0.75 | lab met
    """,
)
proves(
    "MON-03",
    "total_missed",
    """
    day         | what    | value      | id
                | without | monitoring |
    109         | alt     | 30         | before
    150         | alt     | 30         | met
    191         | alt     | 30         | after
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 150 | alt  | 30    |       | 0.75  | 0.75 | lab met
    after_gap  | 191 | alt  | 30    |       | 0.75  | 0.75 | lab after
    before_gap | 109 | alt  | 30    |       | 0.75  | 0.75 | lab before
    before_gap | 150 | alt  | 30    |       | 0.75  | 0.75 | lab met
    slot       | 150 | alt  | 30    |       | 0.75  | 0.75 | lab met
    """,
    hard_total_missed=2,
)
proves(
    "MON-03",
    "some_missed",
    """
    day         | what    | value      | id
                | without | monitoring |
    80          | alt     | 70         | unstable
    150         | alt     | 30         | first
    190         | alt     | 30         | second
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    after_gap  | 0   | azathioprine | 50    |       |       |      | drug
    before_gap | 190 | alt          | 30    |       | 0.75  | 0.75 | lab second
    slot       | 150 | alt          | 30    |       | 0.75  | 0.75 | lab first
    slot       | 190 | alt          | 30    |       | 0.75  | 0.75 | lab second
    unstable   | 80  | alt          | 70    | 60    | 1.75  | 1.75 | lab unstable
    """,
)
proves(
    "MON-03",
    "all_met",
    """
    day         | what    | value      | id
                | without | monitoring |
    110         | alt     | 30         | first
    160         | alt     | 30         | second
    180         | alt     | 30         | third
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    slot | 110 | alt  | 30    |       | 0.75  | 0.75 | lab first
    slot | 160 | alt  | 30    |       | 0.75  | 0.75 | lab second
    slot | 180 | alt  | 30    |       | 0.75  | 0.75 | lab third
    """,
)
proves(
    "MON-04",
    "nothing_due",
    """
    day    | what         | value          | id
           | without      | restart, monitoring |
    0..200 | azathioprine | 50 mg explicit | last
    180    | alt          | 30             | anchor
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    window_end | 0   | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "MON-04",
    "stability_open",
    """
    day         | what    | value      | id
                | without | monitoring |
    80          | alt     | <70        | open
    150         | alt     | 30         | d150
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    after_gap  | 0   | azathioprine | 50    |       |       |      | drug
    before_gap | 150 | alt          | 30    |       | 0.75  | 0.75 | lab d150
    unstable   | 80  | alt          | <70   | 60    | 1.75  | 1.75 | lab open
    """,
)
proves(
    "MON-04",
    "consecutive_missed",
    """
    day         | what     | value      | id
                | without  | monitoring |
    -900..700   | observed |            |
    180         | alt      | 30         | anchor
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    after_gap  | 0   | azathioprine | 50    |       |       |      | drug
    before_gap | 180 | alt          | 30    |       | 0.75  | 0.75 | lab anchor
    """,
)
proves(
    "MON-04",
    "total_missed",
    """
    day         | what     | value      | id
                | without  | monitoring |
    -900..600   | observed |            |
    180         | alt      | 30         | anchor
    292         | alt      | 30         | a day late
    404         | alt      | 30         | late again
    516         | alt      | 30         | and again
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 292 | alt  | 30    |       | 0.75  | 0.75 | lab a day late
    after_gap  | 404 | alt  | 30    |       | 0.75  | 0.75 | lab late again
    after_gap  | 516 | alt  | 30    |       | 0.75  | 0.75 | lab and again
    before_gap | 180 | alt  | 30    |       | 0.75  | 0.75 | lab anchor
    before_gap | 292 | alt  | 30    |       | 0.75  | 0.75 | lab a day late
    before_gap | 404 | alt  | 30    |       | 0.75  | 0.75 | lab late again
    slot       | 292 | alt  | 30    |       | 0.75  | 0.75 | lab a day late
    slot       | 404 | alt  | 30    |       | 0.75  | 0.75 | lab late again
    slot       | 516 | alt  | 30    |       | 0.75  | 0.75 | lab and again
    """,
)
proves(
    "MON-04",
    "some_missed",
    """
    day         | what     | value      | id
                | without  | monitoring |
    -900..400   | observed |            |
    180         | alt      | 30         | anchor
    292         | alt      | 30         | a day late
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 292 | alt  | 30    |       | 0.75  | 0.75 | lab a day late
    before_gap | 180 | alt  | 30    |       | 0.75  | 0.75 | lab anchor
    slot       | 292 | alt  | 30    |       | 0.75  | 0.75 | lab a day late
    """,
)
proves(
    "MON-04",
    "all_met",
    """
    day         | what     | value      | id
                | without  | monitoring |
    180         | alt      | 30         | anchor
    291         | alt      | 30         | met
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    slot | 291 | alt  | 30    |       | 0.75  | 0.75 | lab met
    """,
)
