"""Are levels, slopes and shares found again where they are known?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from models.features import Indexes, Numbers
from models.recalibration import Recalibration, recalibrated


def made(
    slope: float = 1.0,
    level: float = 0.0,
    season_spread: float = 0.0,
    firm_spread: float = 0.0,
    seed: int = 0,
    rows: int = 16_000,
    seasons: int = 4,
) -> tuple[Recalibration, Numbers, Numbers, Indexes]:
    """A recalibration of invented rows, with the true shifts of seasons and firms."""
    random = np.random.default_rng(seed)
    learned = random.normal(-1, 1, rows)
    season, firm = random.integers(0, seasons, rows), random.integers(0, 400, rows)
    shift, share = (
        season_spread * random.normal(size=seasons),
        firm_spread * random.normal(size=400),
    )
    odds = level + slope * learned + shift[season] + share[firm]
    started = (random.random(rows) < expit(odds)).astype(np.float64)
    found = recalibrated(learned, started, season, firm, np.arange(rows), seasons, 400)
    return found, shift, share, firm


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.3])
def test_the_slope_is_found(slope: float) -> None:
    """Overconfident chances are drawn together, timid ones pulled apart."""
    assert made(slope=slope)[0].slopes == pytest.approx((slope, slope), abs=0.09)


def test_the_level_is_found() -> None:
    assert made(level=-0.4)[0].level == pytest.approx(-0.4, abs=0.1)


def test_seasons_shifts_are_found() -> None:
    found, shift, _, _ = made(season_spread=0.4)
    assert found.shifts == pytest.approx(shift, abs=0.12)


def test_firms_shares_are_found_and_drawn_in() -> None:
    """Estimates go with the truth, and are less spread than it is: a few cases prove little."""
    found, _, share, _ = made(firm_spread=0.8)
    assert np.corrcoef(found.firm_share, share)[0, 1] > 0.8
    assert np.std(found.firm_share) < np.std(share)
    assert np.sqrt(found.firms_variance) == pytest.approx(0.8, abs=0.12)


def test_the_best_looking_firms_keep_their_promise() -> None:
    """A plan will pick them: the tenth that looks best is as good as it looks, on average."""
    promised, true = [], []
    for seed in range(5):
        found, _, share, _ = made(firm_spread=0.8, seed=seed)
        best = np.argsort(-found.firm_share)[:40]
        promised.append(found.firm_share[best].mean())
        true.append(share[best].mean())
    assert np.mean(promised) == pytest.approx(np.mean(true), abs=0.08)


def test_firms_that_do_not_differ_get_hardly_a_share() -> None:
    assert np.abs(made(firm_spread=0.0)[0].firm_share).max() < 0.25


def test_many_differing_seasons_make_a_wide_spread() -> None:
    calm, wild = made(season_spread=0.0)[0], made(season_spread=0.6, seed=2)[0]
    assert calm.spread < 0.15
    assert wild.spread > 0.4


def test_one_season_leaves_what_was_believed_before() -> None:
    """Nothing can be said of how seasons differ: the spread stays near the prior's."""
    found = made(seasons=1)[0]
    assert 0.15 < found.spread < 0.35


def test_the_interval_of_a_season_to_come_holds_nine_in_ten() -> None:
    """Of many worlds whose seasons differ as believed before, with four seasons seen."""
    random, inside = np.random.default_rng(5), []
    for seed in range(40):
        size = abs(random.normal(0, 0.25))
        found = made(season_spread=size, seed=seed, rows=2_000)[0]
        truth = size * random.normal()
        draws = found.season_draws(random.standard_normal(4_000), random.random(4_000))
        low, high = np.quantile(draws, [0.05, 0.95])
        inside.append(low <= truth <= high)
    assert 0.8 <= np.mean(inside) <= 0.98


def test_draws_have_the_level_and_spread_that_are_told() -> None:
    found, random = made(season_spread=0.3)[0], np.random.default_rng(0)
    draws = found.season_draws(random.standard_normal(40_000), random.random(40_000))
    assert draws.mean() == pytest.approx(found.level, abs=0.01)
    assert draws.std() == pytest.approx(found.spread, rel=0.03)


def test_unknown_firms_are_averaged_over() -> None:
    """The flattened log-odds give the mean chance over firms of the found spread."""
    found, _, _, _ = made(firm_spread=0.8)
    learned = np.array([1.5])
    drawn = np.random.default_rng(1).normal(0, np.sqrt(found.firms_variance), 100_000)
    mean = expit(found.level + found.bent(learned) + drawn).mean()
    assert expit(found.log_odds(learned, np.array([-1])))[0] == pytest.approx(mean, abs=0.005)


def test_parts_of_a_start_count_in_part() -> None:
    """A half twice is as good as one start and one none."""
    random = np.random.default_rng(3)
    learned = np.repeat(random.normal(size=500), 2)
    whole = np.tile([0.0, 1.0], 500)
    nowhere, season = np.full(1000, -1), np.zeros(1000, np.int64)
    one = recalibrated(learned, whole, season, nowhere, np.arange(1000), 1, 0)
    other = recalibrated(learned, np.full(1000, 0.5), season, nowhere, np.arange(1000), 1, 0)
    assert one.level == pytest.approx(other.level, abs=1e-6)
    assert one.slopes == pytest.approx(other.slopes, abs=1e-6)


def test_people_with_many_rows_make_less_sure() -> None:
    random = np.random.default_rng(4)
    learned, season = np.zeros(4_000), np.repeat([0, 1], 2_000)
    started = np.repeat((random.random(800) < 0.4).astype(np.float64), 5)
    nowhere = np.full(4_000, -1)
    alone = recalibrated(learned, started, season, nowhere, np.arange(4_000), 2, 0)
    together = recalibrated(learned, started, season, nowhere, np.repeat(np.arange(800), 5), 2, 0)
    assert together.deviations[0] > alone.deviations[0]
