"""Which columns of a history are for an audit only? They are parted from what a model reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from models.declaration import Declaration, Finding, Flaw, NotUsable
from office.learning_tables import read_table


def apart_from_traits(
    path: Path, rows: pd.DataFrame, traits: Sequence[str], declaration: Declaration
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The history without the traits, and the traits as the words that stand in its file.

    A declared column may be audited by too; it stays in the history. Raises `NotUsable` naming
    every trait that is no column.
    """
    wanted = list(dict.fromkeys(traits))
    missing = [name for name in wanted if name not in rows]
    if missing:
        raise NotUsable(tuple(Finding(Flaw.COLUMN_MISSING, name) for name in missing))
    names = declaration.columns
    declared = {*declaration.names, names.outcome, names.season, names.person, names.firm}
    words = read_table(path, words=wanted)[wanted].reset_index(drop=True)
    hidden = [name for name in wanted if name not in declared]
    return rows.drop(columns=hidden).reset_index(drop=True), words
