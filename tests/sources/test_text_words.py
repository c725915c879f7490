"""Words and codes beside the rows: each listed one is needed for one of these texts, and a site's own codes count."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from flows.references import codelists, words
from flows.shipped import SQL
from flows.warehouse.duck import Warehouse
from tests.flows.extracts import lists_of
from tests.sources import look
from tests.sources.fhir import bulk

SAID: Mapping[str, tuple[str, ...]] = {
    "not_done": (
        *("Not done", " not performed ", "CANCELLED", "canceled", "Test not done", "test not performed"),
        *("test cancelled", "Test canceled", "TNP", "qns", "Quantity not sufficient", "no specimen"),
        *("no specimen received", "specimen not", "Specimen not received"),
    ),
    "pending": (
        *("Pending", "in progress", "to follow", "test pending", "Test in progress", "test to follow"),
        *("result pending", "Result in progress", "result to follow"),
    ),
    "no_result": (
        *(
            "CANCELLED.",
            "PRECANCEL",
            "duplicate order",
            "DUPLICATE REQUEST",
            "No result",
            "no specimen",
            "not available",
        ),
        *(
            "not done",
            "TEST NOT PERFORMED",
            "not received",
            "not reported",
            "not resulted",
            "not sent",
            "unable to report",
        ),
        *(
            "quantity not sufficient",
            "specimen clotted",
            "specimen lost",
            "specimen unsatisfactory",
            "lab error.",
            "(QNS)",
        ),
    ),
    "one_place": (
        *(
            "x 1 % Topical Cream",
            "topical x",
            "cream",
            "ointment",
            "lotion",
            "gel",
            "foam",
            "shampoo",
            "ophthalmic",
            "eye",
        ),
        *("otic", "ear", "nasal", "inhalation", "rectal", "enema", "suppositories", "vaginal", "dental", "oromucosal"),
        *("mouthwash", "cutaneous", "implant", "intravitreal", "irrigation", "Spray"),
    ),
    "human": ("Homo sapiens (organism)", "HUMAN", "human being"),
}
NOT_SAID: Mapping[str, tuple[str, ...]] = {
    "not_done": ("5", "not done yet", "tnp 5", "pending", "done"),
    "pending": ("5", "pending 5", "not done", "progress"),
    "no_result": ("5", "errors", "qnsx", "done", "specimen received", "HEMOLYZED"),
    "one_place": ("x 50 MG Oral Tablet", "eyes", "gels", "heart", "x 1 % injectable"),
    "human": ("humanoid robot", "homo", "Beagle"),
}
ASKED = {
    "not_done": "is_not_done(x)",
    "pending": "is_pending(x)",
    "no_result": "regexp_matches(lower(x), getvariable('no_result_pattern'))",
    "one_place": "regexp_matches(lower(x), getvariable('one_place_pattern'))",
    "human": "regexp_matches(lower(x), getvariable('human_pattern'))",
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    with Warehouse() as opened:
        words.teach(opened, codelists.load().codes)
        text = (SQL / "sources" / "macros.sql").read_text(encoding="utf-8")
        for name in ("is_not_done", "is_pending"):
            opened.macros(text[text.index(f"CREATE MACRO {name}(") :].partition(";")[0])
        yield opened


def found(warehouse: Warehouse, kind: str, texts: tuple[str, ...]) -> list[bool]:
    return [yes for (yes,) in warehouse.rows(f"SELECT {ASKED[kind]} FROM (SELECT unnest(?) AS x)", [list(texts)])]


@pytest.mark.parametrize("kind", SAID)
def test_a_word_counts_and_no_other(warehouse: Warehouse, kind: str) -> None:
    assert all(found(warehouse, kind, SAID[kind]))
    assert not any(found(warehouse, kind, NOT_SAID[kind]))


@pytest.mark.parametrize("kind", SAID)
def test_each_listed_word_is_needed_for_one_of_them(warehouse: Warehouse, kind: str) -> None:
    [(listed, pattern)] = warehouse.rows(f"SELECT getvariable('{kind}_words'), getvariable('{kind}_pattern')")
    idle = []
    for word in listed:
        rest = [other for other in listed if other != word]
        warehouse.set(f"{kind}_words", rest)
        warehouse.set(f"{kind}_pattern", words.pattern(rest))
        if all(found(warehouse, kind, SAID[kind])):
            idle.append(word)
    warehouse.set(f"{kind}_words", listed)
    warehouse.set(f"{kind}_pattern", pattern)
    assert len(listed) > 1
    assert idle == []


def test_a_site_may_name_classes_of_stays_and_codes_of_people(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "own.csv").write_text("concept,vocabulary,code\ninpatient,ActCode,SS\nhuman,local,mensch\n")
    classes = ("IMP", "ACUTE", "nonac", "SS", "AMB", "OBSENC")
    stays = [{**bulk.ENCOUNTER, "id": name, "class": {"code": name}} for name in classes]
    given = bulk.write(tmp_path / "bulk", bulk.PATIENT, bulk.OBSERVATION, bulk.REQUEST, *stays)
    with look.at(given, tmp_path, folders=(folder,)) as received:
        seen = {row["stay_id"] for row in look.rows(received, "inpatient_stays")}
        people = received.warehouse.rows("SELECT getvariable('human_codes')")[0][0]
    assert seen == {"IMP", "ACUTE", "nonac", "SS"}
    assert {"337915000", "MENSCH"} <= set(people)
    assert "SS" not in lists_of().codes.filter(table_name="inpatient_stays")["code"].to_list()
