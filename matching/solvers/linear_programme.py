"""How? By the HiGHS simplex on the linear programme: a second opinion on the network flow.

The matrix is totally unimodular, so a corner of the polytope is a plan. Much slower than the flow.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from matching.assignment import Assignment
from matching.errors import BrokenPromise
from matching.plan import Rows


def linear_programme(assignment: Assignment) -> Rows:
    """Choose the rows of largest total worth by linear programming.

    Raises `BrokenPromise` if the programme is not solved to a corner.
    """
    pairs = len(assignment)
    if pairs == 0:
        return np.empty(0, dtype=np.int64)
    rows = np.concatenate([assignment.seeker, assignment.place + assignment.seekers])
    columns = np.tile(np.arange(pairs), 2)
    shape = (assignment.seekers + len(assignment.openings), pairs)
    limits = np.concatenate([np.ones(assignment.seekers), assignment.openings])
    table = csr_array((np.ones(2 * pairs), (rows, columns)), shape=shape)
    cost = -assignment.units / assignment.units.max()
    answer = linprog(
        cost,
        A_ub=table,
        b_ub=limits,
        bounds=(0, 1),
        method="highs-ds",
        # HiGHS's usual 1e-7 leaves choices that the prices, in whole units, show to be bettered.
        options={"dual_feasibility_tolerance": 1e-10},
    )
    if answer.status != 0:
        raise BrokenPromise("linear_programme", (answer.message,))
    chosen = np.asarray(answer.x) > 0.5
    if not np.allclose(answer.x, chosen, atol=1e-6):
        raise BrokenPromise("linear_programme", ("not a corner",))
    return np.flatnonzero(chosen)
