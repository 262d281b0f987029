"""Who is meant by a row? A pseudonym, a school's number of somebody, or a name and a birth date."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from data.intake.row_check import Cells, CheckedRow

#: Nobody in these lists is older.
FIRST_BIRTH = date(1900, 1, 1)

#: Cells that say who somebody is, or may say anything about them: never in a fault.
SECRET = frozenset({"number", "surname", "first_name", "born"})


class Named(NamedTuple):
    """All that a row says of who is meant."""

    pseudonym: str | None
    school: str | None
    number: str | None
    surname: str | None
    first_name: str | None
    born: date | None


def from_school(cells: Cells, school: str | None) -> Cells:
    """The cells with the school that hands in the list, which a row keeps while it waits."""
    return {"school": school, **cells} if school is not None and cells else cells


def named_person(row: CheckedRow, school: str | None = None) -> Named:
    """Who is meant by a row; `school` is the school that hands in the list, where the row has none.

    A row that names nobody is a fault in its pseudonym; one that names somebody by half is a fault
    in the other half.
    """
    person = Named(
        row.text("pseudonym"),
        row.text("school") or school,
        row.text("number"),
        row.text("surname"),
        row.text("first_name"),
        row.day("born", FIRST_BIRTH),
    )
    if "pseudonym" in row.cells:
        return person
    if "number" in row.cells:
        if person.school is None:
            row.need("school")
    elif row.cells.keys() & {"surname", "first_name", "born"}:
        for field in ("surname", "first_name", "born"):
            row.need(field)
    else:
        row.need("pseudonym")
    return person
