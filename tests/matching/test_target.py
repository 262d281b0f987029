"""Who counts, who is placed, and how many are still needed?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import FaultyInput, Rule
from matching.problem import Candidates, Problem, Seeker
from matching.target import DEFINITIONS, MOST_PEOPLE, Standing, Target


@dataclass(frozen=True)
class Person:
    standing: Standing
    wishes: tuple[str, ...] = ("62102",)


EVERY_STANDING = tuple(Person(standing) for standing in Standing)
PEOPLE = st.lists(st.builds(Person, st.sampled_from(Standing), st.sampled_from([(), ("1",)])))


@pytest.mark.parametrize(
    ("definition", "base", "placed"),
    [("district", 6, 2), ("entered", 6, 3), ("interested", 7, 3), ("strict", 4, 2)],
)
def test_one_person_of_each_standing(definition: str, base: int, placed: int) -> None:
    """Seven people: only `interested` counts those not registered; `strict` leaves out two more."""
    target = Target(definition=definition)
    assert (target.base_of(EVERY_STANDING), target.placed_of(EVERY_STANDING)) == (base, placed)


def test_a_first_wish_matters_only_to_strict_and_only_to_those_who_look() -> None:
    wishless = [Person(Standing.LOOKING, ()), Person(Standing.OWN_FIND, ())]
    bases = {name: Target(definition=name).base_of(wishless) for name in DEFINITIONS}
    assert bases == {"district": 2, "entered": 2, "interested": 2, "strict": 1}


@given(people=PEOPLE)
def test_whoever_is_placed_stands_in_the_base(people: list[Person]) -> None:
    for name in DEFINITIONS:
        target = Target(definition=name)
        assert target.placed_of(people) <= target.base_of(people) <= len(people)


@given(people=PEOPLE, base=st.integers(0, 99), placed=st.integers(0, 99))
def test_numbers_given_go_before_numbers_counted(
    people: list[Person], base: int, placed: int
) -> None:
    given_both = Target(base=base, placed=placed)
    assert (given_both.base_of(people), given_both.placed_of(people)) == (base, placed)
    counted = Target()
    assert Target(base=base).placed_of(people) == counted.placed_of(people)
    assert Target(placed=placed).base_of(people) == counted.base_of(people)


@given(
    share=st.fractions(0, 1, max_denominator=100).filter(bool),
    people=st.integers(0, 60),
    placed=st.integers(0, 60),
)
def test_the_need_is_the_smallest_number_that_reaches_the_share(
    share: Fraction, people: int, placed: int
) -> None:
    """Counted in whole people: one fewer would fall short, and it is never below 0."""
    problem = Problem((), (), Candidates.of([], [], []), Target(share, base=people, placed=placed))
    assert problem.need == max(0, ceil(share * people) - placed)
    assert problem.need + placed >= share * people
    assert problem.need == 0 or problem.need - 1 + placed < share * people


def test_one_third_of_three_is_one() -> None:
    """In floating point a third of three thousand could come out as 1,001."""
    for thousands in range(1, 50):
        people = 3000 * thousands
        problem = Problem((), (), Candidates.of([], [], []), Target(base=people))
        assert problem.need == people // 3


def test_base_and_placed_are_counted_from_the_people() -> None:
    people = tuple(Seeker(standing.value, standing=standing) for standing in Standing)
    problem = Problem(people, (), Candidates.of([], [], []), Target(Fraction(1, 2)))
    assert (problem.base, problem.placed_already, problem.need) == (6, 2, 1)
    assert problem.rate(1) == pytest.approx(3 / 6)


def test_the_rate_of_nobody_is_no_division() -> None:
    problem = Problem((), (), Candidates.of([], [], []))
    assert (problem.base, problem.need, problem.rate(0)) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("given_so", "rule", "column"),
    [
        ({"share": Fraction(0)}, Rule.SHARE_OUT_OF_RANGE, "share"),
        ({"share": Fraction(-1, 3)}, Rule.SHARE_OUT_OF_RANGE, "share"),
        ({"share": Fraction(4, 3)}, Rule.SHARE_OUT_OF_RANGE, "share"),
        ({"confidence": 0.0}, Rule.CONFIDENCE_OUT_OF_RANGE, "confidence"),
        ({"confidence": 1.01}, Rule.CONFIDENCE_OUT_OF_RANGE, "confidence"),
        ({"confidence": float("nan")}, Rule.CONFIDENCE_OUT_OF_RANGE, "confidence"),
        ({"definition": "ours"}, Rule.VALUE_UNKNOWN, "definition"),
        ({"base": -1}, Rule.NEGATIVE, "base"),
        ({"placed": -1}, Rule.NEGATIVE, "placed"),
        ({"base": MOST_PEOPLE + 1}, Rule.NUMBER_TOO_LARGE, "base"),
        ({"placed": 10**5000}, Rule.NUMBER_TOO_LARGE, "placed"),
    ],
)
def test_targets_that_are_none(given_so: dict[str, object], rule: Rule, column: str) -> None:
    with pytest.raises(FaultyInput) as refused:
        Target(**given_so)  # type: ignore[arg-type]
    (fault,) = refused.value.faults
    assert (fault.rule, fault.column) == (rule, column)


def test_every_fault_of_a_target_at_once() -> None:
    with pytest.raises(FaultyInput) as refused:
        Target(Fraction(2), "ours", -1, -1, None, 7.0)
    assert len(refused.value.faults) == 5
    assert Target(Fraction(1), confidence=1.0, base=0, placed=0) is not None
