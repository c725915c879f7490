"""What files tell beside what they hold: who may read them, which there are, what their heads say."""

import io
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from flows.export import folder
from flows.export.attack import Attack, Target

# What every Parquet file of Arrow carries: the types of its columns.
HEADS = {b"ARROW:schema"}


def traces(target: Target, names: Collection[str]) -> Attack:
    """Return whether names, rights or heads of the files tell what nobody asked for; `names`: those of the kind."""
    found = [*_rights(target), *_strangers(target, names), *_heads(target)]
    asks = "do names, rights or heads of the files tell where, when or by whom they were made?"
    outcome = f"{len(found)} traces." if found else "None: owner's rights alone, declared names, heads without words."
    return Attack("traces", asks, outcome, bool(found), found)


def _rights(target: Target) -> Iterator[str]:
    for path in sorted(target.path.rglob("*")):
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) != folder.OWNER_ONLY:
            yield f"{path.name if path.name in target.files else 'a file'}: others than its owner may have rights to it"


def _strangers(target: Target, names: Collection[str]) -> Iterator[str]:
    known = {*target.files, folder.MANIFEST}
    places = {str(place) for name in known for place in Path(name).parents}
    names_there = (str(path.relative_to(target.path)) for path in target.path.rglob("*"))
    strangers = [name for name in names_there if name not in known | places]
    if strangers:
        yield f"{len(strangers)} files or folders that the manifest does not name"
    if odd := [name for name in target.files if name not in names]:
        yield f"{len(odd)} files that no such export has"


def _heads(target: Target) -> Iterator[str]:
    for name, data in target.files.items():
        if name.endswith(".parquet"):
            head = pq.read_metadata(io.BytesIO(data))
            if {*(head.metadata or {})} - HEADS:
                yield f"{name}: its head holds words of its own"
            if any(
                head.row_group(group).column(at).statistics is not None
                for group in range(head.num_row_groups)
                for at in range(head.num_columns)
            ):
                yield f"{name}: its head holds least and greatest values"
