"""What REDCap imports: the data dictionary of a form, in its published columns."""

from collections.abc import Sequence

import polars as pl

from flows.export.registry.rows import Variable

FORM = "restarts"
COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
# The validation of a text field, by kind; all other kinds are field types of their own.
VALIDATED = {"text": None, "number": "number", "integer": "integer", "date": "date_ymd"}


def dictionary(asked: Sequence[Variable]) -> pl.DataFrame:
    """Return the data dictionary: one row a field, all of text; what is not told is empty."""
    return pl.DataFrame([_line(one) for one in asked], schema=dict.fromkeys(COLUMNS, pl.String))


def _line(variable: Variable) -> dict[str, str | None]:
    told = {
        "Variable / Field Name": variable.name,
        "Form Name": FORM,
        "Field Type": "text" if variable.kind in VALIDATED else variable.kind,
        "Field Label": variable.meaning,
        "Choices, Calculations, OR Slider Labels": choices(variable.levels) or None,
        "Field Note": f"Unit: {variable.unit}" if variable.unit else None,
        "Text Validation Type OR Show Slider Number": VALIDATED.get(variable.kind),
        "Identifier?": "y" if variable.is_identifier else None,
    }
    return {column: told.get(column) for column in COLUMNS}


def choices(levels: Sequence[tuple[str, str]]) -> str:
    """Return levels as REDCap writes choices: `code, label | code, label`; a label cannot hold the sign between."""
    return " | ".join(f"{code}, {label.replace('|', '/')}" for code, label in levels)
