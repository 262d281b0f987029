"""What is to be known of a model? Its card: data, ways, scores and limits, as facts of the run.

Every figure of a card was counted when the model was made. The words around them are put at the
door.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from models.cases import ODDS_IF_UNKNOWN
from models.declaration import Declaration
from models.evaluation import Scores, scores_ahead
from models.features import Table
from models.placement import SURE, PlacementModel, train


@dataclass(frozen=True, slots=True)
class Season:
    """One past season as the history has it: rows, how many with a known outcome, how many started.

    `shift` is how far all its log-odds lay from what was learned.
    """

    rows: int
    known: int
    started: int
    shift: float


@dataclass(frozen=True, slots=True)
class Card:
    """The facts of one run.

    `made` is the day, as given; `history` a SHA-256 of the declared columns. `seasons` tells of the
    data, `ahead` how a model of the seasons before would have done in each, `losses` how the ways
    of learning compared, `learner` which one was taken. `rates_if` is the share started under the
    stated assumption on unknown outcomes and under its bounds (none of them, all of them).
    """

    made: str
    history: str
    features: Mapping[str, Mapping[str, str]]
    rows: int
    known: int
    people: int
    firms: int
    seasons: Mapping[str, Season]
    rates_if: Mapping[str, float]
    odds_if_unknown: float
    learner: str
    losses: Mapping[str, float]
    trust: float
    slopes: tuple[float, float]
    level: float
    spread: float
    season_spread: float
    firms_spread: float
    sure: float
    ahead: Mapping[str, Scores]
    invented: bool
    versions: Mapping[str, str]

    def facts(self) -> dict[str, Any]:
        """The card as plain words and numbers."""
        return asdict(self)


def train_with_card(
    history: Table, declaration: Declaration, made: str, odds_if_unknown: float = ODDS_IF_UNKNOWN
) -> tuple[PlacementModel, Card]:
    """Learn a model, and write down how. Raises as `train` does."""
    model = train(history, declaration, odds_if_unknown)
    return model, card_of(model, history, made, odds_if_unknown)


def card_of(
    model: PlacementModel, history: Table, made: str, odds_if_unknown: float = ODDS_IF_UNKNOWN
) -> Card:
    """The card of a model and the history that it was learned from."""
    table, names = pd.DataFrame(history), model.declaration.columns
    found = model.chain.recalibration
    outcome = pd.to_numeric(table[names.outcome], errors="coerce")
    features = {one.name: _of_feature(asdict(one)) for one in model.declaration.features}
    return Card(
        made=made,
        history=history_hash(table, model.declaration),
        features=features,
        rows=model.cases,
        known=model.known,
        people=int(table[names.person].nunique()) if names.person else model.cases,
        firms=len(model.firms),
        seasons=_seasons(model, table, outcome),
        rates_if={
            "unknown_none": float((outcome == 1).sum() / len(outcome)),
            "unknown_weighed": model.share_started,
            "unknown_all": float(((outcome == 1) | outcome.isna()).sum() / len(outcome)),
            "known_only": float(outcome.mean()),
        },
        odds_if_unknown=odds_if_unknown,
        learner=model.learner,
        losses=dict(model.losses),
        trust=model.chain.trust,
        slopes=found.slopes,
        level=found.level,
        spread=found.spread,
        season_spread=found.season_spread,
        firms_spread=float(np.sqrt(found.firms_variance)),
        sure=SURE,
        ahead=dict(scores_ahead(history, model.declaration)),
        invented="invented" in table and bool(table["invented"].any()),
        versions={name: version(name) for name in ("numpy", "scikit-learn", "scipy")},
    )


def _of_feature(feature: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in feature.items() if key != "name"}


def _seasons(
    model: PlacementModel, table: pd.DataFrame, outcome: pd.Series[Any]
) -> dict[str, Season]:
    name, shifts = model.declaration.columns.season, model.chain.recalibration.shifts.tolist()
    labels = model.seasons or ("",)
    where = table[name].astype(str) if name else pd.Series("", index=table.index)
    return {
        label: Season(
            rows=int((where == label).sum()),
            known=int(outcome[where == label].notna().sum()),
            started=int((outcome[where == label] == 1).sum()),
            shift=shift,
        )
        for label, shift in zip(labels, shifts, strict=True)
    }


def history_hash(history: Table, declaration: Declaration) -> str:
    """A SHA-256 of the columns that a model is learned from, and of no other."""
    table = pd.DataFrame(history)
    names = declaration.columns
    columns = (names.outcome, names.season, names.person, names.firm, *declaration.names)
    digest = hashlib.sha256(b"uebergang history 1")
    for name in columns:
        if name is not None:
            digest.update(f"|{name}|{len(table)}|".encode())
            digest.update("\x1f".join(map(str, table[name])).encode())
    return digest.hexdigest()
