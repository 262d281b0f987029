"""Which counts may be told? None of fewer than five people, nor any that differences would tell.

Two steps keep a table of groups safe. `pooled` says which groups are told together, so that every
number of people that is told is 0 or at least five. `withheld` says whose split in two (with and
without a proposal) stays untold: from the total and the splits that are told, each small part
that is kept back could still be anything over a range of at least five.

`crossed` does the same for a table of two kinds of groups, `moved` for the change from one plan to
another.

Zero is told: that nobody stands somewhere names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: The fewest people that are told of.
LEAST = 5


def is_small(count: int, least: int = LEAST) -> bool:
    """Whether a count is of somebody, and of fewer than `least`."""
    return 0 < count < least


def pooled(
    counts: Sequence[int], rather: Sequence[bool] | None = None, least: int = LEAST
) -> tuple[bool, ...]:
    """Which of these groups are told together, as one.

    Small groups go together, and with them the smallest others until the sum is no longer small;
    of those, the ones that are `rather` given up come first. Where all people together are too
    few, everybody is in the pool and its sum must not be told.
    """
    together = {row for row, count in enumerate(counts) if is_small(count, least)}
    last = [not one for one in rather] if rather is not None else [False] * len(counts)
    others = sorted((last[row], n, row) for row, n in enumerate(counts) if n >= least)
    for _, _, row in others:
        if not is_small(sum(counts[one] for one in together), least):
            break
        together.add(row)
    return tuple(row in together for row in range(len(counts)))


def withheld(parts: Sequence[tuple[int, int]], least: int = LEAST) -> tuple[bool, ...] | None:
    """Whose split into two parts is not told, where every whole and both totals are.

    `None` where no way of keeping back is enough: then no split is told, nor the totals. A part
    that is kept back lies, for all that can be counted from what is told, between `lowest` and
    `highest` of `could_be`; these are at least `least` apart for every part that is small.
    """
    small = [is_small(one, least) or is_small(other, least) for one, other in parts]
    kept_back = {row for row, is_one in enumerate(small) if is_one}
    others = sorted((one + other, row) for row, (one, other) in enumerate(parts) if not small[row])
    others = [(whole, row) for whole, row in others if whole]
    while any(small[row] and not _open(parts, kept_back, row, least) for row in kept_back):
        if not others:
            return None
        kept_back.add(others.pop(0)[1])
    return tuple(row in kept_back for row in range(len(parts)))


def could_be(
    parts: Sequence[tuple[int, int]], kept_back: Sequence[bool], row: int
) -> tuple[int, int]:
    """Between what numbers the first part of a row lies, for whoever has all that is told.

    Told are every whole, both totals, and the parts of rows that are not kept back.
    """
    rows = {number for number, is_one in enumerate(kept_back) if is_one}
    return _range(parts, rows, row)


def _range(parts: Sequence[tuple[int, int]], kept_back: set[int], row: int) -> tuple[int, int]:
    if row not in kept_back:
        return parts[row][0], parts[row][0]
    first = sum(parts[one][0] for one in kept_back)
    whole = sum(parts[row])
    beside = sum(sum(parts[one]) for one in kept_back) - whole
    return max(0, first - beside), min(whole, first)


def _open(parts: Sequence[tuple[int, int]], kept_back: set[int], row: int, least: int) -> bool:
    lowest, highest = _range(parts, kept_back, row)
    return highest - lowest >= least


def crossed(
    counts: npt.NDArray[np.int64],
    free: npt.NDArray[np.int64] | None = None,
    least: int = LEAST,
) -> npt.NDArray[np.bool_] | None:
    """Which cells of a table are not told, where the sums of all rows and columns are.

    `None` where no way of keeping back is enough: then no cell is told. A small cell is kept back
    together with a block: others of its row and others of its column with at least `least` people
    each, and the cells where these rows and columns meet. So many could stand crosswise in the
    block, and every sum would be the same. Only those that are `free` count as such (all unless
    given): then what is told of the others holds too. What is kept back of a row or a column is
    nobody or at least `least`.
    """
    movable = counts if free is None else free
    kept_back = np.zeros(counts.shape, dtype=np.bool_)
    for row, column in sorted(zip(*np.nonzero(_small(counts, least)), strict=True)):
        block = _one_by_one(counts, movable, kept_back, row, column, least) or (
            _enough(movable[:, column], kept_back[:, column], row, least),
            _enough(movable[row], kept_back[row], column, least),
        )
        if not block[0] or not block[1]:
            return None
        kept_back[np.ix_([row, *block[0]], [column, *block[1]])] = True
    return kept_back


def _one_by_one(
    counts: npt.NDArray[np.int64],
    movable: npt.NDArray[np.int64],
    kept_back: npt.NDArray[np.bool_],
    row: int,
    column: int,
    least: int,
) -> tuple[list[int], list[int]] | None:
    """The one row and column that keep back the fewest people besides, if one of each will do."""
    fits = (movable[:, column] >= least)[:, None] & (movable[row] >= least)[None, :]
    fits[row, :] = fits[:, column] = False
    if not fits.any():
        return None
    new = np.where(kept_back, 0, counts + 1)
    price = np.where(fits, new[:, [column]] + new[[row], :] + new, 4 * counts.sum() + 9)
    other, beside = np.unravel_index(price.argmin(), counts.shape)
    return [int(other)], [int(beside)]


def _enough(
    movable: npt.NDArray[np.int64], kept_back: npt.NDArray[np.bool_], without: int, least: int
) -> list[int]:
    """Of a row or column the fewest cells with enough people, those kept back first."""
    order = sorted(range(len(movable)), key=lambda at: (not kept_back[at], -movable[at], at))
    taken: list[int] = []
    people = 0
    for at in order:
        if at == without or not movable[at]:
            continue
        taken.append(at)
        people += int(movable[at])
        if people >= least:
            return taken
    return []


def _small(counts: npt.NDArray[np.int64], least: int) -> npt.NDArray[np.bool_]:
    return np.asarray((counts > 0) & (counts < least))


@dataclass(frozen=True, slots=True)
class Moved:
    """People from one plan to the next, `None` where it is not told."""

    kept: int | None
    moved: int | None
    lost: int | None
    new: int | None


def moved(kept: int, moved: int, lost: int, new: int, least: int = LEAST) -> Moved:
    """How many keep, change, lose and gain a proposal, where both plans' totals are told.

    The totals are `kept + moved + lost` and `kept + moved + new`. If any of the last three is
    small, none of them is told, and `kept` only if what it leaves is at least `least`.
    """
    if not any(is_small(one, least) for one in (kept, moved, lost, new)):
        return Moved(kept, moved, lost, new)
    is_told = not is_small(kept, least) and moved + min(lost, new) >= least
    return Moved(kept if is_told else None, None, None, None)
