"""Is the chance of the target the true one?"""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.chance import (
    chance_of_at_least,
    chance_with_model_error,
    distribution,
)

CHANCES = st.lists(st.floats(0, 1), max_size=9)


@given(chances=CHANCES)
def test_the_distribution_is_exact(chances: list[float]) -> None:
    """Against the sum over every way in which the proposals can end."""
    exact = np.zeros(len(chances) + 1)
    for ends in product([0, 1], repeat=len(chances)):
        exact[sum(ends)] += prod(q if end else 1 - q for end, q in zip(ends, chances, strict=True))
    assert distribution(chances) == pytest.approx(exact, abs=1e-12)


@given(seed=st.integers(0, 1000), size=st.integers(1, 2000))
def test_mean_and_variance_of_many(seed: int, size: int) -> None:
    """The convolution keeps the first two moments at sizes where nobody can count by hand."""
    q = np.random.default_rng(seed).random(size)
    probabilities, counts = distribution(q), np.arange(size + 1)
    mean = float(probabilities @ counts)
    assert probabilities.sum() == pytest.approx(1)
    assert mean == pytest.approx(q.sum())
    assert probabilities @ (counts - mean) ** 2 == pytest.approx((q * (1 - q)).sum())


@given(chances=CHANCES, need=st.integers(-1, 10))
def test_chance_of_at_least_adds_up(chances: list[float], need: int) -> None:
    expected = distribution(chances)[max(need, 0) :].sum()
    assert chance_of_at_least(chances, need) == pytest.approx(float(expected), abs=1e-12)


def test_three_coins() -> None:
    """Two or more heads of three: 4 of 8 ways."""
    assert chance_of_at_least([0.5, 0.5, 0.5], 2) == pytest.approx(0.5)


def test_the_model_error_widens() -> None:
    """A plan that is safe by its chances is less safe if they may all be off together."""
    chances = np.full(1000, 0.4)
    exact = chance_of_at_least(chances, 370)
    assert exact > 0.97
    assert chance_with_model_error(chances, 370, 0.0) == exact
    assert 0.5 < chance_with_model_error(chances, 370, 0.25) < exact


@pytest.mark.parametrize("size", [60, 400])
def test_the_model_error_against_a_simulation(size: int) -> None:
    """Both ways of counting (few: exact, many: refined normal) agree with drawing the error."""
    random = np.random.default_rng(7)
    odds = random.normal(-0.5, 0.6, size)
    chances = 1 / (1 + np.exp(-odds))
    need, spread = int(chances.sum()) - 1, 0.3
    errors = random.normal(0, spread, 4000)
    drawn = [chance_of_at_least(1 / (1 + np.exp(-odds - error)), need) for error in errors]
    assert chance_with_model_error(chances, need, spread) == pytest.approx(
        float(np.mean(drawn)), abs=0.015
    )


def test_certain_chances_stay_certain() -> None:
    assert chance_with_model_error([1.0, 1.0], 2, 0.5) == pytest.approx(1.0)
    assert chance_with_model_error([1.0, 1.0], 2, 0.5) == 1.0


@pytest.mark.parametrize("spread", [0.1, 0.5, 2.0])
def test_the_approximation_is_within_a_thousandth(spread: float) -> None:
    """Against the exact distribution on a fine grid of errors; few and skewed chances."""
    chances = np.concatenate([np.full(150, 0.12), np.full(60, 0.3)])
    odds = np.log(chances / (1 - chances))
    errors = np.linspace(-6, 6, 801)
    weights = np.exp(-(errors**2) / 2)
    for need in (28, 36, 44):
        exact = [
            chance_of_at_least(1 / (1 + np.exp(-odds - spread * error)), need) for error in errors
        ]
        mixed = float((weights * exact).sum() / weights.sum())
        assert chance_with_model_error(chances, need, spread) == pytest.approx(mixed, abs=1e-3)
