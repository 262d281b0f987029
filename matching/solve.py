"""What is the best plan? Solver, prices, recount: one chain, and no plan leaves it unchecked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.assignment import Assignment, Solver, assignment_of
from matching.errors import BrokenPromise
from matching.plan import ROUNDING, Aim, Plan, Reach, Result, Rows, Seconds, Status, Verdict
from matching.prices import prices_of
from matching.problem import Problem
from matching.solvers.flow import flow
from matching.verify import plan_violations, verify

People = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What a solver chose, not yet proven: the assignment, its rows, and the time it took."""

    assignment: Assignment
    chosen: Rows
    solver: str
    build: float
    solve: float

    @property
    def rows(self) -> Rows:
        """The chosen rows of the problem's candidates, pinned ones included, sorted."""
        return self.assignment.chosen_rows(self.chosen)


def solve(problem: Problem, aim: Aim | None = None, solver: Solver = flow) -> Result:
    """The plan that reaches most of the aim, with prices, proof and recount.

    The aim is expected placements unless another is given. A part of the district (people and
    places tied to each other by candidate pairs) whose plan breaks a rule is held back and the
    rest goes out. Raises `NoPlanPossible` if pins contradict each other, `BrokenPromise` if the
    solver's choice is not the best or the rest of the plan does not stand up to the recount.
    """
    aim = aim or Reach()
    return prove(problem, aim, choose(problem, aim, solver))


def choose(problem: Problem, aim: Aim, solver: Solver = flow) -> Choice:
    """Let a solver choose, and believe nothing yet."""
    started = perf_counter()
    assignment = assignment_of(problem, aim)
    built = perf_counter()
    chosen = solver(assignment)
    took = perf_counter() - built
    return Choice(assignment, chosen, solver.__name__, built - started, took)


def prove(problem: Problem, aim: Aim, choice: Choice, rows: Rows | None = None) -> Result:
    """Price a choice, recount it, and hold back any part that breaks a rule.

    With `rows`, another plan is measured against the choice's prices: a good one is proven good
    by the prices of the best of a neighbouring aim. Raises as `solve` does.
    """
    started = perf_counter()
    held_back = _part_to_hold_back(problem, choice.rows if rows is None else rows)
    assignment, chosen = choice.assignment, choice.chosen
    if len(held_back):
        chosen = chosen[~np.isin(assignment.seeker[chosen], held_back)]
    prices = prices_of(problem, aim, assignment, chosen)
    priced = perf_counter()
    kept = choice.rows if rows is None else rows
    if len(held_back):
        kept = kept[~np.isin(problem.candidates.seeker[kept], held_back)]
    plan = Plan(kept)
    verdict = verify(problem, plan, prices, aim)
    away = {problem.seekers[number].id for number in held_back}
    rest = tuple(v for v in verdict.violations if v.seeker not in away)
    if rest:
        raise BrokenPromise(choice.solver, rest)
    if isinstance(aim, Reach) and not away:
        _check_best(problem, verdict, choice)
    verified = perf_counter()
    return Result(
        status=_status(verdict, held_back),
        aim=aim,
        plan=plan,
        prices=prices,
        verdict=replace(verdict, violations=()),
        solver=choice.solver,
        seconds=Seconds(choice.build, choice.solve, priced - started, verified - priced),
        held_back=tuple(sorted(away)),
    )


def _check_best(problem: Problem, verdict: Verdict, choice: Choice) -> None:
    """Raise `BrokenPromise` if the plan lacks more of its bound than the units' rounding can."""
    assert verdict.bound is not None
    rounding = ROUNDING * verdict.bound + len(problem.seekers) / choice.assignment.scale
    if verdict.expected < verdict.bound - rounding:
        facts = (("expected", verdict.expected), ("bound", verdict.bound))
        raise BrokenPromise(choice.solver, facts)


def _status(verdict: Verdict, held_back: People) -> Status:
    proven = verdict.gap is not None and verdict.gap <= ROUNDING and not len(held_back)
    return Status.OPTIMAL if proven else Status.FEASIBLE


def _part_to_hold_back(problem: Problem, rows: Rows) -> People:
    """The row numbers of the people in whose part of the district a rule is broken."""
    violations = plan_violations(problem, rows)
    if not violations:
        return np.empty(0, dtype=np.int64)
    people = len(problem.seekers)
    candidates = problem.candidates
    ties = coo_array(
        (np.ones(len(candidates)), (candidates.seeker, candidates.place + people)),
        shape=(people + len(problem.places),) * 2,
    )
    _, part = connected_components(ties, directed=False)
    broken = set()
    for violation in violations:
        if violation.seeker is not None:
            broken.add(part[problem.seeker_number[violation.seeker]])
        elif violation.place is not None:
            broken.add(part[people + problem.place_number[violation.place]])
    return np.flatnonzero(np.isin(part[:people], list(broken)))
