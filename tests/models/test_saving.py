"""Does a kept model come back as it was, and does no changed or foreign file come in?"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sample.history import Past
from models.card import card_of, history_hash
from models.cases import cases_of
from models.declaration import Flaw, NotUsable, district_declaration
from models.learners import Both, Branching
from models.placement import PlacementModel
from models.saving import _FIRST, model_bytes, model_hash, model_of


@pytest.fixture(scope="module")
def kept(small_model: PlacementModel) -> bytes:
    return model_bytes(small_model)


def flaw(data: bytes) -> Flaw:
    with pytest.raises(NotUsable) as refusal:
        model_of(data)
    return refusal.value.findings[0].flaw


def with_its_hash(written: bytes) -> bytes:
    return _FIRST + hashlib.sha256(written).hexdigest().encode() + b"\n" + written


def test_a_model_comes_back_as_it_was(
    small_past: Past, small_model: PlacementModel, kept: bytes
) -> None:
    """To the last bit, in all that can be asked of it."""
    again, pairs = model_of(kept), small_past.next.pairs.head(500)
    assert np.array_equal(again.chances(pairs), small_model.chances(pairs))
    assert np.array_equal(again.draws(pairs, 5), small_model.draws(pairs, 5))
    for one, other in zip(again.halves, small_model.halves, strict=True):
        assert np.array_equal(again.chances_by(one, pairs), small_model.chances_by(other, pairs))
    mine, theirs = again.judge(pairs), small_model.judge(pairs)
    for name in ("chance", "low", "high", "cases", "started", "enough"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))
    assert again.declaration == small_model.declaration
    assert again.losses == small_model.losses


def test_trees_come_back_as_they_were(small_past: Past, small_model: PlacementModel) -> None:
    cases = cases_of(small_past.history, district_declaration())
    both = Both((Branching(rounds=5), Branching(rounds=3)))
    learned = both.learn(cases.encoder, *cases.weighed())
    model = replace(small_model, chain=replace(small_model.chain, learned=learned))
    pairs = small_past.next.pairs.head(300)
    assert np.array_equal(model_of(model_bytes(model)).chances(pairs), model.chances(pairs))


@settings(max_examples=60)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_no_changed_byte_goes_unseen(kept_once: bytes, where: float, by: int) -> None:
    at = int(where * len(kept_once))
    changed = bytearray(kept_once)
    changed[at] ^= by
    assert flaw(bytes(changed)) in {Flaw.MODEL_CHANGED, Flaw.MODEL_UNREADABLE}


@pytest.fixture(scope="module", name="kept_once")
def _kept_once(kept: bytes) -> bytes:
    return kept


@pytest.mark.parametrize("cut", [0, 10, 200, 5_000])
def test_a_file_cut_short_is_refused(kept: bytes, cut: int) -> None:
    assert flaw(kept[:cut]) in {Flaw.MODEL_CHANGED, Flaw.MODEL_UNREADABLE}


@pytest.mark.parametrize("data", [b"", b"\x80\x04pickle", b"uebergang model 1 sha256=\n", b"PK"])
def test_what_is_no_model_is_refused(data: bytes) -> None:
    assert flaw(data) in {Flaw.MODEL_CHANGED, Flaw.MODEL_UNREADABLE}


def test_a_type_that_is_not_allowed_is_refused_before_it_is_built() -> None:
    """The file fits its own hash, and still nothing of it is run."""
    written = skops.io.dumps({"made": date(2026, 1, 1), "run": hashlib.sha256})
    assert flaw(with_its_hash(written)) is Flaw.MODEL_UNREADABLE


@pytest.mark.parametrize("parts", [{}, {"declaration": 3}, [1, 2]])
def test_a_file_of_other_things_is_refused(parts: object) -> None:
    assert flaw(with_its_hash(skops.io.dumps(parts))) is Flaw.MODEL_UNREADABLE


def test_a_declaration_is_checked_on_the_way_back(small_model: PlacementModel, kept: bytes) -> None:
    """Nobody can slip a protected trait into a file and have it loaded."""
    parts = skops.io.loads(kept.partition(b"\n")[2], trusted=_types(kept))
    parts["declaration"]["features"][0]["name"] = "religion"
    assert flaw(with_its_hash(skops.io.dumps(parts))) is Flaw.TRAIT_PROTECTED
    assert small_model.declaration.names[0] == "wish"


def _types(kept: bytes) -> list[str]:
    found: list[str] = skops.io.get_untrusted_types(data=kept.partition(b"\n")[2])
    return found


def test_the_hash_names_one_file(kept: bytes) -> None:
    assert model_hash(kept) == hashlib.sha256(kept).hexdigest()


def test_a_card_tells_the_run(small_past: Past, small_model: PlacementModel) -> None:
    history = small_past.history
    card = card_of(small_model, history, "2026-11-01")
    assert card.invented
    assert card.rows == len(history)
    assert sum(season.rows for season in card.seasons.values()) == len(history)
    assert (
        sum(season.started for season in card.seasons.values()) == (history["started"] == 1).sum()
    )
    assert set(card.features) == set(district_declaration().names)
    rates = card.rates_if
    assert rates["unknown_none"] < rates["unknown_weighed"] < rates["unknown_all"]
    # The truth lies between the bounds, and near to what the stated assumption makes of it.
    truth = small_past.started.mean()
    assert rates["unknown_none"] <= truth <= rates["unknown_all"]
    assert rates["unknown_weighed"] == pytest.approx(truth, abs=0.01)
    assert card.facts()["seasons"]["2022"]["rows"] == card.seasons["2022"].rows


def test_the_hash_of_a_history_sees_every_cell_that_is_learned_from(small_past: Past) -> None:
    history, declaration = small_past.history, district_declaration()
    changed = history.copy()
    changed.loc[7, "mark"] = 1.7
    beside = history.assign(group=0)
    hashes = [history_hash(one, declaration) for one in (history, changed, beside)]
    assert hashes[0] != hashes[1]
    assert hashes[0] == hashes[2]
