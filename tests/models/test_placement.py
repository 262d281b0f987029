"""Do learned chances keep to the declaration, to the truth, and to what they can know?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from data.sample.history import Past
from models.cases import cases_of
from models.declaration import (
    Columns,
    Declaration,
    Direction,
    Feature,
    Flaw,
    Kind,
    Known,
    NotUsable,
    district_declaration,
)
from models.features import Indexes, Numbers
from models.honest import honest_value
from models.learners import Both, Branching, Straight
from models.placement import PlacementModel, train
from models.scorecard import Scorecard


def some_pairs(past: Past, count: int = 200) -> pd.DataFrame:
    return past.next.pairs.iloc[:: len(past.next.pairs) // count].head(count).reset_index(drop=True)


@pytest.fixture(scope="module")
def by_trees(small_past: Past, small_model: PlacementModel) -> PlacementModel:
    """The small model's way of learning is the line; the laws must hold for trees as well."""
    cases = cases_of(small_past.history, district_declaration())
    chain = replace(
        small_model.chain, learned=Branching(rounds=30).learn(cases.encoder, *cases.weighed())
    )
    return replace(small_model, chain=chain)


def test_chances_lie_strictly_between_0_and_1(
    small_past: Past, small_model: PlacementModel
) -> None:
    chances = small_model.chances(small_past.next.pairs)
    assert chances.dtype == np.float64
    assert bool(((chances > 0) & (chances < 1)).all())


@pytest.mark.parametrize(
    ("feature", "sign"),
    [
        *(("wish", 1), ("fit", 1), ("minutes", -1), ("certificate_margin", 1), ("mark", -1)),
        *(("competition", -1), ("months_left", 1)),
    ],
)
@pytest.mark.parametrize("trees", [False, True])
def test_no_chance_goes_against_a_declared_direction(
    small_past: Past,
    small_model: PlacementModel,
    by_trees: PlacementModel,
    feature: str,
    sign: int,
    trees: bool,
) -> None:
    """For every pair, over the whole range: whatever the history seems to say."""
    model, pairs = by_trees if trees else small_model, some_pairs(small_past, 50)
    column = small_past.history[feature]
    before = None
    for value in np.linspace(column.min(), column.max(), 12):
        chances = model.chances(pairs.assign(**{feature: value}))
        if before is not None:
            assert bool(((chances - before) * sign >= -1e-12).all())
        before = chances


def test_no_other_column_is_read(small_past: Past, small_model: PlacementModel) -> None:
    pairs = some_pairs(small_past)
    beside = pairs.assign(group=1 - pairs["group"], sex="?", person=0, season=1999)
    assert np.array_equal(small_model.chances(pairs), small_model.chances(beside))


def test_a_protected_trait_in_the_history_teaches_nothing(
    small_past: Past, small_model: PlacementModel
) -> None:
    without = train(small_past.history.drop(columns="group"), district_declaration())
    pairs = some_pairs(small_past)
    assert np.array_equal(without.chances(pairs), small_model.chances(pairs))


def test_the_order_of_rows_changes_nothing(small_past: Past, small_model: PlacementModel) -> None:
    shuffled = small_past.history.sample(frac=1.0, random_state=4)
    pairs = some_pairs(small_past)
    again = train(shuffled, district_declaration()).chances(pairs)
    assert again == pytest.approx(small_model.chances(pairs), abs=2e-3)


def test_the_same_history_makes_the_same_model(
    small_past: Past, small_model: PlacementModel
) -> None:
    pairs = some_pairs(small_past)
    again = train(small_past.history, district_declaration())
    assert np.array_equal(again.chances(pairs), small_model.chances(pairs))


def test_chances_go_with_the_truth(small_past: Past, small_model: PlacementModel) -> None:
    season = small_past.next
    chances = small_model.chances(season.pairs)
    truth = season.chance
    assert np.corrcoef(logit(chances), logit(truth))[0, 1] > 0.6
    # Off together by no more than three of the spreads that the model itself tells.
    away = float(np.mean(logit(chances))) - float(np.mean(season.log_odds + season.shock))
    assert abs(away) < 3 * small_model.spread


def test_a_known_firm_has_its_own_share(small_past: Past, small_model: PlacementModel) -> None:
    pairs = some_pairs(small_past)
    nowhere = small_model.chances(pairs.assign(firm=-7))
    assert not np.allclose(small_model.chances(pairs), nowhere)
    assert np.array_equal(nowhere, small_model.chances(pairs.drop(columns="firm")))


def test_intervals_hold_their_chance(small_past: Past, small_model: PlacementModel) -> None:
    judged = small_model.judge(small_past.next.pairs)
    assert bool(((judged.low < judged.chance) & (judged.chance < judged.high)).all())
    assert bool(((judged.low > 0) & (judged.high < 1)).all())
    assert bool((judged.started <= judged.cases).all())


def test_intervals_hold_what_is_true_of_similar_pairs(
    small_past: Past, small_model: PlacementModel
) -> None:
    """Nine in ten at least: of pairs alike in chance, the mean truth lies within."""
    judged, season = small_model.judge(small_past.next.pairs), small_past.next
    order = np.argsort(judged.chance)
    alike = np.array_split(order, 100)
    held = [
        judged.low[rows].mean() <= season.chance[rows].mean() <= judged.high[rows].mean()
        for rows in alike
    ]
    assert np.mean(held) >= 0.9


def test_more_similar_cases_make_a_narrower_interval(
    small_past: Past, small_model: PlacementModel
) -> None:
    judged = small_model.judge(small_past.next.pairs)
    width = logit(judged.high) - logit(judged.low)
    least = 2 * 1.6448 * small_model.spread
    assert bool((width > least).all())
    # Twenty-seven cases of which nine started: about 18 to 52 %.
    assert np.sqrt(1 / 27 / (1 / 3 * 2 / 3) + 0.2**2) * 1.645 == pytest.approx(0.75, abs=0.02)


def test_the_evidence_is_the_past(small_past: Past, small_model: PlacementModel) -> None:
    known = small_past.history.dropna(subset=["started"])
    values = small_model.encoder.values(known)
    cases, started = small_model.evidence.similar(values)
    leaf = small_model.evidence.tree.apply(small_model.encoder.linear(values))
    for one in np.unique(leaf)[:20]:
        here = leaf == one
        assert cases[here][0] == here.sum() >= 25
        assert started[here][0] == known["started"].to_numpy()[here].sum()


@pytest.mark.parametrize("strange", [{"minutes": 400.0}, {"field": "never seen"}, {"mark": 90.0}])
def test_what_the_past_never_showed_is_left_to_people(
    small_past: Past, small_model: PlacementModel, strange: dict[str, Any]
) -> None:
    pairs = some_pairs(small_past)
    assert small_model.judge(pairs).enough.mean() > 0.95
    judged = small_model.judge(pairs.assign(**strange))
    assert not judged.enough.any()
    assert bool(((judged.chance > 0) & (judged.chance < 1)).all())


def test_draws_scatter_as_the_model_says(small_past: Past, small_model: PlacementModel) -> None:
    pairs = some_pairs(small_past)
    draws = small_model.draws(pairs, 600, seed=1)
    assert draws.shape == (600, len(pairs))
    # Few firms are shared by 200 rows: together they move as the season does.
    together = logit(draws).mean(axis=1)
    assert together.std() == pytest.approx(small_model.spread, rel=0.3)
    assert draws.mean() == pytest.approx(small_model.chances(pairs).mean(), rel=0.05)


def test_a_short_history_stays_near_the_scorecard(small_past: Past) -> None:
    """And the longer it is, the less: nothing jumps."""
    history = small_past.history.dropna(subset=["started"])
    pairs = some_pairs(small_past)
    trust = [
        train(history.head(rows), district_declaration()).chain.trust for rows in (120, 400, 1_500)
    ]
    assert trust == sorted(trust)
    assert trust[0] < 0.5 < trust[-1]
    short = train(history.head(120), district_declaration())
    before = logit(Scorecard().chances(pairs))
    assert np.corrcoef(logit(short.chances(pairs.drop(columns="firm"))), before)[0, 1] > 0.5


def test_any_table_of_pairs_can_be_learned_from() -> None:
    """Another declaration, other columns, no season, no people: the same model."""
    declaration = Declaration(
        (
            Feature("hours", Kind.NUMBER, Direction.UP, Known.PROPOSAL, "for the test"),
            Feature("colour", Kind.CATEGORY, Direction.NONE, Known.PROPOSAL, "for the test"),
        ),
        Columns("won"),
    )
    random = np.random.default_rng(0)
    hours, colour = random.random(2_000), random.choice(["red", "blue"], 2_000)
    won = random.random(2_000) < 0.2 + 0.4 * hours + 0.2 * (colour == "red")
    model = train({"hours": hours, "colour": colour, "won": won}, declaration)
    chances = model.chances({"hours": [0.1, 0.9, 0.9], "colour": ["red", "red", "blue"]})
    assert chances == pytest.approx([0.44, 0.76, 0.56], abs=0.08)


def test_the_way_that_lost_least_was_taken(small_model: PlacementModel) -> None:
    assert small_model.losses[small_model.learner] == min(small_model.losses.values())
    assert set(small_model.losses) == {Straight().name, Branching().name, Both().name}


def test_missing_columns_are_named(small_past: Past, small_model: PlacementModel) -> None:
    with pytest.raises(NotUsable) as refusal:
        small_model.chances(some_pairs(small_past).drop(columns=["mark", "fit"]))
    found = {(finding.flaw, finding.feature) for finding in refusal.value.findings}
    assert found == {(Flaw.COLUMN_MISSING, "mark"), (Flaw.COLUMN_MISSING, "fit")}


def test_a_table_without_rows_has_no_chances(small_past: Past, small_model: PlacementModel) -> None:
    assert small_model.chances(some_pairs(small_past).head(0)).shape == (0,)
    assert small_model.judge(some_pairs(small_past).head(0)).enough.shape == (0,)


def test_luck_is_taken_off_a_plan_of_the_best(
    small_past: Past, small_model: PlacementModel
) -> None:
    """Whoever picks the highest of many promises too much; who takes all pairs has no luck."""
    pairs = some_pairs(small_past, 2_000)

    def best(chances: Numbers) -> Indexes:
        return np.argsort(-chances, kind="stable")[:100].astype(np.int64)

    picked = honest_value(small_model, pairs, best)
    assert picked.luck > 0
    assert picked.low < picked.value < picked.high
    everything = honest_value(small_model, pairs, lambda chances: np.arange(len(chances)))
    assert everything.luck == pytest.approx(0, abs=1e-9)
    nothing = honest_value(small_model, pairs, lambda chances: np.empty(0, dtype=np.int64))
    assert (nothing.raw, nothing.value, nothing.low, nothing.high) == (0, 0, 0, 0)
