"""Evidence of MON-01 to MON-04: the draws that met slots, what bounds a missed one, what moved the schedule."""

import pytest

from tests.spec.audited import Audited
from tests.spec.proven import Proven, held, proven, proves

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


@pytest.mark.parametrize("one", proven("MON-01", "MON-02", "MON-03", "MON-04"), ids=str)
def test_a_verdict_rests_on_these_rows(one: Proven, audited: Audited) -> None:
    held(one, audited)
