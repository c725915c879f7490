"""What goes with the data: the codebook, and how they are cited."""

import json
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from audit.frames import Column, Frame
from flows.export.registry.profile import Citation
from flows.export.registry.redcap import choices
from flows.export.registry.rows import Variable

CODEBOOK = Frame(
    "codebook",
    "one row a field of a file",
    tuple(
        Column(name, pl.String(), meaning)
        for name, meaning in (
            ("file", "The file, without its ending."),
            ("field", "The field."),
            ("type", "What its values are."),
            ("unit", "UCUM unit, or empty."),
            ("levels", "Codes with their labels, or empty."),
            ("meaning", "What it says."),
        )
    ),
)
KINDS = {"radio": "code", "checkbox": "0 or 1", "yesno": "0 or 1"}
MODEL_TYPES: Mapping[pl.DataType, str] = {
    pl.Int32(): "integer",
    pl.Int64(): "integer",
    pl.String(): "text",
    pl.Date(): "date",
}
CFF = "1.2.0"


def codebook(frames: Iterable[tuple[str, Frame]], records: Sequence[str], asked: Iterable[Variable]) -> pl.DataFrame:
    """Return every field of every table: the model's tables by their file, and the records by each of their files."""
    of_model = [
        (file, column.name, MODEL_TYPES[column.dtype], column.unit, "", column.meaning)
        for file, frame in frames
        for column in frame.columns
    ]
    of_records = [
        (", ".join(records), name, KINDS.get(one.kind, one.kind), one.unit, levels, one.meaning)
        for one in asked
        for name, levels in _told(one)
    ]
    rows = pl.DataFrame([*of_model, *of_records], schema=CODEBOOK.schema, orient="row")
    return rows.with_columns(pl.all().replace("", None))


def _told(variable: Variable) -> list[tuple[str, str]]:
    """Return the columns of a variable, each with its levels."""
    if variable.kind == "checkbox":
        told = [f"1 where {label}, else 0" for _, label in variable.levels]
        return list(zip(variable.columns, told, strict=True))
    return [(variable.name, choices(variable.levels))]


def citation(title: str, version: str, told: Citation) -> bytes:
    """Return CITATION.cff: who publishes the data, on which terms, and which edition and month they are of."""
    said = {
        "cff-version": CFF,
        "message": f"If you use these data, cite them as below. Terms: {told.terms}",
        "type": "dataset",
        "title": title,
        "version": version,
        "authors": [{"name": told.publisher}],
        **({"license": told.license} if told.license else {}),
    }
    # Each value as JSON is YAML too, whatever its words hold.
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items())
    return ("\n".join(lines) + "\n").encode()
