"""What is a plan of learned chances truly worth? Less than it promises, and how much less.

A plan picks the pairs that look best, and some look best by luck: what it promises is too much
(the optimiser's curse; Smith and Winkler 2006). How much is measured: each half of the people makes
a model and a plan of its own, and the other half's model, which knows nothing of that luck, says
what the plan is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.features import Indexes, Numbers, Table
from models.placement import SURE, PlacementModel

#: Luck that the whole model has to the luck of a half: errors of learning fall with the cases.
LUCK_OF_THE_WHOLE = 0.5

#: Given a chance a row, the rows that a plan takes.
Choose = Callable[[Numbers], Indexes]


@dataclass(frozen=True, slots=True)
class Honest:
    """What a plan promises and what may be held of it, in expected placements.

    `raw` is what the chances add up to, `value` what is left without luck, `low` and `high` an
    interval of nine in ten for the season to come.
    """

    raw: float
    value: float
    low: float
    high: float

    @property
    def luck(self) -> float:
        """What the plan owes to luck."""
        return self.raw - self.value


def honest_value(
    model: PlacementModel, table: Table, choose: Choose, draws: int = 400, seed: int = 0
) -> Honest:
    """What the plan that `choose` makes of the model's chances is worth.

    `choose` is asked three times: for the whole model and for each half. The interval holds a
    season's shift, firms, and what was learned; it is moved down with the value.
    """
    chances = model.chances(table)
    rows = choose(chances)
    raw = float(chances[rows].sum())
    one, other = (model.chances_by(half, table) for half in model.halves)
    by_one, by_other = choose(one), choose(other)
    luck = (one - other)[by_one].sum() + (other - one)[by_other].sum()
    value = raw - LUCK_OF_THE_WHOLE * float(luck) / 2
    taken = {name: np.asarray(table[name])[rows] for name in _columns(model, table)}
    sums = model.draws(taken, draws, seed).sum(axis=1)
    lowest, highest = np.quantile(sums, [(1 - SURE) / 2, (1 + SURE) / 2])
    part = value / raw if raw else 1.0
    return Honest(raw, value, float(lowest) * part, float(highest) * part)


def _columns(model: PlacementModel, table: Table) -> list[str]:
    firm = model.declaration.columns.firm
    return [*model.columns, *([firm] if firm is not None and firm in table else [])]
