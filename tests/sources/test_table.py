"""A site's own columns: what a mapping.toml may say, and what is wrong in one."""

import json
import re
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from flows.errors import Refused, Usage
from flows.given import Given
from flows.night.run import Order, run_audit
from flows.sources import table
from tests.flows import cohort
from tests.sources import look

PATIENTS = "PATNR;START;SEX\n0017;01.02.2020;W\n0018;15.03.2020;\n"
LABS = (
    "NR;PAT;AM;TEST;WERT;EINH;OBEN;STAT\n"
    "L1;0017;03.02.2020 08:15;GPT;51,5;U/L;45,0;F\n"
    "L2;0017;2020-02-04;GOT;<5;U/L;45;C\n"
    "L3;0018;morgen;GPT;60;U/L;45;?\n"
)
DRUGS = "NR;PAT;MITTEL;VON;BIS\nX1;0017;AZA;01.01.2021;31.03.2021\n"
TOML = """
[patients]
files = "pat*.csv"
separator = ";"
dates = "%d.%m.%Y"
columns = { patient_id = "PATNR", observation_start = "START", sex = "SEX" }
constants = { site_id = "north" }
[patients.values.sex]
W = "F"

[lab_results]
files = "labs/*.csv"
separator = ";"
decimal = ","
dates = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
constants = { vocabulary = "local" }
[lab_results.columns]
result_id = "NR"
patient_id = "PAT"
collected_at = "AM"
code = "TEST"
value = "WERT"
unit = "EINH"
reference_high = "OBEN"
status = "STAT"
[lab_results.values.status]
F = "final"
C = "corrected"

[drug_exposures]
files = "drugs.csv"
separator = ";"
dates = "%d.%m.%Y"
constants = { vocabulary = "local" }
columns = { exposure_id = "NR", patient_id = "PAT", code = "MITTEL", start_date = "VON", end_date = "BIS" }
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "labs").mkdir(parents=True)
    (folder / "pat1.csv").write_text(PATIENTS)
    (folder / "labs" / "a.csv").write_text(LABS)
    (folder / "drugs.csv").write_text(DRUGS)
    (folder / "mapping.toml").write_text(TOML)
    return folder


def given(site: Path, mapping: Path | None = None) -> Given:
    return Given("table", str(site), mapping)


def test_columns_constants_and_values_become_the_contracts(site: Path, tmp_path: Path) -> None:
    with look.at(given(site), tmp_path) as received:
        first, second = look.rows(received, "patients")
        assert (first["patient_id"], first["sex"], first["site_id"]) == ("0017", "F", "north")
        assert (second["patient_id"], second["sex"]) == ("0018", None)
        assert [row["status"] for row in look.rows(received, "lab_results")] == ["final", "corrected", "?"]
        assert {row["vocabulary"] for row in look.rows(received, "lab_results")} == {"local"}


def test_days_are_read_as_the_site_writes_them_and_what_is_no_day_stays_as_it_is(site: Path, tmp_path: Path) -> None:
    with look.at(given(site), tmp_path) as received:
        days = [row["collected_at"] for row in look.rows(received, "lab_results")]
        assert days == ["2020-02-03 08:15:00", "2020-02-04", "morgen"]
        assert look.rows(received, "drug_exposures")[0]["end_date"][:10] == "2021-03-31"


def test_a_decimal_comma_is_a_point(site: Path, tmp_path: Path) -> None:
    with look.at(given(site), tmp_path) as received:
        labs = look.rows(received, "lab_results")
        assert [(row["value"], row["reference_high"]) for row in labs] == [("51.5", "45.0"), ("<5", "45"), ("60", "45")]


def test_a_table_without_a_section_is_missing_and_not_empty(site: Path, tmp_path: Path) -> None:
    with look.at(given(site), tmp_path) as received:
        assert received.has == {"patients", "lab_results", "drug_exposures"}
        assert any(note.startswith("clinical_events is missing") for note in received.notes)


def test_every_row_and_every_file_is_accounted_for(site: Path, tmp_path: Path) -> None:
    (site / "labs" / "b.csv").write_text("NR;PAT;AM;TEST;WERT;EINH;OBEN;STAT\nL9;0017;x\n")
    with look.at(given(site), tmp_path) as received:
        assert look.account(received) == {
            ("patients", "patients", "carried", None, 2),
            ("lab_results", "lab_results", "carried", None, 3),
            ("lab_results", None, "rejected", "malformed_line", 1),
            ("drug_exposures", "drug_exposures", "carried", None, 1),
        }
        assert [(row["reason"], json.loads(row["row"])) for row in look.rejects(received)] == [
            ("malformed_line", "L9;0017;x")
        ]
        assert [(file["table"], file["file"], file["of"], file["rows"]) for file in received.files()] == [
            ("patients", 1, 1, 2),
            ("lab_results", 1, 2, 3),
            ("lab_results", 2, 2, 1),
            ("drug_exposures", 1, 1, 1),
        ]


def test_latin_1_is_read_where_the_site_says_so(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").write_bytes(DRUGS.replace("AZA", "Zytostatikum für Müller").encode("latin-1"))
    with pytest.raises(Refused, match="not UTF-8"), look.at(given(site), tmp_path):
        pass
    said = TOML.replace('files = "drugs.csv"', 'files = "drugs.csv"\nencoding = "latin-1"')
    (site / "mapping.toml").write_text(said)
    with look.at(given(site), tmp_path) as received:
        assert look.rows(received, "drug_exposures")[0]["code"] == "Zytostatikum für Müller"


def test_typed_parquet_reads_as_text_does(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").unlink()
    frame = pl.DataFrame({"NR": [1.0], "PAT": ["0017"], "MITTEL": ["AZA"], "VON": [date(2021, 1, 1)], "BIS": [None]})
    frame.with_columns(pl.col("BIS").cast(pl.Date)).write_parquet(site / "drugs.parquet")
    (site / "mapping.toml").write_text(TOML.replace("drugs.csv", "drugs.parquet"))
    with look.at(given(site), tmp_path) as received:
        [row] = look.rows(received, "drug_exposures")
        assert (row["exposure_id"], row["start_date"], row["end_date"]) == ("1", "2021-01-01", None)


def test_a_code_that_is_stored_as_a_float_is_refused(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").unlink()
    row = {"NR": ["1"], "PAT": ["0017"], "MITTEL": [250.0], "VON": ["01.01.2021"], "BIS": [""]}
    pl.DataFrame(row).write_parquet(site / "drugs.parquet")
    (site / "mapping.toml").write_text(TOML.replace("drugs.csv", "drugs.parquet"))
    with pytest.raises(Refused, match="a code is never a number"), look.at(given(site), tmp_path):
        pass


def test_the_mapping_may_stand_elsewhere_and_bring_sql_of_its_own(site: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (site / "mapping.toml").rename(own / "mapping.toml")
    said = TOML.replace('files = "drugs.csv"', 'files = "drugs.csv"\nmore = ["DOSIS"]')
    (own / "mapping.toml").write_text(said)
    (site / "drugs.csv").write_text(DRUGS.replace("BIS\n", "BIS;DOSIS\n").replace("31.03.2021\n", "31.03.2021;2x50\n"))
    (own / "drug_exposures.sql").write_text(
        'SELECT "NR" AS exposure_id, "PAT" AS patient_id, \'local\' AS vocabulary, "MITTEL" AS code,\n'
        '    "VON" AS start_date, 100 AS daily_dose_mg, "DOSIS" AS frequency, \'drug_exposures\' AS source_table\n'
        "FROM source.drug_exposures;\n"
    )
    with look.at(given(site, own), tmp_path) as received:
        [row] = look.rows(received, "drug_exposures")
        assert (row["daily_dose_mg"], row["frequency"]) == (100, "2x50")


def test_a_point_where_commas_are_decimal_is_no_number(site: Path, tmp_path: Path) -> None:
    (site / "labs" / "a.csv").write_text(LABS.replace("51,5", "1.200").replace("45,0", "45.0"))
    with look.at(given(site), tmp_path) as received:
        first = look.rows(received, "lab_results")[0]
        assert first["value"] == "1.200 (a point where commas are decimal)"
        [(number,)] = received.warehouse.rows("SELECT number_in($1::VARCHAR)", [first["value"]])
        assert number is None


def test_typed_instants_are_days_at_the_site_whatever_the_section_says_of_dates(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").unlink()
    start = datetime(2021, 1, 1, 23, 30, tzinfo=UTC)
    row = {"NR": ["1"], "PAT": ["0017"], "MITTEL": ["AZA"], "VON": [start], "BIS": [date(2021, 3, 1)]}
    pl.DataFrame(row).write_parquet(site / "drugs.parquet")
    (site / "mapping.toml").write_text(TOML.replace("drugs.csv", "drugs.parquet"))
    with look.at(given(site), tmp_path, zone="Europe/Berlin") as received:
        [row] = look.rows(received, "drug_exposures")
        assert (row["start_date"], row["end_date"]) == ("2021-01-02 00:30:00", "2021-03-01")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[patients]\n", "[people]\n", "there is no table people"),
        ('files = "pat*.csv"\n', "", "[patients] needs files and columns"),
        ('separator = ";"', "separator = 1", "[patients] separator is no key of it, or of the wrong kind"),
        ('separator = ";"', 'separator = ";;"', "[patients] separator is one character"),
        ('separator = ";"', 'delimiter = ";"', "[patients] delimiter is no key of it"),
        ("sex = ", "gender = ", "[patients] the contract has no column gender"),
        ('site_id = "north"', 'ward = "north"', "[patients] the contract has no column ward"),
        ('site_id = "north"', 'sex = "F"', "[patients] sex has a column and a constant"),
        ('sex = "SEX"', "sex = 3", "[patients] a column is named by its text"),
        ('dates = "%d.%m.%Y"', 'dates = "%Y-%m-%dT%H:%M:%S%z"', "(no zones), not as %Y"),
        ('dates = "%d.%m.%Y"', 'dates = "%m.%Y"', "[patients] dates are written as"),
        ('dates = "%d.%m.%Y"', 'dates = "%Q%d"', "[patients] dates are written as"),
        ('dates = "%d.%m.%Y"', "dates = [1]", "[patients] dates are written as"),
        ('decimal = ","', 'decimal = ";"', "[lab_results] decimal is . or ,"),
        ('files = "labs/*.csv"', 'files = "/labs/*.csv"', "[lab_results] files is a pattern below the location"),
        ('files = "labs/*.csv"', 'files = ""', "[lab_results] files is a pattern below the location"),
        ('status = "STAT"\n', "", "[lab_results] values of status need a column of it"),
        ('[lab_results.values.status]\nF = "final"\nC', "[lab_results.values]\nstatus", "values of status are a table"),
        ('code = "MITTEL", ', "", "[drug_exposures] needs code, as a column or a constant"),
        (
            'dates = "%d.%m.%Y"',
            'dates = "dd.mm.yyyy"',
            "[patients] dates are written as %d.%m.%Y or the like (no zones), not as dd",
        ),
        ('files = "labs/*.csv"', 'files = "labs/*.csv"\nencoding = "cp1252"', "[lab_results] encoding is one of"),
        ("[patients]\n", "[patients\n", "not readable TOML"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(site: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TOML
    (site / "mapping.toml").write_text(TOML.replace(old, new, 1))
    with pytest.raises(Usage, match=re.escape(said)), look.at(given(site), tmp_path):
        pass


def test_the_mapping_in_the_documents_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sources" / "table.md").read_text()
    [block] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mapping.toml").write_text(textwrap.dedent(block))
    sections = {section.table.name: section for section in table.load(tmp_path / "mapping.toml")}
    assert set(sections) == {"patients", "lab_results", "drug_exposures"}
    assert all(
        column.name in {*section.columns, *section.constants}
        for section in sections.values()
        for column in section.table.columns
        if column.required
    )


def test_a_mapping_that_is_missing_is_a_wrong_call(site: Path, tmp_path: Path) -> None:
    (site / "mapping.toml").unlink()
    with (
        pytest.raises(Usage, match=r"there is no mapping\.toml; it says which column is what"),
        look.at(given(site), tmp_path),
    ):
        pass
    with pytest.raises(Usage, match="is no folder"), look.at(given(tmp_path / "nowhere"), tmp_path):
        pass


def test_files_that_are_missing_or_strange_are_refused(site: Path, tmp_path: Path) -> None:
    (site / "pat1.csv").rename(site / "pat1.xlsx")
    with (
        pytest.raises(Refused, match=r"patients: no file below the location matches pat\*\.csv"),
        look.at(given(site), tmp_path),
    ):
        pass
    (site / "mapping.toml").write_text(TOML.replace("pat*.csv", "pat*"))
    with pytest.raises(Refused, match=r"1 files of pat\* are no \.parquet"), look.at(given(site), tmp_path):
        pass


def test_two_columns_of_one_name_matter_only_where_they_are_asked(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").write_text("NR;PAT;MITTEL;VON;BIS;X;x\nX1;0017;AZA;01.01.2021;;1;2\n")
    with look.at(given(site), tmp_path) as received:
        assert look.rows(received, "drug_exposures")[0]["code"] == "AZA"
    (site / "drugs.csv").write_text("NR;PAT;MITTEL;VON;BIS;Pat\nX1;0017;AZA;01.01.2021;;0018\n")
    with pytest.raises(Refused, match="two columns are named PAT"), look.at(given(site), tmp_path / "again"):
        pass


def test_a_column_that_the_file_lacks_is_named(site: Path, tmp_path: Path) -> None:
    (site / "drugs.csv").write_text(DRUGS.replace("MITTEL", "DRUG"))
    with pytest.raises(Refused, match="drug_exposures: the column MITTEL is missing"), look.at(given(site), tmp_path):
        pass


def test_the_same_patients_under_other_names_give_the_same_findings(tmp_path: Path) -> None:
    extract = cohort.write_extract(tmp_path / "extract", patients=60)
    site, sections = tmp_path / "renamed", []
    site.mkdir()
    for file in sorted(extract.glob("*.csv")):
        frame = pl.read_csv(file, infer_schema=False)
        frame.rename({name: f"Spalte {name.upper()}" for name in frame.columns}).write_csv(
            site / f"export_{file.name}", separator="|"
        )
        columns = ", ".join(f'{name} = "Spalte {name.upper()}"' for name in frame.columns)
        sections.append(f'[{file.stem}]\nfiles = "export_{file.name}"\nseparator = "|"\ncolumns = {{ {columns} }}\n')
    (site / "mapping.toml").write_text("\n".join(sections))
    native = run_audit(Order(extract, tmp_path / "native"))
    other = run_audit(Order(given(site), tmp_path / "other", as_of=cohort.AS_OF))
    assert native.judged.findings.height > 0
    assert other.judged.findings.equals(native.judged.findings)
    assert other.judged.evidence.equals(native.judged.evidence)
    assert (tmp_path / "other" / "current" / "source_rows.parquet").is_file()
    assert "Every row of the source" in (tmp_path / "other" / "current" / "report.html").read_text()
