"""Is a history read as it is, refused where it teaches nothing, and weighed where it is silent?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sample.history import Past
from models.cases import ODDS_IF_UNKNOWN, cases_of
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

PLAIN = Declaration(
    (Feature("x", Kind.NUMBER, Direction.NONE, Known.PROPOSAL, "for the test"),),
    Columns("started", "season", "person", "firm"),
)


def history(rows: int = 200, seed: int = 0, **changed: Any) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    started = (random.random(rows) < 1 / (1 + np.exp(-x))).astype(float)
    columns = {"x": x, "started": started, "season": np.arange(rows) % 3 + 2022}
    columns |= {"person": np.arange(rows), "firm": np.arange(rows) % 10}
    return columns | changed


def flaws(table: dict[str, Any]) -> set[Flaw]:
    with pytest.raises(NotUsable) as refusal:
        cases_of(table, PLAIN)
    return {finding.flaw for finding in refusal.value.findings}


def with_unknown(unknown: int = 100) -> dict[str, Any]:
    table = history()
    table["started"][:unknown] = np.nan
    return table


@settings(max_examples=25)
@given(st.floats(0, 10), st.floats(0, 10))
def test_the_likelier_an_unknown_start_the_more_it_counts(one: float, other: float) -> None:
    low, high = sorted((one, other))
    few = cases_of(with_unknown(), PLAIN, low).started
    many = cases_of(with_unknown(), PLAIN, high).started
    assert bool((few <= many + 1e-12).all())


def test_the_bounds_are_nobody_and_everybody() -> None:
    """Stated assumptions at their ends: each unknown outcome is none, or is a start."""
    for odds, bound in ((0.0, 0.0), (float("inf"), 1.0)):
        started = cases_of(with_unknown(), PLAIN, odds).started[:100]
        assert started == pytest.approx(np.full(100, bound))


def test_what_is_known_stays() -> None:
    table = with_unknown()
    assert np.array_equal(cases_of(table, PLAIN).started[100:], table["started"][100:])


def test_the_published_shares_come_out() -> None:
    """63 % of the known started: then 21 % of the unknown count as started."""
    table = history(rows=3_000)
    table["x"] = np.zeros(3_000)
    table["started"] = np.where(np.arange(3_000) % 100 < 63, 1.0, 0.0)
    table["started"][::7] = np.nan
    cases = cases_of(table, PLAIN)
    assert cases.started[~cases.known].mean() == pytest.approx(0.21, abs=0.005)
    assert pytest.approx(0.1561, abs=1e-4) == ODDS_IF_UNKNOWN


def test_a_person_counts_as_a_whole() -> None:
    """Several rows of one lost person share one chance of a start: nobody starts twice."""
    table = history(rows=400)
    table["x"], table["started"] = np.zeros(400), np.tile([0.0, 1.0], 200)
    table["started"][:6], table["person"][:6] = np.nan, [1, 1, 1, 1, 1, 2]
    started = cases_of(table, PLAIN).started[:6]
    assert started[5] < started[:5].sum() < 1
    assert started[0] == pytest.approx(started[4])


def test_weights_of_an_unknown_outcome_add_up_to_one() -> None:
    cases = cases_of(with_unknown(), PLAIN)
    values, outcome, weight = cases.weighed()
    assert len(values) == len(outcome) == 300
    assert weight.sum() == pytest.approx(200)
    assert weight @ outcome == pytest.approx(cases.started.sum())


def test_lost_people_are_about_as_often_started_as_is_true(small_past: Past) -> None:
    """In the invented past the truth is known: the weighing comes nearer to it than leaving out."""
    cases = cases_of(small_past.history, district_declaration())
    truth = small_past.started.mean()
    left_out = small_past.history["started"].mean()
    assert abs(cases.started.mean() - truth) < 0.3 * abs(left_out - truth)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (history(started=np.ones(200)), {Flaw.ONE_CLASS}),
        (history(started=np.zeros(200)), {Flaw.ONE_CLASS}),
        (history(started=np.full(200, np.nan)), {Flaw.ONE_CLASS}),
        (history(rows=5, started=[0, 1, 0, 1, 0]), {Flaw.TOO_FEW}),
        (history(started=np.append(np.zeros(197), np.ones(3))), {Flaw.TOO_FEW}),
        (history(started=np.full(200, 0.5)), {Flaw.OUTCOME_NOT_BINARY}),
        (history(started=["perhaps"] * 200), {Flaw.OUTCOME_NOT_BINARY}),
        (history(season=[None] * 200), {Flaw.SEASON_UNKNOWN}),
        (history(x=["far"] * 200), {Flaw.NOT_A_NUMBER}),
        ({"x": [1.0]}, {Flaw.COLUMN_MISSING}),
        (history(rows=0), {Flaw.ONE_CLASS}),
    ],
)
def test_what_teaches_nothing_is_refused(table: dict[str, Any], found: set[Flaw]) -> None:
    assert flaws(table) == found


def test_a_feature_that_is_the_outcome_is_refused() -> None:
    """Whatever its declaration says: nothing that is known in time tells that much."""
    assert flaws(history() | {"x": history()["started"]}) == {Flaw.TELLS_THE_OUTCOME}
    filled_in_after_a_start = np.where(history()["started"] == 1, 3.0, np.nan)
    assert flaws(history() | {"x": filled_in_after_a_start}) == {Flaw.TELLS_THE_OUTCOME}


def test_a_category_that_is_the_outcome_is_refused() -> None:
    word = Feature("x", Kind.CATEGORY, Direction.NONE, Known.PROPOSAL, "for the test")
    declaration = Declaration((word,), Columns("started"))
    started = history()["started"]
    with pytest.raises(NotUsable):
        cases_of({"x": np.where(started == 1, "signed", "open"), "started": started}, declaration)
    everybody_their_own = [f"word {number}" for number in range(200)]
    assert len(cases_of({"x": everybody_their_own, "started": started}, declaration)) == 200


def test_constant_columns_teach_nothing_and_harm_nothing() -> None:
    assert len(cases_of(history(x=np.ones(200)), PLAIN)) == 200


def test_seasons_stand_in_order_of_time() -> None:
    cases = cases_of(history(season=np.tile(["2024", "2022"], 100)), PLAIN)
    assert cases.seasons == ("2022", "2024")
    assert cases.season[:2].tolist() == [1, 0]


def test_people_without_a_name_are_each_their_own() -> None:
    person = pd.Series([None] * 10 + ["p"] * 190)
    cases = cases_of(pd.DataFrame(history(person=person)), PLAIN)
    assert len(np.unique(cases.person)) == 11


def test_firms_without_a_name_are_none() -> None:
    firm = pd.Series(["a"] * 199 + [None])
    assert cases_of(history(firm=firm), PLAIN).firm[-2:].tolist() == [0, -1]
