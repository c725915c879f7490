"""The wheel carries all that the program needs: installed into a clean environment it works in any folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"  # a build leaves its own copies behind, of which a later one would take old files
    for room in ("audit", "flows", "expectations", "sql", "data"):
        shutil.copytree(ROOT / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tree / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", str(folder), str(tree)], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, installed into an environment that has its libraries and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True, env=environment())
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")  # a .pth in there is not read
    return folder / "bin" / "rechallenge"


def environment() -> dict[str, str]:
    """The environment, without a way to the checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(program: Path, *arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [program, *arguments], cwd=cwd, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_packages_are_those_of_the_checkout() -> None:
    named = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    rooms = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in ("audit", "flows", "expectations")
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert named == {*rooms, "flows.share"}


def test_every_file_of_the_program_is_in_it_and_nothing_else_is(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shared = [
        path.relative_to(ROOT)
        for pattern in ("sql/**/*.sql", "data/codelists/*", "data/reference/*", "data/sample/*")
        for path in ROOT.glob(pattern)
    ]
    within = [
        path.relative_to(ROOT)
        for pattern in ("audit/guidelines/*.toml", "flows/pages/templates/**/*.j2")
        for path in ROOT.glob(pattern)
    ]
    assert shared and within
    assert {f"flows/share/{path.as_posix()}" for path in shared} | {path.as_posix() for path in within} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"audit", "flows", "expectations", "rechallenge"}


def test_it_works_in_another_folder(program: Path, tmp_path: Path) -> None:
    assert run(program, "--version", cwd=tmp_path).startswith("rechallenge ")
    assert "RST-01" in run(program, "rules", cwd=tmp_path)
    assert "alt" in run(program, "codelists", cwd=tmp_path)
    run(program, "sample", "--patients", "60", "--seed", "3", "--out", "extract", cwd=tmp_path)
    assert "violations on the worklist" in run(program, "audit", "--extract", "extract", "--home", "home", cwd=tmp_path)
    assert (tmp_path / "home" / "current" / "report.html").is_file()
