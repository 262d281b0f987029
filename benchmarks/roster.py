"""Who is measured beside us? Names and labels of the peers; how each works stands in `peers`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """One way of making a plan.

    `best` says that it claims the largest number of expected placements; `package` is the PyPI
    package that it needs in the peers' own environment, `None` where it needs none.
    """

    name: str
    label: str
    best: bool = False
    package: str | None = None


OURS = Peer("ours", "Übergang `solve`: plan, prices, proof, recount", best=True)

PEERS = (
    Peer("served", "Übergang `steer`: 80 % of expected placements kept, then wishes"),
    Peer("bare", "OR-Tools SimpleMinCostFlow, bare", best=True),
    Peer("scipy", "scipy `min_weight_full_bipartite_matching`", best=True),
    Peer("highs", "HiGHS simplex through scipy `linprog`", best=True),
    Peer("highspy", "HiGHS simplex through `highspy`", best=True, package="highspy"),
    Peer("cp_sat", "OR-Tools CP-SAT, ended after 20 s"),
    Peer("greedy", "greedy: the best chance of all first"),
    Peer("first_come", "first come, first served: random order, best free chance"),
    Peer("random", "random: random order, any free place"),
    Peer("matching", "`matching`, stable, both sides rank by chance", package="matching"),
    Peer("matching_wish", "`matching`, stable, people rank by wish", package="matching"),
    Peer("algmatch", "`algmatch`, stable, both sides rank by chance", package="algmatch"),
)

BY_NAME = {peer.name: peer for peer in (OURS, *PEERS)}

#: The packages of the peers' own environment.
PACKAGES = tuple(dict.fromkeys(peer.package for peer in PEERS if peer.package is not None))
