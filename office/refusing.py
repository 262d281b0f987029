"""Which places do the rules refuse to one person, and by which value?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.problem import Certificate, Numbers, Place, Seeker
from matching.rules import (
    END_OF_CHILDHOOD,
    LONGEST_WAY,
    RULES,
    Pairs,
    PlaceColumns,
    Refusal,
    SeekerColumns,
    first_refusal,
)
from matching.target import Standing
from matching.ways import Reach, TravelTimes, group_by_site

Value = Certificate | Standing | date | float | bool | None

#: More minutes than any way on earth takes.
_ANYWHERE = 1e5


@dataclass(frozen=True, slots=True)
class Refused:
    """One place that a rule refuses: what the rule asks, and what the person has.

    Certificates, ages in years, days, or minutes, as the rule is about; `None`: not known.
    `occupation`, `employer` and `where` are the place's.
    """

    place: str
    rule: Refusal
    asked: Value
    has: Value
    occupation: str | None = None
    employer: str | None = None
    where: str | None = None


def refused_places(
    seeker: Seeker, places: Sequence[Place], times: TravelTimes | None = None
) -> tuple[Refused, ...]:
    """Every place that a rule refuses to this person, with the first rule that does."""
    if not places:
        return ()
    minutes = minutes_to(seeker, places, times)
    who = SeekerColumns.of((seeker,)).down(np.zeros(1, dtype=np.int64))
    first = first_refusal(Pairs(who, PlaceColumns.of(places), minutes[np.newaxis]))[0]
    return tuple(
        Refused(places[at].id, rule, *_values(rule, seeker, places[at], float(minutes[at])))
        for at in np.flatnonzero(first < len(RULES)).tolist()
        for rule in (RULES[int(first[at])].name,)
    )


def minutes_to(
    seeker: Seeker, places: Sequence[Place], times: TravelTimes | None = None
) -> Numbers:
    """Minutes one way to every place, however far; NaN where home or site is not known."""
    minutes = np.full(len(places), np.nan)
    sites = group_by_site([place.site for place in places])
    if seeker.home is None or not sites.sites:
        return minutes
    near, ways = next(Reach(sites.sites, times).ways([seeker.home], np.array([_ANYWHERE])))
    rows, counts = sites.rows_at(near)
    minutes[rows] = np.repeat(ways, counts)
    return minutes


def longest_way_of(seeker: Seeker) -> int:
    """How many minutes the person would go, or the yardstick where they said nothing."""
    return LONGEST_WAY if seeker.longest_way is None else seeker.longest_way


def _values(rule: Refusal, seeker: Seeker, place: Place, minutes: float) -> tuple[Value, Value]:
    """What the rule asks of this pair, and what there is."""
    match rule:
        case Refusal.STILL_LOOKING:
            return Standing.LOOKING, seeker.standing
        case Refusal.CERTIFICATE_SUFFICES:
            return place.requires, seeker.certificate
        case Refusal.OLD_ENOUGH:
            return max(END_OF_CHILDHOOD, place.minimum_age or 0), seeker.age
        case Refusal.SCHOOL_DONE | Refusal.FREE_BY_START:
            return place.starts, seeker.free_from
        case Refusal.WAY_KNOWN:
            return None, None
        case Refusal.WAY_ACCEPTABLE:
            return float(longest_way_of(seeker)), minutes
