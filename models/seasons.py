"""Which seasons of a history lie ahead? What has not been can't have been learned from.

A season is judged by what its label says of its beginning: a day (`2026-08-01`, `01.08.2026`), or a
year (`2026`, `2026/27`, `winter 2026`). A label without either is not judged.
"""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from models.declaration import Declaration, Finding, Flaw
from models.features import Table

_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_GERMAN_DAY = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20|21)\d{2})(?!\d)")


def seasons_ahead(history: Table, declaration: Declaration, today: date) -> tuple[Finding, ...]:
    """Every season of the history that begins after `today`, each once, in the order of labels."""
    name = declaration.columns.season
    if name is None or name not in history:
        return ()
    labels = sorted({str(label) for label in pd.Series(history[name]).dropna().unique()})
    ahead = [label for label in labels if (first := begins(label)) is not None and first > today]
    return tuple(Finding(Flaw.SEASON_AHEAD, name, value=label[:40]) for label in ahead)


def begins(label: str) -> date | None:
    """The first day that a season's label allows; `None` where it names no day and no year."""
    for pattern, order in ((_DAY, (1, 2, 3)), (_GERMAN_DAY, (3, 2, 1))):
        found = pattern.search(label)
        if found:
            try:
                return date(*(int(found[part]) for part in order))
            except ValueError:
                return None
    found = _YEAR.search(label)
    return None if found is None else date(int(found[1]), 1, 1)
