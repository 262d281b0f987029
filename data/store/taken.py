"""Which openings are taken, and by whom? What contracts of the season leave to be offered.

A list of places says how many people a firm takes in all, and goes on saying so when one of them
has signed: so every contract takes one opening away. Too few offered is a chance missed, too many
is a person sent to a place that is gone.

A person holds at most one place. They hold it by an outcome (a dual contract that names the
place), by a contact or by a proposal (whose last word is contract or started), whichever is told
last; a later word to the contrary (declined, withdrawn, another outcome) frees the opening again.
Who withdrew their legal basis holds it still: the firm's opening is gone all the same. Where all
that is known of a person is deleted, so is this: the firm's list must say it from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from data.intake.records import ContactStatus, OutcomeKind
from data.store.tables import contacts, outcomes, plans, proposal_history, proposals

_HELD = frozenset({ContactStatus.CONTRACT.value, ContactStatus.STARTED.value})
_OPEN = frozenset({ContactStatus.DECLINED.value, ContactStatus.WITHDRAWN.value})


@dataclass(frozen=True, slots=True, order=True)
class _Word:
    """What was said of a person on a day: that they hold a place, or (`held` false) hold it not.

    An outcome (`final`) speaks of the person whatever the place, and outweighs the rest of its day.
    """

    on: date
    final: bool
    held: bool
    place: str


def holders(connection: Connection, season: str, heads: Mapping[str, str]) -> dict[str, str]:
    """The place that each person holds by a contract, by the pseudonym that stands for them.

    A dual contract that names no place leaves standing what was held before.
    """
    words: dict[str, list[_Word]] = {}
    for pseudonym, word in _words(connection, season):
        words.setdefault(heads.get(pseudonym, pseudonym), []).append(word)
    found = {}
    for head, said in words.items():
        holds: str | None = None
        for word in sorted(said):
            if word.held:
                holds = word.place or holds
            elif word.final or word.place == holds:
                holds = None
        if holds is not None:
            found[head] = holds
    return found


def _words(connection: Connection, season: str) -> Iterator[tuple[str, _Word]]:
    told = select(outcomes.c.pseudonym, outcomes.c.kind, outcomes.c.on, outcomes.c.place)
    for pseudonym, kind, on, place in connection.execute(told.where(outcomes.c.season == season)):
        if kind != OutcomeKind.UNKNOWN.value:
            held = kind == OutcomeKind.DUAL.value
            yield pseudonym, _Word(on or date.min, True, held, place or "")
    met = select(contacts.c.pseudonym, contacts.c.status, contacts.c.on, contacts.c.place)
    for pseudonym, status, on, place in connection.execute(met.where(contacts.c.season == season)):
        if status in _HELD | _OPEN and place is not None:
            yield pseudonym, _Word(on or date.min, False, status in _HELD, place)
    step = proposal_history
    moved = (
        select(step.c.pseudonym, step.c.status, step.c.at, step.c.place)
        .join(plans, plans.c.id == step.c.plan)
        .join(
            proposals,
            (proposals.c.plan == step.c.plan)
            & (proposals.c.pseudonym == step.c.pseudonym)
            & (proposals.c.place == step.c.place)
            & (proposals.c.status == step.c.status),
        )
        .where(plans.c.season == season, step.c.status.in_(_HELD | _OPEN))
    )
    for pseudonym, status, at, place in connection.execute(moved):
        yield pseudonym, _Word(at.date(), False, status in _HELD, place)
