"""Does a kept run come out the same again? Solved anew from its columns, figure by figure.

Kept is what the plan depends on, so the same solver must give the same plan, whatever the store
has become since. What differs is named: another plan, other prices, another bound, another problem.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from data.store.runs import KeptRun, Run
from matching.assignment import Solver
from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule
from matching.plan import Result, Serve
from matching.policy import Steered, steer
from matching.problem import Problem
from matching.solvers.flow import flow
from matching.solvers.jonker_volgenant import jonker_volgenant
from matching.solvers.linear_programme import linear_programme
from office.active_model import scorecard
from office.drawing import Progress

#: What the policy is asked for unless a run says otherwise; kept with each run.
POLICY: Mapping[str, Any] = {
    "confidence": None,
    "min_expected": None,
    "precision": 1e-3,
    "most_flows": 20,
}

#: The solvers by the name that a result has of them: two best plans may differ.
SOLVERS: Mapping[str, Solver] = {
    solver.__name__: solver for solver in (flow, jonker_volgenant, linear_programme)
}

_PACKAGES = ("uebergang", "ortools", "numpy", "scipy", "pyarrow")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise: as it was kept, and as it was found."""

    what: str
    kept: str
    found: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether a run came out the same; `unvouched` names what is not as the log says it was kept.

    `versions` names the libraries and the chance model that are not those of the day, kept and
    found: no difference in the plan, but where to look for the cause of one. `rows` is how many
    proposals came out, `steered` the plan anew, `None` where none is possible.
    """

    run: int
    unvouched: tuple[str, ...]
    differences: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    rows: int
    steered: Steered | None

    @property
    def witnessed(self) -> bool:
        """Whether the log vouches for every part of what was kept."""
        return not self.unvouched

    @property
    def same(self) -> bool:
        """Whether plan, prices and figures are those of the day, and the log vouches for it."""
        return self.witnessed and not self.differences


def run_of(
    problem: Problem,
    steered: Steered,
    season: str,
    config: Mapping[str, Any],
    model_hash: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> Run:
    """What a run must hold so that it can be replayed.

    `config` says how the candidates were found; nothing of a person may stand in it. The chance
    model goes by its `model_hash`, today's scorecard without one. `more` stands in the result
    beside the figures, and no replay looks at it.
    """
    result = steered.chosen
    return Run(
        season=season,
        problem=problem,
        rows=result.plan.rows,
        solver=result.solver,
        model_hash=model_hash or scorecard().hash,
        config={"policy": dict(POLICY), **config},
        versions=_versions(),
        result={**(more or {}), **_figures(problem, result)},
    )


def replay(
    kept: KeptRun, progress: Progress | None = None, model_hash: str | None = None
) -> Replay:
    """Solve a kept run again and compare; chances come from the model of `model_hash` today.

    Without one they come from the scorecard. The run has its own chances, and needs no model.
    Raises `FaultyInput` (`RUN_DAMAGED`) for a solver or a setting that there never was.
    """
    run = kept.run
    if run.solver not in SOLVERS:
        raise FaultyInput((Fault(Rule.RUN_DAMAGED, column="solver", value=str(kept.id)),))
    policy = {**POLICY, **run.config.get("policy", {})}
    if policy.keys() - POLICY.keys():
        raise FaultyInput((Fault(Rule.RUN_DAMAGED, column="config", value=str(kept.id)),))
    steered = _solved(run, policy, progress)
    rows = 0 if steered is None else len(steered.chosen.plan.rows)
    told = {**run.versions, "chance model": run.model_hash}
    here = {**_versions(), "chance model": model_hash or scorecard().hash}
    return Replay(
        run=kept.id,
        unvouched=kept.unvouched,
        differences=(
            (Difference("plan", str(len(run.rows)), "-"),)
            if steered is None
            else tuple(_differences(kept, steered.chosen))
        ),
        versions=tuple(
            Difference(name, then, here.get(name, "-"))
            for name, then in told.items()
            if here.get(name) != then
        ),
        rows=rows,
        steered=steered,
    )


def _solved(run: Run, policy: Mapping[str, Any], progress: Progress | None) -> Steered | None:
    """The run solved anew, or `None` if what was kept can't have led to any plan."""
    try:
        return steer(run.problem, solver=SOLVERS[run.solver], progress=progress, **policy)
    except (NoPlanPossible, FaultyInput):
        return None


def _differences(kept: KeptRun, found: Result) -> Iterator[Difference]:
    problem, rows, again = kept.run.problem, kept.run.rows, found.plan.rows
    if problem.fingerprint() != kept.fingerprint:
        yield Difference("fingerprint", kept.fingerprint, problem.fingerprint())
    if not np.array_equal(rows, again):
        lost, new = len(np.setdiff1d(rows, again)), len(np.setdiff1d(again, rows))
        yield Difference("plan", str(lost), str(new))
    for name, value in _figures(problem, found).items():
        if kept.run.result.get(name) != value:
            yield Difference(name, str(kept.run.result.get(name)), str(value))


def _figures(problem: Problem, result: Result) -> dict[str, Any]:
    """What came of a run, as JSON; floats keep every digit."""
    verdict = result.verdict
    return {
        "status": result.status.value,
        "maximised": "wishes" if isinstance(result.aim, Serve) else "expected",
        "proposals": verdict.placed,
        "expected": verdict.expected,
        "wishes": verdict.wishes,
        "bound": result.bound,
        "gap": result.gap,
        "base": problem.base,
        "placed_already": problem.placed_already,
        "rate": verdict.rate,
        "chance_of_target": verdict.chance_of_target,
        "chance_with_model_error": verdict.chance_with_model_error,
        "held_back": len(result.held_back),
        "prices": _digest(result.prices.seekers.tobytes() + result.prices.places.tobytes()),
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
