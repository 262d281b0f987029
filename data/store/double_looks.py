"""What do two records say that may be one person? Side by side, names and all.

Handed out for a stated purpose only; that it was asked for is logged before anything is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from data.store.audit import append
from data.store.export import Purpose
from data.store.opening import Store
from data.store.tables import duplicates, identities, people, schools, wishes
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records, as its school's last list has it."""

    pseudonym: str
    surname: str | None
    first_name: str | None
    born: date | None
    street: str | None
    town: str | None
    school: str | None
    school_class: str | None
    certificate: Certificate | None
    wishes: tuple[str, ...]


def compared(store: Store, one: str, other: str, by: str, purpose: Purpose) -> tuple[Side, ...]:
    """Both records of a pair; nothing of one that is there no more. It is logged.

    Raises `FaultyInput` (`PAIR_UNKNOWN`) for a pair that was never offered.
    """
    with store.transaction() as connection:
        pair = tuple(sorted((one, other)))
        known = select(duplicates.c.one).where(duplicates.c.one == pair[0])
        if connection.scalar(known.where(duplicates.c.other == pair[1])) is None:
            raise FaultyInput((Fault(Rule.PAIR_UNKNOWN),))
        append(connection, by, f"show.names.{purpose}", f"{one} {other}")
        found = []
        for pseudonym in (one, other):
            chosen = (
                select(
                    identities,
                    people.c.season,
                    people.c.school,
                    people.c.school_class,
                    people.c.certificate,
                    schools.c.name.label("school_name"),
                )
                .outerjoin(people, people.c.pseudonym == identities.c.pseudonym)
                .outerjoin(schools, schools.c.school == people.c.school)
                .where(identities.c.pseudonym == pseudonym)
                .order_by(people.c.season.desc())
                .limit(1)
            )
            row = connection.execute(chosen).mappings().one_or_none()
            if row is None:
                continue
            wished = (
                select(wishes.c.kldb)
                .where(wishes.c.pseudonym == pseudonym, wishes.c.season == row["season"])
                .order_by(wishes.c.rank)
            )
            level = row["certificate"]
            found.append(
                Side(
                    pseudonym=pseudonym,
                    surname=row["surname"],
                    first_name=row["first_name"],
                    born=row["born"],
                    street=row["street"],
                    town=" ".join(part for part in (row["postcode"], row["town"]) if part) or None,
                    school=row["school_name"] or row["school"],
                    school_class=row["school_class"],
                    certificate=None if level is None else Certificate(level),
                    wishes=tuple(connection.scalars(wished)),
                )
            )
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one person; `decision` is `same`, `different` or none yet."""

    one: str
    other: str
    score: float
    rule: str
    decision: str | None
    by: str | None
    on: date | None


def pairs(
    store: Store, *, decided: bool, start: int = 0, count: int = 25
) -> tuple[int, tuple[Pair, ...]]:
    """How many pairs wait (or were decided), and some: likeliest first, last decided first."""
    is_open = duplicates.c.decision.is_(None)
    mine = ~is_open if decided else is_open
    order = (
        (duplicates.c.at.desc(), duplicates.c.one, duplicates.c.other)
        if decided
        else (duplicates.c.score.desc(), duplicates.c.one, duplicates.c.other)
    )
    chosen = select(duplicates).where(mine).order_by(*order).offset(start).limit(count)
    with store.reading() as connection:
        total = connection.scalar(select(func.count()).select_from(duplicates).where(mine)) or 0
        rows = connection.execute(chosen).mappings().all()
    return int(total), tuple(
        Pair(
            row["one"],
            row["other"],
            row["score"],
            row["rule"],
            row["decision"],
            row["by"],
            None if row["at"] is None else row["at"].date(),
        )
        for row in rows
    )
