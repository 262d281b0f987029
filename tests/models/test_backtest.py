"""Does a back-test find what would have come, and say so where it can't know?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sample.history import Past, World, past
from models.backtest import BackTest, Gap, Policy, back_test, compared
from models.declaration import NotUsable, district_declaration
from models.doubly_robust import (
    Doubt,
    Overlap,
    Shown,
    Verdict,
    estimate,
    overlap,
    verdict,
    worth,
)
from models.features import Indexes, Numbers
from models.honest import Choose
from models.proposing import propensities
from models.rivals import Possible, by_lot, first_come, greedy

SMALL = World(seasons=3, people=220, openings=300, each=10)


def best_first(possible: Possible) -> Choose:
    """A plan for tests that need none: best chance first."""

    def choose(chances: Numbers) -> Indexes:
        return np.flatnonzero(greedy(possible, chances)).astype(np.int64)

    return choose


def shown_of(random: np.random.Generator, people: int, wrong: bool, least: float = 0.1) -> Shown:
    """Two possible pairs a person with known chances, propensities and outcomes.

    Where `wrong`, every chance is expected to be 0.5, though the true ones are 0.1 to 0.4.
    """
    person = np.repeat(np.arange(people), 2)
    true = true_chances(people)
    propensity = np.tile([least, 0.4], people)
    proposed = random.random(2 * people) < propensity
    expected = np.full(2 * people, 0.5) if wrong else true
    surprise = np.where(proposed, (random.random(2 * people) < true) - expected, 0.0)
    by_part = np.tile(expected, (5, 1))
    return Shown(person, people, expected, by_part, propensity, proposed, surprise)


def true_chances(people: int) -> Numbers:
    return np.tile([0.4, 0.1], people)


def first_pairs(people: int) -> Numbers:
    return np.tile([1.0, 0.0], people)


@pytest.mark.parametrize("wrong", [False, True])
def test_it_is_right_if_the_propensities_are(wrong: bool) -> None:
    """The mean of 200 worlds is the truth, 120 of 300, even where half too much is expected."""
    found = []
    for seed in range(200):
        shown = shown_of(np.random.default_rng(seed), 300, wrong)
        found.append(worth(shown, first_pairs(300)).value)
    error = float(np.std(found)) / np.sqrt(len(found))
    assert abs(float(np.mean(found)) - 120) < 3.5 * error
    assert error < 2


def test_it_is_right_if_the_expectations_are() -> None:
    """Propensities that are half of the true ones do no harm then."""
    found = []
    for seed in range(200):
        shown = shown_of(np.random.default_rng(seed), 300, wrong=False)
        off = replace(shown, propensity=shown.propensity / 2)
        found.append(worth(off, first_pairs(300)).value)
    assert abs(float(np.mean(found)) - 120) < 3.5 * float(np.std(found)) / np.sqrt(200)


@pytest.mark.parametrize("wrong", [False, True])
def test_nine_intervals_in_ten_hold_the_truth(wrong: bool) -> None:
    held = 0
    for seed in range(200):
        shown = shown_of(np.random.default_rng(seed), 300, wrong)
        one = estimate([worth(shown, first_pairs(300))])
        held += one.low <= 120 <= one.high
    assert 168 <= held <= 197


def test_by_hand() -> None:
    """Two people, the first pair of the first was proposed (1 in 2) and started."""
    shown = Shown(
        person=np.array([0, 0, 1]),
        people=2,
        expected=np.array([0.6, 0.2, 0.3]),
        by_part=np.array([[0.6, 0.2, 0.3]]),
        propensity=np.array([0.5, 0.3, 0.4]),
        proposed=np.array([True, False, False]),
        surprise=np.array([0.4, 0.0, 0.0]),
    )
    one = worth(shown, np.array([1.0, 0.0, 1.0]))
    assert one.value == pytest.approx(0.6 + 0.3 + 0.4 / 0.5)
    assert one.corrections == pytest.approx([0.8, 0.0])
    assert estimate([one]).error == pytest.approx(0.8)
    found = overlap(shown, np.array([1.0, 0.0, 1.0]))
    assert (found.pairs, found.proposed, found.weight, found.due) == (2, 1, 2, 2)
    assert found.cases == 1 and found.share_shown == 1
    assert found.doubts == (Doubt.FEW_ALIKE,)


def test_what_was_hardly_ever_proposed_is_not_told() -> None:
    """One pair in a thousand was proposed: whatever the estimate says, the data can't tell."""
    shown = shown_of(np.random.default_rng(1), 300, wrong=False, least=0.001)
    own, other = first_pairs(300), 1 - first_pairs(300)
    gain = estimate([worth(shown, own) - worth(shown, other)])
    told, doubts = verdict(gain, overlap(shown, own), overlap(shown, other))
    assert told is Verdict.CANNOT_TELL
    assert Doubt.FEW_ALIKE in doubts and Doubt.LITTLE_OVERLAP in doubts


def test_weights_that_do_not_add_up_are_doubted() -> None:
    """Propensities are said to be a third of what they are: each pair weighs three times."""
    shown = shown_of(np.random.default_rng(1), 1_000, wrong=False)
    assert overlap(shown, first_pairs(1_000)).doubts == ()
    off = replace(shown, propensity=shown.propensity / 3)
    assert Doubt.WEIGHTS_OFF in overlap(off, first_pairs(1_000)).doubts


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_the_same_pairs_are_worth_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    shown, shares = shown_of(random, 20, wrong=True), random.random(40)
    gain = estimate([worth(shown, shares) - worth(shown, shares)])
    assert (gain.value, gain.error) == (0, 0)
    assert verdict(gain, Overlap(), Overlap()) == (Verdict.SAME, ())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_no_rival_breaks_a_rule(seed: int) -> None:
    """Nobody gets more than one place, no place gives more than it has."""
    random = np.random.default_rng(seed)
    seeker, place = np.divmod(np.flatnonzero(random.random(60) < 0.5), 6)
    seeker = np.unique(seeker, return_inverse=True)[1]
    possible = Possible(seeker, place, random.integers(0, 3, 6))
    chances = random.random(len(possible))
    for shares in (first_come(possible, chances), greedy(possible, chances), by_lot(possible)):
        assert bool((shares >= 0).all())
        assert np.bincount(seeker, weights=shares).max(initial=0) <= 1 + 1e-9
        taken = np.bincount(place, weights=shares, minlength=6)
        assert bool((taken <= possible.openings + 1e-9).all())


def test_rivals_by_hand() -> None:
    """Both want the one opening of place 0; b has the better chance there."""
    possible = Possible(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1, 1]))
    chances = np.array([0.5, 0.4, 0.6, 0.1])
    assert greedy(possible, chances).tolist() == [0, 1, 1, 0]
    shares = first_come(possible, chances)
    assert 0 < shares[0] < 1
    assert shares == pytest.approx([shares[0], 1 - shares[0], 1 - shares[0], shares[0]])


def test_propensities_are_learned() -> None:
    """Counselors who go by one column with a weight of 1, once a person, among five pairs."""
    random, people = np.random.default_rng(5), 1_500
    person = np.repeat(np.arange(people), 5)
    column = random.standard_normal(len(person))
    raised = np.exp(column).reshape(people, 5)
    true = (raised / raised.sum(axis=1, keepdims=True)).ravel()
    proposed = np.zeros(len(person), dtype=bool)
    for one in range(people):
        proposed[5 * one + random.choice(5, p=true[5 * one : 5 * one + 5])] = True
    possible = Possible(person, np.tile(np.arange(5), people), np.full(5, people))
    found = propensities(column[:, None], possible, proposed, person % 5, 5)
    assert float(np.abs(found - true).mean()) < 0.03
    assert found.sum() == pytest.approx(people, rel=0.01)


@pytest.fixture(scope="module")
def made() -> Past:
    return past(4, SMALL)


@pytest.fixture(scope="module")
def pairs(made: Past) -> pd.DataFrame:
    return pd.concat([one.possible for one in made.seasons], ignore_index=True)


@pytest.fixture(scope="module")
def found(made: Past, pairs: pd.DataFrame) -> BackTest:
    return back_test(made.history, pairs, district_declaration(), best_first)


def test_all_seasons_but_the_first_are_gone_through(found: BackTest) -> None:
    assert [one.name for one in found.seasons] == ["2023", "2024"]
    assert found.left_out == {"2022": Gap.NOTHING_BEFORE}


def test_what_happened_is_counted(found: BackTest, made: Past) -> None:
    rows = made.history[made.history["season"] == 2023]
    first = rows[rows["earlier_proposals"] == 0]
    came = found.seasons[0].happened
    assert (came.first, came.proposals, came.outside) == (len(first), len(rows), 0)
    assert came.first_started == first["started"].sum()
    assert came.first_unknown == first["started"].isna().sum()
    assert found.together is not None
    value = found.together.values[Policy.HAPPENED].value
    together = found.together.happened
    assert together.first_started <= value <= together.first_started + together.first_unknown


def test_a_plan_that_is_its_rival_is_no_better(found: BackTest) -> None:
    """The plan of these tests takes the best chance first, as one of the rivals does."""
    for one in (*found.by_season, compared(found.seasons)):
        gain = one.gains[Policy.GREEDY]
        assert (gain.estimate.value, gain.estimate.error) == (0, 0)
        assert gain.verdict is Verdict.SAME


def test_proposals_beyond_the_pairs_tell_nothing(made: Past, pairs: pd.DataFrame) -> None:
    """What was proposed is counted all the same, but nothing can be said of the plan."""
    elsewhere = made.history.assign(place=made.history["place"] + 10_000)
    other = back_test(elsewhere, pairs, district_declaration(), best_first)
    for one in other.by_season:
        assert one.happened.outside == one.happened.proposals > 0
        for rival in (Policy.HAPPENED, Policy.FIRST_COME, Policy.LOT):
            gain = one.gains[rival]
            assert gain.verdict is Verdict.CANNOT_TELL
            assert gain.doubts == (Doubt.FEW_ALIKE, Doubt.LITTLE_OVERLAP)


def test_rows_in_another_order_change_nothing(
    found: BackTest, made: Past, pairs: pd.DataFrame
) -> None:
    mixed = pairs.sample(frac=1, random_state=1)
    again = back_test(made.history, mixed, district_declaration(), best_first)
    for one, other in zip(found.by_season, again.by_season, strict=True):
        assert one.happened == other.happened
        there = other.values[Policy.HAPPENED]
        assert there.value == pytest.approx(one.values[Policy.HAPPENED].value)


def test_seasons_without_pairs_are_left_out(made: Past, pairs: pd.DataFrame) -> None:
    none = back_test(
        made.history, pairs[pairs["season"] == 2022], district_declaration(), best_first
    )
    assert none.seasons == () and none.together is None
    assert set(none.left_out.values()) == {Gap.NOTHING_BEFORE, Gap.NO_PAIRS}


def test_missing_columns_and_keys_are_all_named(made: Past, pairs: pd.DataFrame) -> None:
    with pytest.raises(NotUsable) as refusal:
        back_test(
            made.history.drop(columns="place"),
            pairs.drop(columns=["openings", "wish"]),
            district_declaration(),
            best_first,
        )
    named = {(one.feature, one.key) for one in refusal.value.findings}
    assert named == {("place", "history"), ("openings", "pairs"), ("wish", "pairs")}
    with pytest.raises(NotUsable):
        back_test(made.history, pairs.assign(person=np.nan), district_declaration(), best_first)
    twice = pd.concat([pairs, pairs[pairs["season"] == 2023]])
    with pytest.raises(ValueError, match="twice"):
        back_test(made.history, twice, district_declaration(), best_first)
