"""What can be told of a plan that is kept? Its reasons, its proof, and how it stands today.

A run keeps columns, not what the rules look at: people and places are those of the store today,
under the numbers of the run. The plan is solved again, which gives the same plan with its prices
(`office.replay`); whoever came after it was drawn is not in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from data.store.runs import KeptRun
from matching.candidates import find_candidates
from matching.errors import Fault, FaultyInput, Rule
from matching.explain import Unplaced, shortfall, vacancies
from matching.plan import Plan, Result
from matching.policy import Steered
from matching.problem import Place, Problem, Seeker
from matching.reasons import NoProposal
from matching.target import Standing
from matching.verify import verify
from office.drawing import CANDIDATES, Drawn, Progress, Rate, left_out
from office.replay import replay


def solved_again(kept: KeptRun, progress: Progress | None = None) -> Steered:
    """A kept plan with its prices. Raises `FaultyInput` (`RUN_DAMAGED`) where another comes out."""
    steered = replay(kept, progress).steered
    if steered is None or not np.array_equal(steered.chosen.plan.rows, kept.run.rows):
        raise FaultyInput((Fault(Rule.RUN_DAMAGED, column="plan", value=str(kept.id)),))
    return steered


def drawn_of(
    kept: KeptRun,
    steered: Steered,
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    rates: Sequence[Rate],
    by_hand: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Drawn:
    """A kept plan with its reasons, as it was drawn; `rates` and who is `by_hand` are today's."""
    took = [one.seconds for one in (steered.reached, steered.chosen)]
    tell = progress or (lambda step, number: None)
    tell("reasons", 0)
    problem = _named(kept.run.problem, seekers, places)
    config = kept.run.config
    found = find_candidates(problem.seekers, problem.places, config.get("candidates", CANDIDATES))
    chosen = steered.chosen
    return Drawn(
        problem=problem,
        found=found,
        steered=steered,
        unplaced=left_out(problem, steered, found, by_hand),
        vacancies=tuple(vacancies(problem, chosen.plan)),
        shortfall=shortfall(problem, steered.reached),
        rates=tuple(rates),
        dropped=(),
        seconds={"solve": sum(one.solve + one.prices for one in took)},
    )


def today_of(
    drawn: Drawn, own: Rate, live: Mapping[str, str], openings: Mapping[str, int]
) -> Drawn:
    """The same plan with what still counts of it today: `live` says who may still go where.

    `own` are today's figures under the office's definition, `openings` those that are left.
    """
    target = replace(drawn.problem.target, base=own.base, placed=own.placed)
    places = tuple(
        replace(place, openings=openings.get(place.id, 0)) for place in drawn.problem.places
    )
    problem = replace(drawn.problem, target=target, places=places)
    reached, served = drawn.steered.reached, drawn.steered.served
    steered = replace(
        drawn.steered,
        reached=_as_of(problem, reached, live.keys(), live if served is None else None),
        served=None if served is None else _as_of(problem, served, live.keys(), live),
    )
    plan = steered.chosen.plan
    return replace(
        drawn,
        problem=problem,
        steered=steered,
        vacancies=tuple(vacancies(problem, plan)),
        shortfall=shortfall(problem, steered.reached),
    )


def without_who_left(drawn: Drawn, gone: Collection[str], by_hand: Collection[str]) -> Drawn:
    """Reasons gathered earlier, without those who withdrew since, objections as they are now."""
    return replace(
        drawn,
        unplaced=tuple(
            Unplaced(one.seeker, NoProposal.BY_HAND) if one.seeker in by_hand else one
            for one in drawn.unplaced
            if one.seeker not in gone
        ),
    )


def _as_of(
    problem: Problem, result: Result, people: Collection[str], pairs: Mapping[str, str] | None
) -> Result:
    """The rows of a plan that still count, recounted; bound and gap stay those of its day."""
    rows = result.plan.rows
    seekers = problem.candidates.seeker[rows].tolist()
    places = problem.candidates.place[rows].tolist()
    holds = [
        problem.seekers[s].id in people
        and (pairs is None or pairs.get(problem.seekers[s].id) == problem.places[p].id)
        for s, p in zip(seekers, places, strict=True)
    ]
    plan = Plan(rows[np.array(holds, dtype=np.bool_)])
    verdict = replace(verify(problem, plan), bound=result.verdict.bound, gap=result.verdict.gap)
    return replace(result, plan=plan, verdict=verdict)


def _named(problem: Problem, seekers: Sequence[Seeker], places: Sequence[Place]) -> Problem:
    """The run's problem with what the store knows today; who is there no more has withdrawn."""
    people = {one.id: one for one in seekers}
    offers = {one.id: one for one in places}
    return replace(
        problem,
        seekers=tuple(
            people.get(one.id, replace(one, standing=Standing.WITHDRAWN)) for one in problem.seekers
        ),
        places=tuple(
            replace(offers.get(one.id, one), openings=one.openings) for one in problem.places
        ),
    )
