"""Who stands where? Everybody who is counted by school, municipality and wish, and crosswise.

All tables are of the same people: of two bases, such as everybody and those who look, the
difference would tell of the few between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np

from data.reference.occupations import title_of
from data.store.progress import Course
from matching.problem import Seeker
from matching.target import DEFINITIONS
from office.groups import Group, Kind, Row, told
from office.suppression import crossed


class Dimension(StrEnum):
    """By what people are grouped."""

    SCHOOL = "school"
    MUNICIPALITY = "municipality"
    OCCUPATION = "occupation"


#: What a group is known by: its name, or what it is where it has none.
Label = tuple[str | None, Kind]

Naming = Callable[[Seeker], Label]

#: How many groups of each kind are told apart.
MOST: Mapping[Dimension, int] = {
    Dimension.SCHOOL: 40,
    Dimension.MUNICIPALITY: 40,
    Dimension.OCCUPATION: 15,
}

#: By what one group is looked at from closer by. Wishes are not crossed with municipalities: from
#: three such tables together more can be reckoned than from two that share the schools.
CLOSER: Mapping[Dimension, tuple[Dimension, ...]] = {
    Dimension.SCHOOL: (Dimension.MUNICIPALITY, Dimension.OCCUPATION),
    Dimension.MUNICIPALITY: (Dimension.SCHOOL,),
    Dimension.OCCUPATION: (Dimension.SCHOOL,),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What tells people's groups: schools' names, the district's municipalities, titles."""

    schools: Mapping[str, str]
    municipalities: frozenset[str]
    data_folder: Path | None = None

    def of(self, dimension: Dimension) -> Naming:
        """How people's groups of one kind are called."""
        named: Mapping[Dimension, Naming] = {
            Dimension.SCHOOL: self._school,
            Dimension.MUNICIPALITY: self._municipality,
            Dimension.OCCUPATION: self._occupation,
        }
        return named[dimension]

    def _school(self, one: Seeker) -> Label:
        if not one.school:
            return None, Kind.UNKNOWN
        return self.schools.get(one.school, one.school), Kind.NAMED

    def _municipality(self, one: Seeker) -> Label:
        name = one.home.municipality if one.home else None
        if not name:
            return None, Kind.UNKNOWN
        return (name, Kind.NAMED) if name in self.municipalities else (None, Kind.OUTSIDE)

    def _occupation(self, one: Seeker) -> Label:
        if not one.wishes:
            return None, Kind.UNKNOWN
        return title_of(one.wishes[0], self.data_folder), Kind.NAMED


def groups_of(
    seekers: Iterable[Seeker],
    live: Sequence[Course],
    definition: str,
    naming: Naming,
    most: int,
) -> tuple[Group, ...]:
    """Those who are counted, by group: how many, how many are placed, what is expected besides."""
    counts = DEFINITIONS[definition]
    chance = {one.pseudonym: one.chance or 0.0 for one in live}
    people: Counter[Label] = Counter()
    placed: Counter[Label] = Counter()
    expected: dict[Label, float] = {}
    for one in seekers:
        if counts.counts(one):
            key = naming(one)
            people[key] += 1
            placed[key] += one.standing in counts.placed
            expected[key] = expected.get(key, 0.0) + chance.get(one.id, 0.0)
    rows = [Row(*key, people[key], placed[key], expected[key]) for key in people]
    return told(sorted(rows, key=lambda row: (row.name is None, row.name or "", row.kind)), most)


def closer(
    group: str,
    mine: tuple[Group, ...],
    others: tuple[Group, ...],
    people: Iterable[tuple[Label, Label, bool, float]],
) -> tuple[Group, ...]:
    """One of `mine` by the `others`, as far as the table of both may be told; the rest together.

    `people` are all who are counted: their two groups, whether they are placed, what is expected.
    """
    one, other = _rows(mine), _rows(others)
    counts = np.zeros((len(mine), len(others)), dtype=np.int64)
    free, expected = np.zeros_like(counts), np.zeros(counts.shape)
    for label, beside, is_placed, chance in people:
        cell = one(label), other(beside)
        counts[cell] += 1
        free[cell] += not is_placed
        expected[cell] += chance
    kept_back = crossed(counts, free)
    row = next(at for at, found in enumerate(mine) if found.name == group)
    if kept_back is None:
        return ()
    shown = np.flatnonzero(~kept_back[row] & (counts[row] > 0)).tolist()
    cells = [
        Group(others[at].name, others[at].kind, int(counts[row, at]), None,
              float(expected[row, at]), others[at].members)
        for at in shown
    ]  # fmt: skip
    rest = int(counts[row].sum()) - sum(cell.people for cell in cells)
    if rest:
        left = float(expected[row].sum()) - sum(cell.expected for cell in cells)
        cells.append(Group(None, Kind.REST, rest, None, left))
    return tuple(cells)


def _rows(groups: Sequence[Group]) -> Callable[[Label], int]:
    """At which row a group is told; those told together stand in the last one."""
    at = {(one.name, one.kind): row for row, one in enumerate(groups)}
    return partial(_row_of, at, len(groups) - 1)


def _row_of(at: Mapping[Label, int], last: int, label: Label) -> int:
    return at.get(label, last)
