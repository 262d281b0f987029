"""Is a shifted season seen as one, an equal one not, and a broken promise called broken?"""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sample.history import Past
from models.declaration import NotUsable
from models.drift import MOVED, SHIFTED, Held, Verdict, drift, promise, stability_index
from models.placement import PlacementModel
from models.saving import model_bytes, model_of

SHARES = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda them: sum(them) > 0.1)


def sample(past: Past, seed: int, people: int = 350) -> pd.DataFrame:
    """All proposals of some people of the history."""
    everyone = past.history["person"].unique()
    some = np.random.default_rng(seed).choice(everyone, people, replace=False)
    return past.history[past.history["person"].isin(some)].reset_index(drop=True)


def moved(found: tuple[object, ...]) -> set[str]:
    """The features that were flagged."""
    flags = {Verdict.MOVED, Verdict.SHIFTED}
    return {one.name for one in found if one.verdict in flags}  # type: ignore[attr-defined]


@given(SHARES, SHARES)
def test_an_index_is_a_distance(one: list[float], other: list[float]) -> None:
    """Never below 0, none from itself, alike both ways; no greater than without the floor."""
    then, now = np.array(one) / sum(one), np.array(other) / sum(other)
    index = stability_index(then, now)
    assert index >= 0
    assert stability_index(then, then) == 0
    assert stability_index(now, then) == pytest.approx(index)
    if min(then.min(), now.min()) > 1e-9:
        assert index <= ((now - then) * np.log(now / then)).sum() + 1e-12


def test_an_index_by_hand() -> None:
    """Halves that became a quarter and three; and a part of which there was nothing."""
    assert stability_index([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.25 * log(3))
    assert stability_index([1, 0], [0.9, 0.1]) == pytest.approx(
        -0.1 * log(0.9) + 0.095 * log(0.1 / 0.005)
    )


@pytest.mark.parametrize("seed", range(12))
def test_an_equal_sample_is_not_flagged(
    small_past: Past, small_model: PlacementModel, seed: int
) -> None:
    found = drift(small_model, sample(small_past, seed))
    assert found.verdict is Verdict.ALIKE
    assert found.firms_unknown == 0
    assert found.people == 350
    assert all(one.index is not None and one.index < one.by_chance for one in found.features)


@pytest.mark.parametrize(
    ("feature", "by"),
    [("minutes", 20.0), ("mark", 0.7), ("competition", -1.0), ("months_left", -2.0)],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_shifted_number_is_flagged_and_no_other(
    small_past: Past, small_model: PlacementModel, feature: str, by: float, seed: int
) -> None:
    now = sample(small_past, seed)
    found = drift(small_model, now.assign(**{feature: now[feature] + by}))
    assert moved(found.features) == {feature}
    assert found.verdict in {Verdict.MOVED, Verdict.SHIFTED}


def test_other_words_gaps_and_unheard_of_values_are_flagged(
    small_past: Past, small_model: PlacementModel
) -> None:
    now = sample(small_past, 3).astype({"field": object, "accompanied": float})
    random = np.random.default_rng(3).random(len(now))
    now.loc[random < 0.3, "mark"] = np.nan
    now.loc[random < 0.2, "field"] = "never seen"
    now.loc[random > 0.8, "minutes"] = 900.0
    now.loc[random > 0.5, "accompanied"] = 1 - now["accompanied"]
    found = drift(small_model, now)
    assert moved(found.features) == {"mark", "field", "minutes", "accompanied"}
    told = {one.name: one for one in found.features}
    assert told["mark"].unknown_now == pytest.approx(0.3, abs=0.04)
    assert told["field"].outside_now == pytest.approx(0.2, abs=0.04)
    assert told["minutes"].outside_now == pytest.approx(0.2, abs=0.04)
    assert told["mark"].unknown_then == told["field"].outside_then == 0
    assert found.verdict is Verdict.SHIFTED


def test_a_handful_of_new_rows_is_no_drift(small_past: Past, small_model: PlacementModel) -> None:
    now = sample(small_past, 4).astype({"field": object})
    now.loc[:4, "field"] = "never seen"
    found = drift(small_model, now)
    assert found.verdict is Verdict.ALIKE


def test_few_people_tell_little_but_a_great_change(
    small_past: Past, small_model: PlacementModel
) -> None:
    few = sample(small_past, 5, people=15)
    found = drift(small_model, few)
    assert found.verdict is Verdict.TOO_FEW
    other = drift(small_model, few.assign(minutes=119.0)).features
    assert {one.name: one.verdict for one in other}["minutes"] is Verdict.SHIFTED


def test_the_same_people_over_and_over_tell_no_more(
    small_past: Past, small_model: PlacementModel
) -> None:
    """Rows of one person agree in much, so they are not so many witnesses."""
    few = sample(small_past, 6, people=15)
    once = drift(small_model, few)
    often = drift(small_model, pd.concat([few] * 30))
    assert (once.people, often.people) == (15, 15)
    for one, other in zip(once.features, often.features, strict=True):
        assert one.index == pytest.approx(other.index)
        assert one.by_chance <= other.by_chance
    alone = drift(small_model, few.drop(columns="person"))
    assert alone.people == len(few)
    assert alone.features[0].by_chance < once.features[0].by_chance


def test_the_thresholds_are_the_industrys() -> None:
    assert (MOVED, SHIFTED) == (0.1, 0.25)


def test_new_firms_are_counted(small_past: Past, small_model: PlacementModel) -> None:
    now = sample(small_past, 7)
    half = now.assign(firm=now["firm"].where(np.arange(len(now)) % 2 == 0, -99))
    assert drift(small_model, half).firms_unknown == pytest.approx(0.5, abs=0.01)
    assert drift(small_model, now.drop(columns="firm")).firms_unknown is None


def test_the_past_promises_what_came_of_it(small_past: Past, small_model: PlacementModel) -> None:
    found = drift(small_model, small_past.history)
    assert found.promised_now == pytest.approx(found.started_then, rel=0.03)
    nothing = drift(small_model, small_past.history.head(0), [])
    assert (nothing.rows, nothing.promised_now, nothing.promise) == (0, None, None)
    assert nothing.verdict is Verdict.TOO_FEW


def test_a_promise_by_hand() -> None:
    """Nine of thirty came: 18 to 45 % (Jeffreys). Of 200 not known yet nothing is counted."""
    outcomes = [1.0] * 9 + [0.0] * 21 + [float("nan")] * 200
    chances = np.full(230, 0.3)
    found = promise(chances, outcomes, 0.2)
    assert found is not None
    assert (found.rows, found.started) == (30, 0.3)
    told = [found.promised, found.low, found.high, found.least, found.most]
    assert told == pytest.approx([0.3, 0.180, 0.447, 0.236, 0.373], abs=3e-3)
    assert found.verdict is Held.HELD


@pytest.mark.parametrize(
    ("promised", "verdict"),
    [
        (0.30, Held.HELD),
        (0.34, Held.SEASON),
        (0.26, Held.SEASON),
        (0.5, Held.BROKEN),
        (0.1, Held.BROKEN),
    ],
)
def test_a_promise_is_held_explained_or_broken(promised: float, verdict: Held) -> None:
    """Of a thousand 300 came (28 to 32 %); a season may move the promise by a spread of 0.2."""
    outcomes = np.repeat([1.0, 0.0], [300, 700])
    found = promise(np.full(1_000, promised), outcomes, 0.2)
    assert found is not None and found.verdict is verdict


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 0.99), st.floats(0, 1))
def test_what_came_lies_in_its_own_interval(
    yes: int, no: int, promised: float, spread: float
) -> None:
    found = promise(np.full(yes + no, promised), np.repeat([1.0, 0.0], [yes, no]), spread)
    if found is None:
        assert yes + no == 0
        return
    assert found.low <= found.started <= found.high
    assert found.least - 1e-12 <= found.promised <= found.most + 1e-12


def test_true_chances_are_held_and_halved_ones_are_not(
    small_past: Past, small_model: PlacementModel
) -> None:
    """A season's outcomes drawn from the truth; and from half of it."""
    season, random = small_past.next, np.random.default_rng(9)
    rows = np.sort(random.choice(len(season.pairs), 1_500, replace=False))
    pairs, truth = season.pairs.iloc[rows].reset_index(drop=True), season.chance[rows]
    drawn = random.random(len(rows))
    true = drift(small_model, pairs, drawn < truth).promise
    half = drift(small_model, pairs, drawn < truth / 2).promise
    assert true is not None and true.verdict in {Held.HELD, Held.SEASON}
    assert half is not None and half.verdict is Held.BROKEN


def test_no_other_column_is_looked_at(small_past: Past, small_model: PlacementModel) -> None:
    now = sample(small_past, 8)
    beside = now.assign(group=1 - now["group"], sex="?", season=1999, started=0)
    assert drift(small_model, now) == drift(small_model, beside)


def test_a_kept_model_remembers_what_its_history_was(
    small_past: Past, small_model: PlacementModel
) -> None:
    again = model_of(model_bytes(small_model))
    assert again.encoder == small_model.encoder
    assert all(sum(one.shares) == pytest.approx(1) for one in again.encoder.features)
    assert drift(again, sample(small_past, 9)) == drift(small_model, sample(small_past, 9))


def test_a_model_that_kept_no_shares_does_not_say_alike(
    small_past: Past, small_model: PlacementModel
) -> None:
    forgot = tuple(replace(one, shares=()) for one in small_model.encoder.features)
    model = replace(small_model, encoder=replace(small_model.encoder, features=forgot))
    found = drift(model, sample(small_past, 10))
    assert {one.verdict for one in found.features} == {Verdict.TOO_FEW}


@pytest.mark.parametrize("outcomes", [[0.5], [2.0], [1.0, 0.0]])
def test_outcomes_that_are_none_are_refused(
    small_past: Past, small_model: PlacementModel, outcomes: list[float]
) -> None:
    with pytest.raises(ValueError, match="outcomes"):
        drift(small_model, small_past.history.head(1), outcomes)


def test_missing_columns_are_named(small_past: Past, small_model: PlacementModel) -> None:
    with pytest.raises(NotUsable):
        drift(small_model, small_past.history.drop(columns="mark"))
