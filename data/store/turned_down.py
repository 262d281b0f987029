"""Which pairs were turned down? What nobody may be proposed again, until the answer is corrected.

A pair is turned down when the last that was told of it is a refusal, a withdrawal or the end of a
contract. Told of it are contacts (by hand or in a list) and what somebody moved a proposal to. An
answer that is taken back, or a later one to the contrary, frees the pair. "Unknown" says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, exists, select

from data.intake.records import ContactStatus
from data.store.case_steps import ANSWERED, TAKEN_BACK
from data.store.doubles import heads_of
from data.store.opening import Store
from data.store.plans import OBJECTED, WITHOUT_BASIS
from data.store.tables import contacts, imports, plans, proposal_history

#: A person, by the pseudonym that stands for them, and a place.
Pair = tuple[str, str]

_ENDS = frozenset({ContactStatus.DECLINED.value, ContactStatus.WITHDRAWN.value})
_GOES_ON = frozenset({"accepted", "contract", "started"})

#: Reasons of a proposal's history that tell what contacts tell, or nothing of the place.
_TOLD_ELSEWHERE = frozenset({ANSWERED, TAKEN_BACK, WITHOUT_BASIS, OBJECTED})


_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class _Word:
    """What was told of a pair: of which day, when it was written down, whether it is the end."""

    on: date
    told_at: datetime
    ends: bool


def turned_down(store: Store, season: str) -> frozenset[Pair]:
    """The pairs of a season that are not to be proposed again."""
    with store.reading() as connection:
        return turned_down_in(connection, season, heads_of(connection))


def turned_down_in(
    connection: Connection, season: str, heads: Mapping[str, str]
) -> frozenset[Pair]:
    """The same within the caller's transaction; `heads` as `data.store.doubles.heads_of` gives."""
    last: dict[Pair, _Word] = {}
    for pseudonym, place, word in (*_contacts(connection, season), *_moved(connection, season)):
        pair = heads.get(pseudonym, pseudonym), place
        last[pair] = max(word, last.get(pair, word))
    return frozenset(pair for pair, word in last.items() if word.ends)


def _contacts(connection: Connection, season: str) -> Iterator[tuple[str, str, _Word]]:
    chosen = (
        select(
            contacts.c.pseudonym, contacts.c.place, contacts.c.status, contacts.c.on, imports.c.at
        )
        .outerjoin(imports, imports.c.id == contacts.c.import_id)
        .where(contacts.c.season == season, contacts.c.place.is_not(None))
        .where(contacts.c.status != ContactStatus.UNKNOWN.value)
    )
    for pseudonym, place, status, on, at in connection.execute(chosen):
        yield pseudonym, place, _Word(on or date.min, at or _EVER, status in _ENDS)


def _moved(connection: Connection, season: str) -> Iterator[tuple[str, str, _Word]]:
    """What proposals stand at, where somebody moved them there and no contact says so."""
    step = proposal_history
    later = step.alias("later")
    is_last = ~exists().where(
        later.c.plan == step.c.plan,
        later.c.pseudonym == step.c.pseudonym,
        later.c.place == step.c.place,
        later.c.id > step.c.id,
    )
    chosen = (
        select(step.c.pseudonym, step.c.place, step.c.status, step.c.at)
        .join(plans, plans.c.id == step.c.plan)
        .where(plans.c.season == season, step.c.status.in_(_ENDS | _GOES_ON))
        .where(step.c.reason.not_in(_TOLD_ELSEWHERE), is_last)
    )
    for pseudonym, place, status, at in connection.execute(chosen):
        yield pseudonym, place, _Word(at.date(), at, status in _ENDS)
