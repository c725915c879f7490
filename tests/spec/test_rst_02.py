"""RST-02: other causes of the injury are worked up before the restart."""

from tests.spec.audited import Audited
from tests.spec.patients import patients


@patients("""
    day | what     | value
        | standard |
""")
def test_hepatitis_b_and_c_autoimmunity_and_imaging_make_a_whole_workup(audited: Audited) -> None:
    assert (audited.verdict("RST-02"), audited.episode("workup_score")) == ("pass", 4)


@patients("""
    who       | day | what             | value
    all       |     | without          | work-up
    all       | -33 | anti_hcv         |
    all       | -33 | ana              |
    all       | -33 | liver_ultrasound |
    hbsag     | -33 | hbsag            |
    anti-hbc  | -33 | anti_hbc         |
    hbv dna   | -33 | hbv_dna          |
    none      |     | standard         |
""")
def test_any_of_three_tests_shows_hepatitis_b(audited: Audited) -> None:
    shown = dict.fromkeys(("hbsag", "anti-hbc", "hbv dna"), "pass")
    assert audited.verdicts("RST-02") == {**shown, "none": "advisory"}


@patients("""
    who       | day | what             | value
    all       |     | without          | work-up
    all       | -33 | hbsag            |
    all       | -33 | ana              |
    all       | -33 | liver_ultrasound |
    anti-hcv  | -33 | anti_hcv         |
    hcv rna   | -33 | hcv_rna          |
    none      |     | standard         |
""")
def test_either_of_two_tests_shows_hepatitis_c(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"anti-hcv": "pass", "hcv rna": "pass", "none": "advisory"}


@patients("""
    who  | day | what             | value
    all  |     | without          | work-up
    all  | -33 | hbsag            |
    all  | -33 | anti_hcv         |
    all  | -33 | liver_ultrasound |
    ana  | -33 | ana              |
    sma  | -33 | sma              |
    igg  | -33 | igg              | 12
    none |     | standard         |
""")
def test_any_of_three_tests_shows_autoimmunity(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"ana": "pass", "sma": "pass", "igg": "pass", "none": "advisory"}


@patients("""
    who        | day | what             | value
    all        |     | without          | work-up
    all        | -33 | hbsag            |
    all        | -33 | anti_hcv         |
    all        | -33 | ana              |
    ultrasound | -33 | liver_ultrasound |
    ct or mri  | -33 | liver_ct_mri     |
    none       |     | standard         |
""")
def test_ultrasound_ct_or_mri_shows_imaging(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"ultrasound": "pass", "ct or mri": "pass", "none": "advisory"}


@patients("""
    who     | day  | what             | value
    all     |      | without          | work-up
    all     | -33  | hbsag            |
    all     | -33  | anti_hcv         |
    all     | -33  | liver_ultrasound |
    years   | -500 | autoimmune_hepatitis |
    day 0   | 0    | autoimmune_hepatitis |
    later   | 1    | autoimmune_hepatitis |
""")
def test_known_autoimmune_hepatitis_waives_the_autoimmune_tests(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"years": "pass", "day 0": "pass", "later": "advisory"}


@patients("""
    who   | day                | what             | value
    all   |                    | without          | work-up
    all   | -33                | anti_hcv         |
    all   | -33                | ana              |
    all   | -33                | liver_ultrasound |
    early | -66                | hbsag            |
    first | -65                | hbsag            |
    last  | 0                  | hbsag            |
    late  | 1                  | hbsag            |
""")
def test_the_workup_counts_from_thirty_days_before_the_onset_to_the_restart(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"early": "advisory", "first": "pass", "last": "pass", "late": "advisory"}


@patients("""
    who   | day | what             | value
    all   |     | without          | work-up
    all   | -33 | anti_hcv         |
    all   | -33 | ana              |
    all   | -33 | hbsag            |
    early | -66 | liver_ultrasound |
    first | -65 | liver_ultrasound |
    last  | 0   | liver_ultrasound |
    late  | 1   | liver_ultrasound |
""")
def test_imaging_counts_in_the_same_days(audited: Audited) -> None:
    assert audited.verdicts("RST-02") == {"early": "advisory", "first": "pass", "last": "pass", "late": "advisory"}


@patients("""
    day | what             | value
        | without          | work-up
    -33 | hbsag            | coded
    -33 | hcv_rna          | coded
    -33 | sma              | coded
    -33 | liver_ct_mri     |
""")
def test_a_workup_coded_as_events_counts_like_results(audited: Audited) -> None:
    assert (audited.verdict("RST-02"), audited.episode("workup_score")) == ("pass", 4)


@patients("""
    who   | day | what             | value
    all   |     | without          | work-up
    none  |     | standard         |
    one   | -33 | hbsag            |
    one   | -33 | hbv_dna          |
    two   | -33 | hbsag            |
    two   | -33 | anti_hcv         |
    three | -33 | hbsag            |
    three | -33 | anti_hcv         |
    three | -33 | igg              | 12
""")
def test_the_score_counts_the_groups_that_are_shown(audited: Audited) -> None:
    assert audited.episodes("workup_score") == {"none": 0, "one": 1, "two": 2, "three": 3}
    assert set(audited.verdicts("RST-02").values()) == {"advisory"}


@patients("""
    who          | day | what             | value
    all          |     | without          | work-up
    hepatitis b  | -33 | anti_hcv         |
    hepatitis b  | -33 | ana              |
    hepatitis b  | -33 | liver_ultrasound |
    hepatitis c  | -33 | hbsag            |
    hepatitis c  | -33 | ana              |
    hepatitis c  | -33 | liver_ultrasound |
    autoimmune   | -33 | hbsag            |
    autoimmune   | -33 | anti_hcv         |
    autoimmune   | -33 | liver_ultrasound |
    imaging      | -33 | hbsag            |
    imaging      | -33 | anti_hcv         |
    imaging      | -33 | ana              |
""")
def test_the_advisory_names_what_is_missing(audited: Audited) -> None:
    messages = audited.findings("RST-02", "message")
    named = {who: [other for other in messages if other in message.lower()] for who, message in messages.items()}
    assert named == {who: [who] for who in messages}
