"""What differs between people of equal features? How well do the features tell who belongs where?

Two questions that outcomes alone don't answer. *Proxies*: how well the declared features foretell
a trait that they don't name. *At equal features*: whether something (starts, a plan's choice)
still differs between groups once all that the features say of both has been taken out (Robinson
1988; Shah and Peters 2020). `docs/fairness.md` has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, ndtri
from scipy.stats import rankdata

from models.cases import Cases
from models.declaration import Direction
from models.features import Encoder, Flags, Indexes, Numbers
from models.folds import out_of_fold
from models.learners import Both, Learner, Straight
from models.placement import LEAST_FOR_TREES, SURE

#: How many of the most telling features are named.
MOST_TELLING = 5

#: Of a trait's variance, the least that the features must leave open for anything to be compared.
LEAST_LEFT = 0.02


@dataclass(frozen=True, slots=True)
class Share:
    """A figure with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well the declared features of a pair tell that its person is in a group.

    `area` is how often a row of the group looks more like it than another row does (0.5: the
    features tell nothing, 1: all), on people from whom it was not learned. `telling` are the
    features that tell most on their own, with their areas.
    """

    traits: tuple[str, ...]
    labels: tuple[str | None, ...]
    area: Share
    telling: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Rows that hang together: those of one person, and those of one firm (-1: none)."""

    person: Indexes
    firm: Indexes

    def take(self, rows: Flags) -> Clusters:
        """Those of some rows."""
        return Clusters(self.person[rows], self.firm[rows])

    def error(self, influence: Numbers) -> float:
        """The standard error of a sum of influences, one a row.

        People and firms both tie rows together: variances by person and by firm are added, those
        by both at once taken off (Cameron, Gelbach, Miller 2011).
        """
        by_person = _squares(influence, self.person)
        if not bool((self.firm >= 0).any()):
            return float(np.sqrt(by_person))
        alone = self.firm.max() + 1 + np.arange(len(self.firm))
        firm = np.where(self.firm < 0, alone, self.firm)
        both = self.person * (int(firm.max()) + 1) + firm
        total = by_person + _squares(influence, firm) - _squares(influence, both)
        return float(np.sqrt(max(by_person, total)))


def _squares(influence: Numbers, units: Indexes) -> float:
    _, which = np.unique(units, return_inverse=True)
    return float((np.bincount(which, weights=influence) ** 2).sum())


def likely_by_features(cases: Cases, what: Flags) -> Numbers:
    """How likely `what` is for each row, by its declared features, learned on other people."""
    return np.asarray(expit(_odds(cases, what, _way(cases))))


def proxy(
    cases: Cases,
    inside: Flags,
    likely: Numbers,
    traits: tuple[str, ...],
    labels: tuple[str | None, ...],
) -> Proxy:
    """How well the features tell a group; `likely` is what `likely_by_features` said of it."""
    away = float(ndtri(0.5 + SURE / 2))
    area, influence = area_of(likely, inside)
    error = Clusters(cases.person, np.full(len(cases), -1)).error(influence)
    telling = []
    for number, name in enumerate(cases.encoder.names):
        own = Encoder((cases.encoder.features[number],))
        some = replace(cases, encoder=own, values=cases.values[:, [number]])
        telling.append((name, area_of(_odds(some, inside, Straight()), inside)[0]))
    telling.sort(key=lambda pair: -pair[1])
    share = Share(area, max(0.0, area - away * error), min(1.0, area + away * error))
    return Proxy(traits, labels, share, tuple(telling[:MOST_TELLING]))


def area_of(score: Numbers, inside: Flags) -> tuple[float, Numbers]:
    """The area under the curve, and how much each row moves it (DeLong 1988; ties count half)."""
    ranks = rankdata(score)
    yes, no = int(inside.sum()), int((~inside).sum())
    above = np.empty(len(score))
    above[inside] = (ranks[inside] - rankdata(score[inside])) / no
    above[~inside] = 1 - (ranks[~inside] - rankdata(score[~inside])) / yes
    area = float(above[inside].mean())
    return area, (above - area) / np.where(inside, yes, no)


def at_equal_features(
    left: Numbers, inside: Flags, likely: Numbers
) -> tuple[float, Numbers] | None:
    """How much more of something a group has than others of equal features, and each row's part.

    `left` is what the features don't explain of it (a row), `likely` how likely the features make
    it that the row is in the group. `None` where the features tell the group almost surely: then
    nobody outside is like anybody inside.
    """
    apart = inside - likely
    total = float((apart**2).sum())
    if total < LEAST_LEFT * len(apart) * float(inside.mean() * (1 - inside.mean())):
        return None
    value = float(apart @ left) / total
    return value, apart * (left - value * apart) / total


def _way(cases: Cases) -> Learner:
    return Both() if len(cases) >= LEAST_FOR_TREES else Straight()


def _odds(cases: Cases, what: Flags, way: Learner) -> Numbers:
    """Log-odds of `what`, people apart; no declared direction binds them."""
    free = Encoder(
        tuple(
            replace(one, feature=replace(one.feature, direction=Direction.NONE))
            for one in cases.encoder.features
        )
    )
    asked = replace(
        cases, encoder=free, started=what.astype(np.float64), known=np.ones(len(cases), bool)
    )
    return out_of_fold(way, asked, firms=1)
