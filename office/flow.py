"""Who goes where? From each school into the fields of work of the places proposed.

Fields are the ten areas (first digits) of the Klassifikation der Berufe 2010. What a few people
would be told of is left to the others of their school.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from office.groups import Group, Kind
from office.suppression import crossed

#: A school by its name, or what it is where it has none.
Label = tuple[str | None, Kind]


class Field(StrEnum):
    """Where people go: an area of the KldB 2010 by its digit, or none.

    `OTHERS` holds, of one school, those who are placed or have no proposal, and fields that are
    not told.
    """

    LAND = "1"
    MAKING = "2"
    BUILDING = "3"
    SCIENCE = "4"
    TRAFFIC = "5"
    TRADE = "6"
    OFFICE = "7"
    CARE = "8"
    MEDIA = "9"
    MILITARY = "0"
    UNKNOWN = "unknown"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Link:
    """So many people of a school (`None`: the schools that are told together) go into a field."""

    school: str | None
    field: Field
    people: int


#: The fields that a proposal leads to.
_PROPOSED = tuple(field for field in Field if field is not Field.OTHERS)


def flow(
    schools: tuple[Group, ...], people: Iterable[tuple[Label, Field | None, bool]]
) -> tuple[Link, ...]:
    """Everybody who is counted, by school and field; in the order of the schools, then the fields.

    `schools` are the groups that are told, `people` each one's school, the field of work of the
    proposal that counts (`None` for whoever has none), and whether they are placed. Nothing is
    told where no group is.
    """
    if not schools:
        return ()
    at = {(one.name, one.kind): row for row, one in enumerate(schools)}
    fields: list[Field | None] = [*_PROPOSED, None]
    counts = np.zeros((len(schools), len(fields)), dtype=np.int64)
    free = np.zeros_like(counts)
    for label, field, is_placed in people:
        cell = at.get(label, len(schools) - 1), fields.index(field)
        counts[cell] += 1
        free[cell] += not is_placed
    kept_back = crossed(counts, free)
    if kept_back is None:
        return ()
    links: list[Link] = []
    for row, school in enumerate(schools):
        told = [
            Link(school.name, field, int(counts[row, column]))
            for column, field in enumerate(_PROPOSED)
            if counts[row, column] and not kept_back[row, column]
        ]
        rest = int(counts[row].sum()) - sum(link.people for link in told)
        links += [*told, Link(school.name, Field.OTHERS, rest)] if rest else told
    return tuple(links)


def field_of(code: str | None) -> Field:
    """The field of work of an occupation's code."""
    return Field(code[0]) if code and code[0].isdigit() else Field.UNKNOWN
