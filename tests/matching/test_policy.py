"""Does serving wishes keep the target, and is its proof good?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import NoPlanPossible, Rule
from matching.exchange import chains_between
from matching.plan import Serve, Status
from matching.policy import steer
from matching.problem import Bond, Candidates, Problem
from matching.solve import solve
from matching.target import Target
from matching.verify import verify
from tests.districts import by_hand, problems, random_problem


def most_wishes_by_trying_all(problem: Problem, min_expected: float) -> float:
    candidates = problem.candidates
    assert candidates.wish is not None
    choices = [
        [None, *range(*candidates.rows_of(number).indices(len(candidates)))]
        for number in range(len(problem.seekers))
    ]
    best = -1.0
    for choice in product(*choices):
        taken = [row for row in choice if row is not None]
        count = np.bincount(candidates.place[taken], minlength=len(problem.places))
        enough = candidates.chance[taken].sum() >= min_expected * (1 - 1e-9)
        if enough and (count <= problem.openings).all():
            best = max(best, float(candidates.wish[taken].sum()))
    return best


@given(problem=problems(5, 4, wishes=True), part=st.floats(0, 1))
def test_the_bound_holds_and_the_floor_is_kept(problem: Problem, part: float) -> None:
    """Against every plan there is: none with the floor has more wishes than the proven bound."""
    floor = solve(problem).value * part
    steered = steer(problem, min_expected=floor)
    chosen = steered.chosen
    assert chosen.verdict.expected >= floor * (1 - 1e-6)
    if steered.served is not None:
        best = most_wishes_by_trying_all(problem, floor)
        assert chosen.value <= best + 1e-6
        assert chosen.bound >= best - 1e-6
        assert verify(problem, chosen.plan, chosen.prices, chosen.aim).holds
    assert chosen.verdict.wishes >= steered.reached.verdict.wishes - 1e-9


@given(problem=problems(wishes=True))
def test_the_target_still_holds_with_the_wanted_confidence(problem: Problem) -> None:
    """If it did not hold to begin with, nothing is given up; if it did, it still does."""
    wanted = problem.target.confidence
    steered = steer(problem)
    if steered.reached.verdict.chance_of_target < wanted:
        assert steered.served is None
    else:
        assert steered.chosen.verdict.chance_of_target >= wanted


@given(problem=problems(wishes=True, pins=True), part=st.floats(0, 1))
def test_pins_stay_while_wishes_are_served(problem: Problem, part: float) -> None:
    """A counselor's ruling outlasts the second step, and the proof takes it into account."""
    chosen = steer(problem, min_expected=solve(problem).value * part).chosen
    rows = set(chosen.plan.rows.tolist())
    assert set(problem.rows_bound(Bond.PIN).tolist()) <= rows
    assert not set(problem.rows_bound(Bond.BAN).tolist()) & rows
    assert verify(problem, chosen.plan, chosen.prices, chosen.aim, chosen.gap).holds


@given(problem=problems(), other=problems())
def test_any_chains_lead_to_a_plan_within_openings(problem: Problem, other: Problem) -> None:
    """Every set of chains can be carried out on its own, and all of them give the other plan."""
    plan = solve(problem).plan.rows
    turned = problem.candidates.chance[::-1].copy()
    columns = replace(problem.candidates, chance=turned)
    goal = solve(replace(problem, candidates=columns)).plan.rows
    chains = chains_between(problem, plan, goal)
    every = np.ones(chains.count, dtype=bool)
    assert chains.plan_with(every).tolist() == goal.tolist()
    assert chains.plan_with(~every).tolist() == plan.tolist()
    assert chains.change(problem.candidates.chance).sum() == pytest.approx(
        problem.candidates.chance[goal].sum() - problem.candidates.chance[plan].sum()
    )
    for number in range(chains.count):
        rows = chains.plan_with(np.arange(chains.count) == number)
        seekers = problem.candidates.seeker[rows]
        count = np.bincount(problem.candidates.place[rows], minlength=len(problem.places))
        assert len(set(seekers.tolist())) == len(seekers)
        assert (count <= problem.openings).all()


def test_a_district_by_hand() -> None:
    """Ada and Ben swap: 0.1 expected placements less, both get what they wish."""
    chances = {
        ("ada", "bakery"): 0.6,
        ("ada", "garage"): 0.5,
        ("ben", "bakery"): 0.5,
        ("ben", "garage"): 0.6,
    }
    wishes = {("ada", "garage"): 1.0, ("ben", "bakery"): 1.0}
    problem = by_hand({"bakery": 1, "garage": 1}, chances, wishes)
    steered = steer(problem, min_expected=1.0)
    assert steered.reached.verdict.wishes == 0
    assert steered.served is not None
    assert steered.served.value == pytest.approx(2.0)
    assert steered.served.verdict.expected == pytest.approx(1.0)
    assert steered.curve[0].expected == pytest.approx(1.2)
    assert steered.curve[-1].wishes == pytest.approx(2.0)
    assert steer(problem, min_expected=1.1).chosen.verdict.wishes == 0


def test_more_than_can_be_had_is_refused() -> None:
    problem = by_hand({"bakery": 1}, {("ada", "bakery"): 0.5}, {("ada", "bakery"): 1.0})
    with pytest.raises(NoPlanPossible) as refusal:
        steer(problem, min_expected=0.6)
    assert refusal.value.faults[0].rule is Rule.EXPECTED_OUT_OF_REACH


@pytest.mark.parametrize(("part", "spread"), [(0.85, 0.0), (0.93, 0.0), (0.85, 0.1)])
def test_a_larger_district_is_proven_within_a_thousandth(part: float, spread: float) -> None:
    """At a size that a test can afford; larger ones are in the benchmarks."""
    problem = random_problem(1500, seed=3, each=20)
    reach = solve(problem).value
    problem = replace(problem, target=Target(Fraction(int(part * reach), 1500)), spread=spread)
    steered = steer(problem)
    chosen = steered.chosen
    assert steered.served is not None and isinstance(chosen.aim, Serve)
    assert chosen.gap <= 1e-3
    assert steered.flows <= 20
    assert chosen.verdict.chance_with_model_error >= 0.9
    assert chosen.value > 1.2 * steered.reached.verdict.wishes
    assert chosen.status is Status.FEASIBLE


def test_the_same_input_gives_the_same_plan() -> None:
    problem = random_problem(300, seed=8)
    problem = replace(problem, target=Target(Fraction(2, 5)))
    first, second = steer(problem), steer(problem)
    assert first.chosen.plan.rows.tolist() == second.chosen.plan.rows.tolist()


@given(problem=problems(wishes=True))
def test_progress_is_told_for_every_flow(problem: Problem) -> None:
    heard: list[tuple[str, int]] = []
    steered = steer(problem, progress=lambda step, number: heard.append((step, number)))
    assert heard[0] == ("reach", 1)
    assert all(step == "serve" for step, _ in heard[1:])
    # The first multiplier is tried before the search is asked how far it is.
    assert len(heard) == (steered.flows if steered.served is None else steered.flows - 1)


def test_without_wishes_the_first_plan_stands() -> None:
    problem = by_hand({"bakery": 1}, {("ada", "bakery"): 0.9}, {})
    assert problem.candidates.wish is not None
    assert steer(problem).served is None
    nobody_asked = Candidates.of([0], [0], [0.9])
    assert steer(replace(problem, candidates=nobody_asked)).served is None


def test_wishes_that_nobody_can_be_served_are_no_defect() -> None:
    """The only wish is for a place without openings: nothing to win, nothing broken."""
    chances = {("a", "x"): 0.5, ("a", "y"): 0.4, ("b", "y"): 0.6}
    problem = by_hand({"x": 0, "y": 2}, chances, {("a", "x"): 0.5})
    chosen = steer(problem, confidence=0.05).chosen
    assert (chosen.verdict.wishes, chosen.gap) == (0.0, 0.0)
    assert chosen.verdict.expected == pytest.approx(1.0)
