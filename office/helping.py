"""What would help one person most? Each limit moved in turn, and what it would open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np

from data.reference.occupations import title_of
from matching.candidates import Found
from matching.problem import Certificate, Numbers, Place, Seeker
from matching.target import Standing
from office.refusing import longest_way_of

#: How much longer a way is tried, in minutes.
LONGER = (15, 30)

#: An occupation is near to the wishes from this fit on: the same main group of the KldB 2010.
NEAR = 0.3

#: How many occupations are named.
OCCUPATIONS = 3


class Lever(StrEnum):
    """What could be otherwise."""

    LONGER_WAY = "longer_way"
    CERTIFICATE = "certificate"
    FREE_EARLIER = "free_earlier"
    SCHOOL_DONE = "school_done"
    HOME_KNOWN = "home_known"
    ANOTHER_OCCUPATION = "another_occupation"


@dataclass(frozen=True, slots=True)
class Helpful:
    """One thing that would help: what it opens, counted by the very rules of the plan.

    `value` is the new limit: minutes, a certificate, a day, or an occupation in words. `places`
    more are allowed then, or, for an occupation, are wished for; `free` openings of them have no
    proposal. `best` is the best chance at one of those, where scoring is on and one is known.
    """

    lever: Lever
    value: float | Certificate | date | str | None
    places: int
    free: int
    best: float | None = None


class Sight(Protocol):
    """Whatever finds all places of somebody, and the chance of each."""

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, in their order."""

    def of(self, seeker: Seeker, /) -> tuple[Found, Numbers]:
        """The places that the rules allow, and their chances; NaN where there is no figure."""


def what_would_help(
    sight: Sight, seeker: Seeker, free: Numbers, scoring: bool, data_folder: Path | None = None
) -> tuple[Helpful, ...]:
    """What would open most free openings to this person, best first; nothing that opens none.

    `free` holds the openings without a proposal, of each place.
    """
    if seeker.standing is not Standing.LOOKING:
        return ()
    now = sight.of(seeker)[0]
    found = [
        *_limits(sight, seeker, now, free),
        *_occupations(sight, seeker, now, free, data_folder),
    ]
    if not scoring:
        found = [replace(one, best=None) for one in found]
    return tuple(sorted(found, key=lambda one: (-one.free, -one.places)))


def _limits(sight: Sight, seeker: Seeker, now: Found, free: Numbers) -> Iterator[Helpful]:
    """Each limit of the person moved, as far as that opens more than the step before it."""
    way = longest_way_of(seeker)
    steps: list[tuple[Lever, float | Certificate | date | None, Seeker]] = [
        *(
            (Lever.LONGER_WAY, way + more, replace(seeker, longest_way=way + more))
            for more in LONGER
        ),
        *(
            (Lever.CERTIFICATE, level, replace(seeker, certificate=level))
            for level in Certificate
            if level > (seeker.certificate or Certificate.NONE)
        ),
    ]
    if seeker.compulsory_school_done is False:
        done = replace(seeker, compulsory_school_done=True)
        steps.append((Lever.SCHOOL_DONE, None, done))
    if seeker.free_from is not None:
        starts = (place.starts for place in sight.places if place.starts is not None)
        earliest = min(starts, default=seeker.free_from)
        if earliest < seeker.free_from:
            steps.append((Lever.FREE_EARLIER, earliest, replace(seeker, free_from=earliest)))
    most: dict[Lever, int] = {}
    for lever, value, other in steps:
        then, chances = sight.of(other)
        new = ~np.isin(then.place, now.place)
        count = int(new.sum())
        # The next certificate that opens anything is enough; a higher one is no advice.
        if count > most.get(lever, 0) and not (lever is Lever.CERTIFICATE and lever in most):
            most[lever] = count
            yield _helpful(lever, value, then.place[new], chances[new], free)
    if seeker.home is None:
        sites = np.flatnonzero([place.site is not None for place in sight.places])
        yield Helpful(Lever.HOME_KNOWN, None, len(sites), int(free[sites].sum()))


def _occupations(
    sight: Sight, seeker: Seeker, now: Found, free: Numbers, data_folder: Path | None
) -> Iterator[Helpful]:
    """Occupations near to the wishes, not among them, with free openings: if they were wished."""
    openings: dict[str, tuple[float, int]] = {}
    for index, fit in zip(now.place.tolist(), now.fit.tolist(), strict=True):
        code = sight.places[index].occupation
        if code is None or code in seeker.wishes or fit < NEAR or free[index] <= 0:
            continue
        openings[code] = (fit, openings.get(code, (fit, 0))[1] + int(free[index]))
    for code in sorted(openings, key=lambda code: (*(-n for n in openings[code]), code))[
        :OCCUPATIONS
    ]:
        then, chances = sight.of(replace(seeker, wishes=(*seeker.wishes, code)))
        same = np.array([sight.places[index].occupation == code for index in then.place.tolist()])
        name = title_of(code, data_folder)
        yield _helpful(Lever.ANOTHER_OCCUPATION, name, then.place[same], chances[same], free)


def _helpful(
    lever: Lever,
    value: float | Certificate | date | str | None,
    places: np.ndarray[tuple[int], np.dtype[np.int32]],
    chances: Numbers,
    free: Numbers,
) -> Helpful:
    told = chances[(free[places] > 0) & ~np.isnan(chances)]
    best = float(told.max()) if len(told) else None
    return Helpful(lever, value, len(places), int(free[places].sum()), best)
