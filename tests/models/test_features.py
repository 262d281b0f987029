"""Does a model see the declared columns, all of them, and nothing else?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration import (
    Columns,
    Declaration,
    Direction,
    Feature,
    Flaw,
    Kind,
    Known,
    NotUsable,
)
from models.features import Encoder

WHY = "for the test"


def one(name: str, kind: Kind, direction: Direction = Direction.NONE) -> Feature:
    return Feature(name, kind, direction, Known.PROPOSAL, WHY)


THREE = Declaration(
    (
        one("minutes", Kind.NUMBER, Direction.DOWN),
        one("field", Kind.CATEGORY),
        one("accompanied", Kind.FLAG),
    ),
    Columns("started"),
)
PAST: dict[str, Any] = {
    "minutes": [0.0, 10, 20, 30, 40],
    "field": list("aabbc"),
    "accompanied": [0, 1, 0, 1, 0],
}
ENCODER = Encoder.of(THREE, PAST)

NUMBERS = st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30)


def table(minutes: object, field: object = "a", accompanied: object = 0) -> dict[str, Any]:
    return {"minutes": [minutes], "field": [field], "accompanied": [accompanied]}


@given(NUMBERS, NUMBERS)
def test_a_linear_column_never_leaves_the_histories_range(
    seen: list[float], later: list[float]
) -> None:
    """Whatever comes later: a number beyond the history counts as its outermost."""
    declaration = Declaration((one("x", Kind.NUMBER),), Columns("y"))
    encoder = Encoder.of(declaration, {"x": np.clip(seen, -1e9, 1e9)})
    before = encoder.linear(encoder.values({"x": np.clip(seen, -1e9, 1e9)}))
    after = encoder.linear(encoder.values({"x": later}))
    names = [name for name in encoder.linear_names if not name.endswith("not known")]
    for number in range(len(names)):
        assert after[:, number].max() <= max(0, before[:, number].max()) + 1e-9
        assert after[:, number].min() >= min(0, before[:, number].min()) - 1e-9
    assert np.isfinite(after).all()


@given(st.lists(st.floats(0, 40), min_size=2, max_size=10))
def test_no_stretch_falls_as_its_number_rises(minutes: list[float]) -> None:
    """So that weights of one sign keep the declared direction."""
    rows = sorted(minutes)
    many: dict[str, Any] = {
        "minutes": rows,
        "field": ["a"] * len(rows),
        "accompanied": [0] * len(rows),
    }
    matrix = ENCODER.linear(ENCODER.values(many))
    assert bool((np.diff(matrix[:, :4], axis=0) >= 0).all())


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.floats(), max_size=4))
def test_a_column_outside_the_declaration_changes_nothing(beside: dict[str, float]) -> None:
    more: dict[str, Any] = {name: [value] for name, value in beside.items() if name not in PAST}
    assert np.array_equal(ENCODER.values(table(7)), ENCODER.values({**table(7), **more}))


def test_a_column_by_hand() -> None:
    assert ENCODER.values(table(25, "b", 1)).tolist() == [[25, 1, 1]]
    assert ENCODER.linear_names == (
        *("minutes 0 to 10", "minutes 10 to 20", "minutes 20 to 30", "minutes 30 to 40"),
        *("field=a", "field=b", "field=c", "accompanied 0 to 1"),
    )
    # Half of the third stretch, counted from the median 20; a stretch of 10 has a spread of 4.9.
    row = ENCODER.linear(ENCODER.values(table(25, "b", 1)))[0]
    assert row == pytest.approx(
        [0, 0, 5 / np.std([0, 0, 0, 10, 10]), 0, 0, 1, 0, 1 / 0.489898], 1e-5
    )


def test_directions_go_with_the_stretches() -> None:
    assert ENCODER.linear_directions.tolist() == [-1, -1, -1, -1, 0, 0, 0, 0]
    assert ENCODER.directions.tolist() == [-1, 0, 0]


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf"), "", " "])
def test_what_is_not_known_stands_for_the_middle(unknown: object) -> None:
    values = ENCODER.values(table(unknown))
    assert np.isnan(values[0, 0])
    assert np.array_equal(ENCODER.linear(values), ENCODER.linear(ENCODER.values(table(20))))


def test_an_unseen_word_is_strange_and_counts_for_nothing() -> None:
    assert ENCODER.strange(table(10, "z")).tolist() == [True]
    assert ENCODER.linear(ENCODER.values(table(10, "z")))[0, 4:7].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("minutes", "strange"), [(44, False), (45, True), (-5, True), (-3, False), (None, False)]
)
def test_a_number_far_outside_is_strange(minutes: float | None, strange: bool) -> None:
    assert ENCODER.strange(table(minutes)).tolist() == [strange]


@pytest.mark.parametrize("yes", [True, 1, "ja", "Yes", "TRUE"])
def test_flags_are_read_as_people_write_them(yes: object) -> None:
    assert ENCODER.values(table(10, "a", yes))[0, 2] == 1


@pytest.mark.parametrize(
    ("given_table", "flaw", "feature"),
    [
        (table("far"), Flaw.NOT_A_NUMBER, "minutes"),
        (table(10, "a", 2), Flaw.NOT_A_NUMBER, "accompanied"),
        (table(10, "a", "perhaps"), Flaw.NOT_A_NUMBER, "accompanied"),
        ({"minutes": [1.0], "field": ["a"]}, Flaw.COLUMN_MISSING, "accompanied"),
        (PAST | {"minutes": [1.0]}, Flaw.COLUMN_MISSING, None),
    ],
)
def test_what_cannot_be_read_is_named(
    given_table: dict[str, Any], flaw: Flaw, feature: str | None
) -> None:
    with pytest.raises(NotUsable) as refusal:
        ENCODER.values(given_table)
    assert [(f.flaw, f.feature) for f in refusal.value.findings] == [(flaw, feature)]


def test_constant_and_empty_columns_are_borne() -> None:
    empty: dict[str, Any] = {"minutes": [5, 5], "field": [None] * 2, "accompanied": [None, 1]}
    encoder = Encoder.of(THREE, empty)
    matrix = encoder.linear(encoder.values(table(9, "a", None)))
    assert np.isfinite(matrix).all()
    assert encoder.linear_names[1] == "field not known"


def test_tables_of_every_kind_are_read_alike() -> None:
    frame = pd.DataFrame(PAST).astype({"field": "category", "accompanied": "boolean"})
    assert np.array_equal(ENCODER.values(frame), ENCODER.values(PAST))
