"""Drugs that come as text: which texts the rule of docs/drug-names.md matches, which it does not, and what it says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import sources
from flows.intake import steps as intake
from flows.intake.steps import Intake
from flows.references import analytes as reference
from flows.references.bound import References
from flows.references.site import Site
from flows.shipped import DATA
from tests.flows.extracts import AS_OF, EDITION, EVENT, EXPOSURE, RESULT, counts, extract, lists_of, take

SITE_HEADER = "concept,vocabulary,code,display"


def take_names(tmp_path: Path, *texts: str, lists: Sequence[Path] = (), **tables: Any) -> Intake:
    """Take in an exposure for each text, all of one patient who is on azathioprine by concept too."""
    rows = [
        {**EXPOSURE, "exposure_id": f"x{place}", "vocabulary": "name", "code": text}
        for place, text in enumerate(texts, start=2)
    ]
    return take(extract(tmp_path / "extract", drug_exposures=[EXPOSURE, *rows], **tables), lists=lists)


def site(tmp_path: Path, *lines: str) -> Path:
    """Write a site's code list and return its folder."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "site.csv").write_text("\n".join([SITE_HEADER, *lines, ""]), encoding="utf-8")
    return folder


def row_of(taken: Intake, text: str) -> Mapping[str, Any]:
    """Return what `matched` says of a text; empty where it says nothing."""
    rows = taken.matched.filter(pl.col("code") == text).to_dicts()
    assert len(rows) <= 1
    return rows[0] if rows else {}


def read_as(taken: Intake, text: str) -> tuple[str | None, str | None, str | None]:
    """Return concept, matched_by and words_left of a text."""
    row = row_of(taken, text)
    return row.get("concept"), row.get("matched_by"), row.get("words_left")


AZA, MP, STEROID, BLOOD = "azathioprine", "mercaptopurine", "corticosteroid_systemic", "anticoagulant"
MATCHES = {
    "Azathioprine 50mg tabs": AZA,  # strength glued
    "azathioprine 50 MG Oral Tablet": AZA,  # strength apart
    "azathioprine 2.5 mg": AZA,  # decimals
    "azathioprine 2,5 mg": AZA,
    "AZATHIOPRINE SODIUM 100 mg vial": AZA,  # salt
    "azaTHIOprine (IMURAN)": AZA,  # a brand in brackets
    "azathioprine 50 MG Oral Tablet [Imuran]": AZA,
    "Imuran 25 MG": AZA,
    "Azatiopr\u00edna 50 mg comprimidos": AZA,  # accents
    "Azatiopri\u0301na": AZA,  # the accent as a character of its own
    "azathioprine 50 \u00b5g/ml susp": AZA,
    "azathioprine 50 \u03bcg/ml susp": AZA,
    "Azathioprine_Tablet": AZA,
    "azathioprine 50 mg/5 ml oral suspension": AZA,
    "azathioprine 25-50 mg": AZA,  # ranges
    "azathioprine 25 to 50 mg": AZA,
    "azathioprine 2 x 50 mg": AZA,
    "azathioprine 50 mg, 100 tablets": AZA,  # what a number counts
    "6-mercaptopurine 50 mg": MP,  # a number that belongs to the name
    "6 MERCAPTOPURINE": MP,
    "Puri Nethol 50mg tablets": MP,
    "hydrocortisone na succ.": STEROID,
    "MethylPREDNISolone Sodium Succ": STEROID,
    "Dexamethasone Sod Phosphate": STEROID,
    "Prednisolone 2.5mg gastro-resistant tablets": STEROID,
    "Dabigatran Etexilate Mesylate 150 mg cap": BLOOD,
}
NEAR_MISSES = {
    "hydrocortisone 1% cream": (STEROID, "1 % cream"),
    "hydrocortisone 1%": (STEROID, "1 %"),
    "hydrocortisone 1\uff05": (STEROID, "1 %"),
    "prednisolone acetate 1% ophth susp": (STEROID, "acetate 1 % ophth"),
    "prednisolone solution 1 % 5 ml": (STEROID, "1 %"),
    "hydrocortisone 1": (STEROID, "1"),  # a tablet of 1 mg, or 1 %
    "allopurinol/lesinurad 300 mg": ("allopurinol", "lesinurad"),  # a combination
    "azathioprine desensitization": (AZA, "desensitization"),
    "azathioprine 50 mg daily": (AZA, "daily"),
}
STRANGERS = (
    "methylazathioprine",
    "azathiopirine 50 mg",
    "heparin flush",
    "acetaminophen/codeine",
    "azathioprines",
    "50 mg",
)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    return take_names(tmp_path_factory.mktemp("many"), *MATCHES, *NEAR_MISSES, *STRANGERS)


@pytest.mark.parametrize(("text", "concept"), MATCHES.items())
def test_a_name_beside_words_that_name_no_drug_is_the_drug(many: Intake, text: str, concept: str) -> None:
    assert read_as(many, text) == (concept, "name", None)


@pytest.mark.parametrize(("text", "looks"), NEAR_MISSES.items())
def test_a_name_beside_other_words_is_reported_with_them(many: Intake, text: str, looks: tuple[str, str]) -> None:
    concept, words = looks
    assert read_as(many, text) == (concept, "near_miss", words)


@pytest.mark.parametrize("text", STRANGERS)
def test_a_name_counts_as_a_whole_word_and_exactly_spelt(many: Intake, text: str) -> None:
    assert row_of(many, text) == {}
    assert text in many.unlisted["code"].to_list()


def test_a_near_miss_is_on_no_list_and_a_match_is(many: Intake) -> None:
    unlisted = set(many.unlisted["code"])
    assert unlisted == {*NEAR_MISSES, *STRANGERS}


def test_each_row_is_one_row_whatever_its_name_matches(many: Intake) -> None:
    named = len(MATCHES) + len(NEAR_MISSES) + len(STRANGERS)
    said = counts(many, "drug_exposures")
    assert said["read"] == named + 1
    assert said["staged"] == len(MATCHES) + 1
    assert said["not_needed"] == len(NEAR_MISSES) + len(STRANGERS)
    assert many.staged.exposures["exposure_id"].is_unique().all()


def test_what_matched_is_counted_by_text_as_received(tmp_path: Path) -> None:
    taken = take_names(tmp_path, "Imuran 50mg", "Imuran 50mg", "IMURAN 50 mg", " Imuran 50mg ", "imuran cream")
    assert taken.matched.columns == ["table_name", "vocabulary", "code", "concept", "matched_by", "rows", "words_left"]
    assert taken.matched.rows() == [
        ("drug_exposures", "name", "Imuran 50mg", AZA, "name", 3, None),
        ("drug_exposures", "name", "IMURAN 50 mg", AZA, "name", 1, None),
        ("drug_exposures", "name", "imuran cream", AZA, "near_miss", 1, "cream"),
    ]


def test_near_misses_are_noted_with_counts_alone(tmp_path: Path) -> None:
    texts = ("azathioprine cream", "azathioprine gel", "azathioprine gel", "Prednisone 1% CANARY")
    taken = take_names(tmp_path, *texts)
    lines = [note for note in taken.notes if "look" in note]
    assert lines == [
        "drug_exposures: 2 names (3 rows) look like azathioprine but did not match: see matched",
        "drug_exposures: 1 name (1 row) looks like corticosteroid_systemic but did not match: see matched",
    ]


def test_a_name_on_a_list_word_for_word_stands_on_the_list(tmp_path: Path) -> None:
    lists = site(
        tmp_path,
        "acetaminophen,name,acetaminophen w/codeine,x",
        "acetaminophen,name,Hydrocodone-Acetaminophen,x",
        "steroid_eye_drops,name,prednisolone acetate 1% ophth susp,x",
    )
    texts = [
        *("Acetaminophen  w/Codeine", "hydrocodone-acetaminophen"),
        *("Prednisolone Acetate 1% Ophth Susp", "PredniSONE"),
    ]
    taken = take_names(tmp_path, *texts, lists=[lists])
    assert [read_as(taken, text)[:2] for text in texts] == [
        ("acetaminophen", "list"),
        ("acetaminophen", "list"),
        ("steroid_eye_drops", "list"),
        (STEROID, "list"),
    ]
    assert taken.unlisted.is_empty()
    assert taken.matched.height == len(texts), "a text is no code: a person confirms it"


def test_a_sites_own_name_is_read_by_the_rule_too(tmp_path: Path) -> None:
    lists = site(tmp_path, "azathioprine,name,jayempi,x")
    taken = take_names(tmp_path, "Jayempi 10 mg/ml oral suspension", "azathioprine (Jayempi)", lists=[lists])
    assert set(taken.matched.select("concept", "matched_by").iter_rows()) == {(AZA, "name")}


def test_a_text_that_two_concepts_could_claim_is_neither(tmp_path: Path) -> None:
    lines = ("one,name,alpha,x", "one,name,beta gamma,x", "other,name,beta,x", "other,name,alpha delta,x")
    taken = take_names(tmp_path, "alpha beta", lists=[site(tmp_path, *lines)])
    assert set(taken.matched.select("concept", "matched_by", "words_left").iter_rows()) == {
        ("one", "near_miss", None),
        ("other", "near_miss", None),
    }
    assert counts(taken, "drug_exposures") == {"read": 2, "staged": 1, "not_needed": 1}


def test_a_name_of_salts_and_forms_alone_is_the_listed_one(tmp_path: Path) -> None:
    lists = site(tmp_path, "calcium,name,calcium phosphate,x")
    taken = take_names(tmp_path, "calcium phosphate 500 mg tab", "sodium phosphate", lists=[lists])
    assert read_as(taken, "calcium phosphate 500 mg tab") == ("calcium", "name", None)
    assert row_of(taken, "sodium phosphate") == {}


def test_only_names_of_drugs_are_read_by_the_rule(tmp_path: Path) -> None:
    texts = ("azathioprine 50 mg", "azathioprine cream")
    drugs = [
        {**EXPOSURE, "exposure_id": f"{vocabulary} {text}", "vocabulary": vocabulary, "code": text}
        for vocabulary in ("name", "local")
        for text in texts
    ]
    labs = [{**RESULT, "result_id": text, "vocabulary": "name", "code": text} for text in texts]
    events = [{**EVENT, "event_id": text, "vocabulary": "name", "code": text} for text in texts]
    tables = {"drug_exposures": drugs, "lab_results": [RESULT, *labs], "clinical_events": events}
    taken = take(extract(tmp_path / "extract", **tables))
    assert taken.matched.rows() == [
        ("drug_exposures", "name", "azathioprine 50 mg", AZA, "name", 1, None),
        ("drug_exposures", "name", "azathioprine cream", AZA, "near_miss", 1, "cream"),
    ]
    assert taken.unlisted.height == len(drugs) + len(labs) + len(events) - 1
    assert counts(taken) == {"read": 3, "staged": 1, "not_needed": 2}


def test_the_products_of_thiopurines_on_the_lists_are_read_as_their_drug(tmp_path: Path) -> None:
    """The lists' own displays are the best sample of how products are written that the project has."""
    listed = pl.read_csv(DATA / "codelists" / "drugs.csv", infer_schema=False).filter(
        pl.col("concept").is_in([AZA, MP]), pl.col("vocabulary").is_in(["RxNorm", "dm+d"])
    )
    written = listed.with_columns(pl.col("display").str.replace(r" \[BNF.*$", "")).select("concept", "display").unique()
    taken = take_names(tmp_path, *written["display"])
    found = taken.matched.filter(pl.col("matched_by") != "near_miss").select("concept", display="code")
    assert found.height > 50
    assert written.join(found, on=["concept", "display"], how="anti")["display"].to_list() == []


# --- codes that a source derives from its own vocabulary ------------------------------------------------


def settle(folder: Path, *derived: tuple[str, ...]) -> tuple[pl.DataFrame, list[tuple[Any, ...]]]:
    """Settle an extract with derived codes; return what matched, and the rows of resolved.codes for drugs."""
    with sources.receive(folder, folder.parent / "work") as received:
        received.warehouse.run(f"CREATE TABLE reference.derived_codes ({reference.DERIVED_CODES})")
        for row in derived:
            received.warehouse.run("INSERT INTO reference.derived_codes VALUES (?, ?, ?, ?, ?)", row)
        lists = lists_of((), (EDITION.audited_drug, *EDITION.other_thiopurines))
        checked = intake.settle(received, AS_OF, References(EDITION, Site(), lists))
        found = received.warehouse.rows(
            "SELECT vocabulary, code, concept, matched_by FROM resolved.codes "
            "WHERE table_name = 'drug_exposures' ORDER BY ALL"
        )
        return checked.matched, found


def test_a_list_comes_before_what_is_derived_and_that_before_the_rule(tmp_path: Path) -> None:
    codes = [("OMOP", "19014878"), ("OMOP", "42"), ("OMOP", "43"), ("name", "imuran 50 mg"), ("name", "azasan 50 mg")]
    rows = [
        {**EXPOSURE, "exposure_id": f"x{place}", "vocabulary": vocabulary, "code": code}
        for place, (vocabulary, code) in enumerate(codes)
    ]
    folder = extract(tmp_path / "extract", drug_exposures=rows)
    _, found = settle(
        folder,
        ("drug_exposures", "OMOP", "19014878", "allopurinol", "ancestor"),
        ("drug_exposures", "OMOP", "42", "azathioprine", "ancestor"),
        ("drug_exposures", "OMOP", "42", "azathioprine", "ancestor"),
        ("lab_results", "OMOP", "43", "alt", "ancestor"),
        ("drug_exposures", "name", "Imuran 50 mg", "allopurinol", "ancestor"),
    )
    assert found == [
        ("OMOP", "19014878", "azathioprine", "list"),
        ("OMOP", "42", "azathioprine", "ancestor"),
        ("OMOP", "43", None, None),
        ("name", "azasan 50 mg", "azathioprine", "name"),
        ("name", "imuran 50 mg", "allopurinol", "ancestor"),
    ]


def test_what_is_derived_is_reported_as_matched(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", drug_exposures=[{**EXPOSURE, "vocabulary": "OMOP", "code": "42"}])
    matched, _ = settle(folder, ("drug_exposures", "OMOP", "42", AZA, "ancestor"))
    assert matched.rows() == [("drug_exposures", "OMOP", "42", AZA, "ancestor", 1, None)]


def test_a_code_derived_for_two_concepts_is_neither_and_one_row(tmp_path: Path) -> None:
    folder = extract(tmp_path / "extract", drug_exposures=[{**EXPOSURE, "vocabulary": "OMOP", "code": "44"}])
    both = (("drug_exposures", "OMOP", "44", concept, "ancestor") for concept in ("azathioprine", "allopurinol"))
    _, found = settle(folder, *both)
    assert found == [("OMOP", "44", None, None)]


def test_a_result_or_a_drug_of_two_concepts_is_rejected_and_an_event_is_both(tmp_path: Path) -> None:
    code = {"vocabulary": "OMOP", "code": "44"}
    folder = extract(
        tmp_path / "extract",
        drug_exposures=[EXPOSURE, {**EXPOSURE, **code, "exposure_id": "x2"}],
        lab_results=[RESULT, {**RESULT, **code, "result_id": "r2"}],
        clinical_events=[EVENT, {**EVENT, **code, "event_id": "e2"}],
    )
    pairs = {
        "drug_exposures": ("azathioprine", "allopurinol"),
        "lab_results": ("alt", "ast"),
        "clinical_events": ("autoimmune_hepatitis", "hepatic_failure"),
    }
    lists = lists_of((), (EDITION.audited_drug, *EDITION.other_thiopurines))
    with sources.receive(folder, tmp_path / "work") as received:
        received.warehouse.run(f"CREATE TABLE reference.derived_codes ({reference.DERIVED_CODES})")
        for table, concepts in pairs.items():
            for concept in concepts:
                row = [table, "OMOP", "44", concept, "ancestor"]
                received.warehouse.run("INSERT INTO reference.derived_codes VALUES (?, ?, ?, ?, ?)", row)
        taken = intake.stage(intake.settle(received, AS_OF, References(EDITION, Site(), lists)))
    assert dict(taken.rejects.select("source_id", "reason").iter_rows()) == {
        "x2": "conflicting_concepts",
        "r2": "conflicting_concepts",
    }
    assert taken.staged.events is not None
    assert taken.staged.events.select("event_id", "concept").rows() == [
        ("e1", "symptom_nausea"),
        ("e2", "autoimmune_hepatitis"),
        ("e2", "hepatic_failure"),
    ]
    assert taken.unlisted.is_empty()
    events = taken.conservation.filter(pl.col("table_name") == "clinical_events").to_dicts()[0]
    assert (events["read"], events["staged"]) == (2, 2)
