"""What is changed, area by area, and which tests must fail: the quickest first.

`share` is the part of an area's mutants that a run takes unasked, so that all areas together take an hour on two cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEC = (
    "tests/unit/test_measures.py",
    "tests/unit/test_evaluate.py",
    "tests/unit/test_evidence.py",
    "tests/unit/test_compare.py",
    "tests/spec",
)
OF_EDITIONS = ("tests/unit/test_editions.py", "tests/test_register.py")
OF_ROWS = (
    "tests/sql/intake",
    "tests/sql/test_macros.py",
    "tests/sql/test_intake_relations.py",
    "tests/flows/test_intake_units.py",
    "tests/flows/test_intake_rows.py",
    "tests/flows/test_intake_versions.py",
    "tests/flows/test_instants.py",
    "tests/flows/test_drug_names.py",
    "tests/flows/test_intake_conservation.py",
    "tests/flows/test_freshness_rows.py",
    "tests/flows/test_sentinel_dates.py",
    "tests/flows/test_notes_of_lengths.py",
    "tests/flows/test_unnamed.py",
)
MAPPINGS = "tests/sql/sources/test_mappings.py::test_a_mapping_of_{}_returns_these_rows"
MACROS = "tests/sources/macros/test_macros_{}.py"
OF_SOURCES = (
    "tests/sources/test_own_macros.py",
    "tests/sources/test_mapped.py",
    "tests/sources/test_unread_texts.py",
    "tests/sources/test_one_story.py",
)


@dataclass(frozen=True)
class Area:
    """Files by patterns, the tests that judge their mutants, and the share of these that a run takes."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    share: float

    def paths(self) -> Iterator[Path]:
        """Yield the files in order; a pattern without one raises."""
        for pattern in self.files:
            found = sorted(ROOT.glob(pattern))
            if not found:
                raise FileNotFoundError(f"no file to change: {pattern}")
            yield from (path for path in found if path.name != "__init__.py" or pattern.endswith("__init__.py"))


def _source(kind: str, share: float) -> Area:
    """Return the area of a kind of source: its macros and mappings by value first, then what is received by them."""
    name = kind.replace("-", "_")
    macros = [MACROS.format(name)] if kind != "hl7v2" else ["tests/sources/hl7v2/test_hl7v2_fields.py"]
    mappings = MAPPINGS.format(name.replace("hl7v2", "hl7_v2"))
    return Area(kind, (f"sql/sources/{kind}/*.sql",), (*macros, mappings, f"tests/sources/{name}", *OF_SOURCES), share)


PARAMETERS = Area("parameters", (), SPEC, 1.0)
AREAS = (
    PARAMETERS,
    Area("derive", ("audit/derive/**/*.py",), SPEC, 0.12),
    Area("rules", ("audit/rules/*.py", "audit/rules/__init__.py"), (*SPEC, *OF_EDITIONS), 0.25),
    Area(
        "judge",
        tuple(f"audit/{name}.py" for name in ("evaluate", "judge", "measures", "kept", "calendar")),
        (*SPEC, "tests/unit/test_calendar.py"),
        0.5,
    ),
    Area("evidence", ("audit/evidence.py",), SPEC, 1.0),
    Area("changes", ("audit/changes/*.py",), ("tests/spec/test_changes.py", "tests/spec/test_history.py"), 0.1),
    Area("sensitivity", ("audit/sensitivity.py",), ("tests/spec/test_sensitivity.py",), 1.0),
    Area(
        "figures",
        ("audit/figures/*.py",),
        tuple(
            f"tests/unit/test_{name}.py"
            for name in ("incidence", "due_slots", "quarters", "sites", "edish", "references")
        ),
        0.25,
    ),
    Area("urgency", ("audit/urgency.py",), ("tests/spec/test_urgency.py",), 0.2),
    Area("analyst", ("sql/analyst/*.sql",), ("tests/sql/analyst",), 0.5),
    Area("intake", ("sql/intake/**/*.sql", "sql/reference/*.sql"), OF_ROWS, 0.1),
    Area("macros", ("sql/macros.sql",), ("tests/sql/test_macros.py", *OF_ROWS), 0.2),
    Area(
        "sources",
        ("sql/sources/macros.sql",),
        (MACROS.format("shared"), "tests/sql/sources", *OF_SOURCES, "tests/sources"),
        0.1,
    ),
    Area(
        "table",
        ("sql/sources/table/*.sql",),
        (
            "tests/sql/sources/test_mappings.py::test_what_is_made_of_a_sites_own_table_are_these_rows",
            "tests/sources/test_table.py",
            "tests/sources/test_kinds_of_table.py",
            *OF_SOURCES,
        ),
        0.1,
    ),
    _source("omop", 0.05),
    _source("fhir", 0.02),
    _source("hl7v2", 0.05),
    _source("mimic-iv", 0.05),
)
