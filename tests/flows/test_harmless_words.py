"""Words of the data steer nothing: no control, no escape sequence, no turned or hidden text reaches a reader."""

import io
import unicodedata
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from flows import cli
from flows.night.run import Order, run_audit
from flows.pages.environment import harmless
from flows.terminal import outcome as show
from flows.terminal import story as explain
from flows.wording import UNSEEN, number, shown
from tests.flows import cohort

# Set the clipboard, wipe the screen, ring, go back, colour by C1, turn the reading order, hide.
EVIL = "\x1b]52;c;aGVsbG8=\x07\x1b[2J\b\rx\x9b31m\u202egnp\u2066a\u200bb\u2028c\x7f\td\ne"
SAID = r"\x1b]52;c;aGVsbG8=\x07\x1b[2J\x08\rx\x9b31m\u202egnp\u2066a\u200bb\u2028c\x7f\td\ne"
CODELIST = "concept,vocabulary,code,display,source,checked\nalt,local,GPT\u202e,\x1b[2Jx,\x1b]52;c;a\x07,two sources\n"


def steering(text: str, allowed: str = "\n") -> set[str]:
    """Return the characters that a reader's terminal or browser would obey."""
    return {one for one in text if unicodedata.category(one) in UNSEEN and one not in allowed}


def evil(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String) + f"-{EVIL}-z"


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort with evil words in every column of text, in one row or in all."""
    folder = tmp_path_factory.mktemp("harmless") / "extract"
    cohort.write_extract(folder)
    given = cohort.tables()
    for name, table in given.items():
        (folder / f"{name}.csv").unlink()
        ids = [column for column in table.columns if column.endswith("_id")]
        worse = table.with_columns(evil(column) for column in ids)
        odd = worse.head(1).with_columns(evil(column) for column, kind in worse.schema.items() if kind == pl.String)
        texts = [column for column in ("code", "unit", "frequency", "stop_reason", "end_type", "sex") if column in odd]
        more = [
            worse.head(1).with_columns(evil(column), pl.lit(f"{column}{EVIL}{name}").alias(ids[0])) for column in texts
        ]
        named = (
            worse.head(1).with_columns(
                pl.lit("name").alias("vocabulary"), pl.lit(f"azathioprine {EVIL} 50 mg").alias("code")
            )
            if "code" in odd
            else odd
        )
        pl.concat([worse, odd, *more, named]).write_parquet(folder / f"{name}.parquet")
    (folder / f"stranger {EVIL.replace('/', '')}.csv").touch()
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("site") / "site.toml"
    file.write_text("max_rejected_share = 1.0\n")
    return file


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    capsys.readouterr()
    cli.run(arguments)
    said = capsys.readouterr()
    assert steering(said.out) == steering(said.err) == set()
    return said.out, said.err


def test_what_steers_is_written_out() -> None:
    assert shown(EVIL) == SAID
    assert shown(EVIL, keep="\n\t") == SAID.replace(r"\td\ne", "\td\ne")
    assert shown("Müller, 5 µg \u2013 3\u202f080 \u00b1 ελ 日本") == "Müller, 5 µg \u2013 3\u202f080 \u00b1 ελ 日本"
    assert shown("\U000e0041\ud800\ufeff\xad") == r"\U000e0041\ud800\ufeff\xad"


def test_a_terminal_is_not_steered_by_whatever_is_printed() -> None:
    console = show.Plain()
    console.file = io.StringIO()
    console.print(f"one {EVIL}\ntwo", style="bold")
    table = show.grid("a", "b")
    table.add_row(EVIL, "next")
    console.print(table)
    out = console.file.getvalue()
    assert steering(out) == set()
    assert f"{SAID}" in out.replace("  ", " ")
    assert "next" in out.splitlines()[-1], "a word of the data stays on its line"


def test_check_shows_escapes(extract: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run(["check", "--extract", str(extract), "--site", str(site)], capsys)
    assert r"\x1b]52" in out
    assert r"\u202e" in out


def test_explain_the_page_and_the_checks_show_escapes(
    extract: Path, site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_audit(Order(extract, tmp_path, site=site))
    assert done.judged.episodes.height > 0
    for patient in done.judged.episodes["patient_id"]:
        out, _ = run(["explain", "--home", str(tmp_path), "--patient", patient], capsys)
        assert rf"Patient {patient[:4]}-{SAID}-z" in out
    show.outcome(done)
    assert steering(capsys.readouterr().out) == set()
    pages = list(done.release.glob("*.html"))
    assert {page.name for page in pages} == {"report.html", "checks.html"}
    for page in pages:
        assert steering(page.read_text(encoding="utf-8"), allowed="\n\t") == set()
    assert r"\u202e" in (done.release / "report.html").read_text(encoding="utf-8")


def test_code_lists_show_escapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.csv").write_text(CODELIST, encoding="utf-8")
    out, _ = run(["codelists", "alt", "--codelists", str(tmp_path)], capsys)
    assert {r"GPT\u202e", r"\x1b[2Jx", r"\x1b]52;c;a\x07"} <= set(out.split())
    run(["codelists", "--codelists", str(tmp_path)], capsys)


@pytest.mark.parametrize(
    "command", [["rules", EVIL], ["codelists", EVIL], ["explain", EVIL], [EVIL], ["rules", f"--{EVIL}"]]
)
def test_an_error_shows_escapes(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, capsys)[1].startswith("rechallenge: ")


def test_a_name_in_a_site_file_shows_escapes(extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.toml").write_text('"\\u001b[2J" = 1\n')
    arguments = ["check", "--extract", str(extract), "--site", str(tmp_path / "site.toml")]
    assert r"\x1b[2J" in run(arguments, capsys)[1]


def test_markup_of_the_page_itself_is_left_alone() -> None:
    assert harmless(7) == 7
    assert harmless("a\x1bb\n") == "a\\x1bb\n"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "\u2013"), (0.05, "0.05"), (3.08, "3.08"), (40.0, "40"), (999.5, "999.5"), (3080.0, "3080"),
        (30000.0, "30000"), (12345.678, "12345.678"), (17 / 17.104, "0.994"), (0.00012345, "0.000123"), (0.0, "0"),
        (0.0999, "0.0999"), (0.1, "0.1"), (1234567.0, "1234567"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_digits(value: float | None, said: str) -> None:
    assert number(value) == said


def test_explain_writes_values_and_limits_in_digits() -> None:
    row = {
        "role": "trigger",
        "source_table": "lab_results",
        "source_id": "L1",
        "date": None,
        "concept": "alt",
        "comparator": ">",
        "value": 12345.678,
        "unit": "U/L",
        "limit_value": 30000.0,
        "x_uln": 308.6,
        "x_reference": None,
    }
    assert explain.measured(row) == (">12345.678 U/L", "308.60", "")
    lines = io.StringIO()
    proof = pl.DataFrame([row], schema_overrides={"date": pl.Date, "x_reference": pl.Float64})
    Console(file=lines, width=200).print(explain.evidence_table(proof))
    assert lines.getvalue().split("\n")[1].split()[-4:] == [">12345.678", "U/L", "308.60", "30000"]
