"""Does the model in force keep its word? What plans promised, and what came of it by now.

A plan's pairs are counted by how they ended. What is not answered yet is no refusal: refusals come
sooner than contracts, so that nothing is judged while more than `MOST_OPEN` of a plan is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from data.store.chance_models import ModelLine, SwitchLine
from data.store.progress import Course, Stage
from models.drift import Promise, promise
from office.held_to import HeldTo
from office.suppression import is_small

#: The largest share of a plan without an answer at which its promise is judged.
MOST_OPEN = 0.1

_CAME, _ENDED = (Stage.CONTRACT, Stage.STARTED), (Stage.DECLINED, Stage.WITHDRAWN)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PastPromise:
    """A plan that was in force: what it promised, and what came of its own pairs by now.

    `model` is the number of the model that it was drawn by, `None` for a scorecard. `expected` is
    what its chances add up to, `held_to` is there for learned chances. `came` counts contracts and
    starts, `still_open` what nobody has answered yet; either is `None` where it would tell of fewer
    than five people. `judged` is `None` while too much is open.
    """

    plan: int
    season: str
    at: datetime
    model: int | None
    proposals: int
    expected: float
    held_to: HeldTo | None
    came: int | None
    still_open: int | None
    judged: Promise | None


@dataclass(frozen=True, slots=True)
class ModelState:
    """Where chances come from now, and how they did.

    `active` is the model in force with its card, `None` for the scorecard; its calibration by
    season stands in the card (`ahead`), that by group in the audit that it was taken in with
    (`audit`). `drift` is that of the season's last plan drawn by this model, `drift_of` that plan's
    run. `promises` are of the plans that were in force, the newest first.
    """

    is_manual: bool
    active: ModelLine | None
    switches: tuple[SwitchLine, ...]
    drift: Mapping[str, Any] | None
    drift_of: int | None
    promises: tuple[PastPromise, ...]

    @property
    def audit(self) -> Mapping[str, Any] | None:
        """The audit by group that the model was taken in with."""
        return None if self.active is None else self.active.card.get("audit")


def past_promise(
    plan: int,
    season: str,
    at: datetime,
    model: int | None,
    result: Mapping[str, Any],
    proposed: Mapping[Pair, float],
    courses: Sequence[Course],
    spread: float,
) -> PastPromise:
    """What came of a plan's pairs; `proposed` are their chances, `spread` is the model's own."""
    stages = {(one.pseudonym, one.place): one.stage for one in courses}
    pairs = list(proposed)
    came = np.array([stages.get(pair) in _CAME for pair in pairs], dtype=bool)
    ended = np.array([stages.get(pair) in _ENDED for pair in pairs], dtype=bool)
    still_open = ~came & ~ended
    outcome = np.where(came, 1.0, np.where(ended, 0.0, np.nan))
    chances = np.array([proposed[pair] for pair in pairs], dtype=np.float64)
    counts = [int(one.sum()) for one in (came, ended, still_open)]
    # A count that is told and a small one beside it would tell the small one.
    told = not any(is_small(count) for count in counts)
    judge = told and len(pairs) > 0 and counts[2] <= MOST_OPEN * len(pairs)
    return PastPromise(
        plan=plan,
        season=season,
        at=at,
        model=model,
        proposals=len(pairs),
        expected=float(result["expected"]),
        held_to=HeldTo.read(result),
        came=counts[0] if told else None,
        still_open=counts[2] if told else None,
        judged=promise(chances, outcome, spread) if judge else None,
    )
