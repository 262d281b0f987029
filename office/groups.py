"""How does each group stand? Municipalities, schools, wishes: people, placed, expected.

What is told here of groups goes to committees and onto pages, so small numbers are kept back by
`office.suppression`: small groups are told together, and a split that would tell of a few people
is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from office.suppression import is_small, pooled, withheld

#: How many groups of one kind are told apart; the rest together.
MOST = 12


class Kind(StrEnum):
    """What a group is: one with a name, or one of those that have none.

    `ELSEWHERE` holds those outside the district and those of whom it is not known, where these are
    too few; `REST` is what is left of one group beside what is told of it.
    """

    NAMED = "named"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"
    TOGETHER = "together"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Group:
    """Those who are counted, of one kind: how many, how many are placed, what is expected besides.

    `placed` is `None` where the number would tell of fewer than five people. `members` counts the
    groups that are told together.
    """

    name: str | None
    kind: Kind
    people: int
    placed: int | None
    expected: float
    members: int = 1

    @property
    def rate(self) -> float:
        """Expected placements for each person who is counted; 0 of nobody is 0."""
        return self.expected / self.people if self.people else 0.0

    @property
    def rate_in_the_end(self) -> float | None:
        """The share that is expected to be placed; `None` where those placed are not told."""
        if self.placed is None:
            return None
        return (self.placed + self.expected) / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted of a group before anything is kept back."""

    name: str | None
    kind: Kind
    people: int
    placed: int
    expected: float


def told(rows: Sequence[Row], most: int = MOST) -> tuple[Group, ...]:
    """The groups as they may be told, in their order; those told together come last.

    More than `most` groups are too many to read: the smallest are told together too. Nothing is
    told where there are fewer than five people in all.
    """
    extra = set(sorted(range(len(rows)), key=lambda n: -rows[n].people)[most:])
    apart = [n for n in range(len(rows)) if n not in extra]
    # Those told together for length count as one more group when small ones are sought.
    counts = [*(rows[n].people for n in apart), sum(rows[n].people for n in extra)]
    nameless = [*(rows[n].kind is not Kind.NAMED for n in apart), True]
    pool = pooled(counts, rather=nameless)
    one = extra | {n for n, is_in in zip(apart, pool, strict=False) if is_in}
    shown = [row for n, row in enumerate(rows) if n not in one]
    members = [rows[n] for n in sorted(one)]
    if members:
        joined = Row(
            None,
            Kind.TOGETHER if any(row.kind is Kind.NAMED for row in members) else Kind.ELSEWHERE,
            sum(row.people for row in members),
            sum(row.placed for row in members),
            sum(row.expected for row in members),
        )
        if is_small(joined.people):
            return ()
        shown.append(joined)
    hidden = withheld([(row.placed, row.people - row.placed) for row in shown])
    return tuple(
        Group(
            row.name,
            row.kind,
            row.people,
            None if hidden is None or hidden[n] else row.placed,
            row.expected,
            len(members) if members and row is shown[-1] else 1,
        )
        for n, row in enumerate(shown)
    )
