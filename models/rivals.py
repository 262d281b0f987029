"""How could places be given without a plan? First come first served, best chance first, by lot.

Each rival says for every possible pair with what probability it takes it, so that chance inside a
rival (who comes first, which lot is drawn) is averaged out and never adds to an interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator

from models.features import Indexes, Numbers

#: How many orders of people are drawn where chance decides who comes first.
ORDERS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Possible:
    """All that may be proposed in a season: a row a pair of `seeker` and `place`.

    Both are row numbers from 0 on. `openings` has one number a place.
    """

    seeker: Indexes
    place: Indexes
    openings: Indexes

    def __len__(self) -> int:
        return len(self.seeker)

    def shares(self, rows: Indexes) -> Numbers:
        """1 for the rows, 0 for all others."""
        found = np.zeros(len(self))
        found[rows] = 1.0
        return found


def first_come(possible: Possible, chances: Numbers, seed: int = 0) -> Numbers:
    """One person after the other takes the free place with the best chance.

    Nothing says who came first: the share of each pair is that over `ORDERS` orders of the people.
    """
    return _one_by_one(possible, np.tile(chances, (ORDERS, 1)), seed)


def by_lot(possible: Possible, seed: int = 0) -> Numbers:
    """One person after the other gets any of the free places that are possible for them."""
    luck = Generator(PCG64(seed + 1)).random((ORDERS, len(possible)))
    return _one_by_one(possible, luck, seed)


def greedy(possible: Possible, chances: Numbers) -> Numbers:
    """The pair with the best chance of all is taken, then the best of what is left, and so on."""
    left, free = possible.openings.tolist(), [True] * _people(possible)
    seeker, place = possible.seeker.tolist(), possible.place.tolist()
    rows = []
    for row in np.argsort(-chances, kind="stable").tolist():
        if free[seeker[row]] and left[place[row]] > 0:
            free[seeker[row]] = False
            left[place[row]] -= 1
            rows.append(row)
    return possible.shares(np.array(rows, dtype=np.int64))


def _one_by_one(possible: Possible, worth: Numbers, seed: int) -> Numbers:
    """The share of each pair over orders of the people, each taking what is worth most to them."""
    random, found = Generator(PCG64(seed)), np.zeros(len(possible))
    people, place = _people(possible), possible.place.tolist()
    for own in worth:
        best = np.lexsort((-own, possible.seeker))
        start = np.searchsorted(possible.seeker[best], np.arange(people + 1)).tolist()
        turn, left = best.tolist(), possible.openings.tolist()
        for person in random.permutation(people).tolist():
            for row in turn[start[person] : start[person + 1]]:
                if left[place[row]] > 0:
                    left[place[row]] -= 1
                    found[row] += 1 / len(worth)
                    break
    return found


def _people(possible: Possible) -> int:
    return int(possible.seeker.max()) + 1 if len(possible) else 0
