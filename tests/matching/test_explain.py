"""Are reasons true? Small districts whose plans and prices a reader can work out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given

from matching.candidates import find_candidates
from matching.explain import Scarcity, Unplaced, Vacancy, scarcities, shortfall, unplaced, vacancies
from matching.plan import Result, Serve
from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker, Site
from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal
from matching.solve import solve
from matching.target import Standing, Target
from tests.districts import by_hand, problems

#: One opening that three people want: a gets it, and an opening more would add b's 0.6.
ONE_PLACE = by_hand({"x": 1}, {("a", "x"): 0.9, ("b", "x"): 0.6, ("c", "x"): 0.5})


def test_others_gain_more_by_the_price() -> None:
    """The price of x is what b would add there: b lacks nothing, c lacks 0.1."""
    found = unplaced(ONE_PLACE, solve(ONE_PLACE))
    assert [(one.seeker, one.reason, one.nearest) for one in found] == [
        ("b", NoProposal.OTHERS_GAIN_MORE, "x"),
        ("c", NoProposal.OTHERS_GAIN_MORE, "x"),
    ]
    assert [one.missing for one in found] == pytest.approx([0, 0.1], abs=1e-8)


def test_the_nearest_place_is_where_least_is_missing() -> None:
    """The fourth, d, adds 0.3 at x (price 0.5) and 0.25 at y (price 0.25: d is next there)."""
    problem = by_hand(
        {"x": 1, "y": 1},
        {
            ("a", "x"): 0.9,
            ("b", "x"): 0.5,
            ("c", "y"): 0.8,
            ("d", "x"): 0.3,
            ("d", "y"): 0.25,
        },
    )
    found = {one.seeker: one for one in unplaced(problem, solve(problem))}
    assert found["d"].nearest == "y" and found["d"].missing == pytest.approx(0, abs=1e-8)
    assert found["b"].nearest == "x"


def test_a_banned_place_is_never_the_nearest() -> None:
    """Free and cheap it may be; b is not allowed to take it."""
    problem = replace(
        by_hand({"x": 1, "y": 1}, {("a", "x"): 0.9, ("b", "x"): 0.5, ("b", "y"): 0.8}),
        pins=(Pin("b", "y", Bond.BAN),),
    )
    (found,) = unplaced(problem, solve(problem))
    assert (found.seeker, found.reason, found.nearest) == ("b", NoProposal.OTHERS_GAIN_MORE, "x")


def test_a_ban_is_a_reason_of_its_own() -> None:
    problem = replace(by_hand({"x": 1}, {("a", "x"): 0.9}), pins=(Pin("a", "x", Bond.BAN),))
    result = solve(problem)
    assert unplaced(problem, result) == [Unplaced("a", NoProposal.BANNED)]
    assert vacancies(problem, result.plan) == [Vacancy("x", 1, StaysEmpty.NOBODY_ALLOWED)]


def test_whoever_was_held_back_is_told_so() -> None:
    problem = by_hand({"x": 1}, {("a", "x"): 0.9})
    nobody = solve(replace(problem, pins=(Pin("a", "x", Bond.BAN),)))
    held = replace(nobody, held_back=("a",))
    assert unplaced(problem, held) == [Unplaced("a", NoProposal.HELD_BACK)]


def test_people_without_a_pair() -> None:
    """Without what the search for candidates found, no rule is named."""
    problem = by_hand({"x": 1}, {("a", "x"): 0.9}, seekers=("alone",))
    assert unplaced(problem, solve(problem)) == [Unplaced("alone", NoProposal.NO_PLACE_ALLOWED)]


def test_the_rule_that_refused_most_is_named() -> None:
    """Two places are too far, one asks for more: the way is the reason."""
    here, far = Site(51.9, 8.4), Site(48.1, 11.5)
    people = (Seeker("a", home=here, age=17),)
    places = (Place("p", site=far), Place("q", site=far), Place("r", site=here, minimum_age=18))
    found = find_candidates(people, places)
    problem = Problem(people, places, Candidates.of([], [], []))
    (one,) = unplaced(problem, solve(problem), found)
    assert (one.rule, one.refused) == (Refusal.WAY_ACCEPTABLE, 2)


def test_only_people_who_look_need_a_reason() -> None:
    problem = replace(
        by_hand({"x": 1}, {("a", "x"): 0.9}, seekers=("b",)),
        seekers=(Seeker("a"), Seeker("b", standing=Standing.STARTED)),
    )
    assert unplaced(problem, solve(problem)) == []


def test_what_stays_empty() -> None:
    """Nobody can go to y; x has room for one more than there are; z has no openings at all."""
    problem = by_hand({"x": 2, "y": 3, "z": 0}, {("a", "x"): 0.9, ("a", "z"): 0.9})
    assert vacancies(problem, solve(problem).plan) == [
        Vacancy("x", 1, StaysEmpty.NOBODY_LEFT),
        Vacancy("y", 3, StaysEmpty.NOBODY_ALLOWED),
    ]


@given(problem=problems(pins=True))
def test_everybody_is_placed_or_explained_and_every_opening_too(problem: Problem) -> None:
    result = solve(problem)
    reasons = unplaced(problem, result)
    placed = {problem.seekers[number].id for number in result.plan.seekers(problem).tolist()}
    assert sorted([*placed, *(one.seeker for one in reasons)]) == sorted(
        seeker.id for seeker in problem.seekers
    )
    left = sum(one.openings for one in vacancies(problem, result.plan))
    assert left + len(placed) == int(problem.openings.sum())
    for one in reasons:
        assert (one.missing is not None) == (one.reason is NoProposal.OTHERS_GAIN_MORE)
        assert one.missing is None or one.missing >= 0


def in_town(problem: Problem) -> Problem:
    """The first two places are one occupation in one town, any others another's."""
    places = tuple(
        replace(place, occupation="1" if number < 2 else "2", site=Site(0, 0, None, "Verl"))
        for number, place in enumerate(problem.places)
    )
    return replace(problem, places=places)


def test_where_one_opening_more_would_help_most() -> None:
    """At x an opening more adds 0.5, at y 0.2, at z 0.3; x and y are one occupation."""
    chances = {("a", "x"): 0.9, ("b", "x"): 0.5, ("c", "y"): 0.8, ("d", "y"): 0.2}
    more = {("e", "z"): 0.4, ("f", "z"): 0.3, ("g", "w"): 0.1}
    problem = in_town(by_hand({"x": 1, "y": 1, "z": 1, "w": 2}, chances | more))
    found = scarcities(problem, solve(problem))
    assert [replace(one, price=round(one.price, 6)) for one in found] == [
        Scarcity("1", "Verl", 0.5, 2),
        Scarcity("2", "Verl", 0.3, 1),
    ]
    assert len(scarcities(problem, solve(problem), most=1)) == 1


def test_places_without_a_site_are_scarce_too() -> None:
    (found,) = scarcities(ONE_PLACE, solve(ONE_PLACE))
    assert replace(found, price=round(found.price, 6)) == Scarcity(None, None, 0.6, 1)


def missed(problem: Problem) -> Result:
    result = solve(problem)
    assert result.verdict.chance_with_model_error < problem.target.confidence
    return result


def test_by_how_much_the_target_is_missed() -> None:
    """One of three is needed with 0.95, and a's 0.9 is all there is.

    Alone, the three would come to 2.0; the one opening costs 1.1 of them.
    """
    problem = replace(ONE_PLACE, target=Target(confidence=0.95))
    short = shortfall(problem, missed(problem))
    assert short is not None
    assert (short.need, short.confidence) == (1, 0.95)
    assert (short.expected, short.chance) == pytest.approx((0.9, 0.9))
    assert (short.alone, short.competition) == pytest.approx((2.0, 1.1))
    assert short.wanted == pytest.approx(0.95, abs=1e-3)
    assert short.missing == pytest.approx(0.05, abs=1e-3)
    assert (short.without_place_allowed, short.others_gain_more, short.empty) == (0, 2, 0)
    assert len(short.scarce) == 1


def test_more_needed_than_there_are_proposals() -> None:
    """Two are needed and one can be placed: no chance whatever would do."""
    problem = replace(ONE_PLACE, target=Target(Fraction(2, 3)))
    short = shortfall(problem, missed(problem))
    assert short is not None and short.wanted is None
    assert short.missing == pytest.approx(2 - 0.9)


def test_what_is_banned_is_nobodys_best_place() -> None:
    problem = replace(
        by_hand({"x": 1, "y": 1}, {("a", "x"): 0.9, ("a", "y"): 0.2}),
        pins=(Pin("a", "x", Bond.BAN),),
    )
    short = shortfall(problem, missed(problem))
    assert short is not None and short.alone == pytest.approx(0.2)
    assert short.competition == pytest.approx(0)


def test_a_target_that_holds_misses_nothing() -> None:
    held = replace(ONE_PLACE, target=Target(confidence=0.9))
    assert shortfall(held, solve(held)) is None


def test_a_plan_that_serves_wishes_is_past_its_target() -> None:
    problem = by_hand({"x": 1}, {("a", "x"): 0.1}, {("a", "x"): 1.0})
    assert shortfall(problem, solve(problem, Serve(1.0, 0.0))) is None
    assert shortfall(problem, solve(problem)) is not None


def test_only_places_without_openings() -> None:
    """Nobody gains more there; there is just nothing to have."""
    problem = by_hand({"x": 0}, {("a", "x"): 0.9})
    assert unplaced(problem, solve(problem)) == [Unplaced("a", NoProposal.NO_OPENINGS)]
