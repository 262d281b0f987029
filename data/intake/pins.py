"""Which pairs did counselors rule about, says a file?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pandera.pandas import Check, DataFrameSchema

from data.intake.cells import bond_of
from data.intake.checks import column, examined, identifiers, reads
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule
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
        "seeker": identifiers(),
        "place": identifiers(),
        "bond": column(reads(bond_of, Rule.VALUE_UNKNOWN), required=False, blank=True),
    },
    checks=[Check(_first_ruling, name=Rule.PAIR_TWICE, title="place", ignore_na=False)],
)


@dataclass(frozen=True, slots=True)
class PinList:
    """The rulings of a file in its order, each with its row; `dropped` as for other tables.

    Where there are `faults`, the rulings are those whose two ids could be read; they then serve to
    find more faults and for nothing else.
    """

    file: str
    pins: tuple[Pin, ...]
    rows: tuple[int, ...]
    dropped: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_pins(source: Source) -> PinList:
    """Read the rulings from CSV or Parquet: `seeker`, `place`, and maybe `bond` (`pin` or `ban`).

    Where `bond` is missing or blank, the pair is pinned. A file without rulings is fine. A pair
    both pinned and banned is no fault of the file but a contradiction, which the problem names.
    Raises `FaultyInput` with every fault, `PAIR_TWICE` for a ruling that is repeated.
    """
    rulings = examine_pins(source)
    if rulings.faults:
        raise FaultyInput(rulings.faults)
    return rulings


def examine_pins(source: Source) -> PinList:
    """Read the rulings, faults and all; raises `FaultyInput` only where there is no table."""
    table = examined(source, SCHEMA, may_be_empty=True)
    unread = table.faulty("bond")
    bad = table.faulty("seeker") | table.faulty("place")
    named = zip(
        table.rows,
        table.texts("seeker"),
        table.texts("place"),
        table.read("bond", bond_of),
        strict=True,
    )
    rulings = [
        # Of a bond that can't be read it is not known whether its pair must be a possible one;
        # a ban asks less.
        (row, Pin(seeker, place, Bond.BAN if row in unread else bond or Bond.PIN))
        for row, seeker, place, bond in named
        if seeker is not None and place is not None and row not in bad
    ]
    return PinList(
        table.file,
        tuple(pin for _, pin in rulings),
        tuple(row for row, _ in rulings),
        table.dropped,
        table.faults,
    )
