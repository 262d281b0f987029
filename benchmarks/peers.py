"""How does each peer make a plan? A function a peer, run in a process of its own.

    python -m benchmarks.peers NAME SIZE SEED

prints JSON: seconds from the problem to the rows, peak memory (GB) of the process with the
district in it, and the plan's figures, recounted here for everybody alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from benchmarks.bare import with_supplies
from benchmarks.districts import random_district
from benchmarks.environment import STRANGERS_PYTHON
from benchmarks.measure import HERE, peak_memory, timed
from benchmarks.roster import BY_NAME
from matching.assignment import Assignment, assignment_of
from matching.plan import Reach, Rows
from matching.policy import steer
from matching.problem import Problem
from matching.solve import solve
from matching.solvers.jonker_volgenant import jonker_volgenant
from matching.solvers.linear_programme import linear_programme
from matching.verify import one_place_each, within_openings

#: Seconds that CP-SAT may search.
_SEARCH = 20.0


def ours(problem: Problem) -> Rows:
    """The product's own plan, with prices, proof and recount."""
    return solve(problem).plan.rows


def served(problem: Problem) -> Rows:
    """The product's plan with most wishes that keeps four fifths of the expected placements."""
    most = float(problem.candidates.chance[ours(problem)].sum())
    return steer(problem, min_expected=0.8 * most).chosen.plan.rows


def of_assignment(solver: Callable[[Assignment], Rows]) -> Callable[[Problem], Rows]:
    """A solver of assignments as a peer."""
    return lambda problem: solver(assignment_of(problem, Reach()))


def cp_sat(problem: Problem) -> Rows:
    """CP-SAT on all cores, ended by the clock; no rows where it found nothing."""
    given = assignment_of(problem, Reach())
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(len(given))]
    by_seeker = np.searchsorted(given.seeker, np.arange(given.seekers + 1)).tolist()
    for first, last in pairwise(by_seeker):
        model.add_at_most_one(taken[first:last])
    order = np.argsort(given.place, kind="stable")
    sites = np.arange(len(given.openings) + 1)
    by_place = np.searchsorted(given.place[order], sites).tolist()
    for site, room in enumerate(given.openings.tolist()):
        rows = order[by_place[site] : by_place[site + 1]].tolist()
        if len(rows) > room:
            model.add(cp_model.LinearExpr.sum([taken[row] for row in rows]) <= room)
    model.maximize(cp_model.LinearExpr.weighted_sum(taken, given.units.tolist()))
    search = cp_model.CpSolver()
    search.parameters.max_time_in_seconds = _SEARCH
    search.parameters.num_workers = os.cpu_count() or 1
    if search.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero([search.boolean_value(one) for one in taken])


def greedy(problem: Problem) -> Rows:
    """Take the pair of best chance that is still free, again and again."""
    candidates = problem.candidates
    left = problem.openings.tolist()
    settled = [False] * len(problem.seekers)
    seeker, place = candidates.seeker.tolist(), candidates.place.tolist()
    rows = []
    for row in np.argsort(-candidates.chance, kind="stable").tolist():
        if not settled[seeker[row]] and left[place[row]] > 0:
            settled[seeker[row]] = True
            left[place[row]] -= 1
            rows.append(row)
    return np.sort(np.array(rows, dtype=np.int64))


def first_come(problem: Problem) -> Rows:
    """People come in random order; each takes the free place of best chance."""
    return _one_by_one(problem, problem.candidates.chance)


def at_random(problem: Problem) -> Rows:
    """People come in random order; each takes any free place among their possible ones."""
    return _one_by_one(problem, np.random.default_rng(1).random(len(problem.candidates)))


def _one_by_one(problem: Problem, liked: npt.NDArray[np.float64]) -> Rows:
    candidates = problem.candidates
    left = problem.openings.copy()
    begins = np.searchsorted(candidates.seeker, np.arange(len(problem.seekers) + 1))
    rows = []
    for person in np.random.default_rng(0).permutation(len(problem.seekers)):
        theirs = slice(begins[person], begins[person + 1])
        place = candidates.place[theirs]
        worth = np.where(left[place] > 0, liked[theirs], -1.0)
        if len(worth) and worth.max() >= 0:
            best = int(worth.argmax())
            left[place[best]] -= 1
            rows.append(int(begins[person]) + best)
    return np.sort(np.array(rows, dtype=np.int64))


BUILT_IN: dict[str, Callable[[Problem], Rows]] = {
    "ours": ours,
    "served": served,
    "bare": of_assignment(with_supplies),
    "scipy": of_assignment(jonker_volgenant),
    "highs": of_assignment(linear_programme),
    "cp_sat": cp_sat,
    "greedy": greedy,
    "first_come": first_come,
    "random": at_random,
}


def by_stranger(name: str, problem: Problem) -> tuple[float, float | None, Rows]:
    """Hand the arrays to a package in its own environment; seconds, memory and rows."""
    given = assignment_of(problem, Reach())
    wish = problem.candidates.wish
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "seeker": given.seeker,
        "place": given.place,
        "units": given.units,
        "openings": given.openings,
        "wish": np.zeros(len(given)) if wish is None else wish,
    }
    with tempfile.TemporaryDirectory() as folder:
        given_at, rows_at = Path(folder) / "given.npz", Path(folder) / "rows.npy"
        np.savez(given_at, allow_pickle=False, **arrays)
        script = HERE / "strangers.py"
        command: list[str | Path] = [STRANGERS_PYTHON, "-I", script, name, given_at, rows_at]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr or f"{name} ended with code {done.returncode}")
        answer = json.loads(done.stdout.strip().splitlines()[-1])
        return answer["seconds"], answer["memory"], np.load(rows_at)


def figures(problem: Problem, rows: Rows) -> dict[str, float]:
    """What a plan is worth, and how many of the rules of every plan it breaks."""
    candidates = problem.candidates
    broken = sum(1 for check in (one_place_each, within_openings) for _ in check(problem, rows))
    return {
        "placed": len(rows),
        "expected": float(candidates.chance[rows].sum()),
        "wishes": 0.0 if candidates.wish is None else float(candidates.wish[rows].sum()),
        "broken": broken,
    }


def main() -> None:
    """Let one peer plan one district and print what came of it."""
    name, size, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    memory: float | None
    if BY_NAME[name].package is None:
        BUILT_IN[name](random_district(60, seed))  # so that nothing is loaded later
        problem = random_district(size, seed)
        seconds, rows = timed(lambda: BUILT_IN[name](problem))
        memory = peak_memory()
    else:
        problem = random_district(size, seed)
        seconds, memory, rows = by_stranger(name, problem)
    print(json.dumps({"seconds": seconds, "memory": memory} | figures(problem, rows)))


if __name__ == "__main__":
    main()
