"""How far has a season come? What is out, who started when, how it was decided, and what reasons.

Read by statements of their own, for a page that is opened often: no run and no name is touched.
People who are one by a row in `merges` are one here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from data.intake.records import ContactStatus, OutcomeKind
from data.store.case_steps import ANSWERED, TAKEN_BACK
from data.store.doubles import heads_of
from data.store.opening import Store
from data.store.plans import PUBLISHED
from data.store.tables import (
    audit,
    contacts,
    decisions,
    outcomes,
    people,
    plans,
    proposal_history,
    proposals,
    schools,
    settings,
)


class Stage(StrEnum):
    """How far a proposal has come, by the last word about its person and place."""

    PROPOSED = "proposed"
    SENT = "sent"
    APPLIED = "applied"
    INTERVIEW = "interview"
    ACCEPTED = "accepted"
    CONTRACT = "contract"
    STARTED = "started"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


#: What has left the house and has no answer that ends it.
OUT = frozenset({Stage.SENT, Stage.APPLIED, Stage.INTERVIEW, Stage.ACCEPTED})

_HELD = frozenset({Stage.CONTRACT, Stage.STARTED})

_RANK = {stage: rank for rank, stage in enumerate(Stage)}

#: What rows of the log begin with that change no figure of a season: people who come, go and look,
#: what is taken along, who works here, and whose case somebody is.
_ASIDE = (
    *("session.", "user.", "show.", "preview.", "export.", "audit.", "store.copy"),
    *("case.", "letter.", "list.", "counselor.", "quarantine.read"),
    *("person.judge", "person.report"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """One person and place: how far it came, when that was said, and the chance of the plan.

    `planned` says whether the plan in force proposes the pair; what an earlier plan sent stays out
    until somebody says otherwise. `chance` is `None` where no plan ever proposed it.
    """

    pseudonym: str
    place: str
    stage: Stage
    since: date
    chance: float | None
    planned: bool


@dataclass(frozen=True, slots=True)
class Handled:
    """One decision about one person: a proposal `sent` as it was made, or a ruling instead."""

    pseudonym: str
    school: str
    by: str
    at: datetime
    changed: bool


@dataclass(frozen=True, slots=True)
class Publication:
    """That a plan was put in force: by whom, when, why."""

    plan: int
    by: str
    at: datetime
    reason: str


def mark(store: Store) -> int:
    """A number that grows with whatever is changed in the store, but for `_ASIDE`.

    Every change of what is held leaves a row in the log.
    """
    counts = and_(*(audit.c.action.not_like(f"{begin}%") for begin in _ASIDE))
    last = select(audit.c.seq).where(counts).order_by(audit.c.seq.desc()).limit(1)
    with store.reading() as connection:
        return int(connection.scalar(last) or 0)


def school_names(store: Store) -> dict[str, str]:
    """The names of schools by their numbers, where the store knows them."""
    chosen = select(schools.c.school, schools.c.name).where(schools.c.name.is_not(None))
    with store.reading() as connection:
        return dict(connection.execute(chosen).all())


def courses(store: Store, season: str) -> tuple[Course, ...]:
    """Everything that the plan in force proposes or that ever was sent, by person and place."""
    with store.reading() as connection:
        heads = heads_of(connection)
        found = {
            (heads.get(who, who), place): Course(
                heads.get(who, who), place, Stage.PROPOSED, at.date(), chance, True
            )
            for who, place, chance, at in connection.execute(_in_force(season))
        }
        for who, place, stage, on, chance in sorted(_words(connection, season), key=_order):
            key = heads.get(who, who), place
            known = found.get(key)
            if known is None:
                found[key] = Course(*key, stage, on, chance, False)
            elif not (known.planned and stage is Stage.WITHDRAWN and on < known.since):
                before = known.chance if known.chance is not None else chance
                found[key] = Course(*key, stage, on, before, known.planned)
    return tuple(found[key] for key in sorted(found))


def _in_force(season: str) -> Any:
    return (
        select(proposals.c.pseudonym, proposals.c.place, proposals.c.chance, plans.c.at)
        .join(plans, plans.c.id == proposals.c.plan)
        .where(plans.c.season == season, plans.c.status == "active")
    )


_Word = tuple[str, str, Stage, date, float | None]


def _order(word: _Word) -> tuple[date, int]:
    return word[3], _RANK[word[2]]


def _words(connection: Connection, season: str) -> Iterator[_Word]:
    """What was said of pairs after they were proposed; that nobody knows says nothing.

    What answers moved is told by the contacts, which know what was taken back; what was moved
    before a proposal was set back says nothing either.
    """
    step = proposal_history
    later = step.alias("later")
    set_back = exists().where(
        later.c.plan == step.c.plan,
        later.c.pseudonym == step.c.pseudonym,
        later.c.place == step.c.place,
        later.c.id > step.c.id,
        or_(later.c.reason == TAKEN_BACK, later.c.status == Stage.PROPOSED.value),
    )
    chances = _chances(connection, season)
    moved = (
        select(step.c.pseudonym, step.c.place, step.c.status, step.c.at)
        .join(plans, plans.c.id == step.c.plan)
        .where(plans.c.season == season, step.c.status != Stage.PROPOSED.value)
        .where(step.c.reason.not_in((ANSWERED, TAKEN_BACK)), ~set_back)
    )
    for who, place, status, at in connection.execute(moved):
        yield who, place, Stage(status), at.date(), chances.get((who, place))
    met = select(contacts.c.pseudonym, contacts.c.place, contacts.c.status, contacts.c.on).where(
        contacts.c.season == season,
        contacts.c.place.is_not(None),
        contacts.c.status != ContactStatus.UNKNOWN.value,
    )
    for who, place, status, on in connection.execute(met):
        yield who, place, Stage(status), on or date.min, chances.get((who, place))


def _chances(connection: Connection, season: str) -> dict[tuple[str, str], float]:
    """The chance of every pair by the latest plan that proposed it."""
    chosen = (
        select(proposals.c.pseudonym, proposals.c.place, proposals.c.chance)
        .join(plans, plans.c.id == proposals.c.plan)
        .where(plans.c.season == season)
        .order_by(proposals.c.plan)
    )
    return {(who, place): chance for who, place, chance in connection.execute(chosen)}


def starts(store: Store, season: str) -> dict[str, date | None]:
    """The first day on which each person was said to have a contract or to have started.

    `None` where no day is told; whether that still holds, people's standing says.
    """
    found: dict[str, date | None] = {}
    with store.reading() as connection:
        heads = heads_of(connection)
        told = select(outcomes.c.pseudonym, outcomes.c.on).where(
            outcomes.c.season == season, outcomes.c.kind == OutcomeKind.DUAL.value
        )
        days: list[tuple[str, date | None]] = [(who, on) for who, on in connection.execute(told)]
        days += [
            (who, None if on == date.min else on)
            for who, _, stage, on, _ in _words(connection, season)
            if stage in _HELD
        ]
    for who, on in days:
        head = heads.get(who, who)
        known = found.get(head)
        found[head] = on if known is None else known if on is None else min(known, on)
    return found


def handled(store: Store, season: str) -> tuple[Handled, ...]:
    """Every proposal that somebody sent and every ruling, in the order in which it happened.

    A proposal that was set back after it was sent is none; nor is it sent once more where only a
    later answer of its pair was taken back.
    """
    step = proposal_history
    later = step.alias("later")
    set_back = exists().where(
        later.c.plan == step.c.plan,
        later.c.pseudonym == step.c.pseudonym,
        later.c.place == step.c.place,
        later.c.id > step.c.id,
        later.c.status == Stage.PROPOSED.value,
    )
    sent = (
        select(step.c.pseudonym, people.c.school, step.c.by, step.c.at)
        .join(plans, plans.c.id == step.c.plan)
        .join(people, (people.c.pseudonym == step.c.pseudonym) & (people.c.season == season))
        .where(plans.c.season == season, step.c.status == Stage.SENT.value)
        .where(step.c.reason != TAKEN_BACK, ~set_back)
    )
    ruled = (
        select(decisions.c.pseudonym, people.c.school, decisions.c.by, decisions.c.at)
        .join(people, (people.c.pseudonym == decisions.c.pseudonym) & (people.c.season == season))
        .where(decisions.c.season == season, decisions.c.bond.is_not(None))
    )
    with store.reading() as connection:
        heads = heads_of(connection)
        found = [
            Handled(heads.get(who, who), school, by, at, changed)
            for chosen, changed in ((sent, False), (ruled, True))
            for who, school, by, at in connection.execute(chosen)
        ]
    return tuple(sorted(found, key=lambda one: (one.at, one.pseudonym)))


def publications(store: Store) -> tuple[Publication, ...]:
    """Why plans were put in force, the newest first."""
    chosen = select(settings.c.value).where(settings.c.name.startswith(PUBLISHED))
    with store.reading() as connection:
        kept: list[Mapping[str, Any]] = list(connection.scalars(chosen))
    found = [
        Publication(
            int(one["plan"]), str(one["by"]), datetime.fromisoformat(one["at"]), str(one["reason"])
        )
        for one in kept
    ]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))
