"""What lies between two plans? The chains of moves that lead from one to the other.

Where two plans differ, somebody leaves a place and somebody else takes it, who left another, and
so on. Such a chain ends where nobody takes what was left, or where a free opening is taken. Chains
are independent: any set of them may be carried out and the plan stays within all openings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.plan import Rows
from matching.problem import Bond, Numbers, Problem

_NONE = -1

#: How many chains the knapsack chooses among, and how finely it counts the room.
_CORE = 200
_CELLS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """The chains from a base plan to another one.

    `old` and `new` hold a candidate row for each person who moves (-1: no place), `chain` the
    number of the chain that each move belongs to, from 0 to `count` - 1.
    """

    base: Rows
    old: Rows
    new: Rows
    chain: npt.NDArray[np.int64]
    count: int

    def change(self, column: Numbers) -> Numbers:
        """What each chain adds to the sum of a column of the candidates (count,)."""
        padded = np.append(column, 0.0)
        moved = padded[self.new] - padded[self.old]
        return np.asarray(np.bincount(self.chain, moved, minlength=self.count), dtype=np.float64)

    def worthwhile(
        self, won: Numbers, cost: Numbers, room: float, rate: float
    ) -> npt.NDArray[np.bool_]:
        """The chains to carry out so that most is won and the costs stay within the room.

        `rate` is about what a unit of room is worth: chains clearly above it are taken, those
        clearly below left, and the closest ones fill what is left of the room like a knapsack.
        """
        surplus = won - rate * cost
        core = np.argsort(np.abs(surplus), kind="stable")[:_CORE]
        taken = surplus > 0
        taken[core] = cost[core] < 0
        left = room - float(cost[taken].sum())
        if left < 0:
            return np.zeros(self.count, dtype=bool)
        # A chain that saves room is taken to begin with; leaving it is then a purchase too.
        sign = np.where(taken[core], -1.0, 1.0)
        bought = _knapsack(sign * won[core], sign * cost[core], left)
        taken[core[bought]] ^= True
        return taken

    def plan_with(self, taken: npt.NDArray[np.bool_]) -> Rows:
        """The base plan after these chains (count,) were carried out."""
        moves = taken[self.chain]
        gone, come = self.old[moves], self.new[moves]
        kept = np.setdiff1d(self.base, gone[gone != _NONE])
        return np.sort(np.concatenate([kept, come[come != _NONE]]))


def chains_between(problem: Problem, base: Rows, other: Rows) -> Chains:
    """The chains of moves that turn the base plan into the other one."""
    candidates = problem.candidates
    held = np.full((2, len(problem.seekers)), _NONE, dtype=np.int64)
    held[0, candidates.seeker[base]] = base
    held[1, candidates.seeker[other]] = other
    movers = np.flatnonzero(held[0] != held[1])
    old, new = held[0, movers], held[1, movers]
    place = np.append(candidates.place, np.int32(_NONE))
    leaves, enters = _numbered(place[old]), _numbered(place[new])
    _, entering, leaving = np.intersect1d(enters, leaves, return_indices=True)
    real = enters[entering] >= 0
    ties = coo_array(
        (np.ones(int(real.sum())), (entering[real], leaving[real])), shape=(len(movers),) * 2
    )
    count, chain = connected_components(ties, directed=False)
    return Chains(base, old, new, chain.astype(np.int64), int(count))


def filled(problem: Problem, rows: Rows) -> Rows:
    """The plan with everybody placed who could still take a free place, their dearest first."""
    candidates = problem.candidates
    left = problem.openings - np.bincount(candidates.place[rows], minlength=len(problem.places))
    settled = np.zeros(len(problem.seekers), dtype=bool)
    settled[candidates.seeker[rows]] = True
    free = ~settled[candidates.seeker] & (left[candidates.place] > 0)
    free[problem.rows_bound(Bond.BAN)] = False
    beside = np.flatnonzero(free)
    dear = candidates.chance[beside] + (0 if candidates.wish is None else candidates.wish[beside])
    added = []
    for row in beside[np.argsort(-dear, kind="stable")].tolist():
        seeker, place = candidates.seeker[row], candidates.place[row]
        if not settled[seeker] and left[place] > 0:
            settled[seeker] = True
            left[place] -= 1
            added.append(row)
    return np.sort(np.concatenate([rows, np.array(added, dtype=np.int64)]))


def _numbered(place: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """A number for each opening: place and count within the place; unique negatives for none."""
    order = np.argsort(place, kind="stable")
    ranked = place[order]
    count = np.arange(len(place)) - np.searchsorted(ranked, ranked)
    opening = np.empty(len(place), dtype=np.int64)
    opening[order] = ranked.astype(np.int64) * len(place) + count
    nowhere = place == _NONE
    opening[nowhere] = -1 - np.arange(int(nowhere.sum()))
    return opening


def _knapsack(gain: Numbers, cost: Numbers, room: float) -> npt.NDArray[np.int64]:
    """The items of largest gain that fit, costs rounded up to a fine grid; costs not negative."""
    items = np.flatnonzero((gain > 0) & (cost <= room))
    cell = room / _CELLS if room > 0 else 1.0
    weight = np.ceil(cost[items] / cell).astype(np.int64)
    best = np.zeros(_CELLS + 1)
    takes = np.zeros((len(items), _CELLS + 1), dtype=bool)
    for number, (item, size) in enumerate(zip(items, weight, strict=True)):
        if size > _CELLS:
            continue
        with_it = best[: _CELLS + 1 - size] + gain[item]
        takes[number, size:] = with_it > best[size:]
        best[size:] = np.maximum(best[size:], with_it)
    chosen, at = [], _CELLS
    for number in range(len(items) - 1, -1, -1):
        if takes[number, at]:
            chosen.append(items[number])
            at -= int(weight[number])
    return np.array(chosen, dtype=np.int64)
