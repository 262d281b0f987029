"""Does the recount catch what is wrong? A check that never fails proves nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.assignment import Assignment
from matching.errors import BrokenPromise
from matching.plan import Check, Plan, Prices, Rows, Serve, Status
from matching.problem import Bond, Pin, Place, Problem
from matching.solve import solve
from matching.solvers.flow import flow
from matching.verify import verify
from tests.districts import by_hand, problems


def checks(problem: Problem, plan: Plan, prices: Prices | None = None) -> set[Check]:
    return {violation.check for violation in verify(problem, plan, prices).violations}


@given(problem=problems(), data=st.data())
def test_a_plan_with_a_pair_less_is_not_the_best(problem: Problem, data: st.DataObject) -> None:
    """Losing a row of the plan is seen: somebody is beside a free place."""
    result = solve(problem)
    assume(len(result.plan.rows))
    gone = data.draw(st.integers(0, len(result.plan.rows) - 1))
    less = Plan(np.delete(result.plan.rows, gone))
    verdict = verify(problem, less, result.prices)
    assert {v.check for v in verdict.violations} == {Check.NOBODY_LEFT_BESIDE_A_FREE_PLACE}
    assert verdict.gap is not None and verdict.gap > 0


@given(problem=problems(), data=st.data())
def test_one_lowered_price_is_caught(problem: Problem, data: st.DataObject) -> None:
    """The prices of people are tight: lowering one uncovers a pair."""
    result = solve(problem)
    tight = np.flatnonzero(result.prices.seekers > 1e-3)
    assume(len(tight))
    lowered = result.prices.seekers.copy()
    lowered[data.draw(st.sampled_from(tight.tolist()))] -= 1e-4
    found = checks(problem, result.plan, Prices(lowered, result.prices.places))
    assert Check.PRICES_COVER_EVERY_PAIR in found
    assert found <= {Check.PRICES_COVER_EVERY_PAIR, Check.WORTH_REACHES_BOUND}


DISTRICT = by_hand(
    {"bakery": 1, "garage": 1},
    {("ada", "bakery"): 0.5, ("ada", "garage"): 0.4, ("ben", "bakery"): 0.6},
)


def rows(*pairs: tuple[str, str], problem: Problem = DISTRICT) -> Plan:
    found = [
        problem.candidates.row_of(problem.seeker_number[s], problem.place_number[p])
        for s, p in pairs
    ]
    return Plan(np.array(sorted(row for row in found if row is not None), dtype=np.int64))


def test_two_places_for_one_person() -> None:
    found = verify(DISTRICT, rows(("ada", "bakery"), ("ada", "garage"))).violations
    assert [(v.check, v.seeker, v.found) for v in found] == [
        (Check.ONE_PLACE_EACH, "ada", "2"),
    ]


def test_a_place_over_its_openings() -> None:
    found = verify(DISTRICT, rows(("ada", "bakery"), ("ben", "bakery"))).violations
    assert [(v.check, v.place, v.found, v.allowed) for v in found] == [
        (Check.WITHIN_OPENINGS, "bakery", "2", "1"),
    ]


def test_a_pin_lost_and_a_ban_broken() -> None:
    problem = replace(
        DISTRICT, pins=(Pin("ada", "garage", Bond.PIN), Pin("ben", "bakery", Bond.BAN))
    )
    assert checks(problem, rows(("ben", "bakery"))) == {Check.PINS_KEPT, Check.BANS_KEPT} | {
        Check.NOBODY_LEFT_BESIDE_A_FREE_PLACE
    }


def test_prices_that_are_missing_negative_or_not_numbers() -> None:
    plan = rows(("ada", "garage"), ("ben", "bakery"))
    good = solve(DISTRICT).prices
    assert checks(DISTRICT, plan, good) == set()
    short = Prices(good.seekers[:1], good.places)
    assert checks(DISTRICT, plan, short) == {Check.PRICES_COMPLETE}
    nothing = Prices(good.seekers, np.array([np.nan, 0.0]))
    assert checks(DISTRICT, plan, nothing) == {Check.PRICES_COMPLETE}
    negative = Prices(good.seekers + 1, good.places - 1)
    assert checks(DISTRICT, plan, negative) == {Check.PRICES_NOT_NEGATIVE}


def test_a_bound_below_the_worth_is_a_wrong_proof() -> None:
    """Prices that cover every pair can't lie below a plan within its openings; others can."""
    problem = by_hand({"bakery": 1}, {("ada", "bakery"): 0.5})
    none = Prices(np.zeros(1), np.zeros(1))
    assert checks(problem, rows(("ada", "bakery"), problem=problem), none) == {
        Check.PRICES_COVER_EVERY_PAIR,
        Check.WORTH_REACHES_BOUND,
    }


def test_the_floor_under_expected_placements() -> None:
    verdict = verify(DISTRICT, rows(("ada", "garage")), aim=Serve(1.0, 0.5))
    assert Check.EXPECTED_AT_FLOOR in {v.check for v in verdict.violations}


def test_the_figures_by_hand() -> None:
    """Ada 0.4, Ben 0.6; one of two must be placed: 1 - 0.6 * 0.4 = 0.76."""
    problem = replace(DISTRICT, target=replace(DISTRICT.target))
    verdict = verify(problem, rows(("ada", "garage"), ("ben", "bakery")))
    assert (verdict.placed, verdict.need) == (2, 1)
    assert verdict.expected == pytest.approx(1.0)
    assert verdict.chance_of_target == pytest.approx(0.76)
    assert verdict.rate == pytest.approx(0.5)


def doubling(assignment: Assignment) -> Rows:
    """A broken solver: it gives the first person every place."""
    rows = flow(assignment)
    mine = np.flatnonzero(assignment.seeker == 0)
    return np.unique(np.concatenate([rows, mine]))


def lazy(assignment: Assignment) -> Rows:
    """A broken solver: within all rules, but one exchange short of the best."""
    rows = flow(assignment)
    swap = np.flatnonzero((assignment.seeker == 0) & (assignment.place == 0))
    return np.concatenate([rows[assignment.place[rows] != 0], swap])


def test_a_broken_part_is_held_back_and_the_rest_goes_out() -> None:
    """Ada's part breaks a rule; Cem's part has nobody and no place in common with it."""
    problem = by_hand(
        {"bakery": 1, "garage": 1, "farm": 2},
        {
            ("ada", "bakery"): 0.5,
            ("ada", "garage"): 0.4,
            ("ben", "bakery"): 0.6,
            ("cem", "farm"): 0.7,
        },
    )
    result = solve(problem, solver=doubling)
    assert result.held_back == ("ada", "ben")
    assert result.status is Status.FEASIBLE
    assert result.plan.seekers(problem).tolist() == [2]
    assert result.value == pytest.approx(0.7)
    assert result.bound >= 0.7 + 1.0


def test_a_plan_that_can_be_bettered_never_leaves() -> None:
    """The prices of a plan that is not the best go round in circles, and that is noticed."""
    problem = by_hand(
        {"bakery": 1, "garage": 1},
        {
            ("ada", "bakery"): 0.5,
            ("ada", "garage"): 0.5,
            ("ben", "bakery"): 0.6,
            ("ben", "garage"): 0.1,
        },
    )

    def crossed(assignment: Assignment) -> Rows:
        pair = assignment.seeker == assignment.place
        return np.flatnonzero(pair)

    with pytest.raises(BrokenPromise, match="prices"):
        solve(problem, solver=crossed)


def test_held_back_everywhere_leaves_an_empty_plan() -> None:
    result = solve(DISTRICT, solver=doubling)
    assert (result.held_back, len(result.plan.rows)) == (("ada", "ben"), 0)


def test_school_figures() -> None:
    """People, placed and expected by school, for whoever has one."""
    problem = replace(
        DISTRICT,
        seekers=(
            replace(DISTRICT.seekers[0], school="999001"),
            replace(DISTRICT.seekers[1], school=None),
        ),
        places=(Place("bakery"), Place("garage")),
    )
    verdict = verify(problem, rows(("ada", "garage"), ("ben", "bakery")))
    assert verdict.by_group == {"999001": (1, 1, 0.4)}


def settling(assignment: Assignment) -> Rows:
    """A broken solver: everybody takes their last pair, whatever it is worth."""
    return np.flatnonzero(np.diff(assignment.seeker, append=-1))


def test_a_plan_beside_a_better_free_place_never_leaves() -> None:
    """No circle of moves gains here, only a free place that is worth more: also not the best."""
    problem = by_hand({"bakery": 1, "garage": 1}, {("ada", "bakery"): 0.9, ("ada", "garage"): 0.1})
    with pytest.raises(BrokenPromise, match="bound"):
        solve(problem, solver=settling)


def test_tiny_chances_are_proven_as_strictly_as_large_ones() -> None:
    """Tolerances are relative: a tenth of the best is a tenth, however small the figures."""
    chances = {("a", "x"): 1e-8, ("a", "y"): 1e-9, ("b", "x"): 1e-10, ("b", "y"): 1e-9}
    problem = by_hand({"x": 1, "y": 1}, chances)
    result = solve(problem)
    assert result.value == pytest.approx(1.1e-8)
    worse = rows(("a", "y"), ("b", "x"), problem=problem)
    found = verify(problem, worse, result.prices, allowed_gap=0.0).violations
    assert [v.check for v in found] == [Check.WORTH_REACHES_BOUND]
    nothing = Prices(np.zeros(2), np.zeros(2))
    assert Check.WORTH_REACHES_BOUND in checks(problem, result.plan, nothing)


def test_a_place_without_openings_or_a_ban_does_not_blur_the_rest() -> None:
    """The scale of whole units is taken from pairs that can be had."""
    chances = {("a", "x"): 1.0, ("a", "y"): 1e-12, ("b", "y"): 1e-10}
    closed = by_hand({"x": 0, "y": 1}, chances)
    banned = replace(by_hand({"x": 1, "y": 1}, chances), pins=(Pin("a", "x", Bond.BAN),))
    for problem in (closed, banned):
        result = solve(problem)
        assert result.value == pytest.approx(1e-10)
        assert result.status is Status.OPTIMAL
    assert float(solve(closed).prices.places[0]) == pytest.approx(1.0)
