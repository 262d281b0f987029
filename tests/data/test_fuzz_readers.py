"""Does the fuzzer of the pupil readers run, where it is installed?"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.fuzz_readers import READERS


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_seeds_are_read(name: str) -> None:
    """A seed that is refused would leave the fuzzer at the door."""
    reader, seeds = READERS[name]
    for seed in seeds:
        reader(seed)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not at hand")
@pytest.mark.parametrize("name", sorted(READERS))
def test_some_runs_find_nothing(name: str) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "benchmarks.fuzz_readers", name, "50"]
    run = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
