"""Which history do the tests of models learn from? A small invented one, learned from once."""

from __future__ import annotations

import pytest

from data.sample.history import Past, World, past
from models.declaration import district_declaration
from models.placement import PlacementModel, train

SMALL = World(seasons=3, people=500, openings=780, each=20)


@pytest.fixture(scope="session")
def small_past() -> Past:
    return past(3, SMALL)


@pytest.fixture(scope="session")
def small_model(small_past: Past) -> PlacementModel:
    return train(small_past.history, district_declaration())
