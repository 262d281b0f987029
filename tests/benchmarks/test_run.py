"""Does the measuring itself work? At sixty people; nothing here looks at a clock."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import beside, run
from benchmarks.bare import with_source, with_supplies
from benchmarks.districts import random_district
from benchmarks.measure import HERE, run_process
from benchmarks.page import Section
from benchmarks.peers import BUILT_IN, figures
from benchmarks.roster import BY_NAME, PEERS
from benchmarks.sections import Asked, solve_command, verdict
from benchmarks.strangers import STRANGERS
from matching.assignment import assignment_of
from matching.plan import Reach

SIZE = 60


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_peer_keeps_to_the_openings_and_none_beats_ours(name: str) -> None:
    """A peer that broke a rule, or ours being beaten, would make every comparison void."""
    problem = random_district(SIZE, 1)
    found = figures(problem, BUILT_IN[name](problem))
    ours = figures(problem, BUILT_IN["ours"](problem))
    assert found["broken"] == 0
    assert found["placed"] > 0
    assert found["expected"] <= ours["expected"] * (1 + 1e-9)
    if BY_NAME[name].best:
        assert found["expected"] == pytest.approx(ours["expected"], rel=1e-6)


def test_everybody_on_the_roster_can_be_run() -> None:
    runnable = set(BUILT_IN) | set(STRANGERS)
    assert runnable == set(BY_NAME)
    assert {peer.name for peer in PEERS if peer.package is not None} == set(STRANGERS)


def test_both_bare_flows_reach_the_same() -> None:
    """The yardstick may be written in either way only if both find the same optimum."""
    given = assignment_of(random_district(SIZE, 2), Reach())
    assert given.units[with_supplies(given)].sum() == given.units[with_source(given)].sum()


def test_a_broken_plan_is_seen() -> None:
    """Taking every pair breaks the rules of all people and of crowded places."""
    problem = random_district(SIZE, 1)
    everything = np.arange(len(problem.candidates))
    assert figures(problem, everything)["broken"] >= SIZE


def test_a_seed_makes_one_district_and_everybody_has_different_places() -> None:
    one, same, other = (random_district(SIZE, seed) for seed in (1, 1, 2))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
    assert np.array_equal(np.bincount(one.candidates.seeker), np.full(SIZE, 15))


def test_the_page_has_every_section(tmp_path: Path) -> None:
    words = ["--sizes", str(SIZE), "--seeds", "1", "--rounds", "1", "--peers", "scipy"]
    page = run.main([*words, "--out", str(tmp_path)]).read_text(encoding="utf-8")
    for title in (
        "## Solve beside the bare flow",
        "## `uebergang solve` from Parquet",
        "## Serving wishes",
        f"## Peers at {SIZE} seekers",
        "## The main job",
        "## Candidates",
    ):
        assert title in page
    assert "optima are equal" in page or "optima differ by at most" in page
    assert BY_NAME["scipy"].label in page
    assert str(HERE.parent) not in page


@pytest.mark.parametrize(
    ("met", "reached"),
    [
        ({}, None),
        ({60: True}, None),
        ({3000: True}, None),
        ({3000: False}, False),
        ({3000: True, 30_000: True}, True),
        ({3000: True, 30_000: False}, False),
    ],
)
def test_a_target_is_not_reached_on_a_part_of_its_sizes(
    met: dict[int, bool], reached: bool | None
) -> None:
    """Every size that the target names stands in the verdict, measured or not."""
    ok, found = verdict((3000, 30_000), met)
    assert ok is reached
    assert found.count("not measured") == len({3000, 30_000} - set(met))
    assert "3,000: " in found and "30,000: " in found
    assert "**Reached**" not in Section("t", "s", "target", None, found).text()


def test_a_page_of_small_districts_reaches_no_target_of_large_ones(tmp_path: Path) -> None:
    """At sixty people nothing is said of 3,000, and `verify` is measured beside `solve`."""
    asked = Asked((SIZE,), (1,), 1, 60.0, False, lambda step: None)
    text = solve_command(asked).text()
    assert "420,000: not measured" in text and "Reached" not in text
    assert "`verify`" in text and text.count(" GB |") == 2


def test_a_process_is_ended_at_its_limit() -> None:
    """A peer that never ends must not hold up the others; what it said before does not count."""
    said = "print('{}', flush=True); import time; time.sleep(60)"
    ended = run_process([sys.executable, "-c", said], limit=1.0)
    assert ended.overran
    assert ended.answer is None


def test_a_peer_that_can_not_be_had_stands_on_the_page_with_the_reason() -> None:
    """Nobody is left out in silence."""
    absent = beside.Measured(BY_NAME["highspy"], missing="could not be installed here")
    ours = {"seconds": 1.0, "memory": None, "placed": 3, "expected": 2.0, "wishes": 1.0}
    section = beside.section(1000, [ours | {"broken": 0}], [absent])
    assert "skipped: could not be installed here" in section.text()
    assert section.reached is None


def test_a_worse_optimum_is_not_called_the_same() -> None:
    """The target fails where HiGHS finds more, however slow it is."""
    ours = {"seconds": 1.0, "memory": 0.1, "placed": 3, "expected": 2.0, "wishes": 1.0, "broken": 0}
    better = beside.Measured(BY_NAME["highs"], [ours | {"expected": 2.1}], [9.0])
    assert beside.section(1000, [ours], [better]).reached is False
    same = beside.Measured(BY_NAME["highs"], [ours], [9.0])
    assert beside.section(1000, [ours], [same]).reached is True
    slower = beside.Measured(BY_NAME["highs"], [ours], [0.9])
    assert beside.section(1000, [ours], [slower]).reached is False
