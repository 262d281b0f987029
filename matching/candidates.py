"""Who could go where? The possible pairs: allowed, within reach, the best k of each person.

Hard rules (`matching.rules`) and the way (`matching.ways`) decide which pairs are eligible. Of
these each person keeps the k with the highest score, made of wish and fit (`matching.wishes`) and
minutes. Places that score alike are told apart by a hash of person and place, so that they spread
over people instead of everybody getting the same first k.

Nothing loops over pairs. Pairs are looked at home by home: people of one home see the same places
in the same minutes, and people of one profile (whom the same kinds of places admit) are refused
alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matching.problem import Candidates, Indexes, Numbers, Place, Seeker
from matching.rules import (
    RULES,
    Flags,
    Pairs,
    PlaceColumns,
    Refusal,
    SeekerColumns,
    first_refusal,
    longest_way,
    way_acceptable,
)
from matching.ways import Grouped, Reach, TravelTimes, group_by_site
from matching.wishes import Wishes

#: The score that decides whom the cut to k keeps: two points for the wish, one for the fit, one
#: less an hour of way (an assumption). So a place of the first wish at the edge of reach still
#: goes before an unrelated one next door.
WISH_POINTS, FIT_POINTS, POINTS_AN_HOUR = 2.0, 1.0, 1.0

_DEPTH = 16
_LOWEST = np.finfo(np.float32).min

Scores = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The possible pairs without chances yet, and why the others are none.

    `seeker` and `place` (int32) are row numbers, sorted by seeker, then place; `wish`, `minutes`
    and `fit` (float64) as in `Candidates`. `refused` (people x rules, int32, in the order of
    `RULES`) counts how many places each rule was the first to refuse to each person; `eligible`
    (a person) counts those that none refused, before the cut to k: together, all places.
    `reachable` (a place) counts the people who could go there, before the cut to k.
    """

    seeker: Indexes
    place: Indexes
    wish: Numbers
    minutes: Numbers
    fit: Numbers
    refused: Indexes
    eligible: Indexes
    reachable: Indexes

    def __post_init__(self) -> None:
        for column in fields(self):
            getattr(self, column.name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.seeker)

    def refusals_of(self, seeker: int) -> dict[Refusal, int]:
        """How many places each rule refused to this person; rules that refused none left out."""
        counts = zip(RULES, self.refused[seeker].tolist(), strict=True)
        return {rule.name: count for rule, count in counts if count}


def with_chances(found: Found, chances: npt.ArrayLike) -> Candidates:
    """Attach a chance to each pair found. The constructor of `Candidates` checks them."""
    chance = np.array(chances, dtype=np.float64)
    return Candidates(found.seeker, found.place, chance, found.wish, found.minutes, found.fit)


def score(wish: npt.ArrayLike, fit: npt.ArrayLike, minutes: npt.ArrayLike) -> Scores:
    """What the cut to k goes by: higher is kept first. See the weights above."""
    return np.asarray(_worth(np.asarray(wish), np.asarray(fit)) + _toll(np.asarray(minutes)))


def find_candidates(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    k: int = 60,
    travel_times: TravelTimes | None = None,
    chunk: int = 400_000,
) -> Found:
    """Find every person's possible places, at most `k` each.

    Whoever has `k` eligible places or fewer keeps them all. `chunk` bounds how many pairs are
    held at once; it never changes the result. The order of people and places doesn't either: ties
    are broken by a hash of the two ids. Raises `ValueError` for a `k` or `chunk` below 1.
    """
    if k < 1 or chunk < 1:
        raise ValueError(f"k = {k} and chunk = {chunk} must be at least 1")
    reached = np.zeros(len(places), dtype=np.int64)
    eligible = np.zeros(len(seekers), dtype=np.int32)
    if not seekers or not places:
        return _found([], np.zeros((len(seekers), len(RULES)), np.int32), eligible, reached)
    who, where = SeekerColumns.of(seekers), PlaceColumns.of(places)
    admission = _Admission.of(who, where, chunk)
    wishes = Wishes.of(seekers, places)
    keys = _hashes(seekers), _hashes(places)
    parts: list[_Kept] = []
    for sight in _sights(seekers, places, who, admission, travel_times):
        reached[sight.places] += sight.reached
        eligible[sight.people] = sight.eligible
        height = max(1, chunk // max(1, len(sight.places)))
        parts.extend(
            _kept(sight, slice(first, first + height), wishes, keys, k)
            for first in range(0, len(sight.people), height)
        )
    refused = admission.refused
    refused[:, -1] = admission.passed - eligible
    return _found(parts, refused, eligible, reached)


@dataclass(frozen=True, slots=True, eq=False)
class _Admission:
    """Which kinds of places the rules before the way open to which profile of people.

    `opens` (profiles x kinds of places); `profile` (a person); `kind` (a place). `refused` counts
    the places refused to each person by rule, `passed` those that only the way may still refuse.
    """

    opens: Flags
    profile: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    refused: Indexes
    passed: npt.NDArray[np.int64]

    @classmethod
    def of(cls, who: SeekerColumns, where: PlaceColumns, chunk: int) -> Self:
        """Ask the rules once for each kind of person and kind of place."""
        before_the_way = RULES[:-1]
        person, kind_of_person = _kinds(who, leave_out="longest_way")
        place, kind = _kinds(where)
        kinds, count = where.take(place), np.bincount(kind)
        refused = np.zeros((len(person), len(RULES)), dtype=np.int32)
        opens = np.empty((len(person), len(place)), dtype=np.bool_)
        height = max(1, chunk // len(place))
        for first in range(0, len(person), height):
            some = slice(first, first + height)
            refusal = first_refusal(Pairs(who.down(person[some]), kinds), before_the_way)
            opens[some] = refusal == len(before_the_way)
            for rule in range(len(before_the_way)):
                refused[some, rule] = (refusal == rule) @ count
        passed = opens @ count
        _, standing_for, profile = np.unique(
            np.packbits(opens, axis=1), axis=0, return_index=True, return_inverse=True
        )
        return cls(
            opens[standing_for],
            profile[kind_of_person],
            kind,
            refused[kind_of_person],
            passed[kind_of_person],
        )


class _Sight(NamedTuple):
    """What the people of one home see: the places within reach, and which are open to whom.

    `group` (a person) points into the rows of `open_to` (groups x places). `places` ascend.
    `eligible` counts the open places of each person, `reached` the people of each place.
    """

    people: Indexes
    group: npt.NDArray[np.int64]
    places: Indexes
    minutes: Numbers
    open_to: Flags
    eligible: Indexes
    reached: npt.NDArray[np.int64]


class _Kept(NamedTuple):
    """Pairs kept after the cut, sorted by person within the part, then place."""

    seeker: Indexes
    place: Indexes
    wish: Numbers
    minutes: Numbers
    fit: Numbers


def _sights(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    who: SeekerColumns,
    admission: _Admission,
    travel_times: TravelTimes | None,
) -> Iterator[_Sight]:
    """Look around from every distinct home of people whom any place admits."""
    admitted = (admission.passed > 0).tolist()
    homes = group_by_site([s.home if a else None for s, a in zip(seekers, admitted, strict=True)])
    sites = group_by_site([place.site for place in places])
    if not homes.sites or not sites.sites:
        return
    farthest = np.maximum.reduceat(longest_way(who)[homes.rows], homes.starts[:-1])
    ways = Reach(sites.sites, travel_times).ways(homes.sites, farthest)
    for home, (near, minutes) in enumerate(ways):
        people = homes.rows[homes.starts[home] : homes.starts[home + 1]]
        yield _sight(people, near, minutes, sites, who, admission)


def _sight(
    people: Indexes,
    near: npt.NDArray[np.int64],
    minutes: Numbers,
    sites: Grouped,
    who: SeekerColumns,
    admission: _Admission,
) -> _Sight:
    """Gather the places at the sites near by, and ask the last rule once for each group."""
    rows, counts = sites.rows_at(near)
    order = np.argsort(rows)
    places, way = rows[order], np.repeat(minutes, counts)[order]
    first, group = _kinds_of(admission.profile[people], who.longest_way[people])
    speakers = people[first]
    open_to = admission.opens[admission.profile[speakers]][:, admission.kind[places]]
    # The rule of the way asks nothing else of a place, so no place's columns are gathered for it.
    open_to &= way_acceptable(Pairs(who.down(speakers), PlaceColumns.of(()), way))
    members = np.bincount(group).astype(np.float64)
    return _Sight(
        people,
        group,
        places,
        way,
        open_to,
        open_to.sum(axis=1, dtype=np.int32)[group],
        (members @ open_to).astype(np.int64),
    )


def _kept(sight: _Sight, some: slice, wishes: Wishes, keys: tuple[Hashes, Hashes], k: int) -> _Kept:
    """Score some of the people against all that they see, and keep the best k of each."""
    people, places = sight.people[some], sight.places
    wish, fit = wishes.of_people(people)
    occupation = wishes.occupation[places]
    toll = np.where(sight.open_to, _toll(sight.minutes), np.float32(-np.inf))
    scores = np.take(_worth(wish, fit), occupation, axis=1)
    scores += np.take(toll, sight.group[some], axis=0)
    row, column = np.divmod(_promising(scores, k), len(places) or 1)
    best = _best_of_each(
        row, scores[row, column], _mixed(keys[0][people[row]], keys[1][places[column]]), k
    )
    row, column = row[best], column[best]
    return _Kept(
        people[row],
        places[column],
        wish[row, occupation[column]],
        sight.minutes[column],
        fit[row, occupation[column]],
    )


def _promising(scores: Scores, k: int) -> npt.NDArray[np.int64]:
    """Flat positions of all that may be among the k best of their row, ties included.

    The maximum over a lane of columns never exceeds the row's, so the k-th best lane is no more
    than the k-th best entry: nothing below it is among the best k. That spares the sorting of
    whole rows. The few columns left over after the last lane only make the bound a little looser.
    """
    height, width = scores.shape
    floor = np.full(height, _LOWEST, dtype=np.float32)
    if width > k:
        depth = min(_DEPTH, width // k)
        lanes = width // depth
        tops = scores[:, :lanes].copy()
        for start in range(lanes, lanes * depth, lanes):
            np.maximum(tops, scores[:, start : start + lanes], out=tops)
        best = np.partition(tops, lanes - k, axis=1)[:, lanes - k]
        floor = np.maximum(floor, best)
    return np.flatnonzero(scores >= floor[:, np.newaxis])


def _best_of_each(
    row: npt.NDArray[np.int64], scores: Scores, ties: Hashes, k: int
) -> npt.NDArray[np.int64]:
    """Which entries are among the k best of their row, in their given order."""
    order = np.lexsort((ties, -scores, row))
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    return np.sort(order[rank < k])


def _found(
    parts: list[_Kept], refused: Indexes, eligible: Indexes, reached: npt.NDArray[np.int64]
) -> Found:
    """Put the parts in order: each person's pairs stand together in one part already."""
    seeker = np.concatenate([np.empty(0, np.int32), *(part.seeker for part in parts)])
    place = np.concatenate([np.empty(0, np.int32), *(part.place for part in parts)])
    wish = np.concatenate([np.empty(0), *(part.wish for part in parts)])
    minutes = np.concatenate([np.empty(0), *(part.minutes for part in parts)])
    fit = np.concatenate([np.empty(0), *(part.fit for part in parts)])
    order = np.argsort(seeker, kind="stable")
    return Found(
        seeker[order],
        place[order],
        wish[order],
        minutes[order],
        fit[order],
        refused,
        eligible,
        reached.astype(np.int32),
    )


def _worth(wish: Numbers, fit: Numbers) -> Scores:
    return (WISH_POINTS * wish + FIT_POINTS * fit).astype(np.float32)


def _toll(minutes: Numbers) -> Scores:
    return (minutes * (-POINTS_AN_HOUR / 60.0)).astype(np.float32)


def _kinds(
    columns: SeekerColumns | PlaceColumns, leave_out: str = ""
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """One row that stands for each distinct kind, and the kind of each row."""
    names = (part.name for part in fields(columns) if part.name != leave_out)
    return _kinds_of(*(getattr(columns, name) for name in names))


def _kinds_of(
    *columns: npt.NDArray[np.generic],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    kind = np.zeros(len(columns[0]), dtype=np.int64)
    first = kind[:1]
    for column in columns:
        _, value = np.unique(column, return_inverse=True)
        kind = kind * (value.max(initial=0) + 1) + value
        _, first, kind = np.unique(kind, return_index=True, return_inverse=True)
    return first, kind


def _hashes(things: Sequence[Seeker] | Sequence[Place]) -> Hashes:
    """64 bits of each id, the same in every process."""
    digests = b"".join(hashlib.blake2b(t.id.encode(), digest_size=8).digest() for t in things)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _mixed(one: Hashes, other: Hashes) -> Hashes:
    """One hash of both (the finishing steps of splitmix64: Steele, Lea, Flood 2014)."""
    mixed = one + other * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
