"""Do learned chances keep their promise? Invented seasons of known truth, one seed after the other.

    python -m benchmarks.chances district|scarce SEED [SEED ...]

prints one line of JSON a seed: what a plan of learned chances promises, raw and honest, against
what it is truly worth, in the season as it was (`true`) and on average over seasons' shifts
(`mean_true`); its interval; its share of the plan of the true chances (`of_best`), the share
that whoever knew what the columns and firms truly say would get (`ceiling`), and whoever knew the
columns' truth but had to learn the firms from the same past (`with_true_columns`); first come first
served; and the promise of boosted trees on the known outcomes alone, as they are (`uncorrected`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks.measure import timed
from data.sample.history import PLENTIFUL, SCARCE, Season, World, past
from data.sample.stream import Indexes, Numbers, Stream
from matching.assignment import assignment_of
from matching.plan import Reach
from matching.problem import Candidates, Place, Problem, Seeker
from matching.solvers.flow import flow
from models.cases import cases_of
from models.declaration import district_declaration
from models.evaluation import calibration_error
from models.honest import honest_value
from models.learners import Branching
from models.placement import PlacementModel, train

#: The uncorrected rival: trees grown as one would without thinking of plans.
NAIVE = Branching(rounds=200, rate=0.04, leaves=12, smallest_leaf=60, penalty=2.0)

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)


def planner(season: Season) -> Callable[[Numbers], Indexes]:
    """The engine's plan of a season: chances to chosen rows."""
    seeker = season.pairs["seeker"].to_numpy(dtype=np.int32)
    place = season.pairs["place"].to_numpy(dtype=np.int32)
    seekers = tuple(Seeker(f"s{number}") for number in range(int(seeker.max()) + 1))
    places = tuple(Place(f"p{number}", int(room)) for number, room in enumerate(season.openings))

    def choose(chances: Numbers) -> Indexes:
        problem = Problem(seekers, places, Candidates(seeker, place, chances), invented=True)
        assignment = assignment_of(problem, Reach())
        return assignment.chosen_rows(flow(assignment))

    return choose


def first_come(season: Season, chances: Numbers, seed: int) -> Indexes:
    """One after the other takes the free place with the best chance."""
    seeker = season.pairs["seeker"].to_numpy()
    place = season.pairs["place"].to_numpy()
    people = int(seeker.max()) + 1
    start = np.searchsorted(seeker, np.arange(people + 1))
    left, rows = season.openings.copy(), []
    for person in Stream(seed).order(people).tolist():
        own = np.arange(start[person], start[person + 1])
        free = own[left[place[own]] > 0]
        if len(free):
            row = int(free[np.argmax(chances[free])])
            left[place[row]] -= 1
            rows.append(row)
    return np.array(rows, dtype=np.int64)


def worth(season: Season, rows: Indexes, world: World) -> tuple[float, float]:
    """The true expected placements: in this season, and on average over seasons' shifts."""
    odds = season.log_odds[rows]
    means = [expit(odds + world.shock * node).sum() for node in _NODES]
    return float(season.chance[rows].sum()), float(_WEIGHTS @ means / _WEIGHTS.sum())


def one_seed(world: World, seed: int) -> dict[str, float | str | bool]:
    """Everything of one seed."""
    made = past(seed, world)
    season, declaration = made.next, district_declaration()
    seconds, model = timed(lambda: train(made.history, declaration))
    choose, pairs = planner(season), season.pairs
    chances = model.chances(pairs)
    rows = choose(chances)
    honest = honest_value(model, pairs, choose)
    true, mean_true = worth(season, rows, world)
    drawn = Stream(seed).normal(200) * world.shock
    inside = [
        honest.low <= expit(season.log_odds[rows] + one).sum() <= honest.high for one in drawn
    ]
    best = worth(season, choose(season.chance), world)[0]
    flat = np.sqrt(1 + np.pi * world.hidden_people**2 / 8)
    told = expit((season.seen + season.of_firm + season.shock) / flat)
    recalibration = model.chain.recalibration
    share, variance = recalibration.shares(model.firm_numbers(pairs))
    guessed = expit((season.seen / flat + share) / np.sqrt(1 + np.pi * variance / 8))
    naive, naive_true = uncorrected(model, made.history, season, world, choose)
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "learner": model.learner,
        "raw": round(honest.raw, 1),
        "honest": round(honest.value, 1),
        "low": round(honest.low, 1),
        "high": round(honest.high, 1),
        "true": round(true, 1),
        "mean_true": round(mean_true, 1),
        "held": bool(honest.low <= true <= honest.high),
        "held_of_200_shifts": float(np.mean(inside)),
        "of_best": round(true / best, 4),
        "ceiling": round(worth(season, choose(told), world)[0] / best, 4),
        "with_true_columns": round(worth(season, choose(guessed), world)[0] / best, 4),
        "of_first_come": round(
            true / worth(season, first_come(season, chances, seed), world)[0], 4
        ),
        "uncorrected": round(naive / naive_true, 4),
        "calibration_error": round(calibration_error(chances, season.chance), 4),
        "calibration_error_without_shift": round(
            calibration_error(chances, expit(season.log_odds)), 4
        ),
        "spread": round(model.spread, 3),
    }


def uncorrected(
    model: PlacementModel,
    history: pd.DataFrame,
    season: Season,
    world: World,
    choose: Callable[[Numbers], Indexes],
) -> tuple[float, float]:
    """What plain trees promise for their own plan, and what it is worth on average."""
    cases = cases_of(history, model.declaration)
    known = cases.take(np.flatnonzero(cases.known))
    learned = NAIVE.learn(cases.encoder, known.values, known.started, np.ones(len(known)))
    chances = np.asarray(expit(learned.log_odds(model.encoder.values(season.pairs))))
    rows = choose(chances)
    return float(chances[rows].sum()), worth(season, rows, world)[1]


def main() -> None:
    """Measure the seeds asked for."""
    world = {"district": PLENTIFUL, "scarce": SCARCE}[sys.argv[1]]
    for seed in map(int, sys.argv[2:]):
        print(json.dumps(one_seed(world, seed)), flush=True)


if __name__ == "__main__":
    main()
