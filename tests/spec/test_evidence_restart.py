"""Evidence of RST-01 to RST-04: the enzymes before the restart, the work-up and the doses."""

import pytest

from tests.spec.audited import Audited
from tests.spec.proven import Proven, held, proven, proves

proves(
    "RST-01",
    "above_limit",
    """
    day                    | what    | value | id
                           | without | baseline, recovery |
    -440, -430, -420, -410 | alt     | 64    |
    -410                   | alt     | 60    |
    -430, -420             | ast     | 22    |
    -4                     | alt     | 50    | earlier
    -2                     | alt     | 75    | alt
    -2                     | alt     | 40/20 | same day
    -3                     | ast     | 28    | ast
    1                      | ast     | 99    | after
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
    title="by the baseline",
)
proves(
    "RST-01",
    "no_test",
    """
    day        | what         | value           | id
               | without      | first course, restart, recovery |
    -400..-200 | azathioprine | 100 mg          | first
    -199..-31  | azathioprine | 100 mg explicit | last
    0..29      | azathioprine | 50 mg           | restart
    30..       | azathioprine | 50 mg           | next
    -31        | alt          | 90              | before the stop
    1          | alt          | 30              | after
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-01",
    "one_not_measured",
    """
    day | what    | value    | id
        | without | recovery |
    -30 | alt     | 40       | alt
    -31 | ast     | 40       | too early
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-01",
    "censored_value",
    """
    day | what    | value    | id
        | without | recovery |
    0   | alt     | >30      | alt
    -1  | ast     | 30       | ast
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-01",
    "stale_test",
    """
    day | what    | value    | id
        | without | recovery |
    -15 | alt     | 30/35    | alt
    -14 | ast     | 30       | ast
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-01",
    "recovered",
    """
    day | what    | value    | id
        | without | recovery, baseline |
    -2  | alt     | 40       | alt
    -2  | ast     | 30       | ast
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-01",
    "recovered",
    """
    day | what    | value    | id
        | without | recovery |
    -2  | alt     | 30       | alt
    -2  | ast     | 90       | not asked for
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
    title="alt only",
    normalisation_requires="alt_only",
)
proves(
    "RST-02",
    "complete",
    """
    day | what                  | value | id
        | without               | work-up |
    -65 | hbsag                 |       | b
    -66 | anti_hbc              |       | too early
    0   | hcv_rna               | coded | c
    1   | anti_hcv              |       | too late
    -40 | igg                   | >12   | igg
    -33 | liver_ct_mri          |       | image
    -900| autoimmune_hepatitis  |       | known
    0   | autoimmune_hepatitis  |       | again
    1   | autoimmune_hepatitis  |       | later
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-02",
    "incomplete",
    """
    day | what    | value | id
        | without | work-up |
    -33 | ast     | 100   | no onset
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-03",
    "not_lower",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-60  | azathioprine | 150 mg          | long before
    -59..-31   | azathioprine | 100 mg explicit | before
    0..        | azathioprine | 50 mg product=A | one
    0..        | azathioprine | 75 mg product=B | two
    5..        | azathioprine | 75 mg product=C | later
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-03",
    "lower_dose",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-31  | azathioprine | 100 mg explicit | before
    0..        | azathioprine | 98 mg           | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-03",
    "dose_unknown",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-31  | azathioprine | 100 mg explicit | before
    0..        | azathioprine | ? mg            | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-03",
    "dose_unknown",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-31  | azathioprine | ? mg explicit   | before
    0..        | azathioprine | 50 mg           | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
    title="before",
)
proves(
    "RST-03",
    "ambiguous_orders",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-40  | azathioprine | 100 mg          | shorter
    -400..-31  | azathioprine | 100 mg explicit | before
    0..        | azathioprine | 50 mg           | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-04",
    "same_dose",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-35  | azathioprine | 100 mg          | harmful
    -34..-31   | azathioprine | 50 mg explicit  | cut
    0..        | azathioprine | 100 mg          | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-04",
    "lower_dose",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-38  | azathioprine | 100 mg          | last before onset
    -34..-31   | azathioprine | 50 mg explicit  | cut
    0..        | azathioprine | 75 mg          | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-04",
    "dose_unknown",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-35  | azathioprine | ? mg            | harmful
    -34..-31   | azathioprine | 50 mg explicit  | cut
    0..        | azathioprine | 75 mg          | restart
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)
proves(
    "RST-04",
    "ambiguous_orders",
    """
    day        | what         | value           | id
               | without      | first course, restart |
    -400..-31  | azathioprine | 100 mg explicit | before
    0..90      | azathioprine | 50 mg           | restart
    0..90      | azathioprine | 50 mg           | again
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    """,
)


@pytest.mark.parametrize("one", proven("RST-01", "RST-02", "RST-03", "RST-04"), ids=str)
def test_a_verdict_rests_on_these_rows(one: Proven, audited: Audited) -> None:
    held(one, audited)
