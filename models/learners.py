"""How is a chance learned? By penalised logistic regression, or by trees that only rise or fall.

Both see the declared features alone and keep to the declared directions. Both answer in log-odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from models.features import Encoder, Numbers

#: No log-odds beyond these, so that no chance is ever 0 or 1.
FARTHEST = 12.0


class Learned(Protocol):
    """What was learned: log-odds for rows of the encoder's values."""

    def log_odds(self, values: Numbers, /) -> Numbers:
        """One number a row."""


class Learner(Protocol):
    """A way to learn."""

    @property
    def name(self) -> str:
        """What it is called in a card."""

    def learn(
        self, encoder: Encoder, values: Numbers, started: Numbers, weight: Numbers, /
    ) -> Learned:
        """Learn from rows with a known outcome (0 or 1), each as heavy as its weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A straight line on the log-odds scale: one weight a column of the linear matrix."""

    encoder: Encoder
    base: float
    weights: Numbers

    def log_odds(self, values: Numbers) -> Numbers:
        """One number a row."""
        return np.asarray(self.base + self.encoder.linear(values) @ self.weights)


@dataclass(frozen=True, slots=True)
class Straight:
    """Logistic regression with a ridge penalty; weights against their direction are left out."""

    strength: float = 0.03

    @property
    def name(self) -> str:
        """What it is called in a card."""
        return "logistic regression"

    def learn(self, encoder: Encoder, values: Numbers, started: Numbers, weight: Numbers) -> Line:
        """Learn; a column whose weight goes against its declared direction is taken out."""
        matrix, directions = encoder.linear(values), encoder.linear_directions
        kept = np.ptp(matrix, axis=0) > 0 if len(matrix) else np.zeros(matrix.shape[1], bool)
        weights, base = np.zeros(matrix.shape[1]), _base(started, weight)
        while kept.any():
            fitted = LogisticRegression(C=self.strength, solver="newton-cholesky", max_iter=200)
            fitted.fit(matrix[:, kept], started, sample_weight=weight)
            weights = np.zeros(matrix.shape[1])
            weights[kept], base = fitted.coef_[0], float(fitted.intercept_[0])
            against = weights * directions < 0
            if not against.any():
                break
            kept &= ~against
            weights, base = np.zeros(matrix.shape[1]), _base(started, weight)
        return Line(encoder, base, weights)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Boosted trees, as fitted."""

    fitted: Any

    def log_odds(self, values: Numbers) -> Numbers:
        """One number a row."""
        if not len(values):
            return np.empty(0)  # which scikit-learn refuses
        odds = self.fitted.decision_function(values)
        return np.asarray(np.clip(odds, -FARTHEST, FARTHEST), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Branching:
    """Gradient boosting over histograms; the declared directions hold in every tree."""

    rounds: int = 120
    rate: float = 0.06
    leaves: int = 8
    smallest_leaf: int = 60
    penalty: float = 5.0

    @property
    def name(self) -> str:
        """What it is called in a card."""
        return "gradient boosting"

    def learn(self, encoder: Encoder, values: Numbers, started: Numbers, weight: Numbers) -> Trees:
        """Learn."""
        fitted = HistGradientBoostingClassifier(
            max_iter=self.rounds,
            learning_rate=self.rate,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.smallest_leaf,
            l2_regularization=self.penalty,
            monotonic_cst=encoder.directions,
            categorical_features=encoder.categories,
            early_stopping=False,
            random_state=0,
        )
        # A number of which nothing is known can't be binned; a constant is never split at.
        blank = np.isnan(values).all(axis=0)
        filled = np.where(blank, 0.0, values)
        return Trees(fitted.fit(filled, started, sample_weight=weight))


def _base(started: Numbers, weight: Numbers) -> float:
    yes, no = float(weight @ started), float(weight @ (1 - started))
    return float(np.log((yes + 0.5) / (no + 0.5)))


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """The mean of several log-odds."""

    parts: tuple[Learned, ...]

    def log_odds(self, values: Numbers) -> Numbers:
        """One number a row."""
        return np.asarray(sum(part.log_odds(values) for part in self.parts) / len(self.parts))


@dataclass(frozen=True, slots=True)
class Both:
    """Both ways, and the mean of what they say."""

    ways: tuple[Learner, ...] = (Straight(), Branching())

    @property
    def name(self) -> str:
        """What it is called in a card."""
        return "mean of " + " and ".join(way.name for way in self.ways)

    def learn(self, encoder: Encoder, values: Numbers, started: Numbers, weight: Numbers) -> Mean:
        """Learn each way."""
        return Mean(tuple(way.learn(encoder, values, started, weight) for way in self.ways))
