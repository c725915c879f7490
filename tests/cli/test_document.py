"""The generated pages are those that the program would write today."""

from pathlib import Path

import pytest

from audit.frames import RELEASED
from audit.rules import rulebook
from flows.editions import load
from flows.pages import rule_pages as document


def test_the_committed_pages_are_not_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert document.main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_missing_or_orphaned_page_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert document.main([], docs=tmp_path) == 0
    assert document.main(["--check"], docs=tmp_path) == 0
    (tmp_path / "rules" / "dr-oracle-2025" / "RST-01.md").write_text("old")
    (tmp_path / "rules" / "dr-oracle-2025" / "RST-02.md").unlink()
    (tmp_path / "rules" / "dr-oracle-2025" / "RST-99.md").write_text("no such rule")
    capsys.readouterr()
    assert document.main(["--check"], docs=tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"stale: docs/rules/dr-oracle-2025/RST-{n}.md" for n in ("01", "02", "99")
    ]
    assert (tmp_path / "rules" / "dr-oracle-2025" / "RST-01.md").read_text() == "old", "a check writes nothing"
    assert document.main([], docs=tmp_path) == 0
    assert document.main(["--check"], docs=tmp_path) == 0


def test_every_rule_has_a_page_with_its_words_and_what_holds_it() -> None:
    pages = document.pages()
    for rule_id in rulebook(load()):
        page = pages[Path("rules") / "dr-oracle-2025" / f"{rule_id}.md"]
        for part in ("## Definition", "## Specification", "\n> "):
            assert part in page, (rule_id, part)
    assert "| violation | `same_dose` |" in pages[Path("rules/dr-oracle-2025/RST-04.md")]


def test_the_dictionary_names_every_released_column_and_every_reason() -> None:
    page = document.pages()[Path("data-dictionary.md")]
    for frame in RELEASED:
        for column in frame.columns:
            assert column.meaning.replace("|", "\\|") in page, (frame.name, column.name)
    for reason in ("`no_test`", "`not_stopped`", "`consecutive_missed`", "`undecidable`"):
        assert reason in page
