"""The command line as the tests of this folder call it."""

from pathlib import Path

import pytest

from flows import cli
from flows.night import run as night
from tests.flows import cohort


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Audits run without Prefect here: the same steps, sooner."""
    monkeypatch.setattr("flows.night.conduct", night.run_audit)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cohort.write_extract(tmp_path_factory.mktemp("in") / "extract")


@pytest.fixture(scope="module")
def home(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    night.run_audit(night.Order(extract, home))
    return home


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """A command line that gives its exit code, standard output and standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
