"""Evidence of RST-06 to RST-08: the injury's peak, the weighing of benefit and risk, decompensation."""

from tests.spec.evidence.proven import proves

proves(
    "RST-06",
    "not_moderate",
    """
    day | what | value | id
    -33 | alt  | 170   | peak
    -33 | ast  | 179/45| lower on its scale
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    peak | -33 | alt  | 170   | 200   | 4.25  | 4.25 | lab peak
    """,
    title="below",
)
proves(
    "RST-06",
    "not_moderate",
    """
    day | what | value  | id
        | without | baseline |
    -430, -420, -410 | alt | 80 |
    -33 | alt  | 500/35 | peak
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    peak | -33 | alt  | 500   | 350   | 14.29 | 6.25 | lab peak
    """,
    title="above",
)
proves(
    "RST-06",
    "grade_open",
    """
    day | what | value   | id
    -33 | alt  | <300    | upper bound
    -32 | ast  | <190    | below for certain
    -1  | ast  | >140/30 | lower bound
    0   | ast  | >140/30 | after
    """,
    """
    role     | day | what | value | limit | x uln | x e   | source
    censored | -1  | ast  | >140  | 150   | 4.667 | 4.667 | lab lower bound
    censored | -33 | alt  | <300  | 200   | 7.5   | 7.5   | lab upper bound
    peak     | -1  | ast  | >140  | 150   | 4.667 | 4.667 | lab lower bound
    """,
)
proves(
    "RST-06",
    "no_clinical_events",
    """
    day | what    | value | id
        | without | clinical_events |
    -33 | alt     | 240   | peak
    -33 | alt     | 239   | not the peak
    """,
    """
    role | day | what | value | limit | x uln | x e | source
    peak | -33 | alt  | 240   | 200   | 6     | 6   | lab peak
    """,
)
proves(
    "RST-06",
    "no_entry",
    """
    day | what                    | value | id
    -33 | alt                     | 240   | peak
    -20 | alt                     | >220  | open
    -36 | benefit_risk_documented |       | before
    1   | benefit_risk_documented |       | after
    """,
    """
    role     | day | what | value | limit | x uln | x e | source
    censored | -20 | alt  | >220  | 200   | 5.5   | 5.5 | lab open
    onset    | -35 | alt  | 160   |       | 4     | 4   | lab
    onset    | -35 | ast  | 120   |       | 3     | 3   | lab
    peak     | -33 | alt  | 240   | 200   | 6     | 6   | lab peak
    """,
)
proves(
    "RST-06",
    "documented",
    """
    day | what                    | value | id
    -33 | alt                     | 240   | peak
    -36 | benefit_risk_documented |       | before
    -35 | benefit_risk_documented |       | on onset
    0   | benefit_risk_documented |       | on restart
    """,
    """
    role         | day | what                    | value | limit | x uln | x e | source
    benefit_risk | -35 | benefit_risk_documented |       |       |       |     | event on onset
    benefit_risk | 0   | benefit_risk_documented |       |       |       |     | event on restart
    peak         | -33 | alt                     | 240   | 200   | 6     | 6   | lab peak
    """,
)
proves(
    "RST-07",
    "severe",
    """
    day | what    | value   | id
        | without | injury  |
    -33 | alt     | >400    | peak
    -32 | ast     | 440/45  | second
    """,
    """
    role     | day | what | value | limit | x uln | x e | source
    censored | -33 | alt  | >400  | 400   | 10    | 10  | lab peak
    peak     | -33 | alt  | >400  | 400   | 10    | 10  | lab peak
    """,
)
proves(
    "RST-07",
    "grade_open",
    """
    day | what | value  | id
    -33 | alt  | <=401  | open
    -32 | alt  | <=400  | below for certain
    """,
    """
    role     | day | what | value | limit | x uln | x e   | source
    censored | -33 | alt  | <=401 | 400   | 10.03 | 10.03 | lab open
    peak     | -35 | alt  | 160   | 400   | 4     | 4     | lab
    """,
)
proves(
    "RST-07",
    "not_severe",
    """
    day | what    | value  | id
        | without | injury |
    -35 | alt     | 80/20  | onset
    -32 | alt     | 81/20  | peak
    -31 | alt     | 81/20  | as high
    0   | alt     | 500    | after
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    peak | -32 | alt  | 81    | 200   | 4.05  | 4.05 | lab peak
    """,
)
proves(
    "RST-08",
    "decompensation_coded",
    """
    day | what            | value | id
    -36 | ascites         |       | before
    -35 | ascites         |       | on onset
    -1  | hepatic_failure |       | last day
    0   | ascites         |       | on restart
    -10 | inr             | 1.6   | inr
    -10 | bilirubin_total | 2.4   | bilirubin
    -9  | inr             | 1.4   | normal
    """,
    """
    role           | day | what            | value | limit | x uln | x e   | source
    bilirubin      | -10 | bilirubin_total | 2.4   | 2.4   | 2     | 2     | lab bilirubin
    decompensation | -1  | hepatic_failure |       |       |       |       | event last day
    decompensation | -35 | ascites         |       |       |       |       | event on onset
    inr            | -10 | inr             | 1.6   | 1.5   | 1.333 | 1.333 | lab inr
    """,
)
proves(
    "RST-08",
    "inr_and_bilirubin",
    """
    day      | what            | value   | id
    -36      | inr             | 1.9     | before
    -35      | inr             | 1.5     | on onset
    -34      | inr             | 1.4     | normal
    0        | inr             | 1.9     | on restart
    -42      | bilirubin_total | 2.4     | near
    -43      | bilirubin_total | 2.4     | too far
    -30      | bilirubin_total | 2.3     | too low
    -29      | bilirubin_total | 2.6/1.3 | of another limit
    """,
    """
    role      | day | what            | value | limit | x uln | x e  | source
    bilirubin | -29 | bilirubin_total | 2.6   | 2.6   | 2     | 2    | lab of another limit
    bilirubin | -42 | bilirubin_total | 2.4   | 2.4   | 2     | 2    | lab near
    inr       | -35 | inr             | 1.5   | 1.5   | 1.25  | 1.25 | lab on onset
    """,
)
proves(
    "RST-08",
    "no_bilirubin",
    """
    day     | what            | value | id
    -20     | inr             | 1.5   | inr
    -28     | bilirubin_total | 2.4   | too far
    -12     | bilirubin_total | 2.4   | too far after
    """,
    """
    role | day | what | value | limit | x uln | x e  | source
    inr  | -20 | inr  | 1.5   | 1.5   | 1.25  | 1.25 | lab inr
    """,
)
proves(
    "RST-08",
    "censored_value",
    """
    day     | what            | value | id
    -20     | inr             | >1.4  | inr
    -20     | bilirubin_total | >2    | bilirubin
    -19     | bilirubin_total | 2     | too low
    """,
    """
    role      | day | what            | value | limit | x uln | x e   | source
    bilirubin | -20 | bilirubin_total | >2    | 2.4   | 1.667 | 1.667 | lab bilirubin
    inr       | -20 | inr             | >1.4  | 1.5   | 1.167 | 1.167 | lab inr
    """,
)
proves(
    "RST-08",
    "no_clinical_events",
    """
    day     | what            | value | id
            | without         | clinical_events |
    -20     | inr             | 1.2   | inr
    """,
    """
    role  | day | what | value | limit | x uln | x e | source
    inr   | -20 | inr  | 1.2   | 1.5   | 1     | 1   | lab inr
    onset | -35 | alt  | 160   |       | 4     | 4   | lab
    onset | -35 | ast  | 120   |       | 3     | 3   | lab
    """,
)
proves(
    "RST-08",
    "none_found",
    """
    day      | what            | value | id
    -36      | inr             | 1.2   | before
    -35      | inr             | 1.49  | low
    -34      | inr             | 1.5   | without bilirubin to match
    -34      | bilirubin_total | 2.3   | too low
    -1       | inr             | 2     | explained
    0        | inr             | 1.2   | on restart
    -33..-31 | anticoagulant   |       | the anticoagulant
    -33..-32 | anticoagulant   |       | too long ago
    0..      | anticoagulant   |       | too late
    """,
    """
    role          | day | what            | value | limit | x uln | x e   | source
    anticoagulant | -33 | anticoagulant   |       |       |       |       | drug the anticoagulant
    bilirubin     | -34 | bilirubin_total | 2.3   | 2.4   | 1.917 | 1.917 | lab too low
    inr           | -1  | inr             | 2     | 1.5   | 1.667 | 1.667 | lab explained
    inr           | -34 | inr             | 1.5   | 1.5   | 1.25  | 1.25  | lab without bilirubin to match
    inr           | -35 | inr             | 1.49  | 1.5   | 1.242 | 1.242 | lab low
    onset         | -35 | alt             | 160   |       | 4     | 4     | lab
    onset         | -35 | ast             | 120   |       | 3     | 3     | lab
    """,
)
