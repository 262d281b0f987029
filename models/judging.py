"""What was to be expected of each pair of a past season, judged by what came from then on?

A season's own shift and its firms are known by then, so that it is judged more truly than it could
be planned. Each person is judged by a model that never saw any outcome of theirs, and none of these
models saw the seasons that the plan was made from: the luck of a plan is not its judge's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import expit

from models.cases import Cases
from models.declaration import Declaration, Finding, Flaw, NotUsable
from models.features import Indexes, Numbers
from models.folds import MOST_ROWS, learn
from models.learners import Both, Learner, Straight
from models.placement import LEAST_FOR_TREES
from models.recalibration import Recalibration, recalibrated

#: People fall into so many parts; each is judged by what the others teach.
PARTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Judges:
    """Models of what came in a season and after it, one a part of the people left out.

    The season is the first of the cases. `part` says which part each case's person is of, `raw`
    are log-odds learned without that part.
    """

    cases: Cases
    part: Indexes
    raw: Numbers
    learned: tuple[Callable[[Numbers], Numbers], ...]
    recalibrations: tuple[Recalibration, ...]

    @classmethod
    def of(cls, cases: Cases, part: Indexes) -> Self:
        """Learn without each part; recalibrate on the others' log-odds, learned without them."""
        learner: Learner = Both() if len(cases) >= LEAST_FOR_TREES else Straight()
        raw, learned, recalibrations = np.zeros(len(cases)), [], []
        for one in range(PARTS):
            rest = cases.take(np.flatnonzero(part != one))
            if len(np.unique(rest.started >= 0.5)) < 2:
                raise NotUsable((Finding(Flaw.TOO_FEW),))
            learned.append(learn(learner, rest, MOST_ROWS).log_odds)
            raw[part == one] = learned[-1](cases.values[part == one])
        for one in range(PARTS):
            rows = np.flatnonzero(part != one)
            some = cases.take(rows)
            recalibrations.append(
                recalibrated(
                    raw[rows],
                    some.started,
                    some.season,
                    some.firm,
                    some.person,
                    len(cases.seasons),
                    len(cases.firms),
                )
            )
        return cls(cases, part, raw, tuple(learned), tuple(recalibrations))

    def expected_of_cases(self, rows: Indexes) -> Numbers:
        """The chance of each case of the first season, by the model that never saw its person."""
        firm, found = self.cases.firm[rows], np.zeros(len(rows))
        for one, recalibration in enumerate(self.recalibrations):
            here = self.part[rows] == one
            found[here] = _chance(recalibration, self.raw[rows][here], firm[here])
        return found

    def of_pairs(self, pairs: pd.DataFrame, declaration: Declaration) -> Numbers:
        """The chance of each pair in the first season by every model (parts, rows)."""
        values, firm = self.cases.encoder.values(pairs), np.full(len(pairs), -1)
        if declaration.columns.firm is not None:
            codes, names = pd.factorize(pd.Series(pairs[declaration.columns.firm]))
            known = pd.Index(self.cases.firms).get_indexer(pd.Index([str(one) for one in names]))
            firm = np.append(known, -1)[codes].astype(np.int64)
        return np.stack(
            [
                _chance(recalibration, log_odds(values), firm)
                for log_odds, recalibration in zip(self.learned, self.recalibrations, strict=True)
            ]
        )


def _chance(recalibration: Recalibration, raw: Numbers, firm: Indexes) -> Numbers:
    """The chance in the first of the seasons learned from, its own shift in."""
    share, variance = recalibration.shares(firm)
    odds = recalibration.shifts[0] + recalibration.bent(raw) + share
    return np.asarray(expit(odds / np.sqrt(1 + np.pi * variance / 8)))
