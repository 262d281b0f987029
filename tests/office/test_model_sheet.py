"""Is what was kept of a model read back as it was written, and whatever else it holds refused?"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sample.history import past
from models.card import Card
from models.drift import Held, drift
from models.fairness import audit
from office.demo_chances import TRAIT
from office.model_sheet import (
    ahead_of,
    read_audit,
    read_card,
    read_drift,
    season_counts,
)
from tests.office.learned import TINY, learned

FACTS = [one.name for one in fields(Card)]


def card_facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(learned().card)
    return facts


def test_a_card_comes_back_as_it_was_made() -> None:
    found = read_card(card_facts())
    assert isinstance(found, Card)
    assert json.loads(json.dumps(found.facts())) == card_facts()


@given(name=st.sampled_from(FACTS), other=st.sampled_from([
    None, "x", [], {"a": 1}, {"a": {"rows": "x"}}, float("nan"), [1, 2, 3],
]))  # fmt: skip
def test_a_strange_card_is_read_or_refused_and_breaks_nothing(name: str, other: object) -> None:
    """Whatever one of its facts is: the card comes with a file that somebody handed in."""
    found = read_card({**card_facts(), name: other})
    assert found is None or (ahead_of(found) is not None and season_counts(found) is not None)


@pytest.mark.parametrize("name", FACTS)
def test_a_card_without_one_of_its_facts_is_none(name: str) -> None:
    facts = card_facts()
    del facts[name]
    assert read_card(facts) is None


def test_promises_ahead_of_time_by_hand() -> None:
    """200 proposals, 50 started: Jeffreys' interval is 20.2 to 30.3 %; 40 % was promised."""
    facts = card_facts()
    scores = {"rows": 200, "mean_chance": 0.4, "share_started": 0.25, "brier": 0.2,
              "log_loss": 0.6, "area": None, "calibration_error": 0.15}  # fmt: skip
    found = read_card({**facts, "ahead": {"2025/26": scores}, "spread": 0.01})
    assert found is not None
    (one,) = ahead_of(found)
    assert (one.promise.rows, one.promise.started) == (200, 0.25)
    assert (one.promise.low, one.promise.high) == pytest.approx((0.2025, 0.3028), abs=5e-4)
    assert one.promise.verdict is Held.BROKEN
    wider = read_card({**facts, "ahead": {"2025/26": scores}, "spread": 0.5})
    assert wider is not None and ahead_of(wider)[0].promise.verdict is Held.SEASON


def test_small_counts_of_a_season_are_kept_back() -> None:
    """Three unknown of 100 would be told by 97 known; of 40, 10 and 50 nothing is small."""
    facts = card_facts()
    seasons = {
        "one": {"rows": 100, "known": 97, "started": 40, "shift": 0.0},
        "two": {"rows": 100, "known": 50, "started": 40, "shift": 0.1},
        "three": {"rows": 100, "known": 50, "started": 4, "shift": 0.1},
    }
    found = read_card({**facts, "seasons": seasons})
    assert found is not None
    assert season_counts(found) == (
        ("one", 100, None, None, 0.0),
        ("two", 100, 50, 40, 0.1),
        ("three", 100, None, None, 0.1),
    )


def test_an_audit_tells_of_no_group_of_fewer_than_five() -> None:
    history = past(3, TINY).history
    groups = history[["group"]].rename(columns={"group": TRAIT})
    facts = json.loads(json.dumps(audit(learned().model, history, groups).facts()))
    whole = read_audit(facts)
    assert whole is not None and not whole.kept_back
    assert [one.people for one in whole.groups] == [one["people"] for one in facts["groups"]]
    facts["groups"][0]["people"] = 4
    found = read_audit(facts)
    assert found is not None and found.kept_back
    hidden = (tuple(facts["groups"][0]["traits"]), tuple(facts["groups"][0]["labels"]))
    assert hidden not in {(one.traits, one.labels) for one in found.groups}
    assert hidden not in {(one.traits, one.labels) for one in found.gaps}
    assert read_audit({"groups": [{}]}) is None and read_audit(None) is None


def test_drift_comes_back_as_it_was_kept() -> None:
    history = past(3, TINY).history
    found = drift(learned().model, history)
    assert read_drift(json.loads(json.dumps(asdict(found)))) == found
    assert read_drift({"rows": 1}) is None and read_drift(None) is None
