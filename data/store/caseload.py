"""What is there to do for a counselor today? Their work list, page by page.

A person is shown by the pseudonym that stands for them (see `merges`), once. Left out is whoever
no list names any longer and whoever may not be matched: nobody works on without a legal basis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, exists, false, func, or_, select

from data.intake.records import Basis, ContactStatus, OutcomeKind
from data.store.cases import Case
from data.store.doubles import heads_of, heads_table
from data.store.opening import Store
from data.store.tables import (
    cases,
    consents,
    contacts,
    identities,
    outcomes,
    people,
    places,
    plans,
    proposals,
    schools,
)
from matching.target import Standing

#: Standings of people for whom nobody has to look any more.
_SETTLED = (Standing.STARTED, Standing.OWN_FIND, Standing.SCHOOL_BASED, Standing.WITHDRAWN)
_HELD = (ContactStatus.CONTRACT, ContactStatus.STARTED)
_OUT = (ContactStatus.SENT, ContactStatus.APPLIED, ContactStatus.INTERVIEW)
_ENDED = (OutcomeKind.DUAL, OutcomeKind.SCHOOL_BASED)


class Stage(StrEnum):
    """What a counselor has to do about a person today."""

    TO_HANDLE = "to_handle"
    AGAIN = "again"
    WAITING = "waiting"
    DONE = "done"


#: In which order a work list is read.
_ORDER = {Stage.AGAIN: 0, Stage.TO_HANDLE: 1, Stage.WAITING: 2, Stage.DONE: 3}


class Whose(StrEnum):
    """Which cases are asked for."""

    MINE = "mine"
    NOBODYS = "nobodys"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One person in a work list; `place` and `status` are those of the plan in force."""

    pseudonym: str
    name: str
    school: str
    school_name: str | None
    school_class: str | None
    stage: Stage
    case: Case
    place: str | None = None
    occupation: str | None = None
    employer: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some lines of a work list: `total` of its stage, and how many there are of each stage."""

    lines: tuple[CaseLine, ...]
    total: int
    counts: Mapping[Stage, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines: whose cases, of which stage and school, with which words in the name."""

    whose: Whose = Whose.MINE
    stage: Stage | None = None
    school: str | None = None
    words: str = ""


def caseload(
    store: Store, season: str, counselor: str, today: date, asked: Asked, start: int, count: int
) -> CasePage:
    """Some lines of a work list, from the `start`th on, with the counts of all stages.

    What is due comes first, the longest due before the rest; then what is to be handled, what
    waits, and what is done; each by name.
    """
    above = heads_table()
    chosen = (
        select(people.c.pseudonym, people.c.standing, cases.c.contact_again)
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .outerjoin(above, above.c.merged == people.c.pseudonym)
        .outerjoin(cases, case_of(season, above))
        .where(people.c.season == season, people.c.present, *_wanted(counselor, asked))
        .order_by(identities.c.surname, identities.c.first_name, people.c.pseudonym)
    )
    with store.reading() as connection:
        told = told_of(connection, season)
        stages: dict[str, Stage] = {}
        dues: dict[str, date] = {}
        for pseudonym, standing, again in connection.execute(chosen):
            if told.is_shown(pseudonym):
                stages[pseudonym] = told.stage(pseudonym, standing, again, today)
                dues[pseudonym] = again or date.max
        counts = dict(Counter(stages.values()))
        shown = [one for one, stage in stages.items() if asked.stage in (None, stage)]
        shown.sort(key=lambda one: (_ORDER[stages[one]], dues[one]))
        lines = _lines(connection, season, shown[start : start + count], stages, told.heads)
    return CasePage(lines, len(shown), counts)


def schools_of(store: Store, season: str) -> dict[str, str | None]:
    """The schools of a season's people, by number, with their names."""
    chosen = (
        select(people.c.school, schools.c.name)
        .join(schools, schools.c.school == people.c.school)
        .where(people.c.season == season)
        .distinct()
        .order_by(people.c.school)
    )
    with store.reading() as connection:
        return dict(connection.execute(chosen).all())


def people_of(store: Store, season: str) -> int:
    """How many people a season's lists name."""
    with store.reading() as connection:
        found = select(func.count()).where(people.c.season == season, people.c.present)
        return int(connection.scalar(found) or 0)


# What is told of everybody ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """Whose way is at its end, who waits for an answer, and who may not be matched.

    All go by the pseudonym that stands for the person (`heads`); `twice` are records whose person
    is in the season's lists by another one, too, which stands before them.
    """

    done: frozenset[str]
    out: frozenset[str]
    barred: frozenset[str]
    twice: frozenset[str]
    heads: Mapping[str, str]

    def is_shown(self, pseudonym: str) -> bool:
        """Whether a record is in a list."""
        head = self.heads.get(pseudonym, pseudonym)
        return head not in self.barred and pseudonym not in self.twice

    def stage(self, pseudonym: str, standing: str, again: date | None, today: date) -> Stage:
        """What there is to do about somebody."""
        head = self.heads.get(pseudonym, pseudonym)
        if standing in _SETTLED or head in self.done:
            return Stage.DONE
        if again is not None and again <= today:
            return Stage.AGAIN
        return Stage.WAITING if again or head in self.out else Stage.TO_HANDLE


def told_of(connection: Connection, season: str) -> _Told:
    """What contacts, proposals, outcomes and legal grounds say; last words count."""
    heads = heads_of(connection)
    done: set[str] = set()
    out: set[str] = set()
    for (pseudonym, _), status in _last_contacts(connection, season).items():
        if status in _HELD:
            done.add(heads.get(pseudonym, pseudonym))
        elif status in _OUT:
            out.add(heads.get(pseudonym, pseudonym))
    moved = (
        select(proposals.c.pseudonym, proposals.c.status)
        .join(plans, plans.c.id == proposals.c.plan)
        .where(plans.c.season == season, plans.c.status == "active")
        .where(proposals.c.status.in_(["sent", "accepted", "contract", "started"]))
    )
    for pseudonym, status in connection.execute(moved):
        (out if status in ("sent", "accepted") else done).add(pseudonym)
    ended = select(outcomes.c.pseudonym).where(
        outcomes.c.season == season, outcomes.c.kind.in_([kind.value for kind in _ENDED])
    )
    done.update(heads.get(one, one) for one in connection.scalars(ended))
    barred = frozenset(heads.get(one, one) for one in _barred(connection))
    twice = _twice(connection, season, heads)
    return _Told(frozenset(done), frozenset(out), barred, twice, heads)


def _twice(connection: Connection, season: str, heads: Mapping[str, str]) -> frozenset[str]:
    """All records in a season's lists but one of each person: their head's, else the first."""
    listed = select(people.c.pseudonym).where(people.c.season == season, people.c.present)
    shown: dict[str, str] = {}
    known = set(connection.scalars(listed))
    for record in sorted(known):
        head = heads.get(record, record)
        shown.setdefault(head, head if head in known else record)
    return frozenset(known.difference(shown.values()))


def _last_contacts(connection: Connection, season: str) -> dict[tuple[str, str], str]:
    """The last status of each pair."""
    chosen = (
        select(contacts.c.pseudonym, contacts.c.place, contacts.c.status)
        .where(contacts.c.season == season)
        .order_by(func.coalesce(contacts.c.on, date.min), func.coalesce(contacts.c.import_id, 0))
    )
    return {(one, place): status for one, place, status in connection.execute(chosen)}


def _barred(connection: Connection) -> list[str]:
    """Who may not be matched: a last legal basis that was withdrawn, or none."""
    later = consents.alias("later")
    is_last = ~exists().where(
        later.c.pseudonym == consents.c.pseudonym, later.c.sequence > consents.c.sequence
    )
    barred = or_(consents.c.withdrawn_at.is_not(None), consents.c.kind == Basis.NONE.value)
    return list(connection.scalars(select(consents.c.pseudonym).where(barred, is_last)))


# The statement behind the list ------------------------------------------------------------------


def case_of(season: str, above: Subquery) -> ColumnElement[bool]:
    """Joins a record with the case of the person it is of; `above` is joined before."""
    head = func.coalesce(above.c.head, people.c.pseudonym)
    return (cases.c.pseudonym == head) & (cases.c.season == season)


def _wanted(counselor: str, asked: Asked) -> list[ColumnElement[bool]]:
    mine, nobodys = cases.c.counselor == counselor, cases.c.counselor.is_(None)
    whose = {Whose.MINE: mine, Whose.NOBODYS: nobodys, Whose.BOTH: or_(mine, nobodys)}
    wanted = [whose[asked.whose]]
    if asked.school is not None:
        wanted.append(people.c.school == asked.school)
    wanted += (_named_like(word) for word in asked.words.split()[:5])
    return wanted


def _named_like(word: str) -> ColumnElement[bool]:
    """Names with these letters; SQLite knows capitals of plain letters only."""
    forms = {word, word.lower(), word.title(), word.upper()}
    columns = (identities.c.surname, identities.c.first_name)
    like = [
        column.ilike(f"%{_escaped(form)}%", escape="\\")
        for column in columns
        for form in sorted(forms)
    ]
    return or_(false(), *like)


def _escaped(word: str) -> str:
    for sign in ("\\", "%", "_"):
        word = word.replace(sign, "\\" + sign)
    return word


def _lines(
    connection: Connection,
    season: str,
    shown: list[str],
    stages: Mapping[str, Stage],
    heads: Mapping[str, str],
) -> tuple[CaseLine, ...]:
    """The lines of these people, in their order."""
    above = heads_table()
    chosen = (
        select(
            people.c.pseudonym,
            people.c.school,
            people.c.school_class,
            cases.c.counselor,
            cases.c.contact_again,
            cases.c.agreed_on,
            identities.c.surname,
            identities.c.first_name,
            schools.c.name.label("school_name"),
        )
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .join(schools, schools.c.school == people.c.school)
        .outerjoin(above, above.c.merged == people.c.pseudonym)
        .outerjoin(cases, case_of(season, above))
        .where(people.c.season == season, people.c.pseudonym.in_(shown))
    )
    rows = {row["pseudonym"]: row for row in connection.execute(chosen).mappings()}
    named = {one: heads.get(one, one) for one in shown}
    offered = _proposed(connection, season, list(named.values()))
    return tuple(
        _line(rows[one], head, stages[one], offered.get(head)) for one, head in named.items()
    )


def _proposed(connection: Connection, season: str, pseudonyms: list[str]) -> dict[str, Any]:
    """What the plan in force proposes to these people."""
    chosen = (
        select(
            proposals.c.pseudonym,
            proposals.c.place,
            proposals.c.status,
            places.c.kldb,
            places.c.title,
            places.c.employer,
        )
        .join(plans, plans.c.id == proposals.c.plan)
        .join(places, places.c.id == proposals.c.place)
        .where(plans.c.season == season, plans.c.status == "active")
        .where(proposals.c.pseudonym.in_(pseudonyms))
    )
    return {row["pseudonym"]: row for row in connection.execute(chosen).mappings()}


def _line(
    row: Mapping[Any, Any], head: str, stage: Stage, proposal: Mapping[Any, Any] | None
) -> CaseLine:
    told = {} if proposal is None else {
        "place": proposal["place"],
        "occupation": proposal["kldb"] or proposal["title"],
        "employer": proposal["employer"],
        "status": proposal["status"],
    }  # fmt: skip
    return CaseLine(
        pseudonym=head,
        name=", ".join(part for part in (row["surname"], row["first_name"]) if part),
        school=row["school"],
        school_name=row["school_name"],
        school_class=row["school_class"],
        stage=stage,
        case=Case(row["counselor"], row["contact_again"], row["agreed_on"]),
        **told,
    )
