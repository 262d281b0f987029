"""What does the store hold of a person, and what does a list say otherwise?

What a list is silent about stays as it is: a blank cell changes something only where the list has
the column. A withdrawn legal ground is not revived by a list, unless it names a consent that was
given after the withdrawal, and not on a day to come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from data.intake.records import Basis, LegalBasis, PupilRecord
from data.store.grounds import given_after
from data.store.import_log import plain
from data.store.tables import consents, identities, marks, people, wishes
from matching.target import Standing

Cells = dict[str, Any]

IDENTITY = ("surname", "first_name", "born", "street", "postcode", "town", "email", "phone")
SCHOOLING = (
    "number",
    "school_class",
    "grade",
    "certificate",
    "compulsory_school_done",
    "leaves",
    "longest_way",
    "applied_before",
    "standing",
    "postcode",
    "present",
    "invented",
)
#: A list that leaves these blank is believed to have left them out.
_NEVER_BLANKED = frozenset({"surname", "first_name", "number"})


@dataclass(slots=True)
class State:
    """All that is kept of one person in one season; `person` is `None` where they are new in it."""

    identity: Cells
    person: Cells | None = None
    wishes: tuple[str, ...] = ()
    marks: Cells = field(default_factory=dict)
    consents: int = 0
    basis: LegalBasis | None = None
    withdrawn: Any = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row changes of a person: the state to come, and how to come back.

    `fields` are the names of what changes; `before` holds the columns as they were. `basis` is
    `None` where the legal ground stays.
    """

    pseudonym: str
    state: State
    fields: tuple[str, ...]
    before: Cells
    basis: LegalBasis | None


def states_of(connection: Connection, season: str, pseudonyms: Sequence[str]) -> dict[str, State]:
    """The states of some people; who is not in the store is not in the answer."""

    def rows(table: Any, *order: Any) -> Iterable[RowMapping]:
        chosen = select(table).where(table.c.pseudonym.in_(pseudonyms)).order_by(*order)
        if "season" in table.c:
            chosen = chosen.where(table.c.season == season)
        return connection.execute(chosen).mappings().all()

    states = {
        row["pseudonym"]: State({name: row[name] for name in IDENTITY}) for row in rows(identities)
    }
    for row in rows(people):
        states[row["pseudonym"]].person = {name: row[name] for name in SCHOOLING}
    for row in rows(wishes, wishes.c.rank):
        states[row["pseudonym"]].wishes += (row["kldb"],)
    for row in rows(marks):
        states[row["pseudonym"]].marks[row["subject"]] = row["mark"]
    for row in rows(consents, consents.c.sequence):
        state = states[row["pseudonym"]]
        state.consents = row["sequence"]
        terms = (Basis(row["kind"]), row["given_on"], row["version"], row["giver"])
        state.basis, state.withdrawn = LegalBasis(*terms), row["withdrawn_at"]
    return states


def difference(
    pseudonym: str,
    old: State | None,
    record: PupilRecord,
    said: Collection[str],
    withdrawn_on: date | None = None,
) -> Difference | None:
    """What a row says otherwise than the store, or `None`; `said` are the fields the list has.

    `withdrawn_on` is when the person withdrew, who was deleted since.
    """
    known = old or State({})
    identity = {n: _taken(record, n, known.identity.get(n), said) for n in IDENTITY}
    earlier = known.person or {}
    person = {
        name: _taken(record, name, earlier.get(name), said)
        for name in SCHOOLING
        if name not in ("postcode", "present")
    }
    person |= {"postcode": identity["postcode"], "present": True}
    person = {name: person[name] for name in SCHOOLING}
    if record.standing is Standing.LOOKING and earlier and "standing" not in said:
        person["standing"] = earlier["standing"]
    named = record.wishes or any(name.startswith("wish") for name in said)
    wished = tuple(dict.fromkeys(record.wishes)) if named else known.wishes
    marked = dict(record.marks) if record.marks or "marks" in said else known.marks
    basis = _new_basis(known, record.basis, withdrawn_on)
    before: Cells = {}
    if old is not None:
        before = _changed("identities", known.identity, identity)
    if known.person is None:
        before["people"] = None
    else:
        before |= _changed("people", known.person, person)
    if wished != known.wishes:
        before["wishes"] = list(known.wishes)
    if marked != known.marks:
        before["marks"] = dict(known.marks)
    if basis is not None:
        before["consents"] = known.consents
    if old is not None and not before:
        return None
    state = State(identity, person, wished, marked, known.consents)
    return Difference(pseudonym, state, _names_of(before), before, basis)


def _taken(record: PupilRecord, name: str, known: object, said: Collection[str]) -> object:
    """The row's value of a field, or where it is silent, the one that is known."""
    value = getattr(record, name)
    if value in (None, ""):
        blanked = name in said and name not in _NEVER_BLANKED
        return None if blanked else known if known is not None else value
    if name == "certificate":
        return int(value)
    return value.value if name == "standing" else value


def _changed(table: str, old: Cells, new: Cells) -> Cells:
    changed = {name: plain(old[name]) for name in old if old[name] != new[name]}
    return {table: changed} if changed else {}


def _names_of(before: Cells) -> tuple[str, ...]:
    names: set[str] = set()
    for part, told in before.items():
        if part in ("identities", "people"):
            names.update(told or ["season"])
        else:
            names.add("basis" if part == "consents" else part)
    return tuple(sorted(names))


def _new_basis(known: State, said: LegalBasis, withdrawn_on: date | None) -> LegalBasis | None:
    if known.withdrawn is not None:
        return said if given_after(said, known.withdrawn.astimezone().date()) else None
    if withdrawn_on is not None and not given_after(said, withdrawn_on):
        standing = known.basis
        renewed = standing is not None and given_after(standing, withdrawn_on)
        said = standing if standing is not None and renewed else LegalBasis(Basis.NONE)
    return None if said == known.basis else said
