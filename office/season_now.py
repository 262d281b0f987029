"""How does the season stand today? Started, expected from what is out, from the plan; by groups.

People's standings are those of today; a proposal counts as long as its person looks, its place has
an opening, and nobody said no. Somebody with several counts once, with what has come furthest.
Every figure comes from `matching.verify`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from data.store.progress import OUT, Course, Stage
from matching.plan import Plan
from matching.problem import Candidates, Place, Problem, Seeker
from matching.target import DEFINITIONS, Standing, Target
from matching.verify import verify
from office.drawing import Rate, rate_of
from office.flow import Link
from office.groups import Group
from office.outlook import Outlook, outlook
from office.season_groups import Dimension
from office.suppression import is_small


@dataclass(frozen=True, slots=True)
class RateNow:
    """Today's figures under one definition; `out` and `planned` are expected placements.

    `of_out` is the chance of the target from what is out alone, `rate.chance_with_model_error`
    that from all of it. `outlook` tells where the season may end.
    """

    rate: Rate
    out: float
    planned: float
    of_out: float
    outlook: Outlook

    @property
    def wanted(self) -> int:
        """The target in people."""
        return self.outlook.wanted

    @property
    def expected(self) -> float:
        """How many are placed in the end, on average."""
        return self.rate.placed + self.out + self.planned

    @property
    def likely(self) -> bool:
        """Whether the target is expected to be reached, however surely."""
        return self.expected >= self.wanted


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many started from one Monday on to the Sunday before the next stretch; `total` by then.

    The first has no `since` where it holds those of whom no day is told.
    """

    since: date | None
    until: date
    started: int
    total: int


@dataclass(frozen=True, slots=True)
class Live:
    """Everybody's proposal that counts, and what happened to the rest of the plan.

    `fallen` counts those of the plan who look and were declined or withdrew, or whose place has no
    opening left; `newcomers` those who look and came after the plan was drawn.
    """

    counted: tuple[Course, ...]
    fallen: int
    newcomers: int
    without: int


@dataclass(frozen=True, slots=True, eq=False)
class SeasonNow:
    """What a planner asks every week. `rates` are in the order of `DEFINITIONS`.

    `stages` counts the proposals that count, by how far they came. Groups and weeks are told as
    `office.suppression` lets them. `shapes` are the municipalities of the map, as GeoJSON features,
    no official boundaries if `schematic`. `streams` lead from schools into fields of work. `as_of`
    is when all this was counted, where the store is newer.
    """

    season: str
    begins: date
    on: date
    invented: bool
    target: Target
    plan: int | None
    looking: int
    live: Live
    stages: Mapping[Stage, int]
    rates: tuple[RateNow, ...]
    groups: Mapping[Dimension, tuple[Group, ...]]
    weeks: tuple[Stretch, ...]
    shapes: tuple[Mapping[str, Any], ...] = ()
    schematic: bool = True
    streams: tuple[Link, ...] = ()
    as_of: datetime | None = None

    @property
    def own(self) -> RateNow:
        """The figures under the office's own definition."""
        return next(one for one in self.rates if one.rate.definition == self.target.definition)

    @property
    def share(self) -> Fraction:
        """The share that is to be placed."""
        return Fraction(self.target.share)

    def under(self, definition: str) -> RateNow:
        """The figures under one definition."""
        return next(one for one in self.rates if one.rate.definition == definition)

    def holds(self, one: RateNow) -> bool:
        """Whether the target holds with the wanted confidence."""
        return one.rate.chance_with_model_error >= self.target.confidence


def living(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    courses: Sequence[Course],
    known: frozenset[str] | None,
) -> Live:
    """Which proposals count; `known` are the people that the plan was drawn from, if there is one.

    Of several at one place, as many count as there are openings: what is out first, then by chance.
    """
    looking = {one.id for one in seekers if one.standing is Standing.LOOKING}
    left = {place.id: place.openings for place in places}
    alive = [
        one
        for one in courses
        if one.pseudonym in looking
        and (one.stage in OUT or (one.stage is Stage.PROPOSED and one.planned))
        and one.chance is not None
    ]
    alive.sort(key=lambda one: (one.stage not in OUT, -(one.chance or 0), one.pseudonym, one.place))
    counted: dict[str, Course] = {}
    for one in alive:
        if one.pseudonym not in counted and left.get(one.place, 0) > 0:
            left[one.place] -= 1
            counted[one.pseudonym] = one
    planned = {one.pseudonym for one in courses if one.planned}
    return Live(
        counted=tuple(counted[who] for who in sorted(counted)),
        fallen=len((planned & looking) - counted.keys()),
        newcomers=0 if known is None else len(looking - known - counted.keys()),
        without=len(looking - counted.keys()),
    )


def problem_of(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    live: Sequence[Course],
    target: Target,
    spread: float,
) -> Problem:
    """Today's people with just the proposals that count, so that they can be recounted."""
    number = {one.id: row for row, one in enumerate(seekers)}
    at = {one.id: row for row, one in enumerate(places)}
    rows = sorted((number[one.pseudonym], at[one.place], one.chance or 0.0) for one in live)
    candidates = Candidates(
        np.array([row[0] for row in rows], dtype=np.int32),
        np.array([row[1] for row in rows], dtype=np.int32),
        np.array([row[2] for row in rows], dtype=np.float64),
    )
    return Problem(tuple(seekers), tuple(places), candidates, target, spread=spread)


def rates_now(problem: Problem, live: Sequence[Course]) -> tuple[RateNow, ...]:
    """Today's figures under each definition, the plan's and those of what is out alone."""
    everything = Plan(np.arange(len(problem.candidates), dtype=np.int64))
    # By itself: beside the rest of the plan everybody in that would count as left out.
    out = [one for one in live if one.stage in OUT]
    sent = problem_of(problem.seekers, problem.places, out, problem.target, problem.spread)
    all_sent = Plan(np.arange(len(sent.candidates), dtype=np.int64))
    found = []
    for name, definition in DEFINITIONS.items():
        own = problem.target.definition == name
        target = (
            problem.target
            if own
            else replace(problem.target, definition=name, base=None, placed=None)
        )
        of_this = replace(problem, target=target)
        whole = verify(of_this, everything)
        part = verify(replace(sent, target=target), all_sent)
        counted = [one.standing for one in problem.seekers if definition.counts(one)]
        rate = rate_of(name, of_this, whole, counted)
        found.append(
            RateNow(
                rate,
                part.expected,
                whole.expected - part.expected,
                part.chance_with_model_error,
                outlook(of_this, everything),
            )
        )
    return tuple(found)


def weeks_of(days: Iterable[date | None], until: date) -> tuple[Stretch, ...]:
    """Who started when, week by week; weeks of fewer than five people are told together.

    Nothing is told where there are fewer than five in all.
    """
    each: Counter[date | None] = Counter(
        None if day is None else day - timedelta(days=day.weekday()) for day in days
    )
    parts: list[list[date | None]] = []
    running: list[date | None] = []
    for week in sorted(each, key=lambda week: (week is not None, week or date.min)):
        running.append(week)
        if not is_small(sum(each[one] for one in running)):
            parts.append(running)
            running = []
    if running and not parts:
        return ()
    if running:
        parts[-1] += running
    stretches, total = [], 0
    for place, part in enumerate(parts):
        started = sum(each[one] for one in part)
        total += started
        after = parts[place + 1][0] if place + 1 < len(parts) else None
        end = until if after is None else after - timedelta(days=1)
        stretches.append(Stretch(part[0], end, started, total))
    return tuple(stretches)
