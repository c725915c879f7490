"""What holds for every kind of source: each row comes out once, and a mapping that is wrong is named."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from audit.frames import SOURCE_ROWS
from flows import sources
from flows.errors import Refused, Usage
from flows.given import Given
from flows.intake import settle
from flows.intake.tables import SOURCE, Receiver
from flows.shipped import SQL
from flows.warehouse.duck import Warehouse
from tests.flows.extracts import references
from tests.sources import look

TOML = """
[patients]
files = "patients.csv"
columns = { patient_id = "id", observation_start = "start" }
[lab_results]
files = "labs.csv"
columns = { result_id = "id", patient_id = "who", collected_at = "day", code = "code", value = "value" }
constants = { vocabulary = "concept" }
[drug_exposures]
files = "drugs.csv"
columns = { exposure_id = "id", patient_id = "who", code = "code", start_date = "day" }
constants = { vocabulary = "concept" }
"""
LAB = (
    "SELECT id AS result_id, who AS patient_id, day AS collected_at, 'concept' AS vocabulary, code, value, "
    "'lab_results' AS source_table{more} FROM source.lab_results{where}"
)
Own = Callable[..., Given]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """Return a maker of a source with mappings of its own."""
    site, mapping = tmp_path / "site", tmp_path / "mapping"
    site.mkdir()
    mapping.mkdir()
    (site / "patients.csv").write_text("id,start\np1,2020-01-01\n")
    (site / "labs.csv").write_text("id,who,day,code,value\nr1,p1,2020-02-01,alt,30\nr2,p1,2020-02-02,ast,31\n")
    (site / "drugs.csv").write_text("id,who,code,day\nx1,p1,azathioprine,2020-03-01\n")
    (mapping / "mapping.toml").write_text(TOML)

    def make(**sql: str) -> Given:
        for name, text in sql.items():
            (mapping / f"{name}.sql").write_text(text)
        return Given("table", str(site), mapping)

    return make


def labs(more: str = "", where: str = "") -> str:
    return LAB.format(more=more, where=where)


def test_a_row_is_carried_left_out_or_rejected_with_its_reason(own: Own, tmp_path: Path) -> None:
    flags = ", CASE id WHEN 'r1' THEN 'not_a_lab' END AS left_out, CASE id WHEN 'r2' THEN 'two_codes' END AS rejected"
    with look.at(own(lab_results=labs(flags)), tmp_path) as received:
        assert look.rows(received, "lab_results") == []
        assert "lab_results" in received.has
        assert ("lab_results", "lab_results", "left_out", "not_a_lab", 1) in look.account(received)
        assert ("lab_results", "lab_results", "rejected", "two_codes", 1) in look.account(received)
        [row] = look.rejects(received)
        assert (row["source_table"], row["row_number"], row["source_id"]) == ("lab_results", 1, "r2")
        assert (row["reason"], json.loads(row["row"])["code"]) == ("two_codes", "ast")
        assert "source lab_results: 1 rows left out as not_a_lab" in received.notes
        assert "source lab_results: 1 rows rejected as two_codes" in received.notes


def test_an_older_version_does_not_come_back_where_the_latest_is_rejected(own: Own, tmp_path: Path) -> None:
    more = (
        ", CASE who WHEN 'p2' THEN '2024-01-02' WHEN 'p3' THEN '2024-01-03' END AS recorded_at"
        ", CASE WHEN code = 'two' THEN 'two_codes' END AS rejected"
    )
    given = own(lab_results=labs(more))
    (tmp_path / "site" / "labs.csv").write_text(
        "id,who,day,code,value\n"
        "a,p1,2020-02-01,alt,1\na,p2,2020-02-01,two,2\na,p3,2020-02-01,alt,3\n"  # a later good one stands
        "b,p1,2020-02-01,alt,1\nb,p2,2020-02-01,alt,2\nb,p3,2020-02-01,two,3\n"
        "c,p2,2020-02-01,alt,1\nc,p2,2020-02-01,two,2\n"  # recorded at one time
        "d,p1,2020-02-01,alt,1\n,p1,2020-02-01,two,1\n,p1,2020-02-01,alt,1\n"  # no id, no version
    )
    with look.at(given, tmp_path) as received:
        assert [(row["result_id"], row["value"]) for row in look.rows(received, "lab_results")] == [
            ("a", "3"),
            ("d", "1"),
            (None, "1"),
        ]
        assert ("lab_results", "lab_results", "rejected", "later_version_rejected", 4) in look.account(received)


def test_a_row_that_is_both_is_rejected(own: Own, tmp_path: Path) -> None:
    with look.at(own(lab_results=labs(", 'a' AS left_out, 'b' AS rejected")), tmp_path) as received:
        assert ("lab_results", "lab_results", "rejected", "b", 2) in look.account(received)


def test_the_rejects_of_the_source_stand_beside_those_of_the_contract(own: Own, tmp_path: Path) -> None:
    flags = ", CASE id WHEN 'r2' THEN 'two_codes' END AS rejected"
    given = own(lab_results=labs(flags))
    (tmp_path / "site" / "drugs.csv").write_text("id,who,code,day\nx1,p1,azathioprine,2020-03-01\nx2,p9,x,2020-03-01\n")
    taken = sources.take_in(given, tmp_path / "work", look.AS_OF, references(site=look.Site(max_rejected_share=1.0)))
    assert set(taken.rejects.select("table_name", "source_id", "reason").iter_rows()) == {
        ("source.lab_results", "r2", "two_codes"),
        ("drug_exposures", "x2", "unknown_patient"),
        ("lab_results", "r1", "missing_unit"),
    }
    assert taken.rejects.filter(table_name="source.lab_results")["detail"].to_list() == ["two_codes"]


def test_the_order_of_mapped_rows_leaves_no_trace_in_the_rejects(own: Own, tmp_path: Path) -> None:
    def rejects(order: str) -> pl.DataFrame:
        more = ", CASE WHEN id < 'r3' THEN 'two_codes' END AS rejected"
        given = own(lab_results=labs(more, f" ORDER BY id {order}"))
        (tmp_path / "site" / "labs.csv").write_text(
            "id,who,day,code,value\n" + "".join(f"r{n},p1,2020-02-01,alt,x\n" for n in range(1, 6))
        )
        site = look.Site(max_rejected_share=1.0)
        return sources.take_in(given, tmp_path / "work", look.AS_OF, references(site=site)).rejects

    assert rejects("ASC").equals(rejects("DESC"))
    assert rejects("ASC").select("table_name", "row_number", "source_id").rows() == [
        ("lab_results", 1, "r3"),
        ("lab_results", 2, "r4"),
        ("lab_results", 3, "r5"),
        ("source.lab_results", 1, "r1"),
        ("source.lab_results", 2, "r2"),
    ]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (" WHERE id = 'r1'", "of lab_results 2 rows were read and 1 came out; each must, and once"),
        (" CROSS JOIN range(2)", "of lab_results 2 rows were read and 4 came out; each must, and once"),
    ],
)
def test_a_mapping_that_loses_or_doubles_a_row_is_refused(own: Own, tmp_path: Path, where: str, said: str) -> None:
    with pytest.raises(Refused, match=said), look.at(own(lab_results=labs(where=where)), tmp_path):
        pass


def test_a_mapping_that_takes_one_row_for_another_is_refused(own: Own, tmp_path: Path) -> None:
    text = labs().replace("source.lab_results", "(SELECT 'r1' AS id, * EXCLUDE (id) FROM source.lab_results)")
    said = "mapping lab_results.sql: of lab_results 2 ids were read and 1 came out"
    with pytest.raises(Refused, match=said), look.at(own(lab_results=text), tmp_path):
        pass


def test_a_mapping_that_names_no_table_of_the_source_is_refused(own: Own, tmp_path: Path) -> None:
    text = labs().replace("'lab_results' AS", "CASE id WHEN 'r1' THEN 'lab_results' ELSE 'elsewhere' END AS")
    with (
        pytest.raises(Refused, match="of lab_results 2 rows were read and 1 came"),
        look.at(own(lab_results=text), tmp_path),
    ):
        pass
    text = labs().replace("'lab_results' AS", "'elsewhere' AS")
    with pytest.raises(Refused, match="source_table 'elsewhere' is no table"), look.at(own(lab_results=text), tmp_path):
        pass


def test_a_table_that_no_mapping_carries_is_said_to_be_so(own: Own, tmp_path: Path) -> None:
    text = labs().replace("source.lab_results", "(SELECT * FROM source.lab_results WHERE FALSE)")
    with look.at(own(lab_results=text), tmp_path) as received:
        assert ("lab_results", None, "not_mapped", None, 2) in look.account(received)
        assert "source lab_results: 2 rows asked by no mapping" in received.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (labs().replace(", 'lab_results' AS source_table", ""), "mapping lab_results.sql: the column source_table is"),
        (labs().replace(", code,", ", code AS kode,"), "mapping lab_results.sql: the column code is missing"),
        (labs().replace("day AS", "tag AS"), "mapping lab_results.sql: "),
        (labs().replace("FROM", "FORM"), "mapping lab_results.sql: "),
        (labs().replace("source.lab_results", "source.lab_results, source.nothing"), "mapping lab_results.sql: "),
        (labs().replace(" value,", " CAST(code AS INTEGER) AS value,"), "a value cannot be read as it asks"),
    ],
)
def test_what_is_wrong_in_a_sites_sql_is_named_without_a_value(own: Own, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Usage, match=re.escape(said)) as caught, look.at(own(lab_results=text), tmp_path):
        pass
    assert "azathioprine" not in str(caught.value)
    assert "'alt'" not in str(caught.value)


def test_a_file_that_replaces_nothing_is_named(own: Own, tmp_path: Path) -> None:
    said = "mapping lab_result.sql: it replaces nothing of the source (known: patients, drug_exposures, lab_results,"
    with pytest.raises(Usage, match=re.escape(said)), look.at(own(lab_result=labs()), tmp_path):
        pass


def test_sql_that_reads_no_table_of_the_source_is_named(own: Own, tmp_path: Path) -> None:
    text = labs().replace("source.lab_results", "source.labor")
    said = "mapping lab_results.sql: it reads no table of the source (known: source.patients, source.lab_results,"
    with pytest.raises(Usage, match=re.escape(said)), look.at(own(lab_results=text), tmp_path):
        pass


def test_sql_in_the_location_is_never_run(own: Own, tmp_path: Path) -> None:
    site, ran = Path(own().location), tmp_path / "ran"
    (site / "mapping.toml").write_text(TOML)
    for name in ("macros", "codes", "lab_results"):
        (site / f"{name}.sql").write_text(f"COPY (SELECT 1) TO '{ran}';")
    said = (
        r"SQL is never run from the location \(macros.sql, codes.sql, lab_results.sql\); give its folder by --mapping"
    )
    with pytest.raises(Usage, match=said), look.at(Given("table", str(site)), tmp_path):
        pass
    with look.at(own(), tmp_path / "again") as received:
        assert {row["value"] for row in look.rows(received, "lab_results")} != {7}
    assert not ran.exists()


def test_sql_in_the_location_is_used_where_the_mapping_is_said_to_be_there(own: Own, tmp_path: Path) -> None:
    site = Path(own().location)
    (site / "mapping.toml").write_text(TOML)
    (site / "lab_results.sql").write_text(labs().replace(" value,", " 7 AS value,"))
    with look.at(Given("table", str(site), site), tmp_path) as received:
        assert {row["value"] for row in look.rows(received, "lab_results")} == {7}
        assert "the site's own mappings are used: lab_results.sql" in received.notes


def test_a_mapping_folder_without_a_toml_goes_with_that_of_the_location(own: Own, tmp_path: Path) -> None:
    given = own(lab_results=labs().replace(" value,", " 7 AS value,"))
    (tmp_path / "mapping" / "mapping.toml").rename(tmp_path / "site" / "mapping.toml")
    with look.at(given, tmp_path) as received:
        assert {row["value"] for row in look.rows(received, "lab_results")} == {7}


def test_columns_beyond_the_contract_are_kept_out_and_named(own: Own, tmp_path: Path) -> None:
    with look.at(own(lab_results=labs(", 1 AS ward, 2 AS bed")), tmp_path) as received:
        assert "mapping lab_results.sql: not of the contract, kept out: bed, ward" in received.notes
        assert len(look.rows(received, "lab_results")) == 2


def test_a_required_table_without_anything_to_make_it_of_is_refused(own: Own, tmp_path: Path) -> None:
    given = own()
    (tmp_path / "mapping" / "mapping.toml").write_text(TOML.partition("[drug_exposures]")[0])
    said = "there is nothing to make the table drug_exposures of"
    with pytest.raises(Refused, match=said), look.at(given, tmp_path):
        pass


def test_macros_and_codes_of_a_site_are_used(own: Own, tmp_path: Path) -> None:
    given = own(
        macros="CREATE MACRO twice(x) AS 2 * x;",
        codes="SELECT 'lab_results' AS table_name, 'v' AS vocabulary, 'c' AS code, 'alt' AS concept, 'x' AS matched_by",
        lab_results=labs().replace(" value,", " twice(CAST(value AS INTEGER)) AS value,"),
    )
    with look.at(given, tmp_path) as received:
        assert [row["value"] for row in look.rows(received, "lab_results")] == [60, 62]
        assert received.warehouse.rows("SELECT code, concept FROM reference.derived_codes") == [("c", "alt")]


def test_nothing_stays_behind_when_a_source_is_closed(own: Own, tmp_path: Path) -> None:
    with look.at(own(), tmp_path) as received:
        assert any((tmp_path / "work").rglob("*.parquet"))
    assert not any((tmp_path / "work").rglob("*.parquet"))
    with pytest.raises(Exception, match=r"[Cc]losed"):
        received.warehouse.rows("SELECT 1")


def counted(*rows: tuple[str, str | None, str, str | None, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SOURCE_ROWS.schema, orient="row")


def test_too_many_rejects_of_a_source_stop_the_run_at_one_more_than_allowed() -> None:
    good, bad = ("m", "lab_results", "carried", None), ("m", None, "rejected", "unreadable")
    assert settle.refusals_of_source(counted((*good, 19), (*bad, 1)), 0.05) == []
    assert settle.refusals_of_source(counted((*good, 18), (*bad, 1)), 0.05) == [
        "m: 1 of 19 rows of the source rejected (5.3%), more than the 5.0% that the site allows: unreadable 1"
    ]
    assert settle.refusals_of_source(SOURCE_ROWS.empty(), 0.05) == []


def test_an_audit_is_refused_where_a_source_rejects_too_much(own: Own, tmp_path: Path) -> None:
    given = own(lab_results=labs(", CASE id WHEN 'r2' THEN 'two_codes' END AS rejected"))
    with pytest.raises(Refused, match="lab_results: 1 of 2 rows of the source rejected"):
        sources.take_in(given, tmp_path / "work", look.AS_OF, references())


def test_ids_that_are_whole_numbers_are_one_however_they_are_stored(tmp_path: Path) -> None:
    from expectations.declare import WHOLE, Column
    from flows.sources.declare import SourceTable

    values = {"whole": [17, None], "real": [17.0, None], "text": ["17.0", "17x"], "deep": [2.0**53, 1.5]}
    pl.DataFrame(values).write_parquet(tmp_path / "t.parquet")
    table = SourceTable("t", tuple(Column(name, WHOLE) for name in values))
    with Warehouse(tmp_path / "work") as warehouse:
        types = warehouse.types(f"SELECT * FROM '{tmp_path}/t.parquet'")
        Receiver(warehouse, SOURCE).take(table, types, f"'{tmp_path}/t.parquet'", "1", 2)
        assert warehouse.rows("SELECT * EXCLUDE (row_number) FROM source.t") == [
            ("17", "17", "17", "9007199254740992"),
            (None, None, "17x", "1.5"),
        ]


def test_an_id_beyond_what_a_float_can_hold_stops_the_run(tmp_path: Path) -> None:
    from expectations.declare import WHOLE, Column
    from flows.sources.declare import SourceTable

    pl.DataFrame({"id": [2.0**54]}).write_parquet(tmp_path / "t.parquet")
    with Warehouse(tmp_path / "work") as warehouse:
        relation = f"'{tmp_path}/t.parquet'"
        Receiver(warehouse, SOURCE).take(SourceTable("t", (Column("id", WHOLE),)), {"id": "DOUBLE"}, relation, "1", 1)
        with pytest.raises(duckdb.Error, match="holds an id that a float cannot"):
            warehouse.rows("SELECT * FROM source.t")


def test_an_audit_is_refused_where_an_id_is_beyond_a_float(own: Own, tmp_path: Path) -> None:
    given = own()
    frame = pl.read_csv(tmp_path / "site" / "labs.csv").with_columns(id=pl.lit(2.0**54))
    frame.write_parquet(tmp_path / "site" / "labs.parquet")
    (tmp_path / "mapping" / "mapping.toml").write_text(TOML.replace("labs.csv", "labs.parquet"))
    said = "source table: lab_results: the column id holds an id that a float cannot"
    with pytest.raises(Refused, match=said), look.at(given, tmp_path):
        pass


def test_a_file_that_turns_out_damaged_while_it_is_mapped_is_refused(own: Own, tmp_path: Path) -> None:
    given = own()
    frame = pl.read_csv(tmp_path / "site" / "labs.csv", infer_schema=False)
    file = tmp_path / "site" / "labs.parquet"
    frame.write_parquet(file, compression="uncompressed", statistics=False)
    content = bytearray(file.read_bytes())
    content[4:40] = b"\xff" * 36
    file.write_bytes(content)
    (tmp_path / "mapping" / "mapping.toml").write_text(TOML.replace("labs.csv", "labs.parquet"))
    with (
        pytest.raises(Refused, match="lab_results: a file is damaged: its rows cannot be read to"),
        look.at(given, tmp_path),
    ):
        pass


def test_a_copied_macros_file_stands_in_for_the_one_of_the_project(own: Own, tmp_path: Path) -> None:
    text = (SQL / "sources" / "macros.sql").read_text(encoding="utf-8")
    with look.at(own(macros=text), tmp_path / "same") as received:
        assert received.warehouse.rows("SELECT positive_ratio(4, 2)") == [(2.0,)]
    changed = f"{text}\nCREATE MACRO positive_ratio(numerator, denominator) AS 7;\n"
    with look.at(own(macros=changed), tmp_path / "changed") as received:
        assert received.warehouse.rows("SELECT positive_ratio(4, 2)") == [(7,)]


@pytest.mark.parametrize("files", ["../other.csv", "/etc/passwd", "a/../../x.csv", "", ".", "a**b", "..", "a\\u0000b"])
def test_files_do_not_leave_the_location(own: Own, tmp_path: Path, files: str) -> None:
    given = own()
    said = TOML.replace('files = "labs.csv"', f'files = "{files}"')
    (tmp_path / "mapping" / "mapping.toml").write_text(said)
    with pytest.raises(Usage, match=r"\[lab_results\] files is a pattern below the location"), look.at(given, tmp_path):
        pass


def test_a_link_out_of_the_location_is_not_followed(own: Own, tmp_path: Path) -> None:
    given = own()
    (tmp_path / "site" / "labs.csv").rename(tmp_path / "outside.csv")
    (tmp_path / "site" / "labs.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(Usage, match=r"\[lab_results\] files matches a link that leads out"), look.at(given, tmp_path):
        pass
