"""Why a drug was stopped: a text or a code means the same by every source, and a site's own list counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from flows.given import Given
from flows.intake import steps as intake
from flows.intake.received import Received
from flows.references import codelists, units
from flows.shipped import SQL
from flows.warehouse.duck import Warehouse
from tests.flows.extracts import AS_OF, references
from tests.sources import look
from tests.sources.fhir import bulk
from tests.sources.omop.cdm import DRUG as OMOP_DRUG
from tests.sources.omop.cdm import cdm
from tests.sources.test_unread_texts import DRUG, site

HEPATOTOXICITY, ABNORMAL = "hepatotoxicity", "abnormal_lft"
# A text in each word that counts, and what it means: None, it stays as it is.
TEXTS: Mapping[str, str | None] = {
    "Hepatotoxicity": HEPATOTOXICITY,
    "nonhepatotoxic": HEPATOTOXICITY,
    "hepato-toxicity": HEPATOTOXICITY,
    "suspected DILI": HEPATOTOXICITY,
    "Drug-induced hepatitis": HEPATOTOXICITY,
    "DILI?": HEPATOTOXICITY,
    "drug-induced liver disease": HEPATOTOXICITY,
    "Drug induced acute hepatitis": HEPATOTOXICITY,
    "Toxic liver disease (disorder)": HEPATOTOXICITY,
    "toxic reaction, hepatitis": HEPATOTOXICITY,
    "liver damaged": HEPATOTOXICITY,
    "Liver injury": HEPATOTOXICITY,
    "liver toxicity, ALT raised": HEPATOTOXICITY,
    "abnormal_lft": ABNORMAL,
    "code abnormal_lft_2": ABNORMAL,
    "Transaminitis": ABNORMAL,
    "Raised ALT 240": ABNORMAL,
    "ALT > 3x ULN, raised AST": ABNORMAL,
    "LFTs deranged": ABNORMAL,
    "LFTs raised": ABNORMAL,
    "ALT high": ABNORMAL,
    "Elevated liver enzymes": ABNORMAL,
    "Abnormal liver function": ABNORMAL,
    "abnormal LFT": ABNORMAL,
    "LFT abnormalities": ABNORMAL,
    "elevated transaminases": ABNORMAL,
    "elevation of transaminase": ABNORMAL,
    "aminotransferases high": ABNORMAL,
    "higher aminotransferase": ABNORMAL,
    "AST highly elevated": ABNORMAL,
    "ALT highly pathological": ABNORMAL,
    "rising liver enzymes": ABNORMAL,
    "rise of a liver enzyme": ABNORMAL,
    "increase in ALT": ABNORMAL,
    "increased AST": ABNORMAL,
    "liver function tests deranged": ABNORMAL,
    "Abnormal liver test": ABNORMAL,
    "Abnormal liver tests": ABNORMAL,
    "hepatic function abnormal": ABNORMAL,
    "raised hepatic enzyme": ABNORMAL,
    "raised hepatic enzymes": ABNORMAL,
    # A denial, whichever words it is of.
    "No hepatotoxicity, remission": None,
    "not hepatotoxic": None,
    "never had DILI": None,
    "remission without hepatotoxicity": None,
    "DILI excluded": None,
    "excluding toxic hepatitis": None,
    "hepatotoxicity ruled out": None,
    "raised ALT, unrelated": None,
    "raised ALT, normalised": None,
    "elevated liver enzymes, normalized": None,
    "Liver enzymes normal": None,
    "high blood pressure, liver function normal": None,
    # A limit of normal denies nothing, but where the value lies within.
    "ALT raised, 3 times upper limit of normal": ABNORMAL,
    "ALT raised beyond limits of normal": ABNORMAL,
    "AST elevated above normal": ABNORMAL,
    "AST elevated above the normal range": ABNORMAL,
    "LFTs raised over normal": ABNORMAL,
    "LFTs higher than normal": ABNORMAL,
    "ALT raised 3x normal": ABNORMAL,
    "ALT raised 5 times normal": ABNORMAL,
    "raised bilirubin, ALT within limit of normal": None,
    "raised bilirubin, ALT within the limits of normal": None,
    "raised bilirubin, ALT within upper limit of normal": None,
    "raised bilirubin, ALT within the upper limit of normal": None,
    "raised bilirubin, ALT below upper limit of normal": None,
    "raised bilirubin, ALT below the upper limit of normal": None,
    # Neither a word within another, nor one test or one rise alone, nor words of two sentences.
    "Salt intake high": None,
    "raised ALTER": None,
    "ALT": None,
    "Raised blood pressure": None,
    "Seen for the liver. Injury of a knee": None,
    "Liver transplant": None,
    "Patient's choice": None,
    "K71.6": None,
    " Remission ": None,
    "": None,
}
SYSTEMS = {
    "SNOMED CT": "http://snomed.info/sct",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-9-CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "concept": "urn:rechallenge:concept",
    "local": None,
    "urn:clinic": "urn:clinic",
}
# Every code of the list, those below a star, and other spellings.
CODES: Mapping[tuple[str, str], str | None] = {
    ("SNOMED CT", "197354009"): HEPATOTOXICITY,
    ("SNOMED CT", "427399008"): HEPATOTOXICITY,
    ("SNOMED CT", "166603001"): ABNORMAL,
    ("SNOMED CT", " 863927004 "): ABNORMAL,
    ("ICD-10-CM", "K71"): HEPATOTOXICITY,
    ("ICD-10-CM", "K71.6"): HEPATOTOXICITY,
    ("ICD-10-CM", "k7111"): HEPATOTOXICITY,
    ("ICD-10-CM", "R74.0"): ABNORMAL,
    ("ICD-10-CM", "r7401"): ABNORMAL,
    ("ICD-10-CM", "R94.5"): ABNORMAL,
    ("ICD-9-CM", "790.4"): ABNORMAL,
    ("ICD-9-CM", "7948"): ABNORMAL,
    ("concept", HEPATOTOXICITY): HEPATOTOXICITY,
    ("concept", ABNORMAL): ABNORMAL,
    ("ICD-10-CM", "K7"): None,
    ("ICD-10-CM", "K70.0"): None,
    ("ICD-10-CM", "R74.8"): None,
    ("ICD-10-CM", "R94.51"): None,
    ("ICD-10-CM", "790.4"): None,
    ("ICD-9-CM", "790.40"): None,
    ("SNOMED CT", "707724006"): None,
    ("local", "K71.6"): None,
}
OF_SITE = """concept,vocabulary,code
hepatotoxicity,local,H17
abnormal_lft,urn:clinic,77
hepatotoxicity,ICD-10-CM,K72*
hepatotoxicity,words,Leberschäden*
abnormal_lft,words,leberwerte * erhöht
"""
OF_SITE_TEXTS: Mapping[str, str | None] = {
    **TEXTS,
    "LEBERSCHÄDEN": HEPATOTOXICITY,
    "Leberschadensverdacht": HEPATOTOXICITY,
    "Leberwerte waren erhöht": ABNORMAL,
    "Leberwerte erhöht": ABNORMAL,
    "No leberschaden": None,
    "erhöht: Leberwerte": None,
}
OF_SITE_CODES: Mapping[tuple[str, str], str | None] = {
    **CODES,
    ("local", "H17"): HEPATOTOXICITY,
    ("local", "h17"): None,
    ("urn:clinic", "77"): ABNORMAL,
    ("urn:clinic", "H17"): None,
    ("ICD-10-CM", "K72.0"): HEPATOTOXICITY,
}


Route = Callable[[Path, Sequence[str], tuple[Path, ...]], list[str | None]]


def expected(meanings: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return what comes of each text: the reason, or the text itself in small letters."""
    return {text: reason or text.strip().lower() or None for text, reason in meanings.items()}


def reasons_of(read: AbstractContextManager[Received], start: str, rows: int) -> list[str | None]:
    """Return the reasons of the exposures whose ids are numbered so."""
    with read as received:
        found = {row["exposure_id"]: row["stop_reason"] for row in look.rows(received, "drug_exposures")}
    return [found[f"{start}{n}"] for n in range(rows)]


def by_status_reason(folder: Path, reasons: Sequence[bulk.Resource], lists: tuple[Path, ...]) -> list[str | None]:
    """Return what comes of orders which were stopped for these."""
    ended = {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": "2024-03-01"}}}}]}
    orders = [
        {**bulk.REQUEST, **ended, "id": f"m{n}", "status": "stopped", "statusReason": reason}
        for n, reason in enumerate(reasons)
    ]
    given = bulk.write(folder / "fhir", bulk.PATIENT, bulk.OBSERVATION, *orders)
    return reasons_of(look.at(given, folder, folders=lists), "MedicationRequest/m", len(orders))


def fhir(folder: Path, texts: Sequence[str], lists: tuple[Path, ...]) -> list[str | None]:
    return by_status_reason(folder, [{"text": text} for text in texts], lists)


def omop(folder: Path, texts: Sequence[str], lists: tuple[Path, ...]) -> list[str | None]:
    rows = [{**OMOP_DRUG, "drug_exposure_id": str(n), "stop_reason": text} for n, text in enumerate(texts)]
    given = Given("omop", str(cdm(folder / "omop", drug_exposure=rows)))
    return reasons_of(look.at(given, folder, folders=lists), "", len(rows))


def table(folder: Path, texts: Sequence[str], lists: tuple[Path, ...]) -> list[str | None]:
    rows = [f'x{n},p1,{DRUG},2020-03-01,"{text}"' for n, text in enumerate(texts)]
    given = site(folder / "table", "ID,WHO,DRUG,DAY,WHY", *rows)
    file = folder / "table" / "mapping.toml"
    file.write_text(file.read_text().replace('dosage_text = "TEXT"', 'stop_reason = "WHY"'))
    return reasons_of(look.at(given, folder, folders=lists), "x", len(rows))


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, ...]:
    """Return the folder of a site's own list."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "reasons.csv").write_text(OF_SITE, encoding="utf-8")
    return (folder,)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    """Yield a warehouse in which texts are read as every source reads them."""
    with Warehouse() as opened:
        units.teach(opened)
        intake.prepare(opened, AS_OF, references())
        opened.macros((SQL / "sources" / "macros.sql").read_text(encoding="utf-8"))
        yield opened


def read(warehouse: Warehouse) -> dict[str, str | None]:
    return dict(warehouse.rows("SELECT text, stop_reason_of(text) FROM (SELECT unnest(?) AS text)", [list(TEXTS)]))


def test_a_text_is_the_liver_where_it_says_so_and_denies_nothing(warehouse: Warehouse) -> None:
    assert read(warehouse) == expected(TEXTS)
    assert warehouse.rows("SELECT stop_reason_of(x) FROM (VALUES (NULL), (''), (' ')) AS texts (x)") == [(None,)] * 3


def test_each_listed_word_is_needed_for_one_of_these_texts(warehouse: Warehouse) -> None:
    words = warehouse.rows("SELECT kind, pattern FROM resolved.stop_words")
    warehouse.run("CREATE TABLE all_words AS SELECT * FROM resolved.stop_words")
    idle = []
    for kind, pattern in words:
        without = "SELECT * FROM all_words WHERE (kind, pattern) <> (?, ?)"
        warehouse.run("CREATE OR REPLACE TABLE fewer AS " + without, [kind, pattern])
        warehouse.run("CREATE OR REPLACE VIEW resolved.stop_words AS FROM fewer")
        if read(warehouse) == expected(TEXTS):
            idle.append((kind, pattern))
    assert len(words) > 60
    assert idle == []


@pytest.mark.parametrize("route", [fhir, omop, table])
def test_a_text_means_the_same_by_every_source_and_a_sites_own_words_count(
    route: Route, tmp_path: Path, own: tuple[Path, ...]
) -> None:
    found = route(tmp_path, list(OF_SITE_TEXTS), own)
    assert dict(zip(OF_SITE_TEXTS, found, strict=True)) == expected(OF_SITE_TEXTS)


def test_a_code_on_a_list_counts_before_the_words_beside_it(tmp_path: Path, own: tuple[Path, ...]) -> None:
    reasons = [
        {"coding": [{"system": "urn:x", "code": "y"}, {"system": SYSTEMS[system], "code": code}], "text": "Rash"}
        for system, code in OF_SITE_CODES
    ]
    found = dict(zip(OF_SITE_CODES, by_status_reason(tmp_path, reasons, own), strict=True))
    assert found == {code: reason or "rash" for code, reason in OF_SITE_CODES.items()}


def test_every_code_of_the_list_is_among_these() -> None:
    keys = {(list_, code.strip().replace(".", "").upper()) for list_, code in CODES}
    listed = {entry.key[1:] for entry in codelists.entries() if entry.concept in (HEPATOTOXICITY, ABNORMAL)}
    codes = {(list_, code.rstrip("*").replace(".", "")) for list_, code in listed if list_ != "words"}
    assert len(codes) == 9
    assert codes <= keys


def test_a_site_may_say_what_a_word_of_its_table_means(tmp_path: Path) -> None:
    made = site(tmp_path / "table", "ID,WHO,DRUG,DAY,WHY", f"x0,p1,{DRUG},2020-03-01,L1", f"x1,p1,{DRUG},2020-03-01,L2")
    file = tmp_path / "table" / "mapping.toml"
    said = '[drug_exposures.values.stop_reason]\nL1 = "raised ALT"\nL2 = "unknown"\n'
    file.write_text(file.read_text().replace('dosage_text = "TEXT"', 'stop_reason = "WHY"') + said)
    assert reasons_of(look.at(made, tmp_path), "x", 2) == [ABNORMAL, "unknown"]
