"""What do prices, proof and recount add to the bare network flow? Alternating, in one process.

    python -m benchmarks.engine SIZE SEED ROUNDS

prints JSON: for each round the seconds of both bare flows, of `solve`, and of its steps.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from benchmarks.bare import with_source, with_supplies
from benchmarks.districts import random_district
from benchmarks.measure import timed
from matching.assignment import assignment_of
from matching.plan import Reach
from matching.problem import Problem
from matching.solve import solve


def one_round(problem: Problem, backwards: bool) -> dict[str, float]:
    """Solve both ways and bare, each once; every other round in the opposite order."""
    seconds: dict[str, float] = {}
    given = assignment_of(problem, Reach())

    def ours() -> None:
        seconds["solve"], result = timed(lambda: solve(problem))
        took = result.seconds
        seconds.update(flow=took.solve, build=took.build, prices=took.prices, verify=took.verify)

    def supplies() -> None:
        seconds["supplies"], _ = timed(lambda: with_supplies(given))

    def source() -> None:
        seconds["source"], _ = timed(lambda: with_source(given))

    order: list[Callable[[], None]] = [supplies, ours, source]
    for work in reversed(order) if backwards else order:
        work()
    return seconds


def main() -> None:
    """Measure one district and print what it took."""
    size, seed, rounds = map(int, sys.argv[1:4])
    one_round(random_district(60, seed), backwards=False)  # so that nothing is loaded later
    problem = random_district(size, seed)
    measured = [one_round(problem, bool(number % 2)) for number in range(rounds)]
    print(json.dumps({"rounds": measured}))


if __name__ == "__main__":
    main()
