"""Which districts do the tests look at? Random ones for the laws, and some to check by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker
from matching.target import Target


@st.composite
def problems(
    draw: st.DrawFn,
    most_seekers: int = 7,
    most_places: int = 5,
    wishes: bool = False,
    pins: bool = False,
) -> Problem:
    """Small districts: any pairs, chances from a coarse or a fine scale, openings from 0 to 3.

    The coarse scale makes ties, the fine one tests rounding. Pins never contradict each other.
    """
    people = draw(st.integers(0, most_seekers))
    sites = draw(st.integers(0, most_places))
    openings = draw(st.lists(st.integers(0, 3), min_size=sites, max_size=sites))
    every_pair = [(s, p) for s in range(people) for p in range(sites)]
    pairs = draw(st.lists(st.sampled_from(every_pair), unique=True)) if every_pair else []
    chance = st.sampled_from([0.25, 0.5, 1.0]) | st.floats(1e-6, 1.0)
    chances = draw(st.lists(chance, min_size=len(pairs), max_size=len(pairs)))
    wish = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1)
    dear = draw(st.lists(wish, min_size=len(pairs), max_size=len(pairs))) if wishes else None
    share = Fraction(draw(st.integers(1, 6)), 6)
    problem = Problem(
        tuple(Seeker(f"s{number}") for number in range(people)),
        tuple(Place(f"p{number}", opening) for number, opening in enumerate(openings)),
        Candidates.of([s for s, _ in pairs], [p for _, p in pairs], chances, dear),
        Target(share),
    )
    if not pins:
        return problem
    return _with_pins(draw, problem, pairs)


def _with_pins(draw: st.DrawFn, problem: Problem, pairs: list[tuple[int, int]]) -> Problem:
    left = problem.openings.copy()
    settled: set[int] = set()
    ruled = []
    for seeker, place in pairs:
        ruling = draw(st.sampled_from([None, None, Bond.PIN, Bond.BAN]))
        if ruling is Bond.PIN and (seeker in settled or left[place] == 0):
            continue
        if ruling is Bond.PIN:
            settled.add(seeker)
            left[place] -= 1
        if ruling is not None:
            ruled.append(Pin(problem.seekers[seeker].id, problem.places[place].id, ruling))
    return Problem(
        problem.seekers, problem.places, problem.candidates, problem.target, tuple(ruled)
    )


def random_problem(people: int, seed: int, each: int = 12, scarce: float = 0.9) -> Problem:
    """A district of some size: `each` pairs a person, openings for `scarce` of the people."""
    random = np.random.default_rng(seed)
    sites = max(1, people // 2)
    openings = random.integers(1, 4, sites)
    openings = np.maximum(1, np.rint(openings * scarce * people / openings.sum())).astype(int)
    place = np.sort(random.integers(0, sites, (people, each)), axis=1)
    fresh = np.ones_like(place, dtype=bool)
    fresh[:, 1:] = place[:, 1:] != place[:, :-1]
    seeker = np.repeat(np.arange(people), each).reshape(people, each)[fresh]
    place = place[fresh]
    odds = random.normal(size=people)[seeker] * 0.8 + random.normal(size=sites)[place] * 0.6
    odds += random.normal(size=len(seeker)) * 0.7 - 0.6
    wish = random.choice([1.0, 0.8, 0.6, 0.3, 0.0], len(seeker), p=[0.1, 0.1, 0.15, 0.25, 0.4])
    return Problem(
        tuple(Seeker(f"s{number:06d}") for number in range(people)),
        tuple(Place(f"p{number:06d}", int(n)) for number, n in enumerate(openings)),
        Candidates.of(seeker, place, np.clip(1 / (1 + np.exp(-odds)), 0.02, 0.9), wish),
    )


def by_hand(
    openings: dict[str, int],
    chances: dict[tuple[str, str], float],
    wishes: dict[tuple[str, str], float] | None = None,
    seekers: tuple[str, ...] = (),
    target: Target | None = None,
) -> Problem:
    """A district written down pair by pair."""
    names = tuple(sorted({seeker for seeker, _ in chances} | set(seekers)))
    pairs = list(chances)
    return Problem(
        tuple(Seeker(name) for name in names),
        tuple(Place(name, count) for name, count in openings.items()),
        Candidates.of(
            [names.index(seeker) for seeker, _ in pairs],
            [list(openings).index(place) for _, place in pairs],
            [chances[pair] for pair in pairs],
            None if wishes is None else [wishes.get(pair, 0.0) for pair in pairs],
        ),
        target or Target(),
    )
