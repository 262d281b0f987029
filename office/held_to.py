"""What may a new plan be held to, and does the model know such a season? Kept with the run.

Of a plan with learned chances the honest value stands beside what it promises (`models.honest`),
and the plan's own pairs are held against the history that the model learned from (`models.drift`):
figures of all together, nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from data.intake.district_files import District
from matching.assignment import assignment_of
from matching.plan import Rows
from matching.problem import Numbers
from matching.solvers.flow import flow
from models.drift import drift
from models.honest import Honest, honest_value
from models.placement import PlacementModel
from office.drawing import ChanceModel, Drawn
from office.pair_table import Column, features


@dataclass(frozen=True, slots=True)
class HeldTo:
    """Expected placements as the chances promise them, and as they may be held to.

    `honest` is without what the plan owes to luck, `low` to `high` an interval of nine in ten for
    the season to come. `raw` is what the plan promises.
    """

    raw: float
    honest: float
    low: float
    high: float

    @classmethod
    def read(cls, result: Mapping[str, Any]) -> HeldTo | None:
        """As a run's result has it; `None` for a run without learned chances."""
        told = result.get("held_to")
        return None if told is None else cls(**{name: float(told[name]) for name in cls.__slots__})


def held_to(drawn: Drawn, district: District, model: ChanceModel) -> dict[str, Any]:
    """What is kept beside a run's figures: nothing for chances that nobody learned.

    `held_to` and `drift`, as numbers and words.
    """
    if not isinstance(model, PlacementModel):
        return {}
    table = _columns(drawn, district, model)
    found = _honest(drawn, model, table)
    rows = drawn.result.plan.rows
    taken = {name: column[rows] for name, column in table.items()}
    return {
        "held_to": asdict(HeldTo(found.raw, found.value, found.low, found.high)),
        "drift": asdict(drift(model, taken)),
    }


def _columns(drawn: Drawn, district: District, model: PlacementModel) -> dict[str, Column]:
    """What the model reads of the plan's possible pairs, each column made once."""
    problem, firm = drawn.problem, model.declaration.columns.firm
    table = features(problem.seekers, problem.places, drawn.found, district.facts)
    names = [*model.columns, *([firm] if firm is not None and firm in table else [])]
    return {name: table[name] for name in names}


def _honest(drawn: Drawn, model: PlacementModel, table: dict[str, Column]) -> Honest:
    """The honest value; what is chosen by the halves is the best of the plan's own aim."""
    problem, result = drawn.problem, drawn.result

    def choose(chances: Numbers) -> Rows:
        if np.array_equal(chances, problem.candidates.chance):
            return result.plan.rows
        other = replace(problem, candidates=replace(problem.candidates, chance=chances))
        assignment = assignment_of(other, result.aim)
        return assignment.chosen_rows(flow(assignment))

    return honest_value(model, table, choose)
