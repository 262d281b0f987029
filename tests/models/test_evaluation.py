"""Are chances scored as the field scores them, and never on what they were learned from?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from data.sample.history import Past
from models.declaration import district_declaration
from models.evaluation import calibration, calibration_error, scores, scores_ahead, scores_by

ROWS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.25, 0.5]) | st.floats(0.01, 0.99), st.booleans()),
    min_size=2,
    max_size=60,
)


@given(ROWS)
def test_scores_are_those_of_the_field(rows: list[tuple[float, bool]]) -> None:
    """Against scikit-learn's own, which were written apart from ours."""
    chance, outcome = np.array(rows, dtype=np.float64).T
    found = scores(chance, outcome)
    assert found.brier == pytest.approx(brier_score_loss(outcome, chance))
    assert found.log_loss == pytest.approx(log_loss(outcome, chance, labels=[0, 1]))
    if len(set(outcome.tolist())) == 2:
        assert found.area == pytest.approx(roc_auc_score(outcome, chance))
    else:
        assert found.area is None


@given(ROWS, st.integers(1, 12))
def test_bins_hold_every_row_once(rows: list[tuple[float, bool]], bins: int) -> None:
    chance, outcome = np.array(rows, dtype=np.float64).T
    found = calibration(chance, outcome, bins)
    assert sum(one.rows for one in found) == len(rows)
    total = sum(one.rows * one.share_started for one in found)
    assert total == pytest.approx(outcome.sum())
    assert all(one.low <= one.share_started <= one.high for one in found)


@given(ROWS)
def test_what_is_true_has_no_calibration_error(rows: list[tuple[float, bool]]) -> None:
    chance = np.array([one for one, _ in rows])
    assert calibration_error(chance, chance) == pytest.approx(0, abs=1e-12)


def test_a_calibration_error_by_hand() -> None:
    """Two bins, promised 0.2 and 0.8; half of each started: 0.3 away."""
    assert calibration_error([0.2, 0.2, 0.8, 0.8], [0, 1, 0, 1], bins=2) == pytest.approx(0.3)


def test_groups_are_scored_apart() -> None:
    found = scores_by(
        np.array(["a", "b", "a", None], dtype=object), [0.2, 0.6, 0.4, 0.9], [0, 1, 1, 1]
    )
    assert {name: one.rows for name, one in found.items()} == {"a": 2, "b": 1}
    assert found["a"].mean_chance == pytest.approx(0.3)


@pytest.mark.parametrize("rows", [([], []), ([0.5], []), ([0.5], [float("nan")])])
def test_nothing_is_scored_where_nothing_is_known(rows: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="outcome"):
        scores(*rows)


def test_each_season_is_judged_by_those_before(small_past: Past) -> None:
    """The last season's outcomes, turned round, must not help to foretell it."""
    history = small_past.history
    found = scores_ahead(history, district_declaration())
    assert set(found) == {"2023", "2024"}
    assert all((one.area or 0) > 0.6 for one in found.values())
    last = history["season"] == 2024
    turned = history.assign(started=history["started"].where(~last, 1 - history["started"]))
    again = scores_ahead(turned, district_declaration())
    assert again["2023"] == found["2023"]
    assert again["2024"].mean_chance == pytest.approx(found["2024"].mean_chance)
    assert again["2024"].area == pytest.approx(1 - (found["2024"].area or 0))
