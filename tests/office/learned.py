"""Which learned models do the tests of the desk take in? Small ones of an invented past."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from data.sample.history import World, past
from models.card import train_with_card
from models.declaration import district_declaration
from models.placement import PlacementModel
from models.saving import model_bytes

TINY = World(seasons=2, people=150, openings=200, each=10)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A model with its file and its card's."""

    model: PlacementModel
    content: bytes
    card: bytes


@cache
def learned(seed: int = 3) -> Made:
    """A model; another seed makes another one."""
    history = past(seed, TINY).history
    model, card = train_with_card(history, district_declaration(), "2026-11-22")
    return Made(model, model_bytes(model), json.dumps(card.facts()).encode())
