"""Is a problem frozen, checked and known by its fingerprint?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matching.errors import FaultyInput, NoPlanPossible, Rule
from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker
from matching.target import Standing, Target
from tests.districts import by_hand, problems

ROOT = Path(__file__).parents[2]

#: Printed by a process of its own, whatever its hashes of text are.
PRINT_FINGERPRINT = """
from tests.districts import random_problem
from matching.problem import Bond, Pin
from dataclasses import replace
problem = random_problem(50, 5)
pins = (Pin("s000001", "p000001", Bond.BAN), Pin("s000002", "p000004", Bond.BAN))
print(replace(problem, pins=pins).fingerprint())
"""


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", PRINT_FINGERPRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "77")
    }
    assert len(seen) == 1 and len(seen.pop().strip()) == 64


@given(problem=problems(wishes=True), data=st.data())
def test_the_order_in_which_pairs_are_given_does_not_matter(
    problem: Problem, data: st.DataObject
) -> None:
    pairs = problem.candidates
    assert pairs.wish is not None
    order = data.draw(st.permutations(range(len(pairs))))
    columns = (pairs.seeker, pairs.place, pairs.chance, pairs.wish)
    shuffled = Candidates.of(*(column[order] for column in columns))
    assert replace(problem, candidates=shuffled).fingerprint() == problem.fingerprint()


def with_column(name: str, row: int, value: float) -> Callable[[Problem], Problem]:
    def change(problem: Problem) -> Problem:
        column = getattr(problem.candidates, name).copy()
        column[row % len(column)] = value
        return replace(problem, candidates=replace(problem.candidates, **{name: column}))

    return change


def renamed_seeker(problem: Problem) -> Problem:
    first = int(problem.candidates.seeker[0])
    people = list(problem.seekers)
    people[first] = replace(people[first], id="somebody else")
    return replace(problem, seekers=tuple(people))


def without_last_pair(problem: Problem) -> Problem:
    pairs = problem.candidates
    assert pairs.wish is not None
    rest = (pairs.seeker[:-1], pairs.place[:-1], pairs.chance[:-1], pairs.wish[:-1])
    return replace(problem, candidates=Candidates.of(*rest))


CHANGES: dict[str, Callable[[Problem], Problem]] = {
    "a chance": with_column("chance", 3, 0.123),
    "a wish": with_column("wish", 3, 0.123),
    "no wishes": lambda p: replace(p, candidates=replace(p.candidates, wish=None)),
    "a pair less": without_last_pair,
    "an opening": lambda p: replace(
        p, places=(replace(p.places[0], openings=p.places[0].openings + 1), *p.places[1:])
    ),
    "a place more": lambda p: replace(p, places=(*p.places, Place("new", 1))),
    "a place's id": lambda p: replace(
        p, places=(replace(p.places[0], id="another"), *p.places[1:])
    ),
    "a person's id": renamed_seeker,
    "a ban": lambda p: replace(p, pins=(Pin("s0", "p0", Bond.BAN),)),
    "a pin": lambda p: replace(p, pins=(Pin("s0", "p0", Bond.PIN),)),
    "the share": lambda p: replace(p, target=replace(p.target, share=Fraction(5, 7))),
    "the base": lambda p: replace(p, target=replace(p.target, base=p.base + 1)),
    "the placed": lambda p: replace(p, target=replace(p.target, placed=p.placed_already + 1)),
    "the confidence": lambda p: replace(p, target=replace(p.target, confidence=0.77)),
    "the spread": lambda p: replace(p, spread=0.3),
}


@given(problem=problems(wishes=True))
def test_every_change_that_matters_shows(problem: Problem) -> None:
    """All changes differ from the problem and from each other."""
    assume(len(problem.candidates) > 0)
    assume(not np.isin([0.123], problem.candidates.chance).any())
    prints = {name: change(problem).fingerprint() for name, change in CHANGES.items()}
    prints["as it was"] = problem.fingerprint()
    assert len(set(prints.values())) == len(prints), prints


@given(problem=problems(wishes=True))
def test_what_does_not_matter_to_the_plan_does_not_show(problem: Problem) -> None:
    """A person without a pair counts in the base alone; titles and homes don't count at all."""
    base = replace(problem, target=replace(problem.target, base=9))
    more = replace(base, seekers=(*base.seekers, Seeker("alone", standing=Standing.LOOKING)))
    titled = replace(base, places=tuple(replace(place, title="T") for place in base.places))
    pinned = replace(base, pins=(Pin("a", "b", Bond.BAN), Pin("c", "d", Bond.BAN)))
    turned = replace(base, pins=pinned.pins[::-1])
    assert base.fingerprint() == more.fingerprint() == titled.fingerprint()
    assert pinned.fingerprint() == turned.fingerprint() != base.fingerprint()
    assert replace(problem, invented=True).fingerprint() == problem.fingerprint()


def test_ids_that_run_together_differ() -> None:
    """`a` and `bc` are other people than `ab` and `c`."""
    one = by_hand({"x": 1}, {("a", "x"): 0.5, ("bc", "x"): 0.5})
    other = by_hand({"x": 1}, {("ab", "x"): 0.5, ("c", "x"): 0.5})
    assert one.fingerprint() != other.fingerprint()


@given(problem=problems())
def test_rows_are_found_where_they_stand(problem: Problem) -> None:
    """Looked up one by one, against the columns themselves."""
    pairs = problem.candidates
    rows = {pair: row for row, pair in enumerate(zip(pairs.seeker, pairs.place, strict=True))}
    for seeker in range(len(problem.seekers)):
        some = pairs.rows_of(seeker)
        assert [row for (who, _), row in rows.items() if who == seeker] == list(range(len(pairs)))[
            some
        ]
        for place in range(len(problem.places)):
            assert pairs.row_of(seeker, place) == rows.get((seeker, place))


def test_columns_can_not_be_changed() -> None:
    problem = by_hand({"x": 1}, {("a", "x"): 0.5})
    with pytest.raises(ValueError, match="read-only"):
        problem.candidates.chance[0] = 1.0
    with pytest.raises(FrozenInstanceError):
        problem.spread = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([0, 0], [0, 0], [0.5, 0.5]), "unique and sorted"),
        (([0], [0, 1], [0.5]), "has 2 rows"),
        (([0], [0], [0.5], [0.1, 0.2]), "has 2 rows"),
        (([0], [0], [0.0]), "a chance lies outside"),
        (([0], [0], [1.0000001]), "a chance lies outside"),
        (([0], [0], [float("nan")]), "a chance lies outside"),
        (([0], [0], [0.5], [-0.1]), "a wish lies outside"),
        (([0], [0], [0.5], [1.1]), "a wish lies outside"),
        (([0], [0], [0.5], [float("nan")]), "a wish lies outside"),
    ],
)
def test_columns_that_are_no_candidates(columns: tuple[list[float], ...], words: str) -> None:
    kinds = (np.int32, np.int32, np.float64, np.float64)
    arrays = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=False)]
    with pytest.raises(ValueError, match=words):
        Candidates(*arrays)


def test_pairs_out_of_order_are_put_in_theirs() -> None:
    unsorted = ([1, 0, 0], [0, 1, 0], [0.1, 0.2, 0.3])
    pairs = Candidates.of(*unsorted, fit=[1, 2, 3], minutes=[7, 8, 9])
    assert pairs.seeker.tolist() == [0, 0, 1] and pairs.place.tolist() == [0, 1, 0]
    assert pairs.chance.tolist() == [0.3, 0.2, 0.1]
    assert pairs.fit is not None and pairs.fit.tolist() == [3, 2, 1]
    assert pairs.minutes is not None and pairs.minutes.tolist() == [9, 8, 7]


def test_every_fault_of_a_problem_at_once() -> None:
    with pytest.raises(FaultyInput) as refused:
        Problem(
            (Seeker("a"), Seeker("a")),
            (Place("x", -1), Place("x", 1)),
            Candidates.of([2], [5], [0.5]),
        )
    assert [(fault.rule, fault.column) for fault in refused.value.faults] == [
        (Rule.ID_TWICE, "seeker"),
        (Rule.ID_TWICE, "place"),
        (Rule.NEGATIVE, "openings"),
        (Rule.SEEKER_UNKNOWN, "seeker"),
        (Rule.PLACE_UNKNOWN, "place"),
    ]


TWO_BY_TWO = by_hand({"x": 1, "y": 1}, {("a", "x"): 0.5, ("a", "y"): 0.5, ("b", "x"): 0.5})


def test_rulings_are_rows() -> None:
    """A ban of what is no pair is kept in mind, and binds no row."""
    pins = (Pin("b", "x"), Pin("a", "y", Bond.BAN), Pin("b", "y", Bond.BAN))
    problem = replace(TWO_BY_TWO, pins=pins)
    assert problem.rows_bound(Bond.PIN).tolist() == [2]
    assert problem.rows_bound(Bond.BAN).tolist() == [1]
    problem.check_pins()


def test_rulings_about_what_is_not_there() -> None:
    pins = (Pin("nobody", "nowhere"), Pin("b", "y"), Pin("a", "q", Bond.BAN))
    with pytest.raises(FaultyInput) as refused:
        replace(TWO_BY_TWO, pins=pins).rows_bound(Bond.PIN)
    assert [(fault.rule, fault.value) for fault in refused.value.faults] == [
        (Rule.SEEKER_UNKNOWN, "nobody"),
        (Rule.PLACE_UNKNOWN, "nowhere"),
        (Rule.PAIR_UNKNOWN, "b - y"),
        (Rule.PLACE_UNKNOWN, "q"),
    ]


def test_every_contradiction_is_named() -> None:
    pins = (Pin("a", "x"), Pin("a", "y"), Pin("b", "x"), Pin("b", "x", Bond.BAN))
    with pytest.raises(NoPlanPossible) as refused:
        replace(TWO_BY_TWO, pins=pins).check_pins()
    assert [(fault.rule, fault.value) for fault in refused.value.faults] == [
        (Rule.PINNED_AND_BANNED, "b - x"),
        (Rule.PINNED_TWICE, "a: x, y"),
        (Rule.PINNED_OVER_OPENINGS, "x: 2 > 1"),
    ]


def test_a_place_without_openings_takes_no_pin() -> None:
    problem = replace(by_hand({"x": 0}, {("a", "x"): 0.5}), pins=(Pin("a", "x"),))
    with pytest.raises(NoPlanPossible) as refused:
        problem.check_pins()
    assert refused.value.faults[0].rule is Rule.PINNED_OVER_OPENINGS


def test_a_problem_of_nobody() -> None:
    nobody = Problem((), (), Candidates.of([], [], []), Target(base=3))
    assert len(nobody.candidates) == 0 and nobody.need == 1
    assert nobody.fingerprint() != replace(nobody, target=Target()).fingerprint()


@pytest.mark.parametrize("spread", [-0.1, 2.1, float("nan"), float("inf")])
def test_a_spread_out_of_range_is_refused(spread: float) -> None:
    with pytest.raises(FaultyInput):
        Problem((), (), Candidates.of([], [], []), spread=spread)


def test_openings_are_whole_and_given_arrays_stay_the_givers() -> None:
    with pytest.raises(FaultyInput) as refusal:
        Problem((), (Place("x", 1.7),), Candidates.of([], [], []))  # type: ignore[arg-type]
    assert [fault.rule for fault in refusal.value.faults] == [Rule.NOT_WHOLE]
    given = np.array([0.5])
    Candidates(np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32), given)
    given[0] = 0.25


def test_equal_numbers_of_other_types_give_the_same_fingerprint() -> None:
    whole = Problem((), (), Candidates.of([], [], []), Target(confidence=1), spread=0)
    parts = Problem((), (), Candidates.of([], [], []), Target(confidence=1.0), spread=0.0)
    assert whole.fingerprint() == parts.fingerprint()
