"""What stands in deploy/ is what systemd and the README understand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows import cli

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = tmp_path / "rechallenge"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in ("rechallenge.service", "rechallenge.timer"):
        text = (DEPLOY / name).read_text().replace("/opt/rechallenge/bin/rechallenge", str(program))
        (tmp_path / name).write_text(text)
    files = [str(tmp_path / name) for name in ("rechallenge.service", "rechallenge.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    of_ours = [line for line in done.stderr.splitlines() if "rechallenge" in line]
    assert (done.returncode, of_ours) == (0, [])


def test_the_service_calls_the_program_with_options_that_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called = re.search(r"^ExecStart=\S+ (.*)$", (DEPLOY / "rechallenge.service").read_text(), re.MULTILINE)
    assert called
    assert cli.run([*called[1].split(), "--help"]) == 0
    assert "Run the nightly flow once" in capsys.readouterr().out


def test_the_image_is_made_of_the_lock_and_the_wheel_alone() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    installs = re.findall(r"pip install ((?:\\\n|[^\n])*)", text)
    assert len(installs) == 2
    assert all("--no-deps" in one for one in installs)
    assert "--require-hashes" in installs[0] and "requirements.lock" in installs[0]
    assert "--no-index" in installs[1] and "/tmp/dist" in installs[1]
    assert "://" not in text
