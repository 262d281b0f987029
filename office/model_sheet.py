"""What does a page show of a model? Its card, audit and drift, read back from what was kept.

They are kept as plain facts, and a card comes with a file that somebody handed in: what is not as
`models.card`, `models.fairness` and `models.drift` write it is `None` here, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, TypeVar

import numpy as np

from models.alike import Share
from models.card import Card, Season
from models.declaration import Direction, Kind, Known
from models.drift import Drift, FeatureDrift, Held, Promise, Verdict, promise
from models.evaluation import Scores
from models.fairness import Group
from models.gaps import Gap, Measure
from models.gaps import Verdict as GapVerdict
from office.suppression import is_small

__all__ = [
    "Ahead", "AuditSheet", "Card", "Drift", "FeatureDrift", "Gap", "GapVerdict", "Group", "Held",
    "Measure", "Share", "Verdict", "ahead_of", "read_audit", "read_card", "read_drift",
    "season_counts",
]  # fmt: skip

Facts = Mapping[str, Any]
_T = TypeVar("_T")

#: What a card says of the unknown outcomes.
_RATES = ("unknown_none", "unknown_weighed", "unknown_all", "known_only")


@dataclass(frozen=True, slots=True)
class Ahead:
    """How a model of the seasons before did in a season: what it promised, what came."""

    season: str
    scores: Scores
    promise: Promise


@dataclass(frozen=True, slots=True)
class AuditSheet:
    """An audit's groups of at least five people, and what differs beyond the tolerance.

    `kept_back` says whether there are smaller groups, which nobody is told.
    """

    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    tolerance: float
    kept_back: bool
    invented: bool


def read_card(facts: Facts) -> Card | None:
    """A model's card; `None` for one that this version can't read."""
    return _read(_card, facts)


def read_audit(facts: Facts | None) -> AuditSheet | None:
    """The audit that a model was taken in with; `None` without one, or for one that is none."""
    return None if facts is None else _read(_audit, facts)


def read_drift(facts: Facts | None) -> Drift | None:
    """How far a plan's pairs were from the history; `None` where that was not kept."""
    return None if facts is None else _read(_drift, facts)


def ahead_of(card: Card) -> tuple[Ahead, ...]:
    """What was promised of each season ahead of time, what came, and whether it was held.

    All of a season's proposals count with their mean chance, so that the promise under a good or a
    bad season is a little wide.
    """
    found = []
    for season, scores in card.ahead.items():
        started = round(scores.rows * scores.share_started)
        outcome = (np.arange(scores.rows) < started).astype(np.float64)
        told = promise(np.full(scores.rows, scores.mean_chance), outcome, card.spread)
        if told is not None:
            found.append(Ahead(season, scores, told))
    return tuple(found)


def season_counts(card: Card) -> tuple[tuple[str, int, int | None, int | None, float], ...]:
    """Of each season: rows, known outcomes, starts and its shift; small counts are `None`.

    Where one part of a season's rows is small the others would tell it by subtracting.
    """
    found = []
    for season, one in card.seasons.items():
        parts = (one.started, one.known - one.started, one.rows - one.known)
        told = not any(is_small(part) for part in parts)
        known, started = (one.known, one.started) if told else (None, None)
        found.append((season, one.rows, known, started, one.shift))
    return tuple(found)


def _read(build: Callable[[Facts], _T], facts: Facts) -> _T | None:
    try:
        return build(facts)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None


def _number(value: Any) -> float:
    found = float(value)
    if not isfinite(found):
        raise ValueError(value)
    return found


def _perhaps(value: Any) -> float | None:
    return None if value is None else _number(value)


def _numbers(told: Facts) -> dict[str, float]:
    return {str(name): _number(value) for name, value in told.items()}


def _share(told: Facts | None) -> Share | None:
    if told is None:
        return None
    return Share(*(_number(told[one.name]) for one in fields(Share)))


def _card(told: Facts) -> Card:
    below, above = map(_number, told["slopes"])
    rates = _numbers(told["rates_if"])
    return Card(
        made=str(told["made"]),
        history=str(told["history"]),
        features={str(name): _feature(one) for name, one in told["features"].items()},
        rows=int(told["rows"]),
        known=int(told["known"]),
        people=int(told["people"]),
        firms=int(told["firms"]),
        seasons={
            str(name): Season(
                int(one["rows"]), int(one["known"]), int(one["started"]), _number(one["shift"])
            )
            for name, one in told["seasons"].items()
        },
        rates_if={name: rates[name] for name in _RATES},
        odds_if_unknown=_number(told["odds_if_unknown"]),
        learner=str(told["learner"]),
        losses=_numbers(told["losses"]),
        trust=_number(told["trust"]),
        slopes=(below, above),
        level=_number(told["level"]),
        spread=_number(told["spread"]),
        season_spread=_number(told["season_spread"]),
        firms_spread=_number(told["firms_spread"]),
        sure=_number(told["sure"]),
        ahead={str(name): _scores(one) for name, one in told["ahead"].items()},
        invented=bool(told["invented"]),
        versions={str(name): str(one) for name, one in told["versions"].items()},
    )


def _feature(told: Facts) -> dict[str, str]:
    """A feature as a card has it; whatever has no words is refused."""
    return {
        "kind": Kind(told["kind"]).value,
        "direction": Direction(told["direction"]).value,
        "known": Known(told["known"]).value,
        "why": str(told["why"]),
    }


def _scores(told: Facts) -> Scores:
    scores = Scores(
        rows=int(told["rows"]),
        mean_chance=_number(told["mean_chance"]),
        share_started=_number(told["share_started"]),
        brier=_number(told["brier"]),
        log_loss=_number(told["log_loss"]),
        area=_perhaps(told["area"]),
        calibration_error=_number(told["calibration_error"]),
    )
    if not (0 < scores.mean_chance < 1 and 0 <= scores.share_started <= 1 and scores.rows < 1e8):
        raise ValueError(scores)
    return scores


def _audit(told: Facts) -> AuditSheet:
    groups = [_group(one) for one in told["groups"]]
    shown = tuple(one for one in groups if not is_small(one.people))
    names = {(one.traits, one.labels) for one in shown}
    return AuditSheet(
        groups=shown,
        gaps=tuple(gap for gap in map(_gap, told["gaps"]) if (gap.traits, gap.labels) in names),
        tolerance=_number(told["tolerance"]),
        kept_back=len(shown) < len(groups),
        invented=bool(told["invented"]),
    )


def _labels(told: Any) -> tuple[str | None, ...]:
    return tuple(None if one is None else str(one) for one in told)


def _group(told: Facts) -> Group:
    shares = ("chosen", "promised", "started", "missed", "mistaken")
    return Group(
        tuple(map(str, told["traits"])),
        _labels(told["labels"]),
        int(told["people"]),
        int(told["rows"]),
        _perhaps(told["unknown"]),
        *(_share(told[name]) for name in shares),
    )


def _gap(told: Facts) -> Gap:
    return Gap(
        tuple(map(str, told["traits"])),
        _labels(told["labels"]),
        Measure(told["measure"]),
        _share(told["difference"]),
        GapVerdict(told["verdict"]),
    )


def _drift(told: Facts) -> Drift:
    return Drift(
        rows=int(told["rows"]),
        people=int(told["people"]),
        features=tuple(
            FeatureDrift(
                str(one["name"]),
                Verdict(one["verdict"]),
                _perhaps(one["index"]),
                _number(one["by_chance"]),
                *(_number(one[f"{what}_{when}"]) for what, when in _SHARES),
            )
            for one in told["features"]
        ),
        started_then=_number(told["started_then"]),
        promised_now=_perhaps(told["promised_now"]),
        firms_unknown=_perhaps(told["firms_unknown"]),
        promise=None,
    )


_SHARES = (("outside", "then"), ("outside", "now"), ("unknown", "then"), ("unknown", "now"))
