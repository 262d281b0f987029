"""Does the demo's model learn from what a house like it would have kept, and from nobody real?"""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from data.store.seasons import season_of
from models.declaration import district_declaration
from models.saving import model_of
from office.demo_chances import TRAIT, DemoModel, demo_history, demo_model

TODAY = date(2026, 11, 22)


@cache
def made() -> DemoModel:
    return demo_model(TODAY)


@pytest.mark.parametrize("today", [TODAY, date(2026, 9, 30), date(2026, 10, 1)])
def test_the_past_is_that_of_the_seasons_before_todays(today: date) -> None:
    seasons = sorted(set(demo_history(today)["season"]))
    assert len(seasons) == 3 and season_of(today) not in seasons
    assert int(seasons[-1][:4]) == int(season_of(today)[:4]) - 1


def test_it_is_the_same_every_time_and_all_of_it_invented() -> None:
    history = demo_history(TODAY)
    pd.testing.assert_frame_equal(history, demo_history(TODAY))
    assert history["invented"].all() and len(history) > 1_000


def test_its_columns_are_those_of_the_house() -> None:
    """What the house is not told is blank; its areas and months are within the house's own."""
    history = demo_history(TODAY)
    assert history[["mark", "accompanied"]].isna().all().all()
    assert set(history["field"]) == set("123456789")
    assert history["months_left"].between(0, 11).all()
    assert history["wish"].between(0, 1).all() and history["minutes"].between(10, 90).all()
    assert np.isin(history["started"].dropna(), (0, 1)).all()
    assert TRAIT not in district_declaration().names


def test_the_model_is_small_and_says_that_it_is_invented() -> None:
    model = model_of(made().content)
    assert len(made().content) < 2_000_000
    assert model.columns and TRAIT not in model.columns
    assert b'"invented": true' in made().card and b'"groups"' in made().audit
