"""Attacks that every export must stand: no id, day or sentence of a release in any byte, or of where it is from."""

import io
import stat
from collections.abc import Iterable

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flows.errors import Usage
from flows.export.attack import Attack, Target
from flows.export.folder import MANIFEST, OWNER_ONLY
from flows.release import Release, manifests, open_release

LEAST_LENGTH = 4  # an id of fewer characters would be found in any number


def canaries(target: Target) -> list[Attack]:
    """Look in every byte for what the release holds of persons: ids, sentences, days; needs the home."""
    asks = "does a byte of it hold an id, a sentence or a day of a release of this home?"
    if target.home is None:
        return []
    words = set()
    for name, _ in manifests(target.home):
        try:
            words |= set(_telling(open_release(target.home, name, told=True)))
        except (OSError, Usage):
            continue
    found = sum(1 for word in words if any(word.encode() in data for data in target.files.values()))
    outcome = f"{len(words):,} ids, sentences and days were looked for; {found:,} were found."
    return [Attack("ids, sentences and days", asks, outcome, bool(found))]


def _telling(release: Release) -> Iterable[str]:
    """Yield what would tell of a person: long enough that it is not found by chance."""
    episodes = release.table("episodes", ["episode_id", "patient_id", "site_id", "stop_date", "restart_date"])
    for name in ("episode_id", "patient_id", "site_id"):
        yield from (word for word in episodes[name].drop_nulls().unique() if len(word) >= LEAST_LENGTH)
    for name in ("stop_date", "restart_date"):
        yield from episodes[name].drop_nulls().unique().dt.to_string("iso")
    yield from release.table("findings", ["message"])["message"].drop_nulls().unique()
    yield from release.table("evidence", ["source_id"])["source_id"].drop_nulls().unique().to_list()


def metadata(target: Target) -> Attack:
    """Look at what files say of themselves: who may read them, and the words inside Parquet."""
    open_to = [name for name in target.files if stat.S_IMODE((target.path / name).stat().st_mode) & ~OWNER_ONLY]
    held = (path.relative_to(target.path).as_posix() for path in target.path.rglob("*") if not path.is_dir())
    beside = sorted(set(held) - {MANIFEST, *target.files})
    telling = []
    for name, data in target.files.items():
        if name.endswith(".parquet"):
            said = pq.ParquetFile(io.BytesIO(data)).schema_arrow.metadata or {}
            if set(said) - {b"ARROW:schema"}:
                telling.append(name)
    outcome = (
        f"{len(open_to)} of {len(target.files)} files may be read by others; {len(telling)} say more than their rows; "
        f"{len(beside)} files are there that its manifest does not name."
    )
    return Attack(
        "what files say of themselves",
        "may others read a file, does one say where it was made, or is one there that does not belong to it?", outcome,
        bool(open_to or telling or beside), [*open_to, *telling, *beside],
    )  # fmt: skip
