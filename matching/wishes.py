"""How near is a place to what a person wants? Wish and fit from codes of occupations.

`fit` is the likeness of a place's occupation to the nearest of a person's wishes, `wish` the same
weighted by the wish's rank. Whoever named no wish has a neutral fit to every place and a wish of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.problem import Numbers, Place, Seeker

#: How alike two occupations are by the number of leading digits that their KldB 2010 codes share:
#: area, main group, group, sub-group, and the fifth digit, the level of requirement. The digits
#: are the classification's, the values an assumption.
SHARED_DIGITS = np.array([0.0, 0.1, 0.3, 0.6, 0.9, 1.0])

#: What the first, second, third and any later wish is worth (an assumption).
WISH_RANKS = (1.0, 0.8, 0.6, 0.4)

#: The fit of every place to a person without wishes: neither near nor far (an assumption).
NEUTRAL_FIT = 0.3

_CODE = 5


def occupation_fit(one: str | None, other: str | None) -> float:
    """How alike two occupations are, in [0, 1], by the leading digits that their codes share.

    Both are KldB 2010 codes; 1.0 needs five equal digits. A shorter code shares at most its own
    digits, an unknown occupation none.
    """
    return float(_likeness([one or ""], [other or ""])[0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """What every occupation offered is worth to everybody, by rank and likeness.

    `likeness` (codes wished x codes offered); the wishes of person `i` are
    `code[starts[i]:starts[i + 1]]`, the dearest first; `occupation` (a place) is a code offered.
    """

    likeness: Numbers
    code: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    occupation: npt.NDArray[np.int64]

    @classmethod
    def of(cls, seekers: Sequence[Seeker], places: Sequence[Place]) -> Self:
        """Number the occupations wished and offered, and compare each with each."""
        wished: dict[str, int] = {}
        offered: dict[str, int] = {}
        starts = np.zeros(len(seekers) + 1, dtype=np.int64)
        np.cumsum([len(seeker.wishes) for seeker in seekers], out=starts[1:])
        every = chain.from_iterable(seeker.wishes for seeker in seekers)
        code = np.fromiter((wished.setdefault(wish, len(wished)) for wish in every), np.int64)
        names = (place.occupation or "" for place in places)
        occupation = np.fromiter(
            (offered.setdefault(name, len(offered)) for name in names), np.int64, len(places)
        )
        return cls(_likeness(list(wished), list(offered)), code, starts, occupation)

    def of_people(self, people: npt.NDArray[np.integer]) -> tuple[Numbers, Numbers]:
        """Wish and fit of these people (rows) for each occupation offered (columns)."""
        first, count = self.starts[people], self.starts[people + 1] - self.starts[people]
        wish = np.zeros((len(people), self.likeness.shape[1]))
        fit = np.zeros_like(wish)
        fit[count == 0] = NEUTRAL_FIT
        for rank in range(int(count.max(initial=0))):
            some = np.flatnonzero(count > rank)
            likeness = self.likeness[self.code[first[some] + rank]]
            worth = WISH_RANKS[min(rank, len(WISH_RANKS) - 1)]
            wish[some] = np.maximum(wish[some], worth * likeness)
            fit[some] = np.maximum(fit[some], likeness)
        return wish, fit


def _likeness(ones: Sequence[str], others: Sequence[str]) -> Numbers:
    """How alike each code of one list is to each of another, by shared leading digits."""
    one, other = _digits(ones)[:, np.newaxis], _digits(others)[np.newaxis, :]
    shared = np.zeros((len(ones), len(others)), dtype=np.int8)
    same = np.ones(shared.shape, dtype=np.bool_)
    for digit in range(_CODE):
        same &= (one[..., digit] == other[..., digit]) & (one[..., digit] != 0)
        shared += same
    return SHARED_DIGITS[shared]


def _digits(codes: Sequence[str]) -> npt.NDArray[np.uint32]:
    """The first five characters of each code, a column each; 0 where a code is shorter."""
    return np.array(codes, dtype=f"U{_CODE}").view(np.uint32).reshape(len(codes), _CODE)
