"""What the tests of hl7v2_files share."""

from pathlib import Path

from tests.sources.hl7v2 import made

ONE = made.message()

TWO = made.message(made.obx(f5="60"), head=made.MSH.replace("m1", "m2"), obr=made.OBR.replace("F1", "F2"))


def values(rows: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["value"] for row in rows["observations"]]


def rejected(tmp_path: Path, *messages: str | bytes) -> list[tuple[str, str, str]]:
    """Return reason, control id and byte of each reject behind one good message."""
    rows, _ = made.kept(tmp_path, ONE, *messages)
    assert values(rows) == ["50"]
    return [(row["reason"], row["source_id"], row["byte"]) for row in rows["rejects"]]
