"""What is held of people, to be carried out of the house? One row a person, each time logged.

Without names a row is a pseudonym with what matching needs. Names, birth dates, addresses and the
school's own number go out only for a stated purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select

from data.store.audit import append
from data.store.opening import Store
from data.store.seasons import training_start
from data.store.tables import consents, identities, people, wishes
from matching.problem import Certificate


class Purpose(StrEnum):
    """For what somebody needs names. Few words, so that the log can hold them."""

    COUNSELING = "counseling"
    SCHOOL = "school"
    AGENCY = "agency"
    CORRECTION = "correction"
    ACCESS = "access"


Cell = str | int | bool | date | None
Row = Mapping[str, Cell]

_NAMES = ("number", "surname", "first_name", "born", "street", "town", "email", "phone")
_PLAIN = (
    "season",
    "school",
    "school_class",
    "grade",
    "postcode",
    "certificate",
    "compulsory_school_done",
    "leaves",
    "longest_way",
    "applied_before",
    "standing",
    "present",
    "invented",
)


def headings(with_names: bool) -> tuple[str, ...]:
    """The columns of an export."""
    names = _NAMES if with_names else ()
    return ("pseudonym", *names, *_PLAIN, "wishes", "basis", "basis_given_on", "basis_withdrawn")


def people_to_export(
    store: Store, season: str, by: str, school: str | None = None, purpose: Purpose | None = None
) -> tuple[Row, ...]:
    """Everybody of a season, of one school where asked; with names only for a `purpose`.

    That it was asked is logged before anything is handed over. Raises `FaultyInput` for what is no
    season's name.
    """
    training_start(season)
    columns = [people.c.pseudonym, *(people.c[name] for name in _PLAIN)]
    if purpose is not None:
        told = (people if name == "number" else identities for name in _NAMES)
        columns += [table.c[name] for table, name in zip(told, _NAMES, strict=True)]
    chosen = (
        select(*columns)
        .join(identities, identities.c.pseudonym == people.c.pseudonym)
        .where(people.c.season == season)
        .order_by(people.c.school, people.c.pseudonym)
    )
    if school is not None:
        chosen = chosen.where(people.c.school == school)
    named = headings(purpose is not None)
    with store.transaction() as connection:
        wished: dict[str, list[str]] = {}
        for pseudonym, kldb in connection.execute(
            select(wishes.c.pseudonym, wishes.c.kldb)
            .where(wishes.c.season == season)
            .order_by(wishes.c.rank)
        ):
            wished.setdefault(pseudonym, []).append(kldb)
        last = select(consents.c.pseudonym, func.max(consents.c.sequence).label("sequence"))
        latest = last.group_by(consents.c.pseudonym).subquery()
        ground = select(
            consents.c.pseudonym, consents.c.kind, consents.c.given_on, consents.c.withdrawn_at
        ).join(
            latest,
            (consents.c.pseudonym == latest.c.pseudonym)
            & (consents.c.sequence == latest.c.sequence),
        )
        grounds = {row.pseudonym: row for row in connection.execute(ground)}
        rows = []
        for row in connection.execute(chosen).mappings():
            basis = grounds.get(row["pseudonym"])
            certificate = row["certificate"]
            told_of = {
                **row,
                "certificate": None if certificate is None else Certificate(certificate).name,
                "wishes": " ".join(wished.get(row["pseudonym"], ())),
                "basis": None if basis is None else basis.kind,
                "basis_given_on": None if basis is None else basis.given_on,
                "basis_withdrawn": basis is not None and basis.withdrawn_at is not None,
            }
            rows.append({name: told_of[name] for name in named})
        action = "export.people" if purpose is None else f"export.names.{purpose}"
        subject = f"season {season}" if school is None else f"school {school}"
        append(connection, by, action, subject, named)
        return tuple(rows)
