"""What is judged on what it was not learned from? Parts of people and firms, and of time.

Never a random split of rows: a person's and a firm's rows stay together, and the past is judged
by what came after it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import PCG64

from models.cases import Cases
from models.features import Flags, Indexes, Numbers
from models.learners import Learned, Learner

#: No helper fit sees more rows than this: more would cost time and change nothing that matters.
MOST_ROWS = 30_000


def parts(units: Indexes, count: int, salt: int) -> Indexes:
    """Which of `count` parts of equal size each unit falls into, drawn by `salt`; -1 is a unit."""
    shifted = units + 1
    everyone = int(shifted.max()) + 1 if len(shifted) else 1
    order = np.argsort(PCG64(salt).random_raw(everyone), kind="stable")
    part = np.empty(everyone, dtype=np.int64)
    part[order] = np.arange(everyone) % count
    return part[shifted]


def learn(learner: Learner, cases: Cases, most: int | None = None) -> Learned:
    """Learn from cases, from `most` rows drawn of them if there are more."""
    if most is not None and len(cases) > most:
        rows = np.argsort(PCG64(len(cases)).random_raw(len(cases)), kind="stable")[:most]
        cases = cases.take(np.sort(rows).astype(np.int64))
    return learner.learn(cases.encoder, *cases.weighed())


def out_of_fold(learner: Learner, cases: Cases, people: int = 3, firms: int = 3) -> Numbers:
    """Log-odds of each row, learned without its person and without its firm.

    People fall into `people` parts, firms into `firms` (without firms, or with 1, only people are
    kept apart).
    """
    firms = firms if bool((cases.firm >= 0).any()) else 1
    who, where = parts(cases.person, people, 11), parts(cases.firm, firms, 12)
    found = np.zeros(len(cases))
    for one in range(people):
        for other in range(firms):
            away = (who == one) & (where == other)
            kept = (who != one) & ((where != other) | (firms == 1))
            found[away] = _learned_apart(learner, cases, kept).log_odds(cases.values[away])
    return found


def ahead_of_time(cases: Cases) -> Iterator[tuple[Flags, Flags]]:
    """Rows to learn from and rows to judge: past seasons, then the next, people and firms apart.

    With a single season there is no time to go by; people and firms are kept apart all the same.
    """
    where = parts(cases.firm, 2, 13)
    firms = range(2) if bool((cases.firm >= 0).any()) else range(1)
    seasons = range(1, len(cases.seasons))
    for season in list(seasons)[-3:]:
        here = cases.season == season
        known_here = np.isin(cases.person, cases.person[here])
        for firm in firms:
            own = where == firm if len(firms) > 1 else np.ones(len(cases), bool)
            other = ~own if len(firms) > 1 else own
            yield (cases.season < season) & ~known_here & other, here & own
    if not seasons:
        who = parts(cases.person, 3, 14)
        for one in range(3):
            yield who != one, who == one


def _learned_apart(learner: Learner, cases: Cases, kept: Flags) -> Learned:
    rows = np.flatnonzero(kept)
    # So little is left that nothing can be kept apart: then the whole has to do.
    outcomes = cases.started[rows] >= 0.5
    enough = len(rows) and 0 < int(outcomes.sum()) < len(rows)
    return learn(learner, cases.take(rows) if enough else cases, MOST_ROWS)
