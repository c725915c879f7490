"""What is given to an export from outside is read strictly: folders to attack, keys, ledgers; one line and no more."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flows import audit_log
from flows.errors import Broken, Usage
from flows.export import attacked, folder, keys
from flows.export.attack import Target
from flows.export.ledger import HEAD, MADE, STORE, ledger, remember_rows
from flows.export.traces import traces

FILES = {"counts.csv": b"a\n1\n", "fhir/reports.json": b"{}\n"}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return the folder of an export."""
    folder.write(tmp_path / "out", folder.with_manifest(FILES, {"kind": "aggregate"}))
    return tmp_path / "out"


def target(made: Path) -> Target:
    said, files = folder.read(made)
    return Target(made, said, files)


def changed(made: Path, change: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads((made / folder.MANIFEST).read_text())
    change(said)
    (made / folder.MANIFEST).write_text(json.dumps(said))


def test_an_export_is_read_as_it_was_made(made: Path) -> None:
    said, files = folder.read(made)
    assert (said["kind"], files) == ("aggregate", FILES)


@pytest.mark.parametrize("name", ["../key", "fhir/../../key", "/etc/hostname", "gone.csv", ""])
def test_a_manifest_that_names_what_the_folder_does_not_hold_is_refused(made: Path, name: str) -> None:
    (made.parent / "key").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    changed(made, lambda said: said["files"].update({name: {"sha256": empty}}))
    with pytest.raises(Usage, match=r"^no export"):
        folder.read(made)


def test_a_file_that_the_manifest_does_not_name_is_told(made: Path) -> None:
    assert not traces(target(made), FILES).succeeded
    (made / "fhir" / "more.txt").write_bytes(b"more")
    found = traces(target(made), FILES)
    assert found.succeeded
    assert "1 files or folders that the manifest does not name" in found.details


def test_a_changed_byte_is_seen(made: Path) -> None:
    (made / "counts.csv").write_bytes(b"a\n2\n")
    with pytest.raises(Usage, match="its hash differs"):
        folder.read(made)


@pytest.mark.parametrize("said", [5, None, [], {}])
def test_a_manifest_that_tells_no_hash_is_refused(made: Path, said: object) -> None:
    changed(made, lambda manifest: manifest["files"].update({"counts.csv": said}))
    with pytest.raises(Usage, match=r"^no export: its manifest"):
        folder.read(made)


@pytest.mark.parametrize("kind", [["aggregate"], {}, None, 1, "other"])
def test_a_kind_that_is_none_is_refused(made: Path, kind: object) -> None:
    changed(made, lambda said: said.update(kind=kind))
    with pytest.raises(Usage, match="names no kind"):
        attacked(made, None)


def test_a_pipe_is_no_key_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key", 0o600)
    with pytest.raises(Usage, match="no file"):
        keys.read(tmp_path / "key", "registry")


def test_an_audit_log_with_bytes_that_are_no_text_still_tells_the_head(tmp_path: Path) -> None:
    audit_log.note(tmp_path, "export", **{HEAD: "abc"})
    with (tmp_path / audit_log.LOG).open("ab") as log:
        log.write(b"\xff\xfe\n")
    assert audit_log.last(tmp_path, HEAD) == "abc"


def test_a_store_with_another_table_is_no_ledger(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / STORE)) as store:
        store.execute("CREATE TABLE entries (number, a, b, c, d)")
        store.execute("INSERT INTO entries VALUES (1, 2, 3, 4, 5)")
        store.commit()
    with pytest.raises(Broken, match="the ledger of exports"), ledger(tmp_path):
        pass


def test_counts_that_were_given_while_rows_were_made_are_seen(tmp_path: Path) -> None:
    with ledger(tmp_path) as held:
        held.add(MADE, {"recipient": "A  Registry", "profile": "p", "period": "2026-Q1"})
    with pytest.raises(Usage, match="was given counts"):
        remember_rows(tmp_path, "a registry", "research")
    with ledger(tmp_path) as held:
        assert [entry.said["did"] for entry in held.entries] == [MADE]
