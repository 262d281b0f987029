"""Is this the same person? The same names, birth date and address, through what lists do to them.

The rule, in four steps:

1. *Spelling.* Names, streets and towns are brought to one spelling (`data.intake.spelling`).
2. *Who is compared.* Four things are read of a person: birth date, postcode, and how the surname
   and the first name sound. Whoever agrees in two of the four is compared, so no slip in one or
   two of them separates anybody.
3. *Evidence.* Each pair is held against each other in surname, first name, birth date and address;
   each gives bits for or against (`data.intake.likeness.BITS`). The score is their sum, as by
   Fellegi and Sunter (A Theory for Record Linkage, JASA 64, 1969): one bit doubles the odds.
4. *Ruling.* From `SURE` bits on and with the same first name the two are one, without asking. From
   `DOUBTFUL` bits on the pair is offered for a decision. One person among 25,000 others costs 14.6
   bits to find: 18 leave odds of 10 to 1, and 30 of 43,000 to 1, were the four independent. They
   are not where families live together, hence the first name: siblings and twins share the rest.

So a different address is never merged unasked, nor is a missing birth date, nor a first name with
any letter changed or a second one left out: brothers may be called Muhammed Emir and Muhammed Enes.

Whoever is one person is so together: if a is b, and b is c, then all three are one. Where a and c
differ outright in anything, or are two known people, nothing of it is sure and all is offered.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations, pairwise
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from data.intake.likeness import (
    LEAST,
    LIKENESSES,
    Likeness,
    Likenesses,
    Rows,
    compared,
)
from data.intake.people_columns import Identity, Readings, meetings, readings_of

__all__ = ["Double", "Doubles", "Identity", "Likeness", "find_duplicates"]

Thing = TypeVar("Thing", bound=Hashable)

SURE = 30
DOUBTFUL = 18

#: Pairs that are held in memory at a time.
_CHUNK = 250_000

#: In a crowd (a common first name in one city) each is compared with so many who come next in the
#: order of surnames; those further off may still meet by another two of the four.
CROWD = 100

#: Of whoever may be one person with many, so many pairs are offered, the likeliest; nobody decides
#: on more, and a list made of people who are nearly alike would fill the store with them.
MOST_OFFERED = 5

#: Nobody's name is spelled in so many ways: what hangs together beyond it is offered, not merged.
_SPELLINGS = 50


@dataclass(frozen=True, slots=True)
class Double:
    """Two records that are, or may be, one person.

    `other` is the known person where there is one; else the keys are in their order. `score` is in
    bits; `rule` says in what the two differ most.
    """

    one: str
    other: str
    score: int
    rule: Likeness


@dataclass(frozen=True, slots=True)
class Doubles:
    """Who is one person for sure, and who may be; the highest scores first.

    `sure` holds as many pairs as it takes to join all records of a person, no more. `doubtful`
    holds one pair for any two persons who may be one, the likeliest of their records; where several
    records read the same but say too little to be sure, the first of them stands for all.
    Of a person's pairs the `MOST_OFFERED` likeliest are held, and any that is among those of the
    other; `more` counts the pairs left out.
    """

    sure: tuple[Double, ...] = ()
    doubtful: tuple[Double, ...] = ()
    more: int = 0

    def persons(self) -> tuple[tuple[str, ...], ...]:
        """The keys of each person who has several, in order; a person is named once."""
        union: _Union[str] = _Union()
        for double in self.sure:
            union.join(double.one, double.other)
        return tuple(sorted(tuple(sorted(keys)) for keys in union.groups().values()))


def find_duplicates(people: Iterable[Identity], known: Iterable[Identity] = ()) -> Doubles:
    """Find out who among `people` is one person, and who of them is known already.

    Known people are taken for different persons and are never compared among themselves. Both are
    read through once; of the known, only those are held who are to be compared with somebody. The
    order in which people come makes no difference. Raises `ValueError` where two who are held have
    one key.
    """
    readings = readings_of(people, known)
    same = list(_who_read_alike(readings))
    found = _all(list(_found(readings)))
    sure = found.first_same & (found.score >= SURE)
    persons, joined, torn = _persons(readings, found.where(sure))
    offered, more = _offers(readings, persons, _all([found.where(~sure), torn]))
    return Doubles(
        _ordered([*(double for double in same if double.score >= SURE), *joined]),
        _ordered([*(double for double in same if double.score < SURE), *offered]),
        more,
    )


def _ordered(doubles: Sequence[Double]) -> tuple[Double, ...]:
    return tuple(sorted(doubles, key=lambda double: (-double.score, double.one, double.other)))


def _all(found: Sequence[Likenesses]) -> Likenesses:
    columns = (
        np.concatenate([getattr(part, column.name) for part in found])
        for column in fields(Likenesses)
    )
    return Likenesses(*columns)


# Who is compared --------------------------------------------------------------------------------


def _blocks(readings: Readings) -> Iterator[Rows]:
    """Six columns, one for each way to meet; -1 where one of its two things is not known."""
    surname, first = readings.sounds[readings.surname], readings.sounds[readings.first_name]
    for one, other in meetings(readings.born, readings.postcode, surname, first):
        both = (one != 0) & (other != 0)
        ranks = [np.unique(side[both], return_inverse=True)[1] for side in (one, other)]
        pairs = ranks[0] * np.int64(len(readings)) + ranks[1]
        column = np.full(len(readings), -1, dtype=np.int32)
        column[both] = np.unique(pairs, return_inverse=True)[1]
        yield column


def _found(readings: Readings) -> Iterator[Likenesses]:
    """Every pair that has something to say, each once, a chunk of pairs at a time."""
    nobody = np.zeros(0, dtype=np.int32)
    yield compared(readings, nobody, nobody, DOUBTFUL)
    seen: list[tuple[Rows, Rows]] = []
    for block in _blocks(readings):
        # A block of known people alone has no pair to compare.
        block[~np.isin(block, block[~readings.known])] = -1
        members = np.flatnonzero(block >= 0)
        order = members[np.argsort(block[members], kind="stable")].astype(np.int32)
        place = np.zeros(len(block), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        for left, right in _neighbours(order, block[order]):
            new = ~(readings.known[left] & readings.known[right])
            for column, places in seen:
                met = (column[left] == column[right]) & (column[left] >= 0)
                new &= ~(met & (np.abs(places[left] - places[right]) <= CROWD))
            yield compared(readings, left[new], right[new], DOUBTFUL)
        seen.append((block, place))


def _neighbours(order: Rows, block: Rows) -> Iterator[tuple[Rows, Rows]]:
    """All pairs within each block of a sorted column, at most `CROWD` a person; in chunks."""
    ends = np.searchsorted(block, block, side="right")
    partners = np.minimum(ends - np.arange(len(block)) - 1, CROWD)
    total = np.concatenate([[0], np.cumsum(partners)])
    cuts = np.searchsorted(total, np.arange(0, total[-1], _CHUNK))
    for start, end in pairwise([*cuts.tolist(), len(block)]):
        counts = partners[start:end]
        left = np.repeat(np.arange(start, end), counts)
        step = np.arange(len(left)) - np.repeat(total[start:end] - total[start], counts)
        yield order[left], order[left + step + 1]


# Who is one person ------------------------------------------------------------------------------


class _Union(Generic[Thing]):
    """Which things hang together, joined two by two."""

    def __init__(self) -> None:
        self._above: dict[Thing, Thing] = {}

    def root(self, thing: Thing) -> Thing:
        above = self._above.setdefault(thing, thing)
        while above != thing:
            self._above[thing] = self._above[above]
            thing, above = above, self._above[above]
        return thing

    def join(self, one: Thing, other: Thing) -> bool:
        """Join two things; whether they were apart."""
        root, other_root = self.root(one), self.root(other)
        self._above[other_root] = root
        return root != other_root

    def groups(self) -> dict[Thing, list[Thing]]:
        found: dict[Thing, list[Thing]] = {}
        for thing in list(self._above):
            found.setdefault(self.root(thing), []).append(thing)
        return found


def _who_read_alike(readings: Readings) -> Iterator[Double]:
    """The people of one reading, joined to the first of them, as far as that says anything."""
    rows = [row for row, keys in enumerate(readings.members) if len(keys) > 1]
    nodes = np.array(rows, dtype=np.int32)
    found = compared(readings, nodes, nodes, DOUBTFUL)
    for row, score, rule in zip(
        found.left.tolist(), found.score.tolist(), found.rule.tolist(), strict=True
    ):
        first, *others = readings.members[row]
        for key in others:
            one, other = (key, first) if readings.known[row] else (first, key)
            yield Double(one, other, score, LIKENESSES[rule])


def _persons(readings: Readings, sure: Likenesses) -> tuple[Rows, list[Double], Likenesses]:
    """The person of each reading, the pairs that join them, and those that nothing comes of.

    A person is numbered by one of their readings.
    """
    sure = _best_first(sure)
    union: _Union[int] = _Union()
    pairs = list(zip(sure.left.tolist(), sure.right.tolist(), strict=True))
    joins = np.array([union.join(*pair) for pair in pairs], dtype=np.bool_)
    groups = union.groups()
    torn_apart = _torn(readings, groups)
    torn = np.array([union.root(left) in torn_apart for left, _ in pairs], dtype=np.bool_)
    persons = np.arange(len(readings), dtype=np.int32)
    for root, rows in groups.items():
        if root not in torn_apart:
            persons[rows] = root
    ambiguous = np.full(int(torn.sum()), LIKENESSES.index(Likeness.AMBIGUOUS), dtype=np.int8)
    return (
        persons,
        _doubles(readings, sure.where(joins & ~torn)),
        replace(sure.where(torn), rule=ambiguous),
    )


def _torn(readings: Readings, groups: Mapping[int, list[int]]) -> set[int]:
    """The groups that can't be one person: two are known, or two differ outright in something."""
    torn: set[int] = set()
    roots: list[int] = []
    pairs: list[tuple[int, int]] = []
    for root, rows in groups.items():
        if len(rows) > _SPELLINGS or readings.known[rows].sum() > 1:
            torn.add(root)
        elif len(rows) > 2:
            inside = list(combinations(sorted(rows), 2))
            pairs += inside
            roots += [root] * len(inside)
    left, right = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    for start in range(0, len(pairs), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        found = compared(readings, left[chunk], right[chunk], LEAST)
        torn.update(np.array(roots[chunk])[found.contrary].tolist())
    return torn


def _offers(readings: Readings, persons: Rows, found: Likenesses) -> tuple[list[Double], int]:
    """The likeliest pair of records for any two persons who may be one; how many are left out."""
    known = np.zeros(len(readings), dtype=np.bool_)
    known[persons[readings.known]] = True
    found = _best_first(found)
    left, right = persons[found.left].astype(np.int64), persons[found.right].astype(np.int64)
    open_ = (left != right) & ~(known[left] & known[right])
    asked = (np.minimum(left, right) * len(readings) + np.maximum(left, right))[open_]
    # `found` has the likeliest first, and so have the first places of what is asked.
    places = np.flatnonzero(open_)[np.sort(np.unique(asked, return_index=True)[1])]
    likely = places[np.minimum(*_ranks(left[places], right[places])) < MOST_OFFERED]
    return _doubles(readings, found.where(likely)), len(places) - len(likely)


def _ranks(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> Sequence[Rows]:
    """For each pair, how many pairs of its one person, and of its other, come before it."""
    persons = np.stack([left, right], axis=1).ravel()
    order = np.argsort(persons, kind="stable")
    ordered = persons[order]
    ranks = np.empty(len(persons), dtype=np.int32)
    ranks[order] = np.arange(len(persons)) - np.searchsorted(ordered, ordered)
    return ranks[0::2], ranks[1::2]


def _best_first(found: Likenesses) -> Likenesses:
    return found.where(np.lexsort((found.right, found.left, -found.score)))


def _doubles(readings: Readings, found: Likenesses) -> list[Double]:
    doubles = []
    for left, right, score, rule in zip(
        found.left.tolist(),
        found.right.tolist(),
        found.score.tolist(),
        found.rule.tolist(),
        strict=True,
    ):
        one, other = readings.members[left][0], readings.members[right][0]
        if readings.known[left] or (one > other and not readings.known[right]):
            one, other = other, one
        doubles.append(Double(one, other, score, LIKENESSES[rule]))
    return doubles
