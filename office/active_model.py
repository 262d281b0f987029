"""Which model gives the chances? The one in force, or the one that a kept run went by.

A model is read from the store once and kept by its hash, for all who ask. While people do without
chances, whatever must still be reckoned goes by the scorecard's stated weights, and is not shown.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from data.store.chance_models import in_force, model_content, model_named
from data.store.opening import Store
from matching.errors import Fault, FaultyInput, Rule
from models.saving import model_of
from models.scorecard import Scorecard
from office.drawing import ChanceModel
from office.learning_tables import about

#: So many models are kept in memory: the one in force, that of a plan, and one looked back at.
_MOST = 3


@dataclass(frozen=True, slots=True, eq=False)
class InUse:
    """A model of chances with its name: `hash` is that of its file, or of the scorecard's weights.

    `version` is its number in the registry, `None` for the scorecard. Chances of an `invented`
    past make a plan invented, too.
    """

    model: ChanceModel
    hash: str
    version: int | None = None
    invented: bool = False

    @property
    def facts(self) -> dict[str, object]:
        """How a run names it."""
        return {"version": self.version, "hash": self.hash}


class _Models:
    """The models that were read last, by hash: no two people wait for the same one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, ChanceModel] = OrderedDict()
        self._lock = Lock()

    def get(self, store: Store, digest: str, number: int) -> ChanceModel:
        """The model; raises as `model_content` and `model_of` do."""
        with self._lock:
            if digest not in self._kept:
                with about(Path(f"model {number}")):
                    self._kept[digest] = model_of(model_content(store, number))
            self._kept.move_to_end(digest)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            return self._kept[digest]


_MODELS = _Models()


def scorecard() -> InUse:
    """The stated weights, named by all that they are."""
    card = Scorecard()
    return InUse(card, hashlib.sha256(repr(card).encode()).hexdigest())


def active_model(store: Store) -> InUse:
    """The model in force, even while people do without; the scorecard where none is.

    Raises `FaultyInput` (`MODEL_DAMAGED`) and `UnusableFile` for one that can't be read any more.
    """
    now = in_force(store)
    if now.model is None or now.hash is None:
        return scorecard()
    return InUse(_MODELS.get(store, now.hash, now.model), now.hash, now.model, now.invented)


def model_of_run(store: Store, digest: str) -> InUse:
    """The model that a run went by; today's scorecard where the registry has none of that hash."""
    known = model_named(store, digest)
    if known is None:
        return scorecard()
    number, invented = known
    return InUse(_MODELS.get(store, digest, number), digest, number, invented)


def refuse_if_manual(store: Store) -> None:
    """Raise `FaultyInput` (`MANUAL_ON`) while people do without chances."""
    if in_force(store).is_manual:
        raise FaultyInput((Fault(Rule.MANUAL_ON),))
