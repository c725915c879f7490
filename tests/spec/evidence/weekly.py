"""Evidence of MON-01 and MON-02: the draws that met slots, what bounds a missed one, what repeated them."""

from tests.spec.evidence.proven import proves

proves(
    "MON-01",
    "nothing_due",
    """
    day  | what         | value          | id
         | without      | restart, monitoring |
    0..1 | azathioprine | 50 mg          | first
    2..9 | azathioprine | 50 mg explicit | last
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    window_end | 2   | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "MON-01",
    "consecutive_missed",
    """
    day    | what         | value    | id
           | without      | restart, monitoring |
    0..20  | azathioprine | 50 mg    | first
    10..   | azathioprine | 75 mg    | second
    0      | alt          | 30       | on the restart
    24     | alt          | 30       | met
    24     | ast          | 50       | met too
    30     | bilirubin_total | 1     | no draw
    29     | ast          | 30       | met second
    38     | alt          | 30       | met again
    310    | alt          | 30       | later
    """,
    """
    role       | day | what         | value | limit | x uln | x e  | source
    after_gap  | 10  | azathioprine | 75    |       |       |      | drug second
    after_gap  | 24  | alt          | 30    |       | 0.75  | 0.75 | lab met
    after_gap  | 24  | ast          | 50    |       | 1.25  | 1.25 | lab met too
    before_gap | 0   | azathioprine | 50    |       |       |      | drug first
    before_gap | 38  | alt          | 30    |       | 0.75  | 0.75 | lab met again
    slot       | 24  | alt          | 30    |       | 0.75  | 0.75 | lab met
    slot       | 24  | ast          | 50    |       | 1.25  | 1.25 | lab met too
    slot       | 29  | ast          | 30    |       | 0.75  | 0.75 | lab met second
    slot       | 38  | alt          | 30    |       | 0.75  | 0.75 | lab met again
    """,
)
proves(
    "MON-01",
    "consecutive_missed",
    """
    day    | what         | value          | id
           | without      | restart, monitoring |
    0..20  | azathioprine | 50 mg          | first
    21..40 | azathioprine | 50 mg explicit | last
    41     | alt          | 30             | after the course
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    after_gap  | 21  | azathioprine | 50    |       |       |     | drug last
    before_gap | 0   | azathioprine | 50    |       |       |     | drug first
    """,
    title="without a draw",
)
proves(
    "MON-01",
    "total_missed",
    """
    day    | what         | value          | id
           | without      | monitoring |
    7      | alt          | 30             | d7
    21     | alt          | 30             | d21
    35     | alt          | 30             | d35
    49     | alt          | 30             | d49
    56     | alt          | 30             | d56
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 21  | alt  | 30    |       | 0.75  | 0.75 | lab d21
    after_gap  | 35  | alt  | 30    |       | 0.75  | 0.75 | lab d35
    after_gap  | 49  | alt  | 30    |       | 0.75  | 0.75 | lab d49
    before_gap | 21  | alt  | 30    |       | 0.75  | 0.75 | lab d21
    before_gap | 35  | alt  | 30    |       | 0.75  | 0.75 | lab d35
    before_gap | 7   | alt  | 30    |       | 0.75  | 0.75 | lab d7
    slot       | 21  | alt  | 30    |       | 0.75  | 0.75 | lab d21
    slot       | 35  | alt  | 30    |       | 0.75  | 0.75 | lab d35
    slot       | 49  | alt  | 30    |       | 0.75  | 0.75 | lab d49
    slot       | 56  | alt  | 30    |       | 0.75  | 0.75 | lab d56
    slot       | 7   | alt  | 30    |       | 0.75  | 0.75 | lab d7
    """,
)
proves(
    "MON-01",
    "some_missed",
    """
    day    | what         | value          | id
           | without      | monitoring |
    7      | alt          | 30             | d7
    8      | alt          | 30             | d8
    21..56 by 7 | alt     | 30             |
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 21  | alt  | 30    |       | 0.75  | 0.75 | lab
    before_gap | 8   | alt  | 30    |       | 0.75  | 0.75 | lab d8
    slot       | 21  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 28  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 35  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 42  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 49  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 56  | alt  | 30    |       | 0.75  | 0.75 | lab
    slot       | 7   | alt  | 30    |       | 0.75  | 0.75 | lab d7
    """,
)
proves(
    "MON-01",
    "all_met",
    """
    day    | what         | value          | id
           | without      | restart, monitoring |
    0..25  | azathioprine | 50 mg explicit |
    4      | ast          | 30             | first day
    10     | alt          | 30             | second draw
    17     | alt          | 30             | last day
    24     | alt          | 30             | the third
    24     | ast          | 35             | with it
    """,
    """
    role | day | what | value | limit | x uln | x e   | source
    slot | 17  | alt  | 30    |       | 0.75  | 0.75  | lab last day
    slot | 24  | alt  | 30    |       | 0.75  | 0.75  | lab the third
    slot | 24  | ast  | 35    |       | 0.875 | 0.875 | lab with it
    slot | 4   | ast  | 30    |       | 0.75  | 0.75  | lab first day
    """,
)
proves(
    "MON-02",
    "nothing_due",
    """
    day   | what         | value          | id
          | without      | restart, monitoring |
    0..60 | azathioprine | 50 mg explicit | last
    """,
    """
    role       | day | what         | value | limit | x uln | x e | source
    window_end | 0   | azathioprine | 50    |       |       |     | drug last
    """,
)
proves(
    "MON-02",
    "stability_open",
    """
    day         | what    | value      | id
                | without | monitoring |
    7..56 by 7  | draw    |            |
    74          | alt     | >50        | open
    75          | alt     | 59         | stable
    88          | alt     | 60         | at the limit
    120         | alt     | 200        | of the next block
    150,180,270 | draw    |            |
    """,
    """
    role     | day | what | value | limit | x uln | x e  | source
    slot     | 74  | alt  | >50   |       | 1.25  | 1.25 | lab open
    slot     | 88  | alt  | 60    |       | 1.5   | 1.5  | lab at the limit
    unstable | 120 | alt  | 200   | 60    | 5     | 5    | lab of the next block
    unstable | 74  | alt  | >50   | 60    | 1.25  | 1.25 | lab open
    """,
)
proves(
    "MON-02",
    "consecutive_missed",
    """
    day         | what    | value      | id
                | without | monitoring |
    60          | alt     | 62/41      | before
    61          | alt     | 63/41      | first day
    94          | alt     | 30         | too late
    """,
    """
    role       | day | what         | value | limit | x uln | x e   | source
    after_gap  | 0   | azathioprine | 50    |       |       |       | drug
    after_gap  | 94  | alt          | 30    |       | 0.75  | 0.75  | lab too late
    before_gap | 61  | alt          | 63    |       | 1.537 | 1.537 | lab first day
    before_gap | 94  | alt          | 30    |       | 0.75  | 0.75  | lab too late
    unstable   | 61  | alt          | 63    | 61.5  | 1.537 | 1.537 | lab first day
    """,
)
proves(
    "MON-02",
    "total_missed",
    """
    day         | what    | value      | id
                | without | monitoring, baseline |
    -430, -420, -410 | alt | 60        |
    66          | alt     | 91         | unstable
    88          | alt     | 90         | at the limit
    98          | alt     | 95         | still unstable
    118         | alt     | 30         | met again
    148         | alt     | 30         | met at last
    """,
    """
    role       | day | what | value | limit | x uln | x e   | source
    after_gap  | 118 | alt  | 30    |       | 0.75  | 0.5   | lab met again
    after_gap  | 148 | alt  | 30    |       | 0.75  | 0.5   | lab met at last
    after_gap  | 88  | alt  | 90    |       | 2.25  | 1.5   | lab at the limit
    before_gap | 118 | alt  | 30    |       | 0.75  | 0.5   | lab met again
    before_gap | 66  | alt  | 91    |       | 2.275 | 1.517 | lab unstable
    before_gap | 98  | alt  | 95    |       | 2.375 | 1.583 | lab still unstable
    slot       | 118 | alt  | 30    |       | 0.75  | 0.5   | lab met again
    slot       | 148 | alt  | 30    |       | 0.75  | 0.5   | lab met at last
    slot       | 88  | alt  | 90    |       | 2.25  | 1.5   | lab at the limit
    unstable   | 66  | alt  | 91    | 90    | 2.275 | 1.517 | lab unstable
    unstable   | 98  | alt  | 95    | 90    | 2.375 | 1.583 | lab still unstable
    """,
)
proves(
    "MON-02",
    "some_missed",
    """
    day         | what    | value      | id
                | without | monitoring |
    56          | alt     | 30         | before
    83          | alt     | 30         | met
    """,
    """
    role       | day | what | value | limit | x uln | x e  | source
    after_gap  | 83  | alt  | 30    |       | 0.75  | 0.75 | lab met
    before_gap | 56  | alt  | 30    |       | 0.75  | 0.75 | lab before
    slot       | 83  | alt  | 30    |       | 0.75  | 0.75 | lab met
    """,
)
proves(
    "MON-02",
    "all_met",
    """
    day         | what    | value      | id
                | without | monitoring |
    69          | alt     | 30         | first
    93          | alt     | 30         | second
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    slot | 69  | alt  | 30    |       | 0.75  | 0.75 | lab first
    slot | 93  | alt  | 30    |       | 0.75  | 0.75 | lab second
    """,
)
