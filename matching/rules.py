"""Who may go where? The hard rules, one named check each, over columns of people and places.

A rule refuses a pair or lets it pass. What is not known lets a pair pass, with three exceptions
that each rule states and gives its reason for: an unknown certificate, an age under 15 without a
finished compulsory school, and an unknown way. The rules say what the law and the stated wishes
forbid; they never say what somebody is good at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.problem import Certificate, Numbers, Place, Seeker
from matching.target import Standing

Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

#: Half of the 2.5 hours a day that § 140 (4) SGB III holds acceptable for a full working day. The
#: paragraph binds people who draw unemployment benefit; here it is a yardstick for everybody who
#: has not said how far they would go.
LONGEST_WAY = 75

#: § 2 (1) JArbSchG: whoever is younger is a child.
END_OF_CHILDHOOD = 15


class Refusal(StrEnum):
    """Why a pair is no candidate: the name of the rule that it breaks."""

    STILL_LOOKING = "still_looking"
    CERTIFICATE_SUFFICES = "certificate_suffices"
    OLD_ENOUGH = "old_enough"
    SCHOOL_DONE = "school_done"
    FREE_BY_START = "free_by_start"
    WAY_KNOWN = "way_known"
    WAY_ACCEPTABLE = "way_acceptable"


@dataclass(frozen=True, slots=True, eq=False)
class SeekerColumns:
    """People as columns, as far as the rules ask. NaN and NaT stand for what is not known.

    `school_done` is 1, 0 or NaN; `longest_way` in minutes.
    """

    looking: Flags
    certificate: Numbers
    age: Numbers
    school_done: Numbers
    free_from: Days
    has_home: Flags
    longest_way: Numbers

    @classmethod
    def of(cls, seekers: Sequence[Seeker]) -> Self:
        """Turn people into columns, one row a person."""
        return cls(
            looking=_flags(seeker.standing is Standing.LOOKING for seeker in seekers),
            certificate=_numbers(seeker.certificate for seeker in seekers),
            age=_numbers(seeker.age for seeker in seekers),
            school_done=_numbers(seeker.compulsory_school_done for seeker in seekers),
            free_from=_days([seeker.free_from for seeker in seekers]),
            has_home=_flags(seeker.home is not None for seeker in seekers),
            longest_way=_numbers(seeker.longest_way for seeker in seekers),
        )

    def down(self, rows: npt.NDArray[np.integer]) -> Self:
        """These people only, as columns of one entry a line, to be set against many places."""
        return type(self)(*(getattr(self, part.name)[rows, np.newaxis] for part in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class PlaceColumns:
    """Places as columns, as far as the rules ask. NaN and NaT stand for what is not known."""

    requires: Numbers
    minimum_age: Numbers
    starts: Days
    has_site: Flags

    @classmethod
    def of(cls, places: Sequence[Place]) -> Self:
        """Turn places into columns, one row a place."""
        return cls(
            requires=_numbers(place.requires for place in places),
            minimum_age=_numbers(place.minimum_age for place in places),
            starts=_days([place.starts for place in places]),
            has_site=_flags(place.site is not None for place in places),
        )

    def take(self, rows: npt.NDArray[np.integer]) -> Self:
        """These places only."""
        return type(self)(*(getattr(self, part.name)[rows] for part in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """People against places: the columns of `who` and `where` broadcast against each other.

    `minutes` one way has the shape of the pairs; `None` while the way is not yet looked at.
    """

    who: SeekerColumns
    where: PlaceColumns
    minutes: Numbers | None = None


@dataclass(frozen=True, slots=True)
class HardRule:
    """One hard rule: its name, and which of many pairs keep it."""

    name: Refusal
    holds: Callable[[Pairs], Flags]


def still_looking(pairs: Pairs) -> Flags:
    """Only people who still look are matched; a place has nothing to do with it.

    Source: the definition of the target. Whoever started, found a place alone, withdrew, has not
    registered or whose outcome is unknown keeps their standing until somebody changes it.
    """
    return pairs.who.looking


def certificate_suffices(pairs: Pairs) -> Flags:
    """The certificate is at least the one that the employer asks for.

    Source: the employer. The Berufsbildungsgesetz asks for no certificate to enter a dual
    training. A place that states none, or `Certificate.NONE`, takes everybody. An unknown
    certificate meets only such places: a requirement is met by what can be shown.
    """
    asked = pairs.where.requires > Certificate.NONE
    return np.asarray(~asked | (pairs.who.certificate >= pairs.where.requires))


def old_enough(pairs: Pairs) -> Flags:
    """At least 15 on the day training starts, or out of compulsory school; and the place's age.

    Source: § 5 (1) JArbSchG forbids to employ children, § 2 (1) calls everybody under 15 a child,
    § 7 No. 1 opens training to children whose full-time compulsory school is over. So somebody
    known to be under 15 must be known to be out of school by the start; an unknown age passes.
    The place's own minimum age counts where both ages are known.
    """
    who, where = pairs.who, pairs.where
    lawful = ~(who.age < END_OF_CHILDHOOD) | (who.school_done == 1) | _leaves_in_time(pairs)
    return np.asarray(lawful & ~(who.age < where.minimum_age))


def school_done(pairs: Pairs) -> Flags:
    """Full-time compulsory school is over by the start of training.

    Source: § 37 SchulG NRW (ten years of school, nine at a Gymnasium of eight years); under it
    § 2 (3) JArbSchG protects even older people like children. Known to be still due, it refuses,
    unless the person is free by the start (`free_from` known and not after it; a start that is not
    known yet can be agreed). Unknown passes. The tenth year spent in a training instead of school
    is a school's decision: it is granted by reporting compulsory school as done.
    """
    return np.asarray(~(pairs.who.school_done == 0) | _leaves_in_time(pairs))


def free_by_start(pairs: Pairs) -> Flags:
    """The person is free on the day the place starts; an unknown date passes.

    Source: the start of training is agreed in the contract (§ 11 (1) BBiG).
    """
    return np.asarray(~(pairs.who.free_from > pairs.where.starts))


def way_known(pairs: Pairs) -> Flags:
    """Both the home and the site are known.

    Source: none but honesty. A way that nobody knows can't be called acceptable.
    """
    return pairs.who.has_home & pairs.where.has_site


def way_acceptable(pairs: Pairs) -> Flags:
    """The way takes no longer than the person would go, or 75 minutes where they said nothing.

    Source: the person; else half of the daily 2.5 hours of § 140 (4) SGB III. Raises `ValueError`
    where the pairs carry no minutes.
    """
    if pairs.minutes is None:
        raise ValueError("the minutes of the pairs are missing")
    return np.asarray(pairs.minutes <= longest_way(pairs.who))


#: All rules in the order in which they are asked; a pair counts for the first that refuses it.
#: The last one alone looks at the way itself.
RULES = (
    HardRule(Refusal.STILL_LOOKING, still_looking),
    HardRule(Refusal.CERTIFICATE_SUFFICES, certificate_suffices),
    HardRule(Refusal.OLD_ENOUGH, old_enough),
    HardRule(Refusal.SCHOOL_DONE, school_done),
    HardRule(Refusal.FREE_BY_START, free_by_start),
    HardRule(Refusal.WAY_KNOWN, way_known),
    HardRule(Refusal.WAY_ACCEPTABLE, way_acceptable),
)


def longest_way(who: SeekerColumns) -> Numbers:
    """How many minutes one way each person would go at most."""
    return np.where(np.isnan(who.longest_way), float(LONGEST_WAY), who.longest_way)


def first_refusal(pairs: Pairs, rules: tuple[HardRule, ...] = RULES) -> npt.NDArray[np.int8]:
    """The number of the first rule that refuses each pair; `len(rules)` where none does."""
    shape = np.broadcast_shapes(pairs.who.looking.shape, pairs.where.requires.shape)
    first = np.full(shape, len(rules), dtype=np.int8)
    for number in reversed(range(len(rules))):
        first[~np.broadcast_to(rules[number].holds(pairs), shape)] = number
    return first


def _leaves_in_time(pairs: Pairs) -> Flags:
    """The day of leaving school is known, and not known to be after the start."""
    return ~np.isnat(pairs.who.free_from) & free_by_start(pairs)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, np.bool_)


def _numbers(values: Iterable[float | None]) -> Numbers:
    return np.fromiter((np.nan if value is None else value for value in values), np.float64)


def _days(values: Sequence[date | None]) -> Days:
    return np.array(values, dtype="datetime64[D]")
