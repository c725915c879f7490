"""What tests of several modules share."""

import importlib
import os
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The flow, imported with Prefect's home in a temporary folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            patch.delenv(name)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        patch.setenv("DO_NOT_TRACK", "1")
        return importlib.import_module("flows.night.flow")
