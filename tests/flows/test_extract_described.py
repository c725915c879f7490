"""What extract.json may say of the day of an extract, and what becomes of an audit as of a day before or after it."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows import cli, night
from flows.errors import Usage
from flows.intake import extracted_on, resolve_as_of
from flows.night import Night, Order
from flows.sources.declare import Given
from tests.flows.extracts import RESULT, described, extract

TAKEN = date(2024, 6, 30)
LATER = [RESULT, {**RESULT, "result_id": "r2", "collected_at": "2024-06-28", "recorded_at": None}]


@pytest.fixture(autouse=True)
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations is slow to start and asks nothing here."""
    monkeypatch.setattr("flows.gx.run", lambda _connection, _tables: [])


@pytest.mark.parametrize(
    "said",
    [
        *("spring", "", " ", "20240630", "2024-06-30T10:00", "2024-W26-7", "2024-182", "2024-6-30", "30.06.2024"),
        *(
            "2024-06-31",
            "0000-01-01",
            " 2024-06-30",
            "2024-06-30\n",
            "\uff12\uff10\uff12\uff14-06-30",
            "12024-06-30",
            "null",
        ),
        *(20240630, 1.5, True, False, 0, ["2024-06-30"], {"day": "2024-06-30"}),
    ],
)
def test_an_extraction_on_no_date_is_wrong_whether_or_not_an_as_of_date_is_given(said: object, tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": said})
    for ask in (lambda: resolve_as_of(folder), lambda: Night(Order(folder, tmp_path / "home", TAKEN))):
        with pytest.raises(Usage, match=r"^extracted_on of extract\.json must look like 2026-06-30$"):
            ask()
    assert not (tmp_path / "home").exists()


def test_an_extract_that_does_not_tell_its_day_needs_an_as_of_date(tmp_path: Path) -> None:
    for folder in (
        described(tmp_path / "null", {"extracted_on": None, "by": "night"}),
        described(tmp_path / "empty", {}),
        described(tmp_path / "case", {"Extracted_On": "2024-06-30"}),
        extract(tmp_path / "without" / "extract"),
    ):
        assert extracted_on(folder) is None
        assert resolve_as_of(folder, date(2024, 7, 1)) == date(2024, 7, 1)
        with pytest.raises(Usage, match="no as-of date: give --as-of, or extracted_on in the extract's"):
            resolve_as_of(folder)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "extract.json is not readable JSON"),
        ("[1", "extract.json is not readable JSON"),
        ("[" * 100_000, "extract.json is not readable JSON"),
        ('{"rows": ' + "9" * 5000 + "}", "extract.json is not readable JSON"),
        ('{"extracted_on": "2024-06-30", "extracted_on": "2024-01-01"}', "extract.json is not readable JSON"),
        ("null", "extract.json is no JSON object"),
        ('"2024-06-30"', "extract.json is no JSON object"),
        ('[{"extracted_on": "2024-06-30"}]', "extract.json is no JSON object"),
    ],
)
def test_a_description_that_cannot_be_read_is_one_line_even_with_an_as_of_date(
    text: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = described(tmp_path, text)
    arguments = ["--extract", str(folder), "--as-of", "2024-06-30"]
    assert cli.run(["check", *arguments]) == 2
    assert capsys.readouterr().err == f"rechallenge: {line}\n"
    with pytest.raises(Usage):
        Night(Order(folder, tmp_path / "home", TAKEN))


def test_a_mark_of_the_byte_order_and_other_facts_do_no_harm(tmp_path: Path) -> None:
    folder = described(tmp_path, "\ufeff" + json.dumps({"by": {"host": "a"}, "extracted_on": "2024-06-30"}))
    assert extracted_on(folder) == TAKEN


def test_the_description_of_a_single_file_lies_beside_it(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": "2024-06-30"})
    assert extracted_on(Given("omop", str(folder / "patients.csv"))) == TAKEN
    assert extracted_on(Given("omop", str(folder / "patients.csv" / "inside"))) is None
    assert extracted_on(Given("omop", "postgresql://localhost/omop")) is None


@pytest.mark.parametrize("text", ["2024-W26-7", "20240630", "2024-06-31", "today"])
def test_the_option_takes_the_same_days(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--extract", str(extract(tmp_path / "extract")), "--as-of", text]) == 2
    assert "a date looks like 2026-06-30" in capsys.readouterr().err


def findings(home: Path, name: str = "findings") -> pl.DataFrame:
    """Return a table of the current release."""
    return pl.read_parquet((home / "current" / f"{name}.parquet").read_bytes())


def test_an_audit_as_of_a_day_before_the_extract_ends_with_the_as_of_date_and_is_not_too_old(tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": "2031-01-01"}, lab_results=LATER)
    done = night.run_audit(Order(folder, tmp_path / "home", date(2024, 6, 27)))
    assert done.freshness.feed_end == date(2024, 6, 27)
    assert done.freshness.newest_result == date(2024, 2, 1), "what comes after the as-of date is not known yet"
    assert done.warnings[0].startswith("the newest result is of 2024-02-01, 147 days before the end of the feed on ")
    assert not [line for line in done.notes() if "observation ends with it" in line]
    plain = night.run_audit(
        Order(extract(tmp_path / "plain", lab_results=LATER), tmp_path / "home2", date(2024, 6, 27))
    )
    assert findings(tmp_path / "home").equals(findings(tmp_path / "home2"))
    assert plain.warnings == done.warnings


@pytest.mark.parametrize("taken", ["0001-01-01", "1999-12-31", "2023-12-31"])
def test_an_extract_of_a_day_before_all_of_its_rows_is_published_with_the_warning(taken: str, tmp_path: Path) -> None:
    folder = described(tmp_path, {"extracted_on": taken})
    done = night.run_audit(Order(folder, tmp_path / "home"))
    assert done.as_of == date.fromisoformat(taken)
    assert done.warnings == [
        f"the feed holds no result up to its end on {taken}",
        f"the feed holds no exposure up to its end on {taken}",
    ]
    assert done.freshness.lines()[0] == (
        f"Extracted on {taken}, as of {taken}; newest result none, newest draw none, newest exposure none."
    )
    assert findings(tmp_path / "home").height == 0


def test_an_extract_of_the_last_of_all_days_is_published_with_its_age(tmp_path: Path) -> None:
    done = night.run_audit(Order(described(tmp_path, {"extracted_on": "9999-12-31"}), tmp_path / "home"))
    assert done.warnings[0] == (
        "the newest result is of 2024-02-01, 2913142 days before the end of the feed on 9999-12-31"
        " (max_result_age_days 7)"
    )
