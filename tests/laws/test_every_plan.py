"""What holds for every plan, whatever the district?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.assignment import Solver
from matching.plan import Plan, Reach, Status
from matching.problem import Bond, Candidates, Pin, Problem
from matching.solve import solve
from matching.solvers.flow import flow
from matching.solvers.jonker_volgenant import jonker_volgenant
from matching.solvers.linear_programme import linear_programme
from matching.verify import verify
from tests.districts import problems, random_problem

SOLVERS: tuple[Solver, ...] = (flow, jonker_volgenant, linear_programme)
SAME = 1e-6


def best_by_trying_all(problem: Problem) -> float:
    """The most expected placements, by going through every plan there is."""
    candidates = problem.candidates
    pinned = set(problem.rows_bound(Bond.PIN).tolist())
    banned = set(problem.rows_bound(Bond.BAN).tolist())
    choices: list[list[int | None]] = []
    for number in range(len(problem.seekers)):
        rows = range(*candidates.rows_of(number).indices(len(candidates)))
        held = [row for row in rows if row in pinned]
        free: list[int | None] = [None, *(row for row in rows if row not in banned)]
        choices.append([*held] or free)
    best = 0.0
    for choice in product(*choices):
        taken = [row for row in choice if row is not None]
        count = np.bincount(candidates.place[taken], minlength=len(problem.places))
        if (count <= problem.openings).all():
            best = max(best, float(candidates.chance[taken].sum()))
    return best


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.__name__)
@given(problem=problems(most_seekers=5, most_places=4, pins=True))
def test_every_solver_finds_the_best_plan(solver: Solver, problem: Problem) -> None:
    """Three independent methods and a brute force agree, pins and bans included."""
    result = solve(problem, solver=solver)
    assert result.value == pytest.approx(best_by_trying_all(problem), abs=SAME)
    assert result.status is Status.OPTIMAL


@given(problem=problems(pins=True))
def test_the_prices_prove_the_plan(problem: Problem) -> None:
    """The bound is never below the value, and the gap is rounding."""
    result = solve(problem)
    assert result.bound >= result.value - SAME
    assert result.gap < 1e-7
    assert verify(problem, result.plan, result.prices).holds


@given(problem=problems())
def test_a_price_is_what_one_more_opening_adds(problem: Problem) -> None:
    """The price of a place is read as the worth of one opening more: it must be just that."""
    result = solve(problem)
    for number, place in enumerate(problem.places):
        more = list(problem.places)
        more[number] = replace(place, openings=place.openings + 1)
        gained = solve(replace(problem, places=tuple(more))).value - result.value
        assert gained == pytest.approx(float(result.prices.places[number]), abs=SAME)


@given(problem=problems(most_seekers=5))
def test_a_persons_price_is_what_would_be_lost_without_them(problem: Problem) -> None:
    """And nobody is worth more than one placement."""
    result = solve(problem)
    for number in range(len(problem.seekers)):
        stays = problem.candidates.seeker != number
        columns = problem.candidates
        fewer = Candidates(columns.seeker[stays], columns.place[stays], columns.chance[stays])
        lost = result.value - solve(replace(problem, candidates=fewer)).value
        assert lost == pytest.approx(float(result.prices.seekers[number]), abs=SAME)
        assert -SAME <= lost <= 1 + SAME


@given(problem=problems(pins=True), data=st.data())
def test_a_pin_costs_and_is_kept(problem: Problem, data: st.DataObject) -> None:
    """Every pin is in the plan, no ban is, and neither ever makes the plan worth more."""
    free = solve(replace(problem, pins=()))
    result = solve(problem)
    rows = set(result.plan.rows.tolist())
    assert set(problem.rows_bound(Bond.PIN).tolist()) <= rows
    assert not set(problem.rows_bound(Bond.BAN).tolist()) & rows
    assert result.value <= free.value + SAME


@given(problem=problems())
def test_pinning_the_plan_changes_nothing(problem: Problem) -> None:
    """A counselor who confirms each proposal gets the same plan at the same worth."""
    result = solve(problem)
    places, seekers = problem.places, problem.seekers
    pins = tuple(
        Pin(seekers[s].id, places[p].id)
        for s, p in zip(result.plan.seekers(problem), result.plan.places(problem), strict=True)
    )
    confirmed = solve(replace(problem, pins=pins))
    assert confirmed.plan.rows.tolist() == result.plan.rows.tolist()
    assert confirmed.value == pytest.approx(result.value)


@given(problem=problems(), data=st.data())
def test_the_order_of_the_pairs_does_not_matter(problem: Problem, data: st.DataObject) -> None:
    """A file that was sorted otherwise gives the same plan, to the row."""
    columns = problem.candidates
    order = np.array(data.draw(st.permutations(range(len(columns)))), dtype=int)
    shuffled = Candidates.of(columns.seeker[order], columns.place[order], columns.chance[order])
    again = replace(problem, candidates=shuffled)
    assert again.fingerprint() == problem.fingerprint()
    assert solve(again).plan.rows.tolist() == solve(problem).plan.rows.tolist()


@given(problem=problems())
def test_nobody_is_left_beside_a_free_place(problem: Problem) -> None:
    """Every chance counts, however small."""
    plan = solve(problem).plan
    holds = plan.place_of(problem)
    taken = np.bincount(plan.places(problem), minlength=len(problem.places))
    for s, p in zip(problem.candidates.seeker, problem.candidates.place, strict=True):
        assert holds[s] >= 0 or taken[p] == problem.openings[p]


@pytest.mark.parametrize("solver", SOLVERS[1:], ids=lambda solver: solver.__name__)
def test_solvers_agree_on_a_larger_district(solver: Solver) -> None:
    """800 people: large enough for long chains, small enough for the simplex."""
    problem = random_problem(800, seed=5)
    ours, theirs = solve(problem), solve(problem, solver=solver)
    assert theirs.value == pytest.approx(ours.value, rel=1e-9)


def test_the_empty_plan_of_an_empty_district() -> None:
    """Nobody, nowhere: an answer, not an error."""
    problem = Problem((), (), Candidates.of([], [], []))
    result = solve(problem)
    assert isinstance(result.plan, Plan)
    assert (result.value, result.bound, result.verdict.chance_of_target) == (0.0, 0.0, 1.0)
    assert isinstance(result.aim, Reach)
