"""The code lists: every code once, none mangled, none of the traps of public lists; a site's lists beside them."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from audit.vocabulary import DECOMPENSATION, INDICATIONS, SEROLOGIES
from flows.editions import load as load_guideline
from flows.errors import Usage
from flows.references import codelists
from flows.shipped import DATA, SQL

LISTS = DATA / "codelists"
SHARED = Path(__file__).parents[3] / "shared" / "codelists"
VOCABULARIES = {
    *("LOINC", "SNOMED CT", "RxNorm", "ATC", "dm+d", "ICD-10-CM", "ICD-9-CM", "OMOP", "MIMIC-IV", "CPT"),
    *("name", "words", "ActCode", "encounter-class"),
}
SHAPES = {
    "LOINC": r"\d{3,5}-\d",
    "SNOMED CT": r"\d{6,18}",
    "dm+d": r"\d{6,18}",
    "RxNorm": r"\d{2,7}",
    "OMOP": r"\d{5,8}",
    "MIMIC-IV": r"5\d{4}",
    "CPT": r"\d{5}",
    "ATC": r"[A-Z]\d{2}[A-Z]{2}(\d{2}|\*)",
    "ICD-10-CM": r"[A-Z]\d{2}(\.\d{1,4})?\*?",
    "name": r"[a-z0-9]+([ -][a-z0-9]+)*",
    "words": r"[a-z_*]+( [a-z_*]+)*",
    "ActCode": r"[A-Z]+",
    "encounter-class": r"[a-z]+",
    "ICD-9-CM": r"(\d{3}|V\d{2})(\.\d{1,2}|\*)?",
}
LABS = {
    *("alt", "ast", "alp", "ggt", "bilirubin_total", "bilirubin_direct", "inr", "albumin", "wbc", "anc", "platelets"),
    *("ck", "body_weight", "hbsag", "anti_hbc", "hbv_dna", "anti_hcv", "hcv_rna", "ana", "sma", "igg"),
}
DRUGS = {
    *("azathioprine", "mercaptopurine", "tioguanine", "corticosteroid_systemic", "anticoagulant"),
    *("allopurinol", "febuxostat"),
}
EVENTS = {
    *("symptom_fatigue", "symptom_nausea", "symptom_ruq_pain", "symptom_jaundice", "hepatic_decompensation", "ascites"),
    *(
        "hepatic_encephalopathy",
        "variceal_bleed",
        "hepatorenal",
        "spontaneous_bacterial_peritonitis",
        "hepatic_failure",
    ),
    *("autoimmune_hepatitis", "ibd", "rheumatoid_arthritis", "sle", "transplant", "benefit_risk_documented"),
    *("liver_ultrasound", "liver_ct_mri"),
}
REASONS = {"hepatotoxicity", "abnormal_lft"}
OTHERS = {"inpatient": "stay", "human": "species"}
CONCEPTS = LABS | DRUGS | EVENTS | REASONS | OTHERS.keys()
# What was met in public lists and is wrong there: macro enzymes, panels, orders and findings without a value,
# anti-Smith as smooth-muscle antibody, anti-microsomal, a percentage, seconds for INR, a spreadsheet's ids, sentences.
TRAPS = {
    *(("LOINC", code) for code in ("48134-1", "48136-6", "24323-8", "24325-3", "770-8", "5902-2", "1779-8")),
    *(("OMOP", code) for code in ("3052018", "3008342", "3034426", "19068900", "19003999")),
    *(("MIMIC-IV", code) for code in ("51563", "51557", "51777", "51274", "51256")),
    *(("SNOMED CT", code) for code in ("26958001", "997531000000108", "1031081000000108", "707724006", "166603001")),
    *(("dm+d", code) for code in ("338311000000000", "586691e10")),
    *(("ICD-10-CM", code) for code in ("K52.0", "K52.1", "K52.9")),
}
# Codes of ../shared/codelists under concepts of the contract that the project leaves out, and why.
NO_VOCABULARY = "no vocabulary of the contract"
NO_IBD = "no inflammatory bowel disease: radiation, toxic, allergic, microscopic and unspecified colitis"
EXCLUDED = {
    **dict.fromkeys([("BNF", code) for code in ("1001040C0", "0802010G0", "0603020T0", "0801030L0")], NO_VOCABULARY),
    ("ICD-9-CM procedure", "88.76"): NO_VOCABULARY,
    ("SNOMED CT", "Ultrasonography of liver (child of 45036003)"): "words, no code",
    ("ATC", "L04AX01 (WHO 2024+: check L04AX/L04AG regrouping each release)"): "L04AX01 with a remark: it is in",
    **dict.fromkeys(
        [("ICD-10-CM", f"K52.{tail}") for tail in ("0", "1", "2", "21", "22", "29", "8", "81", "82", "83", "89", "9")]
        + [("ICD-10-CM", f"K52.83{tail}") for tail in "1289"],
        NO_IBD,
    ),
}
DIHEDRAL = [
    *([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6]),
    *([3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1]),
    *([6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4]),
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
SWAP = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def rows() -> list[dict[str, str]]:
    """Return the rows of the project's lists."""
    found = []
    for file in sorted(LISTS.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found += list(csv.DictReader(lines))
    return found


def shared_rows() -> list[dict[str, str]]:
    """Return the shared rows under concepts of the contract."""
    found = []
    for name in ("labs", "drugs", "conditions"):
        with (SHARED / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            found += [row for row in csv.DictReader(lines) if row["concept"] in LABS | DRUGS | EVENTS]
    return found


def verhoeff(digits: str) -> int:
    """Return 0 where the last digit checks the others, as in every SNOMED CT and dm+d id."""
    check, permutation = 0, list(range(10))
    for digit in reversed(digits):
        check = DIHEDRAL[check][permutation[int(digit)]]
        permutation = [SWAP[place] for place in permutation]
    return check


def luhn(code: str) -> bool:
    """Return whether the digit after the dash checks a LOINC code."""
    digits, check = code.split("-")
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return (10 - sum(number // 10 + number % 10 for number in doubled) % 10) % 10 == int(check)


def write(folder: Path, *lines: str, header: str = "concept,vocabulary,code,display") -> Path:
    """Write a site's code list and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return folder


def test_the_closed_list_of_concepts_is_the_contracts() -> None:
    domains = codelists.concepts()
    assert {concept for concept, domain in domains.items() if domain == "lab"} == LABS
    assert {concept for concept, domain in domains.items() if domain == "drug"} == DRUGS
    assert {concept for concept, domain in domains.items() if domain == "event"} == EVENTS
    assert {concept for concept, domain in domains.items() if domain == "stop_reason"} == REASONS
    assert {concept: domains[concept] for concept in OTHERS} == OTHERS
    assert domains.keys() == CONCEPTS


def test_the_concepts_that_the_audit_names_are_in_it() -> None:
    guideline = load_guideline()
    drugs = {guideline.audited_drug, *guideline.other_thiopurines}
    assert drugs <= DRUGS
    assert set(SEROLOGIES) <= LABS
    assert {*(f"symptom_{name}" for name in guideline.symptoms), *DECOMPENSATION, *INDICATIONS} <= EVENTS


def test_the_lists_name_concepts_and_vocabularies_of_the_contract() -> None:
    assert {row["concept"] for row in rows()} <= CONCEPTS
    assert {row["vocabulary"] for row in rows()} == VOCABULARIES
    assert all(row["checked"] and row["source"] for row in rows())
    assert all(row["display"] for row in rows() if row["vocabulary"] != "CPT")


def test_only_a_sites_own_judgement_has_no_code() -> None:
    assert {row["concept"] for row in rows()} == CONCEPTS - {"benefit_risk_documented"}


def test_no_code_has_two_concepts_or_two_rows() -> None:
    found = defaultdict(list)
    for row in rows():
        found[row["vocabulary"], row["code"].replace(".", "").upper()].append(row["concept"])
    assert {key: concepts for key, concepts in found.items() if len(concepts) > 1} == {}


def test_each_code_has_the_shape_of_its_vocabulary() -> None:
    wrong = [row["code"] for row in rows() if not re.fullmatch(SHAPES[row["vocabulary"]], row["code"])]
    assert wrong == []


def test_no_id_was_mangled_on_its_way() -> None:
    ids = [row["code"] for row in rows() if row["vocabulary"] in ("SNOMED CT", "dm+d")]
    assert len(ids) > 250
    assert [code for code in ids if verhoeff(code)] == []
    assert [row["code"] for row in rows() if row["vocabulary"] == "LOINC" and not luhn(row["code"])] == []


def test_the_check_of_ids_finds_a_mangled_one() -> None:
    assert verhoeff("338311000001105") == 0
    assert verhoeff("338311000000000") != 0
    assert luhn("1742-6")
    assert not luhn("1742-7")


def test_none_of_the_traps_is_in_the_lists() -> None:
    of_rows = [row for row in rows() if row["concept"] not in REASONS]
    assert {(row["vocabulary"], row["code"]) for row in of_rows} & TRAPS == set()
    meaning = {(row["vocabulary"], row["code"]): row["concept"] for row in rows()}
    assert meaning["OMOP", "19014878"] == "azathioprine"  # a public package has it as prednisone
    assert meaning["LOINC", "76625-3"] == meaning["LOINC", "77144-4"] == "alt"  # listed elsewhere under AST too


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/codelists is not on this machine")


@needs_shared
def test_every_shared_code_is_in_or_left_out_for_a_reason() -> None:
    ours = {(row["vocabulary"], row["code"].rstrip("*")) for row in rows()}
    theirs = {(row["vocabulary"], row["code"]) for row in shared_rows()}
    assert len(theirs) > 800
    assert theirs - ours == EXCLUDED.keys()


@needs_shared
def test_what_a_shared_code_means_and_how_it_was_checked_are_kept() -> None:
    ours = {(row["vocabulary"], row["code"].rstrip("*")): row for row in rows()}
    for theirs in shared_rows():
        row = ours.get((theirs["vocabulary"], theirs["code"]))
        if row is not None:
            members = set(DECOMPENSATION) if theirs["concept"] == "hepatic_decompensation" else set()
            assert row["concept"] in {theirs["concept"], *members}, row["code"]
            if not row["code"].endswith("*"):  # a star widens the code, and says so in its own words
                assert (row["checked"], row["source"]) == (theirs["checked"], theirs["source"]), row["code"]


def test_each_list_is_sorted_so_that_changes_can_be_read() -> None:
    for file in LISTS.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            keys = [(row["concept"], row["vocabulary"], row["code"]) for row in csv.DictReader(lines)]
        assert keys == sorted(keys)


def test_a_serology_is_one_whether_result_or_event() -> None:
    codes = codelists.load().codes
    tables = {row[0] for row in codes.filter(concept="hbsag", vocabulary="LOINC", code="5196-1").iter_rows()}
    assert tables == {"lab_results", "clinical_events"}
    assert {row[0] for row in codes.filter(concept="alt").iter_rows()} == {"lab_results"}


def test_a_concept_is_a_code_of_itself() -> None:
    codes = codelists.load(drugs=("atorvastatin",)).codes.filter(vocabulary="concept")
    assert codes.filter(table_name="drug_exposures")["code"].to_list() == sorted([*DRUGS, "atorvastatin"])
    assert set(codes.filter(table_name="lab_results")["concept"]) == LABS


def test_a_sites_list_adds_codes_as_text(tmp_path: Path) -> None:
    folder = write(tmp_path / "lists", "alt,local,0017,GPT", 'ast,local," 18 ",GOT', "statin,local,sim 20,x")
    lists = codelists.load([folder])
    assert set(lists.codes.filter(vocabulary="local").select("concept", "code").iter_rows()) == {
        ("alt", "0017"),
        ("ast", "18"),
        ("statin", "sim 20"),
    }
    assert lists.notes == ("code lists name drugs that this audit does not use: statin",)


def test_the_audited_drug_is_no_stranger(tmp_path: Path) -> None:
    folder = write(tmp_path / "lists", "statin,local,sim 20,x")
    assert codelists.load([folder], drugs=("statin",)).notes == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ast,LOINC,1742-6,x", "LOINC 1742-6 has two concepts, alt and ast"),
        ("ascites,ICD-10-CM,k767,x", "ICD-10-CM K767 has two concepts, ascites and hepatorenal"),
        ("sle,ICD-10-CM,M05.9,x", "ICD-10-CM M059 has two concepts, rheumatoid_arthritis and sle"),
        ("sle,ICD-10-CM,M0*,x", "ICD-10-CM M05 has two concepts, rheumatoid_arthritis and sle"),
        ("ast,concept,alt,x", "concept alt has two concepts, alt and ast"),
        ("alt,ICD-10-CM,K76.7,x", "ICD-10-CM K767 has two concepts, alt and hepatorenal"),
        ("ascites,RxNorm,519,x", "RxNorm 519 has two concepts, allopurinol and ascites"),
        ("abnormal_lft,SNOMED CT,197354009,x", "SNOMED CT 197354009 has two concepts, abnormal_lft and hepatotoxicity"),
        ("abnormal_lft,ICD-10-CM,k71.6,x", "ICD-10-CM K716 has two concepts, abnormal_lft and hepatotoxicity"),
        ("hepatotoxicity,ICD-10-CM,R7*,x", "ICD-10-CM R740 has two concepts, abnormal_lft and hepatotoxicity"),
        ("abnormal_lft,words,DILI,x", "words dili has two concepts, abnormal_lft and hepatotoxicity"),
        (
            "abnormal_lft,words,Drug-induced  * Liver*,x",
            "words drug induced * liver* has two concepts, abnormal_lft and hepatotoxicity",
        ),
        ("statin,name,AZATHIOPRINE,x", "name azathioprine has two concepts, azathioprine and statin"),
        ("statin,name,Imuran  50mg tab,x", "name imuran 50mg tab has two concepts, azathioprine and statin"),
        ("statin,name,6 mercaptopurine,x", "name 6 mercaptopurine has two concepts, mercaptopurine and statin"),
        ("statin,name,Azatioprína,x", "name azatioprina has two concepts, azathioprine and statin"),
    ],
)
def test_a_code_with_two_concepts_is_an_error_that_names_it(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(Usage, match="^code lists: " + re.escape(said) + "$"):
        codelists.load([write(tmp_path / "lists", line)])


def test_a_reason_for_stopping_may_be_a_diagnosis_too(tmp_path: Path) -> None:
    codes = codelists.load([write(tmp_path / "lists", "sle,ICD-10-CM,R94.5,x", "abnormal_lft,ICD-10-CM,K72*,x")]).codes
    meaning = {(row[0], row[1]) for row in codes.filter(vocabulary="ICD-10-CM", code="R94.5").iter_rows()}
    assert meaning == {("clinical_events", "sle"), ("stop_reasons", "abnormal_lft")}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hepatotoxicity,name,dili,x", "hepatotoxicity is no drug and has no name; a text stands under words"),
        ("azathioprine,words,imurek,x", "azathioprine is no reason for stopping; words stand for nothing else"),
        ("statin,words,sim*,x", "statin is no reason for stopping; words stand for nothing else"),
        ("hepatotoxicity,words,*,x", "hepatotoxicity, words *: there is no word in it"),
        ("hepatotoxicity,words,?! *,x", "hepatotoxicity, words ?! *: there is no word in it"),
    ],
)
def test_a_text_that_would_stand_for_nothing_or_for_all_is_an_error(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(Usage, match="^code lists: " + re.escape(said) + "$"):
        codelists.load([write(tmp_path / "lists", line)])


def test_a_name_that_only_holds_another_drugs_name_is_no_conflict(tmp_path: Path) -> None:
    lines = (
        "eye,name,prednisolone acetate 1% ophth susp,x",
        "clinic,name,warfarin clinic,x",
        "clinic,local,warfarin,x",
    )
    added = codelists.load([write(tmp_path / "lists", *lines)]).codes.filter(vocabulary="name", concept="eye")
    assert added["code"].to_list() == ["prednisolone acetate 1% ophth susp"]


@pytest.mark.parametrize(("vocabulary", "concepts", "least"), [("name", DRUGS, 50), ("words", REASONS, 9)])
def test_each_text_is_stored_as_it_is_compared(vocabulary: str, concepts: set[str], least: int) -> None:
    texts = [row["code"] for row in rows() if row["vocabulary"] == vocabulary]
    assert len(texts) > least
    assert {row["concept"] for row in rows() if row["vocabulary"] == vocabulary} == concepts
    with duckdb.connect() as connection:
        connection.execute((SQL / "macros.sql").read_text(encoding="utf-8"))
        keys = connection.execute("SELECT code_key(?, unnest(?))", [vocabulary, texts]).fetchall()
    assert [key for (key,) in keys] == texts


def test_two_folders_may_not_contradict_each_other(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", "alt,local,17,x"), write(tmp_path / "other", "ast,local,17,x")
    assert codelists.load([one, one]).codes.equals(codelists.load([one]).codes)
    with pytest.raises(Usage, match="local 17 has two concepts, alt and ast"):
        codelists.load([one, other])


def test_a_star_ends_a_local_code_without_meaning_anything(tmp_path: Path) -> None:
    folder = write(tmp_path / "lists", "alt,local,liver*,x", "ast,local,liver ast,x")
    assert codelists.load([folder]).codes.filter(vocabulary="local").height == 2


@pytest.mark.parametrize(
    ("header", "line", "said"),
    [
        ("concept,code", "alt,17", "site.csv lacks the column vocabulary"),
        ("concept,vocabulary,code", "alt,local,", "site.csv, line 2: concept, vocabulary and code must be given"),
        ("concept,vocabulary,code", "alt", "site.csv, line 2: has 1 fields, and the header 3"),
        ("concept,vocabulary,code", "alt,local,17,x", "site.csv, line 2: has 4 fields, and the header 3"),
        ("concept,vocabulary,code", 'alt,local,"17\nast,local,18', "site.csv, line 2: a quote is open at its end"),
        ("concept,vocabulary,code", 'alt,local,1"7\nast,local,1"8', "site.csv, line 2: a quote is open at its end"),
        ("concept,vocabulary,code", 'alt,local,"17"7', "site.csv, line 2: is no CSV"),
        ("concept,vocabulary,code", "alt,local,1\x007", "site.csv, line 2: holds a NUL"),
        ("concept,vocabulary,code,code", "alt,local,17,18", "site.csv has the column code twice"),
    ],
)
def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path, header: str, line: str, said: str) -> None:
    with pytest.raises(Usage, match=re.escape(said)):
        codelists.load([write(tmp_path / "lists", line, header=header)])


def test_a_list_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "lists", "alt,local,17,Müller")
    (folder / "site.csv").write_text("concept,vocabulary,code,display\nalt,local,17,Müller\n", encoding="latin-1")
    with pytest.raises(Usage, match="is not UTF-8"):
        codelists.load([folder])


def test_a_folder_without_lists_is_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Usage, match="is no folder with"):
            codelists.load([folder])


def test_the_hash_knows_codes_and_nothing_else(tmp_path: Path) -> None:
    one = codelists.load([write(tmp_path / "one", "alt,local,17,x")])
    same = codelists.load([write(tmp_path / "same", "alt,local,17,another display")])
    other = codelists.load([write(tmp_path / "other", "alt,local,18,x")])
    assert one.hash == same.hash != other.hash
    assert codelists.load().hash not in (one.hash, other.hash)
