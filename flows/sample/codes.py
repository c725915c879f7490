"""The codes that the sample's hospitals send.

The sample plays the outside world, so it writes codes as hospitals do, before any code list is read; a test
holds each of them to the project's lists. `UNLISTED` are real codes that no list of the project has.
"""

Codes = dict[str, dict[str, tuple[str, ...]]]

LABS: Codes = {
    "alt": {"LOINC": ("1742-6",), "LOINC molar": ("1743-4",)},
    "ast": {"LOINC": ("1920-8",), "LOINC molar": ("30239-8",)},
    "alp": {"LOINC": ("6768-6",)},
    "ggt": {"LOINC": ("2324-2",)},
    "bilirubin_total": {"LOINC": ("1975-2",), "LOINC molar": ("14631-6",)},
    "bilirubin_direct": {"LOINC": ("1968-7",), "LOINC molar": ("14629-0",)},
    "inr": {"LOINC": ("6301-6",), "LOINC molar": ("34714-6",)},
    "albumin": {"LOINC": ("1751-7",)},
    "wbc": {"LOINC": ("6690-2",)},
    "anc": {"LOINC": ("751-8",)},
    "platelets": {"LOINC": ("777-3",)},
    "ck": {"LOINC": ("2157-6",)},
    "body_weight": {"LOINC": ("29463-7",)},
    "hbsag": {"LOINC": ("5196-1",)},
    "anti_hbc": {"LOINC": ("13952-7",)},
    "hbv_dna": {"LOINC": ("48398-2",)},
    "anti_hcv": {"LOINC": ("13955-0",)},
    "hcv_rna": {"LOINC": ("38180-6",)},
    "ana": {"LOINC": ("5048-4",)},
    "sma": {"LOINC": ("14252-1",)},
    "igg": {"LOINC": ("2465-3",)},
}
DRUGS: Codes = {
    "azathioprine": {"RxNorm": ("197388",), "ATC": ("L04AX01",)},
    "azathioprine_25": {"RxNorm": ("199310",), "ATC": ("L04AX01",)},
    "mercaptopurine": {"RxNorm": ("197931",), "ATC": ("L01BB02",)},
    "tioguanine": {"RxNorm": ("10485",), "ATC": ("L01BB03",)},
    "corticosteroid_systemic": {"RxNorm": ("8640", "8638"), "ATC": ("H02AB04",)},
    "anticoagulant": {"RxNorm": ("11289",), "ATC": ("B01AA03",)},
    "allopurinol": {"RxNorm": ("519",), "ATC": ("M04AA01",)},
    "febuxostat": {"ATC": ("M04AA03",)},
}
EVENTS: Codes = {
    "symptom_fatigue": {"ICD-10-CM": ("R53.81",), "SNOMED CT": ("84229001",)},
    "symptom_nausea": {"ICD-10-CM": ("R11.0", "R11.2"), "SNOMED CT": ("422587007",)},
    "symptom_ruq_pain": {"ICD-10-CM": ("R10.11",), "SNOMED CT": ("301717006",)},
    "symptom_jaundice": {"ICD-10-CM": ("R17",), "SNOMED CT": ("18165001",)},
    "ascites": {"ICD-10-CM": ("R18.8",), "SNOMED CT": ("389026000",)},
    "variceal_bleed": {"ICD-10-CM": ("I85.01",), "SNOMED CT": ("17709002",)},
    "hepatorenal": {"ICD-10-CM": ("K76.7",), "SNOMED CT": ("51292008",)},
    "hepatic_failure": {"ICD-10-CM": ("K72.00",), "SNOMED CT": ("59927004",)},
    "autoimmune_hepatitis": {"ICD-10-CM": ("K75.4",), "SNOMED CT": ("408335007",)},
    "ibd": {"ICD-10-CM": ("K50.90", "K51.90", "K50.00"), "SNOMED CT": ("34000006", "64766004")},
    "rheumatoid_arthritis": {"ICD-10-CM": ("M06.9",), "SNOMED CT": ("69896004",)},
    "sle": {"ICD-10-CM": ("M32.9", "M32.10"), "SNOMED CT": ("55464009",)},
    "transplant": {"ICD-10-CM": ("Z94.0", "Z94.4"), "SNOMED CT": ("737295003", "737297006")},
    "liver_ultrasound": {"CPT": ("76700", "76705"), "SNOMED CT": ("45036003",)},
    "liver_ct_mri": {"CPT": ("74177",)},
    "benefit_risk_documented": {},
    "hbsag": {},
    "anti_hcv": {},
    "ana": {},
    "igg": {},
}
UNLISTED = {
    "labs": (("LOINC", "2160-0"), ("LOINC", "1988-5")),
    "drugs": (("ATC", "A10BA02"), ("ATC", "C09AA05"), ("local", "vitamin d 1000")),
    "events": (("ICD-10-CM", "I10"), ("ICD-10-CM", "E11.9"), ("SNOMED CT", "38341003"), ("local", "flu-vaccine")),
}


def spell(codes: Codes, concept: str, vocabulary: str) -> list[tuple[str, str]]:
    """Return the (vocabulary, code) pairs by which a site says a concept, ours where it has no code of its own."""
    known = codes.get(concept, {})
    fallback = {"LOINC molar": "LOINC", "ICD-10-CM": "CPT"}.get(vocabulary, vocabulary)
    used = vocabulary if vocabulary in known else fallback
    if used not in known:
        return [("concept", concept.removesuffix("_25"))]
    return [(used.removesuffix(" molar"), code) for code in known[used]]
