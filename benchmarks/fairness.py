"""Does the audit flag planted bias, and nothing else? Invented seasons, one seed after the other.

    python -m benchmarks.fairness KIND SEED [SEED ...]

prints one line of JSON a seed, and at the end in how many of them what was flagged. The kinds:

- `fair`: nobody is discriminated against; the group, a trait of four values that means nothing, and
  both crossed are audited. Every flag is a false alarm.
- `short`: as `fair`, three seasons of 500 people.
- `slight`, `outcomes`: the group's log-odds of starting are lowered by 0.25 and 0.5, in the past
  that the model learns from and is audited on.
- `chances`: outcomes are fair, but the chances to be judged are lowered by 0.4 for the group.
- `redlined`: outcomes are fair, but the chances are lowered by 0.6 in the four fields that the
  group wishes for most.
- `choice`: outcomes and chances are fair, but one in four of the group's chosen pairs is left out.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np
from scipy.special import expit

from benchmarks.measure import timed
from data.sample.history import PLENTIFUL, Past, World, past
from data.sample.stream import Stream
from models.ablation import apart, levelled, top
from models.cases import cases_of
from models.declaration import district_declaration
from models.fairness import CHOSEN_SHARE, Audit, audit
from models.features import Flags, Numbers
from models.placement import PlacementModel, train

WORLDS = {
    "short": World(seasons=3, people=500, openings=780, each=20),
    "slight": World(discrimination=0.25),
    "outcomes": World(discrimination=0.5),
}

#: The fields that the group wishes for most.
FIELDS = ("0", "1", "6", "7")


def audited(kind: str, made: Past, model: PlacementModel, seed: int) -> Audit:
    """The audit of one kind of past."""
    history = made.history
    groups = history[["group"]]
    if kind in WORLDS:
        return audit(model, history, groups)
    if kind == "fair":
        people = int(history["person"].max()) + 1
        meaningless = Stream(1_000 + seed).below(people, 4)[history["person"].to_numpy()]
        return audit(model, history, groups.assign(meaningless=meaningless))
    odds, chosen = _fair_chances(made, model)
    mine = history["group"].to_numpy() == 1
    if kind == "chances":
        return audit(model, history, groups, chances=expit(odds - 0.4 * mine))
    if kind == "redlined":
        there = np.isin(history["field"].to_numpy(), FIELDS)
        return audit(model, history, groups, chances=expit(odds - 0.6 * there))
    kept = chosen & ~(mine & (Stream(2_000 + seed).uniform(len(odds)) < 0.25))
    return audit(model, history, groups, chances=expit(odds), chosen=kept)


def _fair_chances(made: Past, model: PlacementModel) -> tuple[Numbers, Flags]:
    cases = cases_of(made.history, model.declaration)
    odds = levelled(apart(model, cases)[0], cases)
    return odds, top(odds, cases.season, CHOSEN_SHARE)


def one_seed(kind: str, seed: int) -> dict[str, object]:
    """Everything of one seed: each measure of the group, and all that was flagged."""
    made = past(seed, WORLDS.get(kind, PLENTIFUL))
    model = train(made.history, district_declaration())
    seconds, found = timed(lambda: audited(kind, made, model, seed))
    mine = [gap for gap in found.gaps if gap.labels == ("1",) and gap.traits == ("group",)]
    shown = {
        str(gap.measure): [
            round(gap.difference.value, 4), round(gap.difference.low, 4),
            round(gap.difference.high, 4), str(gap.verdict),
        ]
        for gap in mine
        if gap.difference is not None
    }  # fmt: skip
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        **shown,
        "proxy": round(found.proxies[0].area.value, 3),
        "comparisons": found.comparisons,
        "flagged": sorted(
            f"{'+'.join(gap.traits)} {gap.labels} {gap.measure}" for gap in found.flagged
        ),
        "measures": sorted({str(gap.measure) for gap in found.flagged}),
    }


def main() -> None:
    """Measure the seeds asked for."""
    kind, seeds = sys.argv[1], [int(seed) for seed in sys.argv[2:]]
    flagged: Counter[str] = Counter()
    for seed in seeds:
        told = one_seed(kind, seed)
        flagged.update(["any"] if told["flagged"] else [])
        flagged.update(map(str, told.pop("measures")))  # type: ignore[call-overload]
        print(json.dumps(told), flush=True)
    print(json.dumps({"kind": kind, "seeds": len(seeds), "flagged_in": dict(flagged)}))


if __name__ == "__main__":
    main()
