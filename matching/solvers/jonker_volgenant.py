"""How? By scipy's sparse Jonker-Volgenant: a second opinion on the network flow.

Every opening becomes a column of its own, and everybody gets one column for staying without a
place. Slower than the flow from a thousand people up.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from matching.assignment import Assignment
from matching.plan import Rows


def jonker_volgenant(assignment: Assignment) -> Rows:
    """Choose the rows of largest total worth by a sparse linear assignment."""
    wanted = np.bincount(assignment.place, minlength=len(assignment.openings))
    copies = np.minimum(assignment.openings, wanted)
    first = np.cumsum(copies) - copies
    times = copies[assignment.place]
    pair = np.repeat(np.arange(len(assignment)), times)
    which = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    column = np.concatenate(
        [first[assignment.place[pair]] + which, copies.sum() + np.arange(assignment.seekers)]
    )
    person = np.concatenate([assignment.seeker[pair], np.arange(assignment.seekers)])
    # A weight of 0 would read as "no pair", so all weights are lifted by 1.
    worth = np.concatenate([assignment.units[pair], np.zeros(assignment.seekers)]) + 1.0
    shape = (assignment.seekers, int(copies.sum()) + assignment.seekers)
    table = csr_array((worth, (person, column)), shape=shape)
    people, columns = min_weight_full_bipartite_matching(table, maximize=True)
    placed = columns < copies.sum()
    place = np.repeat(np.arange(len(copies)), copies)[columns[placed]]
    key = assignment.seeker.astype(np.int64) * len(copies) + assignment.place
    return np.searchsorted(key, np.sort(people[placed].astype(np.int64) * len(copies) + place))
