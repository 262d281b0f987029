"""How? By OR-Tools' network flow: the default at every size, exact to a billionth of the worth.

A unit flows from each seeker over one pair to a place and on to the sink, or straight to the sink
if the person stays without a place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from matching.assignment import Assignment
from matching.errors import BrokenPromise
from matching.plan import Rows


def flow(assignment: Assignment) -> Rows:
    """Choose the rows of largest total worth by minimum-cost flow.

    Raises `BrokenPromise` if the solver does not report an optimum; an assignment always has one.
    """
    if len(assignment) == 0:
        return np.empty(0, dtype=np.int64)
    network = min_cost_flow.SimpleMinCostFlow()
    pairs = _add_arcs(network, assignment)
    status = network.solve()
    if status != network.OPTIMAL:
        raise BrokenPromise("flow", (str(status),))
    return np.flatnonzero(network.flows(pairs))


def _add_arcs(
    network: min_cost_flow.SimpleMinCostFlow, assignment: Assignment
) -> npt.NDArray[np.int32]:
    """Add all arcs in one array call; returns the numbers of the pairs' arcs."""
    seekers, places, pairs = assignment.seekers, len(assignment.openings), len(assignment)
    people = np.arange(seekers, dtype=np.int32)
    sites = np.arange(seekers, seekers + places, dtype=np.int32)
    sink = seekers + places
    cost = np.zeros(pairs + places + seekers, dtype=np.int64)
    np.negative(assignment.units, out=cost[:pairs])
    capacity = np.ones(len(cost), dtype=np.int64)
    capacity[pairs : pairs + places] = assignment.openings
    tail = np.concatenate([assignment.seeker, sites, people])
    head = np.full(len(cost), sink, dtype=np.int32)
    np.add(assignment.place, np.int32(seekers), out=head[:pairs])
    arcs = network.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    supply = np.ones(seekers + 1, dtype=np.int64)
    supply[seekers] = -seekers
    network.set_nodes_supplies(np.append(people, np.int32(sink)), supply)
    return np.asarray(arcs[:pairs], dtype=np.int32)
