"""How fast is the network solver alone? The yardstick: arrays in, flows out, nothing checked.

Two ways of writing the same network are measured, and the faster one counts: with a supply at
every seeker, or with one source that feeds them all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from matching.assignment import Assignment
from matching.plan import Rows

Whole = npt.NDArray[np.int64]


def with_supplies(given: Assignment) -> Rows:
    """Every seeker supplies one unit."""
    people, sites = given.seekers, len(given.openings)
    sink = people + sites
    tail = np.concatenate([given.seeker, np.arange(people, sink), np.arange(people)])
    head = np.concatenate([given.place + people, np.full(sites + people, sink)])
    capacity = np.concatenate([_ones(len(given)), given.openings, _ones(people)])
    cost = np.concatenate([-given.units, np.zeros(sites + people, dtype=np.int64)])
    nodes = np.append(np.arange(people), sink)
    return _solved(tail, head, capacity, cost, nodes, np.append(_ones(people), -people), given)


def with_source(given: Assignment) -> Rows:
    """One source feeds every seeker."""
    people, sites = given.seekers, len(given.openings)
    sink = people + sites
    source = sink + 1
    tail = np.concatenate(
        [given.seeker, np.arange(people, sink), np.arange(people), np.full(people, source)]
    )
    head = np.concatenate([given.place + people, np.full(sites + people, sink), np.arange(people)])
    capacity = np.concatenate([_ones(len(given)), given.openings, _ones(2 * people)])
    cost = np.concatenate([-given.units, np.zeros(sites + 2 * people, dtype=np.int64)])
    nodes, supply = np.array([source, sink]), np.array([people, -people])
    return _solved(tail, head, capacity, cost, nodes, supply, given)


def _solved(
    tail: Whole,
    head: Whole,
    capacity: Whole,
    cost: Whole,
    nodes: Whole,
    supply: Whole,
    given: Assignment,
) -> Rows:
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        tail.astype(np.int32), head.astype(np.int32), capacity, cost
    )
    network.set_nodes_supplies(nodes.astype(np.int32), supply)
    if network.solve() != network.OPTIMAL:
        raise RuntimeError("the bare flow found no optimum")
    return np.flatnonzero(network.flows(arcs[: len(given)]))


def _ones(count: int) -> Whole:
    return np.ones(count, dtype=np.int64)
