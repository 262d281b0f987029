"""What are the invented people and firms called? The words that their names are made of.

`names.csv` holds surnames and first names common in the district, beginnings and endings of
surnames for firms, and the region's well-known firms, whose names no invented firm may have.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path


@cache
def names(kind: str) -> tuple[str, ...]:
    """The words of one kind, in the order of the table."""
    with Path(__file__).with_name("names.csv").open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter=";")
        return tuple(row["name"] for row in rows if row["kind"] == kind)
