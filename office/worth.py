"""What is an opening worth, and what a person's way? The prices of a plan, as they may be told.

Prices are those of the plan with the most expected placements, so all are in expected placements.
An opening's price is told by occupation and municipality. A person's price says what would be
lost without the person and is no measure of them: only how many people lie between two prices is
told, and never of fewer than five.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matching.explain import scarcities
from matching.plan import Result
from matching.problem import Numbers, Problem
from office.suppression import is_small

#: Where one range of people's prices ends and the next begins, in expected placements.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

#: Of how many kinds of openings the price is told.
MOST = 10


@dataclass(frozen=True, slots=True)
class Opening:
    """Where one opening more would help, and by how many expected placements at most."""

    occupation: str | None
    municipality: str | None
    adds: float


@dataclass(frozen=True, slots=True)
class Priced:
    """So many people whose price is more than `low` and at most `high`; the first from 0 on."""

    low: float
    high: float
    people: int


@dataclass(frozen=True, slots=True)
class Worth:
    """All prices of a plan: what its openings and its people come to, and together its bound.

    `paid` counts the places that have a price, of `places` with openings. `people` is empty where
    there are fewer than five.
    """

    of_openings: float
    of_people: float
    bound: float
    places: int
    paid: int
    openings: tuple[Opening, ...]
    people: tuple[Priced, ...]


def worth_of(problem: Problem, reached: Result, title: Callable[[str], str]) -> Worth:
    """The prices of the plan with the most expected placements; `title` words an occupation."""
    prices = reached.prices
    offered = problem.openings > 0
    with_pairs = np.unique(problem.candidates.seeker)
    return Worth(
        of_openings=float((prices.places * problem.openings).sum()),
        of_people=float(prices.seekers.sum()),
        bound=reached.bound,
        places=int(offered.sum()),
        paid=int((offered & (prices.places > 0)).sum()),
        openings=tuple(
            Opening(
                None if one.occupation is None else title(one.occupation),
                one.municipality,
                one.price,
            )
            for one in scarcities(problem, reached, MOST)
        ),
        people=priced(prices.seekers[with_pairs]),
    )


def priced(prices: Numbers, edges: Sequence[float] = EDGES) -> tuple[Priced, ...]:
    """How many people lie between two prices; a range of fewer than five joins the next one.

    Nobody is told of where there are fewer than five in all.
    """
    last = max(float(prices.max(initial=0.0)), edges[-1])
    joined: list[Priced] = []
    for number, (low, high) in enumerate(pairwise((*edges[:-1], last))):
        # Of a pinned person the price may be negative: they are in the first range.
        inside = (prices <= high) & ((prices > low) | (number == 0))
        one = Priced(low, high, int(inside.sum()))
        if joined and (is_small(joined[-1].people) or is_small(one.people)):
            before = joined.pop()
            one = Priced(before.low, one.high, before.people + one.people)
        joined.append(one)
    while joined and not joined[-1].people:
        joined.pop()
    return () if any(is_small(one.people) for one in joined) else tuple(joined)
