"""What does an edit cost? Districts whose chains of moves a reader can follow."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from matching.edits import Banned, Figures, Lifted, Pinned, apply, inverse
from matching.errors import FaultyInput, NoPlanPossible, Rule
from matching.explain import WhyNot, why_not
from matching.plan import Reach, Serve
from matching.policy import steer
from matching.problem import Bond, Candidates, Pin, Problem
from matching.reasons import NotProposed
from matching.scenario import Bound, Move, bound_of_pin, compare, price_range
from matching.solve import solve
from matching.target import Target
from tests.districts import by_hand, random_problem

#: a holds x; b, who would add 0.6 there, has y instead, at 0.5; c has nothing.
THREE = by_hand(
    {"x": 1, "y": 1},
    {("a", "x"): 0.9, ("b", "x"): 0.6, ("b", "y"): 0.5, ("c", "y"): 0.4},
    target=Target(Fraction(1)),
)


def test_a_pin_moves_whoever_stands_in_the_way() -> None:
    """Pinning c to y pushes b out, who can't have x: 0.9 + 0.5 becomes 0.9 + 0.4."""
    change = compare(THREE, steer(THREE), Pinned("c", "y"))
    assert change.expected == pytest.approx(0.1)
    assert change.own == Move("c", None, "y", None, 0.4)
    assert change.others == (Move("b", "y", None, 0.5, None),)
    assert change.after.chosen.plan.rows.tolist() == [0, 3]


def test_a_chain_runs_on_until_a_place_is_left() -> None:
    """Pinning b to x pushes a out; y is left to c: 0.9 + 0.5 becomes 0.6 + 0.4."""
    change = compare(THREE, steer(THREE), Pinned("b", "x"))
    assert change.cost == pytest.approx(0.4)
    assert [(m.seeker, m.place_before, m.place_after) for m in change.others] == [
        ("a", "x", None),
        ("c", None, "y"),
    ]


def test_a_ban_of_the_proposal_costs_what_the_next_best_lacks() -> None:
    """Without y, b has nothing (x is worth more to a), and c takes y."""
    change = compare(THREE, steer(THREE), Banned("b", "y"))
    assert change.cost == pytest.approx(0.1)
    assert change.own == Move("b", "y", None, 0.5, None)


def test_undoing_by_hand() -> None:
    before = steer(THREE)
    change = compare(THREE, before, Pinned("b", "x"))
    assert inverse(THREE, change.edit) == Lifted("b", "x")
    undone = compare(change.problem, change.after, inverse(THREE, change.edit))
    assert undone.after.chosen.plan.rows.tolist() == before.chosen.plan.rows.tolist()
    assert undone.cost == pytest.approx(-change.cost)


def test_the_bound_is_the_loss_of_person_and_opening() -> None:
    """Without c nothing is lost, without y b's 0.5, of which c brings 0.4: both ends say 0.1."""
    prices = price_range(THREE, Reach())
    bound = bound_of_pin(THREE, Reach(), prices, Pinned("c", "y"))
    assert (bound.least, bound.most) == pytest.approx((0.1, 0.1))
    kept = replace(THREE, pins=(Pin("b", "y"),))
    pinned = bound_of_pin(kept, Reach(), price_range(kept, Reach()), Pinned("b", "y"))
    assert pinned == Bound(0.0, 0.0)


def test_a_place_beyond_the_best_ones_is_pinned_with_its_figures() -> None:
    """The pair a - y was never given to the engine; the pin brings it, undoing takes it away."""
    before = steer(THREE)
    edit = Pinned("a", "y", Figures(0.7, 0.0, 12.0, 0.3))
    change = compare(THREE, before, edit)
    assert change.after.chosen.verdict.expected == pytest.approx(0.7 + 0.6)
    assert len(change.problem.candidates) == len(THREE.candidates) + 1
    assert inverse(THREE, edit) == Lifted("a", "y", dropped=True)
    back = apply(change.problem, inverse(THREE, edit))
    assert back.fingerprint() == THREE.fingerprint()


def test_the_inverse_of_a_ruling_over_another_brings_the_other_back() -> None:
    banned = replace(THREE, pins=(Pin("c", "y", Bond.BAN),))
    assert inverse(banned, Pinned("c", "y")) == Banned("c", "y")
    pinned = replace(THREE, pins=(Pin("c", "y"),))
    assert inverse(pinned, Lifted("c", "y")) == Pinned("c", "y", Figures(0.4, 0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (Pinned("nobody", "x"), Rule.SEEKER_UNKNOWN),
        (Banned("a", "nowhere"), Rule.PLACE_UNKNOWN),
        (Pinned("a", "y"), Rule.PAIR_UNKNOWN),
    ],
)
def test_edits_of_what_is_not_there_are_refused(edit: Pinned | Banned, rule: Rule) -> None:
    with pytest.raises(FaultyInput) as refusal:
        apply(THREE, edit)
    assert [fault.rule for fault in refusal.value.faults] == [rule]


def test_a_pin_against_another_is_refused_before_anything_is_solved() -> None:
    pinned = apply(THREE, Pinned("b", "y"))
    with pytest.raises(NoPlanPossible) as twice:
        compare(pinned, steer(pinned), Pinned("b", "x"))
    assert twice.value.faults[0].rule is Rule.PINNED_TWICE
    with pytest.raises(NoPlanPossible) as full:
        compare(pinned, steer(pinned), Pinned("c", "y"))
    assert full.value.faults[0].rule is Rule.PINNED_OVER_OPENINGS


def wishful(confidence: float) -> Problem:
    """By chance a should go to x and b to y, by wish the other way round."""
    return by_hand(
        {"x": 1, "y": 1, "z": 1},
        {("a", "x"): 0.9, ("a", "y"): 0.7, ("b", "x"): 0.7, ("b", "y"): 0.9, ("c", "z"): 0.5},
        {("a", "y"): 1.0, ("b", "x"): 1.0},
        target=Target(Fraction(1, 3), confidence=confidence),
    )


def test_wishes_are_given_back_before_the_target_is() -> None:
    """One of three is needed. Without c, wishes alone give 0.91, chances alone 0.99."""
    problem = wishful(0.95)
    before = steer(problem)
    assert before.chosen.verdict.wishes == 2.0
    change = compare(problem, before, Banned("c", "z"))
    assert change.held and change.holds
    assert change.after.chosen.verdict.wishes == 0.0 and change.wishes == 2.0
    assert [move.seeker for move in change.others] == ["a", "b"]
    assert change.chance == pytest.approx((1 - 0.3 * 0.3 * 0.5) - 0.99)


def test_where_the_target_is_lost_the_most_placements_stand() -> None:
    """With c's sure place both wishes are served; without it even chances alone give 0.99."""
    problem = replace(wishful(0.995), candidates=with_sure_c())
    before = steer(problem)
    assert before.served is not None and before.chosen.verdict.wishes == 2.0
    change = compare(problem, before, Banned("c", "z"))
    assert change.held and not change.holds and change.after.served is None
    assert change.after.chosen.verdict.expected == pytest.approx(1.8)


def test_where_the_target_comes_to_hold_wishes_are_served() -> None:
    """Lifting the ban gives c's sure place back, and with it the room for both wishes."""
    problem = apply(replace(wishful(0.995), candidates=with_sure_c()), Banned("c", "z"))
    before = steer(problem)
    assert before.served is None
    change = compare(problem, before, Lifted("c", "z"))
    assert not change.held and change.holds
    assert change.after.chosen.verdict.wishes == 2.0 and change.wishes == -2.0


def with_sure_c() -> Candidates:
    """The same pairs, but c is sure to start at z: then the target is certain."""
    columns = wishful(0.9).candidates
    chance = columns.chance.copy()
    chance[-1] = 1.0
    return replace(columns, chance=chance)


def test_a_floor_that_an_edit_puts_out_of_reach_is_refused() -> None:
    problem = wishful(0.9)
    with pytest.raises(NoPlanPossible) as refusal:
        compare(problem, steer(problem, min_expected=2.2), Banned("c", "z"))
    assert refusal.value.faults[0].rule is Rule.EXPECTED_OUT_OF_REACH


def test_a_floor_is_kept_while_wishes_are_given_back() -> None:
    """At some size, so that chains of several lengths are there to choose from."""
    problem = random_problem(300, seed=2)
    floor = 0.97 * solve(problem).value
    before = steer(problem, min_expected=floor)
    rows = before.chosen.plan.rows[:40:8].tolist()
    columns = problem.candidates
    for row in rows:
        seeker = problem.seekers[int(columns.seeker[row])].id
        place = problem.places[int(columns.place[row])].id
        change = compare(problem, before, Banned(seeker, place))
        assert change.after.chosen.verdict.expected >= floor * (1 - 1e-7)
        assert change.after.chosen.gap < 0.05


def test_a_part_that_was_held_back_is_drawn_anew() -> None:
    before = steer(THREE)
    held = replace(before, reached=replace(before.reached, held_back=("c",)))
    change = compare(THREE, held, Pinned("c", "y"))
    assert change.after.chosen.verdict.expected == pytest.approx(1.3)


def test_why_another_place_is_not_proposed() -> None:
    """Others gain more at x by 0.4: pinning b there costs just that. At y, c lacks 0.1."""
    before = steer(THREE)
    prices = price_range(THREE, Reach())
    (x,) = why_not(THREE, before.chosen, prices, 1).values()
    assert (x.place, x.reason) == ("x", NotProposed.OTHERS_GAIN_MORE)
    assert x.least is not None and x.most is not None
    assert x.least - 1e-9 <= 0.4 <= x.most + 1e-9
    (y,) = why_not(THREE, before.chosen, prices, 2).values()
    assert y.reason is NotProposed.OTHERS_GAIN_MORE and y.most == pytest.approx(0.1)


def reasons_of(problem: Problem, seeker: int) -> dict[str, WhyNot]:
    result = steer(problem).chosen
    return why_not(problem, result, price_range(problem, Reach()), seeker)


def test_rulings_and_openings_are_reasons_before_any_price() -> None:
    def reason(problem: Problem, seeker: int, place: str) -> WhyNot:
        return reasons_of(problem, seeker)[place]

    banned = replace(THREE, pins=(Pin("c", "y", Bond.BAN),))
    assert reason(banned, 2, "y") == WhyNot("y", NotProposed.BANNED)
    full = replace(THREE, pins=(Pin("b", "y"),))
    assert reason(full, 2, "y") == WhyNot("y", NotProposed.FULL_BY_PINS)
    assert reason(full, 1, "x") == WhyNot("x", NotProposed.PINNED_ELSEWHERE)
    shut = by_hand({"x": 0}, {("a", "x"): 0.9})
    assert reason(shut, 0, "x") == WhyNot("x", NotProposed.NO_OPENINGS)
    before = steer(THREE).chosen
    away = why_not(THREE, replace(before, held_back=("c",)), price_range(THREE, Reach()), 2)
    assert away["y"].reason is NotProposed.HELD_BACK


def test_one_place_as_good_as_another_and_one_that_is_worse() -> None:
    """Both x and y are free to a alone; z is worth less to a."""
    problem = by_hand({"x": 1, "y": 1, "z": 1}, {("a", "x"): 0.5, ("a", "y"): 0.5, ("a", "z"): 0.2})
    reasons = reasons_of(problem, 0)
    assert sorted(one.reason for one in reasons.values()) == [
        NotProposed.AS_GOOD,
        NotProposed.PROPOSAL_GAINS_MORE,
    ]
    assert reasons["z"].most == pytest.approx(0.3)


def test_a_pair_worth_far_less_than_its_place_can_be_pinned() -> None:
    """Only wishes count, at 1e-7 a placement: the pinned pair's price must not round too low."""
    problem = random_problem(800, seed=5)
    before = steer(problem)
    assert isinstance(before.chosen.aim, Serve) and before.chosen.aim.multiplier < 1e-6
    change = compare(problem, before, Pinned("s000409", "p000369"))
    assert change.own.place_after == "p000369"
