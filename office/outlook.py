"""How many placements may it become? The plan's outlook: a range, and how likely each stretch is.

Every number is a difference of `matching.chance.at_least`, as the chance of the target is, so the
picture and that chance can't contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from matching.chance import at_least
from matching.plan import Plan
from matching.problem import Problem

#: The chance that the number of placements lies within the range that is told.
WITHIN = 0.9

#: About how many stretches the picture has.
_STRETCHES = 36

#: What of each tail the picture leaves out.
_TAIL = 0.002


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many people placed in the end, `low` to `high`, both included; and how likely that is."""

    low: int
    high: int
    chance: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many people are placed in the end, those placed already among them.

    With a chance of at least `within` it is from `low` to `high`; each end lies beyond with at
    most half of the rest. The target begins with a stretch: none lies on both sides of `wanted`.
    `chance` is that of the target, with the model's error.
    """

    wanted: int
    base: int
    placed: int
    low: int
    high: int
    within: float
    chance: float
    stretches: tuple[Stretch, ...]


def outlook(problem: Problem, plan: Plan, within: float = WITHIN) -> Outlook:
    """The outlook of a plan."""
    chances = problem.candidates.chance[plan.rows]
    most = len(chances)
    among = at_least(chances, problem.spread)
    told = cache(lambda count: 0.0 if count > most else among(count))
    tail = (1 - within) / 2
    placed, need = problem.placed_already, problem.need
    low = _last(lambda count: told(count) >= 1 - tail, most)
    high = _last(lambda count: told(count + 1) > tail, most) + 1 if most else 0
    return Outlook(
        wanted=placed + need,
        base=problem.base,
        placed=placed,
        low=placed + low,
        high=placed + min(high, most),
        within=within,
        chance=told(need),
        stretches=_stretches(told, need, most, placed),
    )


def _last(holds: Callable[[int], bool], most: int) -> int:
    """The last of 0..most where a condition that once fails stays failed still holds; else 0."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _stretches(
    at_least: Callable[[int], float], need: int, most: int, placed: int
) -> tuple[Stretch, ...]:
    first = _last(lambda count: at_least(count) >= 1 - _TAIL, most)
    last = min(most, _last(lambda count: at_least(count) > _TAIL, most))
    width = _width((last - first + 1) / _STRETCHES)
    start = need + (first - need) // width * width
    stretches = []
    for low in range(start, last + 1, width):
        high = min(low + width - 1, most)
        chance = at_least(max(low, 0)) - at_least(high + 1)
        stretches.append(Stretch(placed + max(low, 0), placed + high, max(0.0, chance)))
    return tuple(stretches)


def _width(least: float) -> int:
    """The first of 1, 2, 5, 10, 20, 50, ... that is no less."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= least:
                return step * power
        power *= 10
