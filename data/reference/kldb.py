"""What does the official classification of occupations say? Reading KldB 2010 from its file.

The operator hands over the official list as CSV (`code;level;title;short_title`); a checked copy
goes into the operator's own data folder. The product works without it, from its own table of
training occupations.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from matching.errors import Fault, FaultyInput, Rule

FILE = "kldb2010.csv"
COLUMNS = ("code", "level", "title", "short_title")
#: An occupation has five digits; fewer digits name groups of occupations.
OCCUPATION_LEVEL = 5


class _Row(NamedTuple):
    """One row of the official file; `number` is its row as a reader counts them."""

    number: int
    code: str
    level: str
    title: str
    short_title: str


def import_kldb(source: Path, folder: Path) -> int:
    """Check the official file and keep a normalised copy in the folder.

    Returns the number of occupations (codes of five digits). The copy appears whole or not at all.
    Raises `FaultyInput` with every fault found; then nothing was kept.
    """
    rows = _rows(_lines(source), source.name)
    faults = tuple(_faults(rows, source.name))
    if faults:
        raise FaultyInput(faults)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row[1:] for row in sorted(rows, key=lambda row: row.code))
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{FILE}.{os.getpid()}.part"
    try:
        unfinished.write_text(text.getvalue(), encoding="utf-8", newline="")
        unfinished.replace(folder / FILE)
    finally:
        unfinished.unlink(missing_ok=True)
    return sum(len(row.code) == OCCUPATION_LEVEL for row in rows)


def kldb_titles(folder: Path) -> Mapping[str, str]:
    """The official title of each imported code of any level; empty where nothing was imported."""
    kept = folder / FILE
    try:
        state = kept.stat()
    except (FileNotFoundError, NotADirectoryError):
        return MappingProxyType({})
    return _titles(kept, (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=4)
def _titles(kept: Path, state: tuple[int, ...]) -> Mapping[str, str]:
    """The titles of one state of the file: a later import is another state, and is read anew."""
    del state
    with kept.open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter=";")
        return MappingProxyType({row["code"]: row["title"] for row in rows})


def _lines(source: Path) -> list[list[str]]:
    """The file's cells, the heading first; raises `FaultyInput` where there is no table at all."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FaultyInput((Fault(Rule.FILE_MISSING, source.name),)) from None
    except (OSError, UnicodeDecodeError):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, source.name),)) from None
    if not text.strip():
        raise FaultyInput((Fault(Rule.FILE_EMPTY, source.name),))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    except csv.Error:
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, source.name),)) from None


def _rows(lines: list[list[str]], name: str) -> list[_Row]:
    """The rows in our order of columns, stripped; raises `FaultyInput` where the shape is wrong."""
    heading = [cell.strip().casefold() for cell in lines[0]]
    filled = [(number, cells) for number, cells in enumerate(lines[1:], start=2) if any(cells)]
    faults = [Fault(Rule.COLUMN_MISSING, name, 1, c) for c in COLUMNS if c not in heading]
    faults += [Fault(Rule.COLUMN_TWICE, name, 1, c) for c in COLUMNS if heading.count(c) > 1]
    faults += [
        Fault(Rule.COLUMN_COUNT, name, number, value=str(len(cells)))
        for number, cells in filled
        if len(cells) != len(heading)
    ]
    if not filled:
        faults.append(Fault(Rule.NO_ROWS, name))
    if faults:
        raise FaultyInput(tuple(faults))
    where = [heading.index(column) for column in COLUMNS]
    return [_Row(number, *(cells[at].strip() for at in where)) for number, cells in filled]


def _faults(rows: list[_Row], name: str) -> Iterator[Fault]:
    """Each row's faults: what is no code, whose level is not its length, what comes twice."""
    seen: set[str] = set()
    for row in rows:
        if not (row.code.isascii() and row.code.isdigit()):
            yield Fault(Rule.NUMBER_UNREADABLE, name, row.number, "code", row.code)
        elif row.level != str(len(row.code)):
            yield Fault(Rule.VALUE_UNKNOWN, name, row.number, "level", row.level)
        if not row.title:
            yield Fault(Rule.VALUE_MISSING, name, row.number, "title")
        if row.code in seen:
            yield Fault(Rule.ID_TWICE, name, row.number, "code", row.code)
        seen.add(row.code)
