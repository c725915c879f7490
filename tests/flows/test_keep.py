"""Which releases a home keeps, and that whoever has an older one open reads on."""

import json
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from flows.errors import Usage
from flows.night.order import Order, resolve
from flows.release.keep import Kept, outlived, remove_outlived
from flows.release.publish import READ_ONLY
from tests.flows import cohort


def nights(*days: str) -> list[Kept]:
    return [Kept(day, f"{day}T03", day) for day in days]


def test_the_newest_nights_are_kept() -> None:
    days = [f"2024-03-{day:02d}" for day in range(1, 32)]
    assert outlived(nights(*days), "2024-03-31", 30, 0) == ["2024-03-01"]
    assert outlived(nights(*days[:30]), "2024-03-30", 30, 0) == []
    assert outlived(nights(*days), "2024-03-31", 29, 0) == ["2024-03-01", "2024-03-02"]


def test_the_last_night_of_the_newest_months_is_kept() -> None:
    days = [f"2023-{month:02d}-{day}" for month in range(1, 13) for day in (10, 20)] + ["2024-01-05"]
    gone = outlived(nights(*days), "2024-01-05", 1, 12)
    assert gone == ["2023-01-10", "2023-01-20", *(f"2023-{month:02d}-10" for month in range(2, 13))]


def test_a_date_counts_once_however_often_it_was_run() -> None:
    again = [Kept("2024-03-02", f"2024-03-02T{hour}", f"r{hour}") for hour in ("03", "04")]
    assert outlived([*nights("2024-03-01"), *again], "r04", 2, 0) == []
    assert outlived([*nights("2024-03-01"), *again], "r04", 1, 0) == ["2024-03-01"]
    assert outlived([*again, *nights("2024-03-03")], "2024-03-03", 1, 1) == ["r03", "r04"]


def test_the_current_release_is_kept_whatever_its_date() -> None:
    assert outlived(nights("2024-01-01", "2024-03-01", "2024-03-02"), "2024-01-01", 1, 0) == ["2024-03-01"]


def publish(home: Path, day: str) -> Path:
    folder = home / "releases" / day
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"as_of": day, "started_at": f"{day}T03"}))
    with closing(duckdb.connect(str(folder / "audit.duckdb"))) as connection:
        connection.execute("CREATE TABLE findings AS SELECT range AS n FROM range(100000)")
    for path in folder.iterdir():
        path.chmod(READ_ONLY)
    (home / "current").unlink(missing_ok=True)
    (home / "current").symlink_to(Path("releases") / day)
    return folder


def test_who_has_an_older_release_open_reads_on(tmp_path: Path) -> None:
    first = publish(tmp_path, "2024-03-01")
    reader = duckdb.connect(str(first / "audit.duckdb"), read_only=True)
    with closing(reader):
        publish(tmp_path, "2024-04-02")
        publish(tmp_path, "2024-04-03")
        (tmp_path / "releases" / "odd").mkdir()
        (tmp_path / "releases" / "odd" / "manifest.json").write_text("{")
        assert remove_outlived(tmp_path, 1) == 1
        assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["2024-03-01", "2024-04-03", "odd"]
        publish(tmp_path, "2025-05-01")
        for month in range(5, 13):
            publish(tmp_path, f"2025-{month + 0:02d}-02")
        for month in range(1, 5):
            publish(tmp_path, f"2026-{month:02d}-02")
        assert remove_outlived(tmp_path, 1) == 3
        assert not first.exists()
        assert reader.execute("SELECT sum(n) FROM findings").fetchone() == (4999950000,)


@pytest.mark.parametrize("keep", [0, -1])
def test_at_least_one_night_is_kept(tmp_path: Path, keep: int) -> None:
    extract = cohort.write_extract(tmp_path / "extract", 1)
    with pytest.raises(Usage, match="--keep: at least one night is kept"):
        resolve(Order(extract, tmp_path / "home", keep=keep))
