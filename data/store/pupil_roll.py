"""Who are a school's own pupils, what do they wish, and what became of them? With their names.

Every question is about one school and gets an answer about its pupils alone: whoever asks for
somebody else's pupil is told what they would be told of nobody. A page is read at a time; to find
and to sort by name, only the names of that one school are looked through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, select

from data.intake.records import Basis, ContactStatus, LegalBasis, OutcomeKind, PupilRecord
from data.intake.spelling import words_of
from data.store.opening import Store
from data.store.pupil_cells import cells_of_pupil
from data.store.pupil_states import State, states_of
from data.store.tables import consents, contacts, identities, outcomes, people, wishes
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from matching.target import Standing

#: Pupils on one page of the roll.
PAGE = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """A legal ground: since when, in which version, by whom, and whether it was withdrawn."""

    basis: LegalBasis
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil as their own school sees them; `outcome` and `contact` are the last ones told of."""

    pseudonym: str
    surname: str
    first_name: str
    number: str | None
    school_class: str | None
    standing: Standing
    present: bool
    wishes: tuple[str, ...] = ()
    ground: Ground | None = None
    outcome: OutcomeKind | None = None
    contact: ContactStatus | None = None

    @property
    def name(self) -> str:
        """Surname first, as lists are sorted; the number where no name is known."""
        told = ", ".join(part for part in (self.surname, self.first_name) if part)
        return told or self.number or self.pseudonym[:8]


@dataclass(frozen=True, slots=True)
class RollPage:
    """Some pupils of the roll, and how many there are in all that were asked for."""

    total: int
    pupils: tuple[Pupil, ...]


@dataclass(frozen=True, slots=True)
class Became:
    """What was told of somebody on a day: an outcome, or how far a proposal has come."""

    on: date | None
    what: OutcomeKind | ContactStatus


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a school sees of one pupil; `cells` hold the text of each field that says any."""

    pupil: Pupil
    cells: Mapping[str, str]
    grounds: tuple[Ground, ...]
    became: tuple[Became, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many pupils a roll names now, how many of them may be matched, and where they stand.

    Each of them counts once: under an outcome that was told of them and that is no standing, under
    `contracts` where a contract is signed and the training has not begun, else by their standing.
    """

    people: int = 0
    matched: int = 0
    gone: int = 0
    standings: Mapping[Standing, int] = field(default_factory=dict)
    outcomes: Mapping[OutcomeKind, int] = field(default_factory=dict)
    contracts: int = 0


#: What an outcome says of a standing; that nothing is known leaves the list's own word.
_STANDINGS = {
    OutcomeKind.DUAL: Standing.STARTED,
    OutcomeKind.SCHOOL_BASED: Standing.SCHOOL_BASED,
}
_SAID_BY_STANDING = frozenset({*_STANDINGS, OutcomeKind.UNKNOWN})


def roll_page(
    store: Store,
    season: str,
    school: str,
    *,
    search: str = "",
    school_class: str | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> RollPage:
    """Some of a school's pupils, by name; those whose name or number holds every searched word."""
    numbers = [part for part in search.split() if any(map(str.isdigit, part))]
    wanted = words_of(" ".join(part for part in search.split() if part not in numbers))
    with store.reading() as connection:
        found = []
        for row in connection.execute(_named(season, school)):
            if school_class is not None and row.school_class != school_class:
                continue
            if not all((row.number or "").startswith(part) for part in numbers):
                continue
            words = words_of(f"{row.surname} {row.first_name}")
            if all(any(word.startswith(part) for word in words) for part in wanted):
                order = (words_of(row.surname), words_of(row.first_name), row.pseudonym)
                found.append((order, row.pseudonym))
        found.sort()
        shown = [pseudonym for _, pseudonym in found[offset : offset + limit]]
        return RollPage(len(found), _pupils(connection, season, school, shown))


def classes_of(store: Store, season: str, school: str) -> tuple[str, ...]:
    """The classes of a school's pupils, in their order."""
    mine = (people.c.season == season) & (people.c.school == school)
    with store.reading() as connection:
        found = connection.scalars(select(people.c.school_class).where(mine).distinct())
        return tuple(sorted(name for name in found if name))


def totals_of(store: Store, season: str, school: str) -> Totals:
    """How many pupils a school's roll names, and how they stand."""
    with store.reading() as connection:
        rows = connection.execute(_named(season, school)).all()
        present = [row.pseudonym for row in rows if row.present]
        mine = _pupils(connection, season, school, present)
    standings: Counter[Standing] = Counter()
    ended: Counter[OutcomeKind] = Counter()
    contracts = 0
    for one in mine:
        if one.outcome is not None and one.outcome not in _SAID_BY_STANDING:
            ended[one.outcome] += 1
            continue
        standing = _STANDINGS.get(one.outcome, one.standing) if one.outcome else one.standing
        if standing is Standing.LOOKING and one.contact is ContactStatus.STARTED:
            standing = Standing.STARTED
        if standing is Standing.LOOKING and one.contact is ContactStatus.CONTRACT:
            contracts += 1
        else:
            standings[standing] += 1
    matched, gone = sum(map(may_be_matched, mine)), len(rows) - len(mine)
    return Totals(len(mine), matched, gone, dict(standings), dict(ended), contracts)


def may_be_matched(pupil: Pupil) -> bool:
    """Whether the law lets somebody propose a place to this pupil."""
    ground = pupil.ground
    return (
        ground is not None and ground.withdrawn_at is None and ground.basis.kind is not Basis.NONE
    )


def sheet_of(store: Store, season: str, school: str, pseudonym: str) -> Sheet:
    """One pupil of a school; raises `FaultyInput` (`SEEKER_UNKNOWN`) for whoever is none."""
    with store.reading() as connection:
        found = _pupils(connection, season, school, [pseudonym])
        if not found:
            raise FaultyInput((Fault(Rule.SEEKER_UNKNOWN),))
        cells = cells_in(connection, season, school, [pseudonym])[pseudonym]
        grounds = tuple(
            _ground(row)
            for row in connection.execute(
                select(consents)
                .where(consents.c.pseudonym == pseudonym)
                .order_by(consents.c.sequence)
            ).mappings()
        )
        became = [
            *_became(connection, season, pseudonym, outcomes, "kind", OutcomeKind),
            *_became(connection, season, pseudonym, contacts, "status", ContactStatus),
        ]
    became.sort(key=lambda one: one.on or date.min)
    return Sheet(found[0], cells, grounds, tuple(became))


def names_in(store: Store, season: str, school: str, pseudonyms: Iterable[str]) -> dict[str, str]:
    """The names of a school's pupils by pseudonym; of everybody else there is nothing."""
    wanted = sorted(set(pseudonyms))
    with store.reading() as connection:
        return {one.pseudonym: one.name for one in _pupils(connection, season, school, wanted)}


def stored_cells(
    store: Store, season: str, school: str, pseudonyms: Iterable[str]
) -> dict[str, dict[str, str]]:
    """What the store says of a school's pupils, as cells by field."""
    with store.reading() as connection:
        return cells_in(connection, season, school, sorted(set(pseudonyms)))


def cells_in(
    connection: Connection, season: str, school: str, pseudonyms: Sequence[str]
) -> dict[str, dict[str, str]]:
    """As `stored_cells`, within the caller's transaction."""
    found: dict[str, dict[str, str]] = {}
    for some in _some(pseudonyms):
        mine = _named(season, school).where(people.c.pseudonym.in_(some))
        own = [row.pseudonym for row in connection.execute(mine)]
        for pseudonym, state in states_of(connection, season, own).items():
            cells = cells_of_pupil(record_of(state, school))
            if "present" in (state.person or {}) and not (state.person or {})["present"]:
                cells["present"] = "nein"
            found[pseudonym] = cells
    return found


def record_of(state: State, school: str, row: int = 0) -> PupilRecord:
    """The row of a list that says just what the store holds of somebody."""
    told: dict[str, Any] = {**(state.person or {}), **state.identity}
    told.pop("present", None)
    certificate = told.pop("certificate", None)
    return PupilRecord(
        row=row,
        school=school,
        surname=told.pop("surname", ""),
        first_name=told.pop("first_name", ""),
        certificate=None if certificate is None else Certificate(certificate),
        standing=Standing(told.pop("standing", Standing.LOOKING)),
        wishes=state.wishes,
        marks=dict(state.marks),
        basis=state.basis or LegalBasis(Basis.NONE),
        **told,
    )


def _named(season: str, school: str) -> Select[Any]:
    """The names of a school's pupils in a season."""
    return (
        select(
            people.c.pseudonym,
            people.c.number,
            people.c.school_class,
            people.c.standing,
            people.c.present,
            identities.c.surname,
            identities.c.first_name,
        )
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .where(people.c.season == season, people.c.school == school)
    )


def _pupils(
    connection: Connection, season: str, school: str, pseudonyms: Sequence[str]
) -> tuple[Pupil, ...]:
    """These pupils in this order, with whatever belongs to them; strangers are left out."""
    found: dict[str, Pupil] = {}
    for some in _some(pseudonyms):
        mine = _named(season, school).where(people.c.pseudonym.in_(some))
        for row in connection.execute(mine).mappings():
            told = {**row, "standing": Standing(row["standing"])}
            found[row["pseudonym"]] = Pupil(**told)
        _add_what_belongs(connection, season, found, [one for one in some if one in found])
    return tuple(found[one] for one in pseudonyms if one in found)


def _add_what_belongs(
    connection: Connection, season: str, found: dict[str, Pupil], some: Sequence[str]
) -> None:
    wished = (
        select(wishes.c.pseudonym, wishes.c.kldb)
        .where(wishes.c.season == season, wishes.c.pseudonym.in_(some))
        .order_by(wishes.c.rank)
    )
    for pseudonym, kldb in connection.execute(wished):
        one = found[pseudonym]
        found[pseudonym] = replace(one, wishes=(*one.wishes, kldb))
    last = (
        select(consents.c.pseudonym, func.max(consents.c.sequence).label("sequence"))
        .where(consents.c.pseudonym.in_(some))
        .group_by(consents.c.pseudonym)
        .subquery()
    )
    here = and_(consents.c.pseudonym == last.c.pseudonym, consents.c.sequence == last.c.sequence)
    for row in connection.execute(select(consents).join(last, here)).mappings():
        pseudonym = row["pseudonym"]
        found[pseudonym] = replace(found[pseudonym], ground=_ground(row))
    for pseudonym, kind in _last(connection, season, outcomes, "kind", some):
        found[pseudonym] = replace(found[pseudonym], outcome=OutcomeKind(kind))
    for pseudonym, status in _last(connection, season, contacts, "status", some):
        found[pseudonym] = replace(found[pseudonym], contact=ContactStatus(status))


def _last(
    connection: Connection, season: str, table: Any, column: str, some: Sequence[str]
) -> list[tuple[str, str]]:
    """What was told of each of these people, the latest last."""
    chosen = select(table.c.pseudonym, table.c[column], table.c.on, table.c.import_id).where(
        table.c.season == season, table.c.pseudonym.in_(some)
    )
    rows = sorted(connection.execute(chosen), key=lambda row: (row[2] or date.min, row[3] or 0))
    return [(row[0], row[1]) for row in rows]


def _became(
    connection: Connection,
    season: str,
    pseudonym: str,
    table: Any,
    column: str,
    kind: type[OutcomeKind] | type[ContactStatus],
) -> Iterable[Became]:
    chosen = select(table.c.on, table.c[column]).where(
        table.c.season == season, table.c.pseudonym == pseudonym
    )
    return [Became(on, kind(what)) for on, what in connection.execute(chosen)]


def _ground(row: RowMapping) -> Ground:
    basis = LegalBasis(Basis(row["kind"]), row["given_on"], row["version"], row["giver"])
    return Ground(basis, row["withdrawn_at"], row["withdrawn_by"])


def _some(pseudonyms: Sequence[str]) -> Iterable[Sequence[str]]:
    """So many at a time as a statement takes."""
    return (pseudonyms[at : at + 500] for at in range(0, len(pseudonyms), 500))
