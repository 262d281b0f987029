"""What is left to choose? A problem without its pins, as plain arrays for a solver.

Pinned pairs are taken before any solver runs and banned ones are taken out, so that a solver
never needs to know about pins. Worth is counted in whole units, so that every solver and the
prices speak of the very same sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import Protocol

import numpy as np
import numpy.typing as npt

from matching.plan import Aim, Rows
from matching.problem import Bond, Indexes, Numbers, Problem

Units = npt.NDArray[np.int64]

#: The largest worth becomes at most this many whole units, and at least a tenth of it: the scale
#: is a power of ten, so that 0.2 stays a round number. Sums over a million people, and a network
#: solver's own scaling by the number of nodes, then stay far below 2**63.
UNITS = 10**11
_LARGEST_SCALE = 1e300


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Choose rows so that the sum of `units` is largest.

    At most one row a seeker, at most `openings[p]` rows a place. `seeker`, `place`, `units` have
    a row a pair, sorted by seeker, then place; `units` are positive, `scale` of them are worth 1.
    `rows` are the rows' numbers in the problem's candidates (`None`: the same numbers), `fixed`
    the rows taken already, `closed` those that would be allowed if their place had an opening.
    """

    seekers: int
    openings: npt.NDArray[np.int64]
    seeker: Indexes
    place: Indexes
    units: Units
    scale: float
    rows: Rows | None = None
    fixed: Rows | None = None
    closed: Rows | None = None

    def __len__(self) -> int:
        return len(self.seeker)

    def chosen_rows(self, chosen: Rows) -> Rows:
        """Translate a solver's rows to rows of the problem's candidates, with the fixed ones."""
        rows = chosen if self.rows is None else self.rows[chosen]
        if self.fixed is not None:
            rows = np.concatenate([rows, self.fixed])
        return np.sort(rows)

    def chosen_of(self, rows: Rows) -> Rows:
        """The rows of this assignment behind rows of the candidates: `chosen_rows` undone."""
        if self.rows is None:
            return rows
        free = rows if self.fixed is None else np.setdiff1d(rows, self.fixed)
        return np.searchsorted(self.rows, free)


class Solver(Protocol):
    """A function that chooses rows of an assignment; its name stands in every result."""

    __name__: str

    def __call__(self, assignment: Assignment, /) -> Rows: ...


def assignment_of(problem: Problem, aim: Aim) -> Assignment:
    """What a solver has to choose for this problem and aim.

    Pairs that add nothing to the aim are left out. Raises `NoPlanPossible` if pins contradict
    each other, `FaultyInput` if one names a pair that is no candidate.
    """
    candidates = problem.candidates
    worth = aim.worth(candidates)
    useful = worth > 0
    if not problem.pins and bool(useful.all()) and bool((problem.openings > 0).all()):
        scale = _scale(worth)
        return Assignment(
            len(problem.seekers),
            problem.openings,
            candidates.seeker,
            candidates.place,
            _whole_units(worth, scale),
            scale,
        )
    problem.check_pins()
    pinned, banned = problem.rows_bound(Bond.PIN), problem.rows_bound(Bond.BAN)
    left = problem.openings - np.bincount(candidates.place[pinned], minlength=len(problem.places))
    settled = np.zeros(len(problem.seekers), dtype=bool)
    settled[candidates.seeker[pinned]] = True
    useful[banned] = False
    useful &= ~settled[candidates.seeker]
    has_room = (left > 0)[candidates.place]
    rows = np.flatnonzero(useful & has_room)
    scale = _scale(worth[rows])
    return Assignment(
        seekers=len(problem.seekers),
        openings=left,
        seeker=candidates.seeker[rows],
        place=candidates.place[rows],
        units=_whole_units(worth[rows], scale),
        scale=scale,
        rows=rows,
        fixed=pinned,
        closed=np.flatnonzero(useful & ~has_room),
    )


def _scale(worth: Numbers) -> float:
    """The power of ten that brings the largest worth near to `UNITS`."""
    largest = float(worth.max(initial=0.0))
    if largest <= 0:
        return 1.0
    return min(10.0 ** floor(log10(UNITS) - log10(largest)), _LARGEST_SCALE)


def _whole_units(worth: Numbers, scale: float) -> Units:
    units = np.rint(worth * scale).astype(np.int64)
    return np.maximum(units, 1, out=units)
