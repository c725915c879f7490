"""The guideline under which the specifications are judged, and the answers to each test's table."""

import json
import os

import pytest

from audit.errors import GuidelineError
from audit.guideline import Guideline, overlay
from flows.editions import load
from tests.spec.audited import Audited, Batches

MUTATE = "RECHALLENGE_MUTATE"


@pytest.fixture(scope="session")
def guideline() -> Guideline:
    """Return the default edition; `name=value` in the environment changes one parameter (tests/mutate.py)."""
    name, _, value = os.environ.get(MUTATE, "").partition("=")
    return overlay(load(), {name: json.loads(value)}) if name else load()


@pytest.fixture(scope="session")
def batches(guideline: Guideline) -> Batches:
    """Return all tables of the collected specifications, grouped for the audit."""
    return Batches(guideline)


@pytest.fixture
def audited(request: pytest.FixtureRequest, batches: Batches) -> Audited:
    """Return what the audit said of the patients of this test's table."""
    case = getattr(request.function, "case", None) or request.node.callspec.params["one"].case
    try:
        return batches.of(case)
    except GuidelineError:
        if MUTATE not in os.environ:
            raise
        pytest.skip("a mutated parameter that contradicts the test's own parameters says nothing of the rule")
