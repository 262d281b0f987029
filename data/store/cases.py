"""Who looks after somebody, and what do they think? Cases, judgements, when chances are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data.store.audit import append
from data.store.chance_models import is_manual
from data.store.house_settings import switches_of
from data.store.opening import Store
from data.store.persons import records_of
from data.store.tables import cases, counselors, judgements, places
from matching.errors import Fault, FaultyInput, Rule


class Scores(StrEnum):
    """When a counselor is shown chances: always, after their own judgement, or never.

    Each shows less than the one before it.
    """

    SHOWN = "shown"
    AFTER = "after"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Case:
    """Who looks after somebody, and when they are to be asked again.

    `agreed_on` is the day on which the person agreed that firms are told their name.
    """

    counselor: str | None = None
    again: date | None = None
    agreed_on: date | None = None


def case_of(connection: Connection, season: str, pseudonym: str) -> Case:
    """Who looks after a person."""
    chosen = select(cases.c.counselor, cases.c.contact_again, cases.c.agreed_on).where(
        cases.c.season == season, cases.c.pseudonym == pseudonym
    )
    row = connection.execute(chosen).one_or_none()
    return Case() if row is None else Case(*row)


def change_case(
    store: Store,
    season: str,
    pseudonym: str,
    by: str,
    action: str,
    known: Mapping[str, object] = MappingProxyType({}),
    **changes: Any,
) -> None:
    """Set columns of a person's case, and log it under `action`.

    Raises `FaultyInput`: `SEEKER_UNKNOWN`, and `CHANGED_SINCE` where columns of the case don't say
    what is `known` of them.
    """
    with store.transaction() as connection:
        head = records_of(connection, pseudonym)[0]
        open_cases(connection, season, [head])
        _check_known(connection, season, head, known)
        set_case(connection, season, head, **changes)
        append(connection, by, action, head, sorted(changes))


def _check_known(
    connection: Connection, season: str, head: str, known: Mapping[str, object]
) -> None:
    """Raise `FaultyInput` where a case, kept from changes until the end, says something else."""
    mine = (cases.c.season == season) & (cases.c.pseudonym == head)
    row = connection.execute(select(cases).where(mine).with_for_update()).mappings().one_or_none()
    for name, value in known.items():
        if (row[name] if row else None) != value:
            raise FaultyInput((Fault(Rule.CHANGED_SINCE, column=name),))


def open_cases(connection: Connection, season: str, heads: Iterable[str]) -> None:
    """Make a case that says nothing for whoever has none, in the caller's transaction.

    On PostgreSQL whoever makes the same one is waited for, instead of breaking off at its key.
    """
    rows = [{"season": season, "pseudonym": head} for head in heads]
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(cases).on_conflict_do_nothing(), rows)


def set_case(connection: Connection, season: str, head: str, **changes: Any) -> None:
    """Set columns of a person's case within the caller's transaction."""
    mine = (cases.c.season == season) & (cases.c.pseudonym == head)
    if connection.execute(update(cases).where(mine).values(**changes)).rowcount == 0:
        connection.execute(insert(cases).values(season=season, pseudonym=head, **changes))


def judged(store: Store, season: str, pseudonym: str, by: str) -> dict[str, int]:
    """How well places fit a person in somebody's own eyes: from 1 (very well) to 4 (not at all)."""
    chosen = select(judgements.c.place, judgements.c.fit).where(
        judgements.c.season == season,
        judgements.c.pseudonym == pseudonym,
        judgements.c.by == by,
    )
    with store.reading() as connection:
        return dict(connection.execute(chosen).all())


def judge(store: Store, season: str, pseudonym: str, place: str, fit: int, by: str) -> None:
    """Keep somebody's own judgement of a pair. Raises `FaultyInput` for a place that is unknown."""
    key = {"season": season, "pseudonym": pseudonym, "place": place, "by": by}
    mine = and_(*(judgements.c[name] == value for name, value in key.items()))
    with store.transaction() as connection:
        if connection.scalar(select(places.c.id).where(places.c.id == place)) is None:
            raise FaultyInput((Fault(Rule.PLACE_UNKNOWN, column="place", value=place),))
        connection.execute(delete(judgements).where(mine))
        connection.execute(insert(judgements).values(**key, fit=fit, at=datetime.now(UTC)))
        append(connection, by, "person.judge", pseudonym, ["fit"])


def scores_of(store: Store, name: str) -> Scores:
    """When a counselor is shown chances: after a judgement of their own unless they chose.

    Never earlier than the house allows (`house_scores`).
    """
    with store.reading() as connection:
        told = connection.scalar(select(counselors.c.scores).where(counselors.c.name == name))
    own = Scores.AFTER if told is None else Scores(told)
    return max(own, house_scores(store), key=list(Scores).index)


def house_scores(store: Store) -> Scores:
    """The most that any counselor is shown; nothing while people do without chances."""
    return Scores.OFF if is_manual(store) else Scores(switches_of(store).scores)


def set_scores(store: Store, name: str, scores: Scores) -> None:
    """Keep when a counselor wants to be shown chances."""
    with store.transaction() as connection:
        mine = update(counselors).where(counselors.c.name == name)
        if connection.execute(mine.values(scores=scores.value)).rowcount == 0:
            connection.execute(insert(counselors).values(name=name, scores=scores.value))
        append(connection, name, "counselor.scores", f"user {name}", ["scores"])
