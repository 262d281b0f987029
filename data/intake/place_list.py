"""Which training places are offered, says a file in which nothing may be wrong?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.intake.checks import CheckedTable, in_order
from data.intake.columns import Words, plain_heading
from data.intake.offer_rows import INVENTED
from data.intake.offers import read_offer_list
from data.intake.reading import Source
from data.intake.records import PlaceRecord
from data.reference.postcodes import site
from data.reference.titles import Titles
from matching.errors import FaultyInput, Rule
from matching.problem import Place

#: The headings of a place list of ours, and the fields that they mean.
_HEADINGS = {
    "place": "reference",
    "employer": "employer",
    "title": "title",
    "kldb": "kldb",
    "postcode": "postcode",
    "openings": "openings",
    "certificate": "requires",
    "minimum_age": "minimum_age",
    "starts": "starts",
    "Hinweis": "invented",
}
_WORDS = Words(
    {plain_heading(h): (field, rank) for rank, (h, field) in enumerate(_HEADINGS.items())},
    {field: heading for heading, field in _HEADINGS.items()},
)
_NEEDED = frozenset({"reference", "postcode", "openings"})


@dataclass(frozen=True, slots=True)
class PlaceList:
    """The places of a file, sorted by id.

    `invented` is true as soon as one row is marked as invented; `dropped` names the columns that
    were not read.
    """

    places: tuple[Place, ...]
    invented: bool = False
    dropped: tuple[str, ...] = ()


def read_place_list(source: Source, occupations: Path | None = None) -> PlaceList:
    """Read the offered places: `place`, `postcode`, `openings`, and what else is known of them.

    The others are `employer`, `title`, `kldb`, `certificate`, `minimum_age`, `starts`; each may be
    missing or blank. The occupation comes from `kldb` (a code or a title), or where that is blank
    from `title`. `occupations` is the folder of an imported official table. Raises `FaultyInput`
    with every fault.
    """
    read = read_offer_list(source, Titles(occupations), words=_WORDS, needed=_NEEDED)
    missing = {fault.column for fault in read.faults if fault.rule is Rule.COLUMN_MISSING}
    faults = [
        fault
        for fault in (*read.faults, *(fault for row in read.waiting for fault in row.faults))
        if not (fault.rule is Rule.VALUE_MISSING and fault.column in missing)
    ]
    if faults:
        raise FaultyInput(in_order(faults))
    places = sorted((place_of(record) for record in read.records), key=lambda place: place.id)
    invented = any(record.invented for record in read.records)
    return PlaceList(tuple(places), invented, read.dropped_columns)


def place_of(record: PlaceRecord) -> Place:
    """The engine's place that a record speaks of."""
    return Place(
        id=record.reference,
        openings=record.openings,
        employer=record.employer,
        occupation=record.kldb,
        title=record.title,
        site=None if record.postcode is None else site(record.postcode),
        requires=record.requires,
        minimum_age=record.minimum_age,
        starts=record.starts,
    )


def is_invented(table: CheckedTable) -> bool:
    """Whether a row of the table is marked as invented."""
    return any(note is not None and note.casefold() == INVENTED for note in table.texts("Hinweis"))
