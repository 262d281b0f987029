"""How many openings has each place, says a file?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pandera.pandas import DataFrameSchema

from data.intake.cells import numbers_of
from data.intake.checks import CheckedTable, column, examined, identifiers, once, whole_numbers
from data.intake.reading import Source
from matching.errors import FaultyInput

#: More openings than this at one place are taken for a slip.
MOST_OPENINGS = 1_000_000

SCHEMA = DataFrameSchema(
    {"place": identifiers(once()), "openings": column(*whole_numbers(0, MOST_OPENINGS))}
)


@dataclass(frozen=True, slots=True, eq=False)
class Openings:
    """The places of a file, sorted by id, with the number of people each can take (int64).

    `dropped` names the columns that the file has besides.
    """

    places: tuple[str, ...]
    openings: npt.NDArray[np.int64]
    dropped: tuple[str, ...] = ()


def read_openings(source: Source) -> Openings:
    """Read the places from CSV or Parquet: `place`, `openings`.

    Ids may be text or whole numbers, and become text. Raises `FaultyInput` with every fault.
    """
    openings = examine_openings(source)
    if isinstance(openings, CheckedTable):
        raise FaultyInput(openings.faults)
    return openings


def examine_openings(source: Source) -> Openings | CheckedTable:
    """The places of a file; of a file with faults its table, faults and all.

    Raises `FaultyInput` only where there is no table to speak of.
    """
    table = examined(source, SCHEMA)
    if table.faults:
        return table
    counts = numbers_of(table.frame["openings"])[0].astype(np.int64)
    rows = sorted(zip(table.words("place"), counts.tolist(), strict=True))
    return Openings(
        tuple(place for place, _ in rows),
        np.array([count for _, count in rows], dtype=np.int64),
        table.dropped,
    )
