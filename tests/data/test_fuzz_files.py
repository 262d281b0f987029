"""Do the fuzzers of all readers run, with atheris or without, and find nothing?"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzz_files import MOST_BYTES, READERS, entries, mutations, tried

#: What a pull request waits for; the long runs are started by hand.
FILES = 60


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_seeds_are_read(name: str) -> None:
    """A seed that is refused would leave the fuzzer at the door."""
    entry, seed = READERS[name]
    entry(seed)


@pytest.mark.parametrize("name", sorted(entries()))
def test_some_mutations_find_nothing(name: str) -> None:
    once, (_, seeds) = tried(name), entries()[name]
    for content in islice(mutations(seeds, Random(1)), FILES):
        assert len(content) <= MOST_BYTES
        once(content)


def test_mutations_are_the_same_in_every_run_and_differ_from_one_another() -> None:
    seeds = (b"Nachname;Vorname\nErfunden;Elif\n",)
    first, again = ([*islice(mutations(seeds, Random(7)), 50)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 40


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not at hand")
def test_atheris_follows_a_reader() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "benchmarks.fuzz_files", "kaoa", "1"]
    run = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
