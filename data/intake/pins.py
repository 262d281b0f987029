"""Which pairs did counselors rule about, says a file?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pandera.pandas import Check, DataFrameSchema

from data.intake.cells import bond_of
from data.intake.checks import checked, column, reads
from data.intake.reading import Source
from matching.errors import Rule
from matching.problem import Bond, Pin


def _first_ruling(frame: pd.DataFrame) -> pd.Series:
    """Whether a row is the first to rule so about its pair; a blank bond is a pin."""
    if not {"seeker", "place"} <= set(frame.columns):
        return pd.Series(True, index=frame.index)
    rulings = frame[["seeker", "place"]].assign(bond=Bond.PIN.value)
    if "bond" in frame:
        rulings["bond"] = frame["bond"].str.casefold().fillna(Bond.PIN.value)
    return ~rulings.duplicated() | rulings.isna().any(axis=1)


SCHEMA = DataFrameSchema(
    {
        "seeker": column(),
        "place": column(),
        "bond": column(reads(bond_of, Rule.VALUE_UNKNOWN), required=False, blank=True),
    },
    checks=[Check(_first_ruling, name=Rule.PAIR_TWICE, title="place", ignore_na=False)],
)


@dataclass(frozen=True, slots=True)
class PinList:
    """The rulings of a file in its order, each with its row; `dropped` as for other tables."""

    file: str
    pins: tuple[Pin, ...]
    rows: tuple[int, ...]
    dropped: tuple[str, ...] = ()


def read_pins(source: Source) -> PinList:
    """Read the rulings from CSV or Parquet: `seeker`, `place`, and maybe `bond` (`pin` or `ban`).

    Where `bond` is missing or blank, the pair is pinned. A file without rulings is fine. A pair
    both pinned and banned is no fault of the file but a contradiction, which the problem names.
    Raises `FaultyInput` with every fault, `PAIR_TWICE` for a ruling that is repeated.
    """
    table = checked(source, SCHEMA, may_be_empty=True)
    bonds = [bond or Bond.PIN for bond in table.read("bond", bond_of)]
    named = zip(table.words("seeker"), table.words("place"), bonds, strict=True)
    return PinList(
        table.file,
        tuple(Pin(seeker, place, bond) for seeker, place, bond in named),
        tuple(table.rows),
        table.dropped,
    )
