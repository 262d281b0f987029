"""How is a model kept? As one file that says its own hash, and is read without running anything.

The first line names the format and the SHA-256 of the rest; a file of which one byte changed is
refused before anything is read from it. The rest is written by skops, which builds only types that
it knows or that `TYPES` allows; all other things of ours are kept as words, numbers and columns.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import skops.io

from models.declaration import (
    Columns,
    Declaration,
    Direction,
    Feature,
    Finding,
    Flaw,
    Kind,
    Known,
    NotUsable,
)
from models.features import Encoded, Encoder
from models.learners import Learned, Line, Mean, Trees
from models.placement import Chain, Evidence, PlacementModel, Prior
from models.recalibration import Recalibration

_FIRST = b"uebergang model 1 sha256="

#: All that a file may hold beside plain values and scikit-learn's and numpy's own.
TYPES = frozenset(
    {
        "functools.partial",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
        "sklearn.utils.validation.check_array",
    }
)


def model_bytes(model: PlacementModel) -> bytes:
    """The file of a model."""
    chain, halves = _chain_parts(model.chain), [_chain_parts(half) for half in model.halves]
    parts = {
        "declaration": {
            "features": [
                {key: str(value) for key, value in asdict(one).items()}
                for one in model.declaration.features
            ],
            "columns": asdict(model.declaration.columns),
        },
        "encoder": [
            {f.name: getattr(one, f.name) for f in fields(one) if f.name != "feature"}
            for one in model.encoder.features
        ],
        "chain": chain,
        "halves": halves,
        "evidence": {name: getattr(model.evidence, name) for name in ("tree", "cases", "started")},
        **{name: getattr(model, name) for name in _PLAIN},
    }
    written: bytes = skops.io.dumps(parts)
    return _FIRST + hashlib.sha256(written).hexdigest().encode() + b"\n" + written


def model_hash(data: bytes) -> str:
    """The SHA-256 of a whole model file, as a registry keeps it."""
    return hashlib.sha256(data).hexdigest()


def model_of(data: bytes) -> PlacementModel:
    """Read a model's file.

    Raises `NotUsable`: `MODEL_CHANGED` where the hash doesn't fit, `MODEL_UNREADABLE` for what is
    no model's file, or holds a type that is not allowed (named).
    """
    first, _, written = data.partition(b"\n")
    if not first.startswith(_FIRST):
        raise NotUsable((Finding(Flaw.MODEL_UNREADABLE),))
    if hashlib.sha256(written).hexdigest().encode() != first.removeprefix(_FIRST):
        raise NotUsable((Finding(Flaw.MODEL_CHANGED),))
    try:
        strange = set(skops.io.get_untrusted_types(data=written)) - TYPES
        if strange:
            raise NotUsable((Finding(Flaw.MODEL_UNREADABLE, value=min(strange)[:80]),))
        return _model(skops.io.loads(written, trusted=sorted(TYPES)))
    except NotUsable:
        raise
    except Exception as error:
        # Whatever a file that fits its own hash holds: it is no model of ours.
        what = type(error).__name__
        raise NotUsable((Finding(Flaw.MODEL_UNREADABLE, value=what),)) from error


_PLAIN = ("learner", "losses", "firms", "seasons", "cases", "known", "share_started")


def _chain_parts(chain: Chain) -> dict[str, Any]:
    return {
        "learned": _learned_parts(chain.learned),
        "trust": chain.trust,
        "prior": {"base": chain.prior.base, "columns": chain.prior.columns},
        "recalibration": {
            one.name: getattr(chain.recalibration, one.name) for one in fields(Recalibration)
        },
    }


def _learned_parts(learned: Learned) -> dict[str, Any]:
    if isinstance(learned, Line):
        return {"way": "line", "base": learned.base, "weights": learned.weights}
    if isinstance(learned, Trees):
        return {"way": "trees", "fitted": learned.fitted}
    if isinstance(learned, Mean):
        return {"way": "mean", "parts": [_learned_parts(part) for part in learned.parts]}
    raise TypeError(type(learned).__name__)


def _model(parts: dict[str, Any]) -> PlacementModel:
    declaration = Declaration(
        tuple(
            Feature(
                one["name"],
                Kind(one["kind"]),
                Direction(one["direction"]),
                Known(one["known"]),
                one["why"],
            )
            for one in parts["declaration"]["features"]
        ),
        Columns(**parts["declaration"]["columns"]),
    )
    known = zip(declaration.features, parts["encoder"], strict=True)
    encoder = Encoder(tuple(Encoded(feature, **one) for feature, one in known))
    one, other = (_chain(half, encoder) for half in parts["halves"])
    return PlacementModel(
        declaration=declaration,
        encoder=encoder,
        chain=_chain(parts["chain"], encoder),
        halves=(one, other),
        evidence=Evidence(encoder, **parts["evidence"]),
        **{name: parts[name] for name in _PLAIN},
    )


def _chain(parts: dict[str, Any], encoder: Encoder) -> Chain:
    return Chain(
        _learned(parts["learned"], encoder),
        parts["trust"],
        Prior(**parts["prior"]),
        Recalibration(**parts["recalibration"]),
    )


def _learned(parts: dict[str, Any], encoder: Encoder) -> Learned:
    if parts["way"] == "line":
        return Line(encoder, parts["base"], np.asarray(parts["weights"], dtype=np.float64))
    if parts["way"] == "trees":
        return Trees(parts["fitted"])
    return Mean(tuple(_learned(part, encoder) for part in parts["parts"]))
