"""What does one row say, and what is wrong with it? Its cells become values, its faults are kept.

A row is its cells by field, whatever the file it comes from: a sheet, a JSON answer, an XML
posting, or a person who corrects it. So each kind of record has one check, and only one.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from data.intake.cells import date_of, number_of, whole_of
from data.intake.records import Waiting
from matching.errors import Fault, Rule

T = TypeVar("T")

Cells = Mapping[str, str]

#: No cell that is read here has more letters; what is longer is no name, no title and no word.
MOST_LETTERS = 300

#: Days before and after which no season of this product lies.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

#: Categories of Unicode that no database takes: control characters and halves of characters.
_UNSEEN = frozenset({"Cc", "Cs"})

#: Fields that tell one thing from another: a control character left out would make it a third.
IDS = frozenset({"reference", "place", "pseudonym", "number", "school"})
#: What stands for a control character in an id, so that it is neither lost nor let through.
_REPLACED = "\ufffd"

#: Signs, beside letters, of what may be shown of a person's row, and how long it may be: a date,
#: a mark or a short number pass, a telephone number does not.
_SHOWN = frozenset("0123456789.,:;/+-= ")
_MOST_SHOWN = 10


def clean_cell(text: str) -> str:
    """The text without needless space, control characters and halves of characters."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)
    return " ".join(text.split())


def clean_id(text: str) -> str:
    """An id without needless space around it; each control character in it becomes U+FFFD."""
    text = text.strip()
    if text.isprintable():
        return " ".join(text.split())
    return "".join(_REPLACED if unicodedata.category(c) in _UNSEEN else c for c in text)


def shown_value(text: str | None) -> str | None:
    """The text where it is figures with two letters at most; a word could tell of somebody."""
    if text is None or len(text) > _MOST_SHOWN or not any(map(str.isdigit, text)):
        return None
    letters = [letter for letter in text if letter not in _SHOWN]
    return text if len(letters) <= 2 and all(map(str.isalpha, letters)) else None


def clean_cells(cells: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """The cells that say something, cleaned."""
    cleaned = (
        (field, clean_id(text) if field in IDS else clean_cell(text))
        for field, text in cells
        if text
    )
    return {field: text for field, text in cleaned if text}


class CheckedRow:
    """The cells of one row while they are read.

    `headings` says how the file calls a field, for the reader of a fault. Values of the fields in
    `secret` are never put into a fault: they are people's names and the like. In a row `of_people`
    words never are, whatever column they stand in (`shown_value`).
    """

    def __init__(
        self,
        file: str | None,
        row: int,
        cells: Cells,
        headings: Mapping[str, str] = MappingProxyType({}),
        secret: frozenset[str] = frozenset(),
        *,
        of_people: bool = False,
    ) -> None:
        self.row = row
        self.cells = cells
        self.faults: list[Fault] = []
        self._file, self._headings, self._secret = file, headings, secret
        self._of_people = of_people

    def blame(self, field: str, rule: Rule) -> None:
        """Note that a cell breaks a rule; where it breaks several, the first speaks for it."""
        value = None if field in self._secret else self.cells.get(field, "")[:MOST_LETTERS] or None
        if self._of_people:
            value = shown_value(value)
        heading = self._headings.get(field, field)
        if any(fault.column == heading for fault in self.faults):
            return
        self.faults.append(Fault(rule, self._file, self.row, heading, value))

    def need(self, field: str) -> None:
        """Note that a cell is blank that must not be."""
        if field not in self.cells:
            self.blame(field, Rule.VALUE_MISSING)

    def text(self, field: str, *, needed: bool = False) -> str | None:
        """What a cell says. A blank one that is needed is a fault; so are formulas and novels.

        So are control characters in an id.
        """
        text = self.cells.get(field)
        if text is None:
            if needed:
                self.need(field)
        elif len(text) > MOST_LETTERS:
            self.blame(field, Rule.CELL_TOO_LONG)
        elif text.startswith("="):
            self.blame(field, Rule.CELL_FORMULA)
        elif field in IDS and _REPLACED in text:
            self.blame(field, Rule.CONTROL_CHARACTER)
        else:
            return text
        return None

    def read(
        self, field: str, read: Callable[[str], T | None], rule: Rule, *, needed: bool = False
    ) -> T | None:
        """What a cell means; `read` returns `None` for one that breaks the rule."""
        text = self.text(field, needed=needed)
        found = None if text is None else read(text)
        if text is not None and found is None:
            self.blame(field, rule)
        return found

    def whole(self, field: str, least: int, most: int, *, needed: bool = False) -> int | None:
        """A whole number from `least` (0 or 1) to `most`."""
        text = self.text(field, needed=needed)
        if text is None:
            return None
        number = number_of(text)
        if number is None or math.isnan(number):
            self.blame(field, Rule.NUMBER_UNREADABLE)
        elif number < least:
            self.blame(field, Rule.NOT_POSITIVE if least else Rule.NEGATIVE)
        elif number > most:
            self.blame(field, Rule.NUMBER_TOO_LARGE)
        elif (whole := whole_of(text)) is None:
            self.blame(field, Rule.NOT_WHOLE)
        else:
            return whole
        return None

    def day(
        self, field: str, first: date = FIRST_DAY, last: date = LAST_DAY, *, needed: bool = False
    ) -> date | None:
        """A day from `first` to `last`."""
        day = self.read(field, date_of, Rule.DATE_UNREADABLE, needed=needed)
        if day is not None and not first <= day <= last:
            self.blame(field, Rule.DATE_OUT_OF_RANGE)
            return None
        return day

    def waiting(self) -> Waiting:
        """The row as it waits for somebody to correct it."""
        return Waiting(self.row, dict(self.cells), tuple(self.faults))
