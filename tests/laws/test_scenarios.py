"""What holds for every edit, whatever the district?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.edits import Banned, Edit, Figures, Lifted, Pinned, apply, inverse
from matching.errors import NoPlanPossible
from matching.explain import why_not
from matching.plan import Reach
from matching.policy import steer
from matching.problem import Bond, Candidates, Problem
from matching.reasons import NotProposed
from matching.scenario import bound_of_pin, compare, price_range
from matching.solve import solve
from matching.target import Target
from tests.districts import problems, random_problem

SAME = 1e-6


def without_pair(problem: Problem, row: int) -> tuple[Problem, Figures]:
    """The district as if the pair lay beyond everybody's best places, and what is known of it."""
    columns = problem.candidates
    stays = np.arange(len(columns)) != row
    wish = None if columns.wish is None else columns.wish[stays]
    fewer = Candidates(columns.seeker[stays], columns.place[stays], columns.chance[stays], wish)
    known = 0.0 if columns.wish is None else float(columns.wish[row])
    figures = Figures(float(columns.chance[row]), known, 0.0, 0.0)
    return replace(problem, candidates=fewer), figures


@st.composite
def edits(draw: st.DrawFn, wishes: bool = False) -> tuple[Problem, Edit]:
    """A district with rulings, and one edit of it that contradicts none of them."""
    problem = draw(problems(wishes=wishes, pins=True))
    columns = problem.candidates
    assume(len(columns) > 0)
    row = draw(st.integers(0, len(columns) - 1))
    seeker = problem.seekers[int(columns.seeker[row])].id
    place = problem.places[int(columns.place[row])].id
    kind = draw(st.sampled_from(["pin", "ban", "lift", "beyond"]))
    ruled = any((pin.seeker, pin.place) == (seeker, place) for pin in problem.pins)
    if kind == "beyond" and not ruled:
        problem, figures = without_pair(problem, row)
        edit: Edit = Pinned(seeker, place, figures)
    elif kind == "ban":
        edit = Banned(seeker, place)
    elif kind in {"lift", "beyond"}:
        edit = Lifted(seeker, place)
    else:
        edit = Pinned(seeker, place)
    try:
        apply(problem, edit)
    except NoPlanPossible:
        assume(False)
    return problem, edit


def unserved(problem: Problem) -> Problem:
    """The same with a target out of reach, so that expected placements are all that counts."""
    return replace(problem, target=Target(Fraction(1), base=len(problem.seekers) + 1))


@given(case=edits())
def test_a_cost_is_the_difference_of_two_best_plans(case: tuple[Problem, Edit]) -> None:
    """However few people were moved, no plan of the edited district is better."""
    problem, edit = case
    change = compare(problem, steer(problem), edit)
    again = solve(apply(problem, edit))
    assert change.after.chosen.value == pytest.approx(again.value, abs=SAME)
    assert change.cost == pytest.approx(solve(problem).value - again.value, abs=SAME)
    assert change.expected == pytest.approx(change.cost, abs=SAME)


@given(case=edits())
def test_a_ruling_never_gains_and_lifting_it_never_costs(case: tuple[Problem, Edit]) -> None:
    problem, edit = case
    cost = compare(problem, steer(problem), edit).cost
    new = isinstance(edit, Pinned) and edit.figures is not None
    over = any((p.seeker, p.place) == (edit.seeker, edit.place) for p in problem.pins)
    if isinstance(edit, Lifted):
        assert cost <= SAME
    elif not new and not over:
        assert cost >= -SAME


@given(problem=problems(pins=True, wishes=True), data=st.data())
def test_confirming_the_plan_costs_nothing_and_moves_nobody(
    problem: Problem, data: st.DataObject
) -> None:
    """To the last bit, wishes served or not: who agrees with the plan changes nothing."""
    before = steer(problem)
    rows = before.chosen.plan.rows.tolist()
    assume(rows)
    row = data.draw(st.sampled_from(rows))
    edit = Pinned(*names(problem, row))
    change = compare(problem, before, edit)
    assert (change.cost, change.expected, change.wishes, change.others) == (0.0, 0.0, 0.0, ())
    assert change.own.place_before == change.own.place_after == edit.place
    assert change.after.chosen.plan.rows.tolist() == rows


@given(problem=problems(pins=True, wishes=True), data=st.data())
def test_banning_what_is_not_planned_costs_nothing_and_moves_nobody(
    problem: Problem, data: st.DataObject
) -> None:
    before = steer(problem)
    rows = set(range(len(problem.candidates))) - set(before.chosen.plan.rows.tolist())
    rows -= set(problem.rows_bound(Bond.PIN).tolist())
    assume(rows)
    change = compare(problem, before, Banned(*names(problem, data.draw(st.sampled_from([*rows])))))
    assert (change.cost, change.expected, change.wishes, change.others) == (0.0, 0.0, 0.0, ())


@given(case=edits(wishes=True))
def test_an_edit_and_its_inverse_give_the_district_back(case: tuple[Problem, Edit]) -> None:
    """Fingerprint and all: so the same plan is drawn from it again."""
    problem, edit = case
    before = steer(problem)
    change = compare(problem, before, edit)
    undo = inverse(problem, edit)
    back = apply(change.problem, undo)
    assert back.fingerprint() == problem.fingerprint()
    assert steer(back).chosen.plan.rows.tolist() == before.chosen.plan.rows.tolist()


@given(case=edits())
def test_undoing_gives_back_what_was_lost(case: tuple[Problem, Edit]) -> None:
    problem, edit = case
    problem = unserved(problem)
    before = steer(problem)
    change = compare(problem, before, edit)
    undone = compare(change.problem, change.after, inverse(problem, edit))
    assert undone.after.chosen.value == pytest.approx(before.chosen.value, abs=SAME)
    assert undone.cost == pytest.approx(-change.cost, abs=SAME)


@given(case=edits(wishes=True))
def test_the_plan_after_an_edit_obeys_it_and_says_who_moved(case: tuple[Problem, Edit]) -> None:
    """The proof is recounted by `prove`; here the moves are held against both plans."""
    problem, edit = case
    before = steer(problem)
    change = compare(problem, before, edit)
    plan = change.after.chosen.plan
    pinned = set(change.problem.rows_bound(Bond.PIN).tolist())
    assert pinned <= set(plan.rows.tolist())
    assert not set(change.problem.rows_bound(Bond.BAN).tolist()) & set(plan.rows.tolist())
    was, becomes = before.chosen.plan.place_of(problem), plan.place_of(change.problem)
    moved = {problem.seekers[number].id for number in np.flatnonzero(was != becomes)}
    assert {move.seeker for move in change.others} == moved - {edit.seeker}
    assert (change.own.place_before != change.own.place_after) == (edit.seeker in moved)


@given(case=edits(wishes=True))
def test_the_target_keeps_holding_where_it_can(case: tuple[Problem, Edit]) -> None:
    """Wishes are given back before the target is: as the policy wants it."""
    problem, edit = case
    change = compare(problem, steer(problem), edit)
    best = solve(change.problem).verdict.chance_with_model_error
    assert change.holds == (best >= problem.target.confidence)
    assert change.holds or change.after.served is None


@given(problem=problems(pins=True, wishes=True), data=st.data(), served=st.booleans())
def test_prices_frame_what_a_pin_costs(problem: Problem, data: st.DataObject, served: bool) -> None:
    """The bound at once is never below the true cost, nor its other end above it."""
    before = steer(problem, min_expected=0.0) if served else steer(unserved(problem))
    assume(len(problem.candidates))
    row = data.draw(st.integers(0, len(problem.candidates) - 1))
    edit: Pinned = Pinned(*names(problem, row))
    if data.draw(st.booleans()) and not problem.pins:
        problem, figures = without_pair(problem, row)
        before = steer(problem, min_expected=0.0) if served else steer(unserved(problem))
        edit = replace(edit, figures=figures)
    aim = before.chosen.aim
    try:
        bound = bound_of_pin(problem, aim, price_range(problem, aim), edit)
    except NoPlanPossible:
        assume(False)
    exact = solve(problem, aim), solve(apply(problem, edit), aim)
    one, other = (
        float(aim.worth(result_problem.candidates)[result.plan.rows].sum())
        for result_problem, result in zip((problem, apply(problem, edit)), exact, strict=True)
    )
    assert bound.least - SAME <= one - other <= bound.most + SAME


@given(problem=problems(most_seekers=5))
def test_the_largest_price_is_what_one_opening_less_loses(problem: Problem) -> None:
    prices = price_range(problem, Reach()).largest
    best = solve(problem)
    assert prices.bound(problem.openings, Reach()) == pytest.approx(best.value, abs=SAME)
    for number, place in enumerate(problem.places):
        if place.openings == 0:
            continue
        fewer = list(problem.places)
        fewer[number] = replace(place, openings=place.openings - 1)
        lost = best.value - solve(replace(problem, places=tuple(fewer))).value
        assert lost == pytest.approx(float(prices.places[number]), abs=SAME)


@given(problem=problems(pins=True, wishes=True))
def test_every_place_is_proposed_or_explained(problem: Problem) -> None:
    """And where the price is the reason, the pin costs what the price says."""
    problem = unserved(problem)
    before = steer(problem)
    prices = price_range(problem, Reach())
    for number, seeker in enumerate(problem.seekers):
        why = why_not(problem, before.chosen, prices, number)
        rows = problem.candidates.rows_of(number)
        proposed = set(range(rows.start, rows.stop)) & set(before.chosen.plan.rows.tolist())
        assert len(why) == rows.stop - rows.start - len(proposed)
        for place, one in why.items():
            if one.most is None or one.least is None:
                continue
            cost = compare(problem, before, Pinned(seeker.id, place)).cost
            assert one.least - SAME <= cost <= one.most + SAME
            assert one.reason is not NotProposed.AS_GOOD or cost <= SAME


def test_a_district_of_some_size_moves_one_chain() -> None:
    """300 people: whoever moves takes what another one of them leaves, or one free opening."""
    problem = unserved(random_problem(300, seed=5))
    before = steer(problem)
    for row in np.random.default_rng(1).integers(0, len(problem.candidates), 12).tolist():
        change = compare(problem, before, Pinned(*names(problem, row)))
        moves = (change.own, *change.others)
        left = Counter(move.place_before for move in moves if move.place_before is not None)
        entered = Counter(move.place_after for move in moves if move.place_after is not None)
        assert (entered - left).total() <= 1 and (left - entered).total() <= 1
        assert change.after.chosen.gap < 1e-7


def names(problem: Problem, row: int) -> tuple[str, str]:
    columns = problem.candidates
    seeker, place = int(columns.seeker[row]), int(columns.place[row])
    return problem.seekers[seeker].id, problem.places[place].id
