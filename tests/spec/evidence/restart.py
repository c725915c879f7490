"""Evidence of RST-01 to RST-04: the enzymes before the restart, the work-up and the doses."""

from tests.spec.evidence.proven import proves

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
    role        | day  | what | value | limit | x uln | x e   | source
    baseline    | -410 | alt  | 64    |       | 1.6   | 1     | lab
    baseline    | -420 | alt  | 64    |       | 1.6   | 1     | lab
    baseline    | -420 | ast  | 22    |       | 0.55  | 0.55  | lab
    baseline    | -430 | alt  | 64    |       | 1.6   | 1     | lab
    baseline    | -430 | ast  | 22    |       | 0.55  | 0.55  | lab
    pre_restart | -2   | alt  | 40    | 70.4  | 2     | 0.625 | lab same day
    pre_restart | -2   | alt  | 75    | 70.4  | 1.875 | 1.172 | lab alt
    pre_restart | -3   | ast  | 28    | 40    | 0.7   | 0.7   | lab ast
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
    role         | day  | what         | value | limit | x uln | x e | source
    window_end   | 0    | azathioprine | 50    |       |       |     | drug restart
    window_start | -199 | azathioprine | 100   |       |       |     | drug last
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
    role        | day  | what | value | limit | x uln | x e | source
    baseline    | -410 | alt  | 24    |       | 0.6   | 0.6 | lab
    baseline    | -420 | alt  | 24    |       | 0.6   | 0.6 | lab
    baseline    | -430 | alt  | 24    |       | 0.6   | 0.6 | lab
    pre_restart | -30  | alt  | 40    | 40    | 1     | 1   | lab alt
    """,
)
proves(
    "RST-01",
    "censored_value",
    """
    day | what    | value    | id
        | without | recovery, baseline |
    0   | alt     | >30      | alt
    -1  | ast     | 30       | ast
    """,
    """
    role        | day | what | value | limit | x uln | x e  | source
    pre_restart | -1  | ast  | 30    | 40    | 0.75  | 0.75 | lab ast
    pre_restart | 0   | alt  | >30   | 40    | 0.75  | 0.75 | lab alt
    """,
)
proves(
    "RST-01",
    "stale_test",
    """
    day | what    | value    | id
        | without | recovery, baseline |
    -15 | alt     | 30/35    | alt
    -14 | ast     | 30       | ast
    """,
    """
    role        | day | what | value | limit | x uln  | x e    | source
    pre_restart | -14 | ast  | 30    | 40    | 0.75   | 0.75   | lab ast
    pre_restart | -15 | alt  | 30    | 35    | 0.8571 | 0.8571 | lab alt
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
    role        | day | what | value | limit | x uln | x e  | source
    pre_restart | -2  | alt  | 40    | 40    | 1     | 1    | lab alt
    pre_restart | -2  | ast  | 30    | 40    | 0.75  | 0.75 | lab ast
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
    role        | day  | what | value | limit | x uln | x e  | source
    baseline    | -410 | alt  | 24    |       | 0.6   | 0.6  | lab
    baseline    | -420 | alt  | 24    |       | 0.6   | 0.6  | lab
    baseline    | -430 | alt  | 24    |       | 0.6   | 0.6  | lab
    pre_restart | -2   | alt  | 30    | 40    | 0.75  | 0.75 | lab alt
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
    role                 | day  | what                 | value | limit | x uln | x e | source
    autoimmune_hepatitis | -900 | autoimmune_hepatitis |       |       |       |     | event known
    autoimmune_hepatitis | 0    | autoimmune_hepatitis |       |       |       |     | event again
    onset                | -35  | alt                  | 160   |       | 4     | 4   | lab
    onset                | -35  | ast                  | 120   |       | 3     | 3   | lab
    workup               | -33  | liver_ct_mri         |       |       |       |     | event image
    workup               | -40  | igg                  | >12   |       |       |     | lab igg
    workup               | -65  | hbsag                |       |       |       |     | lab b
    workup               | 0    | hcv_rna              |       |       |       |     | event c
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
    role  | day | what | value | limit | x uln | x e | source
    onset | -35 | alt  | 160   |       | 4     | 4   | lab
    onset | -35 | ast  | 120   |       | 3     | 3   | lab
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
    role         | day | what         | value | limit | x uln | x e | source
    dose_before  | -59 | azathioprine | 100   |       |       |     | drug before
    dose_restart | 0   | azathioprine | 50    | 99    |       |     | drug one
    dose_restart | 0   | azathioprine | 75    | 99    |       |     | drug two
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
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -400 | azathioprine | 100   |       |       |     | drug before
    dose_restart | 0    | azathioprine | 98    | 99    |       |     | drug restart
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
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -400 | azathioprine | 100   |       |       |     | drug before
    dose_restart | 0    | azathioprine |       | 99    |       |     | drug restart
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
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -400 | azathioprine |       |       |       |     | drug before
    dose_restart | 0    | azathioprine | 50    |       |       |     | drug restart
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
    role         | day  | what         | value | limit | x uln | x e | source
    dose_before  | -400 | azathioprine | 100   |       |       |     | drug before
    dose_restart | 0    | azathioprine | 50    |       |       |     | drug restart
    same_order   | -400 | azathioprine | 100   |       |       |     | drug shorter
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
    role          | day  | what         | value | limit | x uln | x e | source
    dose_at_onset | -400 | azathioprine | 100   |       |       |     | drug harmful
    dose_restart  | 0    | azathioprine | 100   | 99    |       |     | drug restart
    onset         | -35  | alt          | 160   |       | 4     | 4   | lab
    onset         | -35  | ast          | 120   |       | 3     | 3   | lab
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
    role          | day  | what         | value | limit | x uln | x e | source
    dose_at_onset | -400 | azathioprine | 100   |       |       |     | drug last before onset
    dose_restart  | 0    | azathioprine | 75    | 99    |       |     | drug restart
    onset         | -35  | alt          | 160   |       | 4     | 4   | lab
    onset         | -35  | ast          | 120   |       | 3     | 3   | lab
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
    role          | day  | what         | value | limit | x uln | x e | source
    dose_at_onset | -400 | azathioprine |       |       |       |     | drug harmful
    dose_restart  | 0    | azathioprine | 75    |       |       |     | drug restart
    onset         | -35  | alt          | 160   |       | 4     | 4   | lab
    onset         | -35  | ast          | 120   |       | 3     | 3   | lab
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
    role          | day  | what         | value | limit | x uln | x e | source
    dose_at_onset | -400 | azathioprine | 100   |       |       |     | drug before
    dose_restart  | 0    | azathioprine | 50    | 99    |       |     | drug again
    dose_restart  | 0    | azathioprine | 50    | 99    |       |     | drug restart
    onset         | -35  | alt          | 160   |       | 4     | 4   | lab
    onset         | -35  | ast          | 120   |       | 3     | 3   | lab
    same_order    | 0    | azathioprine | 50    |       |       |     | drug again
    same_order    | 0    | azathioprine | 50    |       |       |     | drug restart
    """,
)
