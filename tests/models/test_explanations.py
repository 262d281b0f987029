"""Are the reasons for a chance true? They add up, and taken away they move it as stated."""

from __future__ import annotations

from dataclasses import replace
from math import factorial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

from data.sample.history import Past
from models.cases import Cases, cases_of
from models.declaration import (
    Columns,
    Declaration,
    Direction,
    Feature,
    Kind,
    Known,
    NotUsable,
    district_declaration,
)
from models.explanations import _of_learned, _of_trees, learned_shares, reasons
from models.features import Encoder, Numbers
from models.learners import Both, Branching, Learned, Straight
from models.placement import PlacementModel, train
from models.saving import model_bytes, model_of

WAYS = (Straight(), Branching(rounds=25, leaves=8, smallest_leaf=15), Both())


def one(name: str, kind: Kind, direction: Direction = Direction.NONE) -> Feature:
    return Feature(name, kind, direction, Known.PROPOSAL, "for the test")


FIVE = Declaration(
    (
        one("way", Kind.NUMBER, Direction.DOWN),
        one("colour", Kind.CATEGORY),
        one("mark", Kind.NUMBER),
        one("sign", Kind.FLAG),
        one("town", Kind.CATEGORY),
    ),
    Columns("started", firm="firm"),
)


def history(rows: int = 1_500) -> pd.DataFrame:
    """Five features that meddle with each other, each with gaps of its own."""
    random = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "way": random.gamma(2, 15, rows).round(),
            "colour": random.choice(["red", "blue", "green", "grey"], rows, p=[0.5, 0.3, 0.1, 0.1]),
            "mark": random.normal(3, 0.7, rows),
            "sign": random.integers(0, 2, rows).astype(float),
            "town": random.choice(list("abcdefghij"), rows),
            "firm": random.integers(0, 40, rows),
        }
    )
    for number, name in enumerate(FIVE.names):
        table.loc[random.random(rows) < 0.04 * number, name] = None
    red, near = table["colour"] == "red", table["way"] < 25
    odds = -0.8 + 1.2 * (red & near) - 0.8 * (table["mark"].fillna(3) - 3) * (1 - 2 * near)
    odds += 0.6 * table["town"].isin(["b", "e", "g"]) * table["sign"].fillna(1)
    return table.assign(started=(random.random(rows) < expit(odds)).astype(int))


@pytest.fixture(scope="module")
def five() -> Cases:
    return cases_of(history(), FIVE)


@pytest.fixture(scope="module")
def learned(five: Cases) -> dict[str, Learned]:
    return {way.name: way.learn(five.encoder, *five.weighed()) for way in WAYS}


@pytest.fixture(scope="module")
def by_both(small_past: Past, small_model: PlacementModel) -> PlacementModel:
    """Line, trees, scorecard and firms at once."""
    cases = cases_of(small_past.history, district_declaration())
    both = Both((Straight(), Branching(rounds=40))).learn(cases.encoder, *cases.weighed())
    chain = replace(small_model.chain, learned=both, trust=0.8)
    return replace(small_model, chain=chain)


@pytest.fixture(scope="module", params=["line", "both", "cut off"])
def model(
    request: pytest.FixtureRequest, small_model: PlacementModel, by_both: PlacementModel
) -> PlacementModel:
    if request.param == "line":
        return small_model
    if request.param == "both":
        return by_both
    steep = replace(by_both.chain.recalibration, slopes=(25.0, 30.0))
    return replace(by_both, chain=replace(by_both.chain, recalibration=steep))


def some_pairs(past: Past, count: int = 150) -> pd.DataFrame:
    """Pairs of a season to come, some with gaps, some as the past never showed them."""
    pairs = past.next.pairs.iloc[:: len(past.next.pairs) // count].head(count)
    pairs = pairs.reset_index(drop=True).astype({"field": object, "firm": object})
    pairs.loc[::7, "mark"] = np.nan
    pairs.loc[::11, "field"] = "never seen"
    pairs.loc[::13, "minutes"] = 500.0
    pairs.loc[::5, "firm"] = "never seen"
    return pairs


def over_all_orders(odds: Any, row: Numbers, usual: Numbers) -> Numbers:
    """The Shapley shares as they are defined, over all sets of features."""
    count = len(row)
    sets = np.arange(2**count)
    own = (sets[:, None] >> np.arange(count)) & 1 == 1
    value, size = odds(np.where(own, row, usual)), own.sum(axis=1)
    heavy = np.array([factorial(s) * factorial(count - s - 1) for s in range(count)])
    found = np.empty(count)
    for number in range(count):
        without = sets[~own[:, number]]
        gain = value[without | (1 << number)] - value[without]
        found[number] = (gain * heavy[size[without]]).sum() / factorial(count)
    return found


NUMBER = st.one_of(st.none(), st.floats(-20, 120), st.sampled_from([0.0, 3.0, 30.0]))
ROWS = st.fixed_dictionaries(
    {
        "way": NUMBER,
        "colour": st.sampled_from(["red", "blue", "green", "grey", "never seen", None]),
        "mark": NUMBER,
        "sign": st.sampled_from([0, 1, None]),
        "town": st.sampled_from([*"abcdefghij", "z", None]),
    }
)


@settings(max_examples=40)
@given(case=ROWS, usual=ROWS)
@pytest.mark.parametrize("way", [way.name for way in WAYS])
def test_shares_are_the_mean_of_all_orders(
    five: Cases, learned: dict[str, Learned], way: str, case: dict[str, Any], usual: dict[str, Any]
) -> None:
    """Against any other case, whatever is missing in either, for lines and trees."""
    row, other = (
        five.encoder.values({name: [value] for name, value in given.items()})
        for given in (case, usual)
    )
    true = over_all_orders(learned[way].log_odds, row[0], other[0])
    assert _of_learned(learned[way], row, other[0])[0] == pytest.approx(true, abs=1e-9)


def test_shares_of_the_district_are_the_mean_of_all_orders(
    small_past: Past, by_both: PlacementModel
) -> None:
    """All eleven features, the scorecard's part among them."""
    encoder = by_both.encoder
    values = encoder.values(some_pairs(small_past))[[0, 7, 26, 55]]
    shares = learned_shares(by_both.chain, encoder, values)
    for row, share in zip(values, shares, strict=True):
        true = over_all_orders(by_both.chain.raw, row, encoder.usual)
        assert share == pytest.approx(true, abs=1e-9)


def test_a_lines_shares_are_exact_to_the_end(small_past: Past, small_model: PlacementModel) -> None:
    """Firm and all, where recalibration has one slope."""
    chain = small_model.chain
    even = replace(chain.recalibration, slopes=(0.8, 0.8))
    model = replace(small_model, chain=replace(chain, recalibration=even))
    pairs = some_pairs(small_past)
    values, firm = model.encoder.values(pairs), model.firm_numbers(pairs)
    found = reasons(model, pairs)
    usual = np.append(model.encoder.usual, -1)

    def odds(rows: Numbers) -> Numbers:
        return model.chain.log_odds(rows[:, :-1], rows[:, -1].astype(np.int64))

    for row in (1, 2, 14):
        assert firm[row] >= 0
        true = over_all_orders(odds, np.append(values[row], firm[row]), usual)
        assert found.shares[row] == pytest.approx(true, abs=1e-9)


def test_shares_add_up(small_past: Past, model: PlacementModel) -> None:
    """From the usual case to the pair: nothing is left over."""
    pairs = some_pairs(small_past)
    found = reasons(model, pairs)
    away = found.log_odds - found.usual_log_odds
    assert found.shares.sum(axis=1) == pytest.approx(away, abs=1e-8)
    assert found.chance == pytest.approx(model.chances(pairs), abs=1e-15)
    usual = pd.DataFrame([found.usual[:-1]], columns=list(found.names[:-1]))
    assert model.chances(usual)[0] == pytest.approx(found.usual_chance, abs=1e-15)


def test_a_reason_taken_away_moves_the_chance_as_stated(
    small_past: Past, model: PlacementModel
) -> None:
    """The chance is worked out anew from a table in which that one thing is as usual."""
    pairs = some_pairs(small_past)
    found, changes = reasons(model, pairs), model.contributions(pairs)
    odds = logit(model.chances(pairs))
    assert tuple(changes) == found.names == (*model.encoder.names, "firm")
    for number, (name, usual) in enumerate(zip(found.names, found.usual, strict=True)):
        without = model.chances(pairs.assign(**{name: usual}))
        # A chance so near to 1 that it was cut off has lost some digits by then.
        assert expit(odds - changes[name]) == pytest.approx(without, abs=1e-9)
        assert found.without[:, number] == pytest.approx(without, abs=1e-12)


def test_what_is_as_usual_is_no_reason(small_past: Past, model: PlacementModel) -> None:
    pairs = some_pairs(small_past)
    usual = dict(zip(model.encoder.names, model.encoder.features, strict=True))
    plain = pairs.assign(firm="never seen", **{name: one.usual for name, one in usual.items()})
    found = reasons(model, plain)
    assert not found.shares.any()
    assert found.of(0) == ()
    assert all(not change.any() for change in model.contributions(plain).values())
    # And of other pairs just what differs is named, the weightiest first.
    changed = reasons(model, plain.assign(minutes=3.0, mark=4.9)).of(0)
    assert {reason.name for reason in changed} == {"minutes", "mark"}
    assert abs(changed[0].share) >= abs(changed[1].share)
    assert {(one.name, one.value, one.usual) for one in changed} == {
        ("minutes", 3.0, usual["minutes"].usual),
        ("mark", 4.9, usual["mark"].usual),
    }


def test_no_share_goes_against_a_declared_direction(
    small_past: Past, by_both: PlacementModel
) -> None:
    """More than usual of what is good counts for, never against, whatever else there is."""
    values = by_both.encoder.values(some_pairs(small_past))
    shares = learned_shares(by_both.chain, by_both.encoder, values)
    away = np.nan_to_num(values - by_both.encoder.usual)
    known = ~np.isnan(values)
    assert bool((shares * np.sign(away) * by_both.encoder.directions >= -1e-12)[known].all())


def test_a_firm_is_a_reason_where_the_model_knows_it(
    small_past: Past, small_model: PlacementModel
) -> None:
    pairs = some_pairs(small_past)
    known = small_model.firm_numbers(pairs) >= 0
    assert 0 < known.mean() < 1
    found = reasons(small_model, pairs)
    assert bool((found.shares[known, -1] != 0).all())
    assert not found.shares[~known, -1].any()
    assert found.values[~known, -1].tolist() == [None] * int((~known).sum())
    assert found.values[known, -1].tolist() == pairs["firm"][known].astype(str).tolist()
    nowhere = reasons(small_model, pairs.drop(columns="firm"))
    assert not nowhere.shares[:, -1].any()


def test_one_tree_by_hand() -> None:
    """A leaf of 4 that needs both: each alone brings 1 or 0, so they share it 2.5 to 1.5."""
    nodes = np.zeros(5, dtype=PREDICTOR_RECORD_DTYPE)
    # Node 0 asks for the first feature, node 2 for the second; 1, 3 and 4 are leaves.
    nodes["feature_idx"], nodes["num_threshold"] = [0, 0, 1, 0, 0], 0.5
    nodes["left"], nodes["right"] = [1, 0, 3, 0, 0], [2, 0, 4, 0, 0]
    nodes["is_leaf"], nodes["value"] = [0, 1, 0, 1, 1], [0, 0, 0, 1, 4]
    tree = SimpleNamespace(nodes=nodes, raw_left_cat_bitsets=np.zeros((0, 8), dtype=np.uint32))
    fitted = SimpleNamespace(
        _predictors=[[tree]],
        _preprocessor=None,
        n_features_in_=2,
        decision_function=lambda rows: np.zeros(len(rows)),
    )
    rows = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [np.nan, np.nan]])
    shares = _of_trees(fitted, rows, np.zeros(2))
    assert shares.tolist() == [[2.5, 1.5], [1, 0], [0, 0], [2.5, 1.5]]


def test_trees_without_categories_and_without_splits_are_borne() -> None:
    random = np.random.default_rng(1)
    numbers = Declaration((one("x", Kind.NUMBER), one("y", Kind.NUMBER)), Columns("won"))
    table = {"x": random.random(600), "y": random.random(600)}
    won = (random.random(600) < expit(3 * table["x"] * table["y"])).astype(np.float64)
    encoder = Encoder.of(numbers, table)
    values = encoder.values(table)
    for way in (Branching(rounds=10), Branching(rounds=3, smallest_leaf=600)):
        trees = way.learn(encoder, values, won, np.ones(600))
        shares = _of_learned(trees, values[:50], encoder.usual)
        away = trees.log_odds(values[:50]) - trees.log_odds(encoder.usual[None])
        assert shares.sum(axis=1) == pytest.approx(away, abs=1e-12)


def test_a_kept_model_gives_the_same_reasons(small_past: Past, by_both: PlacementModel) -> None:
    pairs = some_pairs(small_past, 20)
    again, before = reasons(model_of(model_bytes(by_both)), pairs), reasons(by_both, pairs)
    assert np.array_equal(again.shares, before.shares)
    assert np.array_equal(again.without, before.without)


def test_many_rows_are_explained_like_one(small_past: Past, by_both: PlacementModel) -> None:
    pairs = pd.concat([some_pairs(small_past, 60)] * 20, ignore_index=True)
    found = reasons(by_both, pairs)
    assert found.shares[-60:] == pytest.approx(found.shares[:60], abs=1e-12)
    assert reasons(by_both, pairs.head(0)).shares.shape == (0, 12)


def test_any_declaration_is_explained() -> None:
    """No firm, no person, and a column of which nothing was ever known."""
    table = history().assign(blank=None, never="")
    features = (*FIVE.features, one("blank", Kind.NUMBER), one("never", Kind.CATEGORY))
    model = train(table, Declaration(features, Columns("started")))
    found = reasons(model, table.head(30))
    assert found.names == (*FIVE.names, "blank", "never")
    assert found.usual[-2:] == (None, None)
    assert found.shares.sum(axis=1) == pytest.approx(found.log_odds - found.usual_log_odds)
    assert not found.shares[:, -2:].any()
    blanks = model.encoder.features[-2].shown(model.encoder.values(table.head(2))[:, -2])
    assert blanks == [None, None]


@pytest.mark.parametrize(
    ("kind", "column", "usual"),
    [
        (Kind.NUMBER, [1, 2, 9, None], 2.0),
        (Kind.CATEGORY, ["b", "a", "b", None], "b"),
        (Kind.FLAG, [1, 1, 0, None], 1.0),
        (Kind.FLAG, [1, 0], 0.0),
        (Kind.NUMBER, [None, None], None),
    ],
)
def test_usual_is_the_middle_or_the_most_frequent(
    kind: Kind, column: list[object], usual: object
) -> None:
    encoder = Encoder.of(Declaration((one("x", kind),), Columns("y")), {"x": column})  # type: ignore[dict-item]
    assert encoder.features[0].usual == usual


def test_an_unknown_way_of_learning_is_not_explained_away(five: Cases) -> None:
    class Guess:
        def log_odds(self, values: Numbers) -> Numbers:
            return np.zeros(len(values))

    with pytest.raises(TypeError, match="Guess"):
        _of_learned(Guess(), five.values, five.encoder.usual)


def test_missing_columns_are_named(small_past: Past, small_model: PlacementModel) -> None:
    with pytest.raises(NotUsable):
        reasons(small_model, some_pairs(small_past).drop(columns="mark"))
