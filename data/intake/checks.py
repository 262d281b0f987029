"""Which rules does a table break? Every fault at once, with its row, column and value.

A table is described as a pandera schema whose checks are named by the `Rule` they hold. Cells are
text when they are checked, so that a fault shows what the file says. Where one cell breaks several
rules, the first of its column's checks speaks for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from data.intake.cells import date_of, numbers_of, texts_of, whole_of
from data.intake.reading import Source, TextTable, read_table
from matching.errors import Fault, FaultyInput, Rule

P = ParamSpec("P")
T = TypeVar("T")

#: What would end a line, or steer a terminal; the pattern is read by `re` and by Arrow alike.
CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029]")

_INDEX = re.compile(r"__index_level_[0-9]+__")

#: What pandera calls the rules that it holds by itself.
_BY_PANDERA = {
    "not_nullable": Rule.VALUE_MISSING,
    "column_in_dataframe": Rule.COLUMN_MISSING,
}


@dataclass(frozen=True, slots=True, eq=False)
class CheckedTable:
    """A table that was held against its schema: only columns that were asked for go on.

    `frame` is as in `TextTable`, with the headings as the schema writes them; `dropped` names the
    headings that the file has besides. `faults` are in the order of the rows.
    """

    file: str
    frame: pd.DataFrame
    dropped: tuple[str, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def rows(self) -> list[int]:
        """The row number of each row in the file."""
        return [int(row) for row in self.frame.index]

    def texts(self, name: str) -> list[str | None]:
        """The cells of a column; `None` where blank, everywhere if the file has no such column."""
        return texts_of(self.frame[name]) if name in self.frame else [None] * len(self.frame)

    def words(self, name: str) -> list[str]:
        """The cells of a column that must be filled."""
        return [text for text in self.texts(name) if text is not None]

    def read(self, name: str, read: Callable[[str], T | None]) -> list[T | None]:
        """What the cells of a column say; `None` where they are blank."""
        return [None if text is None else read(text) for text in self.texts(name)]

    def complete(self, name: str) -> bool:
        """Whether every row of the file could be read as far as this column goes.

        Only then can be said what the file does not name.
        """
        if name not in self.frame:
            return False
        repeated = (Rule.ID_TWICE, Rule.PAIR_TWICE)
        return not any(
            fault.column is None or (fault.column == name and fault.rule not in repeated)
            for fault in self.faults
        )

    def faulty(self, name: str) -> frozenset[int]:
        """The rows whose cell of a column has a fault."""
        return frozenset(f.row for f in self.faults if f.column == name and f.row is not None)


def checked(
    source: Source, schema: pa.DataFrameSchema, *, may_be_empty: bool = False
) -> CheckedTable:
    """Read a file that must be without a fault.

    Raises `FaultyInput` with every fault of the file.
    """
    table = examined(source, schema, may_be_empty=may_be_empty)
    if table.faults:
        raise FaultyInput(table.faults)
    return table


def examined(
    source: Source, schema: pa.DataFrameSchema, *, may_be_empty: bool = False
) -> CheckedTable:
    """Read a file and hold it against its schema, faults and all.

    Raises `FaultyInput` only where there is no table to speak of.
    """
    table = read_table(source)
    frame, dropped = _asked_for(table, schema)
    faults = [*table.faults, *faults_of(frame, schema, table.file, table.heading)]
    if table.frame.empty and not table.faults and not may_be_empty:
        faults.append(Fault(Rule.NO_ROWS, table.file))
    return CheckedTable(table.file, frame, dropped, in_order(faults))


def faults_of(
    frame: pd.DataFrame, schema: pa.DataFrameSchema, file: str, heading: int | None = 1
) -> list[Fault]:
    """Every fault of a table of text, at most one a cell; `heading` is the row of the headings."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        return _translated(errors.failure_cases, schema, file, heading)
    return []


def attempt(
    faults: list[Fault], read: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T | None:
    """What `read` returns; or `None`, and its faults join those of the other files."""
    try:
        return read(*args, **kwargs)
    except FaultyInput as fault:
        faults += fault.faults
        return None


def in_order(faults: Iterable[Fault], files: Sequence[str] = ()) -> tuple[Fault, ...]:
    """Faults as a reader meets them: by file, those of a whole file first, then by row."""
    number = {file: place for place, file in enumerate(files)}
    return tuple(
        sorted(
            faults,
            key=lambda fault: (
                number.get(fault.file or "", 0),
                fault.row or 0,
                fault.column is not None,
            ),
        )
    )


def column(*checks: pa.Check, required: bool = True, blank: bool = False) -> pa.Column:
    """A column of text that must be there, and filled, unless said otherwise."""
    return pa.Column(str, list(checks), required=required, nullable=blank)


def reads(read: Callable[[str], object], rule: Rule) -> pa.Check:
    """Each cell can be read; `read` returns `None` for one that can't."""

    def all_read(cells: pd.Series) -> pd.Series:
        readable = {text: read(text) is not None for text in cells.unique()}
        return cells.map(readable).astype(bool)

    return pa.Check(all_read, name=rule)


def dates() -> pa.Check:
    """Each cell is a day."""
    return reads(date_of, Rule.DATE_UNREADABLE)


def numbers() -> pa.Check:
    """Each cell is a number, or says `nan`."""
    return pa.Check(lambda cells: _mask(cells, numbers_of(cells)[1]), name=Rule.NUMBER_UNREADABLE)


def within(
    holds: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.bool_]], rule: Rule
) -> pa.Check:
    """Each number satisfies `holds`, which must be false for `nan`."""

    def satisfied(cells: pd.Series) -> pd.Series:
        found, readable = numbers_of(cells)
        with np.errstate(invalid="ignore"):
            return _mask(cells, readable & holds(found))

    return pa.Check(satisfied, name=rule)


def real_numbers() -> list[pa.Check]:
    """Each cell is a number, and `nan` is none."""
    return [numbers(), within(lambda number: ~np.isnan(number), Rule.NUMBER_UNREADABLE)]


def whole_numbers(least: int, most: int) -> list[pa.Check]:
    """Each cell is a whole number from `least` (0 or 1) to `most`."""
    too_small = Rule.NOT_POSITIVE if least else Rule.NEGATIVE
    return [
        *real_numbers(),
        within(lambda number: number >= least, too_small),
        within(lambda number: number <= most, Rule.NUMBER_TOO_LARGE),
        reads(whole_of, Rule.NOT_WHOLE),
    ]


def once(rule: Rule = Rule.ID_TWICE) -> pa.Check:
    """No value comes a second time; the first one is no fault."""
    return pa.Check(lambda cells: ~cells.duplicated(), name=rule)


def together_once(*columns: str, rule: Rule = Rule.PAIR_TWICE) -> pa.Check:
    """No combination of values comes a second time; the fault stands in the last column."""

    def first(frame: pd.DataFrame) -> pd.Series:
        if not set(columns) <= set(frame.columns):
            return pd.Series(True, index=frame.index)
        keys = frame[list(columns)]
        return ~keys.duplicated() | keys.isna().any(axis=1)

    return pa.Check(first, name=rule, title=columns[-1], ignore_na=False)


def identifiers(*checks: pa.Check) -> pa.Column:
    """A column of ids: whatever they are, a line of text must be able to hold them."""
    plain = reads(lambda text: None if CONTROL.search(text) else text, Rule.CONTROL_CHARACTER)
    return column(plain, *checks)


def _shown(text: str) -> str:
    """What a cell says, on one line: control characters as escapes."""
    return CONTROL.sub(lambda found: ascii(found.group())[1:-1], text)


def _mask(cells: pd.Series, values: npt.NDArray[np.bool_]) -> pd.Series:
    return pd.Series(values, index=cells.index)


def _asked_for(
    table: TextTable, schema: pa.DataFrameSchema
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns that the schema names, whatever their capitals, and the names of the others."""
    asked = {str(name).casefold(): str(name) for name in schema.columns}
    renamed = {
        heading: asked[str(heading).casefold()]
        for heading in table.frame.columns
        if str(heading).casefold() in asked
    }
    dropped = besides(heading for heading in table.frame.columns if heading not in renamed)
    return table.frame[list(renamed)].rename(columns=renamed), dropped


def besides(headings: Iterable[str]) -> tuple[str, ...]:
    """Which of the headings not asked for a person chose: pandas names an index by itself."""
    names = (_shown(str(heading)).strip() for heading in headings)
    return tuple(name for name in names if name and not _INDEX.fullmatch(name))


def _translated(
    cases: pd.DataFrame, schema: pa.DataFrameSchema, file: str, heading: int | None
) -> list[Fault]:
    """Put pandera's failure cases as faults: one a cell, in the order of the file."""
    place = {str(name): number for number, name in enumerate(schema.columns)}
    # A check of whole rows fails in each of its cells; the last column of its key speaks for it.
    speaks = {check.name: check.title for check in schema.checks}
    found: dict[tuple[int, int], tuple[int, Fault]] = {}
    for case in cases.to_dict("records"):
        rule = _BY_PANDERA.get(case["check"]) or Rule(case["check"])
        if rule is Rule.COLUMN_MISSING:
            missing = str(case["failure_case"])
            found[0, place[missing]] = (0, Fault(rule, file, heading, missing))
            continue
        name, severity = str(case["column"]), -1
        value = None if rule is Rule.VALUE_MISSING else _shown(str(case["failure_case"]))
        if case["schema_context"] == "DataFrameSchema":
            if name != speaks[case["check"]]:
                continue
            severity = len(cases)
        elif rule is not Rule.VALUE_MISSING:
            severity = int(case["check_number"])
        cell = int(case["index"]), place[name]
        if cell not in found or severity < found[cell][0]:
            found[cell] = severity, Fault(rule, file, cell[0], name, value)
    return [found[cell][1] for cell in sorted(found)]
