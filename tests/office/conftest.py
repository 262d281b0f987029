"""Which drawn districts do the tests of the office share? Each is drawn once a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.sample import district_folder
from office.drawing import Drawn
from office.file_desk import FileDesk
from tests.districts import random_problem
from tests.office.terminal import Run, run, solve, write_problem
from tests.store.conftest import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

SAMPLE = district_folder("district")


def given(sample: Path = SAMPLE) -> tuple[object, ...]:
    """The files of the sample as options of `plan`."""
    first, *more = sorted((sample / "schools").glob("*.csv"))
    places, target = sample / "places.csv", sample / "target.toml"
    return ("plan", "--seekers", first, "--places", places, "--target", target, *more)


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """The bundled district, planned from its school lists by the command."""
    folder = tmp_path_factory.mktemp("sample") / "out"
    return folder, run(*given(), "--out", folder)


@pytest.fixture(scope="session")
def scarce() -> Drawn:
    """The bundled district with too few places."""
    return FileDesk().draw_sample("scarce")


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some sixty people: `out` with most expected placements, `served` with wishes served."""
    folder = write_problem(tmp_path_factory.mktemp("solved"), random_problem(60, 3, each=6))
    assert solve(folder).code == 0
    assert solve(folder, "--serve", "--min-expected", "28", to="served").code == 0
    return folder


@pytest.fixture
def folder(solved: Path, tmp_path: Path) -> Path:
    """A copy of solved files that a test may tamper with."""
    return Path(shutil.copytree(solved, tmp_path / "copy"))


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """Where a test keeps its store."""
    return str(tmp_path / "store" / "kept.db")
