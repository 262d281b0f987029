"""How long does the price of one override take, before it is saved?

    python -m benchmarks.scenarios SIZE SEED ROUNDS

Pins at random pairs of a random district and of the bundled ones: seconds for the bound that is
read off prices, for the prices that it needs (once a plan), and for the exact answer; how many
others move. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from fractions import Fraction
from functools import partial
from statistics import median

import numpy as np

from benchmarks.districts import random_district
from benchmarks.measure import timed
from matching.edits import Pinned
from matching.policy import Steered, steer
from matching.problem import Problem
from matching.scenario import bound_of_pin, compare, price_range
from matching.solve import solve
from matching.target import Target
from office.file_desk import FileDesk


def pins(problem: Problem, rounds: int) -> list[Pinned]:
    """Pairs to be pinned, at random but the same in every run."""
    columns = problem.candidates
    rows = np.random.default_rng(1).integers(0, len(columns), rounds)
    return [
        Pinned(problem.seekers[s].id, problem.places[p].id)
        for s, p in zip(columns.seeker[rows].tolist(), columns.place[rows].tolist(), strict=True)
    ]


def overridden(name: str, problem: Problem, before: Steered, rounds: int) -> dict[str, object]:
    """What overrides of one plan take, and whom they move."""
    aim = before.chosen.aim
    priced, prices = timed(lambda: price_range(problem, aim))
    bounds, exact, others = [], [], []
    for pin in pins(problem, rounds):
        bounds.append(timed(partial(bound_of_pin, problem, aim, prices, pin))[0])
        seconds, change = timed(partial(compare, problem, before, pin))
        exact.append(seconds)
        others.append(len(change.others))
    return {
        "district": name,
        "people": len(problem.seekers),
        "pairs": len(problem.candidates),
        "served": before.served is not None,
        "prices": priced,
        "bound": median(bounds),
        "exact": median(exact),
        "slowest": max(exact),
        "others": median(others),
        "most_others": max(others),
    }


def main() -> None:
    """Measure the bundled districts and a random one, and print what it took."""
    size, seed, rounds = map(int, sys.argv[1:4])
    runs = []
    for name in ("district", "scarce"):
        drawn = FileDesk().draw_sample("district" if name == "district" else "scarce")
        runs.append(overridden(name, drawn.problem, drawn.steered, rounds))
    problem = random_district(size, seed)
    out_of_reach = replace(problem, target=Target(Fraction(1)))
    runs.append(overridden("random, reach", out_of_reach, steer(out_of_reach), rounds))
    floor = 0.95 * solve(problem).value
    served = steer(problem, min_expected=floor, most_flows=5)
    runs.append(overridden("random, served at its floor", problem, served, rounds))
    print(json.dumps({"runs": runs}, indent=1))


if __name__ == "__main__":
    main()
