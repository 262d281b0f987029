"""How often do a back-test's intervals hold the truth? Invented pasts, one seed after the other.

    python -m benchmarks.backtest district|scarce SEED [SEED ...]

prints one line of JSON a seed and policy (the plan's own gain is against each rival, seasons taken
together and each by itself): what was estimated, the interval, the truth, and whether it was held;
how far the pairs were such as were proposed, and the verdict. The last line counts over all seeds.
The truth is the sum of the true chances of what a policy takes, season's shift included.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.measure import timed
from data.sample.history import PLENTIFUL, SCARCE, Past, World, past
from models.backtest import RIVALS, BackTest, Comparison, Policy, back_test, compared
from models.declaration import district_declaration
from models.doubly_robust import Estimate
from office.backtesting import engine_plan

Line = dict[str, object]


def truths(made: Past, found: BackTest) -> dict[str, dict[Policy, float]]:
    """The true expected starts of each policy, by season."""
    history = made.history.assign(truth=made.chance)
    first = history[history["earlier_proposals"] == 0].groupby("season")["truth"].sum()
    seasons = {str(one.pairs["season"].iloc[0]): one for one in made.seasons}
    return {
        one.name: {
            **{policy: float(own @ seasons[one.name].chance) for policy, own in one.shares.items()},
            Policy.HAPPENED: float(first[int(one.name)]),
        }
        for one in found.seasons
    }


def lines(seed: int, found: Comparison, truth: dict[Policy, float]) -> Iterator[Line]:
    """What was estimated of each policy and each gain, and whether the truth was held."""
    for policy in Policy:
        yield {
            **_line(seed, found.name, policy, found.values[policy], truth[policy]),
            **(_overlap(found, policy) if policy in found.overlaps else {}),
        }
    for rival in RIVALS:
        gain = found.gains[rival]
        true = truth[Policy.PLAN] - truth[rival]
        yield {
            **_line(seed, found.name, f"plan - {rival}", gain.estimate, true),
            "verdict": gain.verdict,
            "cases": round(min(gain.more.cases, gain.less.cases or np.inf), 1),
        }


def _line(seed: int, season: str | None, what: str, found: Estimate, truth: float) -> Line:
    return {
        "seed": seed,
        "season": season,
        "what": what,
        "estimate": round(found.value, 1),
        "low": round(found.low, 1),
        "high": round(found.high, 1),
        "truth": round(truth, 1),
        "held": found.low <= truth <= found.high,
    }


def _overlap(found: Comparison, policy: Policy) -> Line:
    own = found.overlaps[policy]
    return {
        "pairs": round(own.pairs, 1),
        "proposed": round(own.proposed, 1),
        "cases": round(own.cases, 1),
        "shown": round(own.share_shown or 0.0, 3),
        "weight_of_due": round(own.weight / own.due, 3),
    }


def one_seed(world: World, seed: int) -> list[Line]:
    """Everything of one seed."""
    made = past(seed, world)
    pairs = pd.concat([one.possible for one in made.seasons], ignore_index=True)
    declaration = district_declaration()
    seconds, found = timed(lambda: back_test(made.history, pairs, declaration, engine_plan))
    truth = truths(made, found)
    told = [
        line
        for one in found.seasons
        for line in lines(seed, compared((one,), one.name), truth[one.name])
    ]
    together = {policy: sum(one[policy] for one in truth.values()) for policy in Policy}
    told += lines(seed, compared(found.seasons), together)
    return [*told, {"seed": seed, "seconds": round(seconds, 1)}]


def counted(told: list[Line]) -> Line:
    """Over seeds: how often the truth was held, how wide, how far off on average."""
    kinds: dict[str, list[Line]] = defaultdict(list)
    for line in told:
        if "what" in line:
            kinds[f"{line['what']} {'together' if line['season'] is None else 'a season'}"].append(
                line
            )
    return {kind: _counted(pd.DataFrame(own)) for kind, own in kinds.items()}


def _counted(own: pd.DataFrame) -> Line:
    verdicts = own["verdict"].value_counts().to_dict() if "verdict" in own else {}
    return {
        "held": f"{int(own['held'].sum())}/{len(own)}",
        "mean_truth": round(float(own["truth"].mean()), 1),
        "mean_error": round(float((own["estimate"] - own["truth"]).mean()), 1),
        "half_width": round(float((own["high"] - own["low"]).mean() / 2), 1),
        **{str(key): count for key, count in verdicts.items()},
    }


def main() -> None:
    """Measure the seeds asked for."""
    world = {"district": PLENTIFUL, "scarce": SCARCE}[sys.argv[1]]
    told: list[Line] = []
    for seed in map(int, sys.argv[2:]):
        own = one_seed(world, seed)
        told += own
        for line in own:
            print(json.dumps(line), flush=True)
    print(json.dumps(counted(told), indent=1))


if __name__ == "__main__":
    main()
