"""What does a written plan claim, and which prices prove it?

A claim is read, not judged: whether a pair is possible, a chance right or a price a proof is for
the verification to say. Only what can't be read at all is a fault here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pandera.pandas import DataFrameSchema

from data.intake.cells import numbers_of
from data.intake.checks import attempt, checked, column, numbers, once, within
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Numbers

SEEKER_PRICES, PLACE_PRICES = "prices_seekers.csv", "prices_places.csv"

PLAN = DataFrameSchema({"seeker": column(), "place": column(), "chance": column(numbers())})


@dataclass(frozen=True, slots=True, eq=False)
class PlanClaim:
    """The chosen pairs of a file in its order: ids, claimed chance (float64), row in the file."""

    seeker: tuple[str, ...]
    place: tuple[str, ...]
    chance: Numbers
    row: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.seeker)


@dataclass(frozen=True, slots=True, eq=False)
class PriceColumn:
    """The prices of a file in its order: ids, price (float64), row in the file."""

    id: tuple[str, ...]
    price: Numbers
    row: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """What each person and each place is worth, as two files claim."""

    seekers: PriceColumn
    places: PriceColumn


def read_plan(source: Source) -> PlanClaim:
    """Read a plan: `seeker`, `place`, `chance`. A plan that places nobody is fine.

    Raises `FaultyInput` with every cell that is blank or no number.
    """
    table = checked(source, PLAN, may_be_empty=True)
    return PlanClaim(
        tuple(table.words("seeker")),
        tuple(table.words("place")),
        numbers_of(table.frame["chance"])[0],
        np.array(table.rows, dtype=np.int64),
    )


def read_prices(folder: Path) -> PriceClaim:
    """Read the prices that a folder holds: `seeker`, `price` and `place`, `price`.

    Raises `FaultyInput` with every fault of both files, `ID_TWICE` for two prices of one id.
    """
    faults: list[Fault] = []
    seekers = attempt(faults, _prices, folder / SEEKER_PRICES, "seeker")
    places = attempt(faults, _prices, folder / PLACE_PRICES, "place")
    if seekers is None or places is None:
        raise FaultyInput(tuple(faults))
    return PriceClaim(seekers, places)


def _prices(source: Source, name: str) -> PriceColumn:
    finite = within(np.isfinite, Rule.NUMBER_UNREADABLE)
    schema = DataFrameSchema({name: column(once()), "price": column(numbers(), finite)})
    table = checked(source, schema, may_be_empty=True)
    return PriceColumn(
        tuple(table.words(name)),
        numbers_of(table.frame["price"])[0],
        np.array(table.rows, dtype=np.int64),
    )
