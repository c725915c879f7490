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
    Area("analyst", ("sql/analyst/*.sql",), ("tests/sql/analyst",), 0.5),
    Area("intake", ("sql/intake/**/*.sql", "sql/reference/*.sql"), OF_ROWS, 0.2),
    Area("macros", ("sql/macros.sql",), OF_ROWS, 0.2),
    Area("sources", ("sql/sources/macros.sql",), (*OF_SOURCES, "tests/sources"), 0.1),
    Area("table", ("sql/sources/table/*.sql",), ("tests/sources/test_table.py", *OF_SOURCES, "tests/sources"), 0.2),
    Area("omop", ("sql/sources/omop/*.sql",), ("tests/sources/omop", *OF_SOURCES), 0.1),
    Area("fhir", ("sql/sources/fhir/*.sql",), ("tests/sources/fhir", *OF_SOURCES), 0.05),
    Area("hl7v2", ("sql/sources/hl7v2/*.sql",), ("tests/sources/hl7v2", *OF_SOURCES), 0.1),
    Area("mimic-iv", ("sql/sources/mimic-iv/*.sql",), ("tests/sources/mimic_iv", *OF_SOURCES), 0.1),
)
