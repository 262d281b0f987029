"""Who is compared with whom in an audit? Groups of people by traits that no model ever sees.

Groups of fewer than five people are told together with others, so that no difference of two tables
names anybody; a table of two traits at once is told only where no cell of it is that small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.declaration import Columns, Finding, Flaw, NotUsable
from models.features import Flags, Indexes, Table

#: Fewer people than this are told of only together with others.
LEAST_TOLD = 5

#: The most groups of a trait; the people of all others are told together.
MOST_GROUPS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One group, and all others of whom the trait is known.

    `traits` are one name, or two where groups are crossed, `labels` what the group has in common
    (`None`: several small groups together). `inside` and `known` hold a flag a row; `mirrored`
    says that there are two groups only, so that the other's comparison tells nothing new.
    """

    traits: tuple[str, ...]
    labels: tuple[str | None, ...]
    inside: Flags
    known: Flags
    mirrored: bool = False

    @property
    def outside(self) -> Flags:
        """The rows of all others."""
        return np.asarray(self.known & ~self.inside)


def columns_of(groups: Table, rows: int, names: Columns) -> Mapping[str, npt.NDArray[np.object_]]:
    """Each trait's labels, one a row, blank where not known.

    Raises `NotUsable` for columns of another length, and for what is itself the outcome or the
    person.
    """
    found, findings = {}, []
    for name, values in groups.items():
        trait, column = str(name), pd.Series(values)
        if trait in (names.outcome, names.person):
            findings.append(Finding(Flaw.NAME_TWICE, trait))
        elif len(column) != rows:
            findings.append(Finding(Flaw.COLUMN_MISSING, trait, value=f"{len(column)} rows"))
        else:
            codes, labels = pd.factorize(column)
            words = [" ".join(str(label).split())[:80] for label in labels]
            found[trait] = np.array([*words, ""], dtype=object)[codes]
    if findings:
        raise NotUsable(tuple(findings))
    return found


def sides(
    columns: Mapping[str, npt.NDArray[np.object_]], person: Indexes
) -> tuple[tuple[Side, ...], tuple[tuple[str, ...], ...]]:
    """All groups to compare, and the traits (or crossed traits) that can't be told by group."""
    found: list[Side] = []
    left_out: list[tuple[str, ...]] = []
    joined = {trait: _joined(labels, person) for trait, labels in columns.items()}
    for trait, codes in joined.items():
        own = list(_of_one(trait, columns[trait], codes))
        if len(own) > 1:
            found += own
        else:
            left_out.append((trait,))
    whole = [trait for trait in columns if (trait,) not in left_out]
    for one, other in combinations(whole, 2):
        crossed = _crossed(found, one, other, person)
        found += crossed
        if not crossed:
            left_out.append((one, other))
    return tuple(found), tuple(left_out)


def _joined(labels: npt.NDArray[np.object_], person: Indexes) -> Indexes:
    """Each row's group: numbers of sorted labels, -1 where not known, -2 where told together."""
    known = labels != ""
    codes = np.full(len(labels), -1, dtype=np.int64)
    if not known.any():
        return codes
    found, codes[known] = np.unique(labels[known].astype(str), return_inverse=True)
    people = _people(codes, len(found), person)
    order = np.argsort(people, kind="stable")
    rare = set(order[: max(0, len(found) - MOST_GROUPS)].tolist())
    rare |= set(np.flatnonzero(people < LEAST_TOLD).tolist())
    for number in order.tolist():
        if not rare or sum(people[one] for one in rare) >= LEAST_TOLD:
            break
        rare.add(number)
    return np.where(np.isin(codes, sorted(rare)), -2, codes)


def _people(codes: Indexes, count: int, person: Indexes) -> Indexes:
    """How many people each group has."""
    pairs = np.unique(np.column_stack([codes, person])[codes >= 0], axis=0)
    return np.bincount(pairs[:, 0], minlength=count).astype(np.int64)


def _of_one(trait: str, labels: npt.NDArray[np.object_], codes: Indexes) -> Iterator[Side]:
    known = codes != -1
    present = [number for number in np.unique(codes).tolist() if number != -1]
    for number in sorted(present, key=lambda number: (number == -2, number)):
        inside = codes == number
        label = None if number == -2 else str(labels[inside][0])
        yield Side((trait,), (label,), inside, known, len(present) == 2)


def _crossed(found: list[Side], one: str, other: str, person: Indexes) -> list[Side]:
    """The groups of two traits at once; none where a cell is too small to be told."""
    cells = []
    for first in (side for side in found if side.traits == (one,)):
        for second in (side for side in found if side.traits == (other,)):
            inside = first.inside & second.inside
            people = len(np.unique(person[inside]))
            if 0 < people < LEAST_TOLD:
                return []
            if people:
                labels = (*first.labels, *second.labels)
                cells.append(Side((one, other), labels, inside, first.known & second.known))
    return cells if len(cells) > 2 else []
