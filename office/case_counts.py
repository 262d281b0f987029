"""How many cases has each counselor? Counted so that nobody can be reckoned out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.store.caseload import Stage
from office.suppression import is_small, pooled


@dataclass(frozen=True, slots=True)
class CaseCount:
    """A counselor's cases (`None`: nobody's); a number is `None` where it is not told."""

    counselor: str | None
    people: int | None
    stages: Mapping[Stage, int | None]


@dataclass(frozen=True, slots=True)
class Lot:
    """Cases that can be handed over on their own; `name` is `None` for schools told together."""

    schools: frozenset[str]
    name: str | None
    people: int


def counted(counselor: str | None, stages: Mapping[Stage, int]) -> CaseCount:
    """A counselor's cases by state; where one has a few people, another is not told either."""
    numbers = [stages.get(one, 0) for one in Stage]
    people = sum(numbers)
    if is_small(people):
        return CaseCount(counselor, None, dict.fromkeys(Stage))
    hidden = pooled(numbers)
    told = (None if is_one else n for n, is_one in zip(numbers, hidden, strict=True))
    return CaseCount(counselor, people, dict(zip(Stage, told, strict=True)))


def lots(schools: Mapping[str, tuple[str | None, int]]) -> tuple[Lot, ...]:
    """The schools of somebody's cases, each with its number; those with a few people together."""
    numbers = list(schools)
    together = pooled([schools[one][1] for one in numbers])
    found = [
        Lot(frozenset({one}), schools[one][0] or one, schools[one][1])
        for one, is_in in zip(numbers, together, strict=True)
        if not is_in
    ]
    rest = frozenset(one for one, is_in in zip(numbers, together, strict=True) if is_in)
    people = sum(schools[one][1] for one in rest)
    return (*found, Lot(rest, None, people)) if rest and not is_small(people) else tuple(found)
