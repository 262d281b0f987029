"""How near to the best are wishes served, and in how many bare flows?

    python -m benchmarks.serving SIZE SEED FLOORS ROUNDS

where FLOORS are shares of the most expected placements, or `confidence` for a target of
nine tenths of the most, to be held with 90 % confidence, separated by commas. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from statistics import median

from benchmarks.bare import with_source, with_supplies
from benchmarks.districts import random_district
from benchmarks.measure import timed
from matching.assignment import Assignment, assignment_of
from matching.plan import Reach, Rows
from matching.policy import steer
from matching.problem import Problem
from matching.target import Target


def faster_way(given: Assignment) -> Callable[[], Rows]:
    """The bare flow written in the faster of its two ways, by the middle of three."""
    ways = (partial(with_supplies, given), partial(with_source, given))
    return min(ways, key=lambda way: median(timed(way)[0] for _ in range(3)))


def served(
    problem: Problem, floor: str, bare: Callable[[], Rows], rounds: int
) -> dict[str, object]:
    """How far steering comes, and what it takes in bare flows: one before and one after it."""
    most = float(problem.candidates.chance[bare()].sum())
    least = None if floor == "confidence" else float(floor) * most
    if least is None:
        people = len(problem.seekers)
        problem = replace(problem, target=Target(Fraction(int(0.9 * most), people)))
    took, yardsticks = [], []
    for _ in range(rounds):
        before, _ = timed(bare)
        seconds, steered = timed(lambda: steer(problem, min_expected=least))
        after, _ = timed(bare)
        took.append(2 * seconds / (before + after))
        yardsticks.append((before + after) / 2)
    wishes = steered.reached.verdict.wishes
    return {
        "floor": floor,
        "gap": None if steered.served is None else steered.served.gap,
        "solved": steered.flows,
        "bare": median(yardsticks),
        "flows": took,
        "wishes": steered.chosen.verdict.wishes / wishes if wishes else 1.0,
        "expected": steered.chosen.verdict.expected / most,
    }


def main() -> None:
    """Measure one district with each floor and print what it took."""
    size, seed = map(int, sys.argv[1:3])
    problem = random_district(size, seed)
    bare = faster_way(assignment_of(problem, Reach()))
    rounds = int(sys.argv[4])
    runs = [served(problem, floor, bare, rounds) for floor in sys.argv[3].split(",")]
    print(json.dumps({"runs": runs}))


if __name__ == "__main__":
    main()
