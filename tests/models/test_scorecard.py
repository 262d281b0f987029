"""Does the scorecard say what it documents, and nothing else?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorecard import WEIGHTS, Scorecard, Weight

CARD = Scorecard()

# Any number that a column can hold, unknown and absurd ones included.
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-5, 160)
ROWS = st.lists(st.tuples(*[NUMBERS] * len(CARD.columns)), min_size=1, max_size=20)


def table(rows: list[tuple[float, ...]]) -> dict[str, np.ndarray]:
    return dict(zip(CARD.columns, np.array(rows, dtype=np.float64).T, strict=True))


def proposal(**changed: float) -> dict[str, np.ndarray]:
    """A good proposal: the first wish, 20 minutes away, the certificate just met."""
    features = {"wish": 1.0, "fit": 1.0, "minutes": 20.0, "certificate_margin": 0.0}
    features |= {"applied_before": 0.0} | changed
    return {name: np.array([value]) for name, value in features.items()}


@given(ROWS)
def test_chances_lie_strictly_between_0_and_1(rows: list[tuple[float, ...]]) -> None:
    chances = CARD.chances(table(rows))
    assert chances.dtype == np.float64
    assert bool(np.all((chances > 0) & (chances < 1)))


def test_no_weight_makes_a_chance_certain() -> None:
    """A chance of 1 would count as a placement already made."""
    heavy = Scorecard(weights=(Weight("x", "x", 1000.0, -1, 1, 0, "an absurd card"),))
    never, always = heavy.chances({"x": [-1.0, 1.0]})
    assert 0 < never < 1e-5
    assert 1 - 1e-5 < always < 1


@given(ROWS)
def test_the_reasons_add_up(rows: list[tuple[float, ...]]) -> None:
    """To the last bit: whoever adds up what a page shows gets the chance that it shows."""
    total = np.full(len(rows), CARD.base)
    for share in CARD.contributions(table(rows)).values():
        total += share
    assert np.array_equal(total, CARD.log_odds(table(rows)))
    assert np.allclose(np.log(CARD.chances(table(rows))), -np.log1p(np.exp(-total)))


@given(ROWS, st.sampled_from(WEIGHTS), st.floats(0, 200))
def test_monotone_in_the_stated_direction(
    rows: list[tuple[float, ...]], weight: Weight, more: float
) -> None:
    """More of a feature moves no chance against the sign of its points."""
    columns = table(rows)
    known = np.nan_to_num(columns[weight.feature])
    before = CARD.chances(columns | {weight.feature: known})
    after = CARD.chances(columns | {weight.feature: known + more})
    assert bool(np.all((after - before) * np.sign(weight.points) >= 0))


@given(st.sampled_from(WEIGHTS))
def test_every_weight_matters(weight: Weight) -> None:
    """Strictly, between its bounds; else the law above could hold for a card of zeros."""
    low = CARD.chances(proposal(**{weight.feature: weight.lowest}))
    high = CARD.chances(proposal(**{weight.feature: weight.highest}))
    assert (high > low) == (weight.points > 0)
    assert high != low


@given(ROWS)
def test_no_other_column_is_read(rows: list[tuple[float, ...]]) -> None:
    """A protected trait beside the declared columns changes nothing, whatever it holds."""
    declared = table(rows)
    beside = declared | {"sex": np.array(["?"] * len(rows)), "nationality": np.zeros(3)}
    assert np.array_equal(CARD.chances(declared), CARD.chances(beside))


def test_rows_are_independent_of_each_other() -> None:
    """Longer than one slice of the work, so that slices join without a seam."""
    many = 150_000
    minutes = np.linspace(0, 200, many)
    columns = {name: np.broadcast_to(column, many) for name, column in proposal().items()}
    chances = CARD.chances(columns | {"minutes": minutes})
    for row in (0, 65_535, 65_536, 131_072, many - 1):
        assert chances[row] == CARD.chances(proposal(minutes=minutes[row]))[0]


@pytest.mark.parametrize(
    ("changed", "chance"),
    [
        ({}, 0.5),
        ({"wish": 0.0, "fit": 0.0, "minutes": 75.0}, 0.1),
        ({"wish": 0.0}, 0.33),
        ({"certificate_margin": 1.0}, 0.54),
        ({"applied_before": 1.0}, 0.45),
        ({"minutes": 80.0}, 0.35),
    ],
)
def test_calibrated_as_documented(changed: dict[str, float], chance: float) -> None:
    assert CARD.chances(proposal(**changed))[0] == pytest.approx(chance, abs=0.006)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_what_is_not_known_counts_as_stated(weight: Weight) -> None:
    unknown = CARD.chances(proposal(**{weight.feature: float("nan")}))
    assert unknown == CARD.chances(proposal(**{weight.feature: weight.unknown}))


def test_a_data_frame_is_read_alike() -> None:
    """With the missing values and types that tables come in."""
    frame = pd.DataFrame(proposal()).assign(
        applied_before=pd.array([None], dtype="boolean"),
        certificate_margin=pd.array([2], dtype="Int64"),
    )
    columns = proposal(applied_before=float("nan"), certificate_margin=2.0)
    assert CARD.chances(frame) == CARD.chances(columns)
    objects = columns | {"applied_before": np.array([None], dtype=object)}
    assert CARD.chances(objects) == CARD.chances(columns)


def test_an_empty_table_has_no_chances() -> None:
    assert CARD.chances({name: np.empty(0) for name in CARD.columns}).shape == (0,)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match="minutes, certificate_margin"):
        CARD.chances({"wish": [1.0], "fit": [1.0], "applied_before": [0.0]})


def test_columns_of_unequal_length_are_named() -> None:
    with pytest.raises(ValueError, match=r"differ in length.*'minutes': 2"):
        CARD.chances(proposal() | {"minutes": np.zeros(2)})


def test_the_table_given_is_left_alone() -> None:
    """The work is done in place to save memory, never in the caller's columns."""
    columns = proposal(minutes=500.0, applied_before=float("nan"))
    before = {name: column.copy() for name, column in columns.items()}
    CARD.chances(columns)
    CARD.contributions(columns)
    for name, column in columns.items():
        assert np.array_equal(column, before[name], equal_nan=True)


def test_a_faulty_card_is_refused() -> None:
    wish = WEIGHTS[0]
    with pytest.raises(ValueError, match="one name"):
        Scorecard(weights=(wish, wish))
    with pytest.raises(ValueError, match="out of range"):
        Scorecard(spread=-0.1)
    with pytest.raises(ValueError, match="not finite"):
        Weight("x", "x", float("nan"), 0, 1, 0, "why")
    with pytest.raises(ValueError, match="out of order"):
        Weight("x", "x", 1.0, 0, 1, 2, "why")
