"""Which training places are offered, says a file?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from pandera.pandas import Check, DataFrameSchema

from data.intake.cells import date_of, whole_of
from data.intake.checks import (
    CheckedTable,
    checked,
    column,
    dates,
    identifiers,
    once,
    reads,
    whole_numbers,
)
from data.intake.openings import MOST_OPENINGS
from data.intake.reading import Source
from data.reference.certificates import certificate_of
from data.reference.occupations import code_of
from data.reference.postcodes import site
from matching.errors import Rule
from matching.problem import Place

#: The note that marks a row as invented, in the column `Hinweis`.
INVENTED = "erfunden"


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
    table = checked(source, _schema(partial(code_of, extra=occupations)))
    places = _places(table, occupations)
    return PlaceList(places, is_invented(table), table.dropped)


def is_invented(table: CheckedTable) -> bool:
    """Whether a row of the table is marked as invented."""
    return any(note is not None and note.casefold() == INVENTED for note in table.texts("Hinweis"))


def _schema(code: partial[str | None]) -> DataFrameSchema:
    def titled(frame: pd.DataFrame) -> pd.Series:
        """Whether the title names an occupation, where it alone could."""
        if "title" not in frame:
            return pd.Series(True, index=frame.index)
        coded = frame["kldb"].notna() if "kldb" in frame else False
        named = frame["title"].map(lambda title: code(title) is not None, na_action="ignore")
        return coded | frame["title"].isna() | named.eq(True)

    optional = partial(column, required=False, blank=True)
    return DataFrameSchema(
        {
            "place": identifiers(once()),
            "employer": optional(),
            "title": optional(),
            "kldb": optional(reads(code, Rule.OCCUPATION_UNKNOWN)),
            "postcode": column(reads(site, Rule.POSTCODE_UNKNOWN)),
            "openings": column(*whole_numbers(0, MOST_OPENINGS)),
            "certificate": optional(reads(certificate_of, Rule.CERTIFICATE_UNKNOWN)),
            "minimum_age": optional(*whole_numbers(0, 99)),
            "starts": optional(dates()),
            "Hinweis": optional(),
        },
        checks=[Check(titled, name=Rule.OCCUPATION_UNKNOWN, title="title", ignore_na=False)],
    )


def _places(table: CheckedTable, extra: Path | None) -> tuple[Place, ...]:
    names = zip(table.texts("kldb"), table.texts("title"), strict=True)
    columns = (
        table.words("place"),
        [whole_of(text) or 0 for text in table.words("openings")],
        table.texts("employer"),
        [
            None if (name := kldb or title) is None else code_of(name, extra)
            for kldb, title in names
        ],
        table.texts("title"),
        table.read("postcode", site),
        table.read("certificate", certificate_of),
        table.read("minimum_age", whole_of),
        table.read("starts", date_of),
    )
    places = (Place(*cells) for cells in zip(*columns, strict=True))
    return tuple(sorted(places, key=lambda place: place.id))
